package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/grupo-gad/gad/migrations"
	"github.com/grupo-gad/gad/ops/boot"
	"github.com/grupo-gad/gad/ops/local"
)

// Templates in every seed.
const (
	migrated = "gad_migrated"
	empty    = "gad_empty"
)

// layout is raised when what this package puts into a seed changes.
const layout = "1"

// unused is how long a seed that nobody starts from is kept: other checkouts share the cache.
const unused = 12 * time.Hour

var servers atomic.Int64

// start copies the seed into the scratch directory of this process and starts a server on it.
func start(ctx context.Context, seed string, durable bool, settings map[string]string) (*local.Postgres, error) {
	scratch, err := local.ScratchDir()
	if err != nil {
		return nil, err
	}
	all := map[string]string{"max_connections": "300"}
	maps.Copy(all, settings)
	return local.StartPostgres(ctx, local.PostgresOptions{
		Dir:      filepath.Join(scratch, "pg"+strconv.FormatInt(servers.Add(1), 10)),
		Seed:     seed,
		Durable:  durable,
		Settings: all,
	})
}

// seedDir returns the directory of a stopped cluster that holds both templates.
func seedDir(ctx context.Context) (string, error) {
	cache, err := local.CacheDir()
	if err != nil {
		return "", err
	}
	return seedIn(ctx, cache)
}

func seedIn(ctx context.Context, cache string) (string, error) {
	key, err := seedKey()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "seed-"+key)
	// Test processes start together; one makes the seed and the others wait for it.
	unlock, err := local.Exclusive(dir + ".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	ready := filepath.Join(dir, "ready")
	if _, err := os.Stat(ready); err == nil {
		now := time.Now()
		return dir, os.Chtimes(ready, now, now)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("look at the seed: %w", err)
	}
	prune(cache)
	// No mark: its maker was killed at it.
	if err := os.RemoveAll(dir); err != nil {
		return "", fmt.Errorf("remove a half-made seed: %w", err)
	}
	if err := makeSeed(ctx, dir); err != nil {
		return "", err
	}
	if err := os.WriteFile(ready, nil, 0o600); err != nil {
		return "", fmt.Errorf("mark the seed as ready: %w", err)
	}
	return dir, nil
}

func makeSeed(ctx context.Context, dir string) error {
	pg, err := local.StartPostgres(ctx, local.PostgresOptions{Dir: dir})
	if err != nil {
		return err
	}
	if err := fill(ctx, pg); err != nil {
		return errors.Join(err, pg.Stop(ctx))
	}
	return pg.Stop(ctx)
}

func fill(ctx context.Context, pg *local.Postgres) error {
	super := pg.URL("postgres", local.Superuser)
	roles, err := local.Provision(ctx, super, migrated)
	if err != nil {
		return err
	}
	if _, err := local.Provision(ctx, super, empty); err != nil {
		return err
	}
	if err := boot.Migrate(ctx, roles.OwnerURL, boot.MigrateOptions{FS: migrations.FS}); err != nil {
		return err
	}
	// A template to which somebody is connected cannot be cloned.
	return execute(ctx, super,
		"ALTER DATABASE "+migrated+" IS_TEMPLATE true ALLOW_CONNECTIONS false",
		"ALTER DATABASE "+empty+" IS_TEMPLATE true ALLOW_CONNECTIONS false")
}

// seedKey names what a seed is made from.
func seedKey() (string, error) {
	bin, err := local.FindPostgres(0)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	_, _ = fmt.Fprintln(h, layout, bin.Dir, bin.Major, local.RolesSQL())
	err = fs.WalkDir(migrations.FS, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(migrations.FS, path)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintln(h, path, len(b))
		_, _ = h.Write(b)
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("read migrations: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}

// prune removes seeds of migrations that nobody tests any more.
func prune(cache string) {
	seeds, _ := filepath.Glob(filepath.Join(cache, "seed-*", "ready")) // the pattern is well formed
	for _, ready := range seeds {
		info, err := os.Stat(ready)
		if err == nil && time.Since(info.ModTime()) > unused {
			dir := filepath.Dir(ready)
			// The mark first: a seed without it is never used.
			_ = os.Remove(ready)
			_ = os.RemoveAll(dir)
			_ = os.Remove(dir + ".lock")
		}
	}
}
