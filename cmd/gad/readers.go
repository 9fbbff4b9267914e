package main

import (
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"

	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/alarmas"
	"github.com/grupo-gad/gad/projections/aprobaciones"
	"github.com/grupo-gad/gad/projections/cache"
	"github.com/grupo-gad/gad/projections/efectivos"
	"github.com/grupo-gad/gad/projections/estadisticas"
	"github.com/grupo-gad/gad/projections/licencias"
	"github.com/grupo-gad/gad/projections/mapa"
	"github.com/grupo-gad/gad/projections/marcas"
	"github.com/grupo-gad/gad/projections/politicas"
	"github.com/grupo-gad/gad/projections/tablero"
	"github.com/grupo-gad/gad/projections/tareas"
	"github.com/grupo-gad/gad/projections/usuarios"
)

// readers are the queries of every read model, and who waits for them.
type readers struct {
	tareas    *tareas.Reader
	efectivos *efectivos.Reader
	mapa      *mapa.Reader
	tablero   *tablero.Reader
	usuarios  *usuarios.Reader
	licencias *licencias.Reader
	waiter    *projections.Waiter

	estadisticas *estadisticas.Reader
	cache        *cache.Cache
	aprobaciones *aprobaciones.Reader
	alarmas      *alarmas.Reader
	marcas       *marcas.Reader
}

// openReaders makes the readers; rdb may be nil. zone is that of the operation's days, reports
// how long a statement of a figure or an export may take.
func openReaders(pool *pgxpool.Pool, rdb redis.UniversalClient, zone *time.Location, reports time.Duration) readers {
	figures, answers := tablero.NewReader(pool, rdb), cache.New(rdb)
	return readers{
		tareas: tareas.NewReader(pool).Patient(reports), efectivos: efectivos.NewReader(pool), mapa: mapa.NewReader(pool),
		tablero: figures, usuarios: usuarios.NewReader(pool), licencias: licencias.NewReader(pool),
		waiter:       projections.NewWaiter(pool, figures),
		estadisticas: estadisticas.NewReader(pool, answers, zone, time.Now).Patient(reports), cache: answers,
		aprobaciones: aprobaciones.NewReader(pool), alarmas: alarmas.NewReader(pool), marcas: marcas.NewReader(pool),
	}
}

// readModels lists the projections that are derived from the log and kept in PostgreSQL.
func readModels() []projections.Projection {
	return []projections.Projection{
		usuarios.Projection{},
		efectivos.Projection{},
		tareas.Projection{},
		mapa.Projection{},
		licencias.Projection{},
		politicas.Projection{},
		estadisticas.Projection{},
		aprobaciones.Projection{},
		alarmas.Projection{},
		marcas.Projection{},
	}
}

// newRunner makes the projector role over the system.
func (s *system) newRunner() *projections.Runner {
	o := projections.Options{
		Holder: writerName(), Log: s.log, Registry: s.metrics, Waiter: s.reads.waiter,
		Telemetry: s.telemetry, Positions: []projections.TelemetryProjection{mapa.Posiciones{}, estadisticas.Celdas{}},
	}
	if s.redis != nil {
		o.Others = []projections.Other{
			tablero.NewProjector(s.redis, s.pool, s.store, s.reads.waiter), estadisticas.NewRenewer(s.reads.estadisticas),
		}
	}
	return projections.NewRunner(s.pool, s.store, s.vault, o, readModels()...)
}

// newRebuilder is newRunner for making read models anew: over connections of its own, without
// what is not made from the log, and unmeasured.
func (s *system) newRebuilder(pool *pgxpool.Pool) *projections.Runner {
	return projections.NewRunner(pool, s.store, s.vault, projections.Options{
		Holder: writerName(), Log: s.log, Waiter: s.reads.waiter,
		Telemetry: s.telemetry, Positions: []projections.TelemetryProjection{mapa.Posiciones{}, estadisticas.Celdas{}},
	}, readModels()...)
}

// errorAttr is how an error stands in a log line.
func errorAttr(err error) slog.Attr { return slog.String("error", err.Error()) }
