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
		"GAD_BLOB_S3_URL=https://s3.test", "GAD_BLOB_ORPHAN_AGE=1s",
	}, "")
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"GAD_ENV", "GAD_TIMEZONE", "cocina", "GAD_TRUSTED_PROXIES", "GAD_ACCESS_TOKEN_TTL", "GAD_HTTP_ADR", "GAD_NATS_URL", "GAD_BLOB_S3_BUCKET", "GAD_BLOB_ORPHAN_AGE"} {
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
	c, err := config.Load([]string{"GAD_DATABASE_URL=" + planted}, "")
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
