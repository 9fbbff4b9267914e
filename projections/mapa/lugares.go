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
// when it lies in none. Shapes are read when a Zona has changed, not for every place.
func (r *Reader) ZonaDe(ctx context.Context, lugar geo.Punto) (ident.Zona, error) {
	var now edicion
	err := r.reads.QueryRow(ctx, projections.System, "select count(*), coalesce(max(posicion), 0) from lectura.zonas").Scan(&now.zonas, &now.ultima)
	if err != nil {
		return "", projections.Translate(err, "find the zona of a place")
	}
	known := r.shapes.Load()
	if known == nil || known.edicion != now {
		if known, err = r.trazar(ctx); err != nil {
			return "", projections.Translate(err, "find the zona of a place")
		}
		r.shapes.Store(known)
	}
	for _, z := range known.formas {
		if slices.ContainsFunc(z.poligonos, func(p zona.Poligono) bool { return p.Contiene(lugar) }) {
			return z.id, nil
		}
	}
	return "", nil
}

// edicion tells one state of all Zonas from every other: each change has a later position, and
// one that goes makes them fewer.
type edicion struct{ zonas, ultima int64 }

// trazado is the shapes of all Zonas in force.
type trazado struct {
	edicion
	formas []forma
}

type forma struct {
	id        ident.Zona
	poligonos []zona.Poligono
}

func (r *Reader) trazar(ctx context.Context) (*trazado, error) {
	rows, err := r.reads.Query(ctx, projections.System, `select id::text, geometria, posicion from lectura.zonas
		order by clase <> $1, id`, string(zona.Jurisdiccion))
	if err != nil {
		return nil, err
	}
	t := &trazado{}
	var (
		id, shape string
		posicion  int64
	)
	_, err = pgx.ForEachRow(rows, []any{&id, &shape, &posicion}, func() error {
		polygons, err := poligonos(json.RawMessage(shape))
		t.zonas, t.ultima = t.zonas+1, max(t.ultima, posicion)
		t.formas = append(t.formas, forma{ident.Zona(id), polygons})
		return err
	})
	return t, err
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

// Callados lists who is on duty and has reported no position in this shift, but for those whose
// signal is known to be lost.
func (r *Reader) Callados(ctx context.Context) ([]ident.Efectivo, error) {
	rows, err := r.reads.Query(ctx, projections.System, `select e.id::text from lectura.efectivos e
		where e.turno is not null and not e.senal_perdida
		  and not exists (select from lectura.posiciones p where p.efectivo = e.id and p.turno = e.turno)
		order by e.id`)
	if err != nil {
		return nil, projections.Translate(err, "list who is silent")
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[ident.Efectivo])
	return ids, projections.Translate(err, "list who is silent")
}
