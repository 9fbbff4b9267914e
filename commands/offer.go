package commands

import (
	"context"
	"slices"
	"sync"

	"github.com/grupo-gad/gad/domain/auditoria"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
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

// choose finds the first free candidate of an offer and holds him until the order is
// over. Those who are busy are passed over without being named in the append: it does
// not matter to the offer if one of them is freed meanwhile.
func (u *unit) choose(ctx context.Context, s tarea.State, o tarea.Ofertante) (Command, error) {
	candidates, fresh := o.Busca(s), u.fresh
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
			free, err := u.free(ctx, id, fresh)
			if err != nil {
				u.holds.release(id)
				return nil, err
			}
			if free {
				u.held = append(u.held, id)
				return o.Con(id), nil
			}
			u.holds.release(id)
		}
		if wait == nil && (fresh || len(candidates) == 0) {
			return o.Con(""), nil
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
			return nil, ctx.Err()
		}
	}
}

func (u *unit) free(ctx context.Context, id ident.Efectivo, fresh bool) (bool, error) {
	stream := eventstore.StreamID(id.Stream())
	if f, ok := u.now[stream]; ok {
		return f.state.(efectivo.State).Libre(), nil
	}
	f, err := u.states.load(ctx, stream, fresh)
	if err != nil {
		return false, err
	}
	return f.state.(efectivo.State).Libre(), nil
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
