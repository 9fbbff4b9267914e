package rest_test

import (
	"net/http"
	"testing"
)

// TestNewestFirst reads the log backwards by pages, all of it and of some kinds, and gets what
// reading forwards gets, turned around.
func TestNewestFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 3 {
		w.admin.tarea()
	}
	pages := func(query string) (positions []any) {
		t.Helper()
		cursor := ""
		for {
			a := w.admin.call("GET", "/api/v1/eventos?limite=2"+query+cursor, nil).want(http.StatusOK)
			for _, one := range a.list("datos") {
				fact, _ := one.(map[string]any)
				positions = append(positions, fact["posicion"])
			}
			if a.text("siguiente") == "" {
				return positions
			}
			cursor = "&cursor=" + a.text("siguiente")
		}
	}
	for _, query := range []string{"", "&tipo=tarea.creada,usuario.registrado", "&desde_posicion=2&tipo=tarea.creada", "&hasta=2020-01-01"} {
		forth, back := pages(query), pages(query+"&orden=-posicion")
		if len(forth) != len(back) || query == "" && len(forth) < 5 {
			t.Fatalf("%q: forth %v, back %v", query, forth, back)
		}
		for i := range forth {
			equal(t, forth[i], back[len(back)-1-i])
		}
	}
	w.admin.send("GET", "/api/v1/eventos?orden=actor", nil).refused(http.StatusUnprocessableEntity, "parametro_invalido")
}
