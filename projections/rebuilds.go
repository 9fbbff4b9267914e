package projections

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/grupo-gad/gad/domain/fault"
)

// Clase is what is asked for a read model.
type Clase string

// What can be asked.
const (
	Reconstruir Clase = "reconstruir"
	Volver      Clase = "volver" // to the tables from before the last one
)

// The ways in which a Reconstruccion stands.
const (
	Pedida       = "pedida"
	EnCurso      = "en_curso"
	Reemplazada  = "reemplazada"
	Distinta     = "distinta" // the log says other rows: nothing was touched
	Fallida      = "fallida"
	Interrumpida = "interrumpida" // whoever carried it out ended; it may be asked for again
)

// Reconstruccion is one request to make a read model anew, or to go back.
type Reconstruccion struct {
	ID         string     `json:"id"` // of the order
	Projection string     `json:"proyeccion"`
	Clase      Clase      `json:"clase"`
	Aceptar    bool       `json:"aceptar"`
	Estado     string     `json:"estado"`
	Hechos     int64      `json:"hechos"`
	Total      int64      `json:"total"`
	Distintas  []string   `json:"distintas"`
	Detalle    string     `json:"detalle,omitzero"`
	Pedida     time.Time  `json:"pedida"`
	Terminada  *time.Time `json:"terminada"`
}

// ErrEnCurso refuses a second one of the same read model.
var ErrEnCurso = fault.New(fault.Conflict, "reconstruccion_en_curso", "esa proyección ya se está reconstruyendo")

// abandoned is how old the last sign of life of whoever carries one out must be before it
// counts as ended. No step between two signs takes longer than the lease of a generation.
const abandoned = generationLease + time.Minute

// Rebuilds are the requests, for every process to ask and see. One with Run carries them out.
type Rebuilds struct {
	r    *Runner
	wake chan struct{}
}

// NewRebuilds returns them over the read models of r.
func NewRebuilds(r *Runner) *Rebuilds { return &Rebuilds{r: r, wake: make(chan struct{}, 1)} }

// Check refuses what could not be carried out.
func (b *Rebuilds) Check(ctx context.Context, projection string, c Clase) error {
	m, err := b.r.model(projection)
	if err != nil || c != Volver {
		return err
	}
	var there bool
	err = b.r.pool.QueryRow(ctx, `select exists (select from eventos.checkpoints where projection = $1 and target = $2)`,
		m.Name(), previousSchema(m.Name())).Scan(&there)
	if err == nil && !there {
		return ErrSinAnterior
	}
	return Translate(err, "look for the previous "+projection)
}

// Ask records a request and returns it as it stands. The same id again is the same request.
func (b *Rebuilds) Ask(ctx context.Context, id, projection string, c Clase, accept bool) (Reconstruccion, error) {
	if err := b.expire(ctx); err != nil {
		return Reconstruccion{}, err
	}
	_, err := b.r.pool.Exec(ctx, `insert into eventos.reconstrucciones (id, projection, clase, aceptar, estado) values ($1, $2, $3, $4, 'pedida')
		on conflict (id) do nothing`, id, projection, c, accept)
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.Code == "23505" {
		return Reconstruccion{}, ErrEnCurso
	}
	if err != nil {
		return Reconstruccion{}, Translate(err, "ask to rebuild "+projection)
	}
	select {
	case b.wake <- struct{}{}:
	default: // it is awake already
	}
	return b.one(ctx, `where id = $1`, id)
}

// Last returns the newest request of every read model that has one.
func (b *Rebuilds) Last(ctx context.Context) ([]Reconstruccion, error) {
	if err := b.expire(ctx); err != nil {
		return nil, err
	}
	return b.list(ctx, `where (projection, pedida) in (select projection, max(pedida) from eventos.reconstrucciones group by projection) order by projection`)
}

// expire ends what nobody carries out any more.
func (b *Rebuilds) expire(ctx context.Context) error {
	_, err := b.r.pool.Exec(ctx, `update eventos.reconstrucciones set estado = 'interrumpida', terminada = now()
		where estado = 'en_curso' and latido < now() - $1::interval`, abandoned)
	return Translate(err, "end what was abandoned")
}

func (b *Rebuilds) one(ctx context.Context, where string, args ...any) (Reconstruccion, error) {
	all, err := b.list(ctx, where, args...)
	if err == nil && len(all) == 0 {
		err = ErrProyeccion
	}
	if err != nil {
		return Reconstruccion{}, err
	}
	return all[0], nil
}

func (b *Rebuilds) list(ctx context.Context, where string, args ...any) ([]Reconstruccion, error) {
	rows, err := b.r.pool.Query(ctx, `select id::text, projection, clase, aceptar, estado, hechos, total, distintas, detalle, pedida, terminada
		from eventos.reconstrucciones `+where, args...)
	if err != nil {
		return nil, Translate(err, "read what is rebuilt")
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (o Reconstruccion, err error) {
		err = row.Scan(&o.ID, &o.Projection, &o.Clase, &o.Aceptar, &o.Estado, &o.Hechos, &o.Total, &o.Distintas, &o.Detalle, &o.Pedida, &o.Terminada)
		o.Pedida = o.Pedida.UTC()
		if o.Terminada != nil {
			ended := o.Terminada.UTC()
			o.Terminada = &ended
		}
		return o, err
	})
	return all, Translate(err, "read what is rebuilt")
}

// Run carries out what is asked over by, whose statements may take long, one at a time, until
// ctx ends.
func (b *Rebuilds) Run(ctx context.Context, by *Runner) error {
	for ctx.Err() == nil {
		o, err := b.one(ctx, `where id = (select id from eventos.reconstrucciones where estado = 'pedida' order by pedida limit 1)`)
		if err == nil {
			if err = b.carryOut(ctx, by, o); err == nil {
				continue
			}
		}
		if !errors.Is(err, ErrProyeccion) && ctx.Err() == nil {
			b.r.log.WarnContext(ctx, "requests to rebuild cannot be followed", slog.Any("error", err))
		}
		wait := time.NewTimer(2 * time.Second) // asked in another process
		select {
		case <-ctx.Done():
		case <-b.wake:
		case <-wait.C:
		}
		wait.Stop()
	}
	return ctx.Err()
}

// carryOut does one, unless another process has begun it. It fails when it could not begin: the
// request is there to be begun again.
func (b *Rebuilds) carryOut(ctx context.Context, by *Runner, o Reconstruccion) error {
	tag, err := b.r.pool.Exec(ctx, `update eventos.reconstrucciones set estado = 'en_curso', latido = now() where id = $1 and estado = 'pedida'`, o.ID)
	if err != nil || tag.RowsAffected() == 0 {
		return Translate(err, "begin to rebuild "+o.Projection)
	}
	var distintas []string
	estado, detalle := Reemplazada, ""
	if o.Clase == Volver {
		err = by.Rollback(ctx, o.Projection)
	} else {
		said := time.Time{}
		var done Rebuilt
		done, err = by.Rebuild(ctx, o.Projection, RebuildOptions{Accept: o.Aceptar, Progress: func(n, total int64) {
			if time.Since(said) < time.Second && n < total {
				return
			}
			said = time.Now()
			// What cannot be said now is said a second later.
			_, _ = b.r.pool.Exec(ctx, `update eventos.reconstrucciones set hechos = $2, total = $3, latido = now() where id = $1`, o.ID, n, total)
		}})
		distintas = done.Different
	}
	different, differs := errors.AsType[*DifferentError](err)
	switch {
	case differs:
		estado, distintas = Distinta, different.Different
	case ctx.Err() != nil:
		estado = Interrumpida
	case err != nil:
		estado, detalle = Fallida, strings.ToValidUTF8(err.Error(), "")
		b.r.log.ErrorContext(ctx, "read model not rebuilt", slog.String("projection", o.Projection), slog.Any("error", err))
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	// A crash before this line leaves it under way without a sign of life: expire ends it.
	if _, err := b.r.pool.Exec(ending, `update eventos.reconstrucciones set estado = $2, distintas = $3, detalle = $4, terminada = now() where id = $1`,
		o.ID, estado, append([]string{}, distintas...), detalle); err != nil {
		b.r.log.ErrorContext(ctx, "the end of a rebuild was not kept", slog.String("projection", o.Projection), slog.Any("error", err))
	}
	return nil
}
