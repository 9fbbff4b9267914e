package sesion

import (
	"time"

	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/ident"
)

// Event is a fact in the life of a session.
//
//sumtype:decl
type Event interface {
	event.Event
	esSesion()
}

// Iniciada opens a session.
type Iniciada struct {
	Usuario ident.Usuario `json:"usuario"`
	Medio   Medio         `json:"medio"`
	// Segundo says which second factor was shown: "totp", "recuperacion" or none.
	Segundo Segundo   `json:"segundo,omitzero"`
	En      time.Time `json:"en"`
}

// Fallida records an attempt at an account that exists.
type Fallida struct {
	Usuario ident.Usuario `json:"usuario"`
	Medio   Medio         `json:"medio"`
	Motivo  Motivo        `json:"causa"`
	En      time.Time     `json:"en"`
}

// Cerrada ends a session in order.
type Cerrada struct {
	Usuario ident.Usuario `json:"usuario"`
	Motivo  Motivo        `json:"causa"`
	En      time.Time     `json:"en"`
}

// FamiliaRevocada ends a session one of whose refresh tokens was used twice: somebody
// has a copy.
type FamiliaRevocada struct {
	Usuario ident.Usuario `json:"usuario"`
	En      time.Time     `json:"en"`
}

// EventName implements event.Event.
func (Iniciada) EventName() string { return "usuario.sesion_iniciada" }

// EventName implements event.Event.
func (Fallida) EventName() string { return "usuario.sesion_fallida" }

// EventName implements event.Event.
func (Cerrada) EventName() string { return "usuario.sesion_cerrada" }

// EventName implements event.Event.
func (FamiliaRevocada) EventName() string { return "usuario.familia_revocada" }

func (Iniciada) esSesion()        {}
func (Fallida) esSesion()         {}
func (Cerrada) esSesion()         {}
func (FamiliaRevocada) esSesion() {}
