// Package spec states aggregate behaviour as given, when, then. For tests only.
package spec

import (
	"errors"
	"reflect"
	"testing"

	"github.com/grupo-gad/gad/domain/decider"
)

// Spec is a decider with a past.
type Spec[S, C, E any] struct {
	t       testing.TB
	decider decider.Decider[S, C, E]
	history []E
}

// Of starts a specification of d.
func Of[S, C, E any](t testing.TB, d decider.Decider[S, C, E]) Spec[S, C, E] {
	return Spec[S, C, E]{t: t, decider: d}
}

// Given sets the past.
func (s Spec[S, C, E]) Given(history ...E) Spec[S, C, E] {
	s.history = history
	return s
}

// When decides a command on that past. It decides twice, because a decision
// that depends on anything but its arguments is a bug in every specification.
func (s Spec[S, C, E]) When(cmd C) Outcome[E] {
	s.t.Helper()
	decide := func() ([]E, error) { return s.decider.Decide(s.decider.Fold(*new(S), s.history...), cmd) }
	events, err := decide()
	if again, err2 := decide(); !reflect.DeepEqual(events, again) || !errors.Is(err2, err) {
		s.t.Errorf("Decide is not a function: %+v, %v and then %+v, %v", events, err, again, err2)
	}
	return Outcome[E]{s.t, events, err}
}

// Outcome is what a command came to.
type Outcome[E any] struct {
	t      testing.TB
	events []E
	err    error
}

// Then expects exactly these events. Then with none expects nothing to happen.
func (o Outcome[E]) Then(want ...E) {
	o.t.Helper()
	if o.err != nil {
		o.t.Fatalf("refused with %v; want %+v", o.err, want)
	}
	if len(want)+len(o.events) > 0 && !reflect.DeepEqual(o.events, want) {
		o.t.Errorf("got  %+v\nwant %+v", o.events, want)
	}
}

// Refused expects this refusal and no event.
func (o Outcome[E]) Refused(want error) {
	o.t.Helper()
	if !errors.Is(o.err, want) || len(o.events) > 0 {
		o.t.Errorf("got %+v, %v; want refusal %v", o.events, o.err, want)
	}
}
