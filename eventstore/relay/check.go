package relay

import (
	"context"
	"fmt"
	"time"

	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/codec"
	"github.com/grupo-gad/gad/eventstore/jetstream"
)

// compare holds the ends of the stream against the log. An event's leaf covers
// its position, time and command, so a log that was restored and went another
// way differs at every later position.
func (r *Relay) compare(ctx context.Context, state jetstream.State) error {
	for _, at := range []eventstore.Position{state.Last, state.First} {
		if at < 1 || at < state.First || at > state.Last {
			continue // an empty stream has no ends
		}
		published, ok, err := r.publisher.Leaf(ctx, at)
		if err != nil {
			return err
		}
		if !ok {
			continue // expired or purged meanwhile
		}
		events, err := r.log.ReadLog(ctx, at-1, 1)
		if err != nil {
			return fmt.Errorf("read event %d: %w", at, err)
		}
		if len(events) == 0 {
			return fmt.Errorf("%w: the log has no event %d", ErrDiverged, at)
		}
		if leaf, _ := codec.Leaf(nil, &events[0]); leaf != published {
			return fmt.Errorf("%w: event %d differs", ErrDiverged, at)
		}
	}
	return nil
}

// oldest returns the first position that a new stream should hold: the first
// one that is younger than the stream's age limit. recorded_at never decreases
// along the log, so it is found by halving.
func (r *Relay) oldest(ctx context.Context) (eventstore.Position, error) {
	head, err := r.log.Head(ctx)
	if err != nil {
		return 0, fmt.Errorf("find the head of the log: %w", err)
	}
	limit := r.now().Add(-r.publisher.Config().MaxAge)
	low, high := eventstore.Position(1), head+1
	for low < high {
		middle := low + (high-low)/2
		at, err := r.recordedAt(ctx, middle)
		if err != nil {
			return 0, err
		}
		if at.Before(limit) {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low, nil
}

func (r *Relay) recordedAt(ctx context.Context, at eventstore.Position) (time.Time, error) {
	events, err := r.log.ReadLog(ctx, at-1, 1)
	if err != nil {
		return time.Time{}, fmt.Errorf("read event %d: %w", at, err)
	}
	if len(events) == 0 {
		return time.Time{}, fmt.Errorf("the log has no event %d", at)
	}
	return events[0].RecordedAt, nil
}
