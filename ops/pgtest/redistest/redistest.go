// Package redistest gives each test a Redis database of its own.
//
// The first test of a process that asks starts a private redis-server on a socket; each call
// of New then takes the next of its numbered databases. The server ends with the process,
// kill -9 included. A test that kills or flushes its server starts its own with Server.
package redistest

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/grupo-gad/gad/ops/local"
)

// numbered is how many databases the shared server has: one per call of New.
const numbered = 10_000

// New returns how to reach an empty database that no other test of this process uses.
func New(t testing.TB) *redis.Options {
	t.Helper()
	theServer.once.Do(func() {
		// Not the test's context: the server is for those after it too.
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		theServer.redis, theServer.err = start(ctx)
	})
	if theServer.err != nil {
		t.Fatalf("start the tests' Redis: %v", theServer.err)
	}
	db := theServer.next.Add(1)
	if db >= numbered {
		t.Fatalf("more than %d Redis databases in one test process", numbered)
	}
	return Options(theServer.redis, int(db))
}

// Server starts a server for this test alone, which it may kill, flush and restart; it ends
// with the test.
func Server(t testing.TB) *local.Redis {
	t.Helper()
	r, err := start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := r.Stop(ctx); err != nil {
			t.Errorf("end the test's Redis: %v", err)
		}
	})
	return r
}

// Options says how to reach database db of a private server, with what gad sets for every
// client: deadlines of the context count, and nothing is sent that Redis 7 does not know.
func Options(r *local.Redis, db int) *redis.Options {
	return &redis.Options{
		Network:               "unix",
		Addr:                  r.Socket(),
		DB:                    db,
		ContextTimeoutEnabled: true,
		// After the five seconds of the client a script would be sent once more, and run twice.
		ReadTimeout:              time.Minute,
		WriteTimeout:             time.Minute,
		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
}

var theServer struct {
	once  sync.Once
	redis *local.Redis
	err   error
	next  atomic.Int64
}

var servers atomic.Int64

func start(ctx context.Context) (*local.Redis, error) {
	scratch, err := local.ScratchDir()
	if err != nil {
		return nil, fmt.Errorf("make a directory for Redis: %w", err)
	}
	return local.StartRedis(ctx, local.RedisOptions{
		Dir:      filepath.Join(scratch, "rd"+strconv.FormatInt(servers.Add(1), 10)),
		Settings: map[string]string{"databases": strconv.Itoa(numbered)},
	})
}
