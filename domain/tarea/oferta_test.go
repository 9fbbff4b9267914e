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
	s.Given(past...).When(tarea.Liberar{Orden: orden(supervisora, ocho), Efectivo: movil}).
		Then(liberada, tarea.Escalada{Causa: tarea.PorOrden, De: movil, Nivel: 1, En: ocho})
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

// While somebody has the Tarea an offer that comes to nothing just ends: nobody else is called,
// and nobody hears that there is nobody.
func TestOfertaJuntoAOtro(t *testing.T) {
	s := especifica(t)
	suyo := tarea.EfectivoAsignado{Efectivo: otro, En: ocho}
	rechaza := tarea.Responder{Orden: orden(asignado, ocho), Efectivo: movil, Paso: tarea.PasoRechazada}
	vencida := tarea.EfectivoLiberado{Efectivo: movil, En: vence}
	for _, h := range []tarea.Hallazgo{{}, {Libre: tercero}} {
		for _, paso := range []tarea.Event{
			suyo, tarea.AsignacionAceptada{Efectivo: otro, En: ocho}, tarea.EfectivoEnCamino{Efectivo: otro, En: ocho},
		} {
			past := []tarea.Event{creada, recomendada, ofrecida, suyo, paso}
			s.Given(past...).When(tarea.Escalar{Orden: orden(politicas, vence), Efectivo: movil}.Con(h)).Then(vencida)
			s.Given(past...).When(rechaza.Con(h)).Then(rechazada)
			s.Given(past...).When(tarea.Liberar{Orden: orden(supervisora, ocho), Efectivo: movil}).Then(liberada)
		}
		// He has left meanwhile: now it matters.
		s.Given(creada, recomendada, ofrecida, suyo, tarea.EfectivoLiberado{Efectivo: otro, En: ocho}).
			When(rechaza).Then(rechazada, tarea.Escalada{Causa: tarea.PorRechazo, De: movil, Nivel: 1, En: ocho})
	}
	// A commander who passes it on wants one more; that there is none is no alarm.
	past := []tarea.Event{creada, recomendada, ofrecida, suyo}
	pasar := tarea.Escalar{Orden: orden(supervisora, ocho), Efectivo: movil}
	s.Given(past...).When(pasar.Con(tarea.Hallazgo{Libre: tercero})).Then(liberada,
		tarea.Escalada{Causa: tarea.PorOrden, De: movil, A: tercero, Nivel: 1, En: ocho},
		tarea.EfectivoOfrecido{Efectivo: tercero, Puesto: 3, Vence: vence, En: ocho})
	s.Given(past...).When(pasar).Then(liberada)
}

// An emergency whose last Efectivo leaves is passed on, or has nobody and says so; any other
// Tarea waits for whoever plans it.
func TestEmergenciaSinNadie(t *testing.T) {
	s := especifica(t)
	rechaza := tarea.Responder{Orden: orden(asignado, ocho), Efectivo: movil, Paso: tarea.PasoRechazada}
	libera := tarea.Liberar{Orden: orden(supervisora, ocho), Efectivo: movil}
	nadie := tarea.Escalada{Causa: tarea.PorRechazo, De: movil, Nivel: 1, En: ocho}
	porOrden := nadie
	porOrden.Causa = tarea.PorOrden
	s.Given(creada, recomendada, asignada).When(rechaza).Then(rechazada, nadie)
	s.Given(creada, recomendada, asignada).When(libera).Then(liberada, porOrden)
	s.Given(creada, recomendada, ofrecida, aceptada, enCamino).When(libera).Then(liberada, porOrden)
	s.Given(creada, recomendada, ofrecida, aceptada, iniciada).When(libera).Then(liberada, porOrden)
	s.Given(creada, recomendada, ofrecida, aceptada, liberada).When(libera).Then()
	// Whom the dispatcher chose says no: the next one is looked for anew.
	nueva := &tarea.Nueva{Recomendacion: recomendar(aspirante(tercero, 100))}
	s.Given(creada, recomendada, asignada).When(rechaza.Con(tarea.Hallazgo{Libre: tercero, Nueva: nueva})).Then(rechazada,
		tarea.RecomendacionEmitida{Recomendacion: nueva.Recomendacion, En: ocho},
		tarea.Escalada{Causa: tarea.PorRechazo, De: movil, A: tercero, Nivel: 1, En: ocho},
		tarea.EfectivoOfrecido{Efectivo: tercero, Puesto: 1, Vence: vence, En: ocho})
	// Two had it.
	suyo := tarea.EfectivoAsignado{Efectivo: otro, En: ocho}
	s.Given(creada, recomendada, asignada, suyo).When(rechaza).Then(rechazada)
	s.Given(creada, recomendada, asignada, suyo).When(libera).Then(liberada)
	// No emergency.
	s.Given(creada, asignada).When(rechaza).Then(rechazada)
	s.Given(creada, asignada).When(libera).Then(liberada)
	s.Given(creada, recomendada, ofrecida, aceptada).When(tarea.Cancelar{Orden: orden(supervisora, diez), Motivo: motivo}).
		Then(tarea.EfectivoLiberado{Efectivo: movil, En: diez}, cancelada)
}

// Whoever works on what he was offered has accepted it, while it is still his.
func TestTrabajarEsAceptar(t *testing.T) {
	s := especifica(t)
	toma := tarea.AsignacionAceptada{Efectivo: movil, En: nueve}
	iniciar := tarea.Iniciar{Orden: orden(asignado, nueve)} // his offer lapsed an hour ago, and nobody passed it on
	past := []tarea.Event{creada, recomendada, ofrecida}
	s.Given(past...).When(iniciar).Then(toma, iniciada)
	s.Given(append(past, toma, iniciada)...).When(iniciar).Then()
	s.Given(append(past, toma, iniciada)...).When(tarea.Escalar{Orden: orden(politicas, diez), Efectivo: movil}).Then()
	s.Given(append(past, iniciada)...).When(iniciar).Then(toma) // a dispatcher had begun it
	s.Given(append(past, iniciada)...).When(tarea.Pausar{Orden: orden(asignado, nueve), Motivo: motivo}).
		Then(toma, tarea.Pausada{Motivo: motivo.Commitment(), En: nueve})
	s.Given(append(past, iniciada, pausada)...).When(tarea.Reanudar{Orden: orden(asignado, nueve)}).Then(toma, tarea.Reanudada{En: nueve})
	s.Given(append(past, iniciada, pausada)...).When(iniciar).Refused(tarea.ErrEnPausa)
	s.Given(past...).When(tarea.Finalizar{Orden: orden(asignado, nueve)}).Then(toma, tarea.Iniciada{Implicito: true, En: nueve},
		tarea.EfectivoLiberado{Efectivo: movil, En: nueve}, tarea.Finalizada{En: nueve})
	// Passed on, it is his no more.
	s.Given(append(past, tarea.EfectivoLiberado{Efectivo: movil, En: vence})...).When(iniciar).Refused(tarea.ErrNoExiste)
	// Nobody accepts for him by beginning it; whoever was ordered to has nothing to accept.
	s.Given(past...).When(tarea.Iniciar{Orden: orden(supervisora, nueve)}).Then(iniciada)
	s.Given(creada, recomendada, asignada).When(iniciar).Then(iniciada)
	// What happened in the field before he was asked is accepted when he is.
	tarde := ofrecida
	tarde.En, tarde.Vence = diez, once
	s.Given(creada, recomendada, tarde).When(iniciar).Then(tarea.AsignacionAceptada{Efectivo: movil, En: diez}, iniciada)
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
		"beside another": {rechazo, estado(creada, recomendada, ofrecida, tarea.EfectivoAsignado{Efectivo: otro, En: ocho}), 0},
		"lapsed beside": {
			tarea.Escalar{Orden: orden(politicas, vence), Efectivo: movil},
			estado(creada, recomendada, ofrecida, tarea.EfectivoAsignado{Efectivo: otro, En: ocho}), 0,
		},
		"one more": {
			tarea.Escalar{Orden: orden(supervisora, ocho), Efectivo: movil},
			estado(creada, recomendada, ofrecida, tarea.EfectivoAsignado{Efectivo: otro, En: ocho}), 1,
		},
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
	recordar := tarea.Recordar{Orden: orden(politicas, ocho), Clase: "t-40", Efectivo: movil, Vence: ocho, Base: ocho}
	enviado := tarea.RecordatorioEnviado{Clase: "t-40", Efectivo: movil, Vence: ocho, En: ocho}
	s.Given(creada, asignada).When(recordar).Then(enviado)
	s.Given(creada, asignada, enviado).When(recordar).Then()
	s.Given(creada, asignada, liberada).When(recordar).Then()
	s.Given(creada).When(recordar).Then()
	s.Given(creada, asignada, cancelada).When(recordar).Then()
	// With nobody bound it is its delegado who is reminded that it begins.
	suya := tarea.Recordar{Orden: orden(politicas, ocho), Clase: "t-40", Vence: ocho, Base: ocho}
	s.Given(creada).When(suya).Then(tarea.RecordatorioEnviado{Clase: "t-40", Vence: ocho, En: ocho})
	s.Given(creada, asignada, liberada).When(suya).Then(tarea.RecordatorioEnviado{Clase: "t-40", Vence: ocho, En: ocho})
	s.Given(creada, asignada).When(suya).Then()
	s.Given(creada, tarea.RecordatorioEnviado{Clase: "t-40", Vence: ocho, En: ocho}).When(suya).Then()
	otra := recordar
	otra.Vence, otra.Base = nueve, nueve // it was put off: the reminder is another one
	corrida := tarea.Modificada{InicioProgramado: &nueve, En: ocho}
	s.Given(creada, asignada, enviado, corrida).When(otra).Then(tarea.RecordatorioEnviado{Clase: "t-40", Efectivo: movil, Vence: nueve, En: ocho})
	// Nobody is told of a start that it has no more, nor of one that is past.
	s.Given(creada, asignada, corrida).When(recordar).Then()
	s.Given(creada, corrida).When(suya).Then()
	s.Given(creada, asignada, iniciada).When(recordar).Then()
	s.Given(creada, iniciada).When(suya).Then()
	s.Given(creada, asignada, iniciada, pausada).When(recordar).Then()
	vencida := tarea.RecordatorioEnviado{Clase: tarea.RecordatorioVencida, Vence: ocho, En: nueve}
	if !vencida.Vencida() || enviado.Vencida() {
		t.Error("which of the reminders says that its Tarea should have ended?")
	}
	// Overdue is what has an end that is past, and has not ended.
	paso := tarea.Recordar{Orden: orden(politicas, nueve), Clase: tarea.RecordatorioVencida, Vence: ocho}
	conFin := creada
	conFin.FinProgramado = &ocho
	s.Given(conFin).When(paso).Then(vencida)
	s.Given(conFin, iniciada, pausada).When(paso).Then(vencida)
	s.Given(conFin, finalizada).When(paso).Then()
	s.Given(conFin, cancelada).When(paso).Then()
	s.Given(conFin, tarea.Modificada{FinProgramado: &diez, En: ocho}).When(paso).Then() // it was put off
	s.Given(conFin, tarea.Modificada{SinFin: true, En: ocho}).When(paso).Then()         // it was taken away
	s.Given(creada).When(paso).Then()
	temprano := paso
	temprano.En = ocho.Add(-time.Minute)
	s.Given(conFin).When(temprano).Then()
	s.When(recordar).Refused(tarea.ErrNoExiste)
	s.Given(creada, asignada).When(tarea.Recordar{Orden: orden(politicas, ocho)}).Refused(tarea.ErrDatos)
	s.Given(creada, asignada).When(tarea.Recordar{Orden: orden(politicas, ocho), Clase: "t-40", Vence: ocho}).Refused(tarea.ErrDatos)
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
	// What is for nobody in particular is read by whoever is in charge, whatever his rol.
	for por, want := range map[permiso.Autor]error{delegado: nil, supervisora: nil, asignado: tarea.ErrNoExiste, extrano: tarea.ErrNoExiste} {
		leer := s.Given(conFin, asignada, vencida).When(tarea.AcusarRecordatorio{Orden: orden(por, diez), Clase: tarea.RecordatorioVencida, Vence: ocho})
		if want != nil {
			leer.Refused(want)
			continue
		}
		leer.Then(tarea.RecordatorioAcusado{Clase: tarea.RecordatorioVencida, Vence: ocho, En: diez})
	}
}
