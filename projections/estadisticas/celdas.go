package estadisticas

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
)

// NameCeldas of the projection of the telemetry log.
const NameCeldas = "estadisticas.celdas"

// Celdas writes lectura.celdas: how many positions fell where and when. A sum does not mind
// the order of its terms, and its checkpoint moves in the same transaction: each stored fix
// counts exactly once.
type Celdas struct{}

// Name implements projections.TelemetryProjection.
func (Celdas) Name() string { return NameCeldas }

// Version implements projections.TelemetryProjection.
func (Celdas) Version() int { return 1 }

// Tables implements projections.TelemetryProjection.
func (Celdas) Tables() []projections.Table {
	return []projections.Table{{Name: "celdas", Key: "clave"}}
}

// Check implements projections.TelemetryProjection.
func (Celdas) Check(f eventstore.Fix) error {
	if _, err := ident.Parse[ident.Efectivo](f.Efectivo); err != nil {
		return fmt.Errorf("efectivo %q: %w", f.Efectivo, err)
	}
	if !(geo.Punto{Lat: f.Lat, Lon: f.Lon}).Valido() || f.DeviceAt.Unix() < 0 {
		return fmt.Errorf("place %v, %v at %v: %w", f.Lat, f.Lon, f.DeviceAt, geo.ErrCoordenada)
	}
	return nil
}

// grado is the side of a cell.
const grado = 0.005

// hourBits is how far the hour stands above x and y in a key.
const hourBits = 33

func hourKey(t time.Time) int64 { return t.Unix() / 3600 << hourBits }

type celda struct {
	x, y  int32
	fixes int64
}

// ApplyFixes implements projections.TelemetryProjection.
func (Celdas) ApplyFixes(ctx context.Context, tx pgx.Tx, fixes []eventstore.Fix) error {
	cells := map[int64]celda{}
	for _, f := range fixes {
		if f.Flags&eventstore.FlagImpossibleSpeed != 0 {
			continue // nobody was there
		}
		x, y := int32(math.Floor(f.Lon/grado)), int32(math.Floor(f.Lat/grado))
		key := hourKey(f.DeviceAt) | int64(x+36000)<<16 | int64(y+18000)
		cells[key] = celda{x, y, cells[key].fixes + 1}
	}
	if len(cells) == 0 {
		return nil
	}
	var (
		keys   = slices.Sorted(maps.Keys(cells)) // two transactions never wait for each other's rows
		xs, ys []int32
		counts []int64
	)
	for _, k := range keys {
		xs, ys, counts = append(xs, cells[k].x), append(ys, cells[k].y), append(counts, cells[k].fixes)
	}
	_, err := tx.Exec(ctx, `
		insert into celdas as c (clave, x, y, fixes) select * from unnest($1::bigint[], $2::int[], $3::int[], $4::bigint[])
		on conflict (clave) do update set fixes = c.fixes + excluded.fixes`, keys, xs, ys, counts)
	if err != nil {
		return fmt.Errorf("count the positions: %w", err)
	}
	return nil
}

// Calor is where Tareas and positions were.
type Calor struct {
	CeldaGrados float64      `json:"celda_grados"`     // side of a cell
	Datos       []CeldaCalor `json:"datos"`            // the busiest first
	Acotado     bool         `json:"acotado,omitzero"` // there are more cells
	Firma
}

// CeldaCalor is one cell; lat and lon are its middle.
type CeldaCalor struct {
	Lat        float64 `json:"lat"`
	Lon        float64 `json:"lon"`
	Tareas     int64   `json:"tareas"`
	Posiciones int64   `json:"posiciones"`
}

// maxCells bounds a heat map.
const maxCells = 5000

// Calor counts the Tareas and the positions of a period in cells of grano x 0.005 degrees.
// Positions count by whole hours, and only for who sees everybody: a cell says nothing of whose
// they were.
func (r *Reader) Calor(ctx context.Context, s projections.Scope, p Periodo, grano int) (Calor, error) {
	p, err := r.period(p)
	if err != nil {
		return Calor{}, err
	}
	if grano < 1 || grano > 100 {
		return Calor{}, errPeriodo.With(fault.Field{Name: "grano", Message: "va de 1 a 100"})
	}
	p.scope = s
	key := fmt.Sprintf("calor/%d/%s", grano, p.key())
	return cached(ctx, r, s, key, p.Min, func(ctx context.Context, tx pgx.Tx) (Calor, error) {
		return r.heat(ctx, tx, p, grano)
	}, func(c *Calor) *Firma { return &c.Firma })
}

func (r *Reader) heat(ctx context.Context, tx pgx.Tx, p Periodo, grano int) (Calor, error) {
	c := Calor{CeldaGrados: float64(grano) * grado, Datos: []CeldaCalor{}, Firma: r.sign(p)}
	until := p.Hasta
	if until.IsZero() {
		until = r.now()
	}
	w := p.where()
	w.And("lat is not null")
	g, g0 := w.Arg(grano)+"::int", w.Arg(grado)+"::float8"
	from, to := w.Arg(hourKey(p.Desde)), w.Arg(hourKey(until.Add(time.Hour-time.Nanosecond)))
	rows, err := tx.Query(ctx, `select x, y, sum(tareas)::bigint, sum(fixes)::bigint from (
			select floor(floor(lon / `+g0+`) / `+g+`)::int as x, floor(floor(lat / `+g0+`) / `+g+`)::int as y, count(*) as tareas, 0::bigint as fixes
			from lectura.tiempos`+w.SQL()+` group by 1, 2
			union all
			select floor(x::float8 / `+g+`)::int, floor(y::float8 / `+g+`)::int, 0, sum(fixes)::bigint
			from lectura.celdas where clave >= `+from+` and clave < `+to+` and `+w.Arg(p.scope.Alcance == permiso.Todo)+`::bool group by 1, 2) ambas
		group by x, y order by sum(tareas) desc, sum(fixes) desc, x, y limit `+w.Arg(maxCells+1), w.Args()...)
	if err != nil {
		return c, err
	}
	var x, y int
	var one CeldaCalor
	_, err = pgx.ForEachRow(rows, []any{&x, &y, &one.Tareas, &one.Posiciones}, func() error {
		one.Lat, one.Lon = middle(y, c.CeldaGrados), middle(x, c.CeldaGrados)
		c.Datos = append(c.Datos, one)
		return nil
	})
	if len(c.Datos) > maxCells {
		c.Datos, c.Acotado = c.Datos[:maxCells], true
	}
	return c, err
}

func middle(i int, side float64) float64 {
	return math.Round((float64(i)+0.5)*side*1e6) / 1e6
}
