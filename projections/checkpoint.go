package projections

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/eventstore"
)

// lease is the right to write one projection into one schema. Once it has run out, by the clock
// of the database, somebody else may take the next fence, and that ends it. Until then its
// holder goes on, however late: were a window that takes longer than the lease refused, it would
// be tried again and refused again for ever.
type lease struct {
	projection string
	target     string
	version    int
	fence      int64
	position   int64 // of the checkpoint, as far as this holder moved it
	ttl        time.Duration
}

// acquire takes the lease when nobody else holds it. The row is skipped when somebody is
// writing it: then it is held.
func acquire(ctx context.Context, pool *pgxpool.Pool, name, target string, version int, holder string, ttl time.Duration) (*lease, bool, error) {
	if _, err := pool.Exec(ctx, `
		insert into eventos.checkpoints (projection, target, version) values ($1, $2, $3)
		on conflict do nothing`, name, target, version); err != nil {
		return nil, false, fmt.Errorf("register %s: %w", name, err)
	}
	l := &lease{projection: name, target: target, ttl: ttl}
	err := pool.QueryRow(ctx, `
		update eventos.checkpoints set fence = fence + 1, holder = $3, lease_until = clock_timestamp() + $4::interval
		where (projection, target) in (
			select projection, target from eventos.checkpoints
			where projection = $1 and target = $2 and (lease_until < clock_timestamp() or holder = $3)
			for update skip locked)
		returning fence, position, version`, name, target, holder, ttl).Scan(&l.fence, &l.position, &l.version)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, false, nil
	case err != nil:
		return nil, false, fmt.Errorf("take the lease of %s: %w", name, err)
	}
	return l, true, nil
}

// renew keeps the lease while there is nothing to write. It is lost, too, when the checkpoint is
// not where this holder left it: after a crash of the database the last windows may be gone, rows
// and checkpoint together, and who follows the log from beyond them would never write them again.
func (l *lease) renew(ctx context.Context, pool *pgxpool.Pool) error {
	tag, err := pool.Exec(ctx, `
		update eventos.checkpoints set lease_until = clock_timestamp() + $4::interval
		where projection = $1 and target = $2 and fence = $3 and position = $5`, l.projection, l.target, l.fence, l.ttl, l.position)
	if err != nil {
		return fmt.Errorf("renew the lease of %s: %w", l.projection, err)
	}
	if tag.RowsAffected() != 1 {
		return errLost
	}
	return nil
}

// release lets the next worker start at once.
func (l *lease) release(ctx context.Context, pool *pgxpool.Pool) error {
	_, err := pool.Exec(ctx, `
		update eventos.checkpoints set lease_until = '-infinity', holder = ''
		where projection = $1 and target = $2 and fence = $3`, l.projection, l.target, l.fence)
	if err != nil {
		return fmt.Errorf("release the lease of %s: %w", l.projection, err)
	}
	return nil
}

// begin opens a transaction that writes into the target and holds its checkpoint. It returns
// the keys that are parked.
func begin(ctx context.Context, pool *pgxpool.Pool, l *lease) (pgx.Tx, map[string]bool, error) {
	tx, err := pool.Begin(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("begin a window of %s: %w", l.projection, err)
	}
	parked, err := enter(ctx, tx, l)
	if err != nil {
		_ = tx.Rollback(context.WithoutCancel(ctx))
		return nil, nil, err
	}
	return tx, parked, nil
}

// enter costs one round trip. synchronous_commit=off: rows and checkpoint are derived, and
// after a crash they fall back together. A window may take longer than a question of somebody
// who waits: cut off, it would be tried again for ever.
func enter(ctx context.Context, tx pgx.Tx, l *lease) (map[string]bool, error) {
	b := &pgx.Batch{}
	b.Queue(`select set_config('synchronous_commit', 'off', true), set_config('statement_timeout', '1min', true),
		set_config('search_path', quote_ident($1) || ', public', true)`, l.target)
	// The row lock keeps out whoever would take the lease, retry a parked key or flip generations meanwhile.
	b.Queue(`select position from eventos.checkpoints
		where projection = $1 and target = $2 and fence = $3 for update`, l.projection, l.target, l.fence)
	b.Queue(`select key from eventos.parked where projection = $1 and target = $2`, l.projection, l.target)
	res := tx.SendBatch(ctx, b)
	defer func() { _ = res.Close() }()
	if _, err := res.Exec(); err != nil {
		return nil, fmt.Errorf("set up a window of %s: %w", l.projection, err)
	}
	var position int64
	switch err := res.QueryRow().Scan(&position); {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, errLost
	case err != nil:
		return nil, fmt.Errorf("hold the checkpoint of %s: %w", l.projection, err)
	case position != l.position:
		return nil, errLost
	}
	rows, err := res.Query()
	if err != nil {
		return nil, fmt.Errorf("read the parked keys of %s: %w", l.projection, err)
	}
	keys, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("read the parked keys of %s: %w", l.projection, err)
	}
	parked := make(map[string]bool, len(keys))
	for _, k := range keys {
		parked[k] = true
	}
	return parked, nil
}

const advanceSQL = `
	update eventos.checkpoints set position = $5, lease_until = clock_timestamp() + $6::interval
	where projection = $1 and target = $2 and position = $3 and fence = $4`

// pass moves the checkpoint over positions that say nothing to the read model, in one round
// trip: most projections follow few streams, and all of them pass every position.
func (l *lease) pass(ctx context.Context, pool *pgxpool.Pool, to int64) error {
	b := &pgx.Batch{} // one transaction, like all that is sent together
	b.Queue(`select set_config('synchronous_commit', 'off', true)`)
	moved := false
	b.Queue(advanceSQL, l.projection, l.target, l.position, l.fence, to, l.ttl).Exec(func(tag pgconn.CommandTag) error {
		moved = tag.RowsAffected() == 1
		return nil
	})
	switch err := pool.SendBatch(ctx, b).Close(); {
	case err != nil:
		return fmt.Errorf("pass positions of %s: %w", l.projection, err)
	case !moved:
		return errLost
	}
	l.position = to
	return nil
}

// advance moves the checkpoint in the transaction of the rows and keeps the lease. It must
// touch exactly one row: a crash before the commit leaves neither rows nor checkpoint.
func (l *lease) advance(ctx context.Context, tx pgx.Tx, to int64) error {
	tag, err := tx.Exec(ctx, advanceSQL, l.projection, l.target, l.position, l.fence, to, l.ttl)
	if err != nil {
		return fmt.Errorf("move the checkpoint of %s: %w", l.projection, err)
	}
	if tag.RowsAffected() != 1 {
		return errLost
	}
	return nil
}

// Position returns how far a read model is: the log position its rows are true of.
func Position(ctx context.Context, q Querier, projection string) (eventstore.Position, error) {
	var p eventstore.Position
	err := q.QueryRow(ctx, `select coalesce((select position from eventos.checkpoints where projection = $1 and target = $2), 0)`,
		projection, Live).Scan(&p)
	if err != nil {
		return 0, fmt.Errorf("read the checkpoint of %s: %w", projection, err)
	}
	return p, nil
}

// Querier is a pool, a connection or a transaction.
type Querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}
