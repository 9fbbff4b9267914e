package efectivo

import (
	"time"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
)

// Command is something somebody wants of an Efectivo.
//
//sumtype:decl
type Command interface {
	StreamID() string
	Autoriza() permiso.Accion
	Autor() permiso.Autor
	Texts() []sealed.Text
	ordena()
}

// Orden is what every order carries. Identifiers and time are born at the edge.
type Orden struct {
	ID  ident.Efectivo
	Por permiso.Autor
	En  time.Time
}

// Registrar enters an Efectivo for a Usuario that exists or is registered in the same append.
type Registrar struct {
	Orden
	Usuario       ident.Usuario
	CodigoInterno string // >= 3 characters
	Rango         string
	Unidad        string
	Especialidad  string
	Simulado      bool
	Aceleracion   float64 // 1..10000, only simulated
}

// ModificarFicha changes what is written about him; nil fields stay.
type ModificarFicha struct {
	Orden
	Rango, Unidad, Especialidad *string
}

// IniciarTurno puts him on duty.
type IniciarTurno struct {
	Orden
	Turno ident.Turno
}

// FinalizarTurno takes him off duty.
type FinalizarTurno struct {
	Orden
	Forzar bool // rol 2+: even with an active Tarea
}

// CambiarDisponibilidad declares disponible or no_disponible.
type CambiarDisponibilidad struct {
	Orden
	Disponibilidad Disponibilidad
}

// Ocupar binds him to a Tarea. Only the order that assigns issues it.
type Ocupar struct {
	Orden
	Tarea   ident.Tarea
	Forzar  bool
	Elegido bool // by the author, who must reach him; false: by a ranking of everybody
	// SinAcceso: his Usuario is blocked or has left, he would neither see it nor answer.
	SinAcceso bool
}

// Desocupar frees him from a Tarea. Only the order that releases issues it.
type Desocupar struct {
	Orden
	Tarea    ident.Tarea
	SinTomar bool // it was offered to him and he did not answer, or he rejected it
}

// Autor returns who gives the order.
func (o Orden) Autor() permiso.Autor { return o.Por }

// StreamID names the stream the command is decided on.
func (o Orden) StreamID() string { return o.ID.Stream() }

// Texts implements Command: nothing about an Efectivo is sealed; the person is a Usuario.
func (o Orden) Texts() []sealed.Text { return nil }

func (Orden) ordena() {}

// Autoriza names the action in the table of permissions.
func (Registrar) Autoriza() permiso.Accion { return permiso.EfectivoAlta }

// Autoriza names the action in the table of permissions.
func (ModificarFicha) Autoriza() permiso.Accion { return permiso.EfectivoAlta }

// Autoriza names the action in the table of permissions.
func (IniciarTurno) Autoriza() permiso.Accion { return permiso.EfectivoTurno }

// Autoriza names the action in the table of permissions.
func (FinalizarTurno) Autoriza() permiso.Accion { return permiso.EfectivoTurno }

// Autoriza names the action in the table of permissions.
func (CambiarDisponibilidad) Autoriza() permiso.Accion { return permiso.EfectivoEstado }

// Autoriza names the action in the table of permissions.
func (Ocupar) Autoriza() permiso.Accion { return permiso.TareaAsignar }

// Autoriza names the action in the table of permissions.
func (Desocupar) Autoriza() permiso.Accion { return permiso.TareaEjecutar }
