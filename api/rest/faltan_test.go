package rest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/api/rest/contracttest"
	"github.com/grupo-gad/gad/domain/permiso"
)

// TestAllThatIsMissing: an order that says nothing is told everything that it lacks, under the
// names of the contract; nobody learns it one field at a time.
func TestAllThatIsMissing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	boss := w.user(permiso.Supervisor)
	made := boss.call(http.MethodPost, "/api/v1/tareas", map[string]any{"titulo": "Choque en avenida", "tipo": "intervencion"}).want(http.StatusCreated)
	tarea := made.text("id")
	boss.call(http.MethodPost, "/api/v1/tareas/"+tarea+"/inicio", nil).want(http.StatusOK)
	boss.call(http.MethodPost, "/api/v1/tareas/"+tarea+"/finalizacion", nil).want(http.StatusOK)
	zona := w.admin.call(http.MethodPost, "/api/v1/zonas", map[string]any{
		"nombre": "Norte", "clase": "jurisdiccion", "radio_m": 300, "geometria": map[string]any{"type": "Point", "coordinates": []float64{-58.4, -34.6}},
	}).want(http.StatusCreated).text("id")
	address := func(path string) string {
		id := w.admin.id()
		switch {
		case strings.HasPrefix(path, "/api/v1/tareas/"):
			id = tarea
		case strings.HasPrefix(path, "/api/v1/zonas/"):
			id = zona
		}
		return strings.NewReplacer("{id}", id, "{efectivo}", uuid.NewString(), "{nombre}", "tareas").Replace(path)
	}
	drawn := []string{"nombre", "clase", "geometria"} // in either of two forms, so the contract requires none
	needs := append(loadContract(t).Needs(),
		contracttest.Need{Method: http.MethodPost, Path: "/api/v1/zonas", Fields: drawn},
		contracttest.Need{Method: http.MethodPut, Path: "/api/v1/zonas/{id}", Fields: drawn},
		contracttest.Need{Method: http.MethodPost, Path: "/api/v1/licencias", Fields: []string{"efectivo", "desde", "hasta"}}, // of one who is none himself
	)
	if len(needs) < 30 {
		t.Fatalf("the contract names %d routes that need something", len(needs))
	}
	for _, n := range needs {
		if strings.HasSuffix(n.Path, "/vuelta") {
			continue // there is nothing to go back to, which is said first
		}
		a := w.admin.call(n.Method, address(n.Path), map[string]any{})
		var named []string
		for _, f := range a.list("campos") {
			named = append(named, f.(map[string]any)["campo"].(string))
		}
		lacks := slices.DeleteFunc(slices.Clone(n.Fields), func(f string) bool { return slices.Contains(named, f) })
		if a.status != http.StatusUnprocessableEntity || len(lacks) > 0 {
			t.Errorf("%s %s does not name %v: %d %s", n.Method, n.Path, lacks, a.status, a.raw)
		}
	}
}
