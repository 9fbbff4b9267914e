package live

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/eventstore"
)

// The sub-protocols. Without one a client gets JSON.
const (
	ProtocolJSON = "gad.v1.json"
	ProtocolCBOR = "gad.v1.bin"
)

// Close codes with a meaning of their own.
const (
	CloseTooBig    = 1009
	CloseRestart   = 1012
	CloseFull      = 1013
	CloseAuth      = 4001
	CloseForbidden = 4003
	CloseSlow      = 4008
	CloseResync    = 4009
	CloseSilent    = 4010
	CloseFlood     = 4029
)

// The frames that the server sends; their words are the protocol.
type (
	welcomeFrame struct {
		Type       string              `json:"type"`
		Session    string              `json:"session"`
		Epoch      string              `json:"epoch"`
		Position   eventstore.Position `json:"position"`
		Resumed    string              `json:"resumed"`
		HeartbeatS float64             `json:"heartbeat_s"`
		Time       time.Time           `json:"time"`
	}
	snapshotFrame struct {
		Type     string              `json:"type"`
		Position eventstore.Position `json:"position"`
		Items    []any               `json:"items"`
		Page     int                 `json:"page"`
		Last     bool                `json:"last"`
		Time     time.Time           `json:"time"`
	}
	positionsFrame struct {
		Type     string              `json:"type"`
		Position eventstore.Position `json:"position"`
		Time     time.Time           `json:"time"`
		Items    []item              `json:"items"`
	}
	alertFrame struct {
		Type     string              `json:"type"`
		ID       string              `json:"id"`
		Kind     string              `json:"kind"` // listed at /ws in the contract
		Priority int                 `json:"priority"`
		Position eventstore.Position `json:"position"`
		Zona     string              `json:"zona,omitzero"`
		Tarea    string              `json:"tarea,omitzero"`
		Efectivo string              `json:"efectivo,omitzero"`
		Simulada bool                `json:"simulada,omitzero"`
		En       time.Time           `json:"en"`
		Text     string              `json:"text"`
		Time     time.Time           `json:"time"`

		accion permiso.Accion // who hears it, when that is not who hears of its fact
	}
	pingFrame struct {
		Type     string              `json:"type"`
		Position eventstore.Position `json:"position"`
		Time     time.Time           `json:"time"`
		Stale    bool                `json:"stale,omitzero"` // the log cannot be read now
	}
	errorFrame struct {
		Type   string    `json:"type"`
		Code   string    `json:"code"`
		Detail string    `json:"detail"`
		Time   time.Time `json:"time"`
	}
	resyncFrame struct {
		Type   string    `json:"type"`
		Reason string    `json:"reason"`
		Time   time.Time `json:"time"`
	}
)

// protocol says how the frames of a session are written.
type protocol uint8

const (
	asJSON protocol = iota
	asCBOR
)

// encode writes a frame. Both forms are of the same object: the CBOR one is made
// from the JSON one, so that they cannot drift.
func (p protocol) encode(frame any) ([]byte, error) {
	text, err := json.Marshal(frame)
	if err != nil {
		return nil, fmt.Errorf("encode frame: %w", err)
	}
	if p == asJSON {
		return text, nil
	}
	return toCBOR(text)
}

func toCBOR(text []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("read frame: %w", err)
	}
	out, err := cbor.Marshal(exact(v))
	if err != nil {
		return nil, fmt.Errorf("encode frame as CBOR: %w", err)
	}
	return out, nil
}

// exact turns the numbers of decoded JSON into integers where they are.
func exact(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			v[k] = exact(e)
		}
	case []any:
		for i, e := range v {
			v[i] = exact(e)
		}
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, _ := v.Float64() // a number that JSON has just written
		return f
	}
	return v
}

// eventText writes an event frame around its shared tail, without going through
// the encoder once per session.
func eventText(position, prev eventstore.Position, tail []byte) []byte {
	out := make([]byte, 0, 64+len(tail))
	out = append(out, `{"type":"event","position":`...)
	out = strconv.AppendInt(out, int64(position), 10)
	out = append(out, `,"prev":`...)
	out = strconv.AppendInt(out, int64(prev), 10)
	return append(out, tail...)
}
