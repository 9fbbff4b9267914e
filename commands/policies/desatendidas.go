package policies

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
)

// Buscador looks for somebody for every emergency that nobody has: people come on duty, are
// freed, come near. Nothing is written while there is nobody. Two that look at once do what
// one does, and a process may die at any instant: whether somebody has it is decided on the
// Tarea itself.
type Buscador struct {
	deps Desatencion
	opts BuscadorOptions
}

// Desatencion is what a Buscador stands on.
type Desatencion struct {
	Orders       Orders
	Estados      Estados
	Desatendidas Desatendidas
	Recomendador commands.Recomendador
}

// Desatendidas lists the emergencies that nobody has, derived from the log.
type Desatendidas interface {
	Unattended(ctx context.Context) ([]ident.Tarea, error)
}

// BuscadorOptions of a Buscador. The zero value of every field works.
type BuscadorOptions struct {
	Now   func() time.Time
	Every time.Duration // between two looks; 10 s
	Log   *slog.Logger
}

// NewBuscador returns a Buscador that does nothing until Run.
func NewBuscador(deps Desatencion, o BuscadorOptions) *Buscador {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Every <= 0 {
		o.Every = 10 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Buscador{deps: deps, opts: o}
}

// Run looks again and again until ctx ends.
func (b *Buscador) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		if _, err := b.Step(ctx); err != nil && ctx.Err() == nil {
			b.opts.Log.WarnContext(ctx, "nobody was looked for", slog.Any("error", err))
		}
		wait(ctx, b.opts.Every)
	}
	return ctx.Err()
}

// Step looks once and says how many emergencies were offered to somebody. One that could not
// be does not hold up the others.
func (b *Buscador) Step(ctx context.Context) (offered int, err error) {
	waiting, err := b.deps.Desatendidas.Unattended(ctx)
	if err != nil {
		return 0, err
	}
	for _, id := range waiting {
		done, failed := b.look(ctx, id)
		err = errors.Join(err, failed)
		if done {
			offered++
		}
	}
	return offered, err
}

func (b *Buscador) look(ctx context.Context, id ident.Tarea) (offered bool, err error) {
	s, err := b.deps.Estados.Tarea(ctx, id)
	if err != nil {
		return false, err
	}
	now := b.opts.Now().UTC().Truncate(time.Microsecond)
	cmd := tarea.Rebuscar{Orden: tarea.Orden{ID: id, Por: author, En: now}}
	search, ok := cmd.Renueva(s)
	if !ok {
		return false, nil // settled meanwhile
	}
	bounded, cancel := context.WithTimeout(ctx, b.opts.Every)
	defer cancel()
	r, _, err := b.deps.Recomendador.Recomendar(bounded, search.Lugar, search.En, search.Criterios, search.Probados...)
	if err != nil || len(r.Candidatos) == 0 {
		return false, err
	}
	// An id of its own each time: that it came to nothing once does not settle the next look.
	answer, err := b.deps.Orders.Dispatch(ctx, commands.Order{
		ID: eventstore.CommandID(uuid.New()), Commands: []commands.Command{cmd}, Causation: "politica:desatendida",
	})
	return answer.Changed, err
}
