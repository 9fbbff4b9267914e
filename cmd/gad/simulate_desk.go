package main

import (
	"context"
	"iter"
	"net/http"
	"time"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"
)

// dispatch turns calls into Tareas at their pace and gives each to the nearest
// available unit, oldest first; what finds nobody waits for somebody.
func (s *simulation) dispatch(ctx context.Context, calls iter.Seq[simCall]) {
	next, stop := iter.Pull(calls)
	defer stop()
	call, more := next()
	var waiting []simJob
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
		var came []simCall
		for more && call.at <= s.now() && ctx.Err() == nil {
			if c := call; s.script != nil && grave(c.kind) {
				s.later.Go(func() { s.emergency(ctx, c) })
			} else {
				came = append(came, c)
			}
			call, more = next()
		}
		for _, job := range atDesks(came, func(c simCall) *simJob { return s.open(ctx, c) }) {
			if job != nil {
				waiting = append(waiting, *job)
			}
		}
		waiting = append(waiting, s.takeBack()...)
		gone := atDesks(waiting, func(w simJob) bool { return s.assign(ctx, w) })
		rest := waiting[:0]
		for i, w := range waiting {
			if !gone[i] {
				rest = append(rest, w)
			}
		}
		waiting = rest
	}
}

// desks are how many dispatchers there are.
const desks = 4

// atDesks lets the dispatchers do one thing for each of a list, the oldest first.
func atDesks[T, R any](list []T, do func(T) R) []R {
	done := make([]R, len(list))
	var room errgroup.Group
	room.SetLimit(desks)
	for i, one := range list {
		room.Go(func() error { done[i] = do(one); return nil })
	}
	_ = room.Wait() // none fails
	return done
}

// open makes a Tarea of a call, for now or, of some that can wait, for later; nil when it could
// not.
func (s *simulation) open(ctx context.Context, c simCall) *simJob {
	department, what := readKind(c.kind)
	titulo := department.title(what)
	if utf8.RuneCountInString(titulo) < 5 {
		titulo = "Llamada: " + titulo
	}
	s.stats.count(func(st *simStats) { st.Llamadas++ })
	var made simID
	body := map[string]any{
		"titulo": cut(titulo, 200), "tipo": department.tipo, "prioridad": department.prioridad, "descripcion": "Llamada simulada", "simulada": true,
		"ubicacion": map[string]any{"lat": c.Lat, "lon": c.Lon, "descripcion": cut(c.place, 200)},
	}
	if zone := s.zoneOf(c.Punto); zone != "" {
		body["zona"] = zone
	}
	job := simJob{simCall: c}
	if department.prioridad <= canWait && s.script.plan() {
		job.begins = s.now() + planAhead
		body["inicio_programado"] = s.real(job.begins).UTC()
		body["fin_programado"] = s.real(job.begins + planLasts).UTC()
	}
	if err := s.order(ctx, s.desk, http.MethodPost, "/tareas", body, &made); err != nil {
		if ctx.Err() == nil {
			s.stats.failed(err)
		}
		return nil
	}
	s.stats.count(func(st *simStats) {
		st.Creadas++
		if job.begins > 0 {
			st.Programadas++
		}
	})
	s.began(made.ID, made.Codigo)
	job.tarea = made.ID
	return &job
}

// canWait is the most urgent prioridad of what may be planned for later.
const canWait = 2

func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

// assign gives a Tarea to the nearest unit of ours that the system believes
// available; another order may have been faster, then the next one is asked.
func (s *simulation) assign(ctx context.Context, w simJob) bool {
	list, err := s.desk.nearest(ctx, w.Lat, w.Lon)
	if err != nil {
		if ctx.Err() == nil {
			s.stats.failed(err)
		}
		return false
	}
	for _, near := range list {
		u, ours := s.units[near.Efectivo]
		if !ours || near.Efectivo == w.not || !u.reserve() {
			continue
		}
		err := s.order(ctx, s.desk, http.MethodPost, "/tareas/"+w.tarea+"/asignaciones", map[string]string{"efectivo": u.id}, nil)
		if err == nil {
			at := s.now()
			s.becomes(w.tarea, tareaTaken)
			s.stats.count(func(st *simStats) { st.Asignadas++; st.asignar = append(st.asignar, at-w.at) })
			w.offered = false // whoever is assigned may reject once more
			u.jobs <- w
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
