package storetest

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grupo-gad/gad/domain/claim"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/eventstore"
)

func take(stream eventstore.StreamID, key string) eventstore.Claim {
	return eventstore.Claim{Stream: stream, Change: claim.Change{Space: "prueba.codigo", Key: key, Refusal: errTomado}}
}

func release(stream eventstore.StreamID, space, key string) eventstore.Claim {
	return eventstore.Claim{Stream: stream, Change: claim.Change{Op: claim.Release, Space: space, Key: key}}
}

func hours(stream eventstore.StreamID, from, to int) eventstore.Claim {
	c := eventstore.Claim{Stream: stream, Change: claim.Change{Space: "prueba.horario", Key: "delegado-1", Refusal: errTomado}}
	c.From, c.To = enero.Add(time.Duration(from)*time.Hour), enero.Add(time.Duration(to)*time.Hour)
	return c
}

func with(a eventstore.Append, claims ...eventstore.Claim) eventstore.Append {
	a.Claims = claims
	return a
}

func uniqueClaim(t testing.TB, w World) {
	b := start(t, w)
	first := b.must(b.s, with(write("tarea-1", 0, 1), take("tarea-1", "A")))
	b.refused(b.s, with(write("tarea-2", 0, 1), take("tarea-2", "B"), take("tarea-2", "A")), errTomado)
	b.taken(w.Open(t), with(write("tarea-2", 0, 1), take("tarea-2", "A")), "tarea-1")
	again := b.must(b.s, with(write("tarea-1", 1, 1), take("tarea-1", "A"))) // its own
	// The refused command has not kept B.
	b.holds(b.s, first, again, b.must(b.s, with(write("tarea-3", 0, 1), take("tarea-3", "B"))))
}

func releasedClaim(t testing.TB, w World) {
	b := start(t, w)
	b.must(b.s, with(write("tarea-1", 0, 1), take("tarea-1", "A"), take("tarea-1", "B"), take("tarea-1", "C")))
	// Somebody else's release gives nothing back.
	b.must(b.s, with(write("tarea-2", 0, 1), release("tarea-2", "prueba.codigo", "")))
	b.refused(b.s, with(write("tarea-3", 0, 1), take("tarea-3", "A")), errTomado)
	b.must(b.s, with(write("tarea-1", 1, 1), release("tarea-1", "prueba.codigo", "A")))
	b.must(b.s, with(write("tarea-3", 0, 1), take("tarea-3", "A")))
	b.refused(b.s, with(write("tarea-4", 0, 1), take("tarea-4", "B")), errTomado)
	b.must(b.s, with(write("tarea-1", 2, 1), release("tarea-1", "prueba.codigo", ""), take("tarea-1", "C")))
	b.must(b.s, with(write("tarea-4", 0, 1), take("tarea-4", "B")))
	b.refused(b.s, with(write("tarea-5", 0, 1), take("tarea-5", "C")), errTomado)
	// Within one command the order counts, and a refusal undoes all of it.
	b.refused(b.s, with(write("tarea-1", 3, 1), release("tarea-1", "prueba.codigo", ""), take("tarea-1", "A")), errTomado)
	b.refused(b.s, with(write("tarea-5", 0, 1), take("tarea-5", "C")), errTomado)
	b.log(b.s)
}

func overlapClaim(t testing.TB, w World) {
	b := start(t, w)
	b.must(b.s, with(write("tarea-1", 0, 1), hours("tarea-1", 8, 12)))
	for _, x := range [][2]int{{8, 12}, {7, 9}, {11, 13}, {9, 10}, {0, 24}} {
		b.taken(b.s, with(write("tarea-2", 0, 1), hours("tarea-2", x[0], x[1])), "tarea-1")
	}
	b.must(b.s, with(write("tarea-2", 0, 1), hours("tarea-2", 12, 14))) // the end is excluded
	b.must(b.s, with(write("tarea-3", 0, 1), hours("tarea-3", 6, 8)))
	// Moving one's own hours: give back, then take.
	b.must(b.s, with(write("tarea-1", 1, 1), release("tarea-1", "prueba.horario", ""), hours("tarea-1", 9, 11)))
	b.taken(b.s, with(write("tarea-1", 2, 1), release("tarea-1", "prueba.horario", ""), hours("tarea-1", 9, 13)), "tarea-2")
	b.must(b.s, with(write("tarea-4", 0, 1), hours("tarea-4", 8, 9)))
	b.log(b.s)
}

func secretClaim(t testing.TB, w World) {
	b := start(t, w)
	register := func(stream eventstore.StreamID, salt byte, space, normal string) eventstore.Append {
		text := sealed.Text{Owner: string(stream), Field: "email", Value: normal, Index: normal, Salt: sealed.Salt{salt}}
		a := write(stream, 0, 1)
		a.Secrets = []sealed.Text{{Owner: string(stream), Field: "dni"}, text} // the first is empty: there is none
		a.Claims = []eventstore.Claim{{Stream: stream, Change: claim.Change{Space: space, Secret: text.Commitment(), Refusal: errTomado}}}
		return a
	}
	first := b.must(b.s, register("usuario-1", 1, "prueba.email", "ana@ejemplo.org"))
	b.refused(b.s, register("usuario-2", 2, "prueba.email", "ana@ejemplo.org"), errTomado)
	second := b.must(b.s, register("usuario-2", 3, "prueba.email", "eva@ejemplo.org"))
	third := b.must(w.Open(t), register("usuario-3", 4, "prueba.otro", "ana@ejemplo.org"))
	missing := register("usuario-4", 5, "prueba.email", "luz@ejemplo.org")
	missing.Secrets = nil
	if _, err := b.s.Append(b.ctx, missing); err == nil {
		t.Fatal("a claim without its text was accepted")
	}
	b.holds(b.s, first, second, third)
}

func claimRace(t testing.TB, w World) {
	b := start(t, w)
	stores := []eventstore.Store{b.s, w.Open(t)}
	var (
		wg   sync.WaitGroup
		wins atomic.Int32
	)
	for i := range 48 {
		wg.Go(func() {
			stream := name("tarea-%d", i)
			_, err := stores[i%2].Append(b.ctx, with(write(stream, 0, 1), hours(stream, 8, 10), take(stream, "K"), release(stream, "prueba.otro", "")))
			switch {
			case err == nil:
				wins.Add(1)
			case !errors.Is(err, errTomado):
				t.Errorf("append: %v", err)
			}
		})
	}
	wg.Wait()
	if n := wins.Load(); n != 1 {
		t.Fatalf("%d commands hold one key", n)
	}
	if n := len(b.log(b.s)); n != 1 {
		t.Fatalf("the log holds %d events", n)
	}
}
