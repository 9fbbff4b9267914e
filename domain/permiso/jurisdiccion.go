package permiso

import (
	"slices"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
)

// Jurisdiccion is which part of the operation somebody answers for. An empty list narrows
// nothing in its dimension. It is shared between goroutines: nobody writes into it.
//
// What belongs to nobody belongs to everybody: a Tarea without Zona and an Efectivo without
// unidad are in every Jurisdiccion, so that no need falls between two of them.
type Jurisdiccion struct {
	Zonas    []ident.Zona
	Unidades []string
}

// Vacia reports whether it narrows nothing.
func (j *Jurisdiccion) Vacia() bool {
	return j == nil || len(j.Zonas) == 0 && len(j.Unidades) == 0
}

// Zona reports whether Tareas of a Zona, "" for those of none, are in it.
func (j *Jurisdiccion) Zona(z ident.Zona) bool {
	return j == nil || len(j.Zonas) == 0 || z == "" || slices.Contains(j.Zonas, z)
}

// Unidad reports whether Efectivos of a unidad, "" for those of none, are in it.
func (j *Jurisdiccion) Unidad(u string) bool {
	return j == nil || len(j.Unidades) == 0 || u == "" || slices.Contains(j.Unidades, u)
}

// ErrFueraDeJurisdiccion refuses to put something where its author could not see it any more.
var ErrFueraDeJurisdiccion = fault.New(fault.Forbidden, "fuera_de_jurisdiccion", "esa zona o esa unidad no es de su jurisdicción")
