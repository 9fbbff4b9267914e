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
	// Incompleto: the device left out where it was, or when. Nothing else of it counts.
	Incompleto bool
}

// Motivo says why a fix was refused or flagged, as counted and answered.
type Motivo string

// The motives.
const (
	Incompleta         Motivo = "incompleta" // without its place or its time
	FueraDeTurno       Motivo = "fuera_de_turno"
	Futura             Motivo = "futura"
	Duplicada          Motivo = "duplicada"
	CoordenadaInvalida Motivo = "coordenada_invalida"
	PrecisionInvalida  Motivo = "precision_invalida"
	// VelocidadImposible is stored and flagged, but does not move the marker: until a third one in
	// a row says the same, and it is the marker that was wrong.
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
	// Saltos are the newest fixes after it that were not believed, by device time, at most
	// SaltosCreidos.
	Saltos []Fix
}

// SaltosCreidos is how many jumps in a row the next one has to agree with to be believed.
const SaltosCreidos = 2

// Con is the marker once f is stored. Whatever the order in which it is told what is stored, and
// how often, it comes to the same.
func (m Marcador) Con(f Fix, marcada bool) Marcador {
	switch {
	case m.Hay && !f.En.After(m.En): // late: it corrects the track
		return m
	case !marcada:
		m.Fix, m.Hay = f, true
		m.Saltos = slices.DeleteFunc(slices.Clone(m.Saltos), func(s Fix) bool { return !s.En.After(f.En) })
		return m
	}
	i, known := slices.BinarySearchFunc(m.Saltos, f, func(a, b Fix) int { return a.En.Compare(b.En) })
	if known {
		return m
	}
	m.Saltos = slices.Insert(slices.Clone(m.Saltos), i, f)
	m.Saltos = m.Saltos[max(0, len(m.Saltos)-SaltosCreidos):]
	return m
}

// Recibir judges a fix that arrived at the instant recibido, given the newest
// believed position and whether a fix of that device time was already taken.
// Positions are taken only on duty: on duty at receipt, and device time within
// two minutes of a shift.
func (s State) Recibir(f Fix, recibido time.Time, m Marcador, repetida bool) Recepcion {
	switch {
	case f.Incompleto:
		return Recepcion{Rechazada: Incompleta}
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

// imposible reports a jump from the marker that those before it do not bear out. One wrong fix
// would hide him for as long as the way from there takes; three that agree are where he is.
func (s State) imposible(f Fix, m Marcador) bool {
	return m.Hay && s.salto(m.Fix, f) && !s.confirmado(f, m.Saltos)
}

func (s State) confirmado(f Fix, saltos []Fix) bool {
	if len(saltos) < SaltosCreidos {
		return false
	}
	for i, before := range saltos {
		next := f
		if i+1 < len(saltos) {
			next = saltos[i+1]
		}
		if !next.En.After(before.En) || s.salto(before, next) {
			return false
		}
	}
	return true
}

// salto reports a way faster than anything he drives. A simulated Efectivo moves Aceleracion times
// faster than the clock.
func (s State) salto(from, to Fix) bool {
	seconds := to.En.Sub(from.En).Abs().Seconds()
	slack := from.Precision + to.Precision
	return geo.Distancia(from.Punto, to.Punto)-slack > velocidadMaxima*max(1, s.aceleracion)*max(seconds, 0.1)
}
