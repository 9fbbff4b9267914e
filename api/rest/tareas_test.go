package rest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/grupo-gad/gad/api/rest"
	"github.com/grupo-gad/gad/domain/permiso"
)

// TestLifeOfATarea goes the whole way over HTTP: from creation to history.
func TestLifeOfATarea(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	unit := w.unit()
	boss := w.user(permiso.Supervisor)

	created := boss.call(http.MethodPost, "/api/v1/tareas", map[string]any{
		"titulo": "Choque en avenida", "tipo": "OPERATIVO", "prioridad": "alta", "descripcion": "Dos autos",
		"ubicacion": map[string]any{"lat": -34.6037, "lon": -58.3816, "descripcion": "frente al obelisco"},
		"efectivos": []string{unit},
	}).want(http.StatusCreated)
	id, codigo := created.text("id"), created.text("codigo")
	if created.header.Get("Location") != "/api/v1/tareas/"+id || created.header.Get("ETag") != `"2"` || codigo == "" {
		t.Fatalf("headers %v, body %s", created.header, created.raw)
	}

	read := boss.call(http.MethodGet, "/api/v1/tareas/"+codigo, nil, created.at()).want(http.StatusOK).object()
	if read["id"] != id || read["titulo"] != "Choque en avenida" || read["tipo"] != "intervencion" || read["prioridad"] != 3.0 || read["estado"] != "programada" {
		t.Fatalf("tarea reads %v", read)
	}
	if crew := read["asignaciones"].([]any); len(crew) != 1 || crew[0].(map[string]any)["efectivo"] != unit {
		t.Fatalf("asignaciones %v", crew)
	}

	path := "/api/v1/tareas/" + id
	boss.call(http.MethodPatch, path, map[string]any{"prioridad": 5}, header("If-Match", `"1"`)).refused(http.StatusPreconditionFailed, "version_vencida")
	boss.call(http.MethodPatch, path, map[string]any{"prioridad": 5}, header("If-Match", `"2"`)).want(http.StatusOK)
	for _, paso := range []string{"aceptada", "en_camino", "en_lugar"} {
		boss.call(http.MethodPut, path+"/asignaciones/"+unit, map[string]any{"estado": paso}).want(http.StatusOK)
	}
	boss.call(http.MethodPost, path+"/inicio", nil).want(http.StatusOK)
	boss.call(http.MethodPost, path+"/pausa", map[string]any{"motivo": "lluvia"}).want(http.StatusOK)
	boss.call(http.MethodPost, path+"/reanudacion", map[string]any{}).want(http.StatusOK)
	ended := boss.call(http.MethodPost, path+"/finalizacion", map[string]any{"observaciones": "sin novedad"}).want(http.StatusOK)
	again := boss.call(http.MethodPost, path+"/finalizacion", nil).want(http.StatusOK)
	if ended.object()["sin_cambio"] != nil || again.object()["sin_cambio"] != true {
		t.Errorf("finished: %s, and again: %s", ended.raw, again.raw)
	}
	if ended.object()["version"] != again.object()["version"] {
		t.Errorf("finishing twice moved the version: %s, %s", ended.raw, again.raw)
	}
	boss.call(http.MethodPost, path+"/cancelacion", map[string]any{"motivo": "tarde"}).refused(http.StatusConflict, "tarea_finalizada")

	free := boss.call(http.MethodGet, "/api/v1/efectivos/"+unit, nil, ended.at()).want(http.StatusOK)
	if free.text("disponibilidad") != "disponible" {
		t.Errorf("the unit is not free again: %s", free.raw)
	}

	history := boss.call(http.MethodGet, path+"/historial", nil, ended.at()).want(http.StatusOK)
	var names []string
	var pause, first map[string]any
	for _, e := range history.list("datos") {
		entry := e.(map[string]any)
		names = append(names, entry["tipo"].(string))
		switch entry["tipo"] {
		case "tarea.pausada":
			pause = entry["datos"].(map[string]any)
		case "tarea.creada":
			first = entry["datos"].(map[string]any)
		}
	}
	want := []string{
		"tarea.creada", "tarea.efectivo_asignado", "tarea.prioridad_cambiada", "tarea.asignacion_aceptada", "tarea.efectivo_en_camino",
		"tarea.efectivo_en_lugar", "tarea.iniciada", "tarea.pausada", "tarea.reanudada", "tarea.efectivo_liberado", "tarea.finalizada",
	}
	equal(t, want, names)
	if pause["motivo"] != "lluvia" || first["ubicacion"].(map[string]any)["descripcion"] != "frente al obelisco" {
		t.Errorf("texts are not opened: %v, %v", pause, first)
	}

	auditor := w.user(permiso.Auditor)
	hidden := auditor.call(http.MethodGet, path+"/historial?limite=1", nil).want(http.StatusOK)
	entry := hidden.list("datos")[0].(map[string]any)
	if entry["datos"].(map[string]any)["titulo"] != "[reservado]" || hidden.text("siguiente") != "1" {
		t.Errorf("an auditor reads %s", hidden.raw)
	}
	if got := auditor.call(http.MethodGet, path, nil).want(http.StatusOK).text("titulo"); got != "[reservado]" {
		t.Errorf("an auditor reads the title %q", got)
	}

	page := boss.call(http.MethodGet, "/api/v1/tareas?estado=finalizada&q=avenida&prioridad=critica", nil).want(http.StatusOK)
	if len(page.list("datos")) != 1 {
		t.Errorf("the list finds %s", page.raw)
	}
	figures := boss.call(http.MethodGet, "/api/v1/estadisticas/resumen", nil, ended.at()).want(http.StatusOK).object()
	if figures["tareas"].(map[string]any)["finalizada"] != 1.0 {
		t.Errorf("figures %v", figures)
	}
}

// TestOverlapSaysWhichTarea: whoever may see the Tarea that is in the way is told which it is and
// when; the others hear that there is one.
func TestOverlapSaysWhichTarea(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(d *rest.Deps) { d.Settings.Zone = time.FixedZone("-03", -3*60*60) })
	zona := func(nombre string, lon float64) string {
		return w.admin.call(http.MethodPost, "/api/v1/zonas", map[string]any{
			"nombre": nombre, "clase": "jurisdiccion", "radio_m": 300, "geometria": map[string]any{"type": "Point", "coordinates": []float64{lon, -34.6}},
		}).want(http.StatusCreated).text("id")
	}
	norte, sur := zona("Norte", -58.4), zona("Sur", -58.5)
	boss, apart := w.user(permiso.Supervisor), w.narrow([]string{sur}, nil)
	plan := func(delegado, desde, hasta string) map[string]any {
		return map[string]any{
			"titulo": "Ronda", "tipo": "patrullaje", "delegado": delegado, "inicio_programado": "2026-03-02T" + desde + ":00Z", "fin_programado": "2026-03-0" + hasta + ":00Z",
		}
	}
	first := boss.call(http.MethodPost, "/api/v1/tareas", plan(boss.id(), "13:00", "2T15:00")).want(http.StatusCreated)
	late := plan(boss.id(), "20:00", "3T05:00")
	late["zona"] = norte
	night := boss.call(http.MethodPost, "/api/v1/tareas", late).want(http.StatusCreated)
	boss.call(http.MethodGet, "/api/v1/tareas/"+night.text("id"), nil, night.at()).want(http.StatusOK)
	for hours, says := range map[[2]string]string{
		{"14:00", "2T16:00"}: first.text("codigo") + ", de 10:00 a 12:00",
		{"19:00", "2T21:00"}: night.text("codigo") + ", del 02/03 17:00 al 03/03 02:00",
	} {
		got := w.admin.call(http.MethodPost, "/api/v1/tareas", plan(boss.id(), hours[0], hours[1])).refused(http.StatusConflict, "tarea_solapada")
		equal(t, []any{map[string]any{"campo": "delegado", "mensaje": "el delegado ya tiene una tarea en ese horario: " + says}}, got.list("campos"))
	}
	got := apart.call(http.MethodPost, "/api/v1/tareas", plan(boss.id(), "19:00", "2T21:00")).refused(http.StatusConflict, "tarea_solapada")
	equal(t, []any{map[string]any{"campo": "delegado", "mensaje": "el delegado ya tiene una tarea en ese horario"}}, got.list("campos"))
}

// TestNullTakesAway: what a Tarea may be without is taken away by null, and with its end the hours
// it claims; what it must have stays as it was.
func TestNullTakesAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	boss := w.user(permiso.Supervisor)
	zona := w.admin.call(http.MethodPost, "/api/v1/zonas", map[string]any{
		"nombre": "Centro", "clase": "jurisdiccion",
		"geometria": map[string]any{"type": "Polygon", "coordinates": [][][2]float64{{{-58.4, -34.65}, {-58.3, -34.65}, {-58.3, -34.55}, {-58.4, -34.65}}}},
	}).want(http.StatusCreated)
	plan := func(titulo string) map[string]any {
		return map[string]any{
			"titulo": titulo, "tipo": "patrullaje", "inicio_programado": "2026-03-02T10:00:00Z", "fin_programado": "2026-03-02T12:00:00Z", "delegado": boss.id(),
		}
	}
	whole := plan("Plaza y alrededores")
	whole["descripcion"], whole["zona"], whole["lista"] = "A pie", zona.text("id"), []string{"Recorrer"}
	whole["ubicacion"] = map[string]any{"lat": -34.6, "lon": -58.35, "descripcion": "el mástil"}
	path := "/api/v1/tareas/" + boss.call(http.MethodPost, "/api/v1/tareas", whole).want(http.StatusCreated).text("id")
	boss.call(http.MethodPost, "/api/v1/tareas", plan("A la misma hora")).refused(http.StatusConflict, "tarea_solapada")

	for body, field := range map[string]string{`{"fin_programado": 5}`: "fin_programado", `{"ubicacion": {"x": 1}}`: "ubicacion.x", `{"lista": {}}`: "lista"} {
		got := boss.call(http.MethodPatch, path, json.RawMessage(body)).want(http.StatusBadRequest)
		if f := got.list("campos"); len(f) != 1 || f[0].(map[string]any)["campo"] != field {
			t.Errorf("%s: %s", body, got.raw)
		}
	}
	none := map[string]any{"descripcion": nil, "fin_programado": nil, "ubicacion": nil, "zona": nil, "lista": nil, "titulo": nil, "inicio_programado": nil, "delegado": nil}
	done := boss.call(http.MethodPatch, path, none).want(http.StatusOK)
	read := boss.call(http.MethodGet, path, nil, done.at()).want(http.StatusOK).object()
	if read["fin_programado"] != nil || read["ubicacion"] != nil || read["zona"] != nil || read["descripcion"] != nil || len(read["lista"].([]any)) != 0 {
		t.Errorf("something was left: %v", read)
	}
	if read["titulo"] != "Plaza y alrededores" || read["inicio_programado"] != "2026-03-02T10:00:00Z" || read["delegado"] != boss.id() {
		t.Errorf("what it must have is gone: %v", read)
	}
	boss.call(http.MethodPost, "/api/v1/tareas", plan("A la misma hora")).want(http.StatusCreated)
	if again := boss.call(http.MethodPatch, path, map[string]any{"fin_programado": nil, "ubicacion": nil, "zona": nil}).want(http.StatusOK); again.object()["sin_cambio"] != true {
		t.Errorf("taken away twice: %s", again.raw)
	}
}

// TestNotGivenToWhoMayNotComeIn: whoever is blocked is given no Tarea by hand, however it is said;
// the refusal points at where he is named.
func TestNotGivenToWhoMayNotComeIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	unit := w.unit()
	account := "/api/v1/usuarios/" + w.admin.call(http.MethodGet, "/api/v1/efectivos/"+unit, nil, header("X-Gad-Min-Position", fmt.Sprint(w.head()))).want(http.StatusOK).text("usuario")
	w.admin.call(http.MethodPost, account+"/bloqueo", map[string]any{"motivo": "perdió el teléfono"}).want(http.StatusOK)
	assign := "/api/v1/tareas/" + w.admin.tarea() + "/asignaciones"
	for _, c := range []struct {
		path, field string
		body        map[string]any
	}{
		{assign, "efectivo", map[string]any{"efectivo": unit}},
		{assign, "efectivo", map[string]any{"efectivo": unit, "forzar": true}},
		{"/api/v1/tareas", "efectivos", map[string]any{"titulo": "Choque en avenida", "tipo": "intervencion", "efectivos": []string{unit}}},
	} {
		got := w.admin.call(http.MethodPost, c.path, c.body).refused(http.StatusConflict, "efectivo_sin_acceso").list("campos")
		if len(got) != 1 || got[0].(map[string]any)["campo"] != c.field {
			t.Errorf("%v is pointed at by %v", c.body, got)
		}
	}
	w.admin.call(http.MethodDelete, account+"/bloqueo", nil).want(http.StatusOK)
	w.admin.call(http.MethodPost, assign, map[string]any{"efectivo": unit}).want(http.StatusOK)
}
