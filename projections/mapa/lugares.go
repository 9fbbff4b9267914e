package mapa

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/zona"
	"github.com/grupo-gad/gad/projections"
)

// Dibujada is a Zona in force with its shape as the domain has it.
type Dibujada struct {
	ID        ident.Zona
	Poligonos []zona.Poligono
	Circulo   *zona.Circulo
	Reglas    zona.Reglas
	Horarios  []zona.Franja
	Vacia     bool
}

// Dibujadas lists every Zona in force, for whoever finds the one a position lies in.
func (r *Reader) Dibujadas(ctx context.Context) ([]Dibujada, error) {
	rows, err := r.reads.Query(ctx, projections.System, selectZonas+" order by id")
	if err != nil {
		return nil, projections.Translate(err, "read the zonas")
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (d Dibujada, err error) {
		z, err := zonaEnMapa(row)
		if err != nil {
			return d, err
		}
		d = Dibujada{ID: z.ID, Circulo: z.Circulo, Reglas: z.Reglas, Horarios: z.Horarios, Vacia: z.Vacia}
		d.Poligonos, err = poligonos(z.Geometria)
		return d, err
	})
	return all, projections.Translate(err, "read the zonas")
}

// ZonaDe returns the Zona in force that a place lies in, a jurisdiccion before any other, or ""
// when it lies in none.
func (r *Reader) ZonaDe(ctx context.Context, lugar geo.Punto) (ident.Zona, error) {
	// The index leaves the few that are near; which one it is, is decided as the policies do.
	rows, err := r.reads.Query(ctx, projections.System, `select id::text, geometria from lectura.zonas
		where ST_DWithin(area, ST_SetSRID(ST_MakePoint($1, $2), 4326)::geography, 10000)
		order by clase <> $3, id`, lugar.Lon, lugar.Lat, string(zona.Jurisdiccion))
	if err != nil {
		return "", projections.Translate(err, "find the zona of a place")
	}
	found := ident.Zona("")
	var id, shape string
	_, err = pgx.ForEachRow(rows, []any{&id, &shape}, func() error {
		if found != "" {
			return nil
		}
		polygons, err := poligonos(json.RawMessage(shape))
		if err == nil && slices.ContainsFunc(polygons, func(p zona.Poligono) bool { return p.Contiene(lugar) }) {
			found = ident.Zona(id)
		}
		return err
	})
	return found, projections.Translate(err, "find the zona of a place")
}

// poligonos is multiPolygon backwards.
func poligonos(text json.RawMessage) ([]zona.Poligono, error) {
	var shape struct {
		Coordinates [][][][2]float64 `json:"coordinates"`
	}
	if err := json.Unmarshal(text, &shape); err != nil {
		return nil, fmt.Errorf("read the shape: %w", err)
	}
	out := make([]zona.Poligono, len(shape.Coordinates))
	for i, p := range shape.Coordinates {
		for _, ring := range p {
			places := make([]geo.Punto, len(ring))
			for k, v := range ring {
				places[k] = geo.Punto{Lat: v[1], Lon: v[0]}
			}
			out[i] = append(out[i], places)
		}
	}
	return out, nil
}

// Presentes counts who is on duty inside each Zona, as the facts say.
func (r *Reader) Presentes(ctx context.Context) (map[ident.Zona]int, error) {
	rows, err := r.reads.Query(ctx, projections.System,
		`select z::text, count(*)::int from lectura.efectivos, unnest(zonas) z where turno is not null group by 1`)
	if err != nil {
		return nil, projections.Translate(err, "count who is inside")
	}
	present := map[ident.Zona]int{}
	var (
		id ident.Zona
		n  int
	)
	_, err = pgx.ForEachRow(rows, []any{&id, &n}, func() error {
		present[id] = n
		return nil
	})
	return present, projections.Translate(err, "count who is inside")
}
