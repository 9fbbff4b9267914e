package sessions

import (
	"context"
	"fmt"
	"time"
)

// Tidy prunes until ctx ends: what ended longer than keep ago, now and then every so often.
// Several processes may do so at once. failed is told when the database cannot; the next time
// makes up for it.
func (s *Store) Tidy(ctx context.Context, every, keep time.Duration, failed func(error)) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if _, err := s.Prune(ctx, s.now().Add(-keep)); err != nil && ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// Prune forgets what ended before an instant, and every successor whose grace is over.
// It returns how many sessions went.
func (s *Store) Prune(ctx context.Context, before time.Time) (int64, error) {
	for _, old := range []struct {
		sql string
		at  time.Time
	}{
		{`update sesiones.refrescos set sucesor = null where sucesor is not null and usado < $1`, s.now().Add(-Grace)},
		{`delete from sesiones.activaciones where vence < $1`, before},
		{`delete from sesiones.intentos where hasta < $1 and desde < $1`, before},
		{`delete from sesiones.vistos where vence < $1`, before},
	} {
		if _, err := s.pool.Exec(ctx, old.sql, old.at); err != nil {
			return 0, fmt.Errorf("prune sessions: %w", err)
		}
	}
	tag, err := s.pool.Exec(ctx, `delete from sesiones.familias where vence < $1 or revocada < $1`, before)
	if err != nil {
		return 0, fmt.Errorf("prune sessions: %w", err)
	}
	return tag.RowsAffected(), nil
}
