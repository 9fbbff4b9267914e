package mapa_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
)

// TestTrackIsCut: nobody is drawn, nor counted, on the way between two turnos, nor where nothing
// was heard of him for long; one whole piece is a line as ever.
func TestTrackIsCut(t *testing.T) {
	t.Parallel()
	m := nuevo(t)
	who, one, other := id[ident.Efectivo](1), id[string](2000), id[string](2001)
	m.dado(who.Stream(), efectivo.Registrado{ID: who, Usuario: id[ident.Usuario](1000), CodigoInterno: "E-001", En: t0})
	m.proyecta()
	if _, err := m.pool.Exec(t.Context(), `select telemetria.preparar(current_date + 1)`); err != nil {
		t.Fatal(err)
	}
	from := time.Now().UTC().Truncate(24 * time.Hour)
	// A thousandth of a degree along the equator is 111.32 m.
	for i, f := range []struct {
		minute int
		turno  string
		lon    float64
		flags  eventstore.FixFlags
	}{
		{0, one, 0.000, 0}, {15, one, 0.001, 0}, // just in time
		{31, one, 0.101, 0}, {32, one, 0.102, 0}, // sixteen minutes later
		{40, one, 50, eventstore.FlagImpossibleSpeed}, {48, one, 0.202, 0}, // one that nobody believes is no news of him
		{49, other, 0.302, 0}, {50, other, 0.303, 0}, // on his next turno
	} {
		_, err := m.pool.Exec(t.Context(), `insert into telemetria.fixes (dia, lote, fila, efectivo, turno, en, recibido, lat, lon, precision_m, velocidad, rumbo, fuente, marcas, simulado, sal)
			values ($1, 1, $2, $3, $4, $5, $5, 0, $6, 5, -1, -1, 'rest', $7, false, decode(repeat('00', 16), 'hex'))`,
			from, i, string(who), f.turno, from.Add(time.Duration(f.minute)*time.Minute), f.lon, int16(f.flags))
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		until    int // minute
		geometry string
		points   int
		steps    float64
	}{
		{0, `null`, 0, 0},
		{1, `{"type":"Point","coordinates":[0,0]}`, 1, 0},
		{16, `{"type":"LineString","coordinates":[[0,0],[0.001,0]]}`, 2, 1},
		{60, `{"type":"GeometryCollection","geometries":[{"type":"LineString","coordinates":[[0,0],[0.001,0]]},` +
			`{"type":"LineString","coordinates":[[0.101,0],[0.102,0]]},{"type":"Point","coordinates":[0.202,0]},` +
			`{"type":"LineString","coordinates":[[0.302,0],[0.303,0]]}]}`, 7, 3},
	} {
		got, err := m.Recorrido(t.Context(), projections.System, who, from.Add(-time.Minute), from.Add(time.Duration(c.until)*time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		geometry, _ := json.Marshal(got.Geometry)
		p := got.Properties
		if string(geometry) != c.geometry || p.Puntos != c.points || len(p.En) != c.points || math.Abs(p.DistanciaM-111.3195*c.steps) > 0.1 {
			t.Errorf("until minute %d: %s, %d points, %d instants, %v m", c.until, geometry, p.Puntos, len(p.En), p.DistanciaM)
		}
	}
}
