package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	liveclient "github.com/grupo-gad/gad/api/live/client"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/ops/config"
	"github.com/grupo-gad/gad/ops/obs"
)

// TestLiveApart runs a second process that is only a live node: it hears of
// facts through JetStream and of positions through telemetry batches. Who is blocked, given
// another rol or logged out is shown out of it, and of the first one; nobody else is.
func TestLiveApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"GAD_SESSION_RECHECK": "100ms"})
	node := w.newLiveNode()
	c := w.as(permiso.Administrador)
	watch := w.watch(node, c.token)

	// A live node opens sockets; orders and questions are for others.
	elsewhere := &client{t: t, base: node, token: c.token}
	elsewhere.want(http.StatusNotFound, elsewhere.do("GET", "/api/v1/tareas", nil), nil)
	elsewhere.want(http.StatusOK, elsewhere.do("POST", "/api/v1/ws/tickets", nil), nil)

	id := w.newEfectivo(c, "MOV-7", -34.60, -58.38)
	var tarea order
	c.want(http.StatusCreated, c.do("POST", "/api/v1/tareas", map[string]any{"titulo": "Ronda nocturna", "tipo": "patrullaje"}), &tarea)
	c.want(http.StatusOK, c.do("POST", "/api/v1/tareas/"+tarea.ID+"/asignaciones", map[string]any{"efectivo": id}), nil)

	eventually(t, "the other process shows the facts", func() bool {
		return watch.has("tarea.creada", "tarea-"+tarea.ID) && watch.has("tarea.efectivo_asignado", "tarea-"+tarea.ID) &&
			watch.has("efectivo.disponibilidad_cambiada", "efectivo-"+id)
	})
	eventually(t, "the other process shows the position", func() bool { return watch.placed(id) })
	if text := watch.all(); strings.Contains(text, "Ronda nocturna") {
		t.Errorf("a frame holds free text: %s", text)
	}
	if n := watch.holes(); n > 0 {
		t.Errorf("the client found %d holes", n)
	}
	w.revoke(node, c)
	if code := watch.client.Stats().LastClose; code != 0 {
		t.Errorf("the socket of somebody else was closed with %d", code)
	}
}

// newLiveNode starts another system with the role live alone and returns its address.
func (w *world) newLiveNode() string {
	w.t.Helper()
	settings, err := config.Load(append(os.Environ(), "GAD_ROLES=live", "GAD_HTTP_ADDR=127.0.0.1:0", "GAD_OPS_ADDR=127.0.0.1:0"),
		filepath.Join(w.data, devSettings))
	if err != nil {
		w.t.Fatal(err)
	}
	s, err := openSystem(w.t.Context(), settings, obs.NewLogger(testLog{w.t}, "warn"))
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(w.t.Context()))
	ready, done := make(chan addresses, 1), make(chan error, 1)
	go func() { done <- s.run(ctx, ready) }()
	w.t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			w.t.Errorf("the live node ended with %v", err)
		}
		s.close()
	})
	return (<-ready).http
}

// watcher gathers the frames of one socket.
type watcher struct {
	client *liveclient.Client
	mu     sync.Mutex // guards frames
	frames []liveclient.Frame
}

func (w *world) watch(node, token string) *watcher {
	w.t.Helper()
	watch := &watcher{client: liveclient.New(liveclient.Options{
		URL:    "ws" + strings.TrimPrefix(node, "http") + "/ws",
		Token:  func(context.Context) (string, error) { return token, nil },
		Topics: []string{"tareas", "efectivos", "alertas"},
		View:   &liveclient.View{BBox: [4]float64{-59, -35, -58, -34}, Zoom: 12},
	})}
	ctx, stop := context.WithCancel(context.WithoutCancel(w.t.Context()))
	done, welcomed := make(chan error, 1), make(chan struct{})
	go func() {
		var once sync.Once
		done <- watch.client.Run(ctx, func(f liveclient.Frame) error {
			watch.mu.Lock()
			defer watch.mu.Unlock()
			watch.frames = append(watch.frames, f)
			if f.Type == "welcome" {
				once.Do(func() { close(welcomed) })
			}
			return nil
		})
	}()
	w.t.Cleanup(func() {
		stop()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			w.t.Errorf("the live client ended with %v", err)
		}
	})
	<-welcomed
	return watch
}

func (w *watcher) any(ok func(liveclient.Frame) bool) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.ContainsFunc(w.frames, ok)
}

func (w *watcher) has(name, stream string) bool {
	return w.any(func(f liveclient.Frame) bool { return f.Type == "event" && f.Name == name && f.Stream == stream })
}

func (w *watcher) placed(efectivo string) bool {
	return w.any(func(f liveclient.Frame) bool {
		if f.Type != "positions" {
			return false
		}
		return slices.ContainsFunc(f.Items, func(i json.RawMessage) bool { return strings.Contains(string(i), efectivo) })
	})
}

func (w *watcher) all() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	text, err := json.Marshal(w.frames)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func (w *watcher) holes() int { return w.client.Stats().Holes }
