// Package pgtest gives each test a PostgreSQL database of its own, with PostGIS and the
// schema in it.
//
// The first test of a process that asks starts a private server (see ops/local), on the copy
// of a cluster in which the migrations have already run; that seed is made once per version
// of the migrations and kept between runs. Each test then gets a clone of the migrated
// database. When the process ends, kill -9 included, the server ends with it and its files
// are removed.
//
// The server shared by a process runs without fsync: it outlives nothing. A test that kills
// its server, or measures it, starts its own with Server.
package pgtest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/ops/boot"
	"github.com/grupo-gad/gad/ops/local"
)

// DB is one test's database.
type DB struct {
	Name string

	Owner *pgxpool.Pool // may do everything in the database
	App   *pgxpool.Pool // may do what migrations grant to gad_aplicacion

	OwnerURL, AppURL, NotaryURL string
	SuperURL                    string // the server's superuser, in this database
}

// New returns a fresh database with every migration applied. It is closed and dropped when
// the test ends.
func New(t testing.TB) *DB {
	t.Helper()
	return clone(t, shared(t), migrated)
}

// NewEmpty returns a fresh database with PostGIS and the roles, and nothing else.
func NewEmpty(t testing.TB) *DB {
	t.Helper()
	return clone(t, shared(t), empty)
}

// NewOn is New on a server of the test's own.
func NewOn(t testing.TB, server *local.Postgres) *DB {
	t.Helper()
	return clone(t, server, migrated)
}

// Server starts a durable server for this test alone, which it may kill and restart; it ends
// with the test.
func Server(t testing.TB) *local.Postgres {
	t.Helper()
	return ServerWith(t, nil)
}

// ServerWith is Server with settings that go to the server as they are.
func ServerWith(t testing.TB, settings map[string]string) *local.Postgres {
	t.Helper()
	seed, err := seedDir(t.Context())
	if err != nil {
		t.Fatalf("prepare a database cluster: %v", err)
	}
	pg, err := start(t.Context(), seed, true, settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// At once: the files go with the process.
		if err := pg.Kill(); err != nil {
			t.Errorf("end the test's server: %v", err)
		}
	})
	return pg
}

var theServer struct {
	once sync.Once
	pg   *local.Postgres
	err  error
}

// shared returns the server of this process.
func shared(t testing.TB) *local.Postgres {
	t.Helper()
	theServer.once.Do(func() {
		// Not the test's context: the server is for those after it too.
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
		defer cancel()
		var seed string
		if seed, theServer.err = seedDir(ctx); theServer.err == nil {
			theServer.pg, theServer.err = start(ctx, seed, false, nil)
		}
	})
	if theServer.err != nil {
		t.Fatalf("start the tests' PostgreSQL: %v", theServer.err)
	}
	return theServer.pg
}

var databases atomic.Int64

func clone(t testing.TB, server *local.Postgres, template string) *DB {
	t.Helper()
	db := &DB{Name: fmt.Sprintf("t%d_%s", databases.Add(1), slug(t.Name()))}
	super := server.URL("postgres", local.Superuser)
	name := pgx.Identifier{db.Name}.Sanitize()
	if err := execute(t.Context(), super, "CREATE DATABASE "+name+" TEMPLATE "+template+" OWNER gad_owner STRATEGY file_copy"); err != nil {
		t.Fatalf("clone a database: %v", err)
	}
	db.OwnerURL = server.URL(db.Name, "gad_owner")
	db.AppURL = server.URL(db.Name, "gad_app")
	db.NotaryURL = server.URL(db.Name, "gad_notary")
	db.SuperURL = server.URL(db.Name, local.Superuser)
	db.Owner, db.App = open(t, db.OwnerURL), open(t, db.AppURL)
	t.Cleanup(func() {
		db.Owner.Close()
		db.App.Close()
		// FORCE: what the test has left connected must not keep the database.
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if server.Pid() == 0 {
			return // the test has killed its server; the files go with the process
		}
		if err := execute(ctx, super, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			t.Logf("drop the test's database: %v", err)
		}
	})
	return db
}

func open(t testing.TB, address string) *pgxpool.Pool {
	t.Helper()
	cfg, err := boot.PoolConfig(address)
	if err != nil {
		t.Fatal(err)
	}
	cfg.MaxConns = 16 // a store under test wants more than one connection per core
	pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
	if err != nil {
		t.Fatalf("open pool: %v", err)
	}
	return pool
}

func execute(ctx context.Context, address string, statements ...string) error {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	for _, s := range statements {
		if _, err := conn.Exec(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// slug makes part of a database name, of at most 63 bytes, out of a test's name.
func slug(name string) string {
	s := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		default:
			return '_'
		}
	}, name)
	return s[:min(len(s), 48)]
}
