package policies_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/commands/policies"
	"github.com/grupo-gad/gad/domain"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/politica"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/postgres"
	"github.com/grupo-gad/gad/eventstore/vault"
	"github.com/grupo-gad/gad/ops/pgtest"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/politicas"
)

// noon is when the virtual day of a test begins.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

var boss = permiso.Autor{Usuario: ident.Usuario(uuid.NewString()), Rol: permiso.Supervisor}

// world is the log, the read model of the timers and a clock that stands still until
// it is moved.
type world struct {
	t      *testing.T
	store  *postgres.Store
	door   *commands.Dispatcher
	runner *projections.Runner
	timers *politicas.Timers
	now    time.Time
}

type ciego struct{}

func (ciego) Reveal(context.Context, []sealed.Commitment) (map[sealed.Commitment]string, error) {
	return map[sealed.Commitment]string{}, nil
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w, _ := newWorldOn(t)
	return w
}

func newWorldOn(t *testing.T) (*world, *pgxpool.Pool) {
	t.Helper()
	db := pgtest.New(t)
	catalog, err := domain.Catalog()
	must(t, err)
	kek, err := vault.NewKEK(bytes.Repeat([]byte{7}, 32))
	must(t, err)
	v, err := vault.Open(t.Context(), db.App, vault.NewKeyring(kek))
	must(t, err)
	store, err := postgres.New(t.Context(), db.App, postgres.Options{Catalog: catalog, Writer: "policies.test", Vault: v, Patience: time.Minute})
	must(t, err)
	door, err := commands.New(store, store, commands.Options{})
	must(t, err)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	running.Go(func() { _ = store.Run(ctx) })
	t.Cleanup(func() { stop(); running.Wait() })
	return &world{
		t: t, store: store, door: door, timers: politicas.NewTimers(db.App, politica.PlazosPorDefecto()), now: noon,
		runner: projections.NewRunner(db.App, store, ciego{}, projections.Options{}, politicas.Projection{}),
	}, db.App
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) do(cmds ...commands.Command) {
	w.t.Helper()
	_, err := w.door.Dispatch(w.t.Context(), commands.Order{ID: eventstore.CommandID(uuid.New()), Commands: cmds})
	must(w.t, err)
}

// project brings the timers level with the log.
func (w *world) project() {
	w.t.Helper()
	head, err := w.store.Head(w.t.Context())
	must(w.t, err)
	must(w.t, w.runner.CatchUp(w.t.Context(), politicas.Name, head, 0, nil))
}

func (w *world) engine(orders policies.Orders, timers policies.Timers) *policies.Engine {
	return policies.NewEngine(orders, timers, policies.Options{Now: func() time.Time { return w.now }})
}

// at moves the clock and fires what is due.
func (w *world) at(after time.Duration) {
	w.t.Helper()
	w.now = noon.Add(after)
	w.project()
	_, err := w.engine(w.door, w.timers).Fire(w.t.Context())
	must(w.t, err)
}

// said lists the facts that the policies ordered, by name.
func (w *world) said() (names []string) {
	w.t.Helper()
	events, err := w.store.ReadLog(w.t.Context(), 0, 10_000)
	must(w.t, err)
	for _, r := range events {
		if r.Metadata.Actor == "sistema:politicas" {
			if !strings.HasPrefix(r.Metadata.Causation, "timer:") && !strings.HasPrefix(r.Metadata.Causation, "politica:") {
				w.t.Errorf("%s at %d was caused by %q", r.Type, r.Position, r.Metadata.Causation)
			}
			names = append(names, r.Type)
		}
	}
	return names
}

func (w *world) wantSaid(want ...string) {
	w.t.Helper()
	if got := w.said(); !slices.Equal(got, want) {
		w.t.Errorf("the policies said %v, want %v", got, want)
	}
}

func (w *world) onDuty() ident.Efectivo {
	w.t.Helper()
	id := ident.Efectivo(uuid.Must(uuid.NewV7()).String())
	o := efectivo.Orden{ID: id, Por: boss, En: w.now}
	w.do(efectivo.Registrar{Orden: o, Usuario: ident.Usuario(uuid.NewString()), CodigoInterno: "M-" + uuid.NewString()[:8]})
	w.do(efectivo.IniciarTurno{Orden: o, Turno: ident.Turno(uuid.NewString())})
	return id
}

// planned is a Tarea that begins an hour from now and lasts an hour.
func (w *world) planned(crew ...ident.Efectivo) ident.Tarea {
	w.t.Helper()
	id := ident.Tarea(uuid.Must(uuid.NewV7()).String())
	o := tarea.Orden{ID: id, Por: boss, En: w.now}
	fin := w.now.Add(2 * time.Hour)
	w.do(tarea.Crear{
		Orden: o, Codigo: "T-" + strings.ToUpper(uuid.NewString()[:8]), Titulo: sealed.Text{Owner: string(id), Field: "titulo", Value: "Guardia en la plaza"},
		Tipo: tarea.Vigilancia, InicioProgramado: w.now.Add(time.Hour), FinProgramado: &fin,
	})
	for _, e := range crew {
		w.do(tarea.Asignar{Orden: o, Efectivo: e})
	}
	return id
}

// A Tarea is called to mind 40 and 10 minutes before, once each, and when it is overdue.
func TestReminders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := w.onDuty()
	id := w.planned(e)
	w.at(19 * time.Minute)
	w.wantSaid()
	w.at(20 * time.Minute)
	w.wantSaid("tarea.recordatorio_enviado")
	w.at(30 * time.Minute)
	w.wantSaid("tarea.recordatorio_enviado")
	w.at(50 * time.Minute)
	w.wantSaid("tarea.recordatorio_enviado", "tarea.recordatorio_enviado")
	// He has read it; a second time changes nothing.
	me := permiso.Autor{Rol: permiso.Supervisor, Usuario: boss.Usuario}
	w.do(tarea.AcusarRecordatorio{Orden: tarea.Orden{ID: id, Por: me, En: w.now}, Clase: "t-10", Efectivo: e, Vence: noon.Add(50 * time.Minute)})
	w.at(2 * time.Hour)
	w.wantSaid("tarea.recordatorio_enviado", "tarea.recordatorio_enviado", "tarea.recordatorio_enviado") // vencida
	w.at(9 * time.Hour)
	w.wantSaid("tarea.recordatorio_enviado", "tarea.recordatorio_enviado", "tarea.recordatorio_enviado")

	// Finished, and taken up again after its end, it is late once more, and once.
	boss := tarea.Orden{ID: id, Por: boss, En: w.now}
	w.do(tarea.Finalizar{Orden: boss})
	w.do(tarea.Reabrir{Orden: boss, Motivo: sealed.Text{Owner: string(id), Field: "motivo", Value: "faltó la otra cuadra"}})
	for range 2 {
		w.at(9*time.Hour + time.Minute)
		w.wantSaid("tarea.recordatorio_enviado", "tarea.recordatorio_enviado", "tarea.recordatorio_enviado", "tarea.recordatorio_enviado")
	}
}

// reminded lists who was reminded of a Tarea, with what: "" is whoever is in charge.
func (w *world) reminded(id ident.Tarea) (list []string) {
	w.t.Helper()
	for r, err := range w.store.ReadStream(w.t.Context(), eventstore.StreamID(id.Stream()), 0) {
		must(w.t, err)
		if e, ok := r.Event.(tarea.RecordatorioEnviado); ok {
			list = append(list, e.Clase+" "+string(e.Efectivo))
		}
	}
	return list
}

// With nobody bound it is the delegado who is reminded; from when somebody is, that one is, and
// nobody is reminded of what was due before it concerned him.
func TestRemindersOfWhatNobodyHas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.onDuty(), w.onDuty()
	alone, given, left := w.planned(), w.planned(), w.planned(a)
	do := func(cmd func(o tarea.Orden) commands.Command, id ident.Tarea) {
		w.do(cmd(tarea.Orden{ID: id, Por: boss, En: w.now}))
	}
	assign := func(e ident.Efectivo) func(tarea.Orden) commands.Command {
		return func(o tarea.Orden) commands.Command { return tarea.Asignar{Orden: o, Efectivo: e} }
	}
	w.at(20 * time.Minute)
	w.now = noon.Add(30 * time.Minute)
	do(assign(b), given)
	do(func(o tarea.Orden) commands.Command { return tarea.Liberar{Orden: o, Efectivo: a} }, left)
	w.at(31 * time.Minute)
	w.at(50 * time.Minute)
	w.now = noon.Add(55 * time.Minute)
	do(func(o tarea.Orden) commands.Command { return tarea.Liberar{Orden: o, Efectivo: b} }, given)
	w.at(time.Hour)
	for id, want := range map[ident.Tarea][]string{
		alone: {"t-40 ", "t-10 "}, given: {"t-40 ", "t-10 " + string(b)}, left: {"t-40 " + string(a), "t-10 "},
	} {
		if got := w.reminded(id); !slices.Equal(got, want) {
			t.Errorf("reminded %q, want %q", got, want)
		}
	}
	// A row that stands still though somebody has it by now: the Tarea decides.
	late := w.planned()
	w.project()
	do(assign(a), late)
	w.now = w.now.Add(20 * time.Minute)
	_, err := w.engine(w.door, w.timers).Fire(t.Context())
	must(t, err)
	if got := w.reminded(late); len(got) != 0 {
		t.Errorf("reminded %q", got)
	}
}

// Whoever was away when several reminders of a Tarea were due sends the nearest alone; of an hour
// that has come, too.
func TestLateRemindersAreOne(t *testing.T) {
	t.Parallel()
	for _, late := range []time.Duration{50 * time.Minute, 55 * time.Minute, time.Hour + time.Minute} {
		w := newWorld(t)
		crewed, alone := w.onDuty(), ident.Efectivo("")
		one, other := w.planned(crewed), w.planned()
		for range 2 { // nor later
			w.at(late)
		}
		for id, who := range map[ident.Tarea]ident.Efectivo{one: crewed, other: alone} {
			if got, want := w.reminded(id), []string{"t-10 " + string(who)}; !slices.Equal(got, want) {
				t.Errorf("after %s reminded %q, want %q", late, got, want)
			}
		}
	}
}

// What is settled before its time is not said.
func TestTimersThatAreNotNeeded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b, c := w.onDuty(), w.onDuty(), w.onDuty()
	ended, freed, begun := w.planned(), w.planned(a), w.planned(c)
	order := func(id ident.Tarea) tarea.Orden { return tarea.Orden{ID: id, Por: boss, En: w.now} }
	w.do(tarea.Cancelar{Orden: order(ended), Motivo: sealed.Text{Owner: string(ended), Field: "motivo", Value: "no hace falta"}})
	w.do(tarea.Liberar{Orden: order(freed), Efectivo: a}, tarea.Asignar{Orden: order(freed), Efectivo: b})
	w.do(tarea.Iniciar{Orden: order(begun)}, tarea.Iniciar{Orden: order(freed)})
	w.at(time.Hour)
	w.wantSaid()
	// Even when the row is still there: the Tarea decides.
	w.project()
	w.do(tarea.Finalizar{Orden: order(freed)}, tarea.Finalizar{Orden: order(begun)})
	w.now = noon.Add(3 * time.Hour)
	_, err := w.engine(w.door, w.timers).Fire(t.Context())
	must(t, err)
	w.wantSaid()
	if n, err := w.engine(w.door, w.timers).Fire(t.Context()); n != 0 || err != nil {
		t.Errorf("%d timers are fired again and again, %v", n, err)
	}
}

func TestLeaveAndSOS(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.onDuty(), w.onDuty()
	leave := ident.Licencia(uuid.NewString())
	o := efectivo.Orden{ID: a, Por: boss, En: w.now}
	w.do(efectivo.SolicitarLicencia{Orden: o, Licencia: leave, Desde: noon.Add(time.Hour), Hasta: noon.Add(2 * time.Hour)})
	w.do(efectivo.AprobarLicencia{Orden: o, Licencia: leave})
	w.at(59 * time.Minute)
	w.wantSaid()
	w.at(time.Hour)
	w.wantSaid("efectivo.turno_finalizado", "efectivo.disponibilidad_cambiada")
	w.at(2 * time.Hour)
	w.wantSaid("efectivo.turno_finalizado", "efectivo.disponibilidad_cambiada", "efectivo.disponibilidad_cambiada")

	before := w.said()
	w.do(efectivo.ActivarSOS{Orden: efectivo.Orden{ID: b, Por: boss, En: w.now}})
	w.at(2*time.Hour + time.Minute)
	w.at(2*time.Hour + 3*time.Minute)
	w.wantSaid(append(before, "alerta.escalada", "alerta.escalada")...)
	w.do(efectivo.AtenderSOS{Orden: efectivo.Orden{ID: b, Por: boss, En: w.now}})
	w.at(9 * time.Hour)
	w.wantSaid(append(before, "alerta.escalada", "alerta.escalada")...)
}

var errKilled = errors.New("killed")

// dying stands for a process that ends at one instant: before or after the order,
// before or after it is remembered.
type dying struct {
	policies.Orders
	policies.Timers
	when string
}

func (d dying) Dispatch(ctx context.Context, o commands.Order) (commands.Answer, error) {
	if d.when == "before the order" {
		return commands.Answer{}, errKilled
	}
	a, err := d.Orders.Dispatch(ctx, o)
	if d.when == "after the order" {
		return commands.Answer{}, errKilled
	}
	return a, err
}

func (d dying) Done(ctx context.Context, t politica.Timer, outcome string) error {
	if d.when == "before it is remembered" {
		return errKilled
	}
	err := d.Timers.Done(ctx, t, outcome)
	if d.when == "after it is remembered" {
		return errKilled
	}
	return err
}

// Killed at any instant, no timer is lost and none is fired twice; neither when every
// row of them is lost and made anew from the log.
func TestKilledAtAnyInstant(t *testing.T) {
	t.Parallel()
	for _, when := range []string{"before the order", "after the order", "before it is remembered", "after it is remembered"} {
		t.Run(when, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.planned(w.onDuty())
			w.do(efectivo.ActivarSOS{Orden: efectivo.Orden{ID: w.onDuty(), Por: boss, En: w.now}})
			w.now = noon.Add(20 * time.Minute)
			w.project()
			_, err := w.engine(dying{Orders: w.door, when: when}, dying{Orders: w.door, Timers: w.timers, when: when}).Fire(t.Context())
			if !errors.Is(err, errKilled) {
				t.Fatalf("it was not killed: %v", err)
			}
			// The next process, twice at once, with the read model as it was left.
			var both sync.WaitGroup
			for range 2 {
				both.Go(func() { _, _ = w.engine(w.door, w.timers).Fire(t.Context()) })
			}
			both.Wait()
			w.at(20 * time.Minute)
			got := w.said()
			slices.Sort(got)
			if want := []string{"alerta.escalada", "alerta.escalada", "alerta.escalada", "tarea.recordatorio_enviado"}; !slices.Equal(got, want) {
				t.Errorf("said %v, want %v", got, want)
			}
		})
	}
}

// The rows are derived: made anew from the log they are the same, and firing all of
// them again changes nothing.
func TestTimersAreDerived(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.planned(w.onDuty(), w.onDuty())
	w.do(efectivo.ActivarSOS{Orden: efectivo.Orden{ID: w.onDuty(), Por: boss, En: w.now}})
	w.at(20 * time.Minute)
	want := w.said()
	db := w.timers
	must(t, db.Forget(t.Context(), time.Now().Add(time.Hour)))
	_, err := w.runner.Rebuild(t.Context(), politicas.Name, projections.RebuildOptions{})
	must(t, err)
	w.at(20 * time.Minute)
	if got := w.said(); !slices.Equal(got, want) {
		t.Errorf("after a rebuild %v, before %v", got, want)
	}
}
