package sessions

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// PutSecond keeps a new second factor of a Usuario, which does not count until it is
// proved. One that counts already is not replaced: done is false then.
func (s *Store) PutSecond(ctx context.Context, usuario string, secret []byte) (done bool, err error) {
	tag, err := s.pool.Exec(ctx, `insert into sesiones.segundos as x (usuario, secreto) values ($1, $2)
		on conflict (usuario) do update set secreto = excluded.secreto, creado = excluded.creado, paso = 0 where not x.activo`, usuario, secret)
	if err != nil {
		return false, fmt.Errorf("put the second factor of %s: %w", usuario, err)
	}
	return tag.RowsAffected() == 1, nil
}

// Second returns the secret of a Usuario, and whether it counts.
func (s *Store) Second(ctx context.Context, usuario string) (secret []byte, active bool, err error) {
	err = s.pool.QueryRow(ctx, `select secreto, activo from sesiones.segundos where usuario = $1`, usuario).Scan(&secret, &active)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("read the second factor of %s: %w", usuario, err)
	}
	return secret, active, nil
}

// UseStep takes a time step, once: one that is not newer than the newest is refused.
func (s *Store) UseStep(ctx context.Context, usuario string, step int64) (ok bool, err error) {
	tag, err := s.pool.Exec(ctx, `update sesiones.segundos set paso = $2 where usuario = $1 and paso < $2`, usuario, step)
	if err != nil {
		return false, fmt.Errorf("use a step of %s: %w", usuario, err)
	}
	return tag.RowsAffected() == 1, nil
}

// ActivateSecond makes a second factor count and keeps the hashes of its recovery codes
// in the place of any earlier ones.
func (s *Store) ActivateSecond(ctx context.Context, usuario string, recovery [][]byte) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `update sesiones.segundos set activo = true where usuario = $1`, usuario); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from sesiones.recuperacion where usuario = $1`, usuario); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `insert into sesiones.recuperacion (usuario, hash) select $1, unnest($2::bytea[])`, usuario, recovery)
		return err
	})
	if err != nil {
		return fmt.Errorf("activate the second factor of %s: %w", usuario, err)
	}
	return nil
}

// UseRecovery uses a recovery code up; of two who come with the same one gets ok.
func (s *Store) UseRecovery(ctx context.Context, usuario string, hash []byte) (ok bool, err error) {
	tag, err := s.pool.Exec(ctx, `update sesiones.recuperacion set usado = $3 where usuario = $1 and hash = $2 and usado is null`,
		usuario, hash, s.now())
	if err != nil {
		return false, fmt.Errorf("use a recovery code of %s: %w", usuario, err)
	}
	return tag.RowsAffected() == 1, nil
}

// DropSecond forgets a second factor and its recovery codes.
func (s *Store) DropSecond(ctx context.Context, usuario string) error {
	if _, err := s.pool.Exec(ctx, `delete from sesiones.segundos where usuario = $1`, usuario); err != nil {
		return fmt.Errorf("drop the second factor of %s: %w", usuario, err)
	}
	return nil
}
