// Package entry gives api/auth what it asks for from where it is kept: sessions, people and
// whether a token still holds.
//
// It promises that the doors which the tests of api open stand on the same pieces as those of
// the program; it decides nothing itself.
package entry

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/eventstore/sessions"
	"github.com/grupo-gad/gad/eventstore/vault"
	"github.com/grupo-gad/gad/projections/usuarios"
)

// Directory finds people through the vault's blind index.
type Directory struct{ Vault *vault.Vault }

// ByEmail implements auth.Directory.
func (d Directory) ByEmail(ctx context.Context, email string) (ident.Usuario, bool, error) {
	return d.by(ctx, "usuario.email", commands.Normal("email", email))
}

// ByTelegram implements auth.Directory.
func (d Directory) ByTelegram(ctx context.Context, account int64) (ident.Usuario, bool, error) {
	return d.by(ctx, "usuario.telegram_id", commands.Normal("telegram_id", strconv.FormatInt(account, 10)))
}

func (d Directory) by(ctx context.Context, space, normal string) (ident.Usuario, bool, error) {
	stream, ok, err := d.Vault.Lookup(ctx, space, normal)
	if err != nil || !ok {
		return "", false, err
	}
	return ident.Usuario(strings.TrimPrefix(stream, "usuario-")), true, nil
}

// Standing tells the tokens whether they still hold.
type Standing struct {
	Sessions *sessions.Store
	Usuarios *usuarios.Reader
}

// Standing implements auth.Standing.
func (s Standing) Standing(ctx context.Context, session string, id ident.Usuario) (auth.Stand, error) {
	if _, open, err := s.Sessions.Alive(ctx, session); err != nil || !open {
		return auth.Stand{}, err
	}
	p, err := s.Usuarios.Permiso(ctx, id)
	return auth.Stand{Open: p.Entra, Version: p.Version, Jurisdiccion: p.Jurisdiccion}, err
}

// Families gives auth the sessions it asks for, each of which lives for TTL.
type Families struct {
	Store *sessions.Store
	TTL   time.Duration
}

// Open implements auth.Sessions.
func (f Families) Open(ctx context.Context, o auth.Opening) (auth.Session, error) {
	session, token, err := f.Store.Open(ctx, sessions.Opening{
		Usuario: string(o.Usuario), TTL: f.TTL, Client: o.Agent, Origin: o.Block, Second: o.Second,
	})
	return family(session, token), err
}

// Rotate implements auth.Sessions.
func (f Families) Rotate(ctx context.Context, refresh string) (auth.Session, error) {
	session, token, err := f.Store.Rotate(ctx, refresh)
	return family(session, token), err
}

// Family implements auth.Sessions.
func (f Families) Family(ctx context.Context, refresh string) (string, bool, error) {
	return f.Store.Family(ctx, refresh)
}

// List implements auth.Sessions.
func (f Families) List(ctx context.Context, id ident.Usuario) ([]auth.Session, error) {
	found, err := f.Store.List(ctx, string(id))
	list := make([]auth.Session, len(found))
	for i, s := range found {
		list[i] = family(s, "")
	}
	return list, err
}

// Close implements auth.Sessions.
func (f Families) Close(ctx context.Context, session, reason string) error {
	return f.Store.Revoke(ctx, session, reason)
}

// CloseAll implements auth.Sessions.
func (f Families) CloseAll(ctx context.Context, id ident.Usuario, reason, except string) ([]string, error) {
	return f.Store.RevokeAll(ctx, string(id), reason, except)
}

// MarkSecond implements auth.Sessions.
func (f Families) MarkSecond(ctx context.Context, session string) error {
	return f.Store.MarkSecond(ctx, session)
}

func family(s sessions.Session, token string) auth.Session {
	return auth.Session{
		ID: s.ID, Usuario: ident.Usuario(s.Usuario), Refresh: token, Second: s.Second,
		OpenedAt: s.OpenedAt, UsedAt: s.LastUsedAt, ExpiresAt: s.ExpiresAt, Agent: s.Client, Block: s.Origin,
	}
}
