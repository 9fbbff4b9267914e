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
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"github.com/grupo-gad/gad/ops/breaker"
	"github.com/grupo-gad/gad/ops/limit"
	"github.com/grupo-gad/gad/ops/pgtest/redistest"
	"github.com/grupo-gad/gad/projections/tablero"
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

// TestHurryOpensNothing: a Redis that is slower than the limiter waits for is not away for those
// who have the time; one that takes no connection is, and the limiter alone finds out.
func TestHurryOpensNothing(t *testing.T) {
	t.Parallel()
	server := redistest.Server(t)
	b := breaker.New("redis", breaker.NewMetrics(prometheus.NewRegistry()), redisAway)
	rdb := redis.NewClient(tablero.Tune(redistest.Options(server, 0)))
	t.Cleanup(func() { _ = rdb.Close() })
	rdb.AddHook(redisGuard{b, slog.New(slog.DiscardHandler)})
	asked := 0
	l := limit.New(limit.Options{Redis: rdb, Through: func(ctx context.Context, ask func(context.Context) error) error {
		asked++
		return hurriedly(ctx, ask)
	}})
	take := func() {
		if r, err := l.Take(t.Context(), "lecturas", "ada", limit.Rule{Limit: 1_000_000, Per: time.Minute}); err != nil || !r.Allowed {
			t.Fatalf("%+v, %v", r, err)
		}
	}
	eventually(t, "Redis answers", func() bool { return rdb.Ping(t.Context()).Err() == nil && b.Check() == nil })
	if err := rdb.Do(t.Context(), "client", "pause", "600000").Err(); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		take()
	}
	if err := b.Check(); err != nil || asked != 10 {
		t.Errorf("%d slow answers: %v", asked, err)
	}
	eventually(t, "the breaker opens for those who waited", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		return errors.Is(rdb.Ping(ctx).Err(), breaker.ErrOpen)
	})
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := server.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the breaker closes", func() bool { return rdb.Ping(t.Context()).Err() == nil && b.Check() == nil })
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the breaker opens without Redis", func() bool { take(); return b.Check() != nil })
}
