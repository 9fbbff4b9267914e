package projections

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/eventstore"
)

// patience is how long a read waits for its projection before it says so.
const patience = 2 * time.Second

// Source tells the position of a read model that is not kept in PostgreSQL.
type Source interface {
	Name() string
	Position(ctx context.Context) (eventstore.Position, error)
}

// Waiter lets a read ask for a position. A Runner in the same process wakes it; without one
// it looks every few milliseconds.
//
// It never trusts its memory of a checkpoint: after a crash of the database rows and
// checkpoint may have fallen back together, so every wait reads the checkpoint itself.
type Waiter struct {
	pool    *pgxpool.Pool
	sources map[string]Source

	mu    sync.Mutex // guards moved
	moved map[string]chan struct{}
}

// NewWaiter returns a Waiter over the checkpoints in the database and in other sources.
func NewWaiter(pool *pgxpool.Pool, sources ...Source) *Waiter {
	w := &Waiter{pool: pool, sources: map[string]Source{}, moved: map[string]chan struct{}{}}
	for _, s := range sources {
		w.sources[s.Name()] = s
	}
	return w
}

// poll is how often a wait looks when nobody wakes it: the projector may be another process.
const poll = 15 * time.Millisecond

// WaitFor returns once a projection is at min or later. After two seconds it fails with
// ErrAtrasada: a read is never silently older than it was asked to be.
func (w *Waiter) WaitFor(ctx context.Context, projection string, min eventstore.Position) error {
	if min <= 0 {
		return nil
	}
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	for {
		woken := w.channel(projection) // before the look, so that no move is missed
		position, err := w.position(bounded, projection)
		switch {
		case err == nil && position >= min:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case bounded.Err() != nil:
			return ErrAtrasada
		case err != nil:
			return Translate(err, "wait for "+projection)
		}
		select {
		case <-bounded.Done():
		case <-woken:
		case <-ticker.C:
		}
	}
}

// ErrProyeccion refuses to wait for what does not exist.
var ErrProyeccion = fault.New(fault.NotFound, "proyeccion_no_existe", "no hay una proyección con ese nombre")

func (w *Waiter) position(ctx context.Context, projection string) (eventstore.Position, error) {
	if s, ok := w.sources[projection]; ok {
		return s.Position(ctx)
	}
	return Position(ctx, w.pool, projection)
}

func (w *Waiter) channel(projection string) <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, ok := w.moved[projection]
	if !ok {
		c = make(chan struct{})
		w.moved[projection] = c
	}
	return c
}

// Wake tells those who wait that a projection moved.
func (w *Waiter) Wake(projection string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c, ok := w.moved[projection]; ok {
		close(c)
		delete(w.moved, projection)
	}
}
