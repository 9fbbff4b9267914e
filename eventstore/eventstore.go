// Package eventstore is the promise the log makes. Its adapters keep it:
// postgres for real, memory for tests, and storetest proves both.
//
//  1. Durable. An acknowledged append survives kill -9 of any process and loss of power.
//  2. Dense total order. Positions are 1..N without gaps and become visible in
//     that order; so are the versions of each stream. A reader that remembers
//     its position misses nothing, ever.
//  3. Optimistic concurrency over one or several streams, all or nothing,
//     streams that were only read included. A refused command never harms its
//     neighbours in a batch.
//  4. Exactly-once acceptance. A command id is accepted once, for ever; a repeat
//     gets the first Receipt, also when the first changed nothing. An unknown
//     outcome is settled by sending the same id again. Refusals are not recorded.
//  5. Immutable. No role of the application can change or remove what was written.
package eventstore

import (
	"context"
	"iter"
	"time"

	"github.com/grupo-gad/gad/domain/claim"
	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/sealed"
)

// StreamID names the history of one aggregate: "tarea-<uuid>".
type StreamID string

// Version counts the events of a stream. A stream that does not exist is at 0.
type Version int64

// Position is a place in the whole log, from 1.
type Position int64

// Metadata answers who, because of what, and in which conversation.
type Metadata struct {
	Actor       string // "usuario-<uuid>" or "sistema:<role>"
	Correlation string // request or conversation, and the trace of it: see Correlated
	Causation   string // what made it happen: "telegram:123", "evento:42"; "" for a person's own order
}

// Expectation is a stream as it was when the decision was taken.
type Expectation struct {
	Stream  StreamID
	Version Version
}

// Draft is a decided event that has no place in the log yet.
type Draft struct {
	Stream StreamID
	Event  event.Event
}

// Append is one command's outcome on its way to the log.
type Append struct {
	Command CommandID
	// Fingerprint is a keyed hash of the request; nil when the id was not
	// chosen by a client. A repeat with another fingerprint is refused.
	Fingerprint []byte
	Metadata    Metadata
	// Expected lists every stream the decision read, written or not.
	Expected []Expectation
	// Events in order. Every stream among them is in Expected. May be empty: the
	// command id and the Answer are recorded all the same.
	Events []Draft
	Claims []Claim
	// Secrets are the texts behind the commitments in Events; they are sealed
	// into the vault in the same transaction.
	Secrets []sealed.Text
	// Answer is kept with the command id and handed to whoever repeats it.
	Answer []byte
}

// Claim is a change of what a stream holds.
type Claim struct {
	Stream StreamID
	claim.Change
}

// Receipt tells what was recorded for a command.
type Receipt struct {
	Command     CommandID
	First, Last Position // 0, 0 when nothing changed
	// Head is the position of the log right after the command: a read model at
	// Head or later knows what the command did, or that it changed nothing.
	Head       Position
	Streams    []Expectation // the written streams, at their new versions
	RecordedAt time.Time
	Answer     []byte
	Repeated   bool // an earlier acceptance, returned again
	// Fingerprint of the request that was accepted, as CommandReader finds it.
	Fingerprint []byte
}

// Recorded is an event with its place in history.
type Recorded struct {
	Position   Position
	Stream     StreamID
	Version    Version
	Type       string // stored event name
	Schema     int    // version of the payload
	RecordedAt time.Time
	Metadata   Metadata
	Command    CommandID
	Payload    []byte // exact stored bytes, canonical JSON; not to be modified
	// Event is nil when this build has no definition for (Type, Schema) or the
	// payload does not decode; Err then says which.
	Event event.Event
	Err   error
}

// Appender writes.
type Appender interface {
	// Append records a command. It fails with ErrStale when an expected version
	// moved, with a claim's Refusal when somebody else holds it, with
	// ErrCommandReused, or with ErrUnavailable when the outcome is unknown or
	// the database is away: send the same command id again to settle it.
	Append(ctx context.Context, a Append) (Receipt, error)
}

// CommandReader knows what became of commands.
type CommandReader interface {
	// Command returns the receipt of an accepted command, or false.
	Command(ctx context.Context, id CommandID) (Receipt, bool, error)
}

// StreamReader reads one history, oldest first.
type StreamReader interface {
	ReadStream(ctx context.Context, stream StreamID, after Version) iter.Seq2[Recorded, error]
}

// LogReader reads every history, in log order.
type LogReader interface {
	// ReadLog returns up to limit events with positions after the given one,
	// without gaps: result[i].Position == after+1+i.
	ReadLog(ctx context.Context, after Position, limit int) ([]Recorded, error)
	// Head returns the last position of the log.
	Head(ctx context.Context) (Position, error)
}

// Follower wakes readers.
type Follower interface {
	// Follow yields every event after a position in log order, waiting for new
	// ones, until ctx ends. Batches come from the in-process ring when they are
	// still there and from the log otherwise.
	Follow(ctx context.Context, after Position) iter.Seq2[[]Recorded, error]
}

// Store is the whole promise.
type Store interface {
	Appender
	CommandReader
	StreamReader
	LogReader
	Follower
}
