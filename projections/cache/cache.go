// Package cache keeps calculated answers in Redis.
//
// It promises:
//
//   - A value carries the log position it is true of and the instant it was calculated, and is
//     handed out with both: nobody gets anything older than it says, nor than he asked for.
//   - An older write never replaces a newer one, whoever is slow.
//   - One calculation per key at a time: within a process callers share it, and across
//     processes a short lock lets the others wait for its result.
//   - Redis is never needed. While it is away every process calculates for itself, once per
//     key for all who ask meanwhile.
package cache

import (
	"context"
	"crypto/rand"
	_ "embed" // lua
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/singleflight"

	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
)

const (
	prefix = "gad:{cache}:valor:"
	locks  = "gad:{cache}:turno:"
	asked  = "gad:{cache}:pedida:"

	// MaxAge is how long a value is handed out after it was calculated.
	MaxAge = 5 * time.Second
	// kept is how long a value that nobody renews stays.
	kept = 10 * time.Minute
	// patience is how long a call waits for Redis unless Patient says otherwise, and rest how
	// long Redis is left alone after a failure.
	patience = 250 * time.Millisecond
	rest     = time.Second
	// turn is how long one process may calculate before the others do so too.
	turn = 3 * time.Second
	// poll is how often those who wait for another process look.
	poll = 20 * time.Millisecond
	// fillLimit bounds one calculation.
	fillLimit = 10 * time.Second
	// maxLast bounds the values that a process keeps; keys carry dates, and the old ones are of no use.
	maxLast = 64
)

var (
	//go:embed poner.lua
	ponerLua string
	//go:embed soltar.lua
	soltarLua string

	poner  = redis.NewScript(ponerLua)
	soltar = redis.NewScript(soltarLua)
)

// Value is a calculated answer. Nobody changes its bytes: others read them too.
type Value struct {
	Bytes      []byte
	Position   eventstore.Position // the log position it is true of
	Calculated time.Time
}

func (c *Cache) serves(v Value, min eventstore.Position) bool {
	return v.Bytes != nil && v.Position >= min && time.Since(v.Calculated) <= c.age
}

// Fill calculates a value and says of which position it is true.
type Fill func(ctx context.Context) ([]byte, eventstore.Position, error)

// Cache is safe for concurrent use.
type Cache struct {
	rdb    redis.UniversalClient // nil: no Redis
	wait   time.Duration         // how long a call waits for Redis
	age    time.Duration         // how long a value is handed out
	turn   time.Duration         // how long one process may calculate alone
	resume atomic.Int64          // Unix nanoseconds until which Redis is left alone
	fills  singleflight.Group
	counts counts
	last   *lru.Cache[string, Value] // read last: one that many ask for comes from Redis once

	mu    sync.Mutex // guards wants
	wants map[string]time.Time
}

type counts struct{ hits, misses, fills, waits, failures atomic.Int64 }

// New returns a Cache; rdb may be nil where there is no Redis.
func New(rdb redis.UniversalClient) *Cache {
	last, _ := lru.New[string, Value](maxLast) // a size that there is
	return &Cache{rdb: rdb, wait: patience, age: MaxAge, turn: turn, wants: map[string]time.Time{}, last: last}
}

// Patient lets a call wait so long for Redis, a value be handed out and a turn last as long; it
// returns c. It is for before c is used, where nothing may depend on how fast the machine is.
func (c *Cache) Patient(d time.Duration) *Cache {
	c.wait, c.age, c.turn = d, max(d, MaxAge), max(d, turn)
	return c
}

// Do returns the value of a key, of position min or later, calculating it when there is none
// that is new enough.
func (c *Cache) Do(ctx context.Context, key string, min eventstore.Position, fill Fill) (Value, error) {
	c.want(ctx, key)
	if v, ok := c.read(ctx, key); ok && c.serves(v, min) {
		c.counts.hits.Add(1)
		return v, nil
	}
	c.counts.misses.Add(1)
	// Who joins a calculation that began before what he has to see asks again: the next one
	// begins after he did.
	for range 3 {
		// Shared by whoever asks meanwhile: it must not end with the request that started it.
		result := c.fills.DoChan(key, func() (any, error) {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fillLimit)
			defer cancel()
			return c.calculate(ctx, key, min, fill)
		})
		select {
		case <-ctx.Done():
			return Value{}, ctx.Err()
		case res := <-result:
			if res.Err != nil {
				return Value{}, res.Err
			}
			if v := res.Val.(Value); v.Position >= min {
				return v, nil
			}
		}
	}
	return Value{}, projections.ErrAtrasada
}

// Refresh calculates a key anew, whatever there is.
func (c *Cache) Refresh(ctx context.Context, key string, fill Fill) (Value, error) {
	v, err := c.fill(ctx, fill)
	if err == nil {
		c.put(ctx, key, v)
	}
	return v, err
}

// calculate fills a key in this process's turn, or takes what the process whose turn it is left.
func (c *Cache) calculate(ctx context.Context, key string, min eventstore.Position, fill Fill) (Value, error) {
	token := rand.Text()
	deadline := time.Now().Add(c.turn)
	for c.up() && time.Now().Before(deadline) {
		// Somebody may have calculated between our look and our turn.
		if v, ok := c.read(ctx, key); ok && c.serves(v, min) {
			return v, nil
		}
		mine, err := c.lock(ctx, key, token)
		if err != nil {
			break
		}
		if mine {
			defer c.unlock(ctx, key, token)
			// Whose turn it was may have left it after our look and before he let go.
			if v, ok := c.read(ctx, key); ok && c.serves(v, min) {
				return v, nil
			}
			break
		}
		c.counts.waits.Add(1)
		select {
		case <-ctx.Done():
			return Value{}, ctx.Err()
		case <-time.After(poll):
		}
	}
	v, err := c.fill(ctx, fill)
	if err == nil {
		c.put(ctx, key, v)
	}
	return v, err
}

func (c *Cache) fill(ctx context.Context, fill Fill) (Value, error) {
	c.counts.fills.Add(1)
	started := time.Now() // the age counts from before the reading
	bytes, position, err := fill(ctx)
	return Value{bytes, position, started.UTC()}, err
}

func (c *Cache) up() bool { return c.rdb != nil && time.Now().UnixNano() >= c.resume.Load() }

// ask runs one command of Redis within the patience; a failure leaves it alone for a while.
func (c *Cache) ask(ctx context.Context, command func(ctx context.Context) error) error {
	bounded, cancel := context.WithTimeout(ctx, c.wait)
	defer cancel()
	err := command(bounded)
	if err != nil && !errors.Is(err, redis.Nil) && ctx.Err() == nil {
		c.counts.failures.Add(1)
		c.resume.Store(time.Now().Add(rest).UnixNano())
	}
	return err
}

func (c *Cache) read(ctx context.Context, key string) (v Value, ok bool) {
	if !c.up() {
		return v, false
	}
	var stored struct {
		Posicion  int64  `redis:"posicion"`
		Valor     string `redis:"valor"`
		Calculado int64  `redis:"calculado"`
	}
	get := func(fields ...string) bool {
		err := c.ask(ctx, func(ctx context.Context) error { return c.rdb.HMGet(ctx, prefix+key, fields...).Scan(&stored) })
		return err == nil && stored.Calculado != 0
	}
	last, known := c.last.Get(key)
	if known {
		// A thousand groups take longer to come from Redis than all else: only what changed does.
		if !get("posicion", "calculado") {
			return v, false
		}
		if int64(last.Position) == stored.Posicion && last.Calculated.UnixMilli() == stored.Calculado {
			return last, true
		}
	}
	if !get("posicion", "valor", "calculado") {
		return v, false
	}
	v = Value{[]byte(stored.Valor), eventstore.Position(stored.Posicion), time.UnixMilli(stored.Calculado).UTC()}
	c.last.Add(key, v)
	return v, true
}

// put stores a value; that it could not be stored costs a calculation and nothing else.
func (c *Cache) put(ctx context.Context, key string, v Value) {
	if !c.up() {
		return
	}
	_ = c.ask(ctx, func(ctx context.Context) error {
		return poner.Run(ctx, c.rdb, []string{prefix + key}, int64(v.Position), v.Bytes, v.Calculated.UnixMilli(), kept.Milliseconds()).Err()
	})
}

func (c *Cache) lock(ctx context.Context, key, token string) (mine bool, err error) {
	err = c.ask(ctx, func(ctx context.Context) error {
		mine, err = c.rdb.SetNX(ctx, locks+key, token, c.turn).Result()
		return err
	})
	return mine, err
}

func (c *Cache) unlock(ctx context.Context, key, token string) {
	if c.up() { // it runs out by itself
		_ = c.ask(ctx, func(ctx context.Context) error { return soltar.Run(ctx, c.rdb, []string{locks + key}, token).Err() })
	}
}

// wantEvery is how often a process says that a key is asked for.
const wantEvery = 30 * time.Second

// want tells whoever renews values that this one is asked for.
func (c *Cache) want(ctx context.Context, key string) {
	if !c.up() {
		return
	}
	now := time.Now()
	c.mu.Lock()
	recent := now.Sub(c.wants[key]) < wantEvery
	if !recent {
		if len(c.wants) > 10_000 { // keys carry dates: the old ones are of no use
			clear(c.wants)
		}
		c.wants[key] = now
	}
	c.mu.Unlock()
	if !recent {
		_ = c.ask(ctx, func(ctx context.Context) error { return c.rdb.Set(ctx, asked+key, 1, kept).Err() })
	}
}

// Wanted reports whether a key was asked for lately, by any process.
func (c *Cache) Wanted(ctx context.Context, key string) bool {
	if !c.up() {
		return false
	}
	var n int64
	err := c.ask(ctx, func(ctx context.Context) (err error) {
		n, err = c.rdb.Exists(ctx, asked+key).Result()
		return err
	})
	return err == nil && n > 0
}

// Forget removes the values of all keys, or of one, and says how many there were.
func (c *Cache) Forget(ctx context.Context, key string) (int64, error) {
	if c.rdb == nil {
		return 0, nil
	}
	if key != "" {
		n, err := c.rdb.Del(ctx, prefix+key).Result()
		if err != nil {
			return 0, fmt.Errorf("forget a cached value: %w", err)
		}
		return n, nil
	}
	all, err := c.keys(ctx)
	if err != nil || len(all) == 0 {
		return 0, err
	}
	n, err := c.rdb.Del(ctx, all...).Result()
	if err != nil {
		return n, fmt.Errorf("forget the cached values: %w", err)
	}
	return n, nil
}
