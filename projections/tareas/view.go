package tareas

import (
	"time"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/projections"
)

// Tarea is one row as the dashboards see it.
type Tarea struct {
	ID               ident.Tarea     `json:"id"`
	Codigo           string          `json:"codigo"`
	Titulo           string          `json:"titulo"`
	Descripcion      string          `json:"descripcion,omitzero"`
	Tipo             tarea.Tipo      `json:"tipo"`
	Prioridad        tarea.Prioridad `json:"prioridad"`
	Estado           tarea.Estado    `json:"estado"`
	InicioProgramado time.Time       `json:"inicio_programado"`
	FinProgramado    *time.Time      `json:"fin_programado"`
	Delegado         ident.Usuario   `json:"delegado"`
	Creador          ident.Usuario   `json:"creador"`
	Ubicacion        *Ubicacion      `json:"ubicacion"`
	Zona             ident.Zona      `json:"zona,omitzero"`
	Asignaciones     []Asignacion    `json:"asignaciones"`
	InicioReal       *time.Time      `json:"inicio_real"`
	FinReal          *time.Time      `json:"fin_real"`
	DuracionS        *float64        `json:"duracion_s"` // fin - inicio - pauses, once finished
	PausasS          float64         `json:"pausas_s"`
	Simulada         bool            `json:"simulada"`
	Creada           time.Time       `json:"creada"`
	Version          int64           `json:"version"`
	Posicion         int64           `json:"posicion"`
}

// Ubicacion is where it happens.
type Ubicacion struct {
	Lat         float64 `json:"lat"`
	Lon         float64 `json:"lon"`
	Descripcion string  `json:"descripcion,omitzero"`
}

// Asignacion is one Efectivo's part in it.
type Asignacion struct {
	Efectivo ident.Efectivo         `json:"efectivo"`
	Estado   tarea.EstadoAsignacion `json:"estado"`
	En       time.Time              `json:"en"`
}

// Filter narrows a list; zero fields do not filter.
type Filter struct {
	Estados     []tarea.Estado
	Tipos       []tarea.Tipo
	Prioridades []tarea.Prioridad
	Delegado    ident.Usuario
	Efectivo    ident.Efectivo
	Zona        ident.Zona
	Desde       time.Time   // inicio_programado >= Desde
	Hasta       time.Time   // inicio_programado < Hasta
	BBox        *[4]float64 // west, south, east, north in degrees
	Q           string      // full text, accent- and case-insensitive
	Orden       string      // "-prioridad,inicio_programado"; "" = "-prioridad,-inicio_programado"
	Cursor      string
	Limite      int // 1..200; 0 means 50
}

// List is one page of Tareas.
type List = projections.Page[Tarea]
