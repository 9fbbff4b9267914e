package config

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
)

// Prefix starts the name of every setting.
const Prefix = "GAD_"

// Load reads the settings from environ ("NAME=value" lines, as os.Environ) over
// those of file, which may be "". The error names every mistake.
func Load(environ []string, file string) (Config, error) {
	values := map[string]string{}
	var mistakes []error
	if file != "" {
		f, err := os.Open(file)
		if err != nil {
			return Config{}, fmt.Errorf("read the settings: %w", err)
		}
		defer func() { _ = f.Close() }()
		mistakes = append(mistakes, readFile(f, values)...)
	}
	for _, line := range environ {
		if name, value, ok := strings.Cut(line, "="); ok && strings.HasPrefix(name, Prefix) {
			values[name] = value
		}
	}
	direct, files := secretSources(values)
	mistakes = append(mistakes, readSecretFiles(values)...)
	mistakes = append(mistakes, unknown(values)...)

	var c Config
	if err := env.ParseWithOptions(&c, env.Options{Prefix: Prefix, Environment: values}); err != nil {
		mistakes = append(mistakes, err)
	} else {
		mistakes = append(mistakes, c.check()...)
		mistakes = append(mistakes, c.safety(direct, files)...)
	}
	return c, errors.Join(mistakes...)
}

func readFile(r io.Reader, values map[string]string) (mistakes []error) {
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok || !strings.HasPrefix(name, Prefix) {
			mistakes = append(mistakes, fmt.Errorf("línea %d: se esperaba GAD_NOMBRE=valor", n))
			continue
		}
		values[name] = value
	}
	if err := lines.Err(); err != nil {
		mistakes = append(mistakes, err)
	}
	return mistakes
}

// readSecretFiles replaces GAD_X_FILE by GAD_X for the settings that are secrets.
func readSecretFiles(values map[string]string) (mistakes []error) {
	for _, s := range Settings() {
		if !s.Secret {
			continue
		}
		path, ok := values[s.Name+"_FILE"]
		if !ok {
			continue
		}
		delete(values, s.Name+"_FILE")
		if values[s.Name] != "" {
			mistakes = append(mistakes, fmt.Errorf("%s y %s_FILE están dados a la vez", s.Name, s.Name))
			continue
		}
		content, err := os.ReadFile(path)
		if err != nil {
			mistakes = append(mistakes, fmt.Errorf("%s_FILE: %w", s.Name, err))
			continue
		}
		values[s.Name] = strings.TrimRight(string(content), "\r\n")
	}
	return mistakes
}

// secretSources tells the secrets given as such from those in files, by path.
func secretSources(values map[string]string) (direct []string, files map[string]string) {
	files = map[string]string{}
	for _, s := range Settings() {
		switch path := values[s.Name+"_FILE"]; {
		case !s.Secret:
		case path != "":
			files[s.Name+"_FILE"] = path
		case values[s.Name] != "":
			direct = append(direct, s.Name)
		}
	}
	return direct, files
}

// unknown points at misspelt settings, which would otherwise be silently ignored.
func unknown(values map[string]string) (mistakes []error) {
	known := map[string]bool{}
	for _, s := range Settings() {
		known[s.Name] = true
	}
	names := make([]string, 0, len(values))
	for name := range values {
		// GAD_TEST_* belong to the tests of the project, not to the program.
		if !known[name] && !strings.HasPrefix(name, Prefix+"TEST_") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		mistakes = append(mistakes, fmt.Errorf("%s no es un ajuste conocido: ver gad config print", name))
	}
	return mistakes
}

// maxAlarmReads is how many looks are remembered of a reader; a test compares.
const maxAlarmReads = 1000

// maxSessionCheck leaves of the 30 s in which a revocation closes its sockets what noticing that
// it is time, and the answer of the database, may take.
const maxSessionCheck = 25 * time.Second

func (c Config) check() (mistakes []error) {
	wrong := func(format string, args ...any) { mistakes = append(mistakes, fmt.Errorf(format, args...)) }
	if !slices.Contains([]string{"development", "test", "staging", "production"}, c.Env) {
		wrong("GAD_ENV: %q no es development, test, staging ni production", c.Env)
	}
	for _, r := range c.Roles {
		if !slices.Contains(AllRoles(), r) {
			wrong("GAD_ROLES: %q no es un rol; los hay: %s", r, strings.Join(AllRoles(), ", "))
		}
	}
	if _, err := time.LoadLocation(c.Timezone); err != nil {
		wrong("GAD_TIMEZONE: %w", err)
	}
	if _, err := time.Parse(time.DateOnly, c.AliasesUntil); err != nil && c.AliasesUntil != "" {
		wrong("GAD_ALIASES_UNTIL: %q no es una fecha AAAA-MM-DD", c.AliasesUntil)
	}
	for _, p := range c.TrustedProxies {
		if _, err := netip.ParsePrefix(p); err != nil {
			wrong("GAD_TRUSTED_PROXIES: %w", err)
		}
	}
	for _, p := range c.LoginTrusted {
		if _, err := netip.ParsePrefix(p); err != nil {
			wrong("GAD_LOGIN_TRUSTED: %w", err)
		}
	}
	if !slices.Contains([]string{"required", "optional", "auto"}, c.SecondFactor) {
		wrong("GAD_SECOND_FACTOR: %q no es required, optional ni auto", c.SecondFactor)
	}
	if c.LoginAttempts < 1 || c.LoginPerBlock < 1 || c.SessionTTL <= 0 || c.ActivationTTL <= 0 {
		wrong("GAD_LOGIN_ATTEMPTS, GAD_LOGIN_PER_BLOCK, GAD_SESSION_TTL y GAD_ACTIVATION_TTL: mayores que cero")
	}
	if c.PasswordMem < 8 || c.PasswordMem > 1<<20 || c.PasswordTime < 1 || c.PasswordTime > 16 {
		wrong("GAD_PASSWORD_MEMORY_KIB va de 8 a 1048576 y GAD_PASSWORD_PASSES de 1 a 16")
	}
	if key, err := hex.DecodeString(c.TelegramKey.Reveal()); err != nil || len(key) != 0 && len(key) != 32 {
		wrong("GAD_TELEGRAM_WEBAPP_KEY: son 64 dígitos hexadecimales; los escribe gad admin telegram-key")
	}
	if c.AccessTokenTTL <= 0 || c.AccessTokenTTL > 10*time.Minute {
		wrong("GAD_ACCESS_TOKEN_TTL: va de 1s a 10m")
	}
	if c.SessionCheck <= 0 || c.SessionCheck > maxSessionCheck {
		wrong("GAD_SESSION_RECHECK: mayor que cero y como mucho %s", maxSessionCheck)
	}
	if c.AlarmReads.Off() || c.AlarmReads.Limit > maxAlarmReads {
		wrong("GAD_ALARM_READS: de 1 a %d lecturas; no se puede apagar", maxAlarmReads)
	}
	mistakes = append(mistakes, c.checkAddresses()...)
	if c.BlobS3URL != "" && (c.BlobS3Bucket == "" || c.BlobS3AccessKey.Reveal() == "" || c.BlobS3SecretKey.Reveal() == "") {
		wrong("GAD_BLOB_S3_URL: hacen falta GAD_BLOB_S3_BUCKET, GAD_BLOB_S3_ACCESS_KEY y GAD_BLOB_S3_SECRET_KEY")
	}
	if c.BlobMaxBytes < 1 || c.BlobOrphanAge < time.Hour {
		wrong("GAD_BLOB_MAX_BYTES: mayor que cero; GAD_BLOB_ORPHAN_AGE: al menos 1h")
	}
	mistakes = append(mistakes, c.checkPolicies()...)
	if c.TelemetryRetentionDays < 1 {
		wrong("GAD_TELEMETRY_RETENTION_DAYS: al menos 1")
	}
	if c.VaultKEKHour < 0 || c.VaultKEKHour > 23 {
		wrong("GAD_VAULT_KEK_HOUR: de 0 a 23")
	}
	if c.LogRetentionDays < 1 {
		wrong("GAD_LOG_RETENTION_DAYS: al menos 1")
	}
	if c.NATSURL.Reveal() == "" && !c.everyRole() {
		wrong("GAD_NATS_URL: vacío embebe el servidor, y eso solo vale donde un proceso corre todos los roles")
	}
	return mistakes
}

// checkAddresses refuses a password in an address that is no secret: it would be printed.
// What is wrong is not quoted.
func (c Config) checkAddresses() (mistakes []error) {
	for name, addresses := range map[string][]string{
		"GAD_PUBLIC_URL": {c.PublicURL}, "GAD_TELEGRAM_API_URL": {c.TelegramAPIURL}, "GAD_TELEGRAM_WEBHOOK_URL": {c.TelegramWebhookURL},
		"GAD_BLOB_S3_URL": {c.BlobS3URL}, "GAD_CORS_ORIGINS": c.CORSOrigins,
	} {
		if slices.ContainsFunc(addresses, credentials) {
			mistakes = append(mistakes, fmt.Errorf("%s: no lleva usuario ni contraseña", name))
		}
	}
	return mistakes
}

// credentials reports an address with a user or a password, readable as an address or not.
func credentials(address string) bool {
	_, rest, ok := strings.Cut(address, "://")
	authority, _, _ := strings.Cut(rest, "/")
	return ok && strings.Contains(authority, "@")
}

func (c Config) everyRole() bool {
	for _, r := range AllRoles() {
		if !c.Has(r) {
			return false
		}
	}
	return true
}
