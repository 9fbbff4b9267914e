package policies_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/commands/policies"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/zona"
	"github.com/grupo-gad/gad/eventstore"
)

// slow gives orders that take their time.
type slow struct {
	policies.Orders
	f     *field
	takes time.Duration
}

func (s *slow) Dispatch(ctx context.Context, o commands.Order) (commands.Answer, error) {
	answer, err := s.Orders.Dispatch(ctx, o)
	s.f.now = s.f.now.Add(s.takes)
	return answer, err
}

// Nobody was silent because those who listen were slow.
func TestSlowFollowingIsNoSilence(t *testing.T) {
	t.Parallel()
	f := newField(t)
	f.inside = 1
	id := f.simulated(10)
	door := &slow{Orders: f.door, f: f}
	c := f.campo(door, memoria{f.memory})
	f.seen(c, id, time.Second, north(400), 0)
	door.takes = time.Minute
	f.seen(c, id, 10*time.Second, north(400), 0) // it takes a minute to say that he came in
	f.wantSaid("efectivo.zona_ingresada")
	door.takes = 0
	f.seen(c, id, 15*time.Second, north(400), 0) // came in meanwhile
	f.wantSaid("efectivo.zona_ingresada")
	f.now = f.now.Add(19 * time.Second) // three periods of six seconds
	_, err := c.Step(t.Context())
	must(t, err)
	f.wantSaid("efectivo.zona_ingresada", "efectivo.senal_perdida")
}

// Whoever lives 480 times faster has arrived after two fixes of his minute, an eighth of a second.
func TestArrivalAtGreatSpeed(t *testing.T) {
	t.Parallel()
	f := newField(t)
	f.inside, f.rules = 1, zona.Reglas{}
	id := f.simulated(480)
	f.here(id)
	c := f.campo(f.door, memoria{f.memory})
	f.seen(c, id, time.Second, north(60), 0)
	f.wantSaid()
	f.seen(c, id, time.Second+125*time.Millisecond, north(60), 0)
	f.wantSaid("efectivo.zona_ingresada", "tarea.efectivo_en_lugar", "efectivo.ubicacion_confirmada")
}

// broken refuses to work for one person.
type broken struct {
	policies.Orders
	who ident.Efectivo
}

var errBroken = errors.New("broken")

func (b broken) Dispatch(ctx context.Context, o commands.Order) (commands.Answer, error) {
	if o.Commands[0].StreamID() == b.who.Stream() {
		return commands.Answer{}, errBroken
	}
	return b.Orders.Dispatch(ctx, o)
}

// Many are followed at once, each in the order of his fixes. What could not be said of one stops
// the others, and is said with theirs by whoever reads the same batches again.
func TestManyAreFollowedAtOnce(t *testing.T) {
	t.Parallel()
	f := newField(t)
	f.inside, f.rules = 1, zona.Reglas{}
	people := make([]ident.Efectivo, 12)
	for i := range people {
		people[i] = f.onDuty()
	}
	c := f.campo(broken{f.door, people[7]}, memoria{f.memory})
	for i, metres := range []float64{900, 400, 300, 900, 900} { // in by the third, out by the fifth
		for k, id := range people {
			f.store1(id, time.Duration(60*i+k)*time.Second, north(metres), 0)
		}
	}
	if _, err := c.Step(t.Context()); !errors.Is(err, errBroken) {
		t.Fatalf("it was not stopped: %v", err)
	}
	c = f.campo(f.door, memoria{f.memory})
	if _, err := c.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, id := range people {
		var said []string
		for rec, err := range f.store.ReadStream(t.Context(), eventstore.StreamID(id.Stream()), 0) {
			must(t, err)
			if rec.Metadata.Actor == "sistema:politicas" {
				said = append(said, rec.Type)
			}
		}
		if want := []string{"efectivo.zona_ingresada", "efectivo.zona_abandonada"}; !slices.Equal(said, want) {
			t.Errorf("of %s was said %v, want %v", id, said, want)
		}
	}
}

// A Zona is empty for as many times less as those live faster who could be in it; one of them
// who is real, and it is empty for as long as ever.
func TestEmptyScalesByTheSlowest(t *testing.T) {
	t.Parallel()
	f := newField(t)
	f.rules = zona.Reglas{VaciaMin: 5}
	c := f.campo(f.door, memoria{f.memory})
	said := func() (list []string) {
		for _, name := range f.said() {
			if name == "zona.quedo_vacia" || name == "zona.cubierta" {
				list = append(list, name)
			}
		}
		return list
	}
	want := func(after time.Duration, names ...string) {
		t.Helper()
		f.now = noon.Add(after)
		_, err := c.Step(t.Context())
		must(t, err)
		if got := said(); !slices.Equal(got, names) {
			t.Errorf("after %v said %v, want %v", after, got, names)
		}
	}
	fast, real := f.simulated(10), f.onDuty()
	f.seen(c, fast, time.Second, north(900), 0)
	f.seen(c, real, 2*time.Second, north(900), 0)
	want(40 * time.Second) // five minutes of the simulated one: the other could not have come
	f.do(efectivo.FinalizarTurno{Orden: efectivo.Orden{ID: real, Por: boss, En: f.now}})
	f.seen(c, fast, 41*time.Second, north(900), 0)
	want(42*time.Second, "zona.quedo_vacia")
	f.inside, f.vacia = 1, true
	want(43*time.Second, "zona.quedo_vacia", "zona.cubierta")
}
