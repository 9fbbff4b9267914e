// Package claim says what an event takes and gives back of the things that only
// one may hold: a codigo, an e-mail, a delegado's hours.
//
// Claims are a pure function of the events, so that an auditor can recompute
// them; the event store takes them in the transaction of the append and refuses
// the whole command when somebody else holds one.
package claim

import (
	"time"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/sealed"
)

// Op says what happens to a claim.
type Op uint8

// The operations.
const (
	Take    Op = iota // refused when another stream holds it
	Release           // gives back the claims of this stream in Space (all keys, when Key is empty)
)

// Change is one step in the life of a claim.
type Change struct {
	Op    Op
	Space string // "tarea.codigo", "usuario.email", "tarea.delegado_horario"
	Key   string // normalised; empty when Secret is set
	// Secret claims the value behind a commitment without naming it: the store
	// uses HMAC(index key, Space || normalised value) as key.
	Secret sealed.Commitment
	// From and To, when set, claim the key for [From, To) only: two claims of
	// the same key conflict when their times overlap.
	From, To time.Time
	// Refusal is the answer to whoever loses the race for it.
	Refusal *fault.Error
}
