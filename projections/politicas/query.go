package politicas

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/politica"
	"github.com/grupo-gad/gad/projections"
)

// Timers hands out what is due. It is safe for concurrent use.
type Timers struct {
	pool *pgxpool.Pool
	// The delays, side by side.
	clases  []string
	niveles []int16
	tras    []float64 // seconds
}

// NewTimers returns the timers of the living read model, due by the given delays.
func NewTimers(pool *pgxpool.Pool, p politica.Plazos) *Timers {
	t := &Timers{pool: pool}
	for _, d := range p.Todos() {
		t.clases, t.niveles, t.tras = append(t.clases, string(d.Clase)), append(t.niveles, int16(d.Nivel)), append(t.tras, d.Tras.Seconds())
	}
	return t
}

// dueSQL lists what was due by $1 and was not fired, the oldest first. The index gives what
// counts from an instant early enough; a simulated Efectivo waits less. Of the reminders of one
// start only the nearest is due: after an outage the others would say the same, too late.
const dueSQL = `select t.timer, p.tras, v.vence
	from unnest($3::text[], $4::smallint[], $5::float8[]) p (clase, nivel, tras)
	join lectura.timers t on t.clase = p.clase and t.nivel = p.nivel and t.base <= $1::timestamptz + make_interval(secs => greatest(0, -p.tras))
	left join lectura.politicas e on e.objeto = t.efectivo
	cross join lateral (select t.base + make_interval(secs => p.tras / coalesce(e.aceleracion, 1)) as vence) v
	where v.vence <= $1 and (t.desde is null or v.vence > t.desde)
		and not exists (select from eventos.disparos d where d.id = t.id)
		and not exists (select from unnest($3::text[], $5::float8[]) n (clase, tras)
			where t.clase = $6 and n.clase = t.clase and n.tras > p.tras and t.base + make_interval(secs => n.tras / coalesce(e.aceleracion, 1)) <= $1)
	order by v.vence, t.id limit $2`

// Due returns up to limit timers that were due by now and were not fired, the oldest first.
func (t *Timers) Due(ctx context.Context, now time.Time, limit int) ([]politica.Timer, error) {
	rows, err := t.pool.Query(ctx, dueSQL, now, limit, t.clases, t.niveles, t.tras, string(politica.Recordatorio))
	if err != nil {
		return nil, projections.Translate(err, "read the timers that are due")
	}
	due, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (t politica.Timer, err error) {
		var text string
		var tras float64
		if err := row.Scan(&text, &tras, &t.Vence); err != nil {
			return t, err
		}
		t.Tras, t.Vence = time.Duration(tras*float64(time.Second)), t.Vence.UTC()
		return t, json.Unmarshal([]byte(text), &t.Espera)
	})
	return due, projections.Translate(err, "read the timers that are due")
}

// maxUnattended bounds how many emergencies are looked at that nobody has.
const maxUnattended = 500

// Unattended lists the emergencies that nobody has, the newest first.
func (t *Timers) Unattended(ctx context.Context) ([]ident.Tarea, error) {
	rows, err := t.pool.Query(ctx, `select objeto::text from lectura.timers where clase = $1 order by base desc limit $2`,
		string(politica.Desatendida), maxUnattended)
	if err != nil {
		return nil, projections.Translate(err, "read what nobody has")
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (id ident.Tarea, err error) {
		var text string
		err = row.Scan(&text)
		return ident.Tarea(text), err
	})
	return list, projections.Translate(err, "read what nobody has")
}

// Done remembers that a timer was fired. A crash before it is harmless: the timer is
// fired again, and its order is known.
func (t *Timers) Done(ctx context.Context, d politica.Timer, outcome string) error {
	_, err := t.pool.Exec(ctx, `insert into eventos.disparos (id, clase, vence, resultado) values ($1, $2, $3, $4)
		on conflict do nothing`, d.ID(), string(d.Clase), d.Vence, outcome)
	if err != nil {
		return fmt.Errorf("remember a fired timer: %w", err)
	}
	return nil
}

// Forget drops the memory of timers that were fired before a time and wait no more.
func (t *Timers) Forget(ctx context.Context, before time.Time) error {
	_, err := t.pool.Exec(ctx, `delete from eventos.disparos d
		where disparado < $1 and not exists (select from lectura.timers t where t.id = d.id)`, before)
	if err != nil {
		return fmt.Errorf("forget fired timers: %w", err)
	}
	return nil
}

// Lag is how long the oldest unfired timer has been due.
func (t *Timers) Lag(ctx context.Context, now time.Time) (time.Duration, error) {
	due, err := t.Due(ctx, now, 1)
	if err != nil || len(due) == 0 {
		return 0, err
	}
	return now.Sub(due[0].Vence), nil
}
