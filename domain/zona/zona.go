// Package zona is a place that matters: a jurisdiction, a restricted area, a corridor.
//
//	(nada) --definir--> vigente --eliminar--> eliminada
package zona

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/grupo-gad/gad/domain/decider"
	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
)

// Clase says what a Zona is for.
type Clase string

// The canonical words, as stored.
const (
	Jurisdiccion Clase = "jurisdiccion"
	Restringida  Clase = "restringida"
	Interes      Clase = "interes"
	Corredor     Clase = "corredor"
)

// maxVertices bounds a Zona; the finest barrio of Buenos Aires has some 3,000.
const maxVertices = 10_000

// Poligono is one outer ring followed by its holes; each ring is closed (the
// last place equals the first).
type Poligono [][]geo.Punto

// Event is a fact in the life of a Zona.
//
//sumtype:decl
type Event interface {
	event.Event
	esZona()
}

// Definida draws a Zona. Its name is not personal and stands in clear.
type Definida struct {
	ID        ident.Zona `json:"id"`
	Nombre    string     `json:"nombre"`
	Clase     Clase      `json:"clase"`
	Poligonos []Poligono `json:"poligonos"`
	En        time.Time  `json:"en"`
}

// Eliminada takes it off the map; its history stays.
type Eliminada struct {
	En time.Time `json:"en"`
}

// EventName implements event.Event.
func (Definida) EventName() string { return "zona.definida" }

// EventName implements event.Event.
func (Eliminada) EventName() string { return "zona.eliminada" }

func (Definida) esZona()  {}
func (Eliminada) esZona() {}

// Definitions lists every version of every Zona event ever stored.
func Definitions() []event.Definition {
	return []event.Definition{event.Current[Definida](1), event.Current[Eliminada](1)}
}

// The refusals of a Zona.
var (
	ErrNoExiste = fault.New(fault.NotFound, "zona_no_existe", "la zona no existe")
	ErrYaExiste = fault.New(fault.Conflict, "zona_ya_existe", "ya existe una zona con ese identificador")
	ErrDatos    = fault.New(fault.Invalid, "zona_datos_invalidos", "hay datos de la zona que no son válidos")
)

// Command is something somebody wants of a Zona.
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
	ID  ident.Zona
	Por permiso.Autor
	En  time.Time
}

// Definir draws a Zona.
type Definir struct {
	Orden
	Nombre    string // 1..120 characters
	Clase     Clase
	Poligonos []Poligono
}

// Eliminar takes it off the map.
type Eliminar struct{ Orden }

// Autor returns who gives the order.
func (o Orden) Autor() permiso.Autor { return o.Por }

// StreamID names the stream the command is decided on.
func (o Orden) StreamID() string { return o.ID.Stream() }

// Autoriza names the action in the table of permissions.
func (Definir) Autoriza() permiso.Accion { return permiso.ZonaDefinir }

// Autoriza names the action in the table of permissions.
func (Eliminar) Autoriza() permiso.Accion { return permiso.ZonaDefinir }

// Texts implements Command: a Zona seals nothing.
func (Orden) Texts() []sealed.Text { return nil }

func (Orden) ordena() {}

// Decider is the behaviour of a Zona.
var Decider = decider.Decider[State, Command, Event]{Decide: Decide, Evolve: Evolve}

// State is what Decide needs to remember.
type State struct{ definida, eliminada bool }

// Decide answers a command with events or a refusal.
func Decide(s State, c Command) ([]Event, error) {
	switch c := c.(type) {
	case Definir:
		return s.definir(c)
	case Eliminar:
		return s.eliminar(c)
	}
	panic("unreachable: Command is sealed")
}

// Evolve applies a fact.
func Evolve(s State, e Event) State {
	switch e.(type) {
	case Definida:
		s.definida = true
	case Eliminada:
		s.eliminada = true
	}
	return s
}

func (s State) definir(c Definir) ([]Event, error) {
	switch {
	case permiso.De(c.Por.Rol, permiso.ZonaDefinir) != permiso.Todo:
		return nil, permiso.ErrProhibido
	case s.definida:
		return nil, ErrYaExiste
	}
	var wrong []fault.Field
	if n := utf8.RuneCountInString(strings.TrimSpace(c.Nombre)); n < 1 || n > 120 {
		wrong = append(wrong, fault.Field{Name: "nombre", Message: "lleva de 1 a 120 caracteres"})
	}
	switch c.Clase {
	case Jurisdiccion, Restringida, Interes, Corredor:
	default:
		wrong = append(wrong, fault.Field{Name: "clase", Message: "puede ser jurisdiccion, restringida, interes o corredor"})
	}
	if message := revisar(c.Poligonos); message != "" {
		wrong = append(wrong, fault.Field{Name: "geometria", Message: message})
	}
	if len(wrong) > 0 {
		return nil, ErrDatos.With(wrong...)
	}
	return []Event{Definida{ID: c.ID, Nombre: strings.TrimSpace(c.Nombre), Clase: c.Clase, Poligonos: c.Poligonos, En: c.En}}, nil
}

func (s State) eliminar(c Eliminar) ([]Event, error) {
	switch {
	case permiso.De(c.Por.Rol, permiso.ZonaDefinir) != permiso.Todo:
		return nil, permiso.ErrProhibido
	case !s.definida:
		return nil, ErrNoExiste
	case s.eliminada:
		return nil, nil
	}
	return []Event{Eliminada{En: c.En}}, nil
}

// revisar says what is wrong with a shape, or "".
func revisar(poligonos []Poligono) string {
	if len(poligonos) == 0 {
		return "falta el polígono"
	}
	vertices := 0
	for _, p := range poligonos {
		if len(p) == 0 {
			return "hay un polígono sin contorno"
		}
		for _, ring := range p {
			vertices += len(ring)
			if len(ring) < 4 || ring[0] != ring[len(ring)-1] {
				return "cada contorno lleva al menos cuatro puntos y termina donde empieza"
			}
			for _, punto := range ring {
				if !punto.Valido() {
					return geo.ErrCoordenada.Message
				}
			}
		}
	}
	if vertices > maxVertices {
		return "tiene demasiados vértices (máximo 10000)"
	}
	return ""
}
