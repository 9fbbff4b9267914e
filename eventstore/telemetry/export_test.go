package telemetry

import (
	"context"
	"iter"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/operacion"
)

// RetentionLock is held over a Purge.
const RetentionLock = retentionLock

// VerifyIn is Verify as tx sees the log.
func VerifyIn(ctx context.Context, tx pgx.Tx, seals iter.Seq2[operacion.TelemetriaSellada, error]) error {
	_, err := verify(ctx, tx, seals, nil)
	return err
}
