package tarea

import (
	"time"

	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
)

// Command is something somebody wants to happen to a Tarea.
//
//sumtype:decl
type Command interface {
	StreamID() string
	Autoriza() permiso.Accion
	Autor() permiso.Autor
	// Texts lists what the order seals; it goes to the vault with the facts.
	Texts() []sealed.Text
	ordena()
}

// Orden is what every order carries: for which Tarea, who gives it, when it
// happened in the field. Identifiers, time and salts are born at the edge.
type Orden struct {
	ID  ident.Tarea
	Por permiso.Autor
	En  time.Time
}

// Lugar is where a Tarea happens.
type Lugar struct {
	geo.Punto
	Descripcion sealed.Text // <= 200 characters
}

// Crear opens a Tarea.
type Crear struct {
	Orden
	Codigo           string      // 3..20 of A-Z 0-9 - _
	Titulo           sealed.Text // 5..200 characters
	Descripcion      sealed.Text // <= 4000 characters
	Tipo             Tipo
	Prioridad        Prioridad // 0 means media
	InicioProgramado time.Time // zero means En
	FinProgramado    *time.Time
	Delegado         ident.Usuario // empty: the author, whose hours are then not claimed
	PermitirSolape   bool          // rol 2+
	Telefono         sealed.Text   // <= 40 characters, of whoever called an emergency in
	Lista            []PuntoNuevo  // the checklist, without numbers
	Ubicacion        *Lugar
	Zona             ident.Zona
	Simulada         bool
}

// Modificar changes what a Tarea says; nil fields stay.
type Modificar struct {
	Orden
	Titulo           *sealed.Text
	Descripcion      *sealed.Text // an empty one takes it away
	Tipo             *Tipo
	Prioridad        *Prioridad
	InicioProgramado *time.Time
	FinProgramado    *time.Time
	SinFin           bool // without a FinProgramado: takes its end away
	PermitirSolape   bool
	Delegado         *ident.Usuario
	Lista            *[]PuntoNuevo // the whole checklist
	Ubicacion        *Lugar
	SinUbicacion     bool        // without an Ubicacion: takes its place away
	Zona             *ident.Zona // "" for none
}

// Asignar binds an Efectivo. Whether he is free is his own aggregate's decision,
// taken in the same append.
type Asignar struct {
	Orden
	Efectivo ident.Efectivo
	Forzar   bool
}

// Responder moves one asignacion forward: Paso is aceptada, rechazada, en_camino or en_lugar.
type Responder struct {
	Orden
	Efectivo ident.Efectivo
	Paso     EstadoAsignacion
	Motivo   sealed.Text // of a rejection

	hallado Hallazgo // who is offered the Tarea next, see Ofertante
}

// Liberar unbinds an Efectivo.
type Liberar struct {
	Orden
	Efectivo ident.Efectivo
}

// Iniciar starts the work.
type Iniciar struct{ Orden }

// Pausar interrupts it.
type Pausar struct {
	Orden
	Motivo sealed.Text
}

// Reanudar resumes it.
type Reanudar struct{ Orden }

// Finalizar ends it as done and releases its Efectivos.
type Finalizar struct {
	Orden
	Observaciones sealed.Text
}

// Cancelar ends it as not to be done and releases its Efectivos.
type Cancelar struct {
	Orden
	Motivo sealed.Text // required
}

// Reabrir takes a finished Tarea up again, rol 2+.
type Reabrir struct {
	Orden
	Motivo         sealed.Text // required
	PermitirSolape bool
}

// Autor returns who gives the order.
func (o Orden) Autor() permiso.Autor { return o.Por }

// StreamID names the stream the command is decided on.
func (o Orden) StreamID() string { return o.ID.Stream() }

// Texts implements Command for the orders that seal nothing.
func (o Orden) Texts() []sealed.Text { return nil }

func (Orden) ordena() {}

// Autoriza names the action in the table of permissions.
func (Crear) Autoriza() permiso.Accion { return permiso.TareaCrear }

// Autoriza names the action in the table of permissions.
func (Modificar) Autoriza() permiso.Accion { return permiso.TareaModificar }

// Autoriza names the action in the table of permissions.
func (Asignar) Autoriza() permiso.Accion { return permiso.TareaAsignar }

// Autoriza names the action in the table of permissions.
func (Responder) Autoriza() permiso.Accion { return permiso.TareaResponder }

// Autoriza names the action in the table of permissions.
func (Liberar) Autoriza() permiso.Accion { return permiso.TareaAsignar }

// Autoriza names the action in the table of permissions.
func (Iniciar) Autoriza() permiso.Accion { return permiso.TareaEjecutar }

// Autoriza names the action in the table of permissions.
func (Pausar) Autoriza() permiso.Accion { return permiso.TareaEjecutar }

// Autoriza names the action in the table of permissions.
func (Reanudar) Autoriza() permiso.Accion { return permiso.TareaEjecutar }

// Autoriza names the action in the table of permissions.
func (Finalizar) Autoriza() permiso.Accion { return permiso.TareaEjecutar }

// Autoriza names the action in the table of permissions.
func (Cancelar) Autoriza() permiso.Accion { return permiso.TareaCancelar }

// Autoriza names the action in the table of permissions.
func (Reabrir) Autoriza() permiso.Accion { return permiso.TareaReabrir }

// Texts lists what the order seals.
func (c Crear) Texts() []sealed.Text {
	texts := []sealed.Text{c.Titulo, c.Descripcion}
	if !c.Telefono.Empty() {
		texts = append(texts, c.Telefono)
	}
	for _, p := range c.Lista {
		texts = append(texts, p.Texto)
	}
	if c.Ubicacion != nil {
		texts = append(texts, c.Ubicacion.Descripcion)
	}
	return texts
}

// Texts lists what the order seals.
func (c Modificar) Texts() (texts []sealed.Text) {
	if c.Titulo != nil {
		texts = append(texts, *c.Titulo)
	}
	if c.Descripcion != nil {
		texts = append(texts, *c.Descripcion)
	}
	if c.Ubicacion != nil {
		texts = append(texts, c.Ubicacion.Descripcion)
	}
	if c.Lista != nil {
		for _, p := range *c.Lista {
			texts = append(texts, p.Texto)
		}
	}
	return texts
}

// Texts lists what the order seals: only a rejection keeps its reason.
func (c Responder) Texts() []sealed.Text {
	if c.Paso != PasoRechazada {
		return nil
	}
	return []sealed.Text{c.Motivo}
}

// Texts lists what the order seals.
func (c Pausar) Texts() []sealed.Text { return []sealed.Text{c.Motivo} }

// Texts lists what the order seals.
func (c Finalizar) Texts() []sealed.Text { return []sealed.Text{c.Observaciones} }

// Texts lists what the order seals.
func (c Cancelar) Texts() []sealed.Text { return []sealed.Text{c.Motivo} }

// Texts lists what the order seals.
func (c Reabrir) Texts() []sealed.Text { return []sealed.Text{c.Motivo} }
