package estadisticas

import (
	"cmp"
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
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/efectivos"
)

// NameCeldas of the projection of the telemetry log.
const NameCeldas = "estadisticas.celdas"

// Celdas writes lectura.celdas: how many positions fell where and when. A sum does not mind
// the order of its terms, and its checkpoint moves in the same transaction: each stored fix
// counts exactly once.
//
// lectura.celdas_unidad has the same by the unidad of whoever was there, as it is when he is
// counted: a rebuild counts by those of its own day. One of whom the read model of Efectivos
// does not know yet counts for those who see everybody, and for nobody else.
type Celdas struct{}

// Name implements projections.TelemetryProjection.
func (Celdas) Name() string { return NameCeldas }

// Version implements projections.TelemetryProjection.
func (Celdas) Version() int { return 1 }

// Tables implements projections.TelemetryProjection.
func (Celdas) Tables() []projections.Table {
	return []projections.Table{{Name: "celdas", Key: "clave"}, {Name: "celdas_unidad", Key: "clave, unidad"}}
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

// Outlives implements projections.Outliving: cells sum up all time, and a rebuild reads only the
// days that retention left. The first batch, which is never gone while nothing is, says whether
// it dropped any.
func (Celdas) Outlives(ctx context.Context, tx pgx.Tx) error {
	var (
		oldest *int64
		kept   *string
		purged bool
	)
	err := tx.QueryRow(ctx, `select (select clave from lectura.celdas order by clave limit 1),
		(select right(min(c.relname::text), 8) from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'telemetria.fixes'::regclass),
		exists (select from telemetria.lotes l where l.lote = 1 and not exists (select from telemetria.fixes f where f.dia = l.dia and f.lote = l.lote))`).
		Scan(&oldest, &kept, &purged)
	if err != nil {
		return fmt.Errorf("look for what the heat map remembers alone: %w", err)
	}
	if oldest == nil || !purged {
		return nil
	}
	since := time.Unix(*oldest>>hourBits*3600, 0).UTC()
	if kept != nil {
		if day, err := time.Parse("20060102", *kept); err != nil || !since.Before(day) {
			return err
		}
	}
	return fmt.Errorf("las celdas cuentan desde el %s y las posiciones de entonces ya no están guardadas: reconstruirlas perdería las anteriores para siempre; quedaron como estaban",
		since.Format("2006-01-02 15:04 UTC"))
}

// grado is the side of a cell.
const grado = 0.005

// hourBits is how far the hour stands above x and y in a key.
const hourBits = 33

func hourKey(t time.Time) int64 { return t.Unix() / 3600 << hourBits }

// ApplyFixes implements projections.TelemetryProjection.
func (Celdas) ApplyFixes(ctx context.Context, tx pgx.Tx, fixes []eventstore.Fix) error {
	unidades, err := efectivos.Unidades(ctx, tx, whose(fixes))
	if err != nil {
		return fmt.Errorf("find whose the positions are: %w", err)
	}
	all, parts := map[parte]int64{}, map[parte]int64{}
	for _, f := range fixes {
		if f.Flags&eventstore.FlagImpossibleSpeed != 0 {
			continue // nobody was there
		}
		c := celda{hour: hourKey(f.DeviceAt), x: int32(math.Floor(f.Lon / grado)), y: int32(math.Floor(f.Lat / grado))}
		all[parte{c, ""}]++
		if unidad, known := unidades[f.Efectivo]; known {
			parts[parte{c, unidad}]++
		}
	}
	if err := add(ctx, tx, all, `
		insert into celdas as c (clave, x, y, fixes) select clave, x, y, fixes from unnest($1::bigint[], $2::text[], $3::int[], $4::int[], $5::bigint[]) as n(clave, unidad, x, y, fixes)
		on conflict (clave) do update set fixes = c.fixes + excluded.fixes`); err != nil {
		return err
	}
	return add(ctx, tx, parts, `
		insert into celdas_unidad as c (clave, unidad, x, y, fixes) select * from unnest($1::bigint[], $2::text[], $3::int[], $4::int[], $5::bigint[])
		on conflict (clave, unidad) do update set fixes = c.fixes + excluded.fixes`)
}

// celda is a cell in an hour.
type celda struct {
	hour int64
	x, y int32
}

func (c celda) key() int64 { return c.hour | int64(c.x+36000)<<16 | int64(c.y+18000) }

// parte is what one unidad has of a cell.
type parte struct {
	celda
	unidad string
}

// whose lists the Efectivos of fixes, each once.
func whose(fixes []eventstore.Fix) (ids []string) {
	seen := map[string]bool{}
	for _, f := range fixes {
		if !seen[f.Efectivo] {
			ids, seen[f.Efectivo] = append(ids, f.Efectivo), true
		}
	}
	return ids
}

// add adds counts in the order of their keys: two transactions never wait for each other's rows.
func add(ctx context.Context, tx pgx.Tx, counted map[parte]int64, sql string) error {
	if len(counted) == 0 {
		return nil
	}
	var (
		keys, counts []int64
		unidades     []string
		xs, ys       []int32
	)
	for _, p := range slices.SortedFunc(maps.Keys(counted), func(a, b parte) int {
		return cmp.Or(cmp.Compare(a.key(), b.key()), cmp.Compare(a.unidad, b.unidad))
	}) {
		keys, unidades, xs, ys, counts = append(keys, p.key()), append(unidades, p.unidad), append(xs, p.x), append(ys, p.y), append(counts, counted[p])
	}
	if _, err := tx.Exec(ctx, sql, keys, unidades, xs, ys, counts); err != nil {
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
// Positions count by whole hours: for one whom unidades narrow, those of them and of nobody's.
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
			from `+cells(p.scope, w)+` and clave >= `+from+` and clave < `+to+` group by 1, 2) ambas
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

// cells are those whose positions a scope may see. Who is narrowed in Zonas alone sees everybody.
func cells(s projections.Scope, w *projections.Where) string {
	if !partial(s) || len(s.Jurisdiccion.Unidades) == 0 {
		return "lectura.celdas where true"
	}
	return "lectura.celdas_unidad where (unidad = '' or unidad = any(" + w.Arg(s.Jurisdiccion.Unidades) + "::text[]))"
}

func middle(i int, side float64) float64 {
	return math.Round((float64(i)+0.5)*side*1e6) / 1e6
}
