package main

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// rebuildConns are the connections of the role that makes read models anew.
const rebuildConns = 4

// startRebuilds carries out what is asked for read models, over connections whose statements
// may take as long as an index of a big table does.
func (s *system) startRebuilds(ctx context.Context, roles *errgroup.Group) error {
	settings := s.settings.Patient()
	settings.DatabaseConns = rebuildConns
	pool, err := openPool(ctx, func() string { return s.current.Load().DatabaseURL.Reveal() }, settings, s.breakers.postgres)
	if err != nil {
		return err
	}
	by := s.newRebuilder(pool)
	roles.Go(func() error {
		defer pool.Close()
		return s.rebuilds.Run(ctx, by)
	})
	return nil
}
