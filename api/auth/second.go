package auth

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sesion"
	"github.com/grupo-gad/gad/domain/usuario"
)

// A person gets this many recovery codes, of 80 random bits each.
const (
	recoveryCodes = 10
	recoverySize  = 10
)

// Second is a second factor on its way to an authenticator application.
type Second struct {
	Secret string // base32, for typing
	URI    string // otpauth://, for a picture
}

// BeginSecond makes a second factor for the caller, who shows his password again. It counts
// once ConfirmSecond has seen a code of it.
func (d *Door) BeginSecond(ctx context.Context, who Identity, password, account string) (Second, error) {
	if err := d.prove(ctx, who, password); err != nil {
		return Second{}, err
	}
	secret := random(totpSecret)
	box, err := d.seal(who.Usuario, secret)
	if err != nil {
		return Second{}, err
	}
	done, err := d.Kept.PutSecond(ctx, string(who.Usuario), box)
	switch {
	case err != nil:
		return Second{}, fmt.Errorf("keep a second factor: %w", err)
	case !done:
		return Second{}, ErrSegundoActivo
	}
	return Second{Secret: secretText(secret), URI: totpURI(secret, "gad", account)}, nil
}

// ConfirmSecond makes the second factor count for whoever shows a code of it, and returns
// his recovery codes, which are nowhere to be read again. The session has then shown it too.
func (d *Door) ConfirmSecond(ctx context.Context, who Identity, code string) (recovery []string, err error) {
	box, active, err := d.Kept.Second(ctx, string(who.Usuario))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read a second factor: %w", err)
	case box == nil:
		return nil, ErrSegundoAusente
	case active:
		return nil, ErrSegundoActivo
	}
	key := d.ownKey(who)
	if err := d.count(ctx, key, d.settings.Account); err != nil {
		return nil, err
	}
	if ok, err := d.useCode(ctx, who.Usuario, box, code); err != nil {
		return nil, err
	} else if !ok {
		return nil, errSegundoPropio
	}
	d.forgive(ctx, key)
	hashes := make([][]byte, recoveryCodes)
	for i := range hashes {
		text := base32.StdEncoding.EncodeToString(random(recoverySize))
		recovery = append(recovery, strings.ToLower(text[:4]+"-"+text[4:8]+"-"+text[8:12]+"-"+text[12:]))
		hashes[i] = d.recoveryHash(who.Usuario, recovery[i])
	}
	if err := d.Kept.ActivateSecond(ctx, string(who.Usuario), hashes); err != nil {
		return nil, fmt.Errorf("activate a second factor: %w", err)
	}
	if err := d.Sessions.MarkSecond(ctx, who.Session); err != nil {
		return nil, fmt.Errorf("mark a session: %w", err)
	}
	err = d.record(ctx, usuario.ActivarSegundoFactor{Orden: usuario.Orden{ID: who.Usuario, Por: who.Autor, En: d.now()}})
	if err != nil {
		return nil, fmt.Errorf("record a second factor: %w", err)
	}
	return recovery, nil
}

// errSegundoPropio is ErrSegundo for somebody who is in: his token is good.
var errSegundoPropio = fault.New(fault.Forbidden, ErrSegundo.Code, ErrSegundo.Message)

// DropSecond gives the caller's second factor up, where his rol does not require one. He
// shows both factors.
func (d *Door) DropSecond(ctx context.Context, who Identity, password, code string) error {
	if d.settings.SecondRequired && who.Rol.Nivel() >= permiso.Supervisor.Nivel() {
		return ErrSegundoObligatorio
	}
	if err := d.prove(ctx, who, password); err != nil {
		return err
	}
	used, err := d.checkSecond(ctx, who.Usuario, code)
	switch {
	case errors.Is(err, ErrSegundo), errors.Is(err, ErrFaltaSegundo):
		return errSegundoPropio
	case err != nil:
		return err
	case used == sesion.SinSegundo:
		return ErrSegundoAusente
	}
	if err := d.Kept.DropSecond(ctx, string(who.Usuario)); err != nil {
		return fmt.Errorf("drop a second factor: %w", err)
	}
	err = d.record(ctx, usuario.DesactivarSegundoFactor{Orden: usuario.Orden{ID: who.Usuario, Por: who.Autor, En: d.now()}})
	if err != nil {
		return fmt.Errorf("record a second factor: %w", err)
	}
	return nil
}

// checkSecond asks whoever has a second factor for it: a code of now, or a recovery code.
func (d *Door) checkSecond(ctx context.Context, id ident.Usuario, code string) (sesion.Segundo, error) {
	box, active, err := d.Kept.Second(ctx, string(id))
	switch {
	case err != nil:
		return "", fmt.Errorf("read a second factor: %w", err)
	case !active:
		return sesion.SinSegundo, nil
	case code == "":
		return "", ErrFaltaSegundo
	}
	if ok, err := d.useCode(ctx, id, box, code); err != nil || ok {
		return sesion.TOTP, err
	}
	ok, err := d.Kept.UseRecovery(ctx, string(id), d.recoveryHash(id, code))
	switch {
	case err != nil:
		return "", fmt.Errorf("use a recovery code: %w", err)
	case !ok:
		return "", ErrSegundo
	}
	return sesion.Recuperacion, nil
}

// useCode takes a code of the authenticator; its time step works once.
func (d *Door) useCode(ctx context.Context, id ident.Usuario, box []byte, code string) (bool, error) {
	secret, err := d.unseal(id, box)
	if err != nil {
		return false, err
	}
	step, ok := checkTOTP(secret, strings.ReplaceAll(strings.TrimSpace(code), " ", ""), d.Now())
	if !ok {
		return false, nil
	}
	if ok, err = d.Kept.UseStep(ctx, string(id), step); err != nil {
		return false, fmt.Errorf("use a time step: %w", err)
	}
	return ok, nil
}

// recoveryHash is what is kept of a recovery code, however it is written.
func (d *Door) recoveryHash(id ident.Usuario, code string) []byte {
	plain := strings.NewReplacer("-", "", " ", "").Replace(strings.ToLower(strings.TrimSpace(code)))
	return d.mac("gad/recovery/1", string(id), plain)
}

// box encrypts second factors at rest.
func (d *Door) box() (cipher.AEAD, error) {
	block, err := aes.NewCipher(d.mac("gad/second/1"))
	if err != nil {
		return nil, fmt.Errorf("make the cipher of second factors: %w", err)
	}
	return cipher.NewGCM(block)
}

func (d *Door) seal(id ident.Usuario, secret []byte) ([]byte, error) {
	box, err := d.box()
	if err != nil {
		return nil, err
	}
	nonce := random(box.NonceSize())
	return box.Seal(nonce, nonce, secret, []byte(id)), nil
}

func (d *Door) unseal(id ident.Usuario, sealed []byte) ([]byte, error) {
	box, err := d.box()
	if err != nil {
		return nil, err
	}
	if len(sealed) < box.NonceSize() {
		return nil, errors.New("a second factor is damaged")
	}
	secret, err := box.Open(nil, sealed[:box.NonceSize()], sealed[box.NonceSize():], []byte(id))
	if err != nil {
		return nil, fmt.Errorf("open a second factor (another key file?): %w", err)
	}
	return secret, nil
}
