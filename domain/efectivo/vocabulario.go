package efectivo

import (
	"strings"

	"github.com/grupo-gad/gad/domain/fault"
)

// Disponibilidad says whether an Efectivo can be given work.
type Disponibilidad string

// The canonical words, as stored.
const (
	Disponible    Disponibilidad = "disponible"
	EnTarea       Disponibilidad = "en_tarea"
	NoDisponible  Disponibilidad = "no_disponible"
	FueraServicio Disponibilidad = "fuera_servicio"
	EnLicencia    Disponibilidad = "en_licencia"
)

// Causa says why a disponibilidad changed.
type Causa string

// The causes, as stored.
const (
	PorOrden      Causa = "orden"
	PorAsignacion Causa = "asignacion"
	PorLiberacion Causa = "liberacion"
	PorLicencia   Causa = "licencia"
	// PorFinLicencia ends a leave.
	PorFinLicencia Causa = "fin_licencia"
)

// ParseDisponibilidad reads a disponibilidad or one of its aliases, in any case.
func ParseDisponibilidad(s string) (Disponibilidad, error) {
	switch d := Disponibilidad(strings.ToLower(s)); d {
	case Disponible, EnTarea, NoDisponible, FueraServicio, EnLicencia:
		return d, nil
	case "activo":
		return Disponible, nil
	}
	return "", ErrDisponibilidad.With(fault.Field{Name: "disponibilidad", Message: "no es una disponibilidad conocida"})
}
