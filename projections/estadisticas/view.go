package estadisticas

import (
	"time"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
)

// Periodo is which Tareas count: those created from Desde until before Hasta.
type Periodo struct {
	Desde time.Time           // zero: the 30 days before today, and today
	Hasta time.Time           // zero: no end
	Min   eventstore.Position // the answer knows the log at least up to here

	scope projections.Scope // of who asks
}

// Por names what Tareas are counted by.
type Por string

// What Tareas can be counted by.
const (
	PorEstado    Por = "estado"
	PorTipo      Por = "tipo"
	PorPrioridad Por = "prioridad"
	PorZona      Por = "zona"
	PorPersona   Por = "persona" // the Usuario in charge
	PorEfectivo  Por = "efectivo"
	PorDia       Por = "dia"
	PorHora      Por = "hora"
	PorBanda     Por = "banda"
)

// Pors lists them.
func Pors() []Por {
	return []Por{PorEstado, PorTipo, PorPrioridad, PorZona, PorPersona, PorEfectivo, PorDia, PorHora, PorBanda}
}

// Firma says of what an answer is true.
type Firma struct {
	Desde     time.Time  `json:"desde"`
	Hasta     *time.Time `json:"hasta"`
	Zona      string     `json:"zona_horaria"` // of days, hours and bands
	Calculada time.Time  `json:"calculada"`
	Posicion  int64      `json:"posicion"` // log position
}

// Percentiles of a time in seconds, exact (interpolated between neighbours); all zero when
// nothing was measured.
type Percentiles struct {
	N     int64   `json:"n"`
	Media float64 `json:"media_s"`
	P25   float64 `json:"p25_s"`
	P50   float64 `json:"p50_s"`
	P75   float64 `json:"p75_s"`
	P90   float64 `json:"p90_s"`
}

// Grupo is what was counted under one key.
type Grupo struct {
	Clave       string  `json:"clave"`
	Etiqueta    string  `json:"etiqueta,omitzero"` // the name of a Zona, the code of an Efectivo
	Total       int64   `json:"total"`
	Abiertas    int64   `json:"abiertas"`
	Finalizadas int64   `json:"finalizadas"`
	Canceladas  int64   `json:"canceladas"`
	DuracionP50 float64 `json:"duracion_p50_s"`
	DuracionP90 float64 `json:"duracion_p90_s"`
}

// Cuentas are Tareas counted by something.
type Cuentas struct {
	Por     Por     `json:"por"`
	Datos   []Grupo `json:"datos"`
	Acotado bool    `json:"acotado,omitzero"` // there are more groups: these are the largest
	Total   int64   `json:"total"`            // Tareas; one with several Efectivos counts once
	Firma
}

// Tiempos are durations and response times.
type Tiempos struct {
	Duraciones Duraciones `json:"duraciones"`
	Respuesta  Respuesta  `json:"respuesta"`
	Serie      []Dia      `json:"serie"` // every day of the period up to today
	Firma
}

// Duraciones of the work: fin - inicio - pauses. A Tarea that nobody started, whose start only its
// end implied, says nothing of how long the work took and is in none.
type Duraciones struct {
	General      Percentiles                `json:"general"`
	PorTipo      map[tarea.Tipo]Percentiles `json:"por_tipo"`
	PorPrioridad map[string]Percentiles     `json:"por_prioridad"` // "1" to "5"
	PorBanda     map[string]Percentiles     `json:"por_banda"`     // dia (from 7 to 19), noche
}

// Respuesta is how soon something followed. Oferta and Respuesta count from the later of its
// creation and what it was planned for then: nobody is late for what lies ahead (0).
type Respuesta struct {
	Oferta     Percentiles `json:"oferta"`     // from there to the first offer or assignment
	Aceptacion Percentiles `json:"aceptacion"` // from the offer to the first acceptance
	Llegada    Percentiles `json:"llegada"`    // from the acceptance to the first arrival
	Respuesta  Percentiles `json:"respuesta"`  // from creation, or what it was planned for, to the first arrival
	Cierre     Percentiles `json:"cierre"`     // from creation to the end
}

// Dia is one day of a series.
type Dia struct {
	Dia          string  `json:"dia"` // YYYY-MM-DD
	Creadas      int64   `json:"creadas"`
	Finalizadas  int64   `json:"finalizadas"` // of those created that day
	Canceladas   int64   `json:"canceladas"`
	DuracionP50  float64 `json:"duracion_p50_s"`
	RespuestaP50 float64 `json:"respuesta_p50_s"`
}

// Persona are the figures of one Usuario over some days.
type Persona struct {
	Usuario     ident.Usuario          `json:"usuario"`
	Efectivo    *ident.Efectivo        `json:"efectivo"`
	Dias        int                    `json:"dias"`
	Creadas     int64                  `json:"creadas"`
	Delegadas   map[tarea.Estado]int64 `json:"delegadas"` // in his charge, by estado
	Ofrecidas   int64                  `json:"ofrecidas"`
	Aceptadas   int64                  `json:"aceptadas"`
	Rechazadas  int64                  `json:"rechazadas"`
	Finalizadas int64                  `json:"finalizadas"` // that he was on
	Aceptacion  Percentiles            `json:"aceptacion"`
	Llegada     Percentiles            `json:"llegada"`
	Duracion    Percentiles            `json:"duracion"`
	Turnos      int64                  `json:"turnos"`
	EnTurnoS    float64                `json:"en_turno_s"`
	Serie       []DiaDePersona         `json:"serie"`
	Firma
}

// DiaDePersona is one of his days.
type DiaDePersona struct {
	Dia         string `json:"dia"`
	Asignadas   int64  `json:"asignadas"`
	Finalizadas int64  `json:"finalizadas"`
}

// Consulta is what staff is asked for.
type Consulta struct {
	Tipo      tarea.Tipo      // "" for every tipo
	Prioridad tarea.Prioridad // 0 for every prioridad
	Horas     int             // from now
	Min       eventstore.Position
}

// Dotacion is how many Efectivos the next hours need, and how sure that is.
type Dotacion struct {
	Horas               int     `json:"horas"`
	Sugeridos           int     `json:"sugeridos"`
	Minimo              int     `json:"minimo"` // if the demand is as low as it may be
	Maximo              int     `json:"maximo"`
	EnTurno             int64   `json:"en_turno"`   // now
	Diferencia          int     `json:"diferencia"` // en_turno - sugeridos
	TareasEsperadas     float64 `json:"tareas_esperadas"`
	CargaErlangs        float64 `json:"carga_erlangs"`     // Efectivos busy at a time, on average
	OcupacionS          float64 `json:"ocupacion_media_s"` // from offer to end
	EfectivosPorTarea   float64 `json:"efectivos_por_tarea"`
	ProbabilidadEsperar float64 `json:"probabilidad_de_esperar"` // that a Tarea finds everybody busy
	Confianza           float64 `json:"confianza"`               // 0 to 1
	Nivel               string  `json:"nivel"`                   // alta, media, baja or sin_datos
	Muestra             Muestra `json:"muestra"`
	Firma
}

// Muestra is what a suggestion rests on.
type Muestra struct {
	Dias    int   `json:"dias"`    // of the last 28 that the operation knows
	Tareas  int64 `json:"tareas"`  // in the same hours of those days
	Medidas int64 `json:"medidas"` // finished ones whose occupation is known
}
