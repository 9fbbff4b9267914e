package telemetry

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// retentionLock is held over a Purge: one process at a time asks for the tables.
	retentionLock int64 = 0x67616474
	// While a Purge waits for the table, who writes waits behind it.
	retentionWait = `set lock_timeout = '3s'`
)

// purgeSQL keeps the day of the first batch that no seal ties to the log, and what came after. That
// the lease knows of the last seal late keeps more, never less.
const purgeSQL = `select telemetria.purgar(least($1::date,
	(select min(dia) from telemetria.lotes where lote > (select ultimo from telemetria.sellador))))`

// Purge drops the positions of the days before that of an instant, in UTC, and says how many days
// went. Ledger, leaves and seals stay. It asks for a connection of the owner of the schema, and
// drops nothing while another one is at it.
func Purge(ctx context.Context, owner *pgx.Conn, before time.Time) (days int, err error) {
	var mine bool
	if err := owner.QueryRow(ctx, `select pg_try_advisory_lock($1)`, retentionLock).Scan(&mine); err != nil || !mine {
		return 0, err
	}
	defer func() { _, _ = owner.Exec(context.WithoutCancel(ctx), `select pg_advisory_unlock($1)`, retentionLock) }() // or with the connection
	if _, err := owner.Exec(ctx, retentionWait); err != nil {
		return 0, err
	}
	if err := owner.QueryRow(ctx, purgeSQL, before.UTC().Format(time.DateOnly)).Scan(&days); err != nil {
		return 0, fmt.Errorf("drop the positions of before %s: %w", before.UTC().Format(time.DateOnly), err)
	}
	return days, nil
}
