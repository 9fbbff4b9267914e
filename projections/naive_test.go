package projections_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/ops/pgtest"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/bench"
	"github.com/grupo-gad/gad/projections/efectivos"
	"github.com/grupo-gad/gad/projections/tareas"
)

// naive is what a log means, told as plainly as possible and without a line of the
// projections: by key, one text of everything that counts.
type naive struct {
	tareas    map[string]*naiveTarea
	efectivos map[string]*naiveEfectivo
	paused    map[string]time.Time // since when a Tarea is
}

type naiveTarea struct {
	Estado        string
	Prioridad     int
	Steps         map[string]string // by Efectivo
	Inicio, Fin   string
	PausasUS      int64
	Version, Last int64
}

type naiveEfectivo struct {
	Disponibilidad string
	Turno          string
	Tareas         []string
	Carga          int
	Libre          string // since when he has had nothing to do
	Version, Last  int64
}

func instant(t time.Time) string { return t.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano) }

func (n *naive) apply(r eventstore.Recorded) {
	key := projections.Key(r.Stream)
	switch e := r.Event.(type) {
	case tarea.Event:
		n.tarea(key, e)
		n.tareas[key].Version, n.tareas[key].Last = int64(r.Version), int64(r.Position)
	case efectivo.Event:
		n.efectivo(key, e)
		n.efectivos[key].Version, n.efectivos[key].Last = int64(r.Version), int64(r.Position)
	}
}

func (n *naive) tarea(key string, e tarea.Event) {
	t := n.tareas[key]
	step := func(id ident.Efectivo, s string) { t.Steps[string(id)] = s }
	switch v := any(e).(type) {
	case tarea.Creada:
		n.tareas[key] = &naiveTarea{Estado: "programada", Prioridad: int(v.Prioridad), Steps: map[string]string{}}
	case tarea.PrioridadCambiada:
		t.Prioridad = int(v.Prioridad)
	case tarea.EfectivoAsignado:
		step(v.Efectivo, "asignada")
	case tarea.AsignacionAceptada:
		step(v.Efectivo, "aceptada")
	case tarea.EfectivoEnCamino:
		step(v.Efectivo, "en_camino")
	case tarea.EfectivoEnLugar:
		step(v.Efectivo, "en_lugar")
	case tarea.EfectivoLiberado:
		step(v.Efectivo, "liberada")
	case tarea.Iniciada:
		t.Estado, t.Inicio = "en_curso", instant(v.En)
	case tarea.Pausada:
		t.Estado, n.paused[key] = "pausada", v.En
	case tarea.Reanudada:
		t.Estado, t.PausasUS = "en_curso", t.PausasUS+v.En.Sub(n.paused[key]).Microseconds()
	case tarea.Finalizada:
		t.Estado, t.Fin = "finalizada", instant(v.En)
	case tarea.Cancelada:
		t.Estado, t.Fin = "cancelada", instant(v.En)
	}
}

func (n *naive) efectivo(key string, e efectivo.Event) {
	f := n.efectivos[key]
	switch v := any(e).(type) {
	case efectivo.Registrado:
		n.efectivos[key] = &naiveEfectivo{Disponibilidad: "fuera_servicio", Tareas: []string{}}
	case efectivo.TurnoIniciado:
		f.Disponibilidad, f.Turno, f.Carga, f.Libre = "disponible", string(v.Turno), 0, instant(v.En)
	case efectivo.DisponibilidadCambiada:
		f.Disponibilidad = string(v.Disponibilidad)
		if v.Causa == efectivo.PorAsignacion {
			f.Tareas, f.Carga = append(f.Tareas, string(v.Tarea)), f.Carga+1
		} else {
			if v.SinTomar {
				f.Carga--
			} else {
				f.Libre = instant(v.En)
			}
			f.Tareas = slices.DeleteFunc(f.Tareas, func(id string) bool { return id == string(v.Tarea) })
		}
	}
}

// TestReadModelsAreTheNaiveFold: at 1,000 random positions of the log the rows are what the
// facts up to there mean, and the same as those of a fresh replay.
func TestReadModelsAreTheNaiveFold(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	b := newBook()
	seed := uint64(20260302)
	if _, err := bench.Fill(t.Context(), b, bench.NewDay(seed, 12), 1100, nil); err != nil {
		t.Fatal(err)
	}
	head := lapsing(t, b)
	log, err := b.ReadLog(t.Context(), 0, int(head))
	if err != nil || len(log) != int(head) || len(log) < 1000 {
		t.Fatal(len(log), err)
	}
	looked := map[int64]bool{}
	for _, i := range rand.New(rand.NewPCG(seed, 2)).Perm(len(log))[:1000] {
		looked[int64(i+1)] = true
	}
	r := runner(t, db.App, b, projections.Options{Lease: time.Minute})
	for name, compare := range map[string]func(n *naive) string{
		tareas.Name: func(n *naive) string { return difference(n.tareas, storedTareas(t, db)) },
		efectivos.Name: func(n *naive) string {
			return difference(n.efectivos, storedEfectivos(t, db)) + difference(presentes(n.efectivos), storedPresentes(t, db))
		},
	} {
		n := &naive{tareas: map[string]*naiveTarea{}, efectivos: map[string]*naiveEfectivo{}, paused: map[string]time.Time{}}
		failed := 0
		err := r.CatchUp(t.Context(), name, head, 1, func(at, _ int64) {
			n.apply(log[at-1])
			if !looked[at] || failed > 2 {
				return
			}
			if diff := compare(n); diff != "" {
				failed++
				t.Errorf("%s at %d (-naive +stored):\n%s", name, at, diff)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	replayed, err := r.Replay(t.Context(), projections.ReplayOptions{Schema: "otra", Drop: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range replayed {
		if len(one.Different) > 0 {
			t.Errorf("a fresh replay differs: %+v", one)
		}
	}
}

// lapsing adds somebody who takes a Tarea and then lets every other offer lapse.
func lapsing(t *testing.T, b *book) eventstore.Position {
	t.Helper()
	id, now := ident.Efectivo(uuid(0xfade)), time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	head := b.put(t, id.Stream(), 0, efectivo.Registrado{ID: id, Usuario: ident.Usuario(uuid(0xfadd)), CodigoInterno: "LAPSO", En: now}, efectivo.TurnoIniciado{Turno: ident.Turno(uuid(0xfadf)), En: now})
	for i := range 12 {
		one := ident.Tarea(uuid(0xfae0 + uint64(i)))
		bound, left := now.Add(time.Duration(2*i+1)*time.Minute), now.Add(time.Duration(2*i+2)*time.Minute)
		head = b.put(t, id.Stream(), int64(2+2*i),
			efectivo.DisponibilidadCambiada{Disponibilidad: efectivo.EnTarea, Causa: efectivo.PorAsignacion, Tarea: one, En: bound},
			efectivo.DisponibilidadCambiada{Disponibilidad: efectivo.Disponible, Causa: efectivo.PorLiberacion, Tarea: one, SinTomar: i%2 == 1, En: left})
	}
	return head
}

// difference is cmp.Diff, which takes its time, where there is one.
func difference(want, got any) string {
	if reflect.DeepEqual(want, got) {
		return ""
	}
	return cmp.Diff(want, got)
}

func storedTareas(t *testing.T, db *pgtest.DB) map[string]*naiveTarea {
	t.Helper()
	rows, err := db.App.Query(t.Context(), `select id::text, estado, prioridad, asignaciones, inicio_real, fin_real, pausas_us, version, posicion from lectura.tareas`)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*naiveTarea{}
	var (
		id          string
		steps       []byte
		inicio, fin *time.Time
		v           naiveTarea
	)
	_, err = pgx.ForEachRow(rows, []any{&id, &v.Estado, &v.Prioridad, &steps, &inicio, &fin, &v.PausasUS, &v.Version, &v.Last}, func() error {
		one := v
		one.Steps = map[string]string{}
		var list []struct{ Efectivo, Estado string }
		if err := json.Unmarshal(steps, &list); err != nil {
			return fmt.Errorf("asignaciones of %s: %w", id, err)
		}
		for _, s := range list {
			one.Steps[s.Efectivo] = s.Estado
		}
		if inicio != nil {
			one.Inicio = instant(*inicio)
		}
		if fin != nil {
			one.Fin = instant(*fin)
		}
		all[id] = &one
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// presentes are the disponibilidad of those on duty.
func presentes(all map[string]*naiveEfectivo) map[string]string {
	out := map[string]string{}
	for id, e := range all {
		if e.Turno != "" {
			out[id] = e.Disponibilidad
		}
	}
	return out
}

func storedPresentes(t *testing.T, db *pgtest.DB) map[string]string {
	t.Helper()
	rows, err := db.App.Query(t.Context(), `select id::text, disponibilidad from lectura.efectivos_en_turno`)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	var id, libre string
	if _, err := pgx.ForEachRow(rows, []any{&id, &libre}, func() error {
		all[id] = libre
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

func storedEfectivos(t *testing.T, db *pgtest.DB) map[string]*naiveEfectivo {
	t.Helper()
	rows, err := db.App.Query(t.Context(), `select id::text, disponibilidad, coalesce(turno::text, ''), tareas::text[], carga, libre_desde, version, posicion from lectura.efectivos`)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*naiveEfectivo{}
	var id string
	var v naiveEfectivo
	var free *time.Time
	_, err = pgx.ForEachRow(rows, []any{&id, &v.Disponibilidad, &v.Turno, &v.Tareas, &v.Carga, &free, &v.Version, &v.Last}, func() error {
		one := v
		if free != nil {
			one.Libre = instant(*free)
		}
		one.Tareas = append([]string{}, v.Tareas...)
		all[id] = &one
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestRebuildUnderLoad: while the log grows and a read model is rebuilt and rolled back, a
// reader that names a position always gets what it must hold, and nobody ever goes back.
func TestRebuildUnderLoad(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	b := newBook()
	head, err := bench.Fill(t.Context(), b, bench.NewDay(31, 10), 400, nil)
	if err != nil {
		t.Fatal(err)
	}
	waiter := projections.NewWaiter(db.App)
	r := runner(t, db.App, b, projections.Options{Waiter: waiter})
	run(t, func(ctx context.Context) { _ = r.Run(ctx) })
	level(t, r, int64(head))
	reader := tareas.NewReader(db.App)
	stop, done := make(chan struct{}), make(chan struct{})
	reads := 0
	go func() {
		defer close(done)
		var last, total int64
		for i := uint64(0); ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			id := ident.Tarea(uuid(0xabc0000 + i))
			at := b.put(t, id.Stream(), 0, creada(id, fmt.Sprintf("CARGA-%d", i)))
			if err := waiter.WaitFor(t.Context(), tareas.Name, at); err != nil {
				continue // too busy a machine may be late, and says so
			}
			list, err := reader.List(t.Context(), projections.System, tareas.Filter{Orden: "-posicion", Limite: 1})
			switch {
			case err != nil:
				t.Errorf("read: %v", err)
				return
			case list.Posicion < int64(at) || list.Posicion < last || list.Total <= total || list.Datos[0].ID != id:
				t.Errorf("asked for %d after %d: position %d, %d Tareas after %d, newest %s, want %s", at, last, list.Posicion, list.Total, total, list.Datos[0].ID, id)
				return
			}
			last, total = list.Posicion, list.Total
			reads++
		}
	}()
	for range 2 {
		report, err := r.Rebuild(t.Context(), tareas.Name, projections.RebuildOptions{})
		if err != nil || !report.Flipped || len(report.Different) > 0 {
			t.Errorf("rebuild: %+v, %v", report, err)
		}
		if err := r.Rollback(t.Context(), tareas.Name); err != nil {
			t.Errorf("roll back: %v", err)
		}
	}
	close(stop)
	<-done
	if reads == 0 {
		t.Error("nobody read meanwhile")
	}
}
