package projections

import (
	"context"
	"maps"
	"sync"

	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/eventstore"
)

// Opener is a Projection that knows from a fact alone which texts its rows will ask for. Those
// of the next window are then opened while one is being written, on the other processor.
type Opener interface {
	Projection
	Sealed(e event.Event) []sealed.Commitment
}

// openings opens texts for windows that wait. Its owner calls close.
type openings struct {
	applier
	running sync.WaitGroup
	next    *opened
}

// opened is the texts of one window.
type opened struct {
	Texts
	from  eventstore.Position
	done  chan struct{}
	texts map[sealed.Commitment]string
}

// of returns the applier for a window; waiting is the one after it, if there is one already.
// No window is opened earlier than that: who erases a text must not find it written later.
func (a *openings) of(ctx context.Context, window, waiting []eventstore.Recorded) applier {
	now := a.applier
	if a.next != nil && a.next.from == window[0].Position {
		now.texts = a.next
	}
	a.next = nil
	p, ok := a.p.(Opener)
	if !ok || len(waiting) == 0 {
		return now
	}
	var texts []sealed.Commitment
	for _, r := range waiting {
		if r.Event != nil {
			texts = append(texts, p.Sealed(r.Event)...)
		}
	}
	o := &opened{Texts: a.texts, from: waiting[0].Position, done: make(chan struct{})}
	a.next = o
	a.running.Go(func() {
		defer close(o.done)
		// Whatever fails here is asked again when it is needed, and fails there.
		o.texts, _ = o.Texts.Reveal(ctx, texts)
	})
	return now
}

func (a *openings) close() { a.running.Wait() }

// Reveal implements Texts. What was not opened ahead, or was erased, is asked for now.
func (o *opened) Reveal(ctx context.Context, of []sealed.Commitment) (map[sealed.Commitment]string, error) {
	select {
	case <-o.done:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	found := make(map[sealed.Commitment]string, len(of))
	var missing []sealed.Commitment
	for _, c := range of {
		if text, ok := o.texts[c]; ok {
			found[c] = text
		} else {
			missing = append(missing, c)
		}
	}
	if len(missing) == 0 {
		return found, nil
	}
	rest, err := o.Texts.Reveal(ctx, missing)
	if err != nil && rest == nil {
		return nil, err
	}
	maps.Copy(found, rest)
	return found, err
}
