package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"

	"github.com/grupo-gad/gad/api/rest"
	"github.com/grupo-gad/gad/api/web"
	"github.com/grupo-gad/gad/domain/auditoria"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore/jetstream"
	"github.com/grupo-gad/gad/ops/config"
	"github.com/grupo-gad/gad/ops/obs"
)

// startHTTP listens for people (roles api and live) and for operators (always).
func (s *system) startHTTP(ctx context.Context, roles *errgroup.Group, conn *nats.Conn, facts *jetstream.Consumer, ready chan<- addresses) error {
	listen := net.ListenConfig{}
	opsListener, err := listen.Listen(ctx, "tcp", s.settings.OpsAddr)
	if err != nil {
		return fmt.Errorf("escuchar en GAD_OPS_ADDR: %w", err)
	}
	ops := newServer(obs.OpsHandler(s.metrics, s.health))
	ops.WriteTimeout = 0 // a CPU profile takes as long as it was asked to
	roles.Go(func() error { return serveHTTP(ctx, opsListener, ops, time.Second) })

	at := addresses{ops: "http://" + opsListener.Addr().String()}
	if s.settings.Has("api") || s.settings.Has("live") {
		listener, err := listen.Listen(ctx, "tcp", s.settings.HTTPAddr)
		if err != nil {
			return fmt.Errorf("escuchar en GAD_HTTP_ADDR: %w", err)
		}
		at.http = "http://" + listener.Addr().String()
		handler, err := s.publicHandler(ctx, roles, conn, facts, at.http)
		if err != nil {
			return err
		}
		roles.Go(func() error { return serveHTTP(ctx, listener, newServer(handler), s.settings.ShutdownGrace) })
	}
	if ready != nil {
		ready <- at
	}
	return nil
}

// publicHandler is everything under the public address.
func (s *system) publicHandler(ctx context.Context, roles *errgroup.Group, conn *nats.Conn, facts *jetstream.Consumer, self string) (http.Handler, error) {
	deps := rest.Deps{
		Orders: s.dispatcher, Log: s.store, Intake: s.intake, Texts: s.vault, Waiter: s.reads.waiter,
		Tareas: s.reads.tareas, Efectivos: s.reads.efectivos, Mapa: s.reads.mapa, Tablero: s.reads.tablero, Usuarios: s.reads.usuarios, Licencias: s.reads.licencias,
		Estadisticas: s.reads.estadisticas, Cache: s.reads.cache, Projections: s.runner, Rebuilds: s.rebuilds,
		Aprobaciones: s.reads.aprobaciones, Alarmas: s.reads.alarmas, Marcas: s.reads.marcas, Skipper: skipper{s}, Exporter: s.store, Eraser: eraser{s},
		Contents: s.contents,
		Door:     s.door, Links: s.mailbox,
		Health: s.health, Observer: newRequestMetrics(s.metrics), Limiter: restLimiter{s.limiter},
		Fingerprints: s.fingerprints, Now: time.Now, Logger: s.log, Settings: restSettings(s.settings, s.zone),
		Ajustes: shownSettings(s.settings),
	}
	if s.settings.Has("api") {
		deps.Recomendador = s.everybody
	}
	if s.settings.Has("live") {
		hub, err := s.newHub(conn, facts, self)
		if err != nil {
			return nil, err
		}
		deps.Live = hub
		roles.Go(func() error { return hub.Run(ctx) })
	}
	api, err := rest.New(deps)
	if err != nil {
		return nil, err
	}
	e := api.NewEcho()
	api.Register(e)
	if s.settings.Has("api") {
		web.Register(e)
	}
	s.public = e
	return e, s.mountWebhook(e)
}

// helpful is how long an order waits for what helps it and is not needed, as who should go: the rest
// of what a request may take is for the order itself.
func helpful(c config.Config) time.Duration { return c.HandlerTimeout / 10 }

func restSettings(c config.Config, zone *time.Location) rest.Settings {
	r := rest.Settings{Zone: zone, ApprovalTTL: c.ApprovalTTL, LiveOnly: !c.Has("api"), Production: c.Env == "production", CORSOrigins: c.CORSOrigins, Hosts: c.Hosts, PublicURL: c.PublicURL, Limits: restLimits(c), HandlerTimeout: c.HandlerTimeout}
	r.Lecturas = auditoria.Limite{Tope: c.AlarmReads.Limit, Lapso: c.AlarmReads.Per}
	r.Criterios = tarea.Criterios{
		RadioM: c.EmergenciaRadio, AntiguedadMaxS: c.EmergenciaAntiguedad.Seconds(), VelocidadMPS: c.EmergenciaVelocidad,
		PlazoS: c.EmergenciaPlazo.Seconds(),
	}
	r.Recomendar, r.Situar = helpful(c), helpful(c)
	r.Attachments = rest.Attachments{MaxBytes: c.BlobMaxBytes, Types: c.BlobTypes}
	r.AliasesUntil, _ = time.Parse(time.DateOnly, c.AliasesUntil) // checked when the settings were read; empty says nothing
	for _, p := range c.TrustedProxies {
		if prefix, err := netip.ParsePrefix(p); err == nil { // checked when the settings were read
			r.TrustedProxies = append(r.TrustedProxies, prefix)
		}
	}
	return r
}

// newServer bounds how long anybody may take over anything. Sockets are out of
// its hands once they are upgraded.
func newServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second,
		WriteTimeout: 30 * time.Second, IdleTimeout: 60 * time.Second, MaxHeaderBytes: rest.ServerHeaderBytes,
	}
}

// derive makes a key for one purpose. The secret behind it is in the vault: the same in every
// process, and still the same after the key-encryption key was renewed.
func (s *system) derive(purpose string) []byte {
	mac := hmac.New(sha256.New, s.secret)
	mac.Write([]byte(purpose))
	return mac.Sum(nil)
}
