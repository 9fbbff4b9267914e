// Package licencias is the read model behind every list of leaves: who asked for
// which days, and what was answered.
//
// Its rows are keyed by the leave; each belongs to the Efectivo whose stream asked
// for it. The reasons are opened for whoever may read them and go with the person's
// other texts at an erasure; licencias_personas says whose leaves those are.
package licencias

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
)

// Name of the projection.
const Name = "licencias"

// Projection writes lectura.licencias and lectura.licencias_personas.
type Projection struct{}

// Name implements projections.Projection.
func (Projection) Name() string { return Name }

// Version implements projections.Projection.
func (Projection) Version() int { return 1 }

// Categories implements projections.Projection.
func (Projection) Categories() []string { return []string{"efectivo", "usuario"} }

// Tables implements projections.Projection.
func (Projection) Tables() []projections.Table {
	return []projections.Table{{Name: "licencias", Key: "id"}, {Name: "licencias_personas", Key: "efectivo"}}
}

// Fold implements projections.Projection.
func (Projection) Fold() projections.Fold {
	return &fold{projections.NewRows(&filas), projections.NewRows(&personas), map[string][]string{}, map[string][]string{}}
}

type fold struct {
	filas    *projections.Rows[fila]
	personas *projections.Rows[persona]
	// What an erasure in this window concerns: the Efectivos of a Usuario and their leaves.
	efectivos, pedidas map[string][]string
}

// Load implements projections.Fold: the leaves that the window speaks of.
func (f *fold) Load(ctx context.Context, tx pgx.Tx, window []eventstore.Recorded) error {
	var keys, borrados []string
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
		case usuario.DatosPersonalesEliminados:
			borrados = append(borrados, projections.Key(r.Stream))
		}
	}
	held, err := f.heldOf(ctx, tx, borrados)
	if err != nil {
		return err
	}
	return f.filas.Load(ctx, tx, append(keys, held...))
}

// heldOf finds the stored leaves of Usuarios.
func (f *fold) heldOf(ctx context.Context, tx pgx.Tx, usuarios []string) (ids []string, err error) {
	if len(usuarios) == 0 {
		return nil, nil
	}
	rows, err := tx.Query(ctx, `select p.usuario::text, p.efectivo::text, coalesce(array_agg(l.id::text) filter (where l.id is not null), '{}')
		from licencias_personas p left join licencias l on l.efectivo = p.efectivo where p.usuario = any($1) group by 1, 2`, usuarios)
	if err != nil {
		return nil, fmt.Errorf("look for the leaves of a person: %w", err)
	}
	var (
		quien, que string
		suyas      []string
	)
	_, err = pgx.ForEachRow(rows, []any{&quien, &que, &suyas}, func() error {
		f.efectivos[quien] = append(f.efectivos[quien], que)
		f.pedidas[que] = append(f.pedidas[que], suyas...)
		ids = append(ids, suyas...)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for the leaves of a person: %w", err)
	}
	return ids, nil
}

func (f *fold) Save(ctx context.Context, tx pgx.Tx, texts projections.Texts) error {
	return errors.Join(f.filas.Save(ctx, tx, texts), f.personas.Save(ctx, tx, texts))
}

// olvida drops the reasons of every leave of a Usuario.
func (f *fold) olvida(id string) {
	for _, que := range f.efectivos[id] {
		for _, pedida := range f.pedidas[que] {
			if l := f.filas.Get(pedida); l != nil {
				l.motivo, l.respuesta = projections.Text{}, projections.Text{}
			}
		}
	}
}

var errAusente = errors.New("the licencia has no row")

// Apply implements projections.Fold.
func (f *fold) Apply(r eventstore.Recorded) error {
	switch e := r.Event.(type) {
	case usuario.DatosPersonalesEliminados:
		f.olvida(projections.Key(r.Stream))
		return nil
	case usuario.Event: // nothing else of a person stands here
		return nil
	case efectivo.Event:
		return f.efectivo(e, r)
	}
	return fmt.Errorf("foreign event %T", r.Event)
}

func (f *fold) efectivo(e efectivo.Event, r eventstore.Recorded) error {
	switch e := e.(type) {
	case efectivo.Registrado:
		id, quien := projections.Key(r.Stream), string(e.Usuario)
		f.personas.Put(id, &persona{id, quien, int64(r.Position)})
		f.efectivos[quien] = append(f.efectivos[quien], id)
		return nil
	case efectivo.LicenciaSolicitada:
		f.filas.Put(string(e.Licencia), &fila{
			id: e.Licencia, efectivo: projections.Key(r.Stream), desde: projections.Micro(e.Desde), hasta: projections.Micro(e.Hasta),
			estado: efectivo.LicenciaPedida, motivo: projections.Sealed(e.Motivo), pedida: projections.Micro(e.En), posicion: int64(r.Position),
		})
		f.pedidas[projections.Key(r.Stream)] = append(f.pedidas[projections.Key(r.Stream)], string(e.Licencia))
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
	case efectivo.FichaModificada, efectivo.TurnoIniciado, efectivo.TurnoFinalizado,
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

// persona is one row of lectura.licencias_personas: who an Efectivo is.
type persona struct {
	efectivo, usuario string
	posicion          int64
}

var personas = projections.Schema[persona]{
	Table: "licencias_personas", Key: "efectivo",
	Select: "efectivo::text, usuario::text, posicion", Columns: []string{"efectivo", "usuario", "posicion"},
	Scan: func(row pgx.Row, p *persona) error { return row.Scan(&p.efectivo, &p.usuario, &p.posicion) },
	Values: func(p *persona) []any {
		return []any{projections.UUID(p.efectivo), projections.UUID(p.usuario), p.posicion}
	},
}
