package projections

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/eventstore"
)

// Parked is a key whose next event could not be applied.
type Parked struct {
	Projection string              `json:"proyeccion"`
	Key        string              `json:"clave"`    // stream
	Position   eventstore.Position `json:"posicion"` // of the event that fails
	Version    eventstore.Version  `json:"version"`  // of it, in its stream
	Reason     string              `json:"motivo"`
	Attempts   int                 `json:"intentos"`
	Queued     int64               `json:"en_espera"` // later events behind it
	Since      time.Time           `json:"desde"`

	trace string // that the event came about in; only where it has just failed
}

// ErrNoApartada answers an order about a key that is not parked.
var ErrNoApartada = fault.New(fault.NotFound, "clave_no_apartada", "esa clave no está apartada en esa proyección")

func (p Parked) save(ctx context.Context, tx pgx.Tx, target string) error {
	// Reasons carry texts of the database, which end up in front of operators.
	reason := strings.ToValidUTF8(p.Reason[:min(len(p.Reason), 1000)], "")
	_, err := tx.Exec(ctx, `
		insert into eventos.parked (projection, target, key, position, version, reason, attempts, queued)
		values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (projection, target, key) do update
		set position = excluded.position, version = excluded.version, reason = excluded.reason,
		    attempts = eventos.parked.attempts + 1, queued = excluded.queued`,
		p.Projection, target, p.Key, p.Position, p.Version, reason, p.Attempts, p.Queued)
	if err != nil {
		return fmt.Errorf("park %s of %s: %w", p.Key, p.Projection, err)
	}
	return nil
}

// Park records what a read model outside PostgreSQL had to leave out, where operators look.
// It may be repeated.
func Park(ctx context.Context, pool *pgxpool.Pool, p Parked) error {
	return Translate(pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `insert into eventos.checkpoints (projection, target, version) values ($1, $2, 1) on conflict do nothing`,
			p.Projection, Live); err != nil {
			return fmt.Errorf("register %s: %w", p.Projection, err)
		}
		return p.save(ctx, tx, Live)
	}), "park "+p.Key)
}

// queue counts events behind their parked keys.
func queue(ctx context.Context, tx pgx.Tx, l *lease, queued map[string]int64) error {
	for key, n := range queued {
		_, err := tx.Exec(ctx, `
			update eventos.parked set queued = queued + $4 where projection = $1 and target = $2 and key = $3`,
			l.projection, l.target, key, n)
		if err != nil {
			return fmt.Errorf("queue behind %s of %s: %w", key, l.projection, err)
		}
	}
	return nil
}

// ListParked returns every parked key of the living read models, oldest first.
func ListParked(ctx context.Context, pool *pgxpool.Pool) ([]Parked, error) {
	rows, err := pool.Query(ctx, `
		select projection, key, position, version, reason, attempts, queued, since
		from eventos.parked where target = $1 order by since, projection, key`, Live)
	if err != nil {
		return nil, Translate(err, "read the parked keys")
	}
	parked, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p Parked, err error) {
		return p, row.Scan(&p.Projection, &p.Key, &p.Position, &p.Version, &p.Reason, &p.Attempts, &p.Queued, &p.Since)
	})
	return parked, Translate(err, "read the parked keys")
}

// retry applies a parked key again, from its poison event (skip: from the one after it) up
// to the checkpoint. The row lock on the checkpoint keeps the worker out meanwhile, so no
// event falls between its window and ours.
func (a applier) retry(ctx context.Context, key string, skip func(context.Context, Parked) error) (*Parked, error) {
	free, err := a.slot(ctx)
	if err != nil {
		return nil, err
	}
	defer free()
	tx, err := a.pool.Begin(ctx)
	if err != nil {
		return nil, Translate(err, "begin to retry "+key)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	l := &lease{projection: a.p.Name(), target: Live}
	p := Parked{Projection: a.p.Name(), Key: key}
	if _, err := tx.Exec(ctx, `select set_config('search_path', quote_ident($1) || ', public', true)`, Live); err != nil {
		return nil, Translate(err, "set up to retry "+key)
	}
	err = tx.QueryRow(ctx, `select position from eventos.checkpoints where projection = $1 and target = $2 for update`,
		l.projection, l.target).Scan(&l.position)
	if err == nil {
		err = tx.QueryRow(ctx, `
			select position, version, reason, attempts, queued, since
			from eventos.parked where projection = $1 and target = $2 and key = $3`, l.projection, l.target, key).
			Scan(&p.Position, &p.Version, &p.Reason, &p.Attempts, &p.Queued, &p.Since)
	}
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, ErrNoApartada
	case err != nil:
		return nil, Translate(err, "find the parked key "+key)
	}
	after := p.Version - 1
	if skip != nil {
		// Recorded first: a skip that nobody knows of must be impossible. If the commit below
		// fails, the key stays parked and the order can be repeated.
		if err := skip(ctx, p); err != nil {
			return nil, fmt.Errorf("record the skip of %s: %w", key, err)
		}
		after++
	}
	var events []eventstore.Recorded
	for r, err := range a.store.ReadStream(ctx, eventstore.StreamID(key), after) {
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", key, err)
		}
		if int64(r.Position) > l.position {
			break // the worker's, in its next window
		}
		events = append(events, r)
	}
	var again *Parked
	if err := a.tentative(ctx, tx, events); err != nil {
		if _, ok := errors.AsType[*poisoned](err); !ok {
			return nil, err
		}
		parked, err := a.park(ctx, tx, l, events)
		if err != nil {
			return nil, err
		}
		if len(parked) > 0 {
			again = &parked[0]
		}
	}
	if again == nil {
		if _, err := tx.Exec(ctx, `delete from eventos.parked where projection = $1 and target = $2 and key = $3`,
			l.projection, l.target, key); err != nil {
			return nil, Translate(err, "free the parked key "+key)
		}
	}
	if err := tx.Commit(ctx); err != nil {
		return nil, Translate(err, "commit the retry of "+key)
	}
	return again, nil
}

// dismiss forgets a parked fix: nothing waits behind it, so there is nothing to apply.
func (r *Runner) dismiss(ctx context.Context, projection, key string, record func(context.Context, Parked) error) error {
	return Translate(pgx.BeginFunc(ctx, r.pool, func(tx pgx.Tx) error {
		p := Parked{Projection: projection, Key: key}
		err := tx.QueryRow(ctx, `delete from eventos.parked where projection = $1 and target = $2 and key = $3
			returning position, version, reason, attempts, queued, since`, projection, Live, key).
			Scan(&p.Position, &p.Version, &p.Reason, &p.Attempts, &p.Queued, &p.Since)
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrNoApartada
		}
		if err != nil {
			return fmt.Errorf("forget %s: %w", key, err)
		}
		return record(ctx, p) // before the commit: a skip nobody knows of must be impossible
	}), "skip "+key)
}
