package bot_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/api/bot"
	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
)

func finish(w *world, id ident.Tarea) {
	w.t.Helper()
	w.must(tarea.Finalizar{Orden: tarea.Orden{ID: id, Por: supervisora, En: time.Now().UTC()}})
}

func pollUntil(t *testing.T, ok func() bool) error {
	t.Helper()
	deadline := time.Now().Add(patience)
	for tick := time.NewTicker(10 * time.Millisecond); ; {
		if ok() {
			tick.Stop()
			return nil
		}
		if time.Now().After(deadline) {
			tick.Stop()
			return errors.New("it never happened")
		}
		<-tick.C
	}
}

// expire ends every lease, as half a minute would.
func (w *world) expire() {
	w.t.Helper()
	for _, table := range []string{"buzon.entrada", "buzon.salida"} {
		if _, err := w.db.Owner.Exec(w.t.Context(), `update `+table+` set libre = '-infinity' where hecho is null`); err != nil {
			w.t.Fatal(err)
		}
	}
}

// Killed between any two steps, the next bot finishes what was begun: no update
// is lost, no order happens twice, nobody is answered twice.
func TestCrash(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"received", "taken", "executed"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			const ana = 81
			e := w.linked("81")
			id := w.tarea("T-CAIDA", "Antes de la caída")
			stop, _ := w.run(nil)
			w.begun()
			w.asignar(id, e)
			notice := w.said(ana, 1)
			stop()

			w.tg.Press(ana, notice.Message, button(t, notice, "Acepto"))
			_, crashed := w.run(func(at string) error {
				if at == point {
					return errCrash
				}
				return nil
			})
			select {
			case <-crashed:
			case <-time.After(patience):
				t.Fatal("it never crashed")
			}
			if point == "received" && w.tg.Unacknowledged() == 0 {
				t.Error("acknowledged before it was stored")
			}
			w.expire()
			w.run(nil)
			if c := w.said(ana, 2); !strings.Contains(c.Text, "Aceptada") {
				t.Errorf("answered %q", c.Text)
			}
			w.tg.Text(ana, "/ayuda") // in order: whatever else there was came before
			if c := w.said(ana, 3); !strings.Contains(c.Text, "/mistareas") {
				t.Errorf("answered twice: %q", c.Text)
			}
			if diff := cmp.Diff([]string{"creada", "efectivo_asignado", "asignacion_aceptada"}, w.facts(string(id))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The same with a process of its own and kill -9.
func TestKill9(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"received", "taken", "executed"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			const ana = 91
			e := w.linked("91")
			id := w.tarea("T-KILL", "Antes del kill")
			w.asignar(id, e)
			w.tg.Text(ana, "/mistareas")
			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
			child.Env = append(os.Environ(), "GAD_BOT_CHILD="+point, "GAD_BOT_DB="+w.db.AppURL, "GAD_BOT_API="+w.tg.URL)
			out, err := child.CombinedOutput()
			if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
				t.Fatalf("the child ended with %v:\n%s", err, out)
			}
			w.expire()
			w.run(nil)
			listed := w.said(ana, 1)
			if !strings.Contains(listed.Text, "T-KILL") {
				t.Errorf("listed %q", listed.Text)
			}
			// The list may come twice: the child may have died between Telegram's answer and its note of it.
			w.tg.Press(ana, listed.Message, button(t, listed, "Acepto"))
			w.heard(ana, "Aceptada")
			if got := w.facts(string(id)); !slices.Equal(got, []string{"creada", "efectivo_asignado", "asignacion_aceptada"}) {
				t.Errorf("facts %v", got)
			}
		})
	}
}

// Without Postgres the person hears that nothing is recorded, and the update
// stays with Telegram until it is back.
func TestPostgresAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.linked("95")
	if _, err := w.db.Owner.Exec(t.Context(), `revoke insert on buzon.entrada from gad_aplicacion`); err != nil {
		t.Fatal(err)
	}
	w.run(nil)
	w.tg.Text(95, "/mistareas")
	if c := w.said(95, 1); !strings.HasPrefix(c.Text, "No registrado, probá de nuevo") {
		t.Errorf("said %q", c.Text)
	}
	if w.tg.Unacknowledged() != 1 {
		t.Error("acknowledged without being stored")
	}
	if _, err := w.db.Owner.Exec(t.Context(), `grant insert on buzon.entrada to gad_aplicacion`); err != nil {
		t.Fatal(err)
	}
	if c := w.said(95, 2); !strings.Contains(c.Text, "No tenés tareas") {
		t.Errorf("said %q", c.Text)
	}
}

// away is a door behind which the log does not answer, as often as it says.
type away struct {
	bot.Dispatcher
	left atomic.Int32
}

func (a *away) Dispatch(ctx context.Context, o commands.Order) (commands.Answer, error) {
	if a.left.Add(-1) >= 0 {
		return commands.Answer{}, eventstore.ErrUnavailable
	}
	return a.Dispatcher.Dispatch(ctx, o)
}

// When the log does not answer an order, the person hears so at once, the
// update waits in the inbox, and the order happens when the log is back.
func TestLogAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := w.linked("96")
	id := w.tarea("T-LOG", "Sin registro")
	w.asignar(id, e)
	door := &away{Dispatcher: w.deps.Dispatcher}
	door.left.Store(2)
	w.deps.Dispatcher = door
	w.run(nil)
	w.tg.Text(96, "/mistareas")
	listed := w.said(96, 1)
	w.tg.Press(96, listed.Message, button(t, listed, "Acepto"))
	if c := w.said(96, 2); !strings.HasPrefix(c.Text, "No registrado") {
		t.Errorf("said %q", c.Text)
	}
	if c := w.said(96, 3); !strings.Contains(c.Text, "Aceptada") {
		t.Errorf("said %q", c.Text)
	}
	if got := w.facts(string(id)); !slices.Equal(got, []string{"creada", "efectivo_asignado", "asignacion_aceptada"}) {
		t.Errorf("facts %v", got)
	}
}

func TestMain(m *testing.M) {
	if point := os.Getenv("GAD_BOT_CHILD"); point != "" {
		dieAt(point)
	}
	os.Exit(m.Run())
}

// dieAt runs a bot as a process of its own and kills it at a point.
func dieAt(point string) {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, os.Getenv("GAD_BOT_DB"))
	if err != nil {
		panic(err)
	}
	var running sync.WaitGroup
	b, err := open(ctx, pool, os.Getenv("GAD_BOT_API"), &running)
	if err != nil {
		panic(err)
	}
	made, err := bot.New(b.deps)
	if err != nil {
		panic(err)
	}
	made.FailAt(func(at string) error {
		if at == point {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
		return nil
	})
	panic(made.Run(ctx))
}
