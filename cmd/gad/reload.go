package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/api/bot"
	"github.com/grupo-gad/gad/ops/config"
)

// reloadOnHangup reads the secrets again at every SIGHUP, until ctx ends.
func (s *system) reloadOnHangup(ctx context.Context, load func() (config.Config, error)) {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
		}
		if err := s.reload(load); err != nil {
			s.log.ErrorContext(ctx, "the secrets were not read again; those in use stay", errorAttr(err))
			continue
		}
		s.log.InfoContext(ctx, "the secrets were read again")
	}
}

// reload takes the secrets as they are now: passwords and authorities for the connections that
// are opened from now on, signing keys, the keys of the vault, the token of the bot. All of them
// or, when one cannot be read, none. The other settings hold until the process starts again.
func (s *system) reload(load func() (config.Config, error)) error {
	now, err := load()
	if err != nil {
		return err
	}
	next := s.settings
	next.DatabaseURL, next.MigrateDatabaseURL, next.RedisURL = now.DatabaseURL, now.MigrateDatabaseURL, now.RedisURL
	next.TelegramToken, next.TelegramKey = now.TelegramToken, now.TelegramKey
	if _, err := pgx.ParseConfig(next.DatabaseURL.Reveal()); err != nil {
		return errors.New("GAD_DATABASE_URL no es una dirección de PostgreSQL válida") // pgx's text may quote the password
	}
	if s.redis != nil {
		if _, err := redis.ParseURL(next.RedisURL.Reveal()); err != nil {
			return errors.New("GAD_REDIS_URL no es una dirección de Redis válida")
		}
	}
	if _, err := next.TLS(); err != nil {
		return err
	}
	if token := next.TelegramToken.Reveal(); token != "" {
		if err := bot.CheckToken(token); err != nil {
			return fmt.Errorf("GAD_TELEGRAM_TOKEN: %w", err)
		}
	}
	key, err := telegramKey(next)
	if err != nil {
		return err
	}
	ring, err := loadKeyring(next.VaultKEKFile)
	if err != nil {
		return err
	}
	if err := s.issuer.Reload(); err != nil {
		return fmt.Errorf("cargar las claves de firma: %w", err)
	}
	s.vault.Take(ring)
	s.door.SetTelegramKey(key)
	s.current.Store(&next)
	select {
	case s.rebot <- struct{}{}:
	default:
	}
	return nil
}

// telegramKey is what the door needs to believe Telegram: given, or made of the token where one
// process runs the bot and the API.
func telegramKey(c config.Config) ([]byte, error) {
	key, err := hex.DecodeString(c.TelegramKey.Reveal())
	if err != nil {
		return nil, fmt.Errorf("GAD_TELEGRAM_WEBAPP_KEY: %w", err)
	}
	if token := c.TelegramToken.Reveal(); len(key) == 0 && token != "" {
		key = auth.TelegramKey(token)
	}
	return key, nil
}
