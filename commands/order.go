package commands

import (
	"context"

	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/eventstore"
)

// Command is an order to one aggregate. The Command of every aggregate package
// satisfies it.
type Command interface {
	StreamID() string
	Autoriza() permiso.Accion
	Autor() permiso.Autor
	Texts() []sealed.Text
}

// Order is one request, which happens as a whole or not at all.
type Order struct {
	ID eventstore.CommandID
	// Keyed: somebody outside chose ID and may be repeating himself, so an
	// earlier acceptance is looked up before deciding.
	Keyed       bool
	Fingerprint []byte // keyed hash of the request; nil when not Keyed
	// Same reports whether a stored fingerprint is that of this request though its bytes
	// differ: it may have been made under another key. Nil: then it is not.
	Same func(ctx context.Context, stored []byte) (bool, error)
	// Commands run in order, each on what the ones before it decided. The first
	// one names the Answer's stream.
	Commands []Command
	// IfMatch is the version the author saw of the first stream; nil accepts any.
	IfMatch     *eventstore.Version
	Correlation string
	Causation   string
}

// Answer is what became of an Order.
type Answer struct {
	Stream   eventstore.StreamID
	Version  eventstore.Version  // of Stream, after the order
	Position eventstore.Position // a read model at this position knows the outcome
	Changed  bool                // false: there was nothing left to do
	Repeated bool                // the order had been accepted before
	// Codigo is the code of the Tarea that the order created, when it did.
	Codigo string
	// Facts are those that the order added to Stream; nil when it had been accepted before.
	Facts []event.Event
}
