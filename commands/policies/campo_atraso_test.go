package policies_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/commands/policies"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/zona"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections/politicas"
)

// A fix that is too fast to be true, or that the device itself does not believe, says that
// somebody is heard, and neither where he is nor that he is lost.
func TestHeardIsNotSeen(t *testing.T) {
	t.Parallel()
	f := newField(t)
	f.inside = 1
	id := f.onDuty()
	f.here(id)
	c := f.campo(f.door, memoria{f.memory})
	step := func(after time.Duration) {
		t.Helper()
		f.now = noon.Add(after)
		_, err := c.Step(t.Context())
		must(t, err)
	}
	f.seen(c, id, time.Second, north(900), 0)
	f.seen(c, id, 91*time.Second, north(10), eventstore.FlagImpossibleSpeed)
	f.accuracy = 3000 // the tower of the neighbourhood
	f.seen(c, id, 150*time.Second, north(10), 0)
	f.seen(c, id, 240*time.Second, north(10), 0)
	f.wantSaid()
	step(421 * time.Second)
	f.wantSaid("efectivo.senal_perdida")
	f.seen(c, id, 430*time.Second, north(10), 0)
	f.wantSaid("efectivo.senal_perdida", "efectivo.senal_recuperada")
	step(611 * time.Second) // lost again, though he was not seen in between
	f.wantSaid("efectivo.senal_perdida", "efectivo.senal_recuperada", "efectivo.senal_perdida")
	// What is late was sent by a clock that cannot be trusted to be now.
	f.seen(c, id, 620*time.Second, north(10), eventstore.FlagLate)
	f.wantSaid("efectivo.senal_perdida", "efectivo.senal_recuperada", "efectivo.senal_perdida")
}

// Whoever never sent anything but such fixes is lost as of the beginning of his shift.
func TestHeardAndNeverSeen(t *testing.T) {
	t.Parallel()
	f := newField(t)
	f.inside = 1
	id := f.onDuty()
	c := f.campo(f.door, memoria{f.memory})
	f.seen(c, id, time.Minute, north(900), eventstore.FlagImpossibleSpeed)
	f.now = noon.Add(5 * time.Minute)
	_, err := c.Step(t.Context())
	must(t, err)
	f.wantSaid("efectivo.senal_perdida")
	for r, err := range f.store.ReadStream(t.Context(), eventstore.StreamID(id.Stream()), 0) {
		must(t, err)
		if e, ok := r.Event.(efectivo.SenalPerdida); ok && !e.Ultima.Equal(noon) {
			t.Errorf("last seen %s", e.Ultima)
		}
	}
}

// After an outage the positions that waited are read before it is said that nobody is inside,
// also while the map does not know yet what they show.
func TestCoveredWhileNobodyLooked(t *testing.T) {
	t.Parallel()
	f := newField(t)
	id := f.onDuty()
	c := f.campo(f.door, memoria{f.memory})
	f.now = noon.Add(time.Second)
	_, err := c.Step(t.Context()) // empty since now
	must(t, err)
	for m := 2; m <= 10; m++ {
		f.store1(id, time.Duration(m)*time.Minute, north(10), 0)
	}
	c = f.campo(f.door, memoria{f.memory})
	f.now = noon.Add(10*time.Minute + time.Second)
	_, err = c.Step(t.Context())
	must(t, err)
	f.wantSaid("efectivo.zona_ingresada")
	f.seen(c, id, 11*time.Minute, north(900), 0)
	f.seen(c, id, 12*time.Minute, north(900), 0) // he leaves: empty since then
	f.seen(c, id, 14*time.Minute, north(900), 0)
	f.seen(c, id, 16*time.Minute, north(900), 0)
	f.wantSaid("efectivo.zona_ingresada", "efectivo.zona_abandonada")
	f.seen(c, id, 17*time.Minute+time.Second, north(900), 0)
	f.wantSaid("efectivo.zona_ingresada", "efectivo.zona_abandonada", "zona.quedo_vacia")
}

// A Zona that the map knows as empty is said to be covered each time somebody comes in.
func TestCoveredAgain(t *testing.T) {
	t.Parallel()
	f := newField(t)
	f.rules = zona.Reglas{VaciaMin: 5}
	c := f.campo(f.door, memoria{f.memory})
	step := func(after time.Duration, vacia bool, inside int) {
		t.Helper()
		f.now, f.vacia, f.inside = noon.Add(after), vacia, inside
		_, err := c.Step(t.Context())
		must(t, err)
	}
	want := []string{}
	for round := range 3 {
		at := time.Duration(round) * time.Hour
		step(at+time.Second, false, 0)
		step(at+6*time.Minute, false, 0)
		step(at+7*time.Minute, true, 1)
		step(at+8*time.Minute, true, 1) // the map lags
		want = append(want, "zona.quedo_vacia", "zona.cubierta")
		f.wantSaid(want...)
	}
}

// The hours of a Zona are those of the fix, whenever it is read.
func TestHoursAreOfTheFix(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		crossed, read time.Duration
		alarms        bool
	}{
		"in force then": {5 * time.Minute, 61 * time.Minute, true},
		"in force now":  {-10 * time.Minute, 5 * time.Minute, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newField(t)
			f.now = noon.Add(-time.Hour)
			f.inside, f.hours = 1, []zona.Franja{{Dias: []int{1, 2, 3, 4, 5, 6, 7}, Desde: "12:00", Hasta: "13:00"}}
			id := f.onDuty()
			campo := f.campo(f.door, memoria{f.memory})
			f.store1(id, c.crossed, north(10), 0)
			f.store1(id, c.crossed+time.Minute, north(10), 0)
			f.now = noon.Add(c.read)
			_, err := campo.Step(t.Context())
			must(t, err)
			for r, err := range f.store.ReadStream(t.Context(), eventstore.StreamID(id.Stream()), 0) {
				must(t, err)
				if e, ok := r.Event.(efectivo.ZonaIngresada); ok {
					if e.Alarma != c.alarms {
						t.Errorf("alarm %t", e.Alarma)
					}
					return
				}
			}
			t.Error("he did not come in")
		})
	}
}

// illegible hands out states, but for one whose stream holds what this build cannot read.
type illegible struct {
	policies.Estados
	id ident.Efectivo
}

func (i illegible) Efectivo(ctx context.Context, id ident.Efectivo) (efectivo.State, error) {
	if id == i.id {
		return efectivo.State{}, fmt.Errorf("decide on it: %w", commands.ErrUnreadable)
	}
	return i.Estados.Efectivo(ctx, id)
}

// One person whose stream cannot be read takes nobody else's alarms away.
func TestOneThatCannotBeRead(t *testing.T) {
	t.Parallel()
	f := newField(t)
	f.inside = 1
	odd, fine := f.onDuty(), f.onDuty()
	for i := range 2 {
		for _, id := range []ident.Efectivo{odd, fine} {
			f.store1(id, time.Duration(1+i)*time.Second, north(10), 0)
		}
	}
	f.silent = []ident.Efectivo{odd}
	seen := &watched{said: map[string]int{}}
	_, err := f.memory.Hold(t.Context())
	must(t, err)
	_, err = f.pool.Exec(t.Context(), `update eventos.checkpoints set position = 0 where projection = 'politicas.campo'`)
	must(t, err)
	c := policies.NewCampo(policies.Observacion{
		Orders: f.door, Estados: illegible{f.door, odd}, Telemetry: f.fixes, Lugares: f, Memoria: memoria{f.memory},
	}, policies.CampoOptions{Now: func() time.Time { return f.now }, Observer: seen})
	must(t, c.Load(t.Context()))
	_, err = c.Step(t.Context())
	must(t, err)
	f.now = noon.Add(time.Hour)
	_, err = c.Step(t.Context())
	must(t, err)
	f.wantSaid("efectivo.zona_ingresada", "efectivo.senal_perdida")
	if seen.said["lectura ilegible"] == 0 {
		t.Errorf("nothing was said of it: %v", seen.said)
	}
}

// blocked is Orders that wait for something.
type blocked struct {
	policies.Orders
	until func(context.Context) error
}

func (b blocked) Dispatch(ctx context.Context, o commands.Order) (commands.Answer, error) {
	if err := b.until(ctx); err != nil {
		return commands.Answer{}, err
	}
	return b.Orders.Dispatch(ctx, o)
}

// A lease is renewed while what waits is read, however long that takes; and whoever loses it stops.
func TestLeaseLastsAsLongAsTheReading(t *testing.T) {
	t.Parallel()
	f := newField(t)
	f.inside = 1
	id := f.onDuty()
	until := func(ctx context.Context) (at time.Time, err error) {
		err = f.pool.QueryRow(ctx, `select lease_until from eventos.checkpoints where projection = 'politicas.campo'`).Scan(&at)
		return at, err
	}
	var lost atomic.Bool
	orders := blocked{f.door, func(ctx context.Context) error {
		if lost.Load() {
			_, err := f.pool.Exec(ctx, `update eventos.checkpoints set holder = 'b', fence = fence + 1 where projection = 'politicas.campo'`)
			must(t, err)
			<-ctx.Done()
			return ctx.Err()
		}
		first, err := until(ctx)
		for err == nil {
			var now time.Time
			if now, err = until(ctx); now.After(first) {
				return nil
			}
		}
		return err
	}}
	c := policies.NewCampo(policies.Observacion{Orders: orders, Estados: f.door, Telemetry: f.fixes, Lugares: f, Memoria: memoria{f.memory}},
		policies.CampoOptions{Now: func() time.Time { return f.now }, Hold: 5 * time.Millisecond})
	if held, err := c.Turn(t.Context()); !held || err != nil {
		t.Fatalf("held %t, %v", held, err)
	}
	f.store1(id, 1*time.Second, north(10), 0)
	f.store1(id, 2*time.Second, north(10), 0)
	if _, err := c.Turn(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.wantSaid("efectivo.zona_ingresada")
	lost.Store(true)
	f.store1(id, 3*time.Second, north(900), 0)
	f.store1(id, 4*time.Second, north(900), 0)
	if _, err := c.Turn(t.Context()); !errors.Is(err, policies.ErrMovido) {
		t.Errorf("it went on without the lease: %v", err)
	}
}

// What was read of a backlog is kept: whoever is killed in it leaves a shorter one.
func TestBacklogGetsShorter(t *testing.T) {
	t.Parallel()
	f := newField(t)
	f.inside = 1
	id := f.onDuty()
	m := memoria{politicas.NewCampo(f.pool, "a", time.Hour)}
	_, err := m.Hold(t.Context())
	must(t, err)
	begin, _, err := m.Load(t.Context())
	must(t, err)
	const batches = 120
	for n := range batches {
		at := north(900)
		if n >= batches-2 {
			at = north(10)
		}
		f.store1(id, time.Duration(1+n)*time.Second, at, 0)
	}
	killed := blocked{f.door, func(context.Context) error { return errKilled }}
	c := f.campo(killed, m)
	if _, err := c.Step(t.Context()); !errors.Is(err, errKilled) {
		t.Fatalf("it was not killed: %v", err)
	}
	at, pieces, err := m.Load(t.Context())
	must(t, err)
	if at < begin+batches/2 || at >= begin+batches || len(pieces) != 1 {
		t.Errorf("from %d it is at %d, with %d pieces", begin, at, len(pieces))
	}
	c = f.campo(f.door, m)
	read, err := c.Step(t.Context())
	must(t, err)
	if want := int(begin) + batches - int(at); read != want {
		t.Errorf("read %d, want %d", read, want)
	}
	if got := f.said(); !slices.Equal(got, []string{"efectivo.zona_ingresada"}) {
		t.Errorf("said %v", got)
	}
}
