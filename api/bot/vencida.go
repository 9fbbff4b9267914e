package bot

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections/tareas"
)

// concerned is somebody who is told that a Tarea should have ended.
type concerned struct {
	usuario ident.Usuario
	paso    tarea.EstadoAsignacion // of his asignacion; "" for the delegado
}

// overdue tells the delegado of a Tarea, and the Efectivos bound to it, that it should have
// ended. Whoever is both hears it as the delegado he is.
func (b *Bot) overdue(ctx context.Context, r eventstore.Recorded, e tarea.RecordatorioEnviado) error {
	t, ok, err := b.tareaOf(ctx, r)
	if err != nil || !ok {
		return err
	}
	if !t.Estado.Abierta() || t.FinProgramado != nil && t.FinProgramado.After(e.Vence) {
		return nil // it ended, or its end was put off, since
	}
	people, err := b.concernedBy(ctx, t)
	if err != nil {
		return err
	}
	fin := e.Vence
	if t.FinProgramado != nil {
		fin = *t.FinProgramado
	}
	b.Log.InfoContext(ctx, "notice of an overdue tarea", slog.Int64("position", int64(r.Position)))
	for _, p := range people {
		if err := b.tellOverdue(ctx, r, t, fin.In(b.Zone), p); err != nil {
			return err
		}
	}
	return nil
}

// concernedBy lists the delegado of a Tarea and the people bound to it, each once.
func (b *Bot) concernedBy(ctx context.Context, t tareas.Tarea) ([]concerned, error) {
	var people []concerned
	if t.Delegado != "" {
		people = append(people, concerned{usuario: t.Delegado})
	}
	for _, a := range t.Asignaciones {
		if !a.Estado.Activa() {
			continue
		}
		who, err := b.usuarioOf(ctx, a.Efectivo)
		if err != nil {
			return nil, err
		}
		if who != "" && !slices.ContainsFunc(people, func(p concerned) bool { return p.usuario == who }) {
			people = append(people, concerned{who, a.Estado})
		}
	}
	return people, nil
}

// tellOverdue leaves the message for one of them, once per fact and person.
func (b *Bot) tellOverdue(ctx context.Context, r eventstore.Recorded, t tareas.Tarea, fin time.Time, p concerned) error {
	chat, rol, err := b.account(ctx, p.usuario)
	if err != nil || chat == 0 {
		return err
	}
	what, pasos := p.answers(rol)
	m := message{Text: textoVencida(t, fin, what), Alerta: alertID(r), Para: p.usuario}
	for _, paso := range pasos {
		about := string(t.ID)
		if paso == pasoVista {
			about = m.Alerta
		}
		id, err := b.Mailbox.NewButton(ctx, chat, chat, string(paso)+" "+about, buttonLife)
		if err != nil {
			return fmt.Errorf("make a button: %w", err)
		}
		m.Buttons = append(m.Buttons, button{Text: botonDe[paso], ID: id})
	}
	return b.post(ctx, fmt.Sprintf("vencida:%d:%s", r.Position, p.usuario), chat, m)
}

// answers says what somebody can do about it, and with which buttons: only those that his rol
// lets him press.
func (p concerned) answers(rol permiso.Rol) (text string, pasos []tarea.EstadoAsignacion) {
	text = textoVencidaMira
	may := func(paso tarea.EstadoAsignacion) bool { return permiso.De(rol, presses[paso]) != permiso.Nada }
	switch {
	case p.paso == tarea.PasoOfrecida:
		text = textoVencidaOferta // it is not his yet
	case may(pasoFinalizar):
		text, pasos = textoVencidaCumple, append(pasos, pasoFinalizar)
		if p.paso == "" {
			text = textoVencidaACargo
		}
	}
	if may(pasoVista) {
		pasos = append(pasos, pasoVista)
	}
	return text, pasos
}
