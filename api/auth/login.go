package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
	"unicode/utf8"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
)

// Directory finds people by what they call themselves.
type Directory interface {
	// ByEmail finds the Usuario with an address, in any writing of it.
	ByEmail(ctx context.Context, email string) (ident.Usuario, bool, error)
}

// Credentials keeps the PHC strings of passwords; eventstore/sessions does.
type Credentials interface {
	Credential(ctx context.Context, usuario string) (phc string, ok bool, err error)
	PutCredential(ctx context.Context, usuario, phc string) error
	// Rehash replaces a hash by another of the same password, unless the password
	// was changed meanwhile.
	Rehash(ctx context.Context, usuario, from, to string) (done bool, err error)
}

// Sessions keeps families of refresh tokens: opaque, 256 bits, stored as hashes.
type Sessions interface {
	// Open starts a family for a Usuario.
	Open(ctx context.Context, id ident.Usuario) (Session, error)
	// Rotate trades a refresh token for the next one. A token that was used
	// before, that ended or that nobody knows fails with fault.Unauthorized.
	Rotate(ctx context.Context, refresh string) (Session, error)
	// Close ends a family; closing twice is harmless.
	Close(ctx context.Context, session string) error
}

// Session is one family of refresh tokens and its newest one.
type Session struct {
	ID      string
	Usuario ident.Usuario
	Refresh string
}

// Profiles tells what a Usuario may do.
type Profiles interface {
	Profile(ctx context.Context, id ident.Usuario) (Profile, error)
}

// Profile is what a token says of a Usuario.
type Profile struct {
	Rol      permiso.Rol
	Efectivo ident.Efectivo // the Efectivo he is, or ""
	Version  int64
}

// Tokens is what a login or a refresh gives.
type Tokens struct {
	Access  string
	Expires time.Time
	Refresh string
}

// Door lets people in and out.
type Door struct {
	Issuer      *Issuer
	Hasher      *Hasher
	Directory   Directory
	Credentials Credentials
	Sessions    Sessions
	Profiles    Profiles
	Log         *slog.Logger
}

// Login trades an e-mail and a password for tokens. Who does not exist and who
// typed a wrong password get the same answer after the same work.
func (d *Door) Login(ctx context.Context, email, password string) (Tokens, error) {
	if utf8.RuneCountInString(password) > maxPassword {
		return Tokens{}, ErrCredencial // nobody has one that long: not worth hashing
	}
	id, known, err := d.Directory.ByEmail(ctx, email)
	if err != nil {
		return Tokens{}, fmt.Errorf("look an address up: %w", err)
	}
	phc := ""
	// The same query runs for the unknown: time must not tell who exists.
	if !known {
		id = nobody
	}
	if stored, ok, err := d.Credentials.Credential(ctx, string(id)); err != nil {
		return Tokens{}, fmt.Errorf("read a credential: %w", err)
	} else if ok && known {
		phc = stored
	}
	ok, rehash, err := d.Hasher.Check(ctx, phc, password)
	switch {
	case err != nil:
		return Tokens{}, fmt.Errorf("check a password: %w", err)
	case !ok:
		return Tokens{}, ErrCredencial
	}
	if rehash {
		d.rehash(ctx, id, phc, password)
	}
	profile, err := d.profile(ctx, id)
	if err != nil {
		return Tokens{}, err
	}
	session, err := d.Sessions.Open(ctx, id)
	if err != nil {
		return Tokens{}, fmt.Errorf("open a session: %w", err)
	}
	return d.tokens(id, profile, session)
}

// nobody is an id that no Usuario has.
const nobody = ident.Usuario("00000000-0000-0000-0000-000000000000")

// Refresh trades a refresh token for new tokens. What the Usuario may do is read
// again: a change of rol takes effect here at the latest.
func (d *Door) Refresh(ctx context.Context, refresh string) (Tokens, error) {
	if refresh == "" || len(refresh) > 512 {
		return Tokens{}, ErrSesion
	}
	session, err := d.Sessions.Rotate(ctx, refresh)
	if fault.KindOf(err) == fault.Unauthorized {
		return Tokens{}, ErrSesion.Because(err)
	}
	if err != nil {
		return Tokens{}, fmt.Errorf("renew a session: %w", err)
	}
	profile, err := d.profile(ctx, session.Usuario)
	if err != nil {
		return Tokens{}, err
	}
	return d.tokens(session.Usuario, profile, session)
}

// Logout ends the session of whoever asks.
func (d *Door) Logout(ctx context.Context, id Identity) error {
	if err := d.Sessions.Close(ctx, id.Session); err != nil {
		return fmt.Errorf("close a session: %w", err)
	}
	d.Issuer.End(id.Session)
	return nil
}

// SetPassword gives a Usuario a password that fits the rules.
func (d *Door) SetPassword(ctx context.Context, id ident.Usuario, password string) error {
	if err := CheckPassword(password); err != nil {
		return err
	}
	phc, err := d.Hasher.Hash(ctx, password)
	if err != nil {
		return err
	}
	if err := d.Credentials.PutCredential(ctx, string(id), phc); err != nil {
		return fmt.Errorf("keep a credential: %w", err)
	}
	return nil
}

// HasPassword reports whether a Usuario was given one.
func (d *Door) HasPassword(ctx context.Context, id ident.Usuario) (bool, error) {
	_, ok, err := d.Credentials.Credential(ctx, string(id))
	if err != nil {
		return false, fmt.Errorf("read a credential: %w", err)
	}
	return ok, nil
}

// rehash replaces a hash of old parameters. That it cannot is no reason to keep
// the person out: the next login tries again.
func (d *Door) rehash(ctx context.Context, id ident.Usuario, old, password string) {
	phc, err := d.Hasher.Hash(ctx, password)
	if err == nil {
		_, err = d.Credentials.Rehash(ctx, string(id), old, phc)
	}
	if err != nil {
		d.Log.WarnContext(ctx, "password not rehashed", slog.String("usuario", string(id)), slog.Any("error", err))
	}
}

func (d *Door) profile(ctx context.Context, id ident.Usuario) (Profile, error) {
	p, err := d.Profiles.Profile(ctx, id)
	if fault.KindOf(err) == fault.NotFound {
		return p, ErrCredencial.Because(err)
	}
	if err != nil {
		return p, fmt.Errorf("read who the usuario is: %w", err)
	}
	if !p.Rol.Valido() {
		return p, ErrCredencial.Because(errors.New("the usuario has no rol"))
	}
	return p, nil
}

func (d *Door) tokens(id ident.Usuario, p Profile, s Session) (Tokens, error) {
	access, exp, err := d.Issuer.Issue(Identity{
		Autor:   permiso.Autor{Usuario: id, Rol: p.Rol, Efectivo: p.Efectivo},
		Session: s.ID, Version: p.Version,
	})
	if err != nil {
		return Tokens{}, err
	}
	return Tokens{Access: access, Expires: exp, Refresh: s.Refresh}, nil
}
