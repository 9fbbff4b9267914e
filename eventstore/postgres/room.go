package postgres

import (
	"context"
	"fmt"

	"github.com/grupo-gad/gad/eventstore"
)

// room is how far the partitions of the log reach.
type room struct{ until, size eventstore.Position }

// ahead makes the next partition once the last one is half full.
func (s *Store) ahead(ctx context.Context, head eventstore.Position) error {
	s.roomMu.Lock()
	defer s.roomMu.Unlock()
	if s.room.until-head > s.room.size/2 {
		return nil
	}
	var r room
	err := s.pool.QueryRow(ctx, `
		select eventos.preparar_log($1::bigint + eventos.particion_log() / 2 + 1), eventos.particion_log()`, int64(head)).
		Scan(&r.until, &r.size)
	if err != nil {
		return fmt.Errorf("make room in the log: %w", err)
	}
	s.room = r
	return nil
}

// makeRoom is for a log that filled up faster than the feed looked.
func (a *appender) makeRoom(ctx context.Context) error {
	head, err := a.Head(ctx)
	if err != nil {
		return err
	}
	a.roomMu.Lock()
	a.room = room{}
	a.roomMu.Unlock()
	return a.ahead(ctx, head+maxEvents)
}
