package tablero

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/efectivos"
	"github.com/grupo-gad/gad/projections/tareas"
)

// cuenta is what the counters are made of: the figures and, of everything that may still
// change, where it is. The script avanzar.lua does the same to Redis.
type cuenta struct {
	figuras map[string]int64
	vivos   map[string]cambio // by class and id
}

func (c cuenta) aplica(n cambio) {
	key := string(n.clase) + n.id
	before, alive := c.vivos[key]
	if before.estado == deBaja {
		return
	}
	if alive {
		c.figuras[string(n.clase)+":"+before.estado]--
		n.tareas += before.tareas
	}
	if n.estado == deBaja {
		c.vivos[key] = n
		return
	}
	if n.estado == reabierta {
		n.estado = string(tarea.EstadoEnCurso)
		if !alive {
			c.figuras["t:"+string(tarea.EstadoFinalizada)]-- // nothing else can be reopened
		}
	}
	if n.estado == enTurno {
		n.estado = string(efectivo.Disponible)
		if n.tareas > 0 {
			n.estado = string(efectivo.EnTarea)
		}
	}
	c.figuras[string(n.clase)+":"+n.estado]++
	c.vivos[key] = n
	if n.clase == 't' && !tarea.Estado(n.estado).Abierta() {
		delete(c.vivos, key)
	}
}

// sow counts in PostgreSQL and puts the result into Redis. The two read models may stand at
// different positions: the events between are folded into the one that lags.
func (p *Projector) sow(ctx context.Context) (eventstore.Position, error) {
	c := cuenta{figuras: map[string]int64{}, vivos: map[string]cambio{}}
	var atTareas, atEfectivos eventstore.Position
	err := p.reads.Snapshot(ctx, projections.System, "count for the tablero", counted, func(tx pgx.Tx) (err error) {
		if atTareas, err = projections.Oldest(ctx, tx, tareas.Name); err != nil {
			return err
		}
		if atEfectivos, err = projections.Oldest(ctx, tx, efectivos.Name); err != nil {
			return err
		}
		return c.read(ctx, tx)
	})
	if err != nil {
		return 0, err
	}
	at, err := p.level(ctx, c, atTareas, atEfectivos)
	if err != nil {
		return 0, err
	}
	// Another process may have sown first: then whatever is there now is right.
	if err := seed(ctx, p.rdb, at, c); err != nil && !errors.Is(err, errMoved) {
		return 0, err
	}
	r, ok, err := figures(ctx, p.rdb)
	if err == nil && !ok {
		err = errors.New("the tablero was flushed while it was sown")
	}
	return eventstore.Position(r.Posicion), err
}

func (c cuenta) read(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, `
		select 't', '', estado, 0, count(*) from lectura.tareas where estado in ('finalizada', 'cancelada') group by estado
		union all select 't', id::text, estado, 0, 1 from lectura.tareas where estado not in ('finalizada', 'cancelada')
		union all select 'e', id::text, case when de_baja then '`+deBaja+`' else disponibilidad end, cardinality(tareas), 1 from lectura.efectivos`)
	if err != nil {
		return err
	}
	var (
		clase, id, estado string
		bound             int
		n                 int64
	)
	_, err = pgx.ForEachRow(rows, []any{&clase, &id, &estado, &bound, &n}, func() error {
		if estado != deBaja {
			c.figuras[clase+":"+estado] += n
		}
		if id != "" {
			c.vivos[clase+id] = cambio{clase[0], id, estado, bound}
		}
		return nil
	})
	return err
}

// level folds the events between two checkpoints into the figures that lag.
func (p *Projector) level(ctx context.Context, c cuenta, atTareas, atEfectivos eventstore.Position) (eventstore.Position, error) {
	at, to := min(atTareas, atEfectivos), max(atTareas, atEfectivos)
	lagging := byte('t')
	if atEfectivos < atTareas {
		lagging = 'e'
	}
	for at < to {
		events, err := p.store.ReadLog(ctx, at, int(min(window, to-at)))
		if err != nil {
			return 0, fmt.Errorf("read the log: %w", err)
		}
		if len(events) == 0 {
			return 0, fmt.Errorf("the log ends at %d, before a checkpoint at %d", at, to)
		}
		cambios, _, err := changes(events) // what cannot be read is parked by the read model that lags
		if err != nil {
			return 0, err
		}
		for _, n := range cambios {
			if n.clase == lagging {
				c.aplica(n)
			}
		}
		at = events[len(events)-1].Position
	}
	return to, nil
}
