package live

import (
	"context"
	"fmt"

	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/efectivos"
	"github.com/grupo-gad/gad/projections/tareas"
)

// start welcomes a session and brings it level with the Hub.
func (s *session) start(epoch string, after *eventstore.Position) {
	if !s.hub.awaitReady(s.ctx) {
		s.finish(CloseFull, "todavía no")
		return
	}
	var err error
	switch how := s.hub.wayBack(s.ctx, epoch, after); how {
	case resumedDeltas, resumedLog:
		s.place(*after, how)
		s.say(s.welcome(how))
	case resumedSnapshot:
		err = s.snapshot()
	}
	if err == nil {
		err = s.catchUp()
	}
	switch {
	case s.ctx.Err() != nil:
	case err == errSlow: //nolint:errorlint // our own, never wrapped
		s.finish(CloseSlow, "lento")
	case err != nil:
		s.hub.broken(s.ctx, err)
		s.say(resyncFrame{Type: "resync", Reason: "no se pudo leer el registro", Time: s.hub.now().UTC()})
		s.farewell(CloseResync, "no se pudo leer el registro")
	}
}

// The ways back.
const (
	resumedDeltas   = "deltas"
	resumedLog      = "log"
	resumedSnapshot = "snapshot"
)

// wayBack decides how a client that knows the log up to a position goes on.
func (h *Hub) wayBack(ctx context.Context, epoch string, after *eventstore.Position) string {
	if after == nil || epoch != h.deps.Epoch || *after < 0 {
		return resumedSnapshot
	}
	h.mu.Lock()
	head, inRing := h.head, h.ring.holds(*after)
	h.mu.Unlock()
	switch {
	case *after > head:
		// This node may be behind the one the client comes from. A position that
		// the log has not reached is from another history.
		if top, err := h.deps.Log.Head(ctx); err != nil || *after > top {
			return resumedSnapshot
		}
		return resumedDeltas
	case inRing:
		return resumedDeltas
	case int64(head-*after) <= h.limits.LogGap:
		return resumedLog
	}
	return resumedSnapshot
}

func (s *session) place(at eventstore.Position, _ string) {
	s.mu.Lock()
	s.position, s.prev = at, at
	s.mu.Unlock()
}

func (s *session) welcome(how string) welcomeFrame {
	s.mu.Lock()
	defer s.mu.Unlock()
	return welcomeFrame{
		Type: "welcome", Session: s.id, Epoch: s.hub.deps.Epoch, Position: s.position, Resumed: how,
		HeartbeatS: s.hub.limits.Heartbeat.Seconds(), Time: s.hub.now().UTC(),
	}
}

// errSlow: the client does not read what it asked for.
var errSlow = fmt.Errorf("client is too slow")

// window is how many facts a session is given between two looks at its lanes. It
// is at most half of what a lane holds.
func (h *Hub) window() int { return max(1, min(256, h.limits.QueueFrames/2)) }

// catchUp offers what the session has missed, from the ring or from the log,
// until it is level with the Hub and is offered facts as they come.
func (s *session) catchUp() error {
	var past *roster // whom old facts concerned, as of then
	for {
		if !s.out.roomy(s.ctx) {
			return errSlow
		}
		s.mu.Lock()
		at := s.position
		s.mu.Unlock()
		entries, there := s.hub.after(s, at)
		switch {
		case there && entries == nil:
			return nil
		case there:
		default:
			if past == nil {
				past = newRoster(s.hub.deps.Log)
			}
			var err error
			if entries, err = s.hub.readPast(s.ctx, past, at); err != nil {
				return err
			}
		}
		for _, e := range entries {
			if !s.offer(e) {
				return errSlow
			}
		}
	}
}

// after returns facts in the ring after a position. With none to return it makes
// the session level, under the lock under which facts are offered, so that
// nothing falls between. false: the ring does not reach back so far.
func (h *Hub) after(s *session, at eventstore.Position) ([]*entry, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if at >= h.head {
		s.mu.Lock()
		if s.phase == catching {
			s.phase = level
		}
		s.mu.Unlock()
		return nil, true
	}
	if !h.ring.holds(at) {
		return nil, false
	}
	return h.ring.after(at, h.window()), true
}

// readPast reads facts from the log and folds them for whoever asks.
func (h *Hub) readPast(ctx context.Context, r *roster, at eventstore.Position) ([]*entry, error) {
	recorded, err := h.deps.Log.ReadLog(ctx, at, h.window())
	if err != nil {
		return nil, fmt.Errorf("read the log after %d: %w", at, err)
	}
	if len(recorded) == 0 {
		return nil, fmt.Errorf("the log ends at %d, before this node", at)
	}
	entries := make([]*entry, len(recorded))
	for i := range recorded {
		if entries[i], err = h.entry(ctx, r, &recorded[i]); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// snapshot sends the state as of a position that is read before the data: what
// is newer in it will come again as events, and the newer one wins.
func (s *session) snapshot() error {
	at := s.hub.position()
	s.mu.Lock()
	who, view, t := s.who.Autor, s.view, s.topics
	s.mu.Unlock()

	items, lowest, err := s.rows(who, &t, at)
	if err != nil {
		return err
	}
	if int64(at-lowest) > s.hub.limits.LogGap {
		// The read models are far behind: replaying all that from the log to every
		// client would keep them behind. He is told, and reads them by REST.
		s.refuse("instantanea_parcial", "los datos de lectura están atrasados; hay que leerlos por REST")
		items, lowest = nil, at
	}
	at = lowest
	if look, ok := s.lookout(who, view); ok {
		places, seen := s.hub.units.since(0, look)
		for _, p := range places {
			items = append(items, p)
		}
		s.mu.Lock()
		if s.view == view {
			s.seen = seen
		}
		s.mu.Unlock()
	}
	s.place(at, resumedSnapshot)
	s.say(s.welcome(resumedSnapshot))
	size := s.hub.limits.SnapshotPage
	for page := 1; ; page++ {
		n := min(size, len(items))
		frame := snapshotFrame{
			Type: "snapshot", Position: at, Items: items[:n:n], Page: page, Last: n == len(items), Time: s.hub.now().UTC(),
		}
		if frame.Items == nil {
			frame.Items = []any{}
		}
		items = items[n:]
		out, err := s.proto.encode(frame)
		if err != nil {
			return err
		}
		if !s.out.roomy(s.ctx) || !s.out.fact(out) {
			return errSlow
		}
		if frame.Last {
			return nil
		}
	}
}

// The rows of a snapshot name their kind, beside items that are positions.
type (
	tareaItem struct {
		Tarea tareas.Tarea `json:"tarea"`
	}
	fichaItem struct {
		Ficha efectivos.Efectivo `json:"ficha"`
	}
)

// rows reads what the topics cover, and the position that it is true of.
func (s *session) rows(who permiso.Autor, t *topics, at eventstore.Position) (items []any, lowest eventstore.Position, err error) {
	lowest = at
	from := s.hub.deps.Snapshots
	if from == nil {
		return nil, lowest, nil
	}
	if t.tareas || t.yo || len(t.una)+len(t.zonas) > 0 {
		rows, of, err := s.tareas(from, who)
		if err != nil {
			return nil, 0, fmt.Errorf("read tareas for a snapshot: %w", err)
		}
		items, lowest = append(items, rows...), min(lowest, of)
	}
	if t.efectivos || t.yo {
		rows, of, err := s.efectivos(from, who)
		if err != nil {
			return nil, 0, fmt.Errorf("read efectivos for a snapshot: %w", err)
		}
		items, lowest = append(items, rows...), min(lowest, of)
	}
	return items, lowest, nil
}

func (s *session) tareas(from Snapshots, who permiso.Autor) (items []any, at eventstore.Position, err error) {
	f := tareas.Filter{
		Estados: []tarea.Estado{tarea.EstadoProgramada, tarea.EstadoEnCurso, tarea.EstadoPausada}, Limite: s.hub.limits.SnapshotPage,
	}
	for {
		page, err := from.Tareas(s.ctx, projections.ScopeOf(who, permiso.TareaLeer), f)
		if err != nil {
			return nil, 0, err
		}
		if at == 0 {
			at = eventstore.Position(page.Posicion) // later pages are newer
		}
		for _, row := range page.Datos {
			items = append(items, tareaRow(who, row))
		}
		if page.Siguiente == nil || len(items) >= s.hub.limits.SnapshotMaxPerKind {
			return items, at, nil
		}
		f.Cursor = *page.Siguiente
	}
}

func (s *session) efectivos(from Snapshots, who permiso.Autor) (items []any, at eventstore.Position, err error) {
	f := efectivos.Filter{Limite: s.hub.limits.SnapshotPage}
	for {
		page, err := from.Efectivos(s.ctx, projections.ScopeOf(who, permiso.EfectivoLeer), f)
		if err != nil {
			return nil, 0, err
		}
		if at == 0 {
			at = eventstore.Position(page.Posicion)
		}
		for _, row := range page.Datos {
			items = append(items, fichaRow(who, row))
		}
		if page.Siguiente == nil || len(items) >= s.hub.limits.SnapshotMaxPerKind {
			return items, at, nil
		}
		f.Cursor = *page.Siguiente
	}
}

func (s *session) lookout(who permiso.Autor, v *view) (lookout, bool) {
	if v == nil {
		return lookout{}, false
	}
	return lookoutOf(who, v.BBox.margin())
}
