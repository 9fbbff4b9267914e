// Package marcas is the markers that people share on the map, and what became of them.
//
// It writes lectura.marcas from the facts of each Marca and opens their titles. Those that were
// taken away stay, for whoever asks for them; which are over depends on when one asks.
package marcas

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/marca"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
)

// Name of the projection.
const Name = "marcas"

// Projection writes lectura.marcas.
type Projection struct{}

// Name implements projections.Projection.
func (Projection) Name() string { return Name }

// Version implements projections.Projection.
func (Projection) Version() int { return 1 }

// Categories implements projections.Projection.
func (Projection) Categories() []string { return []string{"marca"} }

// Tables implements projections.Projection.
func (Projection) Tables() []projections.Table {
	return []projections.Table{{Name: "marcas", Key: "id"}}
}

// Fold implements projections.Projection.
func (Projection) Fold() projections.Fold { return &fold{projections.NewRows(&schema)} }

type fold struct{ rows *projections.Rows[fila] }

func (f *fold) Load(ctx context.Context, tx pgx.Tx, window []eventstore.Recorded) error {
	return f.rows.Load(ctx, tx, projections.Keys(window, "marca"))
}

func (f *fold) Save(ctx context.Context, tx pgx.Tx, texts projections.Texts) error {
	return f.rows.Save(ctx, tx, texts)
}

// Apply implements projections.Fold.
func (f *fold) Apply(r eventstore.Recorded) error {
	id := projections.Key(r.Stream)
	e, ok := r.Event.(marca.Event)
	if !ok {
		return fmt.Errorf("foreign event %T", r.Event)
	}
	switch e := e.(type) {
	case marca.Puesta:
		f.rows.Put(id, &fila{
			id: ident.Marca(id), clase: e.Clase, titulo: projections.Sealed(e.Titulo), lat: e.Lat, lon: e.Lon, zona: e.Zona, autor: e.Autor,
			puesta: projections.Micro(e.En), caduca: projections.MicroPtr(e.Caduca), version: int64(r.Version), posicion: int64(r.Position),
		})
	case marca.Retirada:
		row := f.rows.Get(id)
		if row == nil {
			return errors.New("the marca has no row")
		}
		row.retirada, row.retiro = new(projections.Micro(e.En)), e.Por
		row.version, row.posicion = int64(r.Version), int64(r.Position)
	}
	return nil
}

// fila is one row of lectura.marcas.
type fila struct {
	id                ident.Marca
	clase             marca.Clase
	titulo            projections.Text
	lat, lon          float64
	zona              ident.Zona
	autor, retiro     ident.Usuario
	puesta            time.Time
	caduca, retirada  *time.Time
	version, posicion int64
}

const columns = `id::text, clase, titulo, lat, lon, coalesce(zona::text, ''), coalesce(autor::text, ''), coalesce(retiro::text, ''),
	puesta, caduca, retirada, version, posicion`

func (f *fila) lee(row pgx.Row, more ...any) error {
	return row.Scan(append([]any{
		&f.id, &f.clase, &f.titulo.Value, &f.lat, &f.lon, &f.zona, &f.autor, &f.retiro,
		&f.puesta, &f.caduca, &f.retirada, &f.version, &f.posicion,
	}, more...)...)
}

var schema = projections.Schema[fila]{
	Table: "marcas", Key: "id", Select: columns,
	Columns: []string{
		"id", "clase", "titulo", "lat", "lon", "zona", "autor", "retiro", "puesta", "caduca", "retirada", "version", "posicion",
	},
	Scan:  func(row pgx.Row, f *fila) error { return f.lee(row) },
	Texts: func(f *fila) []*projections.Text { return []*projections.Text{&f.titulo} },
	Values: func(f *fila) []any {
		return []any{
			projections.UUID(f.id), string(f.clase), f.titulo.Value, f.lat, f.lon, projections.UUID(f.zona), projections.UUID(f.autor),
			projections.UUID(f.retiro), f.puesta, f.caduca, f.retirada, f.version, f.posicion,
		}
	},
}
