package postgres_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/memory"
	"github.com/grupo-gad/gad/eventstore/storetest"
	"github.com/grupo-gad/gad/ops/pgtest"
)

// TestRejectsHeadReadWithTheLock plants the trap that made the careful path two statements: a
// statement that takes the lock and reads the head sees the head as it was when the statement
// began to wait. The suite must notice; the same store in two statements passes.
func TestRejectsHeadReadWithTheLock(t *testing.T) {
	t.Parallel()
	world := func(together bool) func(tb testing.TB) storetest.World {
		return func(tb testing.TB) storetest.World {
			tb.Helper()
			db := pgtest.New(tb)
			run(tb, super(tb, db), "create table public.planted (position bigint not null)", "grant all on public.planted to public")
			s := &planted{pool: db.App, together: together, places: map[eventstore.Position]eventstore.Position{}}
			return storetest.World{Open: func(testing.TB) eventstore.Store { return s }}
		}
	}
	const caughtBy, passes = "a tailer sees 1 to N", "positions and versions are dense"
	for _, c := range []struct {
		property         string
		together, caught bool
	}{{caughtBy, true, true}, {passes, true, false}, {caughtBy, false, false}} {
		failures := storetest.Failures(t, c.property, world(c.together))
		if (len(failures) > 0) != c.caught {
			t.Errorf("%q, lock and head together: %v; failures: %q", c.property, c.together, failures)
		}
	}
}

// planted keeps events in memory, and gives them positions as a store over PostgreSQL would
// that reads its head under an advisory lock.
type planted struct {
	memory.Store
	pool     *pgxpool.Pool
	together bool // lock and head in one statement

	mu     sync.Mutex                                  // guards places
	places map[eventstore.Position]eventstore.Position // by the position in memory
}

func (s *planted) Append(ctx context.Context, a eventstore.Append) (eventstore.Receipt, error) {
	tx, err := s.pool.Begin(ctx)
	if err != nil {
		return eventstore.Receipt{}, fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback(ctx) }() // after a commit there is nothing to roll back
	var head eventstore.Position
	if s.together {
		err = tx.QueryRow(ctx, "select coalesce((select max(position) from public.planted), 0) from (select pg_advisory_xact_lock(77)) as locked").Scan(&head)
	} else if _, err = tx.Exec(ctx, "select pg_advisory_xact_lock(77)"); err == nil {
		err = tx.QueryRow(ctx, "select coalesce(max(position), 0) from public.planted").Scan(&head)
	}
	if err != nil {
		return eventstore.Receipt{}, fmt.Errorf("find the head: %w", err)
	}
	r, err := s.Store.Append(ctx, a)
	if err != nil {
		return r, err
	}
	for p := r.First; p > 0 && p <= r.Last && !r.Repeated; p++ {
		head++
		if _, err := tx.Exec(ctx, "insert into public.planted values ($1)", head); err != nil {
			return r, fmt.Errorf("append: %w", err)
		}
		s.mu.Lock()
		s.places[p] = head
		s.mu.Unlock()
	}
	return s.placed(r), tx.Commit(ctx)
}

func (s *planted) placed(r eventstore.Receipt) eventstore.Receipt {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.First, r.Last, r.Head = s.places[r.First], s.places[r.Last], s.places[r.Head]
	return r
}

func (s *planted) Command(ctx context.Context, id eventstore.CommandID) (eventstore.Receipt, bool, error) {
	r, ok, err := s.Store.Command(ctx, id)
	return s.placed(r), ok, err
}

func (s *planted) Head(ctx context.Context) (head eventstore.Position, err error) {
	err = s.pool.QueryRow(ctx, "select coalesce(max(position), 0) from public.planted").Scan(&head)
	return head, err
}

func (s *planted) ReadLog(ctx context.Context, after eventstore.Position, limit int) ([]eventstore.Recorded, error) {
	head, err := s.Head(ctx) // before: nobody reads what is not committed
	if err != nil {
		return nil, err
	}
	all, err := s.Store.ReadLog(ctx, 0, 1<<30)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var seen []eventstore.Recorded
	for _, r := range all {
		p, ok := s.places[r.Position]
		if r.Position = p; ok && p > after && p <= head && len(seen) < limit {
			seen = append(seen, r)
		}
	}
	return seen, nil
}
