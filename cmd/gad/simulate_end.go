package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	// simParting is how long a run may take to end what it began, longer than a server that is
	// busy takes to answer at all; what is not ended by then is said. A guest of a system that
	// itself ends has guestParting.
	simParting   = time.Minute
	guestParting = 3 * time.Second

	partingDesks = 8 // orders at once
	partingPause = 250 * time.Millisecond
	partingSays  = "Fin de la simulación"
)

// simTarea is a Tarea of the run that is not known to be closed.
type simTarea struct {
	code  string
	state tareaState
}

type tareaState uint8

const (
	tareaWaits tareaState = iota // for somebody to take it
	tareaTaken                   // somebody was given it
	tareaBegun                   // the work goes on
)

// simLeft is what a run could not end: people by their code, Tareas by theirs.
type simLeft struct {
	Turnos []string `json:"turnos"`
	Tareas []string `json:"tareas"`
	SOS    []string `json:"sos"`
}

// String lists it for people; "" when there is nothing.
func (l simLeft) String() string {
	const most = 10
	var all []string
	for _, k := range []struct {
		one, many string
		names     []string
	}{{"turno", "turnos", l.Turnos}, {"tarea", "tareas", l.Tareas}, {"SOS", "SOS", l.SOS}} {
		n := len(k.names)
		if n == 0 {
			continue
		}
		names := slices.Sorted(slices.Values(k.names))
		if n > most {
			names = append(names[:most], fmt.Sprintf("y %d más", n-most))
		}
		what := k.many
		if n == 1 {
			what = k.one
		}
		all = append(all, fmt.Sprintf("%d %s (%s)", n, what, strings.Join(names, ", ")))
	}
	return strings.Join(all, "; ")
}

// err is what a run ends with that left something open; nil when it did not.
func (l simLeft) err() error {
	text := l.String()
	if text == "" {
		return nil
	}
	return fmt.Errorf("la simulación terminó y no pudo cerrar %s: cerralos en el tablero, con el sistema en marcha", text)
}

// began keeps in mind a Tarea that was created.
func (s *simulation) began(tarea, code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tareas[tarea] = simTarea{code: code}
}

// becomes says how far a Tarea of the run is.
func (s *simulation) becomes(tarea string, state tareaState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t, ours := s.tareas[tarea]; ours {
		t.state = state
		s.tareas[tarea] = t
	}
}

// closed forgets a Tarea: nothing is left to do about it.
func (s *simulation) closed(tarea string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tareas, tarea)
}

// order gives an order, unless the run is over, and hears it out.
func (s *simulation) order(ctx context.Context, c *simClient, method, path string, in, out any) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	heard, done := s.heardOut(ctx)
	defer done()
	return c.do(heard, method, path, in, out)
}

// heardOut outlives ctx by the time of parting: an order that was given before an interruption
// counts as it was answered, or whom it bound would be bound for ever.
func (s *simulation) heardOut(ctx context.Context) (context.Context, context.CancelFunc) {
	heard, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		last := time.NewTimer(s.parting)
		defer last.Stop()
		select {
		case <-heard.Done():
		case <-last.C:
			cancel()
		}
	})
	return heard, func() { stop(); cancel() }
}

// part ends what the run leaves open, once nobody drives and nobody dispatches any more: work
// that goes on is finished, what nobody began is cancelled, and whoever is on duty goes off it.
func (s *simulation) part(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, s.parting)
	defer cancel()
	var duty []*simUnit
	for _, u := range s.units {
		if u.onShift {
			duty = append(duty, u)
		}
	}
	s.mu.Lock()
	open := maps.Clone(s.tareas)
	s.mu.Unlock()
	said := func(int64) {}
	if s.parts != nil && len(open)+len(duty) > 0 {
		said = s.parts(len(open), len(duty))
	}
	var ended atomic.Int64
	var tareas, turnos errgroup.Group
	tareas.SetLimit(partingDesks)
	turnos.SetLimit(partingDesks)
	for id, t := range open {
		tareas.Go(func() error { s.closeTarea(ctx, id, t); said(ended.Add(1)); return nil })
	}
	_ = tareas.Wait() // none fails; first of all, for a Tarea in hand keeps him on duty
	for _, u := range duty {
		turnos.Go(func() error {
			if err := u.endShift(ctx); err != nil {
				s.stats.failed(err)
				s.stats.count(func(st *simStats) { st.Quedaron.Turnos = append(st.Quedaron.Turnos, u.name()) })
			}
			said(ended.Add(1))
			return nil
		})
	}
	_ = turnos.Wait() // none fails
}

// closeTarea finishes work that goes on and cancels what nobody began.
func (s *simulation) closeTarea(ctx context.Context, id string, t simTarea) {
	err := persist(ctx, func() error {
		if t.state == tareaBegun {
			return s.client.do(ctx, http.MethodPost, "/tareas/"+id+"/finalizacion", map[string]string{"observaciones": partingSays}, nil)
		}
		return s.desk.do(ctx, http.MethodPost, "/tareas/"+id+"/cancelacion", map[string]string{"motivo": partingSays}, nil)
	})
	switch {
	case codeIs(err, "tarea_finalizada", "tarea_cancelada"): // by somebody else
		s.closed(id)
	case err != nil:
		s.stats.failed(err)
		s.stats.count(func(st *simStats) { st.Quedaron.Tareas = append(st.Quedaron.Tareas, cmp.Or(t.code, id)) })
	default:
		s.closed(id)
		s.stats.count(func(st *simStats) {
			switch t.state {
			case tareaBegun:
				st.Cortadas++
			case tareaTaken:
				st.Canceladas++
			case tareaWaits:
				st.Canceladas++
				st.SinEfectivo++
			}
		})
	}
}

// endShift takes him off duty. What still binds him he gives back: an offer that nobody
// answered, or a Tarea that others gave him.
func (u *simUnit) endShift(ctx context.Context) error {
	for {
		err := u.sim.client.do(ctx, http.MethodDelete, "/efectivos/"+u.id+"/turno", nil, nil)
		if err == nil {
			u.onShift = false
			return nil
		}
		switch bound := codeIs(err, "efectivo_con_tarea_activa"); {
		case ctx.Err() != nil || !bound && !passing(err):
			return err
		case bound:
			if err := u.release(ctx); err != nil {
				return err
			}
		}
		if sleep(ctx, partingPause) != nil {
			return err
		}
	}
}

// release gives back everything that binds him. Only what will never be allowed is an error.
func (u *simUnit) release(ctx context.Context) error {
	var him struct{ Tareas []string }
	if err := u.sim.client.do(ctx, http.MethodGet, "/efectivos/"+u.id, nil, &him); err != nil {
		return lasting(err)
	}
	for _, tarea := range him.Tareas {
		if u.refuse(ctx, tarea, "Fin del turno (simulado)") == nil {
			continue
		}
		// Not an offer, or accepted already: who commands takes it from him.
		if err := u.sim.desk.do(ctx, http.MethodDelete, "/tareas/"+tarea+"/asignaciones/"+u.id, nil, nil); err != nil {
			if err := lasting(err); err != nil {
				return err
			}
		}
	}
	return nil
}

// name is by what people know him.
func (u *simUnit) name() string { return cmp.Or(u.code, u.id) }

// persist repeats an order until it is answered for good or ctx ends.
func persist(ctx context.Context, order func() error) error {
	for {
		if err := order(); err == nil || !passing(err) || sleep(ctx, partingPause) != nil {
			return err
		}
	}
}

// passing reports whether a failure may be over soon: no answer, an overload, a lost race.
func passing(err error) bool {
	status := statusOf(err)
	return status == 0 || status >= 500 || status == http.StatusTooManyRequests || codeIs(err, "orden_en_curso", "version_vencida")
}

// lasting keeps a refusal that no repetition changes; what was decided meanwhile is looked at anew.
func lasting(err error) error {
	if status := statusOf(err); status == http.StatusForbidden || status == http.StatusNotFound {
		return err
	}
	return nil
}

// codeIs reports a refusal by one of these codes.
func codeIs(err error, codes ...string) bool {
	p, ok := errors.AsType[*problemError](err)
	return ok && slices.Contains(codes, p.Codigo)
}
