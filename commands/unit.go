package commands

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/grupo-gad/gad/domain"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/eventstore"
)

// unit is one attempt at an order: the states it read, and what it decided.
type unit struct {
	states *states
	fresh  bool

	read    []eventstore.Expectation // in the order of reading, as found in the store
	now     map[eventstore.StreamID]folded
	events  []eventstore.Draft
	secrets []sealed.Text

	holds     *holds
	held      []ident.Efectivo // held for this unit
	recommend Recomendador     // nil: nobody knows
	search    time.Duration    // how long he is waited for
}

func newUnit(d *Dispatcher, fresh bool) *unit {
	return &unit{states: d.states, holds: d.holds, recommend: d.recommend, search: d.search, fresh: fresh, now: make(map[eventstore.StreamID]folded, 2)}
}

// run decides one command on top of what the unit decided already, and then
// what follows from it for other aggregates.
func (u *unit) run(ctx context.Context, cmd Command) error {
	stream := eventstore.StreamID(cmd.StreamID())
	agg, err := aggregateOf(stream)
	if err != nil {
		return err
	}
	f, err := u.state(ctx, stream, opens(cmd))
	if err != nil {
		return err
	}
	switch o := cmd.(type) {
	case tarea.Ofertante:
		if cmd, err = u.offer(ctx, f.state.(tarea.State), o); err != nil {
			return err
		}
	case tarea.OfrecerA:
		who, err := u.peek(ctx, o.Efectivo, u.fresh)
		if err != nil {
			return err
		}
		cmd = o.AlRitmo(who.state.(efectivo.State).Aceleracion())
	}
	decided, err := agg.decide(f.state, cmd)
	if err != nil || len(decided) == 0 {
		return err
	}
	if u.now[stream], err = f.after(agg, decided); err != nil {
		return fmt.Errorf("evolve %s: %w", stream, err)
	}
	for _, e := range decided {
		u.events = append(u.events, eventstore.Draft{Stream: stream, Event: e})
	}
	for _, text := range cmd.Texts() {
		if !text.Empty() {
			u.secrets = append(u.secrets, text)
		}
	}
	before := f.state
	for _, e := range decided {
		if err := u.follow(ctx, cmd, before, e); err != nil {
			return err
		}
		if before, err = agg.evolve(before, e); err != nil {
			return fmt.Errorf("evolve %s: %w", stream, err)
		}
	}
	return nil
}

// follow orders what a fact of a Tarea means for its Efectivo. Both facts stand
// in one append: an Efectivo is never bound on one side only. before is the state that the
// fact changes.
func (u *unit) follow(ctx context.Context, cause Command, before any, e event.Event) error {
	var (
		por = cause.Autor()
		id  = ident.Tarea(strings.TrimPrefix(cause.StreamID(), "tarea-"))
	)
	switch e := e.(type) {
	case tarea.EfectivoAsignado:
		return u.bind(ctx, efectivo.Ocupar{
			Orden: efectivo.Orden{ID: e.Efectivo, Por: por, En: e.En}, Tarea: id, Forzar: e.Forzado, Elegido: true,
		})
	case tarea.EfectivoOfrecido:
		_, chosen := cause.(tarea.OfrecerA)
		return u.bind(ctx, efectivo.Ocupar{Orden: efectivo.Orden{ID: e.Efectivo, Por: por, En: e.En}, Tarea: id, Elegido: chosen})
	case tarea.AsignacionRechazada:
		return u.run(ctx, efectivo.Desocupar{Orden: efectivo.Orden{ID: e.Efectivo, Por: por, En: e.En}, Tarea: id, SinTomar: true})
	case tarea.EfectivoLiberado:
		return u.run(ctx, efectivo.Desocupar{
			Orden: efectivo.Orden{ID: e.Efectivo, Por: por, En: e.En}, Tarea: id, SinTomar: before.(tarea.State).Espera(e.Efectivo),
		})
	}
	return nil
}

// bind runs the order that makes an Efectivo busy. Whether somebody chosen by hand may come in at
// all is what his Usuario says, which the append names: he is not blocked meanwhile. Those of a
// ranking were asked when it was read, see shut.
func (u *unit) bind(ctx context.Context, o efectivo.Ocupar) error {
	if o.Elegido {
		f, err := u.state(ctx, eventstore.StreamID(o.StreamID()), false)
		if err != nil {
			return err
		}
		if who := f.state.(efectivo.State).Usuario(); who != "" {
			if f, err = u.state(ctx, eventstore.StreamID(who.Stream()), false); err != nil {
				return err
			}
			o.SinAcceso = f.state.(usuario.State).SinAcceso()
		}
	}
	return u.run(ctx, o)
}

// state returns a stream as this unit sees it and remembers that it was read.
func (u *unit) state(ctx context.Context, stream eventstore.StreamID, opening bool) (folded, error) {
	if f, ok := u.now[stream]; ok {
		return f, nil
	}
	var f folded
	if opening && !u.fresh {
		agg, err := aggregateOf(stream)
		if err != nil {
			return f, err
		}
		f = folded{state: agg.zero}
	} else {
		var err error
		if f, err = u.states.load(ctx, stream, u.fresh); err != nil {
			return f, err
		}
	}
	u.keep(stream, f)
	return f, nil
}

// keep makes what was read of a stream what this unit decides on: if it has moved by the time
// of the append, the race is lost and the order decided anew.
func (u *unit) keep(stream eventstore.StreamID, f folded) {
	if _, ok := u.now[stream]; ok {
		return
	}
	u.now[stream] = f
	u.read = append(u.read, eventstore.Expectation{Stream: stream, Version: f.version})
}

// record is what the store keeps with the command id, for whoever repeats it.
type record struct {
	Stream  eventstore.StreamID `json:"stream"`
	Version eventstore.Version  `json:"version"`
	Codigo  string              `json:"codigo,omitzero"`
}

// append turns the unit into what the store takes.
func (u *unit) append(o Order, codigo string) (eventstore.Append, record, error) {
	first := eventstore.StreamID(o.Commands[0].StreamID())
	rec := record{Stream: first, Version: u.now[first].version, Codigo: codigo}
	answer, err := json.Marshal(rec)
	if err != nil {
		return eventstore.Append{}, rec, fmt.Errorf("write the answer: %w", err)
	}
	a := eventstore.Append{
		Command: o.ID, Fingerprint: o.Fingerprint, Expected: u.read, Events: u.events, Secrets: u.secrets, Answer: answer,
		Metadata: eventstore.Metadata{Actor: actor(o.Commands[0].Autor()), Correlation: o.Correlation, Causation: o.Causation},
	}
	for _, d := range u.events {
		for _, change := range domain.Claims(d.Event) {
			a.Claims = append(a.Claims, eventstore.Claim{Stream: d.Stream, Change: change})
		}
	}
	return a, rec, nil
}

// actor names the author in the log.
func actor(por permiso.Autor) string {
	switch {
	case por.Usuario != "":
		return por.Usuario.Stream()
	case por.Sistema != "":
		return "sistema:" + por.Sistema
	}
	return "sistema"
}
