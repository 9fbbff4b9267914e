package blob_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/grupo-gad/gad/ops/blob"
)

// place is a Store, and how to spoil what lies in it.
type place struct {
	blob.Store
	spoil func(sum string, content []byte)
}

func dir(t *testing.T) place {
	t.Helper()
	root := filepath.Join(t.TempDir(), "adjuntos")
	d, err := blob.OpenDir(root)
	must(t, err)
	return place{d, func(sum string, content []byte) {
		must(t, os.WriteFile(filepath.Join(root, sum[:2], sum), content, 0o600))
	}}
}

// bucket is a server that speaks S3, over HTTP.
func bucket(t *testing.T) place {
	t.Helper()
	backend := s3mem.New()
	must(t, backend.CreateBucket("adjuntos"))
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	s, err := blob.OpenS3(blob.S3Options{
		Endpoint: server.URL, Bucket: "adjuntos", Prefix: "gad/uno", Region: "us-east-1", AccessKey: "clave", SecretKey: "secreto",
	})
	must(t, err)
	return place{s, func(sum string, content []byte) {
		_, err := backend.PutObject("adjuntos", "gad/uno/"+sum, map[string]string{}, bytes.NewReader(content), int64(len(content)), nil)
		must(t, err)
	}}
}

// each runs a test on every kind of store.
func each(t *testing.T, test func(t *testing.T, s place)) {
	t.Helper()
	for name, open := range map[string]func(*testing.T) place{"directory": dir, "S3": bucket} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func sum(content []byte) string {
	h := sha256.Sum256(content)
	return hex.EncodeToString(h[:])
}

func put(t *testing.T, s blob.Store, content []byte) string {
	t.Helper()
	name, size, err := s.Put(t.Context(), bytes.NewReader(content))
	must(t, err)
	if name != sum(content) || size != int64(len(content)) {
		t.Fatalf("put %s, %d bytes", name, size)
	}
	return name
}

func read(t *testing.T, s blob.Store, name string) ([]byte, error) {
	t.Helper()
	r, err := s.Open(t.Context(), name)
	must(t, err)
	defer func() { must(t, r.Close()) }()
	return io.ReadAll(r)
}

func kept(t *testing.T, s blob.Store) (names []string) {
	t.Helper()
	for c, err := range s.Each(t.Context()) {
		must(t, err)
		names = append(names, c.SHA256)
	}
	slices.Sort(names)
	return names
}

func TestWhatIsPutIsRead(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s place) {
		t.Helper()
		must(t, s.Check(t.Context()))
		for _, content := range [][]byte{[]byte("x"), bytes.Repeat([]byte("gad "), 100_000)} {
			name := put(t, s, content)
			put(t, s, content)
			got, err := read(t, s, name)
			must(t, err)
			if !bytes.Equal(got, content) {
				t.Errorf("%d bytes came back as %d", len(content), len(got))
			}
		}
		if n := len(kept(t, s)); n != 2 {
			t.Errorf("%d contents are kept, want 2", n)
		}
		for _, name := range []string{sum([]byte("nada")), "../../etc/passwd", "", strings.ToUpper(sum([]byte("x")))} {
			if _, err := s.Open(t.Context(), name); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("open %q: %v", name, err)
			}
		}
	})
}

// An upload that breaks off leaves nothing that has a name.
func TestBrokenUpload(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s place) {
		t.Helper()
		cut := errors.New("cut")
		_, _, err := s.Put(t.Context(), io.MultiReader(strings.NewReader("half"), iotest.ErrReader(cut)))
		if !errors.Is(err, cut) {
			t.Errorf("put: %v", err)
		}
		gone, stop := context.WithCancel(t.Context())
		stop()
		if _, _, err := s.Put(gone, strings.NewReader("whole")); !errors.Is(err, context.Canceled) {
			t.Errorf("put of somebody who has gone: %v", err)
		}
		if names := kept(t, s); len(names) != 0 {
			t.Errorf("kept %v", names)
		}
	})
}

// What was changed behind the store's back is never handed over whole.
func TestDamaged(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s place) {
		t.Helper()
		content := bytes.Repeat([]byte("evidencia "), 10_000)
		name := put(t, s, content)
		for what, other := range map[string][]byte{
			"one byte": append(content[:len(content)-1:len(content)-1], '!'), "cut": content[:len(content)/2],
		} {
			s.spoil(name, other)
			got, err := read(t, s, name)
			if !errors.Is(err, blob.ErrDamaged) || len(got) >= len(other) {
				t.Errorf("%s: read %d of %d bytes, %v", what, len(got), len(other), err)
			}
		}
	})
}

func TestSweep(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s place) {
		t.Helper()
		attached, orphan := put(t, s, []byte("adjunto")), put(t, s, []byte("huérfano"))
		asked := 0
		sweeper := blob.Sweeper{Store: s.Store, Age: time.Hour, Log: slog.New(slog.DiscardHandler), Referenced: func(_ context.Context, hashes []string) (map[string]bool, error) {
			asked += len(hashes)
			return map[string]bool{attached: true}, nil
		}}
		n, err := sweeper.Sweep(t.Context(), time.Now())
		must(t, err)
		if n != 0 || asked != 0 {
			t.Errorf("%d removed of %d that are new", n, asked)
		}
		later := time.Now().Add(2 * time.Hour)
		n, err = sweeper.Sweep(t.Context(), later)
		must(t, err)
		if got := kept(t, s); n != 1 || !slices.Equal(got, []string{attached}) {
			t.Errorf("%d removed, kept %v", n, got)
		}
		// Somebody who cannot be asked removes nothing.
		put(t, s, []byte("huérfano"))
		sweeper.Referenced = func(context.Context, []string) (map[string]bool, error) { return nil, io.ErrUnexpectedEOF }
		if n, err := sweeper.Sweep(t.Context(), later); n != 0 || !errors.Is(err, io.ErrUnexpectedEOF) || len(kept(t, s)) != 2 {
			t.Errorf("%d removed, %v", n, err)
		}
		// What was put again since is not an orphan any more.
		if gone, err := s.Remove(t.Context(), orphan, time.Now().Add(-time.Hour)); gone || err != nil {
			t.Errorf("removed %v, %v", gone, err)
		}
	})
}

// Whoever puts a content while others remove it finds it afterwards: it is looked at and
// taken away in one step.
func TestPutAgainstRemove(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	s, err := blob.OpenDir(root)
	must(t, err)
	name := sum([]byte("disputado"))
	for range 50 {
		put(t, s, []byte("disputado"))
		old := time.Now().Add(-time.Hour)
		must(t, os.Chtimes(filepath.Join(root, name[:2], name), old, old))
		var both sync.WaitGroup
		both.Go(func() { _, _, _ = s.Put(t.Context(), strings.NewReader("disputado")) })
		both.Go(func() { _, _ = s.Remove(t.Context(), name, old.Add(time.Minute)) })
		both.Wait()
		if got, err := read(t, s, name); err != nil || string(got) != "disputado" {
			t.Fatalf("%q, %v", got, err)
		}
	}
}

// Temporary files of uploads that a crash interrupted are removed when they are old.
func TestTidy(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	d, err := blob.OpenDir(root)
	must(t, err)
	left := filepath.Join(root, "tmp", "adjunto-1.tmp")
	must(t, os.WriteFile(left, []byte("half"), 0o600))
	sweeper := blob.Sweeper{Store: d, Age: time.Hour, Log: slog.New(slog.DiscardHandler)}
	for _, turn := range []struct {
		at   time.Time
		want bool
	}{{time.Now(), true}, {time.Now().Add(48 * time.Hour), false}} {
		_, err := sweeper.Sweep(t.Context(), turn.at)
		must(t, err)
		if _, err := os.Stat(left); (err == nil) != turn.want {
			t.Errorf("at %v: %v", turn.at, err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	if _, err := blob.OpenDir(filepath.Join(file, "x")); err == nil {
		t.Error("a directory inside a file was opened")
	}
	for _, endpoint := range []string{"", "minio:9000", "ftp://minio", "https://"} {
		if _, err := blob.OpenS3(blob.S3Options{Endpoint: endpoint, Bucket: "x"}); err == nil {
			t.Errorf("%q was opened", endpoint)
		}
	}
	server := httptest.NewServer(gofakes3.New(s3mem.New()).Server())
	t.Cleanup(server.Close)
	s, err := blob.OpenS3(blob.S3Options{Endpoint: server.URL, Bucket: "falta", Region: "us-east-1", AccessKey: "a", SecretKey: "b"})
	must(t, err)
	if err := s.Check(t.Context()); err == nil {
		t.Error("a bucket that is not there is well")
	}
}
