package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
)

// Bar is the catch-up into tareas that is promised on two cores, in events per second.
const Bar = 30_000

// Store is what the measurement needs of the event store.
type Store interface {
	projections.Store
	eventstore.Store
}

// Options of a measurement.
type Options struct {
	Events    int64    // facts in the log before it starts; 0 means 200,000
	Efectivos int      // 0 means 500
	Names     []string // projections to measure; the first one is held against the Bar
	Progress  func(step string, done, total int64)
}

// Result is what was measured.
type Result struct {
	Cores     int         `json:"nucleos"`
	Events    int64       `json:"eventos"`
	FillRate  float64     `json:"llenado_eventos_s"` // through the store's own append
	Models    []ModelRate `json:"modelos"`
	BarEvents float64     `json:"vara_eventos_s"`
	Passed    bool        `json:"cumple"`
}

// ModelRate is how fast one read model was written. Events counts the whole log: those of
// other aggregates are read and passed over.
type ModelRate struct {
	Name        string  `json:"nombre"`
	Rows        int64   `json:"filas"`
	CatchUp     float64 `json:"puesta_al_dia_eventos_s"`     // windows of 2000, as the runner does
	Rebuild     float64 `json:"reconstruccion_eventos_s"`    // fold in memory, COPY, indexes, digests, flip
	CatchUpS    float64 `json:"puesta_al_dia_s"`             // seconds
	RebuildS    float64 `json:"reconstruccion_s"`            // seconds
	SameDigests bool    `json:"mismo_resumen_criptografico"` // of both ways
}

// Run fills a log and measures how fast read models catch up with it. The read models must
// be new: it is for a database of its own, never for one that somebody uses.
func Run(ctx context.Context, pool *pgxpool.Pool, store Store, texts projections.Texts, ps []projections.Projection, o Options) (Result, error) {
	if o.Events == 0 {
		o.Events = 200_000
	}
	if o.Efectivos == 0 {
		o.Efectivos = 500
	}
	step := func(name string) func(done, total int64) {
		return func(done, total int64) {
			if o.Progress != nil {
				o.Progress(name, done, total)
			}
		}
	}
	res := Result{Cores: runtime.GOMAXPROCS(0), BarEvents: Bar}
	start := time.Now()
	head, err := Fill(ctx, store, NewDay(uint64(start.UnixNano()), o.Efectivos), o.Events, step("llenar"))
	if err != nil {
		return res, err
	}
	res.Events, res.FillRate = int64(head), rate(int64(head), time.Since(start))
	r := projections.NewRunner(pool, store, texts, projections.Options{Lease: time.Minute}, ps...)
	for _, name := range o.Names {
		m, err := measure(ctx, r, name, head, step)
		if err != nil {
			return res, err
		}
		res.Models = append(res.Models, m)
	}
	res.Passed = len(res.Models) > 0 && res.Models[0].CatchUp >= Bar
	return res, nil
}

func measure(ctx context.Context, r *projections.Runner, name string, head eventstore.Position, step func(string) func(done, total int64)) (ModelRate, error) {
	m := ModelRate{Name: name}
	before, err := r.Digest(ctx, name)
	switch {
	case err != nil:
		return m, err
	case before.Position != 0:
		return m, fmt.Errorf("measure %s: it is at %d already", name, before.Position)
	}
	start := time.Now()
	if err := r.CatchUp(ctx, name, head, 0, step("poner al día "+name)); err != nil {
		return m, fmt.Errorf("measure the catch-up of %s: %w", name, err)
	}
	took := time.Since(start)
	m.CatchUp, m.CatchUpS = rate(int64(head), took), took.Seconds()
	start = time.Now()
	rebuilt, err := r.Rebuild(ctx, name, projections.RebuildOptions{Progress: step("reconstruir " + name)})
	if _, different := errors.AsType[*projections.DifferentError](err); err != nil && !different {
		return m, fmt.Errorf("measure the rebuild of %s: %w", name, err)
	}
	took = time.Since(start)
	m.Rebuild, m.RebuildS, m.SameDigests = rate(int64(head), took), took.Seconds(), err == nil
	for _, sum := range rebuilt.After.Tables {
		m.Rows += sum.Rows
	}
	return m, nil
}

func rate(n int64, took time.Duration) float64 { return float64(n) / took.Seconds() }

// Print writes the table that people read.
func (r Result) Print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 2, 0, 3, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintf(t, "modelo\teventos\tfilas\tpuesta al día (ev/s)\treconstrucción (ev/s)\tiguales\t\n")
	for _, m := range r.Models {
		same := "sí"
		if !m.SameDigests {
			same = "NO"
		}
		_, _ = fmt.Fprintf(t, "%s\t%d\t%d\t%.0f\t%.0f\t%s\t\n", m.Name, r.Events, m.Rows, m.CatchUp, m.Rebuild, same)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("print the table: %w", err)
	}
	verdict := "cumple"
	if !r.Passed {
		verdict = "NO cumple"
	}
	_, err := fmt.Fprintf(w, "%d núcleos; el registro se llenó a %.0f ev/s; vara: %.0f ev/s en el primero: %s\n", r.Cores, r.FillRate, r.BarEvents, verdict)
	if err != nil {
		return fmt.Errorf("print the table: %w", err)
	}
	return nil
}
