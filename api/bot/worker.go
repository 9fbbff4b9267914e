package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections/usuarios"
)

const (
	lease       = 30 * time.Second
	handleTime  = 20 * time.Second // within the lease, so that nobody else has the update meanwhile
	idle        = time.Second      // how often the inbox is looked at without being woken
	maxAttempts = 5                // of what fails for a reason of our own
)

// work handles one update after another. The inbox never hands out two updates
// of a chat at once, so workers cannot reorder a conversation.
func (b *Bot) work(ctx context.Context) error {
	for {
		id, body, attempts, err := b.Mailbox.Take(ctx, lease)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			b.Log.WarnContext(ctx, "inbox is away", slog.String("error", err.Error()))
			if err := pause(ctx, idle); err != nil {
				return err
			}
			continue
		case id == 0:
			if err := b.await(ctx, b.wake); err != nil {
				return err
			}
			continue
		}
		if err := b.fail("taken"); err != nil {
			return err
		}
		if err := b.handle(ctx, id, body, attempts); err != nil {
			return err
		}
	}
}

func (b *Bot) await(ctx context.Context, signal <-chan struct{}) error {
	timer := time.NewTimer(idle)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-signal:
	case <-timer.C:
	}
	return nil
}

// handle executes an update and settles it in the inbox. A crash between the
// two is safe: the update is executed again, its orders are repeats by their
// command ids and its answers by their keys. Its error is only a planted crash.
func (b *Bot) handle(ctx context.Context, id int64, body []byte, attempts int) error {
	var u update
	err := json.Unmarshal(body, &u)
	if err == nil {
		err = b.execute(ctx, u)
	}
	if crash := b.fail("executed"); crash != nil {
		return crash
	}
	stopping := ctx.Err() != nil
	ctx, cancel := settling(ctx)
	defer cancel()
	if err == nil {
		b.settle(ctx, id, b.Mailbox.Done(ctx, id))
		notify(b.wake) // the chat's next update is free now
		return nil
	}
	if stopping {
		b.settle(ctx, id, b.Mailbox.Defer(ctx, id, 0, "stopped")) // the next bot goes on at once
		return nil
	}
	b.Log.ErrorContext(ctx, "update not handled", slog.Int64("update", id), slog.Int("attempts", attempts), slog.String("error", err.Error()))
	if fault.KindOf(err) != fault.Unavailable && attempts+1 >= maxAttempts {
		// It fails for a reason of ours that waiting does not mend; the chat goes on.
		b.warn(ctx, textoFallo, u.Chat)
		b.settle(ctx, id, b.Mailbox.Done(ctx, id))
		return nil
	}
	if u.Place == nil { // positions come again by themselves
		b.warn(ctx, textoNoRegistrado, u.Chat)
	}
	b.settle(ctx, id, b.Mailbox.Defer(ctx, id, spread(backoff(attempts+2)), err.Error()))
	return nil
}

// settling outlives the end of the bot for as long as a mark in Postgres takes.
func settling(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
}

func (b *Bot) settle(ctx context.Context, id int64, err error) {
	if err != nil {
		b.Log.WarnContext(ctx, "update not settled; its lease runs out", slog.Int64("update", id), slog.String("error", err.Error()))
	}
}

// persona is who writes to the bot.
type persona struct {
	autor  permiso.Autor
	linked bool
}

// execute does what an update asks. A refusal is an answer to the person; an
// error is for us, and the update stays.
func (b *Bot) execute(ctx context.Context, u update) error {
	ctx, cancel := context.WithTimeout(ctx, handleTime)
	defer cancel()
	asked, rest := understand(u)
	if asked.open(rest) {
		return asked.do(b, ctx, u, persona{}, rest)
	}
	p, err := b.who(ctx, u.Chat)
	switch {
	case err != nil:
		return err
	case !p.linked:
		if u.Place != nil && !u.Place.First {
			return nil
		}
		return b.say(ctx, u, message{Text: textoSinVinculo})
	case permiso.De(p.autor.Rol, asked.accion) == permiso.Nada:
		if u.Place != nil && !u.Place.First {
			return nil
		}
		return b.say(ctx, u, message{Text: textoProhibido, Menu: true})
	}
	return asked.do(b, ctx, u, p, rest)
}

// who finds the Usuario of an account through the blind index of the vault.
func (b *Bot) who(ctx context.Context, account int64) (persona, error) {
	stream, ok, err := b.Lookup.Lookup(ctx, "usuario.telegram_id", commands.Normal("telegram_id", strconv.FormatInt(account, 10)))
	if err != nil || !ok {
		return persona{}, wrap(err, "look up an account")
	}
	id, err := ident.Parse[ident.Usuario](strings.TrimPrefix(stream, "usuario-"))
	if err != nil {
		return persona{}, fmt.Errorf("account belongs to %q: %w", stream, err)
	}
	u, err := b.Usuarios.Get(ctx, id)
	if err != nil {
		return persona{}, fmt.Errorf("read who is asking: %w", err)
	}
	if u.Estado != usuarios.Activo {
		return persona{}, nil // who was shut out is nobody here
	}
	return persona{linked: true, autor: permiso.Autor{
		Usuario: id, Rol: u.Rol, Efectivo: u.Efectivo, Jurisdiccion: u.Jurisdiccion.Alcance(),
	}}, nil
}

func wrap(err error, doing string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// order dispatches a step of an update. said is the refusal in the person's
// words; err means that nobody knows yet, and that the update must come again.
func (b *Bot) order(ctx context.Context, u update, step string, cmd commands.Command) (said string, err error) {
	_, err = b.Dispatcher.Dispatch(ctx, commands.Order{
		ID: b.command(u, step), Keyed: true, Commands: []commands.Command{cmd},
		Correlation: "telegram:" + strconv.FormatInt(u.ID, 10), Causation: "telegram:" + strconv.FormatInt(u.ID, 10),
	})
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Kind != fault.Unavailable && f.Kind != fault.Internal && !errors.Is(err, eventstore.ErrStale) {
		return f.Message, nil
	}
	return "", err
}
