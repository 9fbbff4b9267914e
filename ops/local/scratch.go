package local

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// CacheDir returns a directory of this user, kept from run to run, in which the servers'
// account can work: below the directory for temporary files, or below /var/lib/gad when root
// has a private one.
func CacheDir() (string, error) {
	acct, err := serverAccount()
	if err != nil {
		return "", err
	}
	base := os.TempDir()
	if acct != nil && !reachable(base, acct) {
		base = elsewhere
	}
	dir := filepath.Join(base, "gad-test-"+strconv.Itoa(os.Geteuid()))
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // the postgres user must search it
		return "", fmt.Errorf("make cache directory: %w", err)
	}
	// Others may write to /tmp: a directory that somebody else made there is not ours to use.
	info, err := os.Lstat(dir)
	if err != nil {
		return "", fmt.Errorf("look at cache directory: %w", err)
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || int(st.Uid) != os.Geteuid() {
		return "", fmt.Errorf("cache directory %s belongs to somebody else", dir)
	}
	return dir, nil
}

// ScratchDir returns a directory for as long as this process lives. However the process
// ends, kill -9 included, a watchdog then ends the private servers that run below it and
// removes it. Every call returns the same directory.
func ScratchDir() (string, error) { return scratch() }

var scratch = sync.OnceValues(makeScratch)

func makeScratch() (string, error) {
	cache, err := CacheDir()
	if err != nil {
		return "", err
	}
	// Nobody may sweep between the making of our directory and its lock.
	unlock, err := Exclusive(filepath.Join(cache, "lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	sweep(cache)
	dir, err := os.MkdirTemp(cache, "run-")
	if err != nil {
		return "", fmt.Errorf("make scratch directory: %w", err)
	}
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // the postgres user must search it
		return "", fmt.Errorf("open scratch directory: %w", err)
	}
	ours, err := acquire(filepath.Join(dir, "lock"))
	if err != nil {
		return "", err
	}
	held = append(held, ours)
	if err := watch(dir); err != nil {
		return "", err
	}
	return dir, nil
}

// held keeps the scratch directory's lock and the watchdog's pipe open for as long as we
// live: without a reference the collector would close them.
var held []any

// Exclusive waits for the lock file at path and returns how to let it go. It ends with the
// process at the latest.
func Exclusive(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		if err == nil {
			return func() { _ = f.Close() }, nil
		}
		if !errors.Is(err, syscall.EINTR) {
			_ = f.Close()
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
	}
}

// sweep removes scratch directories whose process and whose watchdog were both killed.
func sweep(cache string) {
	dirs, _ := filepath.Glob(filepath.Join(cache, "run-*")) // the pattern is well formed
	for _, dir := range dirs {
		l, err := acquire(filepath.Join(dir, "lock"))
		switch {
		case err == nil:
			l.release()
		case !errors.Is(err, fs.ErrNotExist):
			continue // in use
		}
		endServers(dir)
		_ = os.RemoveAll(dir)
	}
}

// endServers kills what still runs below dir: nothing in it is worth an orderly end.
func endServers(dir string) {
	for _, pattern := range []string{"*/postgres/data/postmaster.pid", "*/redis/redis.pid"} {
		files, _ := filepath.Glob(filepath.Join(dir, pattern)) // the patterns are well formed
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				continue
			}
			first, _, _ := strings.Cut(string(b), "\n")
			pid, err := strconv.Atoi(strings.TrimSpace(first))
			if err != nil {
				continue
			}
			cwd, err := os.Readlink("/proc/" + strconv.Itoa(pid) + "/cwd")
			if err == nil && strings.HasPrefix(cwd, dir+"/") {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
	}
}

// watchdog waits for its input to end, which the kernel brings about when the process that
// holds the other end of the pipe ends, in whatever way.
const watchdog = `cat
for f in "$1"/*/postgres/data/postmaster.pid "$1"/*/redis/redis.pid; do
	[ -f "$f" ] || continue
	read -r pid <"$f" || continue
	case $(readlink "/proc/$pid/cwd") in "$1"/*) ;; *) continue ;; esac
	case $f in */redis.pid) kill -KILL "$pid" ;; *) kill -QUIT "$pid" ;; esac
	n=0
	while readlink "/proc/$pid/cwd" >/dev/null && [ $n -lt 50 ]; do sleep 0.1; n=$((n+1)); done
	kill -KILL "$pid"
done
rm -rf "$1" || { sleep 1; rm -rf "$1"; }
`

func watch(dir string) error {
	r, w, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("make pipe to watchdog: %w", err)
	}
	defer func() { _ = r.Close() }()
	// No context and no output: it must outlive us, and go test waits for whoever holds its
	// output open.
	cmd := exec.Command("/bin/sh", "-c", watchdog, "gad-watchdog", dir) //nolint:noctx // a constant script
	cmd.Dir = "/"
	cmd.Stdin = r
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start watchdog: %w", err)
	}
	held = append(held, w)
	// It ends after us; a tool that counts our children need not see a zombie meanwhile.
	go func() { _ = cmd.Wait() }()
	return nil
}
