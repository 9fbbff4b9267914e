package efectivo

import (
	"slices"
	"time"

	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
)

// Fix is one position as a device reported it.
type Fix struct {
	geo.Punto
	En        time.Time // device time
	Precision float64   // m, radius of 68 % confidence; 0 when unknown
	Velocidad float64   // m/s; negative when unknown
	Rumbo     float64   // degrees clockwise from north; negative when unknown
}

// Motivo says why a fix was refused or flagged, as counted and answered.
type Motivo string

// The motives.
const (
	FueraDeTurno       Motivo = "fuera_de_turno"
	Futura             Motivo = "futura"
	Duplicada          Motivo = "duplicada"
	CoordenadaInvalida Motivo = "coordenada_invalida"
	PrecisionInvalida  Motivo = "precision_invalida"
	// VelocidadImposible is stored and flagged, but does not move the marker.
	VelocidadImposible Motivo = "velocidad_imposible"
)

// The limits of a fix.
const (
	toleranciaReloj = 2 * time.Minute // device clocks ahead of ours, and around a shift
	velocidadMaxima = 90.0            // m/s
	precisionMaxima = 100_000.0       // m
)

// Recepcion is the verdict on one fix.
type Recepcion struct {
	Rechazada Motivo // "" when it is stored
	Marcada   bool   // stored with VelocidadImposible
}

// Marcador is the newest believed position: what the map shows.
type Marcador struct {
	Fix
	Hay bool
}

// Recibir judges a fix that arrived at the instant recibido, given the newest
// believed position and whether a fix of that device time was already taken.
// Positions are taken only on duty: on duty at receipt, and device time within
// two minutes of a shift.
func (s State) Recibir(f Fix, recibido time.Time, m Marcador, repetida bool) Recepcion {
	switch {
	case !s.EnTurno() || !s.deTurno(f.En):
		return Recepcion{Rechazada: FueraDeTurno}
	case !f.Valido():
		return Recepcion{Rechazada: CoordenadaInvalida}
	case !(f.Precision >= 0 && f.Precision <= precisionMaxima):
		return Recepcion{Rechazada: PrecisionInvalida}
	case f.En.After(recibido.Add(toleranciaReloj)):
		return Recepcion{Rechazada: Futura}
	case repetida:
		return Recepcion{Rechazada: Duplicada}
	}
	return Recepcion{Marcada: s.imposible(f, m)}
}

// deTurno reports whether t lies in one of the last two shifts, give or take the tolerance.
func (s State) deTurno(t time.Time) bool { return s.TurnoDe(t) != "" }

// TurnoDe returns which of the last two shifts t lies in, give or take the
// tolerance and the newer one if both; "" when none.
func (s State) TurnoDe(t time.Time) ident.Turno {
	for _, turno := range slices.Backward(s.turnos) {
		if t.Before(turno.desde.Add(-toleranciaReloj)) {
			continue
		}
		if turno.hasta.IsZero() || !t.After(turno.hasta.Add(toleranciaReloj)) {
			return turno.id
		}
	}
	return ""
}

// imposible reports a jump from the marker faster than anything he drives. A
// simulated Efectivo moves Aceleracion times faster than the clock.
func (s State) imposible(f Fix, m Marcador) bool {
	if !m.Hay {
		return false
	}
	seconds := f.En.Sub(m.En).Abs().Seconds()
	slack := m.Precision + f.Precision
	return geo.Distancia(m.Punto, f.Punto)-slack > velocidadMaxima*max(1, s.aceleracion)*max(seconds, 0.1)
}
