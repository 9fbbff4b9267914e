package usuario

import (
	"time"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
)

// Command is something somebody wants of a Usuario.
//
//sumtype:decl
type Command interface {
	StreamID() string
	Autoriza() permiso.Accion
	Autor() permiso.Autor
	Texts() []sealed.Text
	ordena()
}

// Orden is what every order carries. Identifiers, time and salts are born at the edge.
type Orden struct {
	ID  ident.Usuario
	Por permiso.Autor
	En  time.Time
}

// Registrar enters a Usuario. The texts are owned by Sujeto; Email, DNI carry
// their normalised form in Index.
type Registrar struct {
	Orden
	Sujeto   ident.Sujeto
	Rol      permiso.Rol
	Nombre   sealed.Text
	Apellido sealed.Text
	Email    sealed.Text
	DNI      sealed.Text // optional, >= 5 characters
	Telefono sealed.Text // optional
	Simulado bool
}

// CambiarCredencial records that the password was changed.
type CambiarCredencial struct{ Orden }

// VincularTelegram ties a Telegram account; the code that proves it was checked before.
type VincularTelegram struct {
	Orden
	TelegramID sealed.Text // decimal digits, owned by the sujeto
}

// DesvincularTelegram unties it.
type DesvincularTelegram struct{ Orden }

// Autor returns who gives the order.
func (o Orden) Autor() permiso.Autor { return o.Por }

// StreamID names the stream the command is decided on.
func (o Orden) StreamID() string { return o.ID.Stream() }

// Texts implements Command for the orders that seal nothing.
func (o Orden) Texts() []sealed.Text { return nil }

func (Orden) ordena() {}

// Autoriza names the action in the table of permissions. Whoever may enter an
// Efectivo may register the person he is, and nobody else.
func (c Registrar) Autoriza() permiso.Accion {
	if c.Rol == permiso.Efectivo {
		return permiso.EfectivoAlta
	}
	return permiso.UsuarioAlta
}

// Autoriza names the action in the table of permissions.
func (CambiarCredencial) Autoriza() permiso.Accion { return permiso.UsuarioVinculo }

// Autoriza names the action in the table of permissions.
func (VincularTelegram) Autoriza() permiso.Accion { return permiso.UsuarioVinculo }

// Autoriza names the action in the table of permissions.
func (DesvincularTelegram) Autoriza() permiso.Accion { return permiso.UsuarioVinculo }

// Texts lists what the order seals.
func (c Registrar) Texts() []sealed.Text {
	return []sealed.Text{c.Nombre, c.Apellido, c.Email, c.DNI, c.Telefono}
}

// Texts lists what the order seals.
func (c VincularTelegram) Texts() []sealed.Text { return []sealed.Text{c.TelegramID} }
