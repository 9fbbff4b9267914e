package limit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"pgregory.net/rapid"

	"github.com/grupo-gad/gad/ops/pgtest/redistest"
)

var slow = Rule{Limit: 3, Per: time.Hour}

func client(t *testing.T, o *redis.Options) *redis.Client {
	t.Helper()
	rdb := redis.NewClient(o)
	t.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

func take(t *testing.T, l *Limiter, name, key string, rule Rule) Result {
	t.Helper()
	r, err := l.Take(t.Context(), name, key, rule)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestProcessesShareTheBuckets(t *testing.T) {
	t.Parallel()
	rdb := client(t, redistest.New(t))
	a, b := New(Options{Deadline: time.Minute, Redis: rdb, Key: []byte("k")}), New(Options{Deadline: time.Minute, Redis: rdb, Key: []byte("k")})
	for i, l := range []*Limiter{a, b, a} {
		if r := take(t, l, "login", "ada@gad.test", slow); !r.Allowed || r.Remaining != 2-i || r.RetryAfter != 0 {
			t.Errorf("request %d: %+v", i, r)
		}
	}
	for _, l := range []*Limiter{a, b} {
		r := take(t, l, "login", "ada@gad.test", slow)
		if r.Allowed || r.RetryAfter <= 0 || r.RetryAfter > 20*time.Minute || r.Reset > time.Hour {
			t.Errorf("the fourth: %+v", r)
		}
	}
	if r := take(t, a, "login", "bob@gad.test", slow); !r.Allowed {
		t.Error("another key pays for the first")
	}
	if r := take(t, b, "refresh", "ada@gad.test", slow); !r.Allowed {
		t.Error("another name pays for the first")
	}
	keys, err := rdb.Keys(t.Context(), "*").Result()
	if err != nil || len(keys) != 3 {
		t.Fatalf("keys are %v, %v", keys, err)
	}
	for _, k := range keys {
		if strings.Contains(k, "ada") || rdb.PTTL(t.Context(), k).Val() <= 0 {
			t.Errorf("key %s shows who, or stays for ever", k)
		}
	}
}

// TestScriptAndMirrorAgree holds take.lua against the arithmetic of the mirror and both
// against the definition: in no window do more pass than the burst and the pace allow.
func TestScriptAndMirrorAgree(t *testing.T) {
	t.Parallel()
	l := New(Options{Deadline: time.Minute, Redis: client(t, redistest.New(t))})
	var serial atomic.Int64
	rapid.Check(t, func(rt *rapid.T) {
		key := fmt.Sprint(serial.Add(1))
		limit := rapid.IntRange(1, 100).Draw(rt, "limit")
		rule := Rule{ // paces of more than a minute: what Redis forgets by its own clock is not what is tried here
			Limit: limit, Per: time.Duration(limit) * time.Duration(rapid.IntRange(60_000_000, 90_000_000).Draw(rt, "every")) * time.Microsecond,
			Burst: rapid.IntRange(0, 10).Draw(rt, "burst"),
		}
		if !rule.valid() {
			rt.Skip("not a rule")
		}
		now, table, passed := time.Unix(1_700_000_000, 0), newTable(10, true), []time.Time{}
		for range rapid.IntRange(1, 15).Draw(rt, "n") {
			now = now.Add(time.Duration(rapid.IntRange(0, 200_000_000).Draw(rt, "wait")) * time.Microsecond)
			shared, err := l.ask(t.Context(), "x", key, rule, now.UnixMicro())
			if err != nil {
				rt.Fatal(err)
			}
			if diff := cmp.Diff(table.take(1, rule, now), shared); diff != "" {
				rt.Fatalf("mirror and script differ (-mirror +script):\n%s", diff)
			}
			if !shared.Allowed {
				continue
			}
			passed = append(passed, now)
			for i, from := range passed {
				if most := rule.Holds() + int(now.Sub(from)/rule.every()); len(passed)-i > most {
					rt.Fatalf("%d passed within %s, at most %d may", len(passed)-i, now.Sub(from), most)
				}
			}
		}
	})
}

func TestPaceAfterTheBurst(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	l := New(Options{Now: func() time.Time { return now }})
	rule := Rule{Limit: 60, Per: time.Minute, Burst: 2}
	var got []bool
	for range 3 {
		got = append(got, take(t, l, "orden", "u", rule).Allowed)
	}
	now = now.Add(time.Second)
	for range 2 {
		got = append(got, take(t, l, "orden", "u", rule).Allowed)
	}
	now = now.Add(-time.Hour) // a clock set back holds nobody for an hour
	r := take(t, l, "orden", "u", rule)
	if want := []bool{true, true, false, true, false}; !slices.Equal(got, want) || r.RetryAfter > time.Second {
		t.Errorf("got %v and %+v", got, r)
	}
}

func TestRedisAwayKeepsTheCount(t *testing.T) {
	t.Parallel()
	server := redistest.Server(t)
	reg := prometheus.NewRegistry()
	l := New(Options{Deadline: time.Minute, Redis: client(t, redistest.Options(server, 0)), Registry: reg})
	take(t, l, "login", "ada", slow)
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	var got []bool
	for range 4 {
		got = append(got, take(t, l, "login", "ada", slow).Allowed)
	}
	if want := []bool{true, true, false, false}; !slices.Equal(got, want) {
		t.Errorf("after one before the fall, these pass: %v", got)
	}
	families, err := reg.Gather()
	if err != nil || len(families) != 1 {
		t.Fatalf("metrics are %v, %v", families, err)
	}
	var seen []string
	for _, m := range families[0].GetMetric() {
		seen = append(seen, fmt.Sprint(m.GetLabel()[0].GetValue(), m.GetLabel()[2].GetValue(), m.GetCounter().GetValue()))
	}
	slices.Sort(seen)
	if want := []string{"localallowed2", "localrefused2", "redisallowed1"}; !slices.Equal(seen, want) {
		t.Errorf("decided: %v", seen)
	}
}

func TestAnOpenBreakerAsksNobody(t *testing.T) {
	t.Parallel()
	l := New(Options{
		Redis:   redis.NewClient(&redis.Options{Addr: "192.0.2.1:1"}),
		Through: func(context.Context, func(context.Context) error) error { return errors.New("open") },
	})
	for i := range 4 {
		if r := take(t, l, "lectura", "u", slow); r.Allowed != (i < 3) {
			t.Errorf("request %d: %+v", i, r)
		}
	}
}

func TestAFullMirror(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	l := New(Options{Entries: 10, Strict: []string{"login"}, Now: func() time.Time { return now }})
	for i := range 10 {
		take(t, l, "login", fmt.Sprint(i), slow)
		take(t, l, "lectura", fmt.Sprint(i), slow)
	}
	if r := take(t, l, "login", "one more", slow); r.Allowed || r.RetryAfter <= 0 {
		t.Errorf("a strict name lets pass whom it cannot count: %+v", r)
	}
	if !take(t, l, "lectura", "one more", slow).Allowed {
		t.Error("an ordinary name refuses whom it cannot count")
	}
	if !take(t, l, "login", "3", slow).Allowed {
		t.Error("a flood locks out who was counted before it")
	}
	now = now.Add(2 * time.Hour)
	if !take(t, l, "login", "one more", slow).Allowed || len(l.tables["login"].full) != 1 {
		t.Error("old entries do not make room")
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	l := New(Options{Deadline: time.Minute, Redis: client(t, redistest.New(t))})
	var passed atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				if r, err := l.Take(t.Context(), "x", "k", Rule{Limit: 30, Per: time.Hour}); err == nil && r.Allowed {
					passed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if n := passed.Load(); n != 30 {
		t.Errorf("%d of 160 passed, the rule says 30", n)
	}
}

func TestWhatIsNoRule(t *testing.T) {
	t.Parallel()
	for _, rule := range []Rule{{}, {Limit: 1}, {Limit: -1, Per: time.Hour}, {Limit: 1, Per: time.Hour, Burst: -1}, {Limit: 10, Per: time.Microsecond}} {
		if _, err := New(Options{}).Take(t.Context(), "x", "k", rule); err == nil {
			t.Errorf("%+v passes for a rule", rule)
		}
	}
}
