package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/mymmrac/telego"
	"github.com/mymmrac/telego/telegoutil"

	"github.com/grupo-gad/gad/domain/ident"
)

// message is what the outbox keeps.
type message struct {
	Text    string   `json:"text"`
	Buttons []button `json:"buttons,omitzero"`
	Menu    bool     `json:"menu,omitzero"` // with the keyboard of the chat
	Edit    int      `json:"edit,omitzero"` // replaces this message instead of following it
	// Empieza is when the Tarea begins that the text is about: how soon that is stands before it
	// as it is when the message leaves, however long that took.
	Empieza time.Time `json:"empieza,omitzero"`

	Alerta string        `json:"alerta,omitzero"` // that it reached Para is to be recorded
	Para   ident.Usuario `json:"para,omitzero"`

	n       int   // of several answers to one update
	urgency int16 // which goes first
}

// What goes before all else that waits to be sent.
const (
	urgencyGiven = 1 // a Tarea to take, and what cannot wait
	urgencyOffer = 2 // an answer is waited for: behind what everybody in a Zona is told it would lapse
	urgencyHelp  = 3 // a call for help
)

type button struct {
	Text string `json:"text"`
	ID   string `json:"id"`
}

// Telegram's own limits are 30 messages a second, and one a second to a chat.
const (
	perChat  = time.Second
	together = 40 * time.Millisecond
)

// say answers an update, once: a repeat has the same key.
func (b *Bot) say(ctx context.Context, u update, m message) error {
	return b.post(ctx, fmt.Sprintf("respuesta:%d:%d", u.ID, m.n), u.Chat, m)
}

// post leaves a message in the outbox and returns when it is durable.
func (b *Bot) post(ctx context.Context, key string, chat int64, m message) error {
	body, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("write a message: %w", err)
	}
	if err := b.Mailbox.Enqueue(ctx, key, chat, m.urgency, body); err != nil {
		return fmt.Errorf("leave a message: %w", err)
	}
	notify(b.mail)
	return nil
}

// send empties the outbox, the most urgent first.
func (b *Bot) send(ctx context.Context) error {
	for {
		id, chat, body, attempts, err := b.Mailbox.TakeMessage(ctx, lease)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			b.Log.WarnContext(ctx, "outbox is away", slog.String("error", err.Error()))
			if err := pause(ctx, idle); err != nil {
				return err
			}
			continue
		case id == 0:
			if err := b.await(ctx, b.mail); err != nil {
				return err
			}
			continue
		}
		if err := pause(ctx, b.pace.wait(chat, time.Now())); err != nil {
			return err
		}
		err = b.deliver(ctx, chat, body)
		wait := retryAfter(err)
		if err := b.delivered(ctx, id, attempts, err); err != nil {
			b.Log.WarnContext(ctx, "message not settled; its lease runs out", slog.Int64("message", id), slog.String("error", err.Error()))
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if wait > 0 { // Telegram asked for silence, from all chats
			if err := pause(ctx, wait); err != nil {
				return err
			}
		}
	}
}

// delivered settles a message after what Telegram said, also when the bot is
// being stopped: what was sent is not sent again by the next one.
func (b *Bot) delivered(ctx context.Context, id int64, attempts int, err error) error {
	stopping := ctx.Err() != nil
	ctx, cancel := settling(ctx)
	defer cancel()
	switch {
	case err == nil:
		return b.Mailbox.Sent(ctx, id)
	case stopping:
		return b.Mailbox.Postpone(ctx, id, 0, "stopped")
	case final(err):
		b.Log.WarnContext(ctx, "message refused", slog.Int64("message", id), slog.String("error", err.Error()))
		return b.Mailbox.Refused(ctx, id, err.Error())
	}
	return b.Mailbox.Postpone(ctx, id, max(retryAfter(err), spread(backoff(attempts+2))), err.Error())
}

func (b *Bot) deliver(ctx context.Context, chat int64, body []byte) error {
	// A call under way is waited for when the bot is stopped: cut off, nobody
	// would know whether Telegram took it, and it would be sent again.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	defer cancel()
	var m message
	if err := json.Unmarshal(body, &m); err != nil {
		return fmt.Errorf("read a message: %w", err)
	}
	var inline *telego.InlineKeyboardMarkup
	if len(m.Buttons) > 0 {
		row := make([]telego.InlineKeyboardButton, len(m.Buttons))
		for i, button := range m.Buttons {
			row[i] = telego.InlineKeyboardButton{Text: button.Text, CallbackData: buttonPrefix + button.ID}
		}
		inline = &telego.InlineKeyboardMarkup{InlineKeyboard: [][]telego.InlineKeyboardButton{row}}
	}
	if m.Edit != 0 {
		_, err := b.client.EditMessageText(ctx, &telego.EditMessageTextParams{
			ChatID: telegoutil.ID(chat), MessageID: m.Edit, Text: m.Text, ReplyMarkup: inline,
		})
		return err
	}
	if !m.Empieza.IsZero() {
		m.Text = textoEmpieza(m.Empieza.Sub(b.now())) + m.Text
	}
	params := &telego.SendMessageParams{ChatID: telegoutil.ID(chat), Text: m.Text}
	switch {
	case inline != nil:
		params.ReplyMarkup = inline
	case m.Menu:
		params.ReplyMarkup = &telego.ReplyKeyboardMarkup{
			Keyboard:       [][]telego.KeyboardButton{{{Text: botonMisTareas}, {Text: botonAyuda}, {Text: botonSOS}}},
			ResizeKeyboard: true, IsPersistent: true,
		}
	}
	if _, err := b.client.SendMessage(ctx, params); err != nil || m.Alerta == "" {
		return err
	}
	return b.reached(ctx, m)
}

// pace spaces messages out, so that Telegram need not ask for it.
type pace struct {
	mu   sync.Mutex // guards what follows
	next time.Time
	chat map[int64]time.Time
}

// wait books the next moment for a message to a chat.
func (p *pace) wait(chat int64, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.chat == nil || len(p.chat) > 10_000 {
		p.chat = map[int64]time.Time{}
	}
	at := now
	for _, t := range []time.Time{p.next, p.chat[chat]} {
		if t.After(at) {
			at = t
		}
	}
	p.next, p.chat[chat] = at.Add(together), at.Add(perChat)
	return at.Sub(now)
}
