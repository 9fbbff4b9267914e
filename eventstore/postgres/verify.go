package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/codec"
)

// Report is what Verify found in the log as it stood when it began.
type Report struct {
	Head     eventstore.Position
	Chain    codec.Hash // of the newest batch: what an auditor writes down
	Batches  int64
	Commands int64
	Streams  int64
	Claims   int64
	// Wrong is the first thing that is not as it claims to be; nil when everything is.
	Wrong *Finding
}

// Finding is a place where the log contradicts itself.
type Finding struct {
	Position eventstore.Position // of the event, or the last one before; 0 when there is none
	What     string
}

// String is the finding in one line.
func (f *Finding) String() string { return fmt.Sprintf("position %d: %s", f.Position, f.What) }

// foundError brings a Finding out of the walk.
type foundError struct{ Finding }

func (f *foundError) Error() string { return f.String() }

func wrong(p eventstore.Position, format string, args ...any) error {
	return &foundError{Finding{Position: p, What: fmt.Sprintf(format, args...)}}
}

// Verify reads the whole log and computes again everything that follows from it: positions,
// versions, leaves from the stored bytes, roots and chain of the batch ledger, which command
// wrote what, the versions of the streams and what they claim. It stops at the first thing
// that is wrong. All of it is one view of the database: appends go on meanwhile. The error is
// about reading, never about what was read.
func (s *Store) Verify(ctx context.Context, progress func(done, total int64)) (Report, error) {
	tx, err := s.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return Report{}, away("begin to verify", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	v := newVerifier(s, tx)
	err = v.all(ctx, progress)
	if found, ok := errors.AsType[*foundError](err); ok {
		v.report.Wrong, err = &found.Finding, nil
	}
	if err != nil {
		return v.report, away("verify the log", err)
	}
	return v.report, nil
}

// verifier walks the log once, batch by batch.
type verifier struct {
	*Store
	tx       pgx.Tx
	report   Report
	versions map[eventstore.StreamID]tip
	ledger   []ledgerRow // the batches still to be met, one page
	at       ledgerRow   // the batch that holds the next event
	leaves   []codec.Hash
	held     heldClaims
	writer   commandRun
	pending  []commandRun // runs of events to be compared with the rows of their commands
	runs     int64
}

// tip is the newest version of a stream and where it stands.
type tip struct {
	version  eventstore.Version
	position eventstore.Position
}

func newVerifier(s *Store, tx pgx.Tx) *verifier {
	return &verifier{Store: s, tx: tx, versions: map[eventstore.StreamID]tip{}, held: newHeldClaims()}
}

func (v *verifier) all(ctx context.Context, progress func(done, total int64)) error {
	last, err := scanHead(v.tx.QueryRow(ctx, selectHead))
	if err != nil {
		return err
	}
	v.report.Head, v.report.Chain, v.report.Batches = last.last, last.chain, last.batch
	if err := v.sealed(ctx); err != nil {
		return err
	}
	if err := v.genesis(ctx); err != nil {
		return err
	}
	var done eventstore.Position
	for done < last.last {
		if progress != nil {
			progress(int64(done), int64(last.last))
		}
		n, err := v.window(ctx, done)
		if err != nil {
			return err
		}
		if n == 0 {
			return wrong(done, "position %d is missing: the ledger goes to %d", done+1, last.last)
		}
		done += eventstore.Position(n)
	}
	if err := v.end(ctx, last); err != nil {
		return err
	}
	if progress != nil {
		progress(int64(last.last), int64(last.last))
	}
	return nil
}

const selectRecords = `select ` + columns + `, leaf from eventos.log where position > $1 and position <= $2 order by position`

// window verifies the next events and returns how many there were.
func (v *verifier) window(ctx context.Context, after eventstore.Position) (int, error) {
	rows, err := v.tx.Query(ctx, selectRecords, int64(after), min(int64(after)+page, int64(v.report.Head)))
	if err != nil {
		return 0, err
	}
	var (
		b      block
		stored [][]byte
	)
	for rows.Next() {
		values := rows.RawValues()
		if err := b.add(values[:len(values)-1]); err != nil {
			rows.Close()
			return 0, err
		}
		stored = append(stored, bytes.Clone(values[len(values)-1]))
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	b.finish(v.Store)
	var scratch []byte
	for i := range b.events {
		e := &b.events[i]
		if want := after + 1 + eventstore.Position(i); e.Position != want {
			return 0, wrong(want, "position is missing; the next one is %d", e.Position)
		}
		var leaf codec.Hash
		if leaf, scratch = codec.Leaf(scratch, e); !bytes.Equal(leaf[:], stored[i]) {
			return 0, wrong(e.Position, "the stored bytes of %s do not hash to their leaf: the event was changed", e.Type)
		}
		if err := v.event(ctx, e, leaf); err != nil {
			return 0, err
		}
	}
	return len(b.events), v.flushCommands(ctx)
}

// event verifies what one event must be after those before it.
func (v *verifier) event(ctx context.Context, e *eventstore.Recorded, leaf codec.Hash) error {
	before := v.versions[e.Stream]
	if e.Version != before.version+1 {
		return wrong(e.Position, "version %d of %s follows version %d", e.Version, e.Stream, before.version)
	}
	v.versions[e.Stream] = tip{e.Version, e.Position}
	if err := v.reach(ctx, e.Position); err != nil {
		return err
	}
	if !e.RecordedAt.Equal(v.at.recordedAt) {
		return wrong(e.Position, "recorded at %s, its batch %d at %s", e.RecordedAt, v.at.batch, v.at.recordedAt)
	}
	v.leaves = append(v.leaves, leaf)
	v.wrote(e)
	return v.held.follow(e)
}
