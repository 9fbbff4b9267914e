package main

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/api/rest"
	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/eventstore/sessions"
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
	s.issuer.Watch(standing{s})
	settings, err := doorSettings(s.settings)
	if err != nil {
		return err
	}
	cost := auth.Params{Memory: s.settings.PasswordMem, Time: s.settings.PasswordTime, Threads: 1}
	s.door, err = auth.NewDoor(auth.Deps{
		Issuer: s.issuer, Hasher: auth.NewHasher(cost), Directory: directory{s}, Orders: s.dispatcher,
		Kept: s.sessions, Sessions: sessionFamilies{s.sessions, s.settings.SessionTTL}, Secret: s.derive("gad/door/1"),
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

// directory finds people through the vault's blind index.
type directory struct{ s *system }

// ByEmail implements auth.Directory.
func (d directory) ByEmail(ctx context.Context, email string) (ident.Usuario, bool, error) {
	return d.by(ctx, "usuario.email", commands.Normal("email", email))
}

// ByTelegram implements auth.Directory.
func (d directory) ByTelegram(ctx context.Context, account int64) (ident.Usuario, bool, error) {
	return d.by(ctx, "usuario.telegram_id", commands.Normal("telegram_id", strconv.FormatInt(account, 10)))
}

func (d directory) by(ctx context.Context, space, normal string) (ident.Usuario, bool, error) {
	stream, ok, err := d.s.vault.Lookup(ctx, space, normal)
	if err != nil || !ok {
		return "", false, err
	}
	return ident.Usuario(strings.TrimPrefix(stream, "usuario-")), true, nil
}

// standing tells the tokens whether they still hold.
type standing struct{ s *system }

// Standing implements auth.Standing.
func (d standing) Standing(ctx context.Context, session string, id ident.Usuario) (open bool, version int64, err error) {
	if _, open, err = d.s.sessions.Alive(ctx, session); err != nil || !open {
		return false, 0, err
	}
	version, enters, err := d.s.reads.usuarios.Permiso(ctx, id)
	return enters, version, err
}

// sessionFamilies gives auth the sessions it asks for.
type sessionFamilies struct {
	store *sessions.Store
	ttl   time.Duration
}

// Open implements auth.Sessions.
func (f sessionFamilies) Open(ctx context.Context, o auth.Opening) (auth.Session, error) {
	session, token, err := f.store.Open(ctx, sessions.Opening{
		Usuario: string(o.Usuario), TTL: f.ttl, Client: o.Agent, Origin: o.Block, Second: o.Second,
	})
	return family(session, token), err
}

// Rotate implements auth.Sessions.
func (f sessionFamilies) Rotate(ctx context.Context, refresh string) (auth.Session, error) {
	session, token, err := f.store.Rotate(ctx, refresh)
	return family(session, token), err
}

// Family implements auth.Sessions.
func (f sessionFamilies) Family(ctx context.Context, refresh string) (string, bool, error) {
	return f.store.Family(ctx, refresh)
}

// List implements auth.Sessions.
func (f sessionFamilies) List(ctx context.Context, id ident.Usuario) ([]auth.Session, error) {
	found, err := f.store.List(ctx, string(id))
	list := make([]auth.Session, len(found))
	for i, s := range found {
		list[i] = family(s, "")
	}
	return list, err
}

// Close implements auth.Sessions.
func (f sessionFamilies) Close(ctx context.Context, session, reason string) error {
	return f.store.Revoke(ctx, session, reason)
}

// CloseAll implements auth.Sessions.
func (f sessionFamilies) CloseAll(ctx context.Context, id ident.Usuario, reason, except string) ([]string, error) {
	return f.store.RevokeAll(ctx, string(id), reason, except)
}

// MarkSecond implements auth.Sessions.
func (f sessionFamilies) MarkSecond(ctx context.Context, session string) error {
	return f.store.MarkSecond(ctx, session)
}

func family(s sessions.Session, token string) auth.Session {
	return auth.Session{
		ID: s.ID, Usuario: ident.Usuario(s.Usuario), Refresh: token, Second: s.Second,
		OpenedAt: s.OpenedAt, UsedAt: s.LastUsedAt, ExpiresAt: s.ExpiresAt, Agent: s.Client, Block: s.Origin,
	}
}
