package rest_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/grupo-gad/gad/domain/permiso"
)

// TestRebuildOverREST has a read model made anew, sees how far it is, and goes back.
func TestRebuildOverREST(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.admin.tarea()
	const at = "/api/v1/admin/proyecciones/tareas"
	ended := func() map[string]any {
		t.Helper()
		for range 20_000 { // each asks the server: that is the wait
			job, _ := w.admin.call("GET", at, nil).want(http.StatusOK).object()["reconstruccion"].(map[string]any)
			if job != nil && job["terminada"] != nil {
				return job
			}
		}
		t.Fatal("it does not end")
		return nil
	}
	json := header("Content-Type", "application/json")
	w.admin.send("POST", at+"/vuelta", []byte(`{"motivo":"nada que hacer"}`), json).refused(http.StatusConflict, "sin_generacion_anterior")
	w.admin.send("POST", at+"/reconstruccion", []byte(`{"motivo":"no"}`), json).refused(http.StatusUnprocessableEntity, "motivo_requerido")
	w.admin.send("POST", "/api/v1/admin/proyecciones/nubes/reconstruccion", []byte(`{"motivo":"para probar"}`), json).refused(http.StatusNotFound, "proyeccion_no_existe")
	w.user(permiso.Auditor).send("POST", at+"/reconstruccion", []byte(`{"motivo":"para probar"}`), json).refused(http.StatusForbidden, "prohibido")

	key := header("Idempotency-Key", "una-vez")
	asked := w.admin.call("POST", at+"/reconstruccion", map[string]any{"motivo": "cambió cómo se cuenta"}, key).want(http.StatusAccepted)
	equal(t, at, asked.header.Get("Location"))
	job := ended()
	if job["id"] != asked.text("id") || job["estado"] != "reemplazada" || job["hechos"] != job["total"] || job["total"] == 0.0 {
		t.Errorf("rebuilt: %v", job)
	}
	again := w.admin.call("POST", at+"/reconstruccion", map[string]any{"motivo": "cambió cómo se cuenta"}, key).want(http.StatusAccepted)
	equal(t, asked.text("id"), again.text("id")) // and nothing more was begun
	if w.facts("auditoria.reconstruccion_ordenada") != 1 {
		t.Error("who ordered it is not in the log, once")
	}

	if _, err := w.pool.Exec(t.Context(), `update lectura.tareas set titulo = 'otra cosa'`); err != nil {
		t.Fatal(err)
	}
	w.admin.call("POST", at+"/reconstruccion", map[string]any{"motivo": "alguien tocó la base"}).want(http.StatusAccepted)
	job = ended()
	if tables, _ := job["distintas"].([]any); job["estado"] != "distinta" || !slices.Contains(tables, any("tareas")) {
		t.Errorf("rows that are not the log's: %v", job)
	}
	w.admin.call("POST", at+"/reconstruccion", map[string]any{"motivo": "vale el registro", "aceptar": true}).want(http.StatusAccepted)
	equal(t, any("reemplazada"), ended()["estado"])
	w.admin.call("POST", at+"/vuelta", map[string]any{"motivo": "había que mirar antes"}).want(http.StatusAccepted)
	job = ended()
	equal(t, []any{"volver", "reemplazada"}, []any{job["clase"], job["estado"]})
}
