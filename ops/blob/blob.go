// Package blob keeps the contents of attachments, outside of the log, under their SHA-256.
//
// It promises:
//
//   - What Put has acknowledged is whole and durable, or it is not there: a content arrives
//     in a temporary file, is hashed while it does, and gets its name in one step.
//   - The same content is kept once, however often it is put.
//   - What Open reads to its end is what was put. A content that was changed behind the
//     store's back ends in ErrDamaged, before its last bytes are handed over.
//
// A content whose fact was never recorded (the order was refused, the process died in
// between) is an orphan; Sweep removes those that nobody has put again for a long time.
// Stores are safe for concurrent use, and several processes may share one.
package blob

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"os"
	"time"
)

// Store is a place for contents. Dir and S3 are the two there are.
type Store interface {
	// Put reads a content to its end and keeps it.
	Put(ctx context.Context, content io.Reader) (sha256 string, size int64, err error)
	// Open returns a content, or an error that is fs.ErrNotExist.
	Open(ctx context.Context, sha256 string) (io.ReadCloser, error)
	// Each lists everything that is kept, in no order.
	Each(ctx context.Context) iter.Seq2[Content, error]
	// Remove removes a content unless it was put again at or after the given instant, and
	// says whether it did.
	Remove(ctx context.Context, sha256 string, before time.Time) (bool, error)
	// Check reports whether contents can be kept here now.
	Check(ctx context.Context) error
}

// Content is something that is kept.
type Content struct {
	SHA256   string
	Size     int64
	Modified time.Time // when it was last put
}

// ErrDamaged says that a content is not what was put.
var ErrDamaged = errors.New("the content does not have its hash")

// valid reports whether s can be the name of a content; nothing else becomes a path.
func valid(s string) bool {
	raw, err := hex.DecodeString(s)
	return err == nil && len(raw) == sha256.Size && hex.EncodeToString(raw) == s
}

// spooled is a content in a temporary file of ours.
type spooled struct {
	*os.File
	sum  string
	size int64
}

// spool takes a content in, hashing it. The caller discards the file unless it gave it a name.
func spool(dir string, content io.Reader) (_ *spooled, err error) {
	f, err := os.CreateTemp(dir, "adjunto-*.tmp")
	if err != nil {
		return nil, err
	}
	s := &spooled{File: f}
	h := sha256.New()
	if s.size, err = io.Copy(io.MultiWriter(f, h), content); err != nil {
		s.discard()
		return nil, err
	}
	s.sum = hex.EncodeToString(h.Sum(nil))
	return s, nil
}

func (s *spooled) discard() {
	_ = s.Close()
	_ = os.Remove(s.Name()) // what stays is swept
}

// verified reads a content and refuses its end when the whole has another hash.
type verified struct {
	io.Closer
	src  *bufio.Reader
	sum  hash.Hash
	want string
}

func verify(src io.ReadCloser, want string) io.ReadCloser {
	h := sha256.New()
	return &verified{Closer: src, src: bufio.NewReaderSize(io.TeeReader(src, h), 32<<10), sum: h, want: want}
}

// Read implements io.Reader.
func (v *verified) Read(p []byte) (int, error) {
	n, err := v.src.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		return n, err
	}
	// The last bytes wait until it is known that they are the last.
	if _, next := v.src.Peek(1); errors.Is(next, io.EOF) && hex.EncodeToString(v.sum.Sum(nil)) != v.want {
		return 0, fmt.Errorf("%s: %w", v.want, ErrDamaged)
	}
	return n, err
}
