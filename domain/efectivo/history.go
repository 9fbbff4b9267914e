package efectivo

import "github.com/grupo-gad/gad/domain/event"

// Definitions lists every version of every Efectivo event ever stored.
func Definitions() []event.Definition {
	return []event.Definition{
		event.Current[Registrado](1),
		event.Current[FichaModificada](1),
		event.Current[TurnoIniciado](1),
		event.Current[TurnoFinalizado](1),
		event.Current[DisponibilidadCambiada](1),
	}
}
