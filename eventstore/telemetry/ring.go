package telemetry

import (
	"sync"

	"github.com/grupo-gad/gad/eventstore"
)

// ring holds the newest batches, dense.
type ring struct {
	max int // fixes

	mu      sync.Mutex // guards what follows
	batches []eventstore.TelemetryBatch
	fixes   int
	last    eventstore.Batch // batches end here, also when there are none
	resets  int
}

func newRing(head eventstore.Batch, limit int) *ring { return &ring{max: limit, last: head} }

// add appends b if it is the next one and reports whether it was.
func (r *ring) add(b eventstore.TelemetryBatch) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if b.Batch != r.last+1 {
		return false
	}
	r.batches, r.last = append(r.batches, b), b.Batch
	r.fixes += len(b.Fixes)
	for r.fixes > r.max && len(r.batches) > 1 {
		r.fixes -= len(r.batches[0].Fixes)
		r.batches = r.batches[1:] // append moves the rest when it runs out of room
	}
	return true
}

// after returns the batches after n. held is false when the next one is older
// than the ring. The slice is not to be modified.
func (r *ring) after(n eventstore.Batch) (batches []eventstore.TelemetryBatch, held bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n >= r.last {
		return nil, true
	}
	first := r.last + 1 - eventstore.Batch(len(r.batches))
	if n+1 < first {
		return nil, false
	}
	return r.batches[n+1-first : len(r.batches) : len(r.batches)], true
}

func (r *ring) end() (last eventstore.Batch, resets int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last, r.resets
}

// reset forgets everything: the log was restored and ends at head.
func (r *ring) reset(head eventstore.Batch) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.batches, r.fixes, r.last = nil, 0, head
	r.resets++
}
