package usuario_test

import (
	"testing"

	"github.com/grupo-gad/gad/domain/claim"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/spec"
	"github.com/grupo-gad/gad/domain/usuario"
)

func TestBorrarDatos(t *testing.T) {
	t.Parallel()
	s := spec.Of(t, usuario.Decider)
	borrar := usuario.BorrarDatos{Orden: orden(admin), Aprobacion: "una"}
	eliminados := usuario.DatosPersonalesEliminados{Sujeto: sujeto, Aprobacion: "una", En: ocho}
	s.When(borrar).Refused(usuario.ErrNoExiste)
	s.Given(registrado, vinculado).When(borrar).Then(eliminados)
	s.Given(registrado, eliminados).When(borrar).Refused(usuario.ErrBorrado)
	s.Given(registrado).When(usuario.BorrarDatos{Orden: orden(admin)}).Refused(permiso.ErrProhibido)
	for _, por := range []permiso.Autor{mismo, otro, supervisora, servicio} {
		s.Given(registrado).When(usuario.BorrarDatos{Orden: orden(por), Aprobacion: "una"}).Refused(permiso.ErrProhibido)
	}
	// His e-mail, dni and account are free again.
	released := map[string]bool{}
	for _, c := range usuario.Claims(eliminados) {
		released[c.Space] = c.Op == claim.Release
	}
	for _, space := range []string{"usuario.email", "usuario.dni", "usuario.telegram_id"} {
		if !released[space] {
			t.Errorf("%s is not given back", space)
		}
	}
	if !usuario.Decider.Fold(usuario.State{}, registrado, vinculado, eliminados).Telegram().IsZero() {
		t.Error("the account is still linked")
	}
}
