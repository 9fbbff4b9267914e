package vault

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// secretClaim begins the key of a claim whose value is secret (eventstore/accept.SecretKey).
const secretClaim = "hmac:"

// Lookup says which stream ("usuario-<uuid>") holds a secret value: who has this
// e-mail, this telegram_id. It reads the claims, which the append keeps; there
// is no second index to fall behind or to forget at erasure.
func (v *Vault) Lookup(ctx context.Context, space, normal string) (stream string, ok bool, err error) {
	key := secretClaim + hex.EncodeToString(v.IndexKey(space, normal))
	err = v.pool.QueryRow(ctx, `select stream from eventos.claims where space = $1 and key = $2 and during is null`, space, key).Scan(&stream)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("look up who holds a %s: %w", space, err)
	}
	return stream, true, nil
}
