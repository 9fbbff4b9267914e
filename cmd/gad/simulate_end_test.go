package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/grupo-gad/gad/domain/permiso"
)

// wayBetween is a way to the system on which a test hears of every answer before it is delivered.
type wayBetween struct {
	*httptest.Server
	mu      sync.Mutex // one answer at a time
	heard   func(*http.Response)
	refused func(*http.Request) bool // nil: nothing is
}

func newWay(t *testing.T, to string) *wayBetween {
	t.Helper()
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	w := &wayBetween{}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ModifyResponse: func(a *http.Response) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.heard(a)
			return nil
		},
	}
	w.Server = httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if w.refused != nil && w.refused(r) {
			out.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(out, `{"codigo":"prohibido"}`)
			return
		}
		proxy.ServeHTTP(out, r)
	}))
	t.Cleanup(w.Close)
	return w
}

// simulated runs gad simulate until it ends by itself or is interrupted. It returns the summary
// and everything that was said.
func (w *world) simulated(ctx context.Context, base string, args ...string) (code int, summary *simStats, said string) {
	w.t.Helper()
	summary = new(simStats)
	var out, says everyLine
	code = run(ctx, append([]string{"simulate", "--json", "--base-url", base, "--data", w.data}, args...), &out, &says)
	if err := json.Unmarshal(out.bytes(), summary); err != nil {
		w.t.Fatalf("gad simulate exits with %d and says %q, %q: %v", code, out.bytes(), says.bytes(), err)
	}
	return code, summary, string(says.bytes())
}

// wantNothingOpen: nobody simulated is on duty or calls for help, and no Tarea is open.
func (w *world) wantNothingOpen(c *client) {
	w.t.Helper()
	head, err := w.sys.store.Head(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	now := minPosition(int64(head))
	var people struct {
		Datos []struct {
			CodigoInterno  string `json:"codigo_interno"`
			EnTurno        bool   `json:"en_turno"`
			Disponibilidad string `json:"disponibilidad"`
			SOS            bool   `json:"sos"`
		} `json:"datos"`
	}
	c.want(http.StatusOK, c.do("GET", "/api/v1/efectivos?limite=200", nil, now...), &people)
	if len(people.Datos) == 0 {
		w.t.Error("nobody was simulated")
	}
	for _, e := range people.Datos {
		if e.EnTurno || e.SOS || e.Disponibilidad == "en_tarea" {
			w.t.Errorf("left behind: %+v", e)
		}
	}
	var tareas struct {
		Datos []struct {
			Codigo string `json:"codigo"`
			Estado string `json:"estado"`
		} `json:"datos"`
	}
	c.want(http.StatusOK, c.do("GET", "/api/v1/tareas?estado=programada,en_curso,pausada&limite=200", nil, now...), &tareas)
	if len(tareas.Datos) > 0 {
		w.t.Errorf("left open: %+v", tareas.Datos)
	}
}

// wantSums: every Tarea that was created became something that the summary says.
func (w *world) wantSums(s *simStats) {
	w.t.Helper()
	if s.Finalizadas+s.Cortadas+s.Canceladas != s.Creadas || s.SinEfectivo > s.Canceladas || s.Quedaron.String() != "" {
		w.t.Errorf("%d Tareas: %d finished, %d cut, %d cancelled (%d that nobody had); left %v",
			s.Creadas, s.Finalizadas, s.Cortadas, s.Canceladas, s.SinEfectivo, s.Quedaron)
	}
}

// TestSimulateInterrupted: whatever is being answered when a run is interrupted, nobody of it
// stays on duty and nothing of it stays open.
func TestSimulateInterrupted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.as(permiso.Supervisor)
	id := "[0-9a-f-]{36}"
	for _, moment := range []struct {
		what, method, path string
		status             int
		nth                int // answer of the kind
	}{
		{"somebody comes on duty", "POST", "/efectivos/" + id + "/turno", 200, 1},
		{"somebody is assigned", "POST", "/tareas/" + id + "/asignaciones", 200, 1},
		{"an emergency is offered", "POST", "/emergencias", 201, 1},
		{"a Tarea is created", "POST", "/tareas", 201, 2},
		{"somebody answers", "PUT", "/tareas/" + id + "/asignaciones/" + id, 200, 4},
		{"work begins", "POST", "/tareas/" + id + "/inicio", 200, 2},
		{"somebody calls for help", "POST", "/efectivos/" + id + "/sos", 200, 1},
		{"somebody goes off duty", "DELETE", "/efectivos/" + id + "/turno", 200, 1},
	} {
		ctx, interrupt := context.WithCancel(t.Context())
		is, seen := regexp.MustCompile("^/api/v1"+moment.path+"$"), 0
		way := newWay(t, w.at.http)
		way.heard = func(a *http.Response) {
			if a.Request.Method == moment.method && is.MatchString(a.Request.URL.Path) && a.StatusCode == moment.status {
				if seen++; seen == moment.nth {
					interrupt()
				}
			}
		}
		code, summary, said := w.simulated(ctx, way.URL, "--speed", "3000")
		interrupt()
		if code != 0 || !summary.Interrumpida || !strings.Contains(said, "se interrumpe") {
			t.Errorf("interrupted when %s, it exits with %d (%t) and says %s", moment.what, code, summary.Interrumpida, said)
		}
		w.wantSums(summary)
		w.wantNothingOpen(c)
		if t.Failed() {
			t.Fatalf("interrupted when %s", moment.what)
		}
	}
}

// TestSimulateEnd: a run that comes to its end leaves nothing open either. Whoever was given work
// by somebody else gives it back.
func TestSimulateEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.as(permiso.Supervisor)
	var theirs order
	c.want(http.StatusCreated, c.do("POST", "/api/v1/tareas", map[string]any{"titulo": "De la operación", "tipo": "inspeccion"}), &theirs)
	way := newWay(t, w.at.http)
	turno := regexp.MustCompile("^/api/v1/efectivos/([0-9a-f-]{36})/turno$")
	given := ""
	way.heard = func(a *http.Response) {
		if m := turno.FindStringSubmatch(a.Request.URL.Path); m != nil && a.Request.Method == "POST" && a.StatusCode == 200 && given == "" {
			given = m[1]
			c.want(http.StatusOK, c.do("POST", "/api/v1/tareas/"+theirs.ID+"/asignaciones", map[string]any{"efectivo": given, "forzar": true}), nil)
			c.want(http.StatusOK, c.do("PUT", "/api/v1/tareas/"+theirs.ID+"/asignaciones/"+given, map[string]any{"estado": "aceptada"}), nil)
		}
	}
	code, summary, said := w.simulated(t.Context(), way.URL, "--speed", "10000")
	if code != 0 || summary.Interrumpida || summary.Creadas == 0 || given == "" {
		t.Errorf("it exits with %d, %d Tareas, and says %s", code, summary.Creadas, said)
	}
	w.wantSums(summary)
	var tarea struct {
		Estado       string `json:"estado"`
		Asignaciones []struct {
			Efectivo string `json:"efectivo"`
			Estado   string `json:"estado"`
		} `json:"asignaciones"`
	}
	c.want(http.StatusOK, c.do("GET", "/api/v1/tareas/"+theirs.ID, nil), &tarea)
	if tarea.Estado != "programada" || len(tarea.Asignaciones) != 1 || tarea.Asignaciones[0].Estado != "liberada" {
		t.Errorf("the Tarea of the operation is %+v", tarea)
	}
	c.want(http.StatusOK, c.do("POST", "/api/v1/tareas/"+theirs.ID+"/cancelacion", map[string]any{"motivo": "era una prueba"}), nil)
	w.wantNothingOpen(c)
}

// TestSimulateLeaves: what a run is not allowed to end is counted and named, and it fails.
func TestSimulateLeaves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	way := newWay(t, w.at.http)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	begun := regexp.MustCompile("/inicio$")
	way.heard = func(a *http.Response) {
		if a.StatusCode == 200 && begun.MatchString(a.Request.URL.Path) {
			interrupt()
		}
	}
	way.refused = func(r *http.Request) bool {
		return ctx.Err() != nil && (strings.HasSuffix(r.URL.Path, "/turno") || strings.HasSuffix(r.URL.Path, "/finalizacion"))
	}
	code, summary, said := w.simulated(ctx, way.URL, "--speed", "3000")
	left := summary.Quedaron
	if code != 1 || len(left.Turnos) == 0 || len(left.Tareas) == 0 || summary.Errores["403 prohibido"] < len(left.Turnos) {
		t.Errorf("it exits with %d, left %+v and %v", code, left, summary.Errores)
	}
	if last := lastLine(said); !strings.Contains(last, left.String()) || !strings.HasPrefix(left.Turnos[0], "SIM-") || !strings.HasPrefix(left.Tareas[0], "T-") {
		t.Errorf("it says %s", last)
	}
}

// What could not be ended is named, and a long list is cut.
func TestLeft(t *testing.T) {
	t.Parallel()
	if l := (simLeft{}); l.err() != nil || l.String() != "" {
		t.Errorf("nothing left says %q", l.err())
	}
	l := simLeft{Turnos: []string{"SIM-B", "SIM-A"}, SOS: []string{"SIM-A"}}
	for i := range 12 {
		l.Tareas = append(l.Tareas, fmt.Sprintf("T-%02d", i))
	}
	want := "2 turnos (SIM-A, SIM-B); 12 tareas (T-00, T-01, T-02, T-03, T-04, T-05, T-06, T-07, T-08, T-09, y 2 más); 1 SOS (SIM-A)"
	if got := l.String(); got != want || l.err() == nil || l.Turnos[0] != "SIM-B" {
		t.Errorf("got %s", got)
	}
}

// What the summary says is for people: no time is shown where nothing was measured, and what the
// system did not tell is not shown as nothing.
func TestSummary(t *testing.T) {
	t.Parallel()
	s := newSimStats()
	s.Interrumpida, s.Duro, s.Creadas, s.Finalizadas, s.Cortadas, s.Canceladas, s.SinEfectivo = true, 60, 10, 5, 2, 3, 1
	s.Marcadas["velocidad_imposible"], s.Quedaron.Turnos = 5, []string{"SIM-A"}
	s.Sistema.Por = map[string][]simGroup{"prioridad": {{Clave: "5", Total: 3, Finalizadas: 2, DuracionP50: 1, DuracionP90: 2}, {Clave: "2", Total: 1}}}
	said := func() string {
		var out strings.Builder
		if err := s.print(&out, false, 60); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	whole := said()
	for _, want := range []string{
		"Simulación interrumpida: 1m0s de reloj, 1h0m0s de operación (60 veces más rápido)",
		"10 creadas (0 de ellas para más tarde): 5 finalizadas", "2 cerradas en pleno trabajo y 3 canceladas sin empezar, de las que 1 no tenía nadie",
		"llegada     p50 -, p90 - (de 0 llegadas", "marcadas:\n      velocidad_imposible", "errores: ninguno\n", "SIN CERRAR    1 turno (SIM-A)\n",
		"prioridad 5 (critica)", "2m0s", "prioridad 2 (media)", "lo que quedó en su registro",
	} {
		if !strings.Contains(whole, want) {
			t.Errorf("%q is not in\n%s", want, whole)
		}
	}
	if s.Sistema.Faltan = true; strings.Contains(said(), "registro desde") || !strings.Contains(said(), "no contestó") {
		t.Errorf("without an answer it says\n%s", said())
	}
}
