package tarea

import (
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
)

// OfrecerA offers the Tarea to the Efectivo whom a commander chose (rol 2+), whatever
// place the recommendation gave him. An unanswered offer of somebody else ends by it;
// whoever accepted already stays. From then on it is an offer like any other: it lapses,
// and rejected it goes to the next candidate.
type OfrecerA struct {
	Orden
	Efectivo ident.Efectivo

	aceleracion float64
}

// AlRitmo is the order for somebody who lives so many times faster than the clock; whoever
// runs the order knows.
func (c OfrecerA) AlRitmo(aceleracion float64) OfrecerA { c.aceleracion = aceleracion; return c }

// Autoriza names the action in the table of permissions.
func (OfrecerA) Autoriza() permiso.Accion { return permiso.TareaEscalar }

func (s State) ofrecerA(c OfrecerA) ([]Event, error) {
	if err := s.permite(c.Por, permiso.TareaEscalar); err != nil {
		return nil, err
	}
	if err := s.abierta(); err != nil {
		return nil, err
	}
	switch paso, bound := s.asignacion(c.Efectivo); {
	case bound && paso.Activa():
		return nil, nil // he has it already
	case s.criterios.PlazoS == 0:
		return nil, ErrSinRecomendacion // how long an offer stands is said by its recommendation
	}
	var events []Event
	if de, _, ok := s.Oferta(); ok {
		events = append(events, EfectivoLiberado{Efectivo: de, En: c.En}, s.escalada(PorOrden, de, c.Efectivo, c.En))
	}
	return append(events, s.oferta(Hallazgo{Libre: c.Efectivo, Aceleracion: c.aceleracion}, c.En)), nil
}
