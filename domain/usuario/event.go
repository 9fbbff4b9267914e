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
func (CredencialCambiada) EventName() string { return "usuario.credencial_cambiada" }

// EventName implements event.Event.
func (TelegramVinculado) EventName() string { return "usuario.telegram_vinculado" }

// EventName implements event.Event.
func (TelegramDesvinculado) EventName() string { return "usuario.telegram_desvinculado" }

func (Registrado) esUsuario()           {}
func (CredencialCambiada) esUsuario()   {}
func (TelegramVinculado) esUsuario()    {}
func (TelegramDesvinculado) esUsuario() {}
