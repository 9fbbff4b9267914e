package live

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/eventstore"
)

// Estado is how a node is doing, for GET /api/v1/ws/estado.
type Estado struct {
	Epoca         string              `json:"epoca"`
	Posicion      eventstore.Position `json:"posicion"`
	Atrasado      bool                `json:"atrasado"` // the log cannot be followed now
	Conexiones    int                 `json:"conexiones"`
	PorRol        map[permiso.Rol]int `json:"por_rol"`
	Usuarios      int                 `json:"usuarios"`
	Suscripciones map[string]int      `json:"suscripciones"` // by topic, ids left out
	ConVista      int                 `json:"con_vista"`
	EnCola        int                 `json:"en_cola"` // frames waiting for slow sockets
	CierresLentos int64               `json:"cierres_lentos"`
	Diferidas     int64               `json:"diferidas"`   // frames of positions put off for want of credit
	MaxRetraso    int64               `json:"max_retraso"` // positions the slowest level session is behind
}

// Estado tells how the node is doing.
func (h *Hub) Estado() Estado {
	sessions, head := h.present()
	e := Estado{
		Epoca: h.deps.Epoch, Posicion: head, Atrasado: h.stale(),
		PorRol: map[permiso.Rol]int{}, Suscripciones: map[string]int{},
		CierresLentos: h.slowCloses.Load(), Diferidas: h.deferred.Load(),
	}
	e.Conexiones, e.Usuarios = h.census.count()
	for _, s := range sessions {
		s.mu.Lock()
		if s.phase == catching || s.phase == level {
			e.PorRol[s.who.Autor.Rol]++
			for _, w := range s.words {
				kind, _, _ := strings.Cut(w, ":")
				e.Suscripciones[kind]++
			}
			if s.view != nil {
				e.ConVista++
			}
			e.MaxRetraso = max(e.MaxRetraso, int64(e.Posicion-s.position))
		}
		s.mu.Unlock()
		e.EnCola += s.out.queued()
	}
	return e
}

// metrics of a node.
type metrics struct {
	sessions  prometheus.Gauge
	position  prometheus.Gauge
	events    prometheus.Counter
	positions prometheus.Counter
	deferred  prometheus.Counter
	refused   prometheus.Counter
	closes    *prometheus.CounterVec
	delay     prometheus.Histogram
}

func newMetrics(r prometheus.Registerer) *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Namespace: "gad", Subsystem: "live", Name: name, Help: help})
	}
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "gad", Subsystem: "live", Name: name, Help: help})
	}
	m := &metrics{
		sessions:  gauge("sessions", "Open connections."),
		position:  gauge("position", "Log position up to which facts were offered to sessions."),
		events:    counter("events_total", "Event frames queued."),
		positions: counter("positions_frames_total", "Frames of positions sent."),
		deferred:  counter("positions_deferred_total", "Times a socket had no credit for positions; the newest follow later."),
		refused:   counter("origin_refused_total", "Upgrades refused because of their Origin."),
		closes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "gad", Subsystem: "live", Name: "closes_total", Help: "Sessions closed by the server, by reason.",
		}, []string{"reason"}),
		delay: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "gad", Subsystem: "live", Name: "fact_delay_seconds",
			Help:    "From a fact's recording to its being offered to the sessions of the node.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}),
	}
	if r != nil {
		r.MustRegister(m.sessions, m.position, m.events, m.positions, m.deferred, m.refused, m.closes, m.delay)
	}
	return m
}

func codeName(code int) string {
	switch code {
	case CloseTooBig:
		return "too_big"
	case CloseRestart:
		return "restart"
	case CloseFull:
		return "full"
	case CloseAuth:
		return "auth"
	case CloseForbidden:
		return "forbidden"
	case CloseSlow:
		return "slow"
	case CloseResync:
		return "resync"
	case CloseSilent:
		return "silent"
	case CloseFlood:
		return "flood"
	}
	return "other"
}
