package rest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/domain/permiso"
)

func TestSOS(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	boss, auditor := w.user(permiso.Supervisor), w.user(permiso.Auditor)
	id := w.unit()
	path := "/api/v1/efectivos/" + id + "/sos"

	tapped := boss.call(http.MethodPost, path, map[string]any{"ubicacion": map[string]any{"lat": -34.6, "lon": -58.4}}).want(http.StatusOK)
	if again := boss.call(http.MethodPost, path, nil).want(http.StatusOK); again.header.Get("ETag") != tapped.header.Get("ETag") {
		t.Errorf("a second tap made a second call: %s then %s", tapped.header.Get("ETag"), again.header.Get("ETag"))
	}
	e := boss.call(http.MethodGet, "/api/v1/efectivos/"+id, nil, tapped.at()).want(http.StatusOK).object()
	equal(t, any(true), e["sos"])
	auditor.call(http.MethodPost, path, nil).refused(http.StatusForbidden, "prohibido")
	boss.send(http.MethodPost, path, []byte(`{"ubicacion":{"lat":-34.6}}`), header("Content-Type", "application/json")).refused(http.StatusUnprocessableEntity, "coordenada_invalida")

	w.admin.call(http.MethodPost, "/api/v1/efectivos/"+id+"/baja", nil).refused(http.StatusConflict, "efectivo_con_sos")
	attended := boss.call(http.MethodDelete, path, map[string]any{"observaciones": "falsa alarma"}).want(http.StatusOK)
	e = boss.call(http.MethodGet, "/api/v1/efectivos/"+id, nil, attended.at()).object()
	if e["sos"] != nil {
		t.Errorf("still calling: %v", e)
	}

	w.admin.call(http.MethodPost, "/api/v1/efectivos/"+id+"/baja", nil).refused(http.StatusConflict, "efectivo_en_turno")
	w.admin.call(http.MethodDelete, "/api/v1/efectivos/"+id+"/turno", nil).want(http.StatusOK)
	gone := w.admin.call(http.MethodPost, "/api/v1/efectivos/"+id+"/baja", map[string]any{"motivo": "se jubiló"}).want(http.StatusOK)
	equal(t, any(true), boss.call(http.MethodGet, "/api/v1/efectivos/"+id, nil, gone.at()).object()["de_baja"])
	w.admin.call(http.MethodPost, "/api/v1/efectivos/"+id+"/turno", nil).refused(http.StatusConflict, "efectivo_de_baja")
}

func TestLicencias(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	boss, auditor := w.user(permiso.Supervisor), w.user(permiso.Auditor)
	id := w.unit()
	now := time.Now().UTC().Truncate(time.Second)
	ask := func(from, to time.Time) map[string]any {
		return map[string]any{"efectivo": id, "desde": from, "hasta": to, "motivo": "mudanza"}
	}

	key := header("Idempotency-Key", "licencia-1")
	first := boss.call(http.MethodPost, "/api/v1/licencias", ask(now.Add(time.Hour), now.Add(2*time.Hour)), key).want(http.StatusCreated)
	again := boss.call(http.MethodPost, "/api/v1/licencias", ask(now.Add(time.Hour), now.Add(2*time.Hour)), key).want(http.StatusCreated)
	equal(t, first.text("id"), again.text("id"))
	boss.call(http.MethodPost, "/api/v1/licencias", ask(now, now.Add(90*time.Minute))).refused(http.StatusConflict, "licencia_solapada")
	boss.call(http.MethodPost, "/api/v1/licencias", ask(now.Add(time.Hour), now)).refused(http.StatusUnprocessableEntity, "licencia_datos_invalidos")
	boss.send(http.MethodPost, "/api/v1/licencias", []byte(`{"hasta":"2030-01-01T00:00:00Z"}`), header("Content-Type", "application/json")).
		refused(http.StatusUnprocessableEntity, "datos_faltantes")

	// The address names the leave alone: an order right behind the request finds it.
	boss.call(http.MethodPost, "/api/v1/licencias/"+first.text("id")+"/rechazo", map[string]any{"motivo": "falta gente"}).want(http.StatusOK)
	boss.call(http.MethodPost, "/api/v1/licencias/"+first.text("id")+"/aprobacion", nil).refused(http.StatusConflict, "licencia_resuelta")
	boss.call(http.MethodPost, "/api/v1/licencias/"+uuid.NewString()+"/aprobacion", nil).refused(http.StatusNotFound, "licencia_no_existe")
	auditor.call(http.MethodPost, "/api/v1/licencias/"+first.text("id")+"/aprobacion", nil).refused(http.StatusForbidden, "prohibido")

	// One whose time has come ends the shift and begins at once.
	second := boss.call(http.MethodPost, "/api/v1/licencias", ask(now.Add(-time.Minute), now.Add(time.Hour))).want(http.StatusCreated)
	granted := boss.call(http.MethodPost, "/api/v1/licencias/"+second.text("id")+"/aprobacion", nil).want(http.StatusOK)
	e := boss.call(http.MethodGet, "/api/v1/efectivos/"+id, nil, granted.at()).object()
	equal(t, []any{"en_licencia", false}, []any{e["disponibilidad"], e["en_turno"]})
	boss.call(http.MethodPost, "/api/v1/efectivos/"+id+"/turno", nil).refused(http.StatusConflict, "efectivo_en_licencia")

	list := boss.call(http.MethodGet, "/api/v1/licencias?orden=pedida&efectivo="+id, nil, granted.at()).want(http.StatusOK)
	rows := list.list("datos")
	if len(rows) != 2 {
		t.Fatalf("%s", list.raw)
	}
	refused, running := rows[0].(map[string]any), rows[1].(map[string]any)
	equal(t, []any{"rechazada", "mudanza", "falta gente", false}, []any{refused["estado"], refused["motivo"], refused["respuesta"], refused["vigente"]})
	equal(t, []any{"aprobada", true}, []any{running["estado"], running["vigente"]})
	masked := auditor.call(http.MethodGet, "/api/v1/licencias?estado=rechazada", nil).want(http.StatusOK).list("datos")
	equal(t, any("[reservado]"), masked[0].(map[string]any)["motivo"])
	page := boss.call(http.MethodGet, "/api/v1/licencias?limite=1", nil).want(http.StatusOK)
	if page.object()["total"] != 2.0 || page.text("siguiente") == "" {
		t.Errorf("%s", page.raw)
	}
	boss.call(http.MethodGet, "/api/v1/licencias?limite=1&cursor="+page.text("siguiente"), nil).want(http.StatusOK)
	boss.call(http.MethodGet, "/api/v1/licencias?estado=quizas", nil).refused(http.StatusUnprocessableEntity, "parametro_invalido")
}

func TestZonaEntera(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := map[string]any{
		"nombre": "Obelisco", "clase": "interes", "radio_m": 300, "geometria": map[string]any{"type": "Point", "coordinates": []float64{-58.3816, -34.6037}},
		"reglas":   map[string]any{"entrada": true, "vacia_min": 15},
		"horarios": []any{map[string]any{"dias": []int{1, 2}, "desde": "08:00", "hasta": "20:00"}},
	}
	made := w.admin.call(http.MethodPost, "/api/v1/zonas", body).want(http.StatusCreated)
	path := "/api/v1/zonas/" + made.text("id")
	z := w.admin.call(http.MethodGet, path, nil, made.at()).want(http.StatusOK).object()
	equal(t, any(map[string]any{"entrada": true, "vacia_min": 15.0}), z["reglas"])
	equal(t, []any{"MultiPolygon", false}, []any{z["geometria"].(map[string]any)["type"], z["vacia"]})

	same := w.admin.call(http.MethodPut, path, body).want(http.StatusOK)
	equal(t, []any{made.header.Get("ETag"), true}, []any{same.header.Get("ETag"), same.object()["sin_cambio"]})
	body["nombre"] = "Plaza de la República"
	moved := w.admin.call(http.MethodPut, path, body).want(http.StatusOK)
	equal(t, any("Plaza de la República"), w.admin.call(http.MethodGet, path, nil, moved.at()).object()["nombre"])
	body["reglas"] = map[string]any{"vacia_min": 2000}
	w.admin.send(http.MethodPut, path, raw(t, body), header("Content-Type", "application/json")).refused(http.StatusUnprocessableEntity, "zona_datos_invalidos")
	gone := w.admin.call(http.MethodDelete, path, nil).want(http.StatusOK)
	w.admin.call(http.MethodGet, path, nil, gone.at()).refused(http.StatusNotFound, "zona_no_existe")
}

func TestAcuse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.unit()
	sos := w.admin.call(http.MethodPost, "/api/v1/efectivos/"+id+"/sos", nil).want(http.StatusOK).object()
	alert := fmt.Sprintf("efectivo-%s@%v", id, sos["version"])
	seen := w.admin.call(http.MethodPost, "/api/v1/alertas/"+alert+"/acuse", nil).want(http.StatusOK)
	again := w.admin.call(http.MethodPost, "/api/v1/alertas/"+alert+"/acuse", nil).want(http.StatusOK)
	equal(t, seen.header.Get("ETag"), again.header.Get("ETag"))
	for _, none := range []string{"efectivo-" + id + "@1", "efectivo-" + id + "@99", "efectivo-" + id, "x@1", "usuario-" + id + "@1"} {
		w.admin.call(http.MethodPost, "/api/v1/alertas/"+none+"/acuse", nil).refused(http.StatusNotFound, "alerta_no_existe")
	}
	w.user(permiso.Auditor).call(http.MethodPost, "/api/v1/alertas/"+alert+"/acuse", nil).refused(http.StatusForbidden, "prohibido")
}

func raw(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	must(t, err)
	return b
}
