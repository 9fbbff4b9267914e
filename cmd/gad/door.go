package main

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/api/rest"
	"github.com/grupo-gad/gad/cmd/gad/entry"
	"github.com/grupo-gad/gad/ops/config"
)

// openDoor loads the signing keys, which in development are made when missing, and
// joins the pieces by which people come in.
func (s *system) openDoor() error {
	keys, err := auth.LoadKeys(s.settings.JWTKeysDir, s.settings.Env == "development" || s.settings.Test(), time.Now)
	if err != nil {
		return fmt.Errorf("cargar las claves de firma: %w", err)
	}
	if s.issuer, err = auth.NewIssuer(keys, "gad", "gad", s.settings.AccessTokenTTL, time.Now); err != nil {
		return err
	}
	// A session that nothing is known of has half of what its request may take: the rest is for the answer.
	s.issuer.Patient(s.settings.HandlerTimeout / 2).Watch(s.standing())
	settings, err := doorSettings(s.settings)
	if err != nil {
		return err
	}
	cost := auth.Params{Memory: s.settings.PasswordMem, Time: s.settings.PasswordTime, Threads: 1}
	s.door, err = auth.NewDoor(auth.Deps{
		Issuer: s.issuer, Hasher: auth.NewHasher(cost), Directory: entry.Directory{Vault: s.vault}, Orders: s.dispatcher,
		Kept: s.sessions, Sessions: entry.Families{Store: s.sessions, TTL: s.settings.SessionTTL}, Secret: s.derive("gad/door/1"),
		Profiles: rest.Profiles{Usuarios: s.reads.usuarios, Log: s.store, Waiter: s.reads.waiter},
		Settings: settings, Now: time.Now, Log: s.log,
	})
	return err
}

func doorSettings(c config.Config) (s auth.Settings, err error) {
	s = auth.Settings{
		SecondRequired: c.SecondRequired(), ActivationTTL: c.ActivationTTL,
		Account: auth.Patience{Free: c.LoginAttempts, Window: time.Minute, Most: 15 * time.Minute},
		Block:   auth.Patience{Free: c.LoginPerBlock, Window: time.Minute, Most: time.Minute},
	}
	for _, text := range c.LoginTrusted {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return s, fmt.Errorf("GAD_LOGIN_TRUSTED: %w", err)
		}
		s.Trusted = append(s.Trusted, p)
	}
	s.TelegramKey, err = telegramKey(c)
	return s, err
}

// standing tells the tokens, and the sockets, whether they still hold.
func (s *system) standing() entry.Standing {
	return entry.Standing{Sessions: s.sessions, Usuarios: s.reads.usuarios}
}
