package live

import (
	stdjson "encoding/json"
	"fmt"
	"math"

	"github.com/fxamacker/cbor/v2"
	"github.com/go-json-experiment/json"

	"github.com/grupo-gad/gad/eventstore"
)

// inbound is any frame a client may send; which members belong to which type is
// checked where it is used.
type inbound struct {
	Type     string               `json:"type"`
	Token    string               `json:"token"`
	Ticket   string               `json:"ticket"`
	Epoch    string               `json:"epoch"`
	Position *eventstore.Position `json:"position"`
	View     *view                `json:"view"`
	Topics   []string             `json:"topics"`
	BBox     *box                 `json:"bbox"`
	Zoom     *float64             `json:"zoom"`
}

// box is west, south, east, north in degrees. West > east crosses the antimeridian.
type box [4]float64

// view is which positions a client wants.
type view struct {
	BBox box     `json:"bbox"`
	Zoom float64 `json:"zoom"`
}

func (b box) valid() bool {
	for _, v := range b {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return b[1] <= b[3] && b[1] >= -90 && b[3] <= 90 && b[0] >= -180 && b[0] <= 180 && b[2] >= -180 && b[2] <= 180
}

// margin widens a view, so that a unit leaving it is still seen to leave.
func (b box) margin() box {
	width := b[2] - b[0]
	if width < 0 {
		width += 360
	}
	height := b[3] - b[1]
	dx, dy := max(width/4, 0.005), max(height/4, 0.005)
	if width+2*dx >= 360 {
		b[0], b[2] = -180, 180
	} else {
		b[0], b[2] = wrap(b[0]-dx), wrap(b[2]+dx)
	}
	b[1], b[3] = max(-90, b[1]-dy), min(90, b[3]+dy)
	return b
}

func wrap(lon float64) float64 {
	switch {
	case lon < -180:
		return lon + 360
	case lon > 180:
		return lon - 360
	}
	return lon
}

func (b box) contains(lat, lon float64) bool {
	if lat < b[1] || lat > b[3] {
		return false
	}
	if b[0] <= b[2] {
		return lon >= b[0] && lon <= b[2]
	}
	return lon >= b[0] || lon <= b[2]
}

// inboundCBOR refuses what JSON could not say or what only an attacker would send.
var inboundCBOR = func() cbor.DecMode {
	mode, err := cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, MaxNestedLevels: 8, MaxArrayElements: 64, MaxMapPairs: 16,
		IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
	}.DecMode()
	if err != nil {
		panic(fmt.Sprintf("constant options are wrong: %v", err))
	}
	return mode
}()

// parse reads a frame. Unknown or repeated members, trailing bytes and invalid
// UTF-8 are errors.
func (p protocol) parse(frame []byte) (inbound, error) {
	if p == asCBOR {
		var object map[string]any
		if err := inboundCBOR.Unmarshal(frame, &object); err != nil {
			return inbound{}, fmt.Errorf("read CBOR: %w", err)
		}
		text, err := stdjson.Marshal(object)
		if err != nil {
			return inbound{}, fmt.Errorf("read CBOR: %w", err)
		}
		frame = text
	}
	var in inbound
	if err := json.Unmarshal(frame, &in, json.RejectUnknownMembers(true)); err != nil {
		return inbound{}, fmt.Errorf("read frame: %w", err)
	}
	return in, nil
}
