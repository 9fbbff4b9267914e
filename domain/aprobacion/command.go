package aprobacion

import (
	"time"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
)

// Command is something somebody wants of an Aprobacion.
//
//sumtype:decl
type Command interface {
	StreamID() string
	Autoriza() permiso.Accion
	Autor() permiso.Autor
	Texts() []sealed.Text
	ordena()
}

// Orden is what every order carries. Identifiers, time and salts are born at the edge.
type Orden struct {
	ID  ident.Aprobacion
	Por permiso.Autor
	En  time.Time
}

// Solicitar asks. Vence is when it is too late.
type Solicitar struct {
	Orden
	Pedido Pedido
	Motivo sealed.Text // owned by the Aprobacion
	Vence  time.Time
}

// Aprobar lets it happen; never by whoever asked.
type Aprobar struct{ Orden }

// Rechazar ends it, also after it was approved.
type Rechazar struct {
	Orden
	Motivo sealed.Text
}

// Vencer ends what is too late; the system orders it.
type Vencer struct{ Orden }

// Ejecutar spends the approval. Pedido is what is about to happen and must be what was
// approved; the rest is what the fact has to say of it.
type Ejecutar struct {
	Orden
	Pedido       Pedido
	Posicion     int64
	Desde, Hasta int64
}

// Autor returns who gives the order.
func (o Orden) Autor() permiso.Autor { return o.Por }

// StreamID names the stream the command is decided on.
func (o Orden) StreamID() string { return o.ID.Stream() }

// Texts implements Command for the orders that seal nothing.
func (o Orden) Texts() []sealed.Text { return nil }

func (Orden) ordena() {}

// Texts lists what the order seals.
func (c Solicitar) Texts() []sealed.Text { return []sealed.Text{c.Motivo} }

// Texts lists what the order seals.
func (c Rechazar) Texts() []sealed.Text { return []sealed.Text{c.Motivo} }

// Autoriza names the action in the table of permissions.
func (Solicitar) Autoriza() permiso.Accion { return permiso.AprobacionPedir }

// Autoriza names the action in the table of permissions.
func (Aprobar) Autoriza() permiso.Accion { return permiso.AprobacionResolver }

// Autoriza names the action in the table of permissions.
func (Rechazar) Autoriza() permiso.Accion { return permiso.AprobacionResolver }

// Autoriza names the action in the table of permissions.
func (Vencer) Autoriza() permiso.Accion { return permiso.AprobacionVencer }

// Autoriza names the action in the table of permissions.
func (Ejecutar) Autoriza() permiso.Accion { return permiso.AprobacionPedir }
