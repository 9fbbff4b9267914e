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

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/commands/policies"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections/efectivos"
)

// The policies live a day in virtual time, killed at the same point of everything they do, and
// come to the same as in a day on which nobody kills them: nothing is lost, nothing happens twice.

// dayOfTimers has every policy that waits for an instant: offers that lapse, an emergency that
// nobody has, reminders, a Tarea that is overdue, a leave that begins and ends, a call for help.
// when is the point of a policy's act at which its process dies, "" for none.
func dayOfTimers(t *testing.T, when string) map[string]int {
	t.Helper()
	f, everybody := newCity(t)
	f.near(100)
	f.near(200)
	f.emergency(everybody) // offered to the first, then to the second, then to nobody
	f.planned(f.onDuty())  // begins at 13:00 and ends at 14:00
	f.planned()            // and one that nobody has
	rests, calls := f.onDuty(), f.onDuty()
	leave, o := ident.Licencia(uuid.NewString()), efectivo.Orden{ID: rests, Por: boss, En: f.now}
	f.do(efectivo.SolicitarLicencia{Orden: o, Licencia: leave, Desde: noon.Add(30 * time.Minute), Hasta: noon.Add(90 * time.Minute)})
	f.do(efectivo.AprobarLicencia{Orden: o, Licencia: leave})
	f.do(efectivo.ActivarSOS{Orden: efectivo.Orden{ID: calls, Por: boss, En: f.now}})
	for _, after := range []time.Duration{
		time.Minute, 2 * time.Minute, 3 * time.Minute, 6 * time.Minute, 7 * time.Minute, 10 * time.Minute, 20 * time.Minute,
		30 * time.Minute, 50 * time.Minute, 90 * time.Minute, 2 * time.Hour, 9 * time.Hour,
	} {
		f.now = noon.Add(after)
		if after == 6*time.Minute {
			f.near(2_000) // comes on duty, and is sent to the emergency that nobody has
		}
		f.project()
		if when != "" {
			d := dying{Orders: f.door, Timers: f.timers, when: when}
			if _, err := f.engine(d, d).Fire(t.Context()); err != nil && !errors.Is(err, errKilled) {
				t.Fatal(err)
			}
			if _, err := f.seeker(d, everybody).Step(t.Context()); err != nil && !errors.Is(err, errKilled) {
				t.Fatal(err)
			}
		}
		// The next process, twice at once, with the rows as they were left; and once more.
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				_, err := f.engine(f.door, f.timers).Fire(t.Context())
				_, err2 := f.seeker(f.door, everybody).Step(t.Context())
				if err := errors.Join(err, err2); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		f.project()
		if _, err := f.engine(f.door, f.timers).Fire(t.Context()); err != nil {
			t.Error(err)
		}
	}
	return counted(f.said())
}

func counted(names []string) map[string]int {
	n := map[string]int{}
	for _, name := range names {
		n[name]++
	}
	return n
}

func (f *field) seeker(orders policies.Orders, everybody *efectivos.Despliegue) *policies.Buscador {
	return policies.NewBuscador(policies.Desatencion{Orders: orders, Estados: f.door, Desatendidas: f.timers, Recomendador: everybody},
		policies.BuscadorOptions{Now: func() time.Time { return f.now }})
}

func TestEveryTimerKilledAtAnyInstant(t *testing.T) {
	t.Parallel()
	want := map[string]int{
		"tarea.escalada":                   3, // on to the second, to nobody, and he who came did not answer either
		"tarea.efectivo_ofrecido":          2,
		"tarea.efectivo_liberado":          3,
		"tarea.recordatorio_enviado":       6, // T-40, T-10, overdue: to him who has it, and to who is in charge
		"alerta.escalada":                  3,
		"efectivo.turno_finalizado":        1,
		"efectivo.disponibilidad_cambiada": 7, // freed thrice and taken twice; the leave begins and ends
	}
	for _, when := range []string{"", "before the order", "after the order", "before it is remembered", "after it is remembered"} {
		t.Run(when, func(t *testing.T) {
			t.Parallel()
			got := dayOfTimers(t, when)
			delete(got, "tarea.recomendacion_emitida") // each look that finds nobody new keeps what it found
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("said %v, want %v", got, want)
			}
		})
	}
}

// mortal is a process that dies at one order, before or after it is given, or before it saves.
type mortal struct {
	policies.Orders
	policies.Memoria
	before, after bool
}

func (m mortal) Dispatch(ctx context.Context, o commands.Order) (commands.Answer, error) {
	if m.before {
		return commands.Answer{}, errKilled
	}
	a, err := m.Orders.Dispatch(ctx, o)
	if m.after {
		return commands.Answer{}, errKilled
	}
	return a, err
}

func (mortal) Save(context.Context, eventstore.Batch, eventstore.Batch, map[string][]byte) error {
	return errKilled
}

// What the positions mean, and what their absence means: a Zona entered and left, an arrival, a
// signal lost and recovered, a Zona empty and covered again.
func TestEveryObservationKilledAtAnyInstant(t *testing.T) {
	t.Parallel()
	want := []string{
		"efectivo.zona_ingresada", "tarea.efectivo_en_lugar", "efectivo.ubicacion_confirmada", "efectivo.zona_abandonada", "zona.quedo_vacia",
		"efectivo.senal_perdida", "efectivo.senal_recuperada", "zona.cubierta",
	}
	for name, m := range map[string]*mortal{"": nil, "before the order": {before: true}, "after the order": {after: true}, "before it is remembered": {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newField(t)
			id := f.onDuty()
			f.here(id)
			f.inside = 1
			at := func(after time.Duration, metres float64) {
				t.Helper()
				if f.now = noon.Add(after); metres >= 0 {
					f.store1(id, after, north(metres), 0)
				}
				if m != nil {
					d := mortal{f.door, memoria{f.memory}, m.before, m.after}
					if _, err := f.campo(d, d).Step(t.Context()); err != nil && !errors.Is(err, errKilled) {
						t.Fatal(err)
					}
				}
				if _, err := f.campo(f.door, memoria{f.memory}).Step(t.Context()); err != nil {
					t.Fatal(err)
				}
				f.vacia = slices.Contains(f.said(), "zona.quedo_vacia") && !slices.Contains(f.said(), "zona.cubierta")
			}
			at(10*time.Second, 300)
			at(20*time.Second, 300)
			at(30*time.Second, 50)
			at(60*time.Second, 50)
			at(80*time.Second, 900)
			at(90*time.Second, 900)
			f.inside = 0
			for after := 2 * time.Minute; after < 8*time.Minute; after += time.Minute {
				metres := 900.0
				if after == 2*time.Minute {
					metres = -1 // nobody looks
				}
				at(after, metres)
			}
			at(12*time.Minute, -1) // silent
			f.inside = 1
			at(13*time.Minute, 900)
			at(14*time.Minute, 900)
			if got := f.said(); !slices.Equal(got, want) {
				t.Errorf("said %v, want %v", got, want)
			}
		})
	}
}
