package efectivo

import (
	"time"

	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/sealed"
)

// Origen names the fix that a fact was decided on: its batch of the telemetry
// log and its row there. The place itself stays in that log, where it can be erased.
type Origen struct {
	Lote int64 `json:"lote"`
	Fila int   `json:"fila"`
}

// UbicacionConfirmada says that a fix was taken as proof of being where a Tarea is.
type UbicacionConfirmada struct {
	Tarea  ident.Tarea `json:"tarea"`
	Origen Origen      `json:"origen"`
	En     time.Time   `json:"en"`
}

// SenalPerdida says that he stopped reporting while on duty.
type SenalPerdida struct {
	Turno  ident.Turno `json:"turno"`
	Ultima time.Time   `json:"ultima"` // when he was last heard, or when the shift began
	En     time.Time   `json:"en"`
}

// SenalRecuperada says that he reports again.
type SenalRecuperada struct {
	Turno  ident.Turno `json:"turno"`
	Origen Origen      `json:"origen"`
	En     time.Time   `json:"en"`
}

// ZonaIngresada says that he is inside a Zona.
type ZonaIngresada struct {
	Zona   ident.Zona `json:"zona"`
	Origen Origen     `json:"origen"`
	// Alarma: the Zona asks to be told of it, at this hour.
	Alarma bool      `json:"alarma,omitzero"`
	En     time.Time `json:"en"`
}

// ZonaAbandonada says that he is not inside it any more.
type ZonaAbandonada struct {
	Zona   ident.Zona `json:"zona"`
	Origen Origen     `json:"origen,omitzero"` // zero: the Zona was redrawn
	Alarma bool       `json:"alarma,omitzero"`
	En     time.Time  `json:"en"`
}

// SOSActivado calls for help. The place, when the device knew it, stands in clear:
// like that of a Tarea it says where something happened.
type SOSActivado struct {
	Ubicacion *geo.Punto `json:"ubicacion,omitzero"`
	En        time.Time  `json:"en"`
}

// SOSAtendido says that somebody took charge.
type SOSAtendido struct {
	Observaciones sealed.Commitment `json:"observaciones,omitzero"`
	En            time.Time         `json:"en"`
}

// LicenciaSolicitada asks for leave from Desde until Hasta, excluded.
type LicenciaSolicitada struct {
	Licencia ident.Licencia    `json:"licencia"`
	Desde    time.Time         `json:"desde"`
	Hasta    time.Time         `json:"hasta"`
	Motivo   sealed.Commitment `json:"motivo,omitzero"`
	En       time.Time         `json:"en"`
}

// LicenciaAprobada grants it.
type LicenciaAprobada struct {
	Licencia ident.Licencia `json:"licencia"`
	Desde    time.Time      `json:"desde"` // restated, so that what follows from it needs no other fact
	Hasta    time.Time      `json:"hasta"`
	En       time.Time      `json:"en"`
}

// LicenciaRechazada does not.
type LicenciaRechazada struct {
	Licencia ident.Licencia    `json:"licencia"`
	Motivo   sealed.Commitment `json:"motivo,omitzero"`
	En       time.Time         `json:"en"`
}

// DadoDeBaja ends his life as an Efectivo; his history stays.
type DadoDeBaja struct {
	Motivo sealed.Commitment `json:"motivo,omitzero"`
	En     time.Time         `json:"en"`
}

// EventName implements event.Event.
func (UbicacionConfirmada) EventName() string { return "efectivo.ubicacion_confirmada" }

// EventName implements event.Event.
func (SenalPerdida) EventName() string { return "efectivo.senal_perdida" }

// EventName implements event.Event.
func (SenalRecuperada) EventName() string { return "efectivo.senal_recuperada" }

// EventName implements event.Event.
func (ZonaIngresada) EventName() string { return "efectivo.zona_ingresada" }

// EventName implements event.Event.
func (ZonaAbandonada) EventName() string { return "efectivo.zona_abandonada" }

// EventName implements event.Event.
func (SOSActivado) EventName() string { return "efectivo.sos_activado" }

// EventName implements event.Event.
func (SOSAtendido) EventName() string { return "efectivo.sos_atendido" }

// EventName implements event.Event.
func (LicenciaSolicitada) EventName() string { return "efectivo.licencia_solicitada" }

// EventName implements event.Event.
func (LicenciaAprobada) EventName() string { return "efectivo.licencia_aprobada" }

// EventName implements event.Event.
func (LicenciaRechazada) EventName() string { return "efectivo.licencia_rechazada" }

// EventName implements event.Event.
func (DadoDeBaja) EventName() string { return "efectivo.dado_de_baja" }

func (UbicacionConfirmada) esEfectivo() {}
func (SenalPerdida) esEfectivo()        {}
func (SenalRecuperada) esEfectivo()     {}
func (ZonaIngresada) esEfectivo()       {}
func (ZonaAbandonada) esEfectivo()      {}
func (SOSActivado) esEfectivo()         {}
func (SOSAtendido) esEfectivo()         {}
func (LicenciaSolicitada) esEfectivo()  {}
func (LicenciaAprobada) esEfectivo()    {}
func (LicenciaRechazada) esEfectivo()   {}
func (DadoDeBaja) esEfectivo()          {}
