package rest_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
)

// Reminders are read by whoever is in charge and signed for once.
func TestAvisos(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	boss := w.user(permiso.Supervisor)
	due := time.Now().UTC().Truncate(time.Microsecond)
	id := boss.scheduled(due.Add(-time.Hour), due)
	_, err := w.orders.Dispatch(t.Context(), commands.Order{ID: eventstore.CommandID(uuid.New()), Commands: []commands.Command{tarea.Recordar{
		Orden: tarea.Orden{ID: ident.Tarea(id), Por: permiso.DelSistema("politicas"), En: due}, Clase: "vencida", Vence: due,
	}}})
	must(t, err)
	at := header("X-Gad-Min-Position", fmt.Sprint(w.head()))
	list := boss.call("GET", "/api/v1/avisos", nil, at).want(http.StatusOK).list("datos")
	if len(list) != 1 {
		t.Fatalf("avisos %v", list)
	}
	a := list[0].(map[string]any)
	if a["clase"] != "vencida" || a["tarea"] != id || a["leido"] != false || a["id"] != "tarea-"+id+"@2" {
		t.Errorf("aviso %v", a)
	}
	path := "/api/v1/avisos/" + a["id"].(string) + "/lectura"
	read := boss.call("POST", path, nil).want(http.StatusOK)
	if again := boss.call("POST", path, nil).want(http.StatusOK); again.object()["version"] != read.object()["version"] {
		t.Errorf("read twice: %s, %s", read.raw, again.raw)
	}
	list = boss.call("GET", "/api/v1/avisos", nil, read.at()).want(http.StatusOK).list("datos")
	if list[0].(map[string]any)["leido"] != true {
		t.Errorf("avisos %v", list)
	}
	for _, none := range []string{"tarea-" + id + "@1", "tarea-" + id + "@99", "tarea-" + id, "efectivo-" + id + "@1", "x"} {
		boss.call("POST", "/api/v1/avisos/"+none+"/lectura", nil).refused(http.StatusNotFound, "aviso_no_existe")
	}
	// Of several Tareas each keeps its own, the newest first.
	later := due.Add(time.Second)
	begins := later.Add(10 * time.Minute)
	other := boss.scheduled(begins, begins.Add(time.Hour))
	_, err = w.orders.Dispatch(t.Context(), commands.Order{ID: eventstore.CommandID(uuid.New()), Commands: []commands.Command{tarea.Recordar{
		Orden: tarea.Orden{ID: ident.Tarea(other), Por: permiso.DelSistema("politicas"), En: later}, Clase: "t-10", Vence: later, Base: begins,
	}}})
	must(t, err)
	list = boss.call("GET", "/api/v1/avisos", nil, header("X-Gad-Min-Position", fmt.Sprint(w.head()))).want(http.StatusOK).list("datos")
	for i, want := range [][2]any{{other, false}, {id, true}} {
		if got := list[i].(map[string]any); got["tarea"] != want[0] || got["leido"] != want[1] {
			t.Errorf("aviso %d: %v, want %v", i, got, want)
		}
	}
	// It is an alert as well, which each person signs for himself.
	alert := "/api/v1/alertas/" + a["id"].(string) + "/acuse"
	w.user(permiso.Supervisor).call("POST", alert, nil).want(http.StatusOK)
	w.user(permiso.Efectivo).call("POST", alert, nil).refused(http.StatusNotFound, "alerta_no_existe")
	w.user(permiso.Efectivo).call("POST", path, nil).refused(http.StatusNotFound, "tarea_no_existe")
	if n := len(w.user(permiso.Supervisor).call("GET", "/api/v1/avisos", nil, at).want(http.StatusOK).list("datos")); n != 0 {
		t.Errorf("somebody else reads %d", n)
	}
}

// scheduled creates a Tarea of his that has an end.
func (c client) scheduled(begins, ends time.Time) string {
	c.w.t.Helper()
	return c.call("POST", "/api/v1/tareas", map[string]any{
		"titulo": "Choque en avenida", "tipo": "intervencion", "inicio_programado": begins, "fin_programado": ends, "permitir_solape": true,
	}).want(http.StatusCreated).text("id")
}

// TestAvisosEnPaginas: whatever the size of the pages, all are read once, the newest first, those
// of one moment too; a cursor of something else is refused.
func TestAvisosEnPaginas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	boss := w.user(permiso.Supervisor)
	due := time.Now().UTC().Truncate(time.Microsecond)
	for i := range 7 {
		en := due.Add(time.Duration(i/3) * time.Second) // three of each moment
		_, err := w.orders.Dispatch(t.Context(), commands.Order{ID: eventstore.CommandID(uuid.New()), Commands: []commands.Command{tarea.Recordar{
			Orden: tarea.Orden{ID: ident.Tarea(boss.scheduled(due.Add(-time.Hour), due)), Por: permiso.DelSistema("politicas"), En: en}, Clase: "vencida", Vence: en,
		}}})
		must(t, err)
	}
	at := header("X-Gad-Min-Position", fmt.Sprint(w.head()))
	ids := func(a answer) (out []string) {
		for _, d := range a.list("datos") {
			out = append(out, d.(map[string]any)["en"].(string)+" "+d.(map[string]any)["id"].(string))
		}
		return out
	}
	whole := boss.call("GET", "/api/v1/avisos", nil, at).want(http.StatusOK)
	if n := len(ids(whole)); n != 7 || whole.object()["siguiente"] != nil {
		t.Fatalf("%d of 7: %s", n, whole.raw)
	}
	for _, size := range []int{1, 2, 7, 200} {
		var all []string
		for path, more := fmt.Sprintf("/api/v1/avisos?limite=%d", size), true; more; {
			page := boss.call("GET", path, nil, at).want(http.StatusOK)
			if page.object()["total"] != 7.0 || len(ids(page)) > size {
				t.Errorf("a page of %d: %s", size, page.raw)
			}
			all = append(all, ids(page)...)
			path = fmt.Sprintf("/api/v1/avisos?limite=%d&cursor=%s", size, page.text("siguiente"))
			more = page.object()["siguiente"] != nil
		}
		equal(t, ids(whole), all)
	}
	boss.call("GET", "/api/v1/avisos?limite=201", nil).refused(http.StatusUnprocessableEntity, "parametro_invalido")
	for _, wrong := range []string{"nada", "%25", "e30"} {
		boss.call("GET", "/api/v1/avisos?cursor="+wrong, nil).refused(http.StatusUnprocessableEntity, "cursor_invalido")
	}
}
