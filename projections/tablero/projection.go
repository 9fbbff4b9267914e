// Package tablero is the strip of figures over every dashboard: how many Tareas by estado,
// how many Efectivos by disponibilidad.
//
// The counters live in Redis with their checkpoint, and one script moves both, so they are
// always true of exactly one log position; two writers cannot count twice. Redis is never
// the only holder: after a flush, a loss or a restored copy the counters are sown again from
// PostgreSQL. Without Redis the Reader counts in PostgreSQL, once for everybody who asks at
// the same time.
package tablero

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
)

// Name of the projection.
const Name = "tablero"

// window is the most events one script applies: Redis does nothing else meanwhile.
const window = 2000

// lookEvery is how often an idle projector asks Redis where the counters are.
const lookEvery = 2 * time.Second

// Projector keeps the counters level with the log. Any number may run: a script that comes
// second finds the checkpoint moved and writes nothing. It implements projections.Other.
type Projector struct {
	rdb    redis.UniversalClient
	pool   *pgxpool.Pool
	reads  projections.Reads
	store  projections.Store
	waiter *projections.Waiter
}

// NewProjector returns a Projector that does nothing until Run; waiter may be nil.
func NewProjector(rdb redis.UniversalClient, pool *pgxpool.Pool, store projections.Store, waiter *projections.Waiter) *Projector {
	return &Projector{rdb, pool, projections.NewReads(pool), store, waiter}
}

// Name implements projections.Source.
func (p *Projector) Name() string { return Name }

// Position implements projections.Source: that of the counters in Redis.
func (p *Projector) Position(ctx context.Context) (eventstore.Position, error) {
	r, _, err := figures(ctx, p.rdb)
	return eventstore.Position(r.Posicion), err
}

// Run follows the log until ctx ends or Redis fails; the Runner starts it again.
func (p *Projector) Run(ctx context.Context) error {
	for {
		at, err := p.start(ctx)
		if err != nil {
			return err
		}
		if err := p.attend(ctx, at); !errors.Is(err, errMoved) {
			return err
		}
		// Somebody else wrote, or Redis was flushed: look where the checkpoint is now.
	}
}

// start returns the checkpoint, sowing the counters where there are none to continue.
func (p *Projector) start(ctx context.Context) (eventstore.Position, error) {
	r, ok, err := figures(ctx, p.rdb)
	if err != nil {
		return 0, err
	}
	head, err := p.store.Head(ctx)
	if err != nil {
		return 0, fmt.Errorf("find the head of the log: %w", err)
	}
	if ok && eventstore.Position(r.Posicion) <= head {
		return eventstore.Position(r.Posicion), nil
	}
	if ok {
		// Ahead of the log: the log was restored from an older copy. What Redis counted
		// never happened.
		if err := p.rdb.Del(ctx, keys...).Err(); err != nil {
			return 0, fmt.Errorf("forget the tablero: %w", err)
		}
	}
	return p.sow(ctx)
}

// attend follows the log and looks, from time to time, whether Redis still knows what it was told:
// after a crash it may have lost the last second or everything, and nothing may be written to the
// log for hours afterwards.
func (p *Projector) attend(ctx context.Context, from eventstore.Position) error {
	ctx, cancel := context.WithCancelCause(ctx)
	var at atomic.Int64 // as far as the counters were moved
	at.Store(int64(from))
	var watching sync.WaitGroup
	watching.Go(func() { p.watch(ctx, &at, cancel) })
	err := p.follow(ctx, &at)
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	cancel(nil)
	watching.Wait()
	return err
}

// watch ends the following when the counters are behind where they were moved to, or gone.
func (p *Projector) watch(ctx context.Context, at *atomic.Int64, end context.CancelCauseFunc) {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
		moved := at.Load()
		stored, err := p.rdb.HGet(ctx, keyFiguras, "posicion").Int64()
		if errors.Is(err, redis.Nil) || err == nil && stored < moved {
			end(errMoved)
			return
		}
	}
}

// follow applies the log from a position on.
func (p *Projector) follow(ctx context.Context, reached *atomic.Int64) error {
	at := eventstore.Position(reached.Load())
	for batch, err := range p.store.Follow(ctx, at) {
		if err != nil {
			return fmt.Errorf("follow the log: %w", err)
		}
		for len(batch) > 0 {
			n := min(len(batch), window)
			cambios, broken, err := changes(batch[:n])
			if err != nil {
				return err
			}
			// Parked before the checkpoint passes it: it can be told twice, never lost. The
			// thing it speaks of is counted where its other facts left it.
			for _, parked := range broken {
				if err := projections.Park(ctx, p.pool, parked); err != nil {
					return err
				}
			}
			to := batch[n-1].Position
			if err := advance(ctx, p.rdb, at, to, cambios); err != nil {
				return err
			}
			at, batch = to, batch[n:]
			reached.Store(int64(at))
			if p.waiter != nil {
				p.waiter.Wake(Name)
			}
		}
	}
	return ctx.Err()
}

// changes lists what a window does to the figures, in log order, and what of it cannot be
// read. An event newer than this build is an error.
func changes(events []eventstore.Recorded) (cambios []cambio, broken []projections.Parked, err error) {
	for _, r := range events {
		c := cambio{id: projections.Key(r.Stream)}
		switch e := r.Event.(type) {
		case tarea.Event:
			c.clase, c.estado = 't', string(estado(e))
		case efectivo.Event:
			c.clase = 'e'
			c.estado, c.tareas = disponibilidad(e)
		case nil:
			if errors.Is(r.Err, event.ErrUnknown) {
				return nil, nil, &projections.UnknownError{Projection: Name, Position: r.Position, Type: r.Type, Schema: r.Schema}
			}
			broken = append(broken, projections.Parked{
				Projection: Name, Key: string(r.Stream), Position: r.Position, Version: r.Version,
				Reason: fmt.Sprintf("decode %s: %v", r.Type, r.Err), Attempts: 1,
			})
		}
		if c.estado != "" {
			cambios = append(cambios, c)
		}
	}
	return cambios, broken, nil
}

// estado is where a fact leaves a Tarea, "" when it does not move it.
func estado(e tarea.Event) tarea.Estado {
	switch e.(type) {
	case tarea.Creada:
		return tarea.EstadoProgramada
	case tarea.Iniciada, tarea.Reanudada:
		return tarea.EstadoEnCurso
	case tarea.Reabierta:
		return reabierta
	case tarea.Pausada:
		return tarea.EstadoPausada
	case tarea.Finalizada:
		return tarea.EstadoFinalizada
	case tarea.Cancelada:
		return tarea.EstadoCancelada
	case tarea.Modificada, tarea.PrioridadCambiada, tarea.EfectivoAsignado, tarea.AsignacionAceptada,
		tarea.AsignacionRechazada, tarea.EfectivoEnCamino, tarea.EfectivoEnLugar, tarea.EfectivoLiberado,
		tarea.Delegada, tarea.NotaAgregada, tarea.AdjuntoAgregado, tarea.ListaDefinida, tarea.PuntoDeListaCumplido,
		tarea.RecomendacionEmitida, tarea.EfectivoOfrecido, tarea.Escalada, tarea.RecordatorioEnviado, tarea.RecordatorioAcusado:
	}
	return ""
}

// reabierta stands for "en_curso again, and one less that is over": where it was is not kept of a
// Tarea that is over.
const reabierta = "+"

// enTurno stands for "disponible, or en_tarea when he is bound to a Tarea".
const enTurno = "*"

// deBaja stands for "no longer of the force": he is counted nowhere, whatever befalls him still.
const deBaja = "-"

// disponibilidad is where a fact leaves an Efectivo, "" when it does not move him, and by
// how many the Tareas he is bound to change.
func disponibilidad(e efectivo.Event) (string, int) {
	switch e := e.(type) {
	case efectivo.Registrado, efectivo.TurnoFinalizado:
		return string(efectivo.FueraServicio), 0
	case efectivo.TurnoIniciado:
		return enTurno, 0
	case efectivo.DisponibilidadCambiada:
		switch e.Causa {
		case efectivo.PorAsignacion:
			return string(e.Disponibilidad), 1
		case efectivo.PorLiberacion:
			return string(e.Disponibilidad), -1
		case efectivo.PorOrden, efectivo.PorLicencia, efectivo.PorFinLicencia:
		}
		return string(e.Disponibilidad), 0
	case efectivo.FichaModificada, efectivo.UbicacionConfirmada, efectivo.SenalPerdida, efectivo.SenalRecuperada,
		efectivo.ZonaIngresada, efectivo.ZonaAbandonada, efectivo.SOSActivado, efectivo.SOSAtendido,
		efectivo.LicenciaSolicitada, efectivo.LicenciaAprobada, efectivo.LicenciaRechazada:
	case efectivo.DadoDeBaja:
		return deBaja, 0
	}
	return "", 0
}
