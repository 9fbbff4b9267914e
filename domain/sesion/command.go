package sesion

import (
	"time"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
)

// Command is something that happens to a session.
//
//sumtype:decl
type Command interface {
	StreamID() string
	Autoriza() permiso.Accion
	Autor() permiso.Autor
	Texts() []sealed.Text
	ordena()
}

// Orden is what every order carries.
type Orden struct {
	ID      ident.Sesion
	Usuario ident.Usuario // whose session it is
	Por     permiso.Autor
	En      time.Time
}

// Iniciar opens a session for somebody who proved who he is.
type Iniciar struct {
	Orden
	Medio   Medio
	Segundo Segundo
}

// Anotar records an attempt that failed; its Orden.ID is that of the Usuario.
type Anotar struct {
	Orden
	Medio  Medio
	Motivo Motivo
}

// Cerrar ends a session.
type Cerrar struct {
	Orden
	Motivo Motivo
}

// RevocarFamilia ends a session of which somebody has a copy.
type RevocarFamilia struct{ Orden }

// StreamID names the stream the command is decided on.
func (o Orden) StreamID() string { return o.ID.Stream() }

// Autor returns who gives the order.
func (o Orden) Autor() permiso.Autor { return o.Por }

// Autoriza names the action in the table of permissions.
func (Iniciar) Autoriza() permiso.Accion { return permiso.UsuarioCredencial }

// Autoriza names the action in the table of permissions.
func (Anotar) Autoriza() permiso.Accion { return permiso.UsuarioCredencial }

// Autoriza names the action in the table of permissions.
func (Cerrar) Autoriza() permiso.Accion { return permiso.UsuarioCredencial }

// Autoriza names the action in the table of permissions.
func (RevocarFamilia) Autoriza() permiso.Accion { return permiso.UsuarioCredencial }

// Texts implements the commands, which seal nothing.
func (Orden) Texts() []sealed.Text { return nil }

func (Orden) ordena() {}
