package usuario

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
)

// maxJurisdiccion bounds each list of a Jurisdiccion: every question of its holder carries them.
const maxJurisdiccion = 50

// asignarJurisdiccion narrows a supervisor. Other roles have a reach that Zonas and unidades do
// not cut, so that to write any down for them would only look like a wall.
func (s State) asignarJurisdiccion(c AsignarJurisdiccion) ([]Event, error) {
	var r revision
	e := JurisdiccionAsignada{Zonas: ordenados(c.Zonas), Unidades: []string{}, En: c.En}
	for _, u := range c.Unidades {
		u = strings.TrimSpace(u)
		if n := utf8.RuneCountInString(u); n < 1 || n > 100 {
			r.mal("unidades", "cada una lleva de 1 a 100 caracteres")
			break
		}
		e.Unidades = append(e.Unidades, u)
	}
	e.Unidades = ordenados(e.Unidades)
	if slices.Contains(e.Zonas, ident.Zona("")) {
		r.mal("zonas", "falta el identificador de una zona")
	}
	if len(e.Zonas) > maxJurisdiccion {
		r.mal("zonas", "son como mucho 50")
	}
	if len(e.Unidades) > maxJurisdiccion {
		r.mal("unidades", "son como mucho 50")
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	switch {
	case slices.Equal(e.Zonas, s.alcance.Zonas) && slices.Equal(e.Unidades, s.alcance.Unidades):
		return nil, nil
	case s.rol != permiso.Supervisor && len(e.Zonas)+len(e.Unidades) > 0:
		return nil, ErrSinJurisdiccion
	}
	return []Event{e}, nil
}

// ordenados returns a list in order, none twice; never nil.
func ordenados[T ~string](list []T) []T {
	all := append([]T{}, list...)
	slices.Sort(all)
	return slices.Compact(all)
}
