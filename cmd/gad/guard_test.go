package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"github.com/grupo-gad/gad/ops/breaker"
	"github.com/grupo-gad/gad/ops/pgtest/redistest"
)

// TestRedisBreakerCloses: an outage that ended every connection is over when Redis answers
// again, though the trial that finds out needs a new connection.
func TestRedisBreakerCloses(t *testing.T) {
	t.Parallel()
	var away atomic.Bool
	var said bytes.Buffer
	o := redistest.New(t)
	o.MaxRetries, o.Password = -1, ""
	o.Dialer = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if away.Load() {
			return nil, errors.New("connection refused")
		}
		return new(net.Dialer).DialContext(ctx, network, addr)
	}
	b := breaker.New("redis", breaker.NewMetrics(prometheus.NewRegistry()), redisAway)
	rdb := redis.NewClient(o)
	t.Cleanup(func() { _ = rdb.Close() })
	rdb.AddHook(redisGuard{b, slog.New(slog.NewJSONHandler(&said, nil))})
	away.Store(true) // before the first connection: there is none to go on with
	eventually(t, "the breaker opens", func() bool { return errors.Is(rdb.Ping(t.Context()).Err(), breaker.ErrOpen) })
	away.Store(false)
	eventually(t, "the breaker closes", func() bool { return rdb.Ping(t.Context()).Err() == nil && b.Check() == nil })
	if !strings.Contains(said.String(), "connection refused") {
		t.Errorf("the log does not say that Redis was away: %s", said.String())
	}
}
