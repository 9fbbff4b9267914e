// Package domain is the field operation in pure Go: no clock, no network, no database.
package domain

import (
	"github.com/grupo-gad/gad/domain/aprobacion"
	"github.com/grupo-gad/gad/domain/auditoria"
	"github.com/grupo-gad/gad/domain/claim"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/marca"
	"github.com/grupo-gad/gad/domain/operacion"
	"github.com/grupo-gad/gad/domain/sesion"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/domain/zona"
)

// Catalog returns every event the system knows.
func Catalog() (*event.Catalog, error) {
	return event.NewCatalog(tarea.Definitions(), efectivo.Definitions(), usuario.Definitions(),
		zona.Definitions(), marca.Definitions(), operacion.Definitions(), operacion.DefinicionesAlerta(),
		aprobacion.Definitions(), auditoria.Definitions(), sesion.Definitions())
}

// Claims says what an event takes and gives back of the things only one may hold.
func Claims(e event.Event) []claim.Change {
	switch e := e.(type) {
	case tarea.Event:
		return tarea.Claims(e)
	case efectivo.Event:
		return efectivo.Claims(e)
	case usuario.Event:
		return usuario.Claims(e)
	}
	return nil
}
