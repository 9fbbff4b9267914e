// Package boot checks and prepares a database before the program uses it.
//
// Migrate promises that any number of processes may call it at once, that a migration is
// applied wholly or not at all, and that `down` never destroys a log that holds events.
// CheckServer promises that no acknowledged order can be lost to a server that was told to
// forget. Both say in their errors what the operator has to do.
package boot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/tern/v2/migrate"
)

// versionTable is where tern keeps the number of the last migration applied.
const versionTable = "public.schema_version"

// migrateLock is held round a whole call. Tern has a lock of its own, but waits for it inside
// a statement: a CREATE INDEX CONCURRENTLY waits for that statement's snapshot in turn.
const migrateLock int64 = 0x67616401

// ErrLogNotEmpty refuses to take a migration back once there is something to lose.
var ErrLogNotEmpty = errors.New("the log holds events: a schema in use is only ever changed forwards")

// Targets besides the number of a migration.
const (
	Newest  int32 = 0  // apply every migration there is
	Nothing int32 = -1 // take every migration back
)

// MigrateOptions says how far to go.
type MigrateOptions struct {
	// FS holds the migrations at its root.
	FS fs.FS
	// Target is the number of the last migration to be applied, or Newest or Nothing. One
	// lower than the present takes migrations back.
	Target int32
	// OnStep is told of each migration before it runs; nil is silence.
	OnStep func(number int32, name, direction string)
}

// Migrate brings the database at ownerURL to the target. It waits for another process that
// migrates at the same time.
func Migrate(ctx context.Context, ownerURL string, opts MigrateOptions) error {
	conn, err := pgx.Connect(ctx, ownerURL)
	if err != nil {
		return fmt.Errorf("connect to migrate: %w", err)
	}
	// Closing frees the lock too, whatever happened.
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if err := lock(ctx, conn); err != nil {
		return err
	}
	if err := ensurePostGIS(ctx, conn); err != nil {
		return err
	}
	m, err := load(ctx, conn, opts.FS)
	if err != nil {
		return err
	}
	if opts.OnStep != nil {
		m.OnStart = func(n int32, name, direction, _ string) { opts.OnStep(n, name, direction) }
	}
	target := opts.Target
	switch target {
	case Newest:
		target = int32(len(m.Migrations))
	case Nothing:
		target = 0
	}
	current, err := m.GetCurrentVersion(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if target < current {
		if err := refuseLoss(ctx, conn, current, len(m.Migrations)); err != nil {
			return err
		}
	}
	if err := m.MigrateTo(ctx, target); err != nil {
		return fmt.Errorf("migrate from %d to %d: %w", current, target, err)
	}
	return nil
}

// refuseLoss lets a schema go backwards only when this program knows the way and nothing is
// in the log. Newest of an older program is a way back too, which nobody meant.
func refuseLoss(ctx context.Context, conn *pgx.Conn, current int32, known int) error {
	if int(current) > known {
		return fmt.Errorf("the schema is at version %d and this program knows %d: use the newer program", current, known)
	}
	empty, err := logEmpty(ctx, conn)
	if err != nil {
		return err
	}
	if !empty {
		return ErrLogNotEmpty
	}
	return nil
}

// logEmpty is also true before the log exists.
func logEmpty(ctx context.Context, conn *pgx.Conn) (bool, error) {
	var there bool
	if err := conn.QueryRow(ctx, "SELECT to_regclass('eventos.log') IS NOT NULL").Scan(&there); err != nil {
		return false, fmt.Errorf("look for the log: %w", err)
	}
	if !there {
		return true, nil
	}
	var some bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM eventos.log)").Scan(&some); err != nil {
		return false, fmt.Errorf("look into the log: %w", err)
	}
	return !some, nil
}

// Version is where a schema stands.
type Version struct {
	Current int32 // last migration applied
	Newest  int32 // last one this program knows
}

// Behind reports whether migrations are missing, Ahead whether the program is too old.
func (v Version) Behind() bool { return v.Current < v.Newest }

// Ahead reports whether the schema was made by a newer program.
func (v Version) Ahead() bool { return v.Current > v.Newest }

// Status compares the database with the migrations. It changes nothing and needs no more
// than to read the version table, so that every role may ask.
func Status(ctx context.Context, address string, files fs.FS) (Version, error) {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return Version{}, fmt.Errorf("connect to read schema version: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	names, err := migrate.FindMigrations(files)
	if err != nil {
		return Version{}, fmt.Errorf("list migrations: %w", err)
	}
	v := Version{Newest: int32(len(names))}
	var there bool
	if err := conn.QueryRow(ctx, "SELECT to_regclass($1) IS NOT NULL", versionTable).Scan(&there); err != nil {
		return Version{}, fmt.Errorf("look for the schema version: %w", err)
	}
	if !there {
		return v, nil
	}
	if err := conn.QueryRow(ctx, "SELECT version FROM "+versionTable).Scan(&v.Current); err != nil {
		return Version{}, fmt.Errorf("read schema version: %w", err)
	}
	return v, nil
}

func load(ctx context.Context, conn *pgx.Conn, files fs.FS) (*migrate.Migrator, error) {
	m, err := migrate.NewMigrator(ctx, conn, versionTable)
	if err != nil {
		return nil, fmt.Errorf("prepare version table: %w", err)
	}
	// Every role may read how far the schema is: start-up refuses a wrong one.
	if _, err := conn.Exec(ctx, "GRANT SELECT ON "+versionTable+" TO PUBLIC"); err != nil {
		return nil, fmt.Errorf("publish version table: %w", err)
	}
	if err := m.LoadMigrations(files); err != nil {
		return nil, fmt.Errorf("load migrations: %w", err)
	}
	return m, nil
}

func lock(ctx context.Context, conn *pgx.Conn) error {
	for {
		var mine bool
		if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", migrateLock).Scan(&mine); err != nil {
			return fmt.Errorf("lock to migrate: %w", err)
		}
		if mine {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for another migration to end: %w", ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}
