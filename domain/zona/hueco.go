package zona

import "github.com/grupo-gad/gad/domain/geo"

// huecoAjeno finds a hole that does not take anything out of its polygon: outside the contour, or
// where another hole is, it would put something in (see Contiene). It is for contours whose sides
// do not cross. Holes that touch the contour or each other are no fault, nor is one that encloses
// nothing: official maps have many where two of their parts were joined.
func huecoAjeno(p Poligono) (donde geo.Punto, ok bool) {
	for i, hole := range p[1:] {
		hollow := encierra(hole)
		if adentro, afuera := reparto(p[0], hole); afuera > 0 || hollow && adentro == 0 {
			return hole[0], true
		}
		for _, other := range p[1 : i+1] {
			if !hollow || apartados(hole, other) || !encierra(other) {
				continue
			}
			inOther, outOfIt := reparto(other, hole)
			if inHole, _ := reparto(hole, other); inOther > 0 || inHole > 0 || outOfIt == 0 {
				return hole[0], true
			}
		}
	}
	return donde, false
}

// reparto counts the corners of b, and the middles of its sides, that lie inside a and outside;
// those on its border are neither.
func reparto(a, b []geo.Punto) (adentro, afuera int) {
	for i := 1; i < len(b); i++ {
		middle := geo.Punto{Lat: (b[i-1].Lat + b[i].Lat) / 2, Lon: (b[i-1].Lon + b[i].Lon) / 2}
		for _, p := range [...]geo.Punto{b[i], middle} {
			switch {
			case bordea(a, p):
			case (Poligono{a}).Contiene(p):
				adentro++
			default:
				afuera++
			}
		}
	}
	return adentro, afuera
}

// bordea reports whether p lies on a side.
func bordea(ring []geo.Punto, p geo.Punto) bool {
	for i := 1; i < len(ring); i++ {
		a, b := ring[i-1], ring[i]
		if (a.Lat <= p.Lat || b.Lat <= p.Lat) && (a.Lat >= p.Lat || b.Lat >= p.Lat) &&
			(a.Lon <= p.Lon || b.Lon <= p.Lon) && (a.Lon >= p.Lon || b.Lon >= p.Lon) && mano(a, b, p) == 0 {
			return true
		}
	}
	return false
}

// apartados reports whether a line from north to south or from west to east keeps two contours
// apart: most holes are, and need no more.
func apartados(a, b []geo.Punto) bool {
	southA, westA, northA, eastA := caja(a)
	southB, westB, northB, eastB := caja(b)
	return northA < southB || northB < southA || eastA < westB || eastB < westA
}

func caja(ring []geo.Punto) (south, west, north, east float64) {
	south, west, north, east = ring[0].Lat, ring[0].Lon, ring[0].Lat, ring[0].Lon
	for _, p := range ring {
		south, west, north, east = min(south, p.Lat), min(west, p.Lon), max(north, p.Lat), max(east, p.Lon)
	}
	return south, west, north, east
}
