package estadisticas

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/cache"
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
	read  decoded
}

// NewReader returns a Reader over the living read models. Days are those of zone.
func NewReader(pool *pgxpool.Pool, c *cache.Cache, zone *time.Location, now func() time.Time) *Reader {
	return &Reader{reads: projections.NewReads(pool), cache: c, zone: zone, now: now}
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
	return w
}

func (p Periodo) key() string {
	if p.Hasta.IsZero() {
		return p.Desde.Format(time.RFC3339) + "/"
	}
	return p.Desde.Format(time.RFC3339) + "/" + p.Hasta.Format(time.RFC3339)
}

func (r *Reader) sign(p Periodo) Firma {
	f := Firma{Desde: p.Desde, Zona: r.zone.String()}
	if !p.Hasta.IsZero() {
		f.Hasta = &p.Hasta
	}
	return f
}

// cached answers a question about everything from the cache. Whoever does not see everything
// gets nothing: these figures speak of everybody.
func cached[T any](ctx context.Context, r *Reader, s projections.Scope, key string, min eventstore.Position, fill func(ctx context.Context, tx pgx.Tx) (T, error), signed func(*T) *Firma) (answer T, err error) {
	if s.Alcance != permiso.Todo {
		return answer, permiso.ErrProhibido
	}
	v, err := r.cache.Do(ctx, key, min, r.filler(key, func(ctx context.Context, tx pgx.Tx) (any, error) { return fill(ctx, tx) }))
	if err != nil {
		return answer, err
	}
	if known, ok := r.read.of(key, v).(T); ok {
		answer = known
	} else if err := json.Unmarshal(v.Bytes, &answer); err != nil {
		return answer, fmt.Errorf("read the cached %s: %w", key, err)
	}
	r.read.keep(key, v, answer)
	f := signed(&answer)
	f.Posicion, f.Calculada = int64(v.Position), v.Calculated.Truncate(time.Millisecond)
	return answer, nil
}

// calculated are the tables of the figures.
var calculated = []string{"tiempos", "turnos", "celdas", "efectivos", "zonas"}

// filler calculates an answer and the position it is true of at one instant.
func (r *Reader) filler(what string, fill func(ctx context.Context, tx pgx.Tx) (any, error)) cache.Fill {
	return func(ctx context.Context) (bytes []byte, at eventstore.Position, err error) {
		err = r.reads.Snapshot(ctx, projections.System, "calculate "+what, calculated, func(tx pgx.Tx) error {
			if at, err = projections.Oldest(ctx, tx, Name); err != nil {
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

// grouping says what a row of t is counted under: a key, the text it is shown as, and the name
// that goes with it. Groups are made of the keys as they are stored; texts and names are looked
// up for the few that are left.
type grouping struct{ key, text, label, join string }

// groupings by what Tareas are counted by. $1 is the zone.
var groupings = map[Por]grouping{
	PorEstado:    {key: "t.estado"},
	PorTipo:      {key: "t.tipo"},
	PorPrioridad: {key: "t.prioridad", text: "g.clave::text"},
	PorZona:      {key: "t.zona", text: "coalesce(g.clave::text, '')", label: "coalesce(z.nombre, '')", join: " left join lectura.zonas z on z.id = g.clave"},
	PorPersona:   {key: "t.delegado", text: "coalesce(g.clave::text, '')"},
	PorEfectivo:  {key: "unnest(t.efectivos)", text: "g.clave::text", label: "coalesce(f.codigo_interno, '')", join: " left join lectura.efectivos f on f.id = g.clave"},
	PorDia:       {key: "(t.creada at time zone $1::text)::date", text: "to_char(g.clave, 'YYYY-MM-DD')"},
	PorHora:      {key: "date_part('hour', t.creada at time zone $1::text)", text: "to_char(g.clave, 'FM00')"},
	PorBanda:     {key: band("t.creada", "$1")},
}

// band is the part of the day that an instant falls into, in the zone of an argument.
func band(instant, zone string) string {
	return "case when date_part('hour', " + instant + " at time zone " + zone + "::text) between " + strconv.Itoa(dayBegins) + " and " +
		strconv.Itoa(dayEnds-1) + " then 'dia' else 'noche' end"
}

// Tareas counts those of a period by something.
func (r *Reader) Tareas(ctx context.Context, s projections.Scope, p Periodo, por Por) (Cuentas, error) {
	p, err := r.period(p)
	if err != nil {
		return Cuentas{}, err
	}
	if !slices.Contains(Pors(), por) {
		return Cuentas{}, errPor.With(fault.Field{Name: "por", Message: "puede ser estado, tipo, prioridad, zona, persona, efectivo, dia, hora o banda"})
	}
	return cached(ctx, r, s, "tareas/"+string(por)+"/"+p.key(), p.Min, func(ctx context.Context, tx pgx.Tx) (Cuentas, error) {
		return r.count(ctx, tx, p, por)
	}, func(c *Cuentas) *Firma { return &c.Firma })
}

func (r *Reader) count(ctx context.Context, tx pgx.Tx, p Periodo, por Por) (Cuentas, error) {
	c := Cuentas{Por: por, Datos: []Grupo{}, Firma: r.sign(p)}
	w := &projections.Where{}
	w.Arg(r.zone.String()) // $1
	w.And("t.creada >= %s and $1::text is not null", p.Desde)
	if !p.Hasta.IsZero() {
		w.And("t.creada < %s", p.Hasta)
	}
	if err := tx.QueryRow(ctx, "select count(*) from lectura.tiempos t"+w.SQL(), w.Args()...).Scan(&c.Total); err != nil {
		return c, err
	}
	g := groupings[por]
	rows, err := tx.Query(ctx, "select "+cmp.Or(g.text, "g.clave")+", "+cmp.Or(g.label, "''")+`, g.total, g.abiertas, g.finalizadas, g.canceladas, g.duraciones
		from (select clave, count(*) as total, count(*) filter (where estado in ('programada', 'en_curso', 'pausada')) as abiertas,
				count(*) filter (where estado = 'finalizada') as finalizadas, count(*) filter (where estado = 'cancelada') as canceladas,
				`+values("duracion_s")+` as duraciones
			from (select `+g.key+" as clave, t.estado, t.duracion_s from lectura.tiempos t"+w.SQL()+`) t
			group by clave order by clave nulls first limit `+strconv.Itoa(maxGroups)+") g"+g.join+" order by g.clave nulls first", w.Args()...)
	if err != nil {
		return c, err
	}
	var one Grupo
	var took []float64
	_, err = pgx.ForEachRow(rows, []any{&one.Clave, &one.Etiqueta, &one.Total, &one.Abiertas, &one.Finalizadas, &one.Canceladas, &took}, func() error {
		p := percentiles(took)
		one.DuracionP50, one.DuracionP90 = p.P50, p.P90
		c.Datos = append(c.Datos, one)
		return nil
	})
	if por == PorDia {
		c.Datos = r.everyDay(c.Datos, p)
	}
	return c, err
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
	return cached(ctx, r, s, "tiempos/"+p.key(), p.Min, func(ctx context.Context, tx pgx.Tx) (Tiempos, error) {
		return r.times(ctx, tx, p)
	}, func(t *Tiempos) *Firma { return &t.Firma })
}

func (r *Reader) times(ctx context.Context, tx pgx.Tx, p Periodo) (Tiempos, error) {
	t := Tiempos{Firma: r.sign(p), Serie: []Dia{}}
	if err := r.durations(ctx, tx, p, &t.Duraciones); err != nil {
		return t, err
	}
	w := p.where()
	var five [5][]float64
	if err := tx.QueryRow(ctx, "select "+values("oferta_s")+", "+values("aceptacion_s")+", "+values("llegada_s")+", "+
		values("respuesta_s")+", "+values("cierre_s")+" from lectura.tiempos"+w.SQL(), w.Args()...).
		Scan(&five[0], &five[1], &five[2], &five[3], &five[4]); err != nil {
		return t, err
	}
	t.Respuesta = Respuesta{percentiles(five[0]), percentiles(five[1]), percentiles(five[2]), percentiles(five[3]), percentiles(five[4])}
	return t, r.series(ctx, tx, p, &t)
}

// durations reads the work of finished Tareas in one pass: of all, by tipo, by prioridad and
// by the band in which it began.
func (r *Reader) durations(ctx context.Context, tx pgx.Tx, p Periodo, d *Duraciones) error {
	w := p.where()
	w.And("estado = 'finalizada'")
	rows, err := tx.Query(ctx, "select tipo, prioridad, banda, "+values("duracion_s")+`
		from (select tipo, prioridad, `+band("inicio", w.Arg(r.zone.String()))+" as banda, duracion_s from lectura.tiempos"+w.SQL()+`) finalizadas
		group by tipo, prioridad, banda`, w.Args()...)
	if err != nil {
		return err
	}
	var (
		prioridad   int
		tipo, banda string
		took, all   []float64
		byTipo      = map[string][]float64{}
		byPrioridad = map[string][]float64{}
		byBanda     = map[string][]float64{}
		add         = func(to map[string][]float64, key string) { to[key] = append(to[key], took...) }
	)
	_, err = pgx.ForEachRow(rows, []any{&tipo, &prioridad, &banda, &took}, func() error {
		all = append(all, took...)
		add(byTipo, tipo)
		add(byPrioridad, strconv.Itoa(prioridad))
		add(byBanda, banda)
		took = nil
		return nil
	})
	*d = Duraciones{General: percentiles(all), PorTipo: map[tarea.Tipo]Percentiles{}, PorPrioridad: map[string]Percentiles{}, PorBanda: map[string]Percentiles{}}
	for key, v := range byTipo {
		d.PorTipo[tarea.Tipo(key)] = percentiles(v)
	}
	for key, v := range byPrioridad {
		d.PorPrioridad[key] = percentiles(v)
	}
	for key, v := range byBanda {
		d.PorBanda[key] = percentiles(v)
	}
	return err
}

func (r *Reader) series(ctx context.Context, tx pgx.Tx, p Periodo, t *Tiempos) error {
	w := p.where()
	// By the day as a date: a text of it is made once for a group, not for every row.
	rows, err := tx.Query(ctx, `select to_char(dia, 'YYYY-MM-DD'), creadas, finalizadas, canceladas, duraciones, respuestas from (
			select (creada at time zone `+w.Arg(r.zone.String())+`::text)::date as dia, count(*) as creadas,
				count(*) filter (where estado = 'finalizada') as finalizadas, count(*) filter (where estado = 'cancelada') as canceladas,
				`+values("duracion_s")+" as duraciones, "+values("respuesta_s")+` as respuestas
			from lectura.tiempos`+w.SQL()+" group by 1) dias", w.Args()...)
	if err != nil {
		return err
	}
	byDay := map[string]Dia{}
	var d Dia
	var work, answer []float64
	_, err = pgx.ForEachRow(rows, []any{&d.Dia, &d.Creadas, &d.Finalizadas, &d.Canceladas, &work, &answer}, func() error {
		d.DuracionP50, d.RespuestaP50 = percentiles(work).P50, percentiles(answer).P50
		byDay[d.Dia] = d
		return nil
	})
	for _, day := range r.days(p) {
		one := byDay[day]
		one.Dia = day
		t.Serie = append(t.Serie, one)
	}
	return err
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
		return r.staffing(ctx, tx, q, now)
	}, func(d *Dotacion) *Firma { return &d.Firma })
}

func (r *Reader) staffing(ctx context.Context, tx pgx.Tx, q Consulta, now time.Time) (Dotacion, error) {
	p := Periodo{Desde: now.Add(-sampleDays * 24 * time.Hour), Hasta: now}
	w := p.where()
	if q.Tipo != "" {
		w.And("tipo = %s", string(q.Tipo))
	}
	if q.Prioridad != 0 {
		w.And("prioridad = %s", int16(q.Prioridad))
	}
	o := observed{hours: float64(q.Horas)}
	busy := "extract(epoch from fin - coalesce(ofrecida, inicio))"
	var since *time.Time
	err := tx.QueryRow(ctx, "select min(creada), count(*) filter (where estado = 'finalizada'), "+
		"coalesce(avg("+busy+") filter (where estado = 'finalizada'), 0)::float8, coalesce(stddev_samp("+busy+") filter (where estado = 'finalizada'), 0)::float8, "+
		"coalesce(avg(cardinality(efectivos)) filter (where cardinality(efectivos) > 0), 0)::float8 from lectura.tiempos"+w.SQL(), w.Args()...).
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
	if err := tx.QueryRow(ctx, "select count(*) from lectura.efectivos where turno is not null and disponibilidad in ($1, $2)",
		string(efectivo.Disponible), string(efectivo.EnTarea)).Scan(&d.EnTurno); err != nil {
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
