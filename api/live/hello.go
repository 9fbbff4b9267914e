package live

import (
	"errors"
	"slices"

	"github.com/grupo-gad/gad/domain/fault"
)

var errHola = fault.New(fault.Unauthorized, "saludo_invalido", "hay que saludar con un token o un ticket")

func unauthorized(err error) bool {
	k := fault.KindOf(err)
	return err != nil && (k == fault.Unauthorized || k == fault.Forbidden)
}

// receive handles one frame of the client, in the reader's goroutine.
func (s *session) receive(frame []byte, binary bool) {
	now := s.hub.now()
	if !s.inbound.take(now, s.hub.limits.Rate, s.hub.limits.Burst) {
		s.finish(CloseFlood, "demasiados mensajes")
		return
	}
	if len(frame) > s.hub.limits.Inbound {
		s.finish(CloseTooBig, "mensaje demasiado grande")
		return
	}
	if binary != (s.proto == asCBOR) {
		s.refuse("marco_invalido", "el marco no está en el formato acordado")
		return
	}
	in, err := s.proto.parse(frame)
	if err != nil {
		s.refuse("marco_invalido", "el marco no se puede interpretar")
		return
	}
	s.mu.Lock()
	phase := s.phase
	s.mu.Unlock()
	if phase == over {
		return
	}
	if phase == greeting && in.Type != "hello" {
		s.finish(CloseAuth, "falta el saludo")
		return
	}
	switch in.Type {
	case "hello":
		if phase != greeting {
			s.refuse("saludo_repetido", "la sesión ya empezó")
			return
		}
		s.hello(in)
	case "subscribe":
		s.subscribe(in.Topics, true)
	case "unsubscribe":
		s.subscribe(in.Topics, false)
	case "view":
		s.look(in)
	case "refresh":
		s.refresh(in.Token)
	case "pong":
		s.ponged()
	case "ack":
		if in.Position != nil {
			s.acknowledge(*in.Position)
		}
	default:
		s.refuse("tipo_desconocido", "ese tipo de marco no existe")
	}
}

// refuse answers a frame that changes nothing.
func (s *session) refuse(code, detail string) {
	s.say(errorFrame{Type: "error", Code: code, Detail: detail, Time: s.hub.now().UTC()})
}

func (s *session) refuseFault(err error) {
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Kind != fault.Internal {
		s.refuse(f.Code, f.Message)
		return
	}
	s.refuse("interno", "algo falló de nuestro lado")
}

func (s *session) hello(in inbound) {
	who, err := s.identify(in)
	switch {
	case unauthorized(err):
		s.refuseFault(err)
		s.farewell(CloseAuth, "no se puede identificar")
		return
	case err != nil:
		s.hub.broken(s.ctx, err)
		s.farewell(CloseFull, "pruebe más tarde")
		return
	}
	if len(in.Topics) > maxTopics {
		s.refuseFault(errTemas)
		s.farewell(CloseForbidden, "demasiados temas")
		return
	}
	t, err := parseTopics(in.Topics)
	if err == nil {
		err = allowed(in.Topics, who.Autor)
	}
	if err == nil && in.View != nil && !in.View.BBox.valid() {
		err = errVista
	}
	if err != nil {
		s.refuseFault(err)
		s.farewell(CloseForbidden, "no permitido")
		return
	}
	if admit := s.hub.deps.Admit; admit != nil && !admit(s.ctx, who.Autor.Usuario) {
		s.farewell(CloseFull, "demasiadas conexiones seguidas de este usuario")
		return
	}
	if !s.hub.census.login(who.Autor.Usuario) {
		s.farewell(CloseFull, "demasiadas conexiones de este usuario")
		return
	}
	now := s.hub.now()
	s.mu.Lock()
	if s.phase == over {
		s.mu.Unlock()
		s.hub.census.logout(who.Autor.Usuario)
		return
	}
	s.phase, s.who, s.counted, s.token = catching, who, true, in.Token
	s.words, s.topics, s.view = slices.Clone(in.Topics), t, in.View
	s.checked, s.nextPing = now, now.Add(s.hub.limits.Heartbeat)
	s.mu.Unlock()
	s.hub.running.Go(func() { s.start(in.Epoch, in.Position) })
}

// farewell lets the frames that explain leave before the close code.
func (s *session) farewell(code int, reason string) {
	s.mu.Lock()
	s.phase = over
	s.mu.Unlock()
	s.hub.running.Go(func() {
		s.out.drained(s.ctx)
		s.finish(code, reason)
	})
}

func (s *session) identify(in inbound) (Identity, error) {
	switch {
	case in.Token != "" && in.Ticket == "":
		return s.hub.verify(s.ctx, in.Token)
	case in.Ticket != "" && in.Token == "" && s.hub.deps.Tickets != nil:
		who, err := s.hub.deps.Tickets.take(in.Ticket)
		if err == nil {
			err = s.hub.alive(s.ctx, who)
		}
		return who, err
	}
	return Identity{}, errHola
}

func (s *session) subscribe(words []string, on bool) {
	s.mu.Lock()
	next := slices.DeleteFunc(slices.Clone(s.words), func(w string) bool { return slices.Contains(words, w) })
	if on {
		next = append(next, words...)
	}
	t, err := parseTopics(next)
	if err == nil && len(next) > maxTopics {
		err = errTemas
	}
	if err == nil {
		err = allowed(next, s.who.Autor)
	}
	if err == nil {
		s.words, s.topics = next, t
	}
	s.mu.Unlock()
	if err != nil {
		s.refuseFault(err)
	}
}

var errVista = fault.New(fault.Invalid, "vista_invalida", "la vista lleva oeste, sur, este y norte en grados")

func (s *session) look(in inbound) {
	v := in.View
	if v == nil && in.BBox != nil {
		v = &view{BBox: *in.BBox}
		if in.Zoom != nil {
			v.Zoom = *in.Zoom
		}
	}
	if v == nil || !v.BBox.valid() {
		s.refuseFault(errVista)
		return
	}
	s.mu.Lock()
	s.view, s.seen = v, 0 // everything inside is news
	s.mu.Unlock()
}

func (s *session) refresh(token string) {
	who, err := s.hub.verify(s.ctx, token)
	if unauthorized(err) {
		s.finish(CloseAuth, "el token no vale")
		return
	}
	if err != nil {
		s.refuseFault(err)
		return
	}
	s.become(who, token)
}
