package main

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/grupo-gad/gad/api/live"
	"github.com/grupo-gad/gad/domain/permiso"
)

// openSockets are the sockets of one person: where each is, and its connection.
type openSockets map[string]*websocket.Conn

// sockets opens one by token here, and one by token and one by ticket at another process.
func (w *world) sockets(node string, c *client) openSockets {
	w.t.Helper()
	far := &client{t: w.t, base: node, token: c.token}
	var ticket struct{ Ticket string }
	far.want(http.StatusOK, far.do("POST", "/api/v1/ws/tickets", nil), &ticket)
	return openSockets{
		"here, by token":       w.socket(w.at.http, "token", c.token),
		"elsewhere, by token":  w.socket(node, "token", c.token),
		"elsewhere, by ticket": w.socket(node, "ticket", ticket.Ticket),
	}
}

// socket opens one that has been welcomed.
func (w *world) socket(node, by, proof string) *websocket.Conn {
	w.t.Helper()
	conn, answer, err := websocket.DefaultDialer.DialContext(w.t.Context(), "ws"+strings.TrimPrefix(node, "http")+"/ws", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	_ = answer.Body.Close()
	w.t.Cleanup(func() { _ = conn.Close() })
	if err := conn.WriteJSON(map[string]any{"type": "hello", by: proof, "topics": []string{"tareas"}}); err != nil {
		w.t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	var first struct{ Type, Code string }
	if err := conn.ReadJSON(&first); err != nil || first.Type != "welcome" {
		w.t.Fatalf("a socket by %s is received with %+v: %v", by, first, err)
	}
	return conn
}

// wantEnded waits until each socket is closed for want of a session that holds.
func (s openSockets) wantEnded(t *testing.T, why string) {
	t.Helper()
	for where, conn := range s {
		// What security promises. A socket that stays open is silent until then.
		_ = conn.SetReadDeadline(time.Now().Add(patience))
		var err error
		for err == nil {
			_, _, err = conn.ReadMessage()
		}
		if closed, ok := errors.AsType[*websocket.CloseError](err); !ok || closed.Code != live.CloseAuth {
			t.Errorf("%s: the socket %s ends with %v, want code %d", why, where, err, live.CloseAuth)
		}
	}
}

// revoke takes away what three people came in with, in three ways, and looks at their sockets.
func (w *world) revoke(node string, admin *client) {
	w.t.Helper()
	id := func(c *client) (me struct{ ID string }) {
		c.want(http.StatusOK, c.do("GET", "/api/v1/auth/yo", nil), &me)
		return me
	}
	blocked, demoted, left, stays := w.as(permiso.Auditor), w.as(permiso.Supervisor), w.as(permiso.Efectivo), w.as(permiso.Efectivo)
	of := map[*client]openSockets{}
	for _, c := range []*client{blocked, demoted, left} {
		of[c] = w.sockets(node, c)
	}
	var open struct {
		Datos []struct {
			ID     string `json:"id"`
			Actual bool   `json:"actual"`
		}
	}
	left.want(http.StatusOK, left.do("GET", "/api/v1/auth/sesiones", nil), &open)

	admin.want(http.StatusOK, admin.do("POST", "/api/v1/usuarios/"+id(blocked).ID+"/bloqueo", map[string]any{"motivo": "perdió el equipo"}), nil)
	admin.want(http.StatusOK, admin.do("PUT", "/api/v1/usuarios/"+id(demoted).ID+"/rol", map[string]any{"rol": "auditor"}), nil)
	for _, s := range open.Datos {
		if s.Actual {
			stays.want(http.StatusNoContent, stays.do("DELETE", "/api/v1/auth/sesiones/"+s.ID, nil), nil)
		}
	}
	of[blocked].wantEnded(w.t, "blocked")
	of[demoted].wantEnded(w.t, "of another rol")
	of[left].wantEnded(w.t, "logged out by another session of his")
	stays.want(http.StatusOK, stays.do("GET", "/api/v1/auth/yo", nil), nil)
}
