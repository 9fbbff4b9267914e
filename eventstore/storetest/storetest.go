// Package storetest is the event store's promise as a test. Every adapter runs it, and it is
// itself tested: a store that breaks one clause of the promise must fail.
//
// A property is told by what a caller sees, never by how a store works inside. After each
// property the whole log is read again and checked against every receipt that was given.
package storetest

import (
	"testing"

	"github.com/grupo-gad/gad/eventstore"
)

// World is a log and the ways to come at it.
type World struct {
	// Open opens the log as another process would. What it returns lives until the test ends.
	Open func(t testing.TB) eventstore.Store
	// Crash kills whatever keeps the log, without warning, and brings it back. Open stores
	// must find it again. nil where there is nothing to kill.
	Crash func(t testing.TB)
	// Rewind brings the log back to an older position, as a restore from a backup does. nil
	// where that cannot be done.
	Rewind func(t testing.TB, to eventstore.Position)
}

// Property is one clause of the promise.
type Property struct {
	Name  string
	Prove func(t testing.TB, w World)
	// Needs reports whether a world allows to prove it; nil: any does.
	Needs func(w World) bool
}

// Properties returns the promise, clause by clause.
func Properties() []Property {
	return []Property{
		{Name: "an append is read back as it was given", Prove: readBack},
		{Name: "positions and versions are dense", Prove: dense},
		{Name: "a stale append leaves nothing", Prove: stale},
		{Name: "several streams move together or not at all", Prove: together},
		{Name: "a stream that was only read counts", Prove: readOnly},
		{Name: "a command id is accepted once", Prove: repeated},
		{Name: "a command that changes nothing is remembered", Prove: noChange},
		{Name: "an id with another content is refused", Prove: reused},
		{Name: "a refusal is not remembered", Prove: refusalForgotten},
		{Name: "another process knows the ids", Prove: idsAcross},
		{Name: "one id sent many times at once", Prove: sameIDAtOnce},
		{Name: "a key has one holder", Prove: uniqueClaim},
		{Name: "a key given back is free", Prove: releasedClaim},
		{Name: "hours of one key do not overlap", Prove: overlapClaim},
		{Name: "a secret has one holder", Prove: secretClaim},
		{Name: "claims race, one wins", Prove: claimRace},
		{Name: "one writer wins each version", Prove: oneWinner},
		{Name: "a refused command harms no neighbour", Prove: neighbours},
		{Name: "a tailer sees 1 to N", Prove: tailer},
		{Name: "a follower sees 1 to N", Prove: follower},
		{Name: "a caller who left loses nothing", Prove: cancelled},
		{Name: "recorded_at never runs backwards", Prove: monotone},
		{Name: "bounds and a caller's mistakes", Prove: bounds},
		{Name: "a crash loses no acknowledged command", Prove: crash, Needs: func(w World) bool { return w.Crash != nil }},
		{Name: "a log that moved back goes on from there", Prove: rewound, Needs: func(w World) bool { return w.Rewind != nil }},
	}
}

// Run proves every property in a fresh world of its own.
func Run(t *testing.T, world func(t testing.TB) World) {
	t.Helper()
	for _, p := range Properties() {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			w := world(t)
			if p.Needs != nil && !p.Needs(w) {
				t.Skip("this world has no way to do it")
			}
			p.Prove(t, w)
		})
	}
}
