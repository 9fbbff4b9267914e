package aprobacion

import (
	"time"

	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/sealed"
)

// Event is a fact in the life of an Aprobacion.
//
//sumtype:decl
type Event interface {
	event.Event
	esAprobacion()
}

// Solicitada asks for something that takes two.
type Solicitada struct {
	ID     ident.Aprobacion  `json:"id"`
	Pedido Pedido            `json:"pedido"`
	Por    ident.Usuario     `json:"por"`
	Motivo sealed.Commitment `json:"motivo"`
	Vence  time.Time         `json:"vence"`
	En     time.Time         `json:"en"`
}

// Aprobada lets it happen until it expires.
type Aprobada struct {
	Por ident.Usuario `json:"por"`
	En  time.Time     `json:"en"`
}

// Rechazada ends it; the one who asked may take it back in the same way.
type Rechazada struct {
	Por    ident.Usuario     `json:"por"`
	Motivo sealed.Commitment `json:"motivo"`
	En     time.Time         `json:"en"`
}

// Vencida ends what nobody approved, or nobody carried out, in time.
type Vencida struct {
	En time.Time `json:"en"`
}

// Ejecutada says that what was approved happened. Of a skip it is the record.
type Ejecutada struct {
	Pedido   Pedido        `json:"pedido"`
	Por      ident.Usuario `json:"por"`
	Posicion int64         `json:"posicion,omitzero"` // of the event that was skipped
	// First and last position of an export.
	Desde int64     `json:"posicion_desde,omitzero"`
	Hasta int64     `json:"posicion_hasta,omitzero"`
	En    time.Time `json:"en"`
}

// EventName implements event.Event.
func (Solicitada) EventName() string { return "aprobacion.solicitada" }

// EventName implements event.Event.
func (Aprobada) EventName() string { return "aprobacion.aprobada" }

// EventName implements event.Event.
func (Rechazada) EventName() string { return "aprobacion.rechazada" }

// EventName implements event.Event.
func (Vencida) EventName() string { return "aprobacion.vencida" }

// EventName implements event.Event.
func (Ejecutada) EventName() string { return "aprobacion.ejecutada" }

func (Solicitada) esAprobacion() {}
func (Aprobada) esAprobacion()   {}
func (Rechazada) esAprobacion()  {}
func (Vencida) esAprobacion()    {}
func (Ejecutada) esAprobacion()  {}

// Definitions lists every version of every Aprobacion event ever stored.
func Definitions() []event.Definition {
	return []event.Definition{
		event.Current[Solicitada](1),
		event.Current[Aprobada](1),
		event.Current[Rechazada](1),
		event.Current[Vencida](1),
		event.Current[Ejecutada](1),
	}
}
