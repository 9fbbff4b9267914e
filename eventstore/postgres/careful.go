package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/accept"
	"github.com/grupo-gad/gad/eventstore/codec"
)

const selectHead = `select batch, last, recorded_at, chain from eventos.batches order by batch desc limit 1`

const selectVersions = `
select s.stream, s.version from unnest($1::text[]) as e (stream) join eventos.streams s using (stream)`

const selectCommands = `
select c.id, c.head, c.events, c.fingerprint, c.answer, b.recorded_at
from unnest($1::uuid[]) as w (id) join eventos.commands c using (id) join eventos.batches b on b.batch = c.batch`

// selectClaims reads what could stand against a take, and what a release would give back.
const selectClaims = `
select c.stream, c.space, c.key, lower(c.during), upper(c.during)
from unnest($1::text[], $2::text[]) as w (space, key) join eventos.claims c using (space, key)
union
select c.stream, c.space, c.key, lower(c.during), upper(c.during)
from unnest($3::text[], $1::text[]) as w (stream, space) join eventos.claims c using (stream, space)`

// careful takes the log's lock, reads everything the commands ask about, decides and writes.
// Nobody else can move the head meanwhile, so that only a mistake of ours can make it fail.
//
// After a batch of unknown outcome it also moves the head, if need be with an empty batch. A
// copy of the lost batch that reaches the server only now finds its predecessor gone: what is
// said here of the commands in it stays true.
func (a *appender) careful(ctx context.Context, batch []*request) error {
	state, at, err := a.readState(ctx, batch)
	if err != nil {
		return a.rollback(ctx, err)
	}
	plan := a.decide(state, at, batch)
	if !plan.accepted() && !a.unclear {
		if err := a.rollback(ctx, nil); err != nil {
			return err
		}
		a.at = &at
		plan.answer()
		return nil
	}
	var b pgx.Batch
	a.write(&b, plan)
	b.Queue("commit")
	if err := a.send(ctx, &b, plan); err != nil {
		return a.rollback(ctx, err)
	}
	a.settled(plan, "careful")
	return nil
}

// rollback ends the transaction after an error, or when there was nothing to write. It
// returns the error that matters more.
func (a *appender) rollback(ctx context.Context, cause error) error {
	if cause != nil && react(cause) == unknown {
		return cause // the connection is not used again
	}
	if _, err := a.conn.Exec(ctx, "rollback"); err != nil {
		return fmt.Errorf("roll back: %w", err)
	}
	return cause
}

// readState locks the log and reads, in one round trip.
func (a *appender) readState(ctx context.Context, batch []*request) (*accept.State, head, error) {
	var (
		state = accept.NewState(false)
		at    head
		b     pgx.Batch
	)
	b.Queue("begin isolation level read committed")
	b.Queue(lockLog, logLock)
	b.Queue(selectHead).QueryRow(func(row pgx.Row) (err error) {
		at, err = scanHead(row)
		return err
	})
	ids, streams := make([][16]byte, len(batch)), []string(nil)
	wanted := map[eventstore.StreamID]eventstore.Version{}
	for i, r := range batch {
		ids[i] = r.cmd.ID
		for _, e := range r.cmd.Expected {
			if _, ok := wanted[e.Stream]; !ok {
				wanted[e.Stream] = 0
				streams = append(streams, string(e.Stream))
			}
		}
	}
	b.Queue(selectCommands, ids).Query(func(rows pgx.Rows) error { return scanCommands(rows, state) })
	if len(streams) > 0 {
		b.Queue(selectVersions, streams).Query(func(rows pgx.Rows) error { return scanVersions(rows, wanted) })
	}
	queueClaims(&b, batch, state)
	if err := a.conn.SendBatch(ctx, &b).Close(); err != nil {
		return nil, head{}, fmt.Errorf("lock and read the log: %w", err)
	}
	for _, stream := range streams {
		id := eventstore.StreamID(stream)
		state.SetVersion(id, wanted[id])
	}
	return state, at, nil
}

func scanHead(row pgx.Row) (h head, err error) {
	var chain []byte
	if err = row.Scan(&h.batch, &h.last, &h.recordedAt, &chain); err != nil {
		return head{}, fmt.Errorf("read the head of the log: %w", err)
	}
	h.recordedAt, h.chain = h.recordedAt.UTC(), codec.Hash(chain)
	return h, nil
}

func scanVersions(rows pgx.Rows, into map[eventstore.StreamID]eventstore.Version) error {
	for rows.Next() {
		var (
			stream  string
			version int64
		)
		if err := rows.Scan(&stream, &version); err != nil {
			return fmt.Errorf("read versions: %w", err)
		}
		into[eventstore.StreamID(stream)] = eventstore.Version(version)
	}
	return rows.Err()
}

func scanCommands(rows pgx.Rows, state *accept.State) error {
	for rows.Next() {
		k, err := scanCommand(rows)
		if err != nil {
			return err
		}
		state.SetCommand(k.Receipt.Command, &k)
	}
	return rows.Err()
}

// scanCommand reads a row of selectCommands. Streams is left to complete.
func scanCommand(row pgx.Row) (accept.Known, error) {
	var (
		k      accept.Known
		id     [16]byte
		last   int64
		events int64
		r      eventstore.Receipt
	)
	if err := row.Scan(&id, &last, &events, &k.Fingerprint, &r.Answer, &r.RecordedAt); err != nil {
		return accept.Known{}, err
	}
	r.Command, r.RecordedAt, r.Head = id, r.RecordedAt.UTC(), eventstore.Position(last)
	if events > 0 {
		r.First, r.Last = eventstore.Position(last-events+1), eventstore.Position(last)
	}
	k.Receipt = &r
	return k, nil
}

func queueClaims(b *pgx.Batch, batch []*request, state *accept.State) {
	var spaces, keys, streams []string
	for _, r := range batch {
		for _, c := range r.cmd.Claims {
			spaces, keys, streams = append(spaces, c.Space), append(keys, c.Key), append(streams, string(c.Stream))
		}
	}
	if len(spaces) == 0 {
		return
	}
	b.Queue(selectClaims, spaces, keys, streams).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			h, err := scanClaim(rows)
			if err != nil {
				return err
			}
			state.Hold(h)
		}
		return rows.Err()
	})
}

func scanClaim(row pgx.Row) (h accept.Held, err error) {
	var from, to *time.Time
	if err := row.Scan(&h.Stream, &h.Space, &h.Key, &from, &to); err != nil {
		return accept.Held{}, fmt.Errorf("read claims: %w", err)
	}
	if from != nil {
		h.From = from.UTC()
	}
	if to != nil {
		h.To = to.UTC()
	}
	return h, nil
}
