package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
)

// Loading is what Load needs: a database that nobody uses yet, whose read models are new.
type Loading struct {
	Pool  *pgxpool.Pool
	Owner *pgxpool.Pool // may make partitions
	Store Store
	Texts projections.Texts
	// Models are brought level with the log; Positions count the fixes.
	Models    []projections.Projection
	Positions []projections.TelemetryProjection
	Progress  func(step string, done, total int64)
}

// Load fills the log with a City through the store's own append, folds the read models, and
// copies the positions in. These go past the telemetry log's ledger, a partition at a time: ten
// million commits' worth of proofs are not what is measured. Whoever asks sees no difference.
func (l Loading) Load(ctx context.Context, c *City) error {
	if err := l.facts(ctx, c); err != nil {
		return err
	}
	head, err := l.Store.Head(ctx)
	if err != nil {
		return fmt.Errorf("find the head of the log: %w", err)
	}
	r := projections.NewRunner(l.Pool, l.Store, l.Texts, projections.Options{Lease: time.Minute}, l.Models...)
	for _, p := range l.Models {
		if err := r.CatchUp(ctx, p.Name(), head, 0, l.step("plegar "+p.Name())); err != nil {
			return fmt.Errorf("fold %s: %w", p.Name(), err)
		}
	}
	if err := l.fixes(ctx, c); err != nil {
		return err
	}
	if _, err := l.Owner.Exec(ctx, "vacuum analyze"); err != nil {
		return fmt.Errorf("analyze what was loaded: %w", err)
	}
	return nil
}

func (l Loading) step(name string) func(done, total int64) {
	return func(done, total int64) {
		if l.Progress != nil {
			l.Progress(name, done, total)
		}
	}
}

// facts appends a City, as many orders at a time as touch no stream in common.
func (l Loading) facts(ctx context.Context, c *City) error {
	report := l.step("escribir hechos")
	queue, more := c.Founded(), true
	for more || len(queue) > 0 {
		var a eventstore.Append
		for more && len(queue) < 768 {
			if a, more = c.Work(); more {
				queue = append(queue, a)
			}
		}
		var wave []eventstore.Append
		wave, queue = independent(queue)
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(512)
		for _, a := range wave {
			group.Go(func() error {
				_, err := l.Store.Append(ctx, a)
				return err
			})
		}
		if err := group.Wait(); err != nil {
			return fmt.Errorf("fill the log: %w", err)
		}
		report(int64(c.made), int64(c.Tareas))
	}
	return nil
}

// window is how many fixes the read models of positions are told of at a time.
const window = 200_000

// fixes copies the positions in, a partition of the telemetry log for each day: everybody
// walked every day for as long as makes up the number of them.
func (l Loading) fixes(ctx context.Context, c *City) error {
	perBlock := int(c.Fixes / int64(c.Efectivos) / int64(c.Days))
	if perBlock == 0 {
		return nil
	}
	report := l.step("copiar posiciones")
	total, done := int64(perBlock)*int64(c.Efectivos)*int64(c.Days), int64(0)
	rng := rand.New(rand.NewPCG(c.run, 7)) //nolint:gosec // not a secret
	for day := c.Days - 1; day >= 0; day-- {
		end := c.Now.AddDate(0, 0, -day)
		date := end.Truncate(24 * time.Hour)
		if err := l.partition(ctx, date); err != nil {
			return err
		}
		row := int32(0)
		for first := 0; first < c.Efectivos; {
			var fixes []eventstore.Fix
			for ; first < c.Efectivos && len(fixes) < window; first++ {
				fixes = append(fixes, c.walk(rng, first, perBlock, end)...)
			}
			if err := l.copyFixes(ctx, date, row, fixes); err != nil {
				return err
			}
			row, done = row+int32(len(fixes)), done+int64(len(fixes)) //nolint:gosec // a window
			report(done, total)
		}
	}
	return nil
}

func partitionOf(date time.Time) pgx.Identifier {
	return pgx.Identifier{"telemetria", "fixes_" + date.Format("20060102")}
}

// partition makes that of a day, as telemetria.preparar does for the days to come.
func (l Loading) partition(ctx context.Context, date time.Time) error {
	name := partitionOf(date).Sanitize()
	day, next := date.Format(time.DateOnly), date.AddDate(0, 0, 1).Format(time.DateOnly)
	var there bool
	if err := l.Owner.QueryRow(ctx, "select to_regclass($1) is not null", name).Scan(&there); err != nil || there {
		return wrap(err, "look for the partition of "+day)
	}
	_, err := l.Owner.Exec(ctx, fmt.Sprintf(`create table %s (like telemetria.fixes including all, check (dia = '%s'));
		select telemetria.proteger('%s'::regclass);
		alter table telemetria.fixes attach partition %s for values from ('%s') to ('%s')`, name, day, name, name, day, next))
	return wrap(err, "make the partition of "+day)
}

func wrap(err error, doing string) error {
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// loaded is the batch that copied positions stand in: none of the ledger's, which begins at 1.
const loaded = 0

func (l Loading) copyFixes(ctx context.Context, date time.Time, first int32, fixes []eventstore.Fix) error {
	salt := make([]byte, 16)
	// A day's walk may begin before its midnight: the partition is that of the server's day.
	_, err := l.Owner.CopyFrom(ctx, partitionOf(date), []string{
		"dia", "lote", "fila", "efectivo", "turno", "en", "recibido", "lat", "lon", "precision_m", "velocidad", "rumbo", "fuente", "marcas", "simulado", "sal",
	}, pgx.CopyFromSlice(len(fixes), func(i int) ([]any, error) {
		f := &fixes[i]
		return []any{
			date, int64(loaded), first + int32(i), projections.UUID(f.Efectivo), projections.UUID(f.Turno), f.DeviceAt, f.ServerAt,
			f.Lat, f.Lon, f.Accuracy, f.Speed, f.Heading, f.Source, int16(f.Flags), f.Simulated, salt,
		}, nil
	}))
	if err != nil {
		return fmt.Errorf("copy positions: %w", err)
	}
	return pgx.BeginFunc(ctx, l.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "set local search_path = lectura, public; set local synchronous_commit = off"); err != nil {
			return fmt.Errorf("count positions: %w", err)
		}
		for _, p := range l.Positions {
			if err := p.ApplyFixes(ctx, tx, fixes); err != nil {
				return err
			}
		}
		return nil
	})
}
