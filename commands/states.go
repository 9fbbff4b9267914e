package commands

import (
	"context"
	"errors"
	"fmt"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/eventstore"
)

// folded is a state and the version it was folded up to.
type folded struct {
	state   any
	version eventstore.Version
}

// states hands out folded aggregates and keeps the recent ones.
type states struct {
	store eventstore.StreamReader

	mu    sync.Mutex // guards check-then-put on cache, and loading
	cache *lru.Cache[eventstore.StreamID, folded]
	// loading counts the loads under way of a stream and remembers the newest version
	// that passed meanwhile: a state that was read before it must not stay in the cache.
	loading map[eventstore.StreamID]*passing
}

type passing struct {
	loads  int
	newest eventstore.Version
}

func newStates(store eventstore.StreamReader, size int) (*states, error) {
	cache, err := lru.New[eventstore.StreamID, folded](size)
	if err != nil {
		return nil, fmt.Errorf("make the cache of states: %w", err)
	}
	return &states{store: store, cache: cache, loading: map[eventstore.StreamID]*passing{}}, nil
}

// load returns the state of a stream, folding what is newer than the cache.
// fresh reads the store even when the cache has an answer.
func (s *states) load(ctx context.Context, stream eventstore.StreamID, fresh bool) (folded, error) {
	agg, err := aggregateOf(stream)
	if err != nil {
		return folded{}, err
	}
	f, ok := s.cache.Get(stream)
	switch {
	case ok && !fresh:
		return f, nil
	case !ok:
		f = folded{state: agg.zero}
	}
	keep := s.begin(stream)
	defer func() { keep(f) }()
	for r, err := range s.store.ReadStream(ctx, stream, f.version) {
		if err != nil {
			f = folded{} // half a history is not kept
			return f, fmt.Errorf("read %s: %w", stream, err)
		}
		if f, err = step(agg, f, r); err != nil {
			return folded{}, err
		}
	}
	return f, nil
}

// begin announces a load; the function it returns ends it and keeps what was
// read, unless a newer fact of the stream passed by while it was being read.
func (s *states) begin(stream eventstore.StreamID) (keep func(folded)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.loading[stream]
	if p == nil {
		p = &passing{}
		s.loading[stream] = p
	}
	p.loads++
	return func(f folded) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if p.loads--; p.loads == 0 {
			delete(s.loading, stream)
		}
		if f.version > 0 && f.version >= p.newest {
			s.putLocked(stream, f)
		}
	}
}

// ErrUnreadable says that a stream holds a fact which this build does not know, or that is damaged:
// it stands for that stream, and says nothing of the others.
var ErrUnreadable = errors.New("a fact cannot be read")

func step(agg aggregate, f folded, r eventstore.Recorded) (folded, error) {
	if r.Event == nil {
		return folded{}, fmt.Errorf("%w: decide on %s v%d (%s): %w", ErrUnreadable, r.Stream, r.Version, r.Type, r.Err)
	}
	state, err := agg.evolve(f.state, r.Event)
	if err != nil {
		return folded{}, fmt.Errorf("%w: fold %s v%d: %w", ErrUnreadable, r.Stream, r.Version, err)
	}
	return folded{state: state, version: r.Version}, nil
}

// put keeps f unless something newer is there already.
func (s *states) put(stream eventstore.StreamID, f folded) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.putLocked(stream, f)
}

func (s *states) putLocked(stream eventstore.StreamID, f folded) {
	if have, ok := s.cache.Peek(stream); !ok || have.version < f.version {
		s.cache.Add(stream, f)
	}
}

// forget drops a state that proved stale.
func (s *states) forget(stream eventstore.StreamID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cache.Remove(stream)
}

// follow folds a fact that anybody appended into the cached state it belongs to.
func (s *states) follow(r eventstore.Recorded) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.loading[r.Stream]; p != nil {
		p.newest = max(p.newest, r.Version)
	}
	have, ok := s.cache.Peek(r.Stream)
	if !ok || have.version >= r.Version {
		return
	}
	agg, err := aggregateOf(r.Stream)
	if err != nil {
		return
	}
	next, err := step(agg, have, r)
	if err != nil || have.version != r.Version-1 {
		s.cache.Remove(r.Stream) // the next order reads it and reports what is wrong
		return
	}
	s.cache.Add(r.Stream, next)
}

// after folds just decided events on top of f.
func (f folded) after(agg aggregate, events []event.Event) (folded, error) {
	for _, e := range events {
		state, err := agg.evolve(f.state, e)
		if err != nil {
			return folded{}, err
		}
		f = folded{state: state, version: f.version + 1}
	}
	return f, nil
}
