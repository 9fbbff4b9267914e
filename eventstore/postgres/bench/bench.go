// Package bench measures durable appends beside two baselines on the same server in the same
// run: what PostgreSQL gives to single-row autocommit INSERTs of the same payload, and to a
// bare COPY into a table of the same shape.
//
// It promises to compare like with like: every cell is measured several times, the cells of a
// round one after the other, and the median of the rounds counts, so that what else the
// machine does falls on all of them. The appends keep the whole promise of eventstore.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/eventstore/postgres"
)

// Options says what to measure. URL addresses a migrated, empty database as its owner.
type Options struct {
	URL     string
	Catalog *event.Catalog
	// Cell is how long each cell of a round lasts; 2 s when zero.
	Cell time.Duration
	// Rounds is how often each cell is measured; 3 when zero.
	Rounds int
	// Fill is how many events the log is brought to for the second half; 1,000,000 when zero.
	Fill int
	// Log receives a line for each step; nil is silence.
	Log io.Writer
}

// Cell is one kind of work at one number in flight.
type Cell struct {
	Kind     string  `json:"kind"` // "append", "insert", "copy", "append_full", "read"
	InFlight int     `json:"in_flight"`
	Rate     float64 `json:"events_per_second"`
	P50      float64 `json:"p50_ms"`
	P95      float64 `json:"p95_ms"`
	P99      float64 `json:"p99_ms"`
	// Processor time per event, of this process and of the server.
	CPU       float64 `json:"cpu_us"`
	ServerCPU float64 `json:"server_cpu_us"`
}

// Bar is a ratio that has to be reached.
type Bar struct {
	Name string  `json:"name"`
	Got  float64 `json:"got"`
	Want float64 `json:"want"`
	Most bool    `json:"at_most"` // Want is an upper bound
	OK   bool    `json:"ok"`
}

// Report is what one run found.
type Report struct {
	Server string `json:"server"`
	Events int64  `json:"events_in_log"`
	Cells  []Cell `json:"cells"`
	Bars   []Bar  `json:"bars"`
}

// levels are the commands in flight; a server has no use for more connections than maxConns.
var levels = []int{1, 8, 64, 512}

const maxConns = 64

// run is a measurement at work.
type run struct {
	Options
	pool  *pgxpool.Pool
	store *postgres.Store
	meter meter
	cells map[Cell][]Cell // by kind and number in flight: one per round
	order []Cell
}

// Run measures everything.
func Run(ctx context.Context, o Options) (Report, error) {
	if o.Cell == 0 {
		o.Cell = 2 * time.Second
	}
	if o.Rounds == 0 {
		o.Rounds = 3
	}
	if o.Fill == 0 {
		o.Fill = 1_000_000
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	r := &run{Options: o, cells: map[Cell][]Cell{}}
	cfg, err := pgxpool.ParseConfig(o.URL)
	if err != nil {
		return Report{}, fmt.Errorf("parse database address: %w", err)
	}
	cfg.MaxConns = maxConns
	if r.pool, err = pgxpool.NewWithConfig(ctx, cfg); err != nil {
		return Report{}, fmt.Errorf("open the pool: %w", err)
	}
	defer r.pool.Close()
	if r.store, err = postgres.New(ctx, r.pool, postgres.Options{
		Catalog: o.Catalog, Writer: "bench", Patience: time.Minute, // what is slow is measured, not given up
	}); err != nil {
		return Report{}, err
	}
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- r.store.Run(ctx) }()
	report, err := r.all(ctx)
	stop()
	if ran := <-ended; err == nil {
		err = ran
	}
	return report, err
}

func (r *run) all(ctx context.Context) (Report, error) {
	var err error
	if r.meter, err = newMeter(ctx, r.pool); err != nil {
		return Report{}, err
	}
	if err := r.baselineTables(ctx); err != nil {
		return Report{}, err
	}
	for round := range r.Rounds {
		r.say("round %d of %d on a log that is nearly empty", round+1, r.Rounds)
		for _, n := range levels {
			if err := r.measure(ctx, "append", n, r.appendOne); err != nil {
				return Report{}, err
			}
			if n > maxConns {
				continue
			}
			if err := r.measure(ctx, "insert", n, r.insertOne); err != nil {
				return Report{}, err
			}
		}
		if err := r.copyRows(ctx); err != nil {
			return Report{}, err
		}
	}
	if err := r.fill(ctx); err != nil {
		return Report{}, err
	}
	for round := range r.Rounds {
		r.say("round %d of %d on a full log", round+1, r.Rounds)
		if err := r.measure(ctx, "append_full", 64, r.appendOne); err != nil {
			return Report{}, err
		}
		if err := r.read(ctx); err != nil {
			return Report{}, err
		}
	}
	return r.report(ctx)
}

func (r *run) say(format string, args ...any) { _, _ = fmt.Fprintf(r.Log, format+"\n", args...) }

// warmUp is the part of a cell that is not counted.
const warmUp = 5

// longest is how many times longer a cell is made in which nothing ended: on a slow machine
// the first of many takes a while.
const longest = 32

// measure runs one cell: n workers do work one after the other until the time is over.
func (r *run) measure(ctx context.Context, kind string, n int, work func(ctx context.Context, worker *worker) error) error {
	for cell := r.Cell; ; cell *= 2 {
		if err := r.cell(ctx, cell, kind, n, work); !errors.Is(err, errNothing) || cell >= longest*r.Cell {
			return err
		}
	}
}

var errNothing = errors.New("nothing ended")

func (r *run) cell(ctx context.Context, cell time.Duration, kind string, n int, work func(ctx context.Context, worker *worker) error) error {
	var (
		begin = time.Now().Add(cell / warmUp)
		end   = begin.Add(cell)
		wg    sync.WaitGroup
		all   = make([][]time.Duration, n)
		errs  = make([]error, n)
		count = make([]int, n)
	)
	ours, server := r.meter.used()
	for i := range n {
		wg.Go(func() {
			w := &worker{number: i}
			for {
				at := time.Now()
				if at.After(end) {
					return
				}
				if errs[i] = work(ctx, w); errs[i] != nil {
					return
				}
				count[i]++
				if done := time.Now(); at.After(begin) && done.Before(end) {
					all[i] = append(all[i], done.Sub(at))
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return fmt.Errorf("%s with %d in flight: %w", kind, n, err)
		}
	}
	cpu := r.since(ours, server, count...)
	took := slices.Concat(all...)
	if len(took) == 0 {
		return fmt.Errorf("%s with %d in flight: %w in %s", kind, n, errNothing, cell)
	}
	slices.Sort(took)
	at := func(q float64) float64 {
		return float64(took[min(int(q*float64(len(took))), len(took)-1)].Nanoseconds()) / 1e6
	}
	r.keep(Cell{
		Kind: kind, InFlight: n, Rate: float64(len(took)) / cell.Seconds(),
		P50: at(0.50), P95: at(0.95), P99: at(0.99), CPU: cpu[0], ServerCPU: cpu[1],
	})
	return nil
}

// since returns the processor time per event in microseconds, ours and the server's.
func (r *run) since(ours, server time.Duration, counts ...int) [2]float64 {
	events := 0
	for _, n := range counts {
		events += n
	}
	nowOurs, nowServer := r.meter.used()
	per := func(d time.Duration) float64 { return d.Seconds() * 1e6 / float64(max(events, 1)) }
	return [2]float64{per(nowOurs - ours), per(nowServer - server)}
}

func (r *run) keep(c Cell) {
	key := Cell{Kind: c.Kind, InFlight: c.InFlight}
	if r.cells[key] == nil {
		r.order = append(r.order, key)
	}
	r.cells[key] = append(r.cells[key], c)
	r.say("  %-12s %4d  %9.0f/s  p50 %7.3f ms  p99 %7.3f ms  cpu %5.1f + %5.1f us",
		c.Kind, c.InFlight, c.Rate, c.P50, c.P99, c.CPU, c.ServerCPU)
}

// worker is one command in flight after the other.
type worker struct {
	number int
	stream string
	events int
}
