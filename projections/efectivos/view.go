package efectivos

import (
	"time"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/projections"
)

// Efectivo is one row as the dashboards see it.
type Efectivo struct {
	ID             ident.Efectivo          `json:"id"`
	Usuario        ident.Usuario           `json:"usuario"`
	Nombre         string                  `json:"nombre,omitzero"` // display name
	CodigoInterno  string                  `json:"codigo_interno"`
	Rango          string                  `json:"rango,omitzero"`
	Unidad         string                  `json:"unidad,omitzero"`
	Especialidad   string                  `json:"especialidad,omitzero"`
	Disponibilidad efectivo.Disponibilidad `json:"disponibilidad"`
	EnTurno        bool                    `json:"en_turno"`
	PosicionActual *Posicion               `json:"posicion_actual"`
	Tareas         []ident.Tarea           `json:"tareas"`
	Zonas          []ident.Zona            `json:"zonas"` // inside them, in the order of entering
	SenalPerdida   bool                    `json:"senal_perdida,omitzero"`
	SOS            bool                    `json:"sos,omitzero"` // a call for help that nobody has attended
	DeBaja         bool                    `json:"de_baja,omitzero"`
	Simulado       bool                    `json:"simulado"`
	Version        int64                   `json:"version"`
	Posicion       int64                   `json:"posicion"` // log position
}

// Posicion is the newest believed place of an Efectivo.
type Posicion struct {
	Lat         float64   `json:"lat"`
	Lon         float64   `json:"lon"`
	En          time.Time `json:"en"`
	PrecisionM  float64   `json:"precision_m"`
	AntiguedadS float64   `json:"antiguedad_s"`
	DelTurno    bool      `json:"-"` // of the turno under way, not of an earlier one
}

// Filter narrows a list; zero fields do not filter. By place, whoever is on duty is found where
// he was in the turno under way, and nowhere before its first position.
type Filter struct {
	Disponibilidades []efectivo.Disponibilidad
	Unidad           string
	Zona             ident.Zona // whose marker lies in it
	EnTurno          *bool
	CercaDe          *[2]float64 // lat, lon
	RadioM           float64
	Q                string
	Orden            string // "codigo_interno" by default
	Cursor           string
	Limite           int // 1..200; 0 means 50
}

// List is one page of Efectivos.
type List = projections.Page[Efectivo]
