package boot

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Breaker says whether a dependency is worth asking; ops/breaker does.
type Breaker interface {
	Allow() error
	Done(err error)
}

// Guard puts a breaker before every connection of a pool: while the server does not answer,
// whoever wants one is told so at once, as if his own time were up.
func Guard(cfg *pgxpool.Config, b Breaker) { cfg.ConnConfig.Tracer = guard{b} }

type guard struct{ b Breaker }

type refusedKey struct{}

// TraceAcquireStart implements pgxpool.AcquireTracer.
func (g guard) TraceAcquireStart(ctx context.Context, _ *pgxpool.Pool, _ pgxpool.TraceAcquireStartData) context.Context {
	if g.b.Allow() == nil {
		return ctx
	}
	// A deadline in the past: there is nothing to cancel.
	over, cancel := context.WithDeadline(context.WithValue(ctx, refusedKey{}, true), time.Unix(0, 0))
	cancel()
	return over
}

// TraceAcquireEnd implements pgxpool.AcquireTracer. That a connection was had says nothing yet:
// it may be an idle one of a server that stands still.
func (g guard) TraceAcquireEnd(ctx context.Context, _ *pgxpool.Pool, data pgxpool.TraceAcquireEndData) {
	if data.Err != nil && ctx.Value(refusedKey{}) == nil {
		g.b.Done(data.Err)
	}
}

// TraceQueryStart implements pgx.QueryTracer.
func (g guard) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (g guard) TraceQueryEnd(_ context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	g.b.Done(data.Err)
}

// TraceBatchStart implements pgx.BatchTracer.
func (g guard) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

// TraceBatchQuery implements pgx.BatchTracer.
func (g guard) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd implements pgx.BatchTracer.
func (g guard) TraceBatchEnd(_ context.Context, _ *pgx.Conn, data pgx.TraceBatchEndData) {
	g.b.Done(data.Err)
}

// Away reports an error of the server or of the way to it. What the server refuses in good
// health is an answer.
func Away(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch pg.Code[:2] {
		case "08", "53", "57", "58":
			// A statement that somebody cancelled, or that ran too long, was an answer too.
			return pg.Code != "57014"
		}
		return false
	}
	return !errors.Is(err, pgx.ErrNoRows) && !errors.Is(err, pgx.ErrTxClosed) && !errors.Is(err, pgx.ErrTooManyRows)
}
