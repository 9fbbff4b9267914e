package marca

import "github.com/grupo-gad/gad/domain/event"

// Definitions lists every version of every Marca event ever stored.
func Definitions() []event.Definition {
	return []event.Definition{event.Current[Puesta](1), event.Current[Retirada](1)}
}
