package efectivo

import (
	"slices"
	"time"

	"github.com/grupo-gad/gad/domain/decider"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
)

// Decider is the behaviour of an Efectivo.
var Decider = decider.Decider[State, Command, Event]{Decide: Decide, Evolve: Evolve}

// State is what Decide needs to remember. It is shared between goroutines:
// Evolve replaces slices, it never writes into them.
type State struct {
	id          ident.Efectivo
	usuario     ident.Usuario
	unidad      string
	turno       ident.Turno // empty off duty
	turnos      []turno     // the last two, for fixes that arrive late
	actual      Disponibilidad
	ausente     bool          // he declared himself no_disponible on this shift, and nothing else since
	tareas      []ident.Tarea // bound to, in order
	simulado    bool
	aceleracion float64

	licencias []licencia
	vigente   ident.Licencia // the leave he is on
	zonas     []ident.Zona   // inside, in the order of entering
	perdida   bool           // the signal, in this shift
	sos       bool           // not attended
	deBaja    bool
}

type turno struct {
	id           ident.Turno
	desde, hasta time.Time // hasta is zero while it runs
}

// Existe reports whether he was ever registered.
func (s State) Existe() bool { return s.actual != "" }

// EnTurno reports whether he is on duty.
func (s State) EnTurno() bool { return s.turno != "" }

// Libre reports whether he can be given a Tarea without forcing anything.
func (s State) Libre() bool { return s.EnTurno() && s.actual == Disponible }

// Turno returns the shift that runs, or "".
func (s State) Turno() ident.Turno { return s.turno }

// EnTurnoDesde returns when the shift that runs began; zero off duty.
func (s State) EnTurnoDesde() time.Time {
	if n := len(s.turnos); s.EnTurno() && n > 0 {
		return s.turnos[n-1].desde
	}
	return time.Time{}
}

// Simulado reports whether he is an invented person.
func (s State) Simulado() bool { return s.simulado }

// Usuario returns whose Efectivo this is.
func (s State) Usuario() ident.Usuario { return s.usuario }

// Disponibilidad returns what he can be given.
func (s State) Disponibilidad() Disponibilidad { return s.actual }

// Decide answers a command with events or a refusal.
func Decide(s State, c Command) ([]Event, error) {
	switch c := c.(type) {
	case Registrar:
		return s.registrar(c)
	case ModificarFicha:
		return s.modificarFicha(c)
	case IniciarTurno:
		return s.iniciarTurno(c)
	case FinalizarTurno:
		return s.finalizarTurno(c)
	case CambiarDisponibilidad:
		return s.cambiarDisponibilidad(c)
	case Ocupar:
		return s.ocupar(c)
	case Desocupar:
		return s.desocupar(c)
	case ActivarSOS:
		return s.activarSOS(c)
	case AtenderSOS:
		return s.atenderSOS(c)
	case SolicitarLicencia:
		return s.solicitarLicencia(c)
	case AprobarLicencia:
		return s.aprobarLicencia(c)
	case RechazarLicencia:
		return s.rechazarLicencia(c)
	case ComenzarLicencia:
		return s.comenzarLicencia(c)
	case TerminarLicencia:
		return s.terminarLicencia(c)
	case DarDeBaja:
		return s.darDeBaja(c)
	case ConfirmarUbicacion:
		return s.confirmarUbicacion(c)
	case PerderSenal:
		return s.perderSenal(c)
	case RecuperarSenal:
		return s.recuperarSenal(c)
	case IngresarZona:
		return s.ingresarZona(c)
	case AbandonarZona:
		return s.abandonarZona(c)
	}
	panic("unreachable: Command is sealed")
}

// Evolve applies a fact.
func Evolve(s State, e Event) State {
	switch e := e.(type) {
	case Registrado:
		s = State{
			id: e.ID, usuario: e.Usuario, unidad: e.Unidad, actual: FueraServicio,
			simulado: e.Simulado, aceleracion: max(1, e.Aceleracion),
		}
	case FichaModificada:
		if e.Unidad != nil {
			s.unidad = *e.Unidad
		}
	case TurnoIniciado:
		s.turno, s.actual, s.ausente = e.Turno, Disponible, false
		s.zonas, s.perdida = nil, false
		if len(s.tareas) > 0 {
			s.actual = EnTarea
		}
		s.turnos = append(slices.Clone(s.turnos[max(0, len(s.turnos)-1):]), turno{id: e.Turno, desde: e.En})
	case TurnoFinalizado:
		s.turno, s.actual = "", FueraServicio
		s.zonas, s.perdida = nil, false // off duty nobody asks where he is
		if n := len(s.turnos); n > 0 {
			s.turnos = slices.Clone(s.turnos)
			s.turnos[n-1].hasta = e.En
		}
	case DisponibilidadCambiada:
		s.actual = e.Disponibilidad
		switch e.Causa {
		case PorAsignacion:
			s.tareas = append(slices.Clone(s.tareas), e.Tarea)
		case PorLiberacion:
			s.tareas = slices.DeleteFunc(slices.Clone(s.tareas), func(t ident.Tarea) bool { return t == e.Tarea })
		case PorLicencia:
			s.vigente = e.Licencia
		case PorFinLicencia:
			s.vigente = ""
			s.licencias = s.conLicencia(e.Licencia, func(l *licencia) { l.terminada = true })
		case PorOrden:
			s.ausente = e.Disponibilidad == NoDisponible
		}
	case UbicacionConfirmada:
	case SenalPerdida:
		s.perdida = true
	case SenalRecuperada:
		s.perdida = false
	case ZonaIngresada:
		s.zonas = append(slices.Clone(s.zonas), e.Zona)
	case ZonaAbandonada:
		s.zonas = slices.DeleteFunc(slices.Clone(s.zonas), func(z ident.Zona) bool { return z == e.Zona })
	case SOSActivado:
		s.sos = true
	case SOSAtendido:
		s.sos = false
	case LicenciaSolicitada:
		s.licencias = append(slices.Clone(s.licencias), licencia{e.Licencia, e.Desde, e.Hasta, LicenciaPedida, false})
	case LicenciaAprobada:
		s.licencias = s.conLicencia(e.Licencia, func(l *licencia) { l.estado = LicenciaConcedida })
	case LicenciaRechazada:
		s.licencias = s.conLicencia(e.Licencia, func(l *licencia) { l.estado, l.terminada = LicenciaNegada, true })
	case DadoDeBaja:
		s.deBaja = true
	}
	return s
}

// activo is permite for what an Efectivo who has left cannot do any more.
func (s State) activo(por permiso.Autor, a permiso.Accion) error {
	if err := s.permite(por, a); err != nil {
		return err
	}
	if s.deBaja {
		return ErrDeBaja
	}
	return nil
}

// permite refuses an author whose scope does not reach this Efectivo.
func (s State) permite(por permiso.Autor, a permiso.Accion) error {
	alcance := por.Alcance(a)
	switch {
	case alcance == permiso.Nada:
		return permiso.ErrProhibido
	case !s.Existe(), !s.alcanza(por, alcance):
		return ErrNoExiste
	}
	return nil
}

// alcanza reports whether a scope of the author covers this Efectivo. Whoever calls for help is
// everybody's until somebody has attended to him.
func (s State) alcanza(por permiso.Autor, alcance permiso.Alcance) bool {
	switch alcance {
	case permiso.Todo:
		return true
	case permiso.EnJurisdiccion:
		return s.sos || por.Jurisdiccion.Unidad(s.unidad) || por.Usuario == s.usuario
	case permiso.Propio, permiso.Asignado:
		return por.Usuario == s.usuario
	case permiso.Nada:
	}
	return false
}
