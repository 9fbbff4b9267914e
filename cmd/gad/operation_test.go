package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grupo-gad/gad/domain/permiso"
)

// TestSimulate drives a running system with a generated operation; afterwards
// the log is sound and the read models equal a fresh replay.
func TestSimulate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	code, out := w.gad("simulate", "--json", "--base-url", w.at.http, "--speed", "3000", "--max-duration", "12s")
	var summary simStats
	if err := json.Unmarshal([]byte(out[max(0, strings.Index(out, "{")):]), &summary); code != 0 || err != nil {
		t.Fatalf("gad simulate exits with %d and says %q (%v)", code, out, err)
	}
	if summary.Creadas == 0 || summary.Turnos == 0 || summary.Zonas == 0 || len(summary.Errores) > 0 || len(summary.Sistema.Por["estado"]) == 0 {
		t.Errorf("the operation came to %s", out)
	}
	// What was under way when the time was over may be in the log and not in the count; of those
	// who arrived one of six at most did not say so.
	facts := summary.Sistema.Hechos
	if facts.Salidas.N > facts.Entradas.N || facts.Recuperadas > facts.Perdidas || facts.SOS < summary.SOS || summary.EnZona > summary.Enviadas ||
		(facts.Entradas.N > 0) != (len(facts.PorZona) > 0) || summary.EnZona > 1000 && facts.Entradas.N == 0 ||
		summary.Respuesta.N > 6 && facts.Dichas == 0 {
		t.Errorf("the log says %+v", facts)
	}
	var list struct {
		Total int `json:"total"`
		Datos []struct {
			Simulada bool `json:"simulada"`
		} `json:"datos"`
	}
	c := w.as(permiso.Supervisor)
	head, err := w.sys.store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c.want(http.StatusOK, c.do("GET", "/api/v1/tareas?limite=200", nil, minPosition(int64(head))...), &list)
	// Orders that were under way when the time was over were heard out.
	if list.Total != summary.Creadas || len(list.Datos) == 0 || !list.Datos[0].Simulada {
		t.Errorf("the system holds %d Tareas of %d, marked %+v", list.Total, summary.Creadas, list.Datos)
	}
	w.wantSums(&summary)
	w.wantNothingOpen(c)
	w.wantAudit()
}

// TestDemo: those of the demo who are on duty move, are marked as invented, and are found again
// by the next start; the others come on duty in their turn.
func TestDemo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.as(permiso.Supervisor)
	moving := func() int {
		var list struct {
			Datos []struct {
				Simulado       bool            `json:"simulado"`
				PosicionActual json.RawMessage `json:"posicion_actual"`
			} `json:"datos"`
		}
		c.want(http.StatusOK, c.do("GET", "/api/v1/efectivos?en_turno=true&limite=200", nil), &list)
		n := 0
		for _, e := range list.Datos {
			if !e.Simulado {
				t.Error("one of the demo is not marked as simulated")
			}
			if string(e.PosicionActual) != "null" {
				n++
			}
		}
		return n
	}
	for range 2 {
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- demo(ctx, w.at.http, w.users, slog.New(slog.DiscardHandler)) }()
		eventually(t, "the demo moves", func() bool { return moving() >= demoFleet/2 })
		stop()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
}

// TestAdmin: a user made on the server can log in; mistakes are told in a sentence.
func TestAdmin(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stdin := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(w.data, "clave"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	create := []string{"admin", "create-user", "--rol", "supervisor", "--email", "ana@ejemplo.gob.ar", "--nombre", "Ana", "--apellido", "Paz", "--password-stdin"}
	stdin("corta")
	if code, out := w.gadFrom("clave", create...); code != 1 || !strings.Contains(out, "contraseña") {
		t.Errorf("a short password exits with %d: %s", code, out)
	}
	stdin("una clave larga y propia\n")
	if code, out := w.gadFrom("clave", create...); code != 0 {
		t.Fatalf("gad admin create-user exits with %d: %s", code, out)
	}
	if code, out := w.gadFrom("clave", create...); code != 1 || !strings.Contains(out, "correo") {
		t.Errorf("the same address again exits with %d: %s", code, out)
	}
	c := &client{t: t, base: w.at.http}
	c.want(http.StatusOK, c.do("POST", "/api/v1/auth/login", map[string]string{"email": "ANA@ejemplo.gob.ar", "password": "una clave larga y propia"}), nil)
	w.wantLink(c)
	for _, args := range [][]string{
		{"admin", "parked"},
		{"admin", "parked", "--json"},
		{"admin", "keys", "rotate"},
		{"config", "check"},
		{"config", "print"},
		{"migrate", "status"},
		{"migrate", "up"},
		{"rebuild", "tareas"},
		{"rebuild", "efectivos", "--json"},
		{"audit", "verify", "--json"},
	} {
		if code, out := w.gad(args...); code != 0 {
			t.Errorf("gad %v exits with %d: %s", args, code, out)
		}
	}
	var audit verified
	var out, says everyLine // what a program reads is standard output alone
	code := run(t.Context(), []string{"audit", "verify", "--json", "--data", w.data}, &out, &says)
	if err := json.Unmarshal(out.bytes(), &audit); code != 0 || err != nil || audit.Registro.Hechos == 0 || len(audit.Registro.Cadena) != 64 {
		t.Errorf("gad audit verify --json exits with %d, %v: %s%s", code, err, out.bytes(), says.bytes())
	}
	// Half an audit must not look like a whole one.
	interrupted, stop := context.WithCancel(t.Context())
	stop()
	for _, args := range [][]string{{"audit", "verify"}, {"audit", "replay"}, {"audit", "replay", "--into"}} {
		var out everyLine
		if code := run(interrupted, append(args, "--data", w.data), &out, &out); code != 1 {
			t.Errorf("gad %v, interrupted, exits with %d: %s", args, code, out.bytes())
		}
	}
	if code, out := w.gad("migrate", "down"); code != 1 {
		t.Errorf("gad migrate down on a log in use exits with %d: %s", code, out)
	}
}

// wantLink: without a password there is a one-time link, also for an administrator, whose
// rol is then a fact of its own.
func (w *world) wantLink(c *client) {
	w.t.Helper()
	code, out := w.gad("admin", "create-user", "--rol", "administrador", "--email", "eva@ejemplo.gob.ar", "--nombre", "Eva", "--apellido", "Sur")
	link, ok := lastLine(out), code == 0
	if _, secret, found := strings.Cut(link, "/activacion#"); !ok || !found || len(secret) != 43 {
		w.t.Fatalf("gad admin create-user exits with %d: %s", code, out)
	}
	_, again := w.gad("admin", "link", "--email", "EVA@ejemplo.gob.ar")
	_, first, _ := strings.Cut(link, "#")
	_, second, _ := strings.Cut(lastLine(again), "#")
	activate := func(code string) answer {
		return c.do("POST", "/api/v1/auth/activacion", map[string]string{"codigo": code, "password": "otra clave larga y propia"})
	}
	if a := activate(first); a.status != http.StatusUnauthorized {
		w.t.Errorf("a link that was replaced answers %d %s", a.status, a.body)
	}
	c.want(http.StatusNoContent, activate(second), nil)
	if a := activate(second); a.status != http.StatusUnauthorized {
		w.t.Errorf("a used link answers %d %s", a.status, a.body)
	}
	var tokens struct {
		Access string `json:"access_token"`
	}
	c.want(http.StatusOK, c.do("POST", "/api/v1/auth/login", map[string]string{"email": "eva@ejemplo.gob.ar", "password": "otra clave larga y propia"}), &tokens)
	eva := &client{t: w.t, base: w.at.http, token: tokens.Access}
	var facts struct {
		Datos []struct {
			Datos map[string]any `json:"datos"`
		} `json:"datos"`
	}
	eva.want(http.StatusOK, eva.do("GET", "/api/v1/eventos?tipo=usuario.rol_cambiado", nil), &facts)
	if n := len(facts.Datos); n == 0 || facts.Datos[n-1].Datos["en_servidor"] != true {
		w.t.Errorf("the new administrator is no fact of its own: %+v", facts)
	}
}

func lastLine(out string) string {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	return lines[len(lines)-1]
}
