package main

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/grupo-gad/gad/domain/permiso"
)

// seconds are the buckets of everything a person waits for.
var seconds = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5}

// commandMetrics counts orders by action and outcome; it implements commands.Observer.
type commandMetrics struct {
	total *prometheus.CounterVec
	took  *prometheus.HistogramVec
}

func newCommandMetrics(reg prometheus.Registerer) *commandMetrics {
	m := &commandMetrics{
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gad_commands_total", Help: "Orders by action and outcome: ok, sin_cambio, repetida or the code of the refusal.",
		}, []string{"command", "outcome"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "gad_command_seconds", Help: "Time from an order to its durable answer.",
			Buckets: seconds, NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 100,
		}, []string{"command"}),
	}
	reg.MustRegister(m.total, m.took)
	return m
}

// Observe implements commands.Observer.
func (m *commandMetrics) Observe(_ context.Context, accion permiso.Accion, outcome string, took time.Duration) {
	m.total.WithLabelValues(string(accion), outcome).Inc()
	m.took.WithLabelValues(string(accion)).Observe(took.Seconds())
}

// fixMetrics counts positions by what became of them; it implements commands.FixObserver.
type fixMetrics struct{ total *prometheus.CounterVec }

func newFixMetrics(reg prometheus.Registerer) *fixMetrics {
	m := &fixMetrics{prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "gad_fixes_total", Help: "Positions by outcome: aceptada, tardia, velocidad_imposible or the reason of the refusal.",
	}, []string{"outcome"})}
	reg.MustRegister(m.total)
	return m
}

// ObserveFixes implements commands.FixObserver.
func (m *fixMetrics) ObserveFixes(outcome string, n int) {
	m.total.WithLabelValues(outcome).Add(float64(n))
}

// requestMetrics counts answered requests; it implements rest.Observer.
type requestMetrics struct{ took *prometheus.HistogramVec }

func newRequestMetrics(reg prometheus.Registerer) *requestMetrics {
	m := &requestMetrics{prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "gad_http_request_seconds", Help: "Time to answer a request, by route pattern.",
		Buckets: seconds, NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 100,
	}, []string{"method", "route", "status"})}
	reg.MustRegister(m.took)
	return m
}

// Observe implements rest.Observer.
func (m *requestMetrics) Observe(method, route string, status int, took time.Duration) {
	m.took.WithLabelValues(method, route, statusClass(status)).Observe(took.Seconds())
}

// statusClass keeps the label small: the exact code is in the log of the request.
func statusClass(status int) string {
	classes := [...]string{"?", "1xx", "2xx", "3xx", "4xx", "5xx"}
	if c := status / 100; c > 0 && c < len(classes) {
		return classes[c]
	}
	return classes[0]
}
