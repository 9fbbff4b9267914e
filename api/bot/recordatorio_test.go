package bot_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
)

// begins creates a Tarea that begins at an hour and belongs to e.
func (w *world) begins(codigo string, at time.Time, e ident.Efectivo) ident.Tarea {
	w.t.Helper()
	id := ident.Tarea(uuid.Must(uuid.NewV7()).String())
	o := tarea.Orden{ID: id, Por: supervisora, En: time.Now().UTC()}
	w.must(tarea.Crear{
		Orden: o, Codigo: codigo, Titulo: commands.Seal(string(id), "titulo", "Relevo"), Tipo: tarea.Patrullaje, Prioridad: tarea.Media,
		PermitirSolape: true, InicioProgramado: at,
	}, tarea.Asignar{Orden: o, Efectivo: e})
	return id
}

func (w *world) remind(id ident.Tarea, e ident.Efectivo, clase string, due, begins time.Time) {
	w.t.Helper()
	w.must(tarea.Recordar{Orden: tarea.Orden{ID: id, Por: permiso.DelSistema("politicas"), En: time.Now().UTC()}, Clase: clase, Efectivo: e, Vence: due, Base: begins})
}

// A reminder comes with a button, and pressing it is a fact.
func TestReminder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	due := time.Now().UTC().Truncate(time.Microsecond)
	w.hour = due
	w.run(nil)
	const ana = 61
	e := w.linked("61")
	w.begun()
	begins := due.Add(10*time.Minute + 25*time.Second)
	id := w.begins("T-PRONTO", begins, e)
	w.said(ana, 1)
	w.remind(id, e, "t-10", due, begins)
	c := w.heard(ana, "Empieza en 10 minutos: T-PRONTO")
	w.tg.Press(ana, c.Message, button(t, c, "Enterado"))
	got := w.history("tarea-"+string(id), 4)
	if len(got) != 4 || got[3] != "tarea.recordatorio_acusado" {
		t.Errorf("recorded %v", got)
	}
}

// A bot that was away reminds once, of the minutes that are left, and only whoever still has
// the Tarea.
func TestLateReminders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	now := time.Now().UTC().Truncate(time.Microsecond)
	w.hour = now
	stop, _ := w.run(nil)
	const ana, beto, caro = 62, 63, 64
	a, b, c := w.linked("62"), w.linked("63"), w.linked("64")
	w.begun()
	stop()
	soon, past := now.Add(5*time.Minute+25*time.Second), now.Add(-155*time.Second)
	early, begun, freed := w.begins("T-TARDE", soon, a), w.begins("T-PASO", past, c), w.begins("T-AJENA", soon, b)
	for _, clase := range []string{"t-40", "t-10"} {
		w.remind(early, a, clase, soon, soon)
		w.remind(begun, c, clase, past, past)
		w.remind(freed, b, clase, soon, soon)
	}
	w.must(tarea.Liberar{Orden: tarea.Orden{ID: freed, Por: supervisora, En: time.Now().UTC()}, Efectivo: b})
	last := w.begins("T-FIN", soon, b)
	w.remind(last, b, "t-10", soon, soon)
	w.run(nil)
	w.heard(beto, "Empieza en 5 minutos: T-FIN") // told after the rest
	for chat, text := range map[int64]string{ana: "Empieza en 5 minutos: T-TARDE", caro: "Debía empezar hace 3 minutos: T-PASO"} {
		if right, all := w.heardOf(chat, text), w.heardOf(chat, "⏰"); right != 1 || all != 1 {
			t.Errorf("%q was told %d times, of %d reminders", text, right, all)
		}
	}
	if n := w.heardOf(beto, "T-AJENA"); n != 0 {
		t.Errorf("what he has no longer was told %d times", n)
	}
}
