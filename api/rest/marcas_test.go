package rest_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/api/rest"
	"github.com/grupo-gad/gad/domain/permiso"
)

// Markers are put, found by where and how they are, and taken away by those who may.
func TestMarcas(t *testing.T) {
	t.Parallel()
	var late atomic.Int64
	w := newWorld(t, func(d *rest.Deps) { d.Now = func() time.Time { return time.Now().Add(time.Duration(late.Load())) } })
	boss, crew, other, auditor := w.user(permiso.Supervisor), w.user(permiso.Efectivo), w.user(permiso.Efectivo), w.user(permiso.Auditor)
	until := time.Now().UTC().Truncate(time.Second).Add(time.Hour)
	mark := func(change ...any) map[string]any {
		body := map[string]any{"clase": "corte", "titulo": " Calle cortada ", "lat": -34.6, "lon": -58.4}
		for i := 0; i < len(change); i += 2 {
			body[change[i].(string)] = change[i+1]
		}
		return body
	}
	titles := func(c client, query string, at option) string {
		t.Helper()
		all := ""
		for _, row := range c.call("GET", "/api/v1/marcas?orden=puesta&"+query, nil, at).want(http.StatusOK).list("datos") {
			m := row.(map[string]any)
			all += fmt.Sprintf("%s:%s ", m["titulo"], m["estado"])
		}
		return all
	}

	key := header("Idempotency-Key", "marca-1")
	first := boss.call("POST", "/api/v1/marcas", mark(), key).want(http.StatusCreated)
	equal(t, first.text("id"), boss.call("POST", "/api/v1/marcas", mark(), key).want(http.StatusCreated).text("id"))
	path := first.header.Get("Location")
	equal(t, "/api/v1/marcas/"+first.text("id"), path)
	second := crew.call("POST", "/api/v1/marcas", mark("titulo", "Reunión", "clase", "encuentro", "lat", -31.4, "caduca", until)).want(http.StatusCreated)

	m := other.call("GET", path, nil, second.at()).want(http.StatusOK).object()
	equal(t, []any{"corte", "Calle cortada", "vigente", -34.6, -58.4, nil}, []any{m["clase"], m["titulo"], m["estado"], m["lat"], m["lon"], m["caduca"]})
	equal(t, "Calle cortada:vigente Reunión:vigente ", titles(other, "", second.at()))
	equal(t, "Calle cortada:vigente ", titles(boss, "bbox=-59,-35,-58,-34", second.at()))
	equal(t, "Reunión:vigente ", titles(boss, "clase=encuentro,peligro", second.at()))
	equal(t, "[reservado]:vigente [reservado]:vigente ", titles(auditor, "", second.at()))
	equal(t, any("[reservado]"), auditor.call("GET", path, nil).want(http.StatusOK).object()["titulo"])
	page := boss.call("GET", "/api/v1/marcas?limite=1", nil).want(http.StatusOK)
	equal(t, []any{2.0, "Reunión"}, []any{page.object()["total"], page.list("datos")[0].(map[string]any)["titulo"]})
	next := boss.call("GET", "/api/v1/marcas?limite=1&cursor="+page.text("siguiente"), nil).want(http.StatusOK)
	equal(t, []any{nil, "Calle cortada"}, []any{next.object()["siguiente"], next.list("datos")[0].(map[string]any)["titulo"]})

	// Past its end it is not shown, though nothing was written.
	late.Store(int64(2 * time.Hour))
	equal(t, "Calle cortada:vigente ", titles(boss, "", second.at()))
	equal(t, "Reunión:caducada ", titles(boss, "estado=caducada", second.at()))
	late.Store(0)

	// Who did not put it does not take it away, unless he answers for the place.
	other.call("DELETE", path, nil).refused(http.StatusNotFound, "marca_no_existe")
	auditor.call("DELETE", path, nil).refused(http.StatusForbidden, "prohibido")
	gone := crew.call("DELETE", "/api/v1/marcas/"+second.text("id"), nil).want(http.StatusOK)
	equal(t, gone.object()["version"], crew.call("DELETE", "/api/v1/marcas/"+second.text("id"), nil).want(http.StatusOK).object()["version"])
	w.admin.call("DELETE", path, nil, header("If-Match", `"7"`)).refused(http.StatusPreconditionFailed, "version_vencida")
	gone = w.admin.call("DELETE", path, nil).want(http.StatusOK)
	equal(t, "", titles(boss, "", gone.at()))
	equal(t, "Calle cortada:retirada Reunión:retirada ", titles(boss, "estado=vigente,retirada", gone.at()))
	equal(t, any("retirada"), boss.call("GET", path, nil).want(http.StatusOK).object()["estado"])

	for field, body := range map[string]map[string]any{
		"titulo": mark("titulo", "  "), "clase": mark("clase", "parque"), "lat": mark("lat", 91), "lon": mark("lon", -181),
		"caduca": mark("caduca", time.Now().Add(-time.Minute)),
	} {
		got := boss.call("POST", "/api/v1/marcas", body)
		got.refused(http.StatusUnprocessableEntity, "marca_datos_invalidos")
		equal(t, any(field), got.list("campos")[0].(map[string]any)["campo"])
	}
	boss.call("POST", "/api/v1/marcas", mark("zona", uuid.NewString())).refused(http.StatusUnprocessableEntity, "referencia_inexistente")
	auditor.call("POST", "/api/v1/marcas", mark()).refused(http.StatusForbidden, "prohibido")
	boss.call("GET", "/api/v1/marcas?estado=rara", nil).refused(http.StatusUnprocessableEntity, "parametro_invalido")
	boss.call("GET", "/api/v1/marcas/"+uuid.NewString(), nil).refused(http.StatusNotFound, "marca_no_existe")
}
