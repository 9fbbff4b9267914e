package boot

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// oldestPostgres as server_version_num.
const oldestPostgres = 15_00_00

// CheckServer refuses a server on which an acknowledged commit may be lost, and one that is
// too old. With test set the durability settings are not looked at: tests may run without
// fsync, nobody else may.
func CheckServer(ctx context.Context, conn *pgx.Conn, test bool) error {
	var s struct {
		version                   int
		fsync, fullPages, commits string
		recovery                  bool
	}
	err := conn.QueryRow(ctx, `
		SELECT current_setting('server_version_num')::int, current_setting('fsync'),
		       current_setting('full_page_writes'), current_setting('synchronous_commit'),
		       pg_is_in_recovery()`).
		Scan(&s.version, &s.fsync, &s.fullPages, &s.commits, &s.recovery)
	if err != nil {
		return fmt.Errorf("read the server's settings: %w", err)
	}
	var errs []error
	if s.version < oldestPostgres {
		errs = append(errs, fmt.Errorf("PostgreSQL %d is too old: 15 or newer is needed", s.version/10000))
	}
	if s.recovery {
		errs = append(errs, errors.New("the server is a standby that only reads: GAD_DATABASE_URL must name the primary"))
	}
	if !test {
		errs = append(errs, durability(s.fsync, s.fullPages, s.commits)...)
	}
	return errors.Join(errs...)
}

// durability: local, remote_write, on and remote_apply all differ only in what they wait for
// at a standby; off and local acknowledge what a failover or a crash forgets.
func durability(fsync, fullPages, commits string) []error {
	var errs []error
	const cure = ": an acknowledged order could be lost; ALTER SYSTEM SET %s = on, then SELECT pg_reload_conf()"
	if fsync != "on" {
		errs = append(errs, fmt.Errorf("the server runs with fsync=%s"+cure, fsync, "fsync"))
	}
	if fullPages != "on" {
		errs = append(errs, fmt.Errorf("the server runs with full_page_writes=%s"+cure, fullPages, "full_page_writes"))
	}
	if commits != "on" && commits != "remote_apply" {
		errs = append(errs, fmt.Errorf("the session has synchronous_commit=%s"+cure, commits, "synchronous_commit"))
	}
	return errs
}

// CheckRoles refuses a database whose application role cannot become those in which questions
// are asked, or cannot write the read models behind their row-level security.
func CheckRoles(ctx context.Context, conn *pgx.Conn) error {
	var (
		user   string
		ready  bool
		cannot = errors.New("a superuser must run ops/local/roles.sql (it may be run again at any time)")
	)
	err := conn.QueryRow(ctx, `
		SELECT current_user, coalesce((SELECT bool_or(rolbypassrls OR rolsuper) FROM pg_roles WHERE rolname = current_user)
			AND (SELECT count(*) = 3 FROM pg_roles WHERE rolname IN ('gad_lectura_todo', 'gad_lectura_jurisdiccion', 'gad_lectura_propia')
				AND pg_has_role(current_user, oid, 'MEMBER')), false)`).Scan(&user, &ready)
	switch {
	case err != nil:
		return fmt.Errorf("read the roles: %w", err)
	case !ready:
		return fmt.Errorf("the role %s lacks BYPASSRLS or the roles gad_lectura_todo, gad_lectura_jurisdiccion and gad_lectura_propia: %w", user, cannot)
	}
	return nil
}

const (
	insufficientPrivilege = "42501"
	undefinedFile         = "58P01" // the extension's files are not installed
	featureNotSupported   = "0A000" // the same, since PostgreSQL 16
)

// ensurePostGIS creates the extension where the role may. Where it may not, or where the
// files are missing, the error is the instruction.
func ensurePostGIS(ctx context.Context, conn *pgx.Conn) error {
	var (
		there, available bool
		major            int
		database         string
	)
	err := conn.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'postgis'),
		       EXISTS (SELECT FROM pg_available_extensions WHERE name = 'postgis'),
		       current_setting('server_version_num')::int / 10000, current_database()`).
		Scan(&there, &available, &major, &database)
	if err != nil {
		return fmt.Errorf("look for PostGIS: %w", err)
	}
	if there {
		return nil
	}
	if !available {
		return missingPostGIS(major, database)
	}
	_, err = conn.Exec(ctx, "CREATE EXTENSION IF NOT EXISTS postgis")
	var pg *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &pg) && pg.Code == insufficientPrivilege:
		return fmt.Errorf("database %s has no PostGIS and this role may not create it; a superuser must run: "+
			"psql -d %s -c 'CREATE EXTENSION postgis': %w", database, database, err)
	case errors.As(err, &pg) && (pg.Code == undefinedFile || pg.Code == featureNotSupported):
		return missingPostGIS(major, database)
	default:
		return fmt.Errorf("create extension postgis: %w", err)
	}
}

func missingPostGIS(major int, database string) error {
	return fmt.Errorf("PostGIS is not installed on the database server: apt-get install postgresql-%d-postgis-3 there, "+
		"then as a superuser: psql -d %s -c 'CREATE EXTENSION postgis'", major, database)
}
