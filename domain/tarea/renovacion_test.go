package tarea_test

import (
	"slices"
	"testing"
	"time"

	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
)

func TestRenovacion(t *testing.T) {
	s := especifica(t)
	const nuevo = ident.Efectivo("nuevo")
	probado := aspirante(movil, 100)
	probado.YaOfrecida = true
	nueva := &tarea.Nueva{Recomendacion: recomendar(probado, aspirante(nuevo, 900))}
	vacia := &tarea.Nueva{Recomendacion: recomendar(probado)}
	emitida := func(n *tarea.Nueva, en time.Time) tarea.Event {
		return tarea.RecomendacionEmitida{Recomendacion: n.Recomendacion, En: en}
	}
	if got := nueva.Recomendacion; !slices.Equal(got.Efectivos(), []ident.Efectivo{nuevo}) || got.Exclusiones[0].Causa != tarea.YaOfrecida || !got.Recalcular().Igual(got) {
		t.Errorf("he who had his turn is not excluded for it: %+v", got)
	}

	no := tarea.Responder{Orden: orden(asignado, ocho), Efectivo: movil, Paso: tarea.PasoRechazada}
	past := []tarea.Event{creada, recomendada, ofrecida}
	s.Given(past...).When(no.Con(tarea.Hallazgo{Libre: nuevo, Nueva: nueva})).Then(rechazada, emitida(nueva, ocho),
		tarea.Escalada{Causa: tarea.PorRechazo, De: movil, A: nuevo, Nivel: 1, En: ocho},
		tarea.EfectivoOfrecido{Efectivo: nuevo, Puesto: 1, Vence: vence, En: ocho})
	s.Given(past...).When(no.Con(tarea.Hallazgo{Nueva: vacia})).Then(rechazada, emitida(vacia, ocho),
		tarea.Escalada{Causa: tarea.PorRechazo, De: movil, Nivel: 1, En: ocho})

	// A simulated one has as much less time as he lives faster, down to two seconds.
	for aceleracion, plazo := range map[float64]time.Duration{0: time.Minute, 1: time.Minute, 10: 6 * time.Second, 600: 2 * time.Second} {
		s.Given(creada, recomendada).When(tarea.Ofrecer{Orden: orden(supervisora, ocho)}.Con(tarea.Hallazgo{Libre: movil, Aceleracion: aceleracion})).
			Then(tarea.EfectivoOfrecido{Efectivo: movil, Puesto: 1, Vence: ocho.Add(plazo), En: ocho})
	}

	// Who becomes available is offered what nobody has.
	sola := []tarea.Event{creada, recomendada, ofrecida, rechazada, tarea.Escalada{Causa: tarea.PorRechazo, De: movil, Nivel: 1, En: ocho}}
	otra := tarea.Rebuscar{Orden: orden(politicas, nueve)}
	s.Given(sola...).When(otra.Con(tarea.Hallazgo{Libre: nuevo, Nueva: nueva})).
		Then(emitida(nueva, nueve), tarea.EfectivoOfrecido{Efectivo: nuevo, Puesto: 1, Vence: nueve.Add(time.Minute), En: nueve})
	s.Given(sola...).When(otra.Con(tarea.Hallazgo{Nueva: vacia})).Then()
	s.Given(past...).When(otra.Con(tarea.Hallazgo{Libre: nuevo, Nueva: nueva})).Then()
	s.Given(append(slices.Clone(sola), cancelada)...).When(otra.Con(tarea.Hallazgo{Libre: nuevo, Nueva: nueva})).Then()
	s.Given(sola...).When(tarea.Rebuscar{Orden: orden(asignado, nueve)}).Refused(permiso.ErrProhibido)
	s.When(otra).Refused(tarea.ErrNoExiste)
}

// For what a recommendation is computed anew, and when it is not.
func TestRenueva(t *testing.T) {
	t.Parallel()
	estado := func(events ...tarea.Event) tarea.State { return tarea.Decider.Fold(tarea.State{}, events...) }
	plaza := geo.Punto{Lat: -34.6037, Lon: -58.3816}
	lugar := creada
	lugar.Ubicacion = &tarea.Ubicacion{Punto: plaza}
	no := tarea.Responder{Orden: orden(asignado, nueve), Efectivo: movil, Paso: tarea.PasoRechazada}
	lapsed := tarea.Escalar{Orden: orden(politicas, nueve), Efectivo: movil}
	again := tarea.Rebuscar{Orden: orden(politicas, nueve)}
	for name, c := range map[string]struct {
		cmd  tarea.Ofertante
		s    tarea.State
		want bool
	}{
		"he says no":             {no, estado(lugar, recomendada, ofrecida), true},
		"it lapsed":              {lapsed, estado(lugar, recomendada, ofrecida), true},
		"nobody has it":          {again, estado(lugar, recomendada, ofrecida, rechazada), true},
		"somebody has it":        {again, estado(lugar, recomendada, ofrecida), false},
		"it is over":             {again, estado(lugar, recomendada, cancelada), false},
		"it has no place":        {no, estado(creada, recomendada, ofrecida), false},
		"it was never ranked":    {again, estado(lugar), false},
		"he was ordered to":      {no, estado(lugar, recomendada, asignada), true},
		"no emergency":           {no, estado(lugar, asignada), false},
		"he accepted":            {lapsed, estado(lugar, recomendada, ofrecida, aceptada), false},
		"it was ranked just now": {tarea.Ofrecer{Orden: orden(supervisora, ocho)}, estado(lugar, recomendada), false},
	} {
		b, ok := c.cmd.Renueva(c.s)
		if ok != c.want {
			t.Errorf("%s: %t", name, ok)
		}
		if ok && (b.Lugar != plaza || b.Criterios != tarea.CriteriosPorDefecto() || !b.En.Equal(nueve) || !slices.Equal(b.Probados, []ident.Efectivo{movil})) {
			t.Errorf("%s: %+v", name, b)
		}
	}
}

// A reopened emergency has nobody: that is told, and somebody is looked for, also among those whom
// its end freed. Whoever left it before has had his turn.
func TestReabrirEmergencia(t *testing.T) {
	s := especifica(t)
	reabrir := tarea.Reabrir{Orden: orden(supervisora, once), Motivo: motivo}
	abierta := tarea.Reabierta{Motivo: motivo.Commitment(), En: once}
	nadie := tarea.Escalada{Causa: tarea.PorOrden, Nivel: 2, En: once}
	lugar := creada
	lugar.Ubicacion = &tarea.Ubicacion{Punto: geo.Punto{Lat: -34.6037, Lon: -58.3816}}
	past := []tarea.Event{
		lugar, recomendada, ofrecida, rechazada,
		tarea.Escalada{Causa: tarea.PorRechazo, De: movil, A: otro, Nivel: 1, En: ocho},
		tarea.EfectivoOfrecido{Efectivo: otro, Puesto: 2, Vence: vence, En: ocho},
		tarea.AsignacionAceptada{Efectivo: otro, En: nueve},
		iniciada,
		tarea.EfectivoLiberado{Efectivo: otro, En: diez},
		finalizada,
	}
	s.Given(past...).When(reabrir).Then(abierta, nadie)

	again := tarea.Rebuscar{Orden: orden(politicas, once)}
	look := func(more ...tarea.Event) []ident.Efectivo {
		b, ok := again.Renueva(tarea.Decider.Fold(tarea.State{}, append(slices.Clone(past), more...)...))
		if !ok {
			t.Error("nobody is looked for")
		}
		return b.Probados
	}
	if got := look(abierta, nadie); !slices.Equal(got, []ident.Efectivo{movil}) {
		t.Errorf("had their turn: %v", got)
	}
	end := tarea.Finalizada{En: once.Add(time.Hour)}
	if got := look(abierta, nadie, end, abierta, nadie); !slices.Equal(got, []ident.Efectivo{movil}) {
		t.Errorf("had their turn, once it was reopened twice: %v", got)
	}
	no := tarea.AsignacionRechazada{Efectivo: otro, En: once}
	if got := look(abierta, nadie, tarea.EfectivoOfrecido{Efectivo: otro, Puesto: 1, Vence: end.En, En: once}, no); !slices.Equal(got, []ident.Efectivo{movil, otro}) {
		t.Errorf("had their turn, and he said no: %v", got)
	}
}
