package storetest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
)

func readBack(t testing.TB, w World) {
	b := start(t, w)
	a := write("tarea-1", 0, 0)
	creada := tarea.Creada{
		ID: "7b0c4b0a-0000-7000-8000-000000000001", Codigo: "T-ÑANDÚ \"<&>\"", Tipo: tarea.Emergencia, Prioridad: tarea.Alta,
		InicioProgramado: enero, Ubicacion: &tarea.Ubicacion{}, En: enero,
	}
	creada.Ubicacion.Lat, creada.Ubicacion.Lon = -34.6037, 1e-7
	a.Events = []eventstore.Draft{{Stream: "tarea-1", Event: creada}}
	receipt := b.must(b.s, a)
	if receipt.First != 1 || receipt.Last != 1 || receipt.Head != 1 || receipt.Repeated || receipt.Command != a.Command {
		t.Fatalf("receipt %+v", receipt)
	}
	if diff := cmp.Diff(expect("tarea-1", 1), receipt.Streams); diff != "" {
		t.Fatalf("streams of the receipt:\n%s", diff)
	}
	for _, s := range []eventstore.Store{b.s, w.Open(t)} {
		got := b.log(s)
		if len(got) != 1 {
			t.Fatalf("the log holds %d events", len(got))
		}
		want := eventstore.Recorded{
			Position: 1, Stream: "tarea-1", Version: 1, Type: "tarea.creada", Schema: 1, RecordedAt: receipt.RecordedAt,
			Metadata: a.Metadata, Command: a.Command, Payload: got[0].Payload, Event: creada,
		}
		if diff := cmp.Diff(want, got[0]); diff != "" {
			t.Fatalf("read back (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(got, b.stream(s, "tarea-1", 0)); diff != "" {
			t.Fatalf("log and stream differ:\n%s", diff)
		}
		b.holds(s, receipt)
	}
}

func dense(t testing.TB, w World) {
	b := start(t, w)
	var receipts []eventstore.Receipt
	for i := range eventstore.Version(7) {
		for _, stream := range []eventstore.StreamID{"tarea-1", "tarea-2"} {
			receipts = append(receipts, b.must(b.s, write(stream, 3*i, 3)))
		}
	}
	b.holds(b.s, receipts...)
	if n := len(b.stream(b.s, "tarea-2", 20)); n != 1 {
		t.Fatalf("after version 20 of 21 there are %d events", n)
	}
	if n := len(b.stream(b.s, "tarea-3", 0)); n != 0 {
		t.Fatalf("a stream that does not exist has %d events", n)
	}
	window, err := b.s.ReadLog(b.ctx, 10, 5)
	if err != nil || len(window) != 5 || window[0].Position != 11 {
		t.Fatalf("window after 10 of at most 5: %d events, %v", len(window), err)
	}
}

func stale(t testing.TB, w World) {
	b := start(t, w)
	first := b.must(b.s, write("tarea-1", 0, 2))
	for _, v := range []eventstore.Version{0, 1, 3, 99} {
		b.refused(b.s, write("tarea-1", v, 2), eventstore.ErrStale)
	}
	b.refused(b.s, write("tarea-2", 1, 1), eventstore.ErrStale)
	b.holds(b.s, first, b.must(b.s, write("tarea-1", 2, 1)))
}

func together(t testing.TB, w World) {
	b := start(t, w)
	first := b.must(b.s, write("tarea-1", 0, 1))
	both := eventstore.Append{
		Command:  ID(),
		Expected: []eventstore.Expectation{{Stream: "tarea-1", Version: 1}, {Stream: "efectivo-1", Version: 0}},
		Events: []eventstore.Draft{
			{Stream: "efectivo-1", Event: fact(1)}, {Stream: "tarea-1", Event: fact(2)}, {Stream: "efectivo-1", Event: fact(3)},
		},
	}
	wrong := both
	wrong.Command, wrong.Expected = ID(), []eventstore.Expectation{{Stream: "efectivo-1", Version: 0}, {Stream: "tarea-1", Version: 0}}
	b.refused(b.s, wrong, eventstore.ErrStale)
	if n := len(b.stream(b.s, "efectivo-1", 0)); n != 0 {
		t.Fatalf("a refused append left %d events in the other stream", n)
	}
	receipt := b.must(b.s, both)
	want := []eventstore.Expectation{{Stream: "efectivo-1", Version: 2}, {Stream: "tarea-1", Version: 2}}
	if diff := cmp.Diff(want, receipt.Streams); diff != "" {
		t.Fatalf("streams of the receipt:\n%s", diff)
	}
	b.holds(b.s, first, receipt)
}

func readOnly(t testing.TB, w World) {
	b := start(t, w)
	other := b.must(b.s, write("zona-1", 0, 1))
	a := write("tarea-1", 0, 1)
	a.Expected = append(a.Expected, eventstore.Expectation{Stream: "zona-1", Version: 0})
	b.refused(b.s, a, eventstore.ErrStale)
	a.Expected[1].Version = 2
	b.refused(b.s, a, eventstore.ErrStale)
	a.Expected[1].Version = 1
	absent := write("tarea-2", 0, 1)
	absent.Expected = append(absent.Expected, eventstore.Expectation{Stream: "zona-2", Version: 0})
	b.holds(b.s, other, b.must(b.s, a), b.must(b.s, absent))
	noEvents := eventstore.Append{Command: ID(), Expected: expect("zona-1", 0)}
	b.refused(b.s, noEvents, eventstore.ErrStale)
}

func bounds(t testing.TB, w World) {
	b := start(t, w)
	for _, limit := range []int{-1, 0, 1, 1 << 60} {
		if events, err := b.s.ReadLog(b.ctx, 0, limit); err != nil || len(events) != 0 {
			t.Fatalf("empty log, limit %d: %d events, %v", limit, len(events), err)
		}
	}
	receipt := b.must(b.s, write("tarea-1", 0, 300))
	if events, err := b.s.ReadLog(b.ctx, 0, 1<<60); err != nil || len(events) != 300 {
		t.Fatalf("whole log: %d events, %v", len(events), err)
	}
	if events, err := b.s.ReadLog(b.ctx, 300, 10); err != nil || len(events) != 0 {
		t.Fatalf("beyond the end: %d events, %v", len(events), err)
	}
	// Mistakes of the caller are neither accepted nor refusals.
	foreign := write("tarea-2", 0, 1)
	foreign.Events[0].Stream = "tarea-3"
	noID := write("tarea-2", 0, 1)
	noID.Command = eventstore.CommandID{}
	nul := write("tarea-2", 0, 1)
	nul.Metadata.Actor = "a\x00b"
	for _, a := range []eventstore.Append{foreign, noID, nul} {
		if _, err := b.s.Append(b.ctx, a); err == nil || fault.KindOf(err) != fault.Internal {
			t.Fatalf("got %v for a caller's mistake", err)
		}
	}
	b.holds(b.s, receipt)
}
