package local

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// TestMain lets the test binary play the gad that is killed: see hold.
func TestMain(m *testing.M) {
	if dir := os.Getenv("GAD_LOCAL_TEST_HOLD"); dir != "" {
		hold(dir)
		return
	}
	os.Exit(m.Run())
}

// hold starts both servers, prints their process ids and waits to be killed.
func hold(dir string) {
	ctx := context.Background()
	pg, err := StartPostgres(ctx, PostgresOptions{Dir: dir})
	if err != nil {
		fmt.Println("error", err)
		return
	}
	rd, err := StartRedis(ctx, RedisOptions{Dir: dir})
	if err != nil {
		fmt.Println("error", err)
		return
	}
	fmt.Println("pids", pg.Pid(), rd.proc.pid())
	select {}
}

// reachableDir is a temporary directory that the postgres user can search, unlike t.TempDir.
func reachableDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "gad-local-") //nolint:usetesting // t.TempDir is out of its reach
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func startPostgres(t *testing.T, opts PostgresOptions) *Postgres {
	t.Helper()
	pg, err := StartPostgres(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := pg.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return pg
}

func query[T any](t *testing.T, address, sql string) T {
	t.Helper()
	var v T
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if err := conn.QueryRow(t.Context(), sql).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

func TestPostgresLife(t *testing.T) {
	t.Parallel()
	var steps strings.Builder
	opts := PostgresOptions{Dir: reachableDir(t), Durable: true, Settings: map[string]string{"work_mem": "5MB"}, Log: &steps}
	pg := startPostgres(t, opts)
	super := pg.URL("postgres", Superuser)

	for name, want := range map[string]string{
		"fsync": "on", "data_checksums": "on", "listen_addresses": "", "work_mem": "5MB", "TimeZone": "UTC",
		"server_encoding": "UTF8", "full_page_writes": "on", "shared_preload_libraries": postgisLibrary,
	} {
		if got := query[string](t, super, "SHOW "+name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if !strings.Contains(steps.String(), "creating a PostgreSQL") {
		t.Errorf("steps = %q, want the creation of the cluster", steps.String())
	}

	if _, err := StartPostgres(t.Context(), opts); !errors.Is(err, ErrInUse) {
		t.Errorf("second start = %v, want ErrInUse", err)
	}

	query[string](t, super, "SELECT set_config('x.y', 'z', false)")
	if err := pg.Kill(); err != nil {
		t.Fatal(err)
	}
	if pg.Pid() != 0 {
		t.Error("a killed server has a pid")
	}
	if err := pg.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := query[int](t, super, "SELECT 1"); got != 1 {
		t.Errorf("after the restart SELECT 1 = %d", got)
	}
	if err := pg.Restart(t.Context()); err != nil {
		t.Fatalf("restart of a running server: %v", err)
	}
	if err := pg.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := pg.Restart(t.Context()); !errors.Is(err, errStopped) {
		t.Errorf("restart after stop = %v", err)
	}
	again := startPostgres(t, opts)
	if got := query[int](t, again.URL("postgres", Superuser), "SELECT 1"); got != 1 {
		t.Errorf("after the second start SELECT 1 = %d", got)
	}
}

// TestOrphan leaves servers running behind a free lock, as a kill -9 does where the kernel
// does not tell the children.
func TestOrphan(t *testing.T) {
	t.Parallel()
	dir := reachableDir(t)
	first, err := StartPostgres(t.Context(), PostgresOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	first.lock.release()
	second := startPostgres(t, PostgresOptions{Dir: dir})
	if first.Pid() != 0 {
		t.Error("the orphan PostgreSQL still runs")
	}
	if second.Pid() == 0 {
		t.Error("the second PostgreSQL does not run")
	}

	one, err := StartRedis(t.Context(), RedisOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	one.lock.release()
	two, err := StartRedis(t.Context(), RedisOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if one.proc.running() {
		t.Error("the orphan Redis still runs")
	}
	if !pong(t.Context(), two.Socket()) {
		t.Error("the second Redis does not answer")
	}
	if err := two.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestStaleLockFile: the number in a lock file may name a process that has nothing to do
// with us, here this test itself.
func TestStaleLockFile(t *testing.T) {
	t.Parallel()
	dir := reachableDir(t)
	pg, err := StartPostgres(t.Context(), PostgresOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := pg.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	stale := fmt.Sprintf("%d\n%s\n", os.Getpid(), pg.Dir())
	if err := os.WriteFile(filepath.Join(pg.Dir(), "postmaster.pid"), []byte(stale), 0o600); err != nil {
		t.Fatal(err)
	}
	startPostgres(t, PostgresOptions{Dir: dir})
}

// TestKillEverything kills the starter with -9, then the postmaster too, and starts again.
func TestKillEverything(t *testing.T) {
	t.Parallel()
	dir := reachableDir(t)
	for _, alsoServers := range []bool{false, true} {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "GAD_LOCAL_TEST_HOLD="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(out).ReadString('\n')
		words := strings.Fields(line)
		if err != nil || len(words) != 3 || words[0] != "pids" {
			t.Fatalf("child said %q, %v", line, err)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for _, w := range words[1:] {
			pid, err := strconv.Atoi(w)
			if err != nil {
				t.Fatal(err)
			}
			if alsoServers {
				_ = syscall.Kill(pid, syscall.SIGKILL)
				continue
			}
			waitGone(t, pid)
		}
		_ = cmd.Wait()
		pg := startPostgres(t, PostgresOptions{Dir: dir})
		rd, err := StartRedis(t.Context(), RedisOptions{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(pg.Stop(t.Context()), rd.Stop(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
}

// waitGone waits for the kernel's signal at our child's death to have ended a server.
func waitGone(t *testing.T, pid int) {
	t.Helper()
	deadline, again := time.After(time.Minute), time.NewTicker(20*time.Millisecond)
	defer again.Stop()
	for alive(pid) {
		select {
		case <-deadline:
			t.Fatalf("server %d outlived the process that started it", pid)
		case <-again.C:
		}
	}
}

func TestProvision(t *testing.T) {
	t.Parallel()
	pg := startPostgres(t, PostgresOptions{Dir: reachableDir(t)})
	super := pg.URL("postgres", Superuser)
	done := make(chan error, 3)
	for range 3 { // at once, as processes starting together would
		go func() {
			_, err := Provision(t.Context(), super, "gad")
			done <- err
		}()
	}
	for range 3 {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	roles, err := Provision(t.Context(), super, "gad")
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{roles.OwnerURL: "gad_owner", roles.AppURL: "gad_app", roles.NotaryURL: "gad_notary"} {
		if got := query[string](t, address, "SELECT current_user::text"); got != want {
			t.Errorf("%s logs in as %s, want %s", address, got, want)
		}
	}
	query[string](t, roles.OwnerURL, "SELECT postgis_version()")
	if !query[bool](t, roles.AppURL, "SELECT pg_has_role('gad_app', 'gad_aplicacion', 'MEMBER')") {
		t.Error("gad_app is not in gad_aplicacion")
	}
	if query[bool](t, roles.AppURL, "SELECT has_database_privilege('gad_app', 'gad', 'CREATE')") {
		t.Error("gad_app may create schemas")
	}
	if !query[bool](t, roles.OwnerURL, "SELECT has_database_privilege('gad_owner', 'gad', 'CREATE')") {
		t.Error("gad_owner may not create schemas")
	}
}

func TestProvisionUnreachable(t *testing.T) {
	t.Parallel()
	if _, err := Provision(t.Context(), "postgres://postgres@/postgres?host=/nonexistent", "gad"); err == nil {
		t.Error("no error without a server")
	}
	if _, err := Provision(t.Context(), "postgres://%zz", "gad"); err == nil {
		t.Error("no error for a malformed address")
	}
}

func TestPlaceOutOfReach(t *testing.T) {
	t.Parallel()
	acct, err := serverAccount()
	if err != nil {
		t.Skip(err)
	}
	if acct == nil {
		t.Skip("only root needs another place")
	}
	dir := filepath.Join(reachableDir(t), "home")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	gad := filepath.Join(dir, "gad", ".gad")
	home, err := place(gad, "postgres", acct)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(filepath.Dir(home)) })
	if !strings.HasPrefix(home, elsewhere+"/") {
		t.Errorf("home = %s, want it below %s", home, elsewhere)
	}
	again, err := place(gad, "postgres", acct)
	if err != nil || again != home {
		t.Errorf("second time: %s, %v; want %s", again, err, home)
	}
	info, err := os.Lstat(filepath.Join(gad, "postgres"))
	if err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("no link left at %s/postgres: %v", gad, err)
	}
	pg := startPostgres(t, PostgresOptions{Dir: gad})
	if got := query[int](t, pg.URL("postgres", Superuser), "SELECT 1"); got != 1 {
		t.Errorf("SELECT 1 = %d", got)
	}

	// Whoever deletes .gad begins anew: what the old link led to has lost its keys.
	if err := os.Remove(filepath.Join(gad, "postgres")); err != nil {
		t.Fatal(err)
	}
	fresh, err := place(gad, "postgres", acct)
	if err != nil || fresh == home {
		t.Errorf("after the link was deleted: %s, %v", fresh, err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(filepath.Dir(fresh)) })

	moved := filepath.Join(dir, "moved")
	if err := os.MkdirAll(filepath.Join(moved, "postgres", "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := place(moved, "postgres", acct); err == nil || !strings.Contains(err.Error(), "no longer reach") {
		t.Errorf("data out of reach: %v", err)
	}
}

func TestLongSocketPath(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(reachableDir(t), strings.Repeat("larga/", 20))
	r, err := StartRedis(t.Context(), RedisOptions{Dir: dir, Settings: map[string]string{"maxmemory": "50mb"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(filepath.Dir(r.Socket())) })
	if len(r.Socket()) > maxSocketPath {
		t.Errorf("socket path of %d bytes", len(r.Socket()))
	}
	u, err := url.Parse(r.URL(3))
	if err != nil || u.Scheme != "unix" || u.Path != r.Socket() || u.Query().Get("db") != "3" {
		t.Errorf("URL = %s, %v", r.URL(3), err)
	}
	if err := errors.Join(r.Kill(), r.Restart(t.Context())); err != nil {
		t.Fatal(err)
	}
	if _, err := StartRedis(t.Context(), RedisOptions{Dir: dir}); !errors.Is(err, ErrInUse) {
		t.Errorf("second start = %v, want ErrInUse", err)
	}
	if err := errors.Join(r.Stop(t.Context()), r.Stop(t.Context())); err != nil {
		t.Error(err)
	}
	if err := r.Restart(t.Context()); !errors.Is(err, errStopped) {
		t.Errorf("restart after stop = %v", err)
	}
}

func TestRefusedStart(t *testing.T) {
	t.Parallel()
	dir := reachableDir(t)
	_, err := StartRedis(t.Context(), RedisOptions{Dir: dir, Settings: map[string]string{"no-such-setting": "1"}})
	if err == nil || !strings.Contains(err.Error(), "no-such-setting") {
		t.Errorf("Redis with a wrong setting: %v", err)
	}
	_, err = StartPostgres(t.Context(), PostgresOptions{Dir: dir, Settings: map[string]string{"no_such_setting": "1"}})
	if err == nil || !strings.Contains(err.Error(), "no_such_setting") {
		t.Errorf("PostgreSQL with a wrong setting: %v", err)
	}
	if _, err := FindPostgres(7); !errors.Is(err, ErrNotInstalled) || !strings.Contains(err.Error(), "postgresql-7") {
		t.Errorf("PostgreSQL 7: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "postgres", "data", "PG_VERSION"), []byte("7\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := StartPostgres(t.Context(), PostgresOptions{Dir: dir}); !errors.Is(err, ErrNotInstalled) {
		t.Errorf("cluster of PostgreSQL 7: %v", err)
	}
}

func TestNATS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	publish := func(n *NATS, want uint64) {
		t.Helper()
		conn, err := n.Conn(nats.Name("test"), nats.Timeout(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		js, err := jetstream.New(conn, jetstream.WithDefaultTimeout(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := js.CreateOrUpdateStream(t.Context(), jetstream.StreamConfig{Name: "S", Subjects: []string{"s.>"}}); err != nil {
			t.Fatal(err)
		}
		ack, err := js.Publish(t.Context(), "s.a", []byte("x"))
		if err != nil {
			t.Fatal(err)
		}
		if ack.Sequence != want {
			t.Errorf("sequence = %d, want %d", ack.Sequence, want)
		}
	}
	closed, err := StartNATS(NATSOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	publish(closed, 1)
	if closed.URL() != "" {
		t.Errorf("URL = %s for a server that listens nowhere", closed.URL())
	}
	if _, err := StartNATS(NATSOptions{Dir: dir}); !errors.Is(err, ErrInUse) {
		t.Errorf("second start = %v, want ErrInUse", err)
	}
	closed.Stop()
	closed.Stop()

	open, err := StartNATS(NATSOptions{Dir: dir, Port: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer open.Stop()
	publish(open, 2) // what the first run stored is still there
	conn, err := nats.Connect(open.URL(), nats.Timeout(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

func TestNATSLog(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	l := natsLog{slog.New(slog.NewTextHandler(&out, nil))}
	l.Noticef("noise")
	l.Debugf("noise")
	l.Tracef("noise")
	l.Warnf("disk %d%%", 95)
	l.Errorf("gone")
	l.Fatalf("gone for good")
	for _, want := range []string{`level=WARN msg="nats server" says="disk 95%"`, "level=ERROR", "gone for good"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("log lacks %s:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "noise") {
		t.Errorf("log has noise:\n%s", out.String())
	}
	n, err := StartNATS(NATSOptions{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	n.Stop()
}

// TestStopStuck: a server that does not listen is killed when its time is up.
func TestStopStuck(t *testing.T) {
	t.Parallel()
	pg, err := StartPostgres(t.Context(), PostgresOptions{Dir: reachableDir(t)})
	if err != nil {
		t.Fatal(err)
	}
	pid := pg.Pid()
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := pg.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("stop = %v, want it to say that the time was up", err)
	}
	if alive(pid) {
		t.Error("the stuck server still runs")
	}
	if err := pg.Stop(t.Context()); err != nil {
		t.Errorf("second stop: %v", err)
	}
}

func TestEndOrphan(t *testing.T) {
	t.Parallel()
	stubborn := exec.Command("/bin/sh", "-c", `trap "" TERM; echo ready; while :; do sleep 1; done`)
	out, err := stubborn.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := stubborn.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	// Nobody reaps it before it is waited for: a zombie counts as ended.
	if err := endOrphan(t.Context(), stubborn.Process.Pid, syscall.SIGTERM, 50*time.Millisecond); err != nil {
		t.Error(err)
	}
	_ = stubborn.Wait()
	gone := stubborn.Process.Pid
	if err := endOrphan(t.Context(), gone, syscall.SIGTERM, time.Second); err != nil {
		t.Errorf("end what has ended: %v", err)
	}
}

// TestSweep: both the test process and its watchdog were killed, and a server lives on.
func TestSweep(t *testing.T) {
	t.Parallel()
	cache := reachableDir(t)
	left, used := filepath.Join(cache, "run-left"), filepath.Join(cache, "run-used")
	r, err := StartRedis(t.Context(), RedisOptions{Dir: filepath.Join(left, "rd1")})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(used, 0o755); err != nil {
		t.Fatal(err)
	}
	inUse, err := acquire(filepath.Join(used, "lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer inUse.release()
	sweep(cache)
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what was left behind is there: %v", err)
	}
	if _, err := os.Stat(used); err != nil {
		t.Errorf("what is in use has gone: %v", err)
	}
	select {
	case <-r.proc.done:
	case <-time.After(time.Minute):
		t.Error("the server left behind still runs")
	}
}

// TestHolderAboutToEnd: whoever was killed a moment ago still holds the lock.
func TestHolderAboutToEnd(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	first, err := acquire(path)
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan error)
	go func() {
		second, err := acquireSoon(t.Context(), path)
		if err == nil {
			second.release()
		}
		got <- err
	}()
	if _, err := acquire(path); !errors.Is(err, ErrInUse) {
		t.Errorf("without patience = %v, want ErrInUse", err)
	}
	first.release()
	if err := <-got; err != nil {
		t.Errorf("with patience = %v", err)
	}
}

func TestLogIsBounded(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, make([]byte, maxLog+1), 0o600); err != nil {
		t.Fatal(err)
	}
	f, from, err := openLog(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if from != 0 {
		t.Errorf("a log of %d bytes was kept", from)
	}
	if _, _, err := openLog(filepath.Join(path, "under")); err == nil {
		t.Error("a log below a file was opened")
	}
}
