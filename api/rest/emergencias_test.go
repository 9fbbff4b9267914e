package rest_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/api/rest"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore/telemetry"
	"github.com/grupo-gad/gad/ops/pgtest"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/efectivos"
)

// fix reports where an Efectivo is.
func (w *world) fix(id string, lat, lon float64) {
	w.t.Helper()
	a := w.admin.call("POST", "/api/v1/efectivos/"+id+"/posiciones", map[string]any{"fixes": []any{
		map[string]any{"lat": lat, "lon": lon, "en": time.Now().UTC().Format(time.RFC3339Nano)},
	}}).want(http.StatusOK)
	if a.object()["aceptadas"] != 1.0 {
		w.t.Fatalf("fix refused: %s", a.raw)
	}
}

// TestEmergencia: the nearest one is offered it in the same order, everybody else has his
// reason, and saying no passes it on.
func TestEmergencia(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	boss := w.user(permiso.Supervisor)
	near, far, off, nowhere, abroad := w.unit(), w.unit(), w.unit(), w.unit(), w.unit()
	w.fix(near, -34.6040, -58.3816)
	w.fix(far, -34.6200, -58.3816)
	w.fix(off, -34.6037, -58.3816)
	w.fix(abroad, -34.9011, -56.1645)
	w.admin.call("DELETE", "/api/v1/efectivos/"+off+"/turno", nil).want(http.StatusOK)
	centre := boss.call("POST", "/api/v1/zonas", map[string]any{"nombre": "Centro", "clase": "jurisdiccion", "geometria": map[string]any{
		"type": "Polygon", "coordinates": [][][2]float64{{{-58.39, -34.61}, {-58.37, -34.61}, {-58.37, -34.60}, {-58.39, -34.60}, {-58.39, -34.61}}},
	}}).want(http.StatusCreated)
	boss.call("GET", "/api/v1/zonas", nil, centre.at()).want(http.StatusOK)
	secret := "canario-" + uuid.NewString()
	body := map[string]any{"lat": -34.6037, "lon": -58.3816, "descripcion": secret + " choque con heridos", "telefono": "11 5555-0000"}
	key := header("Idempotency-Key", "llamada 1")
	first := boss.call("POST", "/api/v1/emergencias", body, key).want(http.StatusCreated)
	if first.text("ofrecida_a") != near || first.object()["distancia_m"] == nil || first.text("vence") == "" || !strings.HasSuffix(first.header.Get("Location"), first.text("tarea")) {
		t.Errorf("answer %s", first.raw)
	}
	rec := first.object()["recomendacion"].(map[string]any)
	order := ""
	for _, c := range rec["candidatos"].([]any) {
		order += c.(map[string]any)["efectivo"].(string) + " "
	}
	if order != near+" "+far+" " {
		t.Errorf("ranking %s", order)
	}
	why := map[string]any{}
	for _, d := range rec["descartados"].([]any) {
		why[d.(map[string]any)["efectivo"].(string)] = d.(map[string]any)["motivo"]
	}
	equal(t, map[string]any{off: "fuera_de_turno", nowhere: "sin_posicion", abroad: "demasiado_lejos"}, why)
	again := boss.call("POST", "/api/v1/emergencias", body, key).want(http.StatusCreated)
	if again.text("tarea") != first.text("tarea") || again.text("ofrecida_a") != near || again.object()["repetida"] != true {
		t.Errorf("repeated %s", again.raw)
	}
	// What was decided and what was recorded read the same.
	equal(t, rec, again.object()["recomendacion"].(map[string]any))
	equal(t, first.text("vence"), again.text("vence"))

	path := "/api/v1/tareas/" + first.text("tarea")
	got := boss.call("GET", path, nil, first.at()).want(http.StatusOK)
	if got.text("tipo") != "emergencia" || got.object()["prioridad"] != 5.0 || got.text("telefono") != "11 5555-0000" ||
		got.list("asignaciones")[0].(map[string]any)["estado"] != "ofrecida" {
		t.Errorf("tarea %s", got.raw)
	}
	if got.text("zona") != centre.text("id") {
		t.Errorf("its place lies in %s, the tarea says %q", centre.text("id"), got.text("zona"))
	}
	recalc := boss.call("GET", path+"/recomendacion?recalcular=true", nil).want(http.StatusOK)
	if recalc.object()["coincide"] != true || len(recalc.list("candidatos")) != 2 {
		t.Errorf("computed again: %s", recalc.raw)
	}
	if seen := w.user(permiso.Auditor).call("GET", path, nil).want(http.StatusOK); strings.Contains(string(seen.raw), "11 5555-0000") || strings.Contains(string(seen.raw), secret) {
		t.Errorf("an auditor reads %s", seen.raw)
	}
	records, err := w.store.ReadLog(t.Context(), 0, 1000)
	must(t, err)
	for _, r := range records {
		if strings.Contains(string(r.Payload), secret) || strings.Contains(string(r.Payload), "11 5555-0000") {
			t.Errorf("%s says %s", r.Type, r.Payload)
		}
	}

	// A history says of a recommendation what the recommendation itself says: where colleagues are is not for everybody.
	field := w.user(permiso.Efectivo)
	own := field.call("POST", "/api/v1/emergencias", map[string]any{"lat": -34.70, "lon": -58.50, "descripcion": "alguien caído"}).want(http.StatusCreated)
	for _, c := range []client{field, boss} {
		history := c.call("GET", "/api/v1/tareas/"+own.text("tarea")+"/historial", nil, own.at()).want(http.StatusOK)
		for _, one := range history.list("datos") {
			fact := one.(map[string]any)
			if fact["tipo"] != (tarea.RecomendacionEmitida{}).EventName() {
				continue
			}
			datos := fact["datos"].(map[string]any)
			candidatos, descartados := len(datos["candidatos"].([]any)), len(datos["descartados"].([]any))
			if c == boss && (candidatos != 1 || descartados != 4) || c == field && (candidatos != 0 || descartados != 0 || datos["mas_candidatos"] != 1.0) {
				t.Errorf("history %v", datos)
			}
		}
	}
	w.admin.call("POST", "/api/v1/tareas/"+own.text("tarea")+"/cancelacion", map[string]any{"motivo": "era una prueba"}).want(http.StatusOK)

	// Who is offered one is busy for the next; a rejection goes to the next one at once.
	second := boss.call("POST", "/api/v1/emergencias", body).want(http.StatusCreated)
	if second.text("ofrecida_a") != far {
		t.Errorf("second %s", second.raw)
	}
	third := boss.call("POST", "/api/v1/emergencias", body).want(http.StatusCreated)
	if third.object()["ofrecida_a"] != nil || third.text("alarma") != "sin_efectivos" {
		t.Errorf("third %s", third.raw)
	}
	boss.call("PUT", "/api/v1/tareas/"+second.text("tarea")+"/asignaciones/"+far, map[string]any{"estado": "aceptada"}).want(http.StatusOK)
	no := boss.call("PUT", path+"/asignaciones/"+near, map[string]any{"estado": "rechazada", "motivo": "sin móvil"}).want(http.StatusOK)
	if free := boss.call("GET", "/api/v1/efectivos/"+near, nil, no.at()).want(http.StatusOK); free.text("disponibilidad") != "disponible" {
		t.Errorf("he is %s", free.raw)
	}

	// By hand: the same one again, on purpose; whoever is busy is not taken.
	offer := boss.call("POST", path+"/ofertas", map[string]any{"efectivo": near}).want(http.StatusOK)
	if held := boss.call("GET", "/api/v1/efectivos/"+near, nil, offer.at()).want(http.StatusOK); held.text("disponibilidad") != "en_tarea" {
		t.Errorf("he is %s", held.raw)
	}
	boss.call("POST", path+"/ofertas", map[string]any{"efectivo": far}).refused(http.StatusConflict, "efectivo_ocupado")
	boss.call("POST", path+"/ofertas", map[string]any{}).refused(http.StatusUnprocessableEntity, "datos_faltantes")
	boss.call("POST", "/api/v1/tareas/"+boss.tarea()+"/ofertas", map[string]any{"efectivo": near}).refused(http.StatusConflict, "tarea_sin_recomendacion")
	w.user(permiso.Servicio).call("POST", path+"/ofertas", map[string]any{"efectivo": near}).refused(http.StatusForbidden, "prohibido")
	boss.call("DELETE", path+"/asignaciones/"+near, map[string]any{}).want(http.StatusOK)

	// Bad input names every field; who may not, may not.
	bad := boss.send("POST", "/api/v1/emergencias", []byte(`{"lat":91,"descripcion":" "}`), header("Content-Type", "application/json")).
		refused(http.StatusUnprocessableEntity, "tarea_datos_invalidos")
	if len(bad.list("campos")) != 3 {
		t.Errorf("fields %s", bad.raw)
	}
	w.user(permiso.Auditor).call("POST", "/api/v1/emergencias", body).refused(http.StatusForbidden, "prohibido")

	// A Tarea without one is answered with who should go now.
	plain := boss.call("POST", "/api/v1/tareas", map[string]any{
		"titulo": "Ruidos molestos", "tipo": "patrullaje", "ubicacion": map[string]any{"lat": -34.6037, "lon": -58.3816},
	}).want(http.StatusCreated)
	now := boss.call("GET", "/api/v1/tareas/"+plain.text("id")+"/recomendacion", nil, plain.at()).want(http.StatusOK)
	if now.object()["emitida"] != nil || len(now.list("candidatos")) != 1 {
		t.Errorf("now %s", now.raw)
	}
	boss.send("GET", "/api/v1/tareas/"+boss.tarea()+"/recomendacion", nil).want(http.StatusNotFound)
}

// TestEmergenciasAtOnce: emergencies of the same moment never get the same Efectivo.
func TestEmergenciasAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const people, calls = 6, 12
	for i := range people {
		w.fix(w.unit(), -34.6037+float64(i)/1000, -58.3816)
	}
	var group sync.WaitGroup
	answers := make([]answer, calls)
	for i := range calls {
		group.Go(func() {
			answers[i] = w.admin.call("POST", "/api/v1/emergencias", map[string]any{
				"lat": -34.6037, "lon": -58.3816, "descripcion": fmt.Sprintf("llamada %d", i),
			})
		})
	}
	group.Wait()
	taken, none := map[string]int{}, 0
	for _, a := range answers {
		a.want(http.StatusCreated)
		if id := a.text("ofrecida_a"); id != "" {
			taken[id]++
		} else if a.text("alarma") == "sin_efectivos" {
			none++
		}
	}
	if len(taken) != people || none != calls-people {
		t.Errorf("%v were offered one, %d calls found nobody", taken, none)
	}
}

// sinZonas is a map whose Zonas cannot be read.
type sinZonas struct{ rest.MapaReader }

func (sinZonas) ZonaDe(context.Context, geo.Punto) (ident.Zona, error) {
	return "", projections.ErrNoDisponible
}

// An emergency is taken also while nobody can tell in which Zona it is.
func TestEmergenciaWithoutZonas(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(d *rest.Deps) { d.Mapa = sinZonas{d.Mapa} })
	a := w.admin.call("POST", "/api/v1/emergencias", map[string]any{"lat": -34.6037, "lon": -58.3816, "descripcion": "choque"}).want(http.StatusCreated)
	w.admin.call("GET", "/api/v1/tareas/"+a.text("tarea"), nil).want(http.StatusOK)
}

// sinRecomendar is who should go when that cannot be told.
type sinRecomendar struct{ rest.Recomendador }

func (sinRecomendar) Recomendar(context.Context, geo.Punto, time.Time, tarea.Criterios, ...ident.Efectivo) (
	r tarea.Recomendacion, siguientes []ident.Efectivo, err error,
) {
	return r, nil, projections.ErrNoDisponible
}

// An emergency is taken, and rings that nobody has it, also while nobody can tell who should go:
// an error, or one who knows nothing yet and would be waited for without end.
func TestEmergenciaWithoutRecommendation(t *testing.T) {
	t.Parallel()
	for name, deaf := range map[string]func(*testing.T, *pgtest.DB, *rest.Deps){
		"it fails": func(_ *testing.T, _ *pgtest.DB, d *rest.Deps) { d.Recomendador = sinRecomendar{} },
		"it is not there": func(t *testing.T, db *pgtest.DB, d *rest.Deps) {
			t.Helper()
			fixes, err := telemetry.Open(t.Context(), db.App, telemetry.Options{Writer: "rest.unready"})
			must(t, err)
			d.Recomendador = efectivos.NewDespliegue(db.App, d.Log.(efectivos.DespliegueLog), fixes, d.Logger)
			d.Settings.Recomendar = 10 * time.Millisecond
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := pgtest.New(t)
			w := newWorldOn(t, db, func(d *rest.Deps) { deaf(t, db, d) })
			key := header("Idempotency-Key", "llamada")
			body := map[string]any{"lat": -34.6037, "lon": -58.3816, "descripcion": "choque"}
			a := w.admin.call("POST", "/api/v1/emergencias", body, key).want(http.StatusCreated)
			rec := a.object()["recomendacion"].(map[string]any)
			if a.text("alarma") != "sin_efectivos" || len(rec["candidatos"].([]any)) != 0 || rec["criterios"].(map[string]any)["plazo_s"] != 60.0 {
				t.Errorf("answer %s", a.raw)
			}
			again := w.admin.call("POST", "/api/v1/emergencias", body, key).want(http.StatusCreated)
			if again.text("tarea") != a.text("tarea") || again.text("alarma") != "sin_efectivos" {
				t.Errorf("repeated %s", again.raw)
			}
		})
	}
}
