package usuario_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grupo-gad/gad/domain/claim"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/spec"
	"github.com/grupo-gad/gad/domain/usuario"
)

const (
	id     ident.Usuario = "7b0c3a52-0000-4000-8000-0000000000c1"
	jefa   ident.Usuario = "7b0c3a52-0000-4000-8000-00000000000a"
	sujeto ident.Sujeto  = "7b0c3a52-0000-4000-8000-0000000000f1"
)

var (
	ocho = time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC)

	admin       = permiso.Autor{Usuario: jefa, Rol: permiso.Administrador}
	supervisora = permiso.Autor{Usuario: jefa, Rol: permiso.Supervisor}
	servidor    = permiso.Autor{Rol: permiso.Administrador}
	mismo       = permiso.Autor{Usuario: id, Rol: permiso.Efectivo}
	otro        = permiso.Autor{Usuario: jefa, Rol: permiso.Efectivo}
	servicio    = permiso.Autor{Usuario: jefa, Rol: permiso.Servicio}

	nombre, apellido = texto("nombre", "Ana"), texto("apellido", "Gómez")
	email, dni       = texto("email", "ana@ejemplo.gob.ar"), texto("dni", "30123456")
	telefono         = texto("telefono", "+54 11 5555 5555")
	telegram         = texto("telegram_id", "123456789")

	registrado = usuario.Registrado{
		ID: id, Sujeto: sujeto, Rol: permiso.Efectivo, Nombre: nombre.Commitment(), Apellido: apellido.Commitment(),
		Email: email.Commitment(), DNI: dni.Commitment(), Telefono: telefono.Commitment(), En: ocho,
	}
	vinculado = usuario.TelegramVinculado{Sujeto: sujeto, TelegramID: telegram.Commitment(), En: ocho}
)

func texto(field, value string) sealed.Text {
	return sealed.Text{Owner: string(sujeto), Field: field, Salt: sealed.Salt{7}, Value: value}
}

func orden(por permiso.Autor) usuario.Orden { return usuario.Orden{ID: id, Por: por, En: ocho} }

func registrar(cambios ...func(*usuario.Registrar)) usuario.Registrar {
	c := usuario.Registrar{
		Orden: orden(admin), Sujeto: sujeto, Rol: permiso.Efectivo,
		Nombre: nombre, Apellido: apellido, Email: email, DNI: dni, Telefono: telefono,
	}
	for _, cambia := range cambios {
		cambia(&c)
	}
	return c
}

func TestRegistrar(t *testing.T) {
	t.Parallel()
	s := spec.Of(t, usuario.Decider)
	por := func(a permiso.Autor, rol permiso.Rol) func(*usuario.Registrar) {
		return func(c *usuario.Registrar) { c.Por, c.Rol = a, rol }
	}
	s.When(registrar()).Then(registrado)
	s.Given(registrado).When(registrar()).Refused(usuario.ErrYaExiste)

	// dni and telephone may be missing.
	minimo := registrado
	minimo.DNI, minimo.Telefono, minimo.Simulado = sealed.Commitment{}, sealed.Commitment{}, true
	s.When(registrar(func(c *usuario.Registrar) {
		c.DNI, c.Telefono, c.Simulado = sealed.Text{}, sealed.Text{}, true
	})).Then(minimo)

	// An administrator registers anybody; whoever enters Efectivos only the
	// person behind one; nobody else.
	for _, rol := range permiso.Roles() {
		want := registrado
		want.Rol = rol
		if rol == permiso.Administrador {
			s.When(registrar(por(admin, rol))).Refused(usuario.ErrAprobacion)
			s.When(registrar(por(servidor, rol))).Then(want, usuario.RolCambiado{Rol: rol, EnServidor: true, En: ocho})
			continue
		}
		s.When(registrar(por(admin, rol))).Then(want)
	}
	s.When(registrar(por(supervisora, permiso.Efectivo))).Then(registrado)
	s.When(registrar(por(servicio, permiso.Efectivo))).Then(registrado)
	for _, rol := range []permiso.Rol{permiso.Supervisor, permiso.Administrador, permiso.Auditor, permiso.Servicio} {
		s.When(registrar(por(supervisora, rol))).Refused(permiso.ErrProhibido)
		s.When(registrar(por(servicio, rol))).Refused(permiso.ErrProhibido)
	}
	s.When(registrar(por(mismo, permiso.Efectivo))).Refused(permiso.ErrProhibido)
	s.When(registrar(por(permiso.Autor{Usuario: jefa, Rol: permiso.Auditor}, permiso.Efectivo))).Refused(permiso.ErrProhibido)
}

func TestRegistrarDatos(t *testing.T) {
	t.Parallel()
	value := func(t *sealed.Text, s string) { t.Value = s }
	for _, c := range []struct {
		cambia func(*usuario.Registrar)
		campo  string // "" is accepted
	}{
		{func(c *usuario.Registrar) { value(&c.Nombre, "") }, "nombre"},
		{func(c *usuario.Registrar) { value(&c.Nombre, "  ") }, "nombre"},
		{func(c *usuario.Registrar) { value(&c.Nombre, strings.Repeat("é", 100)) }, ""},
		{func(c *usuario.Registrar) { value(&c.Nombre, strings.Repeat("é", 101)) }, "nombre"},
		{func(c *usuario.Registrar) { value(&c.Apellido, "") }, "apellido"},
		{func(c *usuario.Registrar) { value(&c.DNI, "1234") }, "dni"},
		{func(c *usuario.Registrar) { value(&c.DNI, "12345") }, ""},
		{func(c *usuario.Registrar) { value(&c.DNI, strings.Repeat("1", 21)) }, "dni"},
		{func(c *usuario.Registrar) { value(&c.Telefono, "911") }, "telefono"},
		{func(c *usuario.Registrar) { value(&c.Telefono, strings.Repeat("1", 31)) }, "telefono"},
		{func(c *usuario.Registrar) { c.Rol = "rey" }, "rol"},
		{func(c *usuario.Registrar) { c.Rol = "" }, "rol"},
		{func(c *usuario.Registrar) { value(&c.Email, "") }, "email"},
		{func(c *usuario.Registrar) { value(&c.Email, "ana") }, "email"},
		{func(c *usuario.Registrar) { value(&c.Email, "@ejemplo.ar") }, "email"},
		{func(c *usuario.Registrar) { value(&c.Email, "ana@ejemplo") }, "email"},
		{func(c *usuario.Registrar) { value(&c.Email, "ana@.ar") }, "email"},
		{func(c *usuario.Registrar) { value(&c.Email, "a@b@c.ar") }, "email"},
		{func(c *usuario.Registrar) { value(&c.Email, "ana gomez@ejemplo.ar") }, "email"},
		{func(c *usuario.Registrar) { value(&c.Email, "ana@ejemplo.ar,otra@ejemplo.ar") }, "email"},
		{func(c *usuario.Registrar) { value(&c.Email, strings.Repeat("a", 250)+"@b.ar") }, "email"},
		{func(c *usuario.Registrar) { value(&c.Email, "ana+turno@mesa.ejemplo.gob.ar") }, ""},
	} {
		cmd := registrar(c.cambia)
		events, err := usuario.Decide(usuario.State{}, cmd)
		f, ok := errors.AsType[*fault.Error](err)
		switch {
		case c.campo == "" && (err != nil || len(events) != 1):
			t.Errorf("%+v: %v, %v", cmd, events, err)
		case c.campo != "" && (!ok || f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Name != c.campo):
			t.Errorf("%+v: %v, %v, want %s refused", cmd, events, err, c.campo)
		}
	}
}

func TestTelegram(t *testing.T) {
	t.Parallel()
	s := spec.Of(t, usuario.Decider)
	vincular := usuario.VincularTelegram{Orden: orden(mismo), TelegramID: telegram}
	desvincular := usuario.DesvincularTelegram{Orden: orden(mismo)}
	suelto := usuario.TelegramDesvinculado{En: ocho}

	s.When(usuario.VincularTelegram{Orden: orden(admin), TelegramID: telegram}).Refused(usuario.ErrNoExiste)
	s.Given(registrado).When(vincular).Then(vinculado)
	s.Given(registrado, vinculado).When(vincular).Then(vinculado) // another telephone
	s.Given(registrado).When(usuario.VincularTelegram{Orden: orden(mismo)}).Refused(usuario.ErrDatos)
	s.Given(registrado).When(desvincular).Then()
	s.Given(registrado, vinculado).When(desvincular).Then(suelto)
	s.Given(registrado, vinculado, suelto).When(desvincular).Then()
	s.Given(registrado, vinculado).When(usuario.DesvincularTelegram{Orden: orden(admin)}).Then(suelto)

	for _, c := range []func(usuario.Orden) usuario.Command{
		func(o usuario.Orden) usuario.Command { return usuario.VincularTelegram{Orden: o, TelegramID: telegram} },
		func(o usuario.Orden) usuario.Command { return usuario.DesvincularTelegram{Orden: o} },
	} {
		s.Given(registrado, vinculado).When(c(orden(otro))).Refused(usuario.ErrNoExiste)
		s.Given(registrado, vinculado).When(c(orden(supervisora))).Refused(usuario.ErrNoExiste)
		s.Given(registrado, vinculado).When(c(orden(servicio))).Refused(permiso.ErrProhibido)
	}
	s.Given(registrado).When(usuario.CambiarCredencial{Orden: orden(otro)}).Refused(usuario.ErrNoExiste)
	for _, por := range []permiso.Autor{mismo, admin} {
		s.Given(registrado).When(usuario.CambiarCredencial{Orden: orden(por)}).Then(usuario.CredencialCambiada{En: ocho})
	}
}

func TestClaims(t *testing.T) {
	t.Parallel()
	sinDNI := registrado
	sinDNI.DNI = sealed.Commitment{}
	correo := claim.Change{Space: "usuario.email", Secret: email.Commitment(), Refusal: en("email", usuario.ErrEmailTomado)}
	sinCorreo := claim.Change{Op: claim.Release, Space: "usuario.email"}
	sinDocumento := claim.Change{Op: claim.Release, Space: "usuario.dni"}
	documento := claim.Change{Space: "usuario.dni", Secret: dni.Commitment(), Refusal: en("dni", usuario.ErrDNITomado)}
	suelta := claim.Change{Op: claim.Release, Space: "usuario.telegram_id"}
	cuenta := claim.Change{Space: "usuario.telegram_id", Secret: telegram.Commitment(), Refusal: usuario.ErrTelegramTomado}
	for _, c := range []struct {
		e    usuario.Event
		want []claim.Change
	}{
		{registrado, []claim.Change{correo, documento}},
		{sinDNI, []claim.Change{correo}},
		{vinculado, []claim.Change{suelta, cuenta}},
		{usuario.TelegramDesvinculado{En: ocho}, []claim.Change{suelta}},
		{usuario.DatosModificados{Email: new(email.Commitment()), En: ocho}, []claim.Change{sinCorreo, correo}},
		{usuario.DatosModificados{DNI: new(dni.Commitment()), En: ocho}, []claim.Change{sinDocumento, documento}},
		{usuario.DatosModificados{DNI: &sealed.Commitment{}, En: ocho}, []claim.Change{sinDocumento}},
		{usuario.DatosModificados{Nombre: new(nombre.Commitment()), En: ocho}, nil},
		{usuario.DadoDeBaja{En: ocho}, []claim.Change{sinCorreo, sinDocumento, suelta}},
		{usuario.RolCambiado{Rol: permiso.Auditor, En: ocho}, nil},
		{usuario.CredencialCambiada{En: ocho}, nil},
	} {
		if diff := cmp.Diff(c.want, usuario.Claims(c.e), cmp.AllowUnexported(fault.Error{})); diff != "" {
			t.Errorf("%s: %s", c.e.EventName(), diff)
		}
		for _, change := range usuario.Claims(c.e) {
			if change.Key != "" {
				t.Errorf("%s claims %q in clear", c.e.EventName(), change.Key)
			}
		}
	}
}

func TestCommands(t *testing.T) {
	t.Parallel()
	o := orden(mismo)
	for _, c := range []struct {
		cmd   usuario.Command
		want  permiso.Accion
		texts int
	}{
		{registrar(), permiso.EfectivoAlta, 5},
		{registrar(func(c *usuario.Registrar) { c.Rol = permiso.Supervisor }), permiso.UsuarioAlta, 5},
		{usuario.CambiarCredencial{Orden: o}, permiso.UsuarioCredencial, 0},
		{usuario.ModificarDatos{Orden: o, Email: &email, DNI: &dni}, permiso.UsuarioModificar, 2},
		{usuario.CambiarRol{Orden: o}, permiso.UsuarioRol, 0},
		{usuario.Verificar{Orden: o}, permiso.UsuarioCredencial, 0},
		{usuario.Bloquear{Orden: o}, permiso.UsuarioBloqueo, 1},
		{usuario.Desbloquear{Orden: o}, permiso.UsuarioBloqueo, 0},
		{usuario.DarDeBaja{Orden: o}, permiso.UsuarioBaja, 1},
		{usuario.ActivarSegundoFactor{Orden: o}, permiso.UsuarioCredencial, 0},
		{usuario.DesactivarSegundoFactor{Orden: o}, permiso.UsuarioCredencial, 0},
		{usuario.VincularTelegram{Orden: o, TelegramID: telegram}, permiso.UsuarioVinculo, 1},
		{usuario.DesvincularTelegram{Orden: o}, permiso.UsuarioVinculo, 0},
	} {
		if c.cmd.Autoriza() != c.want || c.cmd.StreamID() != "usuario-"+string(id) || len(c.cmd.Texts()) != c.texts || c.cmd.Autor().Rol == "" {
			t.Errorf("%T: %s on %s, texts %v", c.cmd, c.cmd.Autoriza(), c.cmd.StreamID(), c.cmd.Texts())
		}
	}
	s := usuario.Decider.Fold(usuario.State{}, registrado)
	if !s.Existe() || s.Sujeto() != sujeto || (usuario.State{}).Existe() {
		t.Errorf("state after registrado: %+v", s)
	}
}

// en is a refusal that points at an input.
func en(campo string, e *fault.Error) *fault.Error {
	return e.With(fault.Field{Name: campo, Message: e.Message})
}
