package telemetry_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/domain"
	"github.com/grupo-gad/gad/domain/operacion"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/postgres"
	"github.com/grupo-gad/gad/eventstore/telemetry"
	"github.com/grupo-gad/gad/ops/pgtest"
)

// startLog opens and runs the log of facts until the test ends.
func startLog(tb testing.TB, pool *pgxpool.Pool) *postgres.Store {
	tb.Helper()
	catalog, err := domain.Catalog()
	if err != nil {
		tb.Fatal(err)
	}
	s, err := postgres.New(tb.Context(), pool, postgres.Options{Catalog: catalog, Patience: time.Minute})
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(tb.Context()))
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	tb.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			tb.Errorf("run: %v", err)
		}
	})
	return s
}

// sealsOf reads the seals from the log of facts.
func sealsOf(tb testing.TB, log eventstore.LogReader) []operacion.TelemetriaSellada {
	tb.Helper()
	all, err := log.ReadLog(tb.Context(), 0, 10_000)
	if err != nil {
		tb.Fatal(err)
	}
	var seals []operacion.TelemetriaSellada
	for _, r := range all {
		if e, ok := r.Event.(operacion.TelemetriaSellada); ok {
			seals = append(seals, e)
		}
	}
	return seals
}

func each(seals []operacion.TelemetriaSellada) iter.Seq2[operacion.TelemetriaSellada, error] {
	return func(yield func(operacion.TelemetriaSellada, error) bool) {
		for _, s := range seals {
			if !yield(s, nil) {
				return
			}
		}
	}
}

func seal(tb testing.TB, s *telemetry.Sealer) eventstore.Batch {
	tb.Helper()
	last, err := s.Seal(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return last
}

func TestSealsCoverEveryBatchOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	s, log := start(t, db.App, quick), startLog(t, db.App)
	sealer := telemetry.NewSealer(db.App, log, telemetry.SealerOptions{Fixes: 7})
	if last := seal(t, sealer); last != 0 || len(sealsOf(t, log)) != 0 {
		t.Errorf("an empty log was sealed up to %d", last)
	}
	for n := range 5 {
		put(t, s, fix(uuid.NewString(), n), fix(uuid.NewString(), n), fix(uuid.NewString(), n))
	}
	if last := seal(t, sealer); last != 5 {
		t.Errorf("sealed up to %d", last)
	}
	put(t, s, fix(uuid.NewString(), 9))
	if last := seal(t, sealer); last != 6 {
		t.Errorf("sealed up to %d", last)
	}
	seals := sealsOf(t, log)
	var got []string
	for _, s := range seals {
		got = append(got, fmt.Sprint(s.Primero, "-", s.Ultimo, ":", s.Fixes))
	}
	if diff := cmp.Diff([]string{"1-2:6", "3-4:6", "5-5:3", "6-6:1"}, got); diff != "" {
		t.Error(diff)
	}
	put(t, s, fix(uuid.NewString(), 10))
	var told []eventstore.Batch
	r, err := telemetry.Verify(t.Context(), db.App, each(seals), func(done, _ eventstore.Batch) { told = append(told, done) })
	if err != nil || r != (telemetry.Report{Head: 7, Fixes: 17, Seals: 4, Sealed: 6}) || len(told) == 0 {
		t.Errorf("report %+v, %v, told %v", r, err, told)
	}
}

// The lease keeps a second sealer out; when it takes over, or forgets how far
// the first one came, nothing is sealed twice.
func TestSealersTakeOver(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	s, log := start(t, db.App, quick), startLog(t, db.App)
	first := telemetry.NewSealer(db.App, log, telemetry.SealerOptions{})
	second := telemetry.NewSealer(db.App, log, telemetry.SealerOptions{})
	put(t, s, fix(uuid.NewString(), 0))
	seal(t, first)
	put(t, s, fix(uuid.NewString(), 1))
	if last := seal(t, second); last != 0 || len(sealsOf(t, log)) != 1 {
		t.Errorf("it sealed up to %d without the lease", last)
	}
	// The first died before it could note how far it came.
	if _, err := db.Owner.Exec(t.Context(), `update telemetria.sellador set hasta = '-infinity', ultimo = 0`); err != nil {
		t.Fatal(err)
	}
	if last := seal(t, second); last != 2 {
		t.Errorf("sealed up to %d", last)
	}
	if last := seal(t, first); last != 0 {
		t.Errorf("it sealed up to %d after it lost the lease", last)
	}
	if r, err := telemetry.Verify(t.Context(), db.App, each(sealsOf(t, log)), nil); err != nil || r.Seals != 2 || r.Sealed != 2 {
		t.Errorf("report %+v, %v", r, err)
	}
}

// Two that both believe to hold the lease, while fixes come in.
func TestSealersAtOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	s, log := start(t, db.App, quick), startLog(t, db.App)
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 3 {
		sealer := telemetry.NewSealer(db.App, log, telemetry.SealerOptions{Fixes: 4})
		wg.Go(func() {
			for last := false; ; {
				if _, err := db.Owner.Exec(t.Context(), `update telemetria.sellador set hasta = '-infinity', ultimo = case when random() < 0.3 then 0 else ultimo end`); err != nil {
					t.Error(err)
					return
				}
				if _, err := sealer.Seal(t.Context()); err != nil && !errors.Is(err, eventstore.ErrStale) {
					t.Error(err)
					return
				}
				if last {
					return
				}
				select {
				case <-done:
					last = true
				default:
				}
			}
		})
	}
	for n := range 30 {
		put(t, s, fix(uuid.NewString(), n))
	}
	close(done)
	wg.Wait()
	seal(t, telemetry.NewSealer(db.App, log, telemetry.SealerOptions{})) // what lost races left
	if _, err := db.Owner.Exec(t.Context(), `update telemetria.sellador set hasta = '-infinity'`); err != nil {
		t.Fatal(err)
	}
	seal(t, telemetry.NewSealer(db.App, log, telemetry.SealerOptions{}))
	if r, err := telemetry.Verify(t.Context(), db.App, each(sealsOf(t, log)), nil); err != nil || r.Sealed != 30 {
		t.Errorf("report %+v, %v", r, err)
	}
}

func TestSealerRuns(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	s, log := start(t, db.App, quick), startLog(t, db.App)
	put(t, s, fix(uuid.NewString(), 0))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	sealer := telemetry.NewSealer(db.App, log, telemetry.SealerOptions{Every: 10 * time.Millisecond})
	go func() { ended <- sealer.Run(ctx) }()
	wait(t, func() bool { return len(sealsOf(t, log)) == 1 })
	put(t, s, fix(uuid.NewString(), 1))
	wait(t, func() bool { return len(sealsOf(t, log)) == 2 })
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// Whatever the owner of the database changes is found, at the first batch that is wrong.
func TestVerifyFindsEveryChange(t *testing.T) {
	t.Parallel()
	const free = `alter table telemetria.lotes disable trigger user; alter table telemetria.hojas disable trigger user;
		do $$ declare r record; begin for r in select inhrelid::regclass as t from pg_inherits
			where inhparent in ('telemetria.fixes'::regclass, 'telemetria.hojas'::regclass)
			loop execute format('alter table %s disable trigger user', r.t); end loop; end $$;
		alter table telemetria.fixes disable trigger user;`
	db := pgtest.New(t)
	s, log := start(t, db.App, quick), startLog(t, db.App)
	for n := range 6 {
		f := fix(uuid.NewString(), n)
		f.Flags = eventstore.FlagLate
		put(t, s, fix(uuid.NewString(), n), f)
	}
	seal(t, telemetry.NewSealer(db.App, log, telemetry.SealerOptions{Fixes: 4}))
	seals := sealsOf(t, log)
	for name, c := range map[string]struct {
		change string
		batch  eventstore.Batch
		why    string
	}{
		"moved":                {`update telemetria.fixes set lat = lat + 0.001 where lote = 3 and fila = 1`, 3, "row 1 was changed"},
		"later":                {`update telemetria.fixes set en = en + interval '1 microsecond' where lote = 3`, 3, "changed"},
		"another man":          {`update telemetria.fixes set efectivo = gen_random_uuid() where lote = 3 and fila = 0`, 3, "changed"},
		"unflagged":            {`update telemetria.fixes set marcas = 0 where lote = 3 and fila = 1`, 3, "changed"},
		"real now":             {`update telemetria.fixes set simulado = not simulado where lote = 3 and fila = 0`, 3, "changed"},
		"another source":       {`update telemetria.fixes set fuente = 'otra' where lote = 3 and fila = 0`, 3, "changed"},
		"salt":                 {`update telemetria.fixes set sal = decode(repeat('00', 16), 'hex') where lote = 3 and fila = 0`, 3, "changed"},
		"rows swapped":         {`update telemetria.fixes set fila = 1 - fila + 100 where lote = 3; update telemetria.fixes set fila = fila - 100 where lote = 3`, 3, "changed"},
		"row added":            {`insert into telemetria.fixes select dia, lote, 2, efectivo, turno, en, recibido, lat, lon, precision_m, velocidad, rumbo, fuente, marcas, simulado, sal from telemetria.fixes where lote = 3 and fila = 0`, 3, "added"},
		"row on another day":   {`insert into telemetria.fixes select dia + 1, lote, fila, efectivo, turno, en, recibido, lat, lon, precision_m, velocidad, rumbo, fuente, marcas, simulado, sal from telemetria.fixes where lote = 3 and fila = 0`, 3, "added"},
		"row beyond":           {`insert into telemetria.fixes select dia, 7, fila, efectivo, turno, en, recibido, lat, lon, precision_m, velocidad, rumbo, fuente, marcas, simulado, sal from telemetria.fixes where lote = 3 and fila = 0`, 7, "not in the ledger"},
		"leaf changed":         {`update telemetria.hojas set hojas = set_byte(hojas, 40, get_byte(hojas, 40) # 1) where lote = 3`, 3, "root"},
		"leaf taken":           {`update telemetria.hojas set hojas = substring(hojas for 32) where lote = 3`, 3, "bytes of leaves"},
		"leaves taken":         {`delete from telemetria.hojas where lote = 3`, 3, "bytes of leaves"},
		"count":                {`update telemetria.lotes set fixes = 1 where lote = 3`, 3, "bytes of leaves"},
		"root":                 {`update telemetria.lotes set raiz = cadena where lote = 3`, 3, "root"},
		"instant":              {`update telemetria.lotes set grabado = grabado + interval '1 microsecond' where lote = 3`, 3, "ledger row was changed"},
		"chain":                {`update telemetria.lotes set cadena = raiz where lote = 3`, 3, "ledger row was changed"},
		"batch taken":          {`delete from telemetria.lotes where lote = 3`, 3, "missing"},
		"tail taken":           {`delete from telemetria.lotes where lote > 4; delete from telemetria.fixes where lote > 4; delete from telemetria.hojas where lote > 4`, 5, "seal over batches"},
		"the first of two":     {`update telemetria.fixes set lat = 0 where lote = 2; delete from telemetria.lotes where lote = 4`, 2, "row 0 was changed"},
		"everything rewritten": {rewrite, 3, "do not have the root that was sealed"},
	} {
		t.Run(name, func(t *testing.T) {
			// Everything is undone at the end, the disabled triggers too.
			tx, err := db.Owner.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
			if _, err := tx.Exec(t.Context(), free+c.change); err != nil {
				t.Fatal(err)
			}
			err = telemetry.VerifyIn(t.Context(), tx, each(seals))
			w, ok := errors.AsType[*telemetry.WrongError](err)
			if !ok || w.Batch != c.batch || !strings.Contains(w.Why, c.why) {
				t.Errorf("got %v, want batch %d: ... %s ...", err, c.batch, c.why)
			}
		})
	}
}

// rewrite makes a consistent ledger out of changed leaves: only the seals tell.
const rewrite = `do $$
declare l record; prev bytea := decode(repeat('00', 32), 'hex'); leaves bytea; r bytea;
begin
  update telemetria.fixes set lat = 0 where lote = 3;
  delete from telemetria.fixes where lote = 3;
  for l in select * from telemetria.lotes order by lote loop
    select hojas into leaves from telemetria.hojas where lote = l.lote;
    if l.lote = 3 then
      leaves := sha256('one') || sha256('two');
      update telemetria.hojas set hojas = leaves where lote = 3;
    end if;
    r := sha256('\x01'::bytea || leaves);
    update telemetria.lotes set raiz = r, previa = prev, cadena = sha256('gad/telemetria/1'::bytea || prev || int8send(lote) || int8send(fixes)
      || int8send((extract(epoch from grabado) * 1000000)::bigint) || r) where lote = l.lote returning cadena into prev;
  end loop;
end $$`

func TestVerifyRefusesSealsThatDoNotFit(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	s, log := start(t, db.App, quick), startLog(t, db.App)
	for n := range 4 {
		put(t, s, fix(uuid.NewString(), n))
	}
	seal(t, telemetry.NewSealer(db.App, log, telemetry.SealerOptions{Fixes: 2}))
	good := sealsOf(t, log)
	for name, spoil := range map[string]func([]operacion.TelemetriaSellada) []operacion.TelemetriaSellada{
		"one missing":  func(s []operacion.TelemetriaSellada) []operacion.TelemetriaSellada { return s[1:] },
		"one repeated": func(s []operacion.TelemetriaSellada) []operacion.TelemetriaSellada { return append(s[:1:1], s...) },
		"count":        func(s []operacion.TelemetriaSellada) []operacion.TelemetriaSellada { s[0].Fixes++; return s },
		"root":         func(s []operacion.TelemetriaSellada) []operacion.TelemetriaSellada { s[1].Raiz = s[0].Raiz; return s },
		"beyond":       func(s []operacion.TelemetriaSellada) []operacion.TelemetriaSellada { s[1].Ultimo = 9; return s },
	} {
		seals := spoil(append([]operacion.TelemetriaSellada(nil), good...))
		if _, ok := errors.AsType[*telemetry.WrongError](verifyErr(t, db.App, seals)); !ok {
			t.Errorf("%s: accepted", name)
		}
	}
	if err := verifyErr(t, db.App, good); err != nil {
		t.Error(err)
	}
}

func verifyErr(t *testing.T, pool *pgxpool.Pool, seals []operacion.TelemetriaSellada) error {
	t.Helper()
	_, err := telemetry.Verify(t.Context(), pool, each(seals), nil)
	return err
}
