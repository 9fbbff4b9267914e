package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/grupo-gad/gad/domain/permiso"
)

// TestPostgresKilled kills the database under load: orders answer 503, and
// afterwards every acknowledged one is in the log exactly once and in the read models.
func TestPostgresKilled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, boundedSettings)
	c := w.as(permiso.Supervisor)
	load := newOrderLoad(c)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var workers sync.WaitGroup
	for n := range 8 {
		workers.Go(func() { load.run(ctx, n) })
	}
	eventually(t, "orders go through", func() bool { return load.acknowledged.Load() > 100 })
	if err := w.servers.postgres.Kill(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "orders are refused with 503", func() bool { return load.refused.Load() > 8 })
	if a := c.do("GET", "/livez", nil); a.status != http.StatusOK {
		t.Errorf("/livez answers %d while the database is away", a.status)
	}
	if err := w.servers.postgres.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := load.acknowledged.Load()
	eventually(t, "orders go through again", func() bool { return load.acknowledged.Load() > before+100 })
	stop()
	workers.Wait()
	load.check(w)
}

// orderLoad creates Tareas under keys of its own and remembers what it was told.
type orderLoad struct {
	c                     *client
	acknowledged, refused atomic.Int64
	noRetryAfter          atomic.Int64

	mu       sync.Mutex        // guards the rest
	told     map[string]string // key -> id of the acknowledged Tarea
	open     []string          // keys without an answer
	position int64
}

func newOrderLoad(c *client) *orderLoad { return &orderLoad{c: c, told: map[string]string{}} }

func (l *orderLoad) run(ctx context.Context, worker int) {
	for i := 0; ctx.Err() == nil; i++ {
		key := fmt.Sprintf("carga-%d-%d", worker, i)
		l.heard(key, l.post(key))
	}
}

func (l *orderLoad) post(key string) answer {
	return l.c.do("POST", "/api/v1/tareas", map[string]any{"titulo": "Carga " + key, "tipo": "patrullaje"}, "Idempotency-Key", key)
}

// heard remembers an answer.
func (l *orderLoad) heard(key string, a answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case a.err == nil && a.status == http.StatusCreated:
		var made order
		l.c.want(http.StatusCreated, a, &made)
		if id, again := l.told[key]; again && id != made.ID {
			l.c.t.Errorf("key %s answered with %s and then %s", key, id, made.ID)
		}
		l.told[key], l.position = made.ID, max(l.position, made.Posicion)
		l.acknowledged.Add(1)
	case a.err == nil && a.status == http.StatusServiceUnavailable:
		l.open = append(l.open, key)
		l.refused.Add(1)
		if a.header.Get("Retry-After") == "" {
			l.noRetryAfter.Add(1)
		}
	default:
		l.c.t.Errorf("an order answers %d: %v %s", a.status, a.err, a.body)
	}
}

// settle sends an order that went without an answer again under its key until it is answered:
// a server that comes back may be busy once more, or still be at the order itself.
func (l *orderLoad) settle(key string) {
	l.c.t.Helper()
	eventually(l.c.t, "the order "+key+" is answered", func() bool {
		a := l.post(key)
		var p struct{ Codigo string }
		if a.err == nil && a.status != http.StatusCreated && json.Unmarshal(a.body, &p) == nil &&
			(a.status == http.StatusServiceUnavailable || p.Codigo == "orden_en_curso") {
			return false
		}
		l.heard(key, a)
		return true
	})
}

// check settles what is open, and counts.
func (l *orderLoad) check(w *world) {
	if n := l.noRetryAfter.Load(); n > 0 {
		w.t.Errorf("%d of the 503 had no Retry-After", n)
	}
	for _, key := range l.open {
		l.settle(key)
	}
	var list struct {
		Total int `json:"total"`
	}
	eventually(w.t, "the read model follows", func() bool {
		a := l.c.do("GET", "/api/v1/tareas?limite=1", nil, minPosition(l.position)...)
		if a.status != http.StatusOK {
			return false
		}
		l.c.want(http.StatusOK, a, &list)
		return true
	})
	if list.Total != len(l.told) {
		w.t.Errorf("%d Tareas for %d keys", list.Total, len(l.told))
	}
	for key, id := range l.told {
		if a := l.c.do("GET", "/api/v1/tareas/"+id, nil); a.status != http.StatusOK {
			w.t.Errorf("acknowledged %s (%s) reads %d", key, id, a.status)
		}
	}
	w.wantAudit()
}

// TestRedisAndNATSAway: orders and reads go on, whoever guesses or asks too often is refused as
// ever, and afterwards all is level.
func TestRedisAndNATSAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"GAD_LOGIN_ATTEMPTS": "3", "GAD_LIMIT_REFRESH": "4/1h"})
	c := w.as(permiso.Supervisor)
	create := func(title string) (made order) {
		c.want(http.StatusCreated, c.do("POST", "/api/v1/tareas", map[string]any{"titulo": title, "tipo": "patrullaje"}), &made)
		return made
	}
	create("Antes")
	renewing := w.renewals(permiso.Auditor)
	renewing.renew()
	if err := w.servers.redis.Kill(); err != nil {
		t.Fatal(err)
	}
	w.servers.nats.Stop()
	made := create("Sin Redis ni NATS")
	c.want(http.StatusOK, c.do("GET", "/api/v1/tareas/"+made.ID, nil, minPosition(made.Posicion)...), nil)
	if n := w.programadas(c); n != 2 {
		t.Errorf("without Redis the figures say %d programadas, want 2", n)
	}
	eventually(t, "ready without Redis and NATS", func() bool { return c.do("GET", "/readyz", nil).status == http.StatusOK })
	w.doorHolds(renewing)
	if err := w.servers.redis.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	create("Otra vez")
	eventually(t, "the figures follow after Redis is back", func() bool { return w.programadas(c) == 3 })
	w.wantAudit()
}

// renewals renews one session over and over.
type renewals struct {
	c      *client
	tokens []string // every refresh token of it, the last one not used yet
}

// renewals logs in with the development user of a rol.
func (w *world) renewals(rol permiso.Rol) *renewals {
	w.t.Helper()
	u, _ := w.users.of(rol)
	s := &renewals{c: &client{t: w.t, base: w.at.http}}
	s.take(s.c.do("POST", "/api/v1/auth/login", map[string]string{"email": u.Email, "password": u.Password}))
	return s
}

func (s *renewals) take(a answer) {
	s.c.t.Helper()
	var tokens struct {
		Refresh string `json:"refresh_token"`
	}
	s.c.want(http.StatusOK, a, &tokens)
	s.tokens = append(s.tokens, tokens.Refresh)
}

func (s *renewals) with(token string) answer {
	return s.c.do("POST", "/api/v1/auth/refresh", map[string]string{"refresh_token": token})
}

func (s *renewals) newest() string { return s.tokens[len(s.tokens)-1] }

func (s *renewals) renew() {
	s.c.t.Helper()
	s.take(s.with(s.newest()))
}

// doorHolds tries the door while Redis is away. renewing has renewed once of four times.
func (w *world) doorHolds(renewing *renewals) {
	w.t.Helper()
	// What Redis counted before it fell counts: three more pass.
	for range 3 {
		renewing.renew()
	}
	renewing.c.refused(http.StatusTooManyRequests, "demasiadas_peticiones", renewing.with(renewing.newest()))

	// A token that is used twice ends its session.
	stolen := w.renewals(permiso.Efectivo)
	stolen.renew()
	stolen.renew()
	for _, token := range []string{stolen.tokens[0], stolen.newest()} {
		stolen.c.want(http.StatusUnauthorized, stolen.with(token), nil)
	}

	// Passwords are guessed no faster, and the right one comes too late.
	u, _ := w.users.of(permiso.Administrador)
	login := func(password string) answer {
		return stolen.c.do("POST", "/api/v1/auth/login", map[string]string{"email": u.Email, "password": password})
	}
	for range 3 {
		stolen.c.want(http.StatusUnauthorized, login("no es esta"), nil)
	}
	stolen.c.refused(http.StatusTooManyRequests, "demasiados_intentos", login("tampoco"))
	stolen.c.refused(http.StatusTooManyRequests, "demasiados_intentos", login(u.Password))
}

func (w *world) programadas(c *client) int64 {
	var figures struct {
		Tareas map[string]int64 `json:"tareas"`
	}
	c.want(http.StatusOK, c.do("GET", "/api/v1/estadisticas/resumen", nil), &figures)
	return figures.Tareas["programada"]
}

// wantAudit runs the audits.
func (w *world) wantAudit() {
	w.t.Helper()
	for _, args := range [][]string{{"audit", "verify"}, {"audit", "replay", "--into"}} {
		code, out := w.gad(args...)
		if code != 0 {
			w.t.Errorf("gad %v exits with %d: %s", args, code, out)
		}
	}
}
