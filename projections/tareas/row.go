package tareas

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/projections"
)

// fila is one row of lectura.tareas.
type fila struct {
	id                         string
	codigo                     string
	titulo, descripcion, lugar projections.Text
	tipo                       tarea.Tipo
	prioridad                  tarea.Prioridad
	estado                     tarea.Estado
	inicioProgramado           time.Time
	finProgramado              *time.Time
	creador, delegado          ident.Usuario
	lat, lon                   *float64
	zona                       ident.Zona
	asignaciones               []Asignacion
	inicioReal, finReal        *time.Time
	pausadaDesde               *time.Time
	pausasUS                   int64
	simulada                   bool
	creada                     time.Time
	version, posicion          int64
}

// columns of a row, for the fold and for the Reader alike.
const columns = `id::text, codigo, titulo, descripcion, lugar, tipo, prioridad, estado, inicio_programado, fin_programado,
	coalesce(creador::text, ''), coalesce(delegado::text, ''), lat, lon, coalesce(zona::text, ''), asignaciones,
	inicio_real, fin_real, pausada_desde, pausas_us, simulada, creada, version, posicion`

func (t *fila) destinos(asignaciones *[]byte) []any {
	return []any{
		&t.id, &t.codigo, &t.titulo.Value, &t.descripcion.Value, &t.lugar.Value, &t.tipo, &t.prioridad, &t.estado,
		&t.inicioProgramado, &t.finProgramado, &t.creador, &t.delegado, &t.lat, &t.lon, &t.zona, asignaciones,
		&t.inicioReal, &t.finReal, &t.pausadaDesde, &t.pausasUS, &t.simulada, &t.creada, &t.version, &t.posicion,
	}
}

func (t *fila) lee(row pgx.Row, mas ...any) error {
	var asignaciones []byte
	if err := row.Scan(append(t.destinos(&asignaciones), mas...)...); err != nil {
		return err
	}
	if err := json.Unmarshal(asignaciones, &t.asignaciones); err != nil {
		return fmt.Errorf("read the asignaciones of %s: %w", t.id, err)
	}
	return nil
}

var schema = projections.Schema[fila]{
	Table: "tareas", Key: "id", Select: columns,
	Columns: []string{
		"id", "codigo", "titulo", "descripcion", "lugar", "tipo", "prioridad", "estado", "inicio_programado", "fin_programado",
		"creador", "delegado", "lat", "lon", "zona", "asignaciones", "efectivos", "alcanza", "inicio_real", "fin_real",
		"pausada_desde", "pausas_us", "simulada", "creada", "busqueda", "version", "posicion",
	},
	Scan:  func(row pgx.Row, t *fila) error { return t.lee(row) },
	Texts: func(t *fila) []*projections.Text { return []*projections.Text{&t.titulo, &t.descripcion, &t.lugar} },
	Values: func(t *fila) []any {
		todos := make([]ident.Efectivo, len(t.asignaciones))
		for i, a := range t.asignaciones {
			todos[i] = a.Efectivo
		}
		return []any{
			projections.UUID(t.id), t.codigo, t.titulo.Value, t.descripcion.Value, t.lugar.Value, string(t.tipo),
			int16(t.prioridad), string(t.estado),
			t.inicioProgramado, t.finProgramado, projections.UUID(t.creador), projections.UUID(t.delegado), t.lat, t.lon,
			projections.UUID(t.zona), jsonArray(t.asignaciones), projections.UUIDs(todos), projections.UUIDs(t.alcanza()),
			t.inicioReal, t.finReal, t.pausadaDesde, t.pausasUS, t.simulada, t.creada,
			t.busqueda(), t.version, t.posicion,
		}
	},
}

// busqueda is what a search compares, once the texts are open.
func (t *fila) busqueda() string {
	return projections.Searchable(t.codigo, t.titulo.Value, t.descripcion.Value)
}

// texto is one row of lectura.tareas_textos.
type texto struct{ id, busqueda string }

var textos = projections.Schema[texto]{
	Table: "tareas_textos", Key: "id", Select: "id::text, busqueda", Columns: []string{"id", "busqueda"},
	Scan:   func(row pgx.Row, t *texto) error { return row.Scan(&t.id, &t.busqueda) },
	Values: func(t *texto) []any { return []any{projections.UUID(t.id), t.busqueda} },
}

func jsonArray(as []Asignacion) []byte {
	if len(as) == 0 {
		return []byte("[]")
	}
	b, err := json.Marshal(as)
	if err != nil {
		panic("asignaciones always encode: " + err.Error())
	}
	return b
}

// vista is the row as the faces show it.
func (t *fila) vista() Tarea {
	v := Tarea{
		ID: ident.Tarea(t.id), Codigo: t.codigo, Titulo: t.titulo.Value, Descripcion: t.descripcion.Value, Tipo: t.tipo,
		Prioridad: t.prioridad, Estado: t.estado, InicioProgramado: t.inicioProgramado, FinProgramado: t.finProgramado,
		Delegado: t.delegado, Creador: t.creador, Zona: t.zona, Asignaciones: t.asignaciones, InicioReal: t.inicioReal,
		FinReal: t.finReal, PausasS: float64(t.pausasUS) / 1e6, Simulada: t.simulada, Creada: t.creada,
		Version: t.version, Posicion: t.posicion,
	}
	if v.Asignaciones == nil {
		v.Asignaciones = []Asignacion{}
	}
	if t.lat != nil && t.lon != nil {
		v.Ubicacion = &Ubicacion{Lat: *t.lat, Lon: *t.lon, Descripcion: t.lugar.Value}
	}
	if t.estado == tarea.EstadoFinalizada && t.inicioReal != nil && t.finReal != nil {
		// Exact in microseconds: fin - inicio - pauses.
		v.DuracionS = new(float64(t.finReal.Sub(*t.inicioReal).Microseconds()-t.pausasUS) / 1e6)
	}
	return v
}
