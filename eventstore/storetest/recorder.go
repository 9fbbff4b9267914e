package storetest

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
)

// recorder is a testing.TB whose failure is an answer and not a failure.
type recorder struct {
	testing.TB                 // the real test, for what is not overridden
	ctx        context.Context //nolint:containedctx // what Context returns

	mu       sync.Mutex
	failures []string
	cleanups []func()
}

func (r *recorder) Context() context.Context { return r.ctx }
func (r *recorder) Helper()                  {}
func (r *recorder) Cleanup(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cleanups = append(r.cleanups, f)
}

func (r *recorder) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.failures) > 0
}

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func (r *recorder) Error(args ...any) { r.Errorf("%s", fmt.Sprint(args...)) }

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

func (r *recorder) Fatal(args ...any)   { r.Fatalf("%s", fmt.Sprint(args...)) }
func (r *recorder) FailNow()            { r.Fatalf("failed") }
func (r *recorder) Logf(string, ...any) {}

// Failures proves one property, as Run does, and returns what it had to say instead of
// failing: for tests of the suite itself, which must reject stores that break the promise. The
// property runs in a goroutine of its own, which it may end.
func Failures(t testing.TB, property string, world func(t testing.TB) World) []string {
	t.Helper()
	all := Properties()
	i := slices.IndexFunc(all, func(p Property) bool { return p.Name == property })
	if i < 0 {
		t.Fatalf("there is no property %q", property)
	}
	ctx, cancel := context.WithCancel(t.Context())
	r := &recorder{TB: t, ctx: ctx}
	done := make(chan struct{})
	go func() {
		defer close(done)
		all[i].Prove(r, world(r))
	}()
	<-done
	cancel()
	for _, f := range slices.Backward(r.cleanups) {
		f()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.failures)
}
