package tablero_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/memory"
	"github.com/grupo-gad/gad/ops/pgtest"
	"github.com/grupo-gad/gad/ops/pgtest/redistest"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/bench"
	"github.com/grupo-gad/gad/projections/efectivos"
	"github.com/grupo-gad/gad/projections/tablero"
	"github.com/grupo-gad/gad/projections/tareas"
)

type ciego struct{}

func (ciego) Reveal(context.Context, []sealed.Commitment) (map[sealed.Commitment]string, error) {
	return map[sealed.Commitment]string{}, nil
}

type mundo struct {
	t     *testing.T
	pool  *pgxpool.Pool
	store *memory.Store
	rdb   *redis.Client
	head  eventstore.Position
}

func nuevo(t *testing.T, o *redis.Options) *mundo {
	t.Helper()
	rdb := redis.NewClient(tablero.Tune(o))
	t.Cleanup(func() { _ = rdb.Close() })
	return &mundo{t: t, pool: pgtest.New(t).App, store: &memory.Store{}, rdb: rdb}
}

func (m *mundo) llena(seed uint64, n int64) {
	m.t.Helper()
	var err error
	if m.head, err = bench.Fill(m.t.Context(), m.store, bench.NewDay(seed, 15), n, nil); err != nil {
		m.t.Fatal(err)
	}
}

// naive counts by folding the whole log with the aggregates themselves.
func (m *mundo) naive() tablero.Resumen {
	m.t.Helper()
	want := tablero.Resumen{Tareas: map[string]int64{}, Efectivos: map[string]int64{}, Posicion: int64(m.head)}
	for _, e := range []string{"programada", "en_curso", "pausada", "finalizada", "cancelada"} {
		want.Tareas[e] = 0
	}
	for _, d := range []string{"disponible", "en_tarea", "no_disponible", "fuera_servicio", "en_licencia"} {
		want.Efectivos[d] = 0
	}
	ts, es := map[eventstore.StreamID]tarea.State{}, map[eventstore.StreamID]efectivo.State{}
	events, err := m.store.ReadLog(m.t.Context(), 0, int(m.head))
	if err != nil {
		m.t.Fatal(err)
	}
	for _, r := range events {
		switch e := r.Event.(type) {
		case tarea.Event:
			ts[r.Stream] = tarea.Evolve(ts[r.Stream], e)
		case efectivo.Event:
			es[r.Stream] = efectivo.Evolve(es[r.Stream], e)
		}
	}
	for _, s := range ts {
		want.Tareas[string(s.Estado())]++
	}
	for _, s := range es {
		want.Efectivos[string(s.Disponibilidad())]++
	}
	return want
}

func (m *mundo) modelos() *projections.Runner {
	return projections.NewRunner(m.pool, m.store, ciego{}, projections.Options{}, tareas.Projection{}, efectivos.Projection{})
}

func (m *mundo) ponAlDia(names ...string) {
	m.t.Helper()
	r := m.modelos()
	for _, n := range names {
		if err := r.CatchUp(m.t.Context(), n, m.head, 0, nil); err != nil {
			m.t.Fatal(err)
		}
	}
}

func (m *mundo) espera(r *tablero.Reader) {
	m.t.Helper()
	want := m.naive()
	eventually(m.t, "the figures are those of the log", func() bool {
		got, err := r.Resumen(m.t.Context(), projections.System)
		return err == nil && cmp.Equal(want, got)
	})
}

// corre runs n projectors until the test ends.
func (m *mundo) corre(n int) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(m.t.Context()))
	var running sync.WaitGroup
	for range n {
		p := tablero.NewProjector(m.rdb, m.pool, m.store, projections.NewWaiter(m.pool))
		r := projections.NewRunner(m.pool, m.store, ciego{}, projections.Options{Lease: 200 * time.Millisecond, Others: []projections.Other{p}})
		running.Go(func() { _ = r.Run(ctx) })
	}
	m.t.Cleanup(func() { cancel(); running.Wait() })
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.NewTimer(2 * time.Minute)
	defer deadline.Stop()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for !ok() {
		select {
		case <-deadline.C:
			t.Fatalf("never: %s", what)
		case <-again.C:
		}
	}
}

// TestFiguresFollowTheLog: three projectors at once count everything once, sown in the
// middle of the log from read models that stand at different positions.
func TestFiguresFollowTheLog(t *testing.T) {
	t.Parallel()
	m := nuevo(t, redistest.New(t))
	m.llena(1, 150)
	m.ponAlDia(tareas.Name)
	m.llena(2, 150)
	m.ponAlDia(efectivos.Name)
	m.llena(3, 150)
	m.corre(3)
	reader := tablero.NewReader(m.pool, m.rdb)
	m.espera(reader)
	// A shift that begins while a Tarea still binds him: busy, not free.
	e := ident.Efectivo("00000000-0000-7000-8000-00000000000e")
	facts := []eventstore.Draft{
		{Stream: eventstore.StreamID(e.Stream()), Event: efectivo.Registrado{ID: e, Usuario: "00000000-0000-4000-8000-00000000000e", CodigoInterno: "E-E"}},
		{Stream: eventstore.StreamID(e.Stream()), Event: efectivo.DisponibilidadCambiada{Disponibilidad: efectivo.EnTarea, Causa: efectivo.PorAsignacion, Tarea: "00000000-0000-7000-8000-000000000001", Forzada: true}},
		{Stream: eventstore.StreamID(e.Stream()), Event: efectivo.TurnoIniciado{Turno: "00000000-0000-7000-8000-000000000002"}},
	}
	receipt, err := m.store.Append(t.Context(), eventstore.Append{
		Command: eventstore.CommandID{1}, Answer: []byte("{}"), Metadata: eventstore.Metadata{Actor: "sistema:prueba"}, Events: facts,
		Expected: []eventstore.Expectation{{Stream: eventstore.StreamID(e.Stream())}},
	})
	if err != nil {
		t.Fatal(err)
	}
	m.head = receipt.Head
	m.espera(reader)
	// The waiter asks Redis for this one.
	w := projections.NewWaiter(m.pool, reader)
	eventually(t, "a read reaches it", func() bool { return w.WaitFor(t.Context(), tablero.Name, m.head) == nil })
}

// TestFlush: Redis loses everything under a working projector and knows it again.
func TestFlush(t *testing.T) {
	t.Parallel()
	m := nuevo(t, redistest.Options(redistest.Server(t), 0))
	m.llena(1, 200)
	m.ponAlDia(tareas.Name, efectivos.Name)
	m.corre(2)
	reader := tablero.NewReader(m.pool, m.rdb)
	m.espera(reader)
	if err := m.rdb.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	// While Redis is empty PostgreSQL answers, with the position it is true of.
	got, err := reader.Resumen(t.Context(), projections.System)
	if err != nil || got.Posicion == 0 {
		t.Errorf("right after the flush: %+v, %v", got, err)
	}
	// Nothing is written meanwhile, and Redis is told again all the same.
	eventually(t, "Redis knows the figures again", func() bool {
		at, err := tablero.NewProjector(m.rdb, m.pool, m.store, nil).Position(t.Context())
		return err == nil && at == m.head
	})
	m.llena(2, 200)
	m.espera(reader)
	// An old copy of Redis: the position is that of its figures, which are some events behind.
	if err := m.rdb.HSet(t.Context(), "gad:{tablero}:3:figuras", "posicion", int64(m.head)-3).Err(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the copy is brought level", func() bool {
		at, err := tablero.NewProjector(m.rdb, m.pool, m.store, nil).Position(t.Context())
		return err == nil && at == m.head
	})
}

// TestOlderNeverReplacesNewer: what a slow sower counted some time ago is not written over
// what others have counted since, and figures ahead of a restored log are thrown away.
func TestOlderNeverReplacesNewer(t *testing.T) {
	t.Parallel()
	m := nuevo(t, redistest.New(t))
	if err := m.rdb.HSet(t.Context(), "gad:{tablero}:3:figuras", "posicion", 1_000_000, "t:programada", 77).Err(); err != nil {
		t.Fatal(err)
	}
	m.llena(1, 100)
	m.ponAlDia(tareas.Name, efectivos.Name)
	m.corre(1)
	m.espera(tablero.NewReader(m.pool, m.rdb)) // 77 of them never happened

	// Sown again from read models that stand still, while the counters moved on.
	m.llena(2, 100)
	reader := tablero.NewReader(m.pool, m.rdb)
	m.espera(reader)
	late := tablero.NewProjector(m.rdb, m.pool, m.store, nil)
	if err := late.Sow(t.Context()); err != nil {
		t.Fatal(err)
	}
	m.espera(reader)
}

// TestWithoutRedis: everybody who asks at once is answered from PostgreSQL.
func TestWithoutRedis(t *testing.T) {
	t.Parallel()
	server := redistest.Server(t)
	m := nuevo(t, redistest.Options(server, 0))
	m.llena(1, 150)
	m.ponAlDia(tareas.Name, efectivos.Name)
	stop, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := server.Stop(stop); err != nil {
		t.Fatal(err)
	}
	want := m.naive()
	for _, reader := range []*tablero.Reader{tablero.NewReader(m.pool, m.rdb), tablero.NewReader(m.pool, nil)} {
		var asking sync.WaitGroup
		for range 32 {
			asking.Go(func() {
				got, err := reader.Resumen(t.Context(), projections.System)
				if diff := cmp.Diff(want, got); err != nil || diff != "" {
					t.Errorf("%v\n%s", err, diff)
				}
			})
		}
		asking.Wait()
		if p, err := reader.Position(t.Context()); err != nil || p != m.head {
			t.Errorf("position %d, %v", p, err)
		}
	}
	p := tablero.NewProjector(m.rdb, m.pool, m.store, nil)
	r := projections.NewRunner(m.pool, m.store, ciego{}, projections.Options{Others: []projections.Other{p}}, tareas.Projection{})
	s, err := r.Status(t.Context())
	if err != nil || !slices.ContainsFunc(s, func(s projections.Status) bool { return s.Name == tablero.Name && s.Estado == projections.Failing }) {
		t.Errorf("status %+v, %v", s, err)
	}
}

// blinded hides the payload of one event, as a damaged one would be.
type blinded struct {
	*memory.Store
	position eventstore.Position
}

func (b blinded) Follow(ctx context.Context, after eventstore.Position) iter.Seq2[[]eventstore.Recorded, error] {
	return func(yield func([]eventstore.Recorded, error) bool) {
		for rs, err := range b.Store.Follow(ctx, after) {
			rs = slices.Clone(rs)
			for i := range rs {
				if rs[i].Position == b.position {
					rs[i].Event, rs[i].Err = nil, errors.New("not JSON")
				}
			}
			if !yield(rs, err) {
				return
			}
		}
	}
}

// TestUnreadableEventIsParked: the figures go on, and an operator can see what they lack.
func TestUnreadableEventIsParked(t *testing.T) {
	t.Parallel()
	m := nuevo(t, redistest.New(t))
	m.llena(1, 100)
	store := blinded{m.store, 50}
	p := tablero.NewProjector(m.rdb, m.pool, store, nil)
	r := projections.NewRunner(m.pool, store, ciego{}, projections.Options{Others: []projections.Other{p}})
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = r.Run(ctx) })
	defer running.Wait()
	defer cancel()
	eventually(t, "the figures are level", func() bool {
		at, err := p.Position(t.Context())
		return err == nil && at == m.head
	})
	parked, err := r.Parked(t.Context())
	if err != nil || len(parked) != 1 || parked[0].Projection != tablero.Name || parked[0].Position != 50 {
		t.Fatalf("parked %+v, %v", parked, err)
	}
	if s, err := r.Status(t.Context()); err != nil || s[0].Parked != 1 {
		t.Errorf("status %+v, %v", s, err)
	}
	if _, err := r.Skip(t.Context(), tablero.Name, parked[0].Key, func(context.Context, projections.Parked) error { return nil }); err != nil {
		t.Error(err)
	}
}
