package telemetry_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/domain/operacion"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/telemetry"
	"github.com/grupo-gad/gad/ops/pgtest"
)

// start opens and runs a Store until the test ends: one process.
func start(tb testing.TB, pool *pgxpool.Pool, o telemetry.Options) *telemetry.Store {
	tb.Helper()
	s, err := telemetry.Open(tb.Context(), pool, o)
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(tb.Context()))
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	tb.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			tb.Errorf("run: %v", err)
		}
	})
	return s
}

var quick = telemetry.Options{Pace: -1}

var start0 = time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)

func fix(efectivo string, n int) eventstore.Fix {
	at := start0.Add(time.Duration(n) * 5 * time.Second)
	return eventstore.Fix{
		Efectivo: efectivo, Turno: "0198c0de-0000-7000-8000-000000000001", DeviceAt: at, ServerAt: at.Add(300 * time.Millisecond),
		Lat: -34.6 + float64(n)/1000, Lon: -58.38, Accuracy: 5.5, Speed: -1, Heading: 271.25, Source: "rest",
	}
}

func put(tb testing.TB, s *telemetry.Store, fixes ...eventstore.Fix) eventstore.Batch {
	tb.Helper()
	b, err := s.AppendFixes(tb.Context(), fixes)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// none are the seals of a log without any.
func none(func(operacion.TelemetriaSellada, error) bool) {}

func verified(tb testing.TB, pool *pgxpool.Pool) telemetry.Report {
	tb.Helper()
	r, err := telemetry.Verify(tb.Context(), pool, none, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func TestFixesComeBackAsTheyWent(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	s := start(t, db.App, quick)
	e := uuid.NewString()
	want := []eventstore.Fix{fix(e, 0), fix(e, 1), fix(uuid.NewString(), 2)}
	want[1].Flags, want[1].Simulated, want[1].Source = eventstore.FlagImpossibleSpeed|eventstore.FlagLate, true, "telegram"
	want[2].Turno, want[2].Speed, want[2].Lat, want[2].Lon = "", 33.3, math.Nextafter(90, 0), -180
	before := time.Now().Add(-time.Millisecond)
	b := put(t, s, want...)
	got, err := s.ReadBatches(t.Context(), 0, 10)
	if err != nil || len(got) != 1 || got[0].Batch != b || b != 1 {
		t.Fatalf("got %v, %v", got, err)
	}
	if diff := cmp.Diff(want, got[0].Fixes); diff != "" {
		t.Error(diff)
	}
	if at := got[0].RecordedAt; at.Before(before) || at.After(time.Now()) {
		t.Errorf("recorded at %s", at)
	}
	if r := verified(t, db.App); r != (telemetry.Report{Head: 1, Fixes: 3}) {
		t.Errorf("report %+v", r)
	}
}

func TestRefusesWhatIsNoFix(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	s := start(t, db.App, quick)
	for name, spoil := range map[string]func(*eventstore.Fix){
		"efectivo":  func(f *eventstore.Fix) { f.Efectivo = "nadie" },
		"turno":     func(f *eventstore.Fix) { f.Turno = "x" },
		"NaN":       func(f *eventstore.Fix) { f.Lat = math.NaN() },
		"infinite":  func(f *eventstore.Fix) { f.Speed = float32(math.Inf(1)) },
		"long word": func(f *eventstore.Fix) { f.Source = strings.Repeat("x", 256) },
	} {
		f := fix(uuid.NewString(), 0)
		spoil(&f)
		if _, err := s.AppendFixes(t.Context(), []eventstore.Fix{f}); err == nil {
			t.Errorf("%s: stored", name)
		}
	}
	if b, err := s.AppendFixes(t.Context(), nil); b != 0 || err != nil {
		t.Errorf("nothing: %d, %v", b, err)
	}
	if r := verified(t, db.App); r.Head != 0 {
		t.Errorf("report %+v", r)
	}
}

// Several processes write at once, and readers in each see all batches, dense
// and in order, while they come.
func TestProcessesShareOneDenseLedger(t *testing.T) {
	t.Parallel()
	const processes, callers, calls, each = 3, 6, 12, 3
	db := pgtest.New(t)
	var (
		stores  [processes]*telemetry.Store
		writers sync.WaitGroup
		readers sync.WaitGroup
		mu      sync.Mutex
		acked   = map[string]eventstore.Batch{}
		heard   [processes][]eventstore.Batch
	)
	for p := range stores {
		stores[p] = start(t, db.App, telemetry.Options{
			Pace: -1, Ring: 40, Writer: fmt.Sprint("p", p), // a small ring: followers fall out of it
			OnBatch: func(b eventstore.Batch) { heard[p] = append(heard[p], b) },
		})
	}
	const total = processes * callers * calls * each
	for p, s := range stores {
		for c := range callers {
			writers.Go(func() {
				for n := range calls {
					e := uuid.NewString()
					fixes := []eventstore.Fix{fix(e, n), fix(e, n+1), fix(e, n+2)}
					b, err := s.AppendFixes(t.Context(), fixes)
					if err != nil {
						t.Errorf("process %d caller %d: %v", p, c, err)
						return
					}
					mu.Lock()
					acked[e] = b
					mu.Unlock()
				}
			})
		}
		readers.Go(func() {
			var seen int
			var last eventstore.Batch
			for b, err := range s.FollowBatches(t.Context(), 0) {
				if err != nil {
					t.Errorf("follow: %v", err)
					return
				}
				if b.Batch != last+1 {
					t.Errorf("batch %d after %d", b.Batch, last)
				}
				last = b.Batch
				if seen += len(b.Fixes); seen >= total {
					return
				}
			}
		})
	}
	writers.Wait()
	readers.Wait()
	r := verified(t, db.App)
	if r.Fixes != total {
		t.Errorf("%d fixes, want %d", r.Fixes, total)
	}
	batches, err := stores[0].ReadBatches(t.Context(), 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range batches {
		for _, f := range b.Fixes {
			if acked[f.Efectivo] != b.Batch {
				t.Errorf("%s acknowledged in %d, stored in %d", f.Efectivo, acked[f.Efectivo], b.Batch)
			}
		}
	}
	if n := len(heard[0]) + len(heard[1]) + len(heard[2]); n > int(r.Head) || n == 0 {
		t.Errorf("%d batches announced of %d", n, r.Head)
	}
}

func TestCallersShareCommits(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	s := start(t, db.App, telemetry.Options{Pace: 50 * time.Millisecond})
	var wg sync.WaitGroup
	together := make(chan struct{})
	for range 200 {
		wg.Go(func() {
			<-together
			if _, err := s.AppendFixes(t.Context(), []eventstore.Fix{fix(uuid.NewString(), 0)}); err != nil {
				t.Error(err)
			}
		})
	}
	close(together)
	wg.Wait()
	if r := verified(t, db.App); r.Fixes != 200 || r.Head > 100 { // a slow machine may take two seconds to begin them
		t.Errorf("report %+v", r)
	}
}

func TestFollowWakesAcrossProcesses(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	writer, reader := start(t, db.App, quick), start(t, db.App, quick)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	first := put(t, writer, fix(uuid.NewString(), 0))
	got := make(chan eventstore.TelemetryBatch)
	go func() {
		defer close(got)
		for b, err := range reader.FollowBatches(ctx, first) {
			if err != nil {
				t.Error(err)
				return
			}
			got <- b
		}
	}()
	for n := range 3 {
		e := uuid.NewString()
		b := put(t, writer, fix(e, n))
		if seen := <-got; seen.Batch != b || len(seen.Fixes) != 1 || seen.Fixes[0].Efectivo != e {
			t.Errorf("got %+v, want batch %d", seen, b)
		}
	}
	cancel()
	if _, more := <-got; more {
		t.Error("it goes on after its context ended")
	}
}

func TestFollowerAheadOfARestoredLogIsTold(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	s := start(t, db.App, quick)
	put(t, s, fix(uuid.NewString(), 0))
	for _, err := range s.FollowBatches(t.Context(), 7) {
		if !errors.Is(err, telemetry.ErrMovedBack) {
			t.Errorf("got %v", err)
		}
	}
	for n := range 5 {
		put(t, s, fix(uuid.NewString(), n))
	}
	told := make(chan error, 1)
	go func() {
		for _, err := range s.FollowBatches(t.Context(), 6) {
			told <- err
		}
	}()
	// A restore, as far as a table can be moved back: the owner goes round his own triggers.
	_, err := db.Owner.Exec(t.Context(), `alter table telemetria.lotes disable trigger solo_agregar;
		delete from telemetria.lotes where lote > 3; alter table telemetria.lotes enable trigger solo_agregar`)
	if err != nil {
		t.Fatal(err)
	}
	if err := <-told; !errors.Is(err, telemetry.ErrMovedBack) {
		t.Errorf("got %v", err)
	}
}

func TestLastFixAndDeviceTimes(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	s := start(t, db.App, quick)
	a, b := uuid.NewString(), uuid.NewString()
	jump := fix(a, 9)
	jump.Flags = eventstore.FlagImpossibleSpeed
	late := fix(a, 1)
	late.Flags = eventstore.FlagLate
	put(t, s, fix(a, 3), fix(b, 5))
	put(t, s, jump, late, fix(a, 4))

	got, ok, err := s.LastFix(t.Context(), a)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if diff := cmp.Diff(fix(a, 4), got); diff != "" {
		t.Error(diff)
	}
	other := fix(a, 11)
	other.Flags = eventstore.FlagImpossibleSpeed
	put(t, s, other)
	for n, want := range map[int][]eventstore.Fix{1: {other}, 2: {other, jump}, 9: {other, jump}} {
		jumps, err := s.Jumps(t.Context(), a, fix(a, 4).DeviceAt, n)
		if diff := cmp.Diff(want, jumps); diff != "" || err != nil {
			t.Errorf("the %d newest jumps, %v:\n%s", n, err, diff)
		}
	}
	if jumps, err := s.Jumps(t.Context(), a, other.DeviceAt, 2); len(jumps) != 0 || err != nil {
		t.Errorf("jumps %v, %v", jumps, err)
	}
	if _, ok, err := s.LastFix(t.Context(), uuid.NewString()); ok || err != nil {
		t.Errorf("somebody unknown has a fix: %v", err)
	}
	all, err := s.LastFixes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]eventstore.Fix{a: fix(a, 4), b: fix(b, 5)}
	byID := map[string]eventstore.Fix{}
	for _, f := range all {
		byID[f.Efectivo] = f
	}
	if diff := cmp.Diff(want, byID); diff != "" || len(all) != 2 {
		t.Error(diff)
	}
	times, err := s.DeviceTimes(t.Context(), a, 3)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]time.Time{other.DeviceAt, jump.DeviceAt, fix(a, 4).DeviceAt}, times); diff != "" {
		t.Error(diff)
	}
	stored, err := s.Stored(t.Context(), a, []time.Time{late.DeviceAt, late.DeviceAt.Add(time.Microsecond), fix(b, 5).DeviceAt})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]time.Time{late.DeviceAt}, stored); diff != "" {
		t.Error(diff)
	}
}

func TestLastFixesOfAnEmptyLog(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	s := start(t, db.App, quick)
	if all, err := s.LastFixes(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("got %v, %v", all, err)
	}
}

func TestNobodyChangesWhatWasWritten(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	s := start(t, db.App, quick)
	put(t, s, fix(uuid.NewString(), 0))
	var today string
	if err := db.Owner.QueryRow(t.Context(), `select to_char(dia, '_YYYYMMDD') from telemetria.lotes`).Scan(&today); err != nil {
		t.Fatal(err)
	}
	for _, pool := range []*pgxpool.Pool{db.App, db.Owner} {
		for _, table := range []string{"lotes", "hojas", "fixes", "fixes" + today, "hojas" + today} {
			for _, sql := range []string{"delete from telemetria.%s", "update telemetria.%s set lote = 7", "truncate telemetria.%s"} {
				if _, err := pool.Exec(t.Context(), fmt.Sprintf(sql, table)); err == nil {
					t.Errorf("%s: done", fmt.Sprintf(sql, table))
				}
			}
		}
	}
	for _, sql := range []string{
		"insert into telemetria.fixes" + today + " select * from telemetria.fixes",
		"select telemetria.purgar('2030-01-01')",
		"insert into telemetria.lotes select lote + 2, dia, fixes, grabado, raiz, cadena, cadena, intento, escritor from telemetria.lotes",
		"insert into telemetria.lotes select lote + 1, dia, fixes, grabado, raiz, raiz, cadena, intento, escritor from telemetria.lotes",
		"insert into telemetria.lotes select lote, dia, fixes, grabado, raiz, previa, cadena, intento, escritor from telemetria.lotes",
	} {
		if _, err := db.App.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s: done", sql)
		}
	}
	if r := verified(t, db.App); r.Fixes != 1 {
		t.Errorf("report %+v", r)
	}
}

func TestRetentionDropsDaysAndKeepsProofs(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	s := start(t, db.App, quick)
	b := put(t, s, fix(uuid.NewString(), 0), fix(uuid.NewString(), 1))
	var days int
	purge := func(after int) { // the days before the batch's own, or after it
		t.Helper()
		if err := db.Owner.QueryRow(t.Context(), `select telemetria.purgar(dia + $1::int) from telemetria.lotes where lote = $2`, after, int64(b)).Scan(&days); err != nil {
			t.Fatal(err)
		}
	}
	purge(0)
	if days < 1 { // yesterday, which is empty
		t.Error("yesterday was not dropped")
	}
	if r := verified(t, db.App); r.Erased != 0 {
		t.Errorf("report %+v", r)
	}
	purge(1)
	if r := verified(t, db.App); r != (telemetry.Report{Head: b, Fixes: 2, Erased: 2}) {
		t.Errorf("report %+v", r)
	}
	got, err := s.ReadBatches(t.Context(), 0, 10)
	if err != nil || len(got) != 1 || len(got[0].Fixes) != 0 {
		t.Errorf("got %v, %v", got, err)
	}
	// The day is not over: the writer finds no partition, asks for it and goes on.
	if b := put(t, s, fix(uuid.NewString(), 3)); b != 2 {
		t.Errorf("batch %d", b)
	}
	if r := verified(t, db.App); r != (telemetry.Report{Head: 2, Fixes: 3, Erased: 2}) {
		t.Errorf("report %+v", r)
	}
}
