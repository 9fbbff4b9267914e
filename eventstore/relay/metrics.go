package relay

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/grupo-gad/gad/eventstore"
)

// metrics of a relay. gad_relay_halted is the alarm.
type metrics struct {
	position  prometheus.Gauge
	head      prometheus.Gauge
	up        prometheus.Gauge
	halted    prometheus.Gauge
	published prometheus.Counter
	resyncs   prometheus.Counter
	failures  prometheus.Counter
}

func newMetrics(r prometheus.Registerer) *metrics {
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "gad", Subsystem: "relay", Name: name, Help: help})
	}
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Namespace: "gad", Subsystem: "relay", Name: name, Help: help})
	}
	m := &metrics{
		position:  gauge("position", "Log position up to which the stream holds the log."),
		head:      gauge("head_at_resume", "Head of the log when the relay last resumed."),
		up:        gauge("up", "1 while the relay publishes."),
		halted:    gauge("halted", "1 when stream and log have diverged and the relay has halted. Alarm."),
		published: counter("published_total", "Events that the stream acknowledged."),
		resyncs:   counter("resyncs_total", "Times the relay found the stream elsewhere and asked where it stands."),
		failures:  counter("failures_total", "Sessions that ended because NATS or the log could not be used."),
	}
	if r != nil {
		r.MustRegister(m.position, m.head, m.up, m.halted, m.published, m.resyncs, m.failures)
	}
	return m
}

func (m *metrics) state(state string, at eventstore.Position) {
	m.position.Set(float64(at))
	m.up.Set(0)
	m.halted.Set(0)
	switch state {
	case StateOK:
		m.up.Set(1)
	case StateHalted:
		m.halted.Set(1)
	}
}
