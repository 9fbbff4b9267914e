package bot

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/operacion"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/efectivos"
)

// Buttons that are no step of an asignacion: the first word of their action.
const (
	pasoVista    = tarea.EstadoAsignacion("vista")    // an alert: he has seen it
	pasoEnterado = tarea.EstadoAsignacion("enterado") // a reminder: he has read it
)

// tellers is how many people are told of an alert at once.
const tellers = 4

// alert tells the people on duty of what else cannot wait. Whom it reached is a fact, and so
// is who has seen it.
func (b *Bot) alert(ctx context.Context, r eventstore.Recorded) error {
	switch e := r.Event.(type) {
	case tarea.Creada:
		if e.Prioridad >= tarea.Urgente {
			return b.urgent(ctx, r)
		}
	case tarea.PrioridadCambiada:
		if e.Prioridad >= tarea.Urgente {
			return b.urgent(ctx, r)
		}
	case tarea.RecordatorioEnviado:
		if e.Vencida() {
			return b.overdue(ctx, r, e)
		}
		return b.remind(ctx, r, e)
	}
	return nil
}

// alertID is the name of a fact that people are alerted to.
func alertID(r eventstore.Recorded) string { return fmt.Sprintf("%s@%d", r.Stream, r.Version) }

// urgent tells the people on duty in its Zona of a Tarea that has, or gets, a high prioridad.
func (b *Bot) urgent(ctx context.Context, r eventstore.Recorded) error {
	t, ok, err := b.tareaOf(ctx, r)
	if err != nil || !ok || t.Zona == "" || !t.Estado.Abierta() || t.Prioridad < tarea.Urgente {
		return err
	}
	if err := b.Waiter.WaitFor(ctx, efectivos.Name, r.Position); err != nil {
		return err
	}
	_, err = b.broadcast(ctx, r, alertID(r), "", []ident.Zona{t.Zona}, message{Text: textoUrgente(t), urgency: urgencyGiven})
	return err
}

// broadcast leaves a message for everybody on duty in one of the Zonas, once per fact and
// person; without Zonas, for everybody on duty. reached counts those with an account to tell.
func (b *Bot) broadcast(ctx context.Context, r eventstore.Recorded, alert string, but ident.Efectivo, zonas []ident.Zona, m message) (reached int64, err error) {
	if len(zonas) == 0 {
		zonas = []ident.Zona{""}
	}
	told := map[ident.Efectivo]bool{but: true}
	var count atomic.Int64
	telling, ctx := errgroup.WithContext(ctx)
	telling.SetLimit(tellers)
	for _, z := range zonas {
		f := efectivos.Filter{EnTurno: new(true), Zona: z, Limite: 200}
		for more := true; more; {
			page, err := b.Efectivos.List(ctx, projections.System, f)
			if err != nil {
				return 0, errors.Join(telling.Wait(), fmt.Errorf("list who is on duty: %w", err))
			}
			for _, e := range page.Datos {
				if told[e.ID] {
					continue
				}
				told[e.ID] = true
				telling.Go(func() error {
					ok, err := b.tellOne(ctx, fmt.Sprintf("alerta:%d:%s", r.Position, e.ID), alert, e, m)
					if ok {
						count.Add(1)
					}
					return err
				})
			}
			if more = page.Siguiente != nil; more {
				f.Cursor = *page.Siguiente
			}
		}
	}
	err = telling.Wait()
	return count.Load(), err
}

// tellOne leaves the message for one of them; ok is false when he has no account.
func (b *Bot) tellOne(ctx context.Context, key, alert string, e efectivos.Efectivo, m message) (ok bool, err error) {
	chat, err := b.accountOf(ctx, e.ID)
	if err != nil || chat == 0 {
		return false, err
	}
	seen, err := b.Mailbox.NewButton(ctx, chat, chat, string(pasoVista)+" "+alert, buttonLife)
	if err != nil {
		return false, fmt.Errorf("make a button: %w", err)
	}
	m.Buttons, m.Alerta, m.Para = []button{{Text: botonDe[pasoVista], ID: seen}}, alert, e.Usuario
	return true, b.post(ctx, key, chat, m)
}

// reached records that Telegram took an alert for somebody. Until it is recorded the message
// is not settled: told twice is better than not known to be told.
func (b *Bot) reached(ctx context.Context, m message) error {
	_, err := b.Dispatcher.Dispatch(ctx, commands.Order{
		ID:    eventstore.CommandID(uuid.NewSHA1(b.space, []byte("entrega|"+m.Alerta+"|"+string(m.Para)))),
		Keyed: true, Causation: "telegram:entrega",
		Commands: []commands.Command{operacion.EntregarAlerta{
			OrdenAlerta: operacion.OrdenAlerta{ID: m.Alerta, Por: permiso.DelSistema("bot"), En: time.Now().UTC().Truncate(time.Microsecond)},
			Usuario:     m.Para, Canal: "telegram",
		}},
	})
	return wrap(err, "record whom an alert reached")
}

// signed does what a button under an alert or a reminder stands for; ok is false when the
// action is none of these.
func (b *Bot) signed(ctx context.Context, u update, p persona, paso tarea.EstadoAsignacion, rest string) (ok bool, err error) {
	var cmd commands.Command
	switch paso {
	case pasoVista:
		cmd = operacion.AcusarAlerta{OrdenAlerta: operacion.OrdenAlerta{ID: rest, Por: p.autor, En: u.Recibido}}
	case pasoEnterado:
		parts := strings.Fields(rest)
		de := p.autor.Efectivo
		switch {
		case len(parts) == 4 && parts[3] == aCargo:
			de = ""
		case len(parts) != 3:
			return true, fmt.Errorf("read action %q", rest)
		}
		due, err := strconv.ParseInt(parts[2], 10, 64)
		if err != nil {
			return true, fmt.Errorf("read action %q: %w", rest, err)
		}
		cmd = tarea.AcusarRecordatorio{
			Orden: tarea.Orden{ID: ident.Tarea(parts[0]), Por: p.autor, En: u.Recibido}, Clase: parts[1], Efectivo: de, Vence: time.UnixMicro(due).UTC(),
		}
	default:
		return false, nil
	}
	said, err := b.order(ctx, u, string(paso), cmd)
	switch {
	case err != nil:
		return true, fmt.Errorf("order %s: %w", paso, err)
	case said != "":
		b.answer(ctx, u, "")
		return true, b.say(ctx, u, message{Text: textoRechazo(said), Menu: true})
	}
	b.answer(ctx, u, hechoDe[paso])
	return true, nil
}
