package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// staleTemp is how old a temporary file is that nobody writes any more.
const staleTemp = 24 * time.Hour

// Dir keeps contents in a directory. Processes on several machines need a shared one, with
// locks that work across them.
type Dir struct{ root string }

// OpenDir makes the directory when it is not there. Nobody else may read it.
func OpenDir(root string) (*Dir, error) {
	d := &Dir{root}
	for _, path := range []string{root, d.temp()} {
		if err := os.MkdirAll(path, 0o700); err != nil {
			return nil, fmt.Errorf("make the directory of attachments: %w", err)
		}
	}
	return d, d.Check(context.Background())
}

func (d *Dir) temp() string { return filepath.Join(d.root, "tmp") }

func (d *Dir) path(sum string) string { return filepath.Join(d.root, sum[:2], sum) }

// Put implements Store.
func (d *Dir) Put(ctx context.Context, content io.Reader) (sum string, size int64, err error) {
	s, err := spool(d.temp(), content)
	if err != nil {
		return "", 0, err
	}
	defer s.discard()
	if err := s.Sync(); err != nil {
		return "", 0, fmt.Errorf("keep a content: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return "", 0, err
	}
	// Shared with other puts, never with a removal: what is put again is not taken away.
	unlock, err := d.lock(syscall.LOCK_SH)
	if err != nil {
		return "", 0, err
	}
	defer unlock()
	path := d.path(s.sum)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", 0, fmt.Errorf("keep a content: %w", err)
	}
	// A crash before this line leaves a temporary file, one after it the whole content.
	if err := os.Rename(s.Name(), path); err != nil {
		return "", 0, fmt.Errorf("keep a content: %w", err)
	}
	if err := errors.Join(sync(filepath.Dir(path)), sync(d.root)); err != nil {
		return "", 0, fmt.Errorf("keep a content: %w", err)
	}
	return s.sum, s.size, nil
}

// sync makes the names in a directory durable.
func sync(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// lock holds the directory against other processes too, until unlock or the end of this one.
func (d *Dir) lock(how int) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(d.root, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the attachments: %w", err)
	}
	for {
		err := syscall.Flock(int(f.Fd()), how)
		if err == nil {
			return func() { _ = f.Close() }, nil
		}
		if !errors.Is(err, syscall.EINTR) {
			_ = f.Close()
			return nil, fmt.Errorf("lock the attachments: %w", err)
		}
	}
}

// Open implements Store.
func (d *Dir) Open(_ context.Context, sum string) (io.ReadCloser, error) {
	if !valid(sum) {
		return nil, fs.ErrNotExist
	}
	f, err := os.Open(d.path(sum))
	if err != nil {
		return nil, fmt.Errorf("open a content: %w", err)
	}
	return verify(f, sum), nil
}

// Each implements Store.
func (d *Dir) Each(ctx context.Context) iter.Seq2[Content, error] {
	return func(yield func(Content, error) bool) {
		err := filepath.WalkDir(d.root, func(_ string, e fs.DirEntry, err error) error {
			var info fs.FileInfo
			if err == nil && (e.IsDir() || !valid(e.Name())) {
				return ctx.Err()
			}
			if err == nil {
				info, err = e.Info()
			}
			switch {
			case errors.Is(err, fs.ErrNotExist): // removed while we look
				return ctx.Err()
			case err != nil:
				return err
			}
			if !yield(Content{e.Name(), info.Size(), info.ModTime()}, nil) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield(Content{}, fmt.Errorf("list the contents: %w", err))
		}
	}
}

// Remove implements Store.
func (d *Dir) Remove(_ context.Context, sum string, before time.Time) (bool, error) {
	if !valid(sum) {
		return false, nil
	}
	unlock, err := d.lock(syscall.LOCK_EX)
	if err != nil {
		return false, err
	}
	defer unlock()
	info, err := os.Stat(d.path(sum))
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.ModTime().Before(before) {
		return false, nil
	}
	if err == nil {
		err = os.Remove(d.path(sum))
	}
	if err != nil {
		return false, fmt.Errorf("remove a content: %w", err)
	}
	return true, nil
}

// Check implements Store.
func (d *Dir) Check(context.Context) error {
	s, err := spool(d.temp(), strings.NewReader("gad"))
	if err != nil {
		return fmt.Errorf("write to the directory of attachments: %w", err)
	}
	s.discard()
	return nil
}

// tidy removes what interrupted uploads left behind.
func (d *Dir) tidy(now time.Time) error {
	left, err := os.ReadDir(d.temp())
	if err != nil {
		return fmt.Errorf("look for interrupted uploads: %w", err)
	}
	for _, e := range left {
		if info, err := e.Info(); err == nil && now.Sub(info.ModTime()) > staleTemp {
			_ = os.Remove(filepath.Join(d.temp(), e.Name())) // the next time, then
		}
	}
	return nil
}
