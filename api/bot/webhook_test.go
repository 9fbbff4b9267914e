package bot_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/grupo-gad/gad/api/bot"
)

// The webhook takes updates from whoever knows the secret, and says 200 only
// for what is stored.
func TestWebhook(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	secret := strings.Repeat("ab", 32)
	w.deps.WebhookURL, w.deps.WebhookSecret = "https://gad.example/telegram", secret
	b, err := bot.New(w.deps)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(b.Webhook())
	t.Cleanup(server.Close)
	send := func(method, secret, body string) int {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, server.URL, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
		answer, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		return answer.StatusCode
	}
	const good = `{"update_id":7,"message":{"message_id":1,"date":1,"from":{"id":9,"is_bot":false,"first_name":"x"},"chat":{"id":9,"type":"private"},"text":"/ayuda"}}`
	for _, c := range []struct {
		name, method, secret, body string
		want                       int
	}{
		{"no secret", "POST", "", good, 401},
		{"another secret", "POST", strings.Repeat("ba", 32), good, 401},
		{"a longer secret", "POST", secret + "a", good, 401},
		{"not a POST", "PUT", secret, good, 405},
		{"not JSON", "POST", secret, `{"update_id":`, 400},
		{"too large", "POST", secret, `"` + strings.Repeat("x", 1<<20) + `"`, 413},
		{"an update", "POST", secret, good, 200},
		{"the same again", "POST", secret, good, 200},
	} {
		if got := send(c.method, c.secret, c.body); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	var kept int
	if err := w.db.Owner.QueryRow(t.Context(), `select count(*) from buzon.entrada`).Scan(&kept); err != nil || kept != 1 {
		t.Errorf("the inbox holds %d, %v", kept, err)
	}
	if _, err := w.db.Owner.Exec(t.Context(), `revoke insert on buzon.entrada from gad_aplicacion`); err != nil {
		t.Fatal(err)
	}
	if got := send("POST", secret, strings.Replace(good, "7", "8", 1)); got != http.StatusServiceUnavailable {
		t.Errorf("with nowhere to store: %d", got)
	}
	w.deps.WebhookSecret = "short"
	if _, err := bot.New(w.deps); err == nil {
		t.Error("a short secret was taken")
	}
}
