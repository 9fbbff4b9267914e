package telemetry

import (
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

// The root must be the one that any RFC 6962 implementation computes.
func TestRootIsRFC6962(t *testing.T) {
	t.Parallel()
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, x := range indexes {
			out[i] = stored[x]
		}
		return out, nil
	})
	var leaves []tlog.Hash
	for n := int64(0); n <= 130; n++ {
		want, err := tlog.TreeHash(n, reader)
		if err != nil {
			t.Fatal(err)
		}
		if got := root(append([]tlog.Hash(nil), leaves...)); got != want {
			t.Fatalf("%d leaves: got %s, want %s", n, got, want)
		}
		record := fmt.Appendf(nil, "record %d", n)
		hashes, err := tlog.StoredHashes(n, record, reader)
		if err != nil {
			t.Fatal(err)
		}
		stored, leaves = append(stored, hashes...), append(leaves, tlog.RecordHash(record))
	}
}
