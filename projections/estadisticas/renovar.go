package estadisticas

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/cache"
)

// Renewer keeps the figures that dashboards ask for all the time in the cache, so that nobody
// waits for their calculation while the log grows. It implements projections.Other and runs
// with the projectors.
type Renewer struct{ r *Reader }

// NewRenewer returns a Renewer of a Reader's figures.
func NewRenewer(r *Reader) *Renewer { return &Renewer{r} }

// NameRenovadas of the renewed figures among the projections.
const NameRenovadas = "estadisticas.renovadas"

// Name implements projections.Source.
func (n *Renewer) Name() string { return NameRenovadas }

// Position implements projections.Source: what a figure calculated now would be true of.
func (n *Renewer) Position(ctx context.Context) (p eventstore.Position, err error) {
	err = n.r.reads.Snapshot(ctx, projections.System, "read the position of the figures", nil, func(tx pgx.Tx) error {
		p, err = projections.Oldest(ctx, tx, Follows()...)
		return err
	})
	return p, err
}

// Run renews until ctx ends, a little more often than values age, but only what somebody asked
// for lately.
func (n *Renewer) Run(ctx context.Context) error {
	ticker := time.NewTicker(cache.MaxAge - time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
		if err := n.renew(ctx); err != nil {
			return err
		}
	}
}

func (n *Renewer) renew(ctx context.Context) error {
	p, err := n.r.period(Periodo{})
	if err != nil {
		return err
	}
	p.scope = projections.System
	figures := map[string]func(ctx context.Context, tx pgx.Tx) (any, error){
		versioned("tiempos/" + p.key()): func(ctx context.Context, tx pgx.Tx) (any, error) { return n.r.times(ctx, tx, p) },
	}
	for _, por := range Pors() {
		figures[versioned("tareas/"+string(por)+"/"+p.key())] = func(ctx context.Context, tx pgx.Tx) (any, error) { return n.r.count(ctx, tx, p, por) }
	}
	for key, fill := range figures {
		if !n.r.cache.Wanted(ctx, key) {
			continue
		}
		if _, err := n.r.cache.Refresh(ctx, key, n.r.filler(key, unhurried(fill))); err != nil {
			return err
		}
	}
	return nil
}

// unhurried lets a calculation that nobody waits for take longer than a question may.
func unhurried(fill func(ctx context.Context, tx pgx.Tx) (any, error)) func(ctx context.Context, tx pgx.Tx) (any, error) {
	return func(ctx context.Context, tx pgx.Tx) (any, error) {
		if _, err := tx.Exec(ctx, "set local statement_timeout = '1min'"); err != nil {
			return nil, err
		}
		return fill(ctx, tx)
	}
}
