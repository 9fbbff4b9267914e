package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/operacion"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/usuario"
)

// commander enters a supervisor who is no Efectivo and has the Telegram account already.
func (w *world) commander(account string) ident.Usuario {
	w.t.Helper()
	id, sujeto := ident.Usuario(uuid.NewString()), uuid.NewString()
	w.must(usuario.Registrar{
		Orden:  usuario.Orden{ID: id, Por: permiso.Autor{Usuario: supervisora.Usuario, Rol: permiso.Administrador}, En: time.Now().UTC()},
		Sujeto: ident.Sujeto(sujeto), Rol: permiso.Supervisor,
		Nombre: commands.Seal(sujeto, "nombre", "Eva"), Apellido: commands.Seal(sujeto, "apellido", "Ríos"),
		Email: commands.SealIndexed(sujeto, "email", sujeto[:8]+"@ejemplo.gob.ar"),
	})
	w.must(usuario.VincularTelegram{
		Orden:      usuario.Orden{ID: id, Por: permiso.Autor{Usuario: id, Rol: permiso.Supervisor}, En: time.Now().UTC()},
		TelegramID: commands.SealIndexed(sujeto, "telegram_id", account),
	})
	return id
}

// overdue creates a Tarea of a delegado that should end at fin.
func (w *world) overdue(codigo, titulo string, delegado ident.Usuario, fin time.Time, given ...ident.Efectivo) ident.Tarea {
	w.t.Helper()
	id, en := ident.Tarea(uuid.Must(uuid.NewV7()).String()), fin.Add(-time.Hour)
	w.must(tarea.Crear{
		Orden: tarea.Orden{ID: id, Por: supervisora, En: en}, Codigo: codigo, Titulo: commands.Seal(string(id), "titulo", titulo),
		Tipo: tarea.Patrullaje, Prioridad: tarea.Media, Delegado: delegado, PermitirSolape: true, InicioProgramado: en, FinProgramado: &fin,
	})
	for _, e := range given {
		w.asignar(id, e)
	}
	return id
}

// passed says that the end of a Tarea is past, as the policies do.
func (w *world) passed(id ident.Tarea, fin time.Time) {
	w.t.Helper()
	w.must(tarea.Recordar{
		Orden: tarea.Orden{ID: id, Por: permiso.DelSistema("politicas"), En: time.Now().UTC()}, Clase: tarea.RecordatorioVencida, Vence: fin,
	})
}

// heardOf counts what a chat was sent about something.
func (w *world) heardOf(chat int64, part string) (n int) {
	for _, c := range w.tg.Calls("sendMessage") {
		if c.Chat == chat && strings.Contains(c.Text, part) {
			n++
		}
	}
	return n
}

// That a Tarea should have ended is told to its delegado and to whoever is bound to it, who can
// end it there; not to who left it, nor to anybody else.
func TestOverdue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.deps.Zone = time.FixedZone("de la operación", -3*60*60)
	w.run(nil)
	const eva, ana, beto, caro = 101, 102, 103, 104
	a, b := w.linked("102"), w.linked("103")
	w.linked("104")
	fin := time.Date(2026, time.March, 2, 17, 30, 0, 0, time.UTC)
	id := w.overdue("T-PASADA", "Relevo de la plaza", w.commander("101"), fin, a, b)
	w.must(tarea.Liberar{Orden: tarea.Orden{ID: id, Por: supervisora, En: time.Now().UTC()}, Efectivo: b})
	w.must(tarea.Iniciar{Orden: tarea.Orden{ID: id, Por: supervisora, En: fin.Add(-time.Minute)}})
	w.passed(id, fin)

	charge, bound := w.heard(eva, "Pasó su hora de fin"), w.heard(ana, "Pasó su hora de fin")
	for _, c := range []string{charge.Text, bound.Text} {
		if !strings.Contains(c, "T-PASADA «Relevo de la plaza»\nDebía terminar el 02/03 a las 14:30 y sigue en curso.\n") {
			t.Errorf("told %q", c)
		}
	}
	if !strings.Contains(charge.Text, "cambiale la hora de fin") || !strings.Contains(bound.Text, "avisá a la central") {
		t.Errorf("told %q and %q", charge.Text, bound.Text)
	}
	alert := operacion.StreamAlerta("tarea-" + string(id) + "@6")
	if got := w.history(alert, 2); !slices.Equal(got, []string{"alerta.entregada", "alerta.entregada"}) {
		t.Errorf("recorded %v", got)
	}
	w.tg.Press(eva, charge.Message, button(t, charge, "La vi"))
	if got := w.history(alert, 3); len(got) != 3 || got[2] != "alerta.acusada" {
		t.Errorf("recorded %v", got)
	}
	w.tg.Press(ana, bound.Message, button(t, bound, "Terminé"))
	w.heard(ana, "Terminada.")
	if got := w.facts(string(id)); !slices.Contains(got, "finalizada") {
		t.Errorf("facts %v", got)
	}
	for _, chat := range []int64{beto, caro} {
		if n := w.heardOf(chat, "Pasó su hora"); n != 0 {
			t.Errorf("%d was told %d times", chat, n)
		}
	}
}

// What happened while the bot was away is told when it is back, once, however often it dies
// after telling and before it knows that it has; what is no longer true is not told.
func TestOverdueOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stop, _ := w.run(nil)
	const eva, ana = 111, 112
	delegado, a := w.commander("111"), w.linked("112")
	var at int64
	if err := pollUntil(t, func() bool {
		var known bool
		at, known, _ = w.mail.Cursor(t.Context(), "bot.avisos")
		return known
	}); err != nil {
		t.Fatal(err)
	}
	stop()
	fin := time.Date(2026, time.March, 2, 17, 30, 0, 0, time.UTC)
	now := func(id ident.Tarea) tarea.Orden {
		return tarea.Orden{ID: id, Por: supervisora, En: time.Now().UTC()}
	}
	still := w.overdue("T-SIGUE", "Sigue abierta", delegado, fin, a)
	ended := w.overdue("T-CERRO", "Terminó", delegado, fin)
	later := w.overdue("T-CORRE", "Se corrió", delegado, fin)
	both, persona := w.onBoth("113")
	own := w.overdue("T-AMBAS", "A cargo y en la calle", persona, fin, both)
	for _, id := range []ident.Tarea{still, ended, later, own} {
		w.passed(id, fin)
	}
	w.must(tarea.Finalizar{Orden: now(ended)})
	morning := time.Now().UTC().Add(24 * time.Hour)
	w.must(tarea.Modificar{Orden: now(later), FinProgramado: &morning})

	stop, _ = w.run(nil)
	w.heard(eva, "fin: T-SIGUE")
	w.heard(ana, "fin: T-SIGUE")
	w.heard(113, "fin: T-AMBAS") // the last one: facts are told of in their order
	stop()
	if err := w.mail.SaveCursor(t.Context(), "bot.avisos", at); err != nil { // as if it had died before it saved how far it told
		t.Fatal(err)
	}
	w.run(nil)
	w.passed(w.overdue("T-FINAL", "Lo último", delegado, fin), fin)
	w.heard(eva, "fin: T-FINAL")
	var left int
	if err := w.db.Owner.QueryRow(t.Context(), `select count(*) from buzon.salida where clave like 'vencida:%'`).Scan(&left); err != nil {
		t.Fatal(err)
	}
	if left != 4 { // to eva two, to ana and to who is both one each
		t.Errorf("%d messages were left", left)
	}
	for _, codigo := range []string{"T-CERRO", "T-CORRE"} {
		if n := w.heardOf(eva, codigo); n != 0 {
			t.Errorf("of %s was told %d times", codigo, n)
		}
	}
}

// onBoth enters an Efectivo with an account, and says who he is.
func (w *world) onBoth(account string) (ident.Efectivo, ident.Usuario) {
	w.t.Helper()
	id := w.linked(account)
	state, err := w.dispatcher.Efectivo(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return id, state.Usuario()
}

// What begins soon and nobody has is told to its delegado, who says that he knows; not once
// somebody has it.
func TestReminderOfWhatNobodyHas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	due := time.Now().UTC().Truncate(time.Microsecond)
	w.hour = due
	w.run(nil)
	const eva, ana = 121, 122
	delegado, e := w.commander("121"), w.linked("122")
	soon, later := due.Add(10*time.Minute+25*time.Second), due.Add(time.Hour)
	alone, given := w.overdue("T-SOLA", "Relevo de la plaza", delegado, soon.Add(time.Hour)), w.overdue("T-DADA", "Guardia", delegado, later.Add(time.Hour))
	remind := func(id ident.Tarea, begins time.Time) {
		w.must(tarea.Recordar{Orden: tarea.Orden{ID: id, Por: permiso.DelSistema("politicas"), En: due}, Clase: "t-10", Vence: due, Base: begins})
	}
	w.asignar(given, e)
	remind(given, later)
	remind(alone, soon)
	c := w.heard(eva, "Empieza en 10 minutos: T-SOLA")
	if !strings.Contains(c.Text, "Nadie la tiene asignada.") {
		t.Errorf("told %q", c.Text)
	}
	w.tg.Press(eva, c.Message, button(t, c, "Enterado"))
	if got := w.history("tarea-"+string(alone), 3); len(got) != 3 || got[2] != "tarea.recordatorio_acusado" {
		t.Errorf("recorded %v", got)
	}
	if n := w.heardOf(eva, "T-DADA") + w.heardOf(ana, "Empieza en"); n != 0 {
		t.Errorf("%d reminders of what somebody has", n)
	}
}
