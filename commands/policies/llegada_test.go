package policies_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/commands/policies"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
)

// tallied is the door, and counts what goes through it.
type tallied struct {
	policies.Orders
	orders int
}

func (t *tallied) Dispatch(ctx context.Context, o commands.Order) (commands.Answer, error) {
	t.orders++
	return t.Orders.Dispatch(ctx, o)
}

func (f *field) arrivals() (n int) {
	f.t.Helper()
	for _, name := range f.said() {
		if name == "tarea.efectivo_en_lugar" {
			n++
		}
	}
	return n
}

// Whoever is at the place already while it is offered to him arrives at his next fix after he took
// it, once; while he does not say, his fixes order nothing.
func TestArrivalOfWhoWasThereBeforeHeAccepted(t *testing.T) {
	t.Parallel()
	f, everybody := newCity(t)
	who := f.near(20)
	id := f.emergency(everybody)
	door := &tallied{Orders: f.door}
	c := f.campo(door, memoria{f.memory})
	for s := 10; s <= 40; s += 10 {
		f.seen(c, who, time.Duration(s)*time.Second, north(20), 0)
	}
	before := door.orders
	f.seen(c, who, 50*time.Second, north(20), 0)
	if n := f.arrivals(); n != 0 || door.orders != before {
		t.Fatalf("%d arrivals, %d orders while he has not taken it", n, door.orders-before)
	}
	f.do(tarea.Responder{Orden: tarea.Orden{ID: id, Por: boss, En: f.now}, Efectivo: who, Paso: tarea.PasoAceptada})
	f.seen(c, who, 60*time.Second, north(20), 0)
	f.seen(c, who, 70*time.Second, north(20), 0)
	if n := f.arrivals(); n != 1 {
		t.Errorf("%d arrivals, want 1", n)
	}
	if got := f.said(); !slices.Contains(got, "efectivo.ubicacion_confirmada") {
		t.Errorf("said %v", got)
	}
}

// Killed before it remembered what it read, and with the Tarea taken sooner than it saw the first
// time, the arrival is said once.
func TestArrivalReadAgain(t *testing.T) {
	t.Parallel()
	f, everybody := newCity(t)
	who := f.near(20)
	id := f.emergency(everybody)
	d := &dead{Orders: f.door, Memoria: memoria{f.memory}}
	f.campo(f.door, d.Memoria)
	first := policies.NewCampo(policies.Observacion{Orders: d, Estados: f.door, Telemetry: f.fixes, Lugares: f, Memoria: d},
		policies.CampoOptions{Now: func() time.Time { return f.now }})
	must(t, first.Load(t.Context()))
	step := func() {
		t.Helper()
		if _, err := first.Step(t.Context()); err != nil && !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
	}
	for s := 10; s <= 50; s += 10 {
		f.store1(who, time.Duration(s)*time.Second, north(20), 0)
	}
	step()
	f.do(tarea.Responder{Orden: tarea.Orden{ID: id, Por: boss, En: f.now}, Efectivo: who, Paso: tarea.PasoAceptada})
	f.store1(who, 60*time.Second, north(20), 0)
	step()
	if n := f.arrivals(); n != 1 {
		t.Fatalf("%d arrivals, want 1", n)
	}
	c := f.campo(f.door, memoria{f.memory})
	_, err := c.Step(t.Context())
	must(t, err)
	confirmed := slices.DeleteFunc(f.said(), func(name string) bool { return name != "efectivo.ubicacion_confirmada" })
	if n := f.arrivals(); n != 1 || len(confirmed) != 1 {
		t.Errorf("%d arrivals, %d places confirmed, want 1 of each", n, len(confirmed))
	}
}

// outdated hands out one Tarea as it was, as a cache that has not followed yet does.
type outdated struct {
	policies.Estados
	tarea *tarea.State
}

func (o outdated) Tarea(ctx context.Context, id ident.Tarea) (tarea.State, error) {
	if o.tarea != nil {
		return *o.tarea, nil
	}
	return o.Estados.Tarea(ctx, id)
}

// A state from before the offer says nothing of whether he took it: nothing is said for him.
func TestArrivalOnOldNews(t *testing.T) {
	t.Parallel()
	f, everybody := newCity(t)
	who := f.near(20)
	id := f.emergency(everybody)
	f.campo(f.door, memoria{f.memory})
	old := &outdated{Estados: f.door, tarea: &tarea.State{}}
	c := policies.NewCampo(policies.Observacion{Orders: f.door, Estados: old, Telemetry: f.fixes, Lugares: f, Memoria: memoria{f.memory}},
		policies.CampoOptions{Now: func() time.Time { return f.now }})
	must(t, c.Load(t.Context()))
	for s := 10; s <= 50; s += 10 {
		f.seen(c, who, time.Duration(s)*time.Second, north(20), 0)
	}
	if n := f.arrivals(); n != 0 {
		t.Fatalf("%d arrivals of whoever has not taken it", n)
	}
	f.do(tarea.Responder{Orden: tarea.Orden{ID: id, Por: boss, En: f.now}, Efectivo: who, Paso: tarea.PasoAceptada})
	old.tarea = nil
	f.seen(c, who, 60*time.Second, north(20), 0)
	if n := f.arrivals(); n != 1 {
		t.Errorf("%d arrivals, want 1", n)
	}
}
