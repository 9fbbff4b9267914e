package telemetry

import (
	"context"
	"fmt"
)

func (s *Store) getPending() *attempt {
	s.pendingMu.Lock()
	defer s.pendingMu.Unlock()
	return s.pending
}

func (s *Store) setPending(a *attempt) {
	s.pendingMu.Lock()
	defer s.pendingMu.Unlock()
	s.pending = a
}

// clearPending forgets a once it is settled; a newer one stays.
func (s *Store) clearPending(a *attempt) {
	s.pendingMu.Lock()
	defer s.pendingMu.Unlock()
	if s.pending == a {
		s.pending = nil
	}
}

// settle waits until a commit that was never answered has either happened or
// can no longer happen: its transaction held the lock.
func (s *Store) settle(ctx context.Context) error {
	if s.getPending() == nil {
		return nil
	}
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("settle a batch: %w", err)
	}
	defer conn.Release()
	if _, _, err := s.lock(ctx, conn.Conn(), &attempt{}); err != nil {
		return fmt.Errorf("settle a batch: %w", err)
	}
	_, err = conn.Exec(ctx, `rollback`)
	return err
}
