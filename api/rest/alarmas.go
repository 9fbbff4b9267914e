package rest

import (
	"context"
	"strconv"

	"github.com/grupo-gad/gad/domain/operacion"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/alarmas"
)

// AlarmasReader reads the alarms about the use of the system.
type AlarmasReader interface {
	List(ctx context.Context, s projections.Scope, f alarmas.Filter) (alarmas.List, error)
}

// alarmas serves GET /auditoria/alarmas, newest first.
func (a *API) alarmas(r *request) error {
	q := r.query()
	f := alarmas.Filter{Cursor: q.text("cursor"), Limite: q.limit()}
	for _, word := range q.words("clase") {
		f.Clases = append(f.Clases, alarmas.Clase(word))
	}
	switch q.text("estado") {
	case "":
	case "pendiente":
		f.Atendida = new(false)
	case "atendida":
		f.Atendida = new(true)
	default:
		q.bad("estado", "puede ser pendiente o atendida")
	}
	if err := q.err(); err != nil {
		return err
	}
	if err := a.await(r, alarmas.Name); err != nil {
		return err
	}
	list, err := a.Alarmas.List(r.Request().Context(), r.scope(), f)
	if err != nil {
		return err
	}
	return r.ok(list.Posicion, list)
}

// atenderAlarma serves POST /auditoria/alarmas/{id}/atencion. The log knows whether there is
// one, so it may be said at once of an alarm that has just come in over a socket.
func (a *API) atenderAlarma(r *request) error {
	if err := r.bind(&struct{}{}, true); err != nil {
		return err
	}
	id := r.Param("id")
	stream, text, ok := operacion.DeAlerta(id)
	version, err := strconv.ParseInt(text, 10, 64)
	if !ok || err != nil || version < 1 || strconv.FormatInt(version, 10) != text {
		return operacion.ErrAlerta
	}
	records, _, err := a.readStream(r.Request().Context(), eventstore.StreamID(stream), eventstore.Version(version-1), 1)
	if err != nil {
		return err
	}
	if len(records) != 1 {
		return operacion.ErrAlerta
	}
	_, quien, ok := alarmas.De(records[0])
	if !ok {
		return operacion.ErrAlerta
	}
	return a.command(r, operacion.AtenderAlarma{OrdenAlerta: operacion.OrdenAlerta{ID: id, Por: r.who.Autor, En: r.now}, De: quien})
}
