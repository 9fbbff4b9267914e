// Package codec turns events into the bytes that are stored and hashed, and back.
//
// It promises that a payload has one byte form only (canonical JSON, RFC 8785), that a record
// covers the whole envelope and not just the payload, and that no two different events share a
// record. What follows is all that an offline verifier needs to know.
//
// # Record
//
// The record of an event is the concatenation of twelve parts, each preceded by its length in
// bytes (uint32, big endian):
//
//	 1  "gad/evento/1"
//	 2  position      uint64, big endian: 8 bytes
//	 3  stream        UTF-8
//	 4  version       uint64, big endian: 8 bytes
//	 5  type          UTF-8, the stored event name
//	 6  schema        uint32, big endian: 4 bytes
//	 7  recorded_at   int64, big endian: microseconds since 1970-01-01T00:00:00Z, 8 bytes
//	 8  actor         UTF-8
//	 9  correlation   UTF-8
//	10  causation     UTF-8
//	11  command       16 bytes
//	12  payload       the stored bytes, never a new serialisation of them
//
// # Hashes
//
//	leaf  = SHA-256(0x00 || record)
//	root  = RFC 6962 Merkle tree hash of a batch's leaves in order; an inner node is
//	        SHA-256(0x01 || left || right); the root of no leaves is SHA-256("")
//	chain = SHA-256(chain of the batch before || root); the chain of batch 0 is 32 zero bytes
//
// The package imports the standard library, the domain and the port; it has no state but the
// catalogue and is safe for concurrent use.
package codec

import (
	"fmt"

	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/eventstore"
)

// Codec writes and reads the events of one catalogue.
type Codec struct {
	catalog *event.Catalog
}

// New returns a Codec for the events of a catalogue.
func New(catalog *event.Catalog) *Codec { return &Codec{catalog: catalog} }

// Encoded is an event as it is stored.
type Encoded struct {
	Type    string
	Schema  int
	Payload []byte // canonical JSON
}

// Encode returns the stored form of e. It refuses what could not be read back the same: an
// event without a definition, a string that is not UTF-8, an integer no double can hold.
func (c *Codec) Encode(e event.Event) (Encoded, error) {
	schema, err := c.catalog.Version(e)
	if err != nil {
		return Encoded{}, err
	}
	payload, err := marshal(e)
	if err != nil {
		return Encoded{}, fmt.Errorf("encode %s: %w", e.EventName(), err)
	}
	return Encoded{Type: e.EventName(), Schema: schema, Payload: payload}, nil
}

// Decode fills r.Event from r.Type, r.Schema and r.Payload, or r.Err when this build cannot.
// One unreadable event must not stop the reading of the others.
func (c *Codec) Decode(r *eventstore.Recorded) { c.DecodeText(r, string(r.Payload)) }

// DecodeText is Decode for whoever has the payload as text already; the strings of the event
// become parts of it.
func (c *Codec) DecodeText(r *eventstore.Recorded, text string) {
	r.Event, r.Err = c.catalog.Decode(r.Type, r.Schema, func(v any) error { return unmarshal(text, v) })
	if r.Err != nil {
		r.Event = nil
	}
}
