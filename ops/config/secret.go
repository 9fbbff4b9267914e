package config

import "log/slog"

// Secret is a value that no log, print or JSON ever shows. Reveal is the only way to it.
type Secret struct{ value string }

const redacted = "[secreto]"

// NewSecret hides a value.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal returns the value; call it only where it is handed to who needs it.
func (s Secret) Reveal() string { return s.value }

// String implements fmt.Stringer; it tells only whether there is something.
func (s Secret) String() string {
	if s.value == "" {
		return ""
	}
	return redacted
}

// GoString implements fmt.GoStringer.
func (s Secret) GoString() string { return s.String() }

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText implements encoding.TextMarshaler, and so json too.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Secret) UnmarshalText(text []byte) error {
	s.value = string(text)
	return nil
}
