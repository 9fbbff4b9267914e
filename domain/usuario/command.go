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

// ModificarDatos changes personal data. A nil text stays as it is; an empty one takes the
// value away, where it may be missing. E-mail and dni are for whoever may change anybody.
type ModificarDatos struct {
	Orden
	Nombre, Apellido, Email, DNI, Telefono *sealed.Text
}

// CambiarRol trusts the Usuario with another rol. Aprobacion names the approval by a
// second administrator: without it nobody but the server itself grants rol 3.
type CambiarRol struct {
	Orden
	Rol        permiso.Rol
	Aprobacion ident.Aprobacion
}

// AsignarJurisdiccion narrows what a supervisor reaches; two empty lists widen it to everything.
type AsignarJurisdiccion struct {
	Orden
	Zonas    []ident.Zona
	Unidades []string
}

// Verificar records that the person took up the account himself.
type Verificar struct{ Orden }

// Bloquear shuts the Usuario out.
type Bloquear struct {
	Orden
	Motivo sealed.Text // owned by the sujeto
}

// Desbloquear lets him in again.
type Desbloquear struct{ Orden }

// DarDeBaja ends the account for ever.
type DarDeBaja struct {
	Orden
	Motivo sealed.Text // owned by the sujeto
}

// CambiarCredencial records that the password was changed.
type CambiarCredencial struct{ Orden }

// ActivarSegundoFactor records that a second factor was set up and proved.
type ActivarSegundoFactor struct{ Orden }

// DesactivarSegundoFactor records that it was given up.
type DesactivarSegundoFactor struct{ Orden }

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

// servidor reports whether the program itself gives the order: whoever runs it on the
// server needs no account.
func (o Orden) servidor() bool { return o.Por.Usuario == "" }

// Autoriza names the action in the table of permissions. Whoever may enter an
// Efectivo may register the person he is, and nobody else.
func (c Registrar) Autoriza() permiso.Accion {
	if c.Rol == permiso.Efectivo {
		return permiso.EfectivoAlta
	}
	return permiso.UsuarioAlta
}

// Autoriza names the action in the table of permissions.
func (ModificarDatos) Autoriza() permiso.Accion { return permiso.UsuarioModificar }

// Autoriza names the action in the table of permissions.
func (CambiarRol) Autoriza() permiso.Accion { return permiso.UsuarioRol }

// Autoriza names the action in the table of permissions.
func (AsignarJurisdiccion) Autoriza() permiso.Accion { return permiso.UsuarioAlcance }

// Autoriza names the action in the table of permissions.
func (Verificar) Autoriza() permiso.Accion { return permiso.UsuarioCredencial }

// Autoriza names the action in the table of permissions.
func (Bloquear) Autoriza() permiso.Accion { return permiso.UsuarioBloqueo }

// Autoriza names the action in the table of permissions.
func (Desbloquear) Autoriza() permiso.Accion { return permiso.UsuarioBloqueo }

// Autoriza names the action in the table of permissions.
func (DarDeBaja) Autoriza() permiso.Accion { return permiso.UsuarioBaja }

// Autoriza names the action in the table of permissions.
func (CambiarCredencial) Autoriza() permiso.Accion { return permiso.UsuarioCredencial }

// Autoriza names the action in the table of permissions.
func (ActivarSegundoFactor) Autoriza() permiso.Accion { return permiso.UsuarioCredencial }

// Autoriza names the action in the table of permissions.
func (DesactivarSegundoFactor) Autoriza() permiso.Accion { return permiso.UsuarioCredencial }

// Autoriza names the action in the table of permissions.
func (VincularTelegram) Autoriza() permiso.Accion { return permiso.UsuarioVinculo }

// Autoriza names the action in the table of permissions.
func (DesvincularTelegram) Autoriza() permiso.Accion { return permiso.UsuarioVinculo }

// Texts lists what the order seals.
func (c Registrar) Texts() []sealed.Text {
	return []sealed.Text{c.Nombre, c.Apellido, c.Email, c.DNI, c.Telefono}
}

// Texts lists what the order seals.
func (c ModificarDatos) Texts() (texts []sealed.Text) {
	for _, t := range []*sealed.Text{c.Nombre, c.Apellido, c.Email, c.DNI, c.Telefono} {
		if t != nil {
			texts = append(texts, *t)
		}
	}
	return texts
}

// Texts lists what the order seals.
func (c Bloquear) Texts() []sealed.Text { return []sealed.Text{c.Motivo} }

// Texts lists what the order seals.
func (c DarDeBaja) Texts() []sealed.Text { return []sealed.Text{c.Motivo} }

// Texts lists what the order seals.
func (c VincularTelegram) Texts() []sealed.Text { return []sealed.Text{c.TelegramID} }
