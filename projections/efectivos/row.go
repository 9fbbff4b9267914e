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
	carga                               int        // Tareas given on this shift
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
