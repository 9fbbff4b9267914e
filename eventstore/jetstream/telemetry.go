package jetstream

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/grupo-gad/gad/eventstore"
)

const subjectTelemetry = "gad.tel"

// Announcing is a telemetry writer that tells other processes of each batch.
// The announcement is a wake-up and may be lost.
type Announcing struct {
	eventstore.TelemetryWriter
	conn *nats.Conn
}

// Announce wraps a telemetry writer.
func Announce(conn *nats.Conn, w eventstore.TelemetryWriter) *Announcing {
	return &Announcing{TelemetryWriter: w, conn: conn}
}

// AppendFixes stores fixes and announces their batch.
func (a *Announcing) AppendFixes(ctx context.Context, fixes []eventstore.Fix) (eventstore.Batch, error) {
	batch, err := a.TelemetryWriter.AppendFixes(ctx, fixes)
	if err == nil && batch > 0 {
		_ = a.conn.Publish(subjectTelemetry, strconv.AppendInt(nil, int64(batch), 10)) // readers poll as well
	}
	return batch, err
}

// Telemetry follows the telemetry log of another process: announcements wake
// it, the batches come from the log.
type Telemetry struct {
	eventstore.TelemetryReader
	conn *nats.Conn
	poll time.Duration
}

// NewTelemetry wraps a telemetry reader; poll 0 means 250 ms.
func NewTelemetry(conn *nats.Conn, reader eventstore.TelemetryReader, poll time.Duration) *Telemetry {
	if poll == 0 {
		poll = 250 * time.Millisecond
	}
	return &Telemetry{TelemetryReader: reader, conn: conn, poll: poll}
}

// FollowBatches yields batches after the given one, waiting for new ones.
func (t *Telemetry) FollowBatches(ctx context.Context, after eventstore.Batch) iter.Seq2[eventstore.TelemetryBatch, error] {
	return func(yield func(eventstore.TelemetryBatch, error) bool) {
		// One pending wake-up says as much as a hundred.
		wake := make(chan struct{}, 1)
		if sub, err := t.conn.Subscribe(subjectTelemetry, func(*nats.Msg) {
			select {
			case wake <- struct{}{}:
			default:
			}
		}); err == nil {
			defer func() { _ = sub.Unsubscribe() }()
		}
		tick := time.NewTicker(t.poll)
		defer tick.Stop()
		for {
			batches, err := t.ReadBatches(ctx, after, 256)
			if ctx.Err() != nil {
				return
			}
			if err != nil {
				yield(eventstore.TelemetryBatch{}, fmt.Errorf("read telemetry after batch %d: %w", after, err))
				return
			}
			for _, b := range batches {
				after = b.Batch
				if !yield(b, nil) {
					return
				}
			}
			if len(batches) > 0 {
				continue
			}
			select {
			case <-wake:
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	}
}
