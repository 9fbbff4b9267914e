package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/eventstore"
	facts "github.com/grupo-gad/gad/eventstore/jetstream"
)

// TestMission is one mission on real services, from order to map to audit.
func TestMission(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.as(permiso.Administrador)
	id := w.newEfectivo(c, "MOV-1", -34.6037, -58.3816)

	// The dispatcher finds who is nearest, and orders.
	var near struct {
		Datos []struct {
			Efectivo   string  `json:"efectivo"`
			DistanciaM float64 `json:"distancia_m"`
		} `json:"datos"`
	}
	eventually(t, "the Efectivo is on the map", func() bool {
		c.want(http.StatusOK, c.do("GET", "/api/v1/geo/cercanos?lat=-34.6&lon=-58.38&limite=5&disponibles=true", nil), &near)
		return len(near.Datos) == 1
	})
	if d := near.Datos[0]; d.Efectivo != id || d.DistanciaM < 400 || d.DistanciaM > 460 {
		t.Errorf("nearest is %+v, want %s at 436 m", d, id)
	}
	var tarea order
	c.want(http.StatusCreated, c.do("POST", "/api/v1/tareas", map[string]any{
		"titulo": "Corte de calle", "tipo": "intervencion", "prioridad": "alta", "descripcion": "árbol caído",
		"ubicacion": map[string]any{"lat": -34.6, "lon": -58.38},
	}, "Traceparent", "00-"+traceID+"-00f067aa0ba902b7-01"), &tarea)
	w.wantTraced(tarea)
	c.want(http.StatusOK, c.do("POST", "/api/v1/tareas/"+tarea.ID+"/asignaciones", map[string]any{"efectivo": id}), nil)
	if a := c.do("POST", "/api/v1/tareas/"+tarea.ID+"/asignaciones", map[string]any{"efectivo": id}); a.status != http.StatusOK {
		t.Errorf("assigning the same one again answers %d %s", a.status, a.body)
	}
	for _, step := range []string{"inicio", "pausa", "reanudacion"} {
		c.want(http.StatusOK, c.do("POST", "/api/v1/tareas/"+tarea.ID+"/"+step, map[string]any{}), nil)
	}
	var end order
	c.want(http.StatusOK, c.do("POST", "/api/v1/tareas/"+tarea.ID+"/finalizacion", map[string]any{"observaciones": "despejado"}), &end)

	// Reads follow the write they name.
	var seen struct {
		Titulo       string `json:"titulo"`
		Estado       string `json:"estado"`
		Asignaciones []struct {
			Estado string `json:"estado"`
		} `json:"asignaciones"`
	}
	c.want(http.StatusOK, c.do("GET", "/api/v1/tareas/"+tarea.Codigo, nil, minPosition(end.Posicion)...), &seen)
	if seen.Titulo != "Corte de calle" || seen.Estado != "finalizada" || len(seen.Asignaciones) != 1 || seen.Asignaciones[0].Estado != "liberada" {
		t.Errorf("the Tarea reads %+v", seen)
	}
	var person struct {
		Disponibilidad string `json:"disponibilidad"`
	}
	c.want(http.StatusOK, c.do("GET", "/api/v1/efectivos/"+id, nil, minPosition(end.Posicion)...), &person)
	if person.Disponibilidad != "disponible" {
		t.Errorf("the Efectivo is %s after the Tarea", person.Disponibilidad)
	}
	w.wantHistory(c, tarea.ID)
	w.wantSoundLog()

	// What was recorded is there after a restart of every role.
	w.halt()
	w.start()
	c = w.as(permiso.Supervisor)
	c.want(http.StatusOK, c.do("GET", "/api/v1/tareas/"+tarea.ID, nil), nil)
}

const traceID = "4bf92f3577b34da6a3ce929d0e0e4736"

// wantTraced checks that what an order recorded is part of the trace that the order came in,
// in the log and, by its header, in the stream.
func (w *world) wantTraced(o order) {
	w.t.Helper()
	log, err := w.sys.store.ReadLog(w.t.Context(), eventstore.Position(o.Posicion-1), 1)
	if err != nil || len(log) != 1 {
		w.t.Fatalf("%d facts at %d: %v", len(log), o.Posicion, err)
	}
	kept := log[0].Metadata.Traceparent()
	if !strings.HasPrefix(kept, "00-"+traceID+"-") || strings.Contains(kept, "00f067aa0ba902b7") {
		w.t.Errorf("the fact keeps the trace %q: want the trace of the caller with a span of ours", kept)
	}
	conn, err := nats.Connect(w.servers.nats.URL(), nats.Timeout(patience))
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn, jetstream.WithDefaultTimeout(patience))
	if err != nil {
		w.t.Fatal(err)
	}
	stream, err := js.Stream(w.t.Context(), facts.Config{}.Stream())
	if err != nil {
		w.t.Fatal(err)
	}
	var sent *jetstream.RawStreamMsg
	eventually(w.t, "the fact is in the stream", func() bool {
		sent, err = stream.GetMsg(w.t.Context(), uint64(o.Posicion))
		return err == nil
	})
	if got := sent.Header.Values("traceparent"); len(got) != 1 || got[0] != kept {
		w.t.Errorf("the message carries the trace %q, the fact %q", got, kept)
	}
}

// wantHistory checks that the history tells every step, its texts opened.
func (w *world) wantHistory(c *client, id string) {
	w.t.Helper()
	var history struct {
		Datos []struct {
			Tipo    string          `json:"tipo"`
			Version int64           `json:"version"`
			Datos   json.RawMessage `json:"datos"`
		} `json:"datos"`
	}
	a := c.want(http.StatusOK, c.do("GET", "/api/v1/tareas/"+id+"/historial", nil), &history)
	var told []string
	for i, e := range history.Datos {
		told = append(told, strings.TrimPrefix(e.Tipo, "tarea."))
		if e.Version != int64(i)+1 {
			w.t.Errorf("entry %d has version %d", i, e.Version)
		}
	}
	const want = "creada efectivo_asignado iniciada pausada reanudada efectivo_liberado finalizada"
	if got := strings.Join(told, " "); got != want {
		w.t.Errorf("the history tells %q, want %q", got, want)
	}
	if !strings.Contains(string(a.body), "despejado") {
		w.t.Errorf("a supervisor cannot read the observaciones: %s", a.body)
	}
}

// wantSoundLog runs the audits: the log holds together, its replay equals what
// is served, and no text stands in it in clear.
func (w *world) wantSoundLog() {
	w.t.Helper()
	w.wantAudit()
	code, out := w.gad("audit", "replay")
	if code != 0 || strings.Count(out, "\n") < 10 {
		w.t.Errorf("gad audit replay exits with %d after %d lines", code, strings.Count(out, "\n"))
	}
	for _, text := range []string{"despejado", "árbol caído", "Corte de calle", "ejemplo.gob.ar", "Paz"} {
		if strings.Contains(out, text) {
			w.t.Errorf("%q stands in the log in clear", text)
		}
	}
}
