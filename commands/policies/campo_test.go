package policies_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/commands/policies"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/zona"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/telemetry"
	"github.com/grupo-gad/gad/projections/efectivos"
	"github.com/grupo-gad/gad/projections/politicas"
)

// plaza is where the Tareas of these tests are and what their Zona is drawn around.
var plaza = geo.Punto{Lat: -34.6037, Lon: -58.3816}

func north(metres float64) geo.Punto {
	return geo.Punto{Lat: plaza.Lat + metres/111_195, Lon: plaza.Lon}
}

// field is a world with positions.
type field struct {
	*world
	fixes     *telemetry.Store
	memory    *politicas.Campo
	pool      *pgxpool.Pool
	zone      ident.Zona
	inside    int              // who is on duty in the Zona
	silent    []ident.Efectivo // who the map says was not heard in his shift
	rules     zona.Reglas
	hours     []zona.Franja
	accuracy  float32               // of the next fixes, in metres
	vacia     bool                  // what the map knows of the Zona
	everybody *efectivos.Despliegue // of newCity
}

func newField(t *testing.T) *field {
	t.Helper()
	w, pool := newWorldOn(t)
	f := &field{world: w, fixes: openTelemetry(t, pool), memory: politicas.NewCampo(pool, "a", 0), pool: pool, zone: ident.Zona(uuid.Must(uuid.NewV7()).String())}
	c := zona.Circulo{Centro: plaza, RadioM: 500}
	f.rules = zona.Reglas{Entrada: true, VaciaMin: 5}
	w.do(zona.Definir{Orden: zona.Orden{ID: f.zone, Por: boss, En: w.now}, Nombre: "Plaza", Clase: zona.Interes, Circulo: &c, Reglas: f.rules})
	return f
}

func openTelemetry(t *testing.T, pool *pgxpool.Pool) *telemetry.Store {
	t.Helper()
	fixes, err := telemetry.Open(t.Context(), pool, telemetry.Options{Writer: "policies.test"})
	must(t, err)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan struct{})
	go func() { defer close(done); _ = fixes.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done })
	return fixes
}

// Zonas, Tarea and Presentes are the map of these tests.
func (f *field) Zonas(context.Context) ([]policies.Zona, error) {
	c := zona.Circulo{Centro: plaza, RadioM: 500}
	return []policies.Zona{{ID: f.zone, Poligonos: c.Poligonos(), Circulo: &c, Reglas: f.rules, Horarios: f.hours, Vacia: f.vacia}}, nil
}

func (f *field) Tarea(context.Context, ident.Tarea) (geo.Punto, bool, error) { return plaza, true, nil }

func (f *field) Presentes(context.Context) (map[ident.Zona]int, error) {
	return map[ident.Zona]int{f.zone: f.inside}, nil
}

func (f *field) Callados(context.Context) ([]ident.Efectivo, error) { return f.silent, nil }

// memoria is the memory of one process.
type memoria struct{ *politicas.Campo }

func (m memoria) Load(ctx context.Context) (eventstore.Batch, map[string][]byte, error) {
	b, pieces, err := m.Campo.Load(ctx)
	return eventstore.Batch(b), pieces, err
}

func (m memoria) Save(ctx context.Context, from, to eventstore.Batch, pieces map[string][]byte) error {
	err := m.Campo.Save(ctx, int64(from), int64(to), pieces)
	if errors.Is(err, politicas.ErrMovido) {
		return policies.ErrMovido
	}
	return err
}

func (f *field) campo(orders policies.Orders, memory policies.Memoria) *policies.Campo {
	f.t.Helper()
	c := policies.NewCampo(policies.Observacion{Orders: orders, Estados: f.door, Telemetry: f.fixes, Lugares: f, Memoria: memory},
		policies.CampoOptions{Now: func() time.Time { return f.now }})
	if held, err := memory.Hold(f.t.Context()); !held || err != nil {
		f.t.Fatalf("held %t, %v", held, err)
	}
	must(f.t, c.Load(f.t.Context()))
	return c
}

// seen stores one fix after some time and lets c look.
func (f *field) seen(c *policies.Campo, id ident.Efectivo, after time.Duration, at geo.Punto, flags eventstore.FixFlags) {
	f.t.Helper()
	f.store1(id, after, at, flags)
	_, err := c.Step(f.t.Context())
	must(f.t, err)
}

func (f *field) store1(id ident.Efectivo, after time.Duration, at geo.Punto, flags eventstore.FixFlags) {
	f.t.Helper()
	f.now = noon.Add(after)
	s, err := f.door.Efectivo(f.t.Context(), id)
	must(f.t, err)
	_, err = f.fixes.AppendFixes(f.t.Context(), []eventstore.Fix{{
		Efectivo: string(id), Turno: string(s.Turno()), DeviceAt: f.now, ServerAt: f.now, Lat: at.Lat, Lon: at.Lon, Speed: -1, Heading: -1, Source: "rest", Flags: flags, Accuracy: f.accuracy,
	}})
	must(f.t, err)
}

// here is a Tarea at the plaza for one Efectivo.
func (f *field) here(id ident.Efectivo) {
	f.t.Helper()
	work := ident.Tarea(uuid.Must(uuid.NewV7()).String())
	o := tarea.Orden{ID: work, Por: boss, En: f.now}
	f.do(tarea.Crear{
		Orden: o, Codigo: "P-" + uuid.NewString()[:8], Titulo: sealed.Text{Owner: string(work), Field: "titulo", Value: "Corte en la plaza"},
		Tipo: tarea.Intervencion, Ubicacion: &tarea.Lugar{Punto: plaza},
	})
	f.do(tarea.Asignar{Orden: o, Efectivo: id})
}

// A border is crossed by two fixes or 30 seconds, an arrival takes 30 seconds within
// 75 m; what is late or too fast means nothing.
func TestBordersAndArrival(t *testing.T) {
	t.Parallel()
	f := newField(t)
	id := f.onDuty()
	f.here(id)
	c := f.campo(f.door, memoria{f.memory})

	f.seen(c, id, 1*time.Second, north(900), 0)
	f.seen(c, id, 6*time.Second, north(400), eventstore.FlagImpossibleSpeed)
	f.seen(c, id, 7*time.Second, north(400), eventstore.FlagImpossibleSpeed)
	f.seen(c, id, 11*time.Second, north(400), 0) // once inside
	f.seen(c, id, 16*time.Second, north(600), 0) // and back: a jitter
	f.seen(c, id, 21*time.Second, north(400), 0)
	f.wantSaid()
	f.seen(c, id, 26*time.Second, north(300), 0)
	f.wantSaid("efectivo.zona_ingresada")
	f.seen(c, id, 31*time.Second, north(70), 0)
	f.seen(c, id, 51*time.Second, north(20), 0)
	f.wantSaid("efectivo.zona_ingresada")
	f.seen(c, id, 61*time.Second, north(10), 0)
	f.seen(c, id, 66*time.Second, north(10), 0)
	f.wantSaid("efectivo.zona_ingresada", "tarea.efectivo_en_lugar", "efectivo.ubicacion_confirmada")
	f.seen(c, id, 100*time.Second, north(900), 0)
	f.seen(c, id, 105*time.Second, north(900), 0)
	f.wantSaid("efectivo.zona_ingresada", "tarea.efectivo_en_lugar", "efectivo.ubicacion_confirmada", "efectivo.zona_abandonada")
}

// Three missed periods lose the signal, the next fix recovers it; a simulated one
// loses it as many times sooner as he lives faster.
func TestSignal(t *testing.T) {
	t.Parallel()
	f := newField(t)
	f.inside = 1
	id := f.onDuty()
	c := f.campo(f.door, memoria{f.memory})
	step := func(after time.Duration) {
		f.now = noon.Add(after)
		_, err := c.Step(t.Context())
		must(t, err)
	}
	f.seen(c, id, time.Second, north(900), 0)
	step(3 * time.Minute)
	f.wantSaid()
	step(3*time.Minute + 2*time.Second)
	step(9 * time.Minute)
	f.wantSaid("efectivo.senal_perdida")
	f.seen(c, id, 10*time.Minute, north(900), 0)
	f.wantSaid("efectivo.senal_perdida", "efectivo.senal_recuperada")
	// Off duty nobody listens.
	f.do(efectivo.FinalizarTurno{Orden: efectivo.Orden{ID: id, Por: boss, En: f.now}})
	step(time.Hour)
	f.wantSaid("efectivo.senal_perdida", "efectivo.senal_recuperada")
}

// Whoever reports nothing from the beginning of his shift is lost like the others, once in the
// shift, and found by his first fix; whoever was heard, or is off duty, is not, whatever the map says.
func TestSignalNeverThere(t *testing.T) {
	t.Parallel()
	f := newField(t)
	f.inside = 1
	mute, heard, off := f.onDuty(), f.onDuty(), f.onDuty()
	f.silent = []ident.Efectivo{mute, heard, off}
	f.do(efectivo.FinalizarTurno{Orden: efectivo.Orden{ID: off, Por: boss, En: f.now}})
	c := f.campo(f.door, memoria{f.memory})
	step := func(after time.Duration) {
		t.Helper()
		f.now = noon.Add(after)
		_, err := c.Step(t.Context())
		must(t, err)
	}
	f.seen(c, heard, 2*time.Minute, north(900), 0)
	step(3 * time.Minute)
	f.wantSaid()
	step(3*time.Minute + 2*time.Second)
	c = f.campo(f.door, memoria{f.memory}) // killed and started again: nothing is said twice
	step(4 * time.Minute)
	f.wantSaid("efectivo.senal_perdida")
	f.seen(c, mute, 4*time.Minute+time.Second, north(900), 0)
	f.wantSaid("efectivo.senal_perdida", "efectivo.senal_recuperada")
}

func TestNobodyInside(t *testing.T) {
	t.Parallel()
	f := newField(t)
	c := f.campo(f.door, memoria{f.memory})
	step := func(after time.Duration) {
		f.now = noon.Add(after)
		_, err := c.Step(t.Context())
		must(t, err)
	}
	step(time.Second)
	step(4 * time.Minute)
	c = f.campo(f.door, memoria{f.memory}) // killed and started again: it knows since when
	step(5 * time.Minute)
	f.wantSaid()
	step(5*time.Minute + 2*time.Second)
	step(9 * time.Minute)
	f.wantSaid("zona.quedo_vacia")
}

// dead stands for a process that ends at the n-th order or before it saves.
type dead struct {
	policies.Orders
	policies.Memoria
	orders int
}

func (d *dead) Dispatch(ctx context.Context, o commands.Order) (commands.Answer, error) {
	a, err := d.Orders.Dispatch(ctx, o)
	if d.orders--; d.orders == 0 {
		return a, errKilled
	}
	return a, err
}

func (*dead) Save(context.Context, eventstore.Batch, eventstore.Batch, map[string][]byte) error {
	return errKilled
}

// Killed at any order, or before what it read is remembered, the next process says the
// rest and nothing twice.
func TestFieldKilledAtAnyInstant(t *testing.T) {
	t.Parallel()
	f := newField(t)
	id := f.onDuty()
	f.here(id)
	_, err := f.memory.Hold(t.Context())
	must(t, err)
	for i, at := range []float64{900, 300, 60, 50, 40, 30, 900, 900} {
		f.store1(id, time.Duration(1+15*i)*time.Second, north(at), 0)
	}
	for n := 1; n <= 5; n++ {
		d := &dead{Orders: f.door, Memoria: memoria{f.memory}, orders: n}
		c := policies.NewCampo(policies.Observacion{Orders: d, Estados: f.door, Telemetry: f.fixes, Lugares: f, Memoria: d},
			policies.CampoOptions{Now: func() time.Time { return f.now }})
		must(t, c.Load(t.Context()))
		if _, err := c.Step(t.Context()); !errors.Is(err, errKilled) {
			t.Fatalf("it was not killed: %v", err)
		}
	}
	c, other := f.campo(f.door, memoria{f.memory}), f.campo(f.door, memoria{f.memory})
	if _, err := c.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Step(t.Context()); !errors.Is(err, policies.ErrMovido) {
		t.Errorf("the second one did not notice: %v", err)
	}
	got := f.said()
	slices.Sort(got)
	want := []string{"efectivo.ubicacion_confirmada", "efectivo.zona_abandonada", "efectivo.zona_ingresada", "tarea.efectivo_en_lugar"}
	if !slices.Equal(got, want) {
		t.Errorf("said %v, want %v", got, want)
	}
}

// watched counts what a Campo says of itself.
type watched struct {
	mu        sync.Mutex // guards said: several are followed at once
	said      map[string]int
	batches   int
	following bool
}

func (w *watched) ObserveObservation(kind, outcome string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said[kind+" "+outcome]++
}

func (w *watched) ObserveBatch(time.Duration) { w.batches++ }
func (w *watched) Following(yes bool)         { w.following = yes }

// Of two processes one follows the positions. Killed at any order, or before it saved, the
// other one takes over when the lease ends, and nothing is lost or said twice; given back,
// it takes over at once.
func TestOneProcessFollows(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 3, 5} {
		t.Run(fmt.Sprintf("killed at order %d", n), func(t *testing.T) {
			t.Parallel()
			f := newField(t)
			f.inside = 1
			id := f.onDuty()
			f.here(id)
			const lease = time.Hour // only its end by hand frees it
			process := func(name string, orders int) (*policies.Campo, memoria, *watched) {
				m, seen := memoria{politicas.NewCampo(f.pool, name, lease)}, &watched{said: map[string]int{}}
				deps := policies.Observacion{Orders: f.door, Estados: f.door, Telemetry: f.fixes, Lugares: f, Memoria: m}
				if orders > 0 {
					d := &dead{Orders: f.door, Memoria: m, orders: orders}
					deps.Orders, deps.Memoria = d, d
				}
				return policies.NewCampo(deps, policies.CampoOptions{Now: func() time.Time { return f.now }, Observer: seen}), m, seen
			}
			first, _, _ := process("a", n)
			second, theirs, seen := process("b", 0)
			third, _, _ := process("c", 0)
			turn := func(c *policies.Campo) bool {
				t.Helper()
				held, err := c.Turn(t.Context())
				must(t, err)
				return held
			}
			if held, err := first.Turn(t.Context()); !held || err != nil {
				t.Fatalf("held %t, %v", held, err)
			}
			for i, at := range []float64{900, 300, 60, 50, 40, 30, 900, 900} {
				f.store1(id, time.Duration(1+15*i)*time.Second, north(at), 0)
			}
			if _, err := first.Turn(t.Context()); !errors.Is(err, errKilled) {
				t.Fatalf("it was not killed: %v", err)
			}
			if turn(second) || seen.following || seen.batches != 0 {
				t.Error("the second one follows while the first has the lease")
			}
			_, err := f.pool.Exec(t.Context(), `update eventos.checkpoints set lease_until = clock_timestamp() - interval '1 s' where projection = 'politicas.campo'`)
			must(t, err)
			if !turn(second) || !seen.following || seen.batches != 8 {
				t.Errorf("the second one did not take over: %+v", seen)
			}
			if turn(third) {
				t.Error("the third one follows too")
			}
			got := f.said()
			slices.Sort(got)
			want := []string{"efectivo.ubicacion_confirmada", "efectivo.zona_abandonada", "efectivo.zona_ingresada", "tarea.efectivo_en_lugar"}
			if !slices.Equal(got, want) {
				t.Errorf("said %v, want %v", got, want)
			}
			total := 0
			for _, k := range seen.said {
				total += k
			}
			if total != 3 || seen.said["entra ok"]+seen.said["entra repetida"] != 1 {
				t.Errorf("counted %v", seen.said)
			}
			if lag, err := theirs.Lag(t.Context(), time.Now()); lag != 0 || err != nil {
				t.Errorf("%s behind, %v", lag, err)
			}
			f.store1(id, 5*time.Minute, north(900), 0)
			if lag, err := theirs.Lag(t.Context(), time.Now().Add(time.Hour)); lag < time.Hour || err != nil {
				t.Errorf("%s behind, %v", lag, err)
			}
			must(t, theirs.Release(t.Context()))
			if !turn(third) || turn(second) {
				t.Error("what was given back is not taken")
			}
		})
	}
}

// Whoever lost the lease and has it again has missed what was remembered in between: he may not
// save what he knew before, also where nobody has read any further.
func TestMemoryIsFenced(t *testing.T) {
	t.Parallel()
	f := newField(t)
	a, b := politicas.NewCampo(f.pool, "a", time.Hour), politicas.NewCampo(f.pool, "b", time.Hour)
	take := func(c *politicas.Campo) int64 {
		t.Helper()
		held, err := c.Hold(t.Context())
		must(t, err)
		if !held {
			t.Fatal("somebody else has it")
		}
		batch, _, err := c.Load(t.Context())
		must(t, err)
		return batch
	}
	at := take(a)
	must(t, a.Save(t.Context(), at, at, nil))
	must(t, a.Release(t.Context()))
	key := f.zone.Stream()
	take(b)
	must(t, b.Save(t.Context(), at, at, map[string][]byte{key: []byte(`"2026-03-02T12:00:00Z"`)}))
	must(t, b.Release(t.Context()))
	if held, err := a.Hold(t.Context()); !held || err != nil {
		t.Fatalf("held %t, %v", held, err)
	}
	if err := a.Save(t.Context(), at, at, map[string][]byte{key: nil}); !errors.Is(err, politicas.ErrMovido) {
		t.Errorf("saved over what it never read: %v", err)
	}
	if _, pieces, err := a.Load(t.Context()); err != nil || len(pieces) != 1 {
		t.Errorf("pieces %v, %v", pieces, err)
	}
	must(t, a.Save(t.Context(), at, at, nil))
}
