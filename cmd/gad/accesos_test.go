package main

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/labstack/echo/v4"

	"github.com/grupo-gad/gad/api/bot"
	"github.com/grupo-gad/gad/api/bot/bottest"
	"github.com/grupo-gad/gad/api/live"
	"github.com/grupo-gad/gad/api/rest"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/eventstore"
)

// pages are what is mounted beside the API: files that say nothing about anybody.
var pages = []string{"GET /", "HEAD /", "GET /docs", "HEAD /docs", "GET /docs/", "HEAD /docs/", "GET /assets/*", "HEAD /assets/*"}

// TestAccesos walks every way into a running system, for every rol and for nobody: what is
// mounted is in a table, and what the table says of a rol is what happens.
func TestAccesos(t *testing.T) {
	t.Parallel()
	tg := bottest.Start()
	t.Cleanup(tg.Close)
	w := newWorld(t, map[string]string{"GAD_TELEGRAM_TOKEN": bottest.Token, "GAD_TELEGRAM_API_URL": tg.URL})
	boss := w.secondAdministrator()
	// A token may end before the walk does: everybody logs in when it is his turn.
	enter := func(rol permiso.Rol) *client {
		if rol == permiso.Nadie {
			return &client{t: t, base: w.at.http}
		}
		return w.as(rol)
	}
	t.Run("mounted", func(t *testing.T) {
		declared := slices.Clone(pages)
		for _, a := range rest.Accesos() {
			declared = append(declared, a.Nombre)
		}
		var mounted []string
		for _, r := range w.sys.public.Routes() {
			if r.Method != echo.RouteNotFound {
				mounted = append(mounted, r.Method+" "+r.Path)
			}
		}
		slices.Sort(declared)
		slices.Sort(mounted)
		if diff := cmp.Diff(declared, mounted); diff != "" {
			t.Errorf("what is mounted and what is declared differ (-declared +mounted):\n%s", diff)
		}
	})
	t.Run("rest", func(t *testing.T) {
		made := map[string]string{}
		for _, rol := range append(permiso.Roles(), permiso.Nadie) {
			boss.logIn()
			(&walk{w: w, boss: boss, rol: rol, c: enter(rol), made: made}).routes(t)
		}
		boss.logIn()
		part := &walk{w: w, boss: boss, rol: permiso.Supervisor, made: map[string]string{}, part: true}
		part.narrow()
		part.routes(t)
	})
	t.Run("ws", func(t *testing.T) {
		for _, rol := range append(permiso.Roles(), permiso.Nadie) {
			c := enter(rol)
			for _, a := range live.Accesos() {
				w.walkTopic(t, rol, c.token, a)
			}
		}
	})
	t.Run("bot", func(t *testing.T) {
		for i, rol := range append(permiso.Roles(), permiso.Nadie) {
			t.Run(string(rol), func(t *testing.T) { // at once: a chat is answered once a second
				t.Parallel()
				w.walkBot(t, tg, int64(9000+i), rol, enter(rol))
			})
		}
	})
}

// walk is one rol on its way through the routes, past objects that belong to others.
type walk struct {
	w    *world
	boss *client // whose objects they are
	rol  permiso.Rol
	c    *client
	made map[string]string // objects, by kind and use; shared by all who walk
	part bool              // a jurisdiction narrows him, and the objects are in another
}

// alcance is how far he may go by a way in.
func (k *walk) alcance(a permiso.Acceso) permiso.Alcance {
	if reach := a.Alcance(k.rol); reach != permiso.EnJurisdiccion || k.part {
		return reach
	}
	return permiso.Todo
}

// narrow makes the one who walks a supervisor of a Zona and a unidad in which nothing is.
func (k *walk) narrow() {
	type object = map[string]any
	email, password := uuid.NewString()[:8]+"@gad.test", uuid.NewString()
	var made order
	k.boss.want(http.StatusCreated, k.boss.do("POST", "/api/v1/usuarios",
		object{"nombre": "Jefa", "apellido": "Zonal", "email": email, "password": password, "rol": "supervisor"}), &made)
	var set order
	k.boss.want(http.StatusOK, k.boss.do("PUT", "/api/v1/usuarios/"+made.ID+"/jurisdiccion",
		object{"zonas": []string{k.object("zona", "his")}, "unidades": []string{"Propia"}}), &set)
	k.w.reached(eventstore.Position(set.Posicion), "usuarios")
	k.c = &client{t: k.w.t, base: k.w.at.http}
	var tokens struct {
		Access string `json:"access_token"`
	}
	k.c.want(http.StatusOK, k.c.do("POST", "/api/v1/auth/login", object{"email": email, "password": password}), &tokens)
	k.c.token = tokens.Access
}

// last are the routes that take their object with them, or the caller's session: they come
// at the end, on an object of their own.
var last = []string{
	"DELETE /api/v1/zonas/:id", "POST /api/v1/efectivos/:id/baja", "POST /api/v1/usuarios/:id/baja", "POST /api/v1/usuarios/:id/bloqueo",
	"DELETE /api/v1/usuarios/:id/bloqueo", "DELETE /api/v1/users/:id", "POST /api/v1/auth/logout",
}

// routes asks every route.
func (k *walk) routes(t *testing.T) {
	t.Helper()
	list := rest.Accesos()
	slices.SortStableFunc(list, func(a, b permiso.Acceso) int { return slices.Index(last, a.Nombre) - slices.Index(last, b.Nombre) })
	for _, a := range list {
		method, path, _ := strings.Cut(a.Nombre, " ")
		object := strings.Contains(path, ":") || strings.HasSuffix(path, "/finalize") // the body names it
		if object && k.alcance(a) != permiso.Nada {
			path = k.address(a.Nombre, path)
		}
		if query, ok := queries[a.Nombre]; ok {
			path += "?" + query
		}
		body, given := k.body(a.Nombre)
		c := k.c
		if a.Nombre == "POST /api/v1/auth/logout" && k.rol != permiso.Nadie {
			c = k.w.as(k.rol) // a session to spare
		}
		got := c.do(method, path, body)
		var p struct{ Codigo string }
		_ = json.Unmarshal(got.body, &p) // not every answer is an object
		say := func(want string) {
			t.Errorf("%s as %q (%s): %d %s, want %s\n%s", a.Nombre, k.rol, path, got.status, p.Codigo, want, got.body)
		}
		switch alcance := k.alcance(a); {
		case got.err != nil || got.status >= 500:
			say("an answer")
		case a.Abierto:
			if got.status == http.StatusForbidden || got.status == http.StatusNotFound {
				say("an open door")
			}
		case k.rol == permiso.Nadie:
			if got.status != http.StatusUnauthorized {
				say("401")
			}
		case alcance == permiso.Nada:
			if got.status != http.StatusForbidden || p.Codigo != "prohibido" {
				say("403 prohibido")
			}
		case k.part && a.Accion == permiso.ZonaDefinir: // a Zona is everybody's to see
			if p.Codigo != "fuera_de_jurisdiccion" {
				say("fuera_de_jurisdiccion")
			}
		case k.part && a.Accion == permiso.IncidenteLeer: // none of them lies in a part
			if p.Codigo != "prohibido" {
				say("prohibido")
			}
		case reached[a.Nombre] != "":
			if p.Codigo != reached[a.Nombre] {
				say(reached[a.Nombre])
			}
		case object && alcance != permiso.Todo:
			if got.status != http.StatusNotFound {
				say("404: it belongs to somebody else (a route with a body needs one in this test)")
			}
		case got.status == http.StatusUnauthorized, got.status == http.StatusForbidden:
			say("to be let in")
		case given && got.status >= 400 && got.status != http.StatusConflict:
			say("success, or a conflict with what is")
		}
	}
}

// reached are the routes whose success would end the walk: how their handlers, which only the
// allowed reach, refuse an empty body.
var reached = map[string]string{
	"POST /api/v1/auth/password": "datos_faltantes", "POST /api/v1/auth/totp": "datos_faltantes", "DELETE /api/v1/auth/totp": "datos_faltantes",
}

// queries are what routes cannot be asked without.
var queries = map[string]string{
	"GET /api/v1/geo/cercanos": "lat=-34.6&lon=-58.4", "GET /api/v1/geo/mapa": "bbox=-59,-35,-58,-34", "GET /api/v1/geo/map/view": "center_lat=-34.6&center_lng=-58.4",
	"GET /api/v1/estadisticas/dotacion": "tipo=patrullaje", "GET /api/v1/auditoria/actividad": "usuario=00000000-0000-4000-8000-000000000001",
}

// body returns what an order is asked with; false where nothing is known of it.
func (k *walk) body(route string) (any, bool) {
	type object = map[string]any
	now := time.Now().UTC()
	zona := object{"nombre": "Plaza " + uuid.NewString()[:8], "clase": "interes", "radio_m": 200, "geometria": object{"type": "Point", "coordinates": []float64{-58.4, -34.6}}}
	motivo := object{"motivo": "así lo pide la prueba"}
	lapso := object{"desde": now.Add(-time.Hour), "hasta": now, "motivo": "así lo pide la prueba"}
	if k.rol == permiso.Nadie || strings.HasPrefix(route, "GET ") {
		// An export waits for somebody else, and nobody attached anything.
		return nil, !strings.Contains(route, "exportaciones") && !strings.Contains(route, "adjuntos")
	}
	known := map[string]any{
		"POST /api/v1/auth/login": object{}, "POST /api/v1/auth/refresh": object{}, "POST /api/v1/auth/telegram": object{}, "POST /api/v1/auth/activacion": object{},
		"POST /api/v1/auth/password": object{}, "POST /api/v1/auth/totp": object{}, "DELETE /api/v1/auth/totp": object{},
		"POST /api/v1/usuarios":                 object{"nombre": "Uno", "apellido": "Más", "email": uuid.NewString()[:8] + "@gad.test", "rol": "auditor"},
		"PATCH /api/v1/usuarios/:id":            object{"nombre": "Otro"},
		"PUT /api/v1/usuarios/:id/rol":          object{"rol": "auditor"},
		"PUT /api/v1/usuarios/:id/jurisdiccion": object{"zonas": []string{k.object("zona", "")}, "unidades": []string{"Norte"}},
		"POST /api/v1/usuarios/:id/bloqueo":     motivo,
		"POST /api/v1/usuarios/:id/baja":        motivo,
		"POST /api/v1/usuarios/:id/activacion":  nil, "DELETE /api/v1/usuarios/:id/bloqueo": nil,
		"POST /api/v1/usuarios/:id/vinculo-telegram": nil, "DELETE /api/v1/usuarios/:id/vinculo-telegram": nil,
		"POST /api/v1/usuarios/:id/borrado-datos": motivo, "POST /api/v1/usuarios/:id/datos-personales": motivo,

		"POST /api/v1/efectivos":                   object{"usuario": k.object("usuario", "efectivo of "+string(k.rol)), "codigo_interno": "C-" + uuid.NewString()[:8]},
		"PATCH /api/v1/efectivos/:id":              object{"rango": "cabo"},
		"PUT /api/v1/efectivos/:id/disponibilidad": object{"disponibilidad": "no_disponible"},
		"POST /api/v1/efectivos/:id/turno":         nil, "DELETE /api/v1/efectivos/:id/turno": nil,
		"POST /api/v1/efectivos/:id/posiciones": object{"fixes": []object{{"lat": -34.6, "lon": -58.4, "en": now, "precision_m": 8}}},
		"POST /api/v1/efectivos/:id/recorrido":  lapso,
		"POST /api/v1/efectivos/:id/sos":        nil, "DELETE /api/v1/efectivos/:id/sos": nil,
		"POST /api/v1/efectivos/:id/baja":       motivo,
		"POST /api/v1/alertas/:id/acuse":        nil,
		"POST /api/v1/marcas":                   object{"clase": "corte", "titulo": "Calle cortada", "lat": -34.6, "lon": -58.4},
		"DELETE /api/v1/marcas/:id":             nil,
		"POST /api/v1/licencias":                object{"efectivo": k.himself(), "desde": now.Add(24 * time.Hour), "hasta": now.Add(48 * time.Hour), "motivo": "descanso"},
		"POST /api/v1/licencias/:id/aprobacion": nil, "POST /api/v1/licencias/:id/rechazo": motivo,

		"POST /api/v1/tareas":                              object{"titulo": "Una del que pasa", "tipo": "patrullaje"},
		"PATCH /api/v1/tareas/:id":                         object{"titulo": "Con otro título"},
		"POST /api/v1/tareas/:id/asignaciones":             object{"efectivo": k.object("efectivo", "")},
		"PUT /api/v1/tareas/:id/asignaciones/:efectivo":    object{"estado": "aceptada"},
		"DELETE /api/v1/tareas/:id/asignaciones/:efectivo": nil,
		"POST /api/v1/tareas/:id/inicio":                   nil, "POST /api/v1/tareas/:id/pausa": nil, "POST /api/v1/tareas/:id/reanudacion": nil,
		"POST /api/v1/tareas/:id/finalizacion": nil, "POST /api/v1/tareas/:id/cancelacion": motivo, "POST /api/v1/tareas/:id/reapertura": motivo,
		"POST /api/v1/tareas/:id/notas":       object{"texto": "pasé por acá"},
		"PUT /api/v1/tareas/:id/lista/:punto": nil,
		"POST /api/v1/emergencias":            object{"lat": -34.6, "lon": -58.4, "descripcion": "una prueba"},

		"POST /api/v1/tasks": object{"titulo": "Una del que pasa", "tipo": "patrullaje"}, "POST /api/v1/tasks/": object{"titulo": "Una del que pasa", "tipo": "patrullaje"},
		"PUT /api/v1/tasks/:id": object{"titulo": "Con otro título"}, "DELETE /api/v1/tasks/:id": nil,
		"POST /api/v1/tasks/emergency":         object{"lat": -34.6, "lng": -58.4, "descripcion": "una prueba"},
		"POST /api/v1/users":                   object{"nombre": "Uno", "apellido": "Más", "email": uuid.NewString()[:8] + "@gad.test", "nivel": 2},
		"POST /api/v1/users/":                  object{"nombre": "Uno", "apellido": "Más", "email": uuid.NewString()[:8] + "@gad.test", "nivel": "1"},
		"PUT /api/v1/users/:id":                object{"nombre": "Otro"},
		"DELETE /api/v1/users/:id":             nil,
		"POST /api/v1/telegram/tasks/create":   object{"titulo": "Una del que pasa", "tipo": "patrullaje", "telegram_id": 1},
		"POST /api/v1/telegram/tasks/finalize": object{"codigo": k.object("tarea", "")},

		"POST /api/v1/zonas": zona, "PUT /api/v1/zonas/:id": zona, "DELETE /api/v1/zonas/:id": nil,
		"POST /api/v1/admin/proyecciones/:nombre/reconstruccion": motivo, "POST /api/v1/admin/proyecciones/:nombre/vuelta": motivo,
		"DELETE /api/v1/admin/cache": nil, "POST /api/v1/auditoria/exportaciones": lapso,
		"POST /api/v1/aprobaciones":                object{"clase": "borrado_datos", "usuario": k.object("usuario", ""), "motivo": "así lo pide la prueba"},
		"POST /api/v1/aprobaciones/:id/aprobacion": nil, "POST /api/v1/aprobaciones/:id/rechazo": motivo, "POST /api/v1/aprobaciones/:id/ejecucion": nil,
		"POST /api/v1/auth/logout": nil, "DELETE /api/v1/auth/sesiones": nil, "DELETE /api/v1/auth/sesiones/:id": nil, "POST /api/v1/ws/tickets": nil,
	}
	if k.part {
		known["POST /api/v1/tareas/:id/ofertas"] = object{"efectivo": k.object("efectivo", "")}
	}
	body, given := known[route]
	return body, given
}

// himself is the Efectivo that the one who walks is, or another one where he is none.
func (k *walk) himself() string {
	var me struct{ Efectivo string }
	k.c.want(http.StatusOK, k.c.do("GET", "/api/v1/auth/yo", nil), &me)
	if me.Efectivo != "" {
		return me.Efectivo
	}
	return k.object("efectivo", "leave")
}

var parameter = regexp.MustCompile(`:[a-z]+`)

// address fills in an object of somebody else's.
func (k *walk) address(route, path string) string {
	use := ""
	switch {
	case slices.Contains(last, route):
		use = "of " + string(k.rol)
	case strings.HasSuffix(route, "/recomendacion"): // of a Tarea that is open
		use = "open"
	}
	kinds := map[string]string{
		"/usuarios/": "usuario", "/efectivos/": "efectivo", "/tareas/": "tarea", "/zonas/": "zona", "/licencias/": "licencia", "/aprobaciones/": "aprobacion", "/marcas/": "marca",
		"/alertas/": "alerta", "/auditoria/alarmas/": "alarma", "/auth/sesiones/": "sesion", "/tasks/": "tarea", "/code/": "tarea", "/users/": "usuario", "/comandos/": "comando", "/eventos/": "evento", "/exportaciones/": "exportacion",
	}
	path = strings.ReplaceAll(path, ":nombre", "licencias")
	for prefix, kind := range kinds {
		if strings.Contains(path, prefix+":") {
			path = strings.NewReplacer(":id", k.object(kind, use), ":posicion", "1", ":punto", "1", ":efectivo", k.object("efectivo", "crew")).Replace(path)
		}
	}
	return parameter.ReplaceAllString(path, uuid.NewString()) // a kind that nobody has made one of
}

// object makes something that belongs to the boss, once for every use.
func (k *walk) object(kind, use string) string {
	key := kind + "/" + use
	if id, ok := k.made[key]; ok {
		return id
	}
	type object = map[string]any
	unique := uuid.NewString()[:8]
	make := func(path string, body any) string {
		var o order
		k.boss.want(http.StatusCreated, k.boss.do("POST", "/api/v1/"+path, body), &o)
		k.w.reached(eventstore.Position(o.Posicion), "tareas", "efectivos", "usuarios", "mapa", "licencias", "aprobaciones", "marcas")
		return o.ID
	}
	// What a jurisdiction leaves out is of another one; what is of none it holds.
	rol, unidad := "supervisor", ""
	if k.part && use != "leave" {
		rol, unidad = "efectivo", "Ajena"
	}
	var id string
	switch kind {
	case "usuario":
		id = make("usuarios", object{"nombre": "Ajena", "apellido": "Persona", "email": unique + "@gad.test", "rol": rol})
	case "efectivo":
		id = make("efectivos", object{"nombre": "Ajeno", "apellido": "Paz", "email": unique + "@gad.test", "codigo_interno": "A-" + unique, "unidad": unidad})
		k.boss.want(http.StatusOK, k.boss.do("POST", "/api/v1/efectivos/"+id+"/turno", nil), nil)
	case "tarea":
		body := object{
			"titulo": "Una tarea ajena", "tipo": "patrullaje", "prioridad": "critica", "lista": []string{"mirar"}, "ubicacion": object{"lat": -34.6, "lon": -58.4},
			"efectivos": []string{k.object("efectivo", "crew"+use)},
		}
		if k.part {
			body["zona"] = k.object("zona", "")
		}
		id = make("tareas", body)
	case "zona":
		id = make("zonas", object{"nombre": "Ajena " + unique, "clase": "interes", "radio_m": 200, "geometria": object{"type": "Point", "coordinates": []float64{-58.4, -34.6}}})
	case "marca":
		body := object{"clase": "peligro", "titulo": "Un peligro ajeno", "lat": -34.6, "lon": -58.4}
		if k.part {
			body["zona"] = k.object("zona", "")
		}
		id = make("marcas", body)
	case "licencia":
		id = make("licencias", object{"efectivo": k.object("efectivo", ""), "desde": time.Now().Add(time.Hour), "hasta": time.Now().Add(2 * time.Hour), "motivo": "descanso"})
	case "aprobacion":
		id = make("aprobaciones", object{"clase": "borrado_datos", "usuario": k.object("usuario", "erased"), "motivo": "así lo pide la prueba"})
	case "exportacion":
		id = make("auditoria/exportaciones", object{"desde": time.Now().Add(-time.Hour), "hasta": time.Now(), "motivo": "así lo pide la prueba"})
	case "alerta":
		id = "tarea-" + k.object("tarea", "") + "@1"
	case "alarma": // that somebody else was made an administrador on the server
		var list struct {
			Datos []struct{ ID, Usuario string }
		}
		var me struct{ ID string }
		k.c.want(http.StatusOK, k.c.do("GET", "/api/v1/auth/yo", nil), &me)
		k.boss.want(http.StatusOK, k.boss.do("GET", "/api/v1/auditoria/alarmas", nil), &list)
		for _, a := range list.Datos {
			if a.Usuario != me.ID {
				id = a.ID
			}
		}
	case "sesion":
		var list struct{ Datos []struct{ ID string } }
		k.boss.want(http.StatusOK, k.boss.do("GET", "/api/v1/auth/sesiones", nil), &list)
		id = list.Datos[0].ID
	case "comando":
		a := k.boss.do("POST", "/api/v1/tareas", object{"titulo": "Una orden ajena", "tipo": "patrullaje"})
		id = k.boss.want(http.StatusCreated, a, nil).header.Get("X-Gad-Command")
	case "evento":
		id = "1"
	default:
		k.boss.t.Fatalf("no %s can be made", kind)
	}
	k.made[key] = id
	return id
}

// walkTopic opens a socket for one topic and looks how it is received.
func (w *world) walkTopic(t *testing.T, rol permiso.Rol, token string, a permiso.Acceso) {
	t.Helper()
	topic := a.Nombre
	if topic == "zona" || topic == "tarea" {
		topic += ":" + uuid.NewString()
	}
	conn, answer, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(w.at.http, "http")+"/ws", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	defer func() { _ = conn.Close() }()
	if err := conn.WriteJSON(map[string]any{"type": "hello", "token": token, "topics": []string{topic}}); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	var first struct{ Type, Code string }
	for err = conn.ReadJSON(&first); err == nil && first.Type == "ping"; err = conn.ReadJSON(&first) {
	}
	want := "welcome "
	switch {
	case rol == permiso.Nadie:
		want = "error saludo_invalido"
	case a.Alcance(rol) == permiso.Nada:
		want = "error prohibido"
	}
	if got := first.Type + " " + first.Code; got != want {
		t.Errorf("topic %s as %q: %s (%v), want %s", topic, rol, got, err, want)
	}
}

// walkBot says everything to the bot that it understands, and presses every button.
func (w *world) walkBot(t *testing.T, tg *bottest.Server, account int64, rol permiso.Rol, c *client) {
	t.Helper()
	linked := (permiso.Acceso{Accion: permiso.UsuarioVinculo}).Alcance(rol) != permiso.Nada
	spoken := 0
	say := func(send func()) string { // one answer to everything, in order
		t.Helper()
		mine := func(list []bottest.Call) []bottest.Call {
			return slices.DeleteFunc(slices.Clone(list), func(c bottest.Call) bool { return c.Chat != account })
		}
		send()
		spoken++
		list, ok := tg.Await(patience, func(list []bottest.Call) bool { return len(mine(list)) >= spoken }, "sendMessage")
		if !ok {
			t.Fatalf("%q: the bot is silent after %+v", rol, mine(list))
		}
		return mine(list)[spoken-1].Text
	}
	if linked {
		var me struct{ ID string }
		c.want(http.StatusOK, c.do("GET", "/api/v1/auth/yo", nil), &me)
		var link struct{ Codigo string }
		c.want(http.StatusOK, c.do("POST", "/api/v1/usuarios/"+me.ID+"/vinculo-telegram", nil), &link)
		if text := say(func() { tg.Text(account, "/vincular "+link.Codigo) }); !strings.Contains(text, "quedó vinculada") {
			t.Fatalf("%q is not linked: %s", rol, text)
		}
		head, err := w.sys.store.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		w.reached(head, "usuarios")
	}
	check := func(a permiso.Acceso, text string) {
		t.Helper()
		forbidden, stranger := strings.Contains(text, "Tu rol no permite"), strings.Contains(text, "no sé quién sos")
		switch {
		case !linked && stranger == a.Abierto, linked && stranger, linked && forbidden != (a.Alcance(rol) == permiso.Nada):
			t.Errorf("%s as %q: %q", a.Nombre, rol, text)
		}
	}
	for _, a := range bot.Accesos() {
		press, isButton := strings.CutPrefix(a.Nombre, "botón «")
		switch {
		case isButton && linked:
			words := strings.TrimSuffix(press, "»")
			if words == "La vi" && a.Alcance(rol) != permiso.Nada {
				continue // what went well is told by a toast, which names no chat
			}
			action := bot.Pressed(words) + " " + uuid.NewString()
			if words == "Enterado" {
				action += " t10 1"
			}
			id, err := w.sys.mailbox.NewButton(t.Context(), account, account, action, time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			check(a, say(func() { tg.Press(account, 1, "b:"+id) }))
		case isButton, a.Nombre == "botón":
		case a.Nombre == "ubicación":
			check(a, say(func() { tg.Live(account, -34.6, -58.4, time.Now(), false) }))
		default:
			check(a, say(func() { tg.Text(account, a.Nombre) }))
		}
	}
}
