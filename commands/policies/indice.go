package policies

import (
	"math"
	"slices"

	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
)

// cell is how wide, in degrees, a square of the index is: about a kilometre.
const cell = 0.01

// maxCells bounds the squares of one Zona; a larger one is looked at for every fix.
const maxCells = 40_000

type square struct{ lat, lon int32 }

// zonaIndex finds the Zonas that a place lies in.
type zonaIndex struct {
	byID  map[ident.Zona]Zona
	cells map[square][]ident.Zona
	large []ident.Zona
}

func newZonaIndex(zonas []Zona) zonaIndex {
	x := zonaIndex{byID: make(map[ident.Zona]Zona, len(zonas)), cells: map[square][]ident.Zona{}}
	for _, z := range zonas {
		x.byID[z.ID] = z
		low, high := bounds(z)
		a, b := squareOf(low), squareOf(high)
		if (int64(b.lat-a.lat)+1)*(int64(b.lon-a.lon)+1) > maxCells {
			x.large = append(x.large, z.ID)
			continue
		}
		for lat := a.lat; lat <= b.lat; lat++ {
			for lon := a.lon; lon <= b.lon; lon++ {
				x.cells[square{lat, lon}] = append(x.cells[square{lat, lon}], z.ID)
			}
		}
	}
	return x
}

func squareOf(p geo.Punto) square {
	return square{int32(math.Floor(p.Lat / cell)), int32(math.Floor(p.Lon / cell))}
}

// bounds is the box around a Zona.
func bounds(z Zona) (low, high geo.Punto) {
	low, high = geo.Punto{Lat: 90, Lon: 180}, geo.Punto{Lat: -90, Lon: -180}
	for _, p := range z.Poligonos {
		for _, ring := range p {
			for _, v := range ring {
				low.Lat, low.Lon = min(low.Lat, v.Lat), min(low.Lon, v.Lon)
				high.Lat, high.Lon = max(high.Lat, v.Lat), max(high.Lon, v.Lon)
			}
		}
	}
	return low, high
}

// at lists the Zonas that p lies in, in the order of their ids.
func (x zonaIndex) at(p geo.Punto) (inside []ident.Zona) {
	for _, id := range append(slices.Clone(x.large), x.cells[squareOf(p)]...) {
		if z := x.byID[id]; z.contiene(p) {
			inside = append(inside, id)
		}
	}
	slices.Sort(inside)
	return inside
}

func (z Zona) contiene(p geo.Punto) bool {
	for _, polygon := range z.Poligonos {
		if polygon.Contiene(p) {
			return true
		}
	}
	return false
}
