package efectivo_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
)

const (
	centro      ident.Zona     = "0190f3c2-0000-7000-8000-0000000000f1"
	verano      ident.Licencia = "0190f3c2-0000-7000-8000-0000000000b1"
	invierno    ident.Licencia = "0190f3c2-0000-7000-8000-0000000000b2"
	unLote                     = 7
	diaDeVerano                = 24 * time.Hour
)

var (
	origen  = efectivo.Origen{Lote: unLote, Fila: 3}
	pedida  = efectivo.LicenciaSolicitada{Licencia: verano, Desde: nueve, Hasta: nueve.Add(diaDeVerano), En: ocho}
	dada    = efectivo.LicenciaAprobada{Licencia: verano, Desde: nueve, Hasta: nueve.Add(diaDeVerano), En: ocho}
	negada  = efectivo.LicenciaRechazada{Licencia: verano, En: ocho}
	socorro = efectivo.SOSActivado{En: ocho}
	baja    = efectivo.DadoDeBaja{En: nueve}
)

func deLicencia(en time.Time) efectivo.DisponibilidadCambiada {
	return efectivo.DisponibilidadCambiada{Disponibilidad: efectivo.EnLicencia, Causa: efectivo.PorLicencia, Licencia: verano, En: en}
}

func vuelve(d efectivo.Disponibilidad, en time.Time) efectivo.DisponibilidadCambiada {
	return efectivo.DisponibilidadCambiada{Disponibilidad: d, Causa: efectivo.PorFinLicencia, Licencia: verano, En: en}
}

// largo is a text that is longer than any free text may be.
var largo = sealed.Text{Value: strings.Repeat("x", 4001)}

func TestSOS(t *testing.T) {
	s := especifica(t)
	pedir := efectivo.ActivarSOS{Orden: orden(mismo, ocho)}
	atender := efectivo.AtenderSOS{Orden: orden(supervisora, nueve)}
	atendido := efectivo.SOSAtendido{En: nueve}

	s.When(pedir).Refused(efectivo.ErrNoExiste)
	s.Given(registrado).When(pedir).Then(socorro) // also off duty
	s.Given(registrado, deTurno).When(pedir).Then(socorro)
	s.Given(registrado, socorro).When(pedir).Then() // a second tap
	s.Given(registrado, socorro, atendido).When(pedir).Then(socorro)
	s.Given(registrado, baja).When(pedir).Refused(efectivo.ErrDeBaja)
	s.Given(registrado).When(efectivo.ActivarSOS{Orden: orden(mismo, ocho), Ubicacion: &obelisco}).
		Then(efectivo.SOSActivado{Ubicacion: &obelisco, En: ocho})
	s.Given(registrado).When(efectivo.ActivarSOS{Orden: orden(mismo, ocho), Ubicacion: &geo.Punto{Lat: 91}}).Refused(geo.ErrCoordenada)
	s.Given(registrado).When(efectivo.ActivarSOS{Orden: orden(otro, ocho)}).Refused(efectivo.ErrNoExiste)
	s.Given(registrado).When(efectivo.ActivarSOS{Orden: orden(auditora, ocho)}).Refused(permiso.ErrProhibido)

	s.Given(registrado, socorro).When(atender).Then(atendido)
	s.Given(registrado).When(atender).Then()
	s.Given(registrado, socorro, atendido).When(atender).Then()
	s.When(atender).Refused(efectivo.ErrNoExiste)
	s.Given(registrado, socorro).When(efectivo.AtenderSOS{Orden: orden(supervisora, nueve), Observaciones: largo}).Refused(efectivo.ErrDatos)
	// Whoever called may be made to say that all is well: it takes somebody of rol 2+.
	for _, por := range []permiso.Autor{mismo, servicio, auditora, permiso.DelSistema("politicas")} {
		s.Given(registrado, socorro).When(efectivo.AtenderSOS{Orden: orden(por, nueve)}).Refused(permiso.ErrProhibido)
	}
}

func TestSolicitarLicencia(t *testing.T) {
	s := especifica(t)
	pedir := func(change func(*efectivo.SolicitarLicencia)) efectivo.SolicitarLicencia {
		c := efectivo.SolicitarLicencia{Orden: orden(mismo, ocho), Licencia: verano, Desde: nueve, Hasta: nueve.Add(diaDeVerano)}
		change(&c)
		return c
	}
	igual := func(*efectivo.SolicitarLicencia) {}

	s.When(efectivo.SolicitarLicencia{Orden: orden(supervisora, ocho)}).Refused(efectivo.ErrNoExiste)
	s.Given(registrado).When(pedir(igual)).Then(pedida)
	s.Given(registrado, pedida).When(pedir(igual)).Then() // the same order again
	s.Given(registrado, baja).When(pedir(igual)).Refused(efectivo.ErrDeBaja)
	motivo := sealed.Text{Owner: "s", Field: "motivo", Value: "vacaciones"}
	conMotivo := pedida
	conMotivo.Motivo = motivo.Commitment()
	s.Given(registrado).When(pedir(func(c *efectivo.SolicitarLicencia) { c.Motivo = motivo })).Then(conMotivo)
	for _, bad := range []func(*efectivo.SolicitarLicencia){
		func(c *efectivo.SolicitarLicencia) { c.Licencia = "" },
		func(c *efectivo.SolicitarLicencia) { c.Hasta = c.Desde },
		func(c *efectivo.SolicitarLicencia) { c.Desde, c.Hasta = ocho.Add(-2*time.Hour), ocho },
		func(c *efectivo.SolicitarLicencia) { c.Hasta = c.Desde.AddDate(1, 0, 2) },
		func(c *efectivo.SolicitarLicencia) { c.Motivo = largo },
	} {
		s.Given(registrado).When(pedir(bad)).Refused(efectivo.ErrLicenciaDatos)
	}
	// Days that were asked for or granted are not asked for again; refused or over, they may.
	otra := pedir(func(c *efectivo.SolicitarLicencia) { c.Licencia = invierno })
	segunda := pedida
	segunda.Licencia = invierno
	s.Given(registrado, pedida).When(otra).Refused(efectivo.ErrLicenciaSolapada)
	s.Given(registrado, pedida, dada).When(otra).Refused(efectivo.ErrLicenciaSolapada)
	s.Given(registrado, pedida, negada).When(otra).Then(segunda)
	despues := pedir(func(c *efectivo.SolicitarLicencia) {
		c.Licencia, c.Desde, c.Hasta = invierno, pedida.Hasta, pedida.Hasta.Add(time.Hour)
	})
	s.Given(registrado, pedida).When(despues).Then(efectivo.LicenciaSolicitada{Licencia: invierno, Desde: pedida.Hasta, Hasta: pedida.Hasta.Add(time.Hour), En: ocho})
	s.Given(registrado).When(pedir(func(c *efectivo.SolicitarLicencia) { c.Por = otro })).Refused(efectivo.ErrNoExiste)
	s.Given(registrado).When(pedir(func(c *efectivo.SolicitarLicencia) { c.Por = servicio })).Refused(permiso.ErrProhibido)
}

func TestResolverLicencia(t *testing.T) {
	s := especifica(t)
	aprobar := efectivo.AprobarLicencia{Orden: orden(supervisora, ocho), Licencia: verano}
	rechazar := efectivo.RechazarLicencia{Orden: orden(supervisora, ocho), Licencia: verano}

	s.Given(registrado).When(aprobar).Refused(efectivo.ErrLicenciaNoExiste)
	s.Given(registrado).When(rechazar).Refused(efectivo.ErrLicenciaNoExiste)
	s.Given(registrado, pedida).When(aprobar).Then(dada)
	s.Given(registrado, pedida, dada).When(aprobar).Then()
	s.Given(registrado, pedida, negada).When(aprobar).Refused(efectivo.ErrLicenciaResuelta)
	s.Given(registrado, pedida).When(rechazar).Then(negada)
	s.Given(registrado, pedida, negada).When(rechazar).Then()
	s.Given(registrado, pedida, dada).When(rechazar).Refused(efectivo.ErrLicenciaResuelta)
	s.Given(registrado, pedida).When(efectivo.RechazarLicencia{Orden: orden(supervisora, ocho), Licencia: verano, Motivo: largo}).Refused(efectivo.ErrLicenciaDatos)
	s.Given(registrado, pedida).When(efectivo.AprobarLicencia{Orden: orden(supervisora, pedida.Hasta), Licencia: verano}).Refused(efectivo.ErrLicenciaVencida)
	s.Given(registrado, pedida, baja).When(aprobar).Refused(efectivo.ErrDeBaja)
	s.Given(registrado, pedida, dada, baja).When(aprobar).Then()

	// Nobody grants his own, whatever his rol.
	propia := permiso.Autor{Usuario: yo, Rol: permiso.Supervisor, Efectivo: id}
	s.Given(registrado, pedida).When(efectivo.AprobarLicencia{Orden: orden(propia, ocho), Licencia: verano}).Refused(permiso.ErrProhibido)
	s.Given(registrado, pedida).When(efectivo.AprobarLicencia{Orden: orden(mismo, ocho), Licencia: verano}).Refused(permiso.ErrProhibido)

	// Granted once its time has come, it begins at once.
	ya := dada
	ya.En = nueve
	s.Given(registrado, pedida).When(efectivo.AprobarLicencia{Orden: orden(supervisora, nueve), Licencia: verano}).Then(ya, deLicencia(nueve))
}

func TestAplicarLicencia(t *testing.T) {
	s := especifica(t)
	fin := pedida.Hasta
	comenzar := efectivo.ComenzarLicencia{Orden: orden(permiso.DelSistema("politicas"), nueve), Licencia: verano}
	terminar := efectivo.TerminarLicencia{Orden: orden(permiso.DelSistema("politicas"), fin), Licencia: verano}

	s.Given(registrado, pedida, dada).When(comenzar).Then(deLicencia(nueve))
	s.Given(registrado, pedida, dada, deLicencia(nueve)).When(comenzar).Then()
	s.Given(registrado, pedida).When(comenzar).Then()         // not granted
	s.Given(registrado, pedida, negada).When(comenzar).Then() // refused
	s.Given(registrado).When(comenzar).Then()
	s.Given(registrado, pedida, dada, baja).When(comenzar).Then()
	s.Given(registrado, pedida, dada).When(efectivo.ComenzarLicencia{Orden: orden(permiso.DelSistema("politicas"), ocho), Licencia: verano}).Then()
	s.Given(registrado, pedida, dada).When(efectivo.ComenzarLicencia{Orden: orden(permiso.DelSistema("politicas"), fin), Licencia: verano}).Then()
	s.Given(registrado, pedida, dada).When(efectivo.ComenzarLicencia{Orden: orden(supervisora, nueve), Licencia: verano}).Refused(permiso.ErrProhibido)

	// A shift without a Tarea ends with it; with one he finishes that first.
	s.Given(registrado, deTurno, pedida, dada).When(comenzar).Then(finTurno, deLicencia(nueve))
	s.Given(registrado, deTurno, ocupado, pedida, dada).When(comenzar).Then(deLicencia(nueve))
	enMedio := s.Given(registrado, deTurno, ocupado, pedida, dada, deLicencia(nueve))
	enMedio.When(efectivo.Ocupar{Orden: orden(supervisora, nueve), Tarea: feria}).Refused(efectivo.ErrEnLicencia)
	enMedio.When(efectivo.CambiarDisponibilidad{Orden: orden(mismo, nueve), Disponibilidad: efectivo.Disponible}).Refused(efectivo.ErrEnLicencia)
	// Freed from it he goes on leave as he would have without it: nobody asks any more where he is.
	enMedio.When(efectivo.Desocupar{Orden: orden(supervisora, ocho), Tarea: plaza}).
		Then(efectivo.TurnoFinalizado{Turno: turno, En: ocho}, cambio(efectivo.EnLicencia, efectivo.PorLiberacion, plaza))
	s.Given(registrado, deTurno, ocupado, forzado(ocupado2), pedida, dada, deLicencia(nueve)).
		When(efectivo.Desocupar{Orden: orden(supervisora, ocho), Tarea: plaza}).Then(cambio(efectivo.EnLicencia, efectivo.PorLiberacion, plaza))
	s.Given(registrado, deTurno, ocupado, pedida, dada, deLicencia(nueve), finTurno, cambio(efectivo.EnLicencia, efectivo.PorLiberacion, plaza)).
		When(terminar).Then(vuelve(efectivo.FueraServicio, fin))
	// In logs from before his shift went on.
	suelto := cambio(efectivo.EnLicencia, efectivo.PorLiberacion, plaza)
	s.Given(registrado, deTurno, ocupado, pedida, dada, deLicencia(nueve), suelto).
		When(efectivo.FinalizarTurno{Orden: orden(mismo, nueve)}).Then(finTurno, deLicencia(nueve))

	// On leave nobody goes on duty.
	s.Given(registrado, pedida, dada, deLicencia(nueve)).When(efectivo.IniciarTurno{Orden: orden(mismo, nueve), Turno: tarde}).Refused(efectivo.ErrEnLicencia)

	s.Given(registrado, pedida, dada, deLicencia(nueve)).When(terminar).Then(vuelve(efectivo.FueraServicio, fin))
	s.Given(registrado, pedida, dada, deLicencia(nueve), vuelve(efectivo.FueraServicio, fin)).When(terminar).Then()
	s.Given(registrado, pedida, dada).When(terminar).Then()
	s.Given(registrado, pedida, dada, deLicencia(nueve)).When(efectivo.TerminarLicencia{Orden: orden(permiso.DelSistema("politicas"), nueve), Licencia: verano}).Then()
	s.Given(registrado, pedida, dada, deLicencia(nueve)).When(efectivo.TerminarLicencia{Orden: orden(supervisora, fin), Licencia: verano}).Refused(permiso.ErrProhibido)
	s.Given(registrado, deTurno, ocupado, pedida, dada, deLicencia(nueve)).When(terminar).Then(vuelve(efectivo.EnTarea, fin))
	s.Given(registrado, deTurno, ocupado, pedida, dada, deLicencia(nueve), suelto).When(terminar).Then(vuelve(efectivo.Disponible, fin))
	s.Given(registrado, pedida, dada, deLicencia(nueve), vuelve(efectivo.FueraServicio, fin)).
		When(efectivo.IniciarTurno{Orden: orden(mismo, fin), Turno: tarde}).Then(efectivo.TurnoIniciado{Turno: tarde, En: fin})
}

func TestBaja(t *testing.T) {
	s := especifica(t)
	dar := efectivo.DarDeBaja{Orden: orden(supervisora, nueve)}
	s.When(dar).Refused(efectivo.ErrNoExiste)
	s.Given(registrado).When(dar).Then(baja)
	s.Given(registrado, baja).When(dar).Then()
	s.Given(registrado, deTurno).When(dar).Refused(efectivo.ErrEnTurno)
	s.Given(registrado, deTurno, ocupado).When(dar).Refused(efectivo.ErrConTarea)
	s.Given(registrado, socorro).When(dar).Refused(efectivo.ErrConSOS)
	s.Given(registrado).When(efectivo.DarDeBaja{Orden: orden(supervisora, nueve), Motivo: largo}).Refused(efectivo.ErrDatos)
	s.Given(registrado).When(efectivo.DarDeBaja{Orden: orden(mismo, nueve)}).Refused(permiso.ErrProhibido)

	s.Given(registrado, baja).When(efectivo.IniciarTurno{Orden: orden(mismo, nueve), Turno: turno}).Refused(efectivo.ErrDeBaja)
	s.Given(registrado, baja).When(efectivo.Ocupar{Orden: orden(supervisora, nueve), Tarea: plaza, Forzar: true}).Refused(efectivo.ErrDeBaja)
}

func TestSenal(t *testing.T) {
	s := especifica(t)
	perder := efectivo.PerderSenal{Orden: orden(permiso.DelSistema("politicas"), nueve), Turno: turno, Ultima: ocho}
	recuperar := efectivo.RecuperarSenal{Orden: orden(permiso.DelSistema("politicas"), nueve), Turno: turno, Origen: origen}
	perdida := efectivo.SenalPerdida{Turno: turno, Ultima: ocho, En: nueve}
	vuelta := efectivo.SenalRecuperada{Turno: turno, Origen: origen, En: nueve}

	s.Given(registrado, deTurno).When(perder).Then(perdida)
	s.Given(registrado, deTurno, perdida).When(perder).Then()
	s.Given(registrado).When(perder).Then() // off duty: nobody listens
	s.Given(registrado, deTurno, finTurno, efectivo.TurnoIniciado{Turno: tarde, En: nueve}).When(perder).Then()
	s.Given(registrado, deTurno, perdida).When(recuperar).Then(vuelta)
	s.Given(registrado, deTurno).When(recuperar).Then()
	s.Given(registrado, deTurno, perdida, finTurno, efectivo.TurnoIniciado{Turno: tarde, En: nueve}).When(recuperar).Then()
	for _, por := range []permiso.Autor{mismo, supervisora, servicio, auditora} {
		s.Given(registrado, deTurno).When(efectivo.PerderSenal{Orden: orden(por, nueve), Turno: turno}).Refused(permiso.ErrProhibido)
	}
}

func TestZonas(t *testing.T) {
	s := especifica(t)
	entrar := efectivo.IngresarZona{Orden: orden(permiso.DelSistema("politicas"), nueve), Turno: turno, Zona: centro, Origen: origen, Alarma: true}
	salir := efectivo.AbandonarZona{Orden: orden(permiso.DelSistema("politicas"), nueve), Turno: turno, Zona: centro, Origen: origen}
	dentro := efectivo.ZonaIngresada{Zona: centro, Origen: origen, Alarma: true, En: nueve}
	fuera := efectivo.ZonaAbandonada{Zona: centro, Origen: origen, En: nueve}

	s.Given(registrado, deTurno).When(entrar).Then(dentro)
	s.Given(registrado, deTurno, dentro).When(entrar).Then()
	s.Given(registrado, deTurno, dentro).When(salir).Then(fuera)
	s.Given(registrado, deTurno).When(salir).Then()
	s.Given(registrado, deTurno, dentro, fuera).When(entrar).Then(dentro)
	s.Given(registrado, deTurno, dentro, finTurno).When(salir).Then() // off duty he is nowhere
	s.Given(registrado).When(entrar).Then()
	s.Given(registrado, deTurno).When(efectivo.IngresarZona{Orden: orden(mismo, nueve), Turno: turno, Zona: centro}).Refused(permiso.ErrProhibido)
}

func TestConfirmarUbicacion(t *testing.T) {
	s := especifica(t)
	confirmar := efectivo.ConfirmarUbicacion{Orden: orden(permiso.DelSistema("politicas"), nueve), Tarea: plaza, Origen: origen}
	s.Given(registrado, deTurno, ocupado).When(confirmar).Then(efectivo.UbicacionConfirmada{Tarea: plaza, Origen: origen, En: nueve})
	s.Given(registrado, deTurno).When(confirmar).Then() // released meanwhile
	s.Given(registrado, deTurno, ocupado).When(efectivo.ConfirmarUbicacion{Orden: orden(mismo, nueve), Tarea: plaza}).Refused(permiso.ErrProhibido)
}

// Whatever is ordered in whatever sequence: nobody on leave is disponible, an order
// repeated changes nothing, and there is never a second signal lost, call or entry
// without its counterpart in between.
func TestCampoPropiedades(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := efectivo.Decider.Fold(efectivo.State{}, registrado)
		open := map[string]bool{}
		at := ocho
		for range rapid.IntRange(1, 50).Draw(t, "orders") {
			at = at.Add(time.Duration(rapid.IntRange(1, 600).Draw(t, "wait")) * time.Minute)
			o, p := orden(supervisora, at), orden(permiso.DelSistema("politicas"), at)
			leave := rapid.SampledFrom([]ident.Licencia{verano, invierno}).Draw(t, "leave")
			cmd := rapid.SampledFrom([]efectivo.Command{
				efectivo.IniciarTurno{Orden: o, Turno: turno},
				efectivo.FinalizarTurno{Orden: o, Forzar: true},
				efectivo.Ocupar{Orden: o, Tarea: plaza},
				efectivo.Desocupar{Orden: o, Tarea: plaza},
				efectivo.CambiarDisponibilidad{Orden: o, Disponibilidad: efectivo.Disponible},
				efectivo.ActivarSOS{Orden: o},
				efectivo.AtenderSOS{Orden: o},
				efectivo.SolicitarLicencia{Orden: o, Licencia: leave, Desde: at.Add(time.Hour), Hasta: at.Add(20 * time.Hour)},
				efectivo.AprobarLicencia{Orden: o, Licencia: leave},
				efectivo.RechazarLicencia{Orden: o, Licencia: leave},
				efectivo.ComenzarLicencia{Orden: p, Licencia: leave},
				efectivo.TerminarLicencia{Orden: p, Licencia: leave},
				efectivo.PerderSenal{Orden: p, Turno: turno},
				efectivo.RecuperarSenal{Orden: p, Turno: turno},
				efectivo.IngresarZona{Orden: p, Turno: turno, Zona: centro},
				efectivo.AbandonarZona{Orden: p, Turno: turno, Zona: centro},
			}).Draw(t, "order")
			events, err := efectivo.Decide(s, cmd)
			if err != nil {
				continue
			}
			for _, e := range events {
				switch e := e.(type) {
				case efectivo.SOSActivado:
					pair(t, open, "sos", true)
				case efectivo.SOSAtendido:
					pair(t, open, "sos", false)
				case efectivo.SenalPerdida:
					pair(t, open, "signal", true)
				case efectivo.SenalRecuperada:
					pair(t, open, "signal", false)
				case efectivo.ZonaIngresada:
					pair(t, open, "zona", true)
				case efectivo.ZonaAbandonada:
					pair(t, open, "zona", false)
				case efectivo.TurnoFinalizado:
					delete(open, "signal")
					delete(open, "zona")
				case efectivo.DisponibilidadCambiada:
					switch e.Causa {
					case efectivo.PorLicencia:
						open["leave"] = true
					case efectivo.PorFinLicencia:
						delete(open, "leave")
					case efectivo.PorOrden, efectivo.PorAsignacion, efectivo.PorLiberacion:
					}
				case efectivo.Registrado, efectivo.FichaModificada, efectivo.TurnoIniciado, efectivo.UbicacionConfirmada,
					efectivo.LicenciaSolicitada, efectivo.LicenciaAprobada, efectivo.LicenciaRechazada, efectivo.DadoDeBaja:
				}
			}
			s = efectivo.Decider.Fold(s, events...)
			if again, err := efectivo.Decide(s, cmd); err == nil && len(again) > 0 {
				t.Fatalf("%T twice happens twice: %+v", cmd, again)
			}
			if open["leave"] && s.Disponibilidad() == efectivo.Disponible {
				t.Fatal("disponible on leave")
			}
			if s.SOS() != open["sos"] || s.Senal() == open["signal"] || (len(s.Zonas()) > 0) != open["zona"] {
				t.Fatalf("state %v %v %v against %v", s.SOS(), s.Senal(), s.Zonas(), open)
			}
		}
	})
}

func pair(t *rapid.T, open map[string]bool, what string, opens bool) {
	if open[what] == opens {
		t.Fatalf("%s twice in a row (%v)", what, opens)
	}
	if open[what] = opens; !opens {
		delete(open, what)
	}
}

func TestCommandsDeCampo(t *testing.T) {
	t.Parallel()
	o := orden(mismo, ocho)
	text := sealed.Text{Value: "x"}
	for cmd, want := range map[efectivo.Command]permiso.Accion{
		efectivo.ActivarSOS{Orden: o}:                      permiso.EfectivoSOS,
		efectivo.AtenderSOS{Orden: o, Observaciones: text}: permiso.EfectivoAtender,
		efectivo.SolicitarLicencia{Orden: o, Motivo: text}: permiso.LicenciaPedir,
		efectivo.AprobarLicencia{Orden: o}:                 permiso.LicenciaResolver,
		efectivo.RechazarLicencia{Orden: o, Motivo: text}:  permiso.LicenciaResolver,
		efectivo.ComenzarLicencia{Orden: o}:                permiso.LicenciaAplicar,
		efectivo.TerminarLicencia{Orden: o}:                permiso.LicenciaAplicar,
		efectivo.DarDeBaja{Orden: o, Motivo: text}:         permiso.EfectivoAlta,
		efectivo.ConfirmarUbicacion{Orden: o}:              permiso.EfectivoObservar,
		efectivo.PerderSenal{Orden: o}:                     permiso.EfectivoObservar,
		efectivo.RecuperarSenal{Orden: o}:                  permiso.EfectivoObservar,
		efectivo.IngresarZona{Orden: o}:                    permiso.EfectivoObservar,
		efectivo.AbandonarZona{Orden: o}:                   permiso.EfectivoObservar,
	} {
		if cmd.Autoriza() != want || cmd.StreamID() != "efectivo-"+string(id) || cmd.Autor() != mismo {
			t.Errorf("%T: %s on %s by %v", cmd, cmd.Autoriza(), cmd.StreamID(), cmd.Autor())
		}
		for _, sealed := range cmd.Texts() {
			if sealed != text {
				t.Errorf("%T seals %v", cmd, sealed)
			}
		}
	}
}
