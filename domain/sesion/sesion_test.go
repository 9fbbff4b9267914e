package sesion_test

import (
	"testing"
	"time"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sesion"
	"github.com/grupo-gad/gad/domain/spec"
)

const (
	id  ident.Sesion  = "7b0c3a52-0000-4000-8000-0000000000d1"
	ana ident.Usuario = "7b0c3a52-0000-4000-8000-0000000000c1"
)

var (
	ocho     = time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC)
	propia   = sesion.Orden{ID: id, Usuario: ana, Por: permiso.Autor{Usuario: ana, Rol: permiso.Supervisor}, En: ocho}
	ajena    = sesion.Orden{ID: id, Usuario: ana, Por: permiso.Autor{Usuario: "otra", Rol: permiso.Supervisor}, En: ocho}
	sistema  = sesion.Orden{ID: id, Usuario: ana, Por: permiso.Autor{Rol: permiso.Administrador}, En: ocho}
	nadie    = sesion.Orden{ID: id, Usuario: ana, En: ocho}
	iniciada = sesion.Iniciada{Usuario: ana, Medio: sesion.PorContrasena, Segundo: sesion.TOTP, En: ocho}
	cerrada  = sesion.Cerrada{Usuario: ana, Motivo: sesion.Salida, En: ocho}
	revocada = sesion.FamiliaRevocada{Usuario: ana, En: ocho}
)

func TestSesion(t *testing.T) {
	t.Parallel()
	s := spec.Of(t, sesion.Decider)
	iniciar := sesion.Iniciar{Orden: propia, Medio: sesion.PorContrasena, Segundo: sesion.TOTP}
	s.When(iniciar).Then(iniciada)
	s.Given(iniciada).When(iniciar).Refused(sesion.ErrYaExiste)
	s.Given(iniciada, cerrada).When(iniciar).Refused(sesion.ErrYaExiste)
	s.When(sesion.Iniciar{Orden: ajena}).Refused(sesion.ErrNoExiste)
	s.When(sesion.Iniciar{Orden: nadie}).Refused(permiso.ErrProhibido)

	for _, o := range []sesion.Orden{propia, sistema} {
		s.Given(iniciada).When(sesion.Cerrar{Orden: o, Motivo: sesion.Salida}).Then(cerrada)
		s.Given(iniciada).When(sesion.RevocarFamilia{Orden: o}).Then(revocada)
	}
	s.Given(iniciada).When(sesion.Cerrar{Orden: ajena, Motivo: sesion.Salida}).Refused(sesion.ErrNoExiste)
	s.Given(iniciada).When(sesion.RevocarFamilia{Orden: nadie}).Refused(permiso.ErrProhibido)
	s.When(sesion.Cerrar{Orden: propia, Motivo: sesion.Salida}).Refused(sesion.ErrNoExiste)
	// Ended is ended, whoever comes second.
	for _, end := range []sesion.Event{cerrada, revocada} {
		s.Given(iniciada, end).When(sesion.Cerrar{Orden: propia, Motivo: sesion.Salida}).Then()
		s.Given(iniciada, end).When(sesion.RevocarFamilia{Orden: sistema}).Then()
	}
}

func TestFallida(t *testing.T) {
	t.Parallel()
	s := spec.Of(t, sesion.Decider)
	anotar := sesion.Anotar{Orden: sistema, Medio: sesion.PorContrasena, Motivo: sesion.CredencialMala}
	fallida := sesion.Fallida{Usuario: ana, Medio: sesion.PorContrasena, Motivo: sesion.CredencialMala, En: ocho}
	s.When(anotar).Then(fallida)
	s.Given(fallida).When(anotar).Then(fallida)
	s.When(sesion.Anotar{Orden: ajena}).Refused(sesion.ErrNoExiste)
}

func TestCommands(t *testing.T) {
	t.Parallel()
	for _, c := range []sesion.Command{sesion.Iniciar{Orden: propia}, sesion.Anotar{Orden: propia}, sesion.Cerrar{Orden: propia}, sesion.RevocarFamilia{Orden: propia}} {
		if c.StreamID() != "sesion-"+string(id) || c.Autoriza() != permiso.UsuarioCredencial || c.Autor().Usuario != ana || c.Texts() != nil {
			t.Errorf("%T: %s on %s", c, c.Autoriza(), c.StreamID())
		}
	}
}
