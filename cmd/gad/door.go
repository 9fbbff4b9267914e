package main

import (
	"context"
	"strings"
	"time"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/api/rest"
	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/eventstore/sessions"
)

// sessionTTL bounds a session however often it is refreshed: a shift and its margins.
const sessionTTL = 16 * time.Hour

// newDoor joins the pieces by which people come in.
func (s *system) newDoor() *auth.Door {
	return &auth.Door{
		Issuer: s.issuer, Hasher: s.hasher, Directory: directory{s}, Credentials: s.sessions,
		Sessions: sessionFamilies{s.sessions}, Log: s.log,
		Profiles: rest.Profiles{Usuarios: s.reads.usuarios, Log: s.store, Waiter: s.reads.waiter},
	}
}

// directory finds people through the vault's blind index.
type directory struct{ s *system }

// ByEmail implements auth.Directory.
func (d directory) ByEmail(ctx context.Context, email string) (ident.Usuario, bool, error) {
	stream, ok, err := d.s.vault.Lookup(ctx, "usuario.email", commands.Normal("email", email))
	if err != nil || !ok {
		return "", false, err
	}
	return ident.Usuario(strings.TrimPrefix(stream, "usuario-")), true, nil
}

// sessionFamilies gives auth the sessions it asks for.
type sessionFamilies struct{ store *sessions.Store }

// Open implements auth.Sessions.
func (f sessionFamilies) Open(ctx context.Context, id ident.Usuario) (auth.Session, error) {
	session, token, err := f.store.Open(ctx, sessions.Opening{Usuario: string(id), TTL: sessionTTL})
	return family(session, token), err
}

// Rotate implements auth.Sessions.
func (f sessionFamilies) Rotate(ctx context.Context, refresh string) (auth.Session, error) {
	session, token, err := f.store.Rotate(ctx, refresh)
	return family(session, token), err
}

// Close implements auth.Sessions.
func (f sessionFamilies) Close(ctx context.Context, session string) error {
	return f.store.Revoke(ctx, session, "salida")
}

func family(s sessions.Session, token string) auth.Session {
	return auth.Session{ID: s.ID, Usuario: ident.Usuario(s.Usuario), Refresh: token}
}
