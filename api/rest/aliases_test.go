package rest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grupo-gad/gad/api/rest"
	"github.com/grupo-gad/gad/domain/permiso"
)

// TestAliasesStandForRoutes holds every alias to a route, its permission, and the contract.
func TestAliasesStandForRoutes(t *testing.T) {
	t.Parallel()
	promised, deprecated := loadContract(t).Operations(), loadContract(t).Deprecated()
	ways := map[string]permiso.Acceso{}
	for _, a := range rest.Accesos() {
		ways[a.Nombre] = a
	}
	for _, al := range rest.Aliases() {
		mine, there := ways[al.Ruta]
		theirs, known := ways[al.Sucesora]
		if !there || !known || mine.Accion != theirs.Accion || mine.Abierto != theirs.Abierto {
			t.Errorf("%s asks for %q and %s for %q", al.Ruta, mine.Accion, al.Sucesora, theirs.Accion)
		}
		method, path, _ := strings.Cut(al.Ruta, " ")
		name := method + " " + parameter.ReplaceAllString(path, "{$1}")
		switch {
		case !slices.Contains(promised, name):
			t.Errorf("%s is not in the contract", al.Ruta)
		case !slices.Contains(deprecated, name):
			t.Errorf("%s is not deprecated in the contract", al.Ruta)
		}
	}
}

// TestFieldOfNoName: what an address names no field of a body names in its place.
func TestFieldOfNoName(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(d *rest.Deps) { d.Settings.AliasesUntil = time.Date(2027, 12, 31, 0, 0, 0, 0, time.UTC) })
	named, other := w.user(permiso.Supervisor), w.user(permiso.Supervisor)
	a, b := named.id(), other.id()
	if got := w.admin.send("DELETE", "/api/v1/users/"+a, []byte(`{"": "`+b+`"}`), header("Content-Type", "application/json")); got.status < 400 {
		t.Errorf("an unknown field is taken: %s", got.raw)
	}
	equal(t, b, other.id()) // both are still who they were
	equal(t, a, named.id())
}

// TestPredecessorsClient does with the old names what its clients did.
func TestPredecessorsClient(t *testing.T) {
	t.Parallel()
	until := time.Date(2027, 12, 31, 0, 0, 0, 0, time.UTC)
	w := newWorld(t, func(d *rest.Deps) { d.Settings.AliasesUntil = until })
	c := w.admin
	me := c.call("GET", "/api/v1/users/me", nil).want(http.StatusOK)
	made := c.call("POST", "/api/v1/tasks/", map[string]any{
		"codigo": "VIEJA-1", "titulo": "Corte en la avenida", "tipo": "operativo", "prioridad": 2, "inicio_programado": time.Now().Add(time.Hour).UTC(),
		"delegado_usuario_id": me.text("uuid"), "creado_por_usuario_id": 7, "efectivos_asignados": []string{}, "descripcion": "como antes",
	}).want(http.StatusCreated)
	id := made.text("uuid")
	got := c.call("GET", "/api/v1/tasks/VIEJA-1", nil, made.at()).want(http.StatusOK)
	equal(t, []string{id, me.text("id"), me.text("id")}, []string{got.text("uuid"), got.text("delegado_usuario_id"), got.text("creado_por_usuario_id")})
	for name, want := range map[string]string{
		"Deprecation": "@1795651200", "Sunset": "Fri, 31 Dec 2027 00:00:00 GMT", "Link": `</api/v1/tareas/VIEJA-1>; rel="successor-version"`,
	} {
		equal(t, want, got.header.Get(name))
	}

	c.call("PUT", "/api/v1/tasks/"+id, map[string]any{"titulo": "Corte en la otra avenida"}).want(http.StatusOK)
	other := c.call("POST", "/api/v1/telegram/tasks/create", map[string]any{"telegram_id": 1, "codigo": "VIEJA-2", "titulo": "Desde el bot", "tipo": "patrullaje"}).want(http.StatusCreated)
	first := c.call("GET", "/api/v1/tasks?skip=0&limit=1", nil, other.at()).want(http.StatusOK)
	links := first.header.Values("Link")
	if len(links) != 2 || !strings.HasSuffix(links[1], `rel="next"`) || first.raw[0] != '[' {
		t.Fatalf("no bare list with what follows: %q %s", links, first.raw)
	}
	next, _, _ := strings.Cut(strings.TrimPrefix(links[1], "<"), ">")
	if second := c.call("GET", next, nil).want(http.StatusOK); !strings.Contains(string(second.raw)+string(first.raw), "VIEJA-1") {
		t.Errorf("the second page is not what follows: %s", second.raw)
	}
	c.call("POST", "/api/v1/tareas/VIEJA-2/inicio", nil).want(http.StatusOK)
	c.call("POST", "/api/v1/telegram/tasks/finalize", map[string]any{"telegram_id": 1, "codigo": "VIEJA-2"}).want(http.StatusOK)
	gone := c.call("DELETE", "/api/v1/tasks/"+id, nil).want(http.StatusOK)
	equal(t, "cancelada", c.call("GET", "/api/v1/tareas/"+id, nil, gone.at()).text("estado"))

	user := c.call("POST", "/api/v1/users/", map[string]any{
		"nombre": "Vieja", "apellido": "Cuenta", "email": "vieja@gad.test", "nivel": "2", "password": password, "telegram_id": nil, "verificado": false,
	}).want(http.StatusCreated)
	equal(t, "supervisor", c.call("GET", "/api/v1/users/"+user.text("uuid"), nil, user.at()).want(http.StatusOK).text("rol"))
	c.call("GET", "/api/v1/users?limit=200", nil).want(http.StatusOK)
	c.call("DELETE", "/api/v1/users/"+user.text("uuid"), nil).want(http.StatusOK)

	alarm := c.call("POST", "/api/v1/tasks/emergency", map[string]any{"lat": -34.6, "lng": -58.4, "descripcion": "humo"}).want(http.StatusCreated)
	if alarm.object()["assigned_efectivo_id"] != nil || alarm.text("id") == "" {
		t.Errorf("an emergency without anybody: %s", alarm.raw)
	}
	c.call("POST", "/api/v1/alertas/tarea-"+alarm.text("id")+"%401/acuse", nil).want(http.StatusOK) // as a browser writes an @
	view := c.call("GET", "/api/v1/geo/map/view?center_lat=-34.6&center_lng=-58.4&radius_m=1000", nil, alarm.at()).want(http.StatusOK)
	mark, _ := view.list("tareas")[0].(map[string]any)
	equal(t, any(alarm.text("id")), mark["entity_id"])
}

// TestPredecessorsClientIsRefused where its ways are none of ours, in our words and with the headers.
func TestPredecessorsClientIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if a := (client{w: w}).send("GET", "/api/v1/tasks", nil).want(http.StatusUnauthorized); a.header.Get("Deprecation") == "" {
		t.Error("a refusal does not say that its address is old")
	}
	c := w.admin
	json := header("Content-Type", "application/json")
	c.send("GET", "/api/v1/tasks?skip=100", nil).refused(http.StatusUnprocessableEntity, "parametro_invalido")
	c.send("PUT", "/api/v1/tasks/"+c.tarea(), []byte(`{"estado":"finalizada"}`), json).refused(http.StatusBadRequest, "campo_desconocido")
	c.send("POST", "/api/v1/users", []byte(`{"nivel":"1","rol":"auditor"}`), json).refused(http.StatusBadRequest, "campo_repetido")
	c.send("POST", "/api/v1/users", []byte(`{"nivel":"3","nombre":"A","apellido":"B","email":"tres@gad.test"}`), json).refused(http.StatusForbidden, "aprobacion_requerida")
	c.send("POST", "/api/v1/tasks", []byte(`[1]`), json).refused(http.StatusBadRequest, "campo_de_otro_tipo")
	c.send("POST", "/api/v1/tasks", []byte(`{"titulo":"a","titulo":"b"}`), json).refused(http.StatusBadRequest, "campo_repetido")
	c.send("POST", "/api/v1/telegram/tasks/finalize", []byte(`{"telegram_id":1}`), json).refused(http.StatusUnprocessableEntity, "identificador_invalido")
	(client{w: w}).send("POST", "/api/v1/telegram/auth/authenticate", []byte(`{"telegram_id":1}`), json).refused(http.StatusBadRequest, "campo_desconocido")
}
