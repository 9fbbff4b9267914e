package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"github.com/grupo-gad/gad/api/live"
	"github.com/grupo-gad/gad/api/live/client"
	"github.com/grupo-gad/gad/domain"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/memory"
)

const origin = "https://gad.example"

// desk issues and verifies the tokens of the tests.
type desk struct {
	mu     sync.Mutex
	tokens map[string]live.Identity // guarded by mu, like all below
	closed map[string]bool          // sessions that ended
	away   error                    // what is answered instead of whether a session is open
}

var errToken = fault.New(fault.Unauthorized, "token_invalido", "el token no vale")

func (d *desk) issue(who permiso.Autor, life time.Duration) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	token := uuid.NewString()
	d.tokens[token] = live.Identity{Autor: who, Session: uuid.NewString(), Exp: time.Now().Add(life)}
	return token
}

func (d *desk) revoke(token string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.tokens, token)
}

func (d *desk) change(token string, rol permiso.Rol) {
	d.mu.Lock()
	defer d.mu.Unlock()
	id := d.tokens[token]
	id.Autor.Rol = rol
	d.tokens[token] = id
}

// Alive implements live.Sessions.
func (d *desk) Alive(_ context.Context, who live.Identity) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.closed[who.Session], d.away
}

// end closes the session of a token.
func (d *desk) end(session string, away error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed[session], d.away = true, away
}

func (d *desk) session(token string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.tokens[token].Session
}

func (d *desk) Verify(_ context.Context, token string) (live.Identity, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	id, ok := d.tokens[token]
	if !ok {
		return id, errToken
	}
	return id, nil
}

// node is a live node over a store, reachable over a real socket.
type node struct {
	t      *testing.T
	store  eventstore.Store
	desk   *desk
	hub    *live.Hub
	server *httptest.Server
	url    string
	stop   func()
}

func newDesk() *desk { return &desk{tokens: map[string]live.Identity{}, closed: map[string]bool{}} }

func newNode(t *testing.T, change func(*live.Deps)) *node {
	t.Helper()
	return startNode(t, &memory.Store{}, newDesk(), change)
}

func startNode(t *testing.T, store eventstore.Store, d *desk, change func(*live.Deps)) *node {
	t.Helper()
	catalog, err := domain.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	deps := live.Deps{
		Facts: store, Log: store, Verifier: d, Catalog: catalog, Origins: []string{origin},
		// Facts would take half a second to come by a tick of the defaults; nobody is sent away for
		// being slow but where a test says so, and no ping or repeated alert comes between its frames.
		Limits: live.Limits{
			Tick: 10 * time.Millisecond, PerUser: 1000, PerBlock: 1000, Hello: time.Minute, Pong: time.Minute, Heartbeat: time.Hour,
		},
	}
	if change != nil {
		change(&deps)
	}
	hub, err := live.New(deps)
	if err != nil {
		t.Fatal(err)
	}
	n := &node{t: t, store: store, desk: d, hub: hub, server: httptest.NewServer(hub)}
	n.url = "ws" + strings.TrimPrefix(n.server.URL, "http")
	n.stop = background(t, "hub", hub.Run)
	t.Cleanup(func() {
		n.stop()
		n.server.Close()
	})
	return n
}

// background runs a role until the test ends, or until stop is called.
func background(t *testing.T, name string, run func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func eventually(t *testing.T, what string, check func() string) {
	t.Helper()
	deadline := time.NewTimer(90 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		last := check()
		if last == "" {
			return
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("%s: %s", what, last)
		}
	}
}

func jefe() permiso.Autor {
	return permiso.Autor{Usuario: ident.Usuario(uuid.NewString()), Rol: permiso.Supervisor}
}

func (n *node) token(rol permiso.Rol) string {
	return n.desk.issue(permiso.Autor{Usuario: ident.Usuario(uuid.NewString()), Rol: rol}, time.Hour)
}

// raw is a socket without any of the client's manners.
type raw struct {
	t    *testing.T
	conn *websocket.Conn
}

func (n *node) dial() *raw {
	n.t.Helper()
	conn, answer, err := websocket.DefaultDialer.DialContext(n.t.Context(), n.url, nil)
	if err != nil {
		n.t.Fatalf("dial: %v", err)
	}
	_ = answer.Body.Close()
	n.t.Cleanup(func() { _ = conn.Close() })
	return &raw{n.t, conn}
}

func (r *raw) send(frame any) {
	r.t.Helper()
	if err := r.conn.WriteJSON(frame); err != nil {
		r.t.Fatalf("send: %v", err)
	}
}

func (r *raw) read() client.Frame {
	r.t.Helper()
	var f client.Frame
	_ = r.conn.SetReadDeadline(time.Now().Add(time.Minute))
	if err := r.conn.ReadJSON(&f); err != nil {
		r.t.Fatalf("read: %v", err)
	}
	return f
}

// until reads until a frame of the type comes.
func (r *raw) until(kind string) client.Frame {
	r.t.Helper()
	for {
		if f := r.read(); f.Type == kind {
			return f
		}
	}
}

// comes reads until a frame of the type comes; false when the end comes first.
func (r *raw) comes(kind string) bool {
	r.t.Helper()
	for {
		switch r.readOr("end") {
		case kind:
			return true
		case "end":
			return false
		}
	}
}

// closed reads until the end and returns the close code and its reason.
func (r *raw) closed() (int, string) {
	r.t.Helper()
	_ = r.conn.SetReadDeadline(time.Now().Add(time.Minute))
	for {
		if _, _, err := r.conn.ReadMessage(); err != nil {
			closed, ok := errors.AsType[*websocket.CloseError](err)
			if !ok {
				r.t.Fatalf("ended without a code: %v", err)
			}
			return closed.Code, closed.Text
		}
	}
}

func (n *node) hello(token string, topics ...string) *raw {
	n.t.Helper()
	r := n.dial()
	r.send(map[string]any{"type": "hello", "token": token, "topics": topics})
	return r
}

func put(t *testing.T, store eventstore.Store, stream string, after int64, events ...event.Event) eventstore.Position {
	t.Helper()
	a := eventstore.Append{
		Command:  eventstore.CommandID(uuid.Must(uuid.NewV7())),
		Metadata: eventstore.Metadata{Actor: "sistema:prueba"},
		Expected: []eventstore.Expectation{{Stream: eventstore.StreamID(stream), Version: eventstore.Version(after)}},
	}
	for _, e := range events {
		a.Events = append(a.Events, eventstore.Draft{Stream: eventstore.StreamID(stream), Event: e})
	}
	receipt, err := store.Append(t.Context(), a)
	if err != nil {
		t.Fatalf("append: %v", err)
	}
	return receipt.Last
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// secret is a text that must never be seen on a socket.
func secret(owner, field string) sealed.Text {
	return sealed.Text{Owner: owner, Field: field, Salt: sealed.Salt{1}, Value: "texto secreto"}
}

// nueva creates a Tarea and returns its id.
func nueva(t *testing.T, store eventstore.Store, creador ident.Usuario, prioridad tarea.Prioridad) ident.Tarea {
	t.Helper()
	id := ident.Tarea(uuid.Must(uuid.NewV7()).String())
	titulo := secret(string(id), "titulo")
	put(t, store, id.Stream(), 0, tarea.Creada{
		ID: id, Codigo: "T-" + string(id[:8]), Titulo: titulo.Commitment(), Descripcion: titulo.Commitment(),
		Tipo: tarea.Patrullaje, Prioridad: prioridad, InicioProgramado: noon, Creador: creador, Delegado: creador,
		Ubicacion: &tarea.Ubicacion{Descripcion: titulo.Commitment()}, En: noon,
	})
	return id
}

// persona registers an Efectivo on duty.
func persona(t *testing.T, store eventstore.Store, usuario ident.Usuario) ident.Efectivo {
	t.Helper()
	id := ident.Efectivo(uuid.Must(uuid.NewV7()).String())
	put(t, store, id.Stream(), 0,
		efectivo.Registrado{ID: id, Usuario: usuario, CodigoInterno: "E-" + string(id[:8]), Simulado: true, En: noon},
		efectivo.TurnoIniciado{Turno: ident.Turno(uuid.NewString()), En: noon})
	return id
}

func head(t *testing.T, store eventstore.LogReader) eventstore.Position {
	t.Helper()
	p, err := store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// subscriber is a client that keeps what it was told.
type subscriber struct {
	c *client.Client

	mu     sync.Mutex
	events []client.Frame // guarded by mu, like all below
	units  map[string]json.RawMessage
	frames map[string]int
	alerts []client.Frame
}

func (n *node) subscribe(o client.Options) *subscriber {
	n.t.Helper()
	if o.URL == "" {
		o.URL = n.url
	}
	if o.First == 0 {
		o.First, o.Most = 5*time.Millisecond, 100*time.Millisecond
	}
	s := &subscriber{c: client.New(o), units: map[string]json.RawMessage{}, frames: map[string]int{}}
	background(n.t, "client", func(ctx context.Context) error { return s.c.Run(ctx, s.take) })
	return s
}

func (s *subscriber) take(f client.Frame) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.frames[f.Type]++
	switch f.Type {
	case "event":
		s.events = append(s.events, f)
	case "alert":
		s.alerts = append(s.alerts, f)
	case "positions", "snapshot":
		for _, raw := range f.Items {
			var i struct {
				Efectivo string `json:"efectivo"`
			}
			if err := json.Unmarshal(raw, &i); err != nil {
				return err
			}
			if i.Efectivo != "" {
				s.units[i.Efectivo] = raw
			}
		}
	}
	return nil
}

func (s *subscriber) welcomed(t *testing.T) *subscriber {
	t.Helper()
	eventually(t, "welcome", func() string {
		if s.c.Stats().Connections == 0 {
			return "not yet"
		}
		return ""
	})
	return s
}

func (s *subscriber) positions() (out []eventstore.Position) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.events {
		out = append(out, eventstore.Position(f.Position))
	}
	return out
}

func fixed(token string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return token, nil }
}

func same(want, got []eventstore.Position) string {
	if len(want) != len(got) {
		return fmt.Sprintf("%d facts, want %d", len(got), len(want))
	}
	for i := range want {
		if want[i] != got[i] {
			return fmt.Sprintf("fact %d is at %d, want %d", i, got[i], want[i])
		}
	}
	return ""
}
