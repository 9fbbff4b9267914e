package sessions

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Attempt counts one attempt under a key, before it is made: of many at once no more than
// allowed get through. wait > 0 means that it may not be made, and was not counted. free
// attempts within window cost nothing; then the wait is window and doubles with each one
// more, up to most. After as long a quiet all is forgotten.
func (s *Store) Attempt(ctx context.Context, key []byte, free int, window, most time.Duration) (wait time.Duration, err error) {
	now := s.now().UTC().Truncate(time.Microsecond)
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var (
			failures     int
			since, until time.Time
		)
		// The row is the lock under which the attempts of its key are counted.
		err := tx.QueryRow(ctx, `insert into sesiones.intentos as i (clave, fallos, desde, hasta) values ($1, 0, $2, $2)
			on conflict (clave) do update set clave = i.clave returning fallos, desde, hasta`, key, now).Scan(&failures, &since, &until)
		if err != nil {
			return err
		}
		if now.Before(until) {
			wait = until.Sub(now)
			return nil
		}
		// Few attempts are forgotten with their window, many after the longest wait.
		if failures < free && now.Sub(since) >= window || now.Sub(until) >= most {
			failures, since = 0, now
		}
		failures++
		until = now
		if over := failures - free; over >= 0 {
			until = now.Add(min(window<<min(over, 20), most))
		}
		_, err = tx.Exec(ctx, `update sesiones.intentos set fallos = $2, desde = $3, hasta = $4 where clave = $1`, key, failures, since, until)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("count an attempt: %w", err)
	}
	return wait, nil
}

// ClearAttempts forgets the attempts under a key: one of them was right.
func (s *Store) ClearAttempts(ctx context.Context, key []byte) error {
	if _, err := s.pool.Exec(ctx, `delete from sesiones.intentos where clave = $1`, key); err != nil {
		return fmt.Errorf("clear attempts: %w", err)
	}
	return nil
}

// See takes a proof that may be shown once; first is false for every later one.
func (s *Store) See(ctx context.Context, hash []byte, until time.Time) (first bool, err error) {
	tag, err := s.pool.Exec(ctx, `insert into sesiones.vistos (hash, vence) values ($1, $2) on conflict do nothing`, hash, until)
	if err != nil {
		return false, fmt.Errorf("see a proof: %w", err)
	}
	return tag.RowsAffected() == 1, nil
}
