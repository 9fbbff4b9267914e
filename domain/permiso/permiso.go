// Package permiso is the one table of who may order what.
//
// It answers with a scope, never with yes or no: the decision of the aggregate
// compares the scope with its own state (whose Tarea is it, who is assigned).
// What is not in the table is denied.
package permiso

import (
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
)

// Rol is what a Usuario is trusted with.
type Rol string

// The roles, as stored.
const (
	Nadie         Rol = ""
	Efectivo      Rol = "efectivo"
	Supervisor    Rol = "supervisor"
	Administrador Rol = "administrador"
	Auditor       Rol = "auditor"
	Servicio      Rol = "servicio"
	// Sistema is no person: what a part of the program orders by itself. Nobody can hold it.
	Sistema Rol = "sistema"
)

// Roles lists every rol somebody can hold.
func Roles() []Rol { return []Rol{Efectivo, Supervisor, Administrador, Auditor, Servicio} }

// Nivel is 1 to 3 for the chain of command and 0 for those outside it.
func (r Rol) Nivel() int {
	switch r {
	case Efectivo:
		return 1
	case Supervisor:
		return 2
	case Administrador:
		return 3
	case Nadie, Auditor, Servicio, Sistema:
	}
	return 0
}

// Valido reports whether r is a known rol.
func (r Rol) Valido() bool {
	switch r {
	case Efectivo, Supervisor, Administrador, Auditor, Servicio:
		return true
	case Nadie, Sistema:
	}
	return false
}

// Autor is who gives an order, as the door verified it.
type Autor struct {
	Usuario  ident.Usuario
	Rol      Rol
	Efectivo ident.Efectivo // the Efectivo this Usuario is; empty for others
	Sistema  string         // which part of the program, when it is nobody: "politicas"
	// Jurisdiccion narrows what EnJurisdiccion reaches; nil narrows nothing.
	Jurisdiccion *Jurisdiccion
}

// Alcance returns how far the author may go with a: EnJurisdiccion only for whom one narrows.
func (p Autor) Alcance(a Accion) Alcance {
	alcance := De(p.Rol, a)
	if alcance == EnJurisdiccion && p.Jurisdiccion == nil {
		return Todo
	}
	return alcance
}

// DelSistema is a part of the program as the author of its own orders; the log
// names it "sistema:" and its name.
func DelSistema(parte string) Autor { return Autor{Rol: Sistema, Sistema: parte} }

// Alcance is how far a permission reaches.
type Alcance uint8

// The scopes, from nothing to everything.
const (
	Nada     Alcance = iota
	Propio           // what is the author's own: created, delegated or himself
	Asignado         // also what he is assigned to
	// EnJurisdiccion is also what lies in his Zonas and unidades, where he was given any; all of
	// it where he was not.
	EnJurisdiccion
	Todo
)

// String is the word of the documents.
func (a Alcance) String() string {
	switch a {
	case Propio:
		return "propio"
	case Asignado:
		return "asignado"
	case EnJurisdiccion:
		return "jurisdicción"
	case Todo:
		return "todo"
	case Nada:
	}
	return "-"
}

// ErrProhibido refuses an order that the rol does not allow.
var ErrProhibido = fault.New(fault.Forbidden, "prohibido", "su rol no permite esta acción")
