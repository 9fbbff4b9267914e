package efectivo_test

import (
	"errors"
	"testing"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
)

// A supervisor with unidades orders the Efectivos of them, those of none, and whoever calls for
// help; to the others he is nobody's superior.
func TestJurisdiccion(t *testing.T) {
	s := especifica(t)
	del := func(unidades ...string) permiso.Autor {
		return permiso.Autor{Usuario: "u9", Rol: permiso.Supervisor, Jurisdiccion: &permiso.Jurisdiccion{Unidades: unidades}}
	}
	deZona := permiso.Autor{Usuario: "u9", Rol: permiso.Supervisor, Jurisdiccion: &permiso.Jurisdiccion{Zonas: []ident.Zona{centro}}}
	en := func(unidad string) efectivo.Registrado {
		r := registrado
		r.Unidad = unidad
		return r
	}
	turno := func(por permiso.Autor) efectivo.IniciarTurno {
		return efectivo.IniciarTurno{Orden: orden(por, ocho), Turno: "t1"}
	}
	empezado := efectivo.TurnoIniciado{Turno: "t1", En: ocho}
	s.Given(en("Norte")).When(turno(del("Norte", "Sur"))).Then(empezado)
	s.Given(en("")).When(turno(del("Sur"))).Then(empezado)
	s.Given(en("Norte")).When(turno(deZona)).Then(empezado)
	s.Given(en("Norte")).When(turno(del("Sur"))).Refused(efectivo.ErrNoExiste)
	s.Given(en("Norte"), efectivo.FichaModificada{Unidad: new("Sur"), En: ocho}).When(turno(del("Sur"))).Then(empezado)

	// A call for help is everybody's until somebody has attended to it.
	atender := efectivo.AtenderSOS{Orden: orden(del("Sur"), nueve)}
	s.Given(en("Norte"), socorro).When(atender).Then(efectivo.SOSAtendido{En: nueve})
	s.Given(en("Norte"), socorro, efectivo.SOSAtendido{En: nueve}).When(atender).Refused(efectivo.ErrNoExiste)

	// Whom he chooses he must reach; a ranking of everybody chooses from everybody.
	ocupar := efectivo.Ocupar{Orden: orden(del("Sur"), nueve), Tarea: "t"}
	elegir := ocupar
	elegir.Elegido = true
	libre := empezado
	s.Given(en("Norte"), libre).When(elegir).Refused(efectivo.ErrNoExiste)
	for _, c := range []efectivo.Ocupar{ocupar, elegir} {
		unidad := "Norte"
		if c.Elegido {
			unidad = "Sur"
		}
		if events, err := efectivo.Decide(efectivo.Decider.Fold(efectivo.State{}, en(unidad), libre), c); err != nil || len(events) != 1 {
			t.Errorf("%v: %v, %v", c.Elegido, events, err)
		}
	}

	// Nobody puts an Efectivo where he cannot see him any more.
	s.Given(en("Norte")).When(efectivo.ModificarFicha{Orden: orden(del("Norte"), ocho), Unidad: new("Sur")}).Refused(permiso.ErrFueraDeJurisdiccion)
	s.Given(en("Norte")).When(efectivo.ModificarFicha{Orden: orden(del("Norte", "Sur"), ocho), Unidad: new("Sur")}).
		Then(efectivo.FichaModificada{Unidad: new("Sur"), En: ocho})
	alta := efectivo.Registrar{Orden: orden(del("Norte"), ocho), Usuario: "u1", CodigoInterno: "M-1", Unidad: "Sur"}
	if _, err := efectivo.Decide(efectivo.State{}, alta); !errors.Is(err, permiso.ErrFueraDeJurisdiccion) {
		t.Errorf("registered in another unidad: %v", err)
	}
	alta.Unidad = "Norte"
	if _, err := efectivo.Decide(efectivo.State{}, alta); err != nil {
		t.Error(err)
	}
}
