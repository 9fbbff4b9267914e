package client

import "bytes"

// The members that the server writes first in an event, in this order. Another
// server may write them otherwise: such a frame is then decoded in full.
var (
	eventStart = []byte(`{"type":"event","position":`)
	eventPrev  = []byte(`,"prev":`)
)

// bare reads the start of an event frame without decoding the rest.
func bare(message []byte) (f Frame, ok bool) {
	rest, ok := bytes.CutPrefix(message, eventStart)
	if !ok {
		return f, false
	}
	if f.Position, rest, ok = number(rest); !ok {
		return f, false
	}
	if rest, ok = bytes.CutPrefix(rest, eventPrev); !ok {
		return f, false
	}
	if f.Prev, rest, ok = number(rest); !ok || len(rest) == 0 || rest[0] != ',' {
		return f, false
	}
	f.Type, f.Raw = "event", message
	return f, true
}

// number reads decimal digits, as many as surely fit.
func number(b []byte) (n int64, rest []byte, ok bool) {
	i := 0
	for i < len(b) && i < 18 && b[i] >= '0' && b[i] <= '9' {
		n = n*10 + int64(b[i]-'0')
		i++
	}
	return n, b[i:], i > 0
}
