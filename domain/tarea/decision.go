package tarea

import (
	"time"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
)

// permite refuses an author whose scope does not reach this Tarea. A Tarea out
// of reach answers as if it did not exist.
func (s State) permite(por permiso.Autor, a permiso.Accion) error {
	switch alcance := por.Alcance(a); {
	case alcance == permiso.Nada:
		return permiso.ErrProhibido
	case !s.Existe(), !s.Alcanza(por, alcance):
		return ErrNoExiste
	}
	return nil
}

// abierta refuses what can only happen to a Tarea that still runs.
func (s State) abierta() error {
	switch s.estado {
	case "":
		return ErrNoExiste
	case EstadoFinalizada:
		return ErrFinalizada
	case EstadoCancelada:
		return ErrCancelada
	case EstadoProgramada, EstadoEnCurso, EstadoPausada:
	}
	return nil
}

// desfase is how far the clocks of two machines that take orders may be apart.
const desfase = 5 * time.Second

// tras places a transition behind the one it follows: durations are sums of these instants and
// must never be negative. That the clock of another machine was a little ahead is nobody's
// fault: the order happens at the instant of the one before it. Earlier than that it is refused.
func (s State) tras(o *Orden) error {
	if o.En.Before(s.ultimo.Add(-desfase)) {
		return ErrTiempoInverso.With(fault.Field{Name: "en", Message: "es anterior al último hecho"})
	}
	if o.En.Before(s.ultimo) {
		o.En = s.ultimo
	}
	return nil
}

func (s State) asignar(c Asignar) ([]Event, error) {
	if err := s.permite(c.Por, permiso.TareaAsignar); err != nil {
		return nil, err
	}
	if err := s.abierta(); err != nil {
		return nil, err
	}
	if c.Forzar && permiso.De(c.Por.Rol, permiso.EfectivoForzar) != permiso.Todo {
		return nil, permiso.ErrProhibido
	}
	if paso, ok := s.asignacion(c.Efectivo); ok && paso.Activa() && paso != PasoOfrecida {
		return nil, nil // already his; an offer becomes an order
	}
	return []Event{EfectivoAsignado{Efectivo: c.Efectivo, Forzado: c.Forzar, En: c.En}}, nil
}

func (s State) responder(c Responder) ([]Event, error) {
	paso, ok := s.asignacion(c.Efectivo)
	switch alcance := c.Por.Alcance(permiso.TareaResponder); {
	case alcance == permiso.Nada:
		return nil, permiso.ErrProhibido
	case !s.respondible(c.Por, alcance, c.Efectivo) || alcance < permiso.EnJurisdiccion && !ok:
		return nil, ErrNoExiste // not his: it answers as if it did not exist
	}
	if err := s.abierta(); err != nil {
		return nil, err
	}
	switch {
	case !c.Paso.respuesta():
		return nil, ErrDatos.With(fault.Field{Name: "estado", Message: "puede ser aceptada, rechazada, en_camino o en_lugar"})
	case ok && paso == c.Paso:
		return nil, nil // already there
	case !ok || !paso.Activa():
		return nil, ErrNoAsignado
	case c.Paso.orden() <= paso.orden():
		return nil, ErrPasoAtras
	case c.Paso == PasoRechazada && paso != PasoAsignada && paso != PasoOfrecida:
		return nil, ErrPasoAtras
	}
	switch c.Paso {
	case PasoAceptada:
		return []Event{AsignacionAceptada{Efectivo: c.Efectivo, En: c.En}}, nil
	case PasoRechazada:
		if err := razon("motivo", c.Motivo); err != nil {
			return nil, err
		}
		events := []Event{AsignacionRechazada{Efectivo: c.Efectivo, Motivo: c.Motivo.Commitment(), En: c.En}}
		if s.deja(c.Efectivo) {
			events = append(events, s.siguiente(PorRechazo, c.Efectivo, c.hallado, c.En)...)
		}
		return events, nil
	case PasoEnCamino:
		return []Event{EfectivoEnCamino{Efectivo: c.Efectivo, En: c.En}}, nil
	case PasoEnLugar:
		return []Event{EfectivoEnLugar{Efectivo: c.Efectivo, En: c.En}}, nil
	case PasoOfrecida, PasoAsignada, PasoLiberada:
	}
	panic("unreachable: the step was checked")
}

// respondible reports whether somebody may answer for an Efectivo: for himself, or as one who
// reaches the Tarea.
func (s State) respondible(por permiso.Autor, alcance permiso.Alcance, id ident.Efectivo) bool {
	if id != "" && por.Efectivo == id {
		return true
	}
	return alcance >= permiso.EnJurisdiccion && s.Alcanza(por, alcance)
}

func (s State) liberar(c Liberar) ([]Event, error) {
	if err := s.permite(c.Por, permiso.TareaAsignar); err != nil {
		return nil, err
	}
	switch paso, ok := s.asignacion(c.Efectivo); {
	case !ok:
		return nil, ErrNoAsignado
	case !paso.Activa():
		return nil, nil // already free
	}
	events := []Event{EfectivoLiberado{Efectivo: c.Efectivo, En: c.En}}
	if s.deja(c.Efectivo) {
		// Whoever gives the order may have somebody in mind: nobody is offered it in his stead at once.
		events = append(events, s.escalada(PorOrden, c.Efectivo, "", c.En))
	}
	return events, nil
}

func (s State) iniciar(c Iniciar) ([]Event, error) {
	if err := s.ejecuta(&c.Orden); err != nil {
		return nil, err
	}
	if s.estado == EstadoEnCurso {
		return s.acepta(c.Orden), nil
	}
	if s.estado == EstadoPausada {
		return nil, ErrEnPausa
	}
	return append(s.acepta(c.Orden), Iniciada{En: c.En}), nil
}

func (s State) pausar(c Pausar) ([]Event, error) {
	if err := s.ejecuta(&c.Orden); err != nil {
		return nil, err
	}
	switch s.estado {
	case EstadoPausada:
		return nil, nil
	case EstadoEnCurso:
		if err := razon("motivo", c.Motivo); err != nil {
			return nil, err
		}
		return append(s.acepta(c.Orden), Pausada{Motivo: c.Motivo.Commitment(), En: c.En}), nil
	case EstadoProgramada, EstadoFinalizada, EstadoCancelada:
	}
	return nil, ErrNoIniciada
}

func (s State) reanudar(c Reanudar) ([]Event, error) {
	if err := s.ejecuta(&c.Orden); err != nil {
		return nil, err
	}
	switch s.estado {
	case EstadoEnCurso:
		return nil, nil
	case EstadoPausada:
		return append(s.acepta(c.Orden), Reanudada{En: c.En}), nil
	case EstadoProgramada, EstadoFinalizada, EstadoCancelada:
	}
	return nil, ErrNoPausada
}

// acepta is what whoever was offered the Tarea says by working on it: otherwise it would be
// taken from him, and given to the next one, with the work begun. Never before he was asked.
func (s State) acepta(o Orden) []Event {
	for _, a := range s.asignaciones {
		if a.estado == PasoOfrecida && a.efectivo == o.Por.Efectivo {
			if o.En.Before(a.en) {
				o.En = a.en
			}
			return []Event{AsignacionAceptada{Efectivo: a.efectivo, En: o.En}}
		}
	}
	return nil
}

// ejecuta checks what iniciar, pausar and reanudar have in common.
func (s State) ejecuta(o *Orden) error {
	if err := s.permite(o.Por, permiso.TareaEjecutar); err != nil {
		return err
	}
	if err := s.abierta(); err != nil {
		return err
	}
	return s.tras(o)
}

// finalizar closes an open pause, starts implicitly what never started, frees
// everybody still bound, and is a harmless no-op the second time.
func (s State) finalizar(c Finalizar) ([]Event, error) {
	if err := s.finaliza(&c); err != nil || s.estado == EstadoFinalizada {
		return nil, err
	}
	events := s.acepta(c.Orden)
	switch s.estado {
	case EstadoProgramada:
		events = append(events, Iniciada{Implicito: true, En: c.En})
	case EstadoPausada:
		events = append(events, Reanudada{En: c.En})
	case EstadoEnCurso, EstadoFinalizada, EstadoCancelada:
	}
	events = append(events, s.liberados(c.En)...)
	return append(events, Finalizada{Observaciones: c.Observaciones.Commitment(), En: c.En}), nil
}

// finaliza lets whoever worked on a finished Tarea hear that it is finished.
func (s State) finaliza(c *Finalizar) error {
	err := s.permite(c.Por, permiso.TareaEjecutar)
	if s.estado == EstadoFinalizada {
		if _, participated := s.asignacion(c.Por.Efectivo); participated {
			return nil
		}
		return err
	}
	if err != nil {
		return err
	}
	if err := s.abierta(); err != nil {
		return err
	}
	if err := razon("observaciones", c.Observaciones); err != nil {
		return err
	}
	return s.tras(&c.Orden)
}

func (s State) cancelar(c Cancelar) ([]Event, error) {
	if err := s.permite(c.Por, permiso.TareaCancelar); err != nil {
		return nil, err
	}
	if s.estado == EstadoCancelada {
		return nil, nil
	}
	if err := s.abierta(); err != nil {
		return nil, err
	}
	if c.Motivo.Empty() {
		return nil, ErrMotivo.With(fault.Field{Name: "motivo", Message: "diga por qué se cancela"})
	}
	if err := razon("motivo", c.Motivo); err != nil {
		return nil, err
	}
	if err := s.tras(&c.Orden); err != nil {
		return nil, err
	}
	return append(s.liberados(c.En), Cancelada{Motivo: c.Motivo.Commitment(), En: c.En}), nil
}

// reabrir takes up what was finished. The hours of its delegado are claimed again,
// unless an overlap was allowed before or is now.
func (s State) reabrir(c Reabrir) ([]Event, error) {
	if err := s.permite(c.Por, permiso.TareaReabrir); err != nil {
		return nil, err
	}
	switch s.estado {
	case EstadoCancelada:
		return nil, ErrCancelada
	case EstadoProgramada, EstadoEnCurso, EstadoPausada:
		return nil, ErrNoFinalizada
	case EstadoFinalizada:
	}
	if c.Motivo.Empty() {
		return nil, ErrMotivo.With(fault.Field{Name: "motivo", Message: "diga por qué se reabre"})
	}
	if err := razon("motivo", c.Motivo); err != nil {
		return nil, err
	}
	if err := s.tras(&c.Orden); err != nil {
		return nil, err
	}
	e := Reabierta{Motivo: c.Motivo.Commitment(), En: c.En}
	if s.delegadoNombrado && s.conFin {
		e.Delegado, e.Horario, e.SolapePermitidoPor = s.delegado, new(s.horario), s.solape
		if c.PermitirSolape {
			e.SolapePermitidoPor = c.Por.Usuario
		}
	}
	events := []Event{e}
	if s.criterios.PlazoS > 0 {
		// Its end freed everybody: the emergency has nobody, as when the last one is released.
		events = append(events, s.escalada(PorOrden, "", "", c.En))
	}
	return events, nil
}

// liberados frees everybody still bound, in order of assignment.
func (s State) liberados(en time.Time) (events []Event) {
	for _, id := range s.Activos() {
		events = append(events, EfectivoLiberado{Efectivo: id, En: en})
	}
	return events
}
