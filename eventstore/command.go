package eventstore

import "fmt"

// CommandID identifies one order, for ever. REST uses UUIDv5(actor,
// Idempotency-Key) or a new UUIDv7, the bot UUIDv5(bot, update, step).
type CommandID [16]byte

const hexDigits = "0123456789abcdef"

// String returns the canonical UUID form.
func (id CommandID) String() string {
	var out [36]byte
	j := 0
	for i, b := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			out[j] = '-'
			j++
		}
		out[j], out[j+1] = hexDigits[b>>4], hexDigits[b&15]
		j += 2
	}
	return string(out[:])
}

// IsZero reports whether no id was given.
func (id CommandID) IsZero() bool { return id == CommandID{} }

// MarshalText implements encoding.TextMarshaler.
func (id CommandID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (id *CommandID) UnmarshalText(text []byte) error {
	parsed, err := ParseCommandID(string(text))
	*id = parsed
	return err
}

// ParseCommandID reads the canonical UUID form, in either case.
func ParseCommandID(s string) (id CommandID, err error) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return id, fmt.Errorf("command id %q is not a UUID", s)
	}
	j := 0
	for i := range id {
		if s[j] == '-' {
			j++
		}
		hi, lo := nibble(s[j]), nibble(s[j+1])
		if hi > 15 || lo > 15 {
			return CommandID{}, fmt.Errorf("command id %q is not a UUID", s)
		}
		id[i] = hi<<4 | lo
		j += 2
	}
	return id, nil
}

func nibble(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}
