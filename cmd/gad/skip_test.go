package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grupo-gad/gad/domain/permiso"
)

// TestSkipOfAParkedEvent: an event that a read model cannot take holds up its own Tarea and
// nothing else. Two administrators leave it out, which is a fact; then the Tarea goes on.
func TestSkipOfAParkedEvent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ana, bea := w.as(permiso.Administrador), w.secondAdministrator()
	w.ownerDoes(`alter table lectura.tareas add constraint veneno check (titulo <> 'veneno')`)
	var tarea, other order
	ana.want(http.StatusCreated, ana.do("POST", "/api/v1/tareas", map[string]any{"titulo": "Corte", "tipo": "intervencion"}), &tarea)
	path := "/api/v1/tareas/" + tarea.ID
	var poison, later order
	ana.want(http.StatusOK, ana.do("PATCH", path, map[string]any{"titulo": "veneno"}), &poison)
	titulo := func(id string, at order) string {
		t.Helper()
		var seen struct{ Titulo string }
		ana.want(http.StatusOK, ana.do("GET", "/api/v1/tareas/"+id, nil, minPosition(at.Posicion)...), &seen)
		return seen.Titulo
	}
	if got := titulo(tarea.ID, poison); got != "Corte" { // folded by itself, not together with what follows
		t.Errorf("the poison was taken: %q", got)
	}
	ana.want(http.StatusOK, ana.do("PATCH", path, map[string]any{"titulo": "Corte total"}), &later)
	ana.want(http.StatusCreated, ana.do("POST", "/api/v1/tareas", map[string]any{"titulo": "Otra patrulla", "tipo": "intervencion"}), &other)
	if got := []string{titulo(tarea.ID, other), titulo(other.ID, other)}; !cmp.Equal(got, []string{"Corte", "Otra patrulla"}) {
		t.Errorf("parked: %v", got)
	}
	if code, out := w.gad("admin", "parked"); code != 0 || !strings.Contains(out, "tarea-"+tarea.ID) {
		t.Errorf("gad admin parked: %d %s", code, out)
	}
	// What is attached to it is not in the read model either, and no orphan for that.
	if _, err := w.sys.attached(t.Context(), nil); err == nil || !strings.Contains(err.Error(), tarea.ID) {
		t.Errorf("orphans are told apart: %v", err)
	}

	// One alone may not, nor the same one twice; an auditor may not at all.
	ask := map[string]any{"clase": "salto", "proyeccion": "tareas", "clave": "tarea-" + tarea.ID, "motivo": "dato imposible de guardar"}
	w.as(permiso.Auditor).refused(http.StatusForbidden, "prohibido", w.as(permiso.Auditor).do("POST", "/api/v1/aprobaciones", ask))
	var pedido, hecho order
	ana.want(http.StatusCreated, ana.do("POST", "/api/v1/aprobaciones", ask), &pedido)
	at := "/api/v1/aprobaciones/" + pedido.ID
	ana.refused(http.StatusConflict, "aprobacion_pendiente", ana.do("POST", at+"/ejecucion", nil))
	ana.refused(http.StatusForbidden, "aprobacion_propia", ana.do("POST", at+"/aprobacion", nil))
	if got := titulo(tarea.ID, other); got != "Corte" {
		t.Errorf("skipped by one alone: %q", got)
	}
	bea.want(http.StatusOK, bea.do("POST", at+"/aprobacion", nil), nil)
	ana.want(http.StatusOK, ana.do("POST", at+"/ejecucion", nil), &hecho)
	ana.refused(http.StatusNotFound, "clave_no_apartada", ana.do("POST", at+"/ejecucion", nil))

	// The event is left out, and what waited behind it is there.
	if got := titulo(tarea.ID, hecho); got != "Corte total" {
		t.Errorf("after the skip: %q", got)
	}
	if code, out := w.gad("admin", "parked"); code != 0 || strings.Contains(out, tarea.ID) {
		t.Errorf("still parked: %d %s", code, out)
	}
	var facts struct {
		Datos []struct {
			Datos map[string]any `json:"datos"`
		} `json:"datos"`
	}
	a := ana.want(http.StatusOK, ana.do("GET", "/api/v1/eventos?tipo=aprobacion.ejecutada", nil), &facts)
	if len(facts.Datos) != 1 || !strings.Contains(string(a.body), "tarea-"+tarea.ID) && facts.Datos[0].Datos["posicion"] != float64(poison.Posicion) {
		t.Errorf("the skip is not on record: %s", a.body)
	}
	// The next Tarea is as quick as ever.
	ana.want(http.StatusOK, ana.do("PATCH", path, map[string]any{"titulo": "Corte parcial"}), &later)
	if got := titulo(tarea.ID, later); got != "Corte parcial" {
		t.Errorf("afterwards: %q", got)
	}
}
