package rest

import (
	"strconv"
	"strings"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/operacion"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
)

// acusarAlerta serves POST /alertas/{id}/acuse. An alert is a fact, named by its
// stream and version, so the log knows whether there is one.
func (a *API) acusarAlerta(r *request) error {
	if err := r.bind(&struct{}{}, true); err != nil {
		return err
	}
	id := r.Param("id")
	stream, text, ok := operacion.DeAlerta(id)
	version, err := strconv.ParseInt(text, 10, 64)
	if !ok || err != nil || version < 1 || !strings.HasPrefix(stream, "efectivo-") && !strings.HasPrefix(stream, "tarea-") {
		return operacion.ErrAlerta
	}
	records, _, err := a.readStream(r.Request().Context(), eventstore.StreamID(stream), eventstore.Version(version-1), 1)
	if err != nil {
		return err
	}
	if len(records) != 1 || !alerts(records[0]) {
		return operacion.ErrAlerta
	}
	return a.command(r, operacion.AcusarAlerta{OrdenAlerta: operacion.OrdenAlerta{ID: id, Por: r.who.Autor, En: r.now}})
}

// alerts reports whether a fact is one that people are alerted to.
func alerts(rec eventstore.Recorded) bool {
	switch rec.Event.(type) {
	case efectivo.SOSActivado, efectivo.SenalPerdida, efectivo.ZonaIngresada, efectivo.ZonaAbandonada,
		tarea.Creada, tarea.PrioridadCambiada, tarea.Escalada:
		return true
	}
	return false
}
