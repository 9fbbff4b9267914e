package main

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/grupo-gad/gad/commands/policies"
	"github.com/grupo-gad/gad/domain/politica"
	"github.com/grupo-gad/gad/projections/politicas"
)

// lateTimer is how long a timer may be due before the policies count as not working.
const lateTimer = time.Minute

// startPolicies fires what is due and says how late it is.
func (s *system) startPolicies(ctx context.Context, roles *errgroup.Group) {
	timers := politicas.NewTimers(s.pool)
	engine := policies.NewEngine(s.dispatcher, timers, policies.Options{Observer: newTimerMetrics(s.metrics), Log: s.log})
	roles.Go(func() error { return engine.Run(ctx) })
	s.health.Register("policies", false, func(ctx context.Context) error {
		lag, err := timers.Lag(ctx, time.Now())
		if err == nil && lag > lateTimer {
			err = fmt.Errorf("a timer has been due for %s", lag.Round(time.Second))
		}
		return err
	})
}

// timerMetrics counts what the policies did.
type timerMetrics struct {
	fired *prometheus.CounterVec
	late  *prometheus.HistogramVec
}

func newTimerMetrics(r prometheus.Registerer) timerMetrics {
	m := timerMetrics{
		fired: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gad_policy_timers_total", Help: "Timers fired, by kind and outcome (ok, sin_cambio, repetida, or the code of a refusal).",
		}, []string{"kind", "outcome"}),
		late: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "gad_policy_timer_late_seconds", Help: "How long after it was due a timer was fired.",
			Buckets: []float64{.1, .25, .5, 1, 2, 5, 15, 60, 300, 3600},
		}, []string{"kind"}),
	}
	r.MustRegister(m.fired, m.late)
	return m
}

// ObserveTimer implements policies.Observer.
func (m timerMetrics) ObserveTimer(clase politica.Clase, outcome string, late time.Duration) {
	m.fired.WithLabelValues(string(clase), outcome).Inc()
	m.late.WithLabelValues(string(clase)).Observe(max(0, late.Seconds()))
}
