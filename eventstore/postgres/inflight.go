package postgres

import (
	"context"
	"encoding/binary"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/eventstore"
)

// How long a question about another process may hold an order up unless Patient says
// otherwise, and for how long nobody asks after one that failed.
const (
	inflightWait  = 250 * time.Millisecond
	inflightPause = 2 * time.Second
)

// Inflight tells processes apart that run the same order at the same moment. It holds an
// advisory lock per order on one connection of its own, so a claim ends with the process that
// made it, however that ends. It is a courtesy: when it cannot be asked, orders run all the
// same, and the log accepts one of them.
type Inflight struct {
	store *Store
	wait  time.Duration
	turn  chan struct{} // of capacity 1: whoever holds it owns what follows
	conn  *pgx.Conn
	later time.Time // no question before it
}

// NewInflight returns the claims of one process.
func NewInflight(s *Store) *Inflight {
	return &Inflight{store: s, wait: inflightWait, turn: make(chan struct{}, 1)}
}

// Patient lets a question take so long, and returns f. It is for before f is used, where nothing
// may depend on how fast the machine is.
func (f *Inflight) Patient(d time.Duration) *Inflight {
	f.wait = d
	return f
}

// Claim reports whether no other process is running an order now. release gives it back.
func (f *Inflight) Claim(ctx context.Context, id eventstore.CommandID) (release func(), ok bool) {
	ok, err := f.ask(ctx, "select pg_try_advisory_lock($1, $2)", id)
	if err != nil {
		return func() {}, true
	}
	return func() {
		// The answer is known by now: the caller's hurry does not matter any more.
		_, _ = f.ask(context.WithoutCancel(ctx), "select pg_advisory_unlock($1, $2)", id) // a broken connection unlocks by itself
	}, ok
}

// Close ends the connection, and every claim with it.
func (f *Inflight) Close() {
	f.turn <- struct{}{}
	defer func() { <-f.turn }()
	f.drop()
}

var errPaused = errors.New("not asked: it failed a moment ago")

func (f *Inflight) ask(ctx context.Context, sql string, id eventstore.CommandID) (answer bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, f.wait)
	defer cancel()
	select {
	case f.turn <- struct{}{}:
	case <-ctx.Done():
		return false, ctx.Err()
	}
	defer func() { <-f.turn }()
	if time.Now().Before(f.later) {
		return false, errPaused
	}
	if f.conn == nil {
		if f.conn, err = f.store.open(ctx, "gad inflight", nil, nil); err != nil {
			f.conn, f.later = nil, time.Now().Add(inflightPause)
			return false, err
		}
	}
	// The pair of 32-bit keys is a space of its own: no other lock of ours is in it.
	a, b := int32(binary.BigEndian.Uint32(id[0:4])), int32(binary.BigEndian.Uint32(id[10:14]))
	if err = f.conn.QueryRow(ctx, sql, a, b).Scan(&answer); err != nil {
		f.drop()
		f.later = time.Now().Add(inflightPause)
	}
	return answer, err
}

func (f *Inflight) drop() {
	if f.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), inflightWait)
	defer cancel()
	_ = f.conn.Close(ctx)
	f.conn = nil
}
