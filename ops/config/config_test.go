package config_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grupo-gad/gad/ops/config"
)

func TestDefaultsAreValid(t *testing.T) {
	t.Parallel()
	c, err := config.Load(nil, "")
	if err != nil {
		t.Fatal(err)
	}
	if c.HTTPAddr != "127.0.0.1:8080" || !c.Has("relay") || c.Has("nadie") {
		t.Errorf("defaults are %+v", c)
	}
}

func TestEveryMistakeAtOnce(t *testing.T) {
	t.Parallel()
	_, err := config.Load([]string{
		"GAD_ENV=prod", "GAD_TIMEZONE=Marte/Olympus", "GAD_ROLES=api,cocina",
		"GAD_TRUSTED_PROXIES=10.0.0.0/40", "GAD_ACCESS_TOKEN_TTL=1h", "GAD_HTTP_ADR=:80",
		"GAD_BLOB_S3_URL=https://s3.test", "GAD_BLOB_ORPHAN_AGE=1s", "GAD_SESSION_RECHECK=26s",
	}, "")
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"GAD_ENV", "GAD_TIMEZONE", "cocina", "GAD_TRUSTED_PROXIES", "GAD_ACCESS_TOKEN_TTL", "GAD_HTTP_ADR", "GAD_NATS_URL", "GAD_BLOB_S3_BUCKET", "GAD_BLOB_ORPHAN_AGE", "GAD_SESSION_RECHECK"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error does not mention %s: %v", want, err)
		}
	}
}

func TestFileThenEnvironment(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	token := filepath.Join(dir, "token")
	file := filepath.Join(dir, "gad.env")
	for path, content := range map[string]string{
		token: "123:abc\n",
		file:  "# comment\nGAD_OPS_ADDR=127.0.0.1:1\nGAD_HTTP_ADDR=127.0.0.1:2\nGAD_TELEGRAM_TOKEN_FILE=" + token + "\n",
	} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := config.Load([]string{"GAD_HTTP_ADDR=127.0.0.1:3"}, file)
	if err != nil {
		t.Fatal(err)
	}
	if c.OpsAddr != "127.0.0.1:1" || c.HTTPAddr != "127.0.0.1:3" || c.TelegramToken.Reveal() != "123:abc" {
		t.Errorf("got %s, %s, token %d bytes", c.OpsAddr, c.HTTPAddr, len(c.TelegramToken.Reveal()))
	}
}

func TestSecretsNeverShow(t *testing.T) {
	t.Parallel()
	const planted = "postgres://u:c4n4ry@h/db"
	c, err := config.Load([]string{
		"GAD_DATABASE_URL=" + planted, "GAD_MIGRATE_DATABASE_URL=" + planted, "GAD_NOTARY_DATABASE_URL=" + planted,
		"GAD_REDIS_URL=rediss://:c4n4ry@h", "GAD_NATS_URL=tls://u:c4n4ry@h:4222", "GAD_BLOB_S3_SECRET_KEY=c4n4ry", "GAD_TELEGRAM_TOKEN=c4n4ry",
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := config.Print(&out, c); err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{out.String(), string(asJSON), fmt.Sprintf("%v %+v %#v %s", c, c, c.DatabaseURL, c.DatabaseURL)} {
		if strings.Contains(text, "c4n4ry") {
			t.Errorf("the secret shows in %s", text)
		}
	}
}

func TestEverySettingSaysWhatItMeans(t *testing.T) {
	t.Parallel()
	for _, s := range config.Settings() {
		if s.Meaning == "" || s.Name == config.Prefix {
			t.Errorf("setting %+v has no name or meaning", s)
		}
	}
}

func TestDelaysOfThePolicies(t *testing.T) {
	t.Parallel()
	c, err := config.Load([]string{"GAD_RECORDATORIOS=30m,5m", "GAD_SOS_REPETIR=90s"}, "")
	if err != nil || len(c.Recordatorios) != 2 || c.SOSRepetir[0].Seconds() != 90 {
		t.Errorf("%v, %v, %v", c.Recordatorios, c.SOSRepetir, err)
	}
	for _, bad := range []string{
		"GAD_RECORDATORIOS=10m,40m", "GAD_RECORDATORIOS=90s", "GAD_RECORDATORIOS=4m,3m,2m,1m", "GAD_RECORDATORIOS=10m,10m", "GAD_SOS_REPETIR=3m,1m",
		"GAD_SOS_REPETIR=0s", "GAD_SOS_REPETIR=1m,2m,3m,4m,5m,6m", "GAD_VENCIDA_TOLERANCIA=-1s", "GAD_EMERGENCIA_PLAZO=0s", "GAD_EMERGENCIA_ANTIGUEDAD=0s",
		"GAD_SIN_EFECTIVOS_BUSCAR=0s", "GAD_SIGNAL_PERIOD=-1m", "GAD_SIGNAL_MISSED=0", "GAD_CRUCE_ESPERA=-1s", "GAD_CRUCE_POSICIONES=0", "GAD_LLEGADA_RADIO_M=0",
		"GAD_LLEGADA_RADIO_M=NaN", "GAD_POSICION_PRECISION_M=NaN", "GAD_LLEGADA_ESPERA=-1s", "GAD_COBERTURA_CADA=0s", "GAD_EMERGENCIA_RADIO_M=-1", "GAD_EMERGENCIA_VELOCIDAD_MPS=0",
	} {
		name, _, _ := strings.Cut(bad, "=")
		if _, err := config.Load([]string{bad}, ""); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
