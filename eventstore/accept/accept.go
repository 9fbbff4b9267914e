// Package accept decides which commands of a batch enter the log. It is the one place where
// that is decided, for every store: a pure function of what the commands expect and of what
// the log holds, without a database.
//
// It promises that the accepted commands, taken in order, are right one after the other: each
// expectation holds when its turn comes, no id is accepted twice, no claim is held twice. A
// refused command leaves no trace, so that it never harms the ones behind it.
//
// A State is used in one of two ways. A complete one holds everything the commands ask about
// (memory; the careful path of postgres), and its verdicts are final. A trusting one holds
// nothing: what it has not seen is taken to be as the first command expects it, and its
// verdicts hold if the database, guarding every such guess, takes the whole batch.
package accept

import (
	"bytes"

	"github.com/grupo-gad/gad/eventstore"
)

// Known is a command id that was accepted.
type Known struct {
	Receipt     *eventstore.Receipt // filled by the caller once the batch has a place
	Fingerprint []byte
}

// Touched is a stream that accepted commands read or wrote.
type Touched struct {
	Stream  eventstore.StreamID
	Base    eventstore.Version // before the batch
	Version eventstore.Version // after it
}

// Verdict says what becomes of a command. Exactly one of its three forms applies: Err,
// Repeat, or neither, which is acceptance.
type Verdict struct {
	Err    error  // refused
	Repeat *Known // accepted before
	// Versions of the command's events, in order, when it is accepted.
	Versions []eventstore.Version
}

// State is the log as far as a batch needs to know it. It is not safe for concurrent use.
type State struct {
	trusting bool
	touched  []Touched
	index    map[eventstore.StreamID]int // in touched
	commands map[eventstore.CommandID]*Known
	claims   Claims
	ops      []Op
}

// NewState returns a State that knows of nothing. See the package comment for trusting.
func NewState(trusting bool) *State {
	return &State{
		trusting: trusting,
		index:    map[eventstore.StreamID]int{},
		commands: map[eventstore.CommandID]*Known{},
		claims:   Claims{held: map[spaceKey][]Held{}, keys: map[streamSpace][]string{}},
	}
}

// SetVersion says at which version a stream is before the batch.
func (s *State) SetVersion(stream eventstore.StreamID, v eventstore.Version) {
	s.index[stream] = len(s.touched)
	s.touched = append(s.touched, Touched{Stream: stream, Base: v, Version: v})
}

// SetCommand says that an id was accepted.
func (s *State) SetCommand(id eventstore.CommandID, k *Known) { s.commands[id] = k }

// Hold says what a stream holds before the batch.
func (s *State) Hold(h Held) { s.claims.take(h) }

// Touched returns the streams of the accepted commands. In a complete State these are all
// the streams it was told of.
func (s *State) Touched() []Touched { return s.touched }

// Ops returns the changes of claims that the accepted commands make, in order.
func (s *State) Ops() []Op { return s.ops }

// Claims returns everything held, for a State that is kept.
func (s *State) Claims() *Claims { return &s.claims }

// Version returns the version of a stream, 0 when it was never heard of.
func (s *State) Version(stream eventstore.StreamID) eventstore.Version {
	if i, ok := s.index[stream]; ok {
		return s.touched[i].Version
	}
	return 0
}

// Known returns an accepted id.
func (s *State) Known(id eventstore.CommandID) (*Known, bool) {
	k, ok := s.commands[id]
	return k, ok
}

// Forget clears what one batch did, for a State that is kept: the next batch starts from here.
func (s *State) Forget() { s.ops = s.ops[:0] }

// Decide takes the next command. accepted is what the id will be known by when it is.
func (s *State) Decide(c *Command, accepted *eventstore.Receipt) Verdict {
	if k, ok := s.commands[c.ID]; ok {
		// Only ids that somebody outside chose carry a fingerprint.
		if k.Fingerprint != nil && c.Fingerprint != nil && !bytes.Equal(k.Fingerprint, c.Fingerprint) {
			return Verdict{Err: eventstore.ErrCommandReused}
		}
		return Verdict{Repeat: k}
	}
	if !s.expected(c.Expected) {
		return Verdict{Err: eventstore.ErrStale}
	}
	// Nothing has changed yet: from here on only a claim can refuse, and it undoes its own.
	ops, refusal := s.claims.apply(c.Claims)
	if refusal != nil {
		return Verdict{Err: refusal}
	}
	s.ops = append(s.ops, ops...)
	for _, e := range c.Expected {
		if _, ok := s.index[e.Stream]; !ok {
			s.SetVersion(e.Stream, e.Version)
		}
	}
	versions := make([]eventstore.Version, len(c.Events))
	for i := range c.Events {
		t := &s.touched[s.index[c.Events[i].Stream]]
		t.Version++
		versions[i] = t.Version
	}
	s.commands[c.ID] = &Known{Receipt: accepted, Fingerprint: c.Fingerprint}
	return Verdict{Versions: versions}
}

func (s *State) expected(list []eventstore.Expectation) bool {
	for i, e := range list {
		at, ok := s.index[e.Stream]
		switch {
		case ok && s.touched[at].Version != e.Version:
			return false
		case ok:
		case !s.trusting && e.Version != 0:
			return false
		case contradicts(list[:i], e):
			return false
		}
	}
	return true
}

// contradicts reports whether the same command expected something else of the same stream.
func contradicts(earlier []eventstore.Expectation, e eventstore.Expectation) bool {
	for _, x := range earlier {
		if x.Stream == e.Stream && x.Version != e.Version {
			return true
		}
	}
	return false
}

// Wrote adds a written event to the streams of a receipt: each once, at its newest version, in
// the order of their first events.
func Wrote(list []eventstore.Expectation, stream eventstore.StreamID, v eventstore.Version) []eventstore.Expectation {
	for i := range list {
		if list[i].Stream == stream {
			list[i].Version = v
			return list
		}
	}
	return append(list, eventstore.Expectation{Stream: stream, Version: v})
}
