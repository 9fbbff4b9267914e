package auth

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/sesion"
	"github.com/grupo-gad/gad/domain/usuario"
)

// SetPassword gives a Usuario a password that fits the rules.
func (d *Door) SetPassword(ctx context.Context, id ident.Usuario, password string) error {
	if err := CheckPassword(password); err != nil {
		return err
	}
	phc, err := d.Hasher.Hash(ctx, password)
	if err != nil {
		return err
	}
	if err := d.Kept.PutCredential(ctx, string(id), phc); err != nil {
		return fmt.Errorf("keep a credential: %w", err)
	}
	return nil
}

// HasPassword reports whether a Usuario was given one.
func (d *Door) HasPassword(ctx context.Context, id ident.Usuario) (bool, error) {
	_, ok, err := d.Kept.Credential(ctx, string(id))
	if err != nil {
		return false, fmt.Errorf("read a credential: %w", err)
	}
	return ok, nil
}

// Way is what somebody may come in with, besides Telegram.
type Way struct {
	Password bool
	Link     bool // one-time, not used yet and not lapsed
}

// Ways says what each of some Usuarios may come in with.
func (d *Door) Ways(ctx context.Context, ids []ident.Usuario) (map[ident.Usuario]Way, error) {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = string(id)
	}
	password, link, err := d.Kept.Ways(ctx, texts)
	if err != nil {
		return nil, err
	}
	ways := make(map[ident.Usuario]Way, len(ids))
	for _, id := range ids {
		ways[id] = Way{password[string(id)], link[string(id)]}
	}
	return ways, nil
}

// ChangePassword replaces the caller's own password, which he has to show; his other
// sessions end.
func (d *Door) ChangePassword(ctx context.Context, who Identity, old, password string) error {
	if f, ok := errors.AsType[*fault.Error](CheckPassword(password)); ok {
		return ErrContrasena.With(fault.Field{Name: "nueva", Message: f.Fields[0].Message})
	}
	if old == password {
		return ErrContrasena.With(fault.Field{Name: "nueva", Message: "es la misma que la actual"})
	}
	if err := d.prove(ctx, who, old); err != nil {
		return err
	}
	if err := d.SetPassword(ctx, who.Usuario, password); err != nil {
		return err
	}
	if err := d.record(ctx, usuario.CambiarCredencial{Orden: usuario.Orden{ID: who.Usuario, Por: who.Autor, En: d.now()}}); err != nil {
		return fmt.Errorf("record a new password: %w", err)
	}
	return d.endAll(ctx, who.Autor, who.Usuario, sesion.CambioDeClave, who.Session)
}

// prove makes somebody who is in show his password again.
func (d *Door) prove(ctx context.Context, who Identity, password string) error {
	if utf8.RuneCountInString(password) > maxPassword {
		return ErrCredencial
	}
	key := d.ownKey(who)
	if err := d.count(ctx, key, d.settings.Account); err != nil {
		return err
	}
	phc, _, err := d.Kept.Credential(ctx, string(who.Usuario))
	if err != nil {
		return fmt.Errorf("read a credential: %w", err)
	}
	ok, _, err := d.Hasher.Check(ctx, phc, password)
	switch {
	case err != nil:
		return fmt.Errorf("check a password: %w", err)
	case !ok:
		d.failed(ctx, who.Usuario, sesion.PorContrasena, sesion.CredencialMala)
		return ErrPropia
	}
	d.forgive(ctx, key)
	return nil
}

// ErrPropia is ErrCredencial for somebody who is in: his token is good.
var ErrPropia = fault.New(fault.Forbidden, "contrasena_incorrecta", "la contraseña no es correcta")

// Activation is a one-time code by which somebody takes up his account.
type Activation struct {
	Code    string
	Expires time.Time
}

// NewActivation makes the one-time code of a Usuario and voids his earlier one.
func (d *Door) NewActivation(ctx context.Context, id ident.Usuario) (Activation, error) {
	code, expires, err := d.Kept.NewActivation(ctx, string(id), d.settings.ActivationTTL)
	if err != nil {
		return Activation{}, fmt.Errorf("make an activation: %w", err)
	}
	return Activation{code, expires}, nil
}

// Activate uses a one-time code up: its Usuario then has the password he chose, no second
// factor, and no session. What he was before, he has to show again.
func (d *Door) Activate(ctx context.Context, code, password string, c Client) error {
	if err := CheckPassword(password); err != nil {
		return err
	}
	if err := d.countBlock(ctx, c); err != nil {
		return err
	}
	text, ok, err := d.Kept.Activation(ctx, code)
	if err != nil {
		return fmt.Errorf("look for an activation: %w", err)
	}
	if !ok {
		return ErrActivacion
	}
	id := ident.Usuario(text)
	state, err := d.Orders.Usuario(ctx, id)
	if err != nil {
		return fmt.Errorf("read the usuario: %w", err)
	}
	if err := state.Entra(); err != nil {
		return err
	}
	phc, err := d.Hasher.Hash(ctx, password)
	if err != nil {
		return err
	}
	// A crash after this line loses the fact and not the change: the log says less than
	// happened, and nobody gets in who should not.
	if _, ok, err := d.Kept.Activate(ctx, code, phc); err != nil {
		return fmt.Errorf("use an activation: %w", err)
	} else if !ok {
		return ErrActivacion
	}
	o := usuario.Orden{ID: id, Por: self(id, state.Rol()), En: d.now()}
	err = d.record(ctx, []commands.Command{
		usuario.CambiarCredencial{Orden: o}, usuario.Verificar{Orden: o}, usuario.DesactivarSegundoFactor{Orden: o},
	}...)
	if err != nil {
		return fmt.Errorf("record an activation: %w", err)
	}
	return d.endAll(ctx, o.Por, id, sesion.NuevaActivacion, "")
}
