package accept

import (
	"slices"
	"time"

	"github.com/grupo-gad/gad/domain/claim"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/eventstore"
)

// Held is a claim that a stream holds: a key, or a key for [From, To) when one of them is
// set; a zero From or To is no bound.
type Held struct {
	Stream     eventstore.StreamID
	Space, Key string
	From, To   time.Time
}

// Timed reports whether h is held for a span of time only.
func (h Held) Timed() bool { return !h.From.IsZero() || !h.To.IsZero() }

// Op is one change of what is held. Key is empty in a Release of everything in Space.
type Op struct {
	Release bool
	Held
}

// Claim is a change that a command asks for.
type Claim struct {
	Op
	Refusal *fault.Error
}

type spaceKey struct{ space, key string }

type streamSpace struct {
	stream eventstore.StreamID
	space  string
}

// Claims is what streams hold. The zero value cannot be written to; see NewState.
type Claims struct {
	held map[spaceKey][]Held
	keys map[streamSpace][]string // of the claims of a stream, one entry per claim
}

// All yields every claim held, in no order.
func (c *Claims) All(yield func(Held) bool) {
	for _, list := range c.held {
		for _, h := range list {
			if !yield(h) {
				return
			}
		}
	}
}

// Apply makes one change, or fails when another stream stands against it.
func (c *Claims) Apply(op Op) error {
	_, err := c.apply([]Claim{{Op: op}})
	return err
}

// apply makes a command's changes and returns those that change anything, or undoes them
// all and returns the refusal of the first that somebody else stands against.
func (c *Claims) apply(list []Claim) ([]Op, error) {
	if len(list) == 0 {
		return nil, nil
	}
	var (
		ops  []Op
		undo []func()
	)
	for _, x := range list {
		if x.Release {
			for _, h := range c.release(x.Held) {
				undo = append(undo, func() { c.take(h) })
			}
			// Also when nothing was seen to be released: a trusting state has not seen all.
			ops = append(ops, x.Op)
			continue
		}
		mine, theirs := c.against(x.Held)
		switch {
		case theirs != "":
			for _, f := range slices.Backward(undo) {
				f()
			}
			if x.Refusal == nil {
				return nil, eventstore.ErrStale
			}
			return nil, x.Refusal.Because(eventstore.TakenError{By: theirs})
		case !mine:
			c.take(x.Held)
			undo = append(undo, func() { c.drop(x.Held) })
			ops = append(ops, x.Op)
		}
	}
	return ops, nil
}

// against reports whether the stream of h holds exactly h already, and which other stream
// holds something that excludes it: the first one found, "" when none does.
func (c *Claims) against(h Held) (mine bool, theirs eventstore.StreamID) {
	for _, x := range c.held[spaceKey{h.Space, h.Key}] {
		switch {
		case x.Timed() != h.Timed():
			// A space is of one kind or the other; the database keeps them apart as well.
		case x.Stream == h.Stream:
			mine = mine || x.From.Equal(h.From) && x.To.Equal(h.To)
		case theirs == "" && (!h.Timed() || overlap(x, h)):
			theirs = x.Stream
		}
	}
	return mine, theirs
}

func overlap(a, b Held) bool {
	return (a.To.IsZero() || b.From.Before(a.To)) && (b.To.IsZero() || a.From.Before(b.To))
}

func (c *Claims) take(h Held) {
	k, s := spaceKey{h.Space, h.Key}, streamSpace{h.Stream, h.Space}
	c.held[k] = append(c.held[k], h)
	c.keys[s] = append(c.keys[s], h.Key)
}

// drop removes one claim equal to h.
func (c *Claims) drop(h Held) {
	k, s := spaceKey{h.Space, h.Key}, streamSpace{h.Stream, h.Space}
	list := c.held[k]
	if i := slices.Index(list, h); i >= 0 {
		c.held[k] = slices.Delete(list, i, i+1)
	}
	if len(c.held[k]) == 0 {
		delete(c.held, k)
	}
	keys := c.keys[s]
	if i := slices.Index(keys, h.Key); i >= 0 {
		c.keys[s] = slices.Delete(keys, i, i+1)
	}
	if len(c.keys[s]) == 0 {
		delete(c.keys, s)
	}
}

// release gives back what the stream of h holds in its space: every claim of Key, or of all
// keys when it is empty. It returns what that was.
func (c *Claims) release(h Held) []Held {
	var gone []Held
	for _, key := range c.keys[streamSpace{h.Stream, h.Space}] {
		if h.Key != "" && key != h.Key {
			continue
		}
		for _, x := range c.held[spaceKey{h.Space, key}] {
			if x.Stream == h.Stream && !slices.Contains(gone, x) {
				gone = append(gone, x)
			}
		}
	}
	for _, x := range gone {
		c.drop(x)
	}
	return gone
}

// Phases orders changes so that each phase can be written at once: releases in the even
// ones, takes in the odd ones. Changes of different spaces do not touch each other; within
// a space a change never overtakes one of the other kind.
func Phases(ops []Op) [][]Op {
	var phases [][]Op
	at := map[string]int{}
	for _, op := range ops {
		p := at[op.Space]
		if takes := p%2 == 1; takes == op.Release {
			p++
		}
		at[op.Space] = p
		for len(phases) <= p {
			phases = append(phases, nil)
		}
		phases[p] = append(phases[p], op)
	}
	return phases
}

// OpOf is the change that a claim of the domain asks for, of the key it was resolved to.
func OpOf(c eventstore.Claim, key string) Op {
	return Op{Release: c.Op == claim.Release, Held: Held{
		Stream: c.Stream, Space: c.Space, Key: key, From: stamp(c.From), To: stamp(c.To),
	}}
}

// stamp cuts a time to what the database keeps: microseconds, UTC.
func stamp(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}
