package projections

import (
	"github.com/prometheus/client_golang/prometheus"
)

// metrics of the projections of one process.
type metrics struct {
	position *prometheus.GaugeVec
	lag      *prometheus.GaugeVec
	delay    *prometheus.GaugeVec
	parked   *prometheus.GaugeVec
	stopped  *prometheus.GaugeVec
	events   *prometheus.CounterVec
	poison   *prometheus.CounterVec
	window   *prometheus.HistogramVec
}

// newMetrics registers the metrics; a nil registry keeps them to itself.
func newMetrics(reg prometheus.Registerer) *metrics {
	gauge := func(name, help string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "gad_projection_" + name, Help: help}, []string{"projection"})
	}
	counter := func(name, help string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "gad_projection_" + name, Help: help}, []string{"projection"})
	}
	m := &metrics{
		position: gauge("position", "Log position (telemetry batch for mapa.posiciones) the rows are true of."),
		lag:      gauge("lag_events", "Events of the log that the rows do not know yet."),
		delay:    gauge("lag_seconds", "Age of the last applied event when it was applied, while behind; 0 when level."),
		parked:   gauge("parked_keys", "Keys whose next event could not be applied. Alarm when above 0."),
		stopped:  gauge("stopped", "1 while the projection refuses to go on: unknown event, or every key fails."),
		events:   counter("events_total", "Events applied by this process."),
		poison:   counter("poison_total", "Keys parked by this process."),
		window: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "gad_projection_window_seconds", Help: "Time to write one window.",
			Buckets:                        []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5},
			NativeHistogramBucketFactor:    1.1,
			NativeHistogramMaxBucketNumber: 100,
		}, []string{"projection"}),
	}
	if reg != nil {
		reg.MustRegister(m.position, m.lag, m.delay, m.parked, m.stopped, m.events, m.poison, m.window)
	}
	return m
}
