// Package geo holds places: WGS84, SRID 4326, degrees; distances in metres.
package geo

import (
	"math"

	"github.com/grupo-gad/gad/domain/fault"
)

// ErrCoordenada refuses a place that is not on the Earth.
var ErrCoordenada = fault.New(fault.Invalid, "coordenada_invalida", "la coordenada no es válida: lat de -90 a 90, lon de -180 a 180")

// Punto is a place on the Earth in degrees.
type Punto struct {
	Lat float64 `json:"lat"`
	Lon float64 `json:"lon"`
}

// Valido reports whether p is finite and in range.
func (p Punto) Valido() bool {
	return p.Lat >= -90 && p.Lat <= 90 && p.Lon >= -180 && p.Lon <= 180 // NaN fails every comparison
}

// radioTierra is the mean radius of the Earth in metres (IUGG R1).
const radioTierra = 6_371_008.8

// Distancia returns the great-circle distance in metres (haversine, error below
// 0.6 % against the spheroid). What a person or a ranking sees is measured on
// the spheroid by the database; this is for filters such as impossible speed.
func Distancia(a, b Punto) float64 {
	const grado = math.Pi / 180
	dlat, dlon := (b.Lat-a.Lat)*grado, (b.Lon-a.Lon)*grado
	h := math.Sin(dlat/2)*math.Sin(dlat/2) +
		math.Cos(a.Lat*grado)*math.Cos(b.Lat*grado)*math.Sin(dlon/2)*math.Sin(dlon/2)
	return 2 * radioTierra * math.Asin(math.Sqrt(min(1, h)))
}
