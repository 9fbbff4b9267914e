package projections

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"strings"
	"time"

	"github.com/grupo-gad/gad/eventstore"
)

// maxBatches is the most telemetry batches one transaction covers.
const maxBatches = 500

// positionsPace is the least time from one small window of positions to the next: fifty
// batches a second come in, and nobody looks at a marker ten times a second.
const positionsPace = 100 * time.Millisecond

// positions runs the projection of the telemetry log. It is the same contract as a worker's
// with batches for positions; fixes of one Efectivo need no order, so nothing queues.
type positions struct {
	r      *Runner
	p      TelemetryProjection
	reader eventstore.TelemetryReader
	state  *state
}

func (w *positions) run(ctx context.Context) error {
	pause := growing{}
	for ctx.Err() == nil {
		l, held, err := acquire(ctx, w.r.pool, w.p.Name(), Live, w.p.Version(), w.r.opts.Holder, w.r.opts.Lease)
		switch {
		case err != nil:
			w.state.fail(ctx, w.r.log, err)
			pause.wait(ctx, w.r.opts.Lease)
			continue
		case !held:
			w.state.standby()
			sleep(ctx, w.r.opts.Lease/4)
			continue
		}
		pause.reset()
		err = w.follow(ctx, l)
		if free := l.release(context.WithoutCancel(ctx), w.r.pool); free != nil && ctx.Err() == nil {
			w.state.fail(ctx, w.r.log, free)
		}
		if ctx.Err() == nil && !errors.Is(err, errLost) {
			w.state.fail(ctx, w.r.log, err)
			pause.wait(ctx, w.r.opts.Lease)
		}
	}
	return ctx.Err()
}

func (w *positions) follow(ctx context.Context, l *lease) error {
	f := newFeed(ctx, func(ctx context.Context) iter.Seq2[[]eventstore.TelemetryBatch, error] {
		return func(yield func([]eventstore.TelemetryBatch, error) bool) {
			for b, err := range w.reader.FollowBatches(ctx, eventstore.Batch(l.position)) {
				if !yield([]eventstore.TelemetryBatch{b}, err) {
					return
				}
			}
		}
	})
	defer f.close()
	w.state.moved(l.position, nil)
	for {
		window, err := f.next(ctx, maxBatches, w.r.opts.Lease/3)
		switch {
		case err != nil:
			return err
		case len(window) == 0:
			if err := l.renew(ctx, w.r.pool); err != nil {
				return err
			}
			continue
		}
		start := time.Now()
		if err := w.write(ctx, l, window); err != nil {
			return err
		}
		w.state.moved(l.position, nil)
		w.r.metrics.position.WithLabelValues(w.p.Name()).Set(float64(l.position))
		if w.r.opts.Waiter != nil {
			w.r.opts.Waiter.Wake(w.p.Name())
		}
		if len(window) < maxBatches/10 {
			sleep(ctx, positionsPace-time.Since(start))
		}
	}
}

// catchUp applies the batches up to one and returns. Those that retention has dropped are
// not there to be applied: a rebuild forgets whoever reported nothing since.
func (w *positions) catchUp(ctx context.Context, l *lease, to int64, progress func(done, total int64)) error {
	for l.position < to {
		window, err := w.reader.ReadBatches(ctx, eventstore.Batch(l.position), int(min(maxBatches, to-l.position)))
		if err != nil {
			return fmt.Errorf("read telemetry after batch %d: %w", l.position, err)
		}
		if len(window) == 0 {
			return fmt.Errorf("the telemetry log ends at batch %d, before %d", l.position, to)
		}
		if err := w.write(ctx, l, window); err != nil {
			return err
		}
		if progress != nil {
			progress(l.position, to)
		}
	}
	return nil
}

func (w *positions) write(ctx context.Context, l *lease, window []eventstore.TelemetryBatch) error {
	if int64(window[0].Batch) <= l.position {
		return fmt.Errorf("telemetry batch %d follows checkpoint %d", window[0].Batch, l.position)
	}
	tx, _, err := begin(ctx, w.r.pool, l)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	var fixes []eventstore.Fix
	for _, b := range window {
		for i, fix := range b.Fixes {
			err := w.p.Check(fix)
			if err == nil {
				fixes = append(fixes, fix)
				continue
			}
			p := Parked{
				Projection: l.projection, Key: fmt.Sprintf("fix-%d-%d", b.Batch, i), Position: eventstore.Position(b.Batch),
				Reason: strings.ToValidUTF8(err.Error(), ""), Attempts: 1,
			}
			if err := p.save(ctx, tx, l.target); err != nil {
				return err
			}
			w.r.metrics.poison.WithLabelValues(l.projection).Inc()
			w.r.log.ErrorContext(ctx, "projection key parked", slog.String("projection", l.projection),
				slog.String("key", p.Key), slog.String("reason", p.Reason))
		}
	}
	if err := w.p.ApplyFixes(ctx, tx, fixes); err != nil {
		return err
	}
	last := int64(window[len(window)-1].Batch)
	if err := l.advance(ctx, tx, last); err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit a window of %s: %w", l.projection, err)
	}
	l.position = last
	w.r.metrics.events.WithLabelValues(l.projection).Add(float64(len(fixes)))
	return nil
}
