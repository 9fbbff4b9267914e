package tarea_test

import (
	"testing"
	"time"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
)

const tercero ident.Efectivo = "0190f3c2-0000-7000-8000-0000000000e3"

var (
	politicas = permiso.DelSistema("politicas")
	vence     = ocho.Add(time.Minute)

	recomendada = tarea.RecomendacionEmitida{
		Recomendacion: recomendar(aspirante(movil, 100), aspirante(otro, 200), aspirante(tercero, 300)), En: ocho,
	}
	ofrecida = tarea.EfectivoOfrecido{Efectivo: movil, Puesto: 1, Vence: vence, En: ocho}
)

func recomendar(aspirantes ...tarea.Aspirante) tarea.Recomendacion {
	r, _ := tarea.Recomendar(tarea.CriteriosPorDefecto(), aspirantes, nil)
	return r
}

func aspirante(id ident.Efectivo, metros float64) tarea.Aspirante {
	return tarea.Aspirante{Efectivo: id, Disponibilidad: "disponible", EnTurno: true, DistanciaM: &metros, AntiguedadS: new(5.0)}
}

func TestEmergencia(t *testing.T) {
	s := especifica(t)
	emitir := tarea.EmitirRecomendacion{Orden: orden(supervisora, ocho), Recomendacion: recomendada.Recomendacion}
	s.Given(creada).When(emitir).Then(recomendada)
	s.When(emitir).Refused(tarea.ErrNoExiste)
	s.Given(creada, cancelada).When(emitir).Refused(tarea.ErrCancelada)
	s.Given(creada).When(tarea.EmitirRecomendacion{Orden: orden(auditora, ocho)}).Refused(permiso.ErrProhibido)
	s.Given(creada).When(tarea.EmitirRecomendacion{Orden: orden(extrano, ocho)}).Refused(tarea.ErrNoExiste)
	s.Given(creada).When(tarea.EmitirRecomendacion{Orden: orden(supervisora, ocho)}).Refused(tarea.ErrDatos)

	ofrecer := tarea.Ofrecer{Orden: orden(supervisora, ocho)}
	s.Given(creada, recomendada).When(ofrecer.Con(tarea.Hallazgo{Libre: movil})).Then(ofrecida)
	// The best one was taken meanwhile: the offer says which place it went to.
	s.Given(creada, recomendada).When(ofrecer.Con(tarea.Hallazgo{Libre: otro})).Then(tarea.EfectivoOfrecido{Efectivo: otro, Puesto: 2, Vence: vence, En: ocho})
	s.Given(creada, recomendada).When(ofrecer.Con(tarea.Hallazgo{Libre: ""})).Then(tarea.Escalada{Causa: tarea.PorSinEfectivos, Nivel: 1, En: ocho})
	mas := tarea.Ofrecer{Orden: orden(supervisora, ocho), Siguientes: []ident.Efectivo{"x", "y"}}
	s.Given(creada, recomendada).When(mas.Con(tarea.Hallazgo{Libre: "y"})).Then(tarea.EfectivoOfrecido{Efectivo: "y", Puesto: 5, Vence: vence, En: ocho})
	s.Given(creada, recomendada, asignada).When(ofrecer.Con(tarea.Hallazgo{Libre: otro})).Then()
	s.When(ofrecer).Refused(tarea.ErrNoExiste)
	s.Given(creada, iniciada, finalizada).When(ofrecer).Refused(tarea.ErrFinalizada)
	s.Given(creada).When(tarea.Ofrecer{Orden: orden(auditora, ocho)}).Refused(permiso.ErrProhibido)
	s.Given(creada).When(tarea.Ofrecer{Orden: orden(extrano, ocho)}).Refused(tarea.ErrNoExiste)
}

// Whoever is offered a Tarea is bound to it as if it had been ordered.
func TestOfertaObliga(t *testing.T) {
	s := especifica(t)
	responder := func(paso tarea.EstadoAsignacion) tarea.Responder {
		return tarea.Responder{Orden: orden(asignado, ocho), Efectivo: movil, Paso: paso}
	}
	past := []tarea.Event{creada, recomendada, ofrecida}
	s.Given(past...).When(responder(tarea.PasoAceptada)).Then(aceptada)
	s.Given(past...).When(responder(tarea.PasoEnCamino)).Then(enCamino)
	s.Given(past...).When(tarea.Asignar{Orden: orden(supervisora, ocho), Efectivo: movil}).Then(asignada)
	s.Given(past...).When(tarea.Liberar{Orden: orden(supervisora, ocho), Efectivo: movil}).Then(liberada)
	s.Given(past...).When(tarea.Cancelar{Orden: orden(supervisora, diez), Motivo: motivo}).
		Then(tarea.EfectivoLiberado{Efectivo: movil, En: diez}, cancelada)
	// Saying no passes it on at once.
	s.Given(past...).When(responder(tarea.PasoRechazada).Con(tarea.Hallazgo{Libre: otro})).Then(rechazada,
		tarea.Escalada{Causa: tarea.PorRechazo, De: movil, A: otro, Nivel: 1, En: ocho},
		tarea.EfectivoOfrecido{Efectivo: otro, Puesto: 2, Vence: vence, En: ocho})
	s.Given(past...).When(responder(tarea.PasoRechazada).Con(tarea.Hallazgo{Libre: ""})).Then(rechazada,
		tarea.Escalada{Causa: tarea.PorRechazo, De: movil, Nivel: 1, En: ocho})
	s.Given(creada, asignada).When(responder(tarea.PasoRechazada)).Then(rechazada) // an order is not passed on
}

func TestOfrecerA(t *testing.T) {
	s := especifica(t)
	a := func(id ident.Efectivo) tarea.OfrecerA {
		return tarea.OfrecerA{Orden: orden(supervisora, ocho), Efectivo: id}
	}
	past := []tarea.Event{creada, recomendada, ofrecida}
	libre := tarea.EfectivoOfrecido{Efectivo: tercero, Puesto: 3, Vence: vence, En: ocho}
	s.Given(creada, recomendada).When(a(tercero)).Then(libre)
	// Not among the candidates: no place in the recommendation.
	s.Given(creada, recomendada).When(a("x")).Then(tarea.EfectivoOfrecido{Efectivo: "x", Vence: vence, En: ocho})
	// The unanswered offer ends; the order says from whom to whom.
	s.Given(past...).When(a(tercero)).Then(
		tarea.EfectivoLiberado{Efectivo: movil, En: ocho},
		tarea.Escalada{Causa: tarea.PorOrden, De: movil, A: tercero, Nivel: 1, En: ocho}, libre)
	// Whoever accepted stays: two may be needed.
	s.Given(append(past, aceptada)...).When(a(tercero)).Then(libre)
	s.Given(past...).When(a(movil)).Then()
	s.Given(append(past, rechazada)...).When(a(movil)).Then(ofrecida) // asked again, on purpose
	s.Given(creada).When(a(movil)).Refused(tarea.ErrSinRecomendacion)
	s.Given(append(past, cancelada)...).When(a(tercero)).Refused(tarea.ErrCancelada)
	s.Given(past...).When(tarea.OfrecerA{Orden: orden(asignado, ocho), Efectivo: tercero}).Refused(permiso.ErrProhibido)
	s.When(a(movil)).Refused(tarea.ErrNoExiste)
}

func TestEscalar(t *testing.T) {
	s := especifica(t)
	escalar := func(por permiso.Autor, en time.Time) tarea.Ofertante {
		return tarea.Escalar{Orden: orden(por, en), Efectivo: movil}.Con(tarea.Hallazgo{Libre: otro})
	}
	pasada := func(causa tarea.CausaEscalada, en time.Time) []tarea.Event {
		return []tarea.Event{
			tarea.EfectivoLiberado{Efectivo: movil, En: en},
			tarea.Escalada{Causa: causa, De: movil, A: otro, Nivel: 1, En: en},
			tarea.EfectivoOfrecido{Efectivo: otro, Puesto: 2, Vence: en.Add(time.Minute), En: en},
		}
	}
	past := []tarea.Event{creada, recomendada, ofrecida}
	s.Given(past...).When(escalar(politicas, vence)).Then(pasada(tarea.PorVencimiento, vence)...)
	s.Given(past...).When(escalar(supervisora, ocho)).Then(pasada(tarea.PorOrden, ocho)...)
	// Too early, answered, passed on already, closed: a timer may fire whenever it likes.
	s.Given(past...).When(escalar(politicas, vence.Add(-1))).Then()
	s.Given(append(past, aceptada)...).When(escalar(politicas, nueve)).Then()
	s.Given(append(past, rechazada)...).When(escalar(politicas, nueve)).Then()
	s.Given(append(past, pasada(tarea.PorVencimiento, vence)...)...).When(escalar(politicas, nueve)).Then()
	s.Given(append(past, cancelada)...).When(escalar(politicas, nueve)).Then()
	s.Given(creada).When(escalar(politicas, nueve)).Then()
	s.Given(creada, asignada).When(escalar(supervisora, nueve)).Refused(tarea.ErrSinOferta)
	s.Given(past...).When(escalar(asignado, nueve)).Refused(permiso.ErrProhibido)
	s.When(escalar(politicas, nueve)).Refused(tarea.ErrNoExiste)
	// The last one.
	s.Given(past...).When(tarea.Escalar{Orden: orden(politicas, vence), Efectivo: movil}).Then(
		tarea.EfectivoLiberado{Efectivo: movil, En: vence},
		tarea.Escalada{Causa: tarea.PorVencimiento, De: movil, Nivel: 1, En: vence})
}

// Nobody is asked twice, and whoever runs an order looks for a free one only when it needs one.
func TestBusca(t *testing.T) {
	t.Parallel()
	estado := func(past ...tarea.Event) tarea.State { return tarea.Decider.Fold(tarea.State{}, past...) }
	rechazo := tarea.Responder{Orden: orden(asignado, ocho), Efectivo: movil, Paso: tarea.PasoRechazada}
	for name, c := range map[string]struct {
		cmd  tarea.Ofertante
		s    tarea.State
		want int
	}{
		"a new one":      {tarea.Ofrecer{}, estado(creada, recomendada), 3},
		"one said no":    {rechazo, estado(creada, recomendada, ofrecida), 2},
		"an order":       {rechazo, estado(creada, recomendada, asignada), 0},
		"an acceptance":  {tarea.Responder{Efectivo: movil, Paso: tarea.PasoAceptada}, estado(creada, recomendada, ofrecida), 0},
		"it lapsed":      {tarea.Escalar{Orden: orden(politicas, vence), Efectivo: movil}, estado(creada, recomendada, ofrecida), 2},
		"not lapsed yet": {tarea.Escalar{Orden: orden(politicas, ocho), Efectivo: movil}, estado(creada, recomendada, ofrecida), 0},
		"nothing known":  {tarea.Ofrecer{}, estado(creada), 0},
	} {
		if got := c.cmd.Busca(c.s); len(got) != c.want {
			t.Errorf("%s: %v, want %d", name, got, c.want)
		}
	}
	if id, hasta, ok := estado(creada, recomendada, ofrecida).Oferta(); id != movil || !hasta.Equal(vence) || !ok {
		t.Errorf("Oferta() = %s, %s, %v", id, hasta, ok)
	}
	if _, _, ok := estado(creada, recomendada, ofrecida, aceptada).Oferta(); ok {
		t.Error("an accepted offer stands")
	}
}

func TestRecordar(t *testing.T) {
	s := especifica(t)
	recordar := tarea.Recordar{Orden: orden(politicas, ocho), Clase: "t-40", Efectivo: movil, Vence: ocho}
	enviado := tarea.RecordatorioEnviado{Clase: "t-40", Efectivo: movil, Vence: ocho, En: ocho}
	s.Given(creada, asignada).When(recordar).Then(enviado)
	s.Given(creada, asignada, enviado).When(recordar).Then()
	s.Given(creada, asignada, liberada).When(recordar).Then()
	s.Given(creada).When(recordar).Then()
	s.Given(creada, asignada, cancelada).When(recordar).Then()
	otra := recordar
	otra.Vence = nueve // it was put off: the reminder is another one
	s.Given(creada, asignada, enviado).When(otra).Then(tarea.RecordatorioEnviado{Clase: "t-40", Efectivo: movil, Vence: nueve, En: ocho})
	s.Given(creada).When(tarea.Recordar{Orden: orden(politicas, ocho), Clase: "vencida", Vence: ocho}).
		Then(tarea.RecordatorioEnviado{Clase: "vencida", Vence: ocho, En: ocho}) // its delegado
	s.When(recordar).Refused(tarea.ErrNoExiste)
	s.Given(creada, asignada).When(tarea.Recordar{Orden: orden(politicas, ocho)}).Refused(tarea.ErrDatos)
	recordar.Por = asignado
	s.Given(creada, asignada).When(recordar).Refused(permiso.ErrProhibido)

	acusar := tarea.AcusarRecordatorio{Orden: orden(asignado, nueve), Clase: "t-40", Efectivo: movil, Vence: ocho}
	acusado := tarea.RecordatorioAcusado{Clase: "t-40", Efectivo: movil, Vence: ocho, En: nueve}
	s.Given(creada, asignada, enviado).When(acusar).Then(acusado)
	s.Given(creada, asignada, enviado, acusado).When(acusar).Then()
	s.Given(creada, asignada).When(acusar).Refused(tarea.ErrSinRecordatorio)
	s.Given(creada, asignada, enviado).When(tarea.AcusarRecordatorio{Orden: orden(extrano, nueve), Clase: "t-40", Efectivo: movil, Vence: ocho}).
		Refused(tarea.ErrNoExiste)
	s.Given(creada, asignada, enviado).When(tarea.AcusarRecordatorio{Orden: orden(auditora, nueve)}).Refused(permiso.ErrProhibido)
}
