package live

import "github.com/grupo-gad/gad/eventstore"

// ring holds the last facts, densely. It is guarded by Hub.mu.
type ring struct {
	entries []*entry
	last    eventstore.Position // of the newest fact, or where the Hub began
	count   int
}

func newRing(size int, at eventstore.Position) *ring {
	return &ring{entries: make([]*entry, size), last: at}
}

func (r *ring) add(e *entry) {
	r.entries[int(e.position)%len(r.entries)] = e
	r.last = e.position
	r.count = min(r.count+1, len(r.entries))
}

// holds reports whether every fact after a position is here.
func (r *ring) holds(at eventstore.Position) bool {
	return at <= r.last && int64(at) >= int64(r.last)-int64(r.count)
}

// after returns up to limit facts after a position that it holds.
func (r *ring) after(at eventstore.Position, limit int) []*entry {
	n := min(limit, int(r.last-at))
	out := make([]*entry, n)
	for i := range out {
		out[i] = r.entries[(int(at)+1+i)%len(r.entries)]
	}
	return out
}
