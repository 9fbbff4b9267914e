// Package breaker stops asking a dependency that does not answer.
//
// It promises that while something is away its callers hear so at once instead of waiting for
// their deadlines one by one, that one question a second finds out when it is back, and that
// only failures of the dependency itself count: neither a caller who hangs up nor a refusal
// that the dependency gave in good health. It knows no driver: what a failure is, its user says.
package breaker

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sony/gobreaker/v2"
)

// ErrOpen refuses a question that was not asked.
var ErrOpen = errors.New("not asked: it has not answered lately")

const (
	failures = 5               // in a row, that open it
	pause    = 2 * time.Second // until it is tried again
	between  = time.Second     // two trials
)

// Breaker watches one dependency. Make it with New.
type Breaker struct {
	cb      *gobreaker.CircuitBreaker[struct{}]
	failure func(error) bool
	trial   atomic.Int64 // when the next trial may be, in Unix nanoseconds
}

// Metrics are what all breakers of a process report.
type Metrics struct {
	state *prometheus.GaugeVec
	trips *prometheus.CounterVec
}

// NewMetrics registers the metrics of breakers.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		state: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "gad_breaker_state", Help: "Circuit breaker by dependency: 0 closed, 1 trying, 2 open.",
		}, []string{"dependency"}),
		trips: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gad_breaker_opened_total", Help: "How often a circuit breaker opened, by dependency.",
		}, []string{"dependency"}),
	}
	reg.MustRegister(m.state, m.trips)
	return m
}

// New returns a closed breaker. failure tells an error of the dependency from an answer of it;
// a caller's cancellation never gets there.
func New(name string, m *Metrics, failure func(error) bool) *Breaker {
	b := &Breaker{failure: failure}
	m.state.WithLabelValues(name).Set(0)
	b.cb = gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
		Name: name, MaxRequests: 1, Timeout: pause,
		ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= failures },
		OnStateChange: func(_ string, _, to gobreaker.State) {
			m.state.WithLabelValues(name).Set(float64(to))
			if to == gobreaker.StateOpen {
				m.trips.WithLabelValues(name).Inc()
			}
		},
	})
	return b
}

// Allow says whether to ask now; ErrOpen when not. Whoever was allowed reports with Done.
func (b *Breaker) Allow() error {
	switch b.cb.State() {
	case gobreaker.StateOpen:
		return ErrOpen
	case gobreaker.StateHalfOpen:
		now, next := time.Now().UnixNano(), b.trial.Load()
		if now < next || !b.trial.CompareAndSwap(next, now+int64(between)) {
			return ErrOpen
		}
	case gobreaker.StateClosed:
	}
	return nil
}

// Done reports how a question ended.
func (b *Breaker) Done(err error) {
	if errors.Is(err, context.Canceled) || errors.Is(err, ErrOpen) {
		return // says nothing of the dependency
	}
	_, _ = b.cb.Execute(func() (struct{}, error) { // refused while open: then there is nothing to count
		if err != nil && b.failure(err) {
			return struct{}{}, err
		}
		return struct{}{}, nil
	})
}

// Check is the breaker as a health check sees it.
func (b *Breaker) Check() error {
	if s := b.cb.State(); s != gobreaker.StateClosed {
		return fmt.Errorf("the circuit breaker is %s", s)
	}
	return nil
}
