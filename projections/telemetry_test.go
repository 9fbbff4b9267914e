package projections_test

import (
	"context"
	"errors"
	"iter"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/telemetry"
	"github.com/grupo-gad/gad/ops/pgtest"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/estadisticas"
	"github.com/grupo-gad/gad/projections/mapa"
)

// TestMarkersFollowTheTelemetryLog: two runners on the real telemetry log, its checkpoint a
// batch, and a rebuild of the markers under them.
func TestMarkersFollowTheTelemetryLog(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	log, err := telemetry.Open(t.Context(), db.App, telemetry.Options{Pace: -1})
	if err != nil {
		t.Fatal(err)
	}
	run(t, func(ctx context.Context) { _ = log.Run(ctx) })
	b := newBook()
	options := projections.Options{Telemetry: log, Positions: []projections.TelemetryProjection{mapa.Posiciones{}}, Lease: time.Second}
	options.Waiter = projections.NewWaiter(db.App)
	r := projections.NewRunner(db.App, b, b, options)
	run(t, func(ctx context.Context) { _ = r.Run(ctx) })
	second := projections.NewRunner(db.App, b, b, options)
	run(t, func(ctx context.Context) { _ = second.Run(ctx) })

	began := time.Now() // once: a caller that starts late reports nothing newer
	report := func(from, to int) {
		var reporting sync.WaitGroup
		for i := from; i < to; i++ {
			reporting.Go(func() {
				at := began.Add(time.Duration(i) * time.Second)
				fixes := []eventstore.Fix{
					{Efectivo: uuid(uint64(i % 5)), Turno: uuid(9), DeviceAt: at, ServerAt: at, Lat: float64(i % 80), Lon: 1, Source: "rest", Speed: -1, Heading: -1},
					{Efectivo: uuid(uint64(i % 5)), Turno: uuid(9), DeviceAt: at.Add(time.Hour), ServerAt: at, Lat: 1, Lon: 1, Source: "rest", Flags: eventstore.FlagImpossibleSpeed},
				}
				if _, err := log.AppendFixes(t.Context(), fixes); err != nil {
					t.Error(err)
				}
			})
		}
		reporting.Wait()
	}
	level := func() eventstore.Batch {
		head, err := log.HeadBatch(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		eventually(t, "the batches are applied", func() bool {
			return options.Waiter.WaitFor(t.Context(), mapa.NamePosiciones, eventstore.Position(head)) == nil
		})
		return head
	}
	report(0, 40)
	level()
	rebuilt, err := r.Rebuild(t.Context(), mapa.NamePosiciones, projections.RebuildOptions{})
	if err != nil || !rebuilt.Flipped || rebuilt.After.Tables["posiciones"].Rows != 5 {
		t.Fatalf("rebuild %+v, %v", rebuilt, err)
	}
	report(40, 80)
	head := level()
	var lowest, markers int
	if err := db.App.QueryRow(t.Context(), `select min(lat), count(*) from lectura.posiciones`).Scan(&lowest, &markers); err != nil || lowest != 75 || markers != 5 {
		t.Errorf("lowest marker %d of %d, %v", lowest, markers, err)
	}
	before, err := r.Digest(t.Context(), mapa.NamePosiciones)
	if err != nil || before.Position != eventstore.Position(head) {
		t.Fatal(before, err)
	}
	again, err := r.Rebuild(t.Context(), mapa.NamePosiciones, projections.RebuildOptions{})
	if err != nil || cmp.Diff(before.Tables, again.After.Tables) != "" {
		t.Errorf("rebuild %+v, %v", again, err)
	}
}

// TestMarkersDoNotGoBack: the tables from before a rebuild take their place again holding what
// came since, every fix counted once, while reports come in and somebody looks.
func TestMarkersDoNotGoBack(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	log, err := telemetry.Open(t.Context(), db.App, telemetry.Options{Pace: -1})
	if err != nil {
		t.Fatal(err)
	}
	run(t, func(ctx context.Context) { _ = log.Run(ctx) })
	b := newBook()
	waiter := projections.NewWaiter(db.App)
	models := []projections.TelemetryProjection{mapa.Posiciones{}, estadisticas.Celdas{}}
	r := projections.NewRunner(db.App, b, b, projections.Options{Telemetry: log, Positions: models, Lease: time.Minute, Waiter: waiter})
	run(t, func(ctx context.Context) { _ = r.Run(ctx) })
	start, stored := time.Now(), 0
	report := func() eventstore.Batch {
		at := start.Add(time.Duration(stored) * time.Second)
		batch, err := log.AppendFixes(t.Context(), []eventstore.Fix{{Efectivo: uuid(1), Turno: uuid(9), DeviceAt: at, ServerAt: at, Lat: 1, Lon: 1, Source: "rest", Speed: -1, Heading: -1}})
		if err != nil {
			t.Error(err)
		}
		stored++
		return batch
	}
	level := func(at eventstore.Batch) {
		for _, m := range models {
			for waiter.WaitFor(t.Context(), m.Name(), eventstore.Position(at)) != nil { // a busy machine may need more than one wait
				if t.Context().Err() != nil {
					t.Fatal(t.Context().Err())
				}
			}
		}
	}
	level(report())
	for _, m := range models {
		if rebuilt, err := r.Rebuild(t.Context(), m.Name(), projections.RebuildOptions{}); err != nil || !rebuilt.Flipped {
			t.Fatalf("rebuild %+v, %v", rebuilt, err)
		}
	}
	var last eventstore.Batch
	for range 5 {
		last = report()
	}
	level(last)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		var en time.Time
		var count int64
		for {
			select {
			case <-stop:
				return
			default:
			}
			var nowEn time.Time
			var nowCount int64
			err := db.App.QueryRow(t.Context(), `select (select max(en) from lectura.posiciones), (select sum(fixes)::bigint from lectura.celdas)`).Scan(&nowEn, &nowCount)
			if err != nil || nowEn.Before(en) || nowCount < count {
				t.Errorf("after %v and %d: %v and %d, %v", en, count, nowEn, nowCount, err)
				return
			}
			en, count = nowEn, nowCount
		}
	}()
	for _, m := range models {
		report()
		if err := r.Rollback(t.Context(), m.Name()); err != nil {
			t.Errorf("roll %s back: %v", m.Name(), err)
		}
		last = report()
	}
	level(last)
	close(stop)
	<-done
	var en time.Time
	var count int
	if err := db.App.QueryRow(t.Context(), `select (select max(en) from lectura.posiciones), (select sum(fixes)::bigint from lectura.celdas)`).Scan(&en, &count); err != nil ||
		count != stored || !en.Equal(start.Add(time.Duration(stored-1)*time.Second).Truncate(time.Microsecond)) {
		t.Errorf("%d fixes of %d, newest %v, %v", count, stored, en, err)
	}
}

// TestHeatOutlivesItsPositions: what only the cells remember is not given up for a rebuild from
// what retention left, accepted or not; one that loses nothing may be accepted.
func TestHeatOutlivesItsPositions(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	log, err := telemetry.Open(t.Context(), db.App, telemetry.Options{Pace: -1})
	if err != nil {
		t.Fatal(err)
	}
	run(t, func(ctx context.Context) { _ = log.Run(ctx) })
	b := newBook()
	r := projections.NewRunner(db.App, b, b, projections.Options{Telemetry: log, Positions: []projections.TelemetryProjection{estadisticas.Celdas{}}, Lease: time.Minute})
	run(t, func(ctx context.Context) { _ = r.Run(ctx) })
	at := time.Now()
	batch, err := log.AppendFixes(t.Context(), []eventstore.Fix{{Efectivo: uuid(1), Turno: uuid(9), DeviceAt: at, ServerAt: at, Lat: 1, Lon: 1, Source: "rest", Speed: -1, Heading: -1}})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the batch is applied", func() bool {
		d, err := r.Digest(t.Context(), estadisticas.NameCeldas)
		return err == nil && d.Position == eventstore.Position(batch) && d.Tables["celdas"].Rows == 1
	})
	counted := func(want int) {
		t.Helper()
		var n int
		if err := db.App.QueryRow(t.Context(), `select sum(fixes) from lectura.celdas`).Scan(&n); err != nil || n != want {
			t.Errorf("the cells count %d, want %d, %v", n, want, err)
		}
	}
	if _, err := db.Owner.Exec(t.Context(), `update lectura.celdas set fixes = 7`); err != nil {
		t.Fatal(err)
	}
	if done, err := r.Rebuild(t.Context(), estadisticas.NameCeldas, projections.RebuildOptions{Accept: true}); err != nil || !done.Flipped {
		t.Errorf("while all positions are there: %+v, %v", done, err)
	}
	counted(1)
	if _, err := db.Owner.Exec(t.Context(), `select telemetria.purgar(dia + 1) from telemetria.lotes`); err != nil {
		t.Fatal(err)
	}
	done, err := r.Rebuild(t.Context(), estadisticas.NameCeldas, projections.RebuildOptions{Accept: true})
	if err == nil || done.Flipped || !strings.Contains(err.Error(), "ya no están guardadas") {
		t.Errorf("after retention: %+v, %v", done, err)
	}
	counted(1)
}

// planted is a telemetry log with a fix that no table can hold.
type planted struct{ batches []eventstore.TelemetryBatch }

func (p planted) HeadBatch(context.Context) (eventstore.Batch, error) {
	return eventstore.Batch(len(p.batches)), nil
}

func (p planted) ReadBatches(_ context.Context, after eventstore.Batch, _ int) ([]eventstore.TelemetryBatch, error) {
	return p.batches[after:], nil
}

func (p planted) FollowBatches(ctx context.Context, after eventstore.Batch) iter.Seq2[eventstore.TelemetryBatch, error] {
	return func(yield func(eventstore.TelemetryBatch, error) bool) {
		for _, b := range p.batches[after:] {
			if !yield(b, nil) {
				return
			}
		}
		<-ctx.Done()
	}
}

// TestBadFixIsParked: one fix that cannot be written is kept for an operator to see, and
// every other one moves its marker.
func TestBadFixIsParked(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	good := eventstore.Fix{Efectivo: uuid(1), DeviceAt: t0, ServerAt: t0, Lat: 1, Lon: 2, Source: "rest"}
	bad := good
	bad.Lat = math.NaN()
	log := planted{[]eventstore.TelemetryBatch{{Batch: 1, Fixes: []eventstore.Fix{bad, good}}}}
	b := newBook()
	r := projections.NewRunner(db.App, b, b, projections.Options{Telemetry: log, Positions: []projections.TelemetryProjection{mapa.Posiciones{}}})
	run(t, func(ctx context.Context) { _ = r.Run(ctx) })
	eventually(t, "the batch is applied", func() bool {
		d, err := r.Digest(t.Context(), mapa.NamePosiciones)
		return err == nil && d.Position == 1 && d.Tables["posiciones"].Rows == 1
	})
	parked, err := r.Parked(t.Context())
	if err != nil || len(parked) != 1 || parked[0].Key != "fix-1-0" {
		t.Errorf("parked %+v, %v", parked, err)
	}
	skipped := 0
	record := func(_ context.Context, p projections.Parked) error { skipped++; return nil }
	if _, err := r.Skip(t.Context(), mapa.NamePosiciones, "fix-1-0", record); err != nil || skipped != 1 {
		t.Errorf("skip: %v", err)
	}
	if _, err := r.Skip(t.Context(), mapa.NamePosiciones, "fix-1-0", record); !errors.Is(err, projections.ErrNoApartada) || skipped != 1 {
		t.Errorf("skip again: %v", err)
	}
}
