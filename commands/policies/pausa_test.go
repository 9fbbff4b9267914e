package policies

import (
	"testing"
	"time"
)

// People are looked at as often as ever, whoever else is about; those who live fast more often,
// and never without end.
func TestRitmo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		ritmo
		pausa, vacia, mirada time.Duration
	}{
		{ritmo{}, time.Second, 5 * time.Minute, 5 * time.Second},
		{ritmo{1, 1}, time.Second, 5 * time.Minute, 5 * time.Second},
		{ritmo{1, 480}, pausaMinima, 5 * time.Minute, 5 * time.Second},
		{ritmo{2, 4}, 250 * time.Millisecond, 150 * time.Second, 2500 * time.Millisecond},
		{ritmo{480, 480}, pausaMinima, 625 * time.Millisecond, miradaMinima},
	} {
		if got := c.ritmo.pausa(); got != c.pausa {
			t.Errorf("%v waits for %v, want %v", c.ritmo, got, c.pausa)
		}
		if got := c.ritmo.vacia(5); got != c.vacia {
			t.Errorf("%v leaves a Zona empty for %v, want %v", c.ritmo, got, c.vacia)
		}
		if got := c.ritmo.mirada(5 * time.Second); got != c.mirada {
			t.Errorf("%v looks every %v, want %v", c.ritmo, got, c.mirada)
		}
	}
}
