package operacion_test

import (
	"testing"
	"time"

	"github.com/grupo-gad/gad/domain/operacion"
)

// The day of a seal is the UTC day, wherever the clock of the machine stands.
func TestStreamTelemetria(t *testing.T) {
	t.Parallel()
	art := time.FixedZone("ART", -3*3600)
	for at, want := range map[time.Time]string{
		time.Date(2026, time.March, 2, 23, 59, 59, 0, time.UTC): "telemetria-2026-03-02",
		time.Date(2026, time.March, 2, 21, 0, 0, 0, art):        "telemetria-2026-03-03",
	} {
		if got := operacion.StreamTelemetria(at); got != want {
			t.Errorf("%v: %s, want %s", at, got, want)
		}
	}
}
