package policies

import (
	"time"

	"github.com/grupo-gad/gad/domain/efectivo"
)

// How often the field is looked at, in real time.
const (
	pausa       = time.Second            // between two readings of the positions
	pausaMinima = 100 * time.Millisecond // and for those who live fastest

	miradaMinima = time.Second // between two looks at the Zonas
)

// ritmo is how many times faster than the clock those on duty live. Where they are people it
// is 1, and so it is where nobody is; the zero value is that.
type ritmo struct{ lento, rapido float64 }

// cuenta reckons with somebody on duty.
func (r *ritmo) cuenta(s efectivo.State) {
	a := s.Aceleracion()
	if r.lento == 0 || a < r.lento {
		r.lento = a
	}
	r.rapido = max(r.rapido, a)
}

// pausa is how long to wait until the positions are read again: what the fastest does in a
// second of his must not be over before it is seen.
func (r ritmo) pausa() time.Duration {
	return max(pausaMinima, time.Duration(float64(pausa)/max(1, r.rapido)))
}

// vacia is how long a Zona may be without anybody. A Zona has no clock of its own: it is that
// of whoever could be inside, and of the slowest of them, so that where one of them is real
// nothing is said sooner than he could have come.
func (r ritmo) vacia(minutos int) time.Duration {
	return time.Duration(float64(minutos) * float64(time.Minute) / max(1, r.lento))
}

// mirada is how often that is looked at.
func (r ritmo) mirada(cada time.Duration) time.Duration {
	return max(min(cada, miradaMinima), time.Duration(float64(cada)/max(1, r.lento)))
}
