package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"unicode/utf8"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/sesion"
	"github.com/grupo-gad/gad/domain/usuario"
)

// Login is what somebody shows to come in.
type Login struct {
	Email    string
	Password string
	Code     string // of the second factor, or a recovery code; may be missing
	Client   Client
}

// Login trades an e-mail and a password for tokens. Who does not exist and who
// typed a wrong password get the same answer after the same work.
func (d *Door) Login(ctx context.Context, l Login) (Tokens, error) {
	if utf8.RuneCountInString(l.Password) > maxPassword {
		return Tokens{}, ErrCredencial // nobody has one that long: not worth hashing
	}
	id, known, err := d.Directory.ByEmail(ctx, l.Email)
	if err != nil {
		return Tokens{}, fmt.Errorf("look an address up: %w", err)
	}
	// The same queries run for the unknown: time must not tell who exists.
	if !known {
		id = nobody
	}
	counted, err := d.attempt(ctx, d.accountKey(id, l.Email, l.Client), l.Client)
	if err != nil {
		return Tokens{}, err
	}
	phc := ""
	if stored, ok, err := d.Kept.Credential(ctx, string(id)); err != nil {
		return Tokens{}, fmt.Errorf("read a credential: %w", err)
	} else if ok && known {
		phc = stored
	}
	ok, rehash, err := d.Hasher.Check(ctx, phc, l.Password)
	switch {
	case err != nil:
		return Tokens{}, fmt.Errorf("check a password: %w", err)
	case !ok:
		d.failed(ctx, id, sesion.PorContrasena, sesion.CredencialMala)
		return Tokens{}, ErrCredencial
	}
	tokens, err := d.enter(ctx, id, sesion.PorContrasena, l.Code, l.Client)
	if err != nil {
		return Tokens{}, err
	}
	if rehash {
		d.rehash(ctx, id, phc, l.Password)
	}
	d.forgive(ctx, counted)
	return tokens, nil
}

// enter lets somebody in who proved who he is, if he may and shows the second factor.
func (d *Door) enter(ctx context.Context, id ident.Usuario, medio sesion.Medio, code string, c Client) (Tokens, error) {
	state, err := d.Orders.Usuario(ctx, id)
	if err != nil {
		return Tokens{}, fmt.Errorf("read the usuario: %w", err)
	}
	switch err := state.Entra(); {
	case errors.Is(err, usuario.ErrBloqueado):
		d.failed(ctx, id, medio, sesion.Bloqueado)
		return Tokens{}, err
	case err != nil:
		return Tokens{}, ErrCredencial.Because(err)
	}
	second, err := d.checkSecond(ctx, id, code)
	if errors.Is(err, ErrSegundo) {
		d.failed(ctx, id, medio, sesion.SegundoMalo)
	}
	if err != nil {
		return Tokens{}, err
	}
	profile, err := d.profile(ctx, id)
	if err != nil {
		return Tokens{}, err
	}
	session, err := d.Sessions.Open(ctx, Opening{Usuario: id, Agent: c.Agent, Block: c.Block(), Second: second != sesion.SinSegundo})
	if err != nil {
		return Tokens{}, fmt.Errorf("open a session: %w", err)
	}
	// A crash before the next line leaves a session that nobody holds a token of.
	err = d.record(ctx, sesion.Iniciar{
		Orden: sesion.Orden{ID: ident.Sesion(session.ID), Usuario: id, Por: self(id, profile.Rol), En: d.now()},
		Medio: medio, Segundo: second,
	})
	if err != nil {
		return Tokens{}, fmt.Errorf("record a login: %w", err)
	}
	tokens, err := d.tokens(profile, session)
	tokens.Device = d.mark(id)
	return tokens, err
}

// ErrReutilizada says that a refresh token was shown a second time; its family is over.
var ErrReutilizada = fault.New(fault.Unauthorized, "sesion_reutilizada", "la sesión fue cerrada por seguridad; vuelva a ingresar")

// Family says which session a refresh token would renew, for whoever counts; false when it
// is nobody's.
func (d *Door) Family(ctx context.Context, refresh string) (string, bool, error) {
	return d.Sessions.Family(ctx, refresh)
}

// Refresh trades a refresh token for new tokens. What the Usuario may do is read
// again: a change of rol takes effect here at the latest.
func (d *Door) Refresh(ctx context.Context, refresh string) (Tokens, error) {
	if refresh == "" || len(refresh) > 512 {
		return Tokens{}, ErrSesion
	}
	session, err := d.Sessions.Rotate(ctx, refresh)
	switch {
	case errors.Is(err, ErrReutilizada):
		d.stolen(ctx, session)
		return Tokens{}, ErrReutilizada
	case fault.KindOf(err) == fault.Unauthorized:
		return Tokens{}, ErrSesion.Because(err)
	case err != nil:
		return Tokens{}, fmt.Errorf("renew a session: %w", err)
	}
	state, err := d.Orders.Usuario(ctx, session.Usuario)
	if err != nil {
		return Tokens{}, fmt.Errorf("read the usuario: %w", err)
	}
	if err := state.Entra(); err != nil {
		return Tokens{}, ErrSesion.Because(err)
	}
	profile, err := d.profile(ctx, session.Usuario)
	if err != nil {
		return Tokens{}, err
	}
	return d.tokens(profile, session)
}

// stolen records that somebody has a copy of a refresh token. The family is over already.
func (d *Door) stolen(ctx context.Context, s Session) {
	d.Issuer.End(s.ID)
	d.Log.WarnContext(ctx, "refresh token used twice: its session was revoked",
		slog.String("channel", "security"), slog.String("usuario", string(s.Usuario)), slog.String("session", s.ID))
	err := d.record(ctx, sesion.RevocarFamilia{Orden: sesion.Orden{ID: ident.Sesion(s.ID), Usuario: s.Usuario, Por: system, En: d.now()}})
	if err != nil {
		d.Log.ErrorContext(ctx, "revocation not recorded", slog.String("session", s.ID), slog.Any("error", err))
	}
}

// rehash replaces a hash of old parameters. That it cannot is no reason to keep
// the person out: the next login tries again.
func (d *Door) rehash(ctx context.Context, id ident.Usuario, old, password string) {
	phc, err := d.Hasher.Hash(ctx, password)
	if err == nil {
		_, err = d.Kept.Rehash(ctx, string(id), old, phc)
	}
	if err != nil {
		d.Log.WarnContext(ctx, "password not rehashed", slog.String("usuario", string(id)), slog.Any("error", err))
	}
}
