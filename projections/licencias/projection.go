// Package licencias is the read model behind every list of leaves: who asked for
// which days, and what was answered.
//
// Its rows are keyed by the leave; each belongs to the Efectivo whose stream asked
// for it. The reasons are opened for whoever may read them and go with the person's
// other texts at an erasure.
package licencias

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
)

// Name of the projection.
const Name = "licencias"

// Projection writes lectura.licencias.
type Projection struct{}

// Name implements projections.Projection.
func (Projection) Name() string { return Name }

// Version implements projections.Projection.
func (Projection) Version() int { return 1 }

// Categories implements projections.Projection.
func (Projection) Categories() []string { return []string{"efectivo"} }

// Tables implements projections.Projection.
func (Projection) Tables() []projections.Table {
	return []projections.Table{{Name: "licencias", Key: "id"}}
}

// Fold implements projections.Projection.
func (Projection) Fold() projections.Fold { return &fold{projections.NewRows(&filas)} }

type fold struct{ filas *projections.Rows[fila] }

// Load implements projections.Fold: the leaves that the window speaks of.
func (f *fold) Load(ctx context.Context, tx pgx.Tx, window []eventstore.Recorded) error {
	var keys []string
	for _, r := range window {
		switch e := r.Event.(type) {
		case efectivo.LicenciaAprobada:
			keys = append(keys, string(e.Licencia))
		case efectivo.LicenciaRechazada:
			keys = append(keys, string(e.Licencia))
		case efectivo.DisponibilidadCambiada:
			if e.Licencia != "" {
				keys = append(keys, string(e.Licencia))
			}
		}
	}
	return f.filas.Load(ctx, tx, keys)
}

func (f *fold) Save(ctx context.Context, tx pgx.Tx, texts projections.Texts) error {
	return f.filas.Save(ctx, tx, texts)
}

var errAusente = errors.New("the licencia has no row")

// Apply implements projections.Fold.
func (f *fold) Apply(r eventstore.Recorded) error {
	e, ok := r.Event.(efectivo.Event)
	if !ok {
		return fmt.Errorf("foreign event %T", r.Event)
	}
	switch e := e.(type) {
	case efectivo.LicenciaSolicitada:
		f.filas.Put(string(e.Licencia), &fila{
			id: e.Licencia, efectivo: projections.Key(r.Stream), desde: projections.Micro(e.Desde), hasta: projections.Micro(e.Hasta),
			estado: efectivo.LicenciaPedida, motivo: projections.Sealed(e.Motivo), pedida: projections.Micro(e.En), posicion: int64(r.Position),
		})
		return nil
	case efectivo.LicenciaAprobada:
		return f.cambia(e.Licencia, r, func(l *fila) {
			l.estado, l.resuelta = efectivo.LicenciaConcedida, new(projections.Micro(e.En))
		})
	case efectivo.LicenciaRechazada:
		return f.cambia(e.Licencia, r, func(l *fila) {
			l.estado, l.resuelta, l.respuesta = efectivo.LicenciaNegada, new(projections.Micro(e.En)), projections.Sealed(e.Motivo)
		})
	case efectivo.DisponibilidadCambiada:
		if e.Licencia == "" {
			return nil
		}
		return f.cambia(e.Licencia, r, func(l *fila) { l.vigente = e.Causa == efectivo.PorLicencia })
	case efectivo.Registrado, efectivo.FichaModificada, efectivo.TurnoIniciado, efectivo.TurnoFinalizado,
		efectivo.UbicacionConfirmada, efectivo.SenalPerdida, efectivo.SenalRecuperada, efectivo.ZonaIngresada,
		efectivo.ZonaAbandonada, efectivo.SOSActivado, efectivo.SOSAtendido, efectivo.DadoDeBaja:
	}
	return nil
}

func (f *fold) cambia(id ident.Licencia, r eventstore.Recorded, change func(*fila)) error {
	row := f.filas.Get(string(id))
	if row == nil {
		return errAusente
	}
	change(row)
	row.posicion = int64(r.Position)
	return nil
}

// fila is one row of lectura.licencias.
type fila struct {
	id                ident.Licencia
	efectivo          string
	desde, hasta      time.Time
	estado            efectivo.EstadoLicencia
	motivo, respuesta projections.Text
	pedida            time.Time
	resuelta          *time.Time
	vigente           bool
	posicion          int64
}

var filas = projections.Schema[fila]{
	Table: "licencias", Key: "id",
	Select:  "id::text, efectivo::text, desde, hasta, estado, motivo, respuesta, pedida, resuelta, vigente, posicion",
	Columns: []string{"id", "efectivo", "desde", "hasta", "estado", "motivo", "respuesta", "pedida", "resuelta", "vigente", "posicion"},
	Scan: func(row pgx.Row, l *fila) error {
		return row.Scan(&l.id, &l.efectivo, &l.desde, &l.hasta, &l.estado, &l.motivo.Value, &l.respuesta.Value, &l.pedida,
			&l.resuelta, &l.vigente, &l.posicion)
	},
	Texts: func(l *fila) []*projections.Text { return []*projections.Text{&l.motivo, &l.respuesta} },
	Values: func(l *fila) []any {
		return []any{
			projections.UUID(l.id), projections.UUID(l.efectivo), l.desde, l.hasta, string(l.estado), l.motivo.Value,
			l.respuesta.Value, l.pedida, l.resuelta, l.vigente, l.posicion,
		}
	},
}
