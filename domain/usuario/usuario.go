package usuario

import (
	"github.com/grupo-gad/gad/domain/decider"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
)

// Decider is the behaviour of a Usuario.
var Decider = decider.Decider[State, Command, Event]{Decide: Decide, Evolve: Evolve}

// Datos are the commitments to what is known of a person; a zero one means nothing is.
type Datos struct {
	Nombre, Apellido, Email, DNI, Telefono sealed.Commitment
}

// State is what Decide needs to remember.
type State struct {
	existe    bool
	id        ident.Usuario
	sujeto    ident.Sujeto
	rol       permiso.Rol
	datos     Datos
	telegram  sealed.Commitment
	bloqueado bool
	deBaja    bool
	propio    bool // he took the account up himself
	segundo   bool // logging in asks for a second factor
	borrado   bool
	alcance   permiso.Jurisdiccion // as assigned: in order, none twice
}

// Existe reports whether he was ever registered.
func (s State) Existe() bool { return s.existe }

// Sujeto returns the owner of his sealed data.
func (s State) Sujeto() ident.Sujeto { return s.sujeto }

// Rol returns what he is trusted with.
func (s State) Rol() permiso.Rol { return s.rol }

// Datos returns the commitments to his personal data.
func (s State) Datos() Datos { return s.datos }

// Telegram returns the commitment to the linked account; zero when none is.
func (s State) Telegram() sealed.Commitment { return s.telegram }

// DeBaja reports whether he has left for good.
func (s State) DeBaja() bool { return s.deBaja }

// SinAcceso reports whether he was blocked or has left: nothing is put into his hands.
func (s State) SinAcceso() bool { return s.bloqueado || s.deBaja }

// Entra refuses whoever may not come in at present.
func (s State) Entra() error {
	switch {
	case !s.existe:
		return ErrNoExiste
	case s.deBaja:
		return ErrDeBaja
	case s.bloqueado:
		return ErrBloqueado
	}
	return nil
}

// Evolve applies a fact.
func Evolve(s State, e Event) State {
	switch e := e.(type) {
	case Registrado:
		s = State{existe: true, id: e.ID, sujeto: e.Sujeto, rol: e.Rol, datos: Datos{e.Nombre, e.Apellido, e.Email, e.DNI, e.Telefono}}
	case DatosModificados:
		for _, change := range []struct{ to, from *sealed.Commitment }{
			{&s.datos.Nombre, e.Nombre}, {&s.datos.Apellido, e.Apellido}, {&s.datos.Email, e.Email}, {&s.datos.DNI, e.DNI}, {&s.datos.Telefono, e.Telefono},
		} {
			if change.from != nil {
				*change.to = *change.from
			}
		}
	case RolCambiado:
		s.rol = e.Rol
	case JurisdiccionAsignada:
		s.alcance = permiso.Jurisdiccion{Zonas: e.Zonas, Unidades: e.Unidades}
	case Verificado:
		s.propio = true
	case Bloqueado:
		s.bloqueado = true
	case Desbloqueado:
		s.bloqueado = false
	case DadoDeBaja:
		s.deBaja, s.telegram, s.segundo = true, sealed.Commitment{}, false
	case SegundoFactorActivado:
		s.segundo = true
	case SegundoFactorDesactivado:
		s.segundo = false
	case CredencialCambiada:
	case TelegramVinculado:
		s.telegram = e.TelegramID
	case TelegramDesvinculado:
		s.telegram = sealed.Commitment{}
	case DatosPersonalesEliminados:
		s.telegram, s.borrado = sealed.Commitment{}, true
	}
	return s
}
