package vault

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/domain/sealed"
)

var (
	// ErrDamaged reports a row that does not hold what its commitment says.
	ErrDamaged = errors.New("the vault does not hold what was committed to")
	// ErrMissingKEK reports a key wrapped by a KEK that is not on the ring.
	ErrMissingKEK = errors.New("key-encryption key missing")
)

// Vault seals and reveals. It is safe for concurrent use.
type Vault struct {
	pool  *pgxpool.Pool
	keys  *Keyring
	index []byte // key of the blind indexes
}

// Open makes ready to use the vault of a database. It fails with ErrMissingKEK
// when the ring does not hold the KEK that this database was used with.
func Open(ctx context.Context, pool *pgxpool.Pool, keys *Keyring) (*Vault, error) {
	v := &Vault{pool: pool, keys: keys}
	if err := v.adopt(ctx); err != nil {
		return nil, fmt.Errorf("open the vault: %w", err)
	}
	if err := v.loadIndexKey(ctx); err != nil {
		return nil, fmt.Errorf("open the vault: %w", err)
	}
	return v, nil
}

// adopt uses the KEK that this database names; the first process ever names its own.
func (v *Vault) adopt(ctx context.Context) error {
	_, err := v.pool.Exec(ctx, `insert into boveda.keks (id) select $1 where not exists (select from boveda.keks) on conflict do nothing`, v.keys.id())
	if err != nil {
		return fmt.Errorf("name the key-encryption key: %w", err)
	}
	return v.follow(ctx, Watcher{})
}

func freshKey() []byte {
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails
	return key
}

// loadIndexKey reads the index key, or makes it when this is the first process
// ever to open this vault. Of several at once the first insert wins.
func (v *Vault) loadIndexKey(ctx context.Context) error {
	fresh := freshKey()
	id, wrapped := v.keys.wrap(fresh, "index")
	_, err := v.pool.Exec(ctx, `insert into boveda.indice (kek, clave)
		select $1, $2 where not exists (select from boveda.indice) on conflict (uno) do nothing`, id, wrapped)
	if err != nil {
		return fmt.Errorf("make the index key: %w", err)
	}
	err = v.pool.QueryRow(ctx, `select kek, clave from boveda.indice`).Scan(&id, &wrapped)
	if err != nil {
		return fmt.Errorf("read the index key: %w", err)
	}
	if v.index, err = v.keys.unwrap(id, wrapped, "index"); err != nil {
		return fmt.Errorf("unwrap the index key: %w", err)
	}
	return nil
}

// IndexKey is what stands for a secret value in a claim. space is the claim's, normal the value in the one form in which
// equal values are equal.
func (v *Vault) IndexKey(space, normal string) []byte {
	mac := hmac.New(sha256.New, v.index)
	mac.Write(framed("gad/vault/index/1", space, normal))
	return mac.Sum(nil)
}

const (
	// A KEK that was forbidden meanwhile wraps nothing: the texts then find no key and the
	// append is refused.
	insertKeys = `insert into boveda.claves (id, titular, kek, clave)
		select u.* from unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[]) as u (id, titular, kek, clave)
		join boveda.keks k on k.id = u.kek on conflict (id) do nothing`
	// The same commitment is the same text: sealing it again changes nothing.
	insertTexts = `insert into boveda.textos (compromiso, titular, campo, clave, sellado)
		select * from unnest($1::bytea[], $2::text[], $3::text[], $4::uuid[], $5::bytea[])
		on conflict (compromiso) do nothing`
)

// Queue adds to b what seals texts: two statements, or none when all are empty.
// They take effect with the transaction that b is part of, or not at all.
func (v *Vault) Queue(b *pgx.Batch, texts []sealed.Text) error {
	var (
		keys   = make(map[string]dataKey, 1)
		ids    [][16]byte
		owners []string
		keks   []string
		boxes  [][]byte

		commitments [][]byte
		textOwners  []string
		fields      []string
		textKeys    [][16]byte
		sealedBoxes [][]byte
	)
	for _, t := range texts {
		if t.Empty() {
			continue
		}
		if t.Owner == "" || t.Field == "" {
			return fmt.Errorf("seal a text: it needs an owner and a field (%q, %q)", t.Owner, t.Field)
		}
		key, ok := keys[t.Owner]
		if !ok {
			var err error
			if key, err = v.newDataKey(t.Owner); err != nil {
				return fmt.Errorf("seal a text: %w", err)
			}
			keys[t.Owner] = key
			ids, owners = append(ids, key.id), append(owners, t.Owner)
			keks, boxes = append(keks, key.kek), append(boxes, key.wrapped)
		}
		c := t.Commitment()
		commitments, textOwners = append(commitments, c[:]), append(textOwners, t.Owner)
		fields, textKeys = append(fields, t.Field), append(textKeys, key.id)
		sealedBoxes = append(sealedBoxes, sealText(key.aead, t, c))
	}
	if len(commitments) == 0 {
		return nil
	}
	b.Queue(insertKeys, ids, owners, keks, boxes)
	b.Queue(insertTexts, commitments, textOwners, fields, textKeys, sealedBoxes)
	return nil
}

// Erase destroys every key and text of an owner and says how many texts went. usuario is
// the Usuario whose person it was.
// What claims say of him by blind index is the event store's to delete.
func (v *Vault) Erase(ctx context.Context, owner, usuario string) (texts int64, err error) {
	err = pgx.BeginFunc(ctx, v.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `delete from boveda.textos where titular = $1`, owner)
		if err != nil {
			return err
		}
		texts = tag.RowsAffected()
		if _, err = tx.Exec(ctx, `delete from boveda.claves where titular = $1`, owner); err != nil {
			return err
		}
		return v.destroyed(ctx, tx, owner, usuario)
	})
	if err != nil {
		return 0, fmt.Errorf("erase the texts of %s: %w", owner, err)
	}
	return texts, nil
}
