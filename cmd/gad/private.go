package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/grupo-gad/gad/migrations"
	"github.com/grupo-gad/gad/ops/boot"
	"github.com/grupo-gad/gad/ops/config"
	"github.com/grupo-gad/gad/ops/local"
)

// privateServers are PostgreSQL, Redis and NATS under one data directory.
type privateServers struct {
	postgres *local.Postgres
	redis    *local.Redis
	nats     *local.NATS
	roles    local.Roles
}

// postgresSettings suit a laptop with 4 GiB: memory that the server takes only as it fills it,
// and checkpoints that come seldom, since each has every page written whole once more.
var postgresSettings = map[string]string{
	"shared_buffers": "512MB", "effective_cache_size": "1500MB", "work_mem": "16MB", "maintenance_work_mem": "128MB",
	"max_wal_size": "2GB", "checkpoint_timeout": "15min", "wal_compression": "on",
}

// startPrivate starts what is needed under data, whose cluster is made as a copy of that under
// seed if there is one (see local.PostgresOptions), and migrates the database. On
// an error nothing is left running.
func startPrivate(ctx context.Context, data, seed string, log io.Writer) (_ *privateServers, err error) {
	p := &privateServers{}
	defer func() {
		if err != nil {
			p.stop()
		}
	}()
	if p.postgres, err = local.StartPostgres(ctx, local.PostgresOptions{
		Dir: data, Seed: seed, Durable: true, Settings: postgresSettings, Log: log,
	}); err != nil {
		return nil, fmt.Errorf("arrancar PostgreSQL: %w", err)
	}
	if p.redis, err = local.StartRedis(ctx, local.RedisOptions{Dir: data}); err != nil {
		return nil, fmt.Errorf("arrancar Redis: %w", err)
	}
	if p.nats, err = local.StartNATS(local.NATSOptions{Dir: data, Port: -1}); err != nil {
		return nil, fmt.Errorf("arrancar NATS: %w", err)
	}
	if p.roles, err = local.Provision(ctx, p.postgres.URL("postgres", local.Superuser), "gad"); err != nil {
		return nil, fmt.Errorf("preparar la base: %w", err)
	}
	if err = boot.Migrate(ctx, p.roles.OwnerURL, boot.MigrateOptions{FS: migrations.FS}); err != nil {
		return nil, fmt.Errorf("migrar la base: %w", err)
	}
	return p, nil
}

// stop ends the servers in the order in which nobody misses them. It may be
// called on servers that never started.
func (p *privateServers) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if p.nats != nil {
		p.nats.Stop()
	}
	if p.redis != nil {
		_ = p.redis.Stop(ctx) // killed when it does not end by itself
	}
	if p.postgres != nil {
		_ = p.postgres.Stop(ctx)
	}
}

// settings returns what a process needs to know to use the servers. Limits are
// high: in development one person is a whole fleet.
func (p *privateServers) settings(data string) map[string]string {
	const high = "100000/1m"
	return map[string]string{
		"GAD_LIMIT_PUBLIC": high, "GAD_LIMIT_READS": high, "GAD_LIMIT_ORDERS": high,
		"GAD_LIMIT_TELEMETRY": high, "GAD_LIMIT_SOCKETS": high, "GAD_LIMIT_REFRESH": high,
		"GAD_DATABASE_URL":         p.roles.AppURL,
		"GAD_MIGRATE_DATABASE_URL": p.roles.OwnerURL,
		"GAD_NOTARY_DATABASE_URL":  p.roles.NotaryURL,
		"GAD_REDIS_URL":            p.redis.URL(0),
		"GAD_NATS_URL":             p.nats.URL(),
		"GAD_DATA_DIR":             data,
		"GAD_JWT_KEYS_DIR":         filepath.Join(data, "jwt"),
		"GAD_VAULT_KEK_FILE":       filepath.Join(data, "kek"),
		// Here one person logs in all day from one address, and so do the tests.
		"GAD_LOGIN_ATTEMPTS":  "100",
		"GAD_LOGIN_PER_BLOCK": "10000",
	}
}

// writeSettings leaves the settings where other subcommands look for them.
func writeSettings(file string, values map[string]string) error {
	var text strings.Builder
	text.WriteString("# Written by gad dev at each start; what it runs with.\n")
	for _, s := range config.Settings() {
		for _, name := range []string{s.Name, s.Name + "_FILE"} {
			if v, ok := values[name]; ok {
				fmt.Fprintf(&text, "%s=%s\n", name, v)
			}
		}
	}
	return os.WriteFile(file, []byte(text.String()), 0o600)
}
