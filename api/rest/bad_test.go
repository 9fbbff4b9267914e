package rest_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/grupo-gad/gad/domain/permiso"
)

// TestBadInput: whatever comes in, the answer is a clear problem and the log is
// as long as it was.
func TestBadInput(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.admin.tarea()
	before := w.head()
	const (
		tareas  = "/api/v1/tareas"
		ids     = "0190b8a4-3f6c-7c3e-9d53-0242ac120002"
		unknown = "/api/v1/efectivos/" + ids
	)
	deep := strings.Repeat(`{"a":`, 20) + "1" + strings.Repeat("}", 20)
	cases := []struct {
		name, method, path, body string
		status                   int
		codigo, campo            string
	}{
		{"empty", "POST", tareas, " ", 400, "cuerpo_vacio", ""},
		{"half an object", "POST", tareas, `{"titulo":"Choque`, 400, "json_malformado", ""},
		{"no JSON", "POST", tareas, `hola`, 400, "json_malformado", ""},
		{"trailing garbage", "POST", tareas, `{"titulo":"Choque en","tipo":"emergencia"} x`, 400, "json_malformado", ""},
		{"two values", "POST", tareas, `{"titulo":"Choque en","tipo":"emergencia"}{}`, 400, "json_malformado", ""},
		{"single quotes", "POST", tareas, `{'titulo':'x'}`, 400, "json_malformado", ""},
		{"unknown field", "POST", tareas, `{"titulo":"Choque en","tipo":"emergencia","color":1}`, 400, "campo_desconocido", "color"},
		{"unknown inner field", "POST", tareas, `{"titulo":"Choque en","tipo":"emergencia","ubicacion":{"lat":1,"lon":1,"z":1}}`, 400, "campo_desconocido", "ubicacion.z"},
		{"wrong case", "POST", tareas, `{"Titulo":"Choque en","tipo":"emergencia"}`, 400, "campo_desconocido", "Titulo"},
		{"repeated field", "POST", tareas, `{"titulo":"Choque en","titulo":"Otro","tipo":"emergencia"}`, 400, "campo_repetido", "titulo"},
		{"repeated by escape", "POST", tareas, `{"titulo":"Choque en","t\u0069tulo":"Otro","tipo":"emergencia"}`, 400, "campo_repetido", "titulo"},
		{"NaN", "POST", tareas, `{"titulo":"Choque en","tipo":"emergencia","ubicacion":{"lat":NaN,"lon":1}}`, 400, "json_malformado", ""},
		{"Infinity", "POST", tareas, `{"titulo":"Choque en","tipo":"emergencia","ubicacion":{"lat":1,"lon":-Infinity}}`, 400, "json_malformado", ""},
		{"number too big", "POST", tareas, `{"titulo":"Choque en","tipo":"emergencia","ubicacion":{"lat":1e999,"lon":1}}`, 400, "campo_de_otro_tipo", "ubicacion.lat"},
		{"text for a number", "POST", tareas, `{"titulo":"Choque en","tipo":"emergencia","ubicacion":{"lat":"1","lon":1}}`, 400, "campo_de_otro_tipo", "ubicacion.lat"},
		{"number for a text", "POST", tareas, `{"titulo":5,"tipo":"emergencia"}`, 400, "campo_de_otro_tipo", "titulo"},
		{"null", "POST", tareas, `null`, 400, "campo_de_otro_tipo", ""},
		{"null where nothing is needed", "POST", tareas + "/" + id + "/inicio", ` null `, 400, "campo_de_otro_tipo", ""},
		{"endless reason for one's own", "POST", "/api/v1/usuarios/" + w.admin.id() + "/datos-personales", `{"motivo":"` + strings.Repeat("x", 4001) + `"}`, 422, "motivo_requerido", "motivo"},
		{"a list", "POST", tareas, `[]`, 400, "campo_de_otro_tipo", ""},
		{"no date", "POST", tareas, `{"titulo":"Choque en","tipo":"emergencia","inicio_programado":"mañana"}`, 400, "campo_de_otro_tipo", "inicio_programado"},
		{"30 February", "POST", tareas, `{"titulo":"Choque en","tipo":"emergencia","inicio_programado":"2026-02-30T00:00:00Z"}`, 400, "campo_de_otro_tipo", "inicio_programado"},
		{"invalid UTF-8", "POST", tareas, "{\"titulo\":\"Choque \xff\xfe\",\"tipo\":\"emergencia\"}", 400, "texto_no_utf8", ""},
		{"lone surrogate", "POST", tareas, `{"titulo":"Choque \ud800 en","tipo":"emergencia"}`, 400, "json_malformado", ""},
		{"NUL", "POST", tareas, `{"titulo":"Choque \u0000 en","tipo":"emergencia"}`, 400, "caracter_no_admitido", "titulo"},
		{"too deep", "POST", tareas, deep, 400, "json_demasiado_profundo", ""},
		{"too long", "POST", tareas, `{"titulo":"` + strings.Repeat("x", 70_000) + `"}`, 413, "cuerpo_demasiado_grande", ""},
		{"10 MB", "POST", tareas, `{"titulo":"` + strings.Repeat("x", 10_000_000) + `"}`, 413, "cuerpo_demasiado_grande", ""},
		{"10 MB of fixes", "POST", unknown + "/posiciones", `{"fixes":[` + strings.Repeat(" ", 10_000_000) + `]}`, 413, "cuerpo_demasiado_grande", ""},
		{"short title", "POST", tareas, `{"titulo":"abc","tipo":"emergencia"}`, 422, "tarea_datos_invalidos", "titulo"},
		{"no title", "POST", tareas, `{"tipo":"emergencia"}`, 422, "tarea_datos_invalidos", "titulo"},
		{"no tipo", "POST", tareas, `{"titulo":"Choque en"}`, 422, "tarea_datos_invalidos", "tipo"},
		{"unknown prioridad", "POST", tareas, `{"titulo":"Choque en","tipo":"emergencia","prioridad":9}`, 422, "tarea_prioridad_invalida", "prioridad"},
		{"half a prioridad", "POST", tareas, `{"titulo":"Choque en","tipo":"emergencia","prioridad":2.5}`, 422, "tarea_prioridad_invalida", "prioridad"},
		{"latitude 91", "POST", tareas, `{"titulo":"Choque en","tipo":"emergencia","ubicacion":{"lat":91,"lon":1}}`, 422, "tarea_datos_invalidos", "ubicacion"},
		{"half a place", "POST", tareas, `{"titulo":"Choque en","tipo":"emergencia","ubicacion":{"lat":1}}`, 422, "tarea_datos_invalidos", "ubicacion"},
		{"end before start", "POST", tareas, `{"titulo":"Choque en","tipo":"emergencia","inicio_programado":"2026-03-02T00:00:00Z","fin_programado":"2026-03-01T00:00:00Z"}`, 422, "tarea_datos_invalidos", "fin_programado"},
		{"codigo of spaces", "POST", tareas, `{"titulo":"Choque en","tipo":"emergencia","codigo":"a b"}`, 422, "tarea_datos_invalidos", "codigo"},
		{"empty codigo", "POST", tareas, `{"titulo":"Choque en","tipo":"emergencia","codigo":""}`, 422, "tarea_datos_invalidos", "codigo"},
		{"delegado no UUID", "POST", tareas, `{"titulo":"Choque en","tipo":"emergencia","delegado":"ana"}`, 422, "identificador_invalido", "delegado"},
		{"delegado unknown", "POST", tareas, `{"titulo":"Choque en","tipo":"emergencia","delegado":"` + ids + `"}`, 422, "referencia_inexistente", "delegado"},
		{"zona unknown", "POST", tareas, `{"titulo":"Choque en","tipo":"emergencia","zona":"` + ids + `"}`, 422, "referencia_inexistente", "zona"},
		{"crew unknown", "POST", tareas, `{"titulo":"Choque en","tipo":"emergencia","efectivos":["` + ids + `"]}`, 404, "efectivo_no_existe", ""},
		{"crew no UUID", "POST", tareas, `{"titulo":"Choque en","tipo":"emergencia","efectivos":["x"]}`, 422, "identificador_invalido", "efectivos[0]"},
		{"bad id", "GET", tareas + "/no%20es", "", 422, "identificador_invalido", "id"},
		{"id with NUL", "GET", tareas + "/a%00b", "", 400, "peticion_invalida", ""},
		{"unknown codigo", "GET", tareas + "/T-1999-000001", "", 404, "tarea_no_existe", ""},
		{"order to an unknown codigo", "POST", tareas + "/T-1999-000001/inicio", "", 404, "tarea_no_existe", ""},
		{"no reason", "POST", tareas + "/" + id + "/cancelacion", "{}", 422, "tarea_sin_motivo", "motivo"},
		{"estado of an asignacion", "PUT", tareas + "/" + id + "/asignaciones/" + ids, `{"estado":"volando"}`, 422, "tarea_datos_invalidos", "estado"},
		{"efectivo no UUID", "PUT", tareas + "/" + id + "/asignaciones/x", `{"estado":"aceptada"}`, 422, "identificador_invalido", "efectivo"},
		{"assign nobody", "POST", tareas + "/" + id + "/asignaciones", `{}`, 422, "datos_faltantes", "efectivo"},
		{"unknown efectivo", "POST", unknown + "/turno", "", 404, "efectivo_no_existe", ""},
		{"unknown disponibilidad", "PUT", unknown + "/disponibilidad", `{"disponibilidad":"feliz"}`, 422, "disponibilidad_invalida", "disponibilidad"},
		{"efectivo without person", "POST", "/api/v1/efectivos", `{"codigo_interno":"M-1"}`, 422, "datos_faltantes", "usuario"},
		{"efectivo with both", "POST", "/api/v1/efectivos", `{"codigo_interno":"M-12","usuario":"` + ids + `","nombre":"x"}`, 422, "efectivo_datos_invalidos", "usuario"},
		{"bad e-mail", "POST", "/api/v1/usuarios", `{"nombre":"A","apellido":"B","email":"no","rol":"auditor"}`, 422, "usuario_datos_invalidos", "email"},
		{"weak password", "POST", "/api/v1/usuarios", `{"nombre":"A","apellido":"B","email":"a@b.co","rol":"auditor","password":"corta"}`, 422, "contrasena_invalida", "password"},
		{"unknown rol", "POST", "/api/v1/usuarios", `{"nombre":"A","apellido":"B","email":"a@b.co","rol":"jefe"}`, 422, "usuario_datos_invalidos", "rol"},
		{"no fixes", "POST", unknown + "/posiciones", `{"fixes":[]}`, 422, "posiciones_invalidas", "fixes"},
		{"no report", "POST", unknown + "/posiciones", `{}`, 422, "posiciones_invalidas", "fixes"},
		{"101 fixes", "POST", unknown + "/posiciones", `{"fixes":[` + strings.TrimSuffix(strings.Repeat(`{"lat":1,"lon":1,"en":"2026-03-01T12:00:00Z"},`, 101), ",") + `]}`, 422, "posiciones_invalidas", "fixes"},
		{"zona without shape", "POST", "/api/v1/zonas", `{"nombre":"Z","clase":"interes"}`, 422, "datos_faltantes", "geometria"},
		{"a line is no zona", "POST", "/api/v1/zonas", `{"nombre":"Z","clase":"interes","geometria":{"type":"LineString","coordinates":[[0,0],[1,1]]}}`, 422, "geometria_invalida", "geometria.type"},
		{"open ring", "POST", "/api/v1/zonas", `{"nombre":"Z","clase":"interes","geometria":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]}}`, 422, "zona_datos_invalidos", "geometria"},
		{"zona off the Earth", "POST", "/api/v1/zonas", `{"nombre":"Z","clase":"interes","geometria":{"type":"Polygon","coordinates":[[[0,0],[500,0],[1,1],[0,0]]]}}`, 422, "zona_datos_invalidos", "geometria"},
		{"point of one number", "POST", "/api/v1/zonas", `{"nombre":"Z","clase":"interes","geometria":{"type":"Polygon","coordinates":[[[0],[1,0],[1,1],[0,0]]]}}`, 422, "geometria_invalida", "geometria.coordinates[0][0][0]"},
		{"page of 201", "GET", tareas + "?limite=201", "", 422, "parametro_invalido", "limite"},
		{"page of none", "GET", tareas + "?limite=0", "", 422, "parametro_invalido", "limite"},
		{"unknown parameter", "GET", tareas + "?estdo=programada", "", 400, "peticion_invalida", "estdo"},
		{"unknown estado", "GET", tareas + "?estado=lista", "", 422, "parametro_invalido", "estado"},
		{"bad box", "GET", tareas + "?bbox=1,2,3", "", 422, "parametro_invalido", "bbox"},
		{"NUL in a search", "GET", tareas + "?q=a%00b", "", 422, "parametro_invalido", "q"},
		{"broken escape", "GET", tareas + "?q=%zz", "", 422, "parametro_invalido", ""},
		{"period backwards", "GET", tareas + "?desde=2026-12-01&hasta=2026-11-01", "", 422, "parametro_invalido", "hasta"},
		{"bad cursor", "GET", tareas + "?cursor=nada", "", 422, "", ""},
		{"bad order", "GET", tareas + "?orden=drop+table", "", 422, "", ""},
		{"NaN in an address", "GET", "/api/v1/geo/cercanos?lat=NaN&lon=1", "", 422, "parametro_invalido", "lat"},
		{"no place", "GET", "/api/v1/geo/cercanos", "", 422, "parametro_invalido", "lat"},
		{"half a circle", "GET", "/api/v1/geo/mapa?lat=1", "", 422, "parametro_invalido", "lon"},
		{"box and circle", "GET", "/api/v1/geo/mapa?bbox=0,0,1,1&lat=1", "", 422, "parametro_invalido", "bbox"},
		{"position zero", "GET", "/api/v1/eventos/0", "", 422, "parametro_invalido", "posicion"},
		{"position of words", "GET", "/api/v1/eventos/uno", "", 422, "parametro_invalido", "posicion"},
		{"position beyond", "GET", "/api/v1/eventos/99999999", "", 404, "evento_no_existe", ""},
		{"command no UUID", "GET", "/api/v1/comandos/x", "", 422, "parametro_invalido", "id"},
		{"command unknown", "GET", "/api/v1/comandos/" + ids, "", 404, "comando_no_existe", ""},
		{"no such route", "GET", "/api/v1/nada", "", 404, "ruta_no_existe", ""},
		{"no such method", "DELETE", tareas, "", 405, "metodo_no_permitido", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			here := *w // its failures belong to this subtest
			here.t = t
			admin := client{&here, w.admin.token}
			var raw []byte
			if c.body != "" {
				raw = []byte(c.body)
			}
			a := admin.send(c.method, c.path, raw, header("Content-Type", "application/json")).want(c.status)
			if c.codigo != "" {
				a.refused(c.status, c.codigo)
			}
			if a.text("detail") == "" || a.text("request_id") == "" || a.text("request_id") != a.header.Get("X-Request-Id") {
				t.Errorf("problem without a sentence or an id: %s", a.raw)
			}
			if c.campo == "" {
				return
			}
			for _, f := range a.list("campos") {
				if f.(map[string]any)["campo"] == c.campo {
					return
				}
			}
			t.Errorf("no field %q in %s", c.campo, a.raw)
		})
	}
	if after := w.head(); after != before {
		t.Errorf("the log grew from %d to %d", before, after)
	}
}

// TestMediaTypesAndHeaders: what a body may come as.
func TestMediaTypesAndHeaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.head()
	body := []byte(`{"titulo":"Choque en avenida","tipo":"emergencia"}`)
	for _, kind := range []string{"", "text/plain", "application/xml", "application/json; charset=latin1", "application/geo+json", "multipart/form-data; boundary=x"} {
		w.admin.send("POST", "/api/v1/tareas", body, header("Content-Type", kind)).refused(415, "tipo_no_admitido")
	}
	w.admin.send("POST", "/api/v1/tareas", body, header("Content-Type", "application/json"), header("Content-Encoding", "gzip")).refused(415, "tipo_no_admitido")
	w.admin.send("GET", "/api/v1/auth/yo", nil, header("X-Big", strings.Repeat("x", 20_000))).refused(431, "cabeceras_demasiado_grandes")
	for _, key := range []string{"", strings.Repeat("k", 65), "ñ", "a\tb"} {
		w.admin.send("POST", "/api/v1/tareas", body, header("Content-Type", "application/json"), header("Idempotency-Key", key)).refused(400, "peticion_invalida")
	}
	for _, match := range []string{"7", `"x"`, `W/"1"`, `"1","2"`, `"-1"`} {
		w.admin.send("POST", "/api/v1/tareas", body, header("Content-Type", "application/json"), header("If-Match", match)).refused(400, "peticion_invalida")
	}
	w.admin.send("GET", "/api/v1/tareas", nil, header("X-Gad-Min-Position", "x")).refused(400, "peticion_invalida")
	if after := w.head(); after != before {
		t.Errorf("the log grew from %d to %d", before, after)
	}
}

// TestNobody: an unknown address is 404 before anybody is asked who he is.
func TestNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stranger := client{w: w}
	stranger.send("GET", "/api/v1/nada", nil).refused(404, "ruta_no_existe")
	stranger.send("POST", "/api/v1/auth/nada", nil).refused(404, "ruta_no_existe")
	stranger.send("DELETE", "/api/v1/tareas", nil).refused(405, "metodo_no_permitido")
	a := stranger.send("GET", "/api/v1/tareas", nil).refused(401, "sin_identificacion")
	if a.header.Get("WWW-Authenticate") == "" {
		t.Error("401 without WWW-Authenticate")
	}
	for _, token := range []string{"x", "a.b.c", w.admin.token + "x", strings.ToUpper(w.admin.token)} {
		client{w, token}.send("GET", "/api/v1/tareas", nil).refused(401, "sin_identificacion")
	}
	stranger.send("GET", "/api/v1/tareas", nil, header("Authorization", "Basic YTpi")).refused(401, "sin_identificacion")

	got := stranger.send("GET", "/openapi.yaml", nil).want(200)
	if !bytes.HasPrefix(got.raw, []byte("openapi: 3.1")) {
		t.Error("the contract is not served")
	}
	stranger.call("GET", "/.well-known/jwks.json", nil).want(200)
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
		"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Server": "", "Cache-Control": "no-store",
	} {
		if h := a.header.Get(name); h != want {
			t.Errorf("%s: %q, want %q", name, h, want)
		}
	}
}

// TestRolesAtTheDoor: every rol at one route of each kind.
func TestRolesAtTheDoor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.admin.tarea()
	mine := w.admin.call("GET", "/api/v1/auth/yo", nil).text("id")
	for _, rol := range []permiso.Rol{permiso.Efectivo, permiso.Supervisor, permiso.Auditor, permiso.Servicio} {
		who := w.user(rol)
		for _, c := range []struct {
			method, path, body string
			allowed            []permiso.Rol
			hidden             bool // 404 instead of 403
		}{
			{"GET", "/api/v1/eventos", "", []permiso.Rol{permiso.Auditor}, false},
			{"GET", "/api/v1/estadisticas/resumen", "", []permiso.Rol{permiso.Supervisor, permiso.Auditor, permiso.Servicio}, false},
			{"POST", "/api/v1/tareas/" + id + "/cancelacion", "{}", nil, false},
			{"GET", "/api/v1/usuarios/" + mine, "", []permiso.Rol{permiso.Supervisor, permiso.Auditor}, true},
			{"POST", "/api/v1/usuarios/" + mine + "/bloqueo", "{}", nil, false},
			{"PUT", "/api/v1/usuarios/" + mine + "/rol", "{}", nil, false},
			{"POST", "/api/v1/usuarios", "{}", nil, false},
			{"GET", "/api/v1/tareas", "", []permiso.Rol{permiso.Efectivo, permiso.Supervisor, permiso.Auditor, permiso.Servicio}, false},
		} {
			a := who.send(c.method, c.path, []byte(c.body), header("Content-Type", "application/json"))
			want := fmt.Sprint(http.StatusForbidden, "prohibido")
			if c.hidden {
				want = fmt.Sprint(http.StatusNotFound, "usuario_no_existe")
			}
			if strings.Contains(fmt.Sprint(c.allowed), string(rol)) {
				want = fmt.Sprint(http.StatusOK, "")
			}
			if rol == permiso.Supervisor && strings.HasSuffix(c.path, "cancelacion") {
				want = fmt.Sprint(http.StatusUnprocessableEntity, "tarea_sin_motivo")
			}
			if got := fmt.Sprint(a.status, a.text("codigo")); got != want {
				t.Errorf("%s %s %s: %s, want %s", rol, c.method, c.path, got, want)
			}
		}
	}
	// Only rol 2+ assigns others, takes them off a Tarea, or creates one that is somebody's already.
	unit := w.unit()
	for _, rol := range []permiso.Rol{permiso.Efectivo, permiso.Auditor, permiso.Servicio} {
		who, body := w.user(rol), map[string]any{"efectivo": unit}
		who.call("POST", "/api/v1/tareas/"+id+"/asignaciones", body).refused(http.StatusForbidden, "prohibido")
		who.call("DELETE", "/api/v1/tareas/"+id+"/asignaciones/"+unit, nil).refused(http.StatusForbidden, "prohibido")
		who.call("POST", "/api/v1/tareas", map[string]any{"titulo": "Vigilar la esquina", "tipo": "vigilancia", "efectivos": []string{unit}}).
			refused(http.StatusForbidden, "prohibido")
	}
	// A Tarea out of reach does not exist.
	w.user(permiso.Efectivo).send("GET", "/api/v1/tareas/"+id, nil).refused(404, "tarea_no_existe")
}
