package rest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/api/rest"
	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/zona"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/efectivos"
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
	// Whoever did not hear it signs for it by what the record says.
	equal(t, any(fmt.Sprintf("efectivo-%s@%v", id, tapped.object()["version"])), e["sos_alerta"])
	boss.call(http.MethodPost, "/api/v1/alertas/"+e["sos_alerta"].(string)+"/acuse", nil).want(http.StatusOK)
	auditor.call(http.MethodPost, path, nil).refused(http.StatusForbidden, "prohibido")
	boss.send(http.MethodPost, path, []byte(`{"ubicacion":{"lat":-34.6}}`), header("Content-Type", "application/json")).refused(http.StatusUnprocessableEntity, "coordenada_invalida")

	w.admin.call(http.MethodPost, "/api/v1/efectivos/"+id+"/baja", nil).refused(http.StatusConflict, "efectivo_con_sos")
	attended := boss.call(http.MethodDelete, path, map[string]any{"observaciones": "falsa alarma"}).want(http.StatusOK)
	e = boss.call(http.MethodGet, "/api/v1/efectivos/"+id, nil, attended.at()).object()
	if e["sos"] != nil || e["sos_alerta"] != nil {
		t.Errorf("still calling: %v", e)
	}
	second := boss.call(http.MethodPost, path, nil).want(http.StatusOK)
	e = boss.call(http.MethodGet, "/api/v1/efectivos/"+id, nil, second.at()).object()
	equal(t, any(fmt.Sprintf("efectivo-%s@%v", id, second.object()["version"])), e["sos_alerta"])
	boss.call(http.MethodDelete, path, nil).want(http.StatusOK)

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
	if list := boss.call(http.MethodGet, first.header.Get("Location"), nil, first.at()).want(http.StatusOK).list("datos"); len(list) != 1 {
		t.Errorf("where it is said to be there are %d", len(list))
	}
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

// TestSOSPlace: one tap says no place; the call is from where he was heard last, on this shift.
func TestSOSPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	known, unknown := w.unit(), w.unit()
	w.fix(known, -34.6037, -58.3816)
	reader := efectivos.NewReader(w.pool)
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for end := time.Now().Add(time.Minute); ; <-again.C {
		e, err := reader.Get(t.Context(), projections.System, ident.Efectivo(known))
		if err == nil && e.PosicionActual != nil {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("his place is not known: %+v, %v", e, err)
		}
	}
	for id, want := range map[string]*geo.Punto{known: {Lat: -34.6037, Lon: -58.3816}, unknown: nil} {
		w.admin.call(http.MethodPost, "/api/v1/efectivos/"+id+"/sos", nil).want(http.StatusOK)
		for r, err := range w.store.ReadStream(t.Context(), eventstore.StreamID(ident.Efectivo(id).Stream()), 0) {
			must(t, err)
			if e, ok := r.Event.(efectivo.SOSActivado); ok {
				equal(t, want, e.Ubicacion)
			}
		}
	}
}

// TestGoneReference: nothing new is put where there is no Zona any more, or under somebody who has
// left; what was ordered before is answered as it was.
func TestGoneReference(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	boss, gone := w.user(permiso.Supervisor), w.user(permiso.Efectivo).id()
	zona := w.admin.call(http.MethodPost, "/api/v1/zonas", map[string]any{
		"nombre": "Feria", "clase": "interes", "radio_m": 300, "geometria": map[string]any{"type": "Point", "coordinates": []float64{-58.38, -34.6}},
	}).want(http.StatusCreated).text("id")
	there, key := map[string]any{"titulo": "Ronda por la feria", "tipo": "patrullaje", "zona": zona}, header("Idempotency-Key", "ronda")
	first := boss.call(http.MethodPost, "/api/v1/tareas", there, key).want(http.StatusCreated)
	w.admin.call(http.MethodDelete, "/api/v1/zonas/"+zona, nil).want(http.StatusOK)
	boss.call(http.MethodPost, "/api/v1/tareas", there).refused(http.StatusUnprocessableEntity, "referencia_inexistente")
	boss.call(http.MethodPatch, "/api/v1/tareas/"+first.text("id"), map[string]any{"zona": zona}).refused(http.StatusUnprocessableEntity, "referencia_inexistente")
	again := boss.call(http.MethodPost, "/api/v1/tareas", there, key).want(http.StatusCreated)
	equal(t, first.text("id"), again.text("id"))

	w.admin.call(http.MethodPost, "/api/v1/usuarios/"+gone+"/baja", map[string]any{"motivo": "se fue"}).want(http.StatusOK)
	boss.call(http.MethodPost, "/api/v1/tareas", map[string]any{"titulo": "Ronda por la feria", "tipo": "patrullaje", "delegado": gone}).
		refused(http.StatusUnprocessableEntity, "referencia_inexistente")
	boss.call(http.MethodPost, "/api/v1/efectivos", map[string]any{"usuario": gone, "codigo_interno": "G-100"}).
		refused(http.StatusUnprocessableEntity, "referencia_inexistente")
}

// TestZonaDelLugar: a Tarea that names no Zona is of the one its place lies in, but for a supervisor
// who could not see it there any more.
func TestZonaDelLugar(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	drawn := func(nombre string, lon float64) answer {
		return w.admin.call(http.MethodPost, "/api/v1/zonas", map[string]any{
			"nombre": nombre, "clase": "jurisdiccion", "radio_m": 300, "geometria": map[string]any{"type": "Point", "coordinates": []float64{lon, -34.6}},
		}).want(http.StatusCreated)
	}
	centro, norte := drawn("Centro", -58.38), drawn("Norte", -58.48)
	w.admin.call(http.MethodGet, "/api/v1/zonas", nil, norte.at()).want(http.StatusOK)
	boss := w.user(permiso.Supervisor)
	narrow := w.narrow([]string{norte.text("id")}, nil)
	for name, c := range map[string]struct {
		who  client
		lon  float64
		zona any
	}{
		"inside": {boss, -58.381, centro.text("id")}, "in none": {boss, -58.43, nil},
		"of hers": {narrow, -58.481, norte.text("id")}, "of others": {narrow, -58.381, nil},
	} {
		made := c.who.call(http.MethodPost, "/api/v1/tareas", map[string]any{
			"titulo": "Ronda por la plaza", "tipo": "patrullaje", "ubicacion": map[string]any{"lat": -34.6, "lon": c.lon},
		}).want(http.StatusCreated)
		if got := c.who.call(http.MethodGet, "/api/v1/tareas/"+made.text("id"), nil, made.at()).want(http.StatusOK).object()["zona"]; got != c.zona {
			t.Errorf("%s: in %v, want %v", name, got, c.zona)
		}
	}
	// It moves: its Zona with it, but not one that was named for another reason than its place.
	for name, c := range map[string]struct {
		from, to             float64
		created, moved, zona any
	}{
		"with its place":       {-58.381, -58.481, nil, nil, norte.text("id")},
		"named, of its place":  {-58.381, -58.481, centro.text("id"), nil, norte.text("id")},
		"named, of another":    {-58.43, -58.381, norte.text("id"), nil, norte.text("id")},
		"named while it moves": {-58.381, -58.481, nil, centro.text("id"), centro.text("id")},
		"to where none is":     {-58.381, -58.43, nil, nil, centro.text("id")},
	} {
		at := func(lon float64, zona any) map[string]any {
			body := map[string]any{"titulo": "Ronda por la plaza", "ubicacion": map[string]any{"lat": -34.6, "lon": lon}}
			if zona != nil {
				body["zona"] = zona
			}
			return body
		}
		body := at(c.from, c.created)
		body["tipo"] = "patrullaje"
		made := boss.call(http.MethodPost, "/api/v1/tareas", body).want(http.StatusCreated)
		path := "/api/v1/tareas/" + made.text("id")
		boss.call(http.MethodGet, path, nil, made.at()).want(http.StatusOK)
		moved := boss.call(http.MethodPatch, path, at(c.to, c.moved)).want(http.StatusOK)
		if got := boss.call(http.MethodGet, path, nil, moved.at()).want(http.StatusOK).object()["zona"]; got != c.zona {
			t.Errorf("moved, %s: in %v, want %v", name, got, c.zona)
		}
	}
}

// zonasAway is a map whose Zonas cannot be read while they are away.
type zonasAway struct {
	rest.MapaReader
	away *atomic.Bool
}

func (m zonasAway) ZonaDe(ctx context.Context, lugar geo.Punto) (ident.Zona, error) {
	if m.away.Load() {
		return "", projections.ErrNoDisponible
	}
	return m.MapaReader.ZonaDe(ctx, lugar)
}

// TestZonaUnknown: a Tarea does not move while nobody can tell of which Zona it would be, or was:
// it would be of the old one for good.
func TestZonaUnknown(t *testing.T) {
	t.Parallel()
	var away atomic.Bool
	w := newWorld(t, func(d *rest.Deps) { d.Mapa = zonasAway{d.Mapa, &away} })
	drawn := w.admin.call(http.MethodPost, "/api/v1/zonas", map[string]any{
		"nombre": "Centro", "clase": "jurisdiccion", "radio_m": 300, "geometria": map[string]any{"type": "Point", "coordinates": []float64{-58.38, -34.6}},
	}).want(http.StatusCreated)
	w.admin.call(http.MethodGet, "/api/v1/zonas", nil, drawn.at()).want(http.StatusOK)
	at := func(lon float64) map[string]any {
		return map[string]any{"titulo": "Ronda por la plaza", "tipo": "patrullaje", "ubicacion": map[string]any{"lat": -34.6, "lon": lon}}
	}
	for name, c := range map[string]struct {
		from, to float64
		was, is  any
	}{"into one": {-58.43, -58.381, nil, drawn.text("id")}, "within one": {-58.381, -58.379, drawn.text("id"), drawn.text("id")}} {
		path := "/api/v1/tareas/" + w.admin.call(http.MethodPost, "/api/v1/tareas", at(c.from)).want(http.StatusCreated).text("id")
		before := w.admin.call(http.MethodGet, path, nil).want(http.StatusOK).object()
		equal(t, c.was, before["zona"])
		away.Store(true)
		w.admin.call(http.MethodPatch, path, at(c.to)).refused(http.StatusServiceUnavailable, "lectura_no_disponible")
		w.admin.call(http.MethodPatch, path, map[string]any{"prioridad": 5}).want(http.StatusOK)
		away.Store(false)
		w.admin.call(http.MethodPatch, path, at(c.to)).want(http.StatusOK)
		if after := w.admin.call(http.MethodGet, path, nil).want(http.StatusOK).object(); after["zona"] != c.is {
			t.Errorf("%s: in %v, want %v", name, after["zona"], c.is)
		}
	}
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

	z := w.admin.call(http.MethodPost, "/api/v1/zonas", map[string]any{
		"nombre": "Feria", "clase": "interes", "radio_m": 300, "geometria": map[string]any{"type": "Point", "coordinates": []float64{-58.38, -34.6}},
	}).want(http.StatusCreated).text("id")
	_, err := w.orders.Dispatch(t.Context(), commands.Order{ID: eventstore.CommandID(uuid.New()), Commands: []commands.Command{
		zona.Vaciar{Orden: zona.Orden{ID: ident.Zona(z), Por: permiso.DelSistema("politicas"), En: time.Now().UTC()}},
	}})
	must(t, err)
	boss := w.user(permiso.Supervisor)
	boss.call(http.MethodPost, "/api/v1/alertas/zona-"+z+"@1/acuse", nil).refused(http.StatusNotFound, "alerta_no_existe")
	boss.call(http.MethodPost, "/api/v1/alertas/zona-"+z+"@2/acuse", nil).want(http.StatusOK)
	w.user(permiso.Efectivo).call(http.MethodPost, "/api/v1/alertas/zona-"+z+"@2/acuse", nil).refused(http.StatusNotFound, "alerta_no_existe")
}

func raw(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	must(t, err)
	return b
}
