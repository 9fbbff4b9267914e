package zona_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/spec"
	"github.com/grupo-gad/gad/domain/zona"
)

func TestModificar(t *testing.T) {
	t.Parallel()
	s := spec.Of(t, zona.Decider)
	igual := zona.Modificar(definir())
	otra := igual
	otra.Nombre, otra.Reglas = "Plaza", zona.Reglas{Entrada: true, VaciaMin: 10}
	modificada := zona.Modificada{Nombre: "Plaza", Clase: zona.Jurisdiccion, Poligonos: []zona.Poligono{cuadra}, Reglas: otra.Reglas, En: ocho}

	s.When(igual).Refused(zona.ErrNoExiste)
	s.Given(definida, eliminada).When(igual).Refused(zona.ErrNoExiste)
	s.Given(definida).When(igual).Then() // drawn as it is
	s.Given(definida).When(otra).Then(modificada)
	s.Given(definida, modificada).When(otra).Then()
	mala := otra
	mala.Poligonos = nil
	s.Given(definida).When(mala).Refused(zona.ErrDatos)
	mia := otra
	mia.Por.Rol = permiso.Efectivo
	s.Given(definida).When(mia).Refused(permiso.ErrProhibido)

	for _, bad := range []func(*zona.Definir){
		func(c *zona.Definir) { c.Reglas.VaciaMin = -1 },
		func(c *zona.Definir) { c.Reglas.VaciaMin = 1441 },
		func(c *zona.Definir) { c.Horarios = []zona.Franja{{Dias: []int{8}, Desde: "08:00", Hasta: "09:00"}} },
		func(c *zona.Definir) { c.Horarios = []zona.Franja{{Desde: "08:00", Hasta: "09:00"}} },
		func(c *zona.Definir) { c.Horarios = []zona.Franja{{Dias: []int{1}, Desde: "8", Hasta: "09:00"}} },
		func(c *zona.Definir) { c.Horarios = []zona.Franja{{Dias: []int{1}, Desde: "09:00", Hasta: "09:00"}} },
		func(c *zona.Definir) { c.Horarios = []zona.Franja{{Dias: []int{1}, Desde: "24:00", Hasta: "09:00"}} },
		func(c *zona.Definir) { c.Horarios = []zona.Franja{{Dias: []int{1}, Desde: "08:00", Hasta: "24:01"}} },
		func(c *zona.Definir) { c.Horarios = make([]zona.Franja, 51) },
		func(c *zona.Definir) { c.Poligonos, c.Circulo = nil, &zona.Circulo{RadioM: 9} },
		func(c *zona.Definir) {
			c.Poligonos, c.Circulo = nil, &zona.Circulo{Centro: geo.Punto{Lat: 86}, RadioM: 90}
		},
	} {
		s.When(definir(bad)).Refused(zona.ErrDatos)
	}
	c := zona.Circulo{Centro: geo.Punto{Lat: -34.6, Lon: -58.4}, RadioM: 500}
	redonda := definida
	redonda.Circulo, redonda.Poligonos = &c, c.Poligonos()
	s.When(definir(func(d *zona.Definir) { d.Poligonos, d.Circulo = nil, &c })).Then(redonda)
}

func TestVaciar(t *testing.T) {
	t.Parallel()
	s := spec.Of(t, zona.Decider)
	o := orden
	o.Por = permiso.DelSistema("politicas")
	vaciar, cubrir := zona.Vaciar{Orden: o, Desde: ocho}, zona.Cubrir{Orden: o}
	vacia, cubierta := zona.QuedoVacia{Desde: ocho, En: ocho}, zona.Cubierta{En: ocho}
	s.When(vaciar).Refused(zona.ErrNoExiste)
	s.Given(definida).When(vaciar).Then(vacia)
	s.Given(definida, vacia).When(vaciar).Then()
	s.Given(definida, eliminada).When(vaciar).Then()
	s.Given(definida).When(cubrir).Then()
	s.Given(definida, vacia).When(cubrir).Then(cubierta)
	s.Given(definida, vacia, cubierta).When(vaciar).Then(vacia)
	s.Given(definida, vacia, eliminada).When(cubrir).Then()
	s.Given(definida).When(zona.Vaciar{Orden: orden}).Refused(permiso.ErrProhibido)
}

func TestRige(t *testing.T) {
	t.Parallel()
	lunes := time.Date(2026, time.March, 2, 0, 0, 0, 0, time.UTC)
	at := func(day int, clock time.Duration) time.Time { return lunes.AddDate(0, 0, day-1).Add(clock) }
	dia := []zona.Franja{{Dias: []int{1, 7}, Desde: "08:00", Hasta: "20:00"}}
	noche := []zona.Franja{{Dias: []int{5}, Desde: "22:00", Hasta: "06:00"}}
	entero := []zona.Franja{{Dias: []int{3}, Desde: "00:00", Hasta: "24:00"}}
	tarde := []zona.Franja{{Dias: []int{3}, Desde: "22:00", Hasta: "24:00"}}
	todoElDia := definida
	todoElDia.Horarios = entero
	spec.Of(t, zona.Decider).When(definir(func(d *zona.Definir) { d.Horarios = entero })).Then(todoElDia)
	for _, c := range []struct {
		horarios []zona.Franja
		at       time.Time
		want     bool
	}{
		{nil, at(3, time.Hour), true},
		{dia, at(1, 8*time.Hour), true},
		{dia, at(1, 8*time.Hour-1), false},
		{dia, at(1, 20*time.Hour), false},
		{dia, at(2, 9*time.Hour), false},
		{dia, at(7, 9*time.Hour), true},
		{entero, at(3, 0), true},
		{entero, at(3, 24*time.Hour-1), true},
		{entero, at(4, 0), false},
		{entero, at(2, 24*time.Hour-1), false},
		{tarde, at(3, 24*time.Hour-1), true},
		{tarde, at(3, 22*time.Hour-1), false},
		{tarde, at(4, 0), false},
		{noche, at(5, 23*time.Hour), true},
		{noche, at(6, 5*time.Hour), true}, // of Friday's night
		{noche, at(6, 23*time.Hour), false},
		{noche, at(5, 5*time.Hour), false},
	} {
		if got := zona.Rige(c.horarios, c.at); got != c.want {
			t.Errorf("%v at %s: %v", c.horarios, c.at, got)
		}
	}
}

func TestContiene(t *testing.T) {
	t.Parallel()
	for p, want := range map[geo.Punto]bool{
		{Lat: .05, Lon: .5}: true, {Lat: .9, Lon: .95}: true, {Lat: .5, Lon: .1}: false, {Lat: 2, Lon: .5}: false,
		{Lat: .12, Lon: .22}: false, // in the hole
	} {
		if got := hueca.Contiene(p); got != want {
			t.Errorf("%v: %v", p, got)
		}
	}
	// A circle and the polygon that stands for it disagree only at its rim.
	rapid.Check(t, func(t *rapid.T) {
		c := zona.Circulo{
			Centro: geo.Punto{Lat: rapid.Float64Range(-60, 60).Draw(t, "lat"), Lon: rapid.Float64Range(-170, 170).Draw(t, "lon")},
			RadioM: rapid.Float64Range(10, 5_000).Draw(t, "radio"),
		}
		p := geo.Punto{
			Lat: c.Centro.Lat + rapid.Float64Range(-.05, .05).Draw(t, "dlat"), Lon: c.Centro.Lon + rapid.Float64Range(-.05, .05).Draw(t, "dlon"),
		}
		d := geo.Distancia(c.Centro, p) / c.RadioM
		if inside := c.Poligonos()[0].Contiene(p); d < .99 && !inside || d > 1.01 && inside {
			t.Fatalf("%.4f radios away, inside %v", d, inside)
		}
	})
}
