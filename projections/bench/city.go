package bench

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/zona"
	"github.com/grupo-gad/gad/eventstore"
)

// Size is how much a City holds.
type Size struct {
	Tareas    int   `json:"tareas"`
	Efectivos int   `json:"efectivos"`
	Fixes     int64 `json:"posiciones"`
	Days      int   `json:"dias"` // over which it happened, up to now
}

// The box of a city, in degrees, and the Zonas that cover it.
const (
	south, north, west, east = -34.705, -34.527, -58.531, -58.335
	zonasAcross, zonasDown   = 8, 6
)

// City is an invented operation of the size that questions are measured at: Tareas with their
// whole lives behind them, the newest ones still open, Efectivos on duty, Zonas, and where
// everybody was. Places cluster around a few busy corners, as they do in a city.
type City struct {
	Size
	Now   time.Time
	Zonas []ident.Zona

	*Day
	busy []geo.Punto // where most of it happens
	made int         // Tareas
}

// NewCity returns a City whose last day ends now. The same seed and instant give the same one.
func NewCity(seed uint64, size Size, now time.Time) *City {
	c := &City{Size: size, Now: now.UTC().Truncate(time.Second), Day: NewDay(seed, size.Efectivos)}
	c.now = c.since()
	for range 40 {
		c.busy = append(c.busy, geo.Punto{Lat: south + (north-south)*c.rng.Float64(), Lon: west + (east-west)*c.rng.Float64()})
	}
	return c
}

// since is when the first Tarea was created.
func (c *City) since() time.Time { return c.Now.AddDate(0, 0, -c.Days) }

// onDuty reports whether the i-th Efectivo is on duty: four out of five are.
func onDuty(i int) bool { return i%5 != 4 }

// Founded returns the orders that register everybody and draw the Zonas.
func (c *City) Founded() []eventstore.Append {
	all := c.Shift()
	for i := range c.people {
		if !onDuty(i) {
			a := c.order()
			id := c.people[i].efectivo
			c.fact(&a, id.Stream(), efectivo.TurnoFinalizado{Turno: c.people[i].turno, En: c.now.Add(8 * time.Hour)})
			all = append(all, a)
		}
	}
	for i := range zonasAcross * zonasDown {
		id := ident.Zona(c.uuid())
		w, s := west+float64(i%zonasAcross)*(east-west)/zonasAcross, south+float64(i/zonasAcross)*(north-south)/zonasDown
		e, n := w+(east-west)/zonasAcross, s+(north-south)/zonasDown
		a := c.order()
		c.fact(&a, id.Stream(), zona.Definida{
			ID: id, Nombre: fmt.Sprintf("Sector %02d", i+1), Clase: zona.Jurisdiccion, En: c.now,
			Poligonos: []zona.Poligono{{{{Lat: s, Lon: w}, {Lat: s, Lon: e}, {Lat: n, Lon: e}, {Lat: n, Lon: w}, {Lat: s, Lon: w}}}},
		})
		c.Zonas, all = append(c.Zonas, id), append(all, a)
	}
	return all
}

// place is somewhere in the city, three times out of four near a busy corner.
func (c *City) place(rng *rand.Rand) geo.Punto {
	if rng.IntN(4) == 0 {
		return geo.Punto{Lat: south + (north-south)*rng.Float64(), Lon: west + (east-west)*rng.Float64()}
	}
	p := c.busy[rng.IntN(len(c.busy))]
	return geo.Punto{
		Lat: max(south, min(north, p.Lat+0.006*rng.NormFloat64())), Lon: max(west, min(east, p.Lon+0.006*rng.NormFloat64())),
	}
}

func (c *City) zonaAt(p geo.Punto) ident.Zona {
	x := min(zonasAcross-1, int((p.Lon-west)/(east-west)*zonasAcross))
	y := min(zonasDown-1, int((p.Lat-south)/(north-south)*zonasDown))
	return c.Zonas[y*zonasAcross+x]
}

// open is how many of the newest Tareas are not over.
func (c *City) open() int { return c.Tareas / 50 }

// Work returns the order that creates the next Tarea and leads it to where it stands now, in
// one append; false when there are all.
func (c *City) Work() (eventstore.Append, bool) {
	if c.made == c.Tareas {
		return eventstore.Append{}, false
	}
	span := c.Now.Sub(c.since())
	c.now = c.since().Add(time.Duration(float64(span) * float64(c.made) / float64(c.Tareas))).Truncate(time.Millisecond)
	c.made++
	if c.made > c.Tareas-c.open() {
		return c.unfinished(), true
	}
	a, id := c.born()
	if c.rng.IntN(20) == 0 {
		c.later(30*time.Minute, func() {
			c.fact(&a, id.Stream(), tarea.Cancelada{Motivo: c.seal(&a, string(id), "motivo", "ya no hace falta"), En: c.now})
		})
		return a, true
	}
	who := c.free()
	c.bound(&a, id, who)
	c.works(&a, id)
	e := c.people[who].efectivo
	c.later(40*time.Minute, func() {
		c.fact(&a, id.Stream(), tarea.EfectivoLiberado{Efectivo: e, En: c.now})
		c.fact(&a, id.Stream(), tarea.Finalizada{En: c.now})
		c.fact(&a, e.Stream(), efectivo.DisponibilidadCambiada{Disponibilidad: efectivo.Disponible, Causa: efectivo.PorLiberacion, Tarea: id, En: c.now})
	})
	return a, true
}

// unfinished is one of the Tareas that are still open: half of them wait.
func (c *City) unfinished() eventstore.Append {
	a, id := c.born()
	if c.rng.IntN(2) == 0 {
		return a
	}
	who := c.free()
	c.people[who].busy = true
	c.bound(&a, id, who)
	c.works(&a, id)
	if c.rng.IntN(4) == 0 {
		c.fact(&a, id.Stream(), tarea.Pausada{En: c.now})
	}
	return a
}

// free picks somebody on duty without a Tarea.
func (c *City) free() int {
	for {
		if i := c.rng.IntN(len(c.people)); onDuty(i) && !c.people[i].busy {
			return i
		}
	}
}

func (c *City) born() (eventstore.Append, ident.Tarea) {
	id := ident.Tarea(c.uuid())
	a := c.order()
	p := c.place(c.rng)
	codigo := fmt.Sprintf("C%d-%06d", c.run%100, c.made)
	c.fact(&a, id.Stream(), tarea.Creada{
		ID: id, Codigo: codigo, Tipo: tipos[c.rng.IntN(len(tipos))], Prioridad: tarea.Prioridad(1 + c.rng.IntN(5)),
		Titulo:           c.seal(&a, string(id), "titulo", titulos[c.rng.IntN(len(titulos))]+", "+calles[c.rng.IntN(len(calles))]),
		Descripcion:      c.seal(&a, string(id), "descripcion", descripciones[c.rng.IntN(len(descripciones))]),
		InicioProgramado: c.now, Creador: c.people[c.rng.IntN(50)%len(c.people)].usuario, Delegado: c.people[c.rng.IntN(len(c.people))].usuario,
		Ubicacion: &tarea.Ubicacion{Punto: p, Descripcion: c.seal(&a, string(id), "ubicacion.descripcion", calles[c.rng.IntN(len(calles))])},
		Zona:      c.zonaAt(p), Simulada: true, En: c.now,
	})
	return a, id
}

// bound assigns somebody, who takes it and arrives.
func (c *City) bound(a *eventstore.Append, id ident.Tarea, who int) {
	e := c.people[who].efectivo
	c.later(5*time.Minute, func() {
		c.fact(a, id.Stream(), tarea.EfectivoAsignado{Efectivo: e, En: c.now})
		c.fact(a, e.Stream(), efectivo.DisponibilidadCambiada{Disponibilidad: efectivo.EnTarea, Causa: efectivo.PorAsignacion, Tarea: id, En: c.now})
	})
	c.later(time.Minute, func() { c.fact(a, id.Stream(), tarea.AsignacionAceptada{Efectivo: e, En: c.now}) })
	c.later(time.Minute, func() { c.fact(a, id.Stream(), tarea.EfectivoEnCamino{Efectivo: e, En: c.now}) })
	c.later(12*time.Minute, func() { c.fact(a, id.Stream(), tarea.EfectivoEnLugar{Efectivo: e, En: c.now}) })
}

func (c *City) works(a *eventstore.Append, id ident.Tarea) {
	c.later(3*time.Minute, func() { c.fact(a, id.Stream(), tarea.Iniciada{En: c.now}) })
	if c.rng.IntN(5) == 0 {
		c.later(15*time.Minute, func() { c.fact(a, id.Stream(), tarea.Pausada{En: c.now}) })
		c.later(10*time.Minute, func() { c.fact(a, id.Stream(), tarea.Reanudada{En: c.now}) })
	}
}

// later lets some of the time pass that a step takes on average, and acts.
func (c *City) later(mean time.Duration, act func()) {
	if c.now = c.now.Add(time.Duration(float64(mean) * c.rng.ExpFloat64())).Truncate(time.Millisecond); c.now.After(c.Now) {
		c.now = c.Now
	}
	act()
}

// walk returns n positions of the i-th Efectivo, one a minute, the last one within the minute
// before end: a walk that starts somewhere and turns at corners.
func (c *City) walk(rng *rand.Rand, i, n int, end time.Time) []eventstore.Fix {
	at, heading := c.place(rng), 2*math.Pi*rng.Float64()
	begin := end.Add(-time.Duration(n-1)*time.Minute - time.Duration(rng.IntN(60_000))*time.Millisecond)
	fixes := make([]eventstore.Fix, n)
	for k := range fixes {
		if rng.IntN(4) == 0 {
			heading += math.Pi / 2 * float64(1-2*rng.IntN(2))
		}
		const step = 0.0012 // some 130 m a minute
		at.Lat = max(south, min(north, at.Lat+step*math.Cos(heading)*rng.Float64()))
		at.Lon = max(west, min(east, at.Lon+step*math.Sin(heading)*rng.Float64()))
		when := begin.Add(time.Duration(k) * time.Minute)
		fixes[k] = eventstore.Fix{
			Efectivo: string(c.people[i].efectivo), Turno: string(c.people[i].turno), DeviceAt: when, ServerAt: when.Add(time.Second),
			Lat: at.Lat, Lon: at.Lon, Accuracy: 8, Speed: 2, Heading: float32(math.Mod(heading*180/math.Pi+720, 360)), Source: "simulador", Simulated: true,
		}
	}
	return fixes
}
