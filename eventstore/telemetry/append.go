package telemetry

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/grupo-gad/gad/eventstore"
)

// request is one caller's fixes on their way into a batch.
type request struct {
	rows   []row
	result chan result // buffered: the writer never waits for a caller that left
}

type result struct {
	batch eventstore.Batch
	err   error
}

// AppendFixes stores fixes in one batch and returns its number. With
// ErrUnavailable nothing was stored or the outcome is unknown; DeviceTimes, Stored
// and LastFix of this Store know which by the time they answer. A caller that
// stops waiting may find its fixes stored all the same.
func (s *Store) AppendFixes(ctx context.Context, fixes []eventstore.Fix) (eventstore.Batch, error) {
	if len(fixes) == 0 {
		return 0, nil
	}
	req := &request{rows: make([]row, len(fixes)), result: make(chan result, 1)}
	for i, f := range fixes {
		var err error
		if req.rows[i], err = newRow(f); err != nil {
			return 0, fmt.Errorf("store fixes: %w", err)
		}
	}
	select {
	case s.in <- req:
	case <-s.done:
		return 0, eventstore.ErrUnavailable
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	select {
	case r := <-req.result:
		return r.batch, r.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// write is the one writer of this process.
func (s *Store) write(ctx context.Context) {
	var last time.Time
	for {
		var group []*request
		select {
		case <-ctx.Done():
			return
		case r := <-s.in:
			group = s.gather(ctx, r, s.opts.Pace-time.Since(last))
		}
		last = time.Now()
		s.store(ctx, group)
	}
}

// gather takes what waits behind first, for at most wait, up to a full batch.
func (s *Store) gather(ctx context.Context, first *request, wait time.Duration) []*request {
	group, size := []*request{first}, len(first.rows)
	var pause <-chan time.Time
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		pause = timer.C
	}
	for size < maxBatch {
		select {
		case r := <-s.in:
			group, size = append(group, r), size+len(r.rows)
			continue
		default:
		}
		if pause == nil {
			return group
		}
		select {
		case r := <-s.in:
			group, size = append(group, r), size+len(r.rows)
		case <-pause:
			pause = nil // what has gathered meanwhile still goes along
		case <-ctx.Done():
			return group
		}
	}
	return group
}

// attempt is one batch and how far it came.
type attempt struct {
	id   [16]byte // in the ledger, to be recognised there
	rows []row
	// ledger is what was last sent; batch 0 when nothing was.
	ledger ledgerRow
}

const (
	storeTimeout = 10 * time.Second // an answer is due by then, also to those who ask during shutdown
	storeTries   = 4
)

// store commits a group and answers its callers.
func (s *Store) store(ctx context.Context, group []*request) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	a := &attempt{}
	_, _ = rand.Read(a.id[:]) // never fails
	for _, r := range group {
		a.rows = append(a.rows, r.rows...)
	}
	for i := range a.rows {
		_, _ = rand.Read(a.rows[i].salt[:])
	}
	err := s.try(ctx, a)
	for n := 1; err != nil && n < storeTries && ctx.Err() == nil; n++ {
		if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.Code == noPartition {
			_ = s.prepare(ctx) // a failure shows in the next try
		}
		select {
		case <-time.After(50 * time.Millisecond << n):
		case <-ctx.Done():
		}
		err = s.try(ctx, a)
	}
	if err != nil {
		// Before the callers hear of it: they may ask what is stored at once.
		if a.ledger.batch != 0 {
			s.setPending(a)
		}
		for _, r := range group {
			r.result <- result{err: eventstore.ErrUnavailable.Because(fmt.Errorf("store fixes: %w", err))}
		}
		return
	}
	s.announce(a) // first: a caller finds his batch among those announced
	for _, r := range group {
		r.result <- result{batch: a.ledger.batch}
	}
}

// announce hands a committed batch to those who wait in this process.
func (s *Store) announce(a *attempt) {
	b := eventstore.TelemetryBatch{Batch: a.ledger.batch, RecordedAt: a.ledger.recorded, Fixes: make([]eventstore.Fix, len(a.rows))}
	for i := range a.rows {
		b.Fixes[i] = a.rows[i].fix
	}
	if s.ring.add(b) {
		s.broadcast()
	} else {
		s.nudge() // batches of others stand between
	}
	if s.opts.OnBatch != nil {
		s.opts.OnBatch(b.Batch)
	}
}

const noPartition = "23514" // check_violation: no partition of the parent takes the row

// appendLock is held by whoever writes to the ledger.
const appendLock int64 = 0x67616420

const (
	beginSQL = `begin isolation level read committed`
	// A process that is stopped while it holds the lock loses it.
	limitsSQL = `select set_config('idle_in_transaction_session_timeout', '2000', true),
		set_config('lock_timeout', '5000', true), set_config('statement_timeout', '8000', true)`
	// The lock and what is read under it are two statements: one would read with
	// a snapshot taken before it waited.
	lockSQL = `select pg_advisory_xact_lock($1)`
	headSQL = `select lote, grabado, cadena, coalesce((select true from telemetria.lotes where lote = $1 and intento = $2), false)
		from telemetria.lotes order by lote desc limit 1`
	leavesSQL = `insert into telemetria.hojas (dia, lote, hojas) values ($1, $2, $3)`
	ledgerSQL = `insert into telemetria.lotes (lote, dia, fixes, grabado, raiz, previa, cadena, intento, escritor)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	notifySQL = `select pg_notify('gad_telemetria', $1)`
)

// try commits a in one transaction, unless an earlier try turns out to have done so.
func (s *Store) try(ctx context.Context, a *attempt) error {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release() // closes the connection when a transaction is left open on it
	head, there, err := s.lock(ctx, conn.Conn(), a)
	if err != nil || there {
		return err
	}
	a.ledger = ledgerRow{} // settled: an earlier try did not happen
	l, leaves := a.place(head)
	if err := copyRows(ctx, conn.Conn(), l, a.rows); err != nil {
		return fmt.Errorf("copy fixes: %w", err)
	}
	a.ledger = l // from here on the outcome may be unknown
	var b pgx.Batch
	b.Queue(leavesSQL, day(l.recorded), l.batch, leaves)
	b.Queue(ledgerSQL, l.batch, day(l.recorded), l.fixes, l.recorded, l.root[:], head.chain[:], l.chain[:], a.id, s.opts.Writer)
	b.Queue(notifySQL, fmt.Sprint(l.batch))
	b.Queue(`commit`)
	if err := conn.SendBatch(ctx, &b).Close(); err != nil {
		return fmt.Errorf("commit batch %d: %w", l.batch, err)
	}
	return nil
}

// lock opens a transaction, takes the turn of this process and reads the head.
// Since whoever held the lock has ended by then, an earlier commit without an
// answer is settled: there tells whether that of a happened.
func (s *Store) lock(ctx context.Context, conn *pgx.Conn, a *attempt) (head ledgerRow, there bool, err error) {
	pending := s.getPending()
	var (
		b         pgx.Batch
		chainHead []byte
	)
	b.Queue(beginSQL)
	b.Queue(limitsSQL)
	b.Queue(lockSQL, appendLock)
	b.Queue(headSQL, a.ledger.batch, a.id).QueryRow(func(row pgx.Row) error {
		err := row.Scan(&head.batch, &head.recorded, &chainHead, &there)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil // the log is empty: its chain starts from zeros
		}
		return err
	})
	if err := conn.SendBatch(ctx, &b).Close(); err != nil {
		return head, false, fmt.Errorf("take the turn: %w", err)
	}
	copy(head.chain[:], chainHead)
	s.clearPending(pending)
	return head, there, nil
}

// place decides where the rows stand, on top of head.
func (a *attempt) place(head ledgerRow) (ledgerRow, []byte) {
	l := ledgerRow{batch: head.batch + 1, fixes: len(a.rows), recorded: time.Now().UTC().Truncate(time.Microsecond)}
	if l.recorded.Before(head.recorded) {
		l.recorded = head.recorded.UTC() // the clock of another process runs ahead
	}
	hashes := make([]tlog.Hash, len(a.rows))
	leaves := make([]byte, 0, len(a.rows)*tlog.HashSize)
	for i := range a.rows {
		hashes[i] = leaf(l.batch, i, &a.rows[i])
		leaves = append(leaves, hashes[i][:]...)
	}
	l.root = root(hashes)
	l.chain = chain(head.chain, l)
	return l, leaves
}

var fixColumns = []string{
	"dia", "lote", "fila", "efectivo", "turno", "en", "recibido", "lat", "lon",
	"precision_m", "velocidad", "rumbo", "fuente", "marcas", "simulado", "sal",
}

func copyRows(ctx context.Context, conn *pgx.Conn, l ledgerRow, rows []row) error {
	d := day(l.recorded)
	_, err := conn.CopyFrom(ctx, pgx.Identifier{"telemetria", "fixes"}, fixColumns,
		pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
			r := &rows[i]
			f := &r.fix
			return []any{
				d, int64(l.batch), int32(i), r.efectivo, r.turno, f.DeviceAt, f.ServerAt, f.Lat, f.Lon,
				f.Accuracy, f.Speed, f.Heading, f.Source, int16(f.Flags), f.Simulated, r.salt[:],
			}, nil
		}))
	return err
}
