package postgres

import (
	"errors"
	"sync"

	"github.com/grupo-gad/gad/eventstore"
)

// ringEvents is about how many of the newest events are kept in memory for followers.
const ringEvents = 16384

// errRewound reports that the log is shorter than it was: a restore from a backup.
var errRewound = errors.New("the log moved back: it was restored from an older copy")

// ring holds the newest events of the log, without a gap, in the batches they came in.
type ring struct {
	mu      sync.Mutex
	last    eventstore.Position // everything up to here went through, kept or not
	batches []*ringBatch        // contiguous, the newest ends at last
	kept    int                 // events in batches
	rewinds int                 // how often the log moved back
	moved   chan struct{}       // closed when last changes
}

// ringBatch is what one commit, or one read, brought. Its events are decoded when the first
// follower asks for them.
type ringBatch struct {
	first, last eventstore.Position
	once        sync.Once
	events      []eventstore.Recorded
}

func newRing(last eventstore.Position) *ring {
	return &ring{last: last, moved: make(chan struct{})}
}

// push adds the events after a position. It reports false, and changes nothing, when what
// came between is missing.
func (r *ring) push(after eventstore.Position, events []eventstore.Recorded) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := eventstore.Position(len(events))
	switch {
	case after > r.last:
		return false
	case n == 0 || after < r.last && after+n <= r.last:
		return true // the feed was quicker and has read it already
	case after < r.last:
		events = events[r.last-after:]
		after = r.last
	}
	b := &ringBatch{first: after + 1, last: after + eventstore.Position(len(events)), events: events}
	r.batches = append(r.batches, b)
	r.kept += len(events)
	for len(r.batches) > 1 && r.kept-len(r.batches[0].events) >= ringEvents {
		r.kept -= len(r.batches[0].events)
		r.batches[0] = nil
		r.batches = r.batches[1:]
	}
	r.advance(b.last)
	return true
}

// rewind forgets everything: the log ends at last now, which is less than it was.
func (r *ring) rewind(last eventstore.Position) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.batches, r.kept = nil, 0
	r.rewinds++
	r.advance(last)
}

func (r *ring) advance(last eventstore.Position) {
	r.last = last
	close(r.moved)
	r.moved = make(chan struct{})
}

func (r *ring) head() eventstore.Position {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last
}

// window is what the ring has for a follower.
type window struct {
	batch   *ringBatch // the batch that holds the next position, nil when it is not kept
	last    eventstore.Position
	rewinds int
	moved   <-chan struct{} // closed when there is more
}

func (r *ring) after(p eventstore.Position) window {
	r.mu.Lock()
	defer r.mu.Unlock()
	w := window{last: r.last, rewinds: r.rewinds, moved: r.moved}
	for i := len(r.batches) - 1; i >= 0 && r.batches[i].last > p; i-- {
		if r.batches[i].first <= p+1 {
			w.batch = r.batches[i]
			break
		}
	}
	return w
}

// since returns the decoded events after a position. They are shared: nobody may modify them.
func (b *ringBatch) since(p eventstore.Position, decode func(*eventstore.Recorded)) []eventstore.Recorded {
	b.once.Do(func() {
		for i := range b.events {
			if b.events[i].Event == nil && b.events[i].Err == nil {
				decode(&b.events[i])
			}
		}
	})
	return b.events[p+1-b.first:]
}

// skip moves the ring to a position beyond its end without the events in between.
func (r *ring) skip(to eventstore.Position) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if to > r.last {
		r.batches, r.kept = nil, 0
		r.advance(to)
	}
}
