package live_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"github.com/grupo-gad/gad/api/live"
	"github.com/grupo-gad/gad/api/problem"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
)

func TestMain(m *testing.M) {
	// The tests' PostgreSQL lives as long as the process.
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/grupo-gad/gad/ops/local.launch.func1"),
		goleak.IgnoreAnyFunction("github.com/grupo-gad/gad/ops/local.watch.func2"))
}

func TestOrigins(t *testing.T) {
	t.Parallel()
	n := newNode(t, nil)
	for _, c := range []struct {
		origin []string
		status int
	}{
		{nil, http.StatusSwitchingProtocols}, // not a browser
		{[]string{origin}, http.StatusSwitchingProtocols},
		{[]string{"https://gad.example.evil"}, http.StatusForbidden},
		{[]string{"http://gad.example"}, http.StatusForbidden},
		{[]string{"https://GAD.example"}, http.StatusForbidden},
		{[]string{"null"}, http.StatusForbidden},
		{[]string{""}, http.StatusForbidden},
		{[]string{origin, origin}, http.StatusForbidden},
	} {
		header := http.Header{}
		if c.origin != nil {
			header["Origin"] = c.origin
		}
		conn, answer, err := websocket.DefaultDialer.DialContext(t.Context(), n.url, header)
		if answer == nil {
			t.Fatalf("origin %q: %v", c.origin, err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != c.status {
			t.Errorf("origin %q: status %d, want %d", c.origin, answer.StatusCode, c.status)
		}
		if conn != nil {
			_ = conn.Close()
		}
	}
}

// What asks for no socket is answered as REST would.
func TestNoUpgrade(t *testing.T) {
	t.Parallel()
	n := newNode(t, nil)
	for name, header := range map[string]http.Header{
		"nothing of it": {},
		"half of it":    {"Connection": {"Upgrade"}, "Upgrade": {"websocket"}},
		"an old one":    {"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"8"}, "Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http"+strings.TrimPrefix(n.url, "ws"), nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header = header
		answer, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var p struct{ Codigo string }
		err = json.NewDecoder(answer.Body).Decode(&p)
		_ = answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusBadRequest || answer.Header.Get("Content-Type") != problem.ContentType || p.Codigo != "peticion_invalida" {
			t.Errorf("%s: %s, %s, %s (%v)", name, answer.Status, answer.Header.Get("Content-Type"), p.Codigo, err)
		}
	}
}

func TestDoor(t *testing.T) {
	t.Parallel()
	n := newNode(t, func(d *live.Deps) { d.Tickets = live.NewTickets(0) })
	impatient := newNode(t, func(d *live.Deps) { d.Limits.Hello = 200 * time.Millisecond })
	good := n.token(permiso.Supervisor)
	for name, c := range map[string]struct {
		say  any
		code int
	}{
		"silence":         {nil, live.CloseAuth},
		"forged token":    {map[string]any{"type": "hello", "token": "forged", "topics": []string{}}, live.CloseAuth},
		"no token":        {map[string]any{"type": "hello", "topics": []string{}}, live.CloseAuth},
		"forged ticket":   {map[string]any{"type": "hello", "ticket": "forged", "topics": []string{}}, live.CloseAuth},
		"both":            {map[string]any{"type": "hello", "ticket": "x", "token": good, "topics": []string{}}, live.CloseAuth},
		"not a hello":     {map[string]any{"type": "subscribe", "topics": []string{"tareas"}}, live.CloseAuth},
		"unknown topic":   {map[string]any{"type": "hello", "token": good, "topics": []string{"todo"}}, live.CloseForbidden},
		"bad zona":        {map[string]any{"type": "hello", "token": good, "topics": []string{"zona:1"}}, live.CloseForbidden},
		"21 topics":       {map[string]any{"type": "hello", "token": good, "topics": strings.Split(strings.Repeat("tareas ", 21), " ")[:21]}, live.CloseForbidden},
		"impossible view": {map[string]any{"type": "hello", "token": good, "topics": []string{}, "view": map[string]any{"bbox": []float64{0, 10, 0, -10}, "zoom": 3}}, live.CloseForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := n
			if c.say == nil {
				at = impatient
			}
			r := at.dial()
			r.t = t
			if c.say != nil {
				r.send(c.say)
			}
			if code, reason := r.closed(); code != c.code {
				t.Errorf("closed with %d %q, want %d", code, reason, c.code)
			}
		})
	}
}

func TestTicketsWorkOnce(t *testing.T) {
	t.Parallel()
	tickets := live.NewTickets(0)
	n := newNode(t, func(d *live.Deps) { d.Tickets = tickets })
	text, _, err := tickets.Issue(live.Identity{Autor: jefe(), Exp: time.Now().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	first := n.dial()
	first.send(map[string]any{"type": "hello", "ticket": text, "topics": []string{"tareas"}})
	if f := first.read(); f.Type != "welcome" {
		t.Fatalf("got %+v", f)
	}
	second := n.dial()
	second.send(map[string]any{"type": "hello", "ticket": text, "topics": []string{"tareas"}})
	if code, _ := second.closed(); code != live.CloseAuth {
		t.Errorf("a used ticket closed with %d", code)
	}
}

func TestBadFramesAreAnsweredAndHarmless(t *testing.T) {
	t.Parallel()
	n := newNode(t, nil)
	r := n.hello(n.token(permiso.Supervisor), "tareas")
	r.until("snapshot")
	for _, text := range []string{
		`{`, `[]`, `"pong"`, `{"type":"pong","extra":1}`, `{"type":"pong","type":"pong"}`, `{"type":"pong"} x`,
		"{\"type\":\"\xff\"}", `{"type":"dance"}`, `{"type":"view","bbox":[1,2,3]}`, `{"type":"view","bbox":[0,0,0,1e999]}`,
		`{"type":"subscribe","topics":["usuarios"]}`,
	} {
		if err := r.conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if f := r.until("error"); f.Code == "" || f.Detail == "" {
			t.Errorf("%s: answered %+v", text, f)
		}
	}
	nueva(t, n.store, jefe().Usuario, tarea.Media)
	r.until("event")
}

func TestFlood(t *testing.T) {
	t.Parallel()
	n := newNode(t, nil)
	for name, kind := range map[string]int{"frames": websocket.TextMessage, "pings": websocket.PingMessage} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := n.hello(n.token(permiso.Supervisor), "tareas")
			r.t = t
			r.until("welcome")
			for range 60 {
				if r.conn.WriteMessage(kind, []byte(`{"type":"pong"}`)) != nil {
					break // closed meanwhile
				}
			}
			if code, _ := r.closed(); code != live.CloseFlood {
				t.Errorf("closed with %d", code)
			}
		})
	}
}

func TestOversize(t *testing.T) {
	t.Parallel()
	n := newNode(t, nil)
	for _, size := range []int{5_000, 60_000} {
		r := n.hello(n.token(permiso.Supervisor), "tareas")
		r.until("welcome")
		if err := r.conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"`+strings.Repeat("x", size)+`"}`)); err != nil {
			t.Fatal(err)
		}
		if code, _ := r.closed(); code != live.CloseTooBig {
			t.Errorf("%d bytes closed with %d", size, code)
		}
	}
}

func TestConnectionLimits(t *testing.T) {
	t.Parallel()
	t.Run("per user", func(t *testing.T) {
		t.Parallel()
		n := newNode(t, func(d *live.Deps) { d.Limits.PerUser = 2 })
		token := n.token(permiso.Supervisor)
		first := n.hello(token)
		first.until("welcome")
		n.hello(token).until("welcome")
		if code, _ := n.hello(token).closed(); code != live.CloseFull {
			t.Errorf("third closed with %d", code)
		}
		n.hello(n.token(permiso.Supervisor)).until("welcome")
		// A place that is left can be taken.
		_ = first.conn.Close()
		eventually(t, "a place", func() string {
			r := n.hello(token)
			if f := r.readOr("closed"); f == "closed" {
				return "still full"
			}
			return ""
		})
	})
	t.Run("per block", func(t *testing.T) {
		t.Parallel()
		n := newNode(t, func(d *live.Deps) { d.Limits.PerBlock = 2 })
		n.hello(n.token(permiso.Supervisor)).until("welcome")
		n.hello(n.token(permiso.Supervisor)).until("welcome")
		if code, _ := n.dial().closed(); code != live.CloseFull {
			t.Errorf("third closed with %d", code)
		}
	})
	t.Run("per node", func(t *testing.T) {
		t.Parallel()
		n := newNode(t, func(d *live.Deps) { d.Limits.Connections = 1 })
		n.hello(n.token(permiso.Supervisor)).until("welcome")
		if code, _ := n.dial().closed(); code != live.CloseFull {
			t.Errorf("second closed with %d", code)
		}
	})
}

// readOr returns the type of the next frame, or a word when there is none.
func (r *raw) readOr(word string) string {
	r.t.Helper()
	var f struct {
		Type string `json:"type"`
	}
	_ = r.conn.SetReadDeadline(time.Now().Add(time.Minute))
	if r.conn.ReadJSON(&f) != nil {
		return word
	}
	return f.Type
}

func TestTokens(t *testing.T) {
	t.Parallel()
	n := newNode(t, func(d *live.Deps) {
		d.Limits.Recheck = 50 * time.Millisecond
		d.Limits.Heartbeat = 100 * time.Millisecond
	})
	t.Run("expires", func(t *testing.T) {
		t.Parallel()
		r := n.hello(n.desk.issue(jefe(), 300*time.Millisecond), "tareas")
		r.t = t
		if code, _ := r.closed(); code != live.CloseAuth {
			t.Errorf("closed with %d", code)
		}
	})
	t.Run("refreshed", func(t *testing.T) {
		t.Parallel()
		who := jefe()
		for life := 400 * time.Millisecond; ; life *= 4 {
			until := time.Now().Add(life)
			r := n.hello(n.desk.issue(who, life), "tareas")
			r.t = t
			r.send(map[string]any{"type": "refresh", "token": n.desk.issue(who, time.Hour)})
			r.send(map[string]any{"type": "x"}) // its refusal says that the refresh was taken
			if !r.comes("error") {
				continue // the token ended first: this machine takes longer
			}
			for time.Now().Before(until.Add(life)) {
				r.until("ping")
				r.send(map[string]any{"type": "pong"})
			}
			return
		}
	})
	t.Run("of somebody else", func(t *testing.T) {
		t.Parallel()
		r := n.hello(n.token(permiso.Supervisor), "tareas")
		r.t = t
		r.until("welcome")
		r.send(map[string]any{"type": "refresh", "token": n.token(permiso.Supervisor)})
		if code, _ := r.closed(); code != live.CloseForbidden {
			t.Errorf("closed with %d", code)
		}
	})
	t.Run("revoked", func(t *testing.T) {
		t.Parallel()
		token := n.token(permiso.Supervisor)
		r := n.hello(token, "tareas")
		r.t = t
		r.until("welcome")
		n.desk.revoke(token)
		if code, _ := r.closed(); code != live.CloseAuth {
			t.Errorf("closed with %d", code)
		}
	})
	t.Run("rol taken away", func(t *testing.T) {
		t.Parallel()
		token := n.token(permiso.Supervisor)
		r := n.hello(token, "tareas")
		r.t = t
		r.until("welcome")
		n.desk.change(token, permiso.Nadie)
		if code, _ := r.closed(); code != live.CloseForbidden {
			t.Errorf("closed with %d", code)
		}
	})
}

// TestSessionsThatWereClosed: a token and a ticket outlive their session, a
// socket does not; a database that cannot say closes nobody.
func TestSessionsThatWereClosed(t *testing.T) {
	t.Parallel()
	tickets := live.NewTickets(0)
	start := func(t *testing.T) (*node, string) {
		t.Helper()
		n := newNode(t, func(d *live.Deps) {
			d.Tickets = tickets
			d.Limits.Recheck = 50 * time.Millisecond
			d.Limits.Heartbeat = 100 * time.Millisecond
		})
		return n, n.token(permiso.Supervisor)
	}
	withTicket := func(t *testing.T, n *node, token string) *raw {
		t.Helper()
		who, err := n.desk.Verify(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		text, _, err := tickets.Issue(who)
		if err != nil {
			t.Fatal(err)
		}
		r := n.dial()
		r.send(map[string]any{"type": "hello", "ticket": text, "topics": []string{"tareas"}})
		return r
	}
	for name, enter := range map[string]func(*testing.T, *node, string) *raw{
		"token":  func(_ *testing.T, n *node, token string) *raw { return n.hello(token, "tareas") },
		"ticket": withTicket,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, token := start(t)
			inside := enter(t, n, token)
			inside.until("welcome")
			n.desk.end(n.desk.session(token), nil)
			if code, _ := inside.closed(); code != live.CloseAuth {
				t.Errorf("an open socket closed with %d", code)
			}
			if code, _ := enter(t, n, token).closed(); code != live.CloseAuth {
				t.Errorf("a new socket closed with %d", code)
			}
		})
	}
	t.Run("nobody can say", func(t *testing.T) {
		t.Parallel()
		n, token := start(t)
		r := n.hello(token, "tareas")
		r.until("welcome")
		n.desk.end(n.desk.session(token), context.DeadlineExceeded)
		for range 4 { // heartbeats, with a recheck before each
			r.until("ping")
			r.send(map[string]any{"type": "pong"})
		}
	})
}

func TestHeartbeat(t *testing.T) {
	t.Parallel()
	n := newNode(t, func(d *live.Deps) { d.Limits.Heartbeat = 50 * time.Millisecond })
	r := n.hello(n.token(permiso.Supervisor), "tareas")
	for range 5 {
		if f := r.until("ping"); f.Time.IsZero() {
			t.Error("a ping without time")
		}
		r.send(map[string]any{"type": "pong"})
	}
	impatient := newNode(t, func(d *live.Deps) { d.Limits.Heartbeat, d.Limits.Pong = 50*time.Millisecond, 300*time.Millisecond })
	silent := impatient.hello(impatient.token(permiso.Supervisor), "tareas")
	if code, _ := silent.closed(); code != live.CloseSilent {
		t.Errorf("closed with %d", code)
	}
}
