package jetstream

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/codec"
)

// HeaderLeaf holds the hexadecimal leaf of the event in a message.
const HeaderLeaf = "Gad-Leaf"

// headerTrace holds the W3C trace that an event came about in, for whoever reads messages
// without their bodies. It is lower case, as that standard writes it.
const headerTrace = "traceparent"

const subjectEvents = "gad.ev."

// Message is the body of a message: the whole envelope and the payload as
// stored, so that a reader can compute the leaf again.
type Message struct {
	Position    eventstore.Position  `json:"posicion"`
	Stream      eventstore.StreamID  `json:"stream"`
	Version     eventstore.Version   `json:"version"`
	Type        string               `json:"tipo"`
	Schema      int                  `json:"schema"`
	En          *time.Time           `json:"en,omitzero"` // when it happened, from the payload
	RecordedAt  time.Time            `json:"registrado"`
	Actor       string               `json:"actor"`
	Correlation string               `json:"correlacion,omitzero"`
	Causation   string               `json:"causa,omitzero"`
	Command     eventstore.CommandID `json:"comando"`
	Payload     json.RawMessage      `json:"datos"`
}

// Subject names where events of a type are published.
func Subject(eventType string) string { return subjectEvents + eventType }

func encode(r *eventstore.Recorded) (*nats.Msg, error) {
	var happened struct {
		En *time.Time `json:"en"`
	}
	if err := json.Unmarshal(r.Payload, &happened); err != nil {
		return nil, fmt.Errorf("read payload of event %d: %w", r.Position, err)
	}
	var body bytes.Buffer
	out := json.NewEncoder(&body)
	// The payload travels byte for byte: with & < > rewritten its leaf is another.
	out.SetEscapeHTML(false)
	if err := out.Encode(Message{
		Position: r.Position, Stream: r.Stream, Version: r.Version, Type: r.Type, Schema: r.Schema,
		En: happened.En, RecordedAt: r.RecordedAt.UTC(), Actor: r.Metadata.Actor,
		Correlation: r.Metadata.Correlation, Causation: r.Metadata.Causation, Command: r.Command,
		Payload: r.Payload,
	}); err != nil {
		return nil, fmt.Errorf("encode event %d: %w", r.Position, err)
	}
	leaf, _ := codec.Leaf(nil, r)
	m := nats.NewMsg(Subject(r.Type))
	m.Data = bytes.TrimSuffix(body.Bytes(), []byte("\n"))
	m.Header.Set(HeaderLeaf, hex.EncodeToString(leaf[:]))
	if trace := r.Metadata.Traceparent(); trace != "" {
		m.Header[headerTrace] = []string{trace}
	}
	return m, nil
}

// ErrAltered says that a message is not the event it says it is. Its reader takes the
// event from the log instead.
var ErrAltered = errors.New("message does not match its leaf")

// Decode rebuilds the event that a message of the given sequence carries.
func Decode(sequence uint64, header nats.Header, body []byte) (eventstore.Recorded, error) {
	var m Message
	if err := json.Unmarshal(body, &m); err != nil {
		return eventstore.Recorded{}, fmt.Errorf("decode message %d: %w", sequence, err)
	}
	r := eventstore.Recorded{
		Position: m.Position, Stream: m.Stream, Version: m.Version, Type: m.Type, Schema: m.Schema,
		RecordedAt: m.RecordedAt, Command: m.Command, Payload: m.Payload,
		Metadata: eventstore.Metadata{Actor: m.Actor, Correlation: m.Correlation, Causation: m.Causation},
	}
	leaf, _ := codec.Leaf(nil, &r)
	if uint64(r.Position) != sequence || header.Get(HeaderLeaf) != hex.EncodeToString(leaf[:]) {
		return eventstore.Recorded{}, fmt.Errorf("message %d: %w", sequence, ErrAltered)
	}
	return r, nil
}
