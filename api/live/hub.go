package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/grupo-gad/gad/api/problem"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/eventstore"
)

// Hub serves the sessions of one process. It is an http.Handler for /ws; Run
// feeds it.
type Hub struct {
	deps    Deps
	limits  Limits
	log     *slog.Logger
	metrics *metrics
	strip   stripper
	census  *census
	units   *units
	sockets *sockets
	now     func() time.Time

	ready                chan struct{} // closed when the Hub knows where the log is
	lagging              atomic.Bool   // the log cannot be followed now
	slowCloses, deferred atomic.Int64
	running              sync.WaitGroup
	asking               chan struct{} // room for questions about sessions

	deliveries *deliveries

	roster *roster // owned by the goroutine that follows facts

	mu       sync.Mutex
	head     eventstore.Position // facts up to here are in the ring; guarded by mu, like all below
	ring     *ring
	sessions map[*session]struct{}
	closing  bool
}

// New returns a Hub. Facts, Log, Verifier and Catalog are required.
func New(d Deps) (*Hub, error) {
	if d.Facts == nil || d.Log == nil || d.Verifier == nil || d.Catalog == nil {
		return nil, errors.New("live layer needs facts, log, verifier and catalogue")
	}
	for _, a := range Accesos() {
		if err := a.Declarado(); err != nil {
			return nil, err
		}
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	if d.Epoch == "" {
		d.Epoch = "1"
	}
	if d.ClientAddr == nil {
		d.ClientAddr = func(r *http.Request) string { return r.RemoteAddr }
	}
	h := &Hub{
		deps: d, limits: d.Limits.withDefaults(), log: d.Logger, metrics: newMetrics(d.Registry),
		strip: newStripper(d.Catalog.Definitions()), units: newUnits(), now: time.Now,
		ready: make(chan struct{}), roster: newRoster(d.Log), sessions: map[*session]struct{}{},
		asking: make(chan struct{}, askers), deliveries: newDeliveries(),
	}
	h.census = newCensus(h.limits)
	h.sockets = newSockets(h.limits, socketHandlers{
		refused: h.turnAway,
		opened:  h.opened,
		message: func(s any, frame []byte, binary bool) { s.(*session).receive(frame, binary) },
		sent:    func(s any) { s.(*session).out.sent() },
		pinged: func(s any) {
			if x := s.(*session); !x.inbound.take(h.now(), h.limits.Rate, h.limits.Burst) {
				x.finish(CloseFlood, "demasiados mensajes")
			}
		},
		closed: func(s any) { h.closed(s.(*session)) },
	})
	return h, nil
}

// Run follows facts and positions until ctx ends. It then says goodbye to every
// session, each with a moment of its own to come back (1012), waits until they
// are gone, and returns the error of ctx.
func (h *Hub) Run(ctx context.Context) error {
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	g, work := errgroup.WithContext(work)
	g.Go(func() error { return h.followFacts(work) })
	g.Go(func() error { h.tick(work); return nil })
	g.Go(func() error { h.keep(work); return nil })
	if h.deps.Positions != nil {
		g.Go(func() error { h.followPositions(work); return nil })
	}
	if h.deps.Deliveries != nil {
		g.Go(func() error { h.deliveries.record(work, h.log, h.deps.Deliveries); return nil })
	}
	<-ctx.Done()
	h.goodbye()
	h.sockets.open.Wait()
	h.running.Wait()
	stop()
	_ = g.Wait() // its errors are ends of work
	return ctx.Err()
}

func (h *Hub) goodbye() {
	h.mu.Lock()
	h.closing = true
	h.mu.Unlock()
	sessions, _ := h.present()
	for _, s := range sessions {
		wait := rand.Int64N(int64(h.limits.ReconnectSpread/time.Millisecond) + 1) //nolint:gosec // spreads clients, guards nothing
		s.finish(CloseRestart, fmt.Sprintf(`{"reconnect_ms":%d}`, wait))
	}
}

// ServeHTTP upgrades a request. Strangers are refused before: a browser must
// come from an allowed origin, and whoever sends no Origin is not a browser.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if origins, sent := r.Header["Origin"]; sent && (len(origins) != 1 || !slices.Contains(h.deps.Origins, origins[0])) {
		h.metrics.refused.Inc()
		h.turnAway(w, r, problem.ErrOrigen)
		return
	}
	h.mu.Lock()
	closing := h.closing
	if !closing {
		h.sockets.open.Add(1) // under the lock, so that goodbye waits for it
	}
	h.mu.Unlock()
	if closing {
		w.Header().Set("Retry-After", "2")
		h.turnAway(w, r, errDeteniendo)
		return
	}
	defer h.sockets.open.Done()
	r = r.WithContext(context.WithValue(r.Context(), originChecked{}, true))
	if err := h.sockets.serve(w, r); err != nil {
		// The upgrader has answered already; it is the client's mistake.
		h.log.DebugContext(r.Context(), "upgrade refused", slog.Any("error", err))
	}
}

var errDeteniendo = fault.New(fault.Unavailable, "deteniendose", "el servidor se está deteniendo; hay que volver a conectarse")

// turnAway answers a request that gets no socket, as REST would.
func (h *Hub) turnAway(w http.ResponseWriter, r *http.Request, err error) {
	p := problem.From(err, w.Header().Get("X-Request-Id"), false)
	w.Header().Set("Content-Type", problem.ContentType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	if err := json.NewEncoder(w).Encode(p); err != nil {
		h.log.DebugContext(r.Context(), "refusal not written", slog.Any("error", err))
	}
}

// opened makes the session of a new socket.
func (h *Hub) opened(r *http.Request, l link, name string) any {
	s := &session{
		id: uuid.NewString(), hub: h, out: newOutbox(l, h.limits), block: block(h.deps.ClientAddr(r)), since: h.now(),
	}
	// The request's context is cancelled when the handler returns, which is when
	// the session is over; its values are of no use here.
	s.ctx, s.end = context.WithCancel(context.WithoutCancel(r.Context()))
	if name == ProtocolCBOR {
		s.proto = asCBOR
	}
	h.mu.Lock()
	h.sessions[s] = struct{}{}
	closing := h.closing
	h.mu.Unlock()
	h.metrics.sessions.Inc()
	switch {
	case !h.census.enter(s.block):
		s.finish(CloseFull, "demasiadas conexiones")
	case closing:
		s.finish(CloseRestart, `{"reconnect_ms":1000}`)
	}
	return s
}

func (h *Hub) closed(s *session) {
	s.end()
	s.out.abandon()
	h.mu.Lock()
	delete(h.sessions, s)
	h.mu.Unlock()
	s.mu.Lock()
	s.phase = over
	counted, user := s.counted, s.who.Autor.Usuario
	s.mu.Unlock()
	h.census.leave(s.block)
	if counted {
		h.census.logout(user)
	}
	h.metrics.sessions.Dec()
}

// followFacts feeds the ring and the sessions, for ever.
func (h *Hub) followFacts(ctx context.Context) error {
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval = 50*time.Millisecond, 2*time.Second
	for {
		err := h.followOnce(ctx, pause.Reset)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !h.lagging.Swap(true) {
			h.log.WarnContext(ctx, "live layer cannot follow the log", slog.Any("error", err))
		}
		select {
		case <-time.After(pause.NextBackOff()):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (h *Hub) followOnce(ctx context.Context, healthy func()) error {
	select {
	case <-h.ready:
	default:
		head, err := h.deps.Log.Head(ctx)
		if err != nil {
			return fmt.Errorf("find the head of the log: %w", err)
		}
		h.mu.Lock()
		h.head, h.ring = head, newRing(h.limits.Ring, head)
		h.mu.Unlock()
		close(h.ready)
	}
	at := h.position()
	h.lagging.Store(false)
	for batch, err := range h.deps.Facts.Follow(ctx, at) {
		if err != nil {
			return fmt.Errorf("follow facts after %d: %w", at, err)
		}
		h.lagging.Store(false)
		healthy()
		for i := range batch {
			if batch[i].Position <= at {
				continue
			}
			if batch[i].Position != at+1 {
				return fmt.Errorf("facts jump from %d to %d", at, batch[i].Position)
			}
			e, err := h.entry(ctx, h.roster, &batch[i])
			if err != nil {
				return err
			}
			at = e.position
			h.publish(e, efectivoOf(batch[i].Stream))
		}
	}
	return ctx.Err()
}

// entry folds a fact into a roster and prepares its frame. Repeating it after an
// error is harmless: an object is remembered only once its past was read.
func (h *Hub) entry(ctx context.Context, r *roster, rec *eventstore.Recorded) (*entry, error) {
	if rec.Event == nil && rec.Err == nil {
		// It came by JetStream, undecoded.
		rec.Event, rec.Err = h.decode(rec)
	}
	a, alert, err := r.apply(ctx, rec)
	if err != nil {
		return nil, err
	}
	if alert == nil {
		alert = emptyOf(rec)
	}
	return newEntry(rec, a, alert, h.strip)
}

// publish puts a fact into the ring and offers it to every level session.
func (h *Hub) publish(e *entry, who efectivoID) {
	if p := h.roster.efectivos[who]; who != "" && p != nil {
		h.units.describe(who, p)
	}
	if id := e.audience.tarea; e.audience.aggregate == "tarea" {
		if f := h.roster.tareas[id]; f != nil {
			h.units.bind(id, f)
		} else if f := h.roster.cerradas[id]; f != nil {
			h.units.bind(id, f)
		}
	}
	var slow []*session
	h.mu.Lock()
	h.ring.add(e)
	h.head = e.position
	for s := range h.sessions {
		s.mu.Lock()
		if s.phase == level && !s.offerLocked(e) {
			slow = append(slow, s)
		}
		s.mu.Unlock()
	}
	h.mu.Unlock()
	h.metrics.position.Set(float64(e.position))
	h.metrics.delay.Observe(max(0, h.now().Sub(e.at).Seconds()))
	for _, s := range slow {
		s.finish(CloseSlow, "lento")
	}
}

func (h *Hub) position() eventstore.Position {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.head
}

// Position returns the log position up to which facts were offered.
func (h *Hub) Position() eventstore.Position { return h.position() }

func (h *Hub) awaitReady(ctx context.Context) bool {
	patience := time.NewTimer(h.limits.Log)
	defer patience.Stop()
	select {
	case <-h.ready:
		return true
	case <-ctx.Done():
	case <-patience.C:
	}
	return false
}

func (h *Hub) stale() bool { return h.lagging.Load() }

func (h *Hub) broken(ctx context.Context, err error) {
	if ctx.Err() == nil {
		h.log.ErrorContext(ctx, "live session", slog.Any("error", err))
	}
}
