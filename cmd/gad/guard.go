package main

import (
	"context"
	"errors"
	"fmt"
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
		redis: breaker.New("redis", m, func(err error) bool {
			_, answered := errors.AsType[redis.Error](err)
			return !answered // redis.Nil is an answer too
		}),
		nats:     breaker.New("nats", m, jetstream.Away),
		telegram: breaker.New("telegram", m, func(error) bool { return true }), // api/bot tells answers apart
	}
}

// redisLog takes what the client of Redis has to say of its connections into our log.
type redisLog struct{ log *slog.Logger }

// Printf implements the client's interface of a logger.
func (l redisLog) Printf(ctx context.Context, format string, args ...any) {
	l.log.WarnContext(ctx, "redis client", slog.String("text", fmt.Sprintf(format, args...)))
}

// redisGuard puts a breaker before every command. What the client says by itself to a new
// connection goes with the command that asked for one: a trial that needs a connection would
// otherwise be refused by the breaker that it is the trial of, for ever.
type redisGuard struct{ b *breaker.Breaker }

// allowedKey marks the context of a command that the breaker let pass.
type allowedKey struct{}

func allowed(ctx context.Context) bool { return ctx.Value(allowedKey{}) != nil }

// DialHook implements redis.Hook.
func (g redisGuard) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
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
		g.b.Done(err)
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
		g.b.Done(err)
		return err
	}
}
