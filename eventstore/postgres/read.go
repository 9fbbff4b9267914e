package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/accept"
)

const columns = `position, version, recorded_at, command, schema, stream, type, actor, correlation, causation, payload`

const (
	selectWindow = `select ` + columns + ` from eventos.log where position > $1 and position <= $2 order by position`
	selectStream = `select ` + columns + ` from eventos.log where stream = $1 and version > $2 order by version limit $3`
	selectFacts  = `select ` + columns + ` from eventos.log where stream = any($1) and type = any($2) order by stream, version limit $3`
	selectLast   = `select last from eventos.batches order by batch desc limit 1`
	selectWrote  = `select stream, max(version) from eventos.log where position > $1 and position <= $2
group by stream order by min(position)`
)

// errGap reports a log that lacks a position. It cannot happen to a log that only gad writes.
var errGap = errors.New("the log lacks a position")

func isGap(err error) bool { return errors.Is(err, errGap) }

// Head implements eventstore.LogReader.
func (s *Store) Head(ctx context.Context) (p eventstore.Position, err error) {
	err = s.retry(ctx, func() error { return s.pool.QueryRow(ctx, selectLast).Scan(&p) })
	if err != nil {
		return 0, away("read the head of the log", err)
	}
	return p, nil
}

// ReadLog implements eventstore.LogReader. Both processors decode while the rows arrive.
func (s *Store) ReadLog(ctx context.Context, after eventstore.Position, limit int) ([]eventstore.Recorded, error) {
	return s.fetch(ctx, s.pool, after, limit)
}

// querier is a pool, or a transaction that keeps what it sees.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

var _ querier = (*pgxpool.Pool)(nil)

func (s *Store) fetch(ctx context.Context, q querier, after eventstore.Position, limit int) ([]eventstore.Recorded, error) {
	after = max(after, 0)
	if limit <= 0 {
		return nil, nil
	}
	to := int64(math.MaxInt64)
	if int64(after) <= math.MaxInt64-int64(limit) {
		to = int64(after) + int64(limit)
	}
	var events []eventstore.Recorded
	err := s.retry(ctx, func() error {
		rows, err := q.Query(ctx, selectWindow, int64(after), to)
		if err == nil {
			events, err = s.collect(rows, limit)
		}
		return err
	})
	if err != nil {
		return nil, away("read the log", err)
	}
	for i := range events {
		if want := after + 1 + eventstore.Position(i); events[i].Position != want {
			return nil, fmt.Errorf("read the log: %w: %d", errGap, want)
		}
	}
	return events, nil
}

// streamPage is how many events of a stream are read at a time.
const streamPage = 1000

// ReadStream implements eventstore.StreamReader. It holds no connection while the caller works.
func (s *Store) ReadStream(ctx context.Context, stream eventstore.StreamID, after eventstore.Version) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for {
			events, err := s.readStream(ctx, stream, after)
			if err != nil {
				yield(eventstore.Recorded{}, away("read "+string(stream), err))
				return
			}
			for _, e := range events {
				if e.Version != after+1 {
					yield(eventstore.Recorded{}, fmt.Errorf("read %s: version %d is missing", stream, after+1))
					return
				}
				if !yield(e, nil) {
					return
				}
				after = e.Version
			}
			if len(events) < streamPage {
				return
			}
		}
	}
}

func (s *Store) readStream(ctx context.Context, stream eventstore.StreamID, after eventstore.Version) (events []eventstore.Recorded, err error) {
	err = s.retry(ctx, func() error {
		rows, err := s.pool.Query(ctx, selectStream, string(stream), int64(after), streamPage)
		if err == nil {
			events, err = s.collect(rows, streamPage)
		}
		return err
	})
	return events, err
}

// mostFacts bounds what one look at several streams brings.
const mostFacts = 10_000

// ReadFacts returns the facts of some names in some streams, each stream in its order: one
// question, however many streams there are.
func (s *Store) ReadFacts(ctx context.Context, streams []eventstore.StreamID, names []string) (events []eventstore.Recorded, err error) {
	if len(streams) == 0 || len(names) == 0 {
		return nil, nil
	}
	err = s.retry(ctx, func() error {
		rows, err := s.pool.Query(ctx, selectFacts, streams, names, mostFacts)
		if err == nil {
			events, err = s.collect(rows, mostFacts)
		}
		return err
	})
	if err != nil {
		return nil, away("read some facts of several streams", err)
	}
	return events, nil
}

// Command implements eventstore.CommandReader.
func (s *Store) Command(ctx context.Context, id eventstore.CommandID) (eventstore.Receipt, bool, error) {
	var k accept.Known
	err := s.retry(ctx, func() (err error) {
		k, err = scanCommand(s.pool.QueryRow(ctx, selectCommands, [][16]byte{id}))
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return eventstore.Receipt{}, false, nil
	}
	if err != nil {
		return eventstore.Receipt{}, false, away("look for a command", err)
	}
	k.Receipt.Repeated, k.Receipt.Fingerprint = true, k.Fingerprint
	receipt, err := s.complete(ctx, *k.Receipt)
	return receipt, err == nil, err
}

// complete reads which streams a command found in the log has written: the log knows, so the
// row of the command does not repeat it.
func (s *Store) complete(ctx context.Context, r eventstore.Receipt) (eventstore.Receipt, error) {
	if r.First == 0 || r.Streams != nil {
		return r, nil
	}
	err := s.retry(ctx, func() error {
		rows, err := s.pool.Query(ctx, selectWrote, int64(r.First-1), int64(r.Last))
		if err == nil {
			r.Streams, err = pgx.CollectRows(rows, pgx.RowToStructByPos[eventstore.Expectation])
		}
		return err
	})
	if err != nil {
		return eventstore.Receipt{}, away("read what a command wrote", err)
	}
	return r, nil
}
