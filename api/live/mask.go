package live

import (
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/projections/efectivos"
	"github.com/grupo-gad/gad/projections/tareas"
)

// reservado stands where a text is withheld, as in answers of REST.
const reservado = "[reservado]"

// masked reports whether free text and names are withheld from somebody.
func masked(who permiso.Autor) bool { return who.Rol == permiso.Auditor }

// tareaRow is a Tarea as its reader may see it. It is the only way into a snapshot.
func tareaRow(who permiso.Autor, t tareas.Tarea) tareaItem {
	if masked(who) {
		t.Titulo = reservado
		if t.Descripcion != "" {
			t.Descripcion = reservado
		}
		if t.Ubicacion != nil && t.Ubicacion.Descripcion != "" {
			place := *t.Ubicacion
			place.Descripcion = reservado
			t.Ubicacion = &place
		}
	}
	return tareaItem{t}
}

// fichaRow is the same for an Efectivo.
func fichaRow(who permiso.Autor, e efectivos.Efectivo) fichaItem {
	if masked(who) && e.Nombre != "" {
		e.Nombre = reservado
	}
	return fichaItem{e}
}
