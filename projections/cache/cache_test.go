package cache_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/ops/pgtest/redistest"
	"github.com/grupo-gad/gad/projections/cache"
)

func connect(t *testing.T, o *redis.Options) redis.UniversalClient {
	t.Helper()
	rdb := redis.NewClient(o)
	t.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

// patient is a cache of a process, on a machine where Redis may take its time.
func patient(t *testing.T, o *redis.Options) *cache.Cache {
	t.Helper()
	return cache.New(connect(t, o)).Patient(time.Minute)
}

func at(p eventstore.Position) cache.Fill {
	return func(context.Context) ([]byte, eventstore.Position, error) { return fmt.Appendf(nil, "%d", p), p, nil }
}

var never cache.Fill = func(context.Context) ([]byte, eventstore.Position, error) {
	return nil, 0, errors.New("calculated without need")
}

// TestPositions: a value serves whoever may have one as old as it is, and an older write never
// replaces a newer one.
func TestPositions(t *testing.T) {
	t.Parallel()
	o := redistest.New(t)
	a, b := patient(t, o), patient(t, o)
	ctx := t.Context()
	if v, err := a.Do(ctx, "k", 0, at(7)); err != nil || v.Position != 7 || string(v.Bytes) != "7" {
		t.Fatal(v, err)
	}
	for _, min := range []eventstore.Position{0, 3, 7} {
		if v, err := b.Do(ctx, "k", min, never); err != nil || v.Position != 7 {
			t.Errorf("min %d: %v, %v", min, v, err)
		}
	}
	if v, err := b.Do(ctx, "k", 8, at(9)); err != nil || v.Position != 9 {
		t.Errorf("a newer one was asked for: %v, %v", v, err)
	}
	if _, err := a.Refresh(ctx, "k", at(8)); err != nil { // slow: began before the other
		t.Fatal(err)
	}
	if v, err := a.Do(ctx, "k", 0, never); err != nil || v.Position != 9 || !bytes.Equal(v.Bytes, []byte("9")) {
		t.Errorf("an older write replaced a newer one: %v, %v", v, err)
	}
	e := a.Estado(ctx)
	if e.Redis != "disponible" || len(e.Claves) != 1 || e.Claves[0].Clave != "k" || e.Claves[0].Posicion != 9 || e.Bytes != 1 || e.Aciertos != 1 || e.Fallos != 1 {
		t.Errorf("estado %+v", e)
	}
	if !b.Wanted(ctx, "k") || b.Wanted(ctx, "other") {
		t.Error("what is wanted is not known")
	}
	if n, err := b.Forget(ctx, ""); err != nil || n != 1 {
		t.Errorf("forgot %d, %v", n, err)
	}
	if v, err := a.Do(ctx, "k", 0, at(5)); err != nil || v.Position != 5 {
		t.Errorf("after it was forgotten: %v, %v", v, err)
	}
	if n, err := b.Forget(ctx, "k"); err != nil || n != 1 {
		t.Errorf("forgot %d, %v", n, err)
	}
	failure := errors.New("no")
	if _, err := a.Do(ctx, "k", 0, func(context.Context) ([]byte, eventstore.Position, error) { return nil, 0, failure }); !errors.Is(err, failure) {
		t.Errorf("a failure came back as %v", err)
	}
}

// TestOneCalculation: many callers in two processes, one calculation.
func TestOneCalculation(t *testing.T) {
	t.Parallel()
	o := redistest.New(t)
	processes := []*cache.Cache{patient(t, o), patient(t, o)}
	var fills atomic.Int64
	release := make(chan struct{})
	var first sync.Once
	fill := func(ctx context.Context) ([]byte, eventstore.Position, error) {
		fills.Add(1)
		<-release
		return []byte("x"), 4, ctx.Err()
	}
	var callers sync.WaitGroup
	for i := range 64 {
		callers.Go(func() {
			first.Do(func() { go close(release) })
			if v, err := processes[i%2].Do(t.Context(), "k", 0, fill); err != nil || string(v.Bytes) != "x" {
				t.Errorf("%v, %v", v, err)
			}
		})
	}
	callers.Wait()
	if n := fills.Load(); n != 1 {
		t.Errorf("calculated %d times", n)
	}
}

// TestSharedIsNotTooOld: whoever joins a calculation of an older position than he has to see
// gets one of his own.
func TestSharedIsNotTooOld(t *testing.T) {
	t.Parallel()
	c := cache.New(nil)
	begun, release := make(chan struct{}), make(chan struct{})
	done := make(chan error, 1)
	go func() {
		_, err := c.Do(t.Context(), "k", 0, func(context.Context) ([]byte, eventstore.Position, error) {
			close(begun)
			<-release
			return []byte("3"), 3, nil
		})
		done <- err
	}()
	<-begun
	joined := make(chan cache.Value, 1)
	go func() {
		v, _ := c.Do(t.Context(), "k", 5, at(5))
		joined <- v
	}()
	close(release)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if v := <-joined; v.Position != 5 {
		t.Errorf("got position %d, asked for 5", v.Position)
	}
}

// TestWithoutRedis: absent or dead, everybody is answered.
func TestWithoutRedis(t *testing.T) {
	t.Parallel()
	server := redistest.Server(t)
	o := redistest.Options(server, 0)
	o.MaxRetries = -1
	dead := patient(t, o)
	if _, err := dead.Do(t.Context(), "k", 0, at(1)); err != nil {
		t.Fatal(err)
	}
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]*cache.Cache{"dead": dead, "none": cache.New(nil)} {
		for p := range eventstore.Position(3) {
			if v, err := c.Do(t.Context(), "k", p, at(p+1)); err != nil || v.Position != p+1 {
				t.Errorf("%s: %v, %v", name, v, err)
			}
		}
	}
	if e := dead.Estado(t.Context()); e.Redis != "caido" || e.Errores == 0 {
		t.Errorf("estado %+v", e)
	}
	if e := cache.New(nil).Estado(t.Context()); e.Redis != "sin_configurar" {
		t.Errorf("estado %+v", e)
	}
}
