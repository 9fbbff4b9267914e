package boot_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/ops/boot"
	"github.com/grupo-gad/gad/ops/pgtest"
)

var files = fstest.MapFS{
	"001_uno.sql": {Data: []byte("create schema eventos; create table eventos.log (position bigint);\n---- create above / drop below ----\ndrop schema eventos cascade;")},
	"002_dos.sql": {Data: []byte("create table dos (x int);\n---- create above / drop below ----\ndrop table dos;")},
}

func version(t *testing.T, address string) boot.Version {
	t.Helper()
	v, err := boot.Status(t.Context(), address, files)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	db := pgtest.NewEmpty(t)
	if v := version(t, db.AppURL); v != (boot.Version{Current: 0, Newest: 2}) || !v.Behind() {
		t.Errorf("before: %+v", v)
	}
	var steps []string
	err := boot.Migrate(t.Context(), db.OwnerURL, boot.MigrateOptions{FS: files, OnStep: func(n int32, name, direction string) {
		steps = append(steps, fmt.Sprint(n, " ", name, " ", direction))
	}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(steps, ", "), "1 001_uno.sql up, 2 002_dos.sql up"; got != want {
		t.Errorf("steps = %s, want %s", got, want)
	}
	if v := version(t, db.AppURL); v != (boot.Version{Current: 2, Newest: 2}) || v.Behind() || v.Ahead() {
		t.Errorf("after: %+v", v)
	}
	// Back and forth while the log is empty.
	for _, target := range []int32{1, boot.Newest, boot.Nothing, boot.Newest} {
		if err := boot.Migrate(t.Context(), db.OwnerURL, boot.MigrateOptions{FS: files, Target: target}); err != nil {
			t.Fatalf("to %d: %v", target, err)
		}
	}
	if _, err := db.Owner.Exec(t.Context(), "INSERT INTO eventos.log VALUES (1)"); err != nil {
		t.Fatal(err)
	}
	for _, target := range []int32{1, boot.Nothing} {
		if err := boot.Migrate(t.Context(), db.OwnerURL, boot.MigrateOptions{FS: files, Target: target}); !errors.Is(err, boot.ErrLogNotEmpty) {
			t.Errorf("back to %d with events in the log: %v", target, err)
		}
	}
	older := fstest.MapFS{"001_uno.sql": files["001_uno.sql"]}
	err = boot.Migrate(t.Context(), db.OwnerURL, boot.MigrateOptions{FS: older})
	if err == nil || !strings.Contains(err.Error(), "newer program") {
		t.Errorf("an older program on a newer schema: %v", err)
	}
	if v, err := boot.Status(t.Context(), db.AppURL, older); err != nil || !v.Ahead() {
		t.Errorf("an older program sees %+v, %v", v, err)
	}
}

func TestMigrateFailure(t *testing.T) {
	t.Parallel()
	db := pgtest.NewEmpty(t)
	bad := fstest.MapFS{"001_uno.sql": files["001_uno.sql"], "002_mal.sql": {Data: []byte("create table a (x int); create tabel b;")}}
	err := boot.Migrate(t.Context(), db.OwnerURL, boot.MigrateOptions{FS: bad})
	if err == nil || !strings.Contains(err.Error(), "002_mal.sql") {
		t.Errorf("error = %v, want the file's name", err)
	}
	if v := version(t, db.AppURL); v.Current != 1 {
		t.Errorf("version = %d after a failure in the second", v.Current)
	}
	var there bool
	if err := db.Owner.QueryRow(t.Context(), "SELECT to_regclass('a') IS NOT NULL").Scan(&there); err != nil || there {
		t.Errorf("half a migration was kept: %v %v", there, err)
	}
}

func TestMigrateAtOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.NewEmpty(t)
	withIndex := fstest.MapFS{
		"001_uno.sql":    files["001_uno.sql"],
		"002_dos.sql":    files["002_dos.sql"],
		"003_indice.sql": {Data: []byte("---- tern: disable-tx ----\ncreate index concurrently dos_x on dos (x);")},
	}
	done := make(chan error, 4)
	for range cap(done) {
		go func() {
			done <- boot.Migrate(t.Context(), db.OwnerURL, boot.MigrateOptions{FS: withIndex})
		}()
	}
	for range cap(done) {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestMigrateWaits(t *testing.T) {
	t.Parallel()
	db := pgtest.NewEmpty(t)
	conn, err := db.Owner.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	if _, err := conn.Exec(t.Context(), "SELECT pg_advisory_lock($1)", int64(0x67616401)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- boot.Migrate(ctx, db.OwnerURL, boot.MigrateOptions{FS: files}) }()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("migration behind another one = %v, want it to end with its context", err)
	}
}

func TestMissingPostGIS(t *testing.T) {
	t.Parallel()
	db := pgtest.NewEmpty(t)
	super, err := pgx.Connect(t.Context(), db.SuperURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = super.Close(context.Background()) }()
	if _, err := super.Exec(t.Context(), "DROP EXTENSION postgis CASCADE"); err != nil {
		t.Fatal(err)
	}
	err = boot.Migrate(t.Context(), db.OwnerURL, boot.MigrateOptions{FS: files})
	want := "psql -d " + db.Name + " -c 'CREATE EXTENSION postgis'"
	if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "superuser") {
		t.Errorf("error = %v, want it to say %s", err, want)
	}
	if err := boot.Migrate(t.Context(), db.SuperURL, boot.MigrateOptions{FS: files}); err != nil {
		t.Errorf("a role that may create the extension: %v", err)
	}
}

func TestCheckServer(t *testing.T) {
	t.Parallel()
	connect := func(address string) *pgx.Conn {
		conn, err := pgx.Connect(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close(context.Background()) })
		return conn
	}
	weak := connect(pgtest.NewEmpty(t).AppURL)
	if err := boot.CheckServer(t.Context(), weak, true); err != nil {
		t.Errorf("a test's server, asked as a test: %v", err)
	}
	if _, err := weak.Exec(t.Context(), "SET synchronous_commit = local"); err != nil {
		t.Fatal(err)
	}
	err := boot.CheckServer(t.Context(), weak, false)
	for _, setting := range []string{"fsync=off", "full_page_writes=off", "synchronous_commit=local"} {
		if err == nil || !strings.Contains(err.Error(), setting) {
			t.Errorf("error = %v, want it to name %s", err, setting)
		}
	}
	durable := connect(pgtest.Server(t).URL("postgres", "gad_app"))
	if err := boot.CheckServer(t.Context(), durable, false); err != nil {
		t.Errorf("a durable server: %v", err)
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	const nowhere = "postgres://gad@/gad?host=/nonexistent"
	if err := boot.Migrate(t.Context(), nowhere, boot.MigrateOptions{FS: files}); err == nil {
		t.Error("migrated nothing")
	}
	if _, err := boot.Status(t.Context(), nowhere, files); err == nil {
		t.Error("status of nothing")
	}
	if _, err := boot.PoolConfig("postgres://%zz"); err == nil {
		t.Error("pool of a malformed address")
	}
}

func TestCheckRoles(t *testing.T) {
	t.Parallel()
	db := pgtest.NewEmpty(t)
	for address, want := range map[string]bool{db.AppURL: true, db.SuperURL: true, db.OwnerURL: false, db.NotaryURL: false} {
		conn, err := pgx.Connect(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		if err := boot.CheckRoles(t.Context(), conn); (err == nil) != want || err != nil && !strings.Contains(err.Error(), "roles.sql") {
			t.Errorf("%s: %v", address, err)
		}
		_ = conn.Close(t.Context())
	}
}
