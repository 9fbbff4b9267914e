package estadisticas

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/cache"
	"github.com/grupo-gad/gad/projections/efectivos"
)

const (
	// defaultDays is how far back a question without a beginning reaches.
	defaultDays = 30
	// maxSpan bounds a period: a year and a day.
	maxSpan = 367 * 24 * time.Hour
	// maxGroups bounds the groups of one answer.
	maxGroups = 1000
	// The day band, in hours of the operation's zone; the rest is the night.
	dayBegins, dayEnds = 7, 19
)

var (
	errPeriodo = fault.New(fault.Invalid, "periodo_invalido", "el período va de desde a hasta, y como mucho un año")
	errPor     = fault.New(fault.Invalid, "agrupacion_invalida", "no se puede contar por eso")
)

// Reader answers with figures, from the cache where they are new enough. It is safe for
// concurrent use.
type Reader struct {
	reads projections.Reads
	cache *cache.Cache
	zone  *time.Location
	now   func() time.Time
	read  *lru.Cache[string, reading]
}

// reading is what was read from a cached value, so that one which many ask for is taken apart
// once. Whoever gets the answer must not change it.
type reading struct {
	of     cache.Value // without its bytes
	answer any
}

// maxRead bounds how many are kept; keys carry dates, and the old ones are of no use.
const maxRead = 64

// NewReader returns a Reader over the living read models. Days are those of zone.
func NewReader(pool *pgxpool.Pool, c *cache.Cache, zone *time.Location, now func() time.Time) *Reader {
	read, _ := lru.New[string, reading](maxRead) // a size that there is
	return &Reader{reads: projections.NewReads(pool), cache: c, zone: zone, now: now, read: read}
}

// Patient lets the statements of figures take so long, and returns r.
func (r *Reader) Patient(d time.Duration) *Reader {
	r.reads = r.reads.Patient(d)
	return r
}

// period completes a Periodo and refuses one that is none.
func (r *Reader) period(p Periodo) (Periodo, error) {
	if p.Desde.IsZero() {
		end := r.now().In(r.zone)
		if !p.Hasta.IsZero() {
			end = p.Hasta.In(r.zone)
		}
		// From a midnight, so that a day of questions is one question.
		p.Desde = time.Date(end.Year(), end.Month(), end.Day()-defaultDays, 0, 0, 0, 0, r.zone).UTC()
	}
	until := p.Hasta
	if until.IsZero() {
		until = r.now()
	}
	if !p.Desde.Before(until) || until.Sub(p.Desde) > maxSpan {
		return p, errPeriodo.With(fault.Field{Name: "desde", Message: "va antes de hasta, y como mucho un año"})
	}
	return p, nil
}

// where selects the rows of a period.
func (p Periodo) where() *projections.Where {
	w := &projections.Where{}
	w.And("creada >= %s", p.Desde)
	if !p.Hasta.IsZero() {
		w.And("creada < %s", p.Hasta)
	}
	p.reach(w)
	return w
}

// reach leaves the Tareas that who asks may see. These figures speak of everybody, so there is
// nothing between a part and all.
func (p Periodo) reach(w *projections.Where) {
	switch s := p.scope; {
	case s.Alcance == permiso.Todo:
	case !partial(s):
		w.And("false")
	case len(s.Jurisdiccion.Zonas) > 0:
		w.And("zona is null or zona::text = any(%s) or ven && %s::text[]::uuid[]",
			s.Jurisdiccion.Zonas, s.Own())
	}
}

// partial reports whether somebody sees a part of everything.
func partial(s projections.Scope) bool {
	return s.Alcance == permiso.EnJurisdiccion && s.Jurisdiccion != nil && !s.Nobody()
}

func (p Periodo) key() string {
	if p.Hasta.IsZero() {
		return p.Desde.Format(time.RFC3339Nano) + "/"
	}
	return p.Desde.Format(time.RFC3339Nano) + "/" + p.Hasta.Format(time.RFC3339Nano)
}

func (r *Reader) sign(p Periodo) Firma {
	f := Firma{Desde: p.Desde, Zona: r.zone.String()}
	if !p.Hasta.IsZero() {
		f.Hasta = &p.Hasta
	}
	return f
}

// cached answers a question about everything from the cache, and one about a part of it without:
// few ask the same. Whoever sees neither gets nothing: these figures speak of everybody.
func cached[T any](ctx context.Context, r *Reader, s projections.Scope, key string, min eventstore.Position, fill func(ctx context.Context, tx pgx.Tx) (T, error), signed func(*T) *Firma) (answer T, err error) {
	switch {
	case s.Alcance == permiso.Todo:
	case partial(s):
		f := signed(&answer)
		err := r.reads.Snapshot(ctx, s, "calculate "+key, calculated, func(tx pgx.Tx) error {
			at, err := projections.Oldest(ctx, tx, Follows()...)
			if err != nil {
				return err
			}
			if answer, err = fill(ctx, tx); err != nil {
				return err
			}
			f.Posicion, f.Calculada = int64(at), r.now().UTC().Truncate(time.Millisecond)
			return nil
		})
		return answer, err
	default:
		return answer, permiso.ErrProhibido
	}
	key = versioned(key)
	filler := r.filler(key, func(ctx context.Context, tx pgx.Tx) (any, error) { return fill(ctx, tx) })
	v, err := r.cache.Do(ctx, key, min, filler)
	if err != nil {
		return answer, err
	}
	last, _ := r.read.Get(key)
	if known, ok := last.answer.(T); ok && last.of.Position == v.Position && last.of.Calculated.Equal(v.Calculated) {
		answer = known
	} else {
		if json.Unmarshal(v.Bytes, &answer) != nil { // another build's, which has it otherwise
			answer = *new(T)
			if v, err = r.cache.Refresh(ctx, key, filler); err != nil {
				return answer, err
			}
			if err := json.Unmarshal(v.Bytes, &answer); err != nil {
				return answer, fmt.Errorf("read the calculated %s: %w", key, err)
			}
		}
		r.read.Add(key, reading{cache.Value{Position: v.Position, Calculated: v.Calculated}, answer})
	}
	f := signed(&answer)
	f.Posicion, f.Calculada = int64(v.Position), v.Calculated.Truncate(time.Millisecond)
	return answer, nil
}

// versioned is the key of a figure in the cache. Two builds that count otherwise do not take one
// another's figures while both run.
func versioned(key string) string {
	return fmt.Sprintf("%s/v%d.%d", key, Projection{}.Version(), Celdas{}.Version())
}

// Follows names the projections that figures are read from: a read that must not be older than
// an order waits for them all.
func Follows() []string { return []string{Name, efectivos.Name} }

// calculated are the tables of the figures.
var calculated = []string{"tiempos", "turnos", "celdas", "celdas_unidad", "efectivos", "zonas"}

// filler calculates an answer and the position it is true of at one instant.
func (r *Reader) filler(what string, fill func(ctx context.Context, tx pgx.Tx) (any, error)) cache.Fill {
	return func(ctx context.Context) (bytes []byte, at eventstore.Position, err error) {
		err = r.reads.Snapshot(ctx, projections.System, "calculate "+what, calculated, func(tx pgx.Tx) error {
			if at, err = projections.Oldest(ctx, tx, Follows()...); err != nil {
				return err
			}
			answer, err := fill(ctx, tx)
			if err != nil {
				return err
			}
			bytes, err = json.Marshal(answer)
			return err
		})
		return bytes, at, err
	}
}

// Tareas counts those of a period by something.
func (r *Reader) Tareas(ctx context.Context, s projections.Scope, p Periodo, por Por) (Cuentas, error) {
	p, err := r.period(p)
	if err != nil {
		return Cuentas{}, err
	}
	p.scope = s
	if !slices.Contains(Pors(), por) {
		return Cuentas{}, errPor.With(fault.Field{Name: "por", Message: "puede ser estado, tipo, prioridad, zona, persona, efectivo, dia, hora o banda"})
	}
	return cached(ctx, r, s, "tareas/"+string(por)+"/"+p.key(), p.Min, func(ctx context.Context, tx pgx.Tx) (Cuentas, error) {
		return r.count(ctx, tx, p, por)
	}, func(c *Cuentas) *Firma { return &c.Firma })
}

// everyDay puts the days on which nothing happened into a series.
func (r *Reader) everyDay(found []Grupo, p Periodo) []Grupo {
	byDay := map[string]Grupo{}
	for _, g := range found {
		byDay[g.Clave] = g
	}
	all := []Grupo{}
	for _, day := range r.days(p) {
		g := byDay[day]
		g.Clave = day
		all = append(all, g)
	}
	return all
}

// days lists those of a period, up to today.
func (r *Reader) days(p Periodo) (days []string) {
	until := r.now()
	if !p.Hasta.IsZero() && p.Hasta.Before(until) {
		until = p.Hasta.Add(-time.Nanosecond)
	}
	last := until.In(r.zone).Format(time.DateOnly)
	for d := p.Desde.In(r.zone); ; {
		day := d.Format(time.DateOnly)
		if day > last {
			return days
		}
		days = append(days, day)
		d = time.Date(d.Year(), d.Month(), d.Day()+1, 12, 0, 0, 0, r.zone) // noon: every day has one
	}
}

// Tiempos returns durations and response times of a period.
func (r *Reader) Tiempos(ctx context.Context, s projections.Scope, p Periodo) (Tiempos, error) {
	p, err := r.period(p)
	if err != nil {
		return Tiempos{}, err
	}
	p.scope = s
	return cached(ctx, r, s, "tiempos/"+p.key(), p.Min, func(ctx context.Context, tx pgx.Tx) (Tiempos, error) {
		return r.times(ctx, tx, p)
	}, func(t *Tiempos) *Firma { return &t.Firma })
}

// Dotacion suggests how many Efectivos the next hours need.
func (r *Reader) Dotacion(ctx context.Context, s projections.Scope, q Consulta) (Dotacion, error) {
	if q.Horas < 1 || q.Horas > 72 {
		return Dotacion{}, errPeriodo.With(fault.Field{Name: "horas", Message: "va de 1 a 72"})
	}
	// To the hour, so that those who ask within one share an answer.
	now := r.now().UTC().Truncate(time.Hour)
	key := fmt.Sprintf("dotacion/%s/%d/%d/%s", q.Tipo, q.Prioridad, q.Horas, now.Format(time.RFC3339))
	return cached(ctx, r, s, key, q.Min, func(ctx context.Context, tx pgx.Tx) (Dotacion, error) {
		return r.staffing(ctx, tx, s, q, now)
	}, func(d *Dotacion) *Firma { return &d.Firma })
}

func (r *Reader) staffing(ctx context.Context, tx pgx.Tx, s projections.Scope, q Consulta, now time.Time) (Dotacion, error) {
	p := Periodo{Desde: now.Add(-sampleDays * 24 * time.Hour), Hasta: now, scope: s}
	w := p.where()
	if q.Tipo != "" {
		w.And("tipo = %s", string(q.Tipo))
	}
	if q.Prioridad != 0 {
		w.And("prioridad = %s", int16(q.Prioridad))
	}
	o := observed{hours: float64(q.Horas)}
	var since *time.Time
	err := tx.QueryRow(ctx, "select min(creada), count(*) filter (where estado = 'finalizada'), "+
		"coalesce(avg(ocupacion_s), 0)::float8, coalesce(stddev_samp(ocupacion_s), 0)::float8, "+
		"coalesce(avg(equipo) filter (where equipo > 0), 0)::float8 from lectura.tiempos"+w.SQL(), w.Args()...).
		Scan(&since, &o.measured, &o.busyS, &o.busySD, &o.crew)
	if err != nil {
		return Dotacion{}, err
	}
	if since != nil {
		if o.counts, err = sameHours(ctx, tx, w, now, *since, q.Horas); err != nil {
			return Dotacion{}, err
		}
	}
	d := suggest(o)
	d.Firma = r.sign(p)
	personas := &projections.Where{}
	efectivos.Alcance(personas, s)
	personas.And("e.turno is not null")
	personas.And("e.disponibilidad in (%s, %s)", string(efectivo.Disponible), string(efectivo.EnTarea))
	if err := tx.QueryRow(ctx, "select count(*) from lectura.efectivos e"+personas.SQL(), personas.Args()...).Scan(&d.EnTurno); err != nil {
		return d, err
	}
	d.Diferencia = int(d.EnTurno) - d.Sugeridos
	return d, nil
}

// sameHours counts what came on each past day in the hours that lie ahead, back to the first
// whole day of the sample.
func sameHours(ctx context.Context, tx pgx.Tx, w *projections.Where, now, since time.Time, hours int) ([]float64, error) {
	days := min(sampleDays, max(1, int(now.Sub(since).Hours()/24)))
	span := time.Duration(min(hours, 24)) * time.Hour
	w = w.Clone()
	in := w.Arg(now) + "::timestamptz - d * interval '24 hours'"
	rows, err := tx.Query(ctx, "select (select count(*) from lectura.tiempos"+w.SQL()+" and creada >= "+in+" and creada < "+in+" + "+w.Arg(span)+
		"::interval) from generate_series(1, "+w.Arg(days)+"::int) d", w.Args()...)
	if err != nil {
		return nil, err
	}
	counts, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	out := make([]float64, len(counts))
	for i, n := range counts {
		// More than a day ahead: as many as a day brings, that many times.
		out[i] = float64(n) * max(1, float64(hours)/24)
	}
	return out, err
}
