package postgres_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/ops/pgtest"
)

// TestLockAndReadInOneStatement shows the trap that made the careful path two statements: a
// statement that takes the lock and reads the head sees the head as it was when the statement
// began to wait. Planted so, appends give one position twice; in two statements they do not.
func TestLockAndReadInOneStatement(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	conn := super(t, db)
	run(t, conn, "create table public.planted (position bigint not null, how text not null)", "grant all on public.planted to public")

	const both = "select coalesce((select max(position) from public.planted where how = $2), 0) from (select pg_advisory_xact_lock($1)) as locked"
	const lock, read = "select pg_advisory_xact_lock($1)", "select coalesce(max(position), 0) from public.planted where how = $1"
	// Holding the lock until every writer waits for it makes the race certain.
	for how, twice := range map[string]bool{"one statement": true, "two statements": false} {
		gate, err := conn.Begin(t.Context())
		if err == nil {
			_, err = gate.Exec(t.Context(), lock, 77)
		}
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		const writers = 4
		for range writers {
			wg.Go(func() {
				if err := plant(t.Context(), db.App, how, both, lock, read, twice); err != nil {
					t.Error(err)
				}
			})
		}
		for waiting := 0; waiting < writers; {
			row := db.Owner.QueryRow(t.Context(), "select count(*) from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())")
			if err := row.Scan(&waiting); err != nil {
				t.Fatal(err)
			}
		}
		if err := gate.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
		wg.Wait()
		var distinct int
		if err := conn.QueryRow(t.Context(), "select count(distinct position) from public.planted where how = $1", how).Scan(&distinct); err != nil {
			t.Fatal(err)
		}
		if (distinct < writers) != twice {
			t.Errorf("%s: %d writers made %d positions", how, writers, distinct)
		}
	}
}

// plant appends one row, reading the head with the lock or after it.
func plant(ctx context.Context, pool *pgxpool.Pool, how, both, lock, read string, together bool) error {
	tx, err := pool.Begin(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	var head int64
	if together {
		err = tx.QueryRow(ctx, both, 77, how).Scan(&head)
	} else if _, err = tx.Exec(ctx, lock, 77); err == nil {
		err = tx.QueryRow(ctx, read, how).Scan(&head)
	}
	if err != nil {
		return fmt.Errorf("find the head: %w", err)
	}
	if _, err := tx.Exec(ctx, "insert into public.planted values ($1, $2)", head+1, how); err != nil {
		return fmt.Errorf("append: %w", err)
	}
	return tx.Commit(ctx)
}
