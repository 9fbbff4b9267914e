package politicas

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/domain/politica"
	"github.com/grupo-gad/gad/projections"
)

// Timers hands out what is due. It is safe for concurrent use.
type Timers struct{ pool *pgxpool.Pool }

// NewTimers returns the timers of the living read model.
func NewTimers(pool *pgxpool.Pool) *Timers { return &Timers{pool} }

// Due returns up to limit timers that were due by now and were not fired, the oldest first.
func (t *Timers) Due(ctx context.Context, now time.Time, limit int) ([]politica.Timer, error) {
	rows, err := t.pool.Query(ctx, `select timer from lectura.timers t
		where vence <= $1 and not exists (select from eventos.disparos d where d.id = t.id)
		order by vence, id limit $2`, now, limit)
	if err != nil {
		return nil, projections.Translate(err, "read the timers that are due")
	}
	due, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (t politica.Timer, err error) {
		var text string
		if err := row.Scan(&text); err != nil {
			return t, err
		}
		return t, json.Unmarshal([]byte(text), &t)
	})
	return due, projections.Translate(err, "read the timers that are due")
}

// Next returns when the next timer is due, or false when none waits.
func (t *Timers) Next(ctx context.Context) (time.Time, bool, error) {
	var at *time.Time
	err := t.pool.QueryRow(ctx, `select min(vence) from lectura.timers t
		where not exists (select from eventos.disparos d where d.id = t.id)`).Scan(&at)
	if err != nil || at == nil {
		return time.Time{}, false, projections.Translate(err, "find the next timer")
	}
	return *at, true, nil
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
	at, ok, err := t.Next(ctx)
	if err != nil || !ok {
		return 0, err
	}
	return max(0, now.Sub(at)), nil
}
