package main

import (
	"context"
	"errors"
	"log/slog"
	"net"

	"github.com/redis/go-redis/v9"

	"github.com/grupo-gad/gad/eventstore/jetstream"
	"github.com/grupo-gad/gad/ops/boot"
	"github.com/grupo-gad/gad/ops/breaker"
)

// breakers are those of this process, one for each thing that it depends on.
type breakers struct{ postgres, redis, nats, telegram *breaker.Breaker }

func (s *system) openBreakers() {
	m := breaker.NewMetrics(s.metrics)
	s.breakers = breakers{
		postgres: breaker.New("postgres", m, boot.Away),
		redis:    breaker.New("redis", m, redisAway),
		nats:     breaker.New("nats", m, jetstream.Away),
		telegram: breaker.New("telegram", m, func(error) bool { return true }), // api/bot tells answers apart
	}
}

// redisAway tells a Redis that does not answer from what it answers; redis.Nil is an answer too.
func redisAway(err error) bool {
	_, answered := errors.AsType[redis.Error](err)
	return !answered
}

// redisGuard puts a breaker before every command. What the client says by itself to a new
// connection goes with the command that asked for one: a trial that needs a connection would
// otherwise be refused by the breaker that it is the trial of, for ever.
//
// It says what fails, too, in the log of its own system: the client has one log for the whole
// process (silenced in main), and writes there what concerns another client.
type redisGuard struct {
	b   *breaker.Breaker
	log *slog.Logger
}

// allowedKey marks the context of a command that the breaker let pass.
type allowedKey struct{}

func allowed(ctx context.Context) bool { return ctx.Value(allowedKey{}) != nil }

// hurriedKey marks the context of a question with less time than Redis may take in good health.
type hurriedKey struct{}

// hurriedly asks with such a mark. The limiter does so, on every request: that its 50 ms were over
// says that Redis is slow, and to count it would shut the door to those who have the time.
func hurriedly(ctx context.Context, ask func(context.Context) error) error {
	return ask(context.WithValue(ctx, hurriedKey{}, true))
}

// impatient tells an error that says only that the time of a hurried question was over.
func impatient(ctx context.Context, err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout() && ctx.Value(hurriedKey{}) != nil
}

// done reports how what the breaker let pass ended: as long as Redis is away that is a line a
// second, not one for each command.
func (g redisGuard) done(ctx context.Context, err error) {
	if impatient(ctx, err) {
		return
	}
	g.b.Done(err)
	if err != nil && redisAway(err) && !errors.Is(err, context.Canceled) {
		g.log.WarnContext(ctx, "redis does not answer", slog.Any("error", err))
	}
}

// DialHook implements redis.Hook. The client dials again and again until the time of the command is
// over, which is all that the command then says: what opens no connection is reported here.
func (g redisGuard) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := next(ctx, network, addr)
		if err != nil && g.b.Check() == nil {
			g.done(ctx, err)
		}
		return conn, err
	}
}

// ProcessHook implements redis.Hook.
func (g redisGuard) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if allowed(ctx) {
			return next(ctx, cmd)
		}
		if err := g.b.Allow(); err != nil {
			cmd.SetErr(err)
			return err
		}
		err := next(context.WithValue(ctx, allowedKey{}, true), cmd)
		g.done(ctx, err)
		return err
	}
}

// ProcessPipelineHook implements redis.Hook.
func (g redisGuard) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if allowed(ctx) {
			return next(ctx, cmds)
		}
		if err := g.b.Allow(); err != nil {
			for _, cmd := range cmds {
				cmd.SetErr(err)
			}
			return err
		}
		err := next(context.WithValue(ctx, allowedKey{}, true), cmds)
		g.done(ctx, err)
		return err
	}
}
