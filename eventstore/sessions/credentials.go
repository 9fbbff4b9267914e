package sessions

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Store is credentials and sessions in one database. It is safe for concurrent use.
type Store struct {
	pool *pgxpool.Pool
	now  func() time.Time
}

// New returns a Store over a migrated database.
func New(pool *pgxpool.Pool) *Store { return NewAt(pool, time.Now) }

// NewAt is New by another clock.
func NewAt(pool *pgxpool.Pool, now func() time.Time) *Store { return &Store{pool: pool, now: now} }

// PutCredential sets the password hash of a Usuario, a PHC string.
func (s *Store) PutCredential(ctx context.Context, usuario, phc string) error {
	if err := putCredential(ctx, s.pool, usuario, phc); err != nil {
		return fmt.Errorf("put the credential of %s: %w", usuario, err)
	}
	return nil
}

func putCredential(ctx context.Context, db interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}, usuario, phc string,
) error {
	_, err := db.Exec(ctx, `insert into sesiones.credenciales (usuario, phc) values ($1, $2)
		on conflict (usuario) do update set phc = excluded.phc, cambiada = excluded.cambiada`, usuario, phc)
	return err
}

// Rehash replaces a hash by another of the same password, unless the password
// was changed meanwhile: done is false then.
func (s *Store) Rehash(ctx context.Context, usuario, from, to string) (done bool, err error) {
	tag, err := s.pool.Exec(ctx, `update sesiones.credenciales set phc = $3 where usuario = $1 and phc = $2`, usuario, from, to)
	if err != nil {
		return false, fmt.Errorf("rehash the credential of %s: %w", usuario, err)
	}
	return tag.RowsAffected() == 1, nil
}

// Credential returns the password hash of a Usuario, or false when he has none.
func (s *Store) Credential(ctx context.Context, usuario string) (phc string, ok bool, err error) {
	err = s.pool.QueryRow(ctx, `select phc from sesiones.credenciales where usuario = $1`, usuario).Scan(&phc)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("read the credential of %s: %w", usuario, err)
	}
	return phc, true, nil
}

// Ways says, of each of some Usuarios that has any, what he may come in with: a password, and
// a link that waits for him and has not lapsed.
func (s *Store) Ways(ctx context.Context, usuarios []string) (password, link map[string]bool, err error) {
	rows, err := s.pool.Query(ctx, `
		select usuario::text, true from sesiones.credenciales where usuario = any($1::uuid[])
		union all
		select usuario::text, false from sesiones.activaciones where usuario = any($1::uuid[]) and vence > $2`, usuarios, s.now())
	if err != nil {
		return nil, nil, fmt.Errorf("read who has a credential: %w", err)
	}
	password, link = map[string]bool{}, map[string]bool{}
	var (
		id    string
		known bool
	)
	_, err = pgx.ForEachRow(rows, []any{&id, &known}, func() error {
		if known {
			password[id] = true
		} else {
			link[id] = true
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read who has a credential: %w", err)
	}
	return password, link, nil
}

// DropCredential removes it: he cannot log in with a password any more.
func (s *Store) DropCredential(ctx context.Context, usuario string) error {
	if _, err := s.pool.Exec(ctx, `delete from sesiones.credenciales where usuario = $1`, usuario); err != nil {
		return fmt.Errorf("drop the credential of %s: %w", usuario, err)
	}
	return nil
}

// Forget removes what is kept of a Usuario: password, second factor, a link that waits for him,
// and his sessions, with what they say of his browser and his address. Attempts to log in and
// proofs that were shown are keyed hashes that name nobody; they go with their time (Prune).
func (s *Store) Forget(ctx context.Context, usuario string) error {
	for _, sql := range []string{
		`delete from sesiones.credenciales where usuario = $1`,
		`delete from sesiones.familias where usuario = $1`, // and their tokens with them
		`delete from sesiones.segundos where usuario = $1`, // and the recovery codes
		`delete from sesiones.activaciones where usuario = $1`,
	} {
		if _, err := s.pool.Exec(ctx, sql, usuario); err != nil {
			return fmt.Errorf("forget a usuario: %w", err)
		}
	}
	return nil
}
