// Package operacion holds the facts about the operation as a whole that belong
// to no aggregate: the seals over the telemetry log. They are recorded by the
// system itself; nobody orders them.
package operacion

import (
	"time"

	"github.com/grupo-gad/gad/domain/event"
)

// StreamTelemetria returns the stream that holds the seals of a UTC day.
func StreamTelemetria(day time.Time) string {
	return "telemetria-" + day.UTC().Format(time.DateOnly)
}

// TelemetriaSellada binds a range of telemetry batches to the main log: no fix
// of theirs can be added, changed or removed afterwards without being noticed.
type TelemetriaSellada struct {
	Primero int64 `json:"primero"` // first batch
	Ultimo  int64 `json:"ultimo"`  // last batch
	Fixes   int64 `json:"fixes"`
	// Raiz is the RFC 6962 root (hexadecimal) over the leaves of the fixes in
	// order; a leaf is SHA-256(0x00 || 16-byte salt || record).
	Raiz string    `json:"raiz"`
	En   time.Time `json:"en"`
}

// EventName implements event.Event.
func (TelemetriaSellada) EventName() string { return "telemetria.sellada" }

// Definitions lists every version of every event of the operation.
func Definitions() []event.Definition {
	return []event.Definition{event.Current[TelemetriaSellada](1)}
}
