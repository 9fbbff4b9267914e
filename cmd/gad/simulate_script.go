package main

import (
	"sync/atomic"
	"time"
)

// simScript decides what goes wrong in a run, by counting: what happens is the same in every
// run of the same length, and even a short one has some of everything.
type simScript struct {
	plans bool // some of what can wait is planned for later

	answers, offers, works, ways, ends, arrivals, calls atomic.Int64
}

// turn reports whether this is one of every so many, beginning with the first of them.
func turn(count *atomic.Int64, every, first int64) bool { return count.Add(1)%every == first%every }

// What a unit may do about an assignment.
type simAnswer uint8

const (
	accept simAnswer = iota
	reject
	ignore // until the offer lapses
)

// answer decides what becomes of an assignment; only offers lapse.
func (s *simScript) answer(offered bool) simAnswer {
	if s == nil {
		return accept
	}
	if !offered {
		if turn(&s.answers, 8, 3) {
			return reject
		}
		return accept
	}
	switch n := s.offers.Add(1); {
	case n%8 == 3:
		return reject
	case n%12 == 9:
		return ignore
	}
	return accept
}

// forgets reports whether somebody does not say that he has arrived, so that only his
// positions do.
func (s *simScript) forgets() bool { return s != nil && turn(&s.arrivals, 6, 4) }

// plan reports whether what can wait is planned for later.
func (s *simScript) plan() bool { return s != nil && s.plans && turn(&s.calls, 3, 1) }

// pauses reports whether a piece of work is interrupted.
func (s *simScript) pauses() bool { return s != nil && turn(&s.works, 5, 2) }

// rests reports whether somebody whose shift is over asks for a leave.
func (s *simScript) rests() bool { return s != nil && turn(&s.ends, 3, 1) }

// What befalls a unit on its way.
type simMishap uint8

const (
	nothing   simMishap = iota
	goesDark            // no signal; what was measured meanwhile is sent afterwards
	callsHelp           // SOS
)

// befalls decides what happens on the way to a Tarea.
func (s *simScript) befalls() simMishap {
	if s == nil {
		return nothing
	}
	switch n := s.ways.Add(1); {
	case n%40 == 3:
		return callsHelp
	case n%12 == 5:
		return goesDark
	}
	return nothing
}

const (
	darkFor   = 10 * time.Minute // of the simulated clock ...
	darkLeast = 10 * time.Second // ... and at least so long of the real one
	helpAfter = 3 * time.Minute  // until the desk attends an SOS ...
	helpLeast = time.Second      // ... and at least so long of the real one
	breakFor  = 5 * time.Minute
	leaveFor  = 8 * time.Hour // of the simulated clock ...

	planAhead = time.Hour        // until something begins that can wait ...
	planLasts = 20 * time.Minute // ... and for how long it is planned

	leaveLeast  = time.Second     // ... and at least so long of the real one,
	leaveMargin = 2 * time.Second // ending so long before the next shift
)
