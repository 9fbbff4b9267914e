package live_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"github.com/grupo-gad/gad/api/live"
	"github.com/grupo-gad/gad/api/live/client"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/domain/zona"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/memory"
)

// A fact arrives whole, but for what it commits to.
func TestEventFrame(t *testing.T) {
	t.Parallel()
	n := newNode(t, nil)
	before := nueva(t, n.store, jefe().Usuario, tarea.Media) // the past of a node is not sent
	r := n.hello(n.token(permiso.Supervisor), "tareas", "efectivos")
	w := r.read()
	if w.Type != "welcome" || w.Resumed != "snapshot" || w.Position != 1 || w.Epoch != "1" || w.Session == "" {
		t.Fatalf("welcome %+v", w)
	}
	if f := r.read(); f.Type != "snapshot" || !f.Last || f.Position != 1 {
		t.Fatalf("snapshot %+v", f)
	}
	put(t, n.store, before.Stream(), 1, tarea.Finalizada{Observaciones: secret("x", "observaciones").Commitment(), En: noon})
	_, message, err := r.conn.ReadMessage()
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf(`{"type":"event","position":2,"prev":1,"name":"tarea.finalizada","stream":"%s","version":2,"en":"2026-03-01T12:00:00Z","data":{"en":"2026-03-01T12:00:00Z"}}`, before.Stream())
	if string(message) != want {
		t.Errorf("frame is\n%s\nwant\n%s", message, want)
	}
	id := nueva(t, n.store, jefe().Usuario, tarea.Media)
	_, message, err = r.conn.ReadMessage()
	if err != nil {
		t.Fatal(err)
	}
	commitment := secret(string(id), "titulo").Commitment().String()
	for _, word := range []string{"titulo", "descripcion", commitment} {
		if strings.Contains(string(message), word) {
			t.Errorf("frame speaks of %q: %s", word, message)
		}
	}
	if !strings.Contains(string(message), `"ubicacion":{"lat":0,"lon":0}`) || !strings.Contains(string(message), `"prev":2`) {
		t.Errorf("frame %s", message)
	}
}

// No commitment of any event leaves, whatever the event.
func TestNothingSealedLeaves(t *testing.T) {
	t.Parallel()
	n := newNode(t, nil)
	me := permiso.Autor{Usuario: ident.Usuario(uuid.NewString()), Rol: permiso.Administrador}
	r := n.hello(n.desk.issue(me, time.Hour), "tareas", "efectivos", "yo", "alertas")
	r.until("snapshot")
	c := sealed.Commit("a", "b", sealed.Salt{9}, "c")
	id := nueva(t, n.store, me.Usuario, tarea.Critica)
	e := persona(t, n.store, me.Usuario)
	put(t, n.store, id.Stream(), 1, tarea.EfectivoAsignado{Efectivo: e, En: noon},
		tarea.AsignacionRechazada{Efectivo: e, Motivo: c, En: noon}, tarea.Iniciada{En: noon}, tarea.Pausada{Motivo: c, En: noon},
		tarea.Modificada{Titulo: &c, Descripcion: &c, Ubicacion: &tarea.Ubicacion{Descripcion: c}, En: noon},
		tarea.Cancelada{Motivo: c, En: noon})
	put(t, n.store, me.Usuario.Stream(), 0, usuario.Registrado{
		ID: me.Usuario, Sujeto: ident.Sujeto(uuid.NewString()), Rol: me.Rol, Nombre: c, Apellido: c, Email: c, En: noon,
	})
	last := put(t, n.store, me.Usuario.Stream(), 1, usuario.CredencialCambiada{En: noon})
	for {
		_, message, err := r.conn.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(message), c.String()) || strings.Contains(string(message), "sujeto") {
			t.Errorf("frame carries what it must not: %s", message)
		}
		var f client.Frame
		if err := json.Unmarshal(message, &f); err != nil {
			t.Fatal(err)
		}
		if f.Type == "event" && f.Position == int64(last) {
			return
		}
	}
}

// Everybody hears what his rol and topics let him, and nothing else.
func TestWhoHearsWhat(t *testing.T) {
	t.Parallel()
	n := newNode(t, nil)
	ana, beto := ident.Usuario(uuid.NewString()), ident.Usuario(uuid.NewString())
	agente := persona(t, n.store, ana)
	otro := persona(t, n.store, beto)
	distrito := ident.Zona(uuid.Must(uuid.NewV7()).String())
	vieja := nueva(t, n.store, jefe().Usuario, tarea.Media) // its past is read when it is met

	autor := permiso.Autor{Usuario: ana, Rol: permiso.Efectivo, Efectivo: agente}
	efectivoTodo := n.subscribe(client.Options{Token: fixed(n.desk.issue(autor, time.Hour)), Topics: []string{"tareas", "efectivos"}}).welcomed(t)
	efectivoYo := n.subscribe(client.Options{Token: fixed(n.desk.issue(autor, time.Hour)), Topics: []string{"yo"}, Binary: true}).welcomed(t)
	super := n.subscribe(client.Options{Token: fixed(n.token(permiso.Supervisor)), Topics: []string{"tareas"}}).welcomed(t)
	deZona := n.subscribe(client.Options{Token: fixed(n.token(permiso.Auditor)), Topics: []string{"zona:" + string(distrito)}}).welcomed(t)
	deTarea := n.subscribe(client.Options{Token: fixed(n.token(permiso.Supervisor)), Topics: []string{"tarea:" + string(vieja)}}).welcomed(t)

	var all, mine, zoned, ofVieja, ofTareas []eventstore.Position
	say := func(lists []*[]eventstore.Position, stream string, after int64, events ...eventAlias) {
		for i, e := range events {
			at := put(t, n.store, stream, after+int64(i), e)
			for _, l := range append(lists, &all) {
				*l = append(*l, at)
			}
		}
	}
	T, M, Z, V := &ofTareas, &mine, &zoned, &ofVieja
	say([]*[]eventstore.Position{T, V}, vieja.Stream(), 1, tarea.EfectivoAsignado{Efectivo: otro, En: noon})
	say([]*[]eventstore.Position{T, V, M}, vieja.Stream(), 2, tarea.EfectivoAsignado{Efectivo: agente, En: noon})
	say([]*[]eventstore.Position{T, V, M}, vieja.Stream(), 3, tarea.Iniciada{En: noon})
	say([]*[]eventstore.Position{T, V, M}, vieja.Stream(), 4, tarea.EfectivoLiberado{Efectivo: agente, En: noon}) // still his
	say([]*[]eventstore.Position{T, V}, vieja.Stream(), 5, tarea.Pausada{En: noon})
	say([]*[]eventstore.Position{T, V, Z}, vieja.Stream(), 6, tarea.Modificada{Zona: &distrito, En: noon})
	say([]*[]eventstore.Position{T, V, Z}, vieja.Stream(), 7, tarea.Cancelada{En: noon})
	say([]*[]eventstore.Position{M}, agente.Stream(), 2, efectivo.DisponibilidadCambiada{Disponibilidad: efectivo.NoDisponible, Causa: efectivo.PorOrden, En: noon})
	say(nil, otro.Stream(), 2, efectivo.DisponibilidadCambiada{Disponibilidad: efectivo.NoDisponible, Causa: efectivo.PorOrden, En: noon})
	say([]*[]eventstore.Position{V}, otro.Stream(), 3, efectivo.DisponibilidadCambiada{Disponibilidad: efectivo.EnTarea, Causa: efectivo.PorAsignacion, Tarea: vieja, En: noon})
	say([]*[]eventstore.Position{Z}, distrito.Stream(), 0, zona.Definida{ID: distrito, Nombre: "Centro", Clase: zona.Interes, En: noon})
	say(nil, beto.Stream(), 0, usuario.CredencialCambiada{En: noon})

	for name, c := range map[string]struct {
		s    *subscriber
		want []eventstore.Position
	}{
		"efectivo": {efectivoTodo, mine}, "efectivo, yo": {efectivoYo, mine}, "supervisor": {super, ofTareas},
		"zona": {deZona, zoned}, "tarea": {deTarea, ofVieja},
	} {
		eventually(t, name, func() string { return same(c.want, c.s.positions()) })
	}
}

func TestAlerts(t *testing.T) {
	t.Parallel()
	n := newNode(t, func(d *live.Deps) { d.Limits.Heartbeat, d.Limits.Burst = 200*time.Millisecond, 1000 })
	r := n.hello(n.token(permiso.Supervisor), "alertas")
	r.until("snapshot")
	id := nueva(t, n.store, jefe().Usuario, tarea.Urgente)
	a := r.until("alert")
	r.pong() // a ping may have come before
	if a.Kind != "tarea_prioritaria" || a.Priority != 4 || a.Tarea != string(id) || !strings.Contains(a.Text, "urgente") || a.ID == "" {
		t.Errorf("alert %+v", a)
	}
	// Repeated with the heartbeat until it is acknowledged.
	alert := func() client.Frame {
		for {
			switch f := r.read(); f.Type {
			case "ping":
				r.pong()
			case "alert":
				return f
			}
		}
	}
	if again := alert(); again.ID != a.ID {
		t.Errorf("alert %+v", again)
	}
	r.send(map[string]any{"type": "ack", "position": a.Position})
	put(t, n.store, id.Stream(), 1, tarea.PrioridadCambiada{Prioridad: tarea.Media, En: noon})
	put(t, n.store, id.Stream(), 2, tarea.PrioridadCambiada{Prioridad: tarea.Critica, En: noon})
	for {
		next := alert()
		if next.ID == a.ID {
			continue // was under way
		}
		if next.Priority != 5 || !strings.Contains(next.Text, "crítica") {
			t.Errorf("alert %+v", next)
		}
		break
	}
}

// Each way back leads to the same facts.
func TestResume(t *testing.T) {
	t.Parallel()
	store, d := &memory.Store{}, newDesk()
	for range 40 {
		nueva(t, store, jefe().Usuario, tarea.Media)
	}
	n := startNode(t, store, d, func(d *live.Deps) { d.Limits.Ring, d.Limits.LogGap = 16, 45 })
	token := n.token(permiso.Supervisor)
	eventually(t, "the node has begun", func() string {
		if n.hub.Position() != 40 {
			return fmt.Sprint(n.hub.Position())
		}
		return ""
	})
	for range 20 {
		nueva(t, store, jefe().Usuario, tarea.Media)
	}
	eventually(t, "the node is level", func() string {
		if n.hub.Position() != 60 {
			return fmt.Sprint(n.hub.Position())
		}
		return ""
	})
	for _, c := range []struct {
		epoch string
		after int64
		how   string
		first int64
	}{
		{"1", 60, "deltas", 0},
		{"1", 50, "deltas", 51},
		{"1", 44, "deltas", 45},
		{"1", 43, "log", 44},
		{"1", 20, "log", 21},
		{"1", 14, "snapshot", 0},
		{"1", 61, "snapshot", 0},
		{"2", 50, "snapshot", 0},
		{"", 50, "snapshot", 0},
		{"1", -1, "snapshot", 0},
	} {
		r := n.dial()
		r.send(map[string]any{"type": "hello", "token": token, "topics": []string{"tareas"}, "epoch": c.epoch, "position": c.after})
		w := r.read()
		if w.Resumed != c.how || c.how != "snapshot" && w.Position != c.after {
			t.Fatalf("after %d: welcome %+v", c.after, w)
		}
		if c.first == 0 {
			_ = r.conn.Close()
			continue
		}
		prev := c.after
		for at := c.first; at <= 60; at++ {
			if f := r.read(); f.Position != at || f.Prev != prev {
				t.Fatalf("after %d: %+v, want position %d after %d", c.after, f, at, prev)
			}
			prev = at
		}
		_ = r.conn.Close()
	}
}

// A reader that stops reading is closed with 4008 and resumes without loss,
// while the others get everything on time.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	n := newNode(t, func(d *live.Deps) { d.Limits.WriteWait = time.Minute })
	token := n.token(permiso.Supervisor)
	fast := n.subscribe(client.Options{Token: fixed(token), Topics: []string{"tareas"}}).welcomed(t)

	slow := n.hello(token, "tareas")
	slow.until("snapshot")
	gate := make(chan struct{})
	var seen []eventstore.Position
	var code int
	done := make(chan struct{})
	go func() { // reads nothing until the gate opens
		defer close(done)
		<-gate
		_ = slow.conn.SetReadDeadline(time.Now().Add(time.Minute))
		for {
			var f client.Frame
			if err := slow.conn.ReadJSON(&f); err != nil {
				if closed, ok := err.(*websocket.CloseError); ok { //nolint:errorlint // as the library returns it
					code = closed.Code
				}
				return
			}
			if f.Type == "event" {
				seen = append(seen, eventstore.Position(f.Position))
			}
		}
	}()
	// The kernel takes some megabytes before the writer blocks and its lane fills.
	for i := 0; n.hub.Estado().CierresLentos == 0; i++ {
		if i == 20_000 {
			t.Fatal("the slow reader was never closed")
		}
		if i%200 == 199 { // no faster than somebody who reads
			eventually(t, "the fast one follows", func() string { return same(span(1, head(t, n.store)), fast.positions()) })
		}
		id := ident.Tarea(uuid.Must(uuid.NewV7()).String())
		put(t, n.store, id.Stream(), 0, tarea.Creada{
			ID: id, Codigo: strings.Repeat("X", 4000), Tipo: tarea.Patrullaje, Prioridad: tarea.Media, InicioProgramado: noon, En: noon,
		})
	}
	close(gate)
	<-done
	if code != live.CloseSlow {
		t.Fatalf("closed with %d after %d facts, want 4008", code, len(seen))
	}
	end := head(t, n.store)
	eventually(t, "the fast one has everything", func() string { return same(span(1, end), fast.positions()) })
	if s := fast.c.Stats(); s.Connections != 1 || s.Holes != 0 {
		t.Errorf("fast reader: %+v", s)
	}
	if d := same(span(1, eventstore.Position(len(seen))), seen); d != "" {
		t.Fatalf("slow reader before the close: %s", d)
	}
	at := int64(len(seen))
	again := n.subscribe(client.Options{Token: fixed(token), Topics: []string{"tareas"}, Epoch: "1", Position: &at})
	eventually(t, "the slow one resumes", func() string { return same(span(eventstore.Position(at)+1, end), again.positions()) })
}

func span(from, to eventstore.Position) (out []eventstore.Position) {
	for p := from; p <= to; p++ {
		out = append(out, p)
	}
	return out
}

// A node that stops says so, each client when it should come back; they go on
// at another node where they were.
func TestRestart(t *testing.T) {
	t.Parallel()
	store, d := &memory.Store{}, newDesk()
	first := startNode(t, store, d, func(d *live.Deps) { d.Limits.ReconnectSpread = 50 * time.Millisecond })
	// The address stays; who answers there changes.
	var door sync.Mutex
	behind := first.hub
	front := httptest.NewServer(handler(func() *live.Hub { door.Lock(); defer door.Unlock(); return behind }))
	t.Cleanup(front.Close)

	token := d.issue(jefe(), time.Hour)
	var clients []*subscriber
	for i := range 20 {
		clients = append(clients, first.subscribe(client.Options{
			URL: "ws" + strings.TrimPrefix(front.URL, "http"), Token: fixed(token), Topics: []string{"tareas"}, Binary: i%2 == 0,
		}).welcomed(t))
	}
	for range 30 {
		nueva(t, store, jefe().Usuario, tarea.Media)
	}
	eventually(t, "before", func() string { return same(span(1, 30), clients[19].positions()) })
	plain := first.hello(token)
	plain.until("welcome")
	stopped := make(chan struct{})
	go func() { defer close(stopped); first.stop() }()
	code, reason := plain.closed()
	if code != live.CloseRestart || !strings.Contains(reason, "reconnect_ms") {
		t.Errorf("closed with %d %q", code, reason)
	}
	<-stopped
	for range 30 {
		nueva(t, store, jefe().Usuario, tarea.Media)
	}
	second := startNode(t, store, d, nil)
	door.Lock()
	behind = second.hub
	door.Unlock()
	for range 30 {
		nueva(t, store, jefe().Usuario, tarea.Media)
	}
	for _, c := range clients {
		eventually(t, "after", func() string { return same(span(1, 90), c.positions()) })
		if s := c.c.Stats(); s.Snapshots != 1 || s.Holes != 0 {
			t.Errorf("client: %+v", s)
		}
	}
}

// Clients of every kind come and go while facts are recorded: each sees exactly
// its filter over the log, in order, or is told.
func TestEveryClientSeesItsFilterOverTheLog(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 1))
	n := newNode(t, func(d *live.Deps) { d.Limits.Ring = 64 })
	var personas []ident.Efectivo
	var autores []permiso.Autor
	for range 4 {
		u := ident.Usuario(uuid.NewString())
		e := persona(t, n.store, u)
		personas, autores = append(personas, e), append(autores, permiso.Autor{Usuario: u, Rol: permiso.Efectivo, Efectivo: e})
	}
	autores = append(autores, jefe(), jefe())
	began := head(t, n.store)
	eventually(t, "the node is level", func() string {
		if n.hub.Position() != began {
			return "not yet"
		}
		return ""
	})
	var clients []*subscriber
	for i, a := range autores {
		for _, topics := range [][]string{{"tareas"}, {"efectivos", "yo"}, {"tareas", "efectivos", "alertas"}} {
			at := int64(began)
			clients = append(clients, n.subscribe(client.Options{
				Token: fixed(n.desk.issue(a, time.Hour)), Topics: topics, Binary: i%2 == 0, Epoch: "1", Position: &at,
				Dialer: cutting(dice.Uint64()),
			}))
		}
	}
	// What each author may hear, from an independent account of who was bound when.
	var all []fact
	var open []*vida
	for range 600 {
		switch k := dice.IntN(10); {
		case k < 3 || len(open) == 0:
			autor := autores[dice.IntN(len(autores))].Usuario
			v := &vida{id: nueva(t, n.store, autor, tarea.Prioridad(1+dice.IntN(5))), creador: autor, version: 1, bound: map[ident.Efectivo]bool{}}
			open = append(open, v)
			all = append(all, v.fact(head(t, n.store)))
		case k < 6:
			v, e := open[dice.IntN(len(open))], personas[dice.IntN(len(personas))]
			if v.bound[e] {
				all = append(all, v.fact(put(t, n.store, v.id.Stream(), v.next(), tarea.EfectivoLiberado{Efectivo: e, En: noon})))
				delete(v.bound, e)
			} else {
				at := put(t, n.store, v.id.Stream(), v.next(), tarea.EfectivoAsignado{Efectivo: e, En: noon})
				v.bound[e] = true
				all = append(all, v.fact(at))
			}
		case k < 8:
			v := open[dice.IntN(len(open))]
			all = append(all, v.fact(put(t, n.store, v.id.Stream(), v.next(), tarea.Reanudada{En: noon})))
		case k < 9:
			i := dice.IntN(len(open))
			v := open[i]
			all = append(all, v.fact(put(t, n.store, v.id.Stream(), v.next(), tarea.Cancelada{En: noon})))
			open = append(open[:i], open[i+1:]...)
		default:
			i := dice.IntN(len(personas))
			stream := personas[i].Stream()
			at := put(t, n.store, stream, streamVersion(t, n.store, stream),
				efectivo.DisponibilidadCambiada{Disponibilidad: efectivo.NoDisponible, Causa: efectivo.PorOrden, En: noon})
			all = append(all, fact{at: at, efectivo: personas[i], creador: autores[i].Usuario})
		}
	}
	for i, c := range clients {
		a, kind := autores[i/3], i%3
		var want []eventstore.Position
		for _, f := range all {
			hears := a.Rol == permiso.Supervisor || f.creador == a.Usuario || f.bound[a.Efectivo] || f.efectivo != "" && f.efectivo == a.Efectivo
			asked := f.efectivo == "" && kind != 1 || f.efectivo != "" && kind != 0
			if kind == 1 && f.efectivo == "" { // yo
				asked = f.creador == a.Usuario || a.Efectivo != "" && f.bound[a.Efectivo]
			}
			if hears && asked {
				want = append(want, f.at)
			}
		}
		eventually(t, fmt.Sprintf("client %d", i), func() string { return same(want, c.positions()) })
		if s := c.c.Stats(); s.Holes != 0 || s.Snapshots != 0 {
			t.Errorf("client %d: %+v", i, s)
		}
	}
	total := 0
	for _, c := range clients {
		total += c.c.Stats().Connections
	}
	t.Logf("%d clients, %d connections, %d facts", len(clients), total, len(all))
	if total <= len(clients) {
		t.Error("nobody was cut")
	}
}

// vida is the test's own account of a Tarea.
type vida struct {
	id      ident.Tarea
	creador ident.Usuario
	version int64
	bound   map[ident.Efectivo]bool
}

func (v *vida) next() int64 { v.version++; return v.version - 1 }

func (v *vida) fact(at eventstore.Position) fact {
	f := fact{at: at, creador: v.creador, bound: map[ident.Efectivo]bool{}}
	for e := range v.bound {
		f.bound[e] = true
	}
	return f
}

type fact struct {
	at       eventstore.Position
	efectivo ident.Efectivo
	creador  ident.Usuario
	bound    map[ident.Efectivo]bool
}

func streamVersion(t *testing.T, s eventstore.StreamReader, stream string) int64 {
	t.Helper()
	var v int64
	for r, err := range s.ReadStream(t.Context(), eventstore.StreamID(stream), 0) {
		if err != nil {
			t.Fatal(err)
		}
		v = int64(r.Version)
	}
	return v
}

func TestEstado(t *testing.T) {
	t.Parallel()
	n := newNode(t, nil)
	who := jefe()
	n.hello(n.desk.issue(who, time.Hour), "tareas", "tarea:"+uuid.NewString()).until("snapshot")
	n.hello(n.desk.issue(who, time.Hour), "tareas").until("snapshot")
	n.hello(n.token(permiso.Auditor), "efectivos").until("snapshot")
	e := n.hub.Estado()
	if e.Conexiones != 3 || e.Usuarios != 2 || e.PorRol[permiso.Supervisor] != 2 || e.PorRol[permiso.Auditor] != 1 ||
		e.Suscripciones["tareas"] != 2 || e.Suscripciones["tarea"] != 1 || e.Suscripciones["efectivos"] != 1 {
		t.Errorf("estado %+v", e)
	}
}

func TestNodeWithoutItsLogSaysSo(t *testing.T) {
	t.Parallel()
	n := newNode(t, func(d *live.Deps) {
		d.Log = unreachable{d.Log}
		d.Limits.Log = 100 * time.Millisecond
	})
	if code, _ := n.hello(n.token(permiso.Supervisor), "tareas").closed(); code != live.CloseFull {
		t.Errorf("closed with %d", code)
	}
}

// unreachable is a log whose database is away.
type unreachable struct{ live.Log }

func (unreachable) Head(context.Context) (eventstore.Position, error) {
	return 0, eventstore.ErrUnavailable
}
