package storetest_test

import (
	"context"
	"iter"
	"runtime"
	"sync"
	"testing"

	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/memory"
	"github.com/grupo-gad/gad/eventstore/storetest"
)

// TestRejectsPlantedStores: a suite that never failed is no evidence. Each of these stores
// breaks the promise in a way that stores in the world do, passes what it does not break, and
// must be caught by the property named. The one that reads the head in the statement of the
// lock needs a real PostgreSQL and is planted in eventstore/postgres.
func TestRejectsPlantedStores(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, caughtBy, passes string
		world                  func(t testing.TB) storetest.World
	}{
		{"tail by bare sequence", "a tailer sees 1 to N", "a stale append leaves nothing", bareSequence},
		{"follow by bare sequence", "a follower sees 1 to N", "a stale append leaves nothing", bareSequence},
		{"acknowledge before commit", "a crash loses no acknowledged command", "a command id is accepted once", earlyAcknowledgement},
		{"stale head after a restore", "a log that moved back goes on from there", "positions and versions are dense", staleHead},
		{"dedupe by a cache", "another process knows the ids", "a command id is accepted once", cachedIDs},
		{"version checked outside the lock", "one writer wins each version", "a stale append leaves nothing", uncheckedVersion},
		{"refusals remembered", "a refusal is not remembered", "a stale append leaves nothing", rememberedRefusals},
		{"no change, no record", "a command that changes nothing is remembered", "a command id is accepted once", forgottenNoChange},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if failures := storetest.Failures(t, c.passes, c.world); len(failures) > 0 {
				t.Fatalf("the planted store fails where it should not, %q: %s", c.passes, failures[0])
			}
			failures := storetest.Failures(t, c.caughtBy, c.world)
			if len(failures) == 0 {
				t.Fatalf("%q did not notice", c.caughtBy)
			}
			t.Logf("caught: %s", failures[0])
		})
	}
}

// TestTheRightStorePasses: what is planted above is the only difference.
func TestTheRightStorePasses(t *testing.T) {
	t.Parallel()
	for _, p := range storetest.Properties() {
		var s memory.Store
		w := storetest.World{Open: func(testing.TB) eventstore.Store { return &s }}
		if p.Needs != nil && !p.Needs(w) {
			continue
		}
		if failures := storetest.Failures(t, p.Name, func(testing.TB) storetest.World { return w }); len(failures) > 0 {
			t.Errorf("%s: %s", p.Name, failures[0])
		}
	}
}

// hiding is a log in which an event has its position some time before it can be seen.
type hiding struct {
	*memory.Store
	mu     sync.Mutex // held while a position is given
	hidden map[eventstore.Position]bool
	moved  chan struct{}
}

func bareSequence(testing.TB) storetest.World {
	s := &hiding{Store: new(memory.Store), hidden: map[eventstore.Position]bool{}, moved: make(chan struct{})}
	return storetest.World{Open: func(testing.TB) eventstore.Store { return s }}
}

func (s *hiding) Append(ctx context.Context, a eventstore.Append) (eventstore.Receipt, error) {
	s.mu.Lock()
	r, err := s.Store.Append(ctx, a)
	for p := r.First; p > 0 && p <= r.Last; p++ {
		s.hidden[p] = true
	}
	s.mu.Unlock()
	for range 20 * (1 + r.First%5) { // commits take as long as they take
		runtime.Gosched()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for p := r.First; p > 0 && p <= r.Last; p++ {
		delete(s.hidden, p)
	}
	close(s.moved)
	s.moved = make(chan struct{})
	return r, err
}

func (s *hiding) window(ctx context.Context, after eventstore.Position, limit int) ([]eventstore.Recorded, <-chan struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all, err := s.Store.ReadLog(ctx, after, 1<<30)
	var seen []eventstore.Recorded
	for _, r := range all {
		if !s.hidden[r.Position] && len(seen) < limit {
			seen = append(seen, r)
		}
	}
	return seen, s.moved, err
}

func (s *hiding) ReadLog(ctx context.Context, after eventstore.Position, limit int) ([]eventstore.Recorded, error) {
	seen, _, err := s.window(ctx, after, limit)
	return seen, err
}

func (s *hiding) Follow(ctx context.Context, after eventstore.Position) iter.Seq2[[]eventstore.Recorded, error] {
	return func(yield func([]eventstore.Recorded, error) bool) {
		for ctx.Err() == nil {
			seen, moved, err := s.window(ctx, after, 100)
			switch {
			case err != nil:
				return
			case len(seen) == 0:
				select {
				case <-moved:
				case <-ctx.Done():
				}
			case !yield(seen, nil):
				return
			default:
				after = seen[len(seen)-1].Position
			}
		}
	}
}

// replaced is a store whose content can be put back: it remembers every append it took.
type replaced struct {
	mu   sync.RWMutex
	s    *memory.Store
	kept []eventstore.Append
}

func (r *replaced) store() *memory.Store {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.s
}

func (r *replaced) Append(ctx context.Context, a eventstore.Append) (eventstore.Receipt, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	receipt, err := r.s.Append(ctx, a)
	if err == nil && !receipt.Repeated {
		r.kept = append(r.kept, a)
	}
	return receipt, err
}

// keep throws away all but the first n appends.
func (r *replaced) keep(ctx context.Context, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.s, r.kept = new(memory.Store), r.kept[:min(n, len(r.kept))]
	for _, a := range r.kept {
		_, _ = r.s.Append(ctx, a) // it was accepted before
	}
}

func (r *replaced) Command(ctx context.Context, id eventstore.CommandID) (eventstore.Receipt, bool, error) {
	return r.store().Command(ctx, id)
}

func (r *replaced) ReadStream(ctx context.Context, id eventstore.StreamID, after eventstore.Version) iter.Seq2[eventstore.Recorded, error] {
	return r.store().ReadStream(ctx, id, after)
}

func (r *replaced) ReadLog(ctx context.Context, after eventstore.Position, limit int) ([]eventstore.Recorded, error) {
	return r.store().ReadLog(ctx, after, limit)
}

func (r *replaced) Head(ctx context.Context) (eventstore.Position, error) { return r.store().Head(ctx) }

func (r *replaced) Follow(ctx context.Context, after eventstore.Position) iter.Seq2[[]eventstore.Recorded, error] {
	return r.store().Follow(ctx, after)
}

// earlyAcknowledgement writes to disk every tenth append only.
func earlyAcknowledgement(testing.TB) storetest.World {
	r := &replaced{s: new(memory.Store)}
	return storetest.World{
		Open: func(testing.TB) eventstore.Store { return r },
		Crash: func(t testing.TB) {
			r.mu.RLock()
			n := len(r.kept)
			r.mu.RUnlock()
			r.keep(t.Context(), n-n%10)
		},
	}
}

// shifted goes on from the head it remembers after the log moved back.
type shifted struct {
	*replaced
	lost eventstore.Position
	from eventstore.Position
}

func staleHead(testing.TB) storetest.World {
	s := &shifted{replaced: &replaced{s: new(memory.Store)}}
	return storetest.World{
		Open: func(testing.TB) eventstore.Store { return s },
		Rewind: func(t testing.TB, to eventstore.Position) {
			head, _ := s.Head(t.Context())
			s.lost, s.from = head-to, to
			s.keep(t.Context(), int(to))
		},
	}
}

func (s *shifted) place(p eventstore.Position) eventstore.Position {
	if s.lost > 0 && p > s.from {
		return p + s.lost
	}
	return p
}

func (s *shifted) Append(ctx context.Context, a eventstore.Append) (eventstore.Receipt, error) {
	r, err := s.replaced.Append(ctx, a)
	r.First, r.Last, r.Head = s.place(r.First), s.place(r.Last), s.place(r.Head)
	return r, err
}

func (s *shifted) ReadLog(ctx context.Context, after eventstore.Position, limit int) ([]eventstore.Recorded, error) {
	all, err := s.replaced.ReadLog(ctx, 0, 1<<30)
	var seen []eventstore.Recorded
	for _, r := range all {
		if r.Position = s.place(r.Position); r.Position > after && len(seen) < limit {
			seen = append(seen, r)
		}
	}
	return seen, err
}

// cached knows the ids of commands only as long as it lives.
type cached struct {
	*memory.Store
	mu  sync.Mutex
	ids map[eventstore.CommandID]eventstore.Receipt
}

func cachedIDs(testing.TB) storetest.World {
	var s memory.Store
	return storetest.World{Open: func(testing.TB) eventstore.Store {
		return &cached{Store: &s, ids: map[eventstore.CommandID]eventstore.Receipt{}}
	}}
}

func (s *cached) Append(ctx context.Context, a eventstore.Append) (eventstore.Receipt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, ok := s.ids[a.Command]; ok {
		r.Repeated = true
		return r, nil
	}
	id := a.Command
	if _, taken, _ := s.Command(ctx, id); taken {
		a.Command = storetest.ID() // nobody looks
		for i := range a.Expected {
			for r, err := range s.ReadStream(ctx, a.Expected[i].Stream, a.Expected[i].Version) {
				if err == nil {
					a.Expected[i].Version = r.Version
				}
			}
		}
	}
	r, err := s.Store.Append(ctx, a)
	if err == nil {
		r.Command = id
		s.ids[id] = r
	}
	return r, err
}

// unchecked compares versions before it takes the lock, as a cache in front of a log does.
type unchecked struct{ *memory.Store }

func uncheckedVersion(testing.TB) storetest.World {
	s := unchecked{new(memory.Store)}
	return storetest.World{Open: func(testing.TB) eventstore.Store { return s }}
}

func (s unchecked) version(ctx context.Context, id eventstore.StreamID) (v eventstore.Version) {
	for r, err := range s.ReadStream(ctx, id, 0) {
		if err == nil {
			v = r.Version
		}
	}
	return v
}

func (s unchecked) Append(ctx context.Context, a eventstore.Append) (eventstore.Receipt, error) {
	for _, e := range a.Expected {
		if s.version(ctx, e.Stream) != e.Version {
			return eventstore.Receipt{}, eventstore.ErrStale
		}
	}
	for range 50 {
		runtime.Gosched()
	}
	for {
		for i := range a.Expected {
			a.Expected[i].Version = s.version(ctx, a.Expected[i].Stream)
		}
		r, err := s.Store.Append(ctx, a)
		if err == nil {
			return r, nil
		}
	}
}

// grudging answers a refused id with the same refusal for ever.
type grudging struct {
	*memory.Store
	refused sync.Map
}

func rememberedRefusals(testing.TB) storetest.World {
	s := &grudging{Store: new(memory.Store)}
	return storetest.World{Open: func(testing.TB) eventstore.Store { return s }}
}

func (s *grudging) Append(ctx context.Context, a eventstore.Append) (eventstore.Receipt, error) {
	if err, ok := s.refused.Load(a.Command); ok {
		return eventstore.Receipt{}, err.(error)
	}
	r, err := s.Store.Append(ctx, a)
	if err != nil {
		s.refused.Store(a.Command, err)
	}
	return r, err
}

// lazy records only what changes something.
type lazy struct{ *memory.Store }

func forgottenNoChange(testing.TB) storetest.World {
	s := lazy{new(memory.Store)}
	return storetest.World{Open: func(testing.TB) eventstore.Store { return s }}
}

func (s lazy) Append(ctx context.Context, a eventstore.Append) (eventstore.Receipt, error) {
	if _, known, _ := s.Command(ctx, a.Command); len(a.Events) > 0 || known {
		return s.Store.Append(ctx, a)
	}
	head, err := s.Head(ctx)
	return eventstore.Receipt{Command: a.Command, Head: head, Answer: a.Answer}, err
}
