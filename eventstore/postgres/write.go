package postgres

import (
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/eventstore/accept"
)

// logLock is the advisory lock that every append takes, and nothing else.
const logLock int64 = 0x67616402

// lockLog is a statement of its own. Together with a read it would wait with a snapshot that
// was taken before the lock was granted.
const lockLog = "select pg_advisory_xact_lock($1)"

const insertBatch = `
insert into eventos.batches (batch, first, last, recorded_at, root, previous, chain, writer)
values ($1::bigint, $2, $3, $4, $5,
  (select chain from eventos.batches where batch = $1::bigint - 1 and chain = $6::bytea), $7, $8)`

const insertEvents = `
insert into eventos.log (position, version, recorded_at, command, schema, leaf, stream, type, actor, correlation, causation, payload)
select $1::bigint + e.n, e.version, $2, e.command, e.schema, e.leaf, e.stream, e.type, e.actor, e.correlation, e.causation, e.payload
from unnest($3::bigint[], $4::uuid[], $5::int[], $6::bytea[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::bytea[])
  with ordinality as e (version, command, schema, leaf, stream, type, actor, correlation, causation, payload, n)`

// insertEvent, insertCommand and insertStream are the same for a batch of one: the arrays and
// their unnest cost such a batch a quarter of its time.
const insertEvent = `
insert into eventos.log (position, version, recorded_at, command, schema, leaf, stream, type, actor, correlation, causation, payload)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`

const insertCommand = `
insert into eventos.commands (id, batch, head, events, fingerprint, answer) values ($1, $2, $3, $4, $5, $6)`

const insertStream = `insert into eventos.streams (stream, version) values ($1, $2)`

const insertStreams = `
insert into eventos.streams (stream, version) select * from unnest($1::text[], $2::bigint[])`

const moveStreams = `
with moved as (
  update eventos.streams s set version = e.version
  from unnest($1::text[], $2::bigint[], $3::bigint[]) as e (stream, base, version)
  where s.stream = e.stream and s.version = e.base
  returning 1)
select eventos.exigir((select count(*) from moved), cardinality($1::text[]), 'versions')`

const checkStreams = `
select eventos.exigir(count(*), cardinality($1::text[]), 'versions read')
from unnest($1::text[], $2::bigint[]) as e (stream, base)
where coalesce((select s.version from eventos.streams s where s.stream = e.stream), 0) = e.base`

const insertCommands = `
insert into eventos.commands (id, batch, head, events, fingerprint, answer)
select c.id, $1, c.head, c.events, c.fingerprint, c.answer
from unnest($2::uuid[], $3::bigint[], $4::int[], $5::bytea[], $6::bytea[]) as c (id, head, events, fingerprint, answer)`

const releaseClaims = `
delete from eventos.claims c using unnest($1::text[], $2::text[], $3::text[]) as r (stream, space, key)
where c.stream = r.stream and c.space = r.space and (r.key = '' or c.key = r.key)`

const takeClaims = `
insert into eventos.claims (space, key, stream, during)
select t.space, t.key, t.stream, case when t.timed then tstzrange(t.since, t.until, '[)') end
from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::bool[])
  as t (space, key, stream, since, until, timed)`

// write queues everything that records an attempt. The ledger comes first: it is the guard
// most likely to fail, and the cheapest.
func (s *Store) write(b *pgx.Batch, a *attempt) {
	b.Queue(insertBatch, a.after.batch, a.before.last+1, a.after.last, a.after.recordedAt,
		a.root[:], a.before.chain[:], a.after.chain[:], s.writer)
	writeEvents(b, a)
	writeStreams(b, a.state.Touched())
	writeCommands(b, a)
	for i, ops := range accept.Phases(a.state.Ops()) {
		writeClaims(b, ops, i%2 == 0)
	}
	for i, r := range a.requests {
		if v := a.verdicts[i]; v.Err == nil && v.Repeat == nil {
			// Queued anew for every attempt: pgx notes in a queued query under which
			// name it was prepared, also when the batch that prepared it was rolled back.
			for _, q := range r.secret {
				b.Queue(q.SQL, q.Arguments...)
			}
		}
	}
}

func writeEvents(b *pgx.Batch, a *attempt) {
	n := len(a.events)
	switch n {
	case 0:
		return
	case 1:
		e := &a.events[0]
		b.Queue(insertEvent, int64(e.Position), int64(e.Version), e.RecordedAt, [16]byte(e.Command), e.Schema, a.leaves[0][:],
			string(e.Stream), e.Type, e.Metadata.Actor, e.Metadata.Correlation, e.Metadata.Causation, e.Payload)
		return
	}
	var (
		versions = make([]int64, n)
		commands = make([][16]byte, n)
		schemas  = make([]int32, n)
		leaves   = make([][]byte, n)
		texts    = make([]string, 5*n) // one allocation for five columns
		payloads = make([][]byte, n)
	)
	streams, types, actors := texts[:n], texts[n:2*n], texts[2*n:3*n]
	correlations, causations := texts[3*n:4*n], texts[4*n:]
	for i := range a.events {
		e := &a.events[i]
		versions[i], commands[i], schemas[i] = int64(e.Version), e.Command, int32(e.Schema)
		leaves[i], payloads[i] = a.leaves[i][:], e.Payload
		streams[i], types[i] = string(e.Stream), e.Type
		actors[i], correlations[i], causations[i] = e.Metadata.Actor, e.Metadata.Correlation, e.Metadata.Causation
	}
	b.Queue(insertEvents, int64(a.before.last), a.after.recordedAt,
		versions, commands, schemas, leaves, streams, types, actors, correlations, causations, payloads)
}

// writeStreams moves the versions of written streams and checks those that were only read.
func writeStreams(b *pgx.Batch, touched []accept.Touched) {
	var (
		fresh, moved, read       []string
		freshTo, from, to, bases []int64
	)
	for _, t := range touched {
		switch {
		case t.Version == t.Base:
			read, bases = append(read, string(t.Stream)), append(bases, int64(t.Base))
		case t.Base == 0:
			fresh, freshTo = append(fresh, string(t.Stream)), append(freshTo, int64(t.Version))
		default:
			moved = append(moved, string(t.Stream))
			from, to = append(from, int64(t.Base)), append(to, int64(t.Version))
		}
	}
	switch len(fresh) {
	case 0:
	case 1:
		b.Queue(insertStream, fresh[0], freshTo[0])
	default:
		b.Queue(insertStreams, fresh, freshTo)
	}
	if len(moved) > 0 {
		b.Queue(moveStreams, moved, from, to)
	}
	if len(read) > 0 {
		b.Queue(checkStreams, read, bases)
	}
}

func writeCommands(b *pgx.Batch, a *attempt) {
	var (
		ids          [][16]byte
		heads        []int64
		counts       []int32
		prints, said [][]byte
	)
	for i, r := range a.requests {
		if v := a.verdicts[i]; v.Err != nil || v.Repeat != nil {
			continue
		}
		ids, heads = append(ids, r.cmd.ID), append(heads, int64(r.receipt.Head))
		counts = append(counts, int32(len(r.cmd.Events)))
		prints, said = append(prints, r.cmd.Fingerprint), append(said, r.cmd.Answer)
	}
	switch len(ids) {
	case 0:
	case 1:
		b.Queue(insertCommand, ids[0], a.after.batch, heads[0], counts[0], prints[0], said[0])
	default:
		b.Queue(insertCommands, a.after.batch, ids, heads, counts, prints, said)
	}
}

func writeClaims(b *pgx.Batch, ops []accept.Op, release bool) {
	if len(ops) == 0 {
		return
	}
	var (
		spaces, keys, streams = make([]string, len(ops)), make([]string, len(ops)), make([]string, len(ops))
		since, until          = make([]*time.Time, len(ops)), make([]*time.Time, len(ops))
		timed                 = make([]bool, len(ops))
	)
	for i, op := range ops {
		spaces[i], keys[i], streams[i], timed[i] = op.Space, op.Key, string(op.Stream), op.Timed()
		since[i], until[i] = bound(op.From), bound(op.To)
	}
	if release {
		b.Queue(releaseClaims, streams, spaces, keys)
		return
	}
	b.Queue(takeClaims, spaces, keys, streams, since, until, timed)
}

// bound is nil where a span has no end.
func bound(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
