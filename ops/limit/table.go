package limit

import (
	"hash/maphash"
	"sync"
	"time"
)

// table is the mirror of one name: the same arithmetic as take.lua in this process. A bucket
// that is full again is the same as no bucket, so old entries can go at any time.
type table struct {
	seed   maphash.Seed // unknown outside: nobody can aim at another's bucket
	max    int
	strict bool

	mu    sync.Mutex
	full  map[uint64]time.Time // when each bucket is full again
	swept time.Time
}

func newTable(entries int, strict bool) *table {
	return &table{seed: maphash.MakeSeed(), max: entries, strict: strict, full: map[uint64]time.Time{}}
}

func (t *table) id(key string) uint64 { return maphash.String(t.seed, key) }

// decide is what the rule says of one more request, and when the bucket is full after it.
func decide(full time.Time, rule Rule, now time.Time) (Result, time.Time) {
	every, span := rule.every(), rule.every()*time.Duration(rule.Holds())
	if full.Before(now) {
		full = now
	}
	if latest := now.Add(span); full.After(latest) {
		full = latest
	}
	after := full.Sub(now) + every
	if after > span {
		return Result{RetryAfter: after - span, Reset: full.Sub(now)}, full
	}
	return Result{Allowed: true, Remaining: int((span - after) / every), Reset: after}, full.Add(every)
}

// look decides without taking.
func (t *table) look(id uint64, rule Rule, now time.Time) Result {
	t.mu.Lock()
	defer t.mu.Unlock()
	full, ok := t.full[id]
	if !ok {
		return Result{Allowed: true}
	}
	r, _ := decide(full, rule, now)
	return r
}

// note records what Redis admitted.
func (t *table) note(id uint64, rule Rule, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.room(id, now) {
		_, t.full[id] = decide(t.full[id], rule, now)
	}
}

// take decides and records.
func (t *table) take(id uint64, rule Rule, now time.Time) Result {
	t.mu.Lock()
	defer t.mu.Unlock()
	r, full := decide(t.full[id], rule, now)
	switch {
	case !r.Allowed:
	case t.room(id, now):
		t.full[id] = full
	case t.strict:
		// Nobody can count him, so nobody can tell how often he has tried.
		return Result{RetryAfter: sweepEvery, Reset: sweepEvery}
	}
	return r
}

// sweepEvery bounds what a full table costs: one walk a second.
const sweepEvery = time.Second

// room reports whether id can be recorded.
func (t *table) room(id uint64, now time.Time) bool {
	if _, ok := t.full[id]; ok || len(t.full) < t.max {
		return true
	}
	if since := now.Sub(t.swept); since >= 0 && since < sweepEvery {
		return false
	}
	t.swept = now
	for k, full := range t.full {
		if !full.After(now) {
			delete(t.full, k)
		}
	}
	return len(t.full) < t.max
}
