package live_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/api/live"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/ops/pgtest"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/efectivos"
	"github.com/grupo-gad/gad/projections/mapa"
	"github.com/grupo-gad/gad/projections/tareas"
	"github.com/grupo-gad/gad/projections/usuarios"
)

// readers are the real queries over one database.
type readers struct {
	t *tareas.Reader
	e *efectivos.Reader
	m *mapa.Reader
}

func (r readers) Tareas(ctx context.Context, s projections.Scope, f tareas.Filter) (tareas.List, error) {
	return r.t.List(ctx, s, f)
}

func (r readers) Efectivos(ctx context.Context, s projections.Scope, f efectivos.Filter) (efectivos.List, error) {
	return r.e.List(ctx, s, f)
}

func (r readers) Mapa(ctx context.Context, s projections.Scope, a mapa.Area) (mapa.Mapa, error) {
	return r.m.Mapa(ctx, s, a)
}

// silent knows no text: none was sealed.
type silent struct{}

func (silent) Reveal(context.Context, []sealed.Commitment) (map[sealed.Commitment]string, error) {
	return map[sealed.Commitment]string{}, nil
}

// A snapshot holds what the author may read, from the read models, as of a
// position from which the facts go on without a hole.
func TestSnapshotFromTheReadModels(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	store := openStore(t, db)
	u := ident.Usuario(uuid.NewString())
	ana := persona(t, store, u)
	persona(t, store, ident.Usuario(uuid.NewString()))
	mine := nueva(t, store, u, tarea.Media)
	for range 6 {
		nueva(t, store, jefe().Usuario, tarea.Media)
	}
	closed := nueva(t, store, jefe().Usuario, tarea.Media)
	put(t, store, closed.Stream(), 1, tarea.Cancelada{En: noon})
	end := head(t, store)

	runner := projections.NewRunner(db.App, store, silent{}, projections.Options{},
		tareas.Projection{}, efectivos.Projection{}, usuarios.Projection{}, mapa.Projection{})
	background(t, "runner", runner.Run)
	from := readers{tareas.NewReader(db.App), efectivos.NewReader(db.App), mapa.NewReader(db.App)}
	eventually(t, "the read models are level", func() string {
		ts, err := from.Tareas(t.Context(), projections.System, tareas.Filter{})
		if err != nil {
			return err.Error()
		}
		es, err := from.Efectivos(t.Context(), projections.System, efectivos.Filter{})
		if err != nil || ts.Posicion < int64(end) || es.Posicion < int64(end) {
			return fmt.Sprintf("%d %d of %d, %v", ts.Posicion, es.Posicion, end, err)
		}
		return ""
	})
	n := startNode(t, store, newDesk(), func(d *live.Deps) {
		d.Snapshots = from
		d.Limits.SnapshotPage = 3
	})
	read := func(a permiso.Autor, topics ...string) (rows []tareas.Tarea, fichas []efectivos.Efectivo, r *raw) {
		r = n.hello(n.desk.issue(a, time.Hour), topics...)
		w := r.read()
		if w.Resumed != "snapshot" || w.Position != int64(end) {
			t.Errorf("welcome %+v, want a snapshot at %d", w, end)
		}
		for page := 1; ; page++ {
			f := r.read()
			if f.Type != "snapshot" || f.Page != page || len(f.Items) > 3 || f.Position != w.Position {
				t.Fatalf("page %d: %+v", page, f)
			}
			for _, item := range f.Items {
				var x struct {
					Tarea *tareas.Tarea       `json:"tarea"`
					Ficha *efectivos.Efectivo `json:"ficha"`
				}
				if err := json.Unmarshal(item, &x); err != nil {
					t.Fatal(err)
				}
				if x.Tarea != nil {
					rows = append(rows, *x.Tarea)
				}
				if x.Ficha != nil {
					fichas = append(fichas, *x.Ficha)
				}
			}
			if f.Last {
				return rows, fichas, r
			}
		}
	}
	rows, fichas, r := read(jefe(), "tareas", "efectivos")
	if len(rows) != 7 || len(fichas) != 2 {
		t.Errorf("supervisor got %d tareas and %d efectivos, want 7 and 2", len(rows), len(fichas))
	}
	put(t, store, mine.Stream(), 1, tarea.Iniciada{En: noon})
	if f := r.until("event"); f.Prev != int64(end) || f.Position != int64(end)+1 {
		t.Errorf("first event %+v", f)
	}
	end = head(t, store)
	eventually(t, "level again", func() string {
		ts, _ := from.Tareas(t.Context(), projections.System, tareas.Filter{})
		es, _ := from.Efectivos(t.Context(), projections.System, efectivos.Filter{})
		if ts.Posicion < int64(end) || es.Posicion < int64(end) {
			return "not yet"
		}
		return ""
	})
	rows, fichas, _ = read(permiso.Autor{Usuario: u, Rol: permiso.Efectivo, Efectivo: ana}, "tareas", "efectivos")
	if len(rows) != 1 || rows[0].ID != mine || len(fichas) != 1 || fichas[0].ID != ana {
		t.Errorf("the efectivo got %+v and %+v", rows, fichas)
	}

	// Whoever REST answers with "[reservado]" is told the same here.
	rows, fichas, _ = read(permiso.Autor{Usuario: ident.Usuario(uuid.NewString()), Rol: permiso.Auditor}, "tareas", "efectivos")
	if len(rows) != 7 || len(fichas) != 2 {
		t.Errorf("the auditor got %d tareas and %d efectivos, want 7 and 2", len(rows), len(fichas))
	}
	for _, row := range rows {
		if row.Titulo != "[reservado]" || row.Ubicacion.Descripcion != "" && row.Ubicacion.Descripcion != "[reservado]" {
			t.Errorf("the auditor reads %q at %q", row.Titulo, row.Ubicacion.Descripcion)
		}
	}
}
