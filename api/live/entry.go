package live

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/grupo-gad/gad/eventstore"
)

// entry is a fact ready to be sent: whom it concerns, and its frame without the
// part that differs from session to session.
type entry struct {
	position eventstore.Position
	at       time.Time // recorded
	audience audience
	alert    *alertFrame // nil for most
	tail     []byte      // of the JSON frame, after prev

	mu     sync.Mutex
	prev   [2]eventstore.Position // by protocol: of the frame kept in cached
	cached [2][]byte              // guarded by mu; most sessions have the same prev
	alerts [2][]byte              // guarded by mu
}

func newEntry(rec *eventstore.Recorded, a audience, alert *alertFrame, s stripper) (*entry, error) {
	e := &entry{position: rec.Position, at: rec.RecordedAt, audience: a, alert: alert}
	data := json.RawMessage("{}")
	if a.aggregate != "usuario" { // who somebody is, is read by REST
		var err error
		if data, err = s.strip(rec.Type, rec.Schema, rec.Payload); err != nil {
			return nil, err
		}
	}
	tail, err := json.Marshal(struct {
		Name    string              `json:"name"`
		Stream  eventstore.StreamID `json:"stream"`
		Version eventstore.Version  `json:"version"`
		En      time.Time           `json:"en"`
		Data    json.RawMessage     `json:"data"`
	}{rec.Type, rec.Stream, rec.Version, happened(rec), data})
	if err != nil {
		return nil, fmt.Errorf("encode event %d: %w", rec.Position, err)
	}
	tail[0] = ',' // continues the object that eventText opens
	e.tail = tail
	return e, nil
}

// frame returns the event frame for a session that was last sent prev.
func (e *entry) frame(p protocol, prev eventstore.Position) ([]byte, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.cached[p] != nil && e.prev[p] == prev {
		return e.cached[p], nil
	}
	out := eventText(e.position, prev, e.tail)
	if p == asCBOR {
		var err error
		if out, err = toCBOR(out); err != nil {
			return nil, err
		}
	}
	e.prev[p], e.cached[p] = prev, out
	return out, nil
}

// alertBytes returns the alert frame of the fact, the same for everybody.
func (e *entry) alertBytes(p protocol, now time.Time) ([]byte, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.alerts[p] == nil {
		frame := *e.alert
		frame.Time = now
		out, err := p.encode(frame)
		if err != nil {
			return nil, err
		}
		e.alerts[p] = out
	}
	return e.alerts[p], nil
}
