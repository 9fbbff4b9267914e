// Package policies reacts to facts and to time by ordinary orders, with an author and
// a causation of their own.
//
// Timers are rows that somebody derives from the log. Firing one is an order whose
// command id is the timer's own, so a process may die at any instant: before the
// order, and the timer is fired by the next one; between the order and remembering
// it, and the order is given again under the same id, which the store answers with
// the first receipt. Two processes that fire at once do what one does.
//
// Campo follows the telemetry log: see there.
package policies

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/operacion"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/politica"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
)

// Orders is the one door for orders.
type Orders interface {
	Dispatch(ctx context.Context, o commands.Order) (commands.Answer, error)
}

// Timers are what is due, derived from the log.
type Timers interface {
	Due(ctx context.Context, now time.Time, limit int) ([]politica.Timer, error)
	Done(ctx context.Context, t politica.Timer, outcome string) error
	Forget(ctx context.Context, before time.Time) error
}

// Observer is told of every timer that was fired and how late that was.
type Observer interface {
	ObserveTimer(clase politica.Clase, outcome string, late time.Duration)
}

// Options of an Engine. The zero value of every field works.
type Options struct {
	Now      func() time.Time
	Every    time.Duration // between two looks at an idle moment; 500 ms
	Observer Observer
	// Estados, when given, is asked before a call for help is escalated: one that was attended
	// a moment ago is not, whatever the read model has heard of it.
	Estados Actuales
	Log     *slog.Logger
}

// Actuales are Estados that can be brought level with the log; the Dispatcher is.
type Actuales interface {
	Estados
	Refresh(ctx context.Context, stream eventstore.StreamID) error
}

// Engine fires timers.
type Engine struct {
	orders Orders
	timers Timers
	opts   Options
}

// NewEngine returns an Engine that does nothing until Run.
func NewEngine(orders Orders, timers Timers, o Options) *Engine {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Every <= 0 {
		o.Every = 500 * time.Millisecond
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Engine{orders: orders, timers: timers, opts: o}
}

const (
	page      = 200
	forgetAge = 30 * 24 * time.Hour
)

// Run fires what is due until ctx ends.
func (e *Engine) Run(ctx context.Context) error {
	tick := time.NewTicker(e.opts.Every)
	defer tick.Stop()
	var swept time.Time
	for {
		n, err := e.Fire(ctx)
		if err != nil && ctx.Err() == nil {
			e.opts.Log.WarnContext(ctx, "timers were not fired", slog.Any("error", err))
		}
		if now := e.opts.Now(); err == nil && now.Sub(swept) > time.Hour {
			swept = now
			if err := e.timers.Forget(ctx, now.Add(-forgetAge)); err != nil && ctx.Err() == nil {
				e.opts.Log.WarnContext(ctx, "fired timers were not forgotten", slog.Any("error", err))
			}
		}
		if n == page && err == nil && ctx.Err() == nil {
			continue // there is more
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// Fire fires what is due now, once, and says how many timers that were. One that
// could not be ordered does not hold up the others; it stays due.
func (e *Engine) Fire(ctx context.Context) (int, error) {
	now := e.opts.Now().UTC().Truncate(time.Microsecond)
	due, err := e.timers.Due(ctx, now, page)
	if err != nil {
		return 0, err
	}
	var failed error
	fired := 0
	for _, t := range due {
		if err := e.fire(ctx, t, now); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		fired++
	}
	return fired, failed
}

func (e *Engine) fire(ctx context.Context, t politica.Timer, now time.Time) error {
	id := eventstore.CommandID(t.ID())
	outcome := "sin_cambio"
	cmd, err := e.order(ctx, t, now)
	if err != nil {
		return err
	}
	if cmd != nil {
		answer, err := e.orders.Dispatch(ctx, commands.Order{
			ID: id, Keyed: true, Commands: []commands.Command{cmd}, Causation: "timer:" + id.String(),
		})
		switch fault.KindOf(err) {
		case fault.NotFound, fault.Invalid, fault.Conflict, fault.Forbidden:
			// Refused for good: it would be refused again. The log did not change.
			e.opts.Log.WarnContext(ctx, "timer refused", slog.String("kind", string(t.Clase)), slog.Any("error", err))
		default:
			if err != nil {
				return err
			}
		}
		outcome = outcomeOf(answer, err)
	}
	// A crash here is safe: the order is known by its id.
	if err := e.timers.Done(ctx, t, outcome); err != nil {
		return err
	}
	if e.opts.Observer != nil {
		e.opts.Observer.ObserveTimer(t.Clase, outcome, now.Sub(t.Vence))
	}
	return nil
}

// outcomeOf names what became of an order.
func outcomeOf(answer commands.Answer, err error) string {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f.Code
	}
	switch {
	case err != nil:
		return "rechazada"
	case answer.Repeated:
		return "repetida"
	case answer.Changed:
		return "ok"
	}
	return "sin_cambio"
}

// author is who the policies are in the log.
var author = permiso.DelSistema("politicas")

// order is what a timer comes to; nil when it is settled.
func (e *Engine) order(ctx context.Context, t politica.Timer, now time.Time) (commands.Command, error) {
	if t.Clase == politica.SOS && e.opts.Estados != nil {
		// A state from before the call would settle the timer for ever, and nobody would come.
		if err := e.opts.Estados.Refresh(ctx, eventstore.StreamID(t.Efectivo.Stream())); err != nil {
			return nil, err
		}
		s, err := e.opts.Estados.Efectivo(ctx, t.Efectivo)
		if err != nil || !s.SOS() {
			return nil, err
		}
	}
	return order(t, now), nil
}

// order is what a timer comes to; nil for a kind that this build does not know.
func order(t politica.Timer, now time.Time) commands.Command {
	var (
		work   = tarea.Orden{ID: t.Tarea, Por: author, En: now}
		person = efectivo.Orden{ID: t.Efectivo, Por: author, En: now}
	)
	switch t.Clase {
	case politica.Oferta:
		return tarea.Escalar{Orden: work, Efectivo: t.Efectivo}
	case politica.Recordatorio, politica.Vencida:
		return tarea.Recordar{Orden: work, Clase: t.Recordatorio(), Efectivo: t.Efectivo, Vence: t.Vence, Base: t.Base}
	case politica.LicenciaComienza:
		return efectivo.ComenzarLicencia{Orden: person, Licencia: t.Licencia}
	case politica.LicenciaTermina:
		return efectivo.TerminarLicencia{Orden: person, Licencia: t.Licencia}
	case politica.SOS:
		return operacion.EscalarAlerta{
			OrdenAlerta: operacion.OrdenAlerta{ID: t.Alerta, Por: author, En: now}, Efectivo: t.Efectivo, Nivel: t.Nivel,
		}
	case politica.Desatendida: // no timer: see Buscador
	}
	return nil
}
