package mapa

import (
	"encoding/json"
	"time"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/zona"
)

// Cercano is a candidate near a place, nearest first.
type Cercano struct {
	Efectivo       ident.Efectivo          `json:"efectivo"`
	CodigoInterno  string                  `json:"codigo_interno"`
	Disponibilidad efectivo.Disponibilidad `json:"disponibilidad"`
	Lat            float64                 `json:"lat"`
	Lon            float64                 `json:"lon"`
	En             time.Time               `json:"en"`
	DistanciaM     float64                 `json:"distancia_m"` // on the spheroid
	Simulado       bool                    `json:"simulado"`
}

// Cercanos are the candidates near a place.
type Cercanos struct {
	Datos    []Cercano `json:"datos"`
	Posicion int64     `json:"posicion"` // log position of who is on duty and free
}

// Mapa is what lies in a box or circle.
type Mapa struct {
	Efectivos []EfectivoEnMapa `json:"efectivos"`
	Tareas    []TareaEnMapa    `json:"tareas"`
	Zonas     []ZonaEnMapa     `json:"zonas"`
	Posicion  int64            `json:"posicion"` // log position
}

// EfectivoEnMapa is a person on the map; the fields of a live position item.
type EfectivoEnMapa struct {
	Efectivo       ident.Efectivo          `json:"efectivo"`
	CodigoInterno  string                  `json:"codigo_interno"`
	Disponibilidad efectivo.Disponibilidad `json:"disponibilidad"`
	Lat            float64                 `json:"lat"`
	Lon            float64                 `json:"lon"`
	En             time.Time               `json:"en"`
	PrecisionM     float64                 `json:"precision_m"`
	Rumbo          *float64                `json:"rumbo"`
	VelocidadMPS   *float64                `json:"velocidad_mps"`
	Simulado       bool                    `json:"simulado"`
}

// TareaEnMapa is an open Tarea with a place.
type TareaEnMapa struct {
	ID        ident.Tarea     `json:"id"`
	Codigo    string          `json:"codigo"`
	Titulo    string          `json:"titulo"`
	Tipo      tarea.Tipo      `json:"tipo"`
	Prioridad tarea.Prioridad `json:"prioridad"`
	Estado    tarea.Estado    `json:"estado"`
	Lat       float64         `json:"lat"`
	Lon       float64         `json:"lon"`
	Simulada  bool            `json:"simulada"`
}

// ZonaEnMapa is a Zona with its GeoJSON geometry.
type ZonaEnMapa struct {
	ID        ident.Zona      `json:"id"`
	Nombre    string          `json:"nombre"`
	Clase     string          `json:"clase"`
	Geometria json.RawMessage `json:"geometria"`
	dibujo
	Vacia   bool  `json:"vacia"` // nobody has been inside for as long as its rule allows
	Version int64 `json:"version"`
}

// dibujo is what a Zona says besides its shape.
type dibujo struct {
	Circulo  *zona.Circulo `json:"circulo,omitzero"`
	Reglas   zona.Reglas   `json:"reglas"`
	Horarios []zona.Franja `json:"horarios,omitzero"`
}

// Area is a box or a circle; exactly one of them.
type Area struct {
	BBox   *[4]float64 // west, south, east, north in degrees
	Lat    float64
	Lon    float64
	RadioM float64
}
