package projections

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/eventstore"
)

// generation is a read model being written beside the living one, in a schema of its own.
// Its owner is whoever holds its lease; nobody serves it.
type generation struct {
	r     *Runner
	model model
	lease *lease
	// advance applies the log (or the telemetry log) up to a position, in windows.
	advance func(ctx context.Context, to int64, progress func(done, total int64)) error
}

// model is what generations of either log need to know of a read model.
type model interface {
	Name() string
	Version() int
	Tables() []Table
}

func names(tables []Table) []string {
	out := make([]string, len(tables))
	for i, t := range tables {
		out[i] = t.Name
	}
	return out
}

// generationLease outlives the slowest step between two of its renewals, the building of
// indexes; a killed rebuild can be repeated after it.
const generationLease = 10 * time.Minute

// newGeneration makes empty tables in a schema and takes the lease on them.
func (r *Runner) newGeneration(ctx context.Context, p model, schema string) (*generation, error) {
	l, held, err := acquire(ctx, r.pool, p.Name(), schema, p.Version(), r.opts.Holder, generationLease)
	switch {
	case err != nil:
		return nil, Translate(err, "begin generation "+schema)
	case !held:
		return nil, fmt.Errorf("build %s in %s: somebody else is doing so", p.Name(), schema)
	}
	g := &generation{r: r, model: p, lease: l}
	// What an earlier try left behind is thrown away: a checkpoint tells nothing about
	// tables that have no indexes yet.
	err = pgx.BeginFunc(ctx, r.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select eventos.generacion_crear($1, $2)`, schema, names(p.Tables())); err != nil {
			return fmt.Errorf("make the tables: %w", err)
		}
		if _, err := tx.Exec(ctx, `delete from eventos.parked where projection = $1 and target = $2`, p.Name(), schema); err != nil {
			return fmt.Errorf("forget the parked keys: %w", err)
		}
		if _, err := tx.Exec(ctx, `update eventos.checkpoints set position = 0, version = $3 where projection = $1 and target = $2`,
			p.Name(), schema, p.Version()); err != nil {
			return fmt.Errorf("reset the checkpoint: %w", err)
		}
		return nil
	})
	if err != nil {
		return nil, Translate(errors.Join(err, l.release(ctx, r.pool)), "begin generation "+schema)
	}
	l.position = 0
	return g, nil
}

// folded is a generation of a read model of the main log.
type folded struct {
	*generation
	applier
}

// newFolded makes an empty generation that folds.
func (r *Runner) newFolded(ctx context.Context, p Projection, schema string) (*folded, error) {
	g, err := r.newGeneration(ctx, p, schema)
	if err != nil {
		return nil, err
	}
	f := &folded{generation: g, applier: r.applier(p)}
	g.advance = func(ctx context.Context, to int64, progress func(done, total int64)) error {
		return r.catchUp(ctx, f.applier, g.lease, eventstore.Position(to), maxWindow, progress)
	}
	return f, nil
}

// build folds the log up to a position in memory, copies the rows in, and indexes them.
func (g *folded) build(ctx context.Context, to eventstore.Position, progress func(done, total int64)) error {
	f, parked, err := g.foldTo(ctx, to, progress)
	if err != nil {
		return err
	}
	err = g.copyIn(ctx, f, parked, to)
	if _, ok := errors.AsType[*poisoned](err); ok {
		// A row the database does not take. Windows can tell which and park it; they are
		// slower, and that is all.
		if err := g.index(ctx); err != nil {
			return err
		}
		return g.advance(ctx, int64(to), progress)
	}
	if err != nil {
		return err
	}
	return g.index(ctx)
}

// foldTo folds positions 1..to. What cannot be folded is parked as a worker would do.
func (g *folded) foldTo(ctx context.Context, to eventstore.Position, progress func(done, total int64)) (Fold, []Parked, error) {
	f := g.p.Fold()
	parked := map[string]*Parked{}
	categories := g.p.Categories()
	feed := newFeed(ctx, func(ctx context.Context) iter.Seq2[[]eventstore.Recorded, error] {
		return readTo(ctx, g.store, 0, to)
	})
	defer feed.close()
	for at := eventstore.Position(0); at < to; {
		events, err := feed.next(ctx, chunk, time.Hour)
		if err != nil {
			return nil, nil, fmt.Errorf("read the log after %d: %w", at, err)
		}
		if u := g.unknown(events); u != nil {
			return nil, nil, u
		}
		for _, r := range events {
			if !slices.Contains(categories, Category(r.Stream)) {
				continue
			}
			if p := parked[string(r.Stream)]; p != nil {
				p.Queued++
				continue
			}
			if err := fold(f, r); err != nil {
				parked[string(r.Stream)] = &Parked{
					Projection: g.p.Name(), Key: string(r.Stream), Position: r.Position, Version: r.Version, Reason: err.Error(), Attempts: 1,
				}
			}
		}
		at = events[len(events)-1].Position
		if progress != nil {
			progress(int64(at), int64(to))
		}
	}
	list := make([]Parked, 0, len(parked))
	for _, key := range slices.Sorted(maps.Keys(parked)) {
		list = append(list, *parked[key])
	}
	return f, list, nil
}

func (g *folded) copyIn(ctx context.Context, f Fold, parked []Parked, at eventstore.Position) error {
	free, err := g.slot(ctx)
	if err != nil {
		return err
	}
	defer free()
	tx, _, err := begin(ctx, g.pool, g.lease)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if err := unhurried(ctx, tx); err != nil {
		return err
	}
	if err := f.Save(ctx, tx, g.texts); err != nil {
		err = fmt.Errorf("copy %s: %w", g.p.Name(), err)
		if poison(err, tx) {
			err = &poisoned{err}
		}
		return err
	}
	for _, p := range parked {
		if err := p.save(ctx, tx, g.lease.target); err != nil {
			return err
		}
	}
	if err := g.lease.advance(ctx, tx, int64(at)); err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit %s: %w", g.p.Name(), err)
	}
	g.lease.position = int64(at)
	return nil
}

// unhurried lets the statements of a transaction that builds a generation take as long as they
// need: nobody waits for it, and its lease bounds it.
func unhurried(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `select set_config('statement_timeout', '0', true)`)
	if err != nil {
		return fmt.Errorf("take time: %w", err)
	}
	return nil
}

func (g *generation) index(ctx context.Context) error {
	err := pgx.BeginFunc(ctx, g.r.pool, func(tx pgx.Tx) error {
		if err := unhurried(ctx, tx); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `select eventos.generacion_indices($1, $2)`, g.lease.target, names(g.model.Tables()))
		return err
	})
	if err != nil {
		return fmt.Errorf("index %s: %w", g.model.Name(), err)
	}
	return g.lease.renew(ctx, g.r.pool)
}

// approach brings the generation within a window of the living read model.
func (g *generation) approach(ctx context.Context) error {
	for {
		live, err := Position(ctx, g.r.pool, g.model.Name())
		if err != nil {
			return err
		}
		if int64(live)-g.lease.position <= maxWindow {
			return nil
		}
		if err := g.advance(ctx, int64(live), nil); err != nil {
			return err
		}
	}
}

// compare returns the digests of both at the same position. Nobody waits meanwhile: the
// living tables are read in a snapshot, and ours move for nobody but us.
func (g *generation) compare(ctx context.Context) (live, ours Digested, err error) {
	if err := g.approach(ctx); err != nil {
		return live, ours, err
	}
	err = pgx.BeginTxFunc(ctx, g.r.pool, pgx.TxOptions{BeginQuery: snapshot(Live, names(g.model.Tables()))}, func(tx pgx.Tx) error {
		at, err := Position(ctx, tx, g.model.Name()) // takes the snapshot
		if err != nil {
			return err
		}
		if err := g.advance(ctx, int64(at), nil); err != nil {
			return err
		}
		live, err = digestIn(ctx, tx, g.model.Name(), g.model.Tables(), Live)
		return err
	})
	if err != nil {
		return live, ours, err
	}
	ours, err = digest(ctx, g.r.pool, g.model.Name(), g.model.Tables(), g.lease.target)
	if err == nil && ours.Position != live.Position {
		err = fmt.Errorf("generation %s is at %d and the living one was at %d", g.lease.target, ours.Position, live.Position)
	}
	return live, ours, err
}

// hold stops the living read model, brings the generation level with it, and calls act in
// the transaction that stops it. With its checkpoint row locked the worker waits, and so
// does whoever retries a parked key: for milliseconds, since at most a window is left.
func (g *generation) hold(ctx context.Context, act func(tx pgx.Tx) error) error {
	if err := g.approach(ctx); err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, g.r.pool, func(tx pgx.Tx) error {
		var live eventstore.Position
		err := tx.QueryRow(ctx, `select position from eventos.checkpoints where projection = $1 and target = $2 for update`,
			g.model.Name(), Live).Scan(&live)
		if err != nil {
			return fmt.Errorf("hold the living %s: %w", g.model.Name(), err)
		}
		if err := g.advance(ctx, int64(live), nil); err != nil {
			return err
		}
		if g.lease.position != int64(live) {
			return fmt.Errorf("generation %s is at %d, the living one at %d", g.lease.target, g.lease.position, live)
		}
		return act(tx)
	})
}

// drop removes the generation, tables and checkpoint.
func (g *generation) drop(ctx context.Context) error {
	return pgx.BeginFunc(ctx, g.r.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `delete from eventos.checkpoints where projection = $1 and target = $2`, g.model.Name(), g.lease.target); err != nil {
			return fmt.Errorf("forget generation %s: %w", g.lease.target, err)
		}
		if _, err := tx.Exec(ctx, `select eventos.generacion_borrar($1)`, g.lease.target); err != nil {
			return fmt.Errorf("drop generation %s: %w", g.lease.target, err)
		}
		return nil
	})
}
