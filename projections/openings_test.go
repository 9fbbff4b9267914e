package projections

import (
	"context"
	"errors"
	"maps"
	"testing"

	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
)

// titles is a projection that needs nothing but titles.
type titles struct{ Projection }

func (titles) Sealed(e event.Event) []sealed.Commitment {
	return []sealed.Commitment{e.(tarea.Creada).Titulo}
}

// safe answers from a map, after one refusal if there is one, and keeps what it was asked for.
type safe struct {
	refusal error
	texts   map[sealed.Commitment]string
	asked   [][]sealed.Commitment
}

func (s *safe) Reveal(_ context.Context, of []sealed.Commitment) (map[sealed.Commitment]string, error) {
	s.asked = append(s.asked, of)
	if err := s.refusal; err != nil {
		s.refusal = nil
		return nil, err
	}
	found := map[sealed.Commitment]string{}
	for _, c := range of {
		if text, ok := s.texts[c]; ok {
			found[c] = text
		}
	}
	return found, nil
}

// TestOpenings: the texts of the next window are there before it is written; what could not be
// opened ahead, or is no longer there, is asked for again; and a window that comes out of turn
// gets nothing that was opened for another.
func TestOpenings(t *testing.T) {
	t.Parallel()
	a, b, gone := sealed.Commit("x", "a", sealed.Salt{}, "A"), sealed.Commit("x", "b", sealed.Salt{}, "B"), sealed.Commit("x", "c", sealed.Salt{}, "C")
	window := func(at eventstore.Position, titles ...sealed.Commitment) (w []eventstore.Recorded) {
		for i, c := range titles {
			w = append(w, eventstore.Recorded{Position: at + eventstore.Position(i), Event: tarea.Creada{Titulo: c}})
		}
		return w
	}
	first, second, third := window(1, b), window(2, a, gone), window(4, b)
	for name, c := range map[string]struct {
		refusal error
		write   []eventstore.Recorded
		asked   int // times, in all
	}{
		"in turn":       {nil, second, 2}, // ahead, and once more for what is gone
		"vault away":    {errors.New("away"), second, 2},
		"out of turn":   {nil, third, 2},
		"last of them":  {nil, window(2, a), 1},
		"other content": {nil, window(2, b), 2},
	} {
		s := &safe{refusal: c.refusal, texts: map[sealed.Commitment]string{a: "A", b: "B"}}
		o := openings{applier: applier{p: titles{}, texts: s}}
		o.of(t.Context(), first, second)
		now := o.of(t.Context(), c.write, nil)
		o.close()
		var of []sealed.Commitment
		want := map[sealed.Commitment]string{}
		for _, r := range c.write {
			title := r.Event.(tarea.Creada).Titulo
			of = append(of, title)
			if text, ok := s.texts[title]; ok {
				want[title] = text
			}
		}
		got, err := now.texts.Reveal(t.Context(), of)
		if err != nil || !maps.Equal(got, want) || len(s.asked) != c.asked {
			t.Errorf("%s: got %v, want %v; asked %d times (%v)", name, got, want, len(s.asked), err)
		}
	}
}
