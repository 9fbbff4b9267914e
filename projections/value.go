package projections

import (
	"encoding/hex"
	"strings"
	"time"

	"github.com/grupo-gad/gad/eventstore"
)

// Micro returns t as PostgreSQL keeps it. Folds cut every time on its way in, so that a row
// that was stored and read again equals one that stayed in memory.
func Micro(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// MicroPtr is Micro for a time that may be missing.
func MicroPtr(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	return new(Micro(*t))
}

// UUID returns the binary form of a canonical identifier for COPY, and null for an empty one.
// Text that is no UUID is handed on as it is, so that the database refuses it.
func UUID[T ~string](id T) any {
	if id == "" {
		return nil
	}
	var b [16]byte
	if n, err := hex.Decode(b[:], []byte(strings.ReplaceAll(string(id), "-", ""))); err != nil || n != len(b) {
		return string(id)
	}
	return b
}

// UUIDs is UUID for an array, never null.
func UUIDs[T ~string](ids []T) [][16]byte {
	out := make([][16]byte, 0, len(ids))
	for _, id := range ids {
		if b, ok := UUID(id).([16]byte); ok {
			out = append(out, b)
		}
	}
	return out
}

// Category returns the part of a stream id before the first dash, and Key the part after it.
func Category(s eventstore.StreamID) string {
	category, _, _ := strings.Cut(string(s), "-")
	return category
}

// Key returns the identifier in a stream id.
func Key(s eventstore.StreamID) string {
	_, key, _ := strings.Cut(string(s), "-")
	return key
}

// Keys lists the identifiers of the streams of a category that a window continues; those it
// starts have no rows to load.
func Keys(window []eventstore.Recorded, category string) []string {
	seen := make(map[eventstore.StreamID]bool, len(window))
	var keys []string
	for _, r := range window {
		if seen[r.Stream] || Category(r.Stream) != category {
			continue
		}
		seen[r.Stream] = true
		if r.Version > 1 {
			keys = append(keys, Key(r.Stream))
		}
	}
	return keys
}
