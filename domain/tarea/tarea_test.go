package tarea_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/spec"
	"github.com/grupo-gad/gad/domain/tarea"
)

const (
	id    ident.Tarea    = "0190f3c2-0000-7000-8000-000000000001"
	movil ident.Efectivo = "0190f3c2-0000-7000-8000-0000000000e1"
	otro  ident.Efectivo = "0190f3c2-0000-7000-8000-0000000000e2"

	jefa  ident.Usuario = "7b0c3a52-0000-4000-8000-00000000000a"
	deleg ident.Usuario = "7b0c3a52-0000-4000-8000-00000000000d"
	calle ident.Usuario = "7b0c3a52-0000-4000-8000-0000000000c1"
	ajeno ident.Usuario = "7b0c3a52-0000-4000-8000-0000000000c2"
)

var (
	ocho   = time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC)
	nueve  = ocho.Add(time.Hour)
	diez   = ocho.Add(2 * time.Hour)
	once   = ocho.Add(3 * time.Hour)
	ayer   = ocho.AddDate(0, 0, -1)
	titulo = texto("titulo", "Relevar la plaza")
	motivo = texto("motivo", "llueve")

	supervisora = permiso.Autor{Usuario: jefa, Rol: permiso.Supervisor}
	admin       = permiso.Autor{Usuario: ajeno, Rol: permiso.Administrador}
	auditora    = permiso.Autor{Usuario: ajeno, Rol: permiso.Auditor}
	servicio    = permiso.Autor{Usuario: ajeno, Rol: permiso.Servicio}
	delegado    = permiso.Autor{Usuario: deleg, Rol: permiso.Efectivo}
	asignado    = permiso.Autor{Usuario: calle, Rol: permiso.Efectivo, Efectivo: movil}
	extrano     = permiso.Autor{Usuario: ajeno, Rol: permiso.Efectivo, Efectivo: otro}

	creada = tarea.Creada{
		ID: id, Codigo: "T-1", Titulo: titulo.Commitment(), Tipo: tarea.Patrullaje, Prioridad: tarea.Media,
		InicioProgramado: ocho, Creador: jefa, Delegado: deleg, DelegadoNombrado: true, En: ocho,
	}
	asignada   = tarea.EfectivoAsignado{Efectivo: movil, En: ocho}
	aceptada   = tarea.AsignacionAceptada{Efectivo: movil, En: ocho}
	rechazada  = tarea.AsignacionRechazada{Efectivo: movil, En: ocho}
	enCamino   = tarea.EfectivoEnCamino{Efectivo: movil, En: ocho}
	enLugar    = tarea.EfectivoEnLugar{Efectivo: movil, En: ocho}
	liberada   = tarea.EfectivoLiberado{Efectivo: movil, En: ocho}
	iniciada   = tarea.Iniciada{En: nueve}
	pausada    = tarea.Pausada{En: nueve}
	reanudada  = tarea.Reanudada{En: diez}
	finalizada = tarea.Finalizada{En: diez}
	cancelada  = tarea.Cancelada{Motivo: motivo.Commitment(), En: diez}
)

func texto(field, value string) sealed.Text {
	return sealed.Text{Owner: string(id), Field: field, Salt: sealed.Salt{1}, Value: value}
}

func orden(por permiso.Autor, en time.Time) tarea.Orden {
	return tarea.Orden{ID: id, Por: por, En: en}
}

func especifica(t *testing.T) spec.Spec[tarea.State, tarea.Command, tarea.Event] {
	t.Helper()
	t.Parallel()
	return spec.Of(t, tarea.Decider)
}

func nuevo(cambios ...func(*tarea.Crear)) tarea.Crear {
	c := tarea.Crear{Orden: orden(supervisora, ocho), Codigo: "T-1", Titulo: titulo, Tipo: tarea.Patrullaje, Delegado: deleg}
	for _, cambia := range cambios {
		cambia(&c)
	}
	return c
}

// campos returns the names of the wrong inputs, joined.
func campos(err error) string {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return ""
	}
	names := make([]string, len(f.Fields))
	for i, field := range f.Fields {
		names[i] = field.Name
	}
	return strings.Join(names, ",")
}

func TestCrear(t *testing.T) {
	s := especifica(t)

	s.When(nuevo()).Then(creada)
	s.Given(creada).When(nuevo()).Refused(tarea.ErrYaExiste)

	t.Run("defaults", func(t *testing.T) {
		sin := creada
		sin.Delegado, sin.DelegadoNombrado = jefa, false
		spec.Of(t, tarea.Decider).When(nuevo(func(c *tarea.Crear) { c.Delegado = "" })).Then(sin)

		minusculas := nuevo(func(c *tarea.Crear) { c.Codigo = "t-1" })
		spec.Of(t, tarea.Decider).When(minusculas).Then(creada)

		manana := creada
		manana.InicioProgramado, manana.Prioridad, manana.FinProgramado = diez, tarea.Critica, &once
		spec.Of(t, tarea.Decider).When(nuevo(func(c *tarea.Crear) {
			c.InicioProgramado, c.Prioridad, c.FinProgramado = diez, tarea.Critica, &once
		})).Then(manana)
	})

	t.Run("place, zona and texts", func(t *testing.T) {
		descripcion, esquina := texto("descripcion", "hay vallas"), texto("ubicacion.descripcion", "Bolívar y Moreno")
		want := creada
		want.Descripcion = descripcion.Commitment()
		want.Ubicacion = &tarea.Ubicacion{Punto: geo.Punto{Lat: -34.6, Lon: -58.37}, Descripcion: esquina.Commitment()}
		want.Zona, want.Simulada = "z1", true
		crear := nuevo(func(c *tarea.Crear) {
			c.Descripcion, c.Zona, c.Simulada = descripcion, "z1", true
			c.Ubicacion = &tarea.Lugar{Punto: geo.Punto{Lat: -34.6, Lon: -58.37}, Descripcion: esquina}
		})
		spec.Of(t, tarea.Decider).When(crear).Then(want)
		if got := crear.Texts(); len(got) != 3 || got[0] != titulo || got[1] != descripcion || got[2] != esquina {
			t.Errorf("Texts() = %v", got)
		}
	})

	t.Run("who may", func(t *testing.T) {
		for _, por := range []permiso.Autor{supervisora, admin, servicio, asignado} {
			want := creada
			want.Creador = por.Usuario
			spec.Of(t, tarea.Decider).When(nuevo(func(c *tarea.Crear) { c.Por = por })).Then(want)
		}
		for _, por := range []permiso.Autor{auditora, {}, {Usuario: jefa, Rol: "rey"}} {
			spec.Of(t, tarea.Decider).When(nuevo(func(c *tarea.Crear) { c.Por = por })).Refused(permiso.ErrProhibido)
		}
	})

	t.Run("overlap allowed", func(t *testing.T) {
		permite := func(c *tarea.Crear) { c.PermitirSolape = true }
		want := creada
		want.SolapePermitidoPor = jefa
		spec.Of(t, tarea.Decider).When(nuevo(permite)).Then(want)
		spec.Of(t, tarea.Decider).When(nuevo(permite, func(c *tarea.Crear) { c.Por = asignado })).Refused(permiso.ErrProhibido)
		spec.Of(t, tarea.Decider).When(nuevo(permite, func(c *tarea.Crear) { c.Por = servicio })).Refused(permiso.ErrProhibido)
	})
}

func TestCrearDatos(t *testing.T) {
	t.Parallel()
	largo := func(n int) string { return strings.Repeat("ñ", n) }
	lugar := func(lat, lon float64) func(*tarea.Crear) {
		return func(c *tarea.Crear) { c.Ubicacion = &tarea.Lugar{Punto: geo.Punto{Lat: lat, Lon: lon}} }
	}
	nan := 0.0
	nan /= nan
	cases := []struct {
		name   string
		cambia func(*tarea.Crear)
		campos string // "" is accepted
	}{
		{"titulo of 5 characters", func(c *tarea.Crear) { c.Titulo.Value = largo(5) }, ""},
		{"titulo of 4", func(c *tarea.Crear) { c.Titulo.Value = largo(4) }, "titulo"},
		{"titulo of spaces", func(c *tarea.Crear) { c.Titulo.Value = "       " }, "titulo"},
		{"no titulo", func(c *tarea.Crear) { c.Titulo = sealed.Text{} }, "titulo"},
		{"titulo of 200", func(c *tarea.Crear) { c.Titulo.Value = largo(200) }, ""},
		{"titulo of 201", func(c *tarea.Crear) { c.Titulo.Value = largo(201) }, "titulo"},
		{"descripcion of 4000", func(c *tarea.Crear) { c.Descripcion.Value = largo(4000) }, ""},
		{"descripcion of 4001", func(c *tarea.Crear) { c.Descripcion.Value = largo(4001) }, "descripcion"},
		{"codigo of 3", func(c *tarea.Crear) { c.Codigo = "A_1" }, ""},
		{"codigo of 2", func(c *tarea.Crear) { c.Codigo = "A1" }, "codigo"},
		{"codigo of 20", func(c *tarea.Crear) { c.Codigo = strings.Repeat("Z", 20) }, ""},
		{"codigo of 21", func(c *tarea.Crear) { c.Codigo = strings.Repeat("Z", 21) }, "codigo"},
		{"codigo with a space", func(c *tarea.Crear) { c.Codigo = "A 1" }, "codigo"},
		{"codigo with an accent", func(c *tarea.Crear) { c.Codigo = "AÑO-1" }, "codigo"},
		{"unknown tipo", func(c *tarea.Crear) { c.Tipo = "paseo" }, "tipo"},
		{"alias is not canonical", func(c *tarea.Crear) { c.Tipo = "operativo" }, "tipo"},
		{"no tipo", func(c *tarea.Crear) { c.Tipo = "" }, "tipo"},
		{"prioridad 5", func(c *tarea.Crear) { c.Prioridad = 5 }, ""},
		{"prioridad 6", func(c *tarea.Crear) { c.Prioridad = 6 }, "prioridad"},
		{"prioridad -1", func(c *tarea.Crear) { c.Prioridad = -1 }, "prioridad"},
		{"ends as it begins", func(c *tarea.Crear) { c.FinProgramado = &ocho }, "fin_programado"},
		{"ends before", func(c *tarea.Crear) { c.FinProgramado = &ayer }, "fin_programado"},
		{"north pole", lugar(90, 180), ""},
		{"beyond the pole", lugar(90.1, 0), "ubicacion"},
		{"beyond the antimeridian", lugar(0, -180.1), "ubicacion"},
		{"not a number", lugar(nan, 0), "ubicacion"},
		{"place described at length", func(c *tarea.Crear) {
			c.Ubicacion = &tarea.Lugar{Descripcion: texto("ubicacion.descripcion", largo(201))}
		}, "ubicacion.descripcion"},
		{"everything wrong is told at once", func(c *tarea.Crear) {
			*c = tarea.Crear{Orden: c.Orden, Prioridad: 9, FinProgramado: &ayer, Ubicacion: &tarea.Lugar{Punto: geo.Punto{Lat: 99}}}
		}, "codigo,titulo,tipo,prioridad,fin_programado,ubicacion"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			events, err := tarea.Decide(tarea.State{}, nuevo(c.cambia))
			if got := campos(err); got != c.campos {
				t.Errorf("wrong inputs %q, want %q (%v)", got, c.campos, err)
			}
			if (err == nil) != (c.campos == "") || (err == nil) != (len(events) == 1) {
				t.Errorf("got %v, %v", events, err)
			}
			if err != nil && fault.KindOf(err) != fault.Invalid {
				t.Errorf("kind %v, want Invalid", fault.KindOf(err))
			}
		})
	}
}

func TestModificar(t *testing.T) {
	s := especifica(t)
	vigilancia, baja, zona := tarea.Vigilancia, tarea.Baja, ident.Zona("z9")
	nuevoTitulo, nuevaDesc := texto("titulo", "Otra plaza"), texto("descripcion", "con perros")
	mod := func(por permiso.Autor, cambia func(*tarea.Modificar)) tarea.Modificar {
		m := tarea.Modificar{Orden: orden(por, nueve)}
		cambia(&m)
		return m
	}
	cambiaTipo := func(m *tarea.Modificar) { m.Tipo = &vigilancia }

	s.When(mod(supervisora, cambiaTipo)).Refused(tarea.ErrNoExiste)
	s.Given(creada).When(mod(supervisora, cambiaTipo)).Then(tarea.Modificada{Tipo: &vigilancia, En: nueve})
	s.Given(creada).When(mod(delegado, cambiaTipo)).Then(tarea.Modificada{Tipo: &vigilancia, En: nueve})
	s.Given(creada).When(mod(extrano, cambiaTipo)).Refused(tarea.ErrNoExiste)
	s.Given(creada, asignada).When(mod(asignado, cambiaTipo)).Refused(tarea.ErrNoExiste)
	s.Given(creada).When(mod(auditora, cambiaTipo)).Refused(permiso.ErrProhibido)
	s.Given(creada, iniciada, finalizada).When(mod(supervisora, cambiaTipo)).Refused(tarea.ErrFinalizada)
	s.Given(creada, cancelada).When(mod(supervisora, cambiaTipo)).Refused(tarea.ErrCancelada)

	// Nothing asked, nothing happens; a priority that stays is nothing asked.
	media := tarea.Media
	s.Given(creada).When(mod(supervisora, func(*tarea.Modificar) {})).Then()
	s.Given(creada).When(mod(supervisora, func(m *tarea.Modificar) { m.Prioridad = &media })).Then()
	s.Given(creada).When(mod(supervisora, func(m *tarea.Modificar) { m.Prioridad = &baja })).
		Then(tarea.PrioridadCambiada{Prioridad: baja, En: nueve})
	s.Given(creada, tarea.PrioridadCambiada{Prioridad: baja, En: ocho}).
		When(mod(supervisora, func(m *tarea.Modificar) { m.Prioridad = &baja })).Then()

	// Two kinds of change are two facts.
	todo := mod(supervisora, func(m *tarea.Modificar) {
		m.Prioridad, m.Titulo, m.Descripcion, m.Zona = &baja, &nuevoTitulo, &nuevaDesc, &zona
		m.Ubicacion = &tarea.Lugar{Punto: geo.Punto{Lat: 1, Lon: 2}, Descripcion: motivo}
	})
	s.Given(creada).When(todo).Then(
		tarea.PrioridadCambiada{Prioridad: baja, En: nueve},
		tarea.Modificada{
			Titulo: new(nuevoTitulo.Commitment()), Descripcion: new(nuevaDesc.Commitment()), Zona: &zona,
			Ubicacion: &tarea.Ubicacion{Punto: geo.Punto{Lat: 1, Lon: 2}, Descripcion: motivo.Commitment()}, En: nueve,
		})
	if got := todo.Texts(); len(got) != 3 {
		t.Errorf("Texts() = %v, want titulo, descripcion and place", got)
	}
	if got := mod(supervisora, cambiaTipo).Texts(); len(got) != 0 {
		t.Errorf("Texts() = %v, want none", got)
	}

	seis, vacio := tarea.Prioridad(6), texto("titulo", "x")
	paseo := tarea.Tipo("paseo")
	s.Given(creada).When(mod(supervisora, func(m *tarea.Modificar) { m.Prioridad = &seis })).Refused(tarea.ErrDatos)
	s.Given(creada).When(mod(supervisora, func(m *tarea.Modificar) { m.Titulo = &vacio })).Refused(tarea.ErrDatos)
	s.Given(creada).When(mod(supervisora, func(m *tarea.Modificar) { m.Tipo = &paseo })).Refused(tarea.ErrDatos)
	s.Given(creada).When(mod(supervisora, func(m *tarea.Modificar) { m.FinProgramado = &ocho })).Refused(tarea.ErrDatos)
	s.Given(creada).When(mod(supervisora, func(m *tarea.Modificar) {
		m.Ubicacion = &tarea.Lugar{Punto: geo.Punto{Lat: 91}}
	})).Refused(tarea.ErrDatos)
	s.Given(creada).When(mod(delegado, func(m *tarea.Modificar) { m.PermitirSolape = true })).Refused(permiso.ErrProhibido)
}

// What a Tarea need not have can be taken away, once; what comes instead of it comes.
func TestModificarQuita(t *testing.T) {
	s := especifica(t)
	entera := creada
	entera.Descripcion = texto("descripcion", "en la plaza").Commitment()
	entera.FinProgramado, entera.Zona, entera.Ubicacion = &diez, "z1", &tarea.Ubicacion{Punto: geo.Punto{Lat: 1, Lon: 2}}
	quita := tarea.Modificar{Orden: orden(supervisora, nueve), SinFin: true, SinUbicacion: true, Zona: new(ident.Zona("")), Descripcion: new(texto("descripcion", ""))}
	quitada := tarea.Modificada{SinDescripcion: true, SinFin: true, SinUbicacion: true, SinZona: true, En: nueve}
	s.Given(entera).When(quita).Then(quitada)
	s.Given(entera, quitada).When(quita).Then()
	s.Given(creada).When(quita).Then()
	otra := quita
	otra.FinProgramado, otra.Ubicacion = &once, &tarea.Lugar{Punto: geo.Punto{Lat: 3, Lon: 4}}
	s.Given(entera).When(otra).Then(tarea.Modificada{
		FinProgramado: &once, Ubicacion: &tarea.Ubicacion{Punto: geo.Punto{Lat: 3, Lon: 4}}, SinZona: true, SinDescripcion: true,
		Delegado: deleg, Horario: &tarea.Horario{Desde: ocho, Hasta: once}, En: nueve,
	})

	// Without an end no hours are claimed: not for who is in charge, nor for who comes to be, nor
	// when it is taken up again; and it can begin after the end that it had.
	s.Given(entera).When(tarea.Modificar{Orden: orden(supervisora, nueve), SinFin: true, InicioProgramado: &once}).
		Then(tarea.Modificada{InicioProgramado: &once, SinFin: true, En: nueve})
	s.Given(entera).When(tarea.Modificar{Orden: orden(supervisora, nueve), SinFin: true, Delegado: new(ident.Usuario("u7"))}).
		Then(tarea.Modificada{SinFin: true, En: nueve}, tarea.Delegada{Delegado: "u7", En: nueve})
	s.Given(entera, quitada, iniciada, finalizada).When(tarea.Reabrir{Orden: orden(supervisora, once), Motivo: motivo}).
		Then(tarea.Reabierta{Motivo: motivo.Commitment(), En: once})
	s.Given(entera, quitada).When(tarea.Modificar{Orden: orden(supervisora, nueve), FinProgramado: &once}).
		Then(tarea.Modificada{FinProgramado: &once, Delegado: deleg, Horario: &tarea.Horario{Desde: ocho, Hasta: once}, En: nueve})
}

func TestModificarHorario(t *testing.T) {
	s := especifica(t)
	conFin := creada
	conFin.FinProgramado = &diez
	sinNombrar := conFin
	sinNombrar.DelegadoNombrado = false

	// A moved plan restates the hours claimed, with the half that stays.
	s.Given(conFin).When(tarea.Modificar{Orden: orden(supervisora, ocho), FinProgramado: &once}).
		Then(tarea.Modificada{FinProgramado: &once, Delegado: deleg, Horario: &tarea.Horario{Desde: ocho, Hasta: once}, En: ocho})
	s.Given(conFin).When(tarea.Modificar{Orden: orden(supervisora, ocho), InicioProgramado: &nueve}).
		Then(tarea.Modificada{InicioProgramado: &nueve, Delegado: deleg, Horario: &tarea.Horario{Desde: nueve, Hasta: diez}, En: ocho})
	s.Given(conFin).When(tarea.Modificar{Orden: orden(supervisora, ocho), InicioProgramado: &nueve, PermitirSolape: true}).
		Then(tarea.Modificada{
			InicioProgramado: &nueve, Delegado: deleg, Horario: &tarea.Horario{Desde: nueve, Hasta: diez},
			SolapePermitidoPor: jefa, En: ocho,
		})
	// ... built on what earlier changes left.
	s.Given(conFin, tarea.Modificada{InicioProgramado: &nueve, FinProgramado: &once, En: ocho}).
		When(tarea.Modificar{Orden: orden(supervisora, ocho), InicioProgramado: &diez}).
		Then(tarea.Modificada{InicioProgramado: &diez, Delegado: deleg, Horario: &tarea.Horario{Desde: diez, Hasta: once}, En: ocho})
	// A beginning after the end that stays is wrong.
	s.Given(conFin).When(tarea.Modificar{Orden: orden(supervisora, ocho), InicioProgramado: &once}).Refused(tarea.ErrDatos)
	// Without an end, or without a named delegado, no hours are claimed.
	s.Given(creada).When(tarea.Modificar{Orden: orden(supervisora, ocho), InicioProgramado: &nueve}).
		Then(tarea.Modificada{InicioProgramado: &nueve, En: ocho})
	s.Given(sinNombrar).When(tarea.Modificar{Orden: orden(supervisora, ocho), FinProgramado: &once}).
		Then(tarea.Modificada{FinProgramado: &once, En: ocho})
}

func TestAsignar(t *testing.T) {
	s := especifica(t)
	asignar := tarea.Asignar{Orden: orden(supervisora, ocho), Efectivo: movil}

	s.When(asignar).Refused(tarea.ErrNoExiste)
	s.Given(creada).When(asignar).Then(asignada)
	s.Given(creada, iniciada).When(asignar).Then(asignada)
	s.Given(creada, iniciada, pausada).When(asignar).Then(asignada)
	s.Given(creada, iniciada, finalizada).When(asignar).Refused(tarea.ErrFinalizada)
	s.Given(creada, cancelada).When(asignar).Refused(tarea.ErrCancelada)

	// The same one again changes nothing, wherever he is in it.
	for _, paso := range []tarea.Event{asignada, aceptada, enCamino, enLugar} {
		s.Given(creada, asignada, paso).When(asignar).Then()
	}
	// Who rejected it or was freed can be asked again; a second one can join.
	s.Given(creada, asignada, rechazada).When(asignar).Then(asignada)
	s.Given(creada, asignada, liberada).When(asignar).Then(asignada)
	s.Given(creada, asignada).When(tarea.Asignar{Orden: orden(supervisora, ocho), Efectivo: otro}).
		Then(tarea.EfectivoAsignado{Efectivo: otro, En: ocho})

	forzar := asignar
	forzar.Forzar = true
	s.Given(creada).When(forzar).Then(tarea.EfectivoAsignado{Efectivo: movil, Forzado: true, En: ocho})

	// Only rol 2+ assigns; a servicio has no level, whatever else it may do.
	for _, por := range []permiso.Autor{asignado, delegado, servicio, auditora, {}} {
		s.Given(creada).When(tarea.Asignar{Orden: orden(por, ocho), Efectivo: movil}).Refused(permiso.ErrProhibido)
		s.Given(creada).When(tarea.Asignar{Orden: orden(por, ocho), Efectivo: movil, Forzar: true}).Refused(permiso.ErrProhibido)
	}
	s.Given(creada).When(tarea.Asignar{Orden: orden(admin, ocho), Efectivo: movil}).Then(asignada)
}

func TestResponder(t *testing.T) {
	s := especifica(t)
	dice := func(por permiso.Autor, paso tarea.EstadoAsignacion) tarea.Responder {
		return tarea.Responder{Orden: orden(por, ocho), Efectivo: movil, Paso: paso}
	}
	hecho := map[tarea.EstadoAsignacion]tarea.Event{
		tarea.PasoAsignada: asignada, tarea.PasoAceptada: aceptada, tarea.PasoRechazada: rechazada,
		tarea.PasoEnCamino: enCamino, tarea.PasoEnLugar: enLugar, tarea.PasoLiberada: liberada,
	}
	// The whole table of steps: each forward one happens, the same one again is
	// nothing, none goes back, a rejection only answers the assignment itself.
	const bien, nada = "bien", "nada"
	pasos := []tarea.EstadoAsignacion{tarea.PasoAceptada, tarea.PasoRechazada, tarea.PasoEnCamino, tarea.PasoEnLugar}
	for desde, want := range map[tarea.EstadoAsignacion][4]any{
		tarea.PasoAsignada:  {bien, bien, bien, bien},
		tarea.PasoAceptada:  {nada, tarea.ErrPasoAtras, bien, bien},
		tarea.PasoEnCamino:  {tarea.ErrPasoAtras, tarea.ErrPasoAtras, nada, bien},
		tarea.PasoEnLugar:   {tarea.ErrPasoAtras, tarea.ErrPasoAtras, tarea.ErrPasoAtras, nada},
		tarea.PasoRechazada: {tarea.ErrNoAsignado, nada, tarea.ErrNoAsignado, tarea.ErrNoAsignado},
		tarea.PasoLiberada:  {tarea.ErrNoAsignado, tarea.ErrNoAsignado, tarea.ErrNoAsignado, tarea.ErrNoAsignado},
	} {
		for i, paso := range pasos {
			t.Run(string(desde)+" to "+string(paso), func(t *testing.T) {
				outcome := spec.Of(t, tarea.Decider).Given(creada, asignada, hecho[desde]).When(dice(asignado, paso))
				switch want[i] {
				case bien:
					outcome.Then(hecho[paso])
				case nada:
					outcome.Then()
				default:
					outcome.Refused(want[i].(error))
				}
			})
		}
	}

	s.When(dice(supervisora, tarea.PasoAceptada)).Refused(tarea.ErrNoExiste)
	s.Given(creada).When(dice(supervisora, tarea.PasoAceptada)).Refused(tarea.ErrNoAsignado)
	s.Given(creada, asignada).When(dice(supervisora, tarea.PasoEnLugar)).Then(enLugar)
	s.Given(creada, asignada).When(dice(servicio, tarea.PasoEnLugar)).Then(enLugar)
	s.Given(creada, asignada).When(dice(auditora, tarea.PasoEnLugar)).Refused(permiso.ErrProhibido)

	// For whoever is not in it the Tarea does not exist, whatever its estado.
	s.Given(creada, asignada).When(dice(extrano, tarea.PasoAceptada)).Refused(tarea.ErrNoExiste)
	suyo := tarea.Responder{Orden: orden(extrano, ocho), Efectivo: otro, Paso: tarea.PasoAceptada}
	s.Given(creada, asignada).When(suyo).Refused(tarea.ErrNoExiste)
	s.Given(creada, iniciada, finalizada).When(suyo).Refused(tarea.ErrNoExiste)
	s.Given(creada, asignada, iniciada, liberada, finalizada).When(dice(asignado, tarea.PasoEnLugar)).Refused(tarea.ErrFinalizada)
	s.Given(creada, asignada, liberada, cancelada).When(dice(asignado, tarea.PasoEnLugar)).Refused(tarea.ErrCancelada)

	// Only the four answers are answers.
	for _, paso := range []tarea.EstadoAsignacion{tarea.PasoAsignada, tarea.PasoLiberada, "", "dormido"} {
		s.Given(creada, asignada).When(dice(asignado, paso)).Refused(tarea.ErrDatos)
	}

	no := dice(asignado, tarea.PasoRechazada)
	no.Motivo = motivo
	s.Given(creada, asignada).When(no).Then(tarea.AsignacionRechazada{Efectivo: movil, Motivo: motivo.Commitment(), En: ocho})
	if got := no.Texts(); len(got) != 1 || got[0] != motivo {
		t.Errorf("Texts() of a rejection = %v", got)
	}
	si := dice(asignado, tarea.PasoAceptada)
	si.Motivo = motivo
	if got := si.Texts(); len(got) != 0 {
		t.Errorf("Texts() of an acceptance = %v: its reason stands in no fact", got)
	}
	no.Motivo.Value = strings.Repeat("x", 4001)
	s.Given(creada, asignada).When(no).Refused(tarea.ErrDatos)
}

func TestLiberar(t *testing.T) {
	s := especifica(t)
	liberar := tarea.Liberar{Orden: orden(supervisora, ocho), Efectivo: movil}

	s.When(liberar).Refused(tarea.ErrNoExiste)
	s.Given(creada).When(liberar).Refused(tarea.ErrNoAsignado)
	s.Given(creada, asignada).When(liberar).Then(liberada)
	s.Given(creada, asignada, enLugar).When(liberar).Then(liberada)
	s.Given(creada, asignada, liberada).When(liberar).Then()
	s.Given(creada, asignada, rechazada).When(liberar).Then()
	s.Given(creada, asignada).When(tarea.Liberar{Orden: orden(asignado, ocho), Efectivo: movil}).Refused(permiso.ErrProhibido)
}

func TestTransiciones(t *testing.T) {
	s := especifica(t)
	var (
		ini  = tarea.Iniciar{Orden: orden(asignado, nueve)}
		pau  = tarea.Pausar{Orden: orden(asignado, nueve)}
		rea  = tarea.Reanudar{Orden: orden(asignado, diez)}
		past = []tarea.Event{creada, asignada}
		with = func(more ...tarea.Event) []tarea.Event { return append(past[:2:2], more...) }
	)
	s.Given(past...).When(ini).Then(iniciada)
	s.Given(with(iniciada)...).When(ini).Then()
	s.Given(with(iniciada, pausada)...).When(ini).Refused(tarea.ErrEnPausa)

	s.Given(past...).When(pau).Refused(tarea.ErrNoIniciada)
	s.Given(with(iniciada)...).When(pau).Then(pausada)
	s.Given(with(iniciada, pausada)...).When(pau).Then()
	conMotivo := pau
	conMotivo.Motivo = motivo
	s.Given(with(iniciada)...).When(conMotivo).Then(tarea.Pausada{Motivo: motivo.Commitment(), En: nueve})
	conMotivo.Motivo.Value = strings.Repeat("x", 4001)
	s.Given(with(iniciada)...).When(conMotivo).Refused(tarea.ErrDatos)

	s.Given(past...).When(rea).Refused(tarea.ErrNoPausada)
	s.Given(with(iniciada, pausada)...).When(rea).Then(reanudada)
	s.Given(with(iniciada)...).When(rea).Then()
	s.Given(with(iniciada, pausada, reanudada)...).When(tarea.Pausar{Orden: orden(asignado, diez)}).Then(tarea.Pausada{En: diez})

	for name, c := range map[string]func(tarea.Orden) tarea.Command{
		"iniciar":  func(o tarea.Orden) tarea.Command { return tarea.Iniciar{Orden: o} },
		"pausar":   func(o tarea.Orden) tarea.Command { return tarea.Pausar{Orden: o} },
		"reanudar": func(o tarea.Orden) tarea.Command { return tarea.Reanudar{Orden: o} },
	} {
		t.Run(name, func(t *testing.T) {
			s := spec.Of(t, tarea.Decider)
			s.When(c(orden(supervisora, nueve))).Refused(tarea.ErrNoExiste)
			s.Given(past...).When(c(orden(auditora, nueve))).Refused(permiso.ErrProhibido)
			s.Given(past...).When(c(orden(extrano, nueve))).Refused(tarea.ErrNoExiste)
			// Whoever said no or was freed has nothing to do here any more.
			s.Given(with(rechazada)...).When(c(orden(asignado, nueve))).Refused(tarea.ErrNoExiste)
			s.Given(with(liberada)...).When(c(orden(asignado, nueve))).Refused(tarea.ErrNoExiste)
			s.Given(creada, finalizada).When(c(orden(supervisora, once))).Refused(tarea.ErrFinalizada)
			s.Given(creada, cancelada).When(c(orden(supervisora, once))).Refused(tarea.ErrCancelada)
			// Durations are sums of these instants: none may go back.
			s.Given(past...).When(c(orden(supervisora, ayer))).Refused(tarea.ErrTiempoInverso)
			s.Given(with(iniciada, pausada)...).When(c(orden(supervisora, ocho))).Refused(tarea.ErrTiempoInverso)
		})
	}
	// Creator, delegado and the chain of command may, without being assigned.
	creo := creada
	creo.Creador = calle
	s.Given(creo).When(tarea.Iniciar{Orden: orden(asignado, nueve)}).Then(iniciada)
	for _, por := range []permiso.Autor{supervisora, admin, servicio, delegado} {
		s.Given(creada).When(tarea.Iniciar{Orden: orden(por, nueve)}).Then(iniciada)
	}
}

func TestFinalizar(t *testing.T) {
	s := especifica(t)
	fin := tarea.Finalizar{Orden: orden(asignado, diez)}
	libre := tarea.EfectivoLiberado{Efectivo: movil, En: diez}
	otroLibre := tarea.EfectivoLiberado{Efectivo: otro, En: diez}

	s.When(tarea.Finalizar{Orden: orden(supervisora, diez)}).Refused(tarea.ErrNoExiste)
	s.Given(creada, asignada, iniciada).When(fin).Then(libre, finalizada)
	// Never started: the start is at the same instant, and says so.
	s.Given(creada, asignada).When(fin).Then(tarea.Iniciada{Implicito: true, En: diez}, libre, finalizada)
	// Paused: the pause is closed at the same instant.
	s.Given(creada, asignada, iniciada, pausada).When(fin).Then(tarea.Reanudada{En: diez}, libre, finalizada)
	// Everybody still bound is freed, in order; who left before is not freed again.
	s.Given(creada, asignada, tarea.EfectivoAsignado{Efectivo: otro, En: ocho}, iniciada).When(fin).Then(libre, otroLibre, finalizada)
	s.Given(creada, asignada, tarea.EfectivoAsignado{Efectivo: otro, En: ocho},
		tarea.AsignacionRechazada{Efectivo: otro, En: ocho}, iniciada).When(fin).Then(libre, finalizada)

	// Twice is harmless, for him too, though by then he is free of it.
	past := []tarea.Event{creada, asignada, iniciada, liberada, finalizada}
	s.Given(past...).When(fin).Then()
	s.Given(past...).When(tarea.Finalizar{Orden: orden(supervisora, once)}).Then()
	s.Given(past...).When(tarea.Finalizar{Orden: orden(supervisora, ayer)}).Then()
	s.Given(past...).When(tarea.Finalizar{Orden: orden(extrano, once)}).Refused(tarea.ErrNoExiste)
	s.Given(creada, cancelada).When(tarea.Finalizar{Orden: orden(supervisora, once)}).Refused(tarea.ErrCancelada)

	s.Given(creada, asignada).When(tarea.Finalizar{Orden: orden(auditora, diez)}).Refused(permiso.ErrProhibido)
	s.Given(creada, asignada).When(tarea.Finalizar{Orden: orden(extrano, diez)}).Refused(tarea.ErrNoExiste)
	s.Given(creada, asignada, iniciada).When(tarea.Finalizar{Orden: orden(asignado, ocho)}).Refused(tarea.ErrTiempoInverso)

	// The machine that took the order before was a little ahead.
	s.Given(creada, asignada, iniciada).When(tarea.Finalizar{Orden: orden(supervisora, nueve.Add(-5*time.Second))}).
		Then(tarea.EfectivoLiberado{Efectivo: movil, En: nueve}, tarea.Finalizada{En: nueve})
	s.Given(creada, asignada, iniciada).When(tarea.Finalizar{Orden: orden(supervisora, nueve.Add(-5*time.Second-1))}).Refused(tarea.ErrTiempoInverso)
	s.Given(creada, asignada, iniciada).When(tarea.Pausar{Orden: orden(supervisora, nueve.Add(-time.Millisecond)), Motivo: motivo}).
		Then(tarea.Pausada{Motivo: motivo.Commitment(), En: nueve})

	con := fin
	con.Observaciones = texto("observaciones", "quedó todo en orden")
	s.Given(creada, asignada, iniciada).When(con).
		Then(libre, tarea.Finalizada{Observaciones: con.Observaciones.Commitment(), En: diez})
	if got := con.Texts(); len(got) != 1 || got[0] != con.Observaciones {
		t.Errorf("Texts() = %v", got)
	}
	con.Observaciones.Value = strings.Repeat("x", 4001)
	s.Given(creada, asignada, iniciada).When(con).Refused(tarea.ErrDatos)
}

func TestCancelar(t *testing.T) {
	s := especifica(t)
	cancelar := tarea.Cancelar{Orden: orden(supervisora, diez), Motivo: motivo}
	libre := tarea.EfectivoLiberado{Efectivo: movil, En: diez}

	s.When(cancelar).Refused(tarea.ErrNoExiste)
	s.Given(creada).When(cancelar).Then(cancelada)
	s.Given(creada, iniciada).When(cancelar).Then(cancelada)
	s.Given(creada, asignada, iniciada, pausada).When(cancelar).Then(libre, cancelada)
	s.Given(creada, cancelada).When(cancelar).Then()
	s.Given(creada, iniciada, finalizada).When(cancelar).Refused(tarea.ErrFinalizada)

	s.Given(creada).When(tarea.Cancelar{Orden: orden(supervisora, diez)}).Refused(tarea.ErrMotivo)
	s.Given(creada, iniciada).When(tarea.Cancelar{Orden: orden(supervisora, ocho), Motivo: motivo}).Refused(tarea.ErrTiempoInverso)
	largo := cancelar
	largo.Motivo.Value = strings.Repeat("x", 4001)
	s.Given(creada).When(largo).Refused(tarea.ErrDatos)
	for _, por := range []permiso.Autor{asignado, delegado, servicio, auditora} {
		s.Given(creada, asignada).When(tarea.Cancelar{Orden: orden(por, diez), Motivo: motivo}).Refused(permiso.ErrProhibido)
	}
}
