package storetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
)

// patience bounds all the waits of a property together. It is long: the machine may be busy.
const patience = 10 * time.Minute

// ID returns a command id that nobody used before.
func ID() (id eventstore.CommandID) {
	_, _ = rand.Read(id[:]) // never fails
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return id
}

var enero = time.Date(2026, 1, 15, 12, 0, 0, 123_456_000, time.UTC)

// fact returns an event that tells n apart from others.
func fact(n int) event.Event {
	return tarea.PrioridadCambiada{Prioridad: tarea.Prioridad(n), En: enero}
}

func drafts(stream eventstore.StreamID, n int) []eventstore.Draft {
	list := make([]eventstore.Draft, n)
	for i := range list {
		list[i] = eventstore.Draft{Stream: stream, Event: fact(i)}
	}
	return list
}

func expect(stream eventstore.StreamID, v eventstore.Version) []eventstore.Expectation {
	return []eventstore.Expectation{{Stream: stream, Version: v}}
}

// write is an append of n events to one stream.
func write(stream eventstore.StreamID, v eventstore.Version, n int) eventstore.Append {
	return eventstore.Append{
		Command:  ID(),
		Metadata: eventstore.Metadata{Actor: "usuario-1", Correlation: "prueba", Causation: "evento:7"},
		Expected: expect(stream, v), Events: drafts(stream, n), Answer: []byte(`{"stream":"` + string(stream) + `"}`),
	}
}

var errTomado = fault.New(fault.Conflict, "prueba_tomado", "ya lo tiene otro")

// Write is an append of n events to one stream that is at version v, for tests of adapters.
func Write(stream eventstore.StreamID, v eventstore.Version, n int) eventstore.Append {
	return write(stream, v, n)
}

// bench is one property at work: a log, and what its stores have answered.
type bench struct {
	testing.TB
	w   World
	ctx context.Context //nolint:containedctx // the test's, for every call of the property
	s   eventstore.Store
}

func start(t testing.TB, w World) *bench {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return &bench{TB: t, w: w, ctx: ctx, s: w.Open(t)}
}

// must appends and returns the receipt of a command that has to be accepted.
func (b *bench) must(s eventstore.Store, a eventstore.Append) eventstore.Receipt {
	b.Helper()
	r, err := s.Append(b.ctx, a)
	if err != nil {
		b.Fatalf("append %s: %v", a.Command, err)
	}
	return r
}

// refused appends what has to be refused.
func (b *bench) refused(s eventstore.Store, a eventstore.Append, want error) {
	b.Helper()
	if r, err := s.Append(b.ctx, a); !errors.Is(err, want) {
		b.Fatalf("append: got %+v, %v; want %v", r, err, want)
	}
}

// taken appends what has to be refused because of what another stream holds.
func (b *bench) taken(s eventstore.Store, a eventstore.Append, by eventstore.StreamID) {
	b.Helper()
	_, err := s.Append(b.ctx, a)
	if cause, ok := errors.AsType[eventstore.TakenError](err); !errors.Is(err, errTomado) || !ok || cause.By != by {
		b.Fatalf("append: got %v; want %v because of %s", err, errTomado, by)
	}
}

// log reads everything and checks that positions and versions are dense and in order.
func (b *bench) log(s eventstore.Store) []eventstore.Recorded {
	b.Helper()
	var (
		all      []eventstore.Recorded
		versions = map[eventstore.StreamID]eventstore.Version{}
		at       time.Time
	)
	for {
		next, err := s.ReadLog(b.ctx, eventstore.Position(len(all)), 100)
		if err != nil {
			b.Fatalf("read the log after %d: %v", len(all), err)
		}
		for _, r := range next {
			all = append(all, r)
			if r.Position != eventstore.Position(len(all)) {
				b.Fatalf("position %d stands where %d belongs", r.Position, len(all))
			}
			if versions[r.Stream]++; r.Version != versions[r.Stream] {
				b.Fatalf("position %d is version %d of %s, want %d", r.Position, r.Version, r.Stream, versions[r.Stream])
			}
			if r.RecordedAt.Before(at) {
				b.Fatalf("position %d was recorded at %s, before %s", r.Position, r.RecordedAt, at)
			}
			at = r.RecordedAt
		}
		if len(next) == 0 {
			break
		}
	}
	head, err := s.Head(b.ctx)
	if err != nil {
		b.Fatalf("read the head: %v", err)
	}
	if head != eventstore.Position(len(all)) {
		b.Fatalf("the head is %d and the log ends at %d", head, len(all))
	}
	return all
}

// holds checks the log against receipts: everything acknowledged is there, once.
func (b *bench) holds(s eventstore.Store, receipts ...eventstore.Receipt) {
	b.Helper()
	all := b.log(s)
	byCommand := map[eventstore.CommandID][]eventstore.Position{}
	for _, r := range all {
		byCommand[r.Command] = append(byCommand[r.Command], r.Position)
	}
	for _, r := range receipts {
		var want []eventstore.Position
		for p := r.First; p > 0 && p <= r.Last; p++ {
			want = append(want, p)
		}
		if diff := cmp.Diff(want, byCommand[r.Command]); diff != "" {
			b.Fatalf("events of command %s (-acknowledged +log):\n%s", r.Command, diff)
		}
		found, ok, err := s.Command(b.ctx, r.Command)
		if err != nil || !ok {
			b.Fatalf("acknowledged command %s: found %v, %v", r.Command, ok, err)
		}
		b.same(found, r)
	}
}

// same compares receipts, whether repeated or not.
func (b *bench) same(got, want eventstore.Receipt) {
	b.Helper()
	got.Repeated, want.Repeated = false, false
	got.Fingerprint, want.Fingerprint = nil, nil // only a look-up finds it
	if diff := cmp.Diff(want, got, cmp.Comparer(bytes.Equal)); diff != "" {
		b.Fatalf("receipt (-first +now):\n%s", diff)
	}
}

func (b *bench) stream(s eventstore.Store, id eventstore.StreamID, after eventstore.Version) []eventstore.Recorded {
	b.Helper()
	var all []eventstore.Recorded
	for r, err := range s.ReadStream(b.ctx, id, after) {
		if err != nil {
			b.Fatalf("read %s: %v", id, err)
		}
		all = append(all, r)
	}
	return all
}

func name(format string, args ...any) eventstore.StreamID {
	return eventstore.StreamID(fmt.Sprintf(format, args...))
}
