package live

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/mapa"
)

type efectivoID = ident.Efectivo

func (h *Hub) decode(rec *eventstore.Recorded) (event.Event, error) {
	return h.deps.Catalog.Decode(rec.Type, rec.Schema, func(v any) error { return json.Unmarshal(rec.Payload, v) })
}

// tick sends positions.
func (h *Hub) tick(ctx context.Context) {
	t := time.NewTicker(h.limits.Tick)
	defer t.Stop()
	for {
		select {
		case <-t.C:
		case <-ctx.Done():
			return
		}
		sessions, position := h.present()
		h.sendPositions(sessions, position, h.now())
	}
}

// keep looks after the times of every session. It may wait for whoever answers
// for tokens, which positions must not.
func (h *Hub) keep(ctx context.Context) {
	t := time.NewTicker(max(time.Millisecond, min(time.Second, h.limits.Hello/2, h.limits.Pong/2, h.limits.Heartbeat/2)))
	defer t.Stop()
	for {
		select {
		case <-t.C:
		case <-ctx.Done():
			return
		}
		sessions, _ := h.present()
		now := h.now()
		for _, s := range sessions {
			s.keep(now)
		}
	}
}

func (h *Hub) present() ([]*session, eventstore.Position) {
	h.mu.Lock()
	defer h.mu.Unlock()
	sessions := make([]*session, 0, len(h.sessions))
	for s := range h.sessions {
		sessions = append(sessions, s)
	}
	return sessions, h.head
}

// drawn is one frame of positions and the sessions' next number.
type drawn struct {
	frame []byte // nil: nothing to say
	seen  uint64
}

type drawing struct {
	look  lookout
	seen  uint64
	proto protocol
}

// sendPositions builds one frame per distinct view and state of knowledge, and
// gives it to the sessions whose socket has credit. The others fall behind and
// get the newest at their next credit.
func (h *Hub) sendPositions(sessions []*session, position eventstore.Position, now time.Time) {
	frames := map[drawing]drawn{}
	for _, s := range sessions {
		s.mu.Lock()
		look, ok := s.lookout(s.who.Autor, s.view)
		d := drawing{look, s.seen, s.proto}
		view := s.view
		ok = ok && s.phase == level
		s.mu.Unlock()
		if !ok {
			continue
		}
		if !s.out.hasCredit() {
			h.putOff()
			continue
		}
		out, done := frames[d]
		if !done {
			out = h.draw(d, position, now)
			frames[d] = out
		}
		if out.frame != nil {
			if !s.out.latest(out.frame) {
				h.putOff()
				continue
			}
			h.metrics.positions.Inc()
		}
		s.mu.Lock()
		if s.view == view && s.seen == d.seen {
			s.seen = out.seen
		}
		s.mu.Unlock()
	}
}

func (h *Hub) putOff() {
	h.deferred.Add(1)
	h.metrics.deferred.Inc()
}

func (h *Hub) draw(d drawing, position eventstore.Position, now time.Time) drawn {
	items, seen := h.units.since(d.seen, d.look)
	if len(items) == 0 {
		return drawn{seen: seen}
	}
	frame, err := d.proto.encode(positionsFrame{Type: "positions", Position: position, Time: now.UTC(), Items: items})
	if err != nil {
		h.broken(context.Background(), err)
		return drawn{seen: seen}
	}
	return drawn{frame: frame, seen: seen}
}

// followPositions keeps units level with the telemetry log, for ever.
func (h *Hub) followPositions(ctx context.Context) {
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval = 50*time.Millisecond, 2*time.Second
	at := eventstore.Batch(-1)
	told := false
	for ctx.Err() == nil {
		err := h.followBatches(ctx, &at, pause.Reset)
		if ctx.Err() != nil {
			return
		}
		if !told {
			h.log.WarnContext(ctx, "live layer cannot follow positions", slog.Any("error", err))
		}
		told = true
		select {
		case <-time.After(pause.NextBackOff()):
		case <-ctx.Done():
		}
	}
}

func (h *Hub) followBatches(ctx context.Context, at *eventstore.Batch, healthy func()) error {
	if *at < 0 {
		// The number first, then the data: what is newer in it comes again and loses.
		head, err := h.deps.Positions.HeadBatch(ctx)
		if err != nil {
			return err
		}
		h.firstPositions(ctx)
		*at = head
	}
	for batch, err := range h.deps.Positions.FollowBatches(ctx, *at) {
		if err != nil {
			return err
		}
		healthy()
		for i := range batch.Fixes {
			if batch.Fixes[i].Flags != 0 {
				continue // stored, but not believed to be where he is
			}
			if err := h.place(ctx, itemOfFix(&batch.Fixes[i])); err != nil {
				return err
			}
		}
		*at = batch.Batch
	}
	return ctx.Err()
}

// place moves a unit; who it is, is read from the log at the first sight.
func (h *Hub) place(ctx context.Context, i item) error {
	if !h.units.knows(i.Efectivo) {
		p, err := recall(ctx, h.deps.Log, i.Efectivo)
		if err != nil {
			return err
		}
		for _, id := range p.tareas {
			f, err := recallTarea(ctx, h.deps.Log, id, 0)
			if err != nil {
				return err
			}
			h.units.bind(id, f)
		}
		h.units.describe(i.Efectivo, p)
	}
	h.units.move(i)
	return nil
}

// firstPositions takes the last known places from the read model. Without it a
// node shows each Efectivo from his next fix on.
func (h *Hub) firstPositions(ctx context.Context) {
	if h.deps.Snapshots == nil {
		return
	}
	m, err := h.deps.Snapshots.Mapa(ctx, projections.System, mapa.Area{BBox: &[4]float64{-180, -90, 180, 90}})
	if err != nil {
		h.log.WarnContext(ctx, "live layer starts without known positions", slog.Any("error", err))
		return
	}
	for i := range m.Efectivos {
		if err := h.place(ctx, itemOfMapa(&m.Efectivos[i])); err != nil {
			h.log.WarnContext(ctx, "live layer starts without a known position", slog.Any("error", err))
			return
		}
	}
}
