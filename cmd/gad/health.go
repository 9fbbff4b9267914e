package main

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go"

	"github.com/grupo-gad/gad/eventstore/relay"
	"github.com/grupo-gad/gad/ops/breaker"
	"github.com/grupo-gad/gad/ops/obs"
	"github.com/grupo-gad/gad/projections"
)

// lagAlarm is how many facts a read model may be behind before it is reported.
const lagAlarm = 1000

// registerHealth adds what every process depends on. Only PostgreSQL decides
// whether orders can be taken.
func (s *system) registerHealth() {
	s.health.Register("postgres", true, func(ctx context.Context) error {
		// A write probe: a read-only standby answers queries and takes no orders.
		var readOnly bool
		if err := s.pool.QueryRow(ctx, `select pg_is_in_recovery()`).Scan(&readOnly); err != nil {
			return err
		}
		if readOnly {
			return fmt.Errorf("the database is a read-only standby")
		}
		return nil
	})
	s.health.Register("redis", false, func(ctx context.Context) error {
		if s.redis == nil {
			return obs.ErrNotConfigured
		}
		return s.redis.Ping(ctx).Err()
	})
	for _, of := range []struct {
		name string
		*breaker.Breaker
	}{{"postgres", s.breakers.postgres}, {"redis", s.breakers.redis}, {"nats", s.breakers.nats}, {"telegram", s.breakers.telegram}} {
		s.health.Register("disyuntor_"+of.name, false, func(context.Context) error { return of.Check() })
	}
	s.watchVault()
	s.health.Register("adjuntos", false, func(ctx context.Context) error { return s.contents.Check(ctx) })
	s.health.Register("telegram", false, func(context.Context) error {
		if s.settings.TelegramToken.Reveal() == "" {
			return obs.ErrNotConfigured
		}
		return nil
	})
}

func (s *system) watchNATS(conn *nats.Conn) {
	s.health.Register("nats", false, func(context.Context) error {
		if !conn.IsConnected() {
			return fmt.Errorf("the connection is %s", conn.Status())
		}
		return nil
	})
}

func (s *system) watchRelay(r *relay.Relay) {
	s.health.Register("relay", false, func(context.Context) error {
		if status := r.Status(); status.State != relay.StateOK {
			return fmt.Errorf("%s since %s: %s", status.State, status.Since, status.Error)
		}
		return nil
	})
}

// watchProjections reports read models that stand still or fall behind.
func (s *system) watchProjections(r *projections.Runner) {
	s.health.Register("proyecciones", false, func(ctx context.Context) error {
		all, err := r.Status(ctx)
		if err != nil {
			return err
		}
		for _, p := range all {
			switch {
			case p.Estado == projections.Stopped, p.Estado == projections.Failing:
				return fmt.Errorf("%s is %s: %s", p.Name, p.Estado, p.Error)
			case p.Parked > 0:
				return fmt.Errorf("%w: %s has %d parked keys", obs.ErrDegraded, p.Name, p.Parked)
			case p.Lag > lagAlarm:
				return fmt.Errorf("%w: %s is %d behind", obs.ErrDegraded, p.Name, p.Lag)
			}
		}
		return nil
	})
}
