package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/grupo-gad/gad/api/bot"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/jetstream"
	"github.com/grupo-gad/gad/eventstore/postgres"
)

// runBot runs the Telegram role while there is a token, and starts it anew with another one.
func (s *system) runBot(ctx context.Context, facts *jetstream.Consumer) error {
	for ctx.Err() == nil {
		token := s.current.Load().TelegramToken.Reveal()
		running, stop := context.WithCancel(ctx)
		ended := make(chan error, 1)
		if token == "" {
			s.bot.Store(nil)
		} else {
			b, err := s.newBot(token, facts)
			if err != nil {
				stop()
				return err
			}
			s.bot.Store(b)
			go func() { ended <- b.Run(running) }()
		}
		err := s.tokenChanges(ctx, token, ended)
		stop()
		if token != "" && err == nil {
			err = <-ended
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tokenChanges waits for the end of ctx or another token than this; an error is the bot's.
func (s *system) tokenChanges(ctx context.Context, token string, ended chan error) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-ended:
			ended <- nil
			return err
		case <-s.rebot:
			if s.current.Load().TelegramToken.Reveal() != token {
				return nil
			}
		}
	}
}

// newBot makes the bot of a token, which goes nowhere else.
func (s *system) newBot(token string, facts *jetstream.Consumer) (*bot.Bot, error) {
	b, err := bot.New(bot.Deps{
		Token: token, APIURL: s.settings.TelegramAPIURL,
		WebhookURL: s.settings.TelegramWebhookURL, WebhookSecret: hex.EncodeToString(s.derive("gad/telegram-webhook/1")),
		Mailbox: s.mailbox, Dispatcher: s.dispatcher, Intake: s.intake,
		Facts: botFacts{facts, s.store}, Lookup: s.vault, Texts: s.vault,
		Breaker: s.breakers.telegram, Usuarios: s.reads.usuarios, Tareas: s.reads.tareas, Efectivos: s.reads.efectivos, Waiter: s.reads.waiter, Log: s.log, Zone: s.zone,
	})
	if err != nil {
		return nil, fmt.Errorf("arrancar el bot: %w", err)
	}
	return b, nil
}

// botFacts follows the log through JetStream, and reads it.
type botFacts struct {
	*jetstream.Consumer
	log *postgres.Store
}

// Head implements bot.Facts.
func (f botFacts) Head(ctx context.Context) (eventstore.Position, error) { return f.log.Head(ctx) }

// ReadStream implements bot.Facts.
func (f botFacts) ReadStream(ctx context.Context, stream eventstore.StreamID, after eventstore.Version) iter.Seq2[eventstore.Recorded, error] {
	return f.log.ReadStream(ctx, stream, after)
}

// mountWebhook lets Telegram send updates to the path of the configured address.
func (s *system) mountWebhook(e *echo.Echo) error {
	if !s.settings.Has("bot") || s.settings.TelegramWebhookURL == "" {
		return nil
	}
	address, err := url.Parse(s.settings.TelegramWebhookURL)
	if err != nil || address.Scheme != "https" || len(address.Path) < 2 {
		return errors.New("GAD_TELEGRAM_WEBHOOK_URL tiene que ser https://… con una ruta propia")
	}
	e.POST(address.Path, func(c echo.Context) error {
		b := s.bot.Load()
		if b == nil {
			return c.NoContent(http.StatusNotFound)
		}
		b.Webhook().ServeHTTP(c.Response(), c.Request())
		return nil
	})
	return nil
}
