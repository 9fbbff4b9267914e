package commands

import (
	"time"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
)

// SetClock makes in take now for the time.
func (in *Intake) SetClock(now func() time.Time) { in.now = now }

// Marker returns the newest believed position that in knows of.
func (in *Intake) Marker(id ident.Efectivo) efectivo.Marcador {
	t, ok := in.tracks.Peek(id)
	if !ok {
		return efectivo.Marcador{}
	}
	return t.marker()
}
