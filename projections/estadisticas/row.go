package estadisticas

import (
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/projections"
)

// tiempo is one row of lectura.tiempos.
type tiempo struct {
	id                                         string
	tipo                                       tarea.Tipo
	prioridad                                  tarea.Prioridad
	estado                                     tarea.Estado
	zona                                       ident.Zona
	creador, delegado                          ident.Usuario
	lat, lon                                   *float64
	creada                                     time.Time
	programada                                 *time.Time // for when, as it stands; nil as long as creada
	ofrecida, aceptada, enLugar                *time.Time // the first of each
	inicio, fin                                *time.Time // no inicio where only its end implied one
	ofertaS, respuestaS                        *float64
	pausadaDesde                               *time.Time
	pausasUS                                   int64
	cerradaUS                                  int64            // of them, from its ends to its reopenings: nobody was bound to it
	efectivos                                  []ident.Efectivo // everybody it was offered to or assigned
	ofrecidas, aceptadas, rechazadas, llegadas []*time.Time     // of each of them
	liberadas                                  []*time.Time     // of those of them who left before the end
	tomadas                                    []bool           // whether each of them took it, or was ordered to it
	hechas                                     []bool           // whether each of them carried it out before it was last reopened
	simulada                                   bool
	version, posicion                          int64
}

// between is how long something took, in seconds; nil when it did not happen. Clocks in the
// field differ a little: nothing takes less than no time.
func between(from, to *time.Time) *float64 {
	if from == nil || to == nil {
		return nil
	}
	return new(max(0, float64(to.Sub(*from).Microseconds())/1e6))
}

// demora is how long an answer took: nobody owes one before the Tarea is planned to begin.
func (t *tiempo) demora(en time.Time) *float64 {
	from := &t.creada
	if t.programada != nil && t.programada.After(t.creada) {
		from = t.programada
	}
	return between(from, new(projections.Micro(en)))
}

// duracion is the work of a finished Tarea: fin - inicio - pauses, exact.
func (t *tiempo) duracion() *float64 {
	if t.estado != tarea.EstadoFinalizada || t.inicio == nil || t.fin == nil {
		return nil
	}
	return new(float64(t.fin.Sub(*t.inicio).Microseconds()-t.pausasUS) / 1e6)
}

// trabajaron are those who carried it out: those who took it, and those who were ordered to it
// and stayed. Whoever let an offer lapse, never answered it, or was freed before he said
// anything, did not.
func (t *tiempo) trabajaron() (ids []ident.Efectivo) {
	for i, id := range t.efectivos {
		if t.trabajo(i) {
			ids = append(ids, id)
		}
	}
	return ids
}

func (t *tiempo) trabajo(i int) bool {
	return t.tomadas[i] && t.rechazadas[i] == nil && (t.liberadas[i] == nil || t.aceptadas[i] != nil || t.llegadas[i] != nil)
}

// ocupacion is how long a finished Tarea kept those who carried it out from anything else: from
// the first offer that one of them took, or its start, without the time it was closed.
func (t *tiempo) ocupacion() *float64 {
	if t.estado != tarea.EstadoFinalizada || t.fin == nil {
		return nil
	}
	from := t.inicio
	for _, id := range t.trabajaron() {
		if at := t.ofrecidas[slices.Index(t.efectivos, id)]; at != nil && (from == nil || at.Before(*from)) {
			from = at
		}
	}
	if from == nil {
		return nil
	}
	return new(max(0, float64(t.fin.Sub(*from).Microseconds()-t.cerradaUS)/1e6))
}

func (t *tiempo) cierre() *float64 {
	if t.estado != tarea.EstadoFinalizada {
		return nil
	}
	return between(&t.creada, t.fin)
}

var tiempos = projections.Schema[tiempo]{
	Table: "tiempos", Key: "tarea",
	Select: `tarea::text, tipo, prioridad, estado, coalesce(zona::text, ''), coalesce(creador::text, ''), coalesce(delegado::text, ''),
		lat, lon, creada, programada, ofrecida, aceptada, en_lugar, inicio, fin, pausada_desde, pausas_us, cerrada_us, efectivos::text[],
		ofrecidas, aceptadas, rechazadas, llegadas, liberadas, tomadas, hechas, simulada, oferta_s, respuesta_s, version, posicion`,
	Columns: []string{
		"tarea", "tipo", "prioridad", "estado", "zona", "creador", "delegado", "lat", "lon", "creada", "programada", "ofrecida", "aceptada",
		"en_lugar", "inicio", "fin", "pausada_desde", "pausas_us", "cerrada_us", "efectivos", "ofrecidas", "aceptadas", "rechazadas", "llegadas",
		"liberadas", "tomadas", "hechas", "trabajaron", "equipo", "simulada", "duracion_s", "oferta_s", "aceptacion_s", "llegada_s", "respuesta_s", "cierre_s", "ocupacion_s", "version", "posicion",
	},
	Scan: func(row pgx.Row, t *tiempo) error {
		err := row.Scan(&t.id, &t.tipo, &t.prioridad, &t.estado, &t.zona, &t.creador, &t.delegado, &t.lat, &t.lon, &t.creada, &t.programada,
			&t.ofrecida, &t.aceptada, &t.enLugar, &t.inicio, &t.fin, &t.pausadaDesde, &t.pausasUS, &t.cerradaUS, &t.efectivos,
			&t.ofrecidas, &t.aceptadas, &t.rechazadas, &t.llegadas, &t.liberadas, &t.tomadas, &t.hechas, &t.simulada, &t.ofertaS, &t.respuestaS, &t.version, &t.posicion)
		for len(t.liberadas) < len(t.efectivos) { // written before they were kept
			t.liberadas = append(t.liberadas, nil)
		}
		for len(t.tomadas) < len(t.efectivos) {
			t.tomadas = append(t.tomadas, true)
		}
		for len(t.hechas) < len(t.efectivos) {
			t.hechas = append(t.hechas, false)
		}
		return err
	},
	Values: func(t *tiempo) []any {
		crew := t.trabajaron()
		return []any{
			projections.UUID(t.id), string(t.tipo), int16(t.prioridad), string(t.estado), projections.UUID(t.zona),
			projections.UUID(t.creador), projections.UUID(t.delegado), t.lat, t.lon, t.creada, t.programada, t.ofrecida, t.aceptada,
			t.enLugar, t.inicio, t.fin, t.pausadaDesde, t.pausasUS, t.cerradaUS, projections.UUIDs(t.efectivos),
			some(t.ofrecidas), some(t.aceptadas), some(t.rechazadas), some(t.llegadas), some(t.liberadas), some(t.tomadas), some(t.hechas), projections.UUIDs(crew),
			int16(len(crew)), t.simulada, t.duracion(),
			t.ofertaS, between(t.ofrecida, t.aceptada), between(t.aceptada, t.enLugar),
			t.respuestaS, t.cierre(), t.ocupacion(), t.version, t.posicion,
		}
	},
}

// some is an array that is never null.
func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// turno is one row of lectura.turnos.
type turno struct {
	id, efectivo string
	inicio       time.Time
	fin          *time.Time
	posicion     int64
}

var turnos = projections.Schema[turno]{
	Table: "turnos", Key: "turno", Select: "turno::text, efectivo::text, inicio, fin, posicion",
	Columns: []string{"turno", "efectivo", "inicio", "fin", "posicion"},
	Scan: func(row pgx.Row, t *turno) error {
		return row.Scan(&t.id, &t.efectivo, &t.inicio, &t.fin, &t.posicion)
	},
	Values: func(t *turno) []any {
		return []any{projections.UUID(t.id), projections.UUID(t.efectivo), t.inicio, t.fin, t.posicion}
	},
}
