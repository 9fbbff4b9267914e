package main

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"
)

// graveWords are of calls in which somebody may die, as dispatchers here and there write them.
var graveWords = []string{
	"CARDIAC", "RESPIRATORY", "STROKE", "UNCONSCIOUS", "UNRESPONSIVE", "HEMORRHAG", "OVERDOSE", "CHOKING", "BURN",
	"BUILDING FIRE", "RESCUE", "RESPIRATORIA", "EDIFICIO",
}

func grave(kind string) bool {
	kind = strings.ToUpper(kind)
	return slices.ContainsFunc(graveWords, func(w string) bool { return strings.Contains(kind, w) })
}

const (
	offerPoll  = 500 * time.Millisecond // real time between two looks at an offer
	offerWaits = 90 * time.Second       // real time after which an offer must have lapsed
)

// emergency reports a call and sees to it that whoever is offered it answers: at once for
// most, against it for some, and not at all for a few, whom the system then passes over. What
// finds nobody goes to the desk.
func (s *simulation) emergency(ctx context.Context, c simCall) {
	s.stats.count(func(st *simStats) { st.Llamadas++ })
	_, what := readKind(c.kind)
	var made struct {
		Tarea     string `json:"tarea"`
		Codigo    string `json:"codigo"`
		OfrecidaA string `json:"ofrecida_a"`
	}
	err := s.order(ctx, s.desk, http.MethodPost, "/emergencias", map[string]any{
		"lat": c.Lat, "lon": c.Lon, "descripcion": cut(what+", "+c.place, 200), "simulada": true,
	}, &made)
	if err != nil {
		if ctx.Err() == nil {
			s.stats.failed(err)
		}
		return
	}
	s.began(made.Tarea, made.Codigo)
	s.stats.count(func(st *simStats) { st.Creadas++; st.Emergencias++ })
	job := simJob{simCall: c, tarea: made.Tarea, offered: true}
	for to := made.OfrecidaA; to != "" && ctx.Err() == nil; {
		went, held := s.offerTo(ctx, job, to)
		if went {
			return
		}
		next := s.nextOffer(ctx, job.tarea, to)
		if held {
			s.units[to].change(unitReserved, unitFree)
			s.freed()
		}
		to = next
	}
	if ctx.Err() == nil {
		s.stats.count(func(st *simStats) { st.SinCandidato++ })
		s.handBack(job)
	}
}

// offerTo lets a unit answer. It went, or it did not and is held until the offer is over.
func (s *simulation) offerTo(ctx context.Context, job simJob, to string) (went, held bool) {
	u, ours := s.units[to]
	if !ours {
		return false, false // somebody else's: the system waits for his answer
	}
	if !u.reserve() { // about to go off duty, or in the hands of the desk for a moment
		_ = u.reject(ctx, job.tarea) // taken from him meanwhile: then somebody else has it
		return false, false
	}
	switch s.script.answer(true) {
	case accept:
		at := s.now()
		s.becomes(job.tarea, tareaTaken)
		s.stats.count(func(st *simStats) { st.Asignadas++; st.asignar = append(st.asignar, at-job.at) })
		u.jobs <- job
		return true, false
	case reject:
		switch err := u.reject(ctx, job.tarea); {
		case lapsed(err):
			s.stats.count(func(st *simStats) { st.SinRespuesta++ })
		case err != nil && ctx.Err() == nil:
			s.stats.failed(err)
		}
	case ignore:
		s.stats.count(func(st *simStats) { st.SinRespuesta++ })
	}
	return false, true
}

// nextOffer waits until the offer to somebody is over and returns to whom it is made then,
// "" when nobody is left.
func (s *simulation) nextOffer(ctx context.Context, tarea, from string) string {
	for deadline := time.Now().Add(offerWaits); time.Now().Before(deadline) && ctx.Err() == nil; {
		var now struct {
			Asignaciones []struct {
				Efectivo string `json:"efectivo"`
				Estado   string `json:"estado"`
			} `json:"asignaciones"`
		}
		if err := s.desk.do(ctx, http.MethodGet, "/tareas/"+tarea, nil, &now); err != nil {
			return ""
		}
		offered := ""
		for _, a := range now.Asignaciones {
			if a.Estado == "ofrecida" {
				offered = a.Efectivo
			}
		}
		if offered != from {
			return offered
		}
		select {
		case <-ctx.Done():
		case <-time.After(offerPoll):
		}
	}
	return ""
}
