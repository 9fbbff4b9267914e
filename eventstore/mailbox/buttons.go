package mailbox

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// NewButton returns the id under which action can be used once, by that account
// in that chat, until the time is over. The id goes into callback_data: 128
// random bits, which nobody can guess or learn anything from.
func (m *Mailbox) NewButton(ctx context.Context, chat, account int64, action string, ttl time.Duration) (string, error) {
	var raw [16]byte
	_, _ = rand.Read(raw[:]) // never fails
	id := base64.RawURLEncoding.EncodeToString(raw[:])
	_, err := m.pool.Exec(ctx, `insert into buzon.botones (id, chat, cuenta, accion, vence) values ($1, $2, $3, $4, clock_timestamp() + $5)`,
		hashButton(id), chat, account, action, ttl)
	if err != nil {
		return "", fmt.Errorf("make a button: %w", err)
	}
	return id, nil
}

// UseButton returns the action of a button. The update that used it first gets
// the same answer again; everybody else gets false.
func (m *Mailbox) UseButton(ctx context.Context, id string, chat, account, update int64) (action string, ok bool, err error) {
	err = m.pool.QueryRow(ctx, `update buzon.botones set usado_por = $4
		where id = $1 and chat = $2 and cuenta = $3 and (usado_por = $4 or usado_por is null and vence > clock_timestamp())
		returning accion`, hashButton(id), chat, account, update).Scan(&action)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("use a button: %w", err)
	}
	return action, true, nil
}

func hashButton(id string) []byte {
	sum := sha256.Sum256([]byte(id))
	return sum[:]
}
