package rest

import (
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/projections/efectivos"
	"github.com/grupo-gad/gad/projections/mapa"
	"github.com/grupo-gad/gad/projections/tablero"
	"github.com/grupo-gad/gad/projections/tareas"
)

// maxRadius bounds a circle, in metres.
const maxRadius = 500_000

// cercanos serves GET /geo/cercanos, nearest first.
func (a *API) cercanos(r *request) error {
	q := r.query()
	lat, lon := q.needed("lat", 90), q.needed("lon", 180)
	radius := q.float("radio_m", 50_000, 1, maxRadius)
	limit := int(q.integer("limite", 10, 1, maxPage))
	free := q.boolean("disponibles")
	if err := q.err(); err != nil {
		return err
	}
	if err := a.await(r, r.deQuien()...); err != nil {
		return err
	}
	found, err := a.Mapa.Cercanos(r.Request().Context(), r.scope(), lat, lon, radius, limit, free != nil && *free)
	if err != nil {
		return err
	}
	return r.ok(found.Posicion, found)
}

// needed reads a coordinate that must be there.
func (q *query) needed(name string, most float64) float64 {
	if !q.values.Has(name) {
		q.known = append(q.known, name)
		q.bad(name, "falta")
		return 0
	}
	return q.float(name, 0, -most, most)
}

// mapa serves GET /geo/mapa for a box or a circle.
func (a *API) mapa(r *request) error {
	q := r.query()
	var area mapa.Area
	if q.values.Has("bbox") {
		area.BBox = q.box()
		if q.values.Has("lat") || q.values.Has("lon") {
			q.bad("bbox", "va bbox o van lat, lon y radio_m, no ambos")
		}
		q.text("lat")
		q.text("lon")
		q.text("radio_m")
	} else {
		q.text("bbox")
		area.Lat, area.Lon = q.needed("lat", 90), q.needed("lon", 180)
		area.RadioM = q.float("radio_m", 10_000, 1, maxRadius)
	}
	if err := q.err(); err != nil {
		return err
	}
	if err := a.await(r, "tareas", "efectivos", "mapa"); err != nil {
		return err
	}
	m, err := a.Mapa.Mapa(r.Request().Context(), r.scope(), area)
	if err != nil {
		return err
	}
	if masked(r.who) {
		for i := range m.Tareas {
			m.Tareas[i].Titulo = reservado
		}
	}
	return r.ok(m.Posicion, m)
}

// resumen serves GET /estadisticas/resumen.
func (a *API) resumen(r *request) error {
	if err := r.query().err(); err != nil {
		return err
	}
	// A part is counted in the read models, which follow the log by themselves.
	await := []string{tablero.Name}
	if r.parte() {
		await = []string{tareas.Name, efectivos.Name}
	}
	if err := a.await(r, await...); err != nil {
		return err
	}
	figures, err := a.Tablero.Resumen(r.Request().Context(), r.scope())
	if err != nil {
		return err
	}
	return r.ok(figures.Posicion, figures)
}

var errGeometria = fault.New(fault.Invalid, "geometria_invalida", "la geometría no es un Polygon o MultiPolygon de GeoJSON")
