package config_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grupo-gad/gad/ops/config"
)

// holder keeps a secret where fmt cannot call its methods.
type holder struct {
	name  string
	token config.Secret
}

func TestSecretUnderEveryVerb(t *testing.T) {
	t.Parallel()
	s := config.NewSecret("c4n4ry")
	h := holder{"bot", s}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o"} {
		_, _ = fmt.Fprintf(&out, verb+" "+verb+" "+verb+"\n", s, &s, h)
	}
	slog.New(slog.NewTextHandler(&out, nil)).InfoContext(t.Context(), "x", slog.Any("secret", s), slog.Any("holder", h))
	slog.New(slog.NewJSONHandler(&out, nil)).InfoContext(t.Context(), "x", slog.Any("secret", s), slog.Any("holder", h))
	for _, leak := range []string{"c4n4ry", "63346e347279", "63346E347279", "99 52 110"} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("%s shows in\n%s", leak, out.String())
		}
	}
	if h.name != "bot" || s.Reveal() != "c4n4ry" {
		t.Error("the holder lost what it holds")
	}
	if none := (config.Secret{}); none.Reveal() != "" || none.String() != "" {
		t.Errorf("no secret = %q, %q", none.Reveal(), none.String())
	}
}

func TestFileMistakes(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "gad.env")
	const content = "\nGAD_HTTP_ADDR=127.0.0.1:1\nsin sentido c4n4ry\nPATH=/bin\n" +
		"GAD_TELEGRAM_TOKEN=a\nGAD_TELEGRAM_TOKEN_FILE=/nonexistent\nGAD_REDIS_URL_FILE=/nonexistent/redis\n"
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := config.Load(nil, file)
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"línea 3", "línea 4", "GAD_TELEGRAM_TOKEN", "GAD_REDIS_URL_FILE"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error does not mention %s: %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "c4n4ry") {
		t.Errorf("a line that may hold a secret is quoted: %v", err)
	}
	if _, err := config.Load(nil, filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file = %v", err)
	}
}

func TestBoundsAndRoles(t *testing.T) {
	t.Parallel()
	_, err := config.Load([]string{"GAD_ACCESS_TOKEN_TTL=0s", "GAD_TELEMETRY_RETENTION_DAYS=0", "GAD_WS_TICK=pronto", "GAD_TEST_ANYTHING=1", "HOME=/x"}, "")
	if err == nil || !strings.Contains(err.Error(), "WSTick") && !strings.Contains(err.Error(), "WS_TICK") {
		t.Errorf("error = %v, want the setting that cannot be read", err)
	}
	if err != nil && strings.Contains(err.Error(), "GAD_TEST_ANYTHING") {
		t.Errorf("a name of the tests is refused: %v", err)
	}
	c, err := config.Load([]string{"GAD_ENV=test", "GAD_ROLES=live", "GAD_NATS_URL=nats://127.0.0.1:4222"}, "")
	if err != nil || !c.Test() || c.Has("api") || !c.Has("live") {
		t.Errorf("one role with a NATS of its own: %+v, %v", c, err)
	}
	if _, err := config.Load([]string{"GAD_VAULT_KEK_HOUR=24"}, ""); err == nil {
		t.Error("an hour that no day has")
	}
	if _, err := config.Load([]string{"GAD_LOG_RETENTION_DAYS=0"}, ""); err == nil {
		t.Error("a log that is kept for no day")
	}
	if _, err := config.Load([]string{"GAD_TELEMETRY_RETENTION_DAYS=0"}, ""); err == nil {
		t.Error("no retention was accepted")
	}
}

// broken is a terminal that has gone.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestPrintFails(t *testing.T) {
	t.Parallel()
	if err := config.Print(broken{}, config.Config{}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("print to nobody = %v", err)
	}
}

// What is shown of a setting is its value, and of a secret only that there is one.
func TestShown(t *testing.T) {
	t.Parallel()
	c := config.Config{HTTPAddr: "127.0.0.1:1", RedisURL: config.NewSecret("redis://:c4n4ry@here")}
	shown := map[string]string{}
	for _, s := range config.Settings() {
		shown[s.Name] = c.Shown(s)
	}
	if shown["GAD_HTTP_ADDR"] != "127.0.0.1:1" || shown["GAD_REDIS_URL"] != "[secreto]" || shown["GAD_NATS_URL"] != "" {
		t.Errorf("shown %q, %q, %q", shown["GAD_HTTP_ADDR"], shown["GAD_REDIS_URL"], shown["GAD_NATS_URL"])
	}
}
