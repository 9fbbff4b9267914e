package main

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/aprobacion"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
)

// eraser destroys what is kept of a person outside of the log and its read models, which
// follow the fact by themselves.
type eraser struct{ s *system }

// Erase implements rest.Eraser. The account goes first: once the vault is empty nobody knows
// it any more.
func (e eraser) Erase(ctx context.Context, id ident.Usuario, sujeto ident.Sujeto) error {
	var linked []sealed.Commitment
	for r, err := range e.s.store.ReadStream(ctx, eventstore.StreamID(id.Stream()), 0) {
		if err != nil {
			return fmt.Errorf("read %s: %w", id.Stream(), err)
		}
		if v, ok := r.Event.(usuario.TelegramVinculado); ok {
			linked = append(linked, v.TelegramID)
		}
	}
	accounts, err := e.s.vault.Reveal(ctx, linked)
	if err != nil {
		return err
	}
	for _, text := range accounts {
		account, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			continue // never was an account
		}
		if err := e.s.mailbox.Forget(ctx, account); err != nil {
			return err
		}
	}
	if err := e.s.sessions.Forget(ctx, string(id)); err != nil {
		return err
	}
	_, err = e.s.vault.Erase(ctx, string(sujeto), string(id))
	return err
}

// run finishes the erasures that a crash left half done, by following the log. What fails is
// tried again: a database that is away for a moment ends no process.
func (e eraser) run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := e.follow(ctx); err != nil && ctx.Err() == nil {
			e.s.log.WarnContext(ctx, "erasures are not followed now", errorAttr(err))
			_ = sleep(ctx, 2*time.Second) // its error is the end of ctx
		}
	}
	return ctx.Err()
}

func (e eraser) follow(ctx context.Context) error {
	from, err := e.s.vault.Progress(ctx)
	if err != nil {
		return err
	}
	kept := from
	for batch, err := range e.s.store.Follow(ctx, from) {
		if err != nil {
			return fmt.Errorf("follow the log: %w", err)
		}
		erased := false
		for _, r := range batch {
			if gone, ok := r.Event.(usuario.DatosPersonalesEliminados); ok {
				id := ident.Usuario(strings.TrimPrefix(string(r.Stream), "usuario-"))
				if err := e.Erase(ctx, id, gone.Sujeto); err != nil {
					return err
				}
				erased = true
			}
			from = r.Position
		}
		if erased || from-kept > 1000 {
			if err := e.s.vault.Advance(ctx, from); err != nil {
				return err
			}
			kept = from
		}
	}
	return ctx.Err()
}

// expireEvery is how soon a request that nobody approved in time is said to have expired. It
// could not be approved any more before that.
const expireEvery = 30 * time.Second

// expire ends the requests that are too late.
func (s *system) expire(ctx context.Context) error {
	tick := time.NewTicker(expireEvery)
	defer tick.Stop()
	for {
		if err := s.expireLate(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "late requests were not ended", errorAttr(err))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

func (s *system) expireLate(ctx context.Context) error {
	late, err := s.reads.aprobaciones.Late(ctx, time.Now())
	if err != nil {
		return err
	}
	for _, id := range late {
		command, err := uuid.NewV7()
		if err != nil {
			return err
		}
		_, err = s.dispatcher.Dispatch(ctx, commands.Order{ID: eventstore.CommandID(command), Commands: []commands.Command{
			aprobacion.Vencer{Orden: aprobacion.Orden{ID: id, Por: permiso.DelSistema("politicas"), En: time.Now().UTC().Truncate(time.Microsecond)}},
		}})
		if err != nil && fault.KindOf(err) != fault.Stale {
			return err
		}
	}
	return nil
}

// skipper leaves out parked events on behalf of the REST face.
type skipper struct{ s *system }

// Skip implements rest.Skipper.
func (k skipper) Skip(ctx context.Context, projection, key string, record func(context.Context, eventstore.Position) error) error {
	again, err := k.s.runner.Skip(ctx, projection, key, func(ctx context.Context, p projections.Parked) error {
		return record(ctx, p.Position)
	})
	if err == nil && again != nil {
		k.s.log.WarnContext(ctx, "the next event is parked too", slog.String("projection", projection), slog.String("key", key))
	}
	return err
}
