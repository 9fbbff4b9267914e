package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/api/bot/bottest"
	"github.com/grupo-gad/gad/eventstore/vault"
)

// TestSecretsAreReadAgain replaces every secret of a running gad serve, one SIGHUP for all: the
// password and the authority of the database, those of Redis and NATS, a signing key, the token
// of the bot, a key of the vault. A mistake among them changes nothing.
func TestSecretsAreReadAgain(t *testing.T) {
	t.Parallel()
	address := loopback(t)
	first, second := newAuthority(t, "first"), newAuthority(t, "second")
	s := newSecured(t, first.server(address, time.Now().Add(-time.Minute)), address)
	telegram := bottest.Start()
	t.Cleanup(telegram.Close)

	ca, jwt := s.path("ca.pem"), s.path("jwt")
	redisURL := func(password string) string {
		return fmt.Sprintf("rediss://:%s@%s:%d/0", password, address, redisTLSPort)
	}
	s.write(ca, first.pem(), 0o400)
	s.write(s.path("database.url"), []byte(s.database("primera clave", ca)), 0o400)
	s.write(s.path("redis.url"), []byte(redisURL("r1")), 0o400)
	s.write(s.path("token"), []byte("987654321:BBbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"), 0o400)
	if err := s.admin.ConfigSet(t.Context(), "requirepass", "r1").Err(); err != nil {
		t.Fatal(err)
	}
	if err := vault.CreateKEK(s.path("kek")); err != nil {
		t.Fatal(err)
	}
	keys, err := auth.LoadKeys(jwt, true, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	s.write(s.path("gad.env"), []byte(strings.Join([]string{
		"GAD_DATABASE_URL_FILE=" + s.path("database.url"), "GAD_REDIS_URL_FILE=" + s.path("redis.url"), "GAD_TELEGRAM_TOKEN_FILE=" + s.path("token"),
		fmt.Sprintf("GAD_NATS_URL=tls://%s:%d", address, natsTLSPort), "GAD_TLS_CA_FILE=" + ca, "GAD_JWT_KEYS_DIR=" + jwt,
		"GAD_VAULT_KEK_FILE=" + s.path("kek"), "GAD_HTTP_ADDR=127.0.0.1:0", "GAD_OPS_ADDR=127.0.0.1:0", "GAD_TELEGRAM_API_URL=" + telegram.URL,
		"GAD_LIMIT_PUBLIC=off",
	}, "\n")), 0o600)
	p := s.runServe(s.path("gad.env"))
	eventually(t, "everything is up", func() bool { return p.healthy(t, "postgres", "redis", "nats") })
	if n := p.signingKeys(t); n != 1 {
		t.Errorf("%d signing keys", n)
	}
	if telegram.Unacknowledged() != 0 || len(telegram.Calls("setMyCommands")) != 0 {
		t.Error("Telegram took calls with another token")
	}

	// A mistake: nothing changes.
	if err := keys.Rotate(); err != nil {
		t.Fatal(err)
	}
	for name, right := range map[string]string{"redis.url": redisURL("r1"), "token": "987654321:BBbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"} {
		s.write(s.path(name), []byte("esto no es lo que tiene que ser"), 0o400)
		p.hangup(t, "were not read again")
		s.write(s.path(name), []byte(right), 0o400)
	}
	eventually(t, "everything is up after a reload that failed", func() bool { return p.healthy(t, "postgres", "redis", "nats") })

	// Everything at once.
	s.serve(second.server(address, time.Now().Add(-time.Minute)))
	s.password("gad_app", "segunda clave")
	s.write(ca, second.pem(), 0o400)
	s.write(s.path("database.url"), []byte(s.database("segunda clave", ca)), 0o400)
	s.write(s.path("redis.url"), []byte(redisURL("r2")), 0o400)
	s.write(s.path("token"), []byte(bottest.Token), 0o400)
	if err := vault.CreateKEK(s.path("kek.next")); err != nil {
		t.Fatal(err)
	}
	p.hangup(t, "were read again")
	if err := s.admin.ConfigSet(t.Context(), "requirepass", "r2").Err(); err != nil {
		t.Fatal(err)
	}
	// Every connection of before is cut: what comes back does so with the new secrets.
	if err := s.admin.Do(t.Context(), "client", "kill", "type", "normal", "skipme", "yes").Err(); err != nil {
		t.Fatal(err)
	}
	clients, err := s.nats.Connz(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range clients.Conns {
		if err := s.nats.DisconnectClientByID(c.Cid); err != nil {
			t.Fatal(err)
		}
	}
	s.superuser(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'gad_app'`)
	eventually(t, "everything is up again", func() bool { return p.healthy(t, "postgres", "redis", "nats", "disyuntor_postgres", "disyuntor_redis") })
	if n := p.signingKeys(t); n != 2 {
		t.Errorf("%d signing keys after a rotation", n)
	}
	if _, ok := telegram.Await(patience, func(calls []bottest.Call) bool { return len(calls) > 0 }, "setMyCommands"); !ok {
		t.Error("the bot does not speak with its new token")
	}
}

// program is a gad serve of its own.
type program struct {
	cmd   *exec.Cmd
	base  string
	lines chan string // its log
}

// runServe starts gad serve as a process and waits for its address.
func (s *secured) runServe(settings string) *program {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.t.Context()), 10*time.Minute)
	self, err := os.Executable()
	if err != nil {
		s.t.Fatal(err)
	}
	p := &program{cmd: exec.CommandContext(ctx, self, "serve", "--config", settings), lines: make(chan string, 10_000)}
	p.cmd.Env = append(os.Environ(), asProgram+"=1")
	for name, value := range patientSettings {
		p.cmd.Env = append(p.cmd.Env, name+"="+value)
	}
	p.cmd.Dir = filepath.Dir(settings)
	out, err1 := p.cmd.StdoutPipe()
	log, err2 := p.cmd.StderrPipe()
	if err1 != nil || err2 != nil {
		s.t.Fatal(err1, err2)
	}
	if err := p.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		for lines := bufio.NewScanner(log); lines.Scan(); {
			_, _ = testLog{s.t}.Write(lines.Bytes())
			p.lines <- lines.Text()
		}
	}()
	s.t.Cleanup(func() {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		<-read
		if err := p.cmd.Wait(); err != nil {
			s.t.Errorf("gad serve ended with %v", err)
		}
		cancel()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	at, ok := strings.CutPrefix(strings.TrimSpace(line), "listo ")
	if err != nil || !ok {
		s.t.Fatalf("gad serve says %q, %v", line, err)
	}
	p.base = at
	return p
}

// hangup sends SIGHUP and waits for what the log says of it.
func (p *program) hangup(t *testing.T, want string) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	deadline := time.After(patience)
	for {
		select {
		case line := <-p.lines:
			if strings.Contains(line, "the secrets "+want) {
				return
			}
		case <-deadline:
			t.Fatalf("the log does not say that the secrets %s", want)
		}
	}
}

// healthy reports whether /health finds these well.
func (p *program) healthy(t *testing.T, names ...string) bool {
	t.Helper()
	a := (&client{t: t, base: p.base}).do(http.MethodGet, "/health", nil)
	var report struct {
		Checks []struct{ Name, State string }
	}
	if a.err != nil || json.Unmarshal(a.body, &report) != nil {
		return false
	}
	well := 0
	for _, c := range report.Checks {
		for _, name := range names {
			if c.Name == name && c.State == "ok" {
				well++
			}
		}
	}
	return well == len(names)
}

func (p *program) signingKeys(t *testing.T) int {
	t.Helper()
	var set struct{ Keys []any }
	c := &client{t: t, base: p.base}
	c.want(http.StatusOK, c.do(http.MethodGet, "/.well-known/jwks.json", nil), &set)
	return len(set.Keys)
}
