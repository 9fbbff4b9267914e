package live

import (
	"context"
	"sync"
	"time"

	"github.com/grupo-gad/gad/eventstore"
)

// phase is where a session is in its life.
type phase uint8

const (
	greeting phase = iota // waits for hello
	catching              // is brought level with the Hub
	level                 // is offered every fact as it comes
	over
)

// session is one connection.
type session struct {
	id    string
	hub   *Hub
	proto protocol
	out   *outbox
	block string
	since time.Time
	ctx   context.Context //nolint:containedctx // ends with the connection; the resume works under it
	end   context.CancelFunc

	inbound bucket // owned by the reader

	mu       sync.Mutex
	phase    phase // guarded by mu, like all below
	who      Identity
	counted  bool   // among the connections of who
	token    string // verified again while the session lives; "" after a ticket
	words    []string
	topics   topics
	view     *view
	position eventstore.Position // every fact up to here was offered
	prev     eventstore.Position // the last position sent in an event, or the welcome's
	seen     uint64              // number of the last change of units that was sent
	alerts   []sentAlert         // not acknowledged
	pinged   time.Time           // the ping that waits for its pong, or zero
	nextPing time.Time
	checked  time.Time // when the token and its session were last verified
	checking bool      // somebody asks right now
}

type sentAlert struct {
	position eventstore.Position
	frame    []byte
	id       string // of a call for help, whose deliveries are recorded; "" for others
	asked    bool   // a ping was sent after it: its pong says that it was read
}

// maxAlerts bounds what is repeated to somebody who never acknowledges.
const maxAlerts = 100

// finish ends the session with a code.
func (s *session) finish(code int, reason string) {
	if s.out.finish(code, reason) {
		s.hub.metrics.closes.WithLabelValues(codeName(code)).Inc()
		if code == CloseSlow {
			s.hub.slowCloses.Add(1)
		}
	}
	s.end()
}

// offer gives a fact to the session: it is sent when the session may see it and
// asked for it. The caller holds no lock of the session; facts are offered in
// log order, and one that was offered before is ignored.
func (s *session) offer(e *entry) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.offerLocked(e)
}

func (s *session) offerLocked(e *entry) bool {
	if s.phase == over || e.position <= s.position {
		return true
	}
	s.position = e.position
	visible := e.audience.visible(s.who.Autor)
	if e.alert != nil && s.topics.alertas && e.alert.reaches(s.who.Autor, visible) && !s.alertLocked(e) {
		return false
	}
	if !visible {
		return true
	}
	if !s.topics.wants(&e.audience, s.topics.yo && e.audience.concerns(s.who.Autor)) {
		return true
	}
	frame, err := e.frame(s.proto, s.prev)
	if err != nil {
		s.hub.broken(s.ctx, err)
		return false
	}
	if !s.out.fact(frame) {
		return false
	}
	s.hub.metrics.events.Inc()
	s.prev = e.position
	return true
}

func (s *session) alertLocked(e *entry) bool {
	frame, err := e.alertBytes(s.proto, s.hub.now().UTC())
	if err != nil {
		s.hub.broken(s.ctx, err)
		return false
	}
	if len(s.alerts) == maxAlerts {
		s.alerts = s.alerts[1:]
	}
	sent := sentAlert{position: e.position, frame: frame}
	if e.alert.forAll() {
		sent.id = e.alert.ID
		s.nextPing = time.Time{} // whether it was read is asked at once
	}
	s.alerts = append(s.alerts, sent)
	return s.out.urgent(frame)
}

// ponged hears that everything sent before the last ping was read.
func (s *session) ponged() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pinged = time.Time{}
	for i := range s.alerts {
		if s.alerts[i].asked {
			s.deliveredLocked(&s.alerts[i])
		}
	}
}

// deliveredLocked has the delivery of a call for help recorded, once.
func (s *session) deliveredLocked(a *sentAlert) {
	if a.id != "" && s.hub.deps.Deliveries != nil {
		s.hub.deliveries.add(delivery{a.id, s.who.Autor.Usuario})
	}
	a.id = ""
}

// acknowledge forgets the alerts up to a position.
func (s *session) acknowledge(upTo eventstore.Position) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.alerts) > 0 && s.alerts[0].position <= upTo {
		s.deliveredLocked(&s.alerts[0])
		s.alerts = s.alerts[1:]
	}
}

// say queues a control frame.
func (s *session) say(frame any) {
	out, err := s.proto.encode(frame)
	if err != nil {
		s.hub.broken(s.ctx, err)
		s.finish(CloseResync, "interno")
		return
	}
	if !s.out.urgent(out) {
		s.finish(CloseSlow, "lento")
	}
}

// keep looks after the session's times: greeting, expiry, heartbeat, and whether
// its token is still good. It runs once a second at most.
func (s *session) keep(now time.Time) {
	s.mu.Lock()
	l := s.hub.limits
	switch {
	case s.phase == over:
		s.mu.Unlock()
		return
	case s.phase == greeting:
		s.mu.Unlock()
		if now.Sub(s.since) >= l.Hello {
			s.finish(CloseAuth, "falta el saludo")
		}
		return
	case !s.who.Exp.IsZero() && now.After(s.who.Exp):
		s.mu.Unlock()
		s.finish(CloseAuth, "venció el token")
		return
	case !s.pinged.IsZero() && now.Sub(s.pinged) >= l.Pong:
		s.mu.Unlock()
		s.finish(CloseSilent, "sin respuesta")
		return
	}
	slow := false
	if s.phase == level && s.pinged.IsZero() && !now.Before(s.nextPing) {
		// In the lane of the facts: whoever reads a ping has read every fact before it.
		frame, err := s.proto.encode(pingFrame{Type: "ping", Position: s.position, Time: now.UTC(), Stale: s.hub.stale()})
		slow = err != nil || !s.out.fact(frame)
		s.pinged, s.nextPing = now, now.Add(l.Heartbeat)
		for i, a := range s.alerts {
			s.alerts[i].asked = true
			slow = slow || !s.out.urgent(a.frame)
		}
	}
	token, before := s.token, s.who
	check := !s.checking && now.Sub(s.checked) >= l.Recheck
	if check {
		s.checked, s.checking = now, true
	}
	s.mu.Unlock()
	if slow {
		s.finish(CloseSlow, "lento")
		return
	}
	if check {
		// A database that does not answer must not hold up the heartbeats.
		s.hub.running.Go(func() {
			s.recheck(token, before)
			s.mu.Lock()
			s.checking = false
			s.mu.Unlock()
		})
	}
}

// recheck asks again whether a token is good, and for whom. After a ticket only
// its session can be asked about.
func (s *session) recheck(token string, before Identity) {
	who, err := before, error(nil)
	if token == "" {
		err = s.hub.alive(s.ctx, before)
	} else {
		who, err = s.hub.verify(s.ctx, token)
	}
	switch {
	case unauthorized(err):
		s.finish(CloseAuth, "la sesión ya no vale")
	case err != nil:
		// Who answers for tokens is away: the token was good and has not expired.
	case !igual(who.Autor, before.Autor):
		s.become(who, token)
	}
}

// become takes a newer identity of the same Usuario.
func (s *session) become(who Identity, token string) {
	s.mu.Lock()
	same := who.Autor.Usuario == s.who.Autor.Usuario
	err := allowed(s.words, who.Autor)
	if same && err == nil {
		if !igual(who.Autor, s.who.Autor) {
			s.seen = 0 // what he may see on the map has changed
		}
		s.who, s.token, s.checked = who, token, s.hub.now()
	}
	s.mu.Unlock()
	if !same || err != nil {
		s.finish(CloseForbidden, "ya no está permitido")
	}
}
