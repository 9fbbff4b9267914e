package accept

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/codec"
)

// Command is an eventstore.Append in the form in which it is decided and stored.
type Command struct {
	ID          eventstore.CommandID
	Fingerprint []byte
	Metadata    eventstore.Metadata
	Expected    []eventstore.Expectation
	Events      []Event
	Claims      []Claim
	Secrets     []sealed.Text // none of them empty
	Answer      []byte
	// Size is about what the command takes on its way to the database, in bytes.
	Size int
}

// Event is an encoded event and its stream.
type Event struct {
	Stream eventstore.StreamID
	codec.Encoded
}

// MaxSize bounds what one command may carry, in bytes: a Zona of 20,000 vertices fits.
const MaxSize = 16 << 20

// envelope is about what an event takes besides its payload and its stream.
const envelope = 160

// Prepare checks and encodes a command. indexKey computes the key of a claim whose value is
// secret; nil when there is no vault. The errors are mistakes of the caller, not refusals.
func Prepare(c *codec.Codec, a eventstore.Append, indexKey func(space, normal string) []byte) (*Command, error) {
	cmd := &Command{
		ID: a.Command, Fingerprint: a.Fingerprint, Metadata: a.Metadata, Expected: a.Expected, Answer: a.Answer,
		Events: make([]Event, len(a.Events)), Size: envelope + len(a.Answer),
	}
	if a.Command.IsZero() {
		return nil, errors.New("append needs a command id")
	}
	if !storable(a.Metadata.Actor, a.Metadata.Correlation, a.Metadata.Causation) {
		return nil, fmt.Errorf("metadata of command %s is not text", a.Command)
	}
	for _, e := range a.Expected {
		if e.Stream == "" || e.Version < 0 || !storable(string(e.Stream)) {
			return nil, fmt.Errorf("command %s expects stream %q at version %d", a.Command, e.Stream, e.Version)
		}
	}
	for i, d := range a.Events {
		if !slices.ContainsFunc(a.Expected, func(e eventstore.Expectation) bool { return e.Stream == d.Stream }) {
			return nil, fmt.Errorf("command %s writes %s without having read it", a.Command, d.Stream)
		}
		encoded, err := c.Encode(d.Event)
		if err != nil {
			return nil, fmt.Errorf("command %s: %w", a.Command, err)
		}
		cmd.Events[i] = Event{Stream: d.Stream, Encoded: encoded}
		cmd.Size += envelope + len(d.Stream) + len(encoded.Payload)
	}
	for _, t := range a.Secrets {
		if !t.Empty() {
			cmd.Secrets = append(cmd.Secrets, t)
			cmd.Size += envelope + len(t.Value)
		}
	}
	if cmd.Size > MaxSize {
		return nil, fmt.Errorf("command %s carries %d bytes, more than %d", a.Command, cmd.Size, MaxSize)
	}
	for _, x := range a.Claims {
		claim, err := resolve(x, a.Secrets, indexKey)
		if err != nil {
			return nil, fmt.Errorf("command %s: %w", a.Command, err)
		}
		cmd.Claims = append(cmd.Claims, claim)
	}
	return cmd, nil
}

// resolve finds the key under which a claim is kept.
func resolve(x eventstore.Claim, secrets []sealed.Text, indexKey func(space, normal string) []byte) (Claim, error) {
	key := x.Key
	if !x.Secret.IsZero() {
		i := slices.IndexFunc(secrets, func(t sealed.Text) bool { return t.Commitment() == x.Secret })
		switch {
		case i < 0:
			return Claim{}, fmt.Errorf("claim in %s: the text behind its commitment is missing", x.Space)
		case secrets[i].Index == "":
			return Claim{}, fmt.Errorf("claim in %s: its text has no normal form", x.Space)
		case indexKey == nil:
			return Claim{}, fmt.Errorf("claim in %s: %w", x.Space, ErrNoVault)
		}
		key = SecretKey + hex.EncodeToString(indexKey(x.Space, secrets[i].Index))
	}
	c := Claim{Op: OpOf(x, key), Refusal: x.Refusal}
	switch {
	case x.Space == "" || x.Stream == "" || key == "" && !c.Release:
		return Claim{}, fmt.Errorf("claim %q of %q in %q is incomplete", key, x.Stream, x.Space)
	case !storable(x.Space, key, string(x.Stream)):
		return Claim{}, fmt.Errorf("claim of %q in %q is not text", x.Stream, x.Space)
	case !c.From.IsZero() && !c.To.IsZero() && !c.From.Before(c.To):
		return Claim{}, fmt.Errorf("claim in %s from %s to %s is empty", x.Space, c.From.Format(time.RFC3339), c.To.Format(time.RFC3339))
	}
	return c, nil
}

// SecretKey begins the key of a claim whose value is secret; HMAC in hexadecimal follows.
const SecretKey = "hmac:"

// ErrNoVault refuses secrets where there is nowhere to keep them.
var ErrNoVault = errors.New("this store has no vault for secrets")

// storable reports whether the database can hold every text.
func storable(texts ...string) bool {
	for _, s := range texts {
		if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
			return false
		}
	}
	return true
}
