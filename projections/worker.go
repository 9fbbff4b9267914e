package projections

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"time"

	"github.com/grupo-gad/gad/eventstore"
)

// maxWindow is the most positions one transaction covers. After a failure the next window is
// half as long, down to minWindow, and after a success twice: a database that is too slow for a
// long one before its statement timeout is given what it can do.
const (
	maxWindow = 2000
	minWindow = 50
)

// pace is the least time from one small window to the next. A busy log then costs forty
// transactions a second and projection, not one for every event; after a pause the first
// event is written at once, and a projection that lags does not wait at all.
const pace = 25 * time.Millisecond

// worker runs one projection while it holds its lease.
type worker struct {
	r *Runner
	applier
	state *state
	size  int // the next window's most positions
}

// run takes the lease, works until it loses it, and starts again, until ctx ends.
func (w *worker) run(ctx context.Context) error {
	pause := growing{}
	for ctx.Err() == nil {
		l, held, err := acquire(ctx, w.pool, w.p.Name(), Live, w.p.Version(), w.r.opts.Holder, w.r.opts.Lease)
		switch {
		case err != nil:
			w.state.fail(ctx, w.r.log, err)
			pause.wait(ctx, w.r.opts.Lease)
			continue
		case !held:
			// Somebody else works. It may end at any time, so look again soon.
			w.state.standby()
			sleep(ctx, w.r.opts.Lease/4)
			continue
		}
		if l.version != w.p.Version() {
			w.state.outdated(ctx, w.r.log, l.version, w.p.Version())
		}
		pause.reset()
		err = w.follow(ctx, l)
		// Also when ctx ended: the next worker need not wait for the lease to run out.
		if free := l.release(context.WithoutCancel(ctx), w.pool); free != nil && ctx.Err() == nil {
			w.state.fail(ctx, w.r.log, free)
		}
		switch {
		case ctx.Err() != nil:
		case errors.Is(err, errLost):
			w.r.log.InfoContext(ctx, "projection lease lost", slog.String("projection", w.p.Name()))
		default:
			w.state.fail(ctx, w.r.log, err)
			w.stand(ctx, err, &pause)
		}
	}
	return ctx.Err()
}

// stand waits after a failure. A projection that met an event newer than this build leaves
// the lease to others: a newer build may be running beside it. It comes back when somebody
// moved past the place, or to look again after a while.
func (w *worker) stand(ctx context.Context, err error, pause *growing) {
	unknown, ok := errors.AsType[*UnknownError](err)
	if !ok {
		pause.wait(ctx, w.r.opts.Lease)
		return
	}
	until := time.Now().Add(6 * w.r.opts.Lease)
	for ctx.Err() == nil && time.Now().Before(until) {
		if p, err := Position(ctx, w.pool, w.p.Name()); err == nil && p >= unknown.Position {
			return
		}
		sleep(ctx, w.r.opts.Lease/4)
	}
}

func (w *worker) follow(ctx context.Context, l *lease) error {
	f := newFeed(ctx, func(ctx context.Context) iter.Seq2[[]eventstore.Recorded, error] {
		return w.store.Follow(ctx, eventstore.Position(l.position))
	})
	defer f.close()
	texts := openings{applier: w.applier}
	defer texts.close()
	w.moved(ctx, l, nil)
	for {
		window, err := f.next(ctx, w.size, w.r.opts.Lease/3)
		switch {
		case err != nil:
			return err
		case len(window) == 0:
			if err := l.renew(ctx, w.pool); err != nil {
				return err
			}
			continue
		}
		start := time.Now()
		parked, err := texts.of(ctx, window, f.waiting(w.size)).window(ctx, l, window)
		w.sized(err)
		if err == nil {
			w.r.metrics.window.WithLabelValues(w.p.Name()).Observe(time.Since(start).Seconds())
			w.r.metrics.events.WithLabelValues(w.p.Name()).Add(float64(len(window)))
		}
		for _, p := range parked {
			w.alarm(ctx, p)
		}
		if err != nil {
			w.moved(ctx, l, nil)
			return err
		}
		w.moved(ctx, l, &window[len(window)-1])
		if len(window) < maxWindow/10 {
			sleep(ctx, pace-time.Since(start))
		}
	}
}

// sized chooses the length of the next window by how the last one ended.
func (w *worker) sized(err error) {
	if err != nil {
		w.size = max(w.size/2, minWindow)
		return
	}
	w.size = min(2*w.size, maxWindow)
}

// alarm says that a key stands still.
func (w *worker) alarm(ctx context.Context, p Parked) {
	w.r.metrics.poison.WithLabelValues(p.Projection).Inc()
	w.r.log.ErrorContext(ctx, "projection key parked", slog.String("projection", p.Projection),
		slog.String("key", p.Key), slog.Int64("position", int64(p.Position)), slog.String("reason", p.Reason), slog.String("traceparent", p.trace))
}

func (w *worker) moved(_ context.Context, l *lease, last *eventstore.Recorded) {
	w.state.moved(l.position, last)
	w.r.metrics.position.WithLabelValues(w.p.Name()).Set(float64(l.position))
	if w.r.opts.Waiter != nil {
		w.r.opts.Waiter.Wake(w.p.Name())
	}
}

// growing waits longer each time, from 50 ms; the limit is the lease, so that a cured database is found soon.
type growing struct{ d time.Duration }

func (b *growing) reset() { b.d = 0 }

func (b *growing) wait(ctx context.Context, limit time.Duration) {
	b.d = min(max(2*b.d, 50*time.Millisecond), limit)
	sleep(ctx, b.d)
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
