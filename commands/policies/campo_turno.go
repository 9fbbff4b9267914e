package policies

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// Run follows the telemetry log until ctx ends, while no other process does.
func (c *Campo) Run(ctx context.Context) error {
	defer func() {
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		if err := c.deps.Memoria.Release(bounded); err != nil {
			c.opts.Log.WarnContext(ctx, "the lease on the positions was not given back", slog.Any("error", err))
		}
	}()
	for ctx.Err() == nil {
		if _, err := c.Turn(ctx); err != nil && ctx.Err() == nil {
			c.opts.Log.WarnContext(ctx, "the positions were not followed", slog.Any("error", err))
			wait(ctx, time.Second)
		}
		wait(ctx, c.ritmo.pausa())
	}
	return ctx.Err()
}

// Turn is a Step when this process has the lease, which it says. Whoever just got it, or
// failed, starts from what was saved.
func (c *Campo) Turn(ctx context.Context) (bool, error) {
	held, err := c.deps.Memoria.Hold(ctx)
	c.opts.Observer.Following(held && err == nil)
	if err != nil || !held {
		c.units = nil
		return false, err
	}
	if c.units == nil {
		if err := c.Load(ctx); err != nil {
			return true, err
		}
	}
	ctx, stop := c.holding(ctx)
	defer stop()
	if _, err := c.Step(ctx); err != nil {
		c.units = nil
		return true, errors.Join(err, context.Cause(ctx))
	}
	return true, nil
}

// holding keeps the lease until stop is called, and ends the context when somebody else has it.
// What waits after an outage may take longer than a lease, and two processes that take it from
// each other would read it for ever.
func (c *Campo) holding(ctx context.Context) (_ context.Context, stop func()) {
	ctx, end := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for wait(ctx, c.opts.Hold); ctx.Err() == nil; wait(ctx, c.opts.Hold) {
			held, err := c.deps.Memoria.Hold(ctx)
			if err == nil && !held {
				end(ErrMovido)
			}
		}
	}()
	return ctx, func() { end(nil); <-done }
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
