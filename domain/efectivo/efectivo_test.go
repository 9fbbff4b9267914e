package efectivo_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grupo-gad/gad/domain/claim"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/spec"
)

const (
	id    ident.Efectivo = "0190f3c2-0000-7000-8000-0000000000e1"
	yo    ident.Usuario  = "7b0c3a52-0000-4000-8000-0000000000c1"
	jefa  ident.Usuario  = "7b0c3a52-0000-4000-8000-00000000000a"
	plaza ident.Tarea    = "0190f3c2-0000-7000-8000-000000000001"
	feria ident.Tarea    = "0190f3c2-0000-7000-8000-000000000002"
	turno ident.Turno    = "0190f3c2-0000-7000-8000-0000000000a1"
	tarde ident.Turno    = "0190f3c2-0000-7000-8000-0000000000a2"
)

var (
	ocho  = time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC)
	nueve = ocho.Add(time.Hour)

	supervisora = permiso.Autor{Usuario: jefa, Rol: permiso.Supervisor}
	servicio    = permiso.Autor{Usuario: jefa, Rol: permiso.Servicio}
	auditora    = permiso.Autor{Usuario: jefa, Rol: permiso.Auditor}
	mismo       = permiso.Autor{Usuario: yo, Rol: permiso.Efectivo, Efectivo: id}
	otro        = permiso.Autor{Usuario: jefa, Rol: permiso.Efectivo}

	registrado = efectivo.Registrado{ID: id, Usuario: yo, CodigoInterno: "M-01", Rango: "cabo", Unidad: "norte", En: ocho}
	deTurno    = efectivo.TurnoIniciado{Turno: turno, En: ocho}
	finTurno   = efectivo.TurnoFinalizado{Turno: turno, En: nueve}
	ausente    = cambio(efectivo.NoDisponible, efectivo.PorOrden, "")
	libre      = cambio(efectivo.Disponible, efectivo.PorOrden, "")
	ocupado    = cambio(efectivo.EnTarea, efectivo.PorAsignacion, plaza)
	ocupado2   = cambio(efectivo.EnTarea, efectivo.PorAsignacion, feria)
)

func cambio(d efectivo.Disponibilidad, por efectivo.Causa, t ident.Tarea) efectivo.DisponibilidadCambiada {
	return efectivo.DisponibilidadCambiada{Disponibilidad: d, Causa: por, Tarea: t, En: ocho}
}

func forzado(e efectivo.DisponibilidadCambiada) efectivo.DisponibilidadCambiada {
	e.Forzada = true
	return e
}

func orden(por permiso.Autor, en time.Time) efectivo.Orden {
	return efectivo.Orden{ID: id, Por: por, En: en}
}

func especifica(t *testing.T) spec.Spec[efectivo.State, efectivo.Command, efectivo.Event] {
	t.Helper()
	t.Parallel()
	return spec.Of(t, efectivo.Decider)
}

func TestRegistrar(t *testing.T) {
	s := especifica(t)
	registrar := efectivo.Registrar{Orden: orden(supervisora, ocho), Usuario: yo, CodigoInterno: " M-01 ", Rango: "cabo", Unidad: "norte"}
	con := func(cambia func(*efectivo.Registrar)) efectivo.Registrar {
		c := registrar
		cambia(&c)
		return c
	}

	s.When(registrar).Then(registrado)
	s.Given(registrado).When(registrar).Refused(efectivo.ErrYaExiste)
	for _, por := range []permiso.Autor{mismo, auditora, {}} {
		s.When(con(func(c *efectivo.Registrar) { c.Por = por })).Refused(permiso.ErrProhibido)
	}
	for _, bad := range []func(*efectivo.Registrar){
		func(c *efectivo.Registrar) { c.CodigoInterno = "M1" },
		func(c *efectivo.Registrar) { c.CodigoInterno = " M1  " },
		func(c *efectivo.Registrar) { c.CodigoInterno = strings.Repeat("x", 41) },
		func(c *efectivo.Registrar) { c.Rango = strings.Repeat("x", 101) },
		func(c *efectivo.Registrar) { c.Unidad = strings.Repeat("x", 101) },
		func(c *efectivo.Registrar) { c.Especialidad = strings.Repeat("x", 101) },
		func(c *efectivo.Registrar) { c.Usuario = "" },
	} {
		s.When(con(bad)).Refused(efectivo.ErrDatos)
	}

	// Only an invented person moves faster than the clock.
	acelera := func(simulado bool, a float64) efectivo.Registrar {
		return con(func(c *efectivo.Registrar) { c.Simulado, c.Aceleracion = simulado, a })
	}
	simulado := registrado
	simulado.Simulado = true
	s.When(acelera(true, 0)).Then(simulado)
	simulado.Aceleracion = 600
	s.When(acelera(true, 600)).Then(simulado)
	for _, a := range []float64{0.5, -1, 10_001, math.Inf(1), math.NaN()} {
		s.When(acelera(true, a)).Refused(efectivo.ErrSimulado)
	}
	s.When(acelera(false, 60)).Refused(efectivo.ErrSimulado)
}

func TestModificarFicha(t *testing.T) {
	s := especifica(t)
	sargento, largo := "sargento", strings.Repeat("x", 101)
	modificar := efectivo.ModificarFicha{Orden: orden(supervisora, ocho), Rango: &sargento}

	s.When(modificar).Refused(efectivo.ErrNoExiste)
	s.Given(registrado).When(modificar).Then(efectivo.FichaModificada{Rango: &sargento, En: ocho})
	s.Given(registrado).When(efectivo.ModificarFicha{Orden: orden(supervisora, ocho), Unidad: &sargento, Especialidad: &sargento}).
		Then(efectivo.FichaModificada{Unidad: &sargento, Especialidad: &sargento, En: ocho})
	s.Given(registrado).When(efectivo.ModificarFicha{Orden: orden(supervisora, ocho)}).Then()
	s.Given(registrado).When(efectivo.ModificarFicha{Orden: orden(mismo, ocho), Rango: &sargento}).Refused(permiso.ErrProhibido)
	for _, bad := range []efectivo.ModificarFicha{{Rango: &largo}, {Unidad: &largo}, {Especialidad: &largo}} {
		bad.Orden = orden(supervisora, ocho)
		s.Given(registrado).When(bad).Refused(efectivo.ErrDatos)
	}
}

func TestTurno(t *testing.T) {
	s := especifica(t)
	iniciar := efectivo.IniciarTurno{Orden: orden(mismo, ocho), Turno: turno}
	terminar := efectivo.FinalizarTurno{Orden: orden(mismo, nueve)}

	s.When(efectivo.IniciarTurno{Orden: orden(supervisora, ocho), Turno: turno}).Refused(efectivo.ErrNoExiste)
	s.Given(registrado).When(iniciar).Then(deTurno)
	s.Given(registrado, deTurno).When(efectivo.IniciarTurno{Orden: orden(mismo, nueve), Turno: tarde}).Then()
	s.Given(registrado, deTurno, finTurno).When(efectivo.IniciarTurno{Orden: orden(mismo, nueve), Turno: tarde}).
		Then(efectivo.TurnoIniciado{Turno: tarde, En: nueve})
	s.Given(registrado).When(efectivo.IniciarTurno{Orden: orden(mismo, ocho)}).Refused(efectivo.ErrDatos)

	s.Given(registrado).When(terminar).Then()
	s.Given(registrado, deTurno).When(terminar).Then(finTurno)
	s.Given(registrado, deTurno, ausente).When(terminar).Then(finTurno)

	// A shift does not end over a Tarea, unless somebody of rol 2+ forces it.
	s.Given(registrado, deTurno, ocupado).When(terminar).Refused(efectivo.ErrConTarea)
	s.Given(registrado, deTurno, ocupado).When(efectivo.FinalizarTurno{Orden: orden(mismo, nueve), Forzar: true}).Refused(permiso.ErrProhibido)
	s.Given(registrado, deTurno, ocupado).When(efectivo.FinalizarTurno{Orden: orden(servicio, nueve), Forzar: true}).Refused(permiso.ErrProhibido)
	s.Given(registrado, deTurno, ocupado).When(efectivo.FinalizarTurno{Orden: orden(supervisora, nueve), Forzar: true}).
		Then(efectivo.TurnoFinalizado{Turno: turno, Forzado: true, En: nueve})
	// Forcing what needs no force is not recorded as forced, nor forbidden.
	s.Given(registrado, deTurno).When(efectivo.FinalizarTurno{Orden: orden(mismo, nueve), Forzar: true}).Then(finTurno)

	for _, c := range []efectivo.Command{
		efectivo.IniciarTurno{Orden: orden(otro, ocho), Turno: turno},
		efectivo.FinalizarTurno{Orden: orden(otro, ocho)},
		efectivo.CambiarDisponibilidad{Orden: orden(otro, ocho), Disponibilidad: efectivo.Disponible},
	} {
		s.Given(registrado, deTurno).When(c).Refused(efectivo.ErrNoExiste) // another's is out of sight
	}
	for _, c := range []efectivo.Command{
		efectivo.IniciarTurno{Orden: orden(auditora, ocho), Turno: turno},
		efectivo.FinalizarTurno{Orden: orden(auditora, ocho)},
		efectivo.CambiarDisponibilidad{Orden: orden(auditora, ocho), Disponibilidad: efectivo.Disponible},
	} {
		s.Given(registrado, deTurno).When(c).Refused(permiso.ErrProhibido)
	}
}

func TestDisponibilidad(t *testing.T) {
	s := especifica(t)
	declarar := func(d efectivo.Disponibilidad) efectivo.CambiarDisponibilidad {
		return efectivo.CambiarDisponibilidad{Orden: orden(mismo, ocho), Disponibilidad: d}
	}
	s.When(efectivo.CambiarDisponibilidad{Orden: orden(supervisora, ocho), Disponibilidad: efectivo.Disponible}).Refused(efectivo.ErrNoExiste)
	s.Given(registrado).When(declarar(efectivo.Disponible)).Refused(efectivo.ErrFueraDeTurno)
	s.Given(registrado).When(declarar(efectivo.NoDisponible)).Refused(efectivo.ErrFueraDeTurno)
	s.Given(registrado, deTurno).When(declarar(efectivo.Disponible)).Then()
	s.Given(registrado, deTurno).When(declarar(efectivo.NoDisponible)).Then(ausente)
	s.Given(registrado, deTurno, ausente).When(declarar(efectivo.Disponible)).Then(libre)
	s.Given(registrado, deTurno, ausente).When(declarar(efectivo.NoDisponible)).Then()
	s.Given(registrado, deTurno, ocupado).When(declarar(efectivo.Disponible)).Refused(efectivo.ErrOcupado)
	s.Given(registrado, deTurno, ocupado).When(declarar(efectivo.NoDisponible)).Then(ausente)
	// Declared by mistake with a Tarea it is taken back: the Tarea holds him as before, and he is free after it.
	vuelve := cambio(efectivo.EnTarea, efectivo.PorOrden, "")
	s.Given(registrado, deTurno, ocupado, ausente).When(declarar(efectivo.Disponible)).Then(vuelve)
	s.Given(registrado, deTurno, ocupado, ausente, vuelve).When(declarar(efectivo.Disponible)).Refused(efectivo.ErrOcupado)
	s.Given(registrado, deTurno, ocupado, ausente, vuelve).When(efectivo.Desocupar{Orden: orden(supervisora, ocho), Tarea: plaza}).
		Then(cambio(efectivo.Disponible, efectivo.PorLiberacion, plaza))
	for _, d := range []efectivo.Disponibilidad{efectivo.EnTarea, efectivo.FueraServicio, efectivo.EnLicencia, "", "dormido"} {
		s.Given(registrado, deTurno).When(declarar(d)).Refused(efectivo.ErrDisponibilidad)
	}
}

func TestOcupar(t *testing.T) {
	s := especifica(t)
	ocupar := efectivo.Ocupar{Orden: orden(supervisora, ocho), Tarea: plaza}
	fuerza := efectivo.Ocupar{Orden: orden(supervisora, ocho), Tarea: plaza, Forzar: true}

	s.When(ocupar).Refused(efectivo.ErrNoExiste)
	s.When(fuerza).Refused(efectivo.ErrNoExiste)
	s.Given(registrado).When(ocupar).Refused(efectivo.ErrFueraDeTurno)
	s.Given(registrado, deTurno).When(ocupar).Then(ocupado)
	s.Given(registrado, deTurno, ausente).When(ocupar).Refused(efectivo.ErrNoDisponible)
	s.Given(registrado, deTurno, ocupado).When(ocupar).Then()
	s.Given(registrado, deTurno, ocupado2).When(ocupar).Refused(efectivo.ErrOcupado)
	s.Given(registrado, deTurno, finTurno).When(ocupar).Refused(efectivo.ErrFueraDeTurno)

	for _, o := range []efectivo.Ocupar{ocupar, fuerza} { // he would not even see it
		o.SinAcceso = true
		s.Given(registrado, deTurno).When(o).Refused(efectivo.ErrSinAcceso)
		s.Given(registrado, deTurno, ocupado).When(o).Then()
	}

	// Force is recorded only where it was needed.
	s.Given(registrado).When(fuerza).Then(forzado(ocupado))
	s.Given(registrado, deTurno).When(fuerza).Then(ocupado)
	s.Given(registrado, deTurno, ausente).When(fuerza).Then(forzado(ocupado))
	s.Given(registrado, deTurno, ocupado2).When(fuerza).Then(forzado(ocupado))
}

func TestDesocupar(t *testing.T) {
	s := especifica(t)
	soltar := efectivo.Desocupar{Orden: orden(supervisora, ocho), Tarea: plaza}
	suelto := func(d efectivo.Disponibilidad) efectivo.Event { return cambio(d, efectivo.PorLiberacion, plaza) }

	s.Given(registrado, deTurno).When(soltar).Then()
	s.Given(registrado, deTurno, ocupado).When(soltar).Then(suelto(efectivo.Disponible))
	s.Given(registrado, deTurno, ocupado, suelto(efectivo.Disponible)).When(soltar).Then()
	// Declared away meanwhile, or off duty: not free again by himself.
	s.Given(registrado, deTurno, ocupado, ausente).When(soltar).Then(suelto(efectivo.FueraServicio))
	s.Given(registrado, deTurno, ocupado, efectivo.TurnoFinalizado{Turno: turno, Forzado: true, En: nueve}).
		When(soltar).Then(suelto(efectivo.FueraServicio))
	// Still bound to another: what he was, he stays.
	s.Given(registrado, deTurno, ocupado, forzado(ocupado2)).When(soltar).Then(suelto(efectivo.EnTarea))
	s.Given(registrado, deTurno, ocupado, forzado(ocupado2), ausente).When(soltar).Then(suelto(efectivo.NoDisponible))
	s.Given(registrado, deTurno, ocupado, forzado(ocupado2), ausente, suelto(efectivo.NoDisponible)).
		When(efectivo.Desocupar{Orden: orden(supervisora, ocho), Tarea: feria}).
		Then(cambio(efectivo.FueraServicio, efectivo.PorLiberacion, feria))
	// What he declared before a Tarea was forced on him stands after it, until he says otherwise or his next shift.
	s.Given(registrado, deTurno, ausente, forzado(ocupado)).When(soltar).Then(suelto(efectivo.FueraServicio))
	s.Given(registrado, deTurno, ausente, libre, ocupado).When(soltar).Then(suelto(efectivo.Disponible))
	s.Given(registrado, deTurno, ausente, finTurno, efectivo.TurnoIniciado{Turno: tarde, En: nueve}, ocupado).When(soltar).Then(suelto(efectivo.Disponible))
	// Back on duty with the Tarea still his, he is busy.
	s.Given(registrado, deTurno, ocupado, efectivo.TurnoFinalizado{Turno: turno, Forzado: true, En: nueve}, efectivo.TurnoIniciado{Turno: tarde, En: nueve}).
		When(efectivo.Ocupar{Orden: orden(supervisora, ocho), Tarea: feria}).Refused(efectivo.ErrOcupado)
}

func TestState(t *testing.T) {
	t.Parallel()
	s := efectivo.Decider.Fold(efectivo.State{}, registrado)
	if s.Disponibilidad() != efectivo.FueraServicio || s.EnTurno() || s.Turno() != "" || s.Usuario() != yo || !s.Existe() {
		t.Errorf("after registrado: %+v", s)
	}
	s = efectivo.Decider.Fold(s, deTurno)
	if s.Disponibilidad() != efectivo.Disponible || s.Turno() != turno {
		t.Errorf("on duty: %+v", s)
	}
	busy := efectivo.Evolve(s, ocupado)
	efectivo.Decider.Fold(busy, ocupado2, cambio(efectivo.Disponible, efectivo.PorLiberacion, plaza), finTurno)
	if _, err := efectivo.Decide(busy, efectivo.FinalizarTurno{Orden: orden(mismo, nueve)}); !errors.Is(err, efectivo.ErrConTarea) {
		t.Errorf("folding on changed the older state: %v", err)
	}
	ficha := efectivo.Evolve(s, efectivo.FichaModificada{En: nueve})
	if diff := cmp.Diff(s.Disponibilidad(), ficha.Disponibilidad()); diff != "" {
		t.Error(diff)
	}
}

func TestClaims(t *testing.T) {
	t.Parallel()
	minusculas := registrado
	minusculas.CodigoInterno = "m-01" // the same code to whoever reads it aloud
	want := []claim.Change{
		{Space: "efectivo.codigo_interno", Key: "M-01", Refusal: en("codigo_interno", efectivo.ErrCodigoTomado)},
		{Space: "efectivo.usuario", Key: string(yo), Refusal: en("usuario", efectivo.ErrUsuarioTomado)},
	}
	for _, e := range []efectivo.Event{registrado, minusculas} {
		if diff := cmp.Diff(want, efectivo.Claims(e), cmp.AllowUnexported(fault.Error{})); diff != "" {
			t.Error(diff)
		}
	}
	for _, e := range []efectivo.Event{efectivo.FichaModificada{}, deTurno, finTurno, ocupado} {
		if got := efectivo.Claims(e); got != nil {
			t.Errorf("%s claims %v", e.EventName(), got)
		}
	}
}

func TestCommands(t *testing.T) {
	t.Parallel()
	o := orden(mismo, ocho)
	for cmd, want := range map[efectivo.Command]permiso.Accion{
		efectivo.Registrar{Orden: o}:             permiso.EfectivoAlta,
		efectivo.ModificarFicha{Orden: o}:        permiso.EfectivoAlta,
		efectivo.IniciarTurno{Orden: o}:          permiso.EfectivoTurno,
		efectivo.FinalizarTurno{Orden: o}:        permiso.EfectivoTurno,
		efectivo.CambiarDisponibilidad{Orden: o}: permiso.EfectivoEstado,
		efectivo.Ocupar{Orden: o}:                permiso.TareaAsignar,
		efectivo.Desocupar{Orden: o}:             permiso.TareaEjecutar,
	} {
		if cmd.Autoriza() != want || cmd.StreamID() != "efectivo-"+string(id) || cmd.Autor() != mismo || len(cmd.Texts()) != 0 {
			t.Errorf("%T: %s on %s by %v, texts %v", cmd, cmd.Autoriza(), cmd.StreamID(), cmd.Autor(), cmd.Texts())
		}
	}
}

func TestParseDisponibilidad(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]efectivo.Disponibilidad{
		"disponible": efectivo.Disponible, "EN_TAREA": efectivo.EnTarea, "no_disponible": efectivo.NoDisponible,
		"fuera_servicio": efectivo.FueraServicio, "en_licencia": efectivo.EnLicencia, "activo": efectivo.Disponible, "ACTIVO": efectivo.Disponible,
	} {
		if got, err := efectivo.ParseDisponibilidad(in); got != want || err != nil {
			t.Errorf("ParseDisponibilidad(%q) = %q, %v", in, got, err)
		}
	}
	for _, bad := range []string{"", "libre", "disponible "} {
		if _, err := efectivo.ParseDisponibilidad(bad); err == nil || fault.KindOf(err) != fault.Invalid {
			t.Errorf("ParseDisponibilidad(%q): %v", bad, err)
		}
	}
}

// en is a refusal that points at an input.
func en(campo string, e *fault.Error) *fault.Error {
	return e.With(fault.Field{Name: campo, Message: e.Message})
}
