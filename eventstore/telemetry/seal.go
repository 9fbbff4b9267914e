package telemetry

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/grupo-gad/gad/domain/operacion"
	"github.com/grupo-gad/gad/eventstore"
)

// Log is what the Sealer needs of the log of facts.
type Log interface {
	eventstore.Appender
	eventstore.StreamReader
}

// SealerOptions of a Sealer; the zero value is right.
type SealerOptions struct {
	Every  time.Duration // between seals; 0 means a minute
	Fixes  int           // most fixes under one seal; 0 means 500,000
	Logger *slog.Logger  // nil means slog.Default()
}

// Sealer binds the telemetry log to the log of facts: operacion.TelemetriaSellada.
//
// Any number of processes may run one. The lease only spares them work; that no
// batch is sealed twice or left out is settled by the command id, which names
// the first batch of the range: whoever seals the same range later gets the
// first answer, and goes on from there.
type Sealer struct {
	pool   *pgxpool.Pool
	log    Log
	opts   SealerOptions
	holder [16]byte
	now    func() time.Time

	// The stream of the day, as last seen, and the last batch sealed in it. Owned
	// by Seal, which does not run twice at once.
	stream  eventstore.StreamID
	version eventstore.Version
	sealed  eventstore.Batch
}

// lease is how long a sealer keeps the others out without a sign of life.
const lease = "60 seconds"

// NewSealer returns a Sealer of the telemetry log in pool that writes to log.
func NewSealer(pool *pgxpool.Pool, log Log, o SealerOptions) *Sealer {
	if o.Every <= 0 {
		o.Every = time.Minute
	}
	if o.Fixes <= 0 {
		o.Fixes = 500_000
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	s := &Sealer{pool: pool, log: log, opts: o, now: time.Now}
	_, _ = rand.Read(s.holder[:]) // never fails
	return s
}

// Run seals now and then every minute, until ctx ends. What fails is tried
// again the next time.
func (s *Sealer) Run(ctx context.Context) error {
	tick := time.NewTicker(s.opts.Every)
	defer tick.Stop()
	for {
		if _, err := s.Seal(ctx); err != nil && ctx.Err() == nil {
			s.opts.Logger.ErrorContext(ctx, "telemetry not sealed", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// Seal seals what is not sealed yet and returns the last sealed batch, or 0
// when another process holds the lease.
func (s *Sealer) Seal(ctx context.Context) (eventstore.Batch, error) {
	for {
		fence, last, ok, err := s.lease(ctx)
		if err != nil || !ok {
			return 0, err
		}
		r, err := s.next(ctx, last)
		if err != nil {
			return last, fmt.Errorf("seal telemetry after batch %d: %w", last, err)
		}
		if r.fixes == 0 {
			return last, nil
		}
		if last, err = s.append(ctx, r); err != nil {
			return last, fmt.Errorf("seal telemetry batches %d to %d: %w", r.first, r.last, err)
		}
		// Without this row nothing is lost: the log is asked again.
		_, err = s.pool.Exec(ctx, `update telemetria.sellador set ultimo = $1 where cerca = $2 and ultimo < $1`, last, fence)
		if err != nil {
			return last, fmt.Errorf("remember the last seal: %w", err)
		}
	}
}

// lease takes or keeps the lease and returns its fence.
func (s *Sealer) lease(ctx context.Context) (fence int64, last eventstore.Batch, ok bool, err error) {
	err = s.pool.QueryRow(ctx, `update telemetria.sellador
		set cerca = case when titular = $1 then cerca else cerca + 1 end, titular = $1, hasta = clock_timestamp() + $2::interval
		where titular = $1 or hasta < clock_timestamp() returning cerca, ultimo`, s.holder, lease).Scan(&fence, &last)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, 0, false, nil
	}
	if err != nil {
		return 0, 0, false, fmt.Errorf("take the lease of the sealer: %w", err)
	}
	return fence, last, true, nil
}

// sealRange is what one seal speaks of.
type sealRange struct {
	first, last eventstore.Batch
	fixes       int
	root        tlog.Hash
}

// next computes the root over the leaves after a batch. Leaves that do not
// match the ledger are never sealed.
func (s *Sealer) next(ctx context.Context, after eventstore.Batch) (sealRange, error) {
	r := sealRange{first: after + 1, last: after}
	rows, err := s.pool.Query(ctx, `select l.lote, l.fixes, l.raiz, h.hojas
		from telemetria.lotes l left join telemetria.hojas h on h.lote = l.lote and h.dia = l.dia
		where l.lote > $1 order by l.lote limit 50000`, after)
	if err != nil {
		return r, err
	}
	var (
		batch        eventstore.Batch
		fixes        int
		want, stored []byte
		leaves       []tlog.Hash
	)
	_, err = pgx.ForEachRow(rows, []any{&batch, &fixes, &want, &stored}, func() error {
		if batch != r.last+1 {
			return fmt.Errorf("batch %d is missing", r.last+1)
		}
		if r.fixes > 0 && r.fixes+fixes > s.opts.Fixes {
			return errEnough
		}
		hashes, err := splitLeaves(stored, fixes)
		if err != nil {
			return fmt.Errorf("batch %d: %w", batch, err)
		}
		leaves = append(leaves, hashes...)
		if got := root(hashes); string(got[:]) != string(want) {
			return fmt.Errorf("batch %d: its leaves do not have the root in the ledger", batch)
		}
		r.last, r.fixes = batch, r.fixes+fixes
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return r, err
	}
	r.root = root(leaves)
	return r, nil
}

// splitLeaves reads n leaf hashes.
func splitLeaves(stored []byte, n int) ([]tlog.Hash, error) {
	if len(stored) != n*tlog.HashSize {
		return nil, fmt.Errorf("%d bytes of leaves for %d fixes", len(stored), n)
	}
	leaves := make([]tlog.Hash, n)
	for i := range leaves {
		leaves[i] = tlog.Hash(stored[i*tlog.HashSize:])
	}
	return leaves, nil
}

// sealAnswer is kept with the command id, for whoever seals the same range again.
type sealAnswer struct {
	Ultimo eventstore.Batch `json:"ultimo"`
}

// append writes the seal and returns up to where the log says that batches are
// sealed: r.last, or another end when an earlier seal began at the same batch.
func (s *Sealer) append(ctx context.Context, r sealRange) (eventstore.Batch, error) {
	const tries = 3
	for n := 1; ; n++ {
		now := s.now().UTC().Truncate(time.Microsecond)
		if err := s.readVersion(ctx, eventstore.StreamID(operacion.StreamTelemetria(now))); err != nil {
			return r.first - 1, err
		}
		if s.sealed >= r.first {
			return s.sealed, nil // another sealer was here, and the lease did not know
		}
		answer, err := json.Marshal(sealAnswer{Ultimo: r.last})
		if err != nil {
			return r.first - 1, err
		}
		receipt, err := s.log.Append(ctx, eventstore.Append{
			Command:  sealCommand(r.first),
			Metadata: eventstore.Metadata{Actor: "sistema:sellador"},
			Expected: []eventstore.Expectation{{Stream: s.stream, Version: s.version}},
			Events: []eventstore.Draft{{Stream: s.stream, Event: operacion.TelemetriaSellada{
				Primero: int64(r.first), Ultimo: int64(r.last), Fixes: int64(r.fixes), Raiz: hexHash(r.root), En: now,
			}}},
			Answer: answer,
		})
		if errors.Is(err, eventstore.ErrStale) && n < tries {
			continue
		}
		if err != nil {
			return r.first - 1, err
		}
		var first sealAnswer
		if err := json.Unmarshal(receipt.Answer, &first); err != nil || first.Ultimo < r.first {
			return r.first - 1, fmt.Errorf("the seal of batch %d has the answer %q", r.first, receipt.Answer)
		}
		return first.Ultimo, nil
	}
}

// readVersion brings what is known of the stream of the day up to date.
func (s *Sealer) readVersion(ctx context.Context, stream eventstore.StreamID) error {
	if s.stream != stream {
		s.stream, s.version, s.sealed = stream, 0, 0
	}
	for r, err := range s.log.ReadStream(ctx, stream, s.version) {
		if err != nil {
			return fmt.Errorf("read %s: %w", stream, err)
		}
		e, ok := r.Event.(operacion.TelemetriaSellada)
		if !ok {
			return fmt.Errorf("%s holds a %s at %d: %w", stream, r.Type, r.Version, r.Err)
		}
		s.version, s.sealed = r.Version, eventstore.Batch(e.Ultimo)
	}
	return nil
}

// sealCommand is the command id of the seal that begins at a batch: a UUIDv8.
func sealCommand(first eventstore.Batch) eventstore.CommandID {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("gad/telemetria/sello/1"), uint64(first)))
	id := eventstore.CommandID(sum[:16])
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80
	return id
}
