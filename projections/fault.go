package projections

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/eventstore"
)

// The refusals of read models.
var (
	// ErrAtrasada answers a read that asked for a position its read model did not reach in time.
	ErrAtrasada = fault.New(fault.Unavailable, "proyeccion_atrasada", "la lectura todavía no alcanzó la posición pedida; vuelva a intentar")
	// ErrNoDisponible answers a read while the database is away.
	ErrNoDisponible = fault.New(fault.Unavailable, "lectura_no_disponible", "la lectura no está disponible en este momento; vuelva a intentar")
	ErrCursor       = fault.New(fault.Invalid, "cursor_invalido", "el cursor no corresponde a esta consulta")
	ErrOrden        = fault.New(fault.Invalid, "orden_invalido", "no se puede ordenar por ese campo")
	ErrLimite       = fault.New(fault.Invalid, "limite_invalido", "el límite va de 1 a 200")
	ErrBBox         = fault.New(fault.Invalid, "bbox_invalido", "el recuadro no es válido: oeste,sur,este,norte en grados")
	// ErrSinAnterior refuses to roll back what was never rebuilt.
	ErrSinAnterior = fault.New(fault.Conflict, "sin_generacion_anterior", "no hay una generación anterior a la que volver")
	ErrConsulta    = fault.New(fault.Invalid, "consulta_invalida", "la consulta no es válida")
)

// errLost says that another worker holds the lease now, or that the checkpoint moved.
var errLost = errors.New("the lease of the projection is lost")

// UnknownError stops a projection: the event is newer than this build.
type UnknownError struct {
	Projection string
	Position   eventstore.Position
	Type       string
	Schema     int
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("projection %s stands before position %d: this build does not know %s v%d",
		e.Projection, e.Position, e.Type, e.Schema)
}

// SystemicError stops a projection whose whole window fails: that is no poison event.
type SystemicError struct {
	Projection string
	Position   eventstore.Position
	Cause      error
}

func (e *SystemicError) Error() string {
	return fmt.Sprintf("projection %s stands before position %d: every key fails: %v", e.Projection, e.Position, e.Cause)
}

// Unwrap returns the first failure.
func (e *SystemicError) Unwrap() error { return e.Cause }

// away marks a failure of something the projection depends on.
type away struct{ error }

func (a away) Unwrap() error { return a.error }

// poison reports whether err is the event's own fault: a fold that refused it, a row the
// database refused. Whatever another try may cure is not.
func poison(err error, tx pgx.Tx) bool {
	if _, ok := errors.AsType[away](err); ok {
		return false
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errLost) {
		return false
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		// 22 data exception, 23 integrity violation, XX PostGIS complaining about a shape.
		return strings.HasPrefix(pg.Code, "22") || strings.HasPrefix(pg.Code, "23") || pg.Code == "XX000"
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return false
	}
	return !tx.Conn().IsClosed()
}

// BadInput reports whether the database could not read a value that a caller gave as text:
// the inside of a cursor somebody changed.
func BadInput(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && strings.HasPrefix(pg.Code, "22")
}

// Translate turns an error of the database into what a reader answers. Errors that are faults
// already stay as they are.
func Translate(err error, doing string) error {
	if err == nil || fault.KindOf(err) != fault.Internal {
		return err
	}
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("%s: %w", doing, err)
	}
	pg, ok := errors.AsType[*pgconn.PgError](err)
	switch {
	case !ok && !errors.Is(err, pgx.ErrNoRows) && unreachable(err),
		// 08 connection, 53 resources, 57 shutdown and cancel, 25006 a standby.
		ok && (strings.HasPrefix(pg.Code, "08") || strings.HasPrefix(pg.Code, "53") || strings.HasPrefix(pg.Code, "57") || pg.Code == "25006"):
		return ErrNoDisponible.Because(fmt.Errorf("%s: %w", doing, err))
	}
	return fmt.Errorf("%s: %w", doing, err)
}

func unreachable(err error) bool {
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	return errors.Is(err, context.DeadlineExceeded) || pgconn.SafeToRetry(err) ||
		strings.Contains(err.Error(), "unexpected EOF") || strings.Contains(err.Error(), "conn closed")
}
