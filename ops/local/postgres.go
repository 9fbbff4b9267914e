package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Superuser is the role that owns every private cluster.
const Superuser = "postgres"

// PostgresOptions says where a private PostgreSQL lives and how.
type PostgresOptions struct {
	// Dir is shared by the private servers of one gad; this one uses Dir/postgres.
	Dir string
	// Durable keeps fsync on. Without it a loss of power loses the cluster: only for tests.
	Durable bool
	// Settings are passed to the server as they are, over our own defaults.
	Settings map[string]string
	// Seed is the Dir of another cluster, cleanly stopped and started by nobody meanwhile: a
	// missing cluster is made as its copy, which takes a tenth of the time of a new one.
	Seed string
	// Log receives a line for each step that takes time; nil is silence. What the server
	// itself prints goes to LogFile.
	Log io.Writer
}

// Postgres is a running private server. Its methods may be called from several goroutines.
type Postgres struct {
	opts    PostgresOptions
	bin     Binaries
	account *account
	home    string // owned by the server's account; data, log and lock lie in it
	sockets string

	mu      sync.Mutex
	proc    *process // nil while it does not run
	stopped bool     // for good: the directory may belong to somebody else by now
	lock    *lock
}

// StartPostgres makes the cluster if there is none yet, starts the server and returns when
// it accepts connections. ctx bounds the start, not the life of the server.
func StartPostgres(ctx context.Context, opts PostgresOptions) (*Postgres, error) {
	p, err := newPostgres(opts)
	if err != nil {
		return nil, err
	}
	if p.lock, err = acquireSoon(ctx, filepath.Join(p.home, "lock")); err != nil {
		return nil, err
	}
	if err := p.boot(ctx); err != nil {
		p.lock.release()
		return nil, fmt.Errorf("start private PostgreSQL: %w", err)
	}
	return p, nil
}

func newPostgres(opts PostgresOptions) (*Postgres, error) {
	acct, err := serverAccount()
	if err != nil {
		return nil, err
	}
	home, err := place(opts.Dir, "postgres", acct)
	if err != nil {
		return nil, err
	}
	sockets, err := socketDir(home, ".s.PGSQL.5432.lock", acct)
	if err != nil {
		return nil, err
	}
	made, err := versionOf(filepath.Join(home, "data"))
	if err == nil && made == 0 && opts.Seed != "" {
		made, err = versionOf(filepath.Join(opts.Seed, "postgres", "data"))
	}
	if err != nil {
		return nil, err
	}
	bin, err := FindPostgres(made)
	if err != nil {
		return nil, err
	}
	if !bin.HasPostGIS() {
		return nil, fmt.Errorf("PostGIS for PostgreSQL %d is %w: apt-get install postgresql-%d-postgis-3",
			bin.Major, ErrNotInstalled, bin.Major)
	}
	return &Postgres{opts: opts, bin: bin, account: acct, home: home, sockets: sockets}, nil
}

// versionOf returns the major version that made the cluster, 0 when there is none.
func versionOf(data string) (int, error) {
	b, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read version of the cluster: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return 0, fmt.Errorf("read version of the cluster: %w", err)
	}
	return major, nil
}

// Dir returns the data directory.
func (p *Postgres) Dir() string { return filepath.Join(p.home, "data") }

// LogFile returns the file that holds what the server prints.
func (p *Postgres) LogFile() string { return filepath.Join(p.home, "log") }

// URL addresses a database of this server as user; it needs no password.
func (p *Postgres) URL(db, user string) string {
	u := url.URL{Scheme: "postgres", User: url.User(user), Path: "/" + db}
	u.RawQuery = url.Values{"host": {p.sockets}, "sslmode": {"disable"}}.Encode()
	return u.String()
}

// Pid returns the postmaster's process id, 0 while it is stopped.
func (p *Postgres) Pid() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.proc == nil || !p.proc.running() {
		return 0
	}
	return p.proc.pid()
}

// Stop ends the server in order: sessions are cut, the last checkpoint is written. When ctx
// ends first the server is killed, which costs nothing but a recovery at the next start.
func (p *Postgres) Stop(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = true
	defer p.lock.release() // after the server has ended; a second time is harmless
	if p.proc == nil {
		return nil
	}
	proc := p.proc
	p.proc = nil
	if err := proc.stop(ctx, syscall.SIGINT); err != nil {
		return fmt.Errorf("stop private PostgreSQL: %w", err)
	}
	return nil
}

// Kill is kill -9 of the postmaster, for tests of what a crash leaves behind. Its backends
// see its death and end within moments.
func (p *Postgres) Kill() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.proc == nil {
		return nil
	}
	if err := p.proc.signal(syscall.SIGKILL); err != nil {
		return err
	}
	<-p.proc.done
	p.proc = nil
	return nil
}

// Restart starts the server again after Kill or a crash; a running one is stopped first.
// The address stays the same. It is an error after Stop.
func (p *Postgres) Restart(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return errStopped
	}
	if p.proc != nil {
		if err := p.proc.stop(ctx, syscall.SIGINT); err != nil {
			return fmt.Errorf("stop private PostgreSQL: %w", err)
		}
		p.proc = nil
	}
	if err := p.boot(ctx); err != nil {
		return fmt.Errorf("start private PostgreSQL again: %w", err)
	}
	return nil
}

// boot brings the server up from whatever state the directory is in. The caller holds the
// directory's lock, so any server that still runs in it is an orphan.
func (p *Postgres) boot(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := p.initialise(ctx); err != nil {
		return err
	}
	for {
		if err := p.clearOrphan(ctx); err != nil {
			return err
		}
		err := p.launchOnce(ctx)
		if err == nil || !transient(err) {
			return err
		}
		// After kill -9 of the postmaster its children may hold the shared memory for a
		// moment longer; nothing but time helps.
		p.note("waiting for what a killed server left behind")
		if pause(ctx, time.Second) != nil {
			return err
		}
	}
}

// initialise makes the cluster beside its final place and renames it: a crash in between
// leaves a directory that the next start throws away.
func (p *Postgres) initialise(ctx context.Context) error {
	if _, err := os.Stat(p.Dir()); err == nil {
		return nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look at the cluster: %w", err)
	}
	p.note("creating a PostgreSQL " + strconv.Itoa(p.bin.Major) + " cluster in " + p.home)
	fresh := p.Dir() + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("remove a half-made cluster: %w", err)
	}
	maker := spec{dir: p.home, account: p.account}
	if p.opts.Seed != "" {
		maker.path = "/bin/cp"
		maker.args = []string{"-a", filepath.Join(p.opts.Seed, "postgres", "data"), fresh}
	} else {
		maker.path = p.bin.path("initdb")
		maker.args = []string{
			"-D", fresh, "-U", Superuser, "-A", "trust", "-E", "UTF8",
			"--locale=C.UTF-8", "--data-checksums",
		}
		if !p.opts.Durable {
			maker.args = append(maker.args, "-N")
		}
	}
	if err := run(ctx, maker); err != nil {
		return err
	}
	if err := os.Rename(fresh, p.Dir()); err != nil {
		return fmt.Errorf("put the new cluster in its place: %w", err)
	}
	return nil
}

// clearOrphan stops the postmaster of a killed run and removes a lock file that names no
// server of this directory: its number may by now belong to some other process.
func (p *Postgres) clearOrphan(ctx context.Context) error {
	file := filepath.Join(p.Dir(), "postmaster.pid")
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the server's lock file: %w", err)
	}
	first, _, _ := strings.Cut(string(b), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err == nil && p.serves(pid) {
		p.note("stopping the server of a killed run")
		return endOrphan(ctx, pid, syscall.SIGINT, 10*time.Second)
	}
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove a stale lock file: %w", err)
	}
	return nil
}

// serves reports whether pid is a postmaster of this data directory: that is where it works.
func (p *Postgres) serves(pid int) bool {
	cwd, err := os.Readlink("/proc/" + strconv.Itoa(pid) + "/cwd")
	return err == nil && cwd == p.Dir()
}

// transient reports whether err is the mark of a server killed a moment ago.
func transient(err error) bool {
	return strings.Contains(err.Error(), "shared memory") || strings.Contains(err.Error(), "lock file")
}

// launchOnce starts the postmaster and waits for it to accept connections.
func (p *Postgres) launchOnce(ctx context.Context) error {
	logFile, from, err := openLog(p.LogFile())
	if err != nil {
		return err
	}
	defer func() { _ = logFile.Close() }() // the child holds its own descriptor
	proc, err := launch(spec{
		path: p.bin.path("postgres"), args: p.arguments(), dir: p.home,
		log: logFile, account: p.account,
		// Fast shutdown: the kernel asks for it when this process dies.
		onDeath: syscall.SIGINT,
	})
	if err != nil {
		return err
	}
	for {
		if err := ping(ctx, p.URL("postgres", Superuser)); err == nil {
			p.proc = proc
			return nil
		}
		select {
		case <-proc.done:
			return fmt.Errorf("server ended at its start: %w\n%s", proc.err, tail(p.LogFile(), from))
		case <-ctx.Done():
			_ = proc.signal(syscall.SIGQUIT)
			<-proc.done
			return fmt.Errorf("wait for the server: %w\n%s", ctx.Err(), tail(p.LogFile(), from))
		case <-time.After(15 * time.Millisecond):
		}
	}
}

func (p *Postgres) arguments() []string {
	settings := map[string]string{
		"listen_addresses":        "",
		"unix_socket_directories": p.sockets,
		"unix_socket_permissions": "0700",
		"timezone":                "UTC",
		"log_timezone":            "UTC",
		"log_line_prefix":         "%m [%p] %q%u@%d ",
		"max_connections":         "200",
	}
	if !p.opts.Durable {
		settings["fsync"], settings["full_page_writes"] = "off", "off"
	}
	// Else every connection loads it with the first place it is asked for: that answer takes 40 ms, not 13.
	if p.bin.preloadable() {
		settings["shared_preload_libraries"] = postgisLibrary
	}
	maps.Copy(settings, p.opts.Settings)
	args := []string{"-D", p.Dir()}
	for k, v := range settings {
		args = append(args, "-c"+k+"="+v)
	}
	slices.Sort(args[2:])
	return args
}

func (p *Postgres) note(line string) {
	if p.opts.Log != nil {
		_, _ = fmt.Fprintln(p.opts.Log, line)
	}
}

func ping(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// maxLog bounds what is kept of earlier runs.
const maxLog = 8 << 20

// openLog opens a server's log for appending and says where this run begins.
func openLog(path string) (*os.File, int64, error) {
	flags := os.O_WRONLY | os.O_CREATE | os.O_APPEND
	if info, err := os.Stat(path); err == nil && info.Size() > maxLog {
		flags |= os.O_TRUNC
	}
	f, err := os.OpenFile(path, flags, 0o600)
	if err != nil {
		return nil, 0, fmt.Errorf("open log: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil, 0, fmt.Errorf("open log: %w", err)
	}
	return f, info.Size(), nil
}

// tail returns the last lines of a log from the given offset on.
func tail(path string, from int64) string {
	b, err := os.ReadFile(path)
	if err != nil || int64(len(b)) < from {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(b[from:])), "\n")
	return strings.Join(lines[max(0, len(lines)-15):], "\n")
}
