package tablero

import (
	"context"
	"maps"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/singleflight"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/efectivos"
	"github.com/grupo-gad/gad/projections/tareas"
)

const (
	// redisPatience is how long a read waits for Redis before it counts in PostgreSQL.
	redisPatience = 250 * time.Millisecond
	// redisRest is how long Redis is left alone after a failure: not every read shall pay
	// the patience while it is away.
	redisRest = time.Second
)

// Reader answers with the figures. It is safe for concurrent use.
type Reader struct {
	reads  projections.Reads
	rdb    redis.UniversalClient
	resume atomic.Int64 // Unix nanoseconds until which Redis is left alone
	counts singleflight.Group
}

// NewReader returns a Reader; rdb may be nil where there is no Redis.
func NewReader(pool *pgxpool.Pool, rdb redis.UniversalClient) *Reader {
	return &Reader{reads: projections.NewReads(pool), rdb: rdb}
}

// Name implements projections.Source.
func (r *Reader) Name() string { return Name }

// Position implements projections.Source: the position a Resumen would be true of now.
func (r *Reader) Position(ctx context.Context) (eventstore.Position, error) {
	if s, ok := r.cached(ctx); ok {
		return eventstore.Position(s.Posicion), nil
	}
	var p eventstore.Position
	err := r.reads.Snapshot(ctx, projections.System, "read the position of the tablero", nil, func(tx pgx.Tx) (err error) {
		p, err = projections.Oldest(ctx, tx, tareas.Name, efectivos.Name)
		return err
	})
	return p, err
}

// Resumen returns the figures, from Redis or, when it is away or empty, from PostgreSQL; those
// of a part are counted there.
func (r *Reader) Resumen(ctx context.Context, s projections.Scope) (Resumen, error) {
	switch {
	case s.Alcance == permiso.EnJurisdiccion && !s.Nobody():
		return r.count(ctx, s)
	case s.Alcance != permiso.Todo:
		return Resumen{}, permiso.ErrProhibido
	}
	if s, ok := r.cached(ctx); ok {
		return s, nil
	}
	// One count at a time, for everybody who asks meanwhile; it must not end with the
	// request that happened to start it.
	result := r.counts.DoChan("resumen", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return r.count(ctx, projections.System)
	})
	select {
	case <-ctx.Done():
		return Resumen{}, ctx.Err()
	case res := <-result:
		if res.Err != nil {
			return Resumen{}, res.Err
		}
		return res.Val.(Resumen).clone(), nil
	}
}

func (r *Reader) cached(ctx context.Context) (Resumen, bool) {
	if r.rdb == nil || time.Now().UnixNano() < r.resume.Load() {
		return Resumen{}, false
	}
	bounded, cancel := context.WithTimeout(ctx, redisPatience)
	defer cancel()
	s, ok, err := figures(bounded, r.rdb)
	if err != nil && ctx.Err() == nil {
		r.resume.Store(time.Now().Add(redisRest).UnixNano())
	}
	return s, ok && err == nil
}

// counted are the tables of the figures.
var counted = []string{"tareas", "efectivos"}

func (r *Reader) count(ctx context.Context, scope projections.Scope) (Resumen, error) {
	s := vacio()
	w := &projections.Where{}
	tareas.Alcance(w, scope, "")
	personas := w.Beside()
	efectivos.Alcance(personas, scope)
	personas.And("not e.de_baja") // he is no longer of the force
	err := r.reads.Snapshot(ctx, scope, "count for the tablero", counted, func(tx pgx.Tx) error {
		p, err := projections.Oldest(ctx, tx, tareas.Name, efectivos.Name)
		if err != nil {
			return err
		}
		s.Posicion = int64(p)
		rows, err := tx.Query(ctx, `
			select 't', estado, count(*) from lectura.tareas`+w.SQL()+` group by estado
			union all select 'e', e.disponibilidad, count(*) from lectura.efectivos e`+personas.SQL()+" group by e.disponibilidad", personas.Args()...)
		if err != nil {
			return err
		}
		var clase, estado string
		var n int64
		_, err = pgx.ForEachRow(rows, []any{&clase, &estado, &n}, func() error {
			if clase == "t" {
				s.Tareas[estado] = n
			} else {
				s.Efectivos[estado] = n
			}
			return nil
		})
		return err
	})
	return s, err
}

// vacio names every figure, so that a dashboard needs no list of its own.
func vacio() Resumen {
	s := Resumen{Tareas: map[string]int64{}, Efectivos: map[string]int64{}}
	for _, e := range []tarea.Estado{tarea.EstadoProgramada, tarea.EstadoEnCurso, tarea.EstadoPausada, tarea.EstadoFinalizada, tarea.EstadoCancelada} {
		s.Tareas[string(e)] = 0
	}
	for _, d := range []efectivo.Disponibilidad{efectivo.Disponible, efectivo.EnTarea, efectivo.NoDisponible, efectivo.FueraServicio, efectivo.EnLicencia} {
		s.Efectivos[string(d)] = 0
	}
	return s
}

// clone keeps those who shared a count from sharing its maps.
func (s Resumen) clone() Resumen {
	return Resumen{Tareas: maps.Clone(s.Tareas), Efectivos: maps.Clone(s.Efectivos), Posicion: s.Posicion}
}
