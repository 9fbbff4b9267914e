package policies

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/eventstore"
)

func (c *Campo) touch(id ident.Efectivo) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dirty[id.Stream()] = struct{}{}
}

// atOnce is how many Efectivos are followed at once: what is said of one waits for the disk, and
// what is said of the others need not wait for that.
const atOnce = 8

// follow reads batches, each Efectivo's fixes in their order.
func (c *Campo) follow(ctx context.Context, batches []eventstore.TelemetryBatch) error {
	type place struct{ batch, row int }
	fixes := map[string][]place{}
	for i, b := range batches {
		for row, f := range b.Fixes {
			fixes[f.Efectivo] = append(fixes[f.Efectivo], place{i, row})
		}
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var (
		all  sync.WaitGroup
		room = make(chan struct{}, atOnce)
	)
	for _, mine := range fixes {
		room <- struct{}{}
		all.Go(func() {
			defer func() { <-room }()
			for _, p := range mine {
				if ctx.Err() != nil {
					return
				}
				if err := c.fix(ctx, batches[p.batch], p.row); err != nil {
					stop(err) // the first one says why
				}
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}

// observed is what is remembered of somebody in a shift; begun on the first occasion.
func (c *Campo) observed(id ident.Efectivo, turno ident.Turno) *observado {
	c.mu.Lock()
	defer c.mu.Unlock()
	u := c.units[id]
	if u == nil || u.Turno != turno {
		u = &observado{Turno: turno}
		c.units[id] = u
	}
	return u
}

// skipped says why something of one stream is passed over: a fact in it is newer than this build,
// or damaged, and what is said of the others need not wait for that. Other errors come back.
func (c *Campo) skipped(ctx context.Context, what string, err error) error {
	if !errors.Is(err, commands.ErrUnreadable) {
		return err
	}
	c.opts.Observer.ObserveObservation("lectura", "ilegible")
	c.opts.Log.ErrorContext(ctx, "positions of one stream are passed over", slog.String("what", what), slog.Any("error", err))
	return nil
}
