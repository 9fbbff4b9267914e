package rest

import (
	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/tarea"
)

// iniciar serves POST /tareas/{id}/inicio.
func (a *API) iniciar(r *request) error {
	return a.orderTarea(r, &struct{}{}, true, func(o tarea.Orden) (commands.Command, error) {
		return tarea.Iniciar{Orden: o}, nil
	})
}

// pausar serves POST /tareas/{id}/pausa.
func (a *API) pausar(r *request) error {
	var body conMotivo
	return a.orderTarea(r, &body, true, func(o tarea.Orden) (commands.Command, error) {
		motivo, err := body.sealed(o)
		return tarea.Pausar{Orden: o, Motivo: motivo}, err
	})
}

// reanudar serves POST /tareas/{id}/reanudacion.
func (a *API) reanudar(r *request) error {
	return a.orderTarea(r, &struct{}{}, true, func(o tarea.Orden) (commands.Command, error) {
		return tarea.Reanudar{Orden: o}, nil
	})
}

// finalizar serves POST /tareas/{id}/finalizacion.
func (a *API) finalizar(r *request) error {
	var body struct {
		Observaciones string `json:"observaciones"`
	}
	return a.orderTarea(r, &body, true, func(o tarea.Orden) (commands.Command, error) {
		text, err := free(o, "observaciones", body.Observaciones)
		return tarea.Finalizar{Orden: o, Observaciones: text}, err
	})
}

// cancelar serves POST /tareas/{id}/cancelacion. That a motivo is there is the
// domain's demand.
func (a *API) cancelar(r *request) error {
	var body conMotivo
	return a.orderTarea(r, &body, true, func(o tarea.Orden) (commands.Command, error) {
		motivo, err := body.sealed(o)
		return tarea.Cancelar{Orden: o, Motivo: motivo}, err
	})
}

// asignar serves POST /tareas/{id}/asignaciones.
func (a *API) asignar(r *request) error {
	var body struct {
		Efectivo string `json:"efectivo"`
		Forzar   bool   `json:"forzar"`
	}
	err := a.orderTarea(r, &body, false, func(o tarea.Orden) (commands.Command, error) {
		if body.Efectivo == "" {
			return nil, missing("efectivo")
		}
		id, err := bodyID[ident.Efectivo]("efectivo", body.Efectivo)
		return tarea.Asignar{Orden: o, Efectivo: id, Forzar: body.Forzar}, err
	})
	return at("efectivo", "efectivo_", err)
}

// ofrecer serves POST /tareas/{id}/ofertas.
func (a *API) ofrecer(r *request) error {
	var body struct {
		Efectivo string `json:"efectivo"`
	}
	err := a.orderTarea(r, &body, false, func(o tarea.Orden) (commands.Command, error) {
		if body.Efectivo == "" {
			return nil, missing("efectivo")
		}
		id, err := bodyID[ident.Efectivo]("efectivo", body.Efectivo)
		return tarea.OfrecerA{Orden: o, Efectivo: id}, err
	})
	return at("efectivo", "efectivo_", err)
}

// responder serves PUT /tareas/{id}/asignaciones/{efectivo}.
func (a *API) responder(r *request) error {
	var body struct {
		Estado tarea.EstadoAsignacion `json:"estado"`
		Motivo string                 `json:"motivo"` // of a rejection
	}
	return a.orderTarea(r, &body, false, func(o tarea.Orden) (commands.Command, error) {
		id, err := pathID[ident.Efectivo](r, "efectivo")
		if err != nil {
			return nil, err
		}
		if body.Estado == "" {
			return nil, missing("estado")
		}
		motivo, err := free(o, "motivo", body.Motivo)
		return tarea.Responder{Orden: o, Efectivo: id, Paso: body.Estado, Motivo: motivo}, err
	})
}

// liberar serves DELETE /tareas/{id}/asignaciones/{efectivo}.
func (a *API) liberar(r *request) error {
	return a.orderTarea(r, &struct{}{}, true, func(o tarea.Orden) (commands.Command, error) {
		id, err := pathID[ident.Efectivo](r, "efectivo")
		return tarea.Liberar{Orden: o, Efectivo: id}, err
	})
}

type conMotivo struct {
	Motivo string `json:"motivo"`
}

func (b conMotivo) sealed(o tarea.Orden) (sealed.Text, error) { return free(o, "motivo", b.Motivo) }
