package efectivo

import (
	"slices"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
)

// SOS reports whether a call for help waits to be attended.
func (s State) SOS() bool { return s.sos }

// Senal reports whether he is heard, as far as the log knows.
func (s State) Senal() bool { return !s.perdida }

// Zonas lists where he is inside, in the order of entering.
func (s State) Zonas() []ident.Zona { return s.zonas }

// Aceleracion is how many times faster than the clock he lives; 1 for people.
func (s State) Aceleracion() float64 { return max(1, s.aceleracion) }

func (s State) activarSOS(c ActivarSOS) ([]Event, error) {
	if err := s.activo(c.Por, permiso.EfectivoSOS); err != nil || s.sos {
		return nil, err
	}
	if c.Ubicacion != nil && !c.Ubicacion.Valido() {
		return nil, geo.ErrCoordenada.With(fault.Field{Name: "ubicacion", Message: geo.ErrCoordenada.Message})
	}
	return []Event{SOSActivado{Ubicacion: c.Ubicacion, En: c.En}}, nil
}

func (s State) atenderSOS(c AtenderSOS) ([]Event, error) {
	if err := s.permite(c.Por, permiso.EfectivoAtender); err != nil || !s.sos {
		return nil, err
	}
	if wrong := texto("observaciones", c.Observaciones); wrong != nil {
		return nil, ErrDatos.With(wrong...)
	}
	return []Event{SOSAtendido{Observaciones: c.Observaciones.Commitment(), En: c.En}}, nil
}

func (s State) darDeBaja(c DarDeBaja) ([]Event, error) {
	switch err := s.permite(c.Por, permiso.EfectivoAlta); {
	case err != nil:
		return nil, err
	case s.deBaja:
		return nil, nil
	case s.sos:
		return nil, ErrConSOS
	case len(s.tareas) > 0:
		return nil, ErrConTarea
	case s.EnTurno():
		return nil, ErrEnTurno
	}
	if wrong := texto("motivo", c.Motivo); wrong != nil {
		return nil, ErrDatos.With(wrong...)
	}
	return []Event{DadoDeBaja{Motivo: c.Motivo.Commitment(), En: c.En}}, nil
}

// observa refuses an author who is not asked what fixes mean, and says whether the
// shift of which something is said still runs: what was true of an earlier one is
// no news of this one.
func (s State) observa(o Orden, turno ident.Turno) (bool, error) {
	if err := s.permite(o.Por, permiso.EfectivoObservar); err != nil {
		return false, err
	}
	return s.EnTurno() && turno == s.turno, nil
}

func (s State) confirmarUbicacion(c ConfirmarUbicacion) ([]Event, error) {
	if _, err := s.observa(c.Orden, ""); err != nil || !slices.Contains(s.tareas, c.Tarea) {
		return nil, err
	}
	return []Event{UbicacionConfirmada{Tarea: c.Tarea, Origen: c.Origen, En: c.En}}, nil
}

func (s State) perderSenal(c PerderSenal) ([]Event, error) {
	runs, err := s.observa(c.Orden, c.Turno)
	if err != nil || !runs || s.perdida {
		return nil, err
	}
	return []Event{SenalPerdida{Turno: c.Turno, Ultima: c.Ultima, En: c.En}}, nil
}

func (s State) recuperarSenal(c RecuperarSenal) ([]Event, error) {
	runs, err := s.observa(c.Orden, c.Turno)
	if err != nil || !runs || !s.perdida {
		return nil, err
	}
	return []Event{SenalRecuperada{Turno: c.Turno, Origen: c.Origen, En: c.En}}, nil
}

func (s State) ingresarZona(c IngresarZona) ([]Event, error) {
	runs, err := s.observa(c.Orden, c.Turno)
	if err != nil || !runs || slices.Contains(s.zonas, c.Zona) {
		return nil, err
	}
	return []Event{ZonaIngresada{Zona: c.Zona, Origen: c.Origen, Alarma: c.Alarma, En: c.En}}, nil
}

func (s State) abandonarZona(c AbandonarZona) ([]Event, error) {
	runs, err := s.observa(c.Orden, c.Turno)
	if err != nil || !runs || !slices.Contains(s.zonas, c.Zona) {
		return nil, err
	}
	return []Event{ZonaAbandonada{Zona: c.Zona, Origen: c.Origen, Alarma: c.Alarma, En: c.En}}, nil
}

// Tareas lists what he is bound to, in order.
func (s State) Tareas() []ident.Tarea { return s.tareas }
