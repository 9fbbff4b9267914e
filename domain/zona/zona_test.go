package zona_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/spec"
	"github.com/grupo-gad/gad/domain/zona"
)

const id ident.Zona = "0190f3c2-0000-7000-8000-00000000000f"

var (
	ocho   = time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC)
	orden  = zona.Orden{ID: id, Por: permiso.Autor{Usuario: "u", Rol: permiso.Supervisor}, En: ocho}
	cuadra = zona.Poligono{{{Lat: 0, Lon: 0}, {Lat: 0, Lon: 1}, {Lat: 1, Lon: 1}, {Lat: 0, Lon: 0}}}
	hueca  = zona.Poligono{cuadra[0], {{Lat: .1, Lon: .2}, {Lat: .1, Lon: .3}, {Lat: .2, Lon: .3}, {Lat: .1, Lon: .2}}}

	lazo = []geo.Punto{{Lat: .1, Lon: .2}, {Lat: .3, Lon: .4}, {Lat: .3, Lon: .2}, {Lat: .1, Lon: .3}, {Lat: .1, Lon: .2}}

	definida  = zona.Definida{ID: id, Nombre: "Centro", Clase: zona.Jurisdiccion, Poligonos: []zona.Poligono{cuadra}, En: ocho}
	eliminada = zona.Eliminada{En: ocho}
)

func definir(cambios ...func(*zona.Definir)) zona.Definir {
	c := zona.Definir{Orden: orden, Nombre: " Centro ", Clase: zona.Jurisdiccion, Poligonos: []zona.Poligono{cuadra}}
	for _, cambia := range cambios {
		cambia(&c)
	}
	return c
}

// square is a square of twice that side around a place.
func square(lat, lon, half float64) []geo.Punto {
	s, n, w, e := lat-half, lat+half, lon-half, lon+half
	return []geo.Punto{{Lat: s, Lon: w}, {Lat: s, Lon: e}, {Lat: n, Lon: e}, {Lat: n, Lon: w}, {Lat: s, Lon: w}}
}

func TestDefinir(t *testing.T) {
	t.Parallel()
	s := spec.Of(t, zona.Decider)
	s.When(definir()).Then(definida)
	s.Given(definida).When(definir()).Refused(zona.ErrYaExiste)
	s.Given(definida, eliminada).When(definir()).Refused(zona.ErrYaExiste)

	doble := definida
	doble.Clase, doble.Poligonos = zona.Corredor, []zona.Poligono{cuadra, hueca}
	s.When(definir(func(c *zona.Definir) { c.Clase, c.Poligonos = zona.Corredor, doble.Poligonos })).Then(doble)

	for rol, may := range map[permiso.Rol]bool{
		permiso.Supervisor: true, permiso.Administrador: true,
		permiso.Efectivo: false, permiso.Auditor: false, permiso.Servicio: false, "": false,
	} {
		outcome := s.When(definir(func(c *zona.Definir) { c.Por.Rol = rol }))
		if may {
			outcome.Then(definida)
			continue
		}
		outcome.Refused(permiso.ErrProhibido)
	}
}

func TestDefinirDatos(t *testing.T) {
	t.Parallel()
	ring := func(p ...geo.Punto) func(*zona.Definir) {
		return func(c *zona.Definir) { c.Poligonos = []zona.Poligono{{p}} }
	}
	hollow := func(rings ...[]geo.Punto) func(*zona.Definir) {
		return func(c *zona.Definir) { c.Poligonos = []zona.Poligono{rings} }
	}
	big := make([]geo.Punto, 10_001)
	for name, c := range map[string]struct {
		cambia func(*zona.Definir)
		campo  string
	}{
		"no name":             {func(c *zona.Definir) { c.Nombre = " " }, "nombre"},
		"a long name":         {func(c *zona.Definir) { c.Nombre = strings.Repeat("ñ", 121) }, "nombre"},
		"an unknown clase":    {func(c *zona.Definir) { c.Clase = "parque" }, "clase"},
		"no polygon":          {func(c *zona.Definir) { c.Poligonos = nil }, "geometria"},
		"a polygon of no one": {func(c *zona.Definir) { c.Poligonos = []zona.Poligono{{}} }, "geometria"},
		"three places":        {ring(cuadra[0][0], cuadra[0][1], cuadra[0][0]), "geometria"},
		"an open ring":        {ring(cuadra[0][0], cuadra[0][1], cuadra[0][2], geo.Punto{Lat: 9}), "geometria"},
		"an open hole":        {func(c *zona.Definir) { c.Poligonos = []zona.Poligono{{cuadra[0], cuadra[0][:3]}} }, "geometria"},
		"off the Earth":       {ring(cuadra[0][0], geo.Punto{Lat: 91}, cuadra[0][2], cuadra[0][0]), "geometria"},
		"not a number":        {ring(cuadra[0][0], geo.Punto{Lat: math.NaN()}, cuadra[0][2], cuadra[0][0]), "geometria"},
		"one place":           {ring(cuadra[0][0], cuadra[0][0], cuadra[0][0], cuadra[0][0]), "geometria"},
		"there and back":      {ring(cuadra[0][0], cuadra[0][1], cuadra[0][0], cuadra[0][0]), "geometria"},
		"sides that cross":    {ring(cuadra[0][0], geo.Punto{Lat: 2, Lon: 2}, geo.Punto{Lat: 2}, cuadra[0][1], cuadra[0][0]), "geometria"},
		"a hole that crosses": {func(c *zona.Definir) { c.Poligonos = []zona.Poligono{{cuadra[0], lazo}} }, "geometria"},
		"a hole elsewhere":    {hollow(square(-34.5, -58.5, .5), square(-32.5, -56.5, .5)), "geometria"},
		"a hole half outside": {hollow(square(0, 0, 2), square(0, 2, 1)), "geometria"},
		"a hole by a corner":  {hollow(square(0, 0, 2), []geo.Punto{{}, {Lat: 2, Lon: 2}, {Lat: 3, Lon: 2}, {}}), "geometria"},
		"a hole around it":    {hollow(square(0, 0, 1), square(0, 0, 2)), "geometria"},
		"nothing but hole":    {hollow(square(0, 0, 1), square(0, 0, 1)), "geometria"},
		"no area, elsewhere":  {hollow(square(0, 0, 2), []geo.Punto{{}, {Lat: 3}, {}, {}}), "geometria"},
		"holes that cross":    {hollow(square(0, 0, 4), square(0, 0, 1), square(1, 1, 1)), "geometria"},
		"a hole in a hole":    {hollow(square(0, 0, 4), square(0, 0, 1), square(0, 0, 2)), "geometria"},
		"a hole twice":        {hollow(square(0, 0, 4), square(0, 0, 1), square(0, 0, 1)), "geometria"},
		"too many vertices":   {ring(big...), "geometria"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			events, err := zona.Decide(zona.State{}, definir(c.cambia))
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Name != c.campo || len(events) > 0 {
				t.Errorf("got %v, %v; want %s refused", events, err, c.campo)
			}
		})
	}
}

// TestContornos that look odd and are sound: what touches itself, what is hollow, what has many sides.
func TestContornos(t *testing.T) {
	t.Parallel()
	many := make([]geo.Punto, 5_000)
	for i := range many {
		turn, far := 2*math.Pi*float64(i)/float64(len(many)-1), 1+.3*math.Sin(float64(40*i)*2*math.Pi/float64(len(many)-1))
		many[i] = geo.Punto{Lat: far * math.Sin(turn), Lon: far * math.Cos(turn)}
	}
	many[len(many)-1] = many[0]
	sieve := zona.Poligono{square(0, 0, 60)}
	for i := range 1_600 {
		sieve = append(sieve, square(float64(i/40*2-40), float64(i%40*2-40), 1)) // each touches its neighbours
	}
	// A hole of Comuna 4 on the official map of Buenos Aires, where two barrios were joined.
	seam := []geo.Punto{
		{Lat: -34.63944816540788, Lon: -58.41175692155801},
		{Lat: -34.63961692975626, Lon: -58.4118279630462},
		{Lat: -34.639448165407885, Lon: -58.41175692155801},
		{Lat: -34.63916752958577, Lon: -58.41164956869365},
		{Lat: -34.63944816540788, Lon: -58.41175692155801},
	}
	for name, p := range map[string]zona.Poligono{
		"a seam":         {square(-34.6, -58.4, .1), seam},
		"touches itself": {{{}, {Lon: 4}, {Lon: 4, Lat: 2}, {Lon: 2}, {Lat: 2}, {}}},
		"hollow":         {{{}, {Lon: 4}, {Lon: 2, Lat: 1}, {Lon: 4, Lat: 4}, {Lat: 4}, {}}},
		"many sides":     {many},
		"many holes":     sieve,
		"a hole within":  {square(0, 0, 2), square(0, 0, 1)},
		"a hole at its side, and another corner to corner": {square(0, 0, 4), square(-3, -3, 1), square(-1, -1, 1)},
		"holes of no area, one in another":                 {square(0, 0, 2), square(0, 0, 1), {{}, {Lat: .5}, {}, {}}},
		"a hole from side to side":                         {square(0, 0, 2), {{Lat: 2}, {Lon: 2}, {Lat: -2}, {Lon: -2}, {Lat: 2}}},
	} {
		if _, err := zona.Decide(zona.State{}, definir(func(c *zona.Definir) { c.Poligonos = []zona.Poligono{p} })); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEliminar(t *testing.T) {
	t.Parallel()
	s := spec.Of(t, zona.Decider)
	eliminar := zona.Eliminar{Orden: orden}
	s.When(eliminar).Refused(zona.ErrNoExiste)
	s.Given(definida).When(eliminar).Then(eliminada)
	s.Given(definida, eliminada).When(eliminar).Then()
	eliminar.Por.Rol = permiso.Efectivo
	s.Given(definida).When(eliminar).Refused(permiso.ErrProhibido)
	for _, c := range []zona.Command{eliminar, definir()} {
		if c.StreamID() != "zona-"+string(id) || c.Autoriza() != permiso.ZonaDefinir || c.Autor().Usuario != "u" || c.Texts() != nil {
			t.Errorf("%T: %s, %s", c, c.StreamID(), c.Autoriza())
		}
	}
}
