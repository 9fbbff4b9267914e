package postgres

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics of one store.
type metrics struct {
	append  prometheus.Histogram
	events  prometheus.Histogram
	batches *prometheus.CounterVec
	retries *prometheus.CounterVec
	head    prometheus.Gauge
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		append: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "gad_eventstore_append_seconds",
			Help:    "Time from handing a command to the event store to its durable answer.",
			Buckets: prometheus.ExponentialBuckets(0.00025, 2, 14),
		}),
		events: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "gad_eventstore_batch_events",
			Help:    "Events recorded by one commit.",
			Buckets: prometheus.ExponentialBuckets(1, 2, 10),
		}),
		batches: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gad_eventstore_batches_total",
			Help: "Batches committed, by the path that committed them.",
		}, []string{"path"}),
		retries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gad_eventstore_retries_total",
			Help: "Batches tried again, by the reason: lost races mean that several processes append.",
		}, []string{"reason"}),
		head: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "gad_eventstore_head_position",
			Help: "Last position of the log that this process has seen.",
		}),
	}
	if r == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.append, m.events, m.batches, m.retries, m.head} {
		if err := r.Register(c); err != nil {
			return nil, fmt.Errorf("register metrics of the event store: %w", err)
		}
	}
	return m, nil
}

func (r reaction) String() string {
	return [...]string{"unknown", "lost_race", "guard", "no_room", "transient", "poisoned"}[r]
}
