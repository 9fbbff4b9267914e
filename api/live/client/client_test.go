package client

import (
	"encoding/json"
	"testing"
)

func TestBare(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Frame{
		`{"type":"event","position":12,"prev":7,"name":"x"}`: {Type: "event", Position: 12, Prev: 7},
		`{"type":"event","position":12,"prev":7}`:            {},
		`{"type":"event","position":,"prev":7,"name":"x"}`:   {},
		`{"type":"event","prev":7,"position":12}`:            {},
		`{"type":"ping","position":12}`:                      {},
		`{"type":"event","position":1`:                       {},
		``:                                                   {},
	} {
		f, ok := bare([]byte(text))
		if ok != (want.Type != "") || ok && (f.Type != want.Type || f.Position != want.Position || f.Prev != want.Prev || string(f.Raw) != text) {
			t.Errorf("%s: %+v, %v", text, f, ok)
		}
	}
}

// What is read bare is what is read in full.
func FuzzBare(f *testing.F) {
	f.Add([]byte(`{"type":"event","position":12,"prev":7,"name":"tarea.creada","data":{}}`))
	f.Fuzz(func(t *testing.T, message []byte) {
		quick, ok := bare(message)
		var full Frame
		if !ok || json.Unmarshal(message, &full) != nil {
			return
		}
		if json.Valid(message) && full.Type == "event" && (full.Position != quick.Position || full.Prev != quick.Prev) &&
			!repeated(message) {
			t.Errorf("%s: bare %d %d, full %d %d", message, quick.Position, quick.Prev, full.Position, full.Prev)
		}
	})
}

// repeated reports whether a member stands twice, which our server never writes.
func repeated(message []byte) bool {
	var members map[string]json.RawMessage
	if json.Unmarshal(message, &members) != nil {
		return true
	}
	size := 2
	for k, v := range members {
		size += len(k) + len(v) + 4
	}
	return size < len(message)
}
