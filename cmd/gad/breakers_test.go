package main

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/grupo-gad/gad/api/bot/bottest"
	"github.com/grupo-gad/gad/domain/permiso"
)

// TestBreakersOpen takes NATS and Telegram away: each breaker opens and shows it, the others
// stay closed, orders go on, and a caller's own mistakes open nothing.
func TestBreakersOpen(t *testing.T) {
	t.Parallel()
	telegram := bottest.Start()
	w := newWorld(t, map[string]string{"GAD_TELEGRAM_TOKEN": bottest.Token, "GAD_TELEGRAM_API_URL": telegram.URL})
	c := w.as(permiso.Supervisor)
	for range 10 {
		c.want(http.StatusUnprocessableEntity, c.do("POST", "/api/v1/tareas", map[string]any{}), nil)
		c.want(http.StatusNotFound, c.do("GET", "/api/v1/tareas/TAR-0000-999999", nil), nil)
	}
	state := func(name string) (state string) {
		var report struct {
			Checks []struct{ Name, State string }
		}
		if a := c.do("GET", "/health", nil); a.err != nil || json.Unmarshal(a.body, &report) != nil {
			t.Fatalf("%v %s", a.err, a.body)
		}
		for _, check := range report.Checks {
			if check.Name == name {
				state = check.State
			}
		}
		return state
	}
	for _, name := range []string{"postgres", "redis", "nats", "telegram"} {
		eventually(t, "the breaker of "+name+" is closed while all is well", func() bool { return state("disyuntor_"+name) == "ok" })
	}
	telegram.Close()
	w.servers.nats.Stop()
	c.want(http.StatusCreated, c.do("POST", "/api/v1/tareas", map[string]any{"titulo": "Patrulla", "tipo": "patrullaje"}), nil)
	for _, name := range []string{"nats", "telegram"} {
		eventually(t, "the breaker of "+name+" opens", func() bool { return state("disyuntor_"+name) == "down" })
	}
	for _, name := range []string{"postgres", "redis"} {
		eventually(t, "the breaker of "+name+" is closed", func() bool { return state("disyuntor_"+name) == "ok" })
	}
	eventually(t, "ready without NATS and Telegram", func() bool { return c.do("GET", "/readyz", nil).status == http.StatusOK })
	resp, err := http.Get(w.at.ops + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`gad_breaker_opened_total{dependency="nats"} `, `gad_breaker_opened_total{dependency="telegram"} `} {
		if _, after, ok := strings.Cut(string(text), want); !ok || strings.HasPrefix(after, "0") {
			t.Errorf("/metrics does not count %s", want)
		}
	}
}
