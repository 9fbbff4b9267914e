package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"

	"github.com/labstack/echo/v4"
	"golang.org/x/sync/errgroup"

	"github.com/grupo-gad/gad/api/bot"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/jetstream"
	"github.com/grupo-gad/gad/eventstore/postgres"
)

// startBot runs the Telegram role, where there is a token. The token goes
// nowhere else.
func (s *system) startBot(ctx context.Context, roles *errgroup.Group, facts *jetstream.Consumer) error {
	token := s.settings.TelegramToken.Reveal()
	if token == "" {
		return nil
	}
	b, err := bot.New(bot.Deps{
		Token: token, APIURL: s.settings.TelegramAPIURL,
		WebhookURL: s.settings.TelegramWebhookURL, WebhookSecret: hex.EncodeToString(s.derive("gad/telegram-webhook/1")),
		Mailbox: s.mailbox, Dispatcher: s.dispatcher, Intake: s.intake,
		Facts: botFacts{facts, s.store}, Lookup: s.vault, Texts: s.vault,
		Usuarios: s.reads.usuarios, Tareas: s.reads.tareas, Waiter: s.reads.waiter, Log: s.log,
	})
	if err != nil {
		return fmt.Errorf("arrancar el bot: %w", err)
	}
	s.bot = b
	roles.Go(func() error { return b.Run(ctx) })
	return nil
}

// botFacts follows the log through JetStream and knows its head.
type botFacts struct {
	*jetstream.Consumer
	log *postgres.Store
}

// Head implements bot.Facts.
func (f botFacts) Head(ctx context.Context) (eventstore.Position, error) { return f.log.Head(ctx) }

// mountWebhook lets Telegram send updates to the path of the configured address.
func (s *system) mountWebhook(e *echo.Echo) error {
	if s.bot == nil || s.settings.TelegramWebhookURL == "" {
		return nil
	}
	address, err := url.Parse(s.settings.TelegramWebhookURL)
	if err != nil || address.Scheme != "https" || len(address.Path) < 2 {
		return errors.New("GAD_TELEGRAM_WEBHOOK_URL tiene que ser https://… con una ruta propia")
	}
	e.POST(address.Path, echo.WrapHandler(s.bot.Webhook()))
	return nil
}
