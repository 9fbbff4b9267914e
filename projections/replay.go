package projections

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// ReplayOptions of a Replay.
type ReplayOptions struct {
	// Schema is made for the replay; one that exists and was not made for this is refused.
	Schema string
	// Progress is told of each projection in turn.
	Progress func(projection string, done, total int64)
	// Drop removes the schema afterwards.
	Drop bool
}

// Replayed compares one read model with the replay of its facts.
type Replayed struct {
	Live      Digested `json:"vivo"`
	Replay    Digested `json:"repeticion"`
	Different []string `json:"distintas"` // tables; empty when the read model is what the log says
}

// Replay folds the whole log into a scratch schema and compares every read model derived
// from it with the living one, at the same position. It changes nothing that is served.
func (r *Runner) Replay(ctx context.Context, o ReplayOptions) ([]Replayed, error) {
	var all []Replayed
	for _, w := range r.workers {
		one, err := r.replay(ctx, w.p, o)
		if err != nil {
			return all, Translate(err, "replay "+w.p.Name())
		}
		all = append(all, one)
	}
	return all, nil
}

func (r *Runner) replay(ctx context.Context, p Projection, o ReplayOptions) (one Replayed, err error) {
	to, err := r.register(ctx, p)
	if err != nil {
		return one, err
	}
	g, err := r.newFolded(ctx, p, o.Schema)
	if err != nil {
		return one, err
	}
	defer func() {
		free := g.lease.release(context.WithoutCancel(ctx), r.pool)
		if o.Drop {
			free = g.drop(context.WithoutCancel(ctx))
		}
		err = errors.Join(err, free)
	}()
	var progress func(done, total int64)
	if o.Progress != nil {
		progress = func(done, total int64) { o.Progress(p.Name(), done, total) }
	}
	if err := g.build(ctx, to, progress); err != nil {
		return one, err
	}
	live, ours, err := g.compare(ctx)
	return Replayed{Live: live, Replay: ours, Different: different(live, ours)}, err
}

// DropReplay removes the schema of a Replay.
func (r *Runner) DropReplay(ctx context.Context, schema string) error {
	if schema == Live {
		return errors.New("the living schema is no replay")
	}
	return Translate(pgx.BeginFunc(ctx, r.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `delete from eventos.checkpoints where target = $1`, schema); err != nil {
			return fmt.Errorf("forget the checkpoints: %w", err)
		}
		if _, err := tx.Exec(ctx, `select eventos.generacion_borrar($1)`, schema); err != nil {
			return fmt.Errorf("drop the schema: %w", err)
		}
		return nil
	}), "drop "+schema)
}
