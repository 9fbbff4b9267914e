// Package aprobaciones is what takes two administrators, and how it stands.
//
// It writes lectura.aprobaciones from the facts of each Aprobacion. Of the reasons it opens
// the texts: whoever may list requests has to judge them.
package aprobaciones

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/aprobacion"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
)

// Name of the projection.
const Name = "aprobaciones"

// Projection writes lectura.aprobaciones.
type Projection struct{}

// Name implements projections.Projection.
func (Projection) Name() string { return Name }

// Version implements projections.Projection.
func (Projection) Version() int { return 1 }

// Categories implements projections.Projection.
func (Projection) Categories() []string { return []string{"aprobacion"} }

// Tables implements projections.Projection.
func (Projection) Tables() []projections.Table {
	return []projections.Table{{Name: "aprobaciones", Key: "id"}}
}

// Fold implements projections.Projection.
func (Projection) Fold() projections.Fold { return &fold{projections.NewRows(&schema)} }

type fold struct{ rows *projections.Rows[fila] }

func (f *fold) Load(ctx context.Context, tx pgx.Tx, window []eventstore.Recorded) error {
	return f.rows.Load(ctx, tx, projections.Keys(window, "aprobacion"))
}

func (f *fold) Save(ctx context.Context, tx pgx.Tx, texts projections.Texts) error {
	return f.rows.Save(ctx, tx, texts)
}

// Apply implements projections.Fold.
func (f *fold) Apply(r eventstore.Recorded) error {
	id := projections.Key(r.Stream)
	e, ok := r.Event.(aprobacion.Event)
	if !ok {
		return fmt.Errorf("foreign event %T", r.Event)
	}
	if e, ok := e.(aprobacion.Solicitada); ok {
		pedido, err := json.Marshal(e.Pedido)
		if err != nil {
			return fmt.Errorf("write the request: %w", err)
		}
		f.rows.Put(id, &fila{
			id: id, clase: e.Pedido.Clase, estado: aprobacion.EstadoSolicitada, pedido: pedido, solicitante: e.Por,
			motivo: projections.Sealed(e.Motivo), solicitada: projections.Micro(e.En), vence: projections.Micro(e.Vence),
			version: int64(r.Version), posicion: int64(r.Position),
		})
		return nil
	}
	row := f.rows.Get(id)
	if row == nil {
		return errors.New("the aprobacion has no row")
	}
	switch e := e.(type) {
	case aprobacion.Solicitada:
	case aprobacion.Aprobada:
		row.estado, row.resolvio = aprobacion.EstadoAprobada, e.Por
	case aprobacion.Rechazada:
		row.estado, row.resolvio, row.respuesta = aprobacion.EstadoRechazada, e.Por, projections.Sealed(e.Motivo)
	case aprobacion.Vencida:
		row.estado = aprobacion.EstadoVencida
	case aprobacion.Ejecutada:
		row.estado = aprobacion.EstadoEjecutada
	}
	row.version, row.posicion = int64(r.Version), int64(r.Position)
	return nil
}

// fila is one row of lectura.aprobaciones.
type fila struct {
	id                    string
	clase                 aprobacion.Clase
	estado                aprobacion.Estado
	pedido                []byte // JSON
	solicitante, resolvio ident.Usuario
	motivo, respuesta     projections.Text
	solicitada, vence     time.Time
	version, posicion     int64
}

const columns = `id::text, clase, estado, pedido, coalesce(solicitante::text, ''), coalesce(resolvio::text, ''), motivo, respuesta,
	solicitada, vence, version, posicion`

func (f *fila) lee(row pgx.Row, more ...any) error {
	return row.Scan(append([]any{
		&f.id, &f.clase, &f.estado, &f.pedido, &f.solicitante, &f.resolvio, &f.motivo.Value, &f.respuesta.Value,
		&f.solicitada, &f.vence, &f.version, &f.posicion,
	}, more...)...)
}

var schema = projections.Schema[fila]{
	Table: "aprobaciones", Key: "id", Select: columns,
	Columns: []string{
		"id", "clase", "estado", "pedido", "solicitante", "resolvio", "motivo", "respuesta", "solicitada", "vence", "version", "posicion",
	},
	Scan:  func(row pgx.Row, f *fila) error { return f.lee(row) },
	Texts: func(f *fila) []*projections.Text { return []*projections.Text{&f.motivo, &f.respuesta} },
	Values: func(f *fila) []any {
		return []any{
			projections.UUID(f.id), string(f.clase), string(f.estado), f.pedido, projections.UUID(f.solicitante), projections.UUID(f.resolvio),
			f.motivo.Value, f.respuesta.Value, f.solicitada, f.vence, f.version, f.posicion,
		}
	},
}
