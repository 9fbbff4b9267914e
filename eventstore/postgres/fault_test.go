package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/grupo-gad/gad/domain"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/postgres"
	"github.com/grupo-gad/gad/eventstore/storetest"
	"github.com/grupo-gad/gad/ops/local"
	"github.com/grupo-gad/gad/ops/pgtest"
)

// TestPromiseUnderFaults runs the whole promise on a durable server that is killed (-9), and
// on a log that is restored from an older copy under an open store.
func TestPromiseUnderFaults(t *testing.T) {
	t.Parallel()
	for _, p := range storetest.Properties() {
		if p.Needs == nil {
			continue
		}
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			server := pgtest.Server(t)
			db := pgtest.NewOn(t, server)
			p.Prove(t, storetest.World{
				Open: func(tb testing.TB) eventstore.Store {
					tb.Helper()
					return open(tb, db.App, nil)
				},
				Crash: func(tb testing.TB) {
					tb.Helper()
					crash(tb, server)
				},
				Rewind: func(tb testing.TB, to eventstore.Position) {
					tb.Helper()
					rewind(tb, db, to)
				},
			})
		})
	}
}

// crash is kill -9 of the server, and its return.
func crash(tb testing.TB, server *local.Postgres) {
	tb.Helper()
	if err := server.Kill(); err != nil {
		tb.Fatal(err)
	}
	if err := server.Restart(context.WithoutCancel(tb.Context())); err != nil {
		tb.Fatal(err)
	}
}

// super opens a connection as the server's superuser, in the test's database.
func super(tb testing.TB, db *pgtest.DB) *pgx.Conn {
	tb.Helper()
	conn, err := pgx.Connect(tb.Context(), db.SuperURL)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// run executes statements one by one.
func run(tb testing.TB, conn *pgx.Conn, statements ...string) {
	tb.Helper()
	for _, s := range statements {
		if _, err := conn.Exec(tb.Context(), s); err != nil {
			tb.Fatalf("%s: %v", s, err)
		}
	}
}

// unseal takes the triggers off the append-only tables, as only their owner can.
func unseal(tb testing.TB, conn *pgx.Conn) {
	tb.Helper()
	triggers(tb, conn, "disable")
}

// seal puts them on again.
func seal(tb testing.TB, conn *pgx.Conn) {
	tb.Helper()
	triggers(tb, conn, "enable always")
}

func triggers(tb testing.TB, conn *pgx.Conn, how string) {
	tb.Helper()
	run(tb, conn, `do $$ declare t regclass; begin
		for t in select tgrelid from pg_trigger where tgname = 'solo_agregar' loop
			execute format('alter table %s `+how+` trigger solo_agregar', t);
		end loop; end $$`)
}

// rewind leaves of the log what an older backup would hold, and cuts every connection.
func rewind(tb testing.TB, db *pgtest.DB, to eventstore.Position) {
	tb.Helper()
	conn := super(tb, db)
	run(tb, conn, "begin", fmt.Sprintf("select pg_advisory_xact_lock(%d)", 0x67616402))
	unseal(tb, conn)
	run(tb, conn,
		fmt.Sprintf("delete from eventos.log where position > %d", to),
		fmt.Sprintf("delete from eventos.batches where last > %d", to),
		fmt.Sprintf("delete from eventos.commands where head > %d", to),
		"delete from eventos.streams",
		"insert into eventos.streams select stream, max(version) from eventos.log group by stream",
		"commit",
		"select pg_terminate_backend(pid) from pg_stat_activity where usename = 'gad_app' and datname = current_database()")
}

func TestNobodyChangesHistory(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	s := open(t, db.App, nil)
	if _, err := s.Append(t.Context(), storetest.Write("tarea-1", 0, 3)); err != nil {
		t.Fatal(err)
	}
	tables := map[string]string{
		"eventos.log": "actor = ''", "eventos.log_000000": "actor = ''", "eventos.log_000001": "actor = ''",
		"eventos.batches": "writer = ''", "eventos.commands": "answer = null", "eventos.commands_3": "answer = null",
	}
	for table, change := range tables {
		for _, statement := range []string{
			"update " + table + " set " + change, "delete from " + table, "truncate " + table,
			"update " + table + " set " + change + " where false",
		} {
			_, err := db.App.Exec(t.Context(), statement)
			refusedWith(t, "application: "+statement, err, "42501")
			_, err = db.Owner.Exec(t.Context(), statement)
			refusedWith(t, "owner: "+statement, err, "GAD02")
			_, err = db.Owner.Exec(t.Context(), "set session_replication_role = replica")
			refusedWith(t, "owner plays a replica", err, "42501")
		}
	}
	for _, statement := range []string{
		"insert into eventos.log_000000 select * from eventos.log", "drop table eventos.log", "create table eventos.otra ()",
		"alter table eventos.log disable trigger all", "update eventos.claims set key = ''", "delete from eventos.streams",
		"truncate eventos.claims", "select eventos.sellar('eventos.streams')",
	} {
		_, err := db.App.Exec(t.Context(), statement)
		refusedWith(t, "application: "+statement, err, "42501")
	}
	conn := super(t, db)
	run(t, conn, "set session_replication_role = replica")
	_, err := conn.Exec(t.Context(), "delete from eventos.log_000000")
	refusedWith(t, "superuser plays a replica", err, "GAD02")
}

func refusedWith(t *testing.T, doing string, err error, code string) {
	t.Helper()
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != code {
		t.Errorf("%s: got %v, want SQLSTATE %s", doing, err, code)
	}
}

// TestPartitions appends over the ends of small partitions, faster than the feed looks ahead.
func TestPartitions(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	conn := super(t, db)
	run(t, conn, "set role gad_owner",
		"create or replace function eventos.particion_log() returns bigint language sql immutable as 'select 100::bigint'",
		"drop table eventos.log_000000, eventos.log_000001", "select eventos.preparar_log(1)")
	s := open(t, db.App, nil)
	const events = 1234
	for v := eventstore.Version(0); v < events; v += 2 {
		if _, err := s.Append(t.Context(), storetest.Write("tarea-1", v, 2)); err != nil {
			t.Fatalf("version %d: %v", v, err)
		}
	}
	big := storetest.Write("tarea-2", 0, 450) // over four partitions at once
	if _, err := s.Append(t.Context(), big); err != nil {
		t.Fatal(err)
	}
	all, err := s.ReadLog(t.Context(), 0, 10_000)
	if err != nil || len(all) != events+450 {
		t.Fatalf("read %d events, %v", len(all), err)
	}
	var unsealed []string
	rows, err := conn.Query(t.Context(), `select inhrelid::regclass::text from pg_inherits i where inhparent = 'eventos.log'::regclass
		and not exists (select from pg_trigger where tgrelid = i.inhrelid and tgname = 'solo_agregar' and tgenabled = 'A')`)
	if err == nil {
		unsealed, err = pgx.CollectRows(rows, pgx.RowTo[string])
	}
	if err != nil || len(unsealed) > 0 {
		t.Fatalf("partitions without their trigger: %v, %v", unsealed, err)
	}
	var plan []string
	rows, err = conn.Query(t.Context(), "explain (costs off) select position from eventos.log where position > 500 and position <= 600 order by position")
	if err == nil {
		plan, err = pgx.CollectRows(rows, pgx.RowTo[string])
	}
	if text := strings.Join(plan, "\n"); err != nil || strings.Count(text, "log_") != 2 { // the table and its index
		t.Fatalf("a window of one partition reads others, %v:\n%s", err, text)
	}
}

func TestRefusesWeakerIsolation(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	run(t, super(t, db), "alter role gad_app in database "+db.Name+" set default_transaction_isolation = 'repeatable read'")
	catalog, err := domain.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	s, err := postgres.New(t.Context(), db.App, postgres.Options{Catalog: catalog})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Run(t.Context()) }()
	if _, err := s.Append(t.Context(), storetest.Write("tarea-1", 0, 1)); !errors.Is(err, eventstore.ErrUnavailable) {
		t.Errorf("append: %v", err)
	}
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "read committed") {
		t.Errorf("run: %v", err)
	}
}

// TestAwayIsSaidInTime: with the database gone a caller hears so, and nothing is kept for later.
func TestAwayIsSaidInTime(t *testing.T) {
	t.Parallel()
	server := pgtest.Server(t)
	db := pgtest.NewOn(t, server)
	s := open(t, db.App, func(o *postgres.Options) { o.Patience = 2 * time.Second })
	settled := func(a eventstore.Append) (eventstore.Receipt, error) { // a slow machine is no dead server
		for {
			if r, err := s.Append(t.Context(), a); !errors.Is(err, eventstore.ErrUnavailable) {
				return r, err
			}
		}
	}
	first := storetest.Write("tarea-1", 0, 1)
	if _, err := settled(first); err != nil {
		t.Fatal(err)
	}
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	// The server's processes outlive their parent by moments, and what they commit is safe.
	lost, last := storetest.Write("tarea-1", 1, 1), eventstore.Version(1)
	begun := time.Now()
	for {
		_, err := s.Append(t.Context(), lost)
		if errors.Is(err, eventstore.ErrUnavailable) {
			break
		}
		if err != nil {
			t.Fatalf("append to a dead server: %v", err)
		}
		begun, last = time.Now(), last+1
		lost = storetest.Write("tarea-1", last, 1)
	}
	if took := time.Since(begun); took > time.Minute {
		t.Errorf("a dead server was reported after %s", took)
	}
	if err := server.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	again, err := settled(first)
	if err != nil || !again.Repeated {
		t.Fatalf("the first command, sent again: %+v, %v", again, err)
	}
	if r, err := settled(lost); err != nil || r.Last != eventstore.Position(last)+1 {
		t.Fatalf("the lost command, sent again: %+v, %v", r, err)
	}
}
