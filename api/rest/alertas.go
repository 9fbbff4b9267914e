package rest

import (
	"slices"
	"strconv"
	"strings"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/operacion"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/zona"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/alarmas"
	"github.com/grupo-gad/gad/projections/efectivos"
	"github.com/grupo-gad/gad/projections/tareas"
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
	if !ok || err != nil || version < 1 || !alerting(stream) {
		return operacion.ErrAlerta
	}
	records, _, err := a.readStream(r.Request().Context(), eventstore.StreamID(stream), eventstore.Version(version-1), 1)
	if err != nil {
		return err
	}
	if len(records) != 1 || !alerts(records[0]) {
		return operacion.ErrAlerta
	}
	if heard, err := a.hears(r, records[0]); err != nil {
		return err
	} else if !heard {
		return operacion.ErrAlerta
	}
	return a.command(r, operacion.AcusarAlerta{OrdenAlerta: operacion.OrdenAlerta{ID: id, Por: r.who.Autor, En: r.now}})
}

// hears reports whether an alert is one of the caller's: what concerns him, and a call for
// help, which everybody hears.
func (a *API) hears(r *request, rec eventstore.Recorded) (bool, error) {
	aggregate, id, _ := strings.Cut(string(rec.Stream), "-")
	switch {
	case slices.Contains([]string{"auditoria", "usuario", "sesion"}, aggregate):
		return r.who.Alcance(permiso.IncidenteLeer) == permiso.Todo, nil
	case r.scope().Alcance == permiso.Todo:
		return true, nil
	}
	if _, sos := rec.Event.(efectivo.SOSActivado); sos {
		return true, nil
	}
	if aggregate == "zona" {
		return r.scope().Alcance == permiso.EnJurisdiccion && r.who.Jurisdiccion.Zona(ident.Zona(id)), nil
	}
	ctx := r.Request().Context()
	if aggregate == "efectivo" && r.scope().Alcance != permiso.EnJurisdiccion {
		return id == string(r.who.Efectivo), nil
	}
	if aggregate == "efectivo" {
		if err := a.Waiter.WaitFor(ctx, efectivos.Name, rec.Position); err != nil {
			return false, err
		}
		reached, err := a.Efectivos.Alcanzados(ctx, projections.ScopeOf(r.who.Autor, permiso.EfectivoLeer), []ident.Efectivo{ident.Efectivo(id)})
		return reached[ident.Efectivo(id)], err
	}
	if err := a.Waiter.WaitFor(ctx, tareas.Name, rec.Position); err != nil {
		return false, err
	}
	_, err := a.Tareas.Get(ctx, projections.ScopeOf(r.who.Autor, permiso.TareaLeer), id)
	if fault.KindOf(err) == fault.NotFound {
		return false, nil
	}
	return err == nil, err
}

// alertaID names the alert that a fact is.
func alertaID(rec eventstore.Recorded) string {
	return string(rec.Stream) + "@" + strconv.FormatInt(int64(rec.Version), 10)
}

// alerting reports whether the facts of a stream can be alerts.
func alerting(stream string) bool {
	aggregate, _, _ := strings.Cut(stream, "-")
	return slices.Contains([]string{"efectivo", "tarea", "zona", "auditoria", "usuario", "sesion"}, aggregate)
}

// alerts reports whether a fact is one that people are alerted to.
func alerts(rec eventstore.Recorded) bool {
	if _, _, alarm := alarmas.De(rec); alarm {
		return true
	}
	switch e := rec.Event.(type) {
	case tarea.RecordatorioEnviado:
		return e.Vencida() // the others are between the system and one person
	case efectivo.SOSActivado, efectivo.SenalPerdida, efectivo.ZonaIngresada, efectivo.ZonaAbandonada,
		tarea.Creada, tarea.PrioridadCambiada, tarea.Escalada:
		return true
	case zona.QuedoVacia:
		return true
	}
	return false
}
