package projections

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/eventstore"
)

// applier writes windows of the log through one projection.
type applier struct {
	pool  *pgxpool.Pool
	store Store
	texts Texts
	p     Projection
	// slots bounds the transactions that are open at once: each may need a second connection
	// to open texts, and if all of a pool waited for their second one, none would ever get it.
	slots chan struct{}
}

// slot waits for the right to open a transaction; free gives it back.
func (a applier) slot(ctx context.Context) (free func(), err error) {
	select {
	case a.slots <- struct{}{}:
		return func() { <-a.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// systemic is how many keys a window must have before "all of them fail" means that the
// fault lies elsewhere.
const systemic = 8

// window applies the events right after the lease's position and moves it, in one
// transaction. The newly parked keys come back. An UnknownError comes after the events
// before the unknown one were written.
func (a applier) window(ctx context.Context, l *lease, window []eventstore.Recorded) ([]Parked, error) {
	unknown := a.unknown(window)
	if unknown != nil {
		window = window[:unknown.Position-window[0].Position]
	}
	var parked []Parked
	if len(window) > 0 {
		var err error
		if parked, err = a.write(ctx, l, window); err != nil {
			return nil, err
		}
	}
	if unknown != nil {
		return parked, unknown
	}
	return parked, nil
}

// unknown finds the first event that is newer than this build. An event of a stream nobody
// here follows counts too: what it means for this read model is not known either.
func (a applier) unknown(window []eventstore.Recorded) *UnknownError {
	for _, r := range window {
		if r.Event == nil && errors.Is(r.Err, event.ErrUnknown) {
			return &UnknownError{Projection: a.p.Name(), Position: r.Position, Type: r.Type, Schema: r.Schema}
		}
	}
	return nil
}

// write tries the whole window at once, which nearly always works; only a window that holds
// poison pays for savepoints, in a second transaction.
func (a applier) write(ctx context.Context, l *lease, window []eventstore.Recorded) ([]Parked, error) {
	if first := int64(window[0].Position); first != l.position+1 {
		return nil, fmt.Errorf("window of %s starts at %d after checkpoint %d", l.projection, first, l.position)
	}
	if !slices.ContainsFunc(window, a.follows) {
		return nil, l.pass(ctx, a.pool, int64(window[len(window)-1].Position))
	}
	parked, err := a.attempt(ctx, l, window, false)
	if p, ok := errors.AsType[*poisoned](err); ok {
		parked, err = a.attempt(ctx, l, window, true)
		if err != nil {
			err = fmt.Errorf("%w (at first: %w)", err, p.error)
		}
	}
	return parked, err
}

// poisoned wraps an error that is the fault of an event.
type poisoned struct{ error }

func (p *poisoned) Unwrap() error { return p.error }

func (a applier) attempt(ctx context.Context, l *lease, window []eventstore.Recorded, careful bool) (newly []Parked, err error) {
	free, err := a.slot(ctx)
	if err != nil {
		return nil, err
	}
	defer free()
	tx, parked, err := begin(ctx, a.pool, l)
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // after the commit it does nothing
	mine, queued := a.pick(window, parked)
	switch {
	case careful:
		newly, err = a.isolate(ctx, tx, l, mine)
	default:
		if err = a.apply(ctx, tx, mine); err != nil && poison(err, tx) {
			err = &poisoned{err}
		}
	}
	if err != nil {
		return nil, err
	}
	if err := queue(ctx, tx, l, queued); err != nil {
		return nil, err
	}
	last := int64(window[len(window)-1].Position)
	if err := l.advance(ctx, tx, last); err != nil {
		return nil, err
	}
	if err := tx.Commit(ctx); err != nil {
		return nil, fmt.Errorf("commit a window of %s: %w", l.projection, err)
	}
	l.position = last
	return newly, nil
}

// follows reports whether an event is of a stream that the projection follows.
func (a applier) follows(r eventstore.Recorded) bool {
	return slices.Contains(a.p.Categories(), Category(r.Stream))
}

// pick keeps the events of followed streams that are not parked, and counts the others
// behind their parked key.
func (a applier) pick(window []eventstore.Recorded, parked map[string]bool) (mine []eventstore.Recorded, queued map[string]int64) {
	for _, r := range window {
		switch {
		case !a.follows(r):
		case parked[string(r.Stream)]:
			if queued == nil {
				queued = map[string]int64{}
			}
			queued[string(r.Stream)]++
		default:
			mine = append(mine, r)
		}
	}
	return mine, queued
}

// apply folds events and saves the rows. A panic of a fold is the event's fault like any
// other refusal: it must not take the process down and come back after the restart.
func (a applier) apply(ctx context.Context, tx pgx.Tx, events []eventstore.Recorded) (err error) {
	if len(events) == 0 {
		return nil
	}
	f := a.p.Fold()
	if err := f.Load(ctx, tx, events); err != nil {
		return err
	}
	for _, r := range events {
		if err := fold(f, r); err != nil {
			return err
		}
	}
	return f.Save(ctx, tx, a.texts)
}

func fold(f Fold, r eventstore.Recorded) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("fold %s at position %d: panic: %v", r.Type, r.Position, p)
		}
	}()
	if r.Event == nil {
		return fmt.Errorf("decode %s at position %d: %w", r.Type, r.Position, r.Err)
	}
	if err := f.Apply(r); err != nil {
		return fmt.Errorf("fold %s at position %d: %w", r.Type, r.Position, err)
	}
	return nil
}

// isolate finds the keys that fail by halving, applies the others, and parks the failing
// ones at the event that does it.
func (a applier) isolate(ctx context.Context, tx pgx.Tx, l *lease, events []eventstore.Recorded) ([]Parked, error) {
	groups := byKey(events)
	var parked []Parked
	var search func(groups [][]eventstore.Recorded) error
	search = func(groups [][]eventstore.Recorded) error {
		err := a.tentative(ctx, tx, slices.Concat(groups...))
		if err == nil {
			return nil
		}
		if _, ok := errors.AsType[*poisoned](err); !ok {
			return err
		}
		if len(groups) == 1 {
			p, err := a.park(ctx, tx, l, groups[0])
			parked = append(parked, p...)
			return err
		}
		half := len(groups) / 2
		if err := search(groups[:half]); err != nil {
			return err
		}
		return search(groups[half:])
	}
	if err := search(groups); err != nil {
		return nil, err
	}
	if len(parked) == len(groups) && len(groups) >= systemic {
		return nil, &SystemicError{Projection: l.projection, Position: events[0].Position, Cause: errors.New(parked[0].Reason)}
	}
	return parked, nil
}

// byKey groups events by stream, each group in log order.
func byKey(events []eventstore.Recorded) [][]eventstore.Recorded {
	at := map[eventstore.StreamID]int{}
	var groups [][]eventstore.Recorded
	for _, r := range events {
		i, ok := at[r.Stream]
		if !ok {
			i = len(groups)
			at[r.Stream], groups = i, append(groups, nil)
		}
		groups[i] = append(groups[i], r)
	}
	return groups
}

// tentative applies events inside a savepoint.
func (a applier) tentative(ctx context.Context, tx pgx.Tx, events []eventstore.Recorded) error {
	sub, err := tx.Begin(ctx)
	if err != nil {
		return fmt.Errorf("set a savepoint: %w", err)
	}
	if err := a.apply(ctx, sub, events); err != nil {
		bad := poison(err, tx)
		if back := sub.Rollback(ctx); back != nil {
			return errors.Join(err, back)
		}
		if bad {
			return &poisoned{err}
		}
		return err
	}
	if err := sub.Commit(ctx); err != nil {
		return fmt.Errorf("release a savepoint: %w", err)
	}
	return nil
}

// park applies what one key has before its poison event and parks it there.
func (a applier) park(ctx context.Context, tx pgx.Tx, l *lease, events []eventstore.Recorded) ([]Parked, error) {
	for i, r := range events {
		err := a.tentative(ctx, tx, events[i:i+1])
		if err == nil {
			continue
		}
		bad, ok := errors.AsType[*poisoned](err)
		if !ok {
			return nil, err
		}
		p := Parked{
			Projection: l.projection, Key: string(r.Stream), Position: r.Position, Version: r.Version,
			Reason: bad.Error(), Attempts: 1, Queued: int64(len(events) - i - 1), trace: r.Metadata.Traceparent(),
		}
		return []Parked{p}, p.save(ctx, tx, l.target)
	}
	return nil, nil // together they failed, one by one they did not: nothing is lost
}
