package projections

import (
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
)

// Scope is who is asking. Every query takes one: there is no way to read
// without saying for whom.
type Scope struct {
	Alcance  permiso.Alcance // Nada finds nothing
	Usuario  ident.Usuario
	Efectivo ident.Efectivo // the Efectivo the Usuario is, or ""
	// Jurisdiccion is what EnJurisdiccion reaches, beside what is his own.
	Jurisdiccion *permiso.Jurisdiccion
}

// ScopeOf returns how far an author may read with an action.
func ScopeOf(por permiso.Autor, a permiso.Accion) Scope {
	s := Scope{Alcance: por.Alcance(a), Usuario: por.Usuario, Efectivo: por.Efectivo}
	if s.Alcance == permiso.EnJurisdiccion {
		s.Jurisdiccion = por.Jurisdiccion
	}
	return s
}

// System sees everything: for the program itself, never for a request.
var System = Scope{Alcance: permiso.Todo}
