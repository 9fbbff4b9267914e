package zona

import (
	"cmp"
	"math"
	"slices"

	"github.com/grupo-gad/gad/domain/geo"
)

// areaMinima is what a contour has to enclose, in square degrees: less than a hand's breadth each way.
const areaMinima = 1e-12

// encierra reports whether a contour encloses anything: a line there and back does not, and
// neither does one that takes back with one half what it encloses with the other.
func encierra(ring []geo.Punto) bool {
	doble := 0.0
	for i, j := 0, len(ring)-1; i < len(ring); j, i = i, i+1 {
		// From its own corner on, so that what is far from 0, 0 loses nothing by it.
		a, b := ring[j], ring[i]
		doble += (a.Lon-ring[0].Lon)*(b.Lat-ring[0].Lat) - (b.Lon-ring[0].Lon)*(a.Lat-ring[0].Lat)
	}
	return math.Abs(doble)/2 >= areaMinima
}

// lado is one side of a contour, its western end first.
type lado struct{ a, b geo.Punto }

// cruce finds two sides of contours that cross: what such ones enclose nobody can say, and
// people would be counted in it who are not. Sides that only touch, as those of many an official
// map do, are no fault.
func cruce(rings ...[]geo.Punto) (donde geo.Punto, ok bool) {
	var lados []lado
	for _, ring := range rings {
		for i := 1; i < len(ring); i++ {
			a, b := ring[i-1], ring[i]
			if b.Lon < a.Lon {
				a, b = b, a
			}
			lados = append(lados, lado{a, b})
		}
	}
	// From west to east, so that each is compared with those beside it alone.
	slices.SortFunc(lados, func(x, y lado) int { return cmp.Compare(x.a.Lon, y.a.Lon) })
	var open []lado
	for _, l := range lados {
		open = slices.DeleteFunc(open, func(o lado) bool { return o.b.Lon < l.a.Lon })
		for _, o := range open {
			if min(o.a.Lat, o.b.Lat) <= max(l.a.Lat, l.b.Lat) && min(l.a.Lat, l.b.Lat) <= max(o.a.Lat, o.b.Lat) && o.cruza(l) {
				return l.a, true
			}
		}
		open = append(open, l)
	}
	return donde, false
}

// cruza reports whether each of two sides has the ends of the other to both hands.
func (l lado) cruza(o lado) bool {
	return mano(l.a, l.b, o.a)*mano(l.a, l.b, o.b) < 0 && mano(o.a, o.b, l.a)*mano(o.a, o.b, l.b) < 0
}

// mano is 1 where p lies to the left of the way from a to b, -1 to the right, 0 on it. What is
// nearer than the last digits tell lies on it.
func mano(a, b, p geo.Punto) int {
	const nada = 1e-15 // square degrees: a tenth of a micrometre beside a side of a hundred metres
	v := (b.Lon-a.Lon)*(p.Lat-a.Lat) - (b.Lat-a.Lat)*(p.Lon-a.Lon)
	switch {
	case v > nada:
		return 1
	case v < -nada:
		return -1
	}
	return 0
}
