package main

import (
	"context"

	"github.com/grupo-gad/gad/api/rest"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/ops/config"
	"github.com/grupo-gad/gad/ops/limit"
)

// strictLimits are those that refuse whom nobody can count: behind each of them is
// something that can be guessed.
var strictLimits = []string{"login", "refresh", "vinculo"}

// openLimiter counts in Redis where there is one, else in this process.
func (s *system) openLimiter() {
	o := limit.Options{Key: s.derive("gad/limit/1"), Strict: strictLimits, Registry: s.metrics, Through: hurriedly}
	if s.redis != nil {
		o.Redis = s.redis
	}
	s.limiter = limit.New(o)
}

// restLimiter is the limiter as api/rest asks for it.
type restLimiter struct{ *limit.Limiter }

// Take implements rest.Limiter.
func (l restLimiter) Take(ctx context.Context, name, key string, rule rest.Rule) (rest.Taken, error) {
	r, err := l.Limiter.Take(ctx, name, key, limit.Rule(rule))
	return rest.Taken(r), err
}

// admitSocket limits how often a Usuario connects to /ws.
func (s *system) admitSocket(ctx context.Context, id ident.Usuario) bool {
	if s.settings.LimitSockets.Off() {
		return true
	}
	r, err := s.limiter.Take(ctx, "sockets", string(id), limit.Rule(s.settings.LimitSockets))
	return err == nil && r.Allowed
}

func restLimits(c config.Config) rest.Limits {
	return rest.Limits{
		Public: rest.Rule(c.LimitPublic), Reads: rest.Rule(c.LimitReads),
		Orders: rest.Rule(c.LimitOrders), Telemetry: rest.Rule(c.LimitTelemetry), Refresh: rest.Rule(c.LimitRefresh),
	}
}
