package auth

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/sesion"
)

// Patience says how many attempts are taken before they have to wait.
type Patience struct {
	Free   int           // attempts within Window that cost nothing
	Window time.Duration // also the first wait, which doubles with every attempt beyond
	Most   time.Duration // the longest wait; after as long a quiet all is forgotten
}

// attempt counts an attempt against the address block and against key, before it is made.
func (d *Door) attempt(ctx context.Context, key []byte, c Client) (counted []byte, err error) {
	if err := d.countBlock(ctx, c); err != nil {
		return nil, err
	}
	return key, d.count(ctx, key, d.settings.Account)
}

// countBlock counts an attempt of any kind against the address block it comes from.
func (d *Door) countBlock(ctx context.Context, c Client) error {
	block := c.Block()
	if block == "" || d.trusted(c) {
		return nil
	}
	return d.count(ctx, d.mac("gad/block/1", block), d.settings.Block)
}

func (d *Door) count(ctx context.Context, key []byte, p Patience) error {
	after, err := d.Kept.Attempt(ctx, key, p.Free, p.Window, p.Most)
	switch {
	case err != nil:
		return fmt.Errorf("count an attempt: %w", err)
	case after > 0:
		return wait{ErrIntentos, after}
	}
	return nil
}

func (d *Door) trusted(c Client) bool {
	for _, p := range d.settings.Trusted {
		if p.Contains(c.Addr.Unmap()) {
			return true
		}
	}
	return false
}

// forgive forgets the attempts that led to the right one. That it cannot only makes the
// next mistakes dearer.
func (d *Door) forgive(ctx context.Context, key []byte) {
	if err := d.Kept.ClearAttempts(ctx, key); err != nil {
		d.Log.WarnContext(ctx, "attempts not cleared", slog.Any("error", err))
	}
}

// accountKey names what attempts at an account are counted by: the device, when it has
// been let in before, else the address as written and the address block. Nobody is locked
// out by a stranger who knows his e-mail.
func (d *Door) accountKey(id ident.Usuario, email string, c Client) []byte {
	if nonce, ok := d.marked(id, c.Device); ok {
		return d.mac("gad/attempts/device/1", string(id), nonce)
	}
	return d.mac("gad/attempts/account/1", strings.ToLower(strings.TrimSpace(email)), c.Block())
}

// ownKey is accountKey for somebody who is in already and has to show it again.
func (d *Door) ownKey(who Identity) []byte {
	return d.mac("gad/attempts/session/1", string(who.Usuario))
}

// markFor is how long a device is known after a login.
const markFor = 180 * 24 * time.Hour

// mark makes the mark of a device for a Usuario: a number and an end under our seal. Nothing
// is kept of it; all that it buys is a count of its own.
func (d *Door) mark(id ident.Usuario) string {
	var raw [24]byte
	_, _ = rand.Read(raw[:16]) // never fails
	binary.BigEndian.PutUint64(raw[16:], uint64(d.Now().Add(markFor).Unix()))
	seal := d.mac("gad/device/1", string(id), string(raw[:]))
	return base64.RawURLEncoding.EncodeToString(append(raw[:], seal...))
}

// marked returns the number of a device that was let in before as this Usuario.
func (d *Door) marked(id ident.Usuario, mark string) (nonce string, ok bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(mark)
	if err != nil || len(raw) != 24+32 || !hmac.Equal(raw[24:], d.mac("gad/device/1", string(id), string(raw[:24]))) {
		return "", false
	}
	end := time.Unix(int64(binary.BigEndian.Uint64(raw[16:24])), 0)
	return string(raw[:16]), d.Now().Before(end)
}

// maxFailing bounds the facts of failed attempts on their way to the log.
const maxFailing = 64

// failed records an attempt at an account that exists, aside: its answer must not take
// longer than one about somebody who does not.
func (d *Door) failed(ctx context.Context, id ident.Usuario, medio sesion.Medio, motivo sesion.Motivo) {
	if id == nobody {
		return
	}
	if d.inFlight.Add(1) > maxFailing {
		d.inFlight.Add(-1)
		d.Log.WarnContext(ctx, "failed attempt not recorded: too many at once", slog.String("channel", "security"), slog.String("usuario", string(id)))
		return
	}
	ctx = context.WithoutCancel(ctx)
	d.failing.Go(func() {
		defer d.inFlight.Add(-1)
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		err := d.record(ctx, sesion.Anotar{
			Orden: sesion.Orden{ID: ident.Sesion(id), Usuario: id, Por: system, En: d.now()}, Medio: medio, Motivo: motivo,
		})
		if err != nil {
			d.Log.WarnContext(ctx, "failed attempt not recorded", slog.String("usuario", string(id)), slog.Any("error", err))
		}
	})
}

// Settle waits until every failed attempt so far is recorded or given up.
func (d *Door) Settle() { d.failing.Wait() }
