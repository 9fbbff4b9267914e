package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// errUnusable reports a server on which the promise cannot be kept.
var errUnusable = errors.New("the event store must not use this database")

// errDoubted reports a commit that the standby may not have. It is settled like a broken
// connection: the commit that settles it waits for the standby again.
var errDoubted = errors.New("the server warned during a commit")

// connectTimeout bounds the opening of a connection.
const connectTimeout = 3 * time.Second

// connect opens the appender's own connection. The head is forgotten: after a restore or a
// failover the log may have moved back.
func (a *appender) connect(ctx context.Context) error {
	conn, err := a.open(ctx, "gad appender", map[string]string{
		// A careful batch whose process stands still must not keep the lock from the others.
		"idle_in_transaction_session_timeout": "2000",
		"lock_timeout":                        "5000",
		// The plans of the few statements are the same for any batch and any size of table:
		// one probe of an index per row. Nothing is planned again, and no plan made while a
		// table was small reads it all once it is large.
		"plan_cache_mode":  "force_generic_plan",
		"enable_seqscan":   "off",
		"enable_hashjoin":  "off",
		"enable_mergejoin": "off",
		"jit":              "off",
	}, func(n *pgconn.Notice) {
		if n.SeverityUnlocalized == "WARNING" {
			a.doubted = true
			a.log.WarnContext(ctx, "the server warns", slog.String("notice", n.Message))
		}
	})
	if err != nil {
		return err
	}
	var isolation string
	var readOnly bool
	err = conn.QueryRow(ctx, "select current_setting('default_transaction_isolation'), pg_is_in_recovery()").
		Scan(&isolation, &readOnly)
	if err != nil {
		_ = conn.Close(context.WithoutCancel(ctx))
		return fmt.Errorf("look at the connection: %w", err)
	}
	if readOnly { // a failover in progress: the address will lead to the primary again
		_ = conn.Close(context.WithoutCancel(ctx))
		return errors.New("the server is a standby")
	}
	if isolation != "read committed" {
		_ = conn.Close(context.WithoutCancel(ctx))
		return fmt.Errorf("%w: default_transaction_isolation is %q; appends need \"read committed\"", errUnusable, isolation)
	}
	a.conn, a.at = conn, nil
	return nil
}

// open opens a connection beside the pool, with its address and its own settings.
func (s *Store) open(ctx context.Context, name string, settings map[string]string, notice func(*pgconn.Notice)) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	cfg := s.pool.Config().ConnConfig.Copy()
	cfg.RuntimeParams["application_name"] = name
	delete(cfg.RuntimeParams, "statement_timeout") // of the pool: who waits in the queue of the log is not stuck
	cfg.RuntimeParams["timezone"] = "UTC"
	maps.Copy(cfg.RuntimeParams, settings)
	cfg.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement // never the simple protocol
	if notice != nil {
		cfg.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { notice(n) }
	}
	if before := s.pool.Config().BeforeConnect; before != nil {
		if err := before(ctx, cfg); err != nil {
			return nil, fmt.Errorf("connect as %s: %w", name, err)
		}
	}
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("connect as %s: %w", name, err)
	}
	return conn, nil
}

func (a *appender) disconnect() {
	if a.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = a.conn.Close(ctx)
	a.conn, a.at = nil, nil
}
