package telemetry

import (
	"context"
	"iter"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/eventstore"
)

const (
	pollEvery  = 250 * time.Millisecond // a notification is only a hint
	relisten   = time.Second
	feedChunk  = 256 // batches
	readerSize = 256
)

// FollowBatches yields batches after the given one, in order, waiting for new
// ones until ctx ends. After an error it ends.
func (s *Store) FollowBatches(ctx context.Context, after eventstore.Batch) iter.Seq2[eventstore.TelemetryBatch, error] {
	return func(yield func(eventstore.TelemetryBatch, error) bool) {
		last, resets := s.ring.end()
		if after > last {
			// Another process may be ahead of our ring; the ledger knows.
			if err := s.notBeyond(ctx, after); err != nil {
				yield(eventstore.TelemetryBatch{}, err)
				return
			}
		}
		for ctx.Err() == nil {
			news := s.newsChan() // before looking: what comes later closes it
			batches, held := s.ring.after(after)
			if _, now := s.ring.end(); now != resets {
				yield(eventstore.TelemetryBatch{}, ErrMovedBack)
				return
			}
			if !held {
				var err error
				if batches, err = s.ReadBatches(ctx, after, readerSize); err != nil {
					if ctx.Err() == nil {
						yield(eventstore.TelemetryBatch{}, err)
					}
					return
				}
			}
			for _, b := range batches {
				if ctx.Err() != nil || !yield(b, nil) {
					return
				}
				after = b.Batch
			}
			if len(batches) > 0 {
				continue
			}
			select {
			case <-ctx.Done():
			case <-news:
			}
		}
	}
}

func (s *Store) notBeyond(ctx context.Context, after eventstore.Batch) error {
	head, err := s.HeadBatch(ctx)
	if err == nil && after > head {
		err = ErrMovedBack
	}
	return err
}

// feed keeps the ring level with the ledger.
func (s *Store) feed(ctx context.Context) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-s.wake:
		}
		// An error means that the database is away; the next tick looks again.
		_ = s.catchUp(ctx)
	}
}

func (s *Store) catchUp(ctx context.Context) error {
	before, _ := s.ring.end()
	head, err := s.HeadBatch(ctx)
	if err != nil {
		return err
	}
	if head < before { // before was committed before we asked
		s.ring.reset(head)
		s.broadcast()
		return nil
	}
	for {
		last, _ := s.ring.end()
		if last >= head {
			return nil
		}
		batches, err := s.ReadBatches(ctx, last, feedChunk)
		if err != nil {
			return err
		}
		for _, b := range batches {
			s.ring.add(b) // refused when the writer of this process was faster
		}
		s.broadcast()
	}
}

// listen turns notifications into wakes, on a connection of its own.
func (s *Store) listen(ctx context.Context) {
	for ctx.Err() == nil {
		_ = s.hear(ctx) // the poll goes on meanwhile
		select {
		case <-ctx.Done():
		case <-time.After(relisten):
		}
	}
}

func (s *Store) hear(ctx context.Context) error {
	cfg := s.pool.Config().ConnConfig.Copy()
	if before := s.pool.Config().BeforeConnect; before != nil {
		if err := before(ctx, cfg); err != nil {
			return err
		}
	}
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, `listen gad_telemetria`); err != nil {
		return err
	}
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		last, _ := s.ring.end()
		if batch, err := strconv.ParseInt(n.Payload, 10, 64); err != nil || eventstore.Batch(batch) > last {
			s.nudge()
		}
	}
}

// nudge asks the feeder to look.
func (s *Store) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *Store) newsChan() <-chan struct{} {
	s.newsMu.Lock()
	defer s.newsMu.Unlock()
	return s.news
}

func (s *Store) broadcast() {
	s.newsMu.Lock()
	defer s.newsMu.Unlock()
	close(s.news)
	s.news = make(chan struct{})
}
