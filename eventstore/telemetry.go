package eventstore

import (
	"context"
	"iter"
	"time"
)

// Batch numbers the batches of the telemetry log, 1..N without gaps.
type Batch int64

// Fix is one stored position of an Efectivo.
type Fix struct {
	Efectivo  string // UUID
	Turno     string // UUID of the shift it was taken on
	DeviceAt  time.Time
	ServerAt  time.Time
	Lat, Lon  float64 // degrees, WGS84
	Accuracy  float32 // m, 0 unknown
	Speed     float32 // m/s, negative unknown
	Heading   float32 // degrees from north, negative unknown
	Source    string  // "rest", "telegram", "simulador"
	Flags     FixFlags
	Simulated bool
}

// FixFlags marks stored fixes that must not move the live marker.
type FixFlags uint8

// The flags.
const (
	FlagImpossibleSpeed FixFlags = 1 << iota
	FlagLate                     // older than the marker when it arrived
)

// TelemetryBatch is what one commit of the telemetry log added.
type TelemetryBatch struct {
	Batch      Batch
	RecordedAt time.Time
	Fixes      []Fix
}

// TelemetryWriter stores fixes durably before it returns. Concurrent calls
// share commits. The same fix (Efectivo, DeviceAt) is the caller's to refuse.
type TelemetryWriter interface {
	AppendFixes(ctx context.Context, fixes []Fix) (Batch, error)
}

// TelemetryReader reads the telemetry log in order.
type TelemetryReader interface {
	// ReadBatches returns batches after the given one, dense, up to limit.
	ReadBatches(ctx context.Context, after Batch, limit int) ([]TelemetryBatch, error)
	// HeadBatch returns the newest batch number.
	HeadBatch(ctx context.Context) (Batch, error)
	// FollowBatches yields batches after the given one, waiting for new ones.
	FollowBatches(ctx context.Context, after Batch) iter.Seq2[TelemetryBatch, error]
}

// Telemetry is both halves.
type Telemetry interface {
	TelemetryWriter
	TelemetryReader
}
