package telemetry

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/eventstore"
)

// readFixes bounds the fixes that one ReadBatches brings into memory.
const readFixes = 100_000

// HeadBatch returns the newest batch number, 0 when there is none.
func (s *Store) HeadBatch(ctx context.Context) (eventstore.Batch, error) {
	var head eventstore.Batch
	err := s.pool.QueryRow(ctx, `select coalesce(max(lote), 0) from telemetria.lotes`).Scan(&head)
	if err != nil {
		return 0, fmt.Errorf("read the head of the telemetry log: %w", err)
	}
	return head, nil
}

// ReadBatches returns batches after the given one, dense, up to limit or
// 100,000 fixes. A batch whose rows were erased or dropped comes with what is left.
func (s *Store) ReadBatches(ctx context.Context, after eventstore.Batch, limit int) ([]eventstore.TelemetryBatch, error) {
	batches, err := s.ledger(ctx, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read telemetry batches after %d: %w", after, err)
	}
	if len(batches) == 0 {
		return nil, nil
	}
	first, last := batches[0], batches[len(batches)-1]
	rows, err := s.pool.Query(ctx, `select lote, efectivo, turno, en, recibido, lat, lon, precision_m, velocidad, rumbo, fuente, marcas, simulado
		from telemetria.fixes where lote between $1 and $2 and dia between $3 and $4 order by lote, fila`,
		first.Batch, last.Batch, day(first.RecordedAt), day(last.RecordedAt))
	if err != nil {
		return nil, fmt.Errorf("read fixes after batch %d: %w", after, err)
	}
	var lote eventstore.Batch
	f, targets := newScan()
	_, err = pgx.ForEachRow(rows, append([]any{&lote}, targets...), func() error {
		b := &batches[lote-first.Batch]
		b.Fixes = append(b.Fixes, f.value())
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read fixes after batch %d: %w", after, err)
	}
	return batches, nil
}

// ledger returns the batches without their fixes.
func (s *Store) ledger(ctx context.Context, after eventstore.Batch, limit int) ([]eventstore.TelemetryBatch, error) {
	rows, err := s.pool.Query(ctx, `select lote, grabado, fixes from telemetria.lotes where lote > $1 order by lote limit $2`, after, limit)
	if err != nil {
		return nil, err
	}
	var (
		batches []eventstore.TelemetryBatch
		b       eventstore.TelemetryBatch
		n, sum  int
	)
	_, err = pgx.ForEachRow(rows, []any{&b.Batch, &b.RecordedAt, &n}, func() error {
		if b.Batch != after+1+eventstore.Batch(len(batches)) {
			return fmt.Errorf("batch %d is missing", after+1+eventstore.Batch(len(batches)))
		}
		if sum += n; sum > readFixes && len(batches) > 0 {
			return errEnough
		}
		b.RecordedAt = b.RecordedAt.UTC()
		b.Fixes = make([]eventstore.Fix, 0, n)
		batches = append(batches, b)
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return batches, err
}

var errEnough = errors.New("enough")

// LastFix returns the newest believed position of an Efectivo: impossible jumps
// do not count.
func (s *Store) LastFix(ctx context.Context, efectivo string) (eventstore.Fix, bool, error) {
	if err := s.settle(ctx); err != nil {
		return eventstore.Fix{}, false, err
	}
	f, targets := newScan()
	err := s.pool.QueryRow(ctx, `select efectivo, turno, en, recibido, lat, lon, precision_m, velocidad, rumbo, fuente, marcas, simulado
		from telemetria.fixes where efectivo = $1 and marcas & $2 = 0 order by en desc limit 1`,
		efectivo, int16(eventstore.FlagImpossibleSpeed)).Scan(targets...)
	if errors.Is(err, pgx.ErrNoRows) {
		return eventstore.Fix{}, false, nil
	}
	if err != nil {
		return eventstore.Fix{}, false, fmt.Errorf("read the last fix of %s: %w", efectivo, err)
	}
	return f.value(), true, nil
}

// Jumps returns the n newest fixes of an Efectivo after an instant of his device that were flagged
// as impossible, newest first. After his last believed position there are no others.
func (s *Store) Jumps(ctx context.Context, efectivo string, after time.Time, n int) ([]eventstore.Fix, error) {
	if err := s.settle(ctx); err != nil {
		return nil, err
	}
	rows, err := s.pool.Query(ctx, `select efectivo, turno, en, recibido, lat, lon, precision_m, velocidad, rumbo, fuente, marcas, simulado
		from telemetria.fixes where efectivo = $1 and en > $2 and marcas & $3 <> 0 order by en desc limit $4`,
		efectivo, after, int16(eventstore.FlagImpossibleSpeed), n)
	if err != nil {
		return nil, fmt.Errorf("read the jumps of %s: %w", efectivo, err)
	}
	var fixes []eventstore.Fix
	f, targets := newScan()
	if _, err = pgx.ForEachRow(rows, targets, func() error { fixes = append(fixes, f.value()); return nil }); err != nil {
		return nil, fmt.Errorf("read the jumps of %s: %w", efectivo, err)
	}
	return fixes, nil
}

// LastFixes returns the newest believed position of everybody who has one
// within retention. It hops from Efectivo to Efectivo in the index and does not
// read the rows between.
func (s *Store) LastFixes(ctx context.Context) ([]eventstore.Fix, error) {
	rows, err := s.pool.Query(ctx, `with recursive quien as (
			(select efectivo from telemetria.fixes order by efectivo limit 1)
			union all
			select (select f.efectivo from telemetria.fixes f where f.efectivo > q.efectivo order by f.efectivo limit 1)
			from quien q where q.efectivo is not null)
		select f.* from quien q cross join lateral (
			select efectivo, turno, en, recibido, lat, lon, precision_m, velocidad, rumbo, fuente, marcas, simulado
			from telemetria.fixes where efectivo = q.efectivo and marcas & $1 = 0 order by en desc limit 1) f`,
		int16(eventstore.FlagImpossibleSpeed))
	if err != nil {
		return nil, fmt.Errorf("read last fixes: %w", err)
	}
	var fixes []eventstore.Fix
	f, targets := newScan()
	_, err = pgx.ForEachRow(rows, targets, func() error {
		fixes = append(fixes, f.value())
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read last fixes: %w", err)
	}
	return fixes, nil
}

// DeviceTimes returns the newest device times stored of an Efectivo, newest
// first, at most n.
func (s *Store) DeviceTimes(ctx context.Context, efectivo string, n int) ([]time.Time, error) {
	return s.times(ctx, `select en from telemetria.fixes where efectivo = $1 order by en desc limit $2`, efectivo, n)
}

// Stored returns which of the device times are stored of an Efectivo.
func (s *Store) Stored(ctx context.Context, efectivo string, at []time.Time) ([]time.Time, error) {
	return s.times(ctx, `select distinct en from telemetria.fixes where efectivo = $1 and en = any($2)`, efectivo, at)
}

func (s *Store) times(ctx context.Context, sql, efectivo string, arg any) ([]time.Time, error) {
	if err := s.settle(ctx); err != nil {
		return nil, err
	}
	rows, err := s.pool.Query(ctx, sql, efectivo, arg)
	if err != nil {
		return nil, fmt.Errorf("read device times of %s: %w", efectivo, err)
	}
	times, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (t time.Time, err error) {
		err = row.Scan(&t)
		return t.UTC(), err
	})
	if err != nil {
		return nil, fmt.Errorf("read device times of %s: %w", efectivo, err)
	}
	return times, nil
}

// scan receives the columns of a fix.
type scan struct {
	f               eventstore.Fix
	efectivo, turno [16]byte
	flags           int16
}

func newScan() (*scan, []any) {
	s := &scan{}
	f := &s.f
	return s, []any{
		&s.efectivo, &s.turno, &f.DeviceAt, &f.ServerAt, &f.Lat, &f.Lon,
		&f.Accuracy, &f.Speed, &f.Heading, &f.Source, &s.flags, &f.Simulated,
	}
}

func (s *scan) value() eventstore.Fix {
	f := s.f
	f.Efectivo, f.Turno = formatUUID(s.efectivo), formatUUID(s.turno)
	f.DeviceAt, f.ServerAt = f.DeviceAt.UTC(), f.ServerAt.UTC()
	f.Flags = eventstore.FixFlags(s.flags)
	return f
}
