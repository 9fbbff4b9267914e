package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/grupo-gad/gad/commands/policies"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/politica"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/ops/config"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/politicas"
)

// lateTimer is how long a timer may be due before the policies count as not working.
const lateTimer = time.Minute

// startPolicies fires what is due and says how late it is.
func (s *system) startPolicies(ctx context.Context, roles *errgroup.Group) {
	timers := politicas.NewTimers(s.pool, plazos(s.settings))
	engine := policies.NewEngine(s.dispatcher, timers, policies.Options{Observer: newTimerMetrics(s.metrics), Estados: s.dispatcher, Log: s.log})
	roles.Go(func() error { return engine.Run(ctx) })
	searcher := policies.NewBuscador(policies.Desatencion{
		Orders: s.dispatcher, Estados: s.dispatcher, Desatendidas: timers, Recomendador: s.everybody,
	}, policies.BuscadorOptions{Every: s.settings.SinEfectivosBuscar, Log: s.log})
	roles.Go(func() error { return searcher.Run(ctx) })
	memory := politicas.NewCampo(s.pool, writerName(), 0)
	places := campo{s.reads, memory}
	field := policies.NewCampo(policies.Observacion{
		Orders: s.dispatcher, Estados: s.dispatcher, Telemetry: s.telemetry, Lugares: places, Memoria: places,
	}, policies.CampoOptions{Reglas: reglas(s.settings), Zone: s.zone, Observer: newFieldMetrics(s.metrics), Log: s.log})
	roles.Go(func() error { return field.Run(ctx) })
	s.watchField(memory)
	s.health.Register("policies", false, func(ctx context.Context) error {
		lag, err := timers.Lag(ctx, time.Now())
		if err == nil && lag > lateTimer {
			err = fmt.Errorf("a timer has been due for %s", lag.Round(time.Second))
		}
		return err
	})
}

// watchField reports positions that wait too long to be read for what they mean.
func (s *system) watchField(memory *politicas.Campo) {
	s.health.Register("policies_field", false, func(ctx context.Context) error {
		lag, err := memory.Lag(ctx, time.Now())
		if err == nil && lag > lateTimer {
			err = fmt.Errorf("positions have waited for %s", lag.Round(time.Second))
		}
		return err
	})
}

// plazos are how long the policies wait, by the settings.
func plazos(c config.Config) politica.Plazos {
	return politica.Plazos{Recordatorios: c.Recordatorios, Vencida: c.VencidaTolerancia, SOS: c.SOSRepetir}
}

// reglas are by what the policies read the positions.
func reglas(c config.Config) policies.Reglas {
	return policies.Reglas{
		Periodo: c.SignalPeriod, Perdidos: c.SignalMissed, Cruce: c.CruceEspera, Cruces: c.CrucePosiciones,
		LlegadaM: c.LlegadaRadio, Llegada: c.LlegadaEspera, Cobertura: c.CoberturaCada,
		PrecisionM: c.PosicionPrecision,
	}
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

// fieldMetrics counts what the policies made of the positions.
type fieldMetrics struct {
	said      *prometheus.CounterVec
	late      prometheus.Histogram
	following prometheus.Gauge
}

func newFieldMetrics(r prometheus.Registerer) fieldMetrics {
	m := fieldMetrics{
		said: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gad_policy_observations_total", Help: "Observations ordered, by kind and outcome (ok, sin_cambio, repetida, or the code of a refusal).",
		}, []string{"kind", "outcome"}),
		late: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "gad_policy_batch_late_seconds", Help: "How long after it was written a batch of positions was read by the policies.",
			Buckets: []float64{.1, .25, .5, 1, 2, 5, 15, 60, 300, 3600},
		}),
		following: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "gad_policy_field_following", Help: "1 where this process follows the positions for the policies; one process does.",
		}),
	}
	r.MustRegister(m.said, m.late, m.following)
	return m
}

// ObserveObservation implements policies.CampoObserver.
func (m fieldMetrics) ObserveObservation(kind, outcome string) {
	m.said.WithLabelValues(kind, outcome).Inc()
}

// ObserveBatch implements policies.CampoObserver.
func (m fieldMetrics) ObserveBatch(late time.Duration) { m.late.Observe(max(0, late.Seconds())) }

// Following implements policies.CampoObserver.
func (m fieldMetrics) Following(yes bool) {
	m.following.Set(0)
	if yes {
		m.following.Set(1)
	}
}

// campo gives the policies what they ask of the read models and of their memory.
type campo struct {
	reads  readers
	memory *politicas.Campo
}

// Zonas implements policies.Lugares.
func (c campo) Zonas(ctx context.Context) ([]policies.Zona, error) {
	drawn, err := c.reads.mapa.Dibujadas(ctx)
	zonas := make([]policies.Zona, len(drawn))
	for i, z := range drawn {
		zonas[i] = policies.Zona(z)
	}
	return zonas, err
}

// Tarea implements policies.Lugares.
func (c campo) Tarea(ctx context.Context, id ident.Tarea) (geo.Punto, bool, error) {
	t, err := c.reads.tareas.Get(ctx, projections.System, string(id))
	if fault.KindOf(err) == fault.NotFound {
		return geo.Punto{}, false, nil // the read model will know it by the next fix
	}
	if err != nil || t.Ubicacion == nil {
		return geo.Punto{}, false, err
	}
	return geo.Punto{Lat: t.Ubicacion.Lat, Lon: t.Ubicacion.Lon}, true, nil
}

// Presentes implements policies.Lugares.
func (c campo) Presentes(ctx context.Context) (map[ident.Zona]int, error) {
	return c.reads.mapa.Presentes(ctx)
}

// Callados implements policies.Lugares.
func (c campo) Callados(ctx context.Context) ([]ident.Efectivo, error) {
	return c.reads.mapa.Callados(ctx)
}

// Hold implements policies.Memoria.
func (c campo) Hold(ctx context.Context) (bool, error) { return c.memory.Hold(ctx) }

// Release implements policies.Memoria.
func (c campo) Release(ctx context.Context) error { return c.memory.Release(ctx) }

// Load implements policies.Memoria.
func (c campo) Load(ctx context.Context) (eventstore.Batch, map[string][]byte, error) {
	batch, pieces, err := c.memory.Load(ctx)
	return eventstore.Batch(batch), pieces, err
}

// Save implements policies.Memoria.
func (c campo) Save(ctx context.Context, from, to eventstore.Batch, pieces map[string][]byte) error {
	err := c.memory.Save(ctx, int64(from), int64(to), pieces)
	if errors.Is(err, politicas.ErrMovido) {
		return policies.ErrMovido
	}
	return err
}
