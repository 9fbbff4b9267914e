package vault

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// watchEvery is how soon a process notices that another KEK wraps what is new.
const watchEvery = 2 * time.Second

// WatchDelay is how long after Offer or Announce every process that watches has followed or objected.
const WatchDelay = 3 * watchEvery

// ErrObjected says that a process does not have the KEK that was offered.
var ErrObjected = errors.New("a process does not have the new key-encryption key")

// Offer asks every process that watches to take a KEK onto its ring, without wrapping anything
// with it yet: whoever cannot objects, and the renewal ends where nothing was changed.
func (v *Vault) Offer(ctx context.Context, next KEK) error {
	_, err := v.pool.Exec(ctx, `insert into boveda.keks (id, actual) values ($1, false) on conflict do nothing`, next.ID)
	if err != nil {
		return fmt.Errorf("offer a key-encryption key: %w", err)
	}
	v.keys.add(next)
	return nil
}

// Objections returns ErrObjected, and who it is, when a process lately lacked a KEK.
func (v *Vault) Objections(ctx context.Context, kek KEK) error {
	rows, err := v.pool.Query(ctx, `select proceso from boveda.objeciones
		where kek = $1 and en > clock_timestamp() - make_interval(secs => $2) order by 1`, kek.ID, WatchDelay.Seconds())
	if err != nil {
		return fmt.Errorf("look for objections: %w", err)
	}
	who, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("look for objections: %w", err)
	}
	if len(who) > 0 {
		return fmt.Errorf("%w: %v", ErrObjected, who)
	}
	return nil
}

// Withdraw takes an offer back. One that wraps already stays.
func (v *Vault) Withdraw(ctx context.Context, kek KEK) error {
	if _, err := v.pool.Exec(ctx, `delete from boveda.keks where id = $1 and not actual
		and not exists (select from boveda.claves where kek = $1)`, kek.ID); err != nil {
		return fmt.Errorf("withdraw a key-encryption key: %w", err)
	}
	return nil
}

// Take adds the KEKs of another ring to those that open keys.
func (v *Vault) Take(ring *Keyring) { v.keys.merge(ring) }

// Watcher is who follows renewals, and how.
type Watcher struct {
	Name    string                   // of the process, for its objections
	Load    func() (*Keyring, error) // reads the files of the ring again
	Trouble func(error)
}

// Watch follows renewals until ctx ends.
func (v *Vault) Watch(ctx context.Context, w Watcher) error {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		if err := v.follow(ctx, w); err != nil && ctx.Err() == nil {
			w.Trouble(err)
		}
	}
}

// follow takes the KEKs that the database names onto the ring, reading the files when one is
// missing, and uses the one that is in use.
func (v *Vault) follow(ctx context.Context, w Watcher) error {
	rows, err := v.pool.Query(ctx, `select id from boveda.keks order by actual desc`)
	if err != nil {
		return fmt.Errorf("look which key-encryption key is in use: %w", err)
	}
	named, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(named) == 0 {
		return fmt.Errorf("look which key-encryption key is in use: %w", errors.Join(err, ctx.Err()))
	}
	missing := func(id string) bool { return !v.keys.has(id) }
	if slices.ContainsFunc(named, missing) && w.Load != nil {
		again, err := w.Load()
		if err == nil {
			v.keys.merge(again)
		} else if missing(named[0]) {
			return err
		}
		for _, id := range named {
			if err := v.object(ctx, w.Name, id, missing(id)); err != nil {
				return err
			}
		}
	}
	if named[0] == v.keys.id() {
		return nil
	}
	if !v.keys.use(named[0]) {
		return fmt.Errorf("key-encryption key %s is in use and was not given: %w", named[0], ErrMissingKEK)
	}
	return nil
}

// object records that this process lacks a KEK, or does not any more.
func (v *Vault) object(ctx context.Context, who, kek string, lacks bool) error {
	sql := `delete from boveda.objeciones where kek = $1 and proceso = $2`
	if lacks {
		sql = `insert into boveda.objeciones (kek, proceso) values ($1, $2) on conflict (kek, proceso) do update set en = clock_timestamp()`
	}
	if _, err := v.pool.Exec(ctx, sql, kek, who); err != nil {
		return fmt.Errorf("object to a key-encryption key: %w", err)
	}
	return nil
}
