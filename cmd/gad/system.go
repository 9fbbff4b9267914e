package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/api/bot"
	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain"
	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/eventstore/mailbox"
	"github.com/grupo-gad/gad/eventstore/postgres"
	"github.com/grupo-gad/gad/eventstore/sessions"
	"github.com/grupo-gad/gad/eventstore/telemetry"
	"github.com/grupo-gad/gad/eventstore/vault"
	"github.com/grupo-gad/gad/migrations"
	"github.com/grupo-gad/gad/ops/blob"
	"github.com/grupo-gad/gad/ops/boot"
	"github.com/grupo-gad/gad/ops/config"
	"github.com/grupo-gad/gad/ops/limit"
	"github.com/grupo-gad/gad/ops/obs"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/efectivos"
	"github.com/grupo-gad/gad/projections/tablero"
)

// system is what the roles of a process share, opened once.
type system struct {
	settings config.Config
	current  atomic.Pointer[config.Config] // settings as last read: for secrets that may have changed
	log      *slog.Logger
	metrics  *prometheus.Registry
	health   *obs.Health
	zone     *time.Location
	secret   []byte // of the vault, whatever its KEK; derive makes keys of it

	pool       *pgxpool.Pool
	redis      redis.UniversalClient // nil without Redis
	catalog    *event.Catalog
	vault      *vault.Vault
	store      *postgres.Store
	telemetry  *telemetry.Store
	dispatcher *commands.Dispatcher
	everybody  *efectivos.Despliegue // who could be sent; nil where no role offers Tareas
	intake     *commands.Intake      // made by run, which knows whom to tell of positions
	sessions   *sessions.Store
	mailbox    *mailbox.Mailbox
	bot        atomic.Pointer[bot.Bot] // nil where the role does not run, or without a token
	rebot      chan struct{}           // the token may have changed
	public     *echo.Echo              // what is mounted under the public address, once it is
	breakers   breakers
	limiter    *limit.Limiter
	// What keeps repeated orders apart.
	fingerprints *postgres.Fingerprints
	inflight     *postgres.Inflight
	issuer       *auth.Issuer
	door         *auth.Door
	reads        readers
	contents     blob.Store // of attachments
	rebuilds     *projections.Rebuilds
	runner       *projections.Runner // runs in the projector role, and tells every role how far the read models are
}

// openSystem checks the database and opens what the roles share. It starts
// nothing: run does.
func openSystem(ctx context.Context, settings config.Config, log *slog.Logger) (_ *system, err error) {
	s := &system{rebot: make(chan struct{}, 1), settings: settings, log: log, metrics: obs.NewRegistry(), health: obs.NewHealth(time.Now)}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	s.current.Store(&settings)
	s.openBreakers()
	if s.zone, err = time.LoadLocation(settings.Timezone); err != nil {
		return nil, err
	}
	if s.catalog, err = domain.Catalog(); err != nil {
		return nil, err
	}
	if s.pool, err = openPool(ctx, func() string { return s.current.Load().DatabaseURL.Reveal() }, settings, s.breakers.postgres); err != nil {
		return nil, err
	}
	if s.redis, err = openRedis(settings, s.current.Load); err != nil {
		return nil, err
	}
	if s.redis != nil {
		s.redis.AddHook(redisGuard{s.breakers.redis, s.log})
	}
	if err = s.openStores(ctx); err != nil {
		return nil, err
	}
	s.reads = openReaders(s.pool, s.redis, s.zone, settings.DatabaseReport)
	if s.contents, err = openContents(settings); err != nil {
		return nil, err
	}
	if err = s.openDoor(); err != nil {
		return nil, err
	}
	s.openLimiter()
	s.registerHealth()
	return s, nil
}

// openStores opens the log, the vault, the telemetry and the door for orders.
func (s *system) openStores(ctx context.Context) error {
	keys, err := loadKeyring(s.settings.VaultKEKFile)
	if err != nil {
		return err
	}
	if s.vault, err = vault.Open(ctx, s.pool, keys); err != nil {
		return fmt.Errorf("abrir la bóveda: %w", err)
	}
	if s.secret, err = s.vault.Secret(ctx, "gad/derive/1"); err != nil {
		return fmt.Errorf("abrir la bóveda: %w", err)
	}
	writer := writerName()
	if s.store, err = postgres.New(ctx, s.pool, postgres.Options{
		Catalog: s.catalog, Writer: writer, Vault: s.vault, Metrics: s.metrics, Logger: s.log,
	}); err != nil {
		return fmt.Errorf("abrir el registro: %w", err)
	}
	if s.telemetry, err = telemetry.Open(ctx, s.pool, telemetry.Options{Writer: writer}); err != nil {
		return fmt.Errorf("abrir la telemetría: %w", err)
	}
	s.fingerprints, s.inflight = postgres.NewFingerprints(s.pool, s.derive("gad/fingerprint/1")), postgres.NewInflight(s.store)
	options := commands.Options{Inflight: s.inflight, Zone: s.zone, Search: helpful(s.settings), Observer: newCommandMetrics(s.metrics)}
	if s.settings.Has("api") || s.settings.Has("bot") || s.settings.Has("policies") {
		s.everybody = efectivos.NewDespliegue(s.pool, s.store, s.telemetry, s.log)
		options.Recomendador = s.everybody
	}
	s.dispatcher, err = commands.New(s.store, s.store, options)
	if err != nil {
		return err
	}
	s.sessions = sessions.New(s.pool)
	s.mailbox = mailbox.New(s.pool, s.derive("gad/link-codes/1"))
	return nil
}

// close releases what openSystem took. It may be called on a half-open system.
func (s *system) close() {
	if s.inflight != nil {
		s.inflight.Close()
	}
	if s.door != nil {
		s.door.Settle()
	}
	if s.redis != nil {
		_ = s.redis.Close()
	}
	if s.pool != nil {
		s.pool.Close()
	}
}

// openPool connects to a database that is safe to trust and has this program's schema.
// current gives the address at any time.
func openPool(ctx context.Context, current func() string, settings config.Config, guard boot.Breaker) (*pgxpool.Pool, error) {
	address := current()
	if address == "" {
		return nil, errors.New("falta GAD_DATABASE_URL: la dirección de la base con el rol de la aplicación (¿no está corriendo gad dev?)")
	}
	cfg, err := boot.PoolConfig(address)
	if err != nil {
		return nil, fmt.Errorf("GAD_DATABASE_URL: %w", err)
	}
	cfg.MaxConns = settings.DatabaseConns
	cfg.MaxConnLifetime, cfg.MaxConnLifetimeJitter = settings.DatabaseConnLifetime, settings.DatabaseConnLifetime/10
	cfg.MaxConnIdleTime, cfg.ConnConfig.ConnectTimeout = settings.DatabaseConnIdle, settings.DatabaseConnectTime
	boot.Bound(cfg, boot.Bounds{
		Statement: settings.DatabaseStatement, Lock: settings.DatabaseLock, Idle: settings.DatabaseIdleTransaction,
	})
	boot.Follow(cfg, current)
	if guard != nil {
		boot.Guard(cfg, guard)
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("conectar a PostgreSQL: %w", err)
	}
	if err := checkDatabase(ctx, pool, address, settings); err != nil {
		pool.Close()
		return nil, err
	}
	return pool, nil
}

func checkDatabase(ctx context.Context, pool *pgxpool.Pool, address string, settings config.Config) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("conectar a PostgreSQL: %w", err)
	}
	defer conn.Release()
	if err := boot.CheckServer(ctx, conn.Conn(), settings.Test()); err != nil {
		return err
	}
	if err := boot.CheckRoles(ctx, conn.Conn()); err != nil {
		return err
	}
	schema, err := boot.Status(ctx, address, migrations.FS)
	switch {
	case err != nil:
		return err
	case schema.Behind():
		return fmt.Errorf("el esquema de la base está en %d y este programa necesita %d: corré gad migrate up", schema.Current, schema.Newest)
	case schema.Ahead():
		return fmt.Errorf("el esquema de la base está en %d, más nuevo que este programa (%d): actualizá el programa", schema.Current, schema.Newest)
	}
	return nil
}

// openRedis makes a client; user, password and authorities are those of current when a
// connection is opened.
func openRedis(settings config.Config, current func() *config.Config) (redis.UniversalClient, error) {
	if settings.RedisURL.Reveal() == "" {
		return nil, nil //nolint:nilnil // no Redis is a way to run
	}
	options, err := redis.ParseURL(settings.RedisURL.Reveal())
	if err != nil {
		return nil, errors.New("GAD_REDIS_URL no es una dirección de Redis válida")
	}
	if options.TLSConfig != nil {
		// Whatever the address says of it: the server proves its name.
		name := options.TLSConfig.ServerName
		if _, err := settings.TLS(); err != nil {
			return nil, err
		}
		options.TLSConfig = nil
		options.Dialer = func(ctx context.Context, network, address string) (net.Conn, error) {
			secure, err := current().TLS()
			if err != nil {
				return nil, err
			}
			secure.ServerName = name
			return (&tls.Dialer{NetDialer: &net.Dialer{Timeout: redisConnect, KeepAlive: 5 * time.Minute}, Config: secure}).DialContext(ctx, network, address)
		}
	}
	options.CredentialsProviderContext = func(context.Context) (user, password string, err error) {
		now, err := redis.ParseURL(current().RedisURL.Reveal())
		if err != nil {
			return "", "", errors.New("GAD_REDIS_URL no es una dirección de Redis válida")
		}
		return now.Username, now.Password, nil
	}
	tablero.Tune(options)
	return redis.NewClient(options), nil
}

// redisConnect bounds the opening of a connection to Redis.
const redisConnect = 5 * time.Second

// writerName names this process in ledgers and leases.
func writerName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "gad"
	}
	return fmt.Sprintf("%s/%d", filepath.Base(host), os.Getpid())
}
