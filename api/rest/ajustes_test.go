package rest_test

import (
	"net/http"
	"testing"

	"github.com/grupo-gad/gad/api/rest"
	"github.com/grupo-gad/gad/domain/permiso"
)

// The settings are shown to administrators and to nobody else.
func TestAjustes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(d *rest.Deps) {
		d.Ajustes = []rest.Ajuste{
			{Nombre: "GAD_HTTP_ADDR", Valor: "127.0.0.1:0", PorDefecto: "127.0.0.1:8080", Significado: "dónde escucha"},
			{Nombre: "GAD_REDIS_URL", Valor: "[secreto]", Significado: "redis", Secreto: true},
		}
	})
	list := w.admin.call("GET", "/api/v1/admin/config", nil).want(http.StatusOK).list("datos")
	if len(list) != 2 {
		t.Fatalf("settings %v", list)
	}
	first, second := list[0].(map[string]any), list[1].(map[string]any)
	equal(t, []any{"GAD_HTTP_ADDR", "127.0.0.1:0", false}, []any{first["nombre"], first["valor"], first["secreto"]})
	equal(t, []any{"[secreto]", true}, []any{second["valor"], second["secreto"]})
	for _, rol := range []permiso.Rol{permiso.Efectivo, permiso.Supervisor, permiso.Auditor, permiso.Servicio} {
		w.user(rol).call("GET", "/api/v1/admin/config", nil).refused(http.StatusForbidden, "prohibido")
	}
	w.admin.call("GET", "/api/v1/admin/config?nombre=x", nil).refused(http.StatusBadRequest, "peticion_invalida")
}
