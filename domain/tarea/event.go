package tarea

import (
	"time"

	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/sealed"
)

// Event is a fact in the life of a Tarea.
//
//sumtype:decl
type Event interface {
	event.Event
	esTarea()
}

// Ubicacion is where a Tarea happens; its description is free text and sealed.
type Ubicacion struct {
	geo.Punto
	Descripcion sealed.Commitment `json:"descripcion,omitzero"`
}

// Creada opens a Tarea.
type Creada struct {
	ID               ident.Tarea       `json:"id"`
	Codigo           string            `json:"codigo"`
	Titulo           sealed.Commitment `json:"titulo"`
	Descripcion      sealed.Commitment `json:"descripcion,omitzero"`
	Tipo             Tipo              `json:"tipo"`
	Prioridad        Prioridad         `json:"prioridad"`
	InicioProgramado time.Time         `json:"inicio_programado"`
	FinProgramado    *time.Time        `json:"fin_programado,omitzero"`
	Creador          ident.Usuario     `json:"creador"`
	Delegado         ident.Usuario     `json:"delegado"`
	// DelegadoNombrado: the order named him, so his hours are claimed.
	DelegadoNombrado   bool          `json:"delegado_nombrado,omitzero"`
	SolapePermitidoPor ident.Usuario `json:"solape_permitido_por,omitzero"`
	// Telefono of whoever called an emergency in.
	Telefono  sealed.Commitment `json:"telefono,omitzero"`
	Ubicacion *Ubicacion        `json:"ubicacion,omitzero"`
	Zona      ident.Zona        `json:"zona,omitzero"`
	Simulada  bool              `json:"simulada,omitzero"`
	En        time.Time         `json:"en"`
}

// Modificada changes what a Tarea says. A nil field stays as it was.
type Modificada struct {
	Titulo           *sealed.Commitment `json:"titulo,omitzero"`
	Descripcion      *sealed.Commitment `json:"descripcion,omitzero"`
	Tipo             *Tipo              `json:"tipo,omitzero"`
	InicioProgramado *time.Time         `json:"inicio_programado,omitzero"`
	FinProgramado    *time.Time         `json:"fin_programado,omitzero"`
	Ubicacion        *Ubicacion         `json:"ubicacion,omitzero"`
	Zona             *ident.Zona        `json:"zona,omitzero"`
	// What it no longer has. Without an end it claims no hours.
	SinDescripcion bool `json:"sin_descripcion,omitzero"`
	SinFin         bool `json:"sin_fin,omitzero"`
	SinUbicacion   bool `json:"sin_ubicacion,omitzero"`
	SinZona        bool `json:"sin_zona,omitzero"`
	// Horario and Delegado restate the overlap claim after the change, so that
	// claims stay a function of this event alone.
	Delegado           ident.Usuario `json:"delegado,omitzero"`
	Horario            *Horario      `json:"horario,omitzero"`
	SolapePermitidoPor ident.Usuario `json:"solape_permitido_por,omitzero"`
	En                 time.Time     `json:"en"`
}

// Horario is a planned time span, end excluded.
type Horario struct {
	Desde time.Time `json:"desde"`
	Hasta time.Time `json:"hasta"`
}

// PrioridadCambiada moves a Tarea up or down.
type PrioridadCambiada struct {
	Prioridad Prioridad `json:"prioridad"`
	En        time.Time `json:"en"`
}

// Delegada puts another Usuario in charge. Like Modificada it restates the claim
// on his hours: none when the Tarea has no end or somebody allowed the overlap.
type Delegada struct {
	Delegado           ident.Usuario `json:"delegado"`
	Horario            *Horario      `json:"horario,omitzero"`
	SolapePermitidoPor ident.Usuario `json:"solape_permitido_por,omitzero"`
	En                 time.Time     `json:"en"`
}

// EfectivoAsignado binds an Efectivo to the Tarea by a dispatcher's order.
type EfectivoAsignado struct {
	Efectivo ident.Efectivo `json:"efectivo"`
	Forzado  bool           `json:"forzado,omitzero"`
	En       time.Time      `json:"en"`
}

// AsignacionAceptada records that the Efectivo took it.
type AsignacionAceptada struct {
	Efectivo ident.Efectivo `json:"efectivo"`
	En       time.Time      `json:"en"`
}

// AsignacionRechazada records that he did not, and frees him.
type AsignacionRechazada struct {
	Efectivo ident.Efectivo    `json:"efectivo"`
	Motivo   sealed.Commitment `json:"motivo,omitzero"`
	En       time.Time         `json:"en"`
}

// EfectivoEnCamino records that he is on his way.
type EfectivoEnCamino struct {
	Efectivo ident.Efectivo `json:"efectivo"`
	En       time.Time      `json:"en"`
}

// EfectivoEnLugar records that he arrived.
type EfectivoEnLugar struct {
	Efectivo ident.Efectivo `json:"efectivo"`
	En       time.Time      `json:"en"`
}

// EfectivoLiberado unbinds an Efectivo from the Tarea.
type EfectivoLiberado struct {
	Efectivo ident.Efectivo `json:"efectivo"`
	En       time.Time      `json:"en"`
}

// Iniciada starts the work.
type Iniciada struct {
	// Implicito: nobody ordered the start; finishing implied it.
	Implicito bool      `json:"implicito,omitzero"`
	En        time.Time `json:"en"`
}

// Pausada interrupts the work.
type Pausada struct {
	Motivo sealed.Commitment `json:"motivo,omitzero"`
	En     time.Time         `json:"en"`
}

// Reanudada resumes it.
type Reanudada struct {
	En time.Time `json:"en"`
}

// Finalizada ends the work as done.
type Finalizada struct {
	Observaciones sealed.Commitment `json:"observaciones,omitzero"`
	En            time.Time         `json:"en"`
}

// Cancelada ends it as not to be done.
type Cancelada struct {
	Motivo sealed.Commitment `json:"motivo"`
	En     time.Time         `json:"en"`
}

// Reabierta takes a finished Tarea up again. The time it was closed is not worked
// time: it counts as a pause. The claim on the delegado's hours is restated.
type Reabierta struct {
	Motivo             sealed.Commitment `json:"motivo"`
	Delegado           ident.Usuario     `json:"delegado,omitzero"`
	Horario            *Horario          `json:"horario,omitzero"`
	SolapePermitidoPor ident.Usuario     `json:"solape_permitido_por,omitzero"`
	En                 time.Time         `json:"en"`
}

// The stored names. They are never renamed, whatever happens to the Go types.

// EventName implements event.Event.
func (Creada) EventName() string { return "tarea.creada" }

// EventName implements event.Event.
func (Modificada) EventName() string { return "tarea.modificada" }

// EventName implements event.Event.
func (PrioridadCambiada) EventName() string { return "tarea.prioridad_cambiada" }

// EventName implements event.Event.
func (Delegada) EventName() string { return "tarea.delegada" }

// EventName implements event.Event.
func (Reabierta) EventName() string { return "tarea.reabierta" }

// EventName implements event.Event.
func (EfectivoAsignado) EventName() string { return "tarea.efectivo_asignado" }

// EventName implements event.Event.
func (AsignacionAceptada) EventName() string { return "tarea.asignacion_aceptada" }

// EventName implements event.Event.
func (AsignacionRechazada) EventName() string { return "tarea.asignacion_rechazada" }

// EventName implements event.Event.
func (EfectivoEnCamino) EventName() string { return "tarea.efectivo_en_camino" }

// EventName implements event.Event.
func (EfectivoEnLugar) EventName() string { return "tarea.efectivo_en_lugar" }

// EventName implements event.Event.
func (EfectivoLiberado) EventName() string { return "tarea.efectivo_liberado" }

// EventName implements event.Event.
func (Iniciada) EventName() string { return "tarea.iniciada" }

// EventName implements event.Event.
func (Pausada) EventName() string { return "tarea.pausada" }

// EventName implements event.Event.
func (Reanudada) EventName() string { return "tarea.reanudada" }

// EventName implements event.Event.
func (Finalizada) EventName() string { return "tarea.finalizada" }

// EventName implements event.Event.
func (Cancelada) EventName() string { return "tarea.cancelada" }

func (Creada) esTarea()              {}
func (Modificada) esTarea()          {}
func (PrioridadCambiada) esTarea()   {}
func (Delegada) esTarea()            {}
func (Reabierta) esTarea()           {}
func (EfectivoAsignado) esTarea()    {}
func (AsignacionAceptada) esTarea()  {}
func (AsignacionRechazada) esTarea() {}
func (EfectivoEnCamino) esTarea()    {}
func (EfectivoEnLugar) esTarea()     {}
func (EfectivoLiberado) esTarea()    {}
func (Iniciada) esTarea()            {}
func (Pausada) esTarea()             {}
func (Reanudada) esTarea()           {}
func (Finalizada) esTarea()          {}
func (Cancelada) esTarea()           {}
