package rest_test

import (
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/grupo-gad/gad/api/rest"
	"github.com/grupo-gad/gad/domain"
	"github.com/grupo-gad/gad/domain/auditoria"
	"github.com/grupo-gad/gad/domain/permiso"
)

// TestAlarmas: who looks at too many sets off an alarm that the auditor sees and attends to,
// once; nobody attends to the one about himself.
func TestAlarmas(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(d *rest.Deps) { d.Settings.Lecturas = auditoria.Limite{Tope: 2, Lapso: time.Hour} })
	eva, auditor, boss := w.user(permiso.Administrador), w.user(permiso.Auditor), w.user(permiso.Supervisor)
	body := map[string]string{"motivo": "control de legajos"}
	for range 3 {
		w.admin.call("POST", "/api/v1/usuarios/"+eva.id()+"/datos-personales", body).want(http.StatusOK)
	}
	at := header("X-Gad-Min-Position", strconv.Itoa(int(w.head())))
	list := func(c client, query string, o option) []any {
		t.Helper()
		return c.call("GET", "/api/v1/auditoria/alarmas"+query, nil, o).want(http.StatusOK).list("datos")
	}
	found := list(auditor, "?estado=pendiente&clase=lectura_masiva", at)
	if len(found) != 1 {
		t.Fatalf("alarms %v", found)
	}
	alarm := found[0].(map[string]any)
	if alarm["clase"] != "lectura_masiva" || alarm["usuario"] != w.admin.id() || alarm["lecturas"] != 3.0 || alarm["atendida"] != false {
		t.Errorf("alarm %v", alarm)
	}
	path := "/api/v1/auditoria/alarmas/" + alarm["id"].(string) + "/atencion"
	w.admin.call("POST", path, nil).refused(http.StatusForbidden, "alarma_propia")
	boss.call("POST", path, nil).refused(http.StatusForbidden, "prohibido")
	w.user(permiso.Efectivo).call("GET", "/api/v1/auditoria/alarmas", nil).refused(http.StatusForbidden, "prohibido")
	if n := len(list(boss, "?clase=lectura_masiva", at)); n != 1 { // those who command see it too
		t.Errorf("a supervisor sees %d", n)
	}
	// Who answers for a part of the operation does not for the use of the system.
	narrow := w.narrow(nil, []string{"Norte"})
	narrow.call("GET", "/api/v1/auditoria/alarmas", nil).refused(http.StatusForbidden, "prohibido")
	narrow.call("POST", "/api/v1/alertas/"+alarm["id"].(string)+"/acuse", nil).refused(http.StatusNotFound, "alerta_no_existe")
	boss.call("POST", "/api/v1/alertas/"+alarm["id"].(string)+"/acuse", nil).want(http.StatusOK)
	done := auditor.call("POST", path, nil).want(http.StatusOK)
	eva.call("POST", path, nil).want(http.StatusOK) // the first one counts
	if n := len(list(auditor, "?estado=pendiente&clase=lectura_masiva", done.at())); n != 0 {
		t.Errorf("%d are still pending", n)
	}
	alarm = list(eva, "?estado=atendida", done.at())[0].(map[string]any)
	if alarm["atendida"] != true || alarm["atendio"] != auditor.id() || alarm["atendida_en"] == nil {
		t.Errorf("attended: %v", alarm)
	}
	if n := w.facts("alerta.atendida"); n != 1 {
		t.Errorf("%d facts", n)
	}
	for _, none := range []string{"auditoria-" + w.admin.id() + "@1", "auditoria-" + w.admin.id() + "@+4", "usuario-" + eva.id() + "@1", "x", "auditoria-x@99"} {
		auditor.call("POST", "/api/v1/auditoria/alarmas/"+none+"/atencion", nil).refused(http.StatusNotFound, "alerta_no_existe")
	}
	auditor.call("GET", "/api/v1/auditoria/alarmas?estado=otro", nil).refused(http.StatusUnprocessableEntity, "parametro_invalido")
}

// TestIncidentesAreFacts: the list names facts that there are.
func TestIncidentesAreFacts(t *testing.T) {
	t.Parallel()
	catalog, err := domain.Catalog()
	must(t, err)
	var names []string
	for _, d := range catalog.Definitions() {
		names = append(names, d.Name)
	}
	for _, name := range rest.Incidentes() {
		if !slices.Contains(names, name) {
			t.Errorf("%s is no fact", name)
		}
	}
}
