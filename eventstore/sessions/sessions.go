package sessions

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/eventstore"
)

// Session is one family of refresh tokens.
type Session struct {
	ID         string // UUID, the sid of access tokens
	Usuario    string
	OpenedAt   time.Time
	LastUsedAt time.Time
	ExpiresAt  time.Time
	Client     string
	Origin     string
	Second     bool // a second factor was shown
}

// Opening says for whom and how long a session is opened.
type Opening struct {
	Usuario string
	TTL     time.Duration // of the whole session, however often it is refreshed
	Client  string        // shown to its owner: "Firefox en Linux"
	Origin  string        // address block
	Second  bool          // a second factor was shown
}

const tokenSize = 32

func newToken() (token string, hash []byte) {
	var raw [tokenSize]byte
	_, _ = rand.Read(raw[:]) // never fails
	sum := sha256.Sum256(raw[:])
	return base64.RawURLEncoding.EncodeToString(raw[:]), sum[:]
}

// hashOf returns what is stored of a token, or false for what never was one.
func hashOf(token string) ([]byte, bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) != tokenSize {
		return nil, false
	}
	sum := sha256.Sum256(raw)
	return sum[:], true
}

// Open starts a session and returns its first refresh token.
func (s *Store) Open(ctx context.Context, o Opening) (Session, string, error) {
	now := s.now().UTC().Truncate(time.Microsecond)
	sess := Session{
		ID: newID(now), Usuario: o.Usuario, OpenedAt: now, LastUsedAt: now, ExpiresAt: now.Add(o.TTL),
		Client: clip(o.Client), Origin: clip(o.Origin), Second: o.Second,
	}
	token, hash := newToken()
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `insert into sesiones.familias (id, usuario, abierta, usada, vence, cliente, origen, segundo)
			values ($1, $2, $3, $3, $4, $5, $6, $7)`, sess.ID, sess.Usuario, now, sess.ExpiresAt, sess.Client, sess.Origin, sess.Second)
		if err != nil {
			return err
		}
		return insertToken(ctx, tx, sess.ID, 1, hash, now)
	})
	if err != nil {
		return Session{}, "", fmt.Errorf("open a session of %s: %w", o.Usuario, err)
	}
	return sess, token, nil
}

func insertToken(ctx context.Context, tx pgx.Tx, family string, generation int, hash []byte, now time.Time) error {
	_, err := tx.Exec(ctx, `insert into sesiones.refrescos (hash, familia, generacion, emitido) values ($1, $2, $3, $4)`,
		hash, family, generation, now)
	return err
}

// Family says of which session a refresh token is, used or not; false when nobody knows it.
func (s *Store) Family(ctx context.Context, token string) (id string, ok bool, err error) {
	hash, ok := hashOf(token)
	if !ok {
		return "", false, nil
	}
	err = s.pool.QueryRow(ctx, `select familia::text from sesiones.refrescos where hash = $1`, hash).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("find a session: %w", err)
	}
	return id, true, nil
}

// Alive returns a session that is neither revoked nor past its end.
func (s *Store) Alive(ctx context.Context, id string) (Session, bool, error) {
	list, err := s.list(ctx, `f.id = $1 and f.revocada is null and f.vence > $2`, id, s.now())
	if err != nil || len(list) == 0 {
		return Session{}, false, err
	}
	return list[0], true, nil
}

// List returns the living sessions of a Usuario, newest first.
func (s *Store) List(ctx context.Context, usuario string) ([]Session, error) {
	return s.list(ctx, `f.usuario = $1 and f.revocada is null and f.vence > $2`, usuario, s.now())
}

// Revoke ends a session; one that has ended stays as it is.
func (s *Store) Revoke(ctx context.Context, id, reason string) error {
	if _, err := revoke(ctx, s.pool, `id = $3`, s.now(), reason, id); err != nil {
		return fmt.Errorf("revoke session %s: %w", id, err)
	}
	return nil
}

// RevokeAll ends every session of a Usuario but one ("" spares none) and returns those
// that it ended.
func (s *Store) RevokeAll(ctx context.Context, usuario, reason, except string) ([]string, error) {
	where, args := `usuario = $3`, []any{usuario}
	if except != "" {
		where, args = where+` and id <> $4`, append(args, except)
	}
	ended, err := revoke(ctx, s.pool, where, s.now(), reason, args...)
	if err != nil {
		return nil, fmt.Errorf("revoke the sessions of %s: %w", usuario, err)
	}
	return ended, nil
}

// MarkSecond records that the owner of a session has shown a second factor since.
func (s *Store) MarkSecond(ctx context.Context, id string) error {
	if _, err := s.pool.Exec(ctx, `update sesiones.familias set segundo = true where id = $1`, id); err != nil {
		return fmt.Errorf("mark session %s: %w", id, err)
	}
	return nil
}

const sessionColumns = `f.id, f.usuario, f.abierta, f.usada, f.vence, f.cliente, f.origen, f.segundo`

func scanSession(row pgx.CollectableRow, more ...any) (s Session, err error) {
	var id, usuario [16]byte
	err = row.Scan(append([]any{&id, &usuario, &s.OpenedAt, &s.LastUsedAt, &s.ExpiresAt, &s.Client, &s.Origin, &s.Second}, more...)...)
	s.ID, s.Usuario = eventstore.CommandID(id).String(), eventstore.CommandID(usuario).String()
	s.OpenedAt, s.LastUsedAt, s.ExpiresAt = s.OpenedAt.UTC(), s.LastUsedAt.UTC(), s.ExpiresAt.UTC()
	return s, err
}

func (s *Store) list(ctx context.Context, where string, args ...any) ([]Session, error) {
	rows, err := s.pool.Query(ctx, `select `+sessionColumns+` from sesiones.familias f where `+where+` order by f.abierta desc, f.id desc`, args...)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Session, error) { return scanSession(row) })
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return list, nil
}

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func revoke(ctx context.Context, db querier, where string, now time.Time, reason string, args ...any) ([]string, error) {
	rows, err := db.Query(ctx, `update sesiones.familias set revocada = $1, motivo = $2 where revocada is null and `+where+` returning id::text`,
		append([]any{now, reason}, args...)...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// clip bounds what a client says of itself.
func clip(s string) string {
	const most = 200
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "")
	}
	return s
}

// newID returns a UUIDv7.
func newID(now time.Time) string {
	var id eventstore.CommandID
	_, _ = rand.Read(id[:])
	binary.BigEndian.PutUint64(id[:], uint64(now.UnixMilli())<<16|uint64(binary.BigEndian.Uint16(id[6:])))
	id[6], id[8] = id[6]&0x0f|0x70, id[8]&0x3f|0x80
	return id.String()
}
