package projections

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/grupo-gad/gad/eventstore"
)

// stops reports whether err waits for an operator or a newer build.
func stops(err error) bool {
	if _, ok := errors.AsType[*UnknownError](err); ok {
		return true
	}
	_, ok := errors.AsType[*SystemicError](err)
	return ok
}

// catchUp applies windows up to a position, reading ahead.
func (r *Runner) catchUp(ctx context.Context, a applier, l *lease, to eventstore.Position, window int, progress func(done, total int64)) error {
	if window <= 0 || window > maxWindow {
		window = maxWindow
	}
	f := newFeed(ctx, func(ctx context.Context) iter.Seq2[[]eventstore.Recorded, error] {
		return readTo(ctx, r.store, eventstore.Position(l.position), to)
	})
	defer f.close()
	texts := openings{applier: a}
	defer texts.close()
	for l.position < int64(to) {
		events, err := f.next(ctx, window, time.Hour)
		if err != nil {
			return fmt.Errorf("catch up %s at %d: %w", l.projection, l.position, err)
		}
		parked, err := texts.of(ctx, events, f.waiting(window)).window(ctx, l, events)
		for range parked {
			r.metrics.poison.WithLabelValues(l.projection).Inc()
		}
		if err != nil {
			return err
		}
		if progress != nil {
			progress(l.position, int64(to))
		}
	}
	return nil
}

// chunk is how many events one read of the log asks for.
const chunk = 4000

// readTo yields the log from after to a position, in order.
func readTo(ctx context.Context, log eventstore.LogReader, after, to eventstore.Position) iter.Seq2[[]eventstore.Recorded, error] {
	return func(yield func([]eventstore.Recorded, error) bool) {
		for after < to {
			events, err := log.ReadLog(ctx, after, int(min(chunk, to-after)))
			if err == nil && len(events) == 0 {
				err = fmt.Errorf("the log ends at %d, before %d", after, to)
			}
			if !yield(events, err) || err != nil {
				return
			}
			after = events[len(events)-1].Position
		}
	}
}
