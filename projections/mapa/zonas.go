package mapa

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/zona"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
)

// Name of the projection of the log: what lies on the map and does not move.
const Name = "mapa"

// Projection writes lectura.zonas.
type Projection struct{}

// Name implements projections.Projection.
func (Projection) Name() string { return Name }

// Version implements projections.Projection.
func (Projection) Version() int { return 1 }

// Categories implements projections.Projection.
func (Projection) Categories() []string { return []string{"zona"} }

// Tables implements projections.Projection.
func (Projection) Tables() []projections.Table {
	return []projections.Table{{Name: "zonas", Key: "id"}}
}

// Fold implements projections.Projection.
func (Projection) Fold() projections.Fold { return &fold{projections.NewRows(&zonas)} }

type fold struct{ rows *projections.Rows[fila] }

func (f *fold) Load(ctx context.Context, tx pgx.Tx, window []eventstore.Recorded) error {
	return f.rows.Load(ctx, tx, projections.Keys(window, "zona"))
}

func (f *fold) Save(ctx context.Context, tx pgx.Tx, texts projections.Texts) error {
	return f.rows.Save(ctx, tx, texts)
}

// Apply implements projections.Fold.
func (f *fold) Apply(r eventstore.Recorded) error {
	id := projections.Key(r.Stream)
	e, ok := r.Event.(zona.Event)
	if !ok {
		return fmt.Errorf("foreign event %T", r.Event)
	}
	switch e := e.(type) {
	case zona.Definida:
		return f.dibuja(id, r, false, zona.Modificada{
			Nombre: e.Nombre, Clase: e.Clase, Poligonos: e.Poligonos, Circulo: e.Circulo, Reglas: e.Reglas, Horarios: e.Horarios,
		})
	case zona.Modificada:
		row := f.rows.Get(id)
		if row == nil {
			return errAusente
		}
		return f.dibuja(id, r, row.vacia, e)
	case zona.QuedoVacia:
		return f.cambia(id, r, true)
	case zona.Cubierta:
		return f.cambia(id, r, false)
	case zona.Eliminada:
		if f.rows.Get(id) == nil {
			return errAusente
		}
		f.rows.Delete(id)
	}
	return nil
}

var errAusente = errors.New("the zona has no row")

func (f *fold) dibuja(id string, r eventstore.Recorded, vacia bool, d zona.Modificada) error {
	shape, err := multiPolygon(d.Poligonos)
	if err != nil {
		return err
	}
	rules, err := json.Marshal(dibujo{d.Circulo, d.Reglas, d.Horarios})
	if err != nil {
		return fmt.Errorf("write the rules: %w", err)
	}
	f.rows.Put(id, &fila{id, d.Nombre, d.Clase, shape, string(rules), vacia, int64(r.Version), int64(r.Position)})
	return nil
}

func (f *fold) cambia(id string, r eventstore.Recorded, vacia bool) error {
	row := f.rows.Get(id)
	if row == nil {
		return errAusente
	}
	row.vacia, row.version, row.posicion = vacia, int64(r.Version), int64(r.Position)
	return nil
}

// multiPolygon writes GeoJSON: longitude first.
func multiPolygon(ps []zona.Poligono) (string, error) {
	shape := struct {
		Type        string           `json:"type"`
		Coordinates [][][][2]float64 `json:"coordinates"`
	}{Type: "MultiPolygon"}
	for _, p := range ps {
		var rings [][][2]float64
		for _, ring := range p {
			places := make([][2]float64, len(ring))
			for i, place := range ring {
				places[i] = [2]float64{place.Lon, place.Lat}
			}
			rings = append(rings, places)
		}
		shape.Coordinates = append(shape.Coordinates, rings)
	}
	b, err := json.Marshal(shape)
	if err != nil {
		return "", fmt.Errorf("write the shape: %w", err)
	}
	return string(b), nil
}

// fila is one row of lectura.zonas.
type fila struct {
	id, nombre        string
	clase             zona.Clase
	geometria         string
	reglas            string // JSON of dibujo
	vacia             bool
	version, posicion int64
}

var zonas = projections.Schema[fila]{
	Table: "zonas", Key: "id", Select: "id::text, nombre, clase, geometria, reglas, vacia, version, posicion",
	Columns: []string{"id", "nombre", "clase", "geometria", "reglas", "vacia", "version", "posicion"},
	Scan: func(row pgx.Row, f *fila) error {
		return row.Scan(&f.id, &f.nombre, &f.clase, &f.geometria, &f.reglas, &f.vacia, &f.version, &f.posicion)
	},
	Values: func(f *fila) []any {
		return []any{projections.UUID(f.id), f.nombre, string(f.clase), f.geometria, f.reglas, f.vacia, f.version, f.posicion}
	},
}
