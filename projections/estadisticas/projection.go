// Package estadisticas is what the figures are made of: how long every Tarea took and how
// soon it was answered, who was on it, and who was on duty when.
//
// lectura.tiempos has one row per Tarea, lectura.turnos one per shift; both are functions of
// the facts alone. Percentiles are calculated from the rows, exactly, never from summaries.
// Days and bands of the day are those of the operation's zone, which the Reader knows.
package estadisticas

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
)

// Name of the projection.
const Name = "estadisticas"

// Projection writes lectura.tiempos and lectura.turnos.
type Projection struct{}

// Name implements projections.Projection.
func (Projection) Name() string { return Name }

// Version implements projections.Projection.
func (Projection) Version() int { return 5 }

// Categories implements projections.Projection.
func (Projection) Categories() []string { return []string{"tarea", "efectivo"} }

// Tables implements projections.Projection.
func (Projection) Tables() []projections.Table {
	return []projections.Table{{Name: "tiempos", Key: "tarea"}, {Name: "turnos", Key: "turno"}}
}

// Fold implements projections.Projection.
func (Projection) Fold() projections.Fold {
	return &fold{projections.NewRows(&tiempos), projections.NewRows(&turnos)}
}

type fold struct {
	tiempos *projections.Rows[tiempo]
	turnos  *projections.Rows[turno]
}

func (f *fold) Load(ctx context.Context, tx pgx.Tx, window []eventstore.Recorded) error {
	var ended []string
	for _, r := range window {
		if e, ok := r.Event.(efectivo.TurnoFinalizado); ok {
			ended = append(ended, string(e.Turno))
		}
	}
	return errors.Join(f.tiempos.Load(ctx, tx, projections.Keys(window, "tarea")), f.turnos.Load(ctx, tx, ended))
}

func (f *fold) Save(ctx context.Context, tx pgx.Tx, texts projections.Texts) error {
	return errors.Join(f.tiempos.Save(ctx, tx, texts), f.turnos.Save(ctx, tx, texts))
}

var (
	errTarea = errors.New("the tarea has no row")
	errTurno = errors.New("the shift has no row")
)

// Apply implements projections.Fold.
func (f *fold) Apply(r eventstore.Recorded) error {
	switch e := r.Event.(type) {
	case tarea.Creada:
		f.tiempos.Put(projections.Key(r.Stream), nuevo(e, r))
		return nil
	case tarea.Event:
		t := f.tiempos.Get(projections.Key(r.Stream))
		if t == nil {
			return errTarea
		}
		t.aplica(e)
		t.version, t.posicion = int64(r.Version), int64(r.Position)
		return nil
	case efectivo.TurnoIniciado:
		f.turnos.Put(string(e.Turno), &turno{
			id: string(e.Turno), efectivo: projections.Key(r.Stream), inicio: projections.Micro(e.En), posicion: int64(r.Position),
		})
		return nil
	case efectivo.TurnoFinalizado:
		t := f.turnos.Get(string(e.Turno))
		if t == nil {
			return errTurno
		}
		t.fin, t.posicion = new(projections.Micro(e.En)), int64(r.Position)
		return nil
	case efectivo.Event: // says nothing about times
		return nil
	}
	return fmt.Errorf("foreign event %T", r.Event)
}

func nuevo(e tarea.Creada, r eventstore.Recorded) *tiempo {
	t := &tiempo{
		id: projections.Key(r.Stream), tipo: e.Tipo, prioridad: e.Prioridad, estado: tarea.EstadoProgramada, zona: e.Zona,
		creador: e.Creador, delegado: e.Delegado, simulada: e.Simulada, creada: projections.Micro(e.En),
		version: int64(r.Version), posicion: int64(r.Position),
	}
	t.programa(&e.InicioProgramado)
	t.ubica(e.Ubicacion)
	return t
}

func (t *tiempo) programa(en *time.Time) {
	if en != nil && !en.IsZero() {
		t.programada = new(projections.Micro(*en))
	}
}

func (t *tiempo) ubica(u *tarea.Ubicacion) {
	if u != nil {
		t.lat, t.lon = new(u.Lat), new(u.Lon)
	}
}

// aplica moves the row. It switches over every fact of a Tarea, so that a new one is noticed.
func (t *tiempo) aplica(e tarea.Event) {
	switch e := e.(type) {
	case tarea.Creada: // starts a row
	case tarea.Modificada:
		if e.Tipo != nil {
			t.tipo = *e.Tipo
		}
		if e.Zona != nil {
			t.zona = *e.Zona
		}
		t.programa(e.InicioProgramado)
		t.ubica(e.Ubicacion)
		if e.SinUbicacion {
			t.lat, t.lon = nil, nil
		}
		if e.SinZona {
			t.zona = ""
		}
	case tarea.PrioridadCambiada:
		t.prioridad = e.Prioridad
	case tarea.Delegada:
		t.delegado = e.Delegado
	case tarea.EfectivoOfrecido:
		t.ofrece(e.Efectivo, e.En)
	case tarea.EfectivoAsignado:
		t.ofrece(e.Efectivo, e.En)
		t.toma(e.Efectivo)
	case tarea.AsignacionAceptada:
		t.toma(e.Efectivo)
		first(&t.aceptada, e.En)
		t.anota(e.Efectivo, t.aceptadas, e.En)
	case tarea.AsignacionRechazada:
		t.anota(e.Efectivo, t.rechazadas, e.En)
	case tarea.EfectivoEnCamino:
		t.toma(e.Efectivo)
	case tarea.EfectivoEnLugar:
		t.toma(e.Efectivo)
		if first(&t.enLugar, e.En) {
			t.respuestaS = t.demora(e.En)
		}
		t.anota(e.Efectivo, t.llegadas, e.En)
	case tarea.Iniciada:
		t.estado, t.inicio = tarea.EstadoEnCurso, new(projections.Micro(e.En))
		if e.Implicito { // it says when the work ended, and nothing of when it began
			t.inicio = nil
		}
	case tarea.Pausada:
		t.estado, t.pausadaDesde = tarea.EstadoPausada, new(projections.Micro(e.En))
	case tarea.Reanudada:
		t.estado = tarea.EstadoEnCurso
		t.cierraPausa(e.En)
	case tarea.Finalizada:
		t.termina(tarea.EstadoFinalizada, e.En)
	case tarea.Cancelada:
		t.termina(tarea.EstadoCancelada, e.En)
	case tarea.Reabierta:
		// From its end to its reopening nobody worked on it: a pause.
		if t.fin != nil {
			closed := projections.Micro(e.En).Sub(*t.fin).Microseconds()
			t.pausasUS, t.cerradaUS = t.pausasUS+closed, t.cerradaUS+closed
		}
		t.estado, t.fin = tarea.EstadoEnCurso, nil
		for i := range t.hechas {
			t.hechas[i] = t.hechas[i] || t.trabajo(i)
		}
	case tarea.EfectivoLiberado:
		t.anota(e.Efectivo, t.liberadas, e.En)
	case tarea.NotaAgregada, tarea.AdjuntoAgregado, tarea.ListaDefinida,
		tarea.PuntoDeListaCumplido, tarea.RecomendacionEmitida, tarea.Escalada, tarea.RecordatorioEnviado,
		tarea.RecordatorioAcusado: // no time of ours
	}
}

// first keeps the earliest of several happenings: that is what somebody waited for. It reports
// whether this is it.
func first(kept **time.Time, en time.Time) bool {
	if *kept != nil {
		return false
	}
	*kept = new(projections.Micro(en))
	return true
}

// ofrece adds an Efectivo; offered again, what he answered before no longer counts, unless he had
// carried it out before it was reopened: that stays.
func (t *tiempo) ofrece(id ident.Efectivo, en time.Time) {
	if first(&t.ofrecida, en) {
		t.ofertaS = t.demora(en)
	}
	at := projections.Micro(en)
	if i := slices.Index(t.efectivos, id); i >= 0 {
		if t.hechas[i] {
			return
		}
		t.ofrecidas[i], t.aceptadas[i], t.rechazadas[i], t.llegadas[i], t.liberadas[i] = &at, nil, nil, nil, nil
		t.tomadas[i] = false
		return
	}
	t.efectivos = append(t.efectivos, id)
	t.ofrecidas = append(t.ofrecidas, &at)
	t.aceptadas, t.rechazadas, t.llegadas = append(t.aceptadas, nil), append(t.rechazadas, nil), append(t.llegadas, nil)
	t.liberadas, t.tomadas, t.hechas = append(t.liberadas, nil), append(t.tomadas, false), append(t.hechas, false)
}

// toma makes an offer his work. Whoever had left before it was reopened is on it again.
func (t *tiempo) toma(id ident.Efectivo) {
	if i := slices.Index(t.efectivos, id); i >= 0 {
		t.tomadas[i] = true
		if t.hechas[i] {
			t.liberadas[i] = nil
		}
	}
}

// anota keeps an answer; those to an offer after a reopening change nothing of what he did before.
func (t *tiempo) anota(id ident.Efectivo, answers []*time.Time, en time.Time) {
	if i := slices.Index(t.efectivos, id); i >= 0 && answers[i] == nil && !t.hechas[i] {
		answers[i] = new(projections.Micro(en))
	}
}

func (t *tiempo) cierraPausa(en time.Time) {
	if t.pausadaDesde != nil {
		t.pausasUS += projections.Micro(en).Sub(*t.pausadaDesde).Microseconds()
		t.pausadaDesde = nil
	}
}

func (t *tiempo) termina(estado tarea.Estado, en time.Time) {
	t.cierraPausa(en)
	t.estado, t.fin = estado, new(projections.Micro(en))
	for i, freed := range t.liberadas {
		if freed != nil && freed.Equal(*t.fin) {
			t.liberadas[i] = nil // by the end itself: he stayed
		}
	}
}
