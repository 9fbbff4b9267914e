package mailbox

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/eventstore"
)

// ErrTries refuses an account that guessed too often, whatever it sends now.
var ErrTries = fault.New(fault.Limited, "demasiados_codigos", "son demasiados códigos equivocados; espere diez minutos")

// The limits of link codes.
const (
	CodeTTL  = 10 * time.Minute
	maxTries = 5 // wrong codes of one account within CodeTTL
)

// Link ties a Telegram account to a Usuario, once. Code is for typing
// ("K7QF-2MXA", 40 bits), Token for the deep link t.me/<bot>?start=<Token> (160
// bits); using either uses up both.
type Link struct {
	Code    string
	Token   string
	Expires time.Time
}

// NewLink makes a link for a Usuario and voids his earlier ones.
func (m *Mailbox) NewLink(ctx context.Context, id ident.Usuario) (Link, error) {
	var code [5]byte
	var token [20]byte
	_, _ = rand.Read(code[:]) // never fails
	_, _ = rand.Read(token[:])
	text := base32.StdEncoding.EncodeToString(code[:])
	l := Link{
		Code: text[:4] + "-" + text[4:], Token: base64.RawURLEncoding.EncodeToString(token[:]),
		Expires: time.Now().Add(CodeTTL).UTC().Truncate(time.Second),
	}
	err := pgx.BeginFunc(ctx, m.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `delete from buzon.vinculos where usuario = $1 and usado_por is null`, string(id)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `insert into buzon.vinculos (codigo, enlace, usuario, vence) values ($1, $2, $3, $4)`,
			m.hashCode(l.Code), m.hashCode(l.Token), string(id), l.Expires)
		return err
	})
	if err != nil {
		return Link{}, fmt.Errorf("make a link for %s: %w", id, err)
	}
	return l, nil
}

// NewLinkCode is NewLink for whom the code is enough.
func (m *Mailbox) NewLinkCode(ctx context.Context, id ident.Usuario) (code string, expires time.Time, err error) {
	l, err := m.NewLink(ctx, id)
	return l.Code, l.Expires, err
}

// Redeem returns whose link a code or token is, and uses it up for every
// Telegram account but this one, which may send it again until it expires. An
// account that sent five wrong ones gets ErrTries for ten minutes.
func (m *Mailbox) Redeem(ctx context.Context, code string, account int64) (u ident.Usuario, ok bool, err error) {
	var refusal error // returned after the commit: a wrong try must count
	err = pgx.BeginFunc(ctx, m.pool, func(tx pgx.Tx) error {
		var tries int
		// The row of the account is the lock under which its tries are counted.
		err := tx.QueryRow(ctx, `insert into buzon.fallos as f (cuenta, fallos, desde) values ($1, 0, clock_timestamp())
			on conflict (cuenta) do update set
				fallos = case when f.desde < clock_timestamp() - $2::interval then 0 else f.fallos end,
				desde  = case when f.desde < clock_timestamp() - $2::interval then clock_timestamp() else f.desde end
			returning fallos`, account, CodeTTL).Scan(&tries)
		if err != nil {
			return err
		}
		if tries >= maxTries {
			refusal = ErrTries
			return nil
		}
		var id [16]byte
		err = tx.QueryRow(ctx, `update buzon.vinculos set usado_por = $2
			where (codigo = $1 or enlace = $1) and vence > clock_timestamp() and (usado_por is null or usado_por = $2)
			returning usuario`, m.hashCode(code), account).Scan(&id)
		if errors.Is(err, pgx.ErrNoRows) {
			_, err = tx.Exec(ctx, `update buzon.fallos set fallos = fallos + 1 where cuenta = $1`, account)
			return err
		}
		u, ok = ident.Usuario(eventstore.CommandID(id).String()), true
		return err
	})
	if err != nil {
		return "", false, fmt.Errorf("redeem a link code: %w", err)
	}
	return u, ok, refusal
}

// hashCode is what is stored of a code. Writing it in lower case, with spaces or
// without the dash is the same code; a token is taken as it is.
func (m *Mailbox) hashCode(code string) []byte {
	code = strings.TrimSpace(code)
	if typed := strings.NewReplacer("-", "", " ", "").Replace(code); len(typed) == 8 {
		code = strings.ToUpper(typed)
	}
	mac := hmac.New(sha256.New, m.secret)
	mac.Write([]byte("gad/vinculo/1"))
	mac.Write([]byte(code))
	return mac.Sum(nil)
}
