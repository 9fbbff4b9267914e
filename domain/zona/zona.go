// Package zona is a place that matters: a jurisdiction, a restricted area, a corridor.
//
//	(nada) --definir--> vigente --eliminar--> eliminada
//	                     |  ^
//	              vaciar |  | cubrir      nobody on duty inside for N minutes, and somebody again
//	                     v  |
//	                     vacia
package zona

import (
	"fmt"
	"slices"
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
	// Circulo is what was drawn when it was a circle; Poligonos then approximates it.
	Circulo  *Circulo  `json:"circulo,omitzero"`
	Reglas   Reglas    `json:"reglas,omitzero"`
	Horarios []Franja  `json:"horarios,omitzero"` // none: always
	En       time.Time `json:"en"`
}

// Modificada draws it anew: everything it says replaces what was said before.
type Modificada struct {
	Nombre    string     `json:"nombre"`
	Clase     Clase      `json:"clase"`
	Poligonos []Poligono `json:"poligonos"`
	Circulo   *Circulo   `json:"circulo,omitzero"`
	Reglas    Reglas     `json:"reglas,omitzero"`
	Horarios  []Franja   `json:"horarios,omitzero"`
	En        time.Time  `json:"en"`
}

// QuedoVacia says that nobody on duty was inside for as long as its rule allows.
type QuedoVacia struct {
	Desde time.Time `json:"desde"`
	En    time.Time `json:"en"`
}

// Cubierta says that somebody is inside again, or that nobody needs to be.
type Cubierta struct {
	En time.Time `json:"en"`
}

// Eliminada takes it off the map; its history stays.
type Eliminada struct {
	En time.Time `json:"en"`
}

// EventName implements event.Event.
func (Definida) EventName() string { return "zona.definida" }

// EventName implements event.Event.
func (Eliminada) EventName() string { return "zona.eliminada" }

// EventName implements event.Event.
func (Modificada) EventName() string { return "zona.modificada" }

// EventName implements event.Event.
func (QuedoVacia) EventName() string { return "zona.quedo_vacia" }

// EventName implements event.Event.
func (Cubierta) EventName() string { return "zona.cubierta" }

func (Modificada) esZona() {}
func (QuedoVacia) esZona() {}
func (Cubierta) esZona()   {}
func (Definida) esZona()   {}
func (Eliminada) esZona()  {}

// Definitions lists every version of every Zona event ever stored.
func Definitions() []event.Definition {
	return []event.Definition{
		event.Current[Definida](1), event.Current[Modificada](1), event.Current[Eliminada](1),
		event.Current[QuedoVacia](1), event.Current[Cubierta](1),
	}
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
	Circulo   *Circulo // instead of Poligonos
	Reglas    Reglas
	Horarios  []Franja
}

// Modificar draws it anew, whole. Drawn as it is, it changes nothing.
type Modificar Definir

// Vaciar records that nobody was inside since Desde.
type Vaciar struct {
	Orden
	Desde time.Time
}

// Cubrir records that somebody is inside again.
type Cubrir struct{ Orden }

// Eliminar takes it off the map.
type Eliminar struct{ Orden }

// Autor returns who gives the order.
func (o Orden) Autor() permiso.Autor { return o.Por }

// StreamID names the stream the command is decided on.
func (o Orden) StreamID() string { return o.ID.Stream() }

// Autoriza names the action in the table of permissions.
func (Definir) Autoriza() permiso.Accion { return permiso.ZonaDefinir }

// Autoriza names the action in the table of permissions.
func (Modificar) Autoriza() permiso.Accion { return permiso.ZonaDefinir }

// Autoriza names the action in the table of permissions.
func (Vaciar) Autoriza() permiso.Accion { return permiso.EfectivoObservar }

// Autoriza names the action in the table of permissions.
func (Cubrir) Autoriza() permiso.Accion { return permiso.EfectivoObservar }

// Autoriza names the action in the table of permissions.
func (Eliminar) Autoriza() permiso.Accion { return permiso.ZonaDefinir }

// Texts implements Command: a Zona seals nothing.
func (Orden) Texts() []sealed.Text { return nil }

func (Orden) ordena() {}

// Decider is the behaviour of a Zona.
var Decider = decider.Decider[State, Command, Event]{Decide: Decide, Evolve: Evolve}

// State is what Decide needs to remember.
type State struct {
	definida, eliminada, vacia bool
	dibujo                     Modificada // as it is drawn now, En left out
}

// Existe reports whether it is on the map.
func (s State) Existe() bool { return s.definida && !s.eliminada }

// Decide answers a command with events or a refusal.
func Decide(s State, c Command) ([]Event, error) {
	switch c := c.(type) {
	case Definir:
		return s.definir(c)
	case Modificar:
		return s.modificar(c)
	case Vaciar:
		if err := s.observa(c.Por); err != nil || s.vacia || s.eliminada {
			return nil, err
		}
		return []Event{QuedoVacia{Desde: c.Desde, En: c.En}}, nil
	case Cubrir:
		if err := s.observa(c.Por); err != nil || !s.vacia {
			return nil, err
		}
		return []Event{Cubierta{En: c.En}}, nil
	case Eliminar:
		return s.eliminar(c)
	}
	panic("unreachable: Command is sealed")
}

// Evolve applies a fact.
func Evolve(s State, e Event) State {
	switch e := e.(type) {
	case Definida:
		s.definida = true
		s.dibujo = Modificada{Nombre: e.Nombre, Clase: e.Clase, Poligonos: e.Poligonos, Circulo: e.Circulo, Reglas: e.Reglas, Horarios: e.Horarios}
	case Modificada:
		e.En = time.Time{}
		s.dibujo = e
	case QuedoVacia:
		s.vacia = true
	case Cubierta:
		s.vacia = false
	case Eliminada:
		s.eliminada, s.vacia = true, false
	}
	return s
}

// recortado reports whether somebody answers for some Zonas only. He draws none: by moving their
// borders, or with a new one, he would change what others see.
func recortado(por permiso.Autor) bool {
	return por.Alcance(permiso.ZonaDefinir) == permiso.EnJurisdiccion && len(por.Jurisdiccion.Zonas) > 0
}

func (s State) definir(c Definir) ([]Event, error) {
	switch {
	case permiso.De(c.Por.Rol, permiso.ZonaDefinir) < permiso.EnJurisdiccion:
		return nil, permiso.ErrProhibido
	case s.definida:
		return nil, ErrYaExiste
	case recortado(c.Por):
		return nil, permiso.ErrFueraDeJurisdiccion
	}
	d, err := dibujar(c)
	if err != nil {
		return nil, err
	}
	return []Event{Definida{
		ID: c.ID, Nombre: d.Nombre, Clase: d.Clase, Poligonos: d.Poligonos, Circulo: d.Circulo, Reglas: d.Reglas, Horarios: d.Horarios, En: c.En,
	}}, nil
}

func (s State) modificar(c Modificar) ([]Event, error) {
	switch {
	case permiso.De(c.Por.Rol, permiso.ZonaDefinir) < permiso.EnJurisdiccion:
		return nil, permiso.ErrProhibido
	case !s.Existe():
		return nil, ErrNoExiste
	case recortado(c.Por):
		return nil, permiso.ErrFueraDeJurisdiccion
	}
	d, err := dibujar(Definir(c))
	if err != nil || igual(d, s.dibujo) {
		return nil, err
	}
	d.En = c.En
	return []Event{d}, nil
}

func (s State) observa(por permiso.Autor) error {
	switch {
	case permiso.De(por.Rol, permiso.EfectivoObservar) == permiso.Nada:
		return permiso.ErrProhibido
	case !s.definida:
		return ErrNoExiste
	}
	return nil
}

// dibujar checks what was drawn and says it in one form.
func dibujar(c Definir) (Modificada, error) {
	var wrong []fault.Field
	if n := utf8.RuneCountInString(strings.TrimSpace(c.Nombre)); n < 1 || n > 120 {
		wrong = append(wrong, fault.Field{Name: "nombre", Message: "lleva de 1 a 120 caracteres"})
	}
	switch c.Clase {
	case Jurisdiccion, Restringida, Interes, Corredor:
	default:
		wrong = append(wrong, fault.Field{Name: "clase", Message: "puede ser jurisdiccion, restringida, interes o corredor"})
	}
	if c.Circulo != nil && len(c.Poligonos) == 0 {
		if !c.Circulo.valido() {
			wrong = append(wrong, fault.Field{Name: "geometria", Message: "un círculo lleva su centro y un radio de 10 a 100000 metros"})
		} else {
			c.Poligonos = c.Circulo.Poligonos()
		}
	}
	if len(wrong) == 0 || wrong[len(wrong)-1].Name != "geometria" {
		if message := revisar(c.Poligonos); message != "" {
			wrong = append(wrong, fault.Field{Name: "geometria", Message: message})
		}
	}
	if c.Reglas.VaciaMin < 0 || c.Reglas.VaciaMin > 24*60 {
		wrong = append(wrong, fault.Field{Name: "reglas.vacia_min", Message: "va de 0 a 1440 minutos"})
	}
	if len(c.Horarios) > maxFranjas {
		wrong = append(wrong, fault.Field{Name: "horarios", Message: "son como mucho 50"})
	}
	for i, f := range c.Horarios {
		if !f.valida() {
			wrong = append(wrong, fault.Field{Name: fmt.Sprintf("horarios[%d]", i), Message: "lleva días de 1 (lunes) a 7 y horas HH:MM distintas; hasta puede ser 24:00"})
		}
	}
	if len(wrong) > 0 {
		return Modificada{}, ErrDatos.With(wrong...)
	}
	return Modificada{
		Nombre: strings.TrimSpace(c.Nombre), Clase: c.Clase, Poligonos: c.Poligonos, Circulo: c.Circulo, Reglas: c.Reglas, Horarios: c.Horarios,
	}, nil
}

func (s State) eliminar(c Eliminar) ([]Event, error) {
	switch {
	case permiso.De(c.Por.Rol, permiso.ZonaDefinir) < permiso.EnJurisdiccion:
		return nil, permiso.ErrProhibido
	case !s.definida:
		return nil, ErrNoExiste
	case recortado(c.Por):
		return nil, permiso.ErrFueraDeJurisdiccion
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
			if vertices += len(ring); vertices > maxVertices {
				return "tiene demasiados vértices (máximo 10000)"
			}
			if len(ring) < 4 || ring[0] != ring[len(ring)-1] {
				return "cada contorno lleva al menos cuatro puntos y termina donde empieza"
			}
			for _, punto := range ring {
				if !punto.Valido() {
					return geo.ErrCoordenada.Message
				}
			}
		}
		if !encierra(p[0]) {
			return "hay un contorno que no encierra nada"
		}
		if donde, ok := cruce(p...); ok {
			return fmt.Sprintf("hay lados que se cruzan, cerca de %.5f; %.5f", donde.Lat, donde.Lon)
		}
		if donde, ok := huecoAjeno(p); ok {
			return fmt.Sprintf("hay un hueco fuera de su contorno o encima de otro, cerca de %.5f; %.5f", donde.Lat, donde.Lon)
		}
	}
	return ""
}

// igual reports whether two drawings say the same.
func igual(a, b Modificada) bool {
	mismoCirculo := a.Circulo == b.Circulo || a.Circulo != nil && b.Circulo != nil && *a.Circulo == *b.Circulo
	return a.Nombre == b.Nombre && a.Clase == b.Clase && a.Reglas == b.Reglas && mismoCirculo &&
		slices.EqualFunc(a.Poligonos, b.Poligonos, func(x, y Poligono) bool {
			return slices.EqualFunc(x, y, slices.Equal[[]geo.Punto])
		}) &&
		slices.EqualFunc(a.Horarios, b.Horarios, func(x, y Franja) bool {
			return x.Desde == y.Desde && x.Hasta == y.Hasta && slices.Equal(x.Dias, y.Dias)
		})
}
