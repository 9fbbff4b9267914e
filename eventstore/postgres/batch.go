package postgres

import (
	"time"

	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/accept"
	"github.com/grupo-gad/gad/eventstore/codec"
)

// head is the end of the log: the row of the newest batch.
type head struct {
	batch      int64
	last       eventstore.Position
	recordedAt time.Time
	chain      codec.Hash
}

// attempt is a batch as it was decided and is about to be written.
type attempt struct {
	before, after head
	root          codec.Hash
	requests      []*request
	verdicts      []accept.Verdict // by request
	state         *accept.State
	events        []eventstore.Recorded // the accepted ones; Event is not decoded yet
	leaves        []codec.Hash
}

// decide takes the requests in order and gives the accepted ones their places after head.
func (s *Store) decide(state *accept.State, at head, requests []*request) *attempt {
	a := &attempt{
		before: at, after: head{batch: at.batch + 1, last: at.last, recordedAt: s.stamp(at)},
		requests: requests, verdicts: make([]accept.Verdict, len(requests)), state: state,
		events: make([]eventstore.Recorded, 0, len(requests)+len(requests)/2),
	}
	for i, r := range requests {
		v := state.Decide(r.cmd, &r.receipt)
		a.verdicts[i] = v
		if v.Err != nil || v.Repeat != nil {
			continue
		}
		a.place(r, v.Versions)
	}
	a.hash()
	return a
}

// stamp returns the recorded_at of the batch after head: our clock's, but never backwards.
func (s *Store) stamp(h head) time.Time {
	now := s.now().UTC().Truncate(time.Microsecond)
	if now.Before(h.recordedAt) {
		return h.recordedAt
	}
	return now
}

func (a *attempt) place(r *request, versions []eventstore.Version) {
	r.receipt = eventstore.Receipt{Command: r.cmd.ID, RecordedAt: a.after.recordedAt, Answer: r.cmd.Answer}
	for i, e := range r.cmd.Events {
		a.after.last++
		a.events = append(a.events, eventstore.Recorded{
			Position: a.after.last, Stream: e.Stream, Version: versions[i], Type: e.Type, Schema: e.Schema,
			RecordedAt: a.after.recordedAt, Metadata: r.cmd.Metadata, Command: r.cmd.ID, Payload: e.Payload,
		})
		r.receipt.Streams = accept.Wrote(r.receipt.Streams, e.Stream, versions[i])
	}
	if n := eventstore.Position(len(versions)); n > 0 {
		r.receipt.First, r.receipt.Last = a.after.last-n+1, a.after.last
	}
	r.receipt.Head = a.after.last
}

func (a *attempt) hash() {
	a.leaves = make([]codec.Hash, len(a.events))
	scratch := make([]byte, 0, 1024)
	for i := range a.events {
		a.leaves[i], scratch = codec.Leaf(scratch, &a.events[i])
	}
	a.root = codec.Root(a.leaves)
	a.after.chain = codec.Chain(a.before.chain, a.root)
}

// accepted reports whether any command of the attempt is to be recorded.
func (a *attempt) accepted() bool {
	for _, v := range a.verdicts {
		if v.Err == nil && v.Repeat == nil {
			return true
		}
	}
	return false
}

// answer tells every caller what became of his command. The attempt has been committed.
func (a *attempt) answer() {
	for i, r := range a.requests {
		switch v := a.verdicts[i]; {
		case v.Err != nil:
			r.answer(eventstore.Receipt{}, v.Err)
		case v.Repeat != nil:
			receipt := *v.Repeat.Receipt
			receipt.Repeated = !r.recorded(receipt)
			r.answer(receipt, nil)
		default:
			r.answer(r.receipt, nil)
		}
	}
}

// recorded reports whether a receipt found in the log is of our own attempt, whose outcome
// was unknown: then nobody repeated anything.
func (r *request) recorded(found eventstore.Receipt) bool {
	return r.sent != nil && found.Head == r.receipt.Head && found.RecordedAt.Equal(r.sent.after.recordedAt)
}
