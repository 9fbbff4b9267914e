package sessions

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Grace is how long a client that lost an answer may ask again with the token it used. It is
// longer than two tries of the dashboard with its longest pause (15, 10 and 15 s): were it
// shorter, a server that stands still for a moment would call its own sessions stolen (ADR 0011).
const Grace = 45 * time.Second

// Rotate exchanges a refresh token for the next. It fails with ErrUnknown,
// ErrExpired, ErrRevoked, or ErrReused; with the last the Session is returned
// too, for whoever has to close its sockets and record it.
func (s *Store) Rotate(ctx context.Context, token string) (Session, string, error) {
	hash, ok := hashOf(token)
	if !ok {
		return Session{}, "", ErrUnknown
	}
	var (
		sess    Session
		next    string
		refusal error // returned after the commit: a revocation must last
	)
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		now := s.now().UTC().Truncate(time.Microsecond)
		// The lock on the family orders everybody who holds a token of it; what they read
		// is read after it was granted.
		var family [16]byte
		err := tx.QueryRow(ctx, `select f.id from sesiones.familias f join sesiones.refrescos r on r.familia = f.id
			where r.hash = $1 for update of f`, hash).Scan(&family)
		if errors.Is(err, pgx.ErrNoRows) {
			refusal = ErrUnknown
			return nil
		}
		if err != nil {
			return err
		}
		var used usage
		rows, err := tx.Query(ctx, `select `+sessionColumns+`, f.revocada, r.generacion, r.usado, r.sucesor,
				(select max(x.generacion) from sesiones.refrescos x where x.familia = f.id)
			from sesiones.familias f join sesiones.refrescos r on r.familia = f.id where r.hash = $1`, hash)
		if err != nil {
			return err
		}
		sess, err = pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (Session, error) {
			return scanSession(row, &used.gone, &used.generation, &used.at, &used.successor, &used.newest)
		})
		if err != nil {
			return err
		}
		next, refusal, err = s.exchange(ctx, tx, token, hash, &sess, used, now)
		return err
	})
	switch {
	case err != nil:
		return Session{}, "", fmt.Errorf("rotate a refresh token: %w", err)
	case refusal != nil:
		return sess, "", refusal
	}
	return sess, next, nil
}

// usage is what became of a token so far.
type usage struct {
	gone       *time.Time // its family was revoked
	generation int
	newest     int // generation of the family
	at         *time.Time
	successor  []byte
}

// exchange decides what a token is worth. refusal is an answer and is committed.
func (s *Store) exchange(ctx context.Context, tx pgx.Tx, token string, hash []byte, sess *Session, used usage, now time.Time) (next string, refusal, err error) {
	switch {
	case used.gone != nil:
		return "", ErrRevoked, nil
	case !now.Before(sess.ExpiresAt):
		return "", ErrExpired, nil
	case used.at != nil:
		// Only the immediate predecessor, and only until its successor is used.
		if used.newest == used.generation+1 && now.Sub(*used.at) <= Grace {
			if next, ok := openSuccessor(token, used.successor); ok {
				return next, nil, nil
			}
		}
		_, err := revoke(ctx, tx, `id = $3`, now, "token reutilizado", sess.ID)
		return "", ErrReused, err
	}
	next, nextHash := newToken()
	sealed, err := sealSuccessor(token, next)
	if err != nil {
		return "", nil, err
	}
	if _, err := tx.Exec(ctx, `update sesiones.refrescos set usado = $2, sucesor = $3 where hash = $1`, hash, now, sealed); err != nil {
		return "", nil, err
	}
	// The token before this one is no predecessor any more.
	if _, err := tx.Exec(ctx, `update sesiones.refrescos set sucesor = null where familia = $1 and generacion < $2 and sucesor is not null`,
		sess.ID, used.generation); err != nil {
		return "", nil, err
	}
	if _, err := tx.Exec(ctx, `update sesiones.familias set usada = $2 where id = $1`, sess.ID, now); err != nil {
		return "", nil, err
	}
	sess.LastUsedAt = now
	return next, nil, insertToken(ctx, tx, sess.ID, used.generation+1, nextHash, now)
}

// successorBox is AES-256-GCM under a key that only the holder of token can make: the
// database alone opens nothing.
func successorBox(token string) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, []byte(token), nil, "gad/refresh-successor/1", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func sealSuccessor(token, next string) ([]byte, error) {
	box, err := successorBox(token)
	if err != nil {
		return nil, fmt.Errorf("seal a successor: %w", err)
	}
	nonce := make([]byte, box.NonceSize())
	_, _ = rand.Read(nonce) // never fails
	raw, err := base64.RawURLEncoding.DecodeString(next)
	if err != nil {
		return nil, fmt.Errorf("seal a successor: %w", err)
	}
	return box.Seal(nonce, nonce, raw, nil), nil
}

func openSuccessor(token string, sealed []byte) (string, bool) {
	box, err := successorBox(token)
	if err != nil || len(sealed) < box.NonceSize() {
		return "", false
	}
	raw, err := box.Open(nil, sealed[:box.NonceSize()], sealed[box.NonceSize():], nil)
	if err != nil {
		return "", false
	}
	return base64.RawURLEncoding.EncodeToString(raw), true
}
