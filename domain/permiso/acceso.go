package permiso

import (
	"fmt"
	"maps"
	"slices"
)

// The faces by which somebody comes in.
const (
	CaraREST = "rest" // a method and a pattern of an address
	CaraVivo = "ws"   // a topic
	CaraBot  = "bot"  // a command, a button, a shared position
)

// Acceso is one way in: every face has a table of its own, and every line of it is one. The
// documents and the test that walks all of them are made of these tables.
type Acceso struct {
	Cara    string
	Nombre  string // "POST /api/v1/tareas", "tareas", "/mistareas"
	Accion  Accion // "" where Abierto
	Abierto bool   // nobody is asked who he is
}

// Alcance returns how far rol may go by this way.
func (a Acceso) Alcance(rol Rol) Alcance {
	if a.Abierto {
		return Todo
	}
	return De(rol, a.Accion)
}

// Declarado refuses a way in that the table of permissions knows nothing of. A face that has
// one does not start.
func (a Acceso) Declarado() error {
	switch _, known := tabla[a.Accion]; {
	case a.Abierto && a.Accion != "":
		return fmt.Errorf("%s %s is open and asks for %q", a.Cara, a.Nombre, a.Accion)
	case !a.Abierto && !known:
		return fmt.Errorf("%s %s asks for %q, which is not in the table of permissions", a.Cara, a.Nombre, a.Accion)
	}
	return nil
}

// Acciones lists the table, by name.
func Acciones() []Accion { return slices.Sorted(maps.Keys(tabla)) }
