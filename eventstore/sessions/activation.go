package sessions

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// NewActivation makes the one-time code by which a Usuario takes up his account and voids
// his earlier one. Like a refresh token it is 256 random bits, kept as their hash.
func (s *Store) NewActivation(ctx context.Context, usuario string, ttl time.Duration) (code string, expires time.Time, err error) {
	code, hash := newToken()
	expires = s.now().Add(ttl).UTC().Truncate(time.Second)
	_, err = s.pool.Exec(ctx, `insert into sesiones.activaciones (usuario, hash, vence) values ($1, $2, $3)
		on conflict (usuario) do update set hash = excluded.hash, vence = excluded.vence`, usuario, hash, expires)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("make an activation of %s: %w", usuario, err)
	}
	return code, expires, nil
}

// Activation returns whose code it is, without using it up.
func (s *Store) Activation(ctx context.Context, code string) (usuario string, ok bool, err error) {
	hash, ok := hashOf(code)
	if !ok {
		return "", false, nil
	}
	err = s.pool.QueryRow(ctx, `select usuario::text from sesiones.activaciones where hash = $1 and vence > $2`, hash, s.now()).Scan(&usuario)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("look for an activation: %w", err)
	}
	return usuario, true, nil
}

// Activate uses a code up and gives its Usuario a password and no second factor, both or
// none. Of two who come with the same code one gets ok.
func (s *Store) Activate(ctx context.Context, code, phc string) (usuario string, ok bool, err error) {
	hash, ok := hashOf(code)
	if !ok {
		return "", false, nil
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `delete from sesiones.activaciones where hash = $1 and vence > $2 returning usuario::text`, hash, s.now()).Scan(&usuario)
		if errors.Is(err, pgx.ErrNoRows) {
			ok = false
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from sesiones.segundos where usuario = $1`, usuario); err != nil {
			return err
		}
		return putCredential(ctx, tx, usuario, phc)
	})
	if err != nil {
		return "", false, fmt.Errorf("use an activation: %w", err)
	}
	return usuario, ok, nil
}
