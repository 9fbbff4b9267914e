package bot

import (
	"context"
	"fmt"
	"slices"

	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections/tareas"
)

// aCargo ends the action of a button under what reminds whoever is in charge, be he an Efectivo
// or not.
const aCargo = "a_cargo"

// remind tells an Efectivo that a Tarea of his begins soon, or its delegado that nobody has it.
// How soon is said when the message leaves.
func (b *Bot) remind(ctx context.Context, r eventstore.Recorded, e tarea.RecordatorioEnviado) error {
	t, ok, err := b.tareaOf(ctx, r)
	if err != nil || !ok || t.Estado != tarea.EstadoProgramada { // it began, or will not
		return err
	}
	if late, err := b.remindedAgain(ctx, r, e); err != nil || late {
		return err
	}
	m, action := message{Text: nombreDe(t), Empieza: t.InicioProgramado}, fmt.Sprintf("%s %s %s %d", pasoEnterado, t.ID, e.Clase, e.Vence.UnixMicro())
	who := t.Delegado
	if e.Efectivo != "" {
		if !slices.ContainsFunc(t.Asignaciones, func(a tareas.Asignacion) bool { return a.Efectivo == e.Efectivo && a.Estado.Activa() }) {
			return nil // it is not his any more
		}
		if who, err = b.usuarioOf(ctx, e.Efectivo); err != nil {
			return err
		}
	} else {
		if slices.ContainsFunc(t.Asignaciones, func(a tareas.Asignacion) bool { return a.Estado.Activa() }) {
			return nil // he who has it by now is reminded
		}
		m.Text, action = textoSinNadie(t), action+" "+aCargo
	}
	if who == "" {
		return nil
	}
	chat, rol, err := b.account(ctx, who)
	if err != nil || chat == 0 {
		return err
	}
	if permiso.De(rol, presses[pasoEnterado]) != permiso.Nada {
		read, err := b.Mailbox.NewButton(ctx, chat, chat, action, buttonLife)
		if err != nil {
			return fmt.Errorf("make a button: %w", err)
		}
		m.Buttons = []button{{Text: botonDe[pasoEnterado], ID: read}}
	}
	return b.post(ctx, fmt.Sprintf("recordatorio:%d", r.Position), chat, m)
}

// remindedAgain reports whether the same people were reminded of the Tarea once more since: a bot
// that was away tells them the last alone.
func (b *Bot) remindedAgain(ctx context.Context, r eventstore.Recorded, e tarea.RecordatorioEnviado) (bool, error) {
	for next, err := range b.Facts.ReadStream(ctx, r.Stream, r.Version) {
		if err != nil {
			return false, fmt.Errorf("read the reminders of a tarea: %w", err)
		}
		if again, ok := next.Event.(tarea.RecordatorioEnviado); ok && again.Efectivo == e.Efectivo && !again.Vencida() {
			return true, nil
		}
	}
	return false, nil
}
