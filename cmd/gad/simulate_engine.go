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
	"unicode/utf8"

	"golang.org/x/sync/errgroup"
)

// simulation is a fleet and its dispatcher on one fast clock, driving a system
// from outside through its public API.
type simulation struct {
	client  *simClient
	speed   float64
	start   time.Time     // the real instant ...
	origin  time.Duration // ... of this simulated one
	service time.Duration // median work on a Tarea
	stats   *simStats
	units   map[string]*simUnit
	wake    chan struct{} // a unit is free
}

func newSimulation(client *simClient, speed float64, service time.Duration) *simulation {
	return &simulation{
		client: client, speed: speed, service: service, stats: newSimStats(),
		units: map[string]*simUnit{}, wake: make(chan struct{}, 1),
	}
}

func (s *simulation) now() time.Duration {
	return s.origin + time.Duration(float64(time.Since(s.start))*s.speed)
}

func (s *simulation) real(at time.Duration) time.Time {
	return s.start.Add(time.Duration(float64(at-s.origin) / s.speed))
}

// sleep waits for a simulated instant.
func (s *simulation) sleep(ctx context.Context, at time.Duration) error {
	timer := time.NewTimer(time.Until(s.real(at)))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
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
			s.add(made.ID, t, days, uint64(i))
			return nil
		})
	}
	return group.Wait()
}

func (s *simulation) add(id string, t simTrack, days int, seed uint64) {
	s.units[id] = &simUnit{
		sim: s, id: id, track: t, days: days, cruise: cruiseOf(t), jobs: make(chan simJob, 1),
		chance: rand.New(rand.NewPCG(seed, 7)), //nolint:gosec // a drawing of chance, not a secret
	}
	s.stats.Efectivos = len(s.units)
}

// run drives until every track is over or ctx ends. calls come in order of time.
func (s *simulation) run(ctx context.Context, origin time.Duration, calls iter.Seq[simCall]) {
	s.start, s.origin = time.Now(), origin
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
	s.stats.count(func(st *simStats) { st.Duro = time.Since(s.start).Seconds() })
}

// pendingCall is a Tarea that nobody carries out yet.
type pendingCall struct {
	simCall
	tarea string
}

// dispatch turns calls into Tareas at their pace and gives each to the nearest
// available unit, oldest first; what finds nobody waits for somebody.
func (s *simulation) dispatch(ctx context.Context, calls iter.Seq[simCall]) {
	next, stop := iter.Pull(calls)
	defer stop()
	call, more := next()
	var waiting []pendingCall
	defer func() {
		s.stats.count(func(st *simStats) { st.SinEfectivo = len(waiting) })
	}()
	for {
		pause := time.Second
		if more {
			pause = min(pause, max(0, time.Until(s.real(call.at))))
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-s.wake:
			timer.Stop()
		case <-timer.C:
		}
		for more && call.at <= s.now() && ctx.Err() == nil {
			if tarea, err := s.open(ctx, call); err == nil {
				waiting = append(waiting, pendingCall{call, tarea})
			} else if ctx.Err() == nil {
				s.stats.failed(err)
			}
			call, more = next()
		}
		rest := waiting[:0]
		for _, w := range waiting {
			if !s.assign(ctx, w) {
				rest = append(rest, w)
			}
		}
		waiting = rest
	}
}

// open makes a Tarea of a call.
func (s *simulation) open(ctx context.Context, c simCall) (string, error) {
	// Calls come as "EMS: BACK PAINS/INJURY": an English department, then what it is.
	tipo, prioridad, titulo := "intervencion", 3, c.kind
	department, what, _ := strings.Cut(c.kind, ":")
	switch strings.ToUpper(department) {
	case "EMS":
		tipo, prioridad, titulo = "emergencia", 4, "Médica:"+what
	case "FIRE":
		prioridad, titulo = 4, "Incendio:"+what
	case "TRAFFIC":
		prioridad, titulo = 2, "Tránsito:"+what
	}
	if utf8.RuneCountInString(titulo) < 5 {
		titulo = "Llamada: " + titulo
	}
	s.stats.count(func(st *simStats) { st.Llamadas++ })
	var made simID
	err := s.client.do(ctx, http.MethodPost, "/tareas", map[string]any{
		"titulo": cut(titulo, 200), "tipo": tipo, "prioridad": prioridad, "descripcion": "Llamada simulada", "simulada": true,
		"ubicacion": map[string]any{"lat": c.Lat, "lon": c.Lon, "descripcion": cut(c.place, 200)},
	}, &made)
	if err == nil {
		s.stats.count(func(st *simStats) { st.Creadas++ })
	}
	return made.ID, err
}

func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

// assign gives a Tarea to the nearest unit of ours that the system believes
// available; another order may have been faster, then the next one is asked.
func (s *simulation) assign(ctx context.Context, w pendingCall) bool {
	list, err := s.client.nearest(ctx, w.Lat, w.Lon)
	if err != nil {
		if ctx.Err() == nil {
			s.stats.failed(err)
		}
		return false
	}
	for _, near := range list {
		u, ours := s.units[near.Efectivo]
		if !ours || !u.reserve() {
			continue
		}
		err := s.client.do(ctx, http.MethodPost, "/tareas/"+w.tarea+"/asignaciones", map[string]string{"efectivo": u.id}, nil)
		if err == nil {
			at := s.now()
			s.stats.count(func(st *simStats) { st.Asignadas++; st.asignar = append(st.asignar, at-w.at) })
			u.jobs <- simJob{tarea: w.tarea, place: w.Punto, call: w.at}
			return true
		}
		u.change(unitReserved, unitFree)
		if ctx.Err() != nil {
			return false
		}
		if statusOf(err) != http.StatusConflict {
			s.stats.failed(err)
			return false
		}
	}
	return false
}
