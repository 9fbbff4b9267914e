package projections

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/grupo-gad/gad/eventstore"
)

// Options of a Runner. The zero value of every field works.
type Options struct {
	Holder   string        // names this process on its leases; random by default
	Lease    time.Duration // how long a lease outlives its holder; 10 s by default
	Log      *slog.Logger
	Registry prometheus.Registerer
	Waiter   *Waiter // woken at every move
	// Telemetry and Positions run a projection of the telemetry log.
	Telemetry eventstore.TelemetryReader
	Positions []TelemetryProjection
	// Others are read models that keep themselves level, outside PostgreSQL.
	Others []Other
}

// Other is a read model with a checkpoint of its own.
type Other interface {
	Source
	Run(ctx context.Context) error
}

// Runner keeps projections level with the log. Any number of them may run.
type Runner struct {
	pool    *pgxpool.Pool
	store   Store
	texts   Texts
	opts    Options
	log     *slog.Logger
	metrics *metrics
	workers []*worker
	fixes   []*positions
	states  []*state
	slots   chan struct{} // see applier
}

// NewRunner returns a Runner that does nothing until Run.
func NewRunner(pool *pgxpool.Pool, store Store, texts Texts, opts Options, ps ...Projection) *Runner {
	if opts.Holder == "" {
		opts.Holder = rand.Text()
	}
	if opts.Lease <= 0 {
		opts.Lease = 10 * time.Second
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	r := &Runner{pool: pool, store: store, texts: texts, opts: opts, log: opts.Log, metrics: newMetrics(opts.Registry)}
	r.slots = make(chan struct{}, max(1, pool.Config().MaxConns/4))
	for _, p := range ps {
		s := r.state(p.Name())
		r.workers = append(r.workers, &worker{r: r, applier: r.applier(p), state: s, size: maxWindow})
	}
	for _, p := range opts.Positions {
		s := r.state(p.Name())
		s.batches = true
		r.fixes = append(r.fixes, &positions{r: r, p: p, reader: opts.Telemetry, state: s})
	}
	return r
}

func (r *Runner) applier(p Projection) applier {
	return applier{pool: r.pool, store: r.store, texts: r.texts, p: p, slots: r.slots}
}

func (r *Runner) state(name string) *state {
	s := &state{name: name, estado: Starting, stopped: r.metrics.stopped.WithLabelValues(name)}
	r.states = append(r.states, s)
	return s
}

// Run keeps every projection level until ctx ends. A projection that fails is retried; it
// never takes the others with it.
func (r *Runner) Run(ctx context.Context) error {
	var running sync.WaitGroup
	for _, w := range r.workers {
		running.Go(func() { _ = w.run(ctx) }) // only ctx ends it
	}
	for _, w := range r.fixes {
		running.Go(func() { _ = w.run(ctx) })
	}
	for _, o := range r.opts.Others {
		running.Go(func() { r.other(ctx, o) })
	}
	running.Go(func() { r.measure(ctx) })
	running.Wait()
	return ctx.Err()
}

func (r *Runner) other(ctx context.Context, o Other) {
	pause := growing{}
	for ctx.Err() == nil {
		start := time.Now()
		if err := o.Run(ctx); err != nil && ctx.Err() == nil {
			r.log.WarnContext(ctx, "read model stopped", slog.String("projection", o.Name()), slog.Any("error", err))
		}
		if time.Since(start) > r.opts.Lease {
			pause.reset()
		}
		pause.wait(ctx, r.opts.Lease)
	}
}

// measure keeps the gauges of lag and of parked keys.
func (r *Runner) measure(ctx context.Context) {
	for ctx.Err() == nil {
		if all, err := r.Status(ctx); err == nil {
			for _, s := range all {
				r.metrics.lag.WithLabelValues(s.Name).Set(float64(s.Lag))
				r.metrics.delay.WithLabelValues(s.Name).Set(s.LagSeconds)
				r.metrics.parked.WithLabelValues(s.Name).Set(float64(s.Parked))
			}
		}
		sleep(ctx, time.Second)
	}
}

// Projection returns the one of this name.
func (r *Runner) projection(name string) (Projection, error) {
	for _, w := range r.workers {
		if w.p.Name() == name {
			return w.p, nil
		}
	}
	return nil, ErrProyeccion
}

// Parked lists the keys that stand still.
func (r *Runner) Parked(ctx context.Context) ([]Parked, error) { return ListParked(ctx, r.pool) }

// Retry applies a parked key again and returns nil, or where it is parked now.
func (r *Runner) Retry(ctx context.Context, projection, key string) (*Parked, error) {
	p, err := r.projection(projection)
	if err != nil {
		return nil, err
	}
	return r.applier(p).retry(ctx, key, nil)
}

// Skip leaves the poison event of a parked key out and applies what is behind it. record is
// called first and makes the skip a fact; a skip nobody records is refused.
func (r *Runner) Skip(ctx context.Context, projection, key string, record func(context.Context, Parked) error) (*Parked, error) {
	if record == nil {
		return nil, errors.New("a skip must be recorded")
	}
	var again *Parked
	p, err := r.projection(projection)
	if err == nil {
		again, err = r.applier(p).retry(ctx, key, record)
	} else { // of markers or of figures: nothing waits behind it
		err = r.dismiss(ctx, projection, key, record)
	}
	if err == nil {
		r.log.WarnContext(ctx, "projection event skipped", slog.String("projection", projection), slog.String("key", key))
	}
	return again, err
}

// CatchUp applies the log up to a position and returns, for tools and tests: the same
// windows, lease and transactions as Run. window bounds a transaction; 0 means 2000.
func (r *Runner) CatchUp(ctx context.Context, projection string, to eventstore.Position, window int, progress func(done, total int64)) error {
	p, err := r.projection(projection)
	if err != nil {
		return err
	}
	l, held, err := acquire(ctx, r.pool, p.Name(), Live, p.Version(), r.opts.Holder, r.opts.Lease)
	switch {
	case err != nil:
		return err
	case !held:
		return fmt.Errorf("catch up %s: %w", projection, errLost)
	}
	defer func() { _ = l.release(context.WithoutCancel(ctx), r.pool) }() // it runs out by itself
	return r.catchUp(ctx, r.applier(p), l, to, window, progress)
}
