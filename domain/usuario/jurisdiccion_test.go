package usuario_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/spec"
	"github.com/grupo-gad/gad/domain/usuario"
)

func TestAsignarJurisdiccion(t *testing.T) {
	t.Parallel()
	const norte, sur ident.Zona = "z1", "z2"
	s := spec.Of(t, usuario.Decider)
	asigna := func(por permiso.Autor, zonas []ident.Zona, unidades ...string) usuario.AsignarJurisdiccion {
		return usuario.AsignarJurisdiccion{Orden: orden(por), Zonas: zonas, Unidades: unidades}
	}
	dada := usuario.JurisdiccionAsignada{Zonas: []ident.Zona{norte, sur}, Unidades: []string{"Centro", "Oeste"}, En: ocho}
	entera := usuario.JurisdiccionAsignada{Zonas: []ident.Zona{}, Unidades: []string{}, En: ocho}

	// In order, none twice.
	s.Given(registrado, aSupervisor).When(asigna(admin, []ident.Zona{sur, norte, sur}, " Oeste", "Centro", "Oeste")).Then(dada)
	s.Given(registrado, aSupervisor, dada).When(asigna(admin, []ident.Zona{norte, sur}, "Centro", "Oeste")).Then()
	s.Given(registrado, aSupervisor).When(asigna(admin, nil)).Then()
	s.Given(registrado, aSupervisor, dada).When(asigna(admin, nil)).Then(entera)
	s.Given(registrado, aSupervisor).When(asigna(admin, []ident.Zona{norte})).
		Then(usuario.JurisdiccionAsignada{Zonas: []ident.Zona{norte}, Unidades: []string{}, En: ocho})

	// It cuts the reach of a supervisor and of nobody else; what was written down can always go.
	s.Given(registrado).When(asigna(admin, []ident.Zona{norte})).Refused(usuario.ErrSinJurisdiccion)
	s.Given(registrado, aSupervisor, dada, usuario.RolCambiado{Anterior: permiso.Supervisor, Rol: permiso.Auditor, En: ocho}).
		When(asigna(admin, nil)).Then(entera)

	for _, por := range []permiso.Autor{mismo, otro, servicio, {Usuario: "u9", Rol: permiso.Supervisor}, {Usuario: "u9", Rol: permiso.Auditor}} {
		s.Given(registrado, aSupervisor).When(asigna(por, []ident.Zona{norte})).Refused(permiso.ErrProhibido)
	}
	s.When(asigna(admin, []ident.Zona{norte})).Refused(usuario.ErrNoExiste)
	s.Given(registrado, aSupervisor, dadoDeBaja).When(asigna(admin, []ident.Zona{norte})).Refused(usuario.ErrDeBaja)
	var many []ident.Zona
	var units []string
	for i := range 51 {
		many, units = append(many, ident.Zona(strconv.Itoa(i))), append(units, strconv.Itoa(i))
	}
	for _, bad := range []usuario.AsignarJurisdiccion{
		asigna(admin, many), asigna(admin, nil, units...), asigna(admin, []ident.Zona{""}), asigna(admin, nil, " "), asigna(admin, nil, strings.Repeat("x", 101)),
	} {
		s.Given(registrado, aSupervisor).When(bad).Refused(usuario.ErrDatos)
	}
	if !slices.IsSorted(dada.Unidades) {
		t.Error("the expected fact is not in order")
	}
}
