package estadisticas_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/ops/pgtest/redistest"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/cache"
	"github.com/grupo-gad/gad/projections/estadisticas"
)

// TestRenewer: what somebody asked for is calculated anew beside the projectors and served to
// other processes with its position; what nobody asks for is left alone.
func TestRenewer(t *testing.T) {
	t.Parallel()
	w, o := newWorld(t), redistest.New(t)
	connect := func() *cache.Cache {
		rdb := redis.NewClient(o)
		t.Cleanup(func() { _ = rdb.Close() })
		return cache.New(rdb).Patient(time.Minute)
	}
	clock := func() time.Time { return now }
	here, there := connect(), connect() // the process of the projectors, and one that answers
	renewer := estadisticas.NewRenewer(estadisticas.NewReader(w.db.App, here, zone, clock))
	asker := estadisticas.NewReader(w.db.App, there, zone, clock)
	w.people()
	w.mission(1, now.Add(-3*time.Hour), tarea.Patrullaje, tarea.Media, time.Hour)
	w.project(0)
	if err := renewer.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	if e := here.Estado(t.Context()); e.Redis != "disponible" || len(e.Claves) != 0 || e.Calculos != 0 {
		t.Errorf("nobody asked: %+v", e)
	}
	ask := func(min eventstore.Position) estadisticas.Cuentas {
		t.Helper()
		c, err := asker.Tareas(t.Context(), projections.System, estadisticas.Periodo{Min: min}, estadisticas.PorEstado)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if c := ask(0); c.Total != 1 || c.Posicion != int64(w.head) {
		t.Errorf("before: %+v", c)
	}
	w.mission(2, now.Add(-2*time.Hour), tarea.Patrullaje, tarea.Media, time.Hour)
	w.project(0)
	if err := renewer.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	e := here.Estado(t.Context())
	if e.Calculos != 1 || len(e.Claves) != 1 || !strings.HasPrefix(e.Claves[0].Clave, "tareas/estado/") || e.Claves[0].Posicion != int64(w.head) {
		t.Errorf("one was asked for: %+v", e)
	}
	// The newest, and it says so; the min would have it calculated were it older.
	if c := ask(w.head); c.Total != 2 || c.Posicion != int64(w.head) {
		t.Errorf("after: %+v", c)
	}
	if at, err := renewer.Position(t.Context()); err != nil || at != w.head {
		t.Errorf("a figure of now would be of %d, %v", at, err)
	}
	// What is asked for later is renewed as well.
	if _, err := asker.Tiempos(t.Context(), projections.System, estadisticas.Periodo{}); err != nil {
		t.Fatal(err)
	}
	w.mission(3, now.Add(-time.Hour), tarea.Patrullaje, tarea.Media, time.Minute)
	w.project(0)
	if err := renewer.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	e = here.Estado(t.Context())
	if len(e.Claves) != 2 || slices.ContainsFunc(e.Claves, func(k cache.Clave) bool { return k.Posicion != int64(w.head) }) {
		t.Errorf("two were asked for: %+v", e)
	}
}

// TestFiguresOfAnotherBuild: what another build left in the cache is not taken for one's own where
// it counts otherwise, and where it writes otherwise it is calculated, not an error.
func TestFiguresOfAnotherBuild(t *testing.T) {
	t.Parallel()
	w, o := newWorld(t), redistest.New(t)
	rdb := redis.NewClient(o)
	t.Cleanup(func() { _ = rdb.Close() })
	answers := func() *estadisticas.Reader {
		return estadisticas.NewReader(w.db.App, cache.New(rdb).Patient(time.Minute), zone, func() time.Time { return now })
	}
	w.people()
	w.mission(1, now.Add(-3*time.Hour), tarea.Patrullaje, tarea.Media, time.Hour)
	w.project(0)
	if _, err := answers().Tareas(t.Context(), projections.System, estadisticas.Periodo{}, estadisticas.PorEstado); err != nil {
		t.Fatal(err)
	}
	stored := cache.New(rdb).Patient(time.Minute).Estado(t.Context()).Claves
	if version := fmt.Sprintf("/v%d.%d", estadisticas.Projection{}.Version(), estadisticas.Celdas{}.Version()); len(stored) != 1 || !strings.HasSuffix(stored[0].Clave, version) {
		t.Fatalf("%+v do not say %s", stored, version)
	}
	if err := rdb.HSet(t.Context(), "gad:{cache}:valor:"+stored[0].Clave, "valor", `{"por":"estado","total":[7],"datos":[]}`).Err(); err != nil {
		t.Fatal(err)
	}
	c, err := answers().Tareas(t.Context(), projections.System, estadisticas.Periodo{}, estadisticas.PorEstado)
	if err != nil || c.Total != 1 || len(c.Datos) != 1 || c.Posicion != int64(w.head) {
		t.Errorf("%+v, %v", c, err)
	}
}
