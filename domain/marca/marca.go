package marca

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/grupo-gad/gad/domain/decider"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
)

// maxTitulo bounds a title, in characters: it stands beside an icon.
const maxTitulo = 120

// Decider is the behaviour of a Marca.
var Decider = decider.Decider[State, Command, Event]{Decide: Decide, Evolve: Evolve}

// State is what Decide needs to remember.
type State struct {
	puesta, retirada bool
	autor            ident.Usuario
	zona             ident.Zona
}

// Decide answers a command with events or a refusal.
func Decide(s State, c Command) ([]Event, error) {
	switch c := c.(type) {
	case Poner:
		return s.poner(c)
	case Retirar:
		return s.retirar(c)
	}
	panic("unreachable: Command is sealed")
}

// Evolve applies a fact.
func Evolve(s State, e Event) State {
	switch e := e.(type) {
	case Puesta:
		return State{puesta: true, autor: e.Autor, zona: e.Zona}
	case Retirada:
		s.retirada = true
	}
	return s
}

func (s State) poner(c Poner) ([]Event, error) {
	switch alcance := c.Por.Alcance(permiso.MarcaPoner); {
	case alcance == permiso.Nada:
		return nil, permiso.ErrProhibido
	case s.puesta:
		return nil, ErrYaExiste
	case alcance == permiso.EnJurisdiccion && !c.Por.Jurisdiccion.Zona(c.Zona):
		return nil, permiso.ErrFueraDeJurisdiccion
	}
	if err := c.Valida(); err != nil {
		return nil, err
	}
	return []Event{Puesta{
		ID: c.ID, Clase: c.Clase, Titulo: c.Titulo.Commitment(), Punto: c.Lugar, Zona: c.Zona, Autor: c.Por.Usuario, Caduca: c.Caduca, En: c.En,
	}}, nil
}

// Valida refuses what could not be put by anybody.
func (c Poner) Valida() error {
	var wrong []fault.Field
	bad := func(name, message string) { wrong = append(wrong, fault.Field{Name: name, Message: message}) }
	if n := utf8.RuneCountInString(c.Titulo.Value); n < 1 || n > maxTitulo {
		bad("titulo", fmt.Sprintf("lleva de 1 a %d caracteres", maxTitulo))
	}
	if !slices.Contains(Clases(), c.Clase) {
		bad("clase", "puede ser corte, encuentro, peligro, puesto_de_mando u otra")
	}
	if !c.Lugar.Valido() {
		bad("lat", geo.ErrCoordenada.Message)
	}
	if c.Caduca != nil && !c.Caduca.After(c.En) {
		bad("caduca", "es posterior a este momento")
	}
	if len(wrong) > 0 {
		return ErrDatos.With(wrong...)
	}
	return nil
}

// retirar: for what he put himself its author needs to reach nothing else. One that is out of
// somebody's reach answers as if it did not exist, even to those who see it.
func (s State) retirar(c Retirar) ([]Event, error) {
	alcance, own := c.Por.Alcance(permiso.MarcaRetirar), s.autor != "" && s.autor == c.Por.Usuario
	switch {
	case alcance == permiso.Nada:
		return nil, permiso.ErrProhibido
	case !s.puesta, !own && !s.alcanza(c.Por, alcance):
		return nil, ErrNoExiste
	case s.retirada:
		return nil, nil
	}
	return []Event{Retirada{Por: c.Por.Usuario, En: c.En}}, nil
}

// alcanza reports whether a scope reaches a Marca that somebody else put.
func (s State) alcanza(por permiso.Autor, alcance permiso.Alcance) bool {
	return alcance == permiso.Todo || alcance == permiso.EnJurisdiccion && por.Jurisdiccion.Zona(s.zona)
}

// Estado is how a Marca stands. It is no fact: time alone makes one caducada.
type Estado string

// The canonical words.
const (
	Vigente  Estado = "vigente" // shown
	Caducada Estado = "caducada"
	Quitada  Estado = "retirada"
)

// EstadoEn returns how one stands at an instant that was taken away, or not, and is to be shown
// until caduca, or for ever.
func EstadoEn(at time.Time, retirada, caduca *time.Time) Estado {
	switch {
	case retirada != nil:
		return Quitada
	case caduca != nil && !at.Before(*caduca):
		return Caducada
	}
	return Vigente
}
