package projections

import (
	"context"
	"iter"
	"sync"
	"time"
)

// feed reads ahead of a worker: while one window is being written the next one is being
// fetched and decoded. It merges what the source yields in small pieces, so that a worker
// that lags writes large windows.
type feed[T any] struct {
	cancel context.CancelFunc
	done   chan struct{}

	mu    sync.Mutex // guards what follows
	items []T
	err   error         // why the source ended
	more  chan struct{} // closed and replaced when items or err change
	room  chan struct{} // closed and replaced when items are taken
}

// ahead bounds what a feed holds, in items.
const ahead = 8000

func newFeed[T any](ctx context.Context, source func(context.Context) iter.Seq2[[]T, error]) *feed[T] {
	ctx, cancel := context.WithCancel(ctx) //nolint:gosec // close calls it
	f := &feed[T]{cancel: cancel, done: make(chan struct{}), more: make(chan struct{}), room: make(chan struct{})}
	go func() {
		defer close(f.done)
		for batch, err := range source(ctx) {
			if !f.put(ctx, batch, err) {
				return
			}
		}
		f.put(ctx, nil, context.Cause(ctx))
	}()
	return f
}

// put adds a batch, waiting for room, and reports whether to go on.
func (f *feed[T]) put(ctx context.Context, batch []T, err error) bool {
	f.mu.Lock()
	for len(f.items) >= ahead && err == nil {
		room := f.room
		f.mu.Unlock()
		select {
		case <-ctx.Done():
			return false
		case <-room:
		}
		f.mu.Lock()
	}
	defer f.mu.Unlock()
	f.items = append(f.items, batch...)
	if f.err == nil {
		f.err = err
	}
	close(f.more)
	f.more = make(chan struct{})
	return err == nil
}

// next returns up to limit items, waiting for the first one; none after the wait.
func (f *feed[T]) next(ctx context.Context, limit int, wait time.Duration) ([]T, error) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		f.mu.Lock()
		if n := min(limit, len(f.items)); n > 0 {
			window := f.items[:n:n]
			f.items = f.items[n:]
			close(f.room)
			f.room = make(chan struct{})
			f.mu.Unlock()
			return window, nil
		}
		err, more := f.err, f.more
		f.mu.Unlock()
		if err != nil {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-timer.C:
			return nil, nil
		case <-more:
		}
	}
}

// waiting returns a whole window if one is there, and leaves it there.
func (f *feed[T]) waiting(window int) []T {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.items) < window {
		return nil
	}
	return f.items[:window:window]
}

// close ends the reading and waits for it.
func (f *feed[T]) close() {
	f.cancel()
	<-f.done
}
