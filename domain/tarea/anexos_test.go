package tarea_test

import (
	"strings"
	"testing"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
)

func TestNotasYAdjuntos(t *testing.T) {
	s := especifica(t)
	nota := tarea.AgregarNota{Orden: orden(asignado, nueve), Nota: "n1", Texto: texto("nota", "vi humo")}
	agregada := tarea.NotaAgregada{Nota: "n1", Texto: nota.Texto.Commitment(), Autor: calle, En: nueve}
	s.Given(creada, asignada).When(nota).Then(agregada)
	s.When(nota).Refused(tarea.ErrNoExiste)
	s.Given(creada).When(nota).Refused(tarea.ErrNoExiste) // not his
	s.Given(creada, asignada).When(tarea.AgregarNota{Orden: orden(asignado, nueve)}).Refused(tarea.ErrDatos)
	s.Given(creada, asignada).When(tarea.AgregarNota{Orden: orden(auditora, nueve)}).Refused(permiso.ErrProhibido)
	larga := nota
	larga.Texto.Value = strings.Repeat("ñ", 4001)
	s.Given(creada, asignada).When(larga).Refused(tarea.ErrDatos)
	// Who worked on it until its end writes his report afterwards; who left before does not.
	s.Given(creada, asignada, iniciada, tarea.EfectivoLiberado{Efectivo: movil, En: diez}, finalizada).When(nota).Then(agregada)
	s.Given(creada, asignada, iniciada, liberada, finalizada).When(nota).Refused(tarea.ErrNoExiste)

	adjunto := tarea.AgregarAdjunto{
		Orden: orden(supervisora, nueve), Adjunto: "a1", Nombre: texto("adjunto", "foto.jpg"), Tipo: "image/jpeg", Tamano: 12, SHA256: "ab",
	}
	s.Given(creada).When(adjunto).Then(tarea.AdjuntoAgregado{
		Adjunto: "a1", Nombre: adjunto.Nombre.Commitment(), Tipo: "image/jpeg", Tamano: 12, SHA256: "ab", Autor: jefa, En: nueve,
	})
	vacio := adjunto
	vacio.Tamano, vacio.Nombre.Value = 0, ""
	s.Given(creada).When(vacio).Refused(tarea.ErrDatos)
	if _, err := tarea.Decide(tarea.Decider.Fold(tarea.State{}, creada), vacio); campos(err) != "nombre,archivo" {
		t.Errorf("fields %s", campos(err))
	}
	adjunto.Por = auditora
	s.Given(creada).When(adjunto).Refused(permiso.ErrProhibido)
}

func TestLista(t *testing.T) {
	s := especifica(t)
	uno, dos, tres := texto("lista", "llaves"), texto("lista", "radio"), texto("lista", "agua")
	definida := tarea.ListaDefinida{Puntos: []tarea.PuntoDeLista{{1, uno.Commitment()}, {2, dos.Commitment()}}, En: ocho}
	s.When(nuevo(func(c *tarea.Crear) { c.Lista = []tarea.PuntoNuevo{{Texto: uno}, {Texto: dos}} })).Then(creada, definida)
	s.When(nuevo(func(c *tarea.Crear) { c.Lista = []tarea.PuntoNuevo{{Texto: texto("lista", "")}} })).Refused(tarea.ErrDatos)
	s.When(nuevo(func(c *tarea.Crear) { c.Lista = make([]tarea.PuntoNuevo, tarea.MaxPuntos+1) })).Refused(tarea.ErrDatos)

	cumplir := tarea.CumplirPunto{Orden: orden(asignado, nueve), Punto: 1}
	cumplido := tarea.PuntoDeListaCumplido{Punto: 1, Autor: calle, En: nueve}
	past := []tarea.Event{creada, definida, asignada}
	s.Given(past...).When(cumplir).Then(cumplido)
	s.Given(append(past, cumplido)...).When(cumplir).Then()
	s.Given(append(past, cumplido)...).When(tarea.CumplirPunto{Orden: orden(asignado, nueve), Punto: 1, Deshacer: true}).
		Then(tarea.PuntoDeListaCumplido{Punto: 1, Deshecho: true, Autor: calle, En: nueve})
	s.Given(past...).When(tarea.CumplirPunto{Orden: orden(asignado, nueve), Punto: 3}).Refused(tarea.ErrSinPunto)
	s.Given(append(past, cancelada)...).When(tarea.CumplirPunto{Orden: orden(supervisora, nueve), Punto: 1}).Refused(tarea.ErrCancelada)
	s.Given(past...).When(tarea.CumplirPunto{Orden: orden(extrano, nueve), Punto: 1}).Refused(tarea.ErrNoExiste)

	// A point that stays keeps its number and its mark; a new one gets a number never used.
	cambiar := func(lines ...tarea.PuntoNuevo) tarea.Modificar {
		return tarea.Modificar{Orden: orden(supervisora, nueve), Lista: &lines}
	}
	otra := tarea.ListaDefinida{Puntos: []tarea.PuntoDeLista{{3, tres.Commitment()}, {1, uno.Commitment()}}, En: nueve}
	s.Given(append(past, cumplido)...).When(cambiar(tarea.PuntoNuevo{Texto: tres}, tarea.PuntoNuevo{Punto: 1})).Then(otra)
	s.Given(append(past, cumplido, otra)...).When(cumplir).Then()
	s.Given(append(past, cumplido, otra)...).When(tarea.CumplirPunto{Orden: orden(asignado, nueve), Punto: 2}).Refused(tarea.ErrSinPunto)
	s.Given(past...).When(cambiar(tarea.PuntoNuevo{Punto: 1}, tarea.PuntoNuevo{Punto: 2})).Then() // as it is
	s.Given(past...).When(cambiar(tarea.PuntoNuevo{Punto: 1}, tarea.PuntoNuevo{Punto: 1})).Refused(tarea.ErrDatos)
	s.Given(past...).When(cambiar(tarea.PuntoNuevo{Punto: 7})).Refused(tarea.ErrDatos)
	s.Given(past...).When(cambiar()).Then(tarea.ListaDefinida{En: nueve})
}

func TestReabrir(t *testing.T) {
	s := especifica(t)
	reabrir := tarea.Reabrir{Orden: orden(supervisora, once), Motivo: motivo}
	abierta := tarea.Reabierta{Motivo: motivo.Commitment(), En: once}
	s.Given(creada, iniciada, finalizada).When(reabrir).Then(abierta)
	s.Given(creada, iniciada, finalizada, abierta).When(reabrir).Refused(tarea.ErrNoFinalizada)
	s.Given(creada, iniciada, finalizada, abierta).When(tarea.Finalizar{Orden: orden(supervisora, once)}).Then(tarea.Finalizada{En: once})
	s.When(reabrir).Refused(tarea.ErrNoExiste)
	s.Given(creada).When(reabrir).Refused(tarea.ErrNoFinalizada)
	s.Given(creada, cancelada).When(reabrir).Refused(tarea.ErrCancelada)
	s.Given(creada, iniciada, finalizada).When(tarea.Reabrir{Orden: orden(supervisora, once)}).Refused(tarea.ErrMotivo)
	s.Given(creada, iniciada, finalizada).When(tarea.Reabrir{Orden: orden(supervisora, nueve), Motivo: motivo}).Refused(tarea.ErrTiempoInverso)
	for _, por := range []permiso.Autor{asignado, delegado, servicio, auditora} {
		s.Given(creada, iniciada, finalizada).When(tarea.Reabrir{Orden: orden(por, once), Motivo: motivo}).Refused(permiso.ErrProhibido)
	}

	// The hours of the delegado are claimed again, unless an overlap was allowed.
	conFin, permitida := creada, creada
	conFin.FinProgramado, permitida.FinProgramado, permitida.SolapePermitidoPor = &nueve, &nueve, jefa
	abierta.Delegado, abierta.Horario = deleg, &tarea.Horario{Desde: ocho, Hasta: nueve}
	s.Given(conFin, iniciada, finalizada).When(reabrir).Then(abierta)
	if got := tarea.Claims(abierta); len(got) != 2 || got[1].Key != string(deleg) || !got[1].To.Equal(nueve) {
		t.Errorf("claims %+v", got)
	}
	abierta.SolapePermitidoPor = jefa
	s.Given(permitida, iniciada, finalizada).When(reabrir).Then(abierta)
	reabrir.PermitirSolape = true
	s.Given(conFin, iniciada, finalizada).When(reabrir).Then(abierta)
	if got := tarea.Claims(abierta); len(got) != 1 {
		t.Errorf("claims %+v", got)
	}
}

func TestDelegar(t *testing.T) {
	s := especifica(t)
	delegar := tarea.Modificar{Orden: orden(supervisora, nueve), Delegado: new(calle)}
	s.Given(creada).When(delegar).Then(tarea.Delegada{Delegado: calle, En: nueve})
	s.Given(creada).When(tarea.Modificar{Orden: orden(supervisora, nueve), Delegado: new(deleg)}).Then() // already his
	s.Given(creada).When(tarea.Modificar{Orden: orden(supervisora, nueve), Delegado: new(ident.Usuario(""))}).Refused(tarea.ErrDatos)
	conFin := creada
	conFin.FinProgramado = &nueve
	want := tarea.Delegada{Delegado: calle, Horario: &tarea.Horario{Desde: ocho, Hasta: nueve}, En: nueve}
	s.Given(conFin).When(delegar).Then(want)
	if got := tarea.Claims(want); len(got) != 2 || got[1].Key != string(calle) {
		t.Errorf("claims %+v", got)
	}
	// With new hours as well, they are claimed once, for the new one.
	delegar.FinProgramado = &diez
	want.Horario = &tarea.Horario{Desde: ocho, Hasta: diez}
	s.Given(conFin).When(delegar).Then(tarea.Modificada{FinProgramado: &diez, En: nueve}, want)
	delegar.PermitirSolape = true
	want.SolapePermitidoPor = jefa
	s.Given(conFin).When(delegar).Then(tarea.Modificada{FinProgramado: &diez, En: nueve}, want)
	s.Given(creada).When(tarea.Modificar{Orden: orden(extrano, nueve), Delegado: new(calle)}).Refused(tarea.ErrNoExiste)
}
