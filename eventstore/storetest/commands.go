package storetest

import (
	"errors"
	"sync"
	"testing"

	"github.com/grupo-gad/gad/eventstore"
)

func repeated(t testing.TB, w World) {
	b := start(t, w)
	a := write("tarea-1", 0, 2)
	first := b.must(b.s, a)
	for range 3 {
		again := b.must(b.s, a)
		if !again.Repeated {
			t.Fatal("a repeat is not called one")
		}
		b.same(again, first)
	}
	// Whatever else it says by now: a repeat is known by its id.
	b.same(b.must(b.s, eventstore.Append{Command: a.Command}), first)
	b.holds(b.s, first)
}

func noChange(t testing.TB, w World) {
	b := start(t, w)
	one := b.must(b.s, write("tarea-1", 0, 1))
	nothing := eventstore.Append{Command: ID(), Expected: expect("tarea-1", 1), Answer: []byte("nada que hacer")}
	first := b.must(b.s, nothing)
	if first.First != 0 || first.Last != 0 || first.Head != 1 || string(first.Answer) != "nada que hacer" {
		t.Fatalf("receipt %+v", first)
	}
	two := b.must(b.s, write("tarea-1", 1, 1))
	again := b.must(b.s, nothing) // its expectation is stale by now
	if !again.Repeated {
		t.Fatal("a repeat is not called one")
	}
	b.same(again, first)
	b.holds(b.s, one, first, two)
}

func reused(t testing.TB, w World) {
	b := start(t, w)
	a := write("tarea-1", 0, 1)
	a.Fingerprint = []byte("huella de la primera")
	first := b.must(b.s, a)
	b.same(b.must(b.s, a), first)
	other := write("tarea-2", 0, 1)
	other.Command, other.Fingerprint = a.Command, []byte("huella de otra")
	b.refused(b.s, other, eventstore.ErrCommandReused)
	b.holds(b.s, first)
}

func refusalForgotten(t testing.TB, w World) {
	b := start(t, w)
	a := write("tarea-1", 1, 1)
	b.refused(b.s, a, eventstore.ErrStale)
	if _, ok, err := b.s.Command(b.ctx, a.Command); ok || err != nil {
		t.Fatalf("a refused command is known: %v, %v", ok, err)
	}
	first := b.must(b.s, write("tarea-1", 0, 1))
	second := b.must(b.s, a) // the same id, now that it is right
	if second.Repeated {
		t.Fatal("the first acceptance is called a repeat")
	}
	b.holds(b.s, first, second)
}

func idsAcross(t testing.TB, w World) {
	b := start(t, w)
	var (
		receipts []eventstore.Receipt
		asked    []eventstore.Append
	)
	for i := range 40 {
		a := write(name("tarea-%d", i), 0, i%3)
		if i%3 == 0 {
			a.Expected = nil
		}
		asked, receipts = append(asked, a), append(receipts, b.must(b.s, a))
	}
	other := w.Open(t)
	for i, a := range asked {
		again := b.must(other, a)
		if !again.Repeated {
			t.Fatalf("command %d was accepted twice", i)
		}
		b.same(again, receipts[i])
	}
	b.holds(other, receipts...)
}

func sameIDAtOnce(t testing.TB, w World) {
	b := start(t, w)
	stores := []eventstore.Store{b.s, w.Open(t)}
	a := write("tarea-1", 0, 1)
	var (
		wg       sync.WaitGroup
		mu       sync.Mutex
		receipts []eventstore.Receipt
	)
	for i := range 32 {
		wg.Go(func() {
			r, err := stores[i%2].Append(b.ctx, a)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Errorf("append: %v", err)
				return
			}
			receipts = append(receipts, r)
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	firsts := 0
	for _, r := range receipts {
		b.same(r, receipts[0])
		if !r.Repeated {
			firsts++
		}
	}
	if firsts != 1 {
		t.Fatalf("%d of the answers are called the first", firsts)
	}
	b.holds(b.s, receipts[0])
}

func neighbours(t testing.TB, w World) {
	b := start(t, w)
	b.must(b.s, write("tarea-x", 0, 1))
	var (
		wg sync.WaitGroup
		mu sync.Mutex
		ok []eventstore.Receipt
	)
	for i := range 120 {
		wg.Go(func() {
			a, wrong := write(name("tarea-%d", i), 0, 1), i%4 == 0
			if wrong { // stale in one of its two streams
				a.Expected = append(a.Expected, eventstore.Expectation{Stream: "tarea-x", Version: 7})
			}
			r, err := b.s.Append(b.ctx, a)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case wrong && !errors.Is(err, eventstore.ErrStale):
				t.Errorf("a stale command: got %v", err)
			case !wrong && err != nil:
				t.Errorf("a neighbour was harmed: %v", err)
			case !wrong:
				ok = append(ok, r)
			}
		})
	}
	wg.Wait()
	if len(ok) != 90 {
		t.Fatalf("%d of 90 were accepted", len(ok))
	}
	b.holds(b.s, ok...)
}
