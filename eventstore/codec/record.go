package codec

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/grupo-gad/gad/eventstore"
)

// Hash is a SHA-256 digest: a leaf, a root or a chain.
type Hash [sha256.Size]byte

// recordTag names the format of a record; another format gets another tag.
const recordTag = "gad/evento/1"

// AppendRecord appends the record of r to dst. It reads the envelope and Payload, never Event.
func AppendRecord(dst []byte, r *eventstore.Recorded) []byte {
	dst = part(dst, recordTag)
	dst = part64(dst, uint64(r.Position))
	dst = part(dst, string(r.Stream))
	dst = part64(dst, uint64(r.Version))
	dst = part(dst, r.Type)
	dst = binary.BigEndian.AppendUint32(dst, 4)
	dst = binary.BigEndian.AppendUint32(dst, uint32(r.Schema))
	dst = part64(dst, uint64(r.RecordedAt.UnixMicro()))
	dst = part(dst, r.Metadata.Actor)
	dst = part(dst, r.Metadata.Correlation)
	dst = part(dst, r.Metadata.Causation)
	dst = part(dst, string(r.Command[:]))
	return part(dst, string(r.Payload))
}

func part(dst []byte, s string) []byte {
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(s)))
	return append(dst, s...)
}

func part64(dst []byte, v uint64) []byte {
	dst = binary.BigEndian.AppendUint32(dst, 8)
	return binary.BigEndian.AppendUint64(dst, v)
}

// Leaf returns the leaf of r. scratch is overwritten and returned for the next call; nil will do.
func Leaf(scratch []byte, r *eventstore.Recorded) (leaf Hash, reuse []byte) {
	scratch = append(scratch[:0], 0x00) // leaves and nodes never hash the same bytes
	scratch = AppendRecord(scratch, r)
	return sha256.Sum256(scratch), scratch
}

// Root returns the RFC 6962 tree hash of leaves.
func Root(leaves []Hash) Hash {
	switch len(leaves) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return leaves[0]
	}
	split := 1 // the largest power of two below len(leaves)
	for split*2 < len(leaves) {
		split *= 2
	}
	return node(Root(leaves[:split]), Root(leaves[split:]))
}

func node(left, right Hash) Hash {
	var buf [1 + 2*sha256.Size]byte
	buf[0] = 0x01
	copy(buf[1:], left[:])
	copy(buf[1+sha256.Size:], right[:])
	return sha256.Sum256(buf[:])
}

// Chain links a batch's root to everything before it.
func Chain(previous, root Hash) Hash {
	var buf [2 * sha256.Size]byte
	copy(buf[:], previous[:])
	copy(buf[sha256.Size:], root[:])
	return sha256.Sum256(buf[:])
}
