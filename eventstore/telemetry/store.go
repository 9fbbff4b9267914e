package telemetry

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/eventstore"
)

// Options of a Store; the zero value is right.
type Options struct {
	// Pace is the shortest time between two commits of this process. 0 means
	// 20 ms, negative none. A commit after a pause is never delayed.
	Pace time.Duration
	// Writer names this process in the ledger.
	Writer string
	// OnBatch is told of every batch this process committed, in order, from the
	// writer's goroutine: it must not block.
	OnBatch func(eventstore.Batch)
	// Ring is how many fixes are kept in memory for followers. 0 means 100,000.
	Ring int
}

// maxBatch bounds the fixes of one commit.
const maxBatch = 8192

// ErrMovedBack ends a follower that is ahead of the log: the database was
// restored from an older copy, and what it saw since is not there.
var ErrMovedBack = errors.New("the telemetry log ends before this reader's batch: it was restored from an older copy")

// Store is the telemetry log in one database. It is safe for concurrent use.
type Store struct {
	pool *pgxpool.Pool
	opts Options
	ring *ring
	in   chan *request
	done chan struct{} // closed when the writer has ended
	runs atomic.Bool

	// pending is the attempt whose commit was not answered, if any.
	pendingMu sync.Mutex
	pending   *attempt

	newsMu sync.Mutex
	news   chan struct{} // closed and replaced when the ring may have grown

	wake chan struct{} // for the feeder: the ledger has grown
}

var _ eventstore.Telemetry = (*Store)(nil)

// Open makes ready to use the telemetry log of a database and makes the
// partitions of the coming days.
func Open(ctx context.Context, pool *pgxpool.Pool, o Options) (*Store, error) {
	if o.Pace == 0 {
		o.Pace = 20 * time.Millisecond
	}
	if o.Ring == 0 {
		o.Ring = 100_000
	}
	s := &Store{
		pool: pool, opts: o,
		in: make(chan *request), done: make(chan struct{}),
		news: make(chan struct{}), wake: make(chan struct{}, 1),
	}
	if err := s.prepare(ctx); err != nil {
		return nil, err
	}
	head, err := s.HeadBatch(ctx)
	if err != nil {
		return nil, err
	}
	s.ring = newRing(head, o.Ring)
	return s, nil
}

// Run writes and wakes followers until ctx ends. It may be called once.
func (s *Store) Run(ctx context.Context) error {
	if !s.runs.CompareAndSwap(false, true) {
		return errors.New("a telemetry store runs once")
	}
	var wg sync.WaitGroup
	wg.Go(func() { s.listen(ctx) })
	wg.Go(func() { s.feed(ctx) })
	wg.Go(func() { s.keepPrepared(ctx) })
	s.write(ctx)
	close(s.done)
	wg.Wait()
	return ctx.Err()
}

// prepare makes the partitions of the next three days.
func (s *Store) prepare(ctx context.Context) error {
	if _, err := s.pool.Exec(ctx, `select telemetria.preparar($1)`, day(time.Now()).AddDate(0, 0, 3)); err != nil {
		return fmt.Errorf("prepare the days of the telemetry log: %w", err)
	}
	return nil
}

// keepPrepared stays two days ahead of midnight. A failure is tried again within
// the hour, and a writer that finds no partition asks for it itself.
func (s *Store) keepPrepared(ctx context.Context) {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = s.prepare(ctx)
		}
	}
}
