package postgres

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// How long a key of fingerprints makes new ones, and when it is destroyed: an order that is
// repeated with another content is found out for two days at least, and after three nothing
// that is kept of an order's body says anything about it.
const (
	fingerprintYoung = 24 * time.Hour
	fingerprintDead  = 72 * time.Hour
	fingerprintCheck = 10 * time.Minute
)

const (
	keyIDSize       = 8
	fingerprintSize = keyIDSize + sha256.Size
)

// Fingerprints hashes the content of orders under keys that are destroyed. A fingerprint is the
// id of its key and an HMAC. Safe for concurrent use.
type Fingerprints struct {
	pool *pgxpool.Pool
	root []byte // outside the database: the row of a key alone hashes nothing

	mu     sync.Mutex // guards what follows; held while the keys are read
	keys   []fingerprintKey
	loaded time.Time
}

type fingerprintKey struct {
	id, secret []byte
	born       time.Time // by the clock of the database
}

// NewFingerprints returns fingerprints for the orders of a database. root is a secret kept
// outside it, the same in every process.
func NewFingerprints(pool *pgxpool.Pool, root []byte) *Fingerprints {
	return &Fingerprints{pool: pool, root: root}
}

// Run makes and destroys keys in time, until ctx ends. A failure is made up for the next time.
func (f *Fingerprints) Run(ctx context.Context) error {
	tick := time.NewTicker(fingerprintCheck)
	defer tick.Stop()
	for {
		f.mu.Lock()
		_ = f.load(ctx) // whoever needs a key meanwhile reads them himself, and is told
		f.mu.Unlock()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// Make returns the fingerprint of a content under the newest key.
func (f *Fingerprints) Make(ctx context.Context, parts ...string) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.keys) == 0 || time.Since(f.loaded) > 2*fingerprintCheck {
		if err := f.load(ctx); err != nil {
			return nil, err
		}
	}
	return f.hash(f.keys[0], parts), nil
}

// Same reports whether a stored fingerprint is that of a content. One whose key was destroyed
// is the same as anything: there is nothing left to compare with.
func (f *Fingerprints) Same(ctx context.Context, stored []byte, parts ...string) (bool, error) {
	if len(stored) != fingerprintSize {
		return true, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for range 2 {
		for _, k := range f.keys {
			if bytes.Equal(k.id, stored[:keyIDSize]) {
				return hmac.Equal(stored, f.hash(k, parts)), nil
			}
		}
		// Another process may have made it since.
		if err := f.load(ctx); err != nil {
			return false, err
		}
	}
	return true, nil
}

func (f *Fingerprints) hash(k fingerprintKey, parts []string) []byte {
	mac := hmac.New(sha256.New, append(bytes.Clone(f.root), k.secret...))
	for _, part := range parts {
		// Lengths first: no two contents run together into the same bytes.
		mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		mac.Write([]byte(part))
	}
	return mac.Sum(bytes.Clone(k.id))
}

// Two processes that find no young key at once make two; either will do.
const (
	makeFingerprintKey = `insert into eventos.huellas_claves (id, secreto)
		select $1, $2 where not exists (select from eventos.huellas_claves where creada > clock_timestamp() - $3::interval)`
	dropFingerprintKeys  = `delete from eventos.huellas_claves where creada < clock_timestamp() - $1::interval`
	readFingerprintsKeys = `select id, secreto, creada from eventos.huellas_claves order by creada desc, id`
)

// load destroys old keys, makes one when none is young, and reads those that live.
func (f *Fingerprints) load(ctx context.Context) error {
	fresh := make([]byte, keyIDSize+sha256.Size)
	_, _ = rand.Read(fresh) // never fails
	b := &pgx.Batch{}
	b.Queue(dropFingerprintKeys, fingerprintDead)
	b.Queue(makeFingerprintKey, fresh[:keyIDSize], fresh[keyIDSize:], fingerprintYoung)
	var keys []fingerprintKey
	b.Queue(readFingerprintsKeys).Query(func(rows pgx.Rows) (err error) {
		keys, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (k fingerprintKey, err error) {
			err = row.Scan(&k.id, &k.secret, &k.born)
			return k, err
		})
		return err
	})
	if err := f.pool.SendBatch(ctx, b).Close(); err != nil {
		return away("read the keys of fingerprints", err)
	}
	if len(keys) == 0 {
		return fmt.Errorf("the keys of fingerprints vanished")
	}
	f.keys, f.loaded = keys, time.Now()
	return nil
}
