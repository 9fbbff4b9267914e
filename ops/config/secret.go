package config

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is a value that no log, print or JSON ever shows. Reveal is the only way to it.
//
// The value hides behind a pointer because fmt does not call the methods of what lies in an
// unexported field: it would print a plain string, and prints the address.
type Secret struct{ value *string }

const redacted = "[secreto]"

// NewSecret hides a value.
func NewSecret(value string) Secret { return Secret{&value} }

// Reveal returns the value; call it only where it is handed to who needs it.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// String implements fmt.Stringer; it tells only whether there is something.
func (s Secret) String() string {
	if s.Reveal() == "" {
		return ""
	}
	return redacted
}

// Format implements fmt.Formatter: no verb shows more than String, %d and %#v included.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText implements encoding.TextMarshaler, and so json too.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = NewSecret(string(text))
	return nil
}
