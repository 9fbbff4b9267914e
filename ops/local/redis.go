package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// RedisOptions says where a private Redis lives and how.
type RedisOptions struct {
	// Dir is shared by the private servers of one gad; this one uses Dir/redis.
	Dir string
	// Settings are passed to the server as they are, over our own defaults. By default
	// nothing is written to disk: whatever gad keeps in Redis it can make again.
	Settings map[string]string
}

// Redis is a running private server. Its methods may be called from several goroutines.
type Redis struct {
	opts RedisOptions
	path string // of redis-server
	home string
	sock string

	mu      sync.Mutex
	proc    *process // nil while it does not run
	stopped bool     // for good: the directory may belong to somebody else by now
	lock    *lock
}

// StartRedis returns when the server accepts connections. ctx bounds the start, not the life
// of the server.
func StartRedis(ctx context.Context, opts RedisOptions) (*Redis, error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, fmt.Errorf("redis-server is %w: apt-get install redis-server", ErrNotInstalled)
	}
	home, err := place(opts.Dir, "redis", nil)
	if err != nil {
		return nil, err
	}
	sockets, err := socketDir(home, "redis.sock", nil)
	if err != nil {
		return nil, err
	}
	r := &Redis{opts: opts, path: path, home: home, sock: filepath.Join(sockets, "redis.sock")}
	if r.lock, err = acquireSoon(ctx, filepath.Join(home, "lock")); err != nil {
		return nil, err
	}
	if err := r.boot(ctx); err != nil {
		r.lock.release()
		return nil, fmt.Errorf("start private Redis: %w", err)
	}
	return r, nil
}

// Socket returns the path of the server's socket.
func (r *Redis) Socket() string { return r.sock }

// URL addresses database db of this server, as redis.ParseURL reads it.
func (r *Redis) URL(db int) string { return "unix://" + r.sock + "?db=" + strconv.Itoa(db) }

// Stop ends the server; when ctx ends first it is killed.
func (r *Redis) Stop(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopped = true
	defer r.lock.release() // after the server has ended; a second time is harmless
	if r.proc == nil {
		return nil
	}
	proc := r.proc
	r.proc = nil
	if err := proc.stop(ctx, syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop private Redis: %w", err)
	}
	return nil
}

// Kill is kill -9 of the server, for tests of what a crash leaves behind.
func (r *Redis) Kill() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.proc == nil {
		return nil
	}
	if err := r.proc.signal(syscall.SIGKILL); err != nil {
		return err
	}
	<-r.proc.done
	r.proc = nil
	return nil
}

// Restart starts the server again after Kill; a running one is stopped first. The address
// stays the same. It is an error after Stop.
func (r *Redis) Restart(ctx context.Context) error {
	if err := r.Kill(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped {
		return errStopped
	}
	if err := r.boot(ctx); err != nil {
		return fmt.Errorf("start private Redis again: %w", err)
	}
	return nil
}

func (r *Redis) boot(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := r.clearOrphan(ctx); err != nil {
		return err
	}
	logPath := filepath.Join(r.home, "log")
	logFile, from, err := openLog(logPath)
	if err != nil {
		return err
	}
	defer func() { _ = logFile.Close() }() // the child holds its own descriptor
	proc, err := launch(spec{
		path: r.path, args: r.arguments(), dir: r.home, log: logFile, onDeath: syscall.SIGTERM,
	})
	if err != nil {
		return err
	}
	for {
		if pong(ctx, r.sock) {
			r.proc = proc
			return nil
		}
		select {
		case <-proc.done:
			return fmt.Errorf("server ended at its start: %w\n%s", proc.err, tail(logPath, from))
		case <-ctx.Done():
			_ = proc.signal(syscall.SIGKILL)
			<-proc.done
			return fmt.Errorf("wait for the server: %w\n%s", ctx.Err(), tail(logPath, from))
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (r *Redis) pidFile() string { return filepath.Join(r.home, "redis.pid") }

// clearOrphan stops the server of a killed run. The caller holds the directory's lock.
func (r *Redis) clearOrphan(ctx context.Context) error {
	b, err := os.ReadFile(r.pidFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the server's pid file: %w", err)
	}
	if pid, err := strconv.Atoi(strings.TrimSpace(string(b))); err == nil {
		// The number may by now belong to another process: ours works in this directory.
		cwd, err := os.Readlink("/proc/" + strconv.Itoa(pid) + "/cwd")
		if err == nil && cwd == r.home {
			if err := endOrphan(ctx, pid, syscall.SIGTERM, 5*time.Second); err != nil {
				return err
			}
		}
	}
	if err := os.Remove(r.pidFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove a stale pid file: %w", err)
	}
	return nil
}

func (r *Redis) arguments() []string {
	settings := map[string]string{
		"port": "0", "unixsocket": r.sock, "unixsocketperm": "700",
		"dir": r.home, "pidfile": r.pidFile(),
		"save": "", "appendonly": "no", "databases": "16",
	}
	maps.Copy(settings, r.opts.Settings)
	names := make([]string, 0, len(settings))
	for k := range settings {
		names = append(names, k)
	}
	slices.Sort(names)
	args := make([]string, 0, 2*len(names))
	for _, k := range names {
		args = append(args, "--"+k, settings[k])
	}
	return args
}

// pong asks the server whether it is ready to answer.
func pong(ctx context.Context, sock string) bool {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", sock)
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return false
	}
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return false
	}
	answer := make([]byte, 5)
	n, err := conn.Read(answer)
	return err == nil && string(answer[:n]) == "+PONG"
}
