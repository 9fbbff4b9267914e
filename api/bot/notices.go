package bot

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/tareas"
)

// Where the two who follow the facts keep their positions. Calls for help have one of their
// own: nothing that another notice has to wait for, or fails at, holds them up.
const (
	cursorName  = "bot.avisos"
	cursorCalls = "bot.auxilios"
)

// tell follows the facts and leaves messages for whom they concern. The position is saved
// after the messages: a crash in between tells again, under the same keys, which is once.
func (b *Bot) tell(ctx context.Context, cursor string, notice func(context.Context, eventstore.Recorded) error) error {
	return b.insist(ctx, "follow the facts for "+cursor, func(ctx context.Context, moved func()) error {
		after, err := b.since(ctx, cursor)
		if err != nil {
			return err
		}
		for batch, err := range b.Facts.Follow(ctx, after) {
			if err != nil {
				return fmt.Errorf("follow the facts: %w", err)
			}
			for _, r := range offersFirst(batch) {
				if err := notice(ctx, r); err != nil {
					return fmt.Errorf("tell about position %d: %w", r.Position, err)
				}
			}
			if len(batch) == 0 {
				continue
			}
			if err := b.Mailbox.SaveCursor(ctx, cursor, int64(batch[len(batch)-1].Position)); err != nil {
				return fmt.Errorf("save how far was told: %w", err)
			}
			moved()
		}
		return ctx.Err()
	})
}

// offersFirst puts the offers before the rest: one stands behind the fact that made its
// emergency, of which everybody in the Zona is told. What they say does not depend on the order,
// and the position is saved after all of them.
func offersFirst(batch []eventstore.Recorded) []eventstore.Recorded {
	if !slices.ContainsFunc(batch, offer) {
		return batch
	}
	sorted := slices.Clone(batch) // others read it too
	slices.SortStableFunc(sorted, func(a, b eventstore.Recorded) int {
		switch first, second := offer(a), offer(b); {
		case first == second:
			return 0
		case first:
			return -1
		}
		return 1
	})
	return sorted
}

func offer(r eventstore.Recorded) bool {
	_, ok := r.Event.(tarea.EfectivoOfrecido)
	return ok
}

// since returns where to go on.
func (b *Bot) since(ctx context.Context, cursor string) (eventstore.Position, error) {
	if err := b.begin(ctx); err != nil {
		return 0, err
	}
	at, _, err := b.Mailbox.Cursor(ctx, cursor)
	return eventstore.Position(at), wrap(err, "read how far was told")
}

// begin sets the cursors that there are not yet, before anybody moves one. A bot that never
// told anything begins now: what happened before it existed is no news. One that told calls for
// help among the rest goes on with them where that ended.
//
// Several may begin at once, here and in other processes. A cursor that stands is never moved
// by it: the log has grown meanwhile, and what lies between would be told to nobody.
func (b *Bot) begin(ctx context.Context) error {
	at, told, err := b.Mailbox.Cursor(ctx, cursorName)
	if err != nil {
		return fmt.Errorf("read how far was told: %w", err)
	}
	if !told {
		head, err := b.Facts.Head(ctx)
		if err != nil {
			return fmt.Errorf("find the head of the log: %w", err)
		}
		at = int64(head)
	}
	// This one first: whoever finds the other one missing knows that this has not moved yet, and
	// lets both begin at one place.
	if at, err = b.Mailbox.BeginCursor(ctx, cursorCalls, at); err == nil && !told {
		_, err = b.Mailbox.BeginCursor(ctx, cursorName, at)
	}
	return wrap(err, "save where to begin")
}

// notice tells of everything but calls for help.
func (b *Bot) notice(ctx context.Context, r eventstore.Recorded) error {
	if err := b.alert(ctx, r); err != nil {
		return err
	}
	who, paso := given(r)
	if who == "" {
		return nil
	}
	chat, err := b.accountOf(ctx, who)
	if err != nil || chat == 0 {
		return err
	}
	t, ok, err := b.tareaOf(ctx, r)
	if err != nil || !ok {
		return err
	}
	// News that is no longer true is not told: after an outage he may have
	// answered, or been freed, long ago.
	for _, a := range t.Asignaciones {
		if a.Efectivo == who && a.Estado != paso {
			return nil
		}
	}
	buttons, err := b.buttons(ctx, chat, t.ID, paso)
	if err != nil {
		return err
	}
	b.Log.InfoContext(ctx, "notice of assignment", slog.Int64("position", int64(r.Position)))
	m := message{Text: textoDada(t, paso), Buttons: buttons, urgency: urgencyGiven}
	if paso == tarea.PasoOfrecida {
		m.urgency = urgencyOffer
	}
	return b.post(ctx, fmt.Sprintf("asignada:%d", r.Position), chat, m)
}

// tareaOf reads the Tarea that a fact is about, no older than the fact; ok is false when it is
// in no read model any more.
func (b *Bot) tareaOf(ctx context.Context, r eventstore.Recorded) (t tareas.Tarea, ok bool, err error) {
	if err := b.Waiter.WaitFor(ctx, tareas.Name, r.Position); err != nil {
		return tareas.Tarea{}, false, err
	}
	t, err = b.Tareas.Get(ctx, projections.System, strings.TrimPrefix(string(r.Stream), "tarea-"))
	if fault.KindOf(err) == fault.NotFound {
		return tareas.Tarea{}, false, nil
	}
	return t, err == nil, wrap(err, "read the tarea to tell of")
}

// given says to whom a fact gives a Tarea, and how; "" when it gives none.
func given(r eventstore.Recorded) (ident.Efectivo, tarea.EstadoAsignacion) {
	if e, ok := r.Event.(tarea.EfectivoAsignado); ok {
		return e.Efectivo, tarea.PasoAsignada
	}
	if e, ok := r.Event.(tarea.EfectivoOfrecido); ok {
		return e.Efectivo, tarea.PasoOfrecida
	}
	return "", ""
}

// accountOf opens the account linked to an Efectivo; 0 when there is none.
func (b *Bot) accountOf(ctx context.Context, id ident.Efectivo) (int64, error) {
	who, err := b.usuarioOf(ctx, id)
	if err != nil || who == "" {
		return 0, err
	}
	account, _, err := b.account(ctx, who)
	return account, err
}

// usuarioOf says who an Efectivo is; "" when there is no such Efectivo.
func (b *Bot) usuarioOf(ctx context.Context, id ident.Efectivo) (ident.Usuario, error) {
	if err := b.Dispatcher.Refresh(ctx, eventstore.StreamID(id.Stream())); err != nil {
		return "", fmt.Errorf("read who was assigned: %w", err)
	}
	e, err := b.Dispatcher.Efectivo(ctx, id)
	if err != nil || !e.Existe() {
		return "", wrap(err, "read who was assigned")
	}
	return e.Usuario(), nil
}

// account opens the account linked to a Usuario, and says what he is trusted with; 0 when there
// is none, or when he was blocked or is gone: a chat of his may be in other hands.
func (b *Bot) account(ctx context.Context, id ident.Usuario) (int64, permiso.Rol, error) {
	if err := b.Dispatcher.Refresh(ctx, eventstore.StreamID(id.Stream())); err != nil {
		return 0, "", fmt.Errorf("read whose account it is: %w", err)
	}
	u, err := b.Dispatcher.Usuario(ctx, id)
	if err != nil || u.Telegram().IsZero() || u.Entra() != nil {
		return 0, "", wrap(err, "read whose account it is")
	}
	opened, err := b.Texts.Reveal(ctx, []sealed.Commitment{u.Telegram()})
	if err != nil {
		return 0, "", fmt.Errorf("open an account: %w", err)
	}
	text, ok := opened[u.Telegram()]
	if !ok {
		return 0, "", nil // erased
	}
	account, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, "", fmt.Errorf("an account is not a number")
	}
	return account, u.Rol(), nil
}
