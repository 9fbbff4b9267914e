package policies

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/zona"
)

// Adjoining Zonas, as the quarters of a city are: they share their borders and leave no gap.
// Every place inside lies in exactly the one whose polygon it was taken from, and no place of
// the covered area in none.
func TestEveryPlaceFindsItsZona(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rows, cols := rapid.IntRange(1, 7).Draw(t, "rows"), rapid.IntRange(1, 7).Draw(t, "cols")
		side := rapid.SampledFrom([]float64{0.003, 0.02, 0.4}).Draw(t, "side") // of a block, a quarter, a province
		south, west := rapid.Float64Range(-60, 50).Draw(t, "south"), rapid.Float64Range(-170, 160).Draw(t, "west")
		shift := rapid.Float64Range(-0.2, 0.2)
		// The corners are shared; those within the area are moved, so that no border is straight.
		corners := make([][]geo.Punto, rows+1)
		for i := range corners {
			for j := range cols + 1 {
				p := geo.Punto{Lat: south + side*float64(i), Lon: west + side*float64(j)}
				if i > 0 && i < rows && j > 0 && j < cols {
					p.Lat += side * shift.Draw(t, "lat")
					p.Lon += side * shift.Draw(t, "lon")
				}
				corners[i] = append(corners[i], p)
			}
		}
		var zonas []Zona
		for i := range rows {
			for j := range cols {
				ring := []geo.Punto{corners[i][j], corners[i][j+1], corners[i+1][j+1], corners[i+1][j], corners[i][j]}
				zonas = append(zonas, Zona{ID: ident.Zona(fmt.Sprintf("%02d-%02d", i, j)), Poligonos: []zona.Poligono{{ring}}})
			}
		}
		x := newZonaIndex(zonas)
		for range 20 {
			// Strictly inside one of them: a quadrilateral that is moved this little stays convex
			// around its triangles from corner to corner.
			i, j := rapid.IntRange(0, rows-1).Draw(t, "row"), rapid.IntRange(0, cols-1).Draw(t, "col")
			a, b, c := corners[i][j], corners[i][j+1], corners[i+1][j+1]
			if rapid.Bool().Draw(t, "upper") {
				b = corners[i+1][j]
			}
			u, v := rapid.Float64Range(0.01, 0.98).Draw(t, "u"), rapid.Float64Range(0.01, 0.98).Draw(t, "v")
			if u+v > 0.99 {
				u, v = (1-u)*0.99, (1-v)*0.99
			}
			p := geo.Punto{Lat: a.Lat + u*(b.Lat-a.Lat) + v*(c.Lat-a.Lat), Lon: a.Lon + u*(b.Lon-a.Lon) + v*(c.Lon-a.Lon)}
			want := []ident.Zona{zonas[i*cols+j].ID}
			if got := x.at(p); !slices.Equal(got, want) {
				t.Fatalf("%v lies in %v, want %v", p, got, want)
			}
		}
		// A place on a border, or on a corner, that two or four of them share lies in exactly one.
		for range 20 {
			i, j := rapid.IntRange(1, max(1, rows-1)).Draw(t, "row"), rapid.IntRange(1, max(1, cols-1)).Draw(t, "col")
			if rows < 2 || cols < 2 {
				break
			}
			a, b := corners[i][j], corners[i-1][j]
			if rapid.Bool().Draw(t, "across") {
				b = corners[i][j-1]
			}
			u := rapid.SampledFrom([]float64{0, 0.5, 0.25, rapid.Float64Range(0, 0.99).Draw(t, "u")}).Draw(t, "where")
			p := geo.Punto{Lat: a.Lat + u*(b.Lat-a.Lat), Lon: a.Lon + u*(b.Lon-a.Lon)}
			if got := x.at(p); len(got) != 1 {
				t.Fatalf("%v on a border lies in %v", p, got)
			}
		}
		for range 20 {
			p := geo.Punto{
				Lat: south + side*float64(rows)*rapid.Float64Range(0.0001, 0.9999).Draw(t, "north"),
				Lon: west + side*float64(cols)*rapid.Float64Range(0.0001, 0.9999).Draw(t, "east"),
			}
			if got := x.at(p); len(got) == 0 {
				t.Fatalf("%v of the covered area lies in no Zona", p)
			}
			if got := x.at(geo.Punto{Lat: p.Lat + side*float64(rows), Lon: p.Lon}); len(got) != 0 {
				t.Fatalf("a place outside lies in %v", got)
			}
		}
	})
}
