package rest_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/domain/permiso"
)

// TestIdempotencyKey: the same key and body is the same order, at once or later.
func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := map[string]any{"titulo": "Choque en avenida", "tipo": "emergencia"}
	key := header("Idempotency-Key", "orden 1 de ana~")

	answers := make([]answer, 8)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			for { // one runs; the others are told so until it has ended
				answers[i] = w.admin.call("POST", "/api/v1/tareas", body, key)
				if answers[i].status != http.StatusConflict || answers[i].text("codigo") != "orden_en_curso" {
					return
				}
			}
		})
	}
	all.Wait()
	for _, a := range answers {
		a.want(http.StatusCreated)
		if a.text("id") != answers[0].text("id") || a.text("codigo") != answers[0].text("codigo") || a.object()["posicion"] != answers[0].object()["posicion"] {
			t.Errorf("two answers to one order: %s, %s", a.raw, answers[0].raw)
		}
	}
	body["titulo"] = "Otra cosa distinta"
	w.admin.call("POST", "/api/v1/tareas", body, key).refused(http.StatusUnprocessableEntity, "comando_reutilizado")
	// Another person's key is another key.
	other := w.user(permiso.Supervisor).call("POST", "/api/v1/tareas", body, key).want(http.StatusCreated)
	if other.text("id") == answers[0].text("id") {
		t.Error("two people share an order")
	}

	command := answers[0].header.Get("X-Gad-Command")
	known := w.admin.call("GET", "/api/v1/comandos/"+command, nil).want(http.StatusOK)
	if known.object()["posicion"] != answers[0].object()["posicion"] || known.object()["aceptado"] != true {
		t.Errorf("command %s", known.raw)
	}
	w.user(permiso.Supervisor).send("GET", "/api/v1/comandos/"+command, nil).refused(http.StatusNotFound, "comando_no_existe")
}

// TestRegisteringIsOneOrder: the person and the Efectivo stand or fall together.
func TestRegisteringIsOneOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := map[string]any{"nombre": "Luis", "apellido": "Paz", "dni": "30.111.222", "email": "Luis@gad.test", "codigo_interno": "M-07"}
	boss := w.user(permiso.Supervisor)
	first := boss.call("POST", "/api/v1/efectivos", body).want(http.StatusCreated)
	before := w.head()
	body["email"] = "otro@gad.test"
	boss.call("POST", "/api/v1/efectivos", body).want(http.StatusConflict)
	body["codigo_interno"] = "M-08"
	boss.call("POST", "/api/v1/efectivos", body).refused(http.StatusConflict, "usuario_dni_tomado")
	body["dni"], body["email"] = "30111223", "LUIS@GAD.TEST"
	boss.call("POST", "/api/v1/efectivos", body).refused(http.StatusConflict, "usuario_email_tomado")
	if after := w.head(); after != before {
		t.Errorf("half an order was recorded: %d to %d", before, after)
	}
	e := boss.call("GET", "/api/v1/efectivos/"+first.text("id"), nil, first.at()).want(http.StatusOK)
	if e.text("codigo_interno") != "M-07" || e.text("disponibilidad") != "fuera_servicio" || e.text("usuario") == "" {
		t.Errorf("efectivo %s", e.raw)
	}
	if hidden := w.user(permiso.Auditor).call("GET", "/api/v1/efectivos/"+first.text("id"), nil).want(http.StatusOK); hidden.text("nombre") != "[reservado]" {
		t.Errorf("an auditor reads the name: %s", hidden.raw)
	}
	// A Usuario that exists already.
	usuario := w.admin.call("POST", "/api/v1/usuarios", map[string]any{
		"nombre": "Eva", "apellido": "Sol", "email": "eva@gad.test", "rol": "efectivo", "password": password,
	}).want(http.StatusCreated)
	eva := boss.call("POST", "/api/v1/efectivos", map[string]any{"usuario": usuario.text("id"), "codigo_interno": "M-09", "rango": "cabo"}).want(http.StatusCreated)
	w.admin.call("GET", "/api/v1/usuarios/"+usuario.text("id"), nil, eva.at()).want(http.StatusOK)
	her := w.login("eva@gad.test")
	if yo := her.call("GET", "/api/v1/auth/yo", nil).want(http.StatusOK); yo.text("efectivo") != eva.text("id") || yo.text("rol") != "efectivo" {
		t.Errorf("yo %s", yo.raw)
	}
	her.call("POST", "/api/v1/efectivos/"+eva.text("id")+"/turno", map[string]any{}).want(http.StatusOK)
	her.call("PUT", "/api/v1/efectivos/"+eva.text("id")+"/disponibilidad", map[string]any{"disponibilidad": "no_disponible"}).want(http.StatusOK)
	her.call("POST", "/api/v1/efectivos/"+first.text("id")+"/turno", nil).refused(http.StatusNotFound, "efectivo_no_existe")
	boss.call("PATCH", "/api/v1/efectivos/"+eva.text("id"), map[string]any{"unidad": "Sur"}).want(http.StatusOK)
	last := her.call("DELETE", "/api/v1/efectivos/"+eva.text("id")+"/turno", nil).want(http.StatusOK)
	list := boss.call("GET", "/api/v1/efectivos?unidad=Sur&en_turno=false", nil, last.at()).want(http.StatusOK)
	if len(list.list("datos")) != 1 {
		t.Errorf("list %s", list.raw)
	}
}

// TestSealedAtTheDoor: no text of a person stands in the log.
func TestSealedAtTheDoor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	secret := "canario-" + uuid.NewString()
	id := w.admin.call("POST", "/api/v1/tareas", map[string]any{
		"titulo": secret, "tipo": "emergencia", "descripcion": secret, "ubicacion": map[string]any{"lat": 1, "lon": 1, "descripcion": secret},
	}).want(http.StatusCreated).text("id")
	w.admin.call("POST", "/api/v1/tareas/"+id+"/cancelacion", map[string]any{"motivo": secret}).want(http.StatusOK)
	w.admin.call("POST", "/api/v1/usuarios", map[string]any{
		"nombre": secret, "apellido": secret, "email": secret + "@gad.test", "telefono": "+54 11 5555", "dni": "12345678", "rol": "auditor",
	}).want(http.StatusCreated)
	records, err := w.store.ReadLog(t.Context(), 0, 1000)
	must(t, err)
	for _, r := range records {
		if strings.Contains(string(r.Payload), secret) || strings.Contains(string(r.Payload), "12345678") {
			t.Errorf("%s at %d says %s", r.Type, r.Position, r.Payload)
		}
	}
	whole := w.admin.call("GET", "/api/v1/eventos?tipo=usuario.registrado", nil).want(http.StatusOK)
	if strings.Contains(string(whole.raw), secret) || !strings.Contains(string(whole.raw), "[reservado]") {
		t.Errorf("the log gives personal data away: %s", whole.raw)
	}
}

// TestEventos pages through the log and filters it.
func TestEventos(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ids := []string{w.admin.tarea(), w.admin.tarea(), w.admin.tarea()}
	for _, id := range ids {
		w.admin.call("POST", "/api/v1/tareas/"+id+"/inicio", nil).want(http.StatusOK)
	}
	head := int64(w.head())
	auditor := w.user(permiso.Auditor)
	var seen []int64
	path := "/api/v1/eventos?limite=2&desde_posicion=1"
	for path != "" {
		page := auditor.call("GET", path, nil).want(http.StatusOK)
		for _, e := range page.list("datos") {
			seen = append(seen, int64(e.(map[string]any)["posicion"].(float64)))
		}
		path = ""
		if next := page.text("siguiente"); next != "" {
			path = "/api/v1/eventos?limite=2&cursor=" + next
		}
	}
	for i, p := range seen {
		if p != int64(i)+1 {
			t.Fatalf("positions %v", seen)
		}
	}
	if int64(len(seen)) < head {
		t.Errorf("%d of %d events", len(seen), head)
	}
	for query, want := range map[string]int{
		"tipo=tarea.iniciada":                            3,
		"stream=tarea-" + ids[1]:                         2,
		"tipo=tarea.iniciada&stream=tarea-" + ids[0]:     1,
		"tipo=tarea.iniciada&hasta=2020-01-01T00:00:00Z": 0,
		"tipo=tarea.iniciada&desde=2020-01-01":           3,
		"desde=2999-01-01T00:00:00Z":                     0,
		"tipo=nada.de_eso":                               0,
	} {
		page := auditor.call("GET", "/api/v1/eventos?"+query, nil).want(http.StatusOK)
		if got := len(page.list("datos")); got != want {
			t.Errorf("%s finds %d, want %d", query, got, want)
		}
	}
	one := auditor.call("GET", "/api/v1/eventos/1", nil).want(http.StatusOK)
	if one.object()["posicion"] != 1.0 || one.text("tipo") == "" {
		t.Errorf("event 1 reads %s", one.raw)
	}
}

// TestGeo draws a zona, finds it on the map and takes it off again.
func TestGeo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ring := [][][2]float64{{{-58.4, -34.62}, {-58.36, -34.62}, {-58.36, -34.59}, {-58.4, -34.62}}}
	shape := map[string]any{"type": "Polygon", "coordinates": ring}
	made := w.admin.call("POST", "/api/v1/zonas", map[string]any{"nombre": "Centro", "clase": "jurisdiccion", "geometria": shape}).want(http.StatusCreated)
	feature := w.admin.call("POST", "/api/v1/zonas", map[string]any{
		"type": "Feature", "geometry": map[string]any{"type": "MultiPolygon", "coordinates": [][][][2]float64{ring}},
		"properties": map[string]any{"nombre": "Otra", "clase": "interes"},
	}, header("Content-Type", "application/geo+json")).want(http.StatusCreated)

	names := func(at answer) (out []string) {
		list := w.admin.call("GET", "/api/v1/zonas", nil, at.at()).want(http.StatusOK)
		for _, z := range list.list("datos") {
			out = append(out, z.(map[string]any)["nombre"].(string))
		}
		slices.Sort(out)
		return out
	}
	equal(t, []string{"Centro", "Otra"}, names(feature))
	t1 := w.admin.call("POST", "/api/v1/tareas", map[string]any{
		"titulo": "En el centro", "tipo": "emergencia", "zona": made.text("id"), "ubicacion": map[string]any{"lat": -34.6, "lon": -58.38},
	}).want(http.StatusCreated)
	for _, area := range []string{"bbox=-58.5,-34.7,-58.3,-34.5", "lat=-34.6&lon=-58.38&radio_m=2000"} {
		m := w.admin.call("GET", "/api/v1/geo/mapa?"+area, nil, t1.at()).want(http.StatusOK)
		if len(m.list("tareas")) != 1 || len(m.list("zonas")) != 2 {
			t.Errorf("%s shows %s", area, m.raw)
		}
	}
	gone := w.admin.call("DELETE", "/api/v1/zonas/"+feature.text("id"), nil).want(http.StatusOK)
	equal(t, []string{"Centro"}, names(gone))
	if near := w.admin.call("GET", "/api/v1/geo/cercanos?lat=-34.6&lon=-58.38&limite=5&disponibles=true", nil).want(http.StatusOK); len(near.list("datos")) != 0 {
		t.Errorf("somebody near: %s", near.raw)
	}
}

// TestPosiciones reports fixes of which some are refused.
func TestPosiciones(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	unit, now := w.unit(), time.Now().UTC()
	fix := func(lat float64, en time.Time) map[string]any {
		return map[string]any{"lat": lat, "lon": -58.4, "en": en, "rumbo": 400}
	}
	path := "/api/v1/efectivos/" + unit + "/posiciones"
	a := w.admin.call("POST", path, map[string]any{"fixes": []any{
		fix(-34.6, now), fix(-34.6, now), fix(95, now.Add(time.Second)), fix(-34.6, now.Add(time.Hour)), fix(-34.6, now.Add(-time.Hour)),
		map[string]any{"lat": -34.6, "en": now.Add(2 * time.Second)},
		map[string]any{"lat": -34.6, "lon": -58.4, "en": nil},
		fix(-34.6, now.Add(3*time.Second)),
	}}).want(http.StatusOK)
	var motives []string
	for _, r := range a.list("rechazadas") {
		motives = append(motives, r.(map[string]any)["motivo"].(string))
	}
	equal(t, []string{"duplicada", "coordenada_invalida", "futura", "fuera_de_turno", "incompleta", "incompleta"}, motives)
	if a.object()["aceptadas"] != 2.0 {
		t.Errorf("answer %s", a.raw)
	}
	w.user(permiso.Efectivo).send("POST", path, []byte(`{"fixes":[{"lat":1,"lon":1,"en":"2026-03-01T12:00:00Z"}]}`), header("Content-Type", "application/json")).
		refused(http.StatusNotFound, "efectivo_no_existe")
	w.user(permiso.Supervisor).send("POST", path, []byte(`{"fixes":[]}`), header("Content-Type", "application/json")).refused(http.StatusForbidden, "prohibido")

	// Where he was is told with a reason, after the fact that says who asked.
	track := "/api/v1/efectivos/" + unit + "/recorrido"
	period := map[string]any{"desde": now.Add(-time.Hour), "hasta": now.Add(time.Hour)}
	w.admin.call("POST", track, period).refused(http.StatusUnprocessableEntity, "motivo_requerido")
	period["motivo"] = "denuncia 123"
	seen := w.admin.call("POST", track, period).want(http.StatusOK)
	if props := seen.object()["properties"].(map[string]any); props["puntos"] != 2.0 {
		t.Errorf("track %s", seen.raw)
	}
	if n := w.facts("auditoria.recorrido_leido"); n != 1 {
		t.Errorf("%d facts of one look", n)
	}
	w.user(permiso.Efectivo).call("POST", track, period).refused(http.StatusNotFound, "efectivo_no_existe")
	w.user(permiso.Auditor).call("POST", track, period).refused(http.StatusForbidden, "prohibido")
	period["desde"] = now.Add(-30 * 24 * time.Hour)
	w.admin.call("POST", track, period).refused(http.StatusUnprocessableEntity, "recorrido_periodo_invalido")
}

// TestVinculoTelegram: a code for oneself, and for nobody else.
func TestVinculoTelegram(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ana, luis := w.user(permiso.Supervisor), w.user(permiso.Efectivo)
	id := ana.call("GET", "/api/v1/auth/yo", nil).want(http.StatusOK).text("id")
	path := "/api/v1/usuarios/" + id + "/vinculo-telegram"
	if a := ana.call("POST", path, nil).want(http.StatusOK); a.text("codigo") == "" || a.text("vence") == "" {
		t.Errorf("answer %s", a.raw)
	}
	luis.call("POST", path, nil).refused(http.StatusNotFound, "usuario_no_existe")
	w.user(permiso.Servicio).call("POST", path, nil).refused(http.StatusForbidden, "prohibido")
	w.admin.call("POST", path, map[string]any{}).want(http.StatusOK)
}

// TestSessions logs in, renews and leaves.
func TestSessions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	in := map[string]string{"email": "ADA@gad.test", "password": password}
	first := client{w: w}.call("POST", "/api/v1/auth/login", in).want(http.StatusOK)
	if first.header.Get("Cache-Control") != "no-store" {
		t.Error("tokens may be cached")
	}
	nobody := client{w: w}
	second := nobody.call("POST", "/api/v1/auth/refresh", map[string]string{"refresh_token": first.text("refresh_token")}).want(http.StatusOK)
	holder := client{w, second.text("access_token")}
	holder.call("GET", "/api/v1/auth/yo", nil).want(http.StatusOK)
	holder.call("POST", "/api/v1/auth/logout", map[string]string{}).want(http.StatusNoContent)
	holder.call("GET", "/api/v1/auth/yo", nil).refused(http.StatusUnauthorized, "sin_identificacion")
	client{w, first.text("access_token")}.call("GET", "/api/v1/auth/yo", nil).refused(http.StatusUnauthorized, "sin_identificacion")
	nobody.call("POST", "/api/v1/auth/refresh", map[string]string{"refresh_token": second.text("refresh_token")}).refused(http.StatusUnauthorized, "sesion_terminada")
	nobody.call("POST", "/api/v1/auth/refresh", map[string]string{"refresh_token": "nada"}).refused(http.StatusUnauthorized, "sesion_terminada")
	nobody.call("POST", "/api/v1/auth/refresh", map[string]string{}).refused(http.StatusUnprocessableEntity, "datos_faltantes")

	// Whoever lost the answer asks again and gets the same; a copy of an older token closes
	// the session for both. However long this machine takes, it is the same moment.
	w.clock.stop()
	renew := func(a answer) answer {
		return nobody.call("POST", "/api/v1/auth/refresh", map[string]string{"refresh_token": a.text("refresh_token")})
	}
	third := nobody.call("POST", "/api/v1/auth/login", in).want(http.StatusOK)
	fourth := renew(third).want(http.StatusOK)
	equal(t, fourth.text("refresh_token"), renew(third).want(http.StatusOK).text("refresh_token"))
	fifth := renew(fourth).want(http.StatusOK)
	client{w, fifth.text("access_token")}.call("GET", "/api/v1/auth/yo", nil).want(http.StatusOK)
	renew(third).refused(http.StatusUnauthorized, "sesion_reutilizada")
	renew(fifth).refused(http.StatusUnauthorized, "sesion_terminada")
	client{w, fifth.text("access_token")}.call("GET", "/api/v1/auth/yo", nil).refused(http.StatusUnauthorized, "sin_identificacion")
	if n := w.facts("usuario.familia_revocada"); n != 1 {
		t.Errorf("%d facts of a revoked family", n)
	}

	wrong := nobody.call("POST", "/api/v1/auth/login", map[string]string{"email": "ada@gad.test", "password": "otra frase cualquiera"}).refused(http.StatusUnauthorized, "credencial_invalida")
	unknown := nobody.call("POST", "/api/v1/auth/login", map[string]string{"email": "nadie@gad.test", "password": "otra frase cualquiera"}).refused(http.StatusUnauthorized, "credencial_invalida")
	strip := func(a answer) string { return strings.ReplaceAll(string(a.raw), a.text("request_id"), "") }
	if strip(wrong) != strip(unknown) {
		t.Errorf("the answers differ: %s, %s", wrong.raw, unknown.raw)
	}
	nobody.call("POST", "/api/v1/auth/login", map[string]string{"email": "ada@gad.test"}).refused(http.StatusUnprocessableEntity, "datos_faltantes")
}
