// Package efectivos is the read model behind every list of Efectivos.
//
// It writes lectura.efectivos from the facts of each Efectivo and lectura.efectivos_nombres,
// the display names, from those of the Usuario he is; both under one checkpoint, so that an
// answer never knows a person without the name. lectura.efectivos_en_turno is, of those on
// duty, what the map shows. The newest position is joined from the marker of the map.
package efectivos

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
)

// Name of the projection.
const Name = "efectivos"

// Projection writes lectura.efectivos, lectura.efectivos_nombres and lectura.efectivos_en_turno.
type Projection struct{}

// Name implements projections.Projection.
func (Projection) Name() string { return Name }

// Version implements projections.Projection.
func (Projection) Version() int { return 2 }

// Categories implements projections.Projection.
func (Projection) Categories() []string { return []string{"efectivo", "usuario"} }

// Tables implements projections.Projection.
func (Projection) Tables() []projections.Table {
	return []projections.Table{{Name: "efectivos", Key: "id"}, {Name: "efectivos_nombres", Key: "usuario"}, {Name: "efectivos_en_turno", Key: "id"}}
}

// Fold implements projections.Projection.
func (Projection) Fold() projections.Fold {
	return &fold{projections.NewRows(&fichas), projections.NewRows(&nombres), projections.NewRows(&presentes)}
}

type fold struct {
	fichas    *projections.Rows[ficha]
	nombres   *projections.Rows[nombre]
	presentes *projections.Rows[presente]
}

func (f *fold) Load(ctx context.Context, tx pgx.Tx, window []eventstore.Recorded) error {
	// Names, and who is on duty, are written whole: nothing to load for them.
	return f.fichas.Load(ctx, tx, projections.Keys(window, "efectivo"))
}

func (f *fold) Save(ctx context.Context, tx pgx.Tx, texts projections.Texts) error {
	return errors.Join(f.fichas.Save(ctx, tx, texts), f.nombres.Save(ctx, tx, texts), f.presentes.Save(ctx, tx, texts))
}

var errAusente = errors.New("the efectivo has no row")

// Apply implements projections.Fold.
func (f *fold) Apply(r eventstore.Recorded) error {
	switch e := r.Event.(type) {
	case usuario.Event:
		f.persona(e, r)
		return nil
	case efectivo.Registrado:
		f.fichas.Put(projections.Key(r.Stream), &ficha{
			id: projections.Key(r.Stream), usuario: e.Usuario, codigo: e.CodigoInterno, rango: e.Rango, unidad: e.Unidad,
			especialidad: e.Especialidad, disponibilidad: efectivo.FueraServicio, simulado: e.Simulado,
			aceleracion: max(1, e.Aceleracion), version: int64(r.Version), posicion: int64(r.Position),
		})
		return nil
	case efectivo.Event:
		row := f.fichas.Get(projections.Key(r.Stream))
		if row == nil {
			return errAusente
		}
		before := row.presente()
		row.aplica(e)
		row.version, row.posicion = int64(r.Version), int64(r.Position)
		if now := row.presente(); now != before {
			f.presencia(row.id, now, row.posicion)
		}
		return nil
	}
	return fmt.Errorf("foreign event %T", r.Event)
}

// presencia writes what changed of somebody on duty, and takes out whoever is not any more.
func (f *fold) presencia(id string, now presente, posicion int64) {
	if now == (presente{}) {
		f.presentes.Overwrite(id, nil)
		return
	}
	now.posicion = posicion
	f.presentes.Overwrite(id, &now)
}

func (f *fold) persona(e usuario.Event, r eventstore.Recorded) {
	switch e := e.(type) {
	case usuario.Registrado:
		f.nombres.Put(projections.Key(r.Stream), &nombre{
			usuario: projections.Key(r.Stream), nombre: projections.Sealed(e.Nombre),
			apellido: projections.Sealed(e.Apellido), posicion: int64(r.Position),
		})
	case usuario.DatosPersonalesEliminados:
		f.nombres.Overwrite(projections.Key(r.Stream), nil)
	case usuario.DatosModificados:
		if e.Nombre != nil && e.Apellido != nil {
			f.nombres.Overwrite(projections.Key(r.Stream), &nombre{
				usuario: projections.Key(r.Stream), nombre: projections.Sealed(*e.Nombre),
				apellido: projections.Sealed(*e.Apellido), posicion: int64(r.Position),
			})
		}
	case usuario.CredencialCambiada, usuario.TelegramVinculado, usuario.TelegramDesvinculado, usuario.RolCambiado, usuario.JurisdiccionAsignada,
		usuario.Verificado, usuario.Bloqueado, usuario.Desbloqueado, usuario.DadoDeBaja, usuario.SegundoFactorActivado,
		usuario.SegundoFactorDesactivado: // not in the name
	}
}

// aplica moves the row as the aggregate moves its state.
func (f *ficha) aplica(e efectivo.Event) {
	switch e := e.(type) {
	case efectivo.Registrado: // starts a row
	case efectivo.FichaModificada:
		for _, change := range []struct{ to, from *string }{{&f.rango, e.Rango}, {&f.unidad, e.Unidad}, {&f.especialidad, e.Especialidad}} {
			if change.from != nil {
				*change.to = *change.from
			}
		}
	case efectivo.TurnoIniciado:
		f.turno, f.disponibilidad = e.Turno, efectivo.Disponible
		f.carga, f.libreDesde = len(f.tareas), new(projections.Micro(e.En))
		f.zonas, f.senalPerdida = nil, false
		if len(f.tareas) > 0 {
			f.disponibilidad = efectivo.EnTarea
		}
	case efectivo.TurnoFinalizado:
		f.turno, f.disponibilidad = "", efectivo.FueraServicio
		f.zonas, f.senalPerdida = nil, false
	case efectivo.DisponibilidadCambiada:
		f.disponibilidad = e.Disponibilidad
		switch e.Causa {
		case efectivo.PorAsignacion:
			f.tareas = append(f.tareas, e.Tarea)
			f.carga++
		case efectivo.PorLiberacion:
			f.tareas = slices.DeleteFunc(f.tareas, func(t ident.Tarea) bool { return t == e.Tarea })
			if e.SinTomar { // nothing was done: he is as rested, and has had as little, as before
				f.carga = max(0, f.carga-1)
			} else {
				f.libreDesde = new(projections.Micro(e.En))
			}
		case efectivo.PorOrden, efectivo.PorLicencia, efectivo.PorFinLicencia:
		}
	case efectivo.SenalPerdida:
		f.senalPerdida = true
	case efectivo.SenalRecuperada:
		f.senalPerdida = false
	case efectivo.ZonaIngresada:
		f.zonas = append(f.zonas, e.Zona)
	case efectivo.ZonaAbandonada:
		f.zonas = slices.DeleteFunc(f.zonas, func(z ident.Zona) bool { return z == e.Zona })
	case efectivo.SOSActivado:
		f.sos = true
	case efectivo.SOSAtendido:
		f.sos = false
	case efectivo.DadoDeBaja:
		f.deBaja = true
	case efectivo.UbicacionConfirmada, efectivo.LicenciaSolicitada, efectivo.LicenciaAprobada, efectivo.LicenciaRechazada:
	}
}
