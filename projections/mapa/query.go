package mapa

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/zona"
	"github.com/grupo-gad/gad/eventstore"
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

// Cercanos returns the Efectivos nearest to a place who are on duty and have a position of this
// turno, in the exact order of their distance on the spheroid: limite of them (0 means 10),
// within radioM metres (0: anywhere).
//
// The index orders by the sphere. So the k-th distance on the sphere is measured first, and
// whatever lies within 1.012 times that is a candidate, since no true neighbour can be
// further; the candidates are then sorted by the true distance.
func (r *Reader) Cercanos(ctx context.Context, s projections.Scope, lat, lon float64, radioM float64, limite int, soloDisponibles bool) (Cercanos, error) {
	near := Cercanos{Datos: []Cercano{}}
	if !(geo.Punto{Lat: lat, Lon: lon}).Valido() {
		return near, geo.ErrCoordenada.With(fault.Field{Name: "lat", Message: geo.ErrCoordenada.Message})
	}
	if !(radioM >= 0 && radioM <= maxRadio) {
		return near, errRadio.With(fault.Field{Name: "radio_m", Message: errRadio.Message})
	}
	if limite == 0 {
		limite = 10
	}
	limite, err := projections.Limit(limite)
	if err != nil {
		return near, err
	}
	w := &projections.Where{}
	visible := efectivos.Alcance(w, s)
	// Where he was in an earlier one says nothing. As a plain equality the planner takes it to hold for
	// one row in ten thousand, and measures and sorts everybody instead of walking the index.
	w.And("coalesce(e.turno = p.turno, false)")
	if soloDisponibles {
		w.And("e.disponibilidad = %s", string(efectivo.Disponible))
	}
	x, y, k := w.Arg(lon), w.Arg(lat), w.Arg(limite)
	here := "ST_SetSRID(ST_MakePoint(" + x + ", " + y + "), 4326)::geography"
	// The index is walked without the circle: how many lie in one cannot be told beforehand, and the
	// planner, who takes it for none, would measure everybody. Whatever lies in it and is nearer is found.
	anywhere := w.SQL()
	if radioM > 0 {
		w.And("ST_DWithin(p.lugar, "+here+", %s)", radioM)
	}
	const tables = " from lectura.posiciones p join lectura.efectivos e on e.id = p.efectivo"
	sql := `with alcance as (select max(d) as d from (
			select p.lugar <-> ` + here + ` as d` + tables + anywhere + ` order by p.lugar <-> ` + here + ` limit ` + k + `) cerca)
		select e.id::text, e.codigo_interno, e.disponibilidad, p.lat, p.lon, p.en, ST_Distance(p.lugar, ` + here + `), e.simulado` +
		tables + w.SQL() + ` and ST_DWithin(p.lugar, ` + here + `, ` + w.Arg(esfera) + `::float8 * (select d from alcance) + 0.01)
		order by 7, 1 limit ` + k
	err = r.reads.Snapshot(ctx, s, "find the nearest", []string{"efectivos", "posiciones"}, func(tx pgx.Tx) error {
		at, err := projections.Oldest(ctx, tx, efectivos.Name)
		near.Posicion = int64(at)
		if err != nil || !visible {
			return err
		}
		rows, err := tx.Query(ctx, sql, w.Args()...)
		if err != nil {
			return err
		}
		near.Datos, err = pgx.AppendRows(near.Datos, rows, func(row pgx.CollectableRow) (c Cercano, err error) {
			return c, row.Scan(&c.Efectivo, &c.CodigoInterno, &c.Disponibilidad, &c.Lat, &c.Lon, &c.En, &c.DistanciaM, &c.Simulado)
		})
		return err
	})
	return near, err
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
	abiertas.And("estado in ('programada', 'en_curso', 'pausada') and lat is not null")
	if err := a.limita(personas, abiertas, zonas); err != nil {
		return m, err
	}
	reads := r.reads.Alone()
	if a.wide() {
		reads = reads.Planned()
	}
	err := reads.Snapshot(ctx, s, "read the map", []string{"efectivos_en_turno", "posiciones", "tareas", "zonas"}, func(tx pgx.Tx) error {
		p, err := projections.Oldest(ctx, tx, Name, efectivos.Name, tareas.Name)
		if err != nil || s.Nobody() {
			return err
		}
		m.Posicion = int64(p)
		parts := []part{drawn{zonas, &m.Zonas}}
		if verTareas {
			parts = slices.Insert(parts, 0, part(marks[TareaEnMapa]{porHacer(), abiertas, &m.Tareas}))
		}
		if verPersonas {
			parts = slices.Insert(parts, 0, part(marks[EfectivoEnMapa]{enCalle(), personas, &m.Efectivos}))
		}
		return together(ctx, tx, parts...)
	})
	return m, err
}

// Zonas returns those in force that touch a box, and the log position the answer is true of.
func (r *Reader) Zonas(ctx context.Context, s projections.Scope, box [4]float64) (zonas []ZonaEnMapa, at eventstore.Position, err error) {
	zonas = []ZonaEnMapa{}
	here := &projections.Where{}
	if err := (Area{BBox: &box}).limita(&projections.Where{}, &projections.Where{}, here); err != nil {
		return zonas, 0, err
	}
	err = r.reads.Snapshot(ctx, s, "read the zonas", []string{"zonas"}, func(tx pgx.Tx) (err error) {
		if at, err = projections.Oldest(ctx, tx, Name); err != nil || s.Nobody() {
			return err
		}
		return together(ctx, tx, drawn{here, &zonas})
	})
	return zonas, at, err
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

// wide reports an area of many kilometres: the plan that is best for most boxes is not for those,
// and planning anew, more than a millisecond, is little beside reading them.
func (a Area) wide() bool {
	const degrees, metres = 0.1, 10_000
	return a.BBox == nil && a.RadioM > metres || a.BBox != nil && (a.BBox[2]-a.BBox[0] > degrees || a.BBox[3]-a.BBox[1] > degrees || a.BBox[2] < a.BBox[0])
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
