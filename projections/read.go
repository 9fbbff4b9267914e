package projections

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/eventstore"
)

// Snapshot runs reads on one instant of the read models, so that rows, totals and the
// position they are true of belong together.
func Snapshot(ctx context.Context, pool *pgxpool.Pool, doing string, read func(tx pgx.Tx) error) error {
	err := pgx.BeginTxFunc(ctx, pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, read)
	return Translate(err, doing)
}

// Oldest returns the position that the read models of all these projections have reached.
func Oldest(ctx context.Context, tx pgx.Tx, projections ...string) (p eventstore.Position, err error) {
	// A projection that never ran has no checkpoint yet and is at 0.
	err = tx.QueryRow(ctx, `
		select coalesce(min(coalesce(c.position, 0)), 0)
		from unnest($1::text[]) n(name) left join eventos.checkpoints c on c.projection = n.name and c.target = $2`,
		projections, Live).Scan(&p)
	return p, err
}
