package policies

import (
	"log/slog"
	"time"
)

// CampoOptions of a Campo. The zero value of every field works.
type CampoOptions struct {
	Now      func() time.Time
	Reglas   Reglas
	Zone     *time.Location // of the operation, for hours
	Observer CampoObserver
	Log      *slog.Logger
	Hold     time.Duration // between two renewals of the lease while positions are read; 2 s
}

// CampoObserver is told what Campo does, by several goroutines at once.
type CampoObserver interface {
	// ObserveObservation: a kind of observation was ordered, and what became of it: ok,
	// sin_cambio, repetida, or the code of a refusal.
	ObserveObservation(kind, outcome string)
	// ObserveBatch: a batch was read so long after it was written.
	ObserveBatch(late time.Duration)
	// Following: this process follows the telemetry log, or it does not.
	Following(yes bool)
}

// silent observes nothing.
type silent struct{}

func (silent) ObserveObservation(string, string) {}
func (silent) ObserveBatch(time.Duration)        {}
func (silent) Following(bool)                    {}

// Reglas say when an observation is one. What concerns a simulated Efectivo takes so many
// times less as he lives faster.
type Reglas struct {
	Periodo   time.Duration // between two fixes of a device
	Perdidos  int           // periods without one that lose the signal
	Cruce     time.Duration // on the other side of a border until it is crossed ...
	Cruces    int           // ... or so many fixes
	LlegadaM  float64       // how near his Tarea somebody is at it ...
	Llegada   time.Duration // ... once he has stayed so long
	Cobertura time.Duration // between two looks at what Zonas are empty
	// PrecisionM is how far off, in metres, a device may be by its own account for its fix to say
	// on which side of a border somebody is, or that he is at his Tarea.
	PrecisionM float64
}

// ReglasPorDefecto are those of the operation when nobody sets others.
func ReglasPorDefecto() Reglas {
	return Reglas{
		Periodo: time.Minute, Perdidos: 3, Cruce: 30 * time.Second, Cruces: 2, LlegadaM: 75, Llegada: 30 * time.Second, Cobertura: 5 * time.Second,
		PrecisionM: 100,
	}
}
