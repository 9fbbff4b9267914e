package projections_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/ops/pgtest"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/bench"
	"github.com/grupo-gad/gad/projections/tareas"
)

// TestRebuildIsTheSame: folding everything at once makes the rows that windows made, the
// tables change place under a working runner, and go back.
func TestRebuildIsTheSame(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	b := newBook()
	day := bench.NewDay(3, 20)
	head, err := bench.Fill(t.Context(), b, day, 900, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := runner(t, db.App, b, projections.Options{})
	run(t, func(ctx context.Context) { _ = r.Run(ctx) })
	level(t, r, int64(head))

	for _, p := range all() {
		var last int64
		report, err := r.Rebuild(t.Context(), p.Name(), projections.RebuildOptions{Progress: func(done, total int64) {
			if done < last || done > total {
				t.Errorf("progress went from %d to %d of %d", last, done, total)
			}
			last = done
		}})
		if err != nil {
			t.Fatalf("rebuild %s: %v", p.Name(), err)
		}
		if !report.Flipped || len(report.Different) > 0 || last != int64(head) {
			t.Errorf("rebuild of %s: %+v", p.Name(), report)
		}
	}
	// The worker goes on in the new tables.
	head, err = bench.Fill(t.Context(), b, bench.NewDay(4, 5), 300, nil)
	if err != nil {
		t.Fatal(err)
	}
	level(t, r, int64(head))
	want, err := r.Digest(t.Context(), tareas.Name)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Rollback(t.Context(), tareas.Name); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the old tables catch up", func() bool {
		got, err := r.Digest(t.Context(), tareas.Name)
		return err == nil && got.Position == head && cmp.Equal(want, got)
	})
	if err := r.Rollback(t.Context(), tareas.Name); !errors.Is(err, projections.ErrSinAnterior) {
		t.Errorf("second rollback: %v", err)
	}
	replayed, err := r.Replay(t.Context(), projections.ReplayOptions{Schema: "auditoria_1", Drop: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range replayed {
		if len(one.Different) > 0 || one.Live.Position != head {
			t.Errorf("replay: %+v", one)
		}
	}
	var left int
	if err := db.Owner.QueryRow(t.Context(), `select count(*) from pg_namespace where nspname = 'auditoria_1'`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d schemas left, %v", left, err)
	}
}

// TestFlipWaitsForSnapshot: tables do not change place between two questions that somebody asks
// of one instant.
func TestFlipWaitsForSnapshot(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	b, head := filled(t, 300)
	r := runner(t, db.App, b, projections.Options{})
	catchUp(t, r, head, 0)
	var flipped chan error
	err := projections.NewReads(db.App).Snapshot(t.Context(), projections.System, "try a flip", []string{"tareas"}, func(tx pgx.Tx) error {
		if _, err := projections.Oldest(t.Context(), tx, tareas.Name); err != nil { // chooses the instant
			return err
		}
		flipped = make(chan error, 1)
		go func() {
			_, err := r.Rebuild(t.Context(), tareas.Name, projections.RebuildOptions{})
			flipped <- err
		}()
		eventually(t, "the flip waits, or is done", func() bool {
			var waits bool
			err := db.Owner.QueryRow(t.Context(), `select exists(select from pg_locks where relation = 'lectura.tareas'::regclass
				and mode = 'AccessExclusiveLock' and not granted) or to_regclass('lectura_tareas_anterior.tareas') is not null`).Scan(&waits)
			return err == nil && waits
		})
		var rows int64
		if err := tx.QueryRow(t.Context(), `select count(*) from lectura.tareas`).Scan(&rows); err != nil {
			return err
		}
		if want := count(t, db.Owner, "tareas", "true"); rows != want {
			t.Errorf("the snapshot has %d of %d rows", rows, want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-flipped; err != nil {
		t.Errorf("the flip did not come after: %v", err)
	}
}

// TestRebuildFindsTampering: rows that the log does not explain are named, and stay until
// somebody accepts their loss.
func TestRebuildFindsTampering(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	b, head := filled(t, 300)
	r := runner(t, db.App, b, projections.Options{})
	catchUp(t, r, head, 0)
	if _, err := db.Owner.Exec(t.Context(), `update lectura.tareas set titulo = 'otra cosa' where id = (select min(id::text)::uuid from lectura.tareas)`); err != nil {
		t.Fatal(err)
	}
	layout := layoutOf(t, db, "tareas")
	report, err := r.Rebuild(t.Context(), tareas.Name, projections.RebuildOptions{})
	if different, ok := errors.AsType[*projections.DifferentError](err); !ok || !slices.Equal(different.Different, []string{"tareas"}) || report.Flipped {
		t.Fatalf("got %+v, %v", report, err)
	}
	report, err = r.Rebuild(t.Context(), tareas.Name, projections.RebuildOptions{Accept: true})
	if err != nil || !report.Flipped {
		t.Fatalf("got %+v, %v", report, err)
	}
	if got := layoutOf(t, db, "tareas"); got != layout || !strings.Contains(layout, "autovacuum_vacuum_scale_factor") {
		t.Errorf("the new table is stored as %s\nthe old one was %s", got, layout)
	}
	replayed, err := r.Replay(t.Context(), projections.ReplayOptions{Schema: "auditoria_2"})
	if err != nil || len(replayed[0].Different) > 0 {
		t.Fatalf("got %+v, %v", replayed, err)
	}
	if err := r.DropReplay(t.Context(), "auditoria_2"); err != nil {
		t.Error(err)
	}
	// A schema somebody else made is not ours to fill or to drop.
	if _, err := r.Replay(t.Context(), projections.ReplayOptions{Schema: "eventos"}); err == nil {
		t.Error("replayed into the schema of the log")
	}
	if err := r.DropReplay(t.Context(), "eventos"); err == nil {
		t.Error("dropped the schema of the log")
	}
}

// layoutOf is how a table is kept: its settings, columns and indexes.
func layoutOf(t *testing.T, db *pgtest.DB, table string) (layout string) {
	t.Helper()
	err := db.Owner.QueryRow(t.Context(), `select concat_ws(E'\n', c.reloptions::text,
			(select string_agg(concat_ws(' ', attname, format_type(atttypid, atttypmod), attgenerated), ', ' order by attname)
				from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped),
			(select string_agg(pg_get_indexdef(indexrelid), E'\n' order by pg_get_indexdef(indexrelid)) from pg_index where indrelid = c.oid))
		from pg_class c where c.oid = ('lectura.' || $1)::regclass`, table).Scan(&layout)
	if err != nil {
		t.Fatal(err)
	}
	return layout
}

func level(t *testing.T, r *projections.Runner, head int64) {
	t.Helper()
	eventually(t, "every projection is level", func() bool {
		status, err := r.Status(t.Context())
		return err == nil && !slices.ContainsFunc(status, func(s projections.Status) bool { return s.Position != head })
	})
}
