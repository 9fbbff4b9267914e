package bot

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/mymmrac/telego"
	"github.com/mymmrac/telego/telegoutil"
)

// maxWebhookBody is far above what Telegram sends.
const maxWebhookBody = 1 << 20

// poll asks Telegram for updates and stores them. Asking with a greater offset
// is the acknowledgement, so the offset advances only after the commit: a crash
// anywhere before makes Telegram send the same updates again, and the inbox
// knows them by their number.
func (b *Bot) poll(ctx context.Context) error {
	var offset int64
	for {
		var batch []json.RawMessage
		err := b.insist(ctx, "get updates", func(ctx context.Context, _ func()) (err error) {
			batch, err = b.client.updates(ctx, offset)
			return err
		})
		if err != nil {
			return err
		}
		if len(batch) == 0 {
			// Everything so far is acknowledged. After a week of silence Telegram
			// may go on at any number, also a smaller one: ask for whatever there is.
			offset = 0
			continue
		}
		if err := b.fail("received"); err != nil {
			return err
		}
		var last int64
		err = b.insist(ctx, "store updates", func(ctx context.Context, _ func()) (err error) {
			last, err = b.receive(ctx, batch)
			return err
		})
		if err != nil {
			return err
		}
		offset = last + 1
	}
}

// receive stores what the bot acts on and returns the greatest number.
func (b *Bot) receive(ctx context.Context, batch []json.RawMessage) (last int64, err error) {
	var (
		ids, chats []int64
		bodies     [][]byte
		now        = time.Now()
	)
	for _, raw := range batch {
		u, ok, err := reduce(raw, now)
		if err != nil {
			// It could never be handled; its number is all that we need of it.
			var number struct {
				ID int64 `json:"update_id"`
			}
			if err := json.Unmarshal(raw, &number); err != nil {
				return 0, err
			}
			b.Log.WarnContext(ctx, "update cannot be read", slog.Int64("update", number.ID), slog.String("error", err.Error()))
			last = max(last, number.ID)
			continue
		}
		last = max(last, u.ID)
		if !ok {
			continue
		}
		body, err := json.Marshal(u)
		if err != nil {
			return 0, err
		}
		ids, chats, bodies = append(ids, u.ID), append(chats, u.Chat), append(bodies, body)
	}
	if len(ids) == 0 {
		return last, nil
	}
	if err := b.Mailbox.Receive(ctx, ids, chats, bodies); err != nil {
		b.warn(ctx, textoNoRecibido, chats...)
		return 0, err
	}
	for range min(len(ids), b.Workers) {
		notify(b.wake)
	}
	return last, nil
}

// warn tells chats, straight and at most once a minute each, that nothing of
// theirs is being recorded. It is all that can be done without Postgres.
func (b *Bot) warn(ctx context.Context, text string, chats ...int64) {
	for _, chat := range chats {
		b.mu.Lock()
		told := time.Since(b.warned[chat]) < time.Minute
		if !told {
			b.warned[chat] = time.Now()
		}
		if len(b.warned) > 10_000 {
			clear(b.warned)
		}
		b.mu.Unlock()
		if told {
			continue
		}
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		if _, err := b.client.SendMessage(ctx, &telego.SendMessageParams{ChatID: telegoutil.ID(chat), Text: text}); err != nil {
			b.Log.WarnContext(ctx, "warning not delivered", slog.String("error", err.Error()))
		}
		cancel()
	}
}

// Webhook receives updates from Telegram. It answers 200 only for what is
// stored; Telegram sends everything else again.
func (b *Bot) Webhook() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Digests have one length, so the comparison tells nothing about the secret.
		given := sha256.Sum256([]byte(r.Header.Get("X-Telegram-Bot-Api-Secret-Token")))
		if b.WebhookSecret == "" || subtle.ConstantTimeCompare(given[:], b.secret[:]) != 1 {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if r.Method != http.MethodPost {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxWebhookBody))
		if err != nil {
			if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
				w.WriteHeader(http.StatusRequestEntityTooLarge)
				return
			}
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if !json.Valid(body) {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if _, err := b.receive(r.Context(), []json.RawMessage{body}); err != nil {
			b.Log.WarnContext(r.Context(), "update not stored", slog.String("error", err.Error()))
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusOK)
	})
}

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
