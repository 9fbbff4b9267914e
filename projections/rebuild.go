package projections

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/grupo-gad/gad/eventstore"
)

// RebuildOptions of a Rebuild.
type RebuildOptions struct {
	Progress func(done, total int64) // events folded
	// Accept lets the new generation take the place of one with another digest. Without it
	// a difference is an error and the living tables stay: somebody should look first. What a
	// model holds of times that its log has lost is not given up for it (Outliving).
	Accept bool
}

// Rebuilt is what a Rebuild did.
type Rebuilt struct {
	Projection string              `json:"proyeccion"`
	Position   eventstore.Position `json:"posicion"`
	Before     Digested            `json:"antes"`
	After      Digested            `json:"despues"`
	Different  []string            `json:"distintas"` // tables whose digest changed
	Flipped    bool                `json:"reemplazada"`
	Took       time.Duration       `json:"duracion_ns"`
}

// DifferentError says that living rows are not what the log makes of them.
type DifferentError struct{ Rebuilt }

func (e *DifferentError) Error() string {
	return fmt.Sprintf("%s at position %d is not what the log says: %s differ; the living tables were left as they are",
		e.Projection, e.Position, strings.Join(e.Different, ", "))
}

// Rebuild folds the log anew beside the living read model and takes its place in one
// transaction. Readers are never without tables, and the worker goes on by itself. The old
// tables stay for Rollback until the next Rebuild.
func (r *Runner) Rebuild(ctx context.Context, projection string, o RebuildOptions) (Rebuilt, error) {
	start := time.Now()
	m, err := r.model(projection)
	if err != nil {
		return Rebuilt{}, err
	}
	to, err := r.register(ctx, m)
	if err != nil {
		return Rebuilt{}, err
	}
	report := Rebuilt{Projection: projection}
	g, err := r.generate(ctx, m, to, o.Progress)
	if g == nil {
		return report, Translate(err, "rebuild "+projection)
	}
	if err == nil {
		err = g.replace(ctx, o, &report)
	}
	report.Took = time.Since(start)
	if err != nil || !report.Flipped {
		// The living tables were not touched; only ours are thrown away.
		return report, errors.Join(Translate(err, "rebuild "+projection), g.drop(context.WithoutCancel(ctx)))
	}
	if r.opts.Waiter != nil {
		r.opts.Waiter.Wake(projection)
	}
	r.log.InfoContext(ctx, "read model rebuilt", slog.String("projection", projection),
		slog.Int64("position", int64(report.Position)), slog.Any("different", report.Different), slog.Duration("took", report.Took))
	return report, nil
}

// generate writes a generation up to a position. It comes back beside an error when there
// is something to drop.
func (r *Runner) generate(ctx context.Context, m model, to eventstore.Position, progress func(done, total int64)) (*generation, error) {
	schema := nextSchema(m.Name())
	if p, ok := m.(Projection); ok {
		f, err := r.newFolded(ctx, p, schema)
		if err != nil {
			return nil, err
		}
		return f.generation, f.build(ctx, to, progress)
	}
	g, err := r.newGeneration(ctx, m, schema)
	if err != nil {
		return nil, err
	}
	w := r.positionsOf(m)
	g.advance = func(ctx context.Context, to int64, progress func(done, total int64)) error {
		return w.catchUp(ctx, g.lease, to, progress)
	}
	// The markers are few, so they are indexed from the start and written as they come.
	if err := g.index(ctx); err != nil {
		return g, err
	}
	return g, g.advance(ctx, int64(to), progress)
}

// model finds a read model by name, of either log.
func (r *Runner) model(name string) (model, error) {
	for _, w := range r.fixes {
		if w.p.Name() == name {
			return w.p, nil
		}
	}
	return r.projection(name)
}

// positionsOf finds who writes a model of the telemetry log.
func (r *Runner) positionsOf(m model) *positions {
	for _, w := range r.fixes {
		if w.p.Name() == m.Name() {
			return w
		}
	}
	return nil // model gives out no other
}

// register makes sure that the living read model has a checkpoint and returns it.
func (r *Runner) register(ctx context.Context, p model) (at eventstore.Position, err error) {
	if _, err := r.pool.Exec(ctx, `insert into eventos.checkpoints (projection, target, version) values ($1, $2, $3) on conflict do nothing`,
		p.Name(), Live, p.Version()); err != nil {
		return 0, Translate(err, "register "+p.Name())
	}
	at, err = Position(ctx, r.pool, p.Name())
	return at, Translate(err, "register "+p.Name())
}

func nextSchema(name string) string {
	return "lectura_" + strings.ReplaceAll(name, ".", "_") + "_nueva"
}

func previousSchema(name string) string {
	return "lectura_" + strings.ReplaceAll(name, ".", "_") + "_anterior"
}

// lockNotAvailable: readers kept the tables busy for longer than we make others wait.
const lockNotAvailable = "55P03"

func (g *generation) replace(ctx context.Context, o RebuildOptions, report *Rebuilt) error {
	var err error
	if report.Before, report.After, err = g.compare(ctx); err != nil {
		return err
	}
	report.Position, report.Different = report.After.Position, different(report.Before, report.After)
	if len(report.Different) > 0 && !o.Accept {
		return &DifferentError{*report}
	}
	if m, ok := g.model.(Outliving); ok && len(report.Different) > 0 {
		if err := pgx.BeginFunc(ctx, g.r.pool, func(tx pgx.Tx) error { return m.Outlives(ctx, tx) }); err != nil {
			return err
		}
	}
	err = betweenReaders(ctx, func() error {
		return g.hold(ctx, func(tx pgx.Tx) error { return g.flip(ctx, tx, previousSchema(g.model.Name())) })
	})
	report.Flipped = err == nil
	return err
}

// betweenReaders tries a flip again while readers keep it out. It needs the tables for itself
// for an instant, and while it waits for that, every new reader waits behind it: so it waits
// little, and comes back.
func betweenReaders(ctx context.Context, flip func() error) error {
	for attempt := 1; ; attempt++ {
		err := flip()
		pg, busy := errors.AsType[*pgconn.PgError](err)
		if !busy || pg.Code != lockNotAvailable || attempt == 20 {
			return err
		}
		sleep(ctx, time.Duration(attempt)*50*time.Millisecond)
	}
}

// different lists the tables of two generations that do not hold the same.
func different(a, b Digested) (tables []string) {
	for _, t := range slices.Sorted(maps.Keys(a.Tables)) {
		if a.Tables[t] != b.Tables[t] {
			tables = append(tables, t)
		}
	}
	return tables
}

// flip exchanges tables and checkpoints. The fence of what becomes the living checkpoint
// rises above both, so that a worker in the middle of a window cannot write.
func (g *generation) flip(ctx context.Context, tx pgx.Tx, previous string) error {
	name, ours := g.model.Name(), g.lease.target
	if _, err := tx.Exec(ctx, `select set_config('lock_timeout', '300ms', true)`); err != nil {
		return fmt.Errorf("bound the wait for readers: %w", err)
	}
	for _, s := range []struct {
		sql  string
		args []any
	}{
		{`select eventos.generacion_cambiar($1, $2, $3)`, []any{ours, previous, names(g.model.Tables())}},
		{`delete from eventos.checkpoints where projection = $1 and target = $2`, []any{name, previous}},
		{`update eventos.checkpoints set target = $2, lease_until = '-infinity', holder = '' where projection = $1 and target = 'lectura'`, []any{name, previous}},
		{`update eventos.checkpoints set target = 'lectura', lease_until = '-infinity', holder = '',
			fence = 1 + (select max(fence) from eventos.checkpoints where projection = $1)
			where projection = $1 and target = $2`, []any{name, ours}},
		{`select eventos.generacion_borrar($1)`, []any{ours}},
	} {
		if _, err := tx.Exec(ctx, s.sql, s.args...); err != nil {
			return fmt.Errorf("flip %s: %w", name, err)
		}
	}
	return nil
}

// Rollback puts the tables from before the last Rebuild back. They are first brought level
// with the living ones, so that no reader goes back in time; where a newer build cannot do
// that, because it writes other rows, its worker brings them level afterwards.
func (r *Runner) Rollback(ctx context.Context, projection string) error {
	p, err := r.model(projection)
	if err != nil {
		return err
	}
	previous := previousSchema(p.Name())
	g := &generation{r: r, model: p, lease: &lease{projection: p.Name(), target: previous}}
	err = betweenReaders(ctx, func() error {
		if err := r.levelPrevious(ctx, p, previous); err != nil {
			return err
		}
		return pgx.BeginFunc(ctx, r.pool, func(tx pgx.Tx) error { return g.back(ctx, tx) })
	})
	if err != nil {
		return Translate(err, "roll "+projection+" back")
	}
	// What was living until now is kept no longer: it was rolled back for a reason.
	g.lease.target = nextSchema(p.Name())
	return Translate(g.drop(ctx), "roll "+projection+" back")
}

// back flips to the tables of g, which were the living ones before. While it holds the
// checkpoint of the living ones, they move no further than what is levelled here.
func (g *generation) back(ctx context.Context, tx pgx.Tx) error {
	var there bool
	err := tx.QueryRow(ctx, `select true from eventos.checkpoints where projection = $1 and target = $2 for update`,
		g.model.Name(), Live).Scan(&there)
	if err != nil {
		return fmt.Errorf("hold the living %s: %w", g.model.Name(), err)
	}
	if err := g.r.levelPrevious(ctx, g.model, g.lease.target); err != nil {
		return err
	}
	err = tx.QueryRow(ctx, `select true from eventos.checkpoints where projection = $1 and target = $2 for update`,
		g.model.Name(), g.lease.target).Scan(&there)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return ErrSinAnterior
	case err != nil:
		return fmt.Errorf("hold the previous %s: %w", g.model.Name(), err)
	}
	return g.flip(ctx, tx, nextSchema(g.model.Name()))
}

// levelPrevious applies what happened since the last Rebuild, in whichever log the model follows,
// to the tables from before it.
func (r *Runner) levelPrevious(ctx context.Context, p model, previous string) error {
	var version int
	err := r.pool.QueryRow(ctx, `select version from eventos.checkpoints where projection = $1 and target = $2`, p.Name(), previous).Scan(&version)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return ErrSinAnterior
	case err != nil:
		return fmt.Errorf("find the previous generation: %w", err)
	case version != p.Version():
		return nil
	}
	// A worker that was about to write when the tables changed place may hold the row until its
	// transaction ends, in which it finds that its lease is gone.
	l, held, err := acquire(ctx, r.pool, p.Name(), previous, version, r.opts.Holder, generationLease)
	for try := 0; err == nil && !held && try < 100 && ctx.Err() == nil; try++ {
		sleep(ctx, poll)
		l, held, err = acquire(ctx, r.pool, p.Name(), previous, version, r.opts.Holder, generationLease)
	}
	switch {
	case err != nil:
		return err
	case !held:
		return fmt.Errorf("bring %s level: somebody else is doing so", previous)
	}
	live, err := Position(ctx, r.pool, p.Name())
	switch fold, ok := p.(Projection); {
	case err != nil:
	case ok:
		err = r.catchUp(ctx, r.applier(fold), l, live, maxWindow, nil)
	default:
		err = r.positionsOf(p).catchUp(ctx, l, int64(live), nil)
	}
	return errors.Join(err, l.release(context.WithoutCancel(ctx), r.pool))
}
