package usuario

import (
	"time"

	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
)

// Event is a fact in the life of a Usuario.
//
//sumtype:decl
type Event interface {
	event.Event
	esUsuario()
}

// Registrado enters a Usuario. Every personal field is a commitment.
type Registrado struct {
	ID       ident.Usuario     `json:"id"`
	Sujeto   ident.Sujeto      `json:"sujeto"`
	Rol      permiso.Rol       `json:"rol"`
	Nombre   sealed.Commitment `json:"nombre"`
	Apellido sealed.Commitment `json:"apellido"`
	Email    sealed.Commitment `json:"email"`
	DNI      sealed.Commitment `json:"dni,omitzero"`
	Telefono sealed.Commitment `json:"telefono,omitzero"`
	Simulado bool              `json:"simulado,omitzero"`
	En       time.Time         `json:"en"`
}

// DatosModificados changes personal data; what is nil stays. A zero commitment takes the
// value away. The two names travel together, so that a reader need not remember one of them.
type DatosModificados struct {
	Nombre   *sealed.Commitment `json:"nombre,omitzero"`
	Apellido *sealed.Commitment `json:"apellido,omitzero"`
	Email    *sealed.Commitment `json:"email,omitzero"`
	DNI      *sealed.Commitment `json:"dni,omitzero"`
	Telefono *sealed.Commitment `json:"telefono,omitzero"`
	En       time.Time          `json:"en"`
}

// RolCambiado trusts the Usuario with another rol. Rol 3 names the approval by a second
// administrator, or that it was granted on the server.
type RolCambiado struct {
	Anterior   permiso.Rol      `json:"anterior,omitzero"`
	Rol        permiso.Rol      `json:"rol"`
	Aprobacion ident.Aprobacion `json:"aprobacion,omitzero"`
	EnServidor bool             `json:"en_servidor,omitzero"`
	En         time.Time        `json:"en"`
}

// JurisdiccionAsignada narrows what he reaches as a supervisor to some Zonas and unidades; an
// empty list narrows nothing in its dimension. Both are in order, none twice.
type JurisdiccionAsignada struct {
	Zonas    []ident.Zona `json:"zonas"`
	Unidades []string     `json:"unidades"`
	En       time.Time    `json:"en"`
}

// Verificado records that the person himself took up the account by its one-time link.
type Verificado struct {
	En time.Time `json:"en"`
}

// Bloqueado shuts the Usuario out until he is let in again.
type Bloqueado struct {
	Motivo sealed.Commitment `json:"motivo"`
	En     time.Time         `json:"en"`
}

// Desbloqueado lets him in again.
type Desbloqueado struct {
	En time.Time `json:"en"`
}

// DadoDeBaja ends the account for ever; its e-mail, dni and Telegram account are free again.
type DadoDeBaja struct {
	Motivo sealed.Commitment `json:"motivo"`
	En     time.Time         `json:"en"`
}

// SegundoFactorActivado records that logging in asks for a one-time password from now on.
type SegundoFactorActivado struct {
	En time.Time `json:"en"`
}

// SegundoFactorDesactivado records that it does not ask any more.
type SegundoFactorDesactivado struct {
	En time.Time `json:"en"`
}

// CredencialCambiada records that the password changed; never the hash.
type CredencialCambiada struct {
	En time.Time `json:"en"`
}

// TelegramVinculado ties a Telegram account to the Usuario.
type TelegramVinculado struct {
	Sujeto     ident.Sujeto      `json:"sujeto"`
	TelegramID sealed.Commitment `json:"telegram_id"`
	En         time.Time         `json:"en"`
}

// TelegramDesvinculado unties it.
type TelegramDesvinculado struct {
	En time.Time `json:"en"`
}

// EventName implements event.Event.
func (Registrado) EventName() string { return "usuario.registrado" }

// EventName implements event.Event.
func (DatosModificados) EventName() string { return "usuario.datos_modificados" }

// EventName implements event.Event.
func (RolCambiado) EventName() string { return "usuario.rol_cambiado" }

// EventName implements event.Event.
func (JurisdiccionAsignada) EventName() string { return "usuario.jurisdiccion_asignada" }

// EventName implements event.Event.
func (Verificado) EventName() string { return "usuario.verificado" }

// EventName implements event.Event.
func (Bloqueado) EventName() string { return "usuario.bloqueado" }

// EventName implements event.Event.
func (Desbloqueado) EventName() string { return "usuario.desbloqueado" }

// EventName implements event.Event.
func (DadoDeBaja) EventName() string { return "usuario.dado_de_baja" }

// EventName implements event.Event.
func (SegundoFactorActivado) EventName() string { return "usuario.segundo_factor_activado" }

// EventName implements event.Event.
func (SegundoFactorDesactivado) EventName() string { return "usuario.segundo_factor_desactivado" }

// EventName implements event.Event.
func (CredencialCambiada) EventName() string { return "usuario.credencial_cambiada" }

// EventName implements event.Event.
func (TelegramVinculado) EventName() string { return "usuario.telegram_vinculado" }

// EventName implements event.Event.
func (TelegramDesvinculado) EventName() string { return "usuario.telegram_desvinculado" }

func (Registrado) esUsuario()               {}
func (DatosModificados) esUsuario()         {}
func (RolCambiado) esUsuario()              {}
func (JurisdiccionAsignada) esUsuario()     {}
func (Verificado) esUsuario()               {}
func (Bloqueado) esUsuario()                {}
func (Desbloqueado) esUsuario()             {}
func (DadoDeBaja) esUsuario()               {}
func (SegundoFactorActivado) esUsuario()    {}
func (SegundoFactorDesactivado) esUsuario() {}
func (CredencialCambiada) esUsuario()       {}
func (TelegramVinculado) esUsuario()        {}
func (TelegramDesvinculado) esUsuario()     {}
