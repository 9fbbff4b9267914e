package jetstream_test

import (
	"context"
	"iter"
	"sync"

	"github.com/grupo-gad/gad/eventstore"
)

// shelf is a telemetry log in memory that wakes nobody.
type shelf struct {
	mu      sync.Mutex
	batches []eventstore.TelemetryBatch // guarded by mu
}

func (s *shelf) AppendFixes(_ context.Context, fixes []eventstore.Fix) (eventstore.Batch, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := eventstore.TelemetryBatch{Batch: eventstore.Batch(len(s.batches) + 1), Fixes: fixes}
	s.batches = append(s.batches, b)
	return b.Batch, nil
}

func (s *shelf) ReadBatches(_ context.Context, after eventstore.Batch, limit int) ([]eventstore.TelemetryBatch, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rest := s.batches[after:]
	return rest[:min(limit, len(rest))], nil
}

func (s *shelf) HeadBatch(context.Context) (eventstore.Batch, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return eventstore.Batch(len(s.batches)), nil
}

func (s *shelf) FollowBatches(context.Context, eventstore.Batch) iter.Seq2[eventstore.TelemetryBatch, error] {
	return func(func(eventstore.TelemetryBatch, error) bool) {}
}
