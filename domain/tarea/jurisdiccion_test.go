package tarea_test

import (
	"testing"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/spec"
	"github.com/grupo-gad/gad/domain/tarea"
)

// A supervisor with Zonas reaches the Tareas in them, those in none, and his own.
func TestJurisdiccion(t *testing.T) {
	t.Parallel()
	const norte, sur ident.Zona = "z1", "z2"
	s := spec.Of(t, tarea.Decider)
	delNorte := permiso.Autor{Usuario: ajeno, Rol: permiso.Supervisor, Jurisdiccion: &permiso.Jurisdiccion{Zonas: []ident.Zona{norte}}}
	deUnidad := permiso.Autor{Usuario: ajeno, Rol: permiso.Supervisor, Jurisdiccion: &permiso.Jurisdiccion{Unidades: []string{"Centro"}}}
	en := func(z ident.Zona) tarea.Creada {
		c := creada
		c.Zona = z
		return c
	}
	suya := en(sur)
	suya.Delegado = ajeno
	for _, c := range []struct {
		given tarea.Event
		por   permiso.Autor
		ok    bool
	}{
		{en(norte), delNorte, true},
		{en(""), delNorte, true}, // nobody's is everybody's
		{en(sur), delNorte, false},
		{suya, delNorte, true},
		{en(sur), deUnidad, true}, // his unidades cut no Tarea
		{en(sur), admin, true},
	} {
		for _, order := range []tarea.Command{
			tarea.Asignar{Orden: orden(c.por, ocho), Efectivo: otro},
			tarea.Modificar{Orden: orden(c.por, ocho), Prioridad: new(tarea.Alta)},
			tarea.Iniciar{Orden: orden(c.por, ocho)},
			tarea.Cancelar{Orden: orden(c.por, ocho), Motivo: motivo},
			tarea.Responder{Orden: orden(c.por, ocho), Efectivo: movil, Paso: tarea.PasoAceptada},
		} {
			events, err := tarea.Decide(tarea.Decider.Fold(tarea.State{}, c.given, asignada), order)
			if c.ok && (err != nil || len(events) == 0) {
				t.Errorf("%T in %q: %v, %v", order, c.given.(tarea.Creada).Zona, events, err)
			}
			if !c.ok {
				s.Given(c.given, asignada).When(order).Refused(tarea.ErrNoExiste)
			}
		}
	}
	// The Zona of a Tarea may change, and with it who reaches it.
	s.Given(en(sur), tarea.Modificada{Zona: new(norte), En: ocho}).When(tarea.Iniciar{Orden: orden(delNorte, nueve)}).Then(tarea.Iniciada{En: nueve})
	s.Given(en(norte), tarea.Modificada{Zona: new(sur), En: ocho}).When(tarea.Iniciar{Orden: orden(delNorte, nueve)}).Refused(tarea.ErrNoExiste)
	s.Given(en(sur), tarea.Modificada{SinZona: true, En: ocho}).When(tarea.Iniciar{Orden: orden(delNorte, nueve)}).Then(tarea.Iniciada{En: nueve})

	// Nobody puts a Tarea where he cannot see it any more; he may give it up to everybody.
	s.Given(en(norte)).When(tarea.Modificar{Orden: orden(delNorte, ocho), Zona: new(sur)}).Refused(permiso.ErrFueraDeJurisdiccion)
	s.Given(en(norte)).When(tarea.Modificar{Orden: orden(delNorte, ocho), Zona: new(ident.Zona(""))}).Then(tarea.Modificada{SinZona: true, En: ocho})
	crear := tarea.Crear{Orden: orden(delNorte, ocho), Codigo: "T-1", Titulo: titulo, Tipo: tarea.Patrullaje, Zona: sur}
	s.When(crear).Refused(permiso.ErrFueraDeJurisdiccion)
	for _, change := range []func(*tarea.Crear){
		func(c *tarea.Crear) { c.Zona = norte },
		func(c *tarea.Crear) { c.Zona = "" },
		func(c *tarea.Crear) { c.Tipo = tarea.Emergencia }, // told wherever it is met
		func(c *tarea.Crear) { c.Por = deUnidad },
	} {
		c := crear
		change(&c)
		if _, err := tarea.Decide(tarea.State{}, c); err != nil {
			t.Errorf("%q, %s: %v", c.Zona, c.Tipo, err)
		}
	}
}
