package usuario

import (
	"time"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
)

// DatosPersonalesEliminados records that nobody will read who this was again: what the facts
// commit to is destroyed in the vault, his claims are given back, read models forget his name.
type DatosPersonalesEliminados struct {
	Sujeto     ident.Sujeto `json:"sujeto"`
	Aprobacion string       `json:"aprobacion"` // by a second administrator
	En         time.Time    `json:"en"`
}

// EventName implements event.Event.
func (DatosPersonalesEliminados) EventName() string { return "usuario.datos_personales_eliminados" }

func (DatosPersonalesEliminados) esUsuario() {}

// BorrarDatos erases the personal data of a Usuario. It belongs into one order with the
// Aprobacion that it spends.
type BorrarDatos struct {
	Orden
	Aprobacion string
}

// Autoriza names the action in the table of permissions.
func (BorrarDatos) Autoriza() permiso.Accion { return permiso.AprobacionPedir }

// ErrBorrado refuses to erase twice.
var ErrBorrado = fault.New(fault.Conflict, "usuario_datos_eliminados", "los datos personales de ese usuario ya se eliminaron")

func (s State) borrar(c BorrarDatos) ([]Event, error) {
	switch {
	case permiso.De(c.Por.Rol, c.Autoriza()) != permiso.Todo, c.Aprobacion == "":
		return nil, permiso.ErrProhibido
	case !s.existe:
		return nil, ErrNoExiste
	case s.borrado:
		return nil, ErrBorrado
	}
	return []Event{DatosPersonalesEliminados{Sujeto: s.sujeto, Aprobacion: c.Aprobacion, En: c.En}}, nil
}
