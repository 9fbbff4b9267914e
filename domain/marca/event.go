package marca

import (
	"time"

	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/sealed"
)

// Clase says what a Marca points at.
type Clase string

// The canonical words, as stored.
const (
	Corte         Clase = "corte"     // a road that is closed
	Encuentro     Clase = "encuentro" // where people meet
	Peligro       Clase = "peligro"
	PuestoDeMando Clase = "puesto_de_mando"
	Otra          Clase = "otra"
)

// Clases lists them all.
func Clases() []Clase { return []Clase{Corte, Encuentro, Peligro, PuestoDeMando, Otra} }

// Event is a fact in the life of a Marca.
//
//sumtype:decl
type Event interface {
	event.Event
	esMarca()
}

// Puesta puts a Marca on the map. Its title is free text and sealed.
type Puesta struct {
	ID     ident.Marca       `json:"id"`
	Clase  Clase             `json:"clase"`
	Titulo sealed.Commitment `json:"titulo"`
	geo.Punto
	Zona   ident.Zona    `json:"zona,omitzero"`
	Autor  ident.Usuario `json:"autor"`
	Caduca *time.Time    `json:"caduca,omitzero"` // from then on it is not shown; nil: until it is taken away
	En     time.Time     `json:"en"`
}

// Retirada takes it off the map; its history stays.
type Retirada struct {
	Por ident.Usuario `json:"por"`
	En  time.Time     `json:"en"`
}

// EventName implements event.Event.
func (Puesta) EventName() string { return "marca.puesta" }

// EventName implements event.Event.
func (Retirada) EventName() string { return "marca.retirada" }

func (Puesta) esMarca()   {}
func (Retirada) esMarca() {}
