package tablero_test

import (
	"context"
	"errors"
	"iter"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/ops/pgtest/redistest"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/efectivos"
	"github.com/grupo-gad/gad/projections/tablero"
	"github.com/grupo-gad/gad/projections/tareas"
)

// slow is a log that is followed a fact at a time; after is called when one has been counted.
type slow struct {
	projections.Store
	after func(r eventstore.Recorded)
}

func (s slow) Follow(ctx context.Context, at eventstore.Position) iter.Seq2[[]eventstore.Recorded, error] {
	return func(yield func([]eventstore.Recorded, error) bool) {
		for batch, err := range s.Store.Follow(ctx, at) {
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range batch {
				if !yield(batch[i:i+1], nil) {
					return
				}
				s.after(batch[i])
			}
		}
	}
}

// facts appends to a stream, whatever its aggregate would say.
func (m *mundo) facts(n byte, stream eventstore.StreamID, facts ...event.Event) {
	m.t.Helper()
	a := eventstore.Append{Command: eventstore.CommandID{0: 0xfe, 1: n}, Answer: []byte("{}"), Metadata: eventstore.Metadata{Actor: "sistema:prueba"}}
	at := eventstore.Version(0)
	for r, err := range m.store.ReadStream(m.t.Context(), stream, 0) {
		if err != nil {
			m.t.Fatal(err)
		}
		at = r.Version
	}
	a.Expected = []eventstore.Expectation{{Stream: stream, Version: at}}
	for _, e := range facts {
		a.Events = append(a.Events, eventstore.Draft{Stream: stream, Event: e})
	}
	receipt, err := m.store.Append(m.t.Context(), a)
	if err != nil {
		m.t.Fatal(err)
	}
	m.head = receipt.Head
}

// leave is what befalls people besides their work, and Tareas that are not over when they seem to be.
func (m *mundo) leave() {
	m.t.Helper()
	log, err := m.store.ReadLog(m.t.Context(), 0, int(m.head))
	if err != nil {
		m.t.Fatal(err)
	}
	people, ended := []eventstore.StreamID{}, eventstore.StreamID("")
	for _, r := range log {
		switch r.Event.(type) {
		case efectivo.Registrado:
			people = append(people, r.Stream)
		case tarea.Finalizada:
			ended = r.Stream
		}
	}
	const l = ident.Licencia("00000000-0000-7000-8000-0000000000aa")
	set := func(d efectivo.Disponibilidad, c efectivo.Causa) efectivo.DisponibilidadCambiada {
		return efectivo.DisponibilidadCambiada{Disponibilidad: d, Causa: c, Licencia: l}
	}
	m.facts(1, people[0], set(efectivo.NoDisponible, efectivo.PorOrden), set(efectivo.Disponible, efectivo.PorOrden), efectivo.SOSActivado{}, efectivo.TurnoFinalizado{})
	m.facts(2, people[1], set(efectivo.EnLicencia, efectivo.PorLicencia), set(efectivo.FueraServicio, efectivo.PorFinLicencia))
	m.facts(3, people[2], efectivo.TurnoFinalizado{}, efectivo.DadoDeBaja{}, set(efectivo.FueraServicio, efectivo.PorFinLicencia))
	m.facts(4, ended, tarea.Reabierta{}, tarea.Pausada{}, tarea.Reanudada{}, tarea.Cancelada{})
}

// TestFiguresAreTheNaiveFold: at every one of more than 1,000 positions the counters in Redis are
// what the aggregates themselves come to, and in the end what PostgreSQL counts.
func TestFiguresAreTheNaiveFold(t *testing.T) {
	t.Parallel()
	m := nuevo(t, redistest.New(t))
	m.llena(20260302, 1000)
	m.leave()
	reader := tablero.NewReader(m.pool, m.rdb)
	ts, es, gone := map[eventstore.StreamID]tarea.State{}, map[eventstore.StreamID]efectivo.State{}, map[eventstore.StreamID]bool{}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	looked, failed := 0, 0
	log := slow{m.store, func(r eventstore.Recorded) {
		switch e := r.Event.(type) {
		case tarea.Event:
			ts[r.Stream] = tarea.Evolve(ts[r.Stream], e)
		case efectivo.Event:
			es[r.Stream] = efectivo.Evolve(es[r.Stream], e)
			if _, ok := e.(efectivo.DadoDeBaja); ok {
				gone[r.Stream] = true // he is no longer of the force
			}
		}
		want := tablero.Resumen{Tareas: map[string]int64{}, Efectivos: map[string]int64{}, Posicion: int64(r.Position)}
		for _, s := range ts {
			want.Tareas[string(s.Estado())]++
		}
		for id, s := range es {
			if !gone[id] {
				want.Efectivos[string(s.Disponibilidad())]++
			}
		}
		got, err := reader.Resumen(ctx, projections.System)
		looked++
		if diff := cmp.Diff(want, some(got)); (diff != "" || err != nil) && failed < 3 {
			failed++
			t.Errorf("at %d, after %T (-naive +counted): %v\n%s", r.Position, r.Event, err, diff)
		}
		if r.Position == m.head {
			stop()
		}
	}}
	if err := tablero.NewProjector(m.rdb, m.pool, log, nil).Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if looked < 1000 || looked != int(m.head) {
		t.Errorf("looked %d times, the log has %d positions", looked, m.head)
	}
	m.ponAlDia(tareas.Name, efectivos.Name)
	want, err := tablero.NewReader(m.pool, nil).Resumen(t.Context(), projections.System)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := reader.Resumen(t.Context(), projections.System); err != nil || cmp.Diff(want, got) != "" {
		t.Errorf("%v (-PostgreSQL +Redis)\n%s", err, cmp.Diff(want, got))
	}
}

// some leaves out what there is none of.
func some(r tablero.Resumen) tablero.Resumen {
	for _, figures := range []map[string]int64{r.Tareas, r.Efectivos} {
		for k, n := range figures {
			if n == 0 {
				delete(figures, k)
			}
		}
	}
	return r
}
