package rest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/grupo-gad/gad/api/rest"
)

// Reads that are of no position of the log: of this process, or of no fact.
var timeless = map[string]bool{
	"/openapi.yaml": true, "/.well-known/jwks.json": true, "/livez": true, "/readyz": true, "/health": true, "/health/ready": true,
	"/ws": true, "/api/v1/ws/estado": true, "/docs": true, "/stream": true, "/api/v1/auth/sesiones": true,
}

// TestEveryReadWaits: no read answers with less of the log than it was asked for; it waits, and
// then says that it cannot.
func TestEveryReadWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	unit, id := w.unit(), w.admin.tarea()
	beyond := header("X-Gad-Min-Position", fmt.Sprint(w.head()+1_000_000))
	e := echo.New()
	rest.EveryRoute(t).Register(e)
	var reads sync.WaitGroup
	for _, route := range e.Routes() {
		if route.Method != http.MethodGet || timeless[route.Path] || !strings.HasPrefix(route.Path, "/api/v1/") {
			continue
		}
		path := strings.NewReplacer("tareas/:id", "tareas/"+id, "efectivos/:id", "efectivos/"+unit, ":posicion", "1", ":adjunto", id, ":id", id).Replace(route.Path)
		if strings.HasPrefix(path, "/api/v1/geo/") && !strings.HasSuffix(path, "calor") {
			path += "?lat=-34.6&lon=-58.4"
		}
		if strings.HasSuffix(path, "/auditoria/actividad") {
			path += "?usuario=" + id
		}
		reads.Go(func() {
			a := w.admin.send(http.MethodGet, path, nil, beyond)
			if a.status != http.StatusServiceUnavailable || a.text("codigo") != "proyeccion_atrasada" {
				t.Errorf("%s answered %d: %.200s", path, a.status, a.raw)
			}
		})
	}
	reads.Wait()
	// A track is a read too, though what is asked goes in a body.
	w.admin.call(http.MethodPost, "/api/v1/efectivos/"+unit+"/recorrido", map[string]any{
		"desde": "2026-03-01T00:00:00Z", "hasta": "2026-03-01T01:00:00Z", "motivo": "revisión de la ronda",
	}, beyond).refused(http.StatusServiceUnavailable, "proyeccion_atrasada")
}

// TestReadsFollowWrites: a thousand orders, each followed by a read that names its position;
// none is stale.
func TestReadsFollowWrites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const workers, each = 8, 125
	var late, stale sync.Map
	var all sync.WaitGroup
	for n := range workers {
		all.Go(func() {
			for i := range each {
				codigo := fmt.Sprintf("LEE-%d-%d", n, i)
				made := w.raw(http.MethodPost, "/api/v1/tareas", fmt.Sprintf(`{"titulo":"Una tras otra","tipo":"patrullaje","codigo":%q}`, codigo), "")
				if made.status != http.StatusCreated {
					t.Errorf("%s: %d %s", codigo, made.status, made.raw)
					return
				}
				path := "/api/v1/tareas/" + codigo
				if i%2 == 0 {
					path = "/api/v1/tareas?limite=200&orden=-posicion"
				}
				read := w.raw(http.MethodGet, path, "", made.header.Get("X-Gad-Position"))
				switch {
				case read.status == http.StatusServiceUnavailable:
					late.Store(codigo, true) // honest, though slow
				case read.status != http.StatusOK || !strings.Contains(string(read.raw), `"`+codigo+`"`):
					stale.Store(codigo, fmt.Sprintf("%d %.200s", read.status, read.raw))
				}
			}
		})
	}
	all.Wait()
	stale.Range(func(codigo, got any) bool { t.Errorf("%v is not there: %v", codigo, got); return true })
	n := 0
	late.Range(func(any, any) bool { n++; return true })
	if n > 0 {
		t.Logf("%d reads said that they would be late", n)
	}
}

// TestPartsFollowWrites: what somebody with a jurisdiction counts is no older than what he asks
// for, whatever of it comes from Redis for the others.
func TestPartsFollowWrites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	boss := w.narrow(nil, []string{"Norte"})
	for n := 1; n <= 20; n++ {
		made := boss.call(http.MethodPost, "/api/v1/tareas", map[string]any{"titulo": "Una tras otra", "tipo": "patrullaje"}).want(http.StatusCreated)
		sum := boss.call(http.MethodGet, "/api/v1/estadisticas/resumen", nil, made.at()).want(http.StatusOK)
		if got := sum.object()["tareas"].(map[string]any)["programada"]; got != float64(n) {
			t.Fatalf("%v of %d: %s", got, n, sum.raw)
		}
	}
}

// raw calls as the administrador without holding the answer against the contract.
func (w *world) raw(method, path, body, position string) answer {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Error(err)
		return answer{}
	}
	r.Header.Set("Authorization", "Bearer "+w.admin.token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if position != "" {
		r.Header.Set("X-Gad-Min-Position", position)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Error(err)
		return answer{}
	}
	defer func() { _ = resp.Body.Close() }()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Error(err)
	}
	return answer{w.t, resp.StatusCode, resp.Header, got}
}

// TestFiguresOverREST: the figures answer as the contract says, to those who may see them.
func TestFiguresOverREST(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.admin.tarea()
	made := w.admin.call(http.MethodPost, "/api/v1/tareas/"+id+"/finalizacion", nil).want(http.StatusOK)
	for _, path := range []string{
		"/estadisticas/tareas?por=dia", "/estadisticas/tareas", "/estadisticas/tiempos", "/estadisticas/dotacion?tipo=patrullaje&prioridad=alta&horas=4",
		"/geo/calor?grano=2", "/admin/cache", "/admin/proyecciones",
	} {
		a := w.admin.call(http.MethodGet, "/api/v1"+path, nil, made.at()).want(http.StatusOK)
		if strings.HasPrefix(path, "/estadisticas/tareas") {
			if total, _ := a.object()["total"].(float64); total != 1 {
				t.Errorf("%s: %s", path, a.raw)
			}
		}
	}
	yo := w.admin.call(http.MethodGet, "/api/v1/auth/yo", nil).text("id")
	a := w.admin.call(http.MethodGet, "/api/v1/estadisticas/usuarios/"+yo+"?dias=7", nil, made.at()).want(http.StatusOK)
	if n, _ := a.object()["creadas"].(float64); n != 1 {
		t.Errorf("created %v: %s", n, a.raw)
	}
	var estado struct {
		Claves []struct{ Clave string }
	}
	a = w.admin.call(http.MethodGet, "/api/v1/admin/cache", nil).want(http.StatusOK)
	if err := json.Unmarshal(a.raw, &estado); err != nil || len(estado.Claves) < 4 {
		t.Errorf("cache: %s, %v", a.raw, err)
	}
	w.admin.call(http.MethodDelete, "/api/v1/admin/cache", nil).want(http.StatusOK)
	w.admin.send(http.MethodGet, "/api/v1/estadisticas/tareas?por=titulo", nil).refused(http.StatusUnprocessableEntity, "agrupacion_invalida")
	w.admin.send(http.MethodGet, "/api/v1/estadisticas/tiempos?desde=2026-01-01&hasta=2025-01-01", nil).refused(http.StatusUnprocessableEntity, "periodo_invalido")
}

// A day without an hour begins when it does for the operation.
func TestDayOfTheOperation(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/Argentina/Buenos_Aires")
	must(t, err)
	w := newWorld(t, func(d *rest.Deps) { d.Settings.Zone = zone })
	a := w.admin.call(http.MethodGet, "/api/v1/estadisticas/tareas?desde=2026-03-01&hasta=2026-03-02", nil).want(http.StatusOK)
	if a.text("desde") != "2026-03-01T03:00:00Z" || a.text("hasta") != "2026-03-02T03:00:00Z" {
		t.Errorf("from %s to %s", a.text("desde"), a.text("hasta"))
	}
}
