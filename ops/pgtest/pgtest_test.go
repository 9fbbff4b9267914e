package pgtest_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/redis/go-redis/v9"

	"github.com/grupo-gad/gad/migrations"
	"github.com/grupo-gad/gad/ops/boot"
	"github.com/grupo-gad/gad/ops/local"
	"github.com/grupo-gad/gad/ops/pgtest"
	"github.com/grupo-gad/gad/ops/pgtest/redistest"
)

func TestNew(t *testing.T) {
	t.Parallel()
	one, two := pgtest.New(t), pgtest.New(t)
	v, err := boot.Status(t.Context(), one.AppURL, migrations.FS)
	if err != nil || v.Current == 0 || v.Behind() || v.Ahead() {
		t.Errorf("schema version %+v, %v; want the newest", v, err)
	}
	if _, err := one.Owner.Exec(t.Context(), "CREATE TABLE mine (x int)"); err != nil {
		t.Fatal(err)
	}
	var there bool
	if err := two.Owner.QueryRow(t.Context(), "SELECT to_regclass('mine') IS NOT NULL").Scan(&there); err != nil || there {
		t.Errorf("a table of one test is in another's database: %v %v", there, err)
	}
	_, err = one.App.Exec(t.Context(), "DROP TABLE mine")
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != "42501" {
		t.Errorf("the application drops the owner's table: %v", err)
	}
	var now time.Time
	if err := one.App.QueryRow(t.Context(), "SELECT now()").Scan(&now); err != nil || now.Location() != time.UTC {
		t.Errorf("now = %v, %v; want it in UTC", now, err)
	}
}

func TestNewEmpty(t *testing.T) {
	t.Parallel()
	db := pgtest.NewEmpty(t)
	var schemas int
	err := db.Owner.QueryRow(t.Context(), `SELECT count(*) FROM pg_namespace
		WHERE nspname NOT IN ('public', 'information_schema') AND nspname NOT LIKE 'pg\_%'`).Scan(&schemas)
	if err != nil || schemas != 0 {
		t.Errorf("%d schemas, %v; want none of ours", schemas, err)
	}
	var m float64
	err = db.App.QueryRow(t.Context(),
		"SELECT ST_Distance(ST_MakePoint(-58.4,-34.6)::geography, ST_MakePoint(-58.4,-34.7)::geography)").Scan(&m)
	if err != nil || m < 11_000 || m > 11_200 {
		t.Errorf("a tenth of a degree = %v m, %v", m, err)
	}
}

func TestDropped(t *testing.T) {
	t.Parallel()
	var name string
	t.Run("inner", func(t *testing.T) { name = pgtest.NewEmpty(t).Name })
	var there bool
	err := pgtest.NewEmpty(t).App.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&there)
	if err != nil || there {
		t.Errorf("the database of a test that has ended is there: %v %v", there, err)
	}
}

func TestServer(t *testing.T) {
	t.Parallel()
	server := pgtest.ServerWith(t, map[string]string{"work_mem": "6MB"})
	db := pgtest.NewOn(t, server)
	var fsync, mem string
	if err := db.App.QueryRow(t.Context(), "SELECT current_setting('fsync'), current_setting('work_mem')").Scan(&fsync, &mem); err != nil || fsync != "on" || mem != "6MB" {
		t.Errorf("fsync=%s work_mem=%s, %v", fsync, mem, err)
	}
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	// A connection's own process notices a moment later that its server is gone.
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	for db.App.Ping(ctx) == nil {
		runtime.Gosched()
	}
	if ctx.Err() != nil {
		t.Error("a killed server answers")
	}
	if err := server.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := db.App.Ping(t.Context()); err != nil {
		t.Errorf("after the restart: %v", err)
	}
}

func TestRedis(t *testing.T) {
	t.Parallel()
	one, two := redis.NewClient(redistest.New(t)), redis.NewClient(redistest.New(t))
	defer func() { _, _ = one.Close(), two.Close() }()
	if err := one.Set(t.Context(), "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if err := two.Get(t.Context(), "k").Err(); !errors.Is(err, redis.Nil) {
		t.Errorf("a key of one test is in another's database: %v", err)
	}
	own := redistest.Server(t)
	c := redis.NewClient(redistest.Options(own, 0))
	defer func() { _ = c.Close() }()
	if err := own.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := c.Ping(t.Context()).Err(); err == nil {
		t.Error("a killed server answers")
	}
	if err := own.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.Ping(t.Context()).Err(); err != nil {
		t.Errorf("after the restart: %v", err)
	}
	byURL, err := redis.ParseURL(own.URL(2))
	if err != nil || byURL.Network != "unix" || byURL.Addr != own.Socket() || byURL.DB != 2 {
		t.Errorf("ParseURL(%s) = %+v, %v", own.URL(2), byURL, err)
	}
}

// TestNothingLeft kills a test process with -9 and waits for its servers and files to go.
func TestNothingLeft(t *testing.T) {
	if os.Getenv("GAD_PGTEST_HOLD") != "" {
		pgtest.NewEmpty(t)
		redistest.New(t)
		scratch, err := local.ScratchDir()
		fmt.Println("\nscratch", scratch, err)
		<-context.Background().Done() // never: the parent kills us
	}
	t.Parallel()
	cmd := exec.Command(os.Args[0], "-test.run=^TestNothingLeft$", "-test.timeout=5m")
	cmd.Env = append(os.Environ(), "GAD_PGTEST_HOLD=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var scratch string
	for lines := bufio.NewScanner(out); scratch == "" && lines.Scan(); {
		if words := strings.Fields(lines.Text()); len(words) > 1 && words[0] == "scratch" {
			scratch = words[1]
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if scratch == "" {
		t.Fatal("the child has not started its servers")
	}
	deadline, again := time.After(time.Minute), time.NewTicker(50*time.Millisecond)
	defer again.Stop()
	for {
		_, err := os.Stat(scratch)
		procs := working(t, scratch)
		if errors.Is(err, fs.ErrNotExist) && len(procs) == 0 {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("after the kill: %v is there (%v), processes %v work in it", scratch, err, procs)
		case <-again.C:
		}
	}
}

// working returns the processes whose working directory is below dir.
func working(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	links, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range links {
		cwd, err := os.Readlink(l)
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ESRCH) && !errors.Is(err, fs.ErrPermission) {
			t.Fatal(err)
		}
		if strings.HasPrefix(cwd, dir+"/") {
			found = append(found, filepath.Base(filepath.Dir(l)))
		}
	}
	return found
}
