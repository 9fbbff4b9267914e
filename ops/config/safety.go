package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"
)

// The least that argon2id may cost where people rely on it (OWASP's password storage cheat sheet).
const (
	leastMemory = 19 << 10 // KiB
	leastPasses = 2
)

// guarded reports the environments in which strangers are at the door.
func (c Config) guarded() bool { return c.Env == "staging" || c.Env == "production" }

// safety lists everything that staging and production do not run with. direct are the
// secrets that were given in the environment, files the paths of the others.
func (c Config) safety(direct []string, files map[string]string) (reasons []error) {
	if !c.guarded() {
		return nil
	}
	unsafe := func(format string, args ...any) {
		reasons = append(reasons, fmt.Errorf("en "+c.Env+", "+format, args...))
	}
	for _, o := range c.CORSOrigins {
		if credentials(o) {
			continue // refused everywhere, and not to be quoted
		}
		if u, err := url.Parse(o); err != nil || u.Scheme != "https" || u.Host == "" || strings.Contains(u.Host, "*") || o != "https://"+u.Host {
			unsafe("GAD_CORS_ORIGINS: %q no es un origen https exacto (https://nombre[:puerto])", o)
		}
	}
	if c.PasswordMem < leastMemory || c.PasswordTime < leastPasses {
		unsafe("GAD_PASSWORD_MEMORY_KIB y GAD_PASSWORD_PASSES: por lo menos %d y %d, o una copia de la base entrega las contraseñas", leastMemory, leastPasses)
	}
	if len(c.Hosts) == 0 {
		unsafe("GAD_HOSTS: hay que nombrar por qué nombres se atiende")
	}
	for _, h := range c.Hosts {
		if h == "" || strings.ContainsAny(h, "*/ ") {
			unsafe("GAD_HOSTS: %q no es un nombre exacto", h)
		}
	}
	if len(c.TrustedProxies) == 0 {
		unsafe("GAD_TRUSTED_PROXIES: hay que decir (CIDR) quién termina TLS delante de este servidor")
	}
	for _, p := range c.TrustedProxies {
		if prefix, err := netip.ParsePrefix(p); err == nil && wide(prefix) {
			unsafe("GAD_TRUSTED_PROXIES: %s abarca medio mundo", p)
		}
	}
	for name, address := range map[string]Secret{
		"GAD_DATABASE_URL": c.DatabaseURL, "GAD_MIGRATE_DATABASE_URL": c.MigrateDatabaseURL, "GAD_NOTARY_DATABASE_URL": c.NotaryDatabaseURL,
	} {
		if address.Reveal() != "" && !postgresVerified(address.Reveal()) {
			unsafe("%s: hace falta sslmode=verify-full (o un socket local)", name)
		}
	}
	if c.DatabaseURL.Reveal() == "" {
		unsafe("GAD_DATABASE_URL: falta")
	}
	if address := c.RedisURL.Reveal(); address != "" && !redisVerified(address) {
		unsafe("GAD_REDIS_URL: hace falta rediss:// con verificación (o un socket local)")
	}
	for address := range strings.SplitSeq(c.NATSURL.Reveal(), ",") {
		if address != "" && !strings.HasPrefix(strings.TrimSpace(address), "tls://") {
			unsafe("GAD_NATS_URL: hace falta tls:// en cada dirección")
		}
	}
	for name, rate := range map[string]Rate{
		"GAD_LIMIT_PUBLIC": c.LimitPublic, "GAD_LIMIT_READS": c.LimitReads, "GAD_LIMIT_ORDERS": c.LimitOrders,
		"GAD_LIMIT_TELEMETRY": c.LimitTelemetry, "GAD_LIMIT_SOCKETS": c.LimitSockets, "GAD_LIMIT_REFRESH": c.LimitRefresh,
	} {
		if rate.Off() {
			unsafe("%s: no se puede apagar", name)
		}
	}
	for name, limit := range map[string]time.Duration{
		"GAD_DATABASE_STATEMENT_TIMEOUT": c.DatabaseStatement, "GAD_DATABASE_LOCK_TIMEOUT": c.DatabaseLock,
		"GAD_DATABASE_IDLE_TRANSACTION_TIMEOUT": c.DatabaseIdleTransaction, "GAD_HANDLER_TIMEOUT": c.HandlerTimeout,
	} {
		if limit <= 0 {
			unsafe("%s: no se puede apagar", name)
		}
	}
	for _, p := range c.LoginTrusted {
		if prefix, err := netip.ParsePrefix(p); err == nil && wide(prefix) {
			unsafe("GAD_LOGIN_TRUSTED: %s abarca medio mundo", p)
		}
	}
	if c.Env == "production" && !c.SecondRequired() {
		unsafe("GAD_SECOND_FACTOR: supervisor y más necesitan segundo factor")
	}
	for name, address := range map[string]string{"GAD_TELEGRAM_API_URL": c.TelegramAPIURL, "GAD_TELEGRAM_WEBHOOK_URL": c.TelegramWebhookURL} {
		if address != "" && !strings.HasPrefix(address, "https://") {
			unsafe("%s: hace falta https://", name)
		}
	}
	if c.BlobS3URL != "" && !strings.HasPrefix(c.BlobS3URL, "https://") {
		unsafe("GAD_BLOB_S3_URL: hace falta https://")
	}
	if c.JWTKeysDir == "" {
		unsafe("GAD_JWT_KEYS_DIR: faltan las claves de firma; aquí no se generan solas")
	}
	if c.VaultKEKFile == "" {
		unsafe("GAD_VAULT_KEK_FILE: falta")
	}
	for _, name := range direct {
		if name == "GAD_NATS_URL" && !credentials(c.NATSURL.Reveal()) {
			continue // an address alone is no secret
		}
		unsafe("%s: los secretos se dan en archivos (%s_FILE), no en el entorno", name, name)
	}
	if c.VaultKEKFile != "" {
		files["GAD_VAULT_KEK_FILE"] = c.VaultKEKFile
	}
	for name, path := range files {
		info, err := os.Stat(path)
		switch {
		case err != nil:
			unsafe("%s: %w", name, err)
		case info.Mode().Perm()&^0o400 != 0:
			unsafe("%s: %s tiene permisos %04o y hacen falta 0400", name, path, info.Mode().Perm())
		}
	}
	// Maps have no order of their own, and an operator compares two runs.
	slices.SortFunc(reasons, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return reasons
}

// wide reports a network that no one organisation has.
func wide(p netip.Prefix) bool {
	return p.Bits() < 8 || p.Addr().Is6() && !p.Addr().Is4In6() && p.Bits() < 16
}

// postgresVerified reports an address whose server proves its name, or that leaves no machine.
func postgresVerified(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return false // "key=value" lines would need a second reader of them
	}
	q := u.Query()
	if host := q.Get("host"); host != "" {
		return strings.HasPrefix(host, "/") && u.Host == "" || q.Get("sslmode") == "verify-full"
	}
	return u.Host != "" && q.Get("sslmode") == "verify-full"
}

func redisVerified(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	_, skips := u.Query()["skip_verify"]
	return u.Scheme == "unix" || u.Scheme == "rediss" && !skips && net.ParseIP(u.Hostname()) == nil && u.Hostname() != ""
}
