package usuario_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/spec"
	"github.com/grupo-gad/gad/domain/usuario"
)

var (
	motivo        = texto("motivo", "perdió el teléfono")
	bloqueado     = usuario.Bloqueado{Motivo: motivo.Commitment(), En: ocho}
	desbloqueado  = usuario.Desbloqueado{En: ocho}
	dadoDeBaja    = usuario.DadoDeBaja{Motivo: motivo.Commitment(), En: ocho}
	activado      = usuario.SegundoFactorActivado{En: ocho}
	mismoAdmin    = permiso.Autor{Usuario: id, Rol: permiso.Administrador}
	aSupervisor   = usuario.RolCambiado{Anterior: permiso.Efectivo, Rol: permiso.Supervisor, En: ocho}
	conAprobacion = usuario.RolCambiado{Anterior: permiso.Efectivo, Rol: permiso.Administrador, Aprobacion: "a1", En: ocho}
)

func TestModificarDatos(t *testing.T) {
	t.Parallel()
	s := spec.Of(t, usuario.Decider)
	otroNombre, otroEmail := texto("nombre", "Anita"), texto("email", "anita@ejemplo.gob.ar")
	otroTelefono := texto("telefono", "+54 11 4444 4444")
	cambia := func(por permiso.Autor, c usuario.ModificarDatos) usuario.ModificarDatos {
		c.Orden = orden(por)
		return c
	}

	// One name changes: the fact says both.
	both := usuario.DatosModificados{Nombre: new(otroNombre.Commitment()), Apellido: new(apellido.Commitment()), En: ocho}
	for _, por := range []permiso.Autor{mismo, admin} {
		s.Given(registrado).When(cambia(por, usuario.ModificarDatos{Nombre: &otroNombre})).Then(both)
		s.Given(registrado).When(cambia(por, usuario.ModificarDatos{Telefono: &otroTelefono})).
			Then(usuario.DatosModificados{Telefono: new(otroTelefono.Commitment()), En: ocho})
	}
	s.Given(registrado).When(cambia(admin, usuario.ModificarDatos{Email: &otroEmail})).
		Then(usuario.DatosModificados{Email: new(otroEmail.Commitment()), En: ocho})
	// A value that may be missing can be taken away.
	s.Given(registrado).When(cambia(admin, usuario.ModificarDatos{DNI: &sealed.Text{}})).
		Then(usuario.DatosModificados{DNI: &sealed.Commitment{}, En: ocho})
	s.Given(registrado).When(cambia(admin, usuario.ModificarDatos{})).Then()

	s.Given(registrado).When(cambia(mismo, usuario.ModificarDatos{Email: &otroEmail})).Refused(usuario.ErrReservado)
	s.Given(registrado).When(cambia(mismo, usuario.ModificarDatos{DNI: &dni})).Refused(usuario.ErrReservado)
	s.Given(registrado).When(cambia(otro, usuario.ModificarDatos{Nombre: &otroNombre})).Refused(usuario.ErrNoExiste)
	s.Given(registrado).When(cambia(servicio, usuario.ModificarDatos{Nombre: &otroNombre})).Refused(permiso.ErrProhibido)
	s.Given(registrado).When(cambia(admin, usuario.ModificarDatos{Nombre: &sealed.Text{}})).Refused(usuario.ErrDatos)
	s.Given(registrado).When(cambia(admin, usuario.ModificarDatos{Email: &sealed.Text{}})).Refused(usuario.ErrDatos)
	s.Given(registrado).When(cambia(admin, usuario.ModificarDatos{Telefono: new(texto("telefono", "1"))})).Refused(usuario.ErrDatos)
	s.Given(registrado, dadoDeBaja).When(cambia(admin, usuario.ModificarDatos{Nombre: &otroNombre})).Refused(usuario.ErrDeBaja)
	s.When(cambia(admin, usuario.ModificarDatos{Nombre: &otroNombre})).Refused(usuario.ErrNoExiste)

	after := usuario.Decider.Fold(usuario.State{}, registrado, both, usuario.DatosModificados{DNI: &sealed.Commitment{}, En: ocho})
	want := usuario.Datos{Nombre: otroNombre.Commitment(), Apellido: apellido.Commitment(), Email: email.Commitment(), Telefono: telefono.Commitment()}
	if after.Datos() != want || after.Sujeto() != ident.Sujeto(sujeto) {
		t.Errorf("the state holds %+v", after.Datos())
	}
}

// Rol 3 is given by two, or on the server.
func TestCambiarRol(t *testing.T) {
	t.Parallel()
	s := spec.Of(t, usuario.Decider)
	cambia := func(por permiso.Autor, rol permiso.Rol, aprobacion ident.Aprobacion) usuario.CambiarRol {
		return usuario.CambiarRol{Orden: orden(por), Rol: rol, Aprobacion: aprobacion}
	}
	s.Given(registrado).When(cambia(admin, permiso.Supervisor, "")).Then(aSupervisor)
	s.Given(registrado).When(cambia(admin, permiso.Efectivo, "")).Then()
	s.Given(registrado).When(cambia(admin, permiso.Administrador, "")).Refused(usuario.ErrAprobacion)
	s.Given(registrado).When(cambia(admin, permiso.Administrador, "a1")).Then(conAprobacion)
	s.Given(registrado).When(cambia(servidor, permiso.Administrador, "")).
		Then(usuario.RolCambiado{Anterior: permiso.Efectivo, Rol: permiso.Administrador, EnServidor: true, En: ocho})
	s.Given(registrado, conAprobacion).When(cambia(admin, permiso.Auditor, "")).
		Then(usuario.RolCambiado{Anterior: permiso.Administrador, Rol: permiso.Auditor, En: ocho})
	s.Given(registrado, conAprobacion).When(cambia(mismoAdmin, permiso.Auditor, "")).Refused(usuario.ErrPropio)
	s.Given(registrado).When(cambia(admin, "rey", "")).Refused(usuario.ErrDatos)
	for _, por := range []permiso.Autor{mismo, supervisora, servicio} {
		s.Given(registrado).When(cambia(por, permiso.Supervisor, "a1")).Refused(permiso.ErrProhibido)
	}
	if rol := usuario.Decider.Fold(usuario.State{}, registrado, aSupervisor).Rol(); rol != permiso.Supervisor {
		t.Errorf("the state holds rol %s", rol)
	}
}

func TestBloqueoYBaja(t *testing.T) {
	t.Parallel()
	s := spec.Of(t, usuario.Decider)
	bloquear := usuario.Bloquear{Orden: orden(admin), Motivo: motivo}
	desbloquear := usuario.Desbloquear{Orden: orden(admin)}
	baja := usuario.DarDeBaja{Orden: orden(admin), Motivo: motivo}

	s.Given(registrado).When(bloquear).Then(bloqueado)
	s.Given(registrado, bloqueado).When(bloquear).Then()
	s.Given(registrado, bloqueado).When(desbloquear).Then(desbloqueado)
	s.Given(registrado).When(desbloquear).Then()
	s.Given(registrado, bloqueado).When(baja).Then(dadoDeBaja)
	s.Given(registrado, dadoDeBaja).When(baja).Then()
	for _, c := range []usuario.Command{bloquear, desbloquear, usuario.CambiarRol{Orden: orden(admin), Rol: permiso.Auditor}, usuario.VincularTelegram{Orden: orden(admin), TelegramID: telegram}} {
		s.Given(registrado, dadoDeBaja).When(c).Refused(usuario.ErrDeBaja)
	}
	s.Given(registrado).When(usuario.Bloquear{Orden: orden(admin)}).Refused(usuario.ErrSinMotivo)
	s.Given(registrado).When(usuario.DarDeBaja{Orden: orden(admin), Motivo: texto("motivo", strings.Repeat("x", 4001))}).Refused(usuario.ErrDatos)
	// Nobody shuts himself out, and nobody but an administrator shuts anybody out.
	s.Given(registrado).When(usuario.Bloquear{Orden: orden(mismoAdmin), Motivo: motivo}).Refused(usuario.ErrPropio)
	s.Given(registrado).When(usuario.DarDeBaja{Orden: orden(mismoAdmin), Motivo: motivo}).Refused(usuario.ErrPropio)
	for _, por := range []permiso.Autor{mismo, supervisora, servicio} {
		s.Given(registrado).When(usuario.Bloquear{Orden: orden(por), Motivo: motivo}).Refused(permiso.ErrProhibido)
		s.Given(registrado).When(usuario.DarDeBaja{Orden: orden(por), Motivo: motivo}).Refused(permiso.ErrProhibido)
	}

	for want, history := range map[error][]usuario.Event{
		usuario.ErrNoExiste:  {},
		usuario.ErrBloqueado: {registrado, bloqueado},
		usuario.ErrDeBaja:    {registrado, bloqueado, dadoDeBaja},
		nil:                  {registrado, bloqueado, desbloqueado},
	} {
		if got := usuario.Decider.Fold(usuario.State{}, history...).Entra(); !errors.Is(got, want) {
			t.Errorf("after %v: %v, want %v", history, got, want)
		}
	}
}

func TestSegundoFactorYVerificado(t *testing.T) {
	t.Parallel()
	s := spec.Of(t, usuario.Decider)
	activar, desactivar := usuario.ActivarSegundoFactor{Orden: orden(mismo)}, usuario.DesactivarSegundoFactor{Orden: orden(mismo)}
	desactivado := usuario.SegundoFactorDesactivado{En: ocho}
	s.Given(registrado).When(activar).Then(activado)
	s.Given(registrado, activado).When(activar).Then()
	s.Given(registrado, activado).When(desactivar).Then(desactivado)
	s.Given(registrado, activado, desactivado).When(desactivar).Then()
	s.Given(registrado).When(usuario.ActivarSegundoFactor{Orden: orden(otro)}).Refused(usuario.ErrNoExiste)

	verificar, verificado := usuario.Verificar{Orden: orden(mismo)}, usuario.Verificado{En: ocho}
	s.Given(registrado).When(verificar).Then(verificado)
	s.Given(registrado, verificado).When(verificar).Then()
}
