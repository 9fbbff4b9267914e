package commands_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/auditoria"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/eventstore"
)

func TestAnOrderBecomesFacts(t *testing.T) {
	t.Parallel()
	w, _ := onMemory(t)
	id := newID[ident.Tarea]()
	order := crear(id)
	answer := w.must(order)
	if !answer.Changed || answer.Repeated || answer.Version != 1 || answer.Stream != eventstore.StreamID(id.Stream()) || answer.Position != w.head() {
		t.Errorf("answer %+v", answer)
	}
	if answer.Codigo != "T-"+order.En.Format("2006")+"-000001" {
		t.Errorf("codigo %q", answer.Codigo)
	}
	if second := w.must(crear(newID[ident.Tarea]())); second.Codigo == answer.Codigo {
		t.Errorf("two Tareas are called %s", second.Codigo)
	}
	named := crear(newID[ident.Tarea]())
	named.Codigo = "plaza-1"
	if got := w.must(named).Codigo; got != "PLAZA-1" {
		t.Errorf("codigo %q, stored as PLAZA-1", got)
	}
	events, err := w.store.ReadLog(t.Context(), 0, 1)
	if err != nil || events[0].Metadata.Actor != supervisora.Usuario.Stream() {
		t.Errorf("actor %q, %v", events[0].Metadata.Actor, err)
	}
}

// Whoever names his Tareas as the running number would keeps nobody from help: another number is
// drawn, and with those ahead all taken the codigo is told apart by the Tarea itself. What somebody
// names himself is his to name anew.
func TestNumberedCodigoTaken(t *testing.T) {
	t.Parallel()
	w, _ := onMemory(t)
	year := time.Now().UTC().Format("2006")
	take := func(n int) {
		named := crear(newID[ident.Tarea]())
		named.Codigo = fmt.Sprintf("t-%s-%06d", year, n)
		w.must(named)
	}
	take(1)
	take(2)
	if got := w.must(crear(newID[ident.Tarea]())).Codigo; got != "T-"+year+"-000003" {
		t.Errorf("codigo %q", got)
	}
	named := crear(newID[ident.Tarea]())
	named.Codigo = "T-" + year + "-000001"
	if _, err := w.Dispatch(t.Context(), one(named)); !errors.Is(err, tarea.ErrCodigoTomado) {
		t.Errorf("a codigo of his own that is taken: %v", err)
	}
	for n := range 100 {
		take(10 + n)
	}
	for n := 4; n < 10; n++ {
		w.must(crear(newID[ident.Tarea]()))
	}
	id := newID[ident.Tarea]()
	got := w.must(crear(id))
	want := fmt.Sprintf("T-%s-000018-%s", year, strings.ToUpper(string(id[len(id)-5:])))
	if got.Codigo != want || len(got.Codigo) > 20 {
		t.Errorf("codigo %q, want %q", got.Codigo, want)
	}
	created, ok := got.Facts[0].(tarea.Creada)
	if !ok || created.Codigo != want {
		t.Errorf("stored %+v", got.Facts[0])
	}
}

// The year of a codigo is the operation's, not the server's.
func TestCodigoYear(t *testing.T) {
	t.Parallel()
	_, store := onMemory(t)
	w := on(t, store, store, commands.Options{Zone: time.FixedZone("ART", -3*3600)})
	c := crear(newID[ident.Tarea]())
	c.En = time.Date(2027, time.January, 1, 1, 0, 0, 0, time.UTC)
	if got := w.must(c).Codigo; got != "T-2026-000001" {
		t.Errorf("codigo %q", got)
	}
}

func TestAuthorisation(t *testing.T) {
	t.Parallel()
	w, _ := onMemory(t)
	id, e := w.tarea(), w.onDuty()
	before := w.head()
	for name, cmds := range map[string][]commands.Command{
		"nobody":                    {tarea.Iniciar{Orden: tarea.Orden{ID: id}}},
		"the rol may not":           {tarea.Cancelar{Orden: tarea.Orden{ID: id, Por: permiso.Autor{Usuario: "x", Rol: permiso.Servicio}}, Motivo: commands.Seal("x", "motivo", "y")}},
		"the second one may not be": {crear(newID[ident.Tarea]()), tarea.Asignar{Orden: tarea.Orden{ID: id, Por: permiso.Autor{Usuario: "x", Rol: permiso.Efectivo}}, Efectivo: e}},
		"an auditor":                {tarea.Iniciar{Orden: tarea.Orden{ID: id, Por: permiso.Autor{Usuario: "x", Rol: permiso.Auditor}}}},
	} {
		if _, err := w.Dispatch(t.Context(), one(cmds...)); !errors.Is(err, permiso.ErrProhibido) {
			t.Errorf("%s: %v", name, err)
		}
	}
	stranger := tarea.Orden{ID: id, Por: permiso.Autor{Usuario: "x", Rol: permiso.Efectivo}, En: time.Now()}
	if _, err := w.Dispatch(t.Context(), one(tarea.Iniciar{Orden: stranger})); !errors.Is(err, tarea.ErrNoExiste) {
		t.Errorf("a stranger's: %v", err)
	}
	if w.head() != before {
		t.Errorf("a refused order left %s", w.log(before))
	}
	for _, o := range []commands.Order{{ID: newCommand()}, {Commands: []commands.Command{tarea.Iniciar{Orden: stranger}}}} {
		if _, err := w.Dispatch(t.Context(), o); err == nil || fault.KindOf(err) != fault.Internal {
			t.Errorf("half an order: %v", err)
		}
	}
}

func TestRepeats(t *testing.T) {
	t.Parallel()
	w, store := onMemory(t)
	id := newID[ident.Tarea]()
	order := commands.Order{ID: newCommand(), Keyed: true, Fingerprint: []byte("a"), Commands: []commands.Command{crear(id)}}
	first, err := w.Dispatch(t.Context(), order)
	if err != nil {
		t.Fatal(err)
	}
	w.must(tarea.Iniciar{Orden: taOrden(id)}) // the world goes on
	head := w.head()

	// Another process, with nothing cached, gives the first answer.
	for _, door := range []*world{w, on(t, store, store, commands.Options{})} {
		again, err := door.Dispatch(t.Context(), order)
		if err != nil || !again.Repeated || !again.Changed || again.Version != first.Version || again.Codigo != first.Codigo || again.Position != first.Position {
			t.Errorf("repeat: %+v, %v; first %+v", again, err, first)
		}
	}
	other := order
	other.Fingerprint = []byte("b")
	if _, err := w.Dispatch(t.Context(), other); !errors.Is(err, eventstore.ErrCommandReused) {
		t.Errorf("same key, other body: %v", err)
	}
	order.Fingerprint = nil // the bot's ids come from the update and need none
	if again, err := w.Dispatch(t.Context(), order); err != nil || !again.Repeated {
		t.Errorf("without fingerprint: %+v, %v", again, err)
	}
	if w.head() != head {
		t.Errorf("repeats left %s", w.log(head))
	}

	// A refusal is not recorded: the same key may succeed later.
	e := w.onDuty()
	late := commands.Order{ID: newCommand(), Keyed: true, Fingerprint: []byte("c"), Commands: []commands.Command{
		tarea.Responder{Orden: taOrden(id), Efectivo: e, Paso: tarea.PasoAceptada},
	}}
	if _, err := w.Dispatch(t.Context(), late); !errors.Is(err, tarea.ErrNoAsignado) {
		t.Fatal(err)
	}
	w.must(tarea.Asignar{Orden: taOrden(id), Efectivo: e})
	if answer, err := w.Dispatch(t.Context(), late); err != nil || answer.Repeated || !answer.Changed {
		t.Errorf("after the refusal: %+v, %v", answer, err)
	}
}

// Somebody who looks at many things at once through two processes is refused none of them, and
// every look is written down.
func TestLooksAtOnce(t *testing.T) {
	t.Parallel()
	w, store := onMemory(t)
	doors := []*world{w, on(t, store, store, commands.Options{})}
	const looks = 32
	var group sync.WaitGroup
	for i := range looks {
		group.Go(func() {
			_, err := doors[i%2].Dispatch(t.Context(), one(auditoria.LeerRecorrido{
				Por: supervisora, Efectivo: newID[ident.Efectivo](), Desde: time.Now().Add(-time.Hour), Hasta: time.Now(), En: time.Now().UTC(),
				Motivo: commands.Seal(auditoria.Stream(supervisora.Usuario), "motivo", "un reclamo de un vecino"),
			}))
			if err != nil {
				t.Errorf("look %d: %v", i, err)
			}
		})
	}
	group.Wait()
	if w.head() != looks {
		t.Errorf("%d looks, the log holds %d", looks, w.head())
	}
}

// The same order sent many times at once happens once, and all hear the same.
func TestRepeatsAtOnce(t *testing.T) {
	t.Parallel()
	w, store := onMemory(t)
	doors := []*world{w, on(t, store, store, commands.Options{})}
	id := newID[ident.Tarea]()
	order := commands.Order{ID: newCommand(), Keyed: true, Fingerprint: []byte("a"), Commands: []commands.Command{crear(id)}}
	answers := make([]commands.Answer, 32)
	var group sync.WaitGroup
	for i := range answers {
		group.Go(func() {
			// Who comes while the first is being carried out is told to come again.
			var err error = commands.ErrEnCurso
			for errors.Is(err, commands.ErrEnCurso) {
				answers[i], err = doors[i%2].Dispatch(t.Context(), order)
			}
			if err != nil {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	group.Wait()
	fresh := 0
	for _, a := range answers {
		if !a.Repeated {
			fresh++
		}
		if a.Version != 1 || a.Codigo != answers[0].Codigo {
			t.Errorf("%+v beside %+v", a, answers[0])
		}
	}
	if fresh != 1 || w.head() != 1 {
		t.Errorf("%d were the first, the log holds %s", fresh, w.log(0))
	}
}

func TestNothingLeftToDo(t *testing.T) {
	t.Parallel()
	w, _ := onMemory(t)
	id := w.tarea()
	w.must(tarea.Iniciar{Orden: taOrden(id)})
	head := w.head()
	order := commands.Order{ID: newCommand(), Keyed: true, Commands: []commands.Command{tarea.Iniciar{Orden: taOrden(id)}}}
	for repeat := range 2 {
		answer, err := w.Dispatch(t.Context(), order)
		if err != nil || answer.Changed || answer.Version != 2 || answer.Repeated != (repeat == 1) || answer.Position != head {
			t.Errorf("%d: %+v, %v", repeat, answer, err)
		}
	}
	if w.head() != head {
		t.Errorf("nothing left %s", w.log(head))
	}
}

func TestIfMatch(t *testing.T) {
	t.Parallel()
	w, store := onMemory(t)
	id := w.tarea()
	alta, baja := tarea.Alta, tarea.Baja
	change := func(door *world, seen eventstore.Version, p *tarea.Prioridad) error {
		order := one(tarea.Modificar{Orden: taOrden(id), Prioridad: p})
		order.IfMatch = &seen
		_, err := door.Dispatch(t.Context(), order)
		return err
	}
	if err := change(w, 1, &alta); err != nil {
		t.Fatal(err)
	}
	other := on(t, store, store, commands.Options{})
	if err := change(other, 1, &baja); !errors.Is(err, eventstore.ErrStale) {
		t.Errorf("seen 1, is 2: %v", err)
	}
	if err := change(other, 2, &baja); err != nil {
		t.Errorf("seen 2, is 2: %v", err)
	}
	// The first door still has version 2 cached. Who saw 3 is right, who saw 2 is not.
	if err := change(w, 2, &alta); !errors.Is(err, eventstore.ErrStale) {
		t.Errorf("seen 2, is 3: %v", err)
	}
	if err := change(w, 3, &alta); err != nil {
		t.Errorf("seen 3, is 3: %v", err)
	}
	if err := change(w, 9, &alta); !errors.Is(err, eventstore.ErrStale) {
		t.Errorf("seen 9: %v", err)
	}
}

// A lost race is decided again on what is true now, and given up after three.
func TestLostRace(t *testing.T) {
	t.Parallel()
	for losses, want := range map[int]error{1: nil, 2: nil, 3: eventstore.ErrStale, 100: eventstore.ErrStale} {
		_, store := onMemory(t)
		rival := on(t, store, store, commands.Options{})
		id := rival.tarea()
		levels := []tarea.Prioridad{tarea.Alta, tarea.Baja}
		turn := 0
		race := &racing{Store: store, n: losses, then: func() {
			rival.must(tarea.Modificar{Orden: taOrden(id), Prioridad: &levels[turn%2]})
			turn++
		}}
		w := on(t, race, store, commands.Options{})
		answer, err := w.Dispatch(t.Context(), one(tarea.Iniciar{Orden: taOrden(id)}))
		if !errors.Is(err, want) {
			t.Errorf("%d losses: %v", losses, err)
		}
		if err == nil && (answer.Version != eventstore.Version(2+losses) || turn != losses) {
			t.Errorf("%d losses: %+v after %d turns", losses, answer, turn)
		}
		if err != nil && turn != 3 {
			t.Errorf("%d losses: tried %d times", losses, turn)
		}
	}
}

// The second decision is a new one: what the rival did may refuse it.
func TestLostRaceRefused(t *testing.T) {
	t.Parallel()
	_, store := onMemory(t)
	rival := on(t, store, store, commands.Options{})
	id := rival.tarea()
	w := on(t, &racing{Store: store, n: 1, then: func() {
		rival.must(tarea.Cancelar{Orden: taOrden(id), Motivo: commands.Seal(string(id), "motivo", "llueve")})
	}}, store, commands.Options{})
	if _, err := w.Dispatch(t.Context(), one(tarea.Iniciar{Orden: taOrden(id)})); !errors.Is(err, tarea.ErrCancelada) {
		t.Errorf("got %v", err)
	}
}

// A refusal is never given on old news: before it is told, what it was decided
// on is read again.
func TestStaleRefusal(t *testing.T) {
	t.Parallel()
	w, store := onMemory(t)
	id, e := w.tarea(), w.onDuty()
	w.must(tarea.Asignar{Orden: taOrden(id), Efectivo: e}) // cached as busy
	other := on(t, store, store, commands.Options{})
	other.must(tarea.Finalizar{Orden: taOrden(id)}) // free again, which w does not know
	next := w.tarea()
	if _, err := w.Dispatch(t.Context(), one(tarea.Asignar{Orden: taOrden(next), Efectivo: e})); err != nil {
		t.Errorf("refused on old news: %v", err)
	}
}

// Run keeps a process level with what others append, so that it loses no race.
func TestRunFollows(t *testing.T) {
	t.Parallel()
	w, store := onMemory(t)
	id := w.onDuty() // w has him cached
	other := on(t, store, store, commands.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	deadline := time.Now().Add(time.Minute)
	for {
		// The follower begins at the head it finds: facts go on until it was seen to follow.
		wanted := efectivo.NoDisponible
		if other.disponibilidad(id) == efectivo.NoDisponible {
			wanted = efectivo.Disponible
		}
		other.must(efectivo.CambiarDisponibilidad{Orden: efOrden(id), Disponibilidad: wanted})
		s, err := w.Efectivo(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if s.Disponibilidad() == wanted {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the cache never followed")
		}
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Run: %v", err)
	}
}

func TestAssigningTouchesBoth(t *testing.T) {
	t.Parallel()
	w, _ := onMemory(t)
	id, e := w.tarea(), w.onDuty()
	head := w.head()
	answer := w.must(tarea.Asignar{Orden: taOrden(id), Efectivo: e})
	if got := w.log(head); got != "tarea.efectivo_asignado efectivo.disponibilidad_cambiada" {
		t.Errorf("the log has %s", got)
	}
	if answer.Stream != eventstore.StreamID(id.Stream()) || answer.Version != 2 || answer.Position != head+2 {
		t.Errorf("answer %+v", answer)
	}
	if got := w.disponibilidad(e); got != efectivo.EnTarea {
		t.Errorf("he is %s", got)
	}
	head = w.head()
	if again := w.must(tarea.Asignar{Orden: taOrden(id), Efectivo: e}); again.Changed || w.head() != head {
		t.Errorf("assigned again: %+v, %s", again, w.log(head))
	}
	// Busy, or nobody: neither side changes.
	second := w.tarea()
	head = w.head()
	for who, want := range map[ident.Efectivo]error{e: efectivo.ErrOcupado, newID[ident.Efectivo](): efectivo.ErrNoExiste} {
		if _, err := w.Dispatch(t.Context(), one(tarea.Asignar{Orden: taOrden(second), Efectivo: who})); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	if w.head() != head {
		t.Errorf("a refused assignment left %s", w.log(head))
	}
	// Forced, he is in both, and free only after both.
	w.must(tarea.Asignar{Orden: taOrden(second), Efectivo: e, Forzar: true})
	w.must(tarea.Finalizar{Orden: taOrden(id)})
	if got := w.disponibilidad(e); got != efectivo.EnTarea {
		t.Errorf("with one Tarea left he is %s", got)
	}
	w.must(tarea.Cancelar{Orden: taOrden(second), Motivo: commands.Seal(string(second), "motivo", "llueve")})
	if got := w.disponibilidad(e); got != efectivo.Disponible {
		t.Errorf("with none left he is %s", got)
	}
}

func TestReleasing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		end   func(ident.Tarea, ident.Efectivo) commands.Command
		facts string
	}{
		"finish": {
			func(id ident.Tarea, _ ident.Efectivo) commands.Command { return tarea.Finalizar{Orden: taOrden(id)} },
			"tarea.iniciada tarea.efectivo_liberado tarea.finalizada efectivo.disponibilidad_cambiada",
		},
		"cancel": {
			func(id ident.Tarea, _ ident.Efectivo) commands.Command {
				return tarea.Cancelar{Orden: taOrden(id), Motivo: commands.Seal(string(id), "motivo", "llueve")}
			},
			"tarea.efectivo_liberado tarea.cancelada efectivo.disponibilidad_cambiada",
		},
		"release": {
			func(id ident.Tarea, e ident.Efectivo) commands.Command {
				return tarea.Liberar{Orden: taOrden(id), Efectivo: e}
			},
			"tarea.efectivo_liberado efectivo.disponibilidad_cambiada",
		},
		"reject": {
			func(id ident.Tarea, e ident.Efectivo) commands.Command {
				return tarea.Responder{Orden: taOrden(id), Efectivo: e, Paso: tarea.PasoRechazada}
			},
			"tarea.asignacion_rechazada efectivo.disponibilidad_cambiada",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, _ := onMemory(t)
			id, e := w.tarea(), w.onDuty()
			w.must(tarea.Asignar{Orden: taOrden(id), Efectivo: e})
			head := w.head()
			w.must(c.end(id, e))
			if got := w.log(head); got != c.facts {
				t.Errorf("the log has %s", got)
			}
			if got := w.disponibilidad(e); got != efectivo.Disponible {
				t.Errorf("he is %s", got)
			}
		})
	}
	t.Run("off duty by force meanwhile", func(t *testing.T) {
		t.Parallel()
		w, _ := onMemory(t)
		id, e := w.tarea(), w.onDuty()
		w.must(tarea.Asignar{Orden: taOrden(id), Efectivo: e})
		w.must(efectivo.FinalizarTurno{Orden: efOrden(e), Forzar: true})
		w.must(tarea.Finalizar{Orden: taOrden(id)})
		if got := w.disponibilidad(e); got != efectivo.FueraServicio {
			t.Errorf("he is %s", got)
		}
	})
}

func TestSeveralCommands(t *testing.T) {
	t.Parallel()
	w, _ := onMemory(t)
	e, f := w.onDuty(), w.onDuty()
	id := newID[ident.Tarea]()
	head := w.head()
	answer := w.must(crear(id), tarea.Asignar{Orden: taOrden(id), Efectivo: e}, tarea.Asignar{Orden: taOrden(id), Efectivo: f})
	if got := w.log(head); got != "tarea.creada tarea.efectivo_asignado efectivo.disponibilidad_cambiada tarea.efectivo_asignado efectivo.disponibilidad_cambiada" {
		t.Errorf("the log has %s", got)
	}
	if answer.Version != 3 || answer.Codigo == "" || answer.Stream != eventstore.StreamID(id.Stream()) {
		t.Errorf("answer %+v", answer)
	}
	// All or nothing: the second Efectivo is busy, so there is no Tarea.
	free, other := w.onDuty(), newID[ident.Tarea]()
	head = w.head()
	_, err := w.Dispatch(t.Context(), one(crear(other), tarea.Asignar{Orden: taOrden(other), Efectivo: free}, tarea.Asignar{Orden: taOrden(other), Efectivo: e}))
	if !errors.Is(err, efectivo.ErrOcupado) || w.head() != head || w.disponibilidad(free) != efectivo.Disponible {
		t.Errorf("%v; the log has %s; he is %s", err, w.log(head), w.disponibilidad(free))
	}
	// A person and the Efectivo he is; the same person twice is refused whole.
	ef, us := registrar(newID[ident.Efectivo]())
	head = w.head()
	w.must(ef, us)
	if got := w.log(head); got != "efectivo.registrado usuario.registrado" {
		t.Errorf("the log has %s", got)
	}
	head = w.head()
	ef2, us2 := registrar(newID[ident.Efectivo]())
	us2.Email = commands.SealIndexed(us2.Email.Owner, "email", " "+us.Email.Value+" ")
	if _, err := w.Dispatch(t.Context(), one(ef2, us2)); !errors.Is(err, usuario.ErrEmailTomado) {
		t.Errorf("the same e-mail: %v", err)
	}
	ef3, us3 := registrar(newID[ident.Efectivo]())
	ef3.CodigoInterno = ef.CodigoInterno
	if _, err := w.Dispatch(t.Context(), one(ef3, us3)); !errors.Is(err, efectivo.ErrCodigoTomado) {
		t.Errorf("the same code: %v", err)
	}
	if _, err := w.Dispatch(t.Context(), one(ef, us)); fault.KindOf(err) != fault.Conflict {
		t.Errorf("the same ids: %v", err)
	}
	if w.head() != head {
		t.Errorf("refused registrations left %s", w.log(head))
	}
}

func TestClaims(t *testing.T) {
	t.Parallel()
	w, _ := onMemory(t)
	from := time.Now().UTC().Truncate(time.Hour)
	plan := func(codigo string, hour, hours int) tarea.Crear {
		c := crear(newID[ident.Tarea]())
		end := from.Add(time.Duration(hour+hours) * time.Hour)
		c.Codigo, c.Delegado, c.InicioProgramado, c.FinProgramado = codigo, "7b0c3a52-0000-4000-8000-00000000000d", from.Add(time.Duration(hour)*time.Hour), &end
		return c
	}
	first := plan("PLAN-1", 0, 2)
	w.must(first)
	if _, err := w.Dispatch(t.Context(), one(plan("plan-1", 10, 1))); !errors.Is(err, tarea.ErrCodigoTomado) {
		t.Errorf("same codigo: %v", err)
	}
	if _, err := w.Dispatch(t.Context(), one(plan("PLAN-2", 1, 2))); !errors.Is(err, tarea.ErrSolape) {
		t.Errorf("overlapping hours: %v", err)
	}
	w.must(plan("PLAN-3", 2, 1)) // right after is no overlap
	allowed := plan("PLAN-4", 1, 1)
	allowed.PermitirSolape = true
	w.must(allowed)
	// Ended, the hours are free; moved, others are taken.
	w.must(tarea.Cancelar{Orden: taOrden(first.ID), Motivo: commands.Seal(string(first.ID), "motivo", "llueve")})
	again := plan("PLAN-5", 0, 2)
	w.must(again)
	late := from.Add(150 * time.Minute)
	if _, err := w.Dispatch(t.Context(), one(tarea.Modificar{Orden: taOrden(again.ID), FinProgramado: &late})); !errors.Is(err, tarea.ErrSolape) {
		t.Errorf("moved onto another: %v", err)
	}
	early := from.Add(time.Hour)
	w.must(tarea.Modificar{Orden: taOrden(again.ID), FinProgramado: &early})
	w.must(plan("PLAN-6", 1, 1))
}

// observed remembers what the door told about its orders.
type observed struct {
	mu   sync.Mutex
	list []string
}

func (o *observed) Observe(_ context.Context, a permiso.Accion, outcome string, took time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if took < 0 {
		outcome = "antes de empezar"
	}
	o.list = append(o.list, string(a)+" "+outcome)
}

func TestObserver(t *testing.T) {
	t.Parallel()
	_, store := onMemory(t)
	var seen observed
	w := on(t, store, store, commands.Options{Observer: &seen})
	id := newID[ident.Tarea]()
	order := commands.Order{ID: newCommand(), Keyed: true, Commands: []commands.Command{crear(id)}}
	for range 2 {
		if _, err := w.Dispatch(t.Context(), order); err != nil {
			t.Fatal(err)
		}
	}
	w.must(tarea.Iniciar{Orden: taOrden(id)})
	w.must(tarea.Iniciar{Orden: taOrden(id)})
	_, _ = w.Dispatch(t.Context(), one(tarea.Reanudar{Orden: taOrden(newID[ident.Tarea]())}))
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, _ = w.Dispatch(gone, one(tarea.Pausar{Orden: taOrden(id)}))
	want := []string{
		"tarea.crear ok", "tarea.crear repetida", "tarea.ejecutar ok", "tarea.ejecutar sin_cambio",
		"tarea.ejecutar tarea_no_existe", "tarea.ejecutar registro_no_disponible",
	}
	if !slices.Equal(seen.list, want) {
		t.Errorf("observed %q", seen.list)
	}
}

// A small cache forgets and reads again; a foreign stream is nobody's.
func TestSmallCache(t *testing.T) {
	t.Parallel()
	_, store := onMemory(t)
	w := on(t, store, store, commands.Options{CacheSize: 1})
	ids := []ident.Tarea{w.tarea(), w.tarea(), w.tarea()}
	for _, step := range []func(ident.Tarea) commands.Command{
		func(id ident.Tarea) commands.Command { return tarea.Iniciar{Orden: taOrden(id)} },
		func(id ident.Tarea) commands.Command { return tarea.Pausar{Orden: taOrden(id)} },
		func(id ident.Tarea) commands.Command { return tarea.Finalizar{Orden: taOrden(id)} },
	} {
		for _, id := range ids {
			if answer := w.must(step(id)); !answer.Changed {
				t.Errorf("%T changed nothing", step(id))
			}
		}
	}
	if _, err := commands.New(store, store, commands.Options{CacheSize: -1}); err == nil {
		t.Error("a cache of -1 states was made")
	}
	if s, err := w.Usuario(t.Context(), ident.Usuario(uuid.NewString())); err != nil || s.Existe() {
		t.Errorf("a Usuario who never was: %v, %v", s, err)
	}
}

// Whoever was told of a fact of another process asks for the state as it is now: without that,
// one that has not heard of the fact yet answers as if it had never been.
func TestRefreshKnowsWhatAnotherRecorded(t *testing.T) {
	t.Parallel()
	here, store := onMemory(t)
	there := on(t, store, store, commands.Options{})
	id := here.onDuty()
	if s, err := there.Efectivo(t.Context(), id); err != nil || !s.EnTurno() {
		t.Fatalf("on duty: %v", err)
	}
	here.must(efectivo.FinalizarTurno{Orden: efOrden(id)})
	if s, err := there.Efectivo(t.Context(), id); err != nil || !s.EnTurno() {
		t.Fatalf("nothing follows the log there, and yet it knows: %v", err)
	}
	if err := there.Refresh(t.Context(), eventstore.StreamID(id.Stream())); err != nil {
		t.Fatal(err)
	}
	if s, err := there.Efectivo(t.Context(), id); err != nil || s.EnTurno() {
		t.Errorf("after Refresh he is on duty still: %v", err)
	}
}
