package efectivo

import (
	"time"

	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/ident"
)

// Event is a fact in the life of an Efectivo.
//
//sumtype:decl
type Event interface {
	event.Event
	esEfectivo()
}

// Registrado enters an Efectivo, off duty.
type Registrado struct {
	ID            ident.Efectivo `json:"id"`
	Usuario       ident.Usuario  `json:"usuario"`
	CodigoInterno string         `json:"codigo_interno"`
	Rango         string         `json:"rango,omitzero"`
	Unidad        string         `json:"unidad,omitzero"`
	Especialidad  string         `json:"especialidad,omitzero"`
	// Simulado marks an invented person; it is shown wherever he is.
	Simulado bool `json:"simulado,omitzero"`
	// Aceleracion is how many times faster than the clock a simulated Efectivo moves; 0 means 1.
	Aceleracion float64   `json:"aceleracion,omitzero"`
	En          time.Time `json:"en"`
}

// FichaModificada changes what is written about him. A nil field stays.
type FichaModificada struct {
	Rango        *string   `json:"rango,omitzero"`
	Unidad       *string   `json:"unidad,omitzero"`
	Especialidad *string   `json:"especialidad,omitzero"`
	En           time.Time `json:"en"`
}

// TurnoIniciado puts him on duty.
type TurnoIniciado struct {
	Turno ident.Turno `json:"turno"`
	En    time.Time   `json:"en"`
}

// TurnoFinalizado takes him off duty.
type TurnoFinalizado struct {
	Turno   ident.Turno `json:"turno"`
	Forzado bool        `json:"forzado,omitzero"` // a Tarea was still active
	En      time.Time   `json:"en"`
}

// DisponibilidadCambiada says what he can be given now, and why it changed.
type DisponibilidadCambiada struct {
	Disponibilidad Disponibilidad `json:"disponibilidad"`
	Causa          Causa          `json:"causa"`
	Tarea          ident.Tarea    `json:"tarea,omitzero"`    // bound (asignacion) or freed (liberacion)
	Licencia       ident.Licencia `json:"licencia,omitzero"` // begun (licencia) or over (fin_licencia)
	Forzada        bool           `json:"forzada,omitzero"`
	SinTomar       bool           `json:"sin_tomar,omitzero"` // freed of a Tarea that he never took
	En             time.Time      `json:"en"`
}

// EventName implements event.Event.
func (Registrado) EventName() string { return "efectivo.registrado" }

// EventName implements event.Event.
func (FichaModificada) EventName() string { return "efectivo.ficha_modificada" }

// EventName implements event.Event.
func (TurnoIniciado) EventName() string { return "efectivo.turno_iniciado" }

// EventName implements event.Event.
func (TurnoFinalizado) EventName() string { return "efectivo.turno_finalizado" }

// EventName implements event.Event.
func (DisponibilidadCambiada) EventName() string { return "efectivo.disponibilidad_cambiada" }

func (Registrado) esEfectivo()             {}
func (FichaModificada) esEfectivo()        {}
func (TurnoIniciado) esEfectivo()          {}
func (TurnoFinalizado) esEfectivo()        {}
func (DisponibilidadCambiada) esEfectivo() {}
