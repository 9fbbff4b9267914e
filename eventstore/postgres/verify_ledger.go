package postgres

import (
	"bytes"
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/codec"
)

// ledgerRow is a row of the batch ledger as it is stored.
type ledgerRow struct {
	batch                 int64
	first, last           eventstore.Position
	recordedAt            time.Time
	root, previous, chain []byte
}

const selectLedger = `
select batch, first, last, recorded_at, root, previous, chain from eventos.batches where batch > $1 order by batch limit 4096`

// genesis verifies batch 0 and makes it the one before the first.
func (v *verifier) genesis(ctx context.Context) error {
	if err := v.turn(ctx, -1); err != nil {
		return err
	}
	var zero codec.Hash
	if row := v.ledger[0]; row.batch != 0 || row.first != 1 || row.last != 0 || !bytes.Equal(row.chain, zero[:]) {
		return wrong(0, "the ledger does not begin with batch 0")
	}
	v.at, v.ledger = v.ledger[0], v.ledger[1:]
	return nil
}

// turn reads the next page of the ledger.
func (v *verifier) turn(ctx context.Context, after int64) error {
	rows, err := v.tx.Query(ctx, selectLedger, after)
	if err != nil {
		return err
	}
	v.ledger, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (r ledgerRow, err error) {
		err = row.Scan(&r.batch, &r.first, &r.last, &r.recordedAt, &r.root, &r.previous, &r.chain)
		return r, err
	})
	if err == nil && len(v.ledger) == 0 {
		return wrong(v.at.last, "the ledger ends at batch %d", after)
	}
	return err
}

// reach goes on to the batch that holds a position, closing those before it.
func (v *verifier) reach(ctx context.Context, p eventstore.Position) error {
	for v.at.last < p {
		if err := v.next(ctx); err != nil {
			return err
		}
	}
	return nil
}

// next closes the present batch and opens the one after it.
func (v *verifier) next(ctx context.Context) error {
	if err := v.closeBatch(); err != nil {
		return err
	}
	if len(v.ledger) == 0 {
		if err := v.turn(ctx, v.at.batch); err != nil {
			return err
		}
	}
	before := v.at
	v.at, v.ledger = v.ledger[0], v.ledger[1:]
	switch {
	case v.at.batch != before.batch+1:
		return wrong(before.last, "batch %d follows batch %d in the ledger", v.at.batch, before.batch)
	case v.at.first != before.last+1 || v.at.last < v.at.first-1:
		return wrong(before.last, "batch %d claims positions %d to %d after %d", v.at.batch, v.at.first, v.at.last, before.last)
	case v.at.recordedAt.Before(before.recordedAt):
		return wrong(v.at.first, "batch %d was recorded before batch %d", v.at.batch, before.batch)
	case !bytes.Equal(v.at.previous, before.chain):
		return wrong(v.at.first, "batch %d is not chained to batch %d", v.at.batch, before.batch)
	}
	return nil
}

// closeBatch compares the leaves met with the root and the chain of their batch.
func (v *verifier) closeBatch() error {
	root := codec.Root(v.leaves)
	if !bytes.Equal(root[:], v.at.root) {
		return wrong(v.at.first, "the leaves of batch %d (positions %d to %d) do not make its root", v.at.batch, v.at.first, v.at.last)
	}
	if v.at.batch > 0 {
		if chain := codec.Chain(codec.Hash(v.at.previous), root); !bytes.Equal(chain[:], v.at.chain) {
			return wrong(v.at.first, "the chain of batch %d is not that of its root", v.at.batch)
		}
	}
	v.leaves = v.leaves[:0]
	return nil
}

// end verifies what can only be said when every event was seen.
func (v *verifier) end(ctx context.Context, last head) error {
	for v.at.batch < last.batch {
		if err := v.next(ctx); err != nil {
			return err
		}
	}
	if err := v.closeBatch(); err != nil {
		return err
	}
	if err := v.beyond(ctx); err != nil {
		return err
	}
	if err := v.commands(ctx); err != nil {
		return err
	}
	if err := v.streams(ctx); err != nil {
		return err
	}
	return v.claims(ctx)
}

// beyond looks for events after the end of the ledger.
func (v *verifier) beyond(ctx context.Context) error {
	var p *int64
	err := v.tx.QueryRow(ctx, "select min(position) from eventos.log where position > $1", int64(v.report.Head)).Scan(&p)
	if err == nil && p != nil {
		return wrong(eventstore.Position(*p), "the event stands beyond the end of the ledger, %d", v.report.Head)
	}
	return err
}

// sealed verifies that the log is still append-only for everybody.
func (v *verifier) sealed(ctx context.Context) error {
	var table *string
	err := v.tx.QueryRow(ctx, `
		select min(c.oid::regclass::text) from pg_class c
		where c.relkind in ('r', 'p')
		  and (c.oid in ('eventos.log'::regclass, 'eventos.batches'::regclass, 'eventos.commands'::regclass)
		    or c.oid in (select inhrelid from pg_inherits where inhparent in ('eventos.log'::regclass, 'eventos.commands'::regclass)))
		  and not exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'solo_agregar' and t.tgenabled = 'A')`).Scan(&table)
	if err == nil && table != nil {
		return wrong(0, "table %s can be changed: its trigger solo_agregar is missing or off", *table)
	}
	return err
}
