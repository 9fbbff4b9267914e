package boot

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

// PoolConfig reads a database address and sets what every pool of gad has in common. The
// caller may change the rest before it opens the pool.
func PoolConfig(address string) (*pgxpool.Config, error) {
	cfg, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("parse database address: %w", err)
	}
	cfg.ConnConfig.ConnectTimeout = 5 * time.Second
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	// What a question costs here is less than compiling it, and pages of an index come from
	// memory or from a disk without an arm.
	cfg.ConnConfig.RuntimeParams["jit"] = "off"
	cfg.ConnConfig.RuntimeParams["random_page_cost"] = "1.1"
	cfg.HealthCheckPeriod = 15 * time.Second
	cfg.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		UTC(conn)
		return nil
	}
	return cfg, nil
}

// Bounds is how long the server lets a session of the pool work, wait and hold; 0 leaves it to
// the server.
type Bounds struct{ Statement, Lock, Idle time.Duration }

// Bound has every connection of a pool ask for bounds when it is opened, unless the address
// says otherwise.
func Bound(cfg *pgxpool.Config, b Bounds) {
	for name, d := range map[string]time.Duration{
		"statement_timeout": b.Statement, "lock_timeout": b.Lock, "idle_in_transaction_session_timeout": b.Idle,
	} {
		if _, said := cfg.ConnConfig.RuntimeParams[name]; d > 0 && !said {
			cfg.ConnConfig.RuntimeParams[name] = strconv.FormatInt(d.Milliseconds(), 10)
		}
	}
}

// Follow makes every new connection of a pool use the address that holds by then: a password
// or an authority that was replaced meanwhile takes effect without a restart.
func Follow(cfg *pgxpool.Config, address func() string) {
	cfg.BeforeConnect = func(_ context.Context, to *pgx.ConnConfig) error {
		now, err := pgx.ParseConfig(address())
		if err != nil {
			return fmt.Errorf("parse database address: %w", err)
		}
		to.Host, to.Port, to.Database, to.User, to.Password = now.Host, now.Port, now.Database, now.User, now.Password
		to.TLSConfig, to.Fallbacks = now.TLSConfig, now.Fallbacks
		return nil
	}
}

// UTC makes the connection scan timestamptz in UTC; pgx would use the machine's zone.
func UTC(conn *pgx.Conn) {
	conn.TypeMap().RegisterType(&pgtype.Type{
		Name: "timestamptz", OID: pgtype.TimestamptzOID,
		Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
}
