package pgtest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/grupo-gad/gad/ops/local"
)

func TestSeed(t *testing.T) {
	t.Parallel()
	scratch, err := local.ScratchDir()
	if err != nil {
		t.Fatal(err)
	}
	cache := filepath.Join(scratch, "cache")
	key, err := seedKey()
	if err != nil {
		t.Fatal(err)
	}
	// A seed without its mark: whoever made it was killed at it.
	if err := os.MkdirAll(filepath.Join(cache, "seed-"+key, "postgres", "data"), 0o755); err != nil {
		t.Fatal(err)
	}
	old := filepath.Join(cache, "seed-old")
	if err := os.MkdirAll(old, 0o755); err != nil {
		t.Fatal(err)
	}
	long := time.Now().Add(-unused - time.Hour)
	if err := errors.Join(os.WriteFile(filepath.Join(old, "ready"), nil, 0o600), os.Chtimes(filepath.Join(old, "ready"), long, long)); err != nil {
		t.Fatal(err)
	}
	// At once, as test processes start: one makes it, the others wait.
	type result struct {
		dir string
		err error
	}
	results := make(chan result)
	for range 3 {
		go func() {
			dir, err := seedIn(t.Context(), cache)
			results <- result{dir, err}
		}()
	}
	for range 3 {
		if r := <-results; r.err != nil || r.dir != filepath.Join(cache, "seed-"+key) {
			t.Errorf("seed = %s, %v", r.dir, r.err)
		}
	}
	if _, err := os.Stat(old); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a seed that nobody uses is there: %v", err)
	}
	pg, err := start(t.Context(), filepath.Join(cache, "seed-"+key), false, nil)
	if err != nil {
		t.Fatal(err)
	}
	if db := clone(t, pg, migrated); db.App.Ping(t.Context()) != nil {
		t.Error("no database on a server of this seed")
	}
}
