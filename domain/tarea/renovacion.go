package tarea

import (
	"time"

	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
)

// A recommendation is of its instant: people end their shifts, move, are freed. Once nobody
// of the stored one is left it is computed anew, without those who had their turn, before
// anybody is told that there is nobody.

// Busqueda is what a recommendation is computed anew for.
type Busqueda struct {
	Lugar     geo.Punto
	En        time.Time
	Criterios Criterios
	Probados  []ident.Efectivo // who was bound to the Tarea already, and left it before its end
}

// Nueva is a recommendation that was computed anew.
type Nueva struct {
	Recomendacion Recomendacion
	Siguientes    []ident.Efectivo // suitable ones after those it keeps
}

// Hallazgo is what whoever runs the order of an Ofertante found.
type Hallazgo struct {
	Libre       ident.Efectivo // the first free candidate, "" when none is
	Aceleracion float64        // how many times faster than the clock he lives
	Nueva       *Nueva         // nil: he is one of those that Busca listed
}

// Rebuscar looks again for somebody to offer a Tarea to that nobody has. While there is
// nobody still, or somebody has it, nothing happens: it may come as often as one likes.
type Rebuscar struct {
	Orden
	hallado Hallazgo
}

// Autoriza names the action in the table of permissions.
func (Rebuscar) Autoriza() permiso.Accion { return permiso.TareaEscalar }

// Busca implements Ofertante: what the old recommendation says is too old to be asked.
func (Rebuscar) Busca(State) []ident.Efectivo { return nil }

// Con implements Ofertante.
func (c Rebuscar) Con(h Hallazgo) Ofertante { c.hallado = h; return c }

// Renueva implements Ofertante.
func (c Rebuscar) Renueva(s State) (Busqueda, bool) {
	if !s.estado.Abierta() || len(s.Activos()) > 0 {
		return Busqueda{}, false
	}
	return s.busqueda(c.En)
}

// Renueva implements Ofertante.
func (c Escalar) Renueva(s State) (Busqueda, bool) {
	if !s.pasa(c) {
		return Busqueda{}, false
	}
	return s.busqueda(c.En)
}

// Renueva implements Ofertante.
func (c Responder) Renueva(s State) (Busqueda, bool) {
	if c.Paso != PasoRechazada || !s.deja(c.Efectivo) {
		return Busqueda{}, false
	}
	return s.busqueda(c.En)
}

// Renueva implements Ofertante: its recommendation was computed a moment ago.
func (Ofrecer) Renueva(State) (Busqueda, bool) { return Busqueda{}, false }

// busqueda is possible for a Tarea that has a place and had a recommendation: it says by
// which rules.
func (s State) busqueda(en time.Time) (Busqueda, bool) {
	if s.lugar == nil || s.criterios.PlazoS == 0 {
		return Busqueda{}, false
	}
	b := Busqueda{Lugar: *s.lugar, En: en, Criterios: s.criterios}
	for _, a := range s.asignaciones {
		if !a.cerrada {
			b.Probados = append(b.Probados, a.efectivo)
		}
	}
	return b, true
}

func (s State) rebuscar(c Rebuscar) ([]Event, error) {
	if err := s.permite(c.Por, permiso.TareaEscalar); err != nil {
		return nil, err
	}
	if !s.estado.Abierta() || len(s.Activos()) > 0 || c.hallado.Nueva == nil || c.hallado.Libre == "" {
		return nil, nil
	}
	return append(c.hallado.emitida(c.En), s.oferta(c.hallado, c.En)), nil
}

// emitida is the fact of a recommendation that was computed anew.
func (h Hallazgo) emitida(en time.Time) []Event {
	if h.Nueva == nil {
		return nil
	}
	return []Event{RecomendacionEmitida{Recomendacion: h.Nueva.Recomendacion, En: en}}
}
