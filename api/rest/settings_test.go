package rest_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/grupo-gad/gad/api/rest"
	"github.com/grupo-gad/gad/ops/pgtest"
)

// TestProductionManners: what only settings switch on.
func TestProductionManners(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(d *rest.Deps) {
		s := &d.Settings // the rest of them are the world's
		s.Production, s.Hosts, s.CORSOrigins = true, []string{"127.0.0.1"}, []string{"https://mesa.gad.test"}
		s.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	})
	https := header("X-Forwarded-Proto", "https")
	if got := w.admin.call("GET", "/api/v1/tareas", nil, https).header.Get("Strict-Transport-Security"); got == "" {
		t.Error("no HSTS behind a trusted proxy")
	}
	elsewhere := func(r *http.Request) { r.Host = "evil.test" }
	w.admin.send("GET", "/api/v1/tareas", nil, elsewhere).refused(http.StatusMisdirectedRequest, "servidor_desconocido")

	for origin, want := range map[string]string{"https://mesa.gad.test": "https://mesa.gad.test", "https://evil.test": "", "null": ""} {
		if got := w.admin.call("GET", "/api/v1/tareas", nil, header("Origin", origin)).header.Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("origin %s is answered %q", origin, got)
		}
	}
	for _, body := range []map[string]any{
		{"titulo": "Choque en avenida", "tipo": "emergencia", "simulada": true},
	} {
		w.admin.call("POST", "/api/v1/tareas", body).refused(http.StatusUnprocessableEntity, "simulado_no_admitido")
	}
	w.admin.call("POST", "/api/v1/efectivos", map[string]any{"codigo_interno": "M-01", "nombre": "x", "simulado": true}).
		refused(http.StatusUnprocessableEntity, "simulado_no_admitido")
}

// TestMinPosition: a read is never older than it was asked to be.
func TestMinPosition(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.admin.call("POST", "/api/v1/tareas", map[string]any{"titulo": "Choque en avenida", "tipo": "emergencia"}).want(http.StatusCreated)
	w.admin.call("GET", "/api/v1/tareas/"+made.text("id"), nil, made.at()).want(http.StatusOK)
	for _, none := range []string{"", "-1", "x", "1.5", "99999999999999999999"} {
		w.admin.call("GET", "/api/v1/tareas", nil, header("X-Gad-Min-Position", none)).want(http.StatusBadRequest)
	}
	twice := func(r *http.Request) { r.Header["X-Gad-Min-Position"] = []string{"1", "2"} }
	w.admin.call("GET", "/api/v1/tareas", nil, twice).want(http.StatusBadRequest)
	// A version that is passed is told of an order that is well formed, and of no other.
	path, old := "/api/v1/tareas/"+made.text("id"), header("If-Match", `"99"`)
	w.admin.call("PATCH", path, map[string]any{"titulo": strings.Repeat("x", 500)}, old).want(http.StatusUnprocessableEntity)
	w.admin.call("PATCH", path, map[string]any{"titulo": "Otro choque en la avenida"}, old).want(http.StatusPreconditionFailed)
	w.admin.call("POST", path+"/cancelacion", map[string]any{"motivo": nil}).refused(http.StatusBadRequest, "campo_de_otro_tipo")
	beyond := header("X-Gad-Min-Position", "999999")
	for _, path := range []string{"/api/v1/tareas/" + made.text("id"), "/api/v1/eventos"} {
		if a := w.admin.call("GET", path, nil, beyond).refused(http.StatusServiceUnavailable, "proyeccion_atrasada"); a.header.Get("Retry-After") == "" {
			t.Errorf("%s: 503 without Retry-After", path)
		}
	}
}

// TestDatabaseAway: what cannot be known or kept is answered as such, and never
// as a mistake of ours.
func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	server := pgtest.Server(t)
	w := newWorldOn(t, pgtest.NewOn(t, server))
	w.admin.tarea()
	must(t, server.Kill())
	body := []byte(`{"titulo":"Choque en avenida","tipo":"emergencia"}`)
	for _, c := range []struct {
		method, path string
		body         []byte
	}{
		{"GET", "/api/v1/tareas", nil},
		{"GET", "/api/v1/auth/yo", nil},
		{"GET", "/api/v1/eventos", nil},
		{"POST", "/api/v1/tareas", body},
		{"POST", "/api/v1/auth/login", []byte(`{"email":"ada@gad.test","password":"una frase larga y propia"}`)},
		{"POST", "/api/v1/auth/refresh", []byte(`{"refresh_token":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}`)},
	} {
		a := w.admin.send(c.method, c.path, c.body, header("Content-Type", "application/json"))
		if a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
			t.Errorf("%s %s answers %d: %s", c.method, c.path, a.status, a.raw)
		}
	}
}
