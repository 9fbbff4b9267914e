package commands

import (
	"context"

	"github.com/grupo-gad/gad/domain/aprobacion"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/domain/zona"
	"github.com/grupo-gad/gad/eventstore"
)

// Refresh brings the state that is kept of a stream level with the log. Whoever acts on a fact
// that he was told of asks for this first: the fact may have come to him before it came here.
func (d *Dispatcher) Refresh(ctx context.Context, stream eventstore.StreamID) error {
	_, err := d.states.load(ctx, stream, true)
	return err
}

// Efectivo returns the state on which an order to this Efectivo would be
// decided now. It may lag behind other processes by a wake-up.
func (d *Dispatcher) Efectivo(ctx context.Context, id ident.Efectivo) (efectivo.State, error) {
	f, err := d.states.load(ctx, eventstore.StreamID(id.Stream()), false)
	if err != nil {
		return efectivo.State{}, err
	}
	return f.state.(efectivo.State), nil
}

// Tarea returns the state on which an order to this Tarea would be decided now.
func (d *Dispatcher) Tarea(ctx context.Context, id ident.Tarea) (tarea.State, error) {
	f, err := d.states.load(ctx, eventstore.StreamID(id.Stream()), false)
	if err != nil {
		return tarea.State{}, err
	}
	return f.state.(tarea.State), nil
}

// Usuario returns the state on which an order to this Usuario would be decided now.
func (d *Dispatcher) Usuario(ctx context.Context, id ident.Usuario) (usuario.State, error) {
	f, err := d.states.load(ctx, eventstore.StreamID(id.Stream()), false)
	if err != nil {
		return usuario.State{}, err
	}
	return f.state.(usuario.State), nil
}

// Zona returns the state on which an order to this Zona would be decided now.
func (d *Dispatcher) Zona(ctx context.Context, id ident.Zona) (zona.State, error) {
	f, err := d.states.load(ctx, eventstore.StreamID(id.Stream()), false)
	if err != nil {
		return zona.State{}, err
	}
	return f.state.(zona.State), nil
}

// Aprobacion returns the state on which an order to this Aprobacion would be decided now.
func (d *Dispatcher) Aprobacion(ctx context.Context, id ident.Aprobacion) (aprobacion.State, error) {
	f, err := d.states.load(ctx, eventstore.StreamID(id.Stream()), false)
	if err != nil {
		return aprobacion.State{}, err
	}
	return f.state.(aprobacion.State), nil
}
