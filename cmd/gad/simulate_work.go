package main

import (
	"context"
	"math"
	"net/http"
	"time"
)

// simJob is a Tarea in somebody's hands.
type simJob struct {
	simCall
	tarea   string
	offered bool          // by a recommendation: an emergency
	begins  time.Duration // when it was planned to; 0: at once
	not     string        // the unit that gave it back
}

// carryOut does a Tarea from the answer to the end. A refusal of the API ends it where it is:
// somebody else may have cancelled it meanwhile. It returns false when the unit rejected the
// Tarea, or accepted an offer too late; it then goes back to the desk.
func (u *simUnit) carryOut(ctx context.Context, job simJob) bool {
	order := func(method, path string, body any) bool {
		err := u.sim.order(ctx, u.sim.client, method, "/tareas/"+job.tarea+path, body, nil)
		if err != nil && ctx.Err() == nil {
			u.sim.stats.failed(err)
		}
		return err == nil
	}
	step := func(estado string) bool {
		return order(http.MethodPut, "/asignaciones/"+u.id, map[string]string{"estado": estado})
	}
	// An offer was answered for or against when it was made.
	if !job.offered && u.sim.script.answer(false) == reject && u.reject(ctx, job.tarea) == nil {
		return false
	}
	err := u.sim.order(ctx, u.sim.client, http.MethodPut, "/tareas/"+job.tarea+"/asignaciones/"+u.id, map[string]string{"estado": "aceptada"}, nil)
	switch {
	case job.offered && lapsed(err):
		u.sim.stats.count(func(s *simStats) { s.SinRespuesta++ })
		return false
	case err != nil:
		if ctx.Err() == nil {
			u.sim.stats.failed(err)
		}
		return true
	}
	u.sim.stats.count(func(s *simStats) { s.Aceptaciones++ })
	if u.bide(ctx, job) != nil || !step("en_camino") {
		return true
	}
	u.mishap(ctx)
	if _, _, err := u.drive(ctx, straight(u.at, job.Punto, u.sim.now(), u.cruise, arrived), nil); err != nil {
		return true
	}
	if !u.sim.script.forgets() && !step("en_lugar") {
		return true
	}
	now := u.sim.now()
	if job.begins == 0 {
		u.sim.stats.count(func(s *simStats) { s.ir = append(s.ir, now-job.at) })
	} else if _, _, err := u.drive(ctx, until(u.at, now, nil, max(now, job.begins)), nil); err != nil {
		return true
	}
	u.acknowledge(ctx, job.tarea)
	if !order(http.MethodPost, "/inicio", struct{}{}) {
		return true
	}
	u.sim.becomes(job.tarea, tareaBegun)
	// Most work is short and some is long: log-normal around the median.
	service := time.Duration(float64(u.sim.service) * math.Exp(0.5*u.chance.NormFloat64()))
	parts := []time.Duration{service}
	if u.sim.script.pauses() {
		parts = []time.Duration{service / 2, breakFor, service / 2}
	}
	for i, part := range parts {
		switch {
		case i == 1 && !order(http.MethodPost, "/pausa", map[string]string{"motivo": "Espera de apoyo (simulada)"}),
			i == 2 && !order(http.MethodPost, "/reanudacion", struct{}{}):
			return true
		case i == 1:
			u.sim.stats.count(func(s *simStats) { s.Pausas++ })
		}
		now := u.sim.now()
		if _, _, err := u.drive(ctx, stand(u.at, now, now+part), nil); err != nil {
			return true
		}
	}
	if order(http.MethodPost, "/finalizacion", struct{}{}) {
		u.sim.closed(job.tarea)
		u.sim.stats.count(func(s *simStats) { s.Finalizadas++ })
	}
	return true
}

// lapsed reports the refusal of an answer that came when the offer was over.
func lapsed(err error) bool {
	return codeIs(err, "efectivo_no_asignado")
}

// reject gives an assignment back.
func (u *simUnit) reject(ctx context.Context, tarea string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	heard, done := u.sim.heardOut(ctx)
	defer done()
	return u.refuse(heard, tarea, "Vehículo fuera de servicio (simulado)")
}

// refuse is reject for a reason of its own, within ctx.
func (u *simUnit) refuse(ctx context.Context, tarea, why string) error {
	err := u.sim.client.do(ctx, http.MethodPut, "/tareas/"+tarea+"/asignaciones/"+u.id,
		map[string]string{"estado": "rechazada", "motivo": why}, nil)
	if err == nil {
		u.sim.stats.count(func(s *simStats) { s.Rechazos++ })
	}
	return err
}

// mishap is what may go wrong on the way. The unit drives on: help comes to it.
func (u *simUnit) mishap(ctx context.Context) {
	now := u.sim.now()
	switch u.sim.script.befalls() {
	case goesDark:
		u.dark = now + max(darkFor, time.Duration(float64(darkLeast)*u.sim.speed))
		u.sim.stats.count(func(s *simStats) { s.SinSenal++ })
	case callsHelp:
		err := u.sim.order(ctx, u.sim.client, http.MethodPost, "/efectivos/"+u.id+"/sos",
			map[string]any{"ubicacion": map[string]float64{"lat": u.at.Lat, "lon": u.at.Lon}}, nil)
		if err != nil {
			if ctx.Err() == nil {
				u.sim.stats.failed(err)
			}
			return
		}
		u.sim.stats.count(func(s *simStats) { s.SOS++ })
		u.sim.later.Go(func() { u.sim.attendSOS(ctx, u, now+max(helpAfter, time.Duration(float64(helpLeast)*u.sim.speed))) })
	case nothing:
	}
}

// attendSOS ends an alarm, whatever becomes of the run meanwhile: nobody else would.
func (s *simulation) attendSOS(ctx context.Context, u *simUnit, at time.Duration) {
	_ = s.sleep(ctx, at) // interrupted: attended now
	heard, done := s.heardOut(ctx)
	defer done()
	attending, cancel := context.WithTimeout(heard, s.parting)
	defer cancel()
	err := persist(attending, func() error {
		return s.desk.do(attending, http.MethodDelete, "/efectivos/"+u.id+"/sos", map[string]string{"observaciones": "Atendido (simulado)"}, nil)
	})
	if err != nil {
		s.stats.failed(err)
		s.stats.count(func(st *simStats) { st.Quedaron.SOS = append(st.Quedaron.SOS, u.name()) })
	}
}
