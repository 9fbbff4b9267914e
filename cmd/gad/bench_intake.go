package main

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/projections/bench"
)

// intakeLoad sends positions at a fixed rate, whatever the answers do: a system that stalls is
// charged for what it delayed.
type intakeLoad struct {
	rate  float64 // positions per second
	batch int     // in one request
	span  time.Duration
}

type reported struct {
	Lat       float64   `json:"lat"`
	Lon       float64   `json:"lon"`
	En        time.Time `json:"en"`
	Precision float64   `json:"precision_m"`
	Velocidad float64   `json:"velocidad_mps"`
}

// run reports for one Efectivo after the other and tells how long each request took from when
// it was due, and how many positions a second were stored.
func (l intakeLoad) run(ctx context.Context, h *restClient, s bench.Sample, progress func(step string, done, total int64)) (bench.Answered, error) {
	every := time.Duration(float64(l.batch) / l.rate * float64(time.Second))
	requests := int(l.span / every)
	var (
		mu     sync.Mutex
		took   []time.Duration
		stored int
		calls  errgroup.Group
	)
	calls.SetLimit(intakeConns)
	begin := time.Now()
	for n := range requests {
		due := begin.Add(time.Duration(n) * every)
		time.Sleep(time.Until(due))
		if ctx.Err() != nil {
			break
		}
		calls.Go(func() error {
			accepted, err := l.report(ctx, h, s, n, due)
			mu.Lock()
			defer mu.Unlock()
			took, stored = append(took, time.Since(due)), stored+accepted
			if progress != nil {
				progress("mandar posiciones", int64(len(took)), int64(requests))
			}
			return err
		})
	}
	err := calls.Wait()
	a := bench.NewAnswered(groupPositions, fmt.Sprintf("lotes de %d", l.batch), barIntake, took)
	a.PerSecond, a.BarPerSecond = float64(stored)/time.Since(begin).Seconds(), barFixes
	a.Passed = a.Passed && a.PerSecond >= barFixes
	return a, err
}

// everybodyReports sends one fix of each.
func everybodyReports(ctx context.Context, h *restClient, s bench.Sample, progress func(step string, done, total int64)) error {
	var (
		done  atomic.Int64
		calls errgroup.Group
	)
	calls.SetLimit(intakeConns)
	for i := range s.Efectivos {
		calls.Go(func() error {
			_, err := intakeLoad{batch: 1}.report(ctx, h, s, i, time.Now())
			progress("dónde está cada uno", done.Add(1), int64(len(s.Efectivos)))
			return err
		})
	}
	return calls.Wait()
}

// report sends what the n-th device has gathered, a fix every tenth of a second up to due.
func (l intakeLoad) report(ctx context.Context, h *restClient, s bench.Sample, n int, due time.Time) (accepted int, err error) {
	who := n % len(s.Efectivos)
	fixes := make([]reported, l.batch)
	for k := range fixes {
		back := l.batch - 1 - k
		fixes[k] = reported{
			Lat: s.Lugares[who].Lat, Lon: s.Lugares[who].Lon - float64(back)*1e-6, En: due.Add(-time.Duration(back) * 100 * time.Millisecond).UTC(),
			Precision: 5, Velocidad: 1,
		}
	}
	var answer struct {
		Aceptadas int `json:"aceptadas"`
	}
	err = h.do(ctx, permiso.Servicio, http.MethodPost, "/efectivos/"+string(s.Efectivos[who])+"/posiciones", map[string]any{"fixes": fixes}, &answer)
	return answer.Aceptadas, err
}
