package commands_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"pgregory.net/rapid"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/telemetry"
	"github.com/grupo-gad/gad/ops/pgtest"
)

// roster hands out states folded from facts, as the Dispatcher would.
type roster struct{ states sync.Map }

func (r *roster) Efectivo(_ context.Context, id ident.Efectivo) (efectivo.State, error) {
	s, ok := r.states.Load(id)
	if !ok {
		return efectivo.State{}, nil
	}
	return s.(efectivo.State), nil
}

func (r *roster) enter(events ...efectivo.Event) (ident.Efectivo, permiso.Autor) {
	id, usuario := ident.Efectivo(uuid.NewString()), ident.Usuario(uuid.NewString())
	s := efectivo.Evolve(efectivo.State{}, efectivo.Registrado{ID: id, Usuario: usuario})
	for _, e := range events {
		s = efectivo.Evolve(s, e)
	}
	r.states.Store(id, s)
	return id, permiso.Autor{Usuario: usuario, Rol: permiso.Efectivo, Efectivo: id}
}

// counts is where a test's Intake counts.
type counts struct {
	mu sync.Mutex
	n  map[string]int
}

func (c *counts) ObserveFixes(outcome string, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == nil {
		c.n = map[string]int{}
	}
	c.n[outcome] += n
}

func startTelemetry(tb testing.TB, pool *pgxpool.Pool, o telemetry.Options) *telemetry.Store {
	tb.Helper()
	s, err := telemetry.Open(tb.Context(), pool, o)
	if err != nil {
		tb.Fatal(err)
	}
	background(tb, s.Run)
	return s
}

// background runs something until the test ends.
func background(tb testing.TB, run func(context.Context) error) {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(tb.Context()))
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	tb.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			tb.Errorf("run: %v", err)
		}
	})
}

var turno1 = ident.Turno("0198c0de-0000-7000-8000-000000000001")

// onDuty began an hour before now.
func onDuty(now time.Time) efectivo.Event {
	return efectivo.TurnoIniciado{Turno: turno1, En: now.Add(-time.Hour)}
}

// at is a fix on a quiet walk, s seconds after the beginning of the shift.
func at(now time.Time, s float64) efectivo.Fix {
	return efectivo.Fix{
		Punto: geo.Punto{Lat: -34.6 + s/1e6, Lon: -58.4}, En: now.Add(-time.Hour + time.Duration(s*float64(time.Second))),
		Precision: 5, Velocidad: 1.5, Rumbo: -1,
	}
}

func stored(tb testing.TB, s *telemetry.Store, id ident.Efectivo) (fixes []eventstore.Fix) {
	tb.Helper()
	for after := eventstore.Batch(0); ; {
		batches, err := s.ReadBatches(tb.Context(), after, 1000)
		if err != nil {
			tb.Fatal(err)
		}
		if len(batches) == 0 {
			return fixes
		}
		for _, b := range batches {
			for _, f := range b.Fixes {
				if f.Efectivo == string(id) {
					fixes = append(fixes, f)
				}
			}
			after = b.Batch
		}
	}
}

func TestIntakeJudgesEveryFix(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	store := startTelemetry(t, db.App, telemetry.Options{Pace: -1})
	var (
		r   roster
		c   counts
		in  = commands.NewIntake(&r, store, &c)
		now = time.Now().UTC().Truncate(time.Microsecond)
	)
	in.SetClock(func() time.Time { return now })
	id, por := r.enter(onDuty(now))
	jump := at(now, 30)
	jump.Lat++
	off := at(now, 40)
	off.Lat = math.NaN()
	vague := at(now, 50)
	vague.Precision = -1
	got, err := in.Receive(t.Context(), por, id, []efectivo.Fix{
		at(now, 20), at(now, 10), at(now, 20), jump, off, vague, at(now, 3600+121), at(now, -121), at(now, 3600+119), {Incompleto: true}, {Incompleto: true},
	}, "rest")
	if err != nil {
		t.Fatal(err)
	}
	want := []efectivo.Recepcion{
		{},
		{},
		{Rechazada: efectivo.Duplicada},
		{Marcada: true},
		{Rechazada: efectivo.CoordenadaInvalida},
		{Rechazada: efectivo.PrecisionInvalida},
		{Rechazada: efectivo.Futura},
		{Rechazada: efectivo.FueraDeTurno},
		{},
		{Rechazada: efectivo.Incompleta},
		{Rechazada: efectivo.Incompleta},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	got, err = in.Receive(t.Context(), por, id, []efectivo.Fix{at(now, 15), at(now, 10)}, "telegram")
	if diff := cmp.Diff([]efectivo.Recepcion{{}, {Rechazada: efectivo.Duplicada}}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	wantCounts := map[string]int{
		"aceptada": 4, "tardia": 1, "duplicada": 2, "velocidad_imposible": 1, "coordenada_invalida": 1,
		"precision_invalida": 1, "futura": 1, "fuera_de_turno": 1, "incompleta": 2,
	}
	if diff := cmp.Diff(wantCounts, c.n); diff != "" {
		t.Error(diff)
	}
	var lines []string
	for _, f := range stored(t, store, id) {
		lines = append(lines, fmt.Sprintf("%v %d %s %t %v %v", f.DeviceAt.Sub(now.Add(-time.Hour)).Seconds(), f.Flags, f.Source, f.Turno == string(turno1), f.Speed, f.Heading))
	}
	wantLines := []string{"10 0 rest true 1.5 -1", "20 0 rest true 1.5 -1", "30 1 rest true 1.5 -1", "3719 0 rest true 1.5 -1", "15 2 telegram true 1.5 -1"}
	if diff := cmp.Diff(wantLines, lines); diff != "" {
		t.Error(diff)
	}
}

func TestIntakeAsksWhoReports(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	store := startTelemetry(t, db.App, telemetry.Options{Pace: -1})
	var r roster
	now := time.Now()
	in := commands.NewIntake(&r, store, nil)
	id, por := r.enter(onDuty(now))
	_, other := r.enter(onDuty(now))
	offDuty, porOff := r.enter()
	for name, c := range map[string]struct {
		por  permiso.Autor
		id   ident.Efectivo
		want error
	}{
		"himself":   {por, id, nil},
		"a service": {permiso.Autor{Usuario: "x", Rol: permiso.Servicio}, id, nil},
		"another":   {other, id, efectivo.ErrNoExiste},
		"auditor":   {permiso.Autor{Usuario: "x", Rol: permiso.Auditor}, id, permiso.ErrProhibido},
		"nobody":    {permiso.Autor{}, id, permiso.ErrProhibido},
		"unknown":   {permiso.Autor{Usuario: "x", Rol: permiso.Servicio}, ident.Efectivo(uuid.NewString()), efectivo.ErrNoExiste},
		"off duty":  {porOff, offDuty, nil},
	} {
		if _, err := in.Receive(t.Context(), c.por, c.id, []efectivo.Fix{at(now, 10)}, "rest"); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	if n := len(stored(t, store, id)); n != 1 {
		t.Errorf("%d fixes stored", n)
	}
	if n := len(stored(t, store, offDuty)); n != 0 {
		t.Errorf("%d fixes stored off duty", n)
	}
}

// Whatever the order, the repetitions, the processes and their restarts: each
// device time is stored once and the marker only moves forwards.
func TestIntakeShuffledAndRepeated(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	store := startTelemetry(t, db.App, telemetry.Options{Pace: -1})
	now := time.Now().UTC().Truncate(time.Microsecond)
	rapid.Check(t, func(rt *rapid.T) {
		var r roster
		in := commands.NewIntake(&r, store, nil)
		id, por := r.enter(onDuty(now))
		seconds := rapid.SliceOfN(rapid.IntRange(0, 3000), 1, 60).Draw(rt, "seconds")
		chunk := rapid.IntRange(1, 9).Draw(rt, "chunk")
		var marker efectivo.Marcador
		for report := range slices.Chunk(append(slices.Clone(seconds), seconds...), chunk) {
			if rapid.IntRange(0, 5).Draw(rt, "restart") == 0 {
				in = commands.NewIntake(&r, store, nil)
			}
			fixes := make([]efectivo.Fix, len(report))
			for i, s := range report {
				fixes[i] = at(now, float64(s))
			}
			verdicts, err := in.Receive(t.Context(), por, id, fixes, "rest")
			if err != nil {
				rt.Fatal(err)
			}
			for i, v := range verdicts {
				if v.Rechazada != "" && v.Rechazada != efectivo.Duplicada {
					rt.Fatalf("second %d: %s", report[i], v.Rechazada)
				}
			}
			next := in.Marker(id)
			if marker.Hay && next.En.Before(marker.En) {
				rt.Fatalf("the marker went back from %s to %s", marker.En, next.En)
			}
			marker = next
		}
		slices.Sort(seconds)
		if newest := at(now, float64(seconds[len(seconds)-1])).En; !marker.En.Equal(newest) {
			rt.Fatalf("the marker is at %s, the newest fix at %s", marker.En, newest)
		}
		check(rt, stored(t, store, id), len(slices.Compact(seconds)))
	})
}

// check holds what is stored of one Efectivo against the promise.
func check(t rapid.TB, fixes []eventstore.Fix, want int) {
	t.Helper()
	seen := map[time.Time]bool{}
	var marker time.Time
	for _, f := range fixes {
		if seen[f.DeviceAt] {
			t.Errorf("the fix of %s is stored twice", f.DeviceAt)
		}
		seen[f.DeviceAt] = true
		if f.Flags&eventstore.FlagLate == 0 {
			if !f.DeviceAt.After(marker) {
				t.Errorf("the fix of %s moved the marker back from %s", f.DeviceAt, marker)
			}
			marker = f.DeviceAt
		} else if !f.DeviceAt.Before(marker) {
			t.Errorf("the fix of %s is not late", f.DeviceAt)
		}
	}
	if len(fixes) != want {
		t.Errorf("%d fixes stored, want %d", len(fixes), want)
	}
}

// Many reports of one Efectivo at once, with repetitions, in one process.
func TestIntakeAtOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	store := startTelemetry(t, db.App, telemetry.Options{Pace: -1})
	var (
		r   roster
		wg  sync.WaitGroup
		now = time.Now().UTC().Truncate(time.Microsecond)
		in  = commands.NewIntake(&r, store, nil)
	)
	id, por := r.enter(onDuty(now))
	var accepted atomic.Int64
	for range 8 {
		wg.Go(func() {
			for _, s := range rand.Perm(40) {
				v, err := in.Receive(t.Context(), por, id, []efectivo.Fix{at(now, float64(s))}, "rest")
				if err != nil {
					t.Error(err)
					return
				}
				if v[0].Rechazada == "" {
					accepted.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if n := accepted.Load(); n != 40 {
		t.Errorf("%d accepted", n)
	}
	check(t, stored(t, store, id), 40)
}

// A second process learns what the first one stored.
func TestIntakeLearnsFromOtherProcesses(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	var (
		r      roster
		now    = time.Now().UTC().Truncate(time.Microsecond)
		one    = commands.NewIntake(&r, startTelemetry(t, db.App, telemetry.Options{Pace: -1}), nil)
		store2 = startTelemetry(t, db.App, telemetry.Options{Pace: -1})
		two    = commands.NewIntake(&r, store2, nil)
	)
	background(t, two.Run)
	id, por := r.enter(onDuty(now))
	receive := func(in *commands.Intake, s float64) efectivo.Recepcion {
		t.Helper()
		v, err := in.Receive(t.Context(), por, id, []efectivo.Fix{at(now, s)}, "rest")
		if err != nil {
			t.Fatal(err)
		}
		return v[0]
	}
	// Run forgets everything when it begins, which may be after the first of these.
	newest := 1.0
	for learned := false; !learned; {
		if newest++; newest > 6 {
			t.Fatal("it does not learn")
		}
		receive(two, 1)
		receive(one, newest)
		learned = eventually(func() bool { return two.Marker(id).En.Equal(at(now, newest).En) })
	}
	if v := receive(two, newest); v.Rechazada != efectivo.Duplicada {
		t.Errorf("got %+v", v)
	}
	receive(two, 0.5)
	check(t, stored(t, store2, id), int(newest)+1)
}

// eventually polls a condition for up to a minute.
func eventually(ok func() bool) bool {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-tick.C {
		if ok() {
			return true
		}
	}
	return ok()
}

// Repetitions of fixes older than what is kept in memory are found in the log.
func TestIntakeRemembersMoreThanItKeeps(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	store := startTelemetry(t, db.App, telemetry.Options{Pace: -1})
	var (
		r   roster
		now = time.Now().UTC().Truncate(time.Microsecond)
		in  = commands.NewIntake(&r, store, nil)
	)
	id, por := r.enter(onDuty(now))
	const n = 1500
	send := func() (refused int) {
		t.Helper()
		all := rand.Perm(n)
		for part := range slices.Chunk(all, 100) {
			fixes := make([]efectivo.Fix, len(part))
			for i, s := range part {
				fixes[i] = at(now, float64(s))
			}
			v, err := in.Receive(t.Context(), por, id, fixes, "rest")
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range v {
				if v.Rechazada != "" {
					refused++
				}
			}
		}
		return refused
	}
	if refused := send(); refused != 0 {
		t.Errorf("%d refused", refused)
	}
	if refused := send(); refused != n {
		t.Errorf("%d of %d repetitions refused", refused, n)
	}
	in = commands.NewIntake(&r, store, nil)
	if refused := send(); refused != n {
		t.Errorf("%d of %d repetitions refused after a restart", refused, n)
	}
	check(t, stored(t, store, id), n)
}

func BenchmarkIntake(b *testing.B) {
	for _, callers := range []int{1, 64, 512} {
		b.Run("callers="+strconv.Itoa(callers), func(b *testing.B) {
			db := pgtest.NewOn(b, pgtest.Server(b))
			store := startTelemetry(b, db.App, telemetry.Options{})
			var r roster
			now := time.Now().UTC().Truncate(time.Microsecond)
			in := commands.NewIntake(&r, store, nil)
			in.SetClock(func() time.Time { return now })
			const each = 5 // fixes a report
			ids := make([]ident.Efectivo, callers)
			autores := make([]permiso.Autor, callers)
			for i := range ids {
				ids[i], autores[i] = r.enter(onDuty(now))
			}
			var next atomic.Int64
			var wg sync.WaitGroup
			b.ResetTimer()
			for c := range callers {
				wg.Go(func() {
					for n := 0; next.Add(1) <= int64(b.N); n++ {
						fixes := make([]efectivo.Fix, each)
						for i := range fixes {
							fixes[i] = at(now, float64(n*each+i)/100)
						}
						if _, err := in.Receive(b.Context(), autores[c], ids[c], fixes, "rest"); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N*each)/b.Elapsed().Seconds(), "fixes/s")
		})
	}
}
