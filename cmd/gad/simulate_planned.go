package main

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// bideStep is how often somebody who has a planned Tarea thinks of setting out.
const bideStep = 5 * time.Minute

// bide goes on as before until it is time to set out for a planned Tarea, and reads what he is
// reminded of.
func (u *simUnit) bide(ctx context.Context, job simJob) error {
	if job.begins == 0 {
		return nil
	}
	for {
		leave := job.begins - travel(u.at, job.Punto, u.cruise)
		now := u.sim.now()
		if now >= leave {
			u.acknowledge(ctx, job.tarea)
			return nil
		}
		u.due = max(u.due, now)
		if _, _, err := u.drive(ctx, until(u.at, u.due, u.shift(), min(leave, u.due+bideStep)), nil); err != nil {
			return err
		}
	}
}

// acknowledge says that he has read every reminder of a Tarea that he was sent.
func (u *simUnit) acknowledge(ctx context.Context, tarea string) {
	var history struct {
		Datos []struct {
			Stream  string `json:"stream"`
			Version int64  `json:"version"`
			Tipo    string `json:"tipo"`
			Datos   struct {
				Clase    string `json:"clase"`
				Efectivo string `json:"efectivo"`
			} `json:"datos"`
		} `json:"datos"`
	}
	err := u.sim.client.do(ctx, http.MethodGet, "/tareas/"+tarea+"/historial?limite=200", nil, &history)
	for _, h := range history.Datos {
		if err == nil && h.Tipo == "tarea.recordatorio_enviado" && h.Datos.Efectivo == u.id {
			err = u.sim.client.do(ctx, http.MethodPost, fmt.Sprintf("/avisos/%s@%d/lectura", h.Stream, h.Version), struct{}{}, nil)
		}
	}
	if err != nil && ctx.Err() == nil {
		u.sim.stats.failed(err)
	}
}
