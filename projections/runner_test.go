package projections_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/vault"
	"github.com/grupo-gad/gad/ops/pgtest"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/bench"
	"github.com/grupo-gad/gad/projections/mapa"
	"github.com/grupo-gad/gad/projections/tareas"
)

// TestTwoRunnersAtOnce: two runners that come and go all the time, each ending wherever it
// happens to be, leave the rows that one would.
func TestTwoRunnersAtOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	b := newBook()
	for i := range 2 {
		r := runner(t, db.App, b, projections.Options{Holder: fmt.Sprint("runner-", i), Lease: 2 * time.Second})
		run(t, func(ctx context.Context) {
			// Ever longer: a window that takes its time is done in the end.
			for life := 100 * time.Millisecond; ctx.Err() == nil; life = life*5/4 + 37*time.Millisecond {
				short, cancel := context.WithTimeout(ctx, life)
				_ = r.Run(short)
				cancel()
			}
		})
	}
	head, err := bench.Fill(t.Context(), b, bench.NewDay(5, 10), 600, nil)
	if err != nil {
		t.Fatal(err)
	}
	observer := runner(t, db.App, b, projections.Options{})
	level(t, observer, int64(head))
	var last []projections.Replayed
	eventually(t, "the replay is the same", func() bool {
		last, err = observer.Replay(t.Context(), projections.ReplayOptions{Schema: "otra", Drop: true})
		return err == nil && !slices.ContainsFunc(last, func(r projections.Replayed) bool { return len(r.Different) > 0 })
	})
}

// TestKilledBetweenWindows: a worker that ends anywhere, without releasing its lease, leaves
// whole windows; the next one goes on behind the checkpoint.
func TestKilledBetweenWindows(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	b, head := filled(t, 400)
	for i := 0; ; i++ {
		ctx, cancel := context.WithCancel(t.Context())
		r := runner(t, db.App, b, projections.Options{Holder: fmt.Sprint("h", i), Lease: 50 * time.Millisecond})
		windows := 0
		err := r.CatchUp(ctx, tareas.Name, head, 40, func(done, _ int64) {
			if windows++; windows == 3 {
				cancel() // in the middle of the next window at the latest
			}
		})
		cancel()
		if err == nil {
			break
		}
		if i > 100 {
			t.Fatal(err)
		}
		ranOut(t, db)
	}
	replayed, err := runner(t, db.App, b, projections.Options{}).Replay(t.Context(), projections.ReplayOptions{Schema: "otra"})
	if err != nil || len(replayed[0].Different) > 0 || replayed[0].Live.Position != head {
		t.Fatalf("%+v, %v", replayed, err)
	}
}

// hook lets a test into the middle of a window: it is told how many facts are folded, and may
// refuse them in the place of the database.
type hook struct {
	projections.Projection
	save func(facts int) error
}

func (h hook) Fold() projections.Fold { return &hookFold{Fold: h.Projection.Fold(), save: h.save} }

type hookFold struct {
	projections.Fold
	save  func(facts int) error
	facts int
}

func (h *hookFold) Apply(r eventstore.Recorded) error {
	h.facts++
	return h.Fold.Apply(r)
}

func (h *hookFold) Save(ctx context.Context, tx pgx.Tx, texts projections.Texts) error {
	if err := h.save(h.facts); err != nil {
		return err
	}
	return h.Fold.Save(ctx, tx, texts)
}

// TestFenceStopsWhoPasses: positions that say nothing to a read model are passed by whoever holds
// its lease, and by nobody else.
func TestFenceStopsWhoPasses(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	b, head := filled(t, 100) // nobody has drawn a Zona
	slow := projections.NewRunner(db.App, b, b, projections.Options{Holder: "slow"}, mapa.Projection{})
	next := projections.NewRunner(db.App, b, b, projections.Options{Holder: "next"}, mapa.Projection{})
	took := false
	err := slow.CatchUp(t.Context(), mapa.Name, head, 20, func(at, _ int64) {
		if took {
			t.Errorf("passed up to %d after another took its lease", at)
			return
		}
		took = true
		if _, err := db.Owner.Exec(t.Context(), `update eventos.checkpoints set lease_until = '-infinity' where projection = 'mapa'`); err != nil {
			t.Error(err)
		}
		if err := next.CatchUp(t.Context(), mapa.Name, head-10, 20, nil); err != nil {
			t.Error(err)
		}
	})
	if err == nil || !strings.Contains(err.Error(), "lease") {
		t.Errorf("it ended with %v", err)
	}
	if at, err := projections.Position(t.Context(), db.App, mapa.Name); err != nil || at != head-10 {
		t.Errorf("the checkpoint is at %d of %d, %v", at, head, err)
	}
}

// TestFenceStopsThePrevious: a worker that slept between two windows until another took its
// lease cannot write, and what the other wrote stands once.
func TestFenceStopsThePrevious(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	b, head := filled(t, 200)
	slow := runner(t, db.App, b, projections.Options{Holder: "slow", Lease: 30 * time.Millisecond})
	next := runner(t, db.App, b, projections.Options{Holder: "next"})
	slept := false
	err := slow.CatchUp(t.Context(), tareas.Name, head, 50, func(int64, int64) {
		if slept {
			return
		}
		slept = true
		ranOut(t, db)
		if err := next.CatchUp(t.Context(), tareas.Name, head, 50, nil); err != nil {
			t.Error(err)
		}
	})
	if err == nil || !strings.Contains(err.Error(), "lease") {
		t.Fatalf("wrote after another took its lease: %v", err)
	}
	d, err := slow.Digest(t.Context(), tareas.Name)
	if err != nil || d.Position != head {
		t.Fatalf("left %+v, %v", d, err)
	}
	var fence int64
	if err := db.App.QueryRow(t.Context(), `select fence from eventos.checkpoints where projection = 'tareas'`).Scan(&fence); err != nil || fence != 2 {
		t.Errorf("fence %d, %v", fence, err)
	}
}

// TestWindowLongerThanItsLease: its transaction holds the row, so nobody takes the lease
// meanwhile, and it is written. Refused, it would be tried again for ever.
func TestWindowLongerThanItsLease(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	b, head := filled(t, 200)
	other := runner(t, db.App, b, projections.Options{Holder: "other"})
	slow := projections.NewRunner(db.App, b, b, projections.Options{Holder: "slow", Lease: 30 * time.Millisecond}, hook{tareas.Projection{}, func(int) error {
		ranOut(t, db)
		if err := other.CatchUp(t.Context(), tareas.Name, head, 0, nil); err == nil {
			t.Error("two at once")
		}
		return nil
	}})
	if err := slow.CatchUp(t.Context(), tareas.Name, head, 100, nil); err != nil {
		t.Fatal(err)
	}
}

// TestWindowTooLongForTheDatabase: a statement timeout is answered with shorter windows.
func TestWindowTooLongForTheDatabase(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	b, head := filled(t, 1200)
	var timeouts atomic.Int64
	r := projections.NewRunner(db.App, b, b, projections.Options{}, hook{tareas.Projection{}, func(facts int) error {
		if facts < 400 {
			return nil
		}
		timeouts.Add(1)
		return &pgconn.PgError{Code: "57014", Message: "canceling statement due to statement timeout"}
	}})
	run(t, func(ctx context.Context) { _ = r.Run(ctx) })
	level(t, r, int64(head))
	if timeouts.Load() == 0 {
		t.Error("no window was too long")
	}
}

// TestCheckpointFallsBackWhileIdle: a database that crashed may have lost the last windows, and
// nothing may be written for hours afterwards. The runner finds out by itself.
func TestCheckpointFallsBackWhileIdle(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	b, head := filled(t, 200)
	r := runner(t, db.App, b, projections.Options{Lease: 300 * time.Millisecond})
	run(t, func(ctx context.Context) { _ = r.Run(ctx) })
	level(t, r, int64(head))
	// The invented operation asks nobody for approval: these windows had no rows to lose.
	if _, err := db.Owner.Exec(t.Context(), `update eventos.checkpoints set position = 17 where projection = 'aprobaciones'`); err != nil {
		t.Fatal(err)
	}
	level(t, r, int64(head))
}

// ranOut waits until the lease of the Tareas has run out.
func ranOut(t *testing.T, db *pgtest.DB) {
	t.Helper()
	eventually(t, "the lease runs out", func() bool {
		var free bool
		err := db.Owner.QueryRow(t.Context(), `select lease_until < clock_timestamp() from eventos.checkpoints where projection = 'tareas'`).Scan(&free)
		return err == nil && free
	})
}

// TestLeaseKeepsOthersOut: while it lasts nobody else writes; released, the next one may.
func TestLeaseKeepsOthersOut(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	b, head := filled(t, 100)
	first := runner(t, db.App, b, projections.Options{Holder: "first", Lease: time.Hour})
	second := runner(t, db.App, b, projections.Options{Holder: "second"})
	err := first.CatchUp(t.Context(), tareas.Name, head, 10, func(done, _ int64) {
		if err := second.CatchUp(t.Context(), tareas.Name, head, 0, nil); err == nil {
			t.Errorf("a second writer at %d", done)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := second.CatchUp(t.Context(), tareas.Name, head, 0, nil); err != nil {
		t.Errorf("after the release: %v", err)
	}
}

// TestPoisonParksItsKey: one Tarea that cannot be written stands still, its later events wait,
// everything else goes on; a retry after the cure brings it level.
func TestPoisonParksItsKey(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	b, _ := filled(t, 300)
	bad := ident.Tarea(uuid(0xbad))
	b.put(t, bad.Stream(), 0, creada(bad, "ENFERMA"))
	b.put(t, bad.Stream(), 1, tarea.PrioridadCambiada{Prioridad: 5, En: t0}, tarea.Iniciada{En: t0})
	head := b.put(t, ident.Tarea(uuid(0x900d)).Stream(), 0, creada(ident.Tarea(uuid(0x900d)), "SANA"))
	// The database refuses the row: as a bug in the projection would have it.
	if _, err := db.Owner.Exec(t.Context(), `alter table lectura.tareas add constraint plaga check (codigo <> 'ENFERMA' or prioridad < 5)`); err != nil {
		t.Fatal(err)
	}
	reg := prometheus.NewRegistry()
	r := runner(t, db.App, b, projections.Options{Registry: reg})
	run(t, func(ctx context.Context) { _ = r.Run(ctx) })
	level(t, r, int64(head))
	parked, err := r.Parked(t.Context())
	if err != nil || len(parked) != 1 {
		t.Fatalf("parked %+v, %v", parked, err)
	}
	if p := parked[0]; p.Projection != "tareas" || p.Key != bad.Stream() || p.Position != head-2 || p.Version != 2 || p.Queued != 1 ||
		!strings.Contains(p.Reason, "plaga") || p.Attempts != 1 {
		t.Errorf("parked %+v", p)
	}
	eventually(t, "the alarm is counted", func() bool { return sum(t, reg, "gad_projection_poison_total") == 1 }) // after the commit
	eventually(t, "the gauge shows it", func() bool { return sum(t, reg, "gad_projection_parked_keys") == 1 })

	reader := tareas.NewReader(db.App)
	if v, err := reader.Get(t.Context(), projections.System, "SANA"); err != nil || v.Version != 1 {
		t.Errorf("the others: %+v, %v", v, err)
	}
	// What the key had before its poison is served.
	if v, err := reader.Get(t.Context(), projections.System, "ENFERMA"); err != nil || v.Version != 1 {
		t.Errorf("the parked one: %+v, %v", v, err)
	}
	// Later events wait, in later windows too.
	head = b.put(t, bad.Stream(), 3, tarea.Pausada{En: t0})
	level(t, r, int64(head))
	if parked, err = r.Parked(t.Context()); err != nil || parked[0].Queued != 2 {
		t.Errorf("parked %+v, %v", parked, err)
	}
	// Not cured: it stays, and the attempt is counted.
	if again, err := r.Retry(t.Context(), "tareas", bad.Stream()); err != nil || again == nil {
		t.Errorf("retry: %+v, %v", again, err)
	}
	if parked, err = r.Parked(t.Context()); err != nil || len(parked) != 1 || parked[0].Attempts != 2 || parked[0].Queued != 2 {
		t.Errorf("parked %+v, %v", parked, err)
	}
	if _, err := db.Owner.Exec(t.Context(), `alter table lectura.tareas drop constraint plaga`); err != nil {
		t.Fatal(err)
	}
	if again, err := r.Retry(t.Context(), "tareas", bad.Stream()); err != nil || again != nil {
		t.Errorf("retry after the cure: %+v, %v", again, err)
	}
	if v, err := reader.Get(t.Context(), projections.System, "ENFERMA"); err != nil || v.Version != 4 || v.Prioridad != 5 || v.Estado != tarea.EstadoPausada {
		t.Errorf("cured: %+v, %v", v, err)
	}
	if _, err := r.Retry(t.Context(), "tareas", bad.Stream()); !errors.Is(err, projections.ErrNoApartada) {
		t.Errorf("retry of what is not parked: %v", err)
	}
	replayed, err := r.Replay(t.Context(), projections.ReplayOptions{Schema: "otra"})
	if err != nil || len(replayed[0].Different) > 0 {
		t.Errorf("%+v, %v", replayed, err)
	}
}

// TestSkipIsRecordedFirst: a skip that is not recorded does not happen.
func TestSkipIsRecordedFirst(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	b := newBook()
	bad := ident.Efectivo(uuid(0xbad))
	// Facts about somebody who was never registered: the fold itself refuses them.
	b.put(t, bad.Stream(), 0, efectivo.TurnoIniciado{Turno: ident.Turno(uuid(1)), En: t0})
	head := b.put(t, bad.Stream(), 1, efectivo.Registrado{ID: bad, Usuario: ident.Usuario(uuid(2)), CodigoInterno: "E-1", En: t0})
	r := runner(t, db.App, b, projections.Options{})
	catchUp(t, r, head, 0)
	parked, err := r.Parked(t.Context())
	if err != nil || len(parked) != 1 || parked[0].Version != 1 || parked[0].Queued != 1 {
		t.Fatalf("parked %+v, %v", parked, err)
	}
	if _, err := r.Skip(t.Context(), "efectivos", bad.Stream(), nil); err == nil {
		t.Error("skipped without a record")
	}
	refusal := errors.New("nobody signs")
	if _, err := r.Skip(t.Context(), "efectivos", bad.Stream(), func(context.Context, projections.Parked) error { return refusal }); !errors.Is(err, refusal) {
		t.Errorf("got %v", err)
	}
	if parked, _ := r.Parked(t.Context()); len(parked) != 1 {
		t.Error("skipped though it was not recorded")
	}
	var recorded projections.Parked
	again, err := r.Skip(t.Context(), "efectivos", bad.Stream(), func(_ context.Context, p projections.Parked) error { recorded = p; return nil })
	if err != nil || again != nil || recorded.Position != 1 || recorded.Key != bad.Stream() {
		t.Errorf("got %+v, %v, recorded %+v", again, err, recorded)
	}
	if d, err := r.Digest(t.Context(), "efectivos"); err != nil || d.Tables["efectivos"].Rows != 1 || d.Parked != 0 {
		t.Errorf("after the skip: %+v, %v", d, err)
	}
}

// TestEverythingFailing: when no key can be written the fault is not the events'.
func TestEverythingFailing(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	b, head := filled(t, 300)
	if _, err := db.Owner.Exec(t.Context(), `alter table lectura.tareas add constraint plaga check (version < 0)`); err != nil {
		t.Fatal(err)
	}
	r := runner(t, db.App, b, projections.Options{})
	err := r.CatchUp(t.Context(), tareas.Name, head, 0, nil)
	if s, ok := errors.AsType[*projections.SystemicError](err); !ok || s.Position == 0 {
		t.Errorf("got %v", err)
	}
	if parked, err := r.Parked(t.Context()); err != nil || len(parked) != 0 {
		t.Errorf("parked %d keys, %v", len(parked), err)
	}
}

// future makes the events of one type newer than the build.
type future struct {
	*book
	name string
	on   *atomic.Bool
}

func (f future) blind(rs []eventstore.Recorded) []eventstore.Recorded {
	rs = slices.Clone(rs)
	for i, r := range rs {
		if f.on.Load() && r.Type == f.name {
			rs[i].Event, rs[i].Err = nil, fmt.Errorf("%w: %s v%d", event.ErrUnknown, r.Type, r.Schema)
		}
	}
	return rs
}

func (f future) ReadLog(ctx context.Context, after eventstore.Position, limit int) ([]eventstore.Recorded, error) {
	rs, err := f.book.ReadLog(ctx, after, limit)
	return f.blind(rs), err
}

func (f future) Follow(ctx context.Context, after eventstore.Position) iter.Seq2[[]eventstore.Recorded, error] {
	return func(yield func([]eventstore.Recorded, error) bool) {
		for rs, err := range f.book.Follow(ctx, after) {
			if !yield(f.blind(rs), err) {
				return
			}
		}
	}
}

// TestUnknownEventStops: a projection stands right before an event newer than its build,
// says so, and goes on where a newer build is.
func TestUnknownEventStops(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	b := newBook()
	id := ident.Tarea(uuid(1))
	b.put(t, id.Stream(), 0, creada(id, "UNO"))
	b.put(t, id.Stream(), 1, tarea.Iniciada{En: t0})
	head := b.put(t, ident.Tarea(uuid(2)).Stream(), 0, creada(ident.Tarea(uuid(2)), "DOS"))
	f := future{b, "tarea.iniciada", &atomic.Bool{}}
	f.on.Store(true)
	reg := prometheus.NewRegistry()
	old := projections.NewRunner(db.App, f, b, projections.Options{Registry: reg, Lease: 2 * time.Second}, tareas.Projection{})
	run(t, func(ctx context.Context) { _ = old.Run(ctx) })
	eventually(t, "it stops", func() bool {
		s, err := old.Status(t.Context())
		return err == nil && s[0].Estado == projections.Stopped
	})
	s, err := old.Status(t.Context())
	if err != nil || s[0].Position != 1 || !strings.Contains(s[0].Error, "position 2") || !strings.Contains(s[0].Error, "tarea.iniciada") {
		t.Errorf("stands as %+v, %v", s, err)
	}
	if n := sum(t, reg, "gad_projection_stopped"); n != 1 {
		t.Errorf("gauge shows %v", n)
	}
	if parked, err := old.Parked(t.Context()); err != nil || len(parked) != 0 {
		t.Errorf("parked %+v, %v", parked, err)
	}
	if _, err := old.Rebuild(t.Context(), tareas.Name, projections.RebuildOptions{}); err != nil {
		t.Errorf("a rebuild up to where it stands: %v", err)
	}
	// A newer build beside it takes over, and the old one does not take the lease back
	// before that.
	newer := runner(t, db.App, b, projections.Options{})
	eventually(t, "the newer build writes", func() bool { return newer.CatchUp(t.Context(), tareas.Name, head, 0, nil) == nil })
	f.on.Store(false)
	head = b.put(t, ident.Tarea(uuid(3)).Stream(), 0, creada(ident.Tarea(uuid(3)), "TRES"))
	level(t, old, int64(head))
}

// TestVaultAwayIsNoPoison: while texts cannot be opened the projection waits; a text that is
// damaged for good parks its owner only.
func TestVaultAwayIsNoPoison(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	b, _ := filled(t, 200)
	down := &vaultDown{book: b}
	down.away.Store(true)
	r := projections.NewRunner(db.App, b, down, projections.Options{Lease: 2 * time.Second}, tareas.Projection{})
	run(t, func(ctx context.Context) { _ = r.Run(ctx) })
	eventually(t, "it fails", func() bool {
		s, err := r.Status(t.Context())
		return err == nil && s[0].Estado == projections.Failing && strings.Contains(s[0].Error, "vault away")
	})
	if parked, err := r.Parked(t.Context()); err != nil || len(parked) != 0 {
		t.Errorf("parked %+v, %v", parked, err)
	}
	hurt := ident.Tarea(uuid(77))
	c := creada(hurt, "ROTA")
	c.Titulo = sealed.Commit("x", "titulo", sealed.Salt{1}, "roto")
	down.damaged = c.Titulo
	head := b.put(t, hurt.Stream(), 0, c)
	down.away.Store(false)
	level(t, r, int64(head))
	parked, err := r.Parked(t.Context())
	if err != nil || len(parked) != 1 || parked[0].Key != hurt.Stream() {
		t.Errorf("parked %+v, %v", parked, err)
	}
}

type vaultDown struct {
	*book
	away    atomic.Bool
	damaged sealed.Commitment // set before away is cleared
}

func (v *vaultDown) Reveal(ctx context.Context, of []sealed.Commitment) (map[sealed.Commitment]string, error) {
	if v.away.Load() {
		return nil, errors.New("vault away")
	}
	opened, err := v.book.Reveal(ctx, of)
	if err == nil && slices.Contains(of, v.damaged) {
		err = errors.New("damaged")
	}
	return opened, err
}

// TestWaitFor: a read waits for its position, and no longer than its patience.
func TestWaitFor(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	b, head := filled(t, 100)
	w := projections.NewWaiter(db.App)
	if err := w.WaitFor(t.Context(), tareas.Name, 0); err != nil {
		t.Errorf("nothing asked for: %v", err)
	}
	start := time.Now()
	err := w.WaitFor(t.Context(), tareas.Name, head)
	took := time.Since(start)
	if !errors.Is(err, projections.ErrAtrasada) || fault.KindOf(err) != fault.Unavailable {
		t.Errorf("nobody projects: %v", err)
	}
	if took < time.Second {
		t.Errorf("waited only %v", took)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.WaitFor(ctx, tareas.Name, head); !errors.Is(err, context.Canceled) {
		t.Errorf("nobody waits any more: %v", err)
	}
	woken := make(chan error, 2)
	elsewhere := projections.NewWaiter(db.App) // of another process: nothing wakes it
	for _, w := range []*projections.Waiter{w, elsewhere} {
		go func() {
			err := error(projections.ErrAtrasada)
			for errors.Is(err, projections.ErrAtrasada) { // a machine may take longer than a read waits
				err = w.WaitFor(t.Context(), tareas.Name, head)
			}
			woken <- err
		}()
	}
	r := runner(t, db.App, b, projections.Options{Waiter: w})
	run(t, func(ctx context.Context) { _ = r.Run(ctx) })
	for range 2 {
		if err := <-woken; err != nil {
			t.Error(err)
		}
	}
	if err := w.WaitFor(t.Context(), tareas.Name, head+1); !errors.Is(err, projections.ErrAtrasada) {
		t.Errorf("beyond the log: %v", err)
	}
}

// TestRealStoreAndVault: the same with the log and the vault that the program uses.
func TestRealStoreAndVault(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	s, v := realStore(t, db.App)
	r := projections.NewRunner(db.App, s, v, projections.Options{}, all()...)
	run(t, func(ctx context.Context) { _ = r.Run(ctx) })
	head, err := bench.Fill(t.Context(), s, bench.NewDay(9, 15), 400, nil)
	if err != nil {
		t.Fatal(err)
	}
	level(t, r, int64(head))
	list, err := tareas.NewReader(db.App).List(t.Context(), projections.System, tareas.Filter{Limite: 200})
	if err != nil || len(list.Datos) == 0 || list.Posicion != int64(head) {
		t.Fatalf("%d of %d at %d, %v", len(list.Datos), list.Total, list.Posicion, err)
	}
	for _, d := range list.Datos {
		if d.Titulo == "" || d.Descripcion == "" {
			t.Errorf("%s was not opened: %+v", d.Codigo, d)
		}
	}
	replayed, err := r.Replay(t.Context(), projections.ReplayOptions{Schema: "otra"})
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range replayed {
		if diff := cmp.Diff(one.Live.Tables, one.Replay.Tables); diff != "" {
			t.Errorf("%s: -live +replay\n%s", one.Live.Projection, diff)
		}
	}
}

var t0 = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func creada(id ident.Tarea, codigo string) tarea.Creada {
	return tarea.Creada{ID: id, Codigo: codigo, Tipo: tarea.Patrullaje, Prioridad: tarea.Media, InicioProgramado: t0, En: t0}
}

// sum adds up the samples of a metric.
func sum(t *testing.T, reg *prometheus.Registry, name string) (total float64) {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			total += m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	return total
}

// TestSmallPool: windows that need a second connection for their texts do not starve each
// other of it.
func TestSmallPool(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	cfg := db.App.Config()
	cfg.MaxConns = 2
	pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	s, _ := realStore(t, db.App)
	kek, err := vault.NewKEK(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(t.Context(), pool, vault.NewKeyring(kek))
	if err != nil {
		t.Fatal(err)
	}
	head, err := bench.Fill(t.Context(), s, bench.NewDay(8, 15), 200, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := projections.NewRunner(pool, s, v, projections.Options{}, all()...)
	run(t, func(ctx context.Context) { _ = r.Run(ctx) })
	level(t, r, int64(head))
}

// TestServerKilled: kill -9 of the database in the middle of everything. Rows and checkpoint
// may fall back, but together; the runner finds the server again and ends where the log does.
func TestServerKilled(t *testing.T) {
	t.Parallel()
	server := pgtest.Server(t)
	db := pgtest.NewOn(t, server)
	b := newBook()
	r := runner(t, db.App, b, projections.Options{Lease: 2 * time.Second})
	run(t, func(ctx context.Context) { _ = r.Run(ctx) })
	var head eventstore.Position
	for i := range 3 {
		var err error
		if head, err = bench.Fill(t.Context(), b, bench.NewDay(uint64(20+i), 10), 300, nil); err != nil {
			t.Fatal(err)
		}
		eventually(t, "it is at work", func() bool {
			d, err := r.Digest(t.Context(), tareas.Name)
			return err == nil && d.Position > 0
		})
		if err := server.Kill(); err != nil {
			t.Fatal(err)
		}
		// Backends outlive the postmaster by moments, and may still answer.
		eventually(t, "a read says that the server is away", func() bool {
			_, err := tareas.NewReader(db.App).Get(t.Context(), projections.System, "X")
			if kind := fault.KindOf(err); kind != fault.Unavailable && kind != fault.NotFound {
				t.Fatalf("a read while the server is away: %v", err)
			}
			return fault.KindOf(err) == fault.Unavailable
		})
		if err := server.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	level(t, r, int64(head))
	replayed, err := r.Replay(t.Context(), projections.ReplayOptions{Schema: "otra"})
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range replayed {
		if len(one.Different) > 0 {
			t.Errorf("%+v", one)
		}
	}
}

// TestRowsAreTheFoldOfTheAggregate: the read model agrees with the decider's own fold, which
// shares no code with it.
func TestRowsAreTheFoldOfTheAggregate(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	b, head := filled(t, 800)
	r := runner(t, db.App, b, projections.Options{})
	catchUp(t, r, head, 100)
	events, err := b.ReadLog(t.Context(), 0, int(head))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]tarea.State{}
	versions := map[string]int64{}
	for _, e := range events {
		if te, ok := e.Event.(tarea.Event); ok {
			id := projections.Key(e.Stream)
			want[id], versions[id] = tarea.Evolve(want[id], te), int64(e.Version)
		}
	}
	reader := tareas.NewReader(db.App)
	list, err := reader.List(t.Context(), projections.System, tareas.Filter{Limite: 200})
	if err != nil || list.Total != int64(len(want)) {
		t.Fatalf("%d rows for %d Tareas, %v", list.Total, len(want), err)
	}
	for id, s := range want {
		row, err := reader.Get(t.Context(), projections.System, id)
		if err != nil {
			t.Fatal(err)
		}
		var active []ident.Efectivo
		for _, a := range row.Asignaciones {
			if a.Estado.Activa() {
				active = append(active, a.Efectivo)
			}
		}
		if row.Estado != s.Estado() || !slices.Equal(active, s.Activos()) || row.Version != versions[id] {
			t.Errorf("%s: row %+v, aggregate %+v", id, row, s)
		}
	}
}
