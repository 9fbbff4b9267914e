package vault

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Renewal is what Renew did.
type Renewal struct {
	Before, After string // ids of the KEKs
	Keys          int64  // data keys that were wrapped again
}

// rewrapChunk bounds one transaction of a renewal.
const rewrapChunk = 1000

// logLock is the lock that every append holds (eventstore/postgres).
const logLock int64 = 0x67616402

// Announce makes next the KEK that wraps what is new, beside the present one. Processes that
// poll (Watch) follow; until they do, what they write under the present one stays good.
func (v *Vault) Announce(ctx context.Context, next KEK) error {
	err := pgx.BeginFunc(ctx, v.pool, func(tx pgx.Tx) error {
		var current string
		if err := tx.QueryRow(ctx, `select id from boveda.keks where actual for update`).Scan(&current); err != nil {
			return err
		}
		if current == next.ID {
			return nil // an earlier try got this far
		}
		if _, err := tx.Exec(ctx, `update boveda.keks set actual = false where actual`); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `insert into boveda.keks (id) values ($1) on conflict (id) do update
			set actual = true, desde = clock_timestamp()`, next.ID)
		return err
	})
	if err != nil {
		return fmt.Errorf("announce a key-encryption key: %w", err)
	}
	v.keys.add(next)
	v.keys.use(next.ID)
	return nil
}

// Renew wraps every living key under the present KEK and forbids the older ones. The caller
// destroys their files afterwards, not before: a crash on the way leaves both good.
//
// Nothing can be lost. The last step holds the lock of the log, so that no append is under
// way; whatever comes after it under a forbidden KEK is refused by the database.
func (v *Vault) Renew(ctx context.Context) (Renewal, error) {
	r := Renewal{After: v.keys.id()}
	for _, table := range []string{"boveda.claves", "boveda.indice", "boveda.secretos"} {
		n, err := v.rewrap(ctx, v.pool, table)
		if err != nil {
			return r, fmt.Errorf("renew the key-encryption key: %w", err)
		}
		if table == "boveda.claves" {
			r.Keys += n
		}
	}
	err := pgx.BeginFunc(ctx, v.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock($1)`, logLock); err != nil {
			return err
		}
		n, err := v.rewrap(ctx, tx, "boveda.claves")
		if err != nil {
			return err
		}
		r.Keys += n
		err = tx.QueryRow(ctx, `delete from boveda.keks where not actual returning id`).Scan(&r.Before)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		_, err = tx.Exec(ctx, `delete from boveda.objeciones`)
		return err
	})
	if err != nil {
		return r, fmt.Errorf("renew the key-encryption key: %w", err)
	}
	v.keys.forget(r.After)
	return r, nil
}

// Pending counts the erasures that are not complete.
func (v *Vault) Pending(ctx context.Context) (n int64, err error) {
	if err := v.pool.QueryRow(ctx, `select count(*) from boveda.borrados where completo is null`).Scan(&n); err != nil {
		return 0, fmt.Errorf("count the erasures under way: %w", err)
	}
	return n, nil
}

// Complete reports as complete the erasures from before an instant at which the renewal of
// the KEK had begun. The caller has rewritten the files of the tables by now. Of somebody whose
// facts a read model has parked it may still hold texts: he waits for the next renewal.
func (v *Vault) Complete(ctx context.Context, before time.Time) (int64, error) {
	tag, err := v.pool.Exec(ctx, `update boveda.borrados b set completo = clock_timestamp() where completo is null and destruido < $1
		and not exists (select from eventos.parked p where p.key = 'usuario-' || b.usuario::text)`, before)
	if err != nil {
		return 0, fmt.Errorf("complete the erasures: %w", err)
	}
	return tag.RowsAffected(), nil
}

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// rewrap wraps what a table holds under the present KEK, in chunks.
func (v *Vault) rewrap(ctx context.Context, q querier, table string) (total int64, err error) {
	for {
		var sel string
		switch table {
		case "boveda.claves":
			sel = `select id::text, titular, kek, clave from boveda.claves where kek <> $1 limit $2`
		case "boveda.indice":
			sel = `select 'index', '', kek, clave from boveda.indice where kek <> $1 limit $2`
		default:
			sel = `select nombre, '', kek, clave from boveda.secretos where kek <> $1 limit $2`
		}
		rows, err := q.Query(ctx, sel, v.keys.id(), rewrapChunk)
		if err != nil {
			return total, err
		}
		type wrappedKey struct {
			ID, Owner, KEK string
			Box            []byte
		}
		old, err := pgx.CollectRows(rows, pgx.RowToStructByPos[wrappedKey])
		if err != nil || len(old) == 0 {
			return total, err
		}
		var b pgx.Batch
		for _, k := range old {
			aad, err := aadOf(table, k.ID, k.Owner)
			if err != nil {
				return total, err
			}
			key, err := v.keys.unwrap(k.KEK, k.Box, aad...)
			if err != nil {
				return total, fmt.Errorf("key %s of %s: %w", k.ID, table, err)
			}
			kek, box := v.keys.wrap(key, aad...)
			switch table {
			case "boveda.claves":
				b.Queue(`update boveda.claves set kek = $2, clave = $3 where id = $1::uuid`, k.ID, kek, box)
			case "boveda.indice":
				b.Queue(`update boveda.indice set kek = $1, clave = $2`, kek, box)
			default:
				b.Queue(`update boveda.secretos set kek = $2, clave = $3 where nombre = $1`, k.ID, kek, box)
			}
		}
		if err := q.SendBatch(ctx, &b).Close(); err != nil {
			return total, err
		}
		total += int64(len(old))
	}
}

// aadOf is what a wrapped key is bound to.
func aadOf(table, id, owner string) ([]string, error) {
	switch table {
	case "boveda.claves":
		raw, err := parseUUID(id)
		return []string{string(raw[:]), owner}, err
	case "boveda.indice":
		return []string{"index"}, nil
	}
	return []string{"secret", id}, nil
}

// Secret returns 32 bytes that belong to a purpose in every process and for ever, whatever
// becomes of the KEK: made by whoever asks first.
func (v *Vault) Secret(ctx context.Context, purpose string) ([]byte, error) {
	fresh := freshKey()
	id, wrapped := v.keys.wrap(fresh, "secret", purpose)
	_, err := v.pool.Exec(ctx, `insert into boveda.secretos (nombre, kek, clave)
		select $1, $2, $3 where not exists (select from boveda.secretos where nombre = $1) on conflict (nombre) do nothing`, purpose, id, wrapped)
	if err != nil {
		return nil, fmt.Errorf("make the secret %s: %w", purpose, err)
	}
	if err := v.pool.QueryRow(ctx, `select kek, clave from boveda.secretos where nombre = $1`, purpose).Scan(&id, &wrapped); err != nil {
		return nil, fmt.Errorf("read the secret %s: %w", purpose, err)
	}
	secret, err := v.keys.unwrap(id, wrapped, "secret", purpose)
	if err != nil {
		return nil, fmt.Errorf("unwrap the secret %s: %w", purpose, err)
	}
	return secret, nil
}

// Age returns since when the present KEK is in use.
func (v *Vault) Age(ctx context.Context) (since time.Time, err error) {
	err = v.pool.QueryRow(ctx, `select desde from boveda.keks where actual`).Scan(&since)
	if err != nil {
		return since, fmt.Errorf("read the age of the key-encryption key: %w", err)
	}
	return since, nil
}

// Destroyed records that the keys and texts of a person are gone, and for which Usuario.
func (v *Vault) destroyed(ctx context.Context, tx pgx.Tx, owner, usuario string) error {
	_, err := tx.Exec(ctx, `insert into boveda.borrados (sujeto, usuario) values ($1, $2) on conflict do nothing`, owner, usuario)
	return err
}

// Erasure is how far the erasure of a person got.
type Erasure struct {
	Destroyed time.Time
	Completed *time.Time
}

// Erasure returns how far it got, or false when nobody was ever erased under this name.
func (v *Vault) Erasure(ctx context.Context, owner string) (e Erasure, ok bool, err error) {
	err = v.pool.QueryRow(ctx, `select destruido, completo from boveda.borrados where sujeto = $1`, owner).Scan(&e.Destroyed, &e.Completed)
	if errors.Is(err, pgx.ErrNoRows) {
		return e, false, nil
	}
	if err != nil {
		return e, false, fmt.Errorf("read the erasure of %s: %w", owner, err)
	}
	return e, true, nil
}
