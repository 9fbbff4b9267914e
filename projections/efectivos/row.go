package efectivos

import (
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/projections"
)

// ficha is one row of lectura.efectivos.
type ficha struct {
	id                                  string
	usuario                             ident.Usuario
	codigo, rango, unidad, especialidad string
	disponibilidad                      efectivo.Disponibilidad
	turno                               ident.Turno // "" off duty
	tareas                              []ident.Tarea
	simulado                            bool
	aceleracion                         float64
	zonas                               []ident.Zona // inside, in the order of entering
	senalPerdida, sos, deBaja           bool
	carga                               int        // Tareas of this shift, but for those he never took
	libreDesde                          *time.Time // since his last Tarea, or since the shift began
	version, posicion                   int64
}

var fichas = projections.Schema[ficha]{
	Table: "efectivos", Key: "id",
	Select: `id::text, usuario::text, codigo_interno, rango, unidad, especialidad, disponibilidad, coalesce(turno::text, ''),
		tareas::text[], simulado, aceleracion, zonas::text[], senal_perdida, sos, de_baja, carga, libre_desde,
		version, posicion`,
	Columns: []string{
		"id", "usuario", "codigo_interno", "rango", "unidad", "especialidad", "disponibilidad", "turno", "tareas",
		"simulado", "aceleracion", "zonas", "senal_perdida", "sos", "de_baja", "carga", "libre_desde", "busqueda", "version", "posicion",
	},
	Scan: func(row pgx.Row, f *ficha) error {
		return row.Scan(&f.id, &f.usuario, &f.codigo, &f.rango, &f.unidad, &f.especialidad, &f.disponibilidad, &f.turno,
			&f.tareas, &f.simulado, &f.aceleracion, &f.zonas, &f.senalPerdida, &f.sos, &f.deBaja, &f.carga, &f.libreDesde, &f.version, &f.posicion)
	},
	Values: func(f *ficha) []any {
		return []any{
			projections.UUID(f.id), projections.UUID(f.usuario), f.codigo, f.rango, f.unidad, f.especialidad,
			string(f.disponibilidad), projections.UUID(f.turno), projections.UUIDs(f.tareas), f.simulado, f.aceleracion,
			projections.UUIDs(f.zonas), f.senalPerdida, f.sos, f.deBaja, f.carga, f.libreDesde,
			projections.Searchable(f.codigo, f.rango, f.unidad, f.especialidad), f.version, f.posicion,
		}
	},
}

// presente is one row of lectura.efectivos_en_turno.
type presente struct {
	id             string
	usuario        ident.Usuario
	codigo, unidad string
	disponibilidad efectivo.Disponibilidad
	simulado, sos  bool
	turno          string
	posicion       int64
}

// presente is his row among those on duty, but for its posicion; zero off duty.
func (f *ficha) presente() presente {
	if f.turno == "" {
		return presente{}
	}
	return presente{f.id, f.usuario, f.codigo, f.unidad, f.disponibilidad, f.simulado, f.sos, string(f.turno), 0}
}

var presentes = projections.Schema[presente]{
	Table: "efectivos_en_turno", Key: "id",
	Columns: []string{"id", "usuario", "codigo_interno", "unidad", "disponibilidad", "simulado", "sos", "turno", "posicion"},
	Values: func(p *presente) []any {
		return []any{projections.UUID(p.id), projections.UUID(p.usuario), p.codigo, p.unidad, string(p.disponibilidad), p.simulado, p.sos, projections.UUID(p.turno), p.posicion}
	},
}

// nombre is one row of lectura.efectivos_nombres.
type nombre struct {
	usuario          string
	nombre, apellido projections.Text
	posicion         int64
}

var nombres = projections.Schema[nombre]{
	Table: "efectivos_nombres", Key: "usuario",
	Columns: []string{"usuario", "nombre", "busqueda", "posicion"},
	Texts:   func(n *nombre) []*projections.Text { return []*projections.Text{&n.nombre, &n.apellido} },
	Values: func(n *nombre) []any {
		whole := strings.TrimSpace(n.nombre.Value + " " + n.apellido.Value)
		return []any{projections.UUID(n.usuario), whole, projections.Searchable(whole), n.posicion}
	},
}
