package rest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/domain/permiso"
)

// TestWholeTarea: notes, checklist, delegation and reopening, as they are read afterwards,
// by whoever may read them; and no text of theirs in the log.
func TestWholeTarea(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	boss, auditor := w.user(permiso.Supervisor), w.user(permiso.Auditor)
	secret := "canario-" + uuid.NewString()
	made := boss.call("POST", "/api/v1/tareas", map[string]any{
		"titulo": "Choque en avenida", "tipo": "OPERATIVO", "prioridad": "HIGH", "lista": []any{secret, map[string]any{"texto": "Avisar"}},
	}).want(http.StatusCreated)
	path := "/api/v1/tareas/" + made.text("id")

	key := header("Idempotency-Key", "nota-1")
	note := boss.call("POST", path+"/notas", map[string]any{"texto": secret}, key).want(http.StatusCreated)
	again := boss.call("POST", path+"/notas", map[string]any{"texto": secret}, key).want(http.StatusCreated)
	boss.call("GET", note.header.Get("Location"), nil, note.at()).want(http.StatusOK)
	if note.text("id") == "" || note.text("id") != again.text("id") || again.object()["repetida"] != true {
		t.Errorf("repeated: %s, %s", note.raw, again.raw)
	}
	boss.call("POST", path+"/notas", map[string]any{"texto": ""}).refused(http.StatusUnprocessableEntity, "tarea_datos_invalidos")
	auditor.call("POST", path+"/notas", map[string]any{"texto": "x"}).refused(http.StatusForbidden, "prohibido")
	boss.call("PUT", path+"/lista/1", nil).want(http.StatusOK)
	boss.call("PUT", path+"/lista/2", map[string]any{"cumplido": true}).want(http.StatusOK)
	boss.call("PUT", path+"/lista/2", map[string]any{"cumplido": false}).want(http.StatusOK)
	boss.send("PUT", path+"/lista/9", nil).refused(http.StatusNotFound, "punto_no_existe")
	boss.send("PUT", path+"/lista/x", nil).refused(http.StatusNotFound, "punto_no_existe")
	boss.call("PATCH", path, map[string]any{"lista": []any{map[string]any{"punto": 1}, "Cortar el tránsito"}, "prioridad": 5}).want(http.StatusOK)
	other := w.admin.call("POST", "/api/v1/usuarios", map[string]any{
		"nombre": "Eva", "apellido": "Sol", "email": "eva@gad.test", "rol": "supervisor", "password": password,
	}).want(http.StatusCreated)
	// Who it is given to must be known.
	boss.call("PATCH", path, map[string]any{"delegado": uuid.NewString()}).want(http.StatusUnprocessableEntity)
	last := boss.call("PATCH", path, map[string]any{"delegado": other.text("id")}, other.at()).want(http.StatusOK)

	got := boss.call("GET", path, nil, last.at()).want(http.StatusOK)
	lista, notas := got.list("lista"), got.list("notas")
	if len(lista) != 2 || len(notas) != 1 || got.text("delegado") != other.text("id") || got.object()["prioridad"] != 5.0 || got.text("tipo") != "intervencion" {
		t.Fatalf("tarea %s", got.raw)
	}
	first, second := lista[0].(map[string]any), lista[1].(map[string]any)
	if first["texto"] != secret || first["cumplido"] != true || second["punto"] != 3.0 || second["cumplido"] != false {
		t.Errorf("lista %v", lista)
	}
	if n := notas[0].(map[string]any); n["texto"] != secret || n["id"] != note.text("id") {
		t.Errorf("notas %v", notas)
	}
	if masked := auditor.call("GET", path, nil).want(http.StatusOK); strings.Contains(string(masked.raw), secret) || len(masked.list("notas")) != 1 {
		t.Errorf("an auditor reads %s", masked.raw)
	}
	history := boss.call("GET", path+"/historial", nil).want(http.StatusOK)
	if strings.Count(string(history.raw), secret) != 3 { // both definitions and the note
		t.Errorf("history %s", history.raw)
	}
	records, err := w.store.ReadLog(t.Context(), 0, 1000)
	must(t, err)
	for _, r := range records {
		if strings.Contains(string(r.Payload), secret) {
			t.Errorf("%s at %d says %s", r.Type, r.Position, r.Payload)
		}
	}

	// Reopened, the time between does not count as work.
	boss.call("POST", path+"/inicio", nil).want(http.StatusOK)
	boss.call("POST", path+"/finalizacion", nil).want(http.StatusOK)
	boss.call("POST", path+"/reapertura", map[string]any{"motivo": ""}).refused(http.StatusUnprocessableEntity, "tarea_sin_motivo")
	w.user(permiso.Servicio).call("POST", path+"/reapertura", map[string]any{"motivo": "x"}).refused(http.StatusForbidden, "prohibido")
	boss.call("POST", path+"/reapertura", map[string]any{"motivo": "faltaba una esquina"}).want(http.StatusOK)
	boss.call("POST", path+"/reapertura", map[string]any{"motivo": "otra vez"}).refused(http.StatusConflict, "tarea_no_finalizada")
	end := boss.call("POST", path+"/finalizacion", nil).want(http.StatusOK)
	final := boss.call("GET", path, nil, end.at()).want(http.StatusOK).object()
	start, finish := instant(t, final["inicio_real"]), instant(t, final["fin_real"])
	worked := finish.Sub(start).Seconds() - final["pausas_s"].(float64)
	if d := final["duracion_s"].(float64) - worked; d > 1e-6 || d < -1e-6 || final["pausas_s"] == 0.0 {
		t.Errorf("duration %v, pauses %v, %v to %v", final["duracion_s"], final["pausas_s"], start, finish)
	}
}

func instant(t *testing.T, v any) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, v.(string))
	must(t, err)
	return at
}
