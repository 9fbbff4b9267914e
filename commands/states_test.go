package commands

import (
	"context"
	"errors"
	"iter"
	"testing"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/zona"
	"github.com/grupo-gad/gad/eventstore"
)

// history is a stream that something happens to while it is being read.
type history struct {
	events []eventstore.Recorded
	during func()
	fail   error
}

func (h history) ReadStream(_ context.Context, _ eventstore.StreamID, after eventstore.Version) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for _, r := range h.events {
			if r.Version > after && !yield(r, nil) {
				return
			}
		}
		if h.during != nil {
			h.during()
		}
		if h.fail != nil {
			yield(eventstore.Recorded{}, h.fail)
		}
	}
}

// TestLoadMeetsAFact: what was read before a fact passed by is answered, and not
// kept: nobody would ever correct it.
func TestLoadMeetsAFact(t *testing.T) {
	t.Parallel()
	id := ident.Zona("0198c0de-0000-7000-8000-000000000001")
	stream := eventstore.StreamID(id.Stream())
	defined := eventstore.Recorded{Stream: stream, Version: 1, Event: zona.Definida{ID: id}}
	gone := eventstore.Recorded{Stream: stream, Version: 2, Event: zona.Eliminada{}}

	s, err := newStates(nil, 8)
	if err != nil {
		t.Fatal(err)
	}
	s.store = history{events: []eventstore.Recorded{defined}, during: func() { s.follow(gone) }}
	if f, err := s.load(t.Context(), stream, false); err != nil || f.version != 1 {
		t.Fatalf("loaded version %d, %v", f.version, err)
	}
	s.store = history{events: []eventstore.Recorded{defined, gone}}
	if f, err := s.load(t.Context(), stream, false); err != nil || f.version != 2 {
		t.Errorf("the state stays at version %d, %v", f.version, err)
	}
	if len(s.loading) != 0 {
		t.Errorf("%d loads are remembered for ever", len(s.loading))
	}
}

// TestHalfAHistoryIsNotKept: a load that failed leaves nothing behind.
func TestHalfAHistoryIsNotKept(t *testing.T) {
	t.Parallel()
	id := ident.Zona("0198c0de-0000-7000-8000-000000000002")
	away := errors.New("away")
	s, err := newStates(history{
		events: []eventstore.Recorded{{Stream: eventstore.StreamID(id.Stream()), Version: 1, Event: zona.Definida{ID: id}}}, fail: away,
	}, 8)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.load(t.Context(), eventstore.StreamID(id.Stream()), false); !errors.Is(err, away) {
		t.Fatalf("got %v", err)
	}
	if s.cache.Len() != 0 {
		t.Error("half a history is in the cache")
	}
}
