package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/usuario"
)

// Who is blocked is nobody to the bot: it tells him of nothing, and what he says has no effect.
func TestBlockedHearsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(nil)
	const ana, beto = 51, 52
	a, b := w.linked("51"), w.linked("52")
	state, err := w.dispatcher.Efectivo(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	who := state.Usuario()
	now := time.Now().UTC()
	first := w.begins("T-2026-000051", now.Add(20*time.Minute), b)
	before := w.heard(beto, "T-2026-000051")
	if len(before.Buttons) == 0 {
		t.Fatalf("no buttons: %+v", before)
	}
	w.must(usuario.Bloquear{
		Orden:  usuario.Orden{ID: who, Por: permiso.Autor{Usuario: supervisora.Usuario, Rol: permiso.Administrador}, En: time.Now().UTC()},
		Motivo: commands.Seal(string(who), "motivo", "perdió el teléfono"),
	})
	w.must(tarea.Recordar{Orden: tarea.Orden{ID: first, Por: permiso.DelSistema("politicas"), En: now}, Clase: "t-10", Efectivo: b, Vence: now.Add(10 * time.Minute), Base: now.Add(20 * time.Minute)})
	w.tg.Press(beto, before.Message, before.Buttons[0].Data)
	w.tg.Text(beto, "/tareas")
	w.asignar(w.tarea("T-2026-000053", "Para quien está adentro"), a)
	w.heard(ana, "Para quien está adentro") // facts are told of in their order
	w.tg.Text(beto, "/tareas")
	w.said(beto, 2)
	for _, c := range w.tg.Calls("sendMessage", "editMessageText") {
		if c.Chat == beto && c.Message != before.Message && strings.Contains(c.Text, "000051") {
			t.Errorf("who is blocked hears %q", c.Text)
		}
	}
	for _, name := range w.facts(string(first)) {
		if name == "asignacion_aceptada" {
			t.Error("who is blocked accepts")
		}
	}
}
