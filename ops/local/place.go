package local

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// ErrInUse says that another running process has the servers of this directory.
var ErrInUse = errors.New("directory in use by another running gad")

// elsewhere is where data goes that its server cannot reach below the caller's directory.
const elsewhere = "/var/lib/gad"

// maxSocketPath is sun_path of Linux (108 bytes) without the terminating zero.
const maxSocketPath = 107

// place makes the directory in which the server called name keeps its files, and returns its
// path without symbolic links. It belongs to the account that runs the server and nobody
// else can enter it.
func place(dir, name string, acct *account) (string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // the postgres user must search it
		return "", fmt.Errorf("make directory for private servers: %w", err)
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find absolute path of %s: %w", dir, err)
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return "", fmt.Errorf("resolve links of %s: %w", dir, err)
	}
	home := filepath.Join(dir, name)
	if acct != nil && !reachable(dir, acct) {
		if home, err = link(home); err != nil {
			return "", err
		}
	}
	if err := os.MkdirAll(home, 0o700); err != nil {
		return "", fmt.Errorf("make directory of %s: %w", name, err)
	}
	if acct != nil {
		if err := os.Chown(home, acct.uid, acct.gid); err != nil {
			return "", fmt.Errorf("give %s to user %s: %w", home, acct.name, err)
		}
	}
	return filepath.EvalSymlinks(home)
}

// link makes home a link to a directory that every user can reach, and returns that. Each new
// link has a directory of its own: whoever deletes ours deletes the link alone, and what it led
// to has keys that are gone. Nor is it removed here: somebody may have moved the link with ours.
func link(home string) (string, error) {
	switch info, err := os.Lstat(home); {
	case errors.Is(err, fs.ErrNotExist):
		return newLink(home)
	case err != nil:
		return "", fmt.Errorf("look at %s: %w", home, err)
	case info.Mode()&fs.ModeSymlink == 0:
		return "", fmt.Errorf("%s holds data but user postgres can no longer reach it: open the directories above it (chmod o+x), or move it away", home)
	}
	target, err := os.Readlink(home)
	if err != nil {
		return "", fmt.Errorf("follow %s: %w", home, err)
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil { //nolint:gosec // the postgres user must search it
		return "", fmt.Errorf("make directory for private servers: %w", err)
	}
	return target, nil
}

func newLink(home string) (string, error) {
	if err := os.MkdirAll(elsewhere, 0o755); err != nil { //nolint:gosec // the postgres user must search it
		return "", fmt.Errorf("make directory for private servers: %w", err)
	}
	sum := sha256.Sum256([]byte(home))
	dir, err := os.MkdirTemp(elsewhere, hex.EncodeToString(sum[:6])+"-")
	if err != nil {
		return "", fmt.Errorf("make directory for private servers: %w", err)
	}
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // the postgres user must search it
		return "", fmt.Errorf("open %s: %w", dir, err)
	}
	target := filepath.Join(dir, filepath.Base(home))
	if err := os.Symlink(target, home); err != nil {
		return "", fmt.Errorf("link %s to its data: %w", home, err)
	}
	return target, nil
}

// reachable reports whether acct may search dir and every directory above it.
func reachable(dir string, acct *account) bool {
	for ; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			return false
		}
		st, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			return false
		}
		var bit fs.FileMode = 0o001
		switch {
		case int(st.Uid) == acct.uid:
			bit = 0o100
		case int(st.Gid) == acct.gid:
			bit = 0o010
		}
		if info.Mode().Perm()&bit == 0 {
			return false
		}
		if dir == filepath.Dir(dir) {
			return true
		}
	}
}

// socketDir returns a directory in which a socket called name has a path that the kernel
// accepts: home itself, or a short one of ours in the directory for temporary files.
func socketDir(home, name string, acct *account) (string, error) {
	if len(home)+1+len(name) <= maxSocketPath {
		return home, nil
	}
	sum := sha256.Sum256([]byte(home))
	dir := filepath.Join(os.TempDir(), "gad-"+hex.EncodeToString(sum[:8]))
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("make socket directory: %w", err)
	}
	owner := os.Geteuid()
	if acct != nil {
		owner = acct.uid
	}
	// Anyone may make a directory there before us: take it only if it is ours.
	info, err := os.Lstat(dir)
	if err != nil {
		return "", fmt.Errorf("look at socket directory: %w", err)
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || info.Mode().Perm() != 0o700 || (int(st.Uid) != owner && int(st.Uid) != os.Geteuid()) {
		return "", fmt.Errorf("socket directory %s belongs to somebody else", dir)
	}
	if acct != nil {
		if err := os.Chown(dir, acct.uid, acct.gid); err != nil {
			return "", fmt.Errorf("give %s to user %s: %w", dir, acct.name, err)
		}
	}
	return dir, nil
}

// lock is held as long as this process lives: the kernel frees it, so none is ever stale.
type lock struct{ f *os.File }

func acquire(path string) (*lock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%s: %w", filepath.Dir(path), ErrInUse)
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return &lock{f}, nil
}

// ending is how long a process that was killed may take to let go of its files: on a busy
// machine it is still there when the one that killed it starts the next.
const ending = 5 * time.Second

// acquireSoon is acquire, with patience for a holder that is about to end.
func acquireSoon(ctx context.Context, path string) (*lock, error) {
	for deadline := time.Now().Add(ending); ; {
		l, err := acquire(path)
		if !errors.Is(err, ErrInUse) || time.Now().After(deadline) {
			return l, err
		}
		if pause(ctx, 50*time.Millisecond) != nil {
			return nil, err
		}
	}
}

func (l *lock) release() { _ = l.f.Close() }
