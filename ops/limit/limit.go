// Package limit says who asks too often, over all processes.
//
// It promises that a caller who keeps to a rule is never refused, that one who does not is
// refused by whichever process he asks (the buckets lie in Redis, one script per request), and
// that the answer comes within 50 ms whatever Redis does. While Redis is away each process
// limits by itself: it mirrors what it let through, so nobody starts afresh because Redis fell.
// Memory is bounded. When the mirror is full, a name listed as strict (login, refresh, link)
// refuses whom it cannot count and any other name lets him pass: a guessable secret stays
// closed, an ordinary read stays open.
//
// Keys may be personal (an e-mail, an address): Redis sees them only as HMACs. It imports
// go-redis and nothing of the business.
package limit

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	_ "embed" // lua
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
)

// Rule is how often somebody may do something: Limit times Per on average, and Burst at once.
// Burst 0 means Limit: everything at once, then at the pace of the rule.
type Rule struct {
	Limit int
	Per   time.Duration
	Burst int
}

// every is what one request weighs.
func (r Rule) every() time.Duration { return r.Per / time.Duration(r.Limit) }

// Holds is how many requests a full bucket admits at once.
func (r Rule) Holds() int {
	if r.Burst == 0 {
		return r.Limit
	}
	return r.Burst
}

func (r Rule) valid() bool {
	return r.Limit > 0 && r.Burst >= 0 && r.Per > 0 && r.every() >= time.Microsecond && r.Per <= 24*time.Hour
}

// Result of one Take.
type Result struct {
	Allowed    bool
	Remaining  int           // how many more would pass right now
	RetryAfter time.Duration // until the next one passes; 0 when this one did
	Reset      time.Duration // until the bucket is full again
}

// Options of a Limiter.
type Options struct {
	// Redis keeps the buckets; nil: each process limits by itself.
	Redis redis.Scripter
	// Key hides the keys in Redis: the same secret in every process.
	Key []byte
	// Strict are the names that refuse rather than let pass whom nobody can count.
	Strict []string
	// Deadline of one question to Redis; 0 means 50 ms.
	Deadline time.Duration
	// Entries bounds the mirror, per name; 0 means 65,536 (about 3 MB).
	Entries int
	// Through runs each question to Redis, for a circuit breaker; nil: directly.
	Through func(ctx context.Context, ask func(context.Context) error) error
	// Registry is told of the metrics; nil: nobody.
	Registry prometheus.Registerer
	// Now is the clock of the mirror; nil: time.Now.
	Now func() time.Time
}

// Limiter counts requests. It is safe for concurrent use. Make it with New.
type Limiter struct {
	o     Options
	total *prometheus.CounterVec

	mu     sync.Mutex
	tables map[string]*table // by name; names are few and written in the code
}

//go:embed take.lua
var takeLua string

var script = redis.NewScript(takeLua)

// New returns a Limiter.
func New(o Options) *Limiter {
	if o.Entries == 0 {
		o.Entries = 1 << 16
	}
	if o.Deadline == 0 {
		o.Deadline = 50 * time.Millisecond
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Through == nil {
		o.Through = func(ctx context.Context, ask func(context.Context) error) error { return ask(ctx) }
	}
	l := &Limiter{o: o, tables: map[string]*table{}, total: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "gad_limit_total", Help: "Requests counted against a rate limit, by limit, by who decided (redis or local) and outcome (allowed or refused).",
	}, []string{"limit", "decided", "outcome"})}
	if o.Registry != nil {
		o.Registry.MustRegister(l.total)
	}
	return l
}

// Take counts one request of key under name. The error is a mistake of the caller: a rule that
// is none. The same name must always come with the same rule.
func (l *Limiter) Take(ctx context.Context, name, key string, rule Rule) (Result, error) {
	if !rule.valid() {
		return Result{}, fmt.Errorf("limit %s: %d each %s (burst %d) is not a rule", name, rule.Limit, rule.Per, rule.Burst)
	}
	t := l.table(name)
	id := t.id(key)
	// What this process alone has let through already says no: a flood ends here,
	// without a question to Redis per request.
	if r := t.look(id, rule, l.o.Now()); !r.Allowed {
		return l.counted(name, "local", r), nil
	}
	if l.o.Redis != nil {
		r, err := l.ask(ctx, name, key, rule, 0)
		if err == nil {
			if r.Allowed {
				t.note(id, rule, l.o.Now())
			}
			return l.counted(name, "redis", r), nil
		}
	}
	return l.counted(name, "local", t.take(id, rule, l.o.Now())), nil
}

func (l *Limiter) counted(name, decided string, r Result) Result {
	outcome := "allowed"
	if !r.Allowed {
		outcome = "refused"
	}
	l.total.WithLabelValues(name, decided, outcome).Inc()
	return r
}

var errAnswer = errors.New("the script answered something else")

// ask takes from the shared bucket. now in microseconds, 0 for the clock of Redis, which all
// processes have in common.
func (l *Limiter) ask(ctx context.Context, name, key string, rule Rule, now int64) (Result, error) {
	var out []int64
	err := l.o.Through(ctx, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, l.o.Deadline)
		defer cancel()
		var err error
		out, err = script.Run(ctx, l.o.Redis, []string{l.bucket(name, key)}, rule.every().Microseconds(), rule.Holds(), now).Int64Slice()
		return err
	})
	if err == nil && len(out) != 4 {
		err = errAnswer
	}
	if err != nil {
		return Result{}, fmt.Errorf("take from the bucket of %s: %w", name, err)
	}
	micro := func(n int64) time.Duration { return time.Duration(n) * time.Microsecond }
	return Result{Allowed: out[0] == 1, Remaining: int(out[1]), RetryAfter: micro(out[2]), Reset: micro(out[3])}, nil
}

// bucket is the name of a bucket in Redis.
func (l *Limiter) bucket(name, key string) string {
	mac := hmac.New(sha256.New, l.o.Key)
	mac.Write([]byte(name + "\x00" + key))
	return "gad:limit:" + name + ":" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

func (l *Limiter) table(name string) *table {
	l.mu.Lock()
	defer l.mu.Unlock()
	t, ok := l.tables[name]
	if !ok {
		t = newTable(l.o.Entries, slices.Contains(l.o.Strict, name))
		l.tables[name] = t
	}
	return t
}
