// Package politica says which timers follow from the facts of a Tarea and of an
// Efectivo: at what instant something is to be ordered unless a fact comes first.
//
// What is waited for is a pure function of the facts, so losing every row of it loses
// nothing. How long is waited is a setting (Plazos) and no part of it: a setting that
// changes holds for what waits already. The ID of a timer is one of what it is about and
// of the instant it counts from: an order that carries it can be given again and happens once.
package politica

import (
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
)

// Clase says what a timer is for.
type Clase string

// The kinds, as stored.
const (
	Oferta           Clase = "oferta"            // nobody answered: on to the next
	Recordatorio     Clase = "recordatorio"      // the Tarea begins soon
	Vencida          Clase = "vencida"           // it should have ended
	LicenciaComienza Clase = "licencia_comienza" // a granted leave begins
	LicenciaTermina  Clase = "licencia_termina"  // it is over
	SOS              Clase = "sos"               // nobody has attended a call for help
	// Desatendida is an emergency that nobody has: somebody is looked for again and again, it
	// is not due at an instant.
	Desatendida Clase = "desatendida"
)

// The most that is waited for on one occasion.
const (
	MaxRecordatorios = 3
	MaxSOS           = 5
)

// Plazos say how long is waited.
type Plazos struct {
	Recordatorios []time.Duration // before the start of a Tarea, in whole minutes
	Vencida       time.Duration   // after its end
	SOS           []time.Duration // from the call for help to each escalation
}

// PlazosPorDefecto are those of the operation when nobody sets others.
func PlazosPorDefecto() Plazos {
	return Plazos{
		Recordatorios: []time.Duration{40 * time.Minute, 10 * time.Minute},
		SOS:           []time.Duration{time.Minute, 3 * time.Minute, 10 * time.Minute},
	}
}

// Plazo is how long after its base a timer of a kind and level is due.
type Plazo struct {
	Clase Clase
	Nivel int
	Tras  time.Duration // negative: before
}

// Todos lists what timers are due by these: one of a kind and level that is missing is never due.
func (p Plazos) Todos() []Plazo {
	list := []Plazo{{Clase: Oferta}, {Clase: LicenciaComienza}, {Clase: LicenciaTermina}, {Clase: Vencida, Tras: p.Vencida}}
	for i, antes := range p.Recordatorios {
		list = append(list, Plazo{Recordatorio, i + 1, -antes})
	}
	for i, tras := range p.SOS {
		list = append(list, Plazo{SOS, i + 1, tras})
	}
	return list
}

// Espera is what is waited for: an order that is to be given some time after an instant
// unless a fact comes first.
type Espera struct {
	Clase    Clase          `json:"clase"`
	Tarea    ident.Tarea    `json:"tarea,omitzero"`
	Efectivo ident.Efectivo `json:"efectivo,omitzero"`
	Licencia ident.Licencia `json:"licencia,omitzero"`
	Alerta   string         `json:"alerta,omitzero"` // the call for help
	Nivel    int            `json:"nivel,omitzero"`  // which of several, from 1
	Base     time.Time      `json:"base"`            // the instant it counts from
	// Desde is when it became known: nobody is told that a Tarea begins in 40 minutes when it
	// was planned, or given to him, later than that. Zero where it does not matter.
	Desde time.Time `json:"desde,omitzero"`
}

// Timer is an Espera and when it is due.
type Timer struct {
	Espera
	Tras  time.Duration // the setting it is due by
	Vence time.Time
}

// Recordatorio names the reminder that a timer comes to: "t-40", by the minutes that are left
// on the clock of whoever is reminded.
func (t Timer) Recordatorio() string {
	if t.Clase == Vencida {
		return tarea.RecordatorioVencida
	}
	return fmt.Sprintf("t-%.0f", -t.Tras.Minutes())
}

// ID is a UUIDv8 of everything that tells e from what else is waited for.
func (e Espera) ID() [16]byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "gad/timer/2|%s|%s|%s|%s|%s|%d|%d",
		e.Clase, e.Tarea, e.Efectivo, e.Licencia, e.Alerta, e.Nivel, e.Base.UnixMicro()))
	id := [16]byte(sum[:16])
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80
	return id
}
