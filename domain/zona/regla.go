package zona

import (
	"math"
	"slices"
	"time"

	"github.com/grupo-gad/gad/domain/geo"
)

// Reglas say what of a Zona raises an alarm.
type Reglas struct {
	Entrada bool `json:"entrada,omitzero"` // somebody comes in
	Salida  bool `json:"salida,omitzero"`  // somebody goes out
	// VaciaMin is for how many minutes nobody on duty may be inside; 0: nobody minds.
	VaciaMin int `json:"vacia_min,omitzero"`
}

// Franja is when the rules hold, in the zone of the operation. Hasta before Desde
// goes on into the next day.
type Franja struct {
	Dias  []int  `json:"dias"`  // 1 Monday .. 7 Sunday
	Desde string `json:"desde"` // HH:MM
	Hasta string `json:"hasta"` // HH:MM, excluded; 24:00 is the end of the day
}

const maxFranjas = 50

func (f Franja) valida() bool {
	desde, ok1 := minutos(f.Desde)
	hasta, ok2 := hastaMinutos(f.Hasta)
	return len(f.Dias) > 0 && !slices.ContainsFunc(f.Dias, func(d int) bool { return d < 1 || d > 7 }) && ok1 && ok2 && desde != hasta
}

func minutos(s string) (int, bool) {
	t, err := time.Parse("15:04", s)
	return t.Hour()*60 + t.Minute(), err == nil
}

// hastaMinutos knows of one hour more, with which a whole day can be said.
func hastaMinutos(s string) (int, bool) {
	if s == "24:00" {
		return 24 * 60, true
	}
	return minutos(s)
}

// Rige reports whether rules with these hours hold at a local time; without hours always.
func Rige(horarios []Franja, local time.Time) bool {
	if len(horarios) == 0 {
		return true
	}
	day, now := (int(local.Weekday())+6)%7+1, local.Hour()*60+local.Minute()
	before := (day+5)%7 + 1
	return slices.ContainsFunc(horarios, func(f Franja) bool {
		desde, _ := minutos(f.Desde)
		hasta, _ := hastaMinutos(f.Hasta)
		if desde < hasta {
			return slices.Contains(f.Dias, day) && now >= desde && now < hasta
		}
		return slices.Contains(f.Dias, day) && now >= desde || slices.Contains(f.Dias, before) && now < hasta
	})
}

// Circulo is a Zona drawn as a circle.
type Circulo struct {
	Centro geo.Punto `json:"centro"`
	RadioM float64   `json:"radio_m"`
}

func (c Circulo) valido() bool {
	return c.Centro.Valido() && math.Abs(c.Centro.Lat) <= 85 && math.Abs(c.Centro.Lon) < 178 && c.RadioM >= 10 && c.RadioM <= 100_000
}

// lados of the polygon that stands for a circle on a map: 0.1 % of its radius off at most.
const lados = 72

// Poligonos approximates the circle.
func (c Circulo) Poligonos() []Poligono {
	const metrosPorGrado = 111_195
	ring := make([]geo.Punto, 0, lados+1)
	for i := range lados {
		angle := 2 * math.Pi * float64(i) / lados
		ring = append(ring, geo.Punto{
			Lat: c.Centro.Lat + c.RadioM*math.Sin(angle)/metrosPorGrado,
			Lon: c.Centro.Lon + c.RadioM*math.Cos(angle)/(metrosPorGrado*math.Cos(c.Centro.Lat*math.Pi/180)),
		})
	}
	return []Poligono{{append(ring, ring[0])}}
}

// Contiene reports whether p lies inside the polygon, holes excepted. Sides are straight
// lines in degrees, as on the map. Of polygons that share a side, corner by corner, exactly one
// contains a place on it.
func (pol Poligono) Contiene(p geo.Punto) bool {
	inside := false
	for _, ring := range pol {
		for i, j := 0, len(ring)-1; i < len(ring); j, i = i, i+1 {
			a, b := ring[i], ring[j]
			if a.Lat > b.Lat { // whichever way round: the neighbour's side is this one, to the last bit
				a, b = b, a
			}
			if a.Lat <= p.Lat && p.Lat < b.Lat && p.Lon < (b.Lon-a.Lon)*(p.Lat-a.Lat)/(b.Lat-a.Lat)+a.Lon {
				inside = !inside // a hole turns it around once more
			}
		}
	}
	return inside
}
