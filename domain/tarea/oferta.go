package tarea

import (
	"slices"
	"time"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
)

// EfectivoOfrecido binds an Efectivo by a recommendation until he answers or the offer lapses.
type EfectivoOfrecido struct {
	Efectivo ident.Efectivo `json:"efectivo"`
	Puesto   int            `json:"puesto,omitzero"` // in the recommendation, from 1
	Vence    time.Time      `json:"vence"`
	En       time.Time      `json:"en"`
}

// CausaEscalada says why a Tarea was passed on.
type CausaEscalada string

// The causes, as stored.
const (
	PorRechazo      CausaEscalada = "rechazo"
	PorVencimiento  CausaEscalada = "vencimiento"
	PorOrden        CausaEscalada = "orden"         // somebody took it away, or reopened what had ended
	PorSinEfectivos CausaEscalada = "sin_efectivos" // there was nobody from the beginning
)

// Escalada passes an offer on to the next candidate and tells whoever commands.
type Escalada struct {
	Causa CausaEscalada  `json:"causa"`
	De    ident.Efectivo `json:"de,omitzero"` // who did not take it, or left it; "" when it was reopened
	// A is who is offered it now; nobody is left when it is empty: sin_efectivos.
	A     ident.Efectivo `json:"a,omitzero"`
	Nivel int            `json:"nivel"` // how many times it was passed on, this one included
	En    time.Time      `json:"en"`
}

// SinEfectivos reports whether nobody is left to offer it to.
func (e Escalada) SinEfectivos() bool { return e.A == "" }

// EventName implements event.Event.
func (EfectivoOfrecido) EventName() string { return "tarea.efectivo_ofrecido" }

// EventName implements event.Event.
func (Escalada) EventName() string { return "tarea.escalada" }

func (EfectivoOfrecido) esTarea() {}
func (Escalada) esTarea()         {}

// Ofrecer offers the Tarea to the first free candidate of its recommendation.
// Without one it is escalated with nobody to pass it to.
type Ofrecer struct {
	Orden
	Siguientes []ident.Efectivo // suitable ones after those the recommendation keeps

	hallado Hallazgo
}

// Escalar passes an offer on. The system's is about one offer: it does nothing
// unless Efectivo still holds an unanswered offer that has lapsed at En, so it may
// come late, twice, or after the answer; and while somebody else has the Tarea the offer
// just ends. A commander's (rol 2+) takes an unanswered offer away before its time.
type Escalar struct {
	Orden
	Efectivo ident.Efectivo

	hallado Hallazgo
}

// Ofertante is an order by which a Tarea may have to be offered to somebody. Who of
// the candidates is free is known to their own aggregates, so whoever runs the
// order asks Busca first, then Renueva, and hands what he found to Con.
type Ofertante interface {
	Command
	// Busca lists, best first, to whom the Tarea would be offered if the order were
	// decided on s.
	Busca(s State) []ident.Efectivo
	// Renueva says for what a recommendation is to be computed anew when none of them is
	// free, or false when it is not.
	Renueva(s State) (Busqueda, bool)
	// Con is the order with what was found.
	Con(h Hallazgo) Ofertante
}

// Autoriza names the action in the table of permissions.
func (Ofrecer) Autoriza() permiso.Accion { return permiso.EmergenciaCrear }

// Autoriza names the action in the table of permissions.
func (Escalar) Autoriza() permiso.Accion { return permiso.TareaEscalar }

// Busca implements Ofertante.
func (c Ofrecer) Busca(s State) []ident.Efectivo { return append(s.porOfrecer(), c.Siguientes...) }

// Busca implements Ofertante.
func (c Escalar) Busca(s State) []ident.Efectivo {
	if !s.pasa(c) {
		return nil
	}
	return s.porOfrecer()
}

// Busca implements Ofertante: a rejected offer goes to the next one at once. An order that is
// rejected was given any time later: the recommendation is too old to be asked.
func (c Responder) Busca(s State) []ident.Efectivo {
	if paso, _ := s.asignacion(c.Efectivo); c.Paso != PasoRechazada || paso != PasoOfrecida || !s.deja(c.Efectivo) {
		return nil
	}
	return s.porOfrecer()
}

// Con implements Ofertante.
func (c Ofrecer) Con(h Hallazgo) Ofertante { c.hallado = h; return c }

// Con implements Ofertante.
func (c Escalar) Con(h Hallazgo) Ofertante { c.hallado = h; return c }

// Con implements Ofertante.
func (c Responder) Con(h Hallazgo) Ofertante { c.hallado = h; return c }

// porOfrecer lists the candidates who were never bound to the Tarea, best first.
func (s State) porOfrecer() []ident.Efectivo {
	return slices.DeleteFunc(slices.Clone(s.candidatos), func(id ident.Efectivo) bool {
		_, bound := s.asignacion(id)
		return bound
	})
}

// Oferta returns who holds an unanswered offer, and until when.
func (s State) Oferta() (id ident.Efectivo, vence time.Time, ok bool) {
	for _, a := range s.asignaciones {
		if a.estado == PasoOfrecida {
			return a.efectivo, a.vence, true
		}
	}
	return "", time.Time{}, false
}

func (s State) ofrecer(c Ofrecer) ([]Event, error) {
	switch alcance := permiso.De(c.Por.Rol, permiso.EmergenciaCrear); {
	case alcance == permiso.Nada:
		return nil, permiso.ErrProhibido
	case !s.Existe(), !s.Alcanza(c.Por, alcance):
		return nil, ErrNoExiste
	}
	if err := s.abierta(); err != nil {
		return nil, err
	}
	if len(s.Activos()) > 0 {
		return nil, nil // somebody has it
	}
	if c.hallado.Libre == "" {
		return []Event{s.escalada(PorSinEfectivos, "", "", c.En)}, nil
	}
	e := s.oferta(c.hallado, c.En)
	if i := slices.Index(c.Siguientes, e.Efectivo); i >= 0 {
		e.Puesto = len(s.candidatos) + i + 1
	}
	return []Event{e}, nil
}

// plazoMinimo is what anybody needs to answer, however fast he lives.
const plazoMinimo = 2 * time.Second

// oferta is made to whom was found. A simulated one lives faster and answers sooner.
func (s State) oferta(h Hallazgo, en time.Time) EfectivoOfrecido {
	ranked := s.candidatos
	if h.Nueva != nil {
		ranked = append(h.Nueva.Recomendacion.Efectivos(), h.Nueva.Siguientes...)
	}
	plazo := segundos(s.criterios.PlazoS)
	plazo = max(min(plazo, plazoMinimo), segundos(s.criterios.PlazoS/max(1, h.Aceleracion))).Truncate(time.Microsecond)
	return EfectivoOfrecido{Efectivo: h.Libre, Puesto: slices.Index(ranked, h.Libre) + 1, Vence: en.Add(plazo), En: en}
}

// escalada counts the offers that came to nothing before.
func (s State) escalada(causa CausaEscalada, de, a ident.Efectivo, en time.Time) Event {
	return Escalada{Causa: causa, De: de, A: a, Nivel: s.escaladas + 1, En: en}
}

// siguiente passes a Tarea on: the new recommendation when there is one, the escalation, and
// the next offer when there is somebody.
func (s State) siguiente(causa CausaEscalada, de ident.Efectivo, h Hallazgo, en time.Time) []Event {
	events := append(h.emitida(en), s.escalada(causa, de, h.Libre, en))
	if h.Libre != "" {
		events = append(events, s.oferta(h, en))
	}
	return events
}

// deja reports whether an emergency would be left with nobody without id: somebody is looked
// for then, and whoever commands is told. While another has it nobody else is called.
func (s State) deja(id ident.Efectivo) bool {
	activos := s.Activos()
	return s.criterios.PlazoS > 0 && len(activos) == 1 && activos[0] == id
}

// pasa reports whether there is a next one to look for: a commander who says so wants him
// beside whoever has the Tarea already.
func (s State) pasa(c Escalar) bool {
	return s.escalable(c) && (c.Por.Rol != permiso.Sistema || s.deja(c.Efectivo))
}

func (s State) escalable(c Escalar) bool {
	i := slices.IndexFunc(s.asignaciones, func(a asignacion) bool { return a.efectivo == c.Efectivo })
	return s.estado.Abierta() && i >= 0 && s.asignaciones[i].estado == PasoOfrecida &&
		(c.Por.Rol != permiso.Sistema || !c.En.Before(s.asignaciones[i].vence))
}

func (s State) escalar(c Escalar) ([]Event, error) {
	if err := s.permite(c.Por, permiso.TareaEscalar); err != nil {
		return nil, err
	}
	if !s.escalable(c) {
		if c.Por.Rol == permiso.Sistema {
			return nil, nil
		}
		return nil, ErrSinOferta.With(fault.Field{Name: "efectivo", Message: "no tiene una oferta sin responder"})
	}
	causa := PorOrden
	if c.Por.Rol == permiso.Sistema {
		causa = PorVencimiento
	}
	events := []Event{EfectivoLiberado{Efectivo: c.Efectivo, En: c.En}}
	if s.deja(c.Efectivo) || causa == PorOrden && c.hallado.Libre != "" {
		events = append(events, s.siguiente(causa, c.Efectivo, c.hallado, c.En)...)
	}
	return events, nil
}
