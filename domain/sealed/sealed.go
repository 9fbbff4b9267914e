// Package sealed lets a fact speak of a text without containing it.
//
// Personal data and free text never stand in a fact in clear. A command carries
// a Text; the fact keeps its Commitment; the value and its salt go to the vault
// in the transaction of the append. Destroying the vault's key erases the text
// and leaves the log, its hashes and its proofs exactly as they were.
//
// Commitment = SHA-256 over the length-prefixed (4 bytes, big endian) parts
// "gad/pii/1", owner, field, salt, value. The salt makes guessing useless: a dni
// has only 10^8 values.
package sealed

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

const domainTag = "gad/pii/1"

// Commitment binds a fact to a text it does not contain. Its text form is 64
// hexadecimal digits. The zero Commitment means that there is no text.
type Commitment [sha256.Size]byte

// Salt is 32 random bytes, drawn at the edge where the text came in.
type Salt [32]byte

// Text is a value on its way to the vault.
type Text struct {
	Owner string // sujeto or aggregate identifier: whose key protects it
	Field string // "email", "descripcion": fixed words, part of the commitment
	Salt  Salt
	Value string
	// Index is the normalised form under which the value must be unique or can
	// be looked up ("" when it never is).
	Index string
}

// Empty reports whether there is nothing to seal.
func (t Text) Empty() bool { return t.Value == "" }

// Commitment returns what a fact may say of t; the zero Commitment when t is empty.
func (t Text) Commitment() Commitment {
	if t.Empty() {
		return Commitment{}
	}
	return Commit(t.Owner, t.Field, t.Salt, t.Value)
}

// Commit computes the commitment of a value.
func Commit(owner, field string, salt Salt, value string) Commitment {
	parts := [...]string{domainTag, owner, field, string(salt[:]), value}
	size := 0
	for _, p := range parts {
		size += 4 + len(p)
	}
	buf := make([]byte, 0, size)
	for _, p := range parts {
		buf = binary.BigEndian.AppendUint32(buf, uint32(len(p)))
		buf = append(buf, p...)
	}
	return sha256.Sum256(buf)
}

// IsZero reports whether there is no text behind c.
func (c Commitment) IsZero() bool { return c == Commitment{} }

// String returns the hexadecimal form.
func (c Commitment) String() string { return hex.EncodeToString(c[:]) }

// MarshalText implements encoding.TextMarshaler.
func (c Commitment) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (c *Commitment) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*c = Commitment{}
		return nil
	}
	if len(text) != 2*len(c) {
		return fmt.Errorf("commitment has %d digits, want %d", len(text), 2*len(c))
	}
	_, err := hex.Decode(c[:], text)
	return err
}
