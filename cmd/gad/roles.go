package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/codec"
	"github.com/grupo-gad/gad/eventstore/jetstream"
	"github.com/grupo-gad/gad/eventstore/relay"
	"github.com/grupo-gad/gad/eventstore/telemetry"
	"github.com/grupo-gad/gad/eventstore/vault"
	"github.com/grupo-gad/gad/ops/local"
	"github.com/grupo-gad/gad/projections"
)

// addresses are where a running process listens.
type addresses struct{ http, ops string }

// run starts the roles of this process and waits until ctx ends or one of them
// fails. ready, when not nil, is told the addresses once requests are answered.
func (s *system) run(ctx context.Context, ready chan<- addresses) error {
	conn, closeNATS, err := s.openNATS()
	if err != nil {
		return err
	}
	defer closeNATS()

	// The stores outlive the roles: what a role still writes while it ends must
	// find them running.
	base, stopBase := context.WithCancel(context.WithoutCancel(ctx))
	stores, base := errgroup.WithContext(base)
	stores.Go(func() error { return s.store.Run(base) })
	stores.Go(func() error {
		return s.vault.Watch(base, vault.Watcher{
			Name: writerName(),
			Load: func() (*vault.Keyring, error) { return loadKeyring(s.settings.VaultKEKFile) },
			Trouble: func(err error) {
				s.log.ErrorContext(base, "the key of the vault cannot be followed", errorAttr(err))
			},
		})
	})
	stores.Go(func() error { return s.telemetry.Run(base) })
	stores.Go(func() error { return s.dispatcher.Run(base) })
	stores.Go(func() error { return s.fingerprints.Run(base) })
	s.intake = commands.NewIntake(s.dispatcher, announcing{s.telemetry, jetstream.Announce(conn, s.telemetry)}, newFixMetrics(s.metrics))
	stores.Go(func() error { return s.intake.Run(base) })

	ctx, stopRoles := context.WithCancel(ctx)
	defer stopRoles()
	roles, ctx := errgroup.WithContext(ctx)
	roles.Go(func() error { // a store that stops takes the roles with it
		select {
		case <-base.Done():
			return context.Cause(base)
		case <-ctx.Done():
			return nil
		}
	})
	if err := s.startRoles(ctx, roles, conn, ready); err != nil {
		// Those that started already give their leases back before the stores go.
		stopRoles()
		err = errors.Join(err, ignoreCanceled(roles.Wait()))
		stopBase()
		return errors.Join(err, ignoreCanceled(stores.Wait()))
	}
	err = ignoreCanceled(roles.Wait())
	stopBase()
	return errors.Join(err, ignoreCanceled(stores.Wait()))
}

func (s *system) startRoles(ctx context.Context, roles *errgroup.Group, conn *nats.Conn, ready chan<- addresses) error {
	s.runner = s.newRunner()
	s.rebuilds = projections.NewRebuilds(s.runner)
	if s.settings.Has("projector") {
		s.watchProjections(s.runner)
		roles.Go(func() error { return s.runner.Run(ctx) })
		if err := s.startRebuilds(ctx, roles); err != nil {
			return err
		}
	}
	if s.everybody != nil {
		roles.Go(func() error { return s.everybody.Run(ctx) })
	}
	s.watchNATS(conn)
	if s.settings.Has("relay") {
		publisher, err := jetstream.NewPublisher(conn, jetstream.Config{Breaker: s.breakers.nats})
		if err != nil {
			return err
		}
		r := relay.New(s.store, publisher, relay.Options{Logger: s.log, Registry: s.metrics})
		s.watchRelay(r)
		roles.Go(func() error { return r.Run(ctx) })
	}
	if s.settings.Has("policies") {
		roles.Go(func() error { return eraser{s}.run(ctx) })
		roles.Go(func() error { return s.expire(ctx) })
		roles.Go(func() error {
			return s.sessions.Tidy(ctx, time.Minute, s.settings.SessionKeep, func(err error) {
				s.log.WarnContext(ctx, "ended sessions were not removed", errorAttr(err))
			})
		})
		roles.Go(func() error { return s.renewVault(ctx) })
		roles.Go(func() error { return s.retainTelemetry(ctx) })
		sealer := telemetry.NewSealer(s.pool, s.store, telemetry.SealerOptions{Every: s.settings.TelemetrySealEvery, Logger: s.log})
		roles.Go(func() error { return sealer.Run(ctx) })
		s.startPolicies(ctx, roles)
		sweeper := s.sweeper()
		roles.Go(func() error { return sweeper.Run(ctx) })
	}
	facts, err := jetstream.NewConsumer(conn, jetstream.Config{Breaker: s.breakers.nats}, s.store, jetstream.ConsumerOptions{Decode: codec.New(s.catalog).Decode})
	if err != nil {
		return err
	}
	if s.settings.Has("bot") {
		roles.Go(func() error { return s.runBot(ctx, facts) })
	}
	return s.startHTTP(ctx, roles, conn, facts, ready)
}

// openNATS connects to the server of the settings, or embeds one.
func (s *system) openNATS() (*nats.Conn, func(), error) {
	if s.settings.NATSURL.Reveal() != "" {
		secure, err := s.settings.TLS()
		if err != nil {
			return nil, nil, err
		}
		options := []nats.Option{jetstream.Verified(secure)}
		if s.settings.TLSCAFile != "" {
			options = append(options, jetstream.Trusting(func() (*x509.CertPool, error) {
				now, err := s.settings.TLS()
				if err != nil {
					return nil, err
				}
				return now.RootCAs, nil
			}))
		}
		conn, err := jetstream.Connect(s.settings.NATSURL.Reveal(), "gad", options...)
		if err != nil {
			return nil, nil, errors.New("GAD_NATS_URL no es una dirección de NATS válida") // the client's text may quote the password
		}
		return conn, conn.Close, nil
	}
	server, err := local.StartNATS(local.NATSOptions{Dir: s.settings.DataDir, Log: s.log})
	if err != nil {
		return nil, nil, fmt.Errorf("arrancar NATS: %w", err)
	}
	conn, err := server.Conn(jetstream.Options("gad")...)
	if err != nil {
		server.Stop()
		return nil, nil, fmt.Errorf("conectar a NATS: %w", err)
	}
	return conn, func() { conn.Close(); server.Stop() }, nil
}

// serveHTTP answers on listener until ctx ends, then lets what is under way
// end within the grace.
func serveHTTP(ctx context.Context, listener net.Listener, server *http.Server, grace time.Duration) error {
	done := make(chan error, 1)
	go func() {
		<-ctx.Done()
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		done <- server.Shutdown(bounded)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("atender en %s: %w", listener.Addr(), err)
	}
	if err := <-done; err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// announcing is the telemetry log that tells other processes of what it stores.
type announcing struct {
	*telemetry.Store
	wake *jetstream.Announcing
}

// AppendFixes stores fixes and wakes whoever follows them elsewhere.
func (a announcing) AppendFixes(ctx context.Context, fixes []eventstore.Fix) (eventstore.Batch, error) {
	return a.wake.AppendFixes(ctx, fixes)
}

func ignoreCanceled(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
