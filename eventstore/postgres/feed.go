package postgres

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"sync"
	"time"

	"github.com/grupo-gad/gad/eventstore"
)

const (
	// pollEvery bounds how late the feed is when no notification wakes it.
	pollEvery = 250 * time.Millisecond
	// page is how many events are read from the log at a time.
	page = 4096
)

// wake tells the feed that the ring is behind.
func (s *Store) wake() {
	select {
	case s.nudge <- struct{}{}:
	default:
	}
}

// feed keeps the ring level with what other processes append, and makes room in the log
// ahead of need. It listens for announcements and looks for itself every pollEvery.
func (s *Store) feed(ctx context.Context) error {
	s.fed.Store(true)
	defer s.fed.Store(false)
	announced := make(chan eventstore.Position, 1)
	var others sync.WaitGroup
	others.Go(func() { s.listen(ctx, announced) })
	defer others.Wait()

	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if err := s.catchUp(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "event log cannot be followed", slog.Any("error", err))
		}
		for asleep := true; asleep; {
			select {
			case <-ctx.Done():
				return nil
			case p := <-announced:
				asleep = p <= s.ring.head() // our own batches are in the ring already
			case <-s.nudge:
				asleep = false
			case <-tick.C:
				asleep = false
			}
		}
	}
}

// catchUp reads what the ring does not have yet.
func (s *Store) catchUp(ctx context.Context) error {
	last := s.ring.head()
	head, err := s.Head(ctx)
	if err != nil {
		return err
	}
	s.metrics.head.Set(float64(head))
	// Our own batch may have moved the ring since it was read: only a log behind a ring that
	// was read before it has moved back.
	if head < last {
		s.log.ErrorContext(ctx, "the log moved back", slog.Int64("from", int64(last)), slog.Int64("to", int64(head)))
		s.ring.rewind(head)
		return nil
	}
	if err := s.ahead(ctx, head); err != nil {
		return err
	}
	for last := s.ring.head(); last < head; last = s.ring.head() {
		if head-last > ringEvents { // followers that far behind read the log themselves
			s.ring.skip(head - ringEvents)
			continue
		}
		events, err := s.fetch(ctx, s.pool, last, page)
		if err != nil {
			return err
		}
		if len(events) == 0 {
			return nil
		}
		s.ring.push(last, events)
	}
	return nil
}

// Follow implements eventstore.Follower. A database that is away makes it wait and nothing
// else; it yields an error, its last word, when the log has a gap or moved back, which no
// reader may overlook. It yields nothing when ctx ends.
func (s *Store) Follow(ctx context.Context, after eventstore.Position) iter.Seq2[[]eventstore.Recorded, error] {
	return func(yield func([]eventstore.Recorded, error) bool) {
		rewinds := s.ring.after(after).rewinds
		for ctx.Err() == nil {
			w := s.ring.after(after)
			if w.rewinds != rewinds {
				yield(nil, fmt.Errorf("follow the log after %d: %w", after, errRewound))
				return
			}
			var events []eventstore.Recorded
			switch {
			case w.batch != nil:
				events = w.batch.since(after, s.codec.Decode)
			case after < w.last || !s.fed.Load():
				var err error
				events, err = s.ReadLog(ctx, after, page)
				if isGap(err) {
					yield(nil, err)
					return
				}
				if err != nil || len(events) == 0 {
					wait(ctx, nil, pollEvery) // nobody feeds the ring, or the database is away
					continue
				}
			default:
				wait(ctx, w.moved, 4*pollEvery) // Run may end meanwhile
				continue
			}
			if !yield(events, nil) {
				return
			}
			after = events[len(events)-1].Position
		}
	}
}

// wait returns when c is closed, ctx ends or d has passed.
func wait(ctx context.Context, c <-chan struct{}, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-c:
	case <-ctx.Done():
	case <-t.C:
	}
}
