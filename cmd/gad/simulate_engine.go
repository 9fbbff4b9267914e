package main

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// simulation is a fleet and its dispatcher on one fast clock, driving a system
// from outside through its public API.
type simulation struct {
	client  *simClient // who speaks for the units
	desk    *simClient // who speaks for those who command
	audit   *simClient // who reads the log
	script  *simScript // what goes wrong; nil: nothing
	speed   float64
	start   time.Time     // the real instant ...
	origin  time.Duration // ... of this simulated one
	service time.Duration // median work on a Tarea
	stats   *simStats
	units   map[string]*simUnit
	zones   []simDrawn     // what the places of calls lie in
	wake    chan struct{}  // a unit is free, or a Tarea came back
	later   sync.WaitGroup // what goes on beside the units
	parting time.Duration  // how long after its end a run may take to put in order what it leaves
	// parts is told how much there is to end, and the function it returns how much of it was
	// ended, by several at once; nil: nobody is.
	parts func(tareas, turnos int) func(ended int64)

	mu       sync.Mutex          // guards what follows
	returned []simJob            // Tareas that nobody carries out any more
	tareas   map[string]simTarea // by id, what is open
}

func newSimulation(client, desk *simClient, speed float64, service time.Duration) *simulation {
	return &simulation{
		client: client, desk: desk, speed: speed, service: service, stats: newSimStats(),
		units: map[string]*simUnit{}, wake: make(chan struct{}, 1), parting: guestParting, tareas: map[string]simTarea{},
	}
}

func (s *simulation) now() time.Duration {
	return s.origin + time.Duration(float64(time.Since(s.start))*s.speed)
}

func (s *simulation) real(at time.Duration) time.Time {
	return s.start.Add(time.Duration(float64(at-s.origin) / s.speed))
}

// asReal is how long a simulated time takes.
func (s *simulation) asReal(d time.Duration) time.Duration {
	return time.Duration(float64(d) / s.speed)
}

// sleep waits for a simulated instant.
func (s *simulation) sleep(ctx context.Context, at time.Duration) error {
	return sleep(ctx, time.Until(s.real(at)))
}

// handBack gives a Tarea that a unit does not do back to the desk.
func (s *simulation) handBack(job simJob) {
	s.becomes(job.tarea, tareaWaits)
	s.mu.Lock()
	s.returned = append(s.returned, job)
	s.mu.Unlock()
	s.freed()
}

// takeBack returns what was handed back.
func (s *simulation) takeBack() []simJob {
	s.mu.Lock()
	defer s.mu.Unlock()
	back := s.returned
	s.returned = nil
	return back
}

func (s *simulation) freed() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// enlist registers one simulated Efectivo per track.
func (s *simulation) enlist(ctx context.Context, run string, tracks []simTrack, days int) error {
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	var mu sync.Mutex // guards units while they are enlisted
	for i, t := range tracks {
		group.Go(func() error {
			name := fmt.Sprintf("%s-%02d", run, i+1)
			var made simID
			err := s.client.do(gctx, http.MethodPost, "/efectivos", map[string]any{
				"simulado": true, "aceleracion": s.speed, "codigo_interno": "SIM-" + name, "unidad": "Simulación", "especialidad": t.name,
				"nombre": "Simulado", "apellido": name, "email": strings.ToLower("sim-"+name) + "@simulado.invalid", "dni": "SIM" + name,
			}, &made)
			if err != nil {
				return fmt.Errorf("registrar al efectivo simulado %s: %w", name, err)
			}
			mu.Lock()
			defer mu.Unlock()
			s.add(made.ID, t, days, uint64(i)).code = "SIM-" + name
			return nil
		})
	}
	return group.Wait()
}

func (s *simulation) add(id string, t simTrack, days int, seed uint64) *simUnit {
	u := &simUnit{
		sim: s, id: id, track: t, days: days, span: daySpan, cruise: cruiseOf(t), jobs: make(chan simJob, 1),
		chance: rand.New(rand.NewPCG(seed, 7)), //nolint:gosec // a drawing of chance, not a secret
	}
	s.units[id] = u
	s.stats.Efectivos = len(s.units)
	return u
}

// run drives until every track is over or ctx ends, and then ends what is open. calls come in
// order of time.
func (s *simulation) run(ctx context.Context, origin time.Duration, calls iter.Seq[simCall]) {
	if s.start.IsZero() {
		s.start = time.Now()
	}
	s.origin = origin
	last, done := s.heardOut(ctx)
	defer done()
	var fleet sync.WaitGroup
	for _, u := range s.units {
		fleet.Go(func() { u.run(ctx) })
	}
	dispatching, stop := context.WithCancel(ctx)
	var desk sync.WaitGroup
	desk.Go(func() { s.dispatch(dispatching, calls) })
	fleet.Wait()
	stop()
	desk.Wait()
	s.later.Wait()
	s.stats.count(func(st *simStats) { st.Duro = time.Since(s.start).Seconds() })
	s.part(last)
}
