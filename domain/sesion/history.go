package sesion

import "github.com/grupo-gad/gad/domain/event"

// Definitions lists every version of every session event ever stored.
func Definitions() []event.Definition {
	return []event.Definition{
		event.Current[Iniciada](1),
		event.Current[Fallida](1),
		event.Current[Cerrada](1),
		event.Current[FamiliaRevocada](1),
	}
}
