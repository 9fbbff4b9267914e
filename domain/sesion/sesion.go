package sesion

import (
	"github.com/grupo-gad/gad/domain/decider"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
)

// Decider is the behaviour of a session.
var Decider = decider.Decider[State, Command, Event]{Decide: Decide, Evolve: Evolve}

// State is what Decide needs to remember.
type State struct {
	usuario ident.Usuario
	abierta bool
	cerrada bool
}

// Decide answers a command with events or a refusal.
func Decide(s State, c Command) ([]Event, error) {
	if err := s.permite(c); err != nil {
		return nil, err
	}
	switch c := c.(type) {
	case Iniciar:
		if s.abierta || s.cerrada {
			return nil, ErrYaExiste
		}
		return []Event{Iniciada{Usuario: c.Usuario, Medio: c.Medio, Segundo: c.Segundo, En: c.En}}, nil
	case Anotar:
		return []Event{Fallida{Usuario: c.Usuario, Medio: c.Medio, Motivo: c.Motivo, En: c.En}}, nil
	case Cerrar:
		return s.cerrar(Cerrada{Usuario: s.usuario, Motivo: c.Motivo, En: c.En})
	case RevocarFamilia:
		return s.cerrar(FamiliaRevocada{Usuario: s.usuario, En: c.En})
	}
	panic("unreachable: Command is sealed")
}

// permite lets people act on their own sessions only.
func (s State) permite(c Command) error {
	var owner ident.Usuario
	switch c := c.(type) {
	case Iniciar:
		owner = c.Usuario
	case Anotar:
		owner = c.Usuario
	case Cerrar:
		owner = s.usuario
	case RevocarFamilia:
		owner = s.usuario
	}
	por := c.Autor()
	switch alcance := permiso.De(por.Rol, c.Autoriza()); {
	case alcance == permiso.Nada:
		return permiso.ErrProhibido
	case owner == "", alcance != permiso.Todo && por.Usuario != owner:
		return ErrNoExiste
	}
	return nil
}

func (s State) cerrar(e Event) ([]Event, error) {
	if s.cerrada {
		return nil, nil
	}
	return []Event{e}, nil
}

// Evolve applies a fact.
func Evolve(s State, e Event) State {
	switch e := e.(type) {
	case Iniciada:
		s.usuario, s.abierta = e.Usuario, true
	case Fallida:
	case Cerrada, FamiliaRevocada:
		s.cerrada = true
	}
	return s
}
