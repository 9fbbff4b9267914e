package bot

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/mymmrac/telego"
	"golang.org/x/sync/errgroup"

	"github.com/grupo-gad/gad/eventstore"
)

// Deps is what the bot works with. Everything is needed unless it says otherwise.
type Deps struct {
	Token  string // of the bot; it appears in no log and no error
	APIURL string // of the Bot API server; empty means Telegram's own
	// WebhookURL is where Telegram sends updates to (Webhook serves it); empty
	// means that the bot asks for them.
	WebhookURL string
	// WebhookSecret is 256 random bits in hexadecimal, independent of the token.
	WebhookSecret string

	Mailbox    Mailbox
	Dispatcher Dispatcher
	Intake     Intake
	Facts      Facts
	Lookup     Lookup
	Texts      Texts
	Usuarios   Usuarios
	Tareas     Tareas
	Efectivos  Efectivos
	Waiter     Waiter
	Log        *slog.Logger
	Breaker    Breaker        // before every call; nil: none
	Zone       *time.Location // of the operation, for hours in texts; nil: UTC

	Workers int // chats handled at once; 0 means 4
}

// Bot runs the role. Make it with New.
type Bot struct {
	Deps
	client *client
	space  uuid.UUID // of command ids
	secret [sha256.Size]byte
	wake   chan struct{} // an update came in
	mail   chan struct{} // a message is to be sent
	pace   pace

	mu     sync.Mutex          // guards warned
	warned map[int64]time.Time // chats that were told that nothing is recorded

	late time.Duration    // see lateModel
	now  func() time.Time // what the hour is that texts speak of

	// fail, in tests, ends a step as a crash there would.
	fail func(point string) error
}

// New returns a Bot that does nothing until Run.
func New(d Deps) (*Bot, error) {
	c, err := newClient(d.Token, d.APIURL, d.Breaker)
	if err != nil {
		return nil, err
	}
	if d.WebhookURL != "" && len(d.WebhookSecret) < 64 {
		return nil, errors.New("the webhook needs a secret of 256 bits in hexadecimal")
	}
	for _, a := range Accesos() {
		if err := a.Declarado(); err != nil {
			return nil, err
		}
	}
	if d.Workers == 0 {
		d.Workers = 4
	}
	if d.Zone == nil {
		d.Zone = time.UTC
	}
	number, _, _ := strings.Cut(d.Token, ":")
	return &Bot{
		Deps: d, client: c,
		space:  uuid.NewSHA1(uuid.NameSpaceURL, []byte("telegram:bot:"+number)),
		secret: sha256.Sum256([]byte(d.WebhookSecret)),
		wake:   make(chan struct{}, d.Workers), mail: make(chan struct{}, 1),
		warned: map[int64]time.Time{}, late: lateModel, now: time.Now,
		fail: func(string) error { return nil },
	}, nil
}

// Run receives, handles, tells and sends until ctx ends. Nothing of what it
// does stops it: Telegram and Postgres may come and go.
func (b *Bot) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return b.introduce(ctx) })
	if b.WebhookURL == "" {
		group.Go(func() error { return b.poll(ctx) })
	}
	for range b.Workers {
		group.Go(func() error { return b.work(ctx) })
	}
	group.Go(func() error { return b.send(ctx) })
	group.Go(func() error { return b.tell(ctx, cursorName, b.notice) })
	group.Go(func() error { return b.tell(ctx, cursorCalls, b.call) })
	err := group.Wait()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// introduce tells Telegram the menu and where to send updates.
func (b *Bot) introduce(ctx context.Context) error {
	return b.insist(ctx, "introduce the bot", func(ctx context.Context, _ func()) error {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		err := b.client.SetMyCommands(ctx, &telego.SetMyCommandsParams{Commands: []telego.BotCommand{
			{Command: "start", Description: menuInicio},
			{Command: "mistareas", Description: menuMisTareas},
			{Command: "sos", Description: menuSOS},
			{Command: "vincular", Description: menuVincular},
			{Command: "ayuda", Description: menuAyuda},
		}})
		if err != nil {
			return err
		}
		if b.WebhookURL == "" {
			return b.client.DeleteWebhook(ctx, &telego.DeleteWebhookParams{})
		}
		return b.client.SetWebhook(ctx, &telego.SetWebhookParams{
			URL: b.WebhookURL, SecretToken: b.WebhookSecret, AllowedUpdates: wanted, MaxConnections: 20,
		})
	})
}

// insist repeats what may fail for a while, with growing waits, until it
// succeeds or ctx ends. It logs the first failure and the recovery. f tells
// moved when it gets somewhere: what fails later is a new trouble, with short
// waits and a line of its own in the log. So is what comes after f held for
// longer than the longest wait.
func (b *Bot) insist(ctx context.Context, what string, f func(ctx context.Context, moved func()) error) error {
	attempt := 0
	moved := func() {
		if attempt > 0 {
			b.Log.InfoContext(ctx, "bot recovered", slog.String("doing", what), slog.Int("attempts", attempt))
		}
		attempt = 0
	}
	for ; ; attempt++ {
		began := time.Now()
		err := f(ctx, moved)
		if err == nil {
			moved()
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if time.Since(began) > longest {
			moved()
		}
		if attempt == 0 {
			b.Log.WarnContext(ctx, "bot has to wait", slog.String("doing", what), slog.String("error", err.Error()))
		}
		if err := pause(ctx, max(backoff(attempt), retryAfter(err))); err != nil {
			return err
		}
	}
}

// longest is the wait that backoff ends at.
const longest = 30 * time.Second

// backoff grows from 250 ms to 30 s.
func backoff(attempt int) time.Duration {
	return min(250*time.Millisecond<<min(attempt, 10), longest)
}

// spread is d, or up to a half less: what failed together is not tried again together.
func spread(d time.Duration) time.Duration {
	return d - rand.N(d/2+1) //nolint:gosec // spreads tries, guards nothing
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// command names a step of handling an update, for ever the same.
func (b *Bot) command(u update, step string) eventstore.CommandID {
	return eventstore.CommandID(uuid.NewSHA1(b.space, fmt.Appendf(nil, "%d/%s", u.ID, step)))
}
