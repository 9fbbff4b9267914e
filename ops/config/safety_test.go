package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/grupo-gad/gad/domain/auditoria"
	"github.com/grupo-gad/gad/ops/config"
)

// production is a configuration that nothing is to be said against, in lines.
func production(t *testing.T) []string {
	t.Helper()
	secret := func(name, value string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(value), 0o400); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return []string{
		"GAD_ENV=production", "GAD_HOSTS=gad.example.gob.ar", "GAD_TRUSTED_PROXIES=10.0.0.0/24", "GAD_CORS_ORIGINS=https://mesa.example.gob.ar",
		"GAD_DATABASE_URL_FILE=" + secret("db", "postgres://gad_app:x@db.example:5432/gad?sslmode=verify-full"),
		"GAD_REDIS_URL_FILE=" + secret("redis", "rediss://redis.example:6379/0"), "GAD_NATS_URL=tls://nats.example:4222",
		"GAD_JWT_KEYS_DIR=/etc/gad/jwt", "GAD_VAULT_KEK_FILE=" + secret("kek", strings.Repeat("k", 32)),
	}
}

func TestProductionThatIsSafe(t *testing.T) {
	t.Parallel()
	for _, env := range []string{"GAD_ENV=production", "GAD_ENV=staging"} {
		most := fmt.Sprintf("GAD_ALARM_READS=%d/10m", auditoria.MaxTope)
		if _, err := config.Load(append(production(t), env, most), ""); err != nil {
			t.Errorf("%s: %v", env, err)
		}
	}
}

func TestUnsafeProductionMatrix(t *testing.T) {
	t.Parallel()
	loose := filepath.Join(t.TempDir(), "loose")
	if err := os.WriteFile(loose, []byte("postgres://gad_app:x@db.example/gad?sslmode=verify-full"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(loose, 0o644); err != nil {
		t.Fatal(err)
	}
	without := func(lines []string, names ...string) []string {
		return slices.DeleteFunc(lines, func(l string) bool {
			return slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(l, n+"=") || strings.HasPrefix(l, n+"_FILE=") })
		})
	}
	const db, redis, nats = "GAD_DATABASE_URL", "GAD_REDIS_URL", "GAD_NATS_URL"
	for _, c := range []struct{ line, says string }{
		{"GAD_CORS_ORIGINS=*", "GAD_CORS_ORIGINS"},
		{"GAD_CORS_ORIGINS=null", "GAD_CORS_ORIGINS"},
		{"GAD_CORS_ORIGINS=http://mesa.example", "GAD_CORS_ORIGINS"},
		{"GAD_CORS_ORIGINS=https://*.example", "GAD_CORS_ORIGINS"},
		{"GAD_CORS_ORIGINS=https://mesa.example/", "GAD_CORS_ORIGINS"},
		{"GAD_PASSWORD_MEMORY_KIB=4096", "GAD_PASSWORD_MEMORY_KIB"},
		{"GAD_PASSWORD_PASSES=1", "GAD_PASSWORD_PASSES"},
		{"GAD_HOSTS=", "GAD_HOSTS"},
		{"GAD_HOSTS=*.example", "GAD_HOSTS"},
		{"GAD_TRUSTED_PROXIES=", "GAD_TRUSTED_PROXIES"},
		{"GAD_TRUSTED_PROXIES=0.0.0.0/0", "GAD_TRUSTED_PROXIES"},
		{"GAD_TRUSTED_PROXIES=::/0", "GAD_TRUSTED_PROXIES"},
		{nats + "=nats://nats.example:4222", nats},
		{nats + "=tls://a:4222,nats://b:4222", nats},
		{"GAD_LIMIT_ORDERS=off", "GAD_LIMIT_ORDERS"},
		{"GAD_LIMIT_PUBLIC=off", "GAD_LIMIT_PUBLIC"},
		{"GAD_LIMIT_READS=off", "GAD_LIMIT_READS"},
		{"GAD_LIMIT_TELEMETRY=off", "GAD_LIMIT_TELEMETRY"},
		{"GAD_LIMIT_REFRESH=off", "GAD_LIMIT_REFRESH"},
		{"GAD_LIMIT_SOCKETS=off", "GAD_LIMIT_SOCKETS"},
		{"GAD_ALARM_READS=off", "GAD_ALARM_READS"},
		{fmt.Sprintf("GAD_ALARM_READS=%d/10m", auditoria.MaxTope+1), "GAD_ALARM_READS"},
		{"GAD_DATABASE_STATEMENT_TIMEOUT=0s", "GAD_DATABASE_STATEMENT_TIMEOUT"},
		{"GAD_DATABASE_LOCK_TIMEOUT=0s", "GAD_DATABASE_LOCK_TIMEOUT"},
		{"GAD_DATABASE_IDLE_TRANSACTION_TIMEOUT=0s", "GAD_DATABASE_IDLE_TRANSACTION_TIMEOUT"},
		{"GAD_HANDLER_TIMEOUT=0s", "GAD_HANDLER_TIMEOUT"},
		{"GAD_LOGIN_TRUSTED=0.0.0.0/0", "GAD_LOGIN_TRUSTED"},
		{"GAD_SECOND_FACTOR=optional", "GAD_SECOND_FACTOR"},
		{nats + "=tls://gad:c4n4ry@nats.example:4222", "en archivos"},
		{"GAD_JWT_KEYS_DIR=", "GAD_JWT_KEYS_DIR"},
		{"GAD_VAULT_KEK_FILE=", "GAD_VAULT_KEK_FILE"},
		{"GAD_TELEGRAM_API_URL=http://localhost", "GAD_TELEGRAM_API_URL"},
		{db + "_FILE=" + loose, "0400"},
		{db + "=postgres://gad_app:x@db.example/gad?sslmode=verify-full", "en archivos"},
		{db + "=postgres://gad_app:x@db.example/gad", "verify-full"},
		{db + "=postgres://gad_app:x@db.example/gad?sslmode=require", "verify-full"},
		{db + "=postgres://gad_app:x@db.example/gad?sslmode=verify-ca", "verify-full"},
		{db + "=postgres://gad_app:x@127.0.0.1/gad?sslmode=disable", "verify-full"},
		{db + "=host=db.example sslmode=disable", "verify-full"},
		{redis + "=redis://redis.example:6379", redis},
		{redis + "=rediss://redis.example:6379?skip_verify=true", redis},
	} {
		name, _, _ := strings.Cut(c.line, "=")
		lines := without(production(t), strings.TrimSuffix(name, "_FILE"))
		if _, err := config.Load(append(lines, c.line), ""); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.line, err)
		}
	}
	// All reasons at once, and no secret among them.
	_, err := config.Load([]string{
		"GAD_ENV=production", db + "=postgres://u:c4n4ry@h/db", redis + "=redis://:c4n4ry@h", nats + "=nats://u:c4n4ry@h:4222", "GAD_ALARM_READS=off",
		"GAD_CORS_ORIGINS=https://u:c4n4ry@mesa.example", "GAD_PUBLIC_URL=https://u:c4n4ry@gad.example", "GAD_BLOB_S3_URL=https://u:c4n4ry@s3.example",
		"GAD_TELEGRAM_API_URL=https://u:c4n4ry@t.example", "GAD_TELEGRAM_WEBHOOK_URL=https://u:c4n4ry@t.example", "GAD_SECOND_FACTOR=optional",
		"GAD_LIMIT_PUBLIC=off", "GAD_LIMIT_READS=off", "GAD_LIMIT_ORDERS=off", "GAD_LIMIT_TELEMETRY=off", "GAD_LIMIT_REFRESH=off", "GAD_LIMIT_SOCKETS=off",
		"GAD_DATABASE_STATEMENT_TIMEOUT=0s", "GAD_DATABASE_LOCK_TIMEOUT=0s", "GAD_DATABASE_IDLE_TRANSACTION_TIMEOUT=0s", "GAD_HANDLER_TIMEOUT=0s",
	}, "")
	if err == nil || strings.Contains(err.Error(), "c4n4ry") {
		t.Fatalf("the reasons are %v", err)
	}
	for _, reason := range []string{
		"GAD_HOSTS:", "GAD_TRUSTED_PROXIES:", "GAD_JWT_KEYS_DIR:", "GAD_VAULT_KEK_FILE:", "GAD_DATABASE_URL: hace falta sslmode", "GAD_DATABASE_URL: los secretos",
		"GAD_REDIS_URL: hace falta rediss", "GAD_REDIS_URL: los secretos", "GAD_NATS_URL: hace falta tls", "GAD_NATS_URL: los secretos", "GAD_ALARM_READS:",
		"GAD_CORS_ORIGINS: no lleva", "GAD_PUBLIC_URL: no lleva", "GAD_BLOB_S3_URL: no lleva", "GAD_TELEGRAM_API_URL: no lleva", "GAD_TELEGRAM_WEBHOOK_URL: no lleva",
		"GAD_SECOND_FACTOR:", "GAD_LIMIT_PUBLIC:", "GAD_LIMIT_READS:", "GAD_LIMIT_ORDERS:", "GAD_LIMIT_TELEMETRY:", "GAD_LIMIT_REFRESH:", "GAD_LIMIT_SOCKETS:",
		"GAD_DATABASE_STATEMENT_TIMEOUT:", "GAD_DATABASE_LOCK_TIMEOUT:", "GAD_DATABASE_IDLE_TRANSACTION_TIMEOUT:", "GAD_HANDLER_TIMEOUT:",
	} {
		if !strings.Contains(err.Error(), reason) {
			t.Errorf("%s is not among the reasons: %v", reason, err)
		}
	}
}

func TestRates(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"60/1m": "60/1m", "60/1m:20": "60/1m:20", "off": "off", "5/90s": "5/1m30s"} {
		var r config.Rate
		if err := r.UnmarshalText([]byte(text)); err != nil || r.String() != want {
			t.Errorf("%s is read as %s, %v", text, r, err)
		}
	}
	for _, text := range []string{"", "60", "0/1m", "-1/1m", "60/1ns", "60/1m:", "60/1m:0", "60/48h", "x/1m", "60/x"} {
		var r config.Rate
		if err := r.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q passes for a rate", text)
		}
	}
}

// TestNothingSkipsVerification reads the program for ways around TLS.
func TestNothingSkipsVerification(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != root || d.Name() == "node_modules"):
			return filepath.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(path)
		for _, way := range []string{"InsecureSkip" + "Verify", "sslmode=" + "require", "sslmode=" + "prefer", "sslmode=" + "allow", "VerifyPeer" + "Certificate"} {
			if strings.Contains(string(text), way) {
				t.Errorf("%s: %s", path, way)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
