package policies_test

import (
	"context"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/commands/policies"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections/efectivos"
	"github.com/grupo-gad/gad/projections/politicas"
)

// newCity is a field whose orders know who could be sent.
func newCity(t *testing.T) (*field, *efectivos.Despliegue) {
	t.Helper()
	w, pool := newWorldOn(t)
	f := &field{
		world: w, fixes: openTelemetry(t, pool), memory: politicas.NewCampo(pool, "a", 0), pool: pool, zone: ident.Zona(uuid.Must(uuid.NewV7()).String()),
	}
	everybody := efectivos.NewDespliegue(pool, w.store, f.fixes, slog.New(slog.DiscardHandler)).Patient(time.Minute)
	door, err := commands.New(w.store, w.store, commands.Options{Recomendador: everybody, Search: time.Minute})
	must(t, err)
	w.door, f.everybody = door, everybody
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	running.Go(func() { _ = everybody.Run(ctx) })
	t.Cleanup(func() { stop(); running.Wait() })
	return f, everybody
}

// near puts somebody on duty so many metres from the plaza, and waits until it is known that he
// is there: positions are followed, not asked for.
func (f *field) near(metres float64) ident.Efectivo {
	f.t.Helper()
	id, place := f.onDuty(), north(metres)
	f.store1(id, f.now.Sub(noon), place, 0)
	for until := time.Now().Add(2 * time.Minute); ; {
		r, _, err := f.everybody.Recomendar(f.t.Context(), place, f.now, tarea.CriteriosPorDefecto())
		must(f.t, err)
		if slices.Contains(r.Efectivos(), id) {
			return id
		}
		if time.Now().After(until) {
			f.t.Fatalf("nobody knows where %s is", id)
		}
		runtime.Gosched()
	}
}

// emergency is one at the plaza, by whoever is there now.
func (f *field) emergency(everybody *efectivos.Despliegue) ident.Tarea {
	f.t.Helper()
	id := ident.Tarea(uuid.Must(uuid.NewV7()).String())
	o := tarea.Orden{ID: id, Por: boss, En: f.now}
	r, siguientes, err := everybody.Recomendar(f.t.Context(), plaza, f.now, tarea.CriteriosPorDefecto())
	must(f.t, err)
	f.do(
		tarea.Crear{
			Orden: o, Codigo: "E-" + strings.ToUpper(uuid.NewString()[:8]), Titulo: sealed.Text{Owner: string(id), Field: "titulo", Value: "Choque en la plaza"},
			Tipo: tarea.Emergencia, Prioridad: tarea.Critica, Ubicacion: &tarea.Lugar{Punto: plaza},
		},
		tarea.EmitirRecomendacion{Orden: o, Recomendacion: r},
		tarea.Ofrecer{Orden: o, Siguientes: siguientes},
	)
	return id
}

func (f *field) rejects(id ident.Tarea, who ident.Efectivo) {
	f.t.Helper()
	f.do(tarea.Responder{
		Orden: tarea.Orden{ID: id, Por: boss, En: f.now}, Efectivo: who, Paso: tarea.PasoRechazada,
		Motivo: sealed.Text{Owner: string(id), Field: "motivo", Value: "no puede"},
	})
}

// story is what was recorded of a Tarea: offers, alarms and recommendations.
type story struct {
	offered []ident.Efectivo
	alarms  int
	ranked  []tarea.Recomendacion
}

func (w *world) story(id ident.Tarea) (s story) {
	w.t.Helper()
	for r, err := range w.store.ReadStream(w.t.Context(), eventstore.StreamID(id.Stream()), 0) {
		must(w.t, err)
		switch e := r.Event.(type) {
		case tarea.EfectivoOfrecido:
			s.offered = append(s.offered, e.Efectivo)
		case tarea.Escalada:
			if e.SinEfectivos() {
				s.alarms++
			}
		case tarea.RecomendacionEmitida:
			s.ranked = append(s.ranked, e.Recomendacion)
		}
	}
	return s
}

// Once those of the stored recommendation have all had their turn it is computed anew, without
// them, before anybody hears that there is nobody; each is kept and can be computed again.
func TestRankedAgainWhenAllHaveRefused(t *testing.T) {
	t.Parallel()
	f, everybody := newCity(t)
	var crew []ident.Efectivo
	for i := range tarea.MaxCandidatos + 2 {
		crew = append(crew, f.near(float64(100+10*i)))
	}
	id := f.emergency(everybody)
	late := f.near(5_000) // comes on duty when the recommendation stands already
	for _, who := range append(slices.Clone(crew), late) {
		if got := f.story(id); got.alarms != 0 || got.offered[len(got.offered)-1] != who {
			t.Fatalf("offered to %v with %d alarms, want %s now", got.offered, got.alarms, who)
		}
		f.rejects(id, who)
	}
	got := f.story(id)
	if want := append(slices.Clone(crew), late); !slices.Equal(got.offered, want) || got.alarms != 1 {
		t.Errorf("offered to %d of %d, in another order, or %d alarms", len(got.offered), len(want), got.alarms)
	}
	if len(got.ranked) != 3 {
		t.Fatalf("%d recommendations, want 3: the first, the one after %d refusals, the last", len(got.ranked), tarea.MaxCandidatos)
	}
	for i, r := range got.ranked {
		if !r.Recalcular().Igual(r) {
			t.Errorf("recommendation %d is another when it is computed again", i)
		}
	}
	second, last := got.ranked[1], got.ranked[2]
	if want := append(slices.Clone(crew[tarea.MaxCandidatos:]), late); !slices.Equal(second.Efectivos(), want) {
		t.Errorf("the second ranks %v, want %v", second.Efectivos(), want)
	}
	if len(last.Candidatos) != 0 || len(last.Exclusiones) != 1 || last.Exclusiones[0] != (tarea.Cuenta{Causa: tarea.YaOfrecida, Cantidad: len(crew) + 1}) {
		t.Errorf("the last one says %+v", last.Exclusiones)
	}
}

// An offer that lapses is passed on in the same way.
func TestRankedAgainWhenAnOfferLapses(t *testing.T) {
	t.Parallel()
	f, everybody := newCity(t)
	first := f.near(100)
	id := f.emergency(everybody)
	late := f.near(300)
	f.at(time.Minute)
	if got := f.story(id); !slices.Equal(got.offered, []ident.Efectivo{first, late}) || got.alarms != 0 || len(got.ranked) != 2 {
		t.Errorf("%+v", got)
	}
	f.at(2 * time.Minute)
	if got := f.story(id); len(got.offered) != 2 || got.alarms != 1 {
		t.Errorf("%+v", got)
	}
}

// A simulated Efectivo has as much less time to answer as he lives faster, and never less than
// two seconds; a real one beside him has all of it.
func TestOffersScaleByAcceleration(t *testing.T) {
	t.Parallel()
	f, everybody := newCity(t)
	fast := f.simulated(20)
	f.store1(fast, 0, north(10), 0)
	fastest := f.simulated(600)
	f.store1(fastest, 0, north(20), 0)
	real := f.near(30)
	id := f.emergency(everybody)
	f.at(3*time.Second - 1)
	f.at(3 * time.Second)
	f.at(5*time.Second - 1)
	if got := f.story(id); !slices.Equal(got.offered, []ident.Efectivo{fast, fastest}) {
		t.Errorf("offered to %v", got.offered)
	}
	f.at(5 * time.Second)
	f.at(64 * time.Second)
	if got := f.story(id); !slices.Equal(got.offered, []ident.Efectivo{fast, fastest, real}) || got.alarms != 0 {
		t.Errorf("offered to %v, %d alarms", got.offered, got.alarms)
	}
	f.at(65 * time.Second)
	if got := f.story(id); got.alarms != 1 {
		t.Errorf("%d alarms", got.alarms)
	}
}

// Whoever becomes available is offered an emergency that nobody has, one only, however many
// look for somebody at once; who said no is not asked again.
func TestSomebodyBecomesAvailable(t *testing.T) {
	t.Parallel()
	f, everybody := newCity(t)
	no := f.near(50)
	first := f.emergency(everybody)
	f.rejects(first, no)
	second := f.emergency(everybody) // he has not been asked about this one
	f.rejects(second, no)
	look := func() {
		f.project()
		var both sync.WaitGroup
		for range 3 {
			both.Go(func() {
				b := policies.NewBuscador(policies.Desatencion{Orders: f.door, Estados: f.door, Desatendidas: f.timers, Recomendador: everybody},
					policies.BuscadorOptions{Now: func() time.Time { return f.now }})
				if _, err := b.Step(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
	}
	head, err := f.store.Head(t.Context())
	must(t, err)
	look()
	if now, err := f.store.Head(t.Context()); err != nil || now != head {
		t.Errorf("with nobody there the log went from %d to %d, %v", head, now, err)
	}
	came := f.near(2_000)
	look()
	offers := append(f.story(first).offered[1:], f.story(second).offered[1:]...)
	if !slices.Equal(offers, []ident.Efectivo{came}) {
		t.Errorf("he who came was offered %d emergencies", len(offers))
	}
	// He finishes it; the other one is his next.
	taken := first
	if len(f.story(second).offered) == 2 {
		taken = second
	}
	f.do(tarea.Responder{Orden: tarea.Orden{ID: taken, Por: boss, En: f.now}, Efectivo: came, Paso: tarea.PasoAceptada})
	f.do(tarea.Finalizar{Orden: tarea.Orden{ID: taken, Por: boss, En: f.now}})
	look()
	offers = append(f.story(first).offered[1:], f.story(second).offered[1:]...)
	if !slices.Equal(offers, []ident.Efectivo{came, came}) {
		t.Errorf("offers to %v", offers)
	}
	for _, id := range []ident.Tarea{first, second} {
		for _, r := range f.story(id).ranked {
			if !r.Recalcular().Igual(r) {
				t.Error("a recommendation is another when it is computed again")
			}
		}
	}
}

// A call for help that was attended a moment ago is not escalated, whatever the rows say.
func TestAttendedIsNotEscalated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.onDuty()
	o := efectivo.Orden{ID: id, Por: boss, En: w.now}
	w.do(efectivo.ActivarSOS{Orden: o})
	w.project()
	w.do(efectivo.AtenderSOS{Orden: o})
	w.now = noon.Add(time.Hour)
	e := policies.NewEngine(w.door, w.timers, policies.Options{Now: func() time.Time { return w.now }, Estados: w.door})
	if n, err := e.Fire(t.Context()); n != 3 || err != nil {
		t.Errorf("%d fired, %v", n, err)
	}
	w.wantSaid()
}

// A call for help is escalated whatever this process still remembers of who calls: a process
// that hears of the log late must not take the silence for an answer.
func TestEscalatesWhatItHasNotHeardOf(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.onDuty()
	late, err := commands.New(w.store, w.store, commands.Options{}) // nobody tells it of the log
	must(t, err)
	if s, err := late.Efectivo(t.Context(), id); err != nil || s.SOS() {
		t.Fatalf("sos %t, %v", s.SOS(), err)
	}
	w.do(efectivo.ActivarSOS{Orden: efectivo.Orden{ID: id, Por: boss, En: w.now}})
	w.project()
	w.now = noon.Add(time.Minute)
	e := policies.NewEngine(late, w.timers, policies.Options{Now: func() time.Time { return w.now }, Estados: late})
	if n, err := e.Fire(t.Context()); n != 1 || err != nil {
		t.Errorf("%d fired, %v", n, err)
	}
	w.wantSaid("alerta.escalada")
}
