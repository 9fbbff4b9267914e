package commands

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/grupo-gad/gad/domain/auditoria"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/eventstore"
)

// maxOfferAttempts bounds how often an offer that lost its race goes to the next
// candidate. Within a process nobody loses one (holds); other processes are few.
const maxOfferAttempts = 2 * tarea.MaxCandidatos

// maxLookAttempts bounds how often a look at what is somebody else's is written down again. All
// looks of a reader stand in one stream: nothing but the next one of his own can be in the way,
// and there is nothing to be decided anew that he could be told.
const maxLookAttempts = 64

func attemptsOf(o Order) int {
	if !slices.ContainsFunc(o.Commands, func(cmd Command) bool { _, ok := cmd.(auditoria.Command); return !ok }) {
		return maxLookAttempts
	}
	if slices.ContainsFunc(o.Commands, func(cmd Command) bool { _, ok := cmd.(tarea.Ofertante); return ok }) {
		return maxOfferAttempts
	}
	return maxAttempts
}

// Recomendador says who should go to a place, best first; siguientes are the suitable ones
// who come after those the recommendation keeps.
type Recomendador interface {
	Recomendar(ctx context.Context, lugar geo.Punto, en time.Time, k tarea.Criterios, probados ...ident.Efectivo) (
		r tarea.Recomendacion, siguientes []ident.Efectivo, err error)
}

// searchTime bounds how long an order waits for a recommendation unless Options.Search does:
// without one it is as if there were nobody, and the policies look again.
const searchTime = time.Second

// offer fills in to whom a Tarea is offered: to the first free one of the recommendation it
// has, or of one that is computed anew.
func (u *unit) offer(ctx context.Context, s tarea.State, o tarea.Ofertante) (Command, error) {
	found, err := u.choose(ctx, o.Busca(s))
	if err != nil || found.Libre != "" || u.recommend == nil {
		return o.Con(found), err
	}
	search, ok := o.Renueva(s)
	if !ok {
		return o.Con(found), nil
	}
	bounded, cancel := context.WithTimeout(ctx, u.search)
	r, siguientes, err := u.recommend.Recomendar(bounded, search.Lugar, search.En, search.Criterios, search.Probados...)
	cancel()
	if err != nil {
		return o.Con(found), ctx.Err()
	}
	if found, err = u.choose(ctx, append(r.Efectivos(), siguientes...)); err != nil {
		return nil, err
	}
	found.Nueva = &tarea.Nueva{Recomendacion: r, Siguientes: siguientes}
	return o.Con(found), nil
}

// choose finds the first free candidate of an offer and holds him until the order is
// over. Those who are busy are passed over without being named in the append: it does
// not matter to the offer if one of them is freed meanwhile.
func (u *unit) choose(ctx context.Context, candidates []ident.Efectivo) (found tarea.Hallazgo, err error) {
	fresh := u.fresh
	for {
		var wait <-chan struct{} // of the best one whom another order is about to bind
		for _, id := range candidates {
			released, ok := u.holds.take(id)
			if !ok {
				if wait == nil {
					wait = released
				}
				continue
			}
			f, err := u.peek(ctx, id, fresh)
			if err != nil {
				u.holds.release(id)
				return found, err
			}
			who := f.state.(efectivo.State)
			shut, err := u.shut(ctx, who, fresh)
			if err != nil {
				u.holds.release(id)
				return found, err
			}
			if who.Libre() && !shut {
				u.held = append(u.held, id)
				u.keep(eventstore.StreamID(id.Stream()), f)
				return tarea.Hallazgo{Libre: id, Aceleracion: who.Aceleracion()}, nil
			}
			u.holds.release(id)
		}
		if wait == nil && (fresh || len(candidates) == 0) {
			return found, nil
		}
		if wait == nil {
			fresh = true // that there is nobody is never said on old news
			continue
		}
		// All that are left are being bound. If one of those orders comes to nothing he
		// is free, and saying that there is nobody would be wrong.
		select {
		case <-wait:
		case <-ctx.Done():
			return found, ctx.Err()
		}
	}
}

// shut reports whether a free one could not answer: his Usuario was blocked, or has left, since
// the recommendation was made.
func (u *unit) shut(ctx context.Context, who efectivo.State, fresh bool) (bool, error) {
	if !who.Libre() || who.Usuario() == "" {
		return false, nil
	}
	f, err := u.states.load(ctx, eventstore.StreamID(who.Usuario().Stream()), fresh)
	if err != nil {
		return false, err
	}
	return f.state.(usuario.State).SinAcceso(), nil
}

// peek is how an Efectivo stands, without naming him in the append.
func (u *unit) peek(ctx context.Context, id ident.Efectivo, fresh bool) (folded, error) {
	stream := eventstore.StreamID(id.Stream())
	if f, ok := u.now[stream]; ok {
		return f, nil
	}
	return u.states.load(ctx, stream, fresh)
}

// letGo ends the holds of a unit, whatever became of it.
func (u *unit) letGo() {
	for _, id := range u.held {
		u.holds.release(id)
	}
	u.held = nil
}

// holds are the Efectivos whom orders of this process are about to bind: offers that
// come at the same time go to different people at the first attempt.
type holds struct {
	mu sync.Mutex
	by map[ident.Efectivo]chan struct{} // closed at release
}

func newHolds() *holds { return &holds{by: map[ident.Efectivo]chan struct{}{}} }

// take holds id, or returns what closes when whoever holds him lets go.
func (h *holds) take(id ident.Efectivo) (released <-chan struct{}, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if c, held := h.by[id]; held {
		return c, false
	}
	h.by[id] = make(chan struct{})
	return nil, true
}

func (h *holds) release(id ident.Efectivo) {
	h.mu.Lock()
	defer h.mu.Unlock()
	close(h.by[id])
	delete(h.by, id)
}
