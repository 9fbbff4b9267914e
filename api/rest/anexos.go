package rest

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
)

// reabrir serves POST /tareas/{id}/reapertura.
func (a *API) reabrir(r *request) error {
	var body struct {
		conMotivo
		PermitirSolape bool `json:"permitir_solape"`
	}
	return a.orderTarea(r, &body, true, func(o tarea.Orden) (commands.Command, error) {
		motivo, err := body.sealed(o)
		return tarea.Reabrir{Orden: o, Motivo: motivo, PermitirSolape: body.PermitirSolape}, err
	})
}

// hecho is the answer to an order that adds something of its own to a Tarea.
type hecho struct {
	ID       string `json:"id"` // of what was added
	Tarea    string `json:"tarea"`
	Version  int64  `json:"version"`
	Posicion int64  `json:"posicion"`
	Repetida bool   `json:"repetida,omitzero"`
}

// add dispatches an order that adds something to a Tarea and answers 201; what has no address
// of its own, no collection, is found in the Tarea. A repeated
// order is answered with what its first acceptance added, which found knows in the facts.
func (a *API) add(r *request, cmd commands.Command, id, collection string, found func(eventstore.Recorded) string) error {
	answer, err := a.order(r, cmd)
	if err != nil {
		return err
	}
	if answer.Repeated {
		command := r.Response().Header().Get(headerCommand)
		for rec, err := range a.Log.ReadStream(r.Request().Context(), answer.Stream, 0) {
			if err != nil {
				return err
			}
			if rec.Command.String() == command {
				id = found(rec)
			}
		}
	}
	h := r.Response().Header()
	at := prefix + "/tareas/" + aggregateID(answer.Stream)
	if collection != "" {
		at += "/" + collection + "/" + id
	}
	h.Set("Location", at)
	h.Set("ETag", etag(int64(answer.Version)))
	h.Set(headerPosition, strconv.FormatInt(int64(answer.Position), 10))
	return write(r.Context, http.StatusCreated, "application/json", hecho{
		ID: id, Tarea: aggregateID(answer.Stream), Version: int64(answer.Version), Posicion: int64(answer.Position), Repetida: answer.Repeated,
	})
}

// agregarNota serves POST /tareas/{id}/notas.
func (a *API) agregarNota(r *request) error {
	var body struct {
		Texto string `json:"texto"`
	}
	if err := r.bind(&body, false); err != nil {
		return err
	}
	id, err := a.tareaID(r)
	if err != nil {
		return err
	}
	o := tarea.Orden{ID: id, Por: r.who.Autor, En: r.now}
	nota := uuid.Must(uuid.NewV7()).String()
	return a.add(r, tarea.AgregarNota{Orden: o, Nota: ident.Nota(nota), Texto: commands.Seal(string(id), "nota", body.Texto)}, nota, "",
		func(rec eventstore.Recorded) string {
			e, _ := rec.Event.(tarea.NotaAgregada)
			return string(e.Nota)
		})
}

// cumplirPunto serves PUT /tareas/{id}/lista/{punto}; without a body the point is done.
func (a *API) cumplirPunto(r *request) error {
	var body struct {
		Cumplido *bool `json:"cumplido"`
	}
	return a.orderTarea(r, &body, true, func(o tarea.Orden) (commands.Command, error) {
		n, err := strconv.Atoi(r.Param("punto"))
		if err != nil || n < 1 {
			return nil, tarea.ErrSinPunto.With(fault.Field{Name: "punto", Message: "es el número de un punto de la lista"})
		}
		return tarea.CumplirPunto{Orden: o, Punto: n, Deshacer: body.Cumplido != nil && !*body.Cumplido}, nil
	})
}

// puntoDado is a line of a checklist in a body: its text, or an object that may name
// the point it replaces or keeps.
type puntoDado struct {
	Punto int
	Texto string
}

// UnmarshalJSON implements json.Unmarshaler.
func (p *puntoDado) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &p.Texto)
	}
	var object struct {
		Punto int    `json:"punto"`
		Texto string `json:"texto"`
	}
	if err := json.Unmarshal(b, &object, json.RejectUnknownMembers(true)); err != nil {
		return tarea.ErrDatos.With(fault.Field{Name: "lista", Message: "cada punto es un texto, o {punto, texto}"})
	}
	p.Punto, p.Texto = object.Punto, object.Texto
	return nil
}

func checklist(owner string, given []puntoDado) ([]tarea.PuntoNuevo, error) {
	if len(given) > tarea.MaxPuntos {
		return nil, tarea.ErrDatos.With(fault.Field{Name: "lista", Message: fmt.Sprintf("lleva como mucho %d puntos", tarea.MaxPuntos)})
	}
	lines := make([]tarea.PuntoNuevo, len(given))
	for i, p := range given {
		lines[i] = tarea.PuntoNuevo{Punto: p.Punto, Texto: commands.Seal(owner, "lista", p.Texto)}
	}
	return lines, nil
}
