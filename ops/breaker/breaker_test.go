package breaker_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/grupo-gad/gad/ops/breaker"
)

var (
	errAway    = errors.New("connection refused")
	errRefused = errors.New("no such row")
)

func TestOnlyTheDependencyCounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := breaker.New("x", breaker.NewMetrics(prometheus.NewRegistry()), func(err error) bool { return errors.Is(err, errAway) })
		for _, err := range []error{errRefused, context.Canceled, nil} {
			for range 20 {
				b.Done(errAway)
				b.Done(err)
				if err == context.Canceled { //nolint:errorlint // the very value of the table
					b.Done(nil)
				}
			}
			if b.Allow() != nil || b.Check() != nil {
				t.Fatalf("failures that alternate with %v open it", err)
			}
		}
		for range 5 {
			b.Done(errAway)
		}
		if !errors.Is(b.Allow(), breaker.ErrOpen) || b.Check() == nil {
			t.Fatal("five failures in a row leave it closed")
		}
		time.Sleep(3 * time.Second) // of the bubble's clock
		if b.Allow() != nil || !errors.Is(b.Allow(), breaker.ErrOpen) {
			t.Error("after the pause not exactly one may try")
		}
		b.Done(errAway)
		if !errors.Is(b.Allow(), breaker.ErrOpen) {
			t.Error("a trial that failed closes it")
		}
		time.Sleep(3 * time.Second)
		if b.Allow() != nil {
			t.Error("no second trial")
		}
		b.Done(nil)
		for range 2 {
			if b.Allow() != nil || b.Check() != nil {
				t.Error("a trial that succeeded leaves it open")
			}
		}
	})
}
