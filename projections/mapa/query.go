package mapa

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/zona"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/efectivos"
	"github.com/grupo-gad/gad/projections/tareas"
)

// Reader answers where things are. It is safe for concurrent use.
type Reader struct {
	reads  projections.Reads
	shapes atomic.Pointer[trazado] // as last read, for ZonaDe
}

// NewReader returns a Reader over the living read models.
func NewReader(pool *pgxpool.Pool) *Reader { return &Reader{reads: projections.NewReads(pool)} }

const (
	// maxRadio in metres: half way round the Earth.
	maxRadio = 20_100_000
	// maxMarcas bounds each list of one map.
	maxMarcas = 20_000
	// esfera is more than how far the sphere, on which <-> measures, and the spheroid can
	// disagree on a distance: (1 + 0.0056) / (1 - 0.0056).
	esfera = 1.012
)

// errRadio refuses a circle that is none.
var errRadio = fault.New(fault.Invalid, "radio_invalido", "el radio va de 0 a 20100 km, en metros")

const punto = "ST_SetSRID(ST_MakePoint(%s, %s), 4326)::geography"

// Cercanos returns the Efectivos on duty nearest to a place, in the exact order of their
// distance on the spheroid: limite of them (0 means 10), within radioM metres (0: anywhere).
//
// The index orders by the sphere. So the k-th distance on the sphere is measured first, and
// whatever lies within 1.012 times that is a candidate, since no true neighbour can be
// further; the candidates are then sorted by the true distance.
func (r *Reader) Cercanos(ctx context.Context, s projections.Scope, lat, lon float64, radioM float64, limite int, soloDisponibles bool) ([]Cercano, error) {
	if !(geo.Punto{Lat: lat, Lon: lon}).Valido() {
		return nil, geo.ErrCoordenada.With(fault.Field{Name: "lat", Message: geo.ErrCoordenada.Message})
	}
	if !(radioM >= 0 && radioM <= maxRadio) {
		return nil, errRadio.With(fault.Field{Name: "radio_m", Message: errRadio.Message})
	}
	if limite == 0 {
		limite = 10
	}
	limite, err := projections.Limit(limite)
	if err != nil {
		return nil, err
	}
	w := &projections.Where{}
	if !efectivos.Alcance(w, s) {
		return []Cercano{}, nil
	}
	w.And("e.turno is not null")
	if soloDisponibles {
		w.And("e.disponibilidad = %s", string(efectivo.Disponible))
	}
	x, y, k := w.Arg(lon), w.Arg(lat), w.Arg(limite)
	here := "ST_SetSRID(ST_MakePoint(" + x + ", " + y + "), 4326)::geography"
	if radioM > 0 {
		w.And("ST_DWithin(p.lugar, "+here+", %s)", radioM)
	}
	const tables = " from lectura.posiciones p join lectura.efectivos e on e.id = p.efectivo"
	sql := `with alcance as (select max(d) as d from (
			select p.lugar <-> ` + here + ` as d` + tables + w.SQL() + ` order by p.lugar <-> ` + here + ` limit ` + k + `) cerca)
		select e.id::text, e.codigo_interno, e.disponibilidad, p.lat, p.lon, p.en, ST_Distance(p.lugar, ` + here + `), e.simulado` +
		tables + w.SQL() + ` and ST_DWithin(p.lugar, ` + here + `, ` + w.Arg(esfera) + `::float8 * (select d from alcance) + 0.01)
		order by 7, 1 limit ` + k
	rows, err := r.reads.Query(ctx, s, sql, w.Args()...)
	if err != nil {
		return nil, projections.Translate(err, "find the nearest")
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c Cercano, err error) {
		return c, row.Scan(&c.Efectivo, &c.CodigoInterno, &c.Disponibilidad, &c.Lat, &c.Lon, &c.En, &c.DistanciaM, &c.Simulado)
	})
	if found == nil {
		found = []Cercano{}
	}
	return found, projections.Translate(err, "find the nearest")
}

// Mapa returns what lies in an area: Efectivos on duty, open Tareas with a place, Zonas that
// touch it, and the log position the answer is true of.
func (r *Reader) Mapa(ctx context.Context, s projections.Scope, a Area) (Mapa, error) {
	m := Mapa{Efectivos: []EfectivoEnMapa{}, Tareas: []TareaEnMapa{}, Zonas: []ZonaEnMapa{}}
	personas, abiertas, zonas := &projections.Where{}, &projections.Where{}, &projections.Where{}
	verPersonas := efectivos.Alcance(personas, s)
	// Whoever may see his own marker may see on the map the Tareas he is assigned to, as he
	// does in the list.
	propias := s
	if propias.Alcance == permiso.Propio {
		propias.Alcance = permiso.Asignado
	}
	verTareas := tareas.Alcance(abiertas, propias, "")
	personas.And("e.turno is not null")
	abiertas.And("estado in ('programada', 'en_curso', 'pausada') and lat is not null")
	if err := a.limita(personas, abiertas, zonas); err != nil {
		return m, err
	}
	err := r.reads.Snapshot(ctx, s, "read the map", []string{"efectivos", "posiciones", "tareas", "zonas"}, func(tx pgx.Tx) error {
		p, err := projections.Oldest(ctx, tx, Name, efectivos.Name, tareas.Name)
		if err != nil || s.Nobody() {
			return err
		}
		m.Posicion = int64(p)
		if verPersonas {
			if err := enCalle(ctx, tx, &m.Efectivos, personas); err != nil {
				return err
			}
		}
		if verTareas {
			if err := list(ctx, tx, &m.Tareas, tareaEnMapa, `
				select id::text, codigo, titulo, tipo, prioridad, estado, lat, lon, simulada
				from lectura.tareas`+abiertas.SQL()+" order by prioridad desc, inicio_programado desc, id", abiertas); err != nil {
				return err
			}
		}
		return list(ctx, tx, &m.Zonas, zonaEnMapa,
			selectZonas+zonas.SQL()+" order by nombre, id", zonas)
	})
	return m, err
}

// enCalle lists the Efectivos of a map by their code. They are put in order here: ordering whole
// rows of a city costs the database more than finding them. Only where there are more than a map
// shows does it have to say which come first.
func enCalle(ctx context.Context, tx pgx.Tx, into *[]EfectivoEnMapa, personas *projections.Where) error {
	sql := `select e.id::text, e.codigo_interno, e.disponibilidad, p.lat, p.lon, p.en, p.precision_m, p.rumbo, p.velocidad, e.simulado
		from lectura.posiciones p join lectura.efectivos e on e.id = p.efectivo` + personas.SQL()
	if err := list(ctx, tx, into, enMapa, sql, personas.Clone()); err != nil {
		return err
	}
	if len(*into) == maxMarcas {
		return list(ctx, tx, into, enMapa, sql+` order by e.codigo_interno collate "C", e.id`, personas.Clone())
	}
	slices.SortFunc(*into, func(a, b EfectivoEnMapa) int {
		return cmp.Or(strings.Compare(a.CodigoInterno, b.CodigoInterno), strings.Compare(string(a.Efectivo), string(b.Efectivo)))
	})
	return nil
}

func list[T any](ctx context.Context, tx pgx.Tx, into *[]T, scan func(pgx.CollectableRow) (T, error), sql string, w *projections.Where) error {
	rows, err := tx.Query(ctx, sql+" limit "+w.Arg(maxMarcas), w.Args()...)
	if err != nil {
		return err
	}
	found, err := pgx.CollectRows(rows, scan)
	if found != nil {
		*into = found
	}
	return err
}

func enMapa(row pgx.CollectableRow) (e EfectivoEnMapa, err error) {
	var precision, rumbo, velocidad float32
	err = row.Scan(&e.Efectivo, &e.CodigoInterno, &e.Disponibilidad, &e.Lat, &e.Lon, &e.En, &precision, &rumbo, &velocidad, &e.Simulado)
	e.PrecisionM, e.Rumbo, e.VelocidadMPS = centesimos(precision), conocido(rumbo), conocido(velocidad)
	return e, err
}

// conocido is nil for what the device did not say.
func conocido(v float32) *float64 {
	if v < 0 {
		return nil
	}
	return new(centesimos(v))
}

// centesimos hides the noise of widening a real: 12.3, not 12.300000190734863.
func centesimos(v float32) float64 { return math.Round(float64(v)*100) / 100 }

func tareaEnMapa(row pgx.CollectableRow) (t TareaEnMapa, err error) {
	return t, row.Scan(&t.ID, &t.Codigo, &t.Titulo, &t.Tipo, &t.Prioridad, &t.Estado, &t.Lat, &t.Lon, &t.Simulada)
}

func zonaEnMapa(row pgx.CollectableRow) (z ZonaEnMapa, err error) {
	var shape, rules string
	if err := row.Scan(&z.ID, &z.Nombre, &z.Clase, &shape, &rules, &z.Vacia, &z.Version); err != nil {
		return z, err
	}
	z.Geometria = json.RawMessage(shape)
	return z, json.Unmarshal([]byte(rules), &z.dibujo)
}

const selectZonas = "select id::text, nombre, clase, geometria, reglas, vacia, version from lectura.zonas"

// Zona returns one Zona that is in force.
func (r *Reader) Zona(ctx context.Context, s projections.Scope, id ident.Zona) (z ZonaEnMapa, err error) {
	if s.Nobody() {
		return z, zona.ErrNoExiste
	}
	rows, err := r.reads.Query(ctx, s, selectZonas+" where id = $1", string(id))
	if err != nil {
		return z, projections.Translate(err, "read a zona")
	}
	z, err = pgx.CollectExactlyOneRow(rows, zonaEnMapa)
	if errors.Is(err, pgx.ErrNoRows) {
		return z, zona.ErrNoExiste
	}
	return z, projections.Translate(err, "read a zona")
}

// limita keeps what lies in the area.
func (a Area) limita(personas, abiertas, zonas *projections.Where) error {
	if a.BBox != nil {
		if err := projections.InBox(personas, "p.lat", "p.lon", *a.BBox); err != nil {
			return err
		}
		if err := projections.InBox(abiertas, "lat", "lon", *a.BBox); err != nil {
			return err
		}
		// Planar on purpose: a box on a map has straight sides, those of a geography are
		// great circles. There are few Zonas.
		w, s, e, n := a.BBox[0], a.BBox[1], a.BBox[2], a.BBox[3]
		if w <= e {
			zonas.And("ST_Intersects(area::geometry, ST_MakeEnvelope(%s, %s, %s, %s, 4326))", w, s, e, n)
		} else {
			zonas.And("ST_Intersects(area::geometry, ST_MakeEnvelope(%s, %s, 180, %s, 4326)) or "+
				"ST_Intersects(area::geometry, ST_MakeEnvelope(-180, %s, %s, %s, 4326))", w, s, n, s, e, n)
		}
		return nil
	}
	if !(geo.Punto{Lat: a.Lat, Lon: a.Lon}).Valido() {
		return geo.ErrCoordenada.With(fault.Field{Name: "lat", Message: geo.ErrCoordenada.Message})
	}
	if !(a.RadioM > 0 && a.RadioM <= maxRadio) {
		return errRadio.With(fault.Field{Name: "radio_m", Message: errRadio.Message})
	}
	personas.And("ST_DWithin(p.lugar, "+punto+", %s)", a.Lon, a.Lat, a.RadioM)
	abiertas.And("ST_DWithin(ubicacion, "+punto+", %s)", a.Lon, a.Lat, a.RadioM)
	zonas.And("ST_DWithin(area, "+punto+", %s)", a.Lon, a.Lat, a.RadioM)
	return nil
}

// Marcador returns the newest believed position of an Efectivo, against which the next fix
// is judged.
func (r *Reader) Marcador(ctx context.Context, id ident.Efectivo) (efectivo.Marcador, error) {
	rows, err := r.reads.Query(ctx, projections.System, `select lat, lon, en, precision_m, velocidad, rumbo from lectura.posiciones where efectivo = $1`, string(id))
	if err != nil {
		return efectivo.Marcador{}, projections.Translate(err, "read a marker")
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (m efectivo.Marcador, err error) {
		var precision, velocidad, rumbo float32
		err = row.Scan(&m.Lat, &m.Lon, &m.En, &precision, &velocidad, &rumbo)
		m.Precision, m.Velocidad, m.Rumbo, m.Hay = float64(precision), float64(velocidad), float64(rumbo), true
		return m, err
	})
	if err != nil || len(found) == 0 {
		return efectivo.Marcador{}, projections.Translate(err, "read a marker")
	}
	return found[0], nil
}
