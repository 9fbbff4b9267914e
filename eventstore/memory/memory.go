// Package memory is the event store of tests: the same promise, kept in a slice.
//
// It decides with the same code as postgres and stores the same bytes, so that what a test
// reads back is what a database would give. It keeps no secrets: texts are checked against
// their claims and dropped.
package memory

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/grupo-gad/gad/domain"
	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/accept"
	"github.com/grupo-gad/gad/eventstore/codec"
)

// Store implements eventstore.Store. The zero Store is empty and ready, with the events of
// the domain. It is safe for concurrent use.
type Store struct {
	Now func() time.Time // time.Now when nil

	start sync.Once
	codec *codec.Codec
	key   [32]byte // of the claims by secret

	mu      sync.RWMutex // guards what follows
	log     []eventstore.Recorded
	streams map[eventstore.StreamID][]int // places in log
	state   *accept.State
	at      time.Time // recorded_at of the newest event
	numbers map[string]int64
	moved   chan struct{} // closed by the next append
}

var _ eventstore.Store = (*Store)(nil)

// New returns an empty Store for the events of a catalogue.
func New(catalog *event.Catalog) *Store {
	s := &Store{codec: codec.New(catalog)}
	s.ready()
	return s
}

func (s *Store) ready() {
	s.start.Do(func() {
		if s.codec == nil {
			catalog, err := domain.Catalog()
			if err != nil {
				panic(err) // the domain's own tests would have failed
			}
			s.codec = codec.New(catalog)
		}
		if s.Now == nil {
			s.Now = time.Now
		}
		_, _ = rand.Read(s.key[:]) // never fails
		s.streams, s.numbers = map[eventstore.StreamID][]int{}, map[string]int64{}
		s.state, s.moved = accept.NewState(false), make(chan struct{})
	})
}

// Append implements eventstore.Appender.
func (s *Store) Append(ctx context.Context, a eventstore.Append) (eventstore.Receipt, error) {
	s.ready()
	if err := ctx.Err(); err != nil {
		return eventstore.Receipt{}, eventstore.ErrUnavailable.Because(err)
	}
	cmd, err := accept.Prepare(s.codec, a, s.indexKey)
	if err != nil {
		return eventstore.Receipt{}, fmt.Errorf("prepare append: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	receipt := &eventstore.Receipt{}
	verdict := s.state.Decide(cmd, receipt)
	s.state.Forget()
	switch {
	case verdict.Err != nil:
		return eventstore.Receipt{}, verdict.Err
	case verdict.Repeat != nil:
		again := *verdict.Repeat.Receipt
		again.Repeated = true
		return again, nil
	}
	s.record(cmd, verdict.Versions, receipt)
	return *receipt, nil
}

func (s *Store) record(cmd *accept.Command, versions []eventstore.Version, receipt *eventstore.Receipt) {
	if now := s.Now().UTC().Truncate(time.Microsecond); now.After(s.at) {
		s.at = now
	}
	receipt.Command, receipt.RecordedAt, receipt.Answer = cmd.ID, s.at, cmd.Answer
	for i, e := range cmd.Events {
		r := eventstore.Recorded{
			Position: eventstore.Position(len(s.log) + 1), Stream: e.Stream, Version: versions[i],
			Type: e.Type, Schema: e.Schema, RecordedAt: s.at, Metadata: cmd.Metadata, Command: cmd.ID, Payload: e.Payload,
		}
		s.codec.Decode(&r)
		s.streams[e.Stream] = append(s.streams[e.Stream], len(s.log))
		s.log = append(s.log, r)
		receipt.Streams = accept.Wrote(receipt.Streams, e.Stream, versions[i])
	}
	receipt.Head = eventstore.Position(len(s.log))
	if n := eventstore.Position(len(versions)); n > 0 {
		receipt.First, receipt.Last = receipt.Head-n+1, receipt.Head
		close(s.moved)
		s.moved = make(chan struct{})
	}
}

func (s *Store) indexKey(space, normal string) []byte {
	mac := hmac.New(sha256.New, s.key[:])
	_, _ = fmt.Fprintf(mac, "%d:%s%s", len(space), space, normal)
	return mac.Sum(nil)
}

// Command implements eventstore.CommandReader.
func (s *Store) Command(_ context.Context, id eventstore.CommandID) (eventstore.Receipt, bool, error) {
	s.ready()
	s.mu.RLock()
	defer s.mu.RUnlock()
	k, ok := s.state.Known(id)
	if !ok {
		return eventstore.Receipt{}, false, nil
	}
	receipt := *k.Receipt
	receipt.Repeated, receipt.Fingerprint = true, k.Fingerprint
	return receipt, true, nil
}

// ReadStream implements eventstore.StreamReader.
func (s *Store) ReadStream(ctx context.Context, stream eventstore.StreamID, after eventstore.Version) iter.Seq2[eventstore.Recorded, error] {
	s.ready()
	return func(yield func(eventstore.Recorded, error) bool) {
		s.mu.RLock()
		log, places := s.log, s.streams[stream] // both only ever grow
		s.mu.RUnlock()
		for _, i := range places[min(int(after), len(places)):] {
			if err := ctx.Err(); err != nil {
				yield(eventstore.Recorded{}, eventstore.ErrUnavailable.Because(err))
				return
			}
			if !yield(log[i], nil) {
				return
			}
		}
	}
}

// ReadLog implements eventstore.LogReader.
func (s *Store) ReadLog(ctx context.Context, after eventstore.Position, limit int) ([]eventstore.Recorded, error) {
	s.ready()
	if err := ctx.Err(); err != nil {
		return nil, eventstore.ErrUnavailable.Because(err)
	}
	events, _ := s.window(after, limit)
	return events, nil
}

func (s *Store) window(after eventstore.Position, limit int) ([]eventstore.Recorded, <-chan struct{}) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	rest := s.log[min(max(int(after), 0), len(s.log)):]
	n := min(max(limit, 0), len(rest))
	return rest[:n:n], s.moved
}

// Head implements eventstore.LogReader.
func (s *Store) Head(context.Context) (eventstore.Position, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return eventstore.Position(len(s.log)), nil
}

// Follow implements eventstore.Follower.
func (s *Store) Follow(ctx context.Context, after eventstore.Position) iter.Seq2[[]eventstore.Recorded, error] {
	s.ready()
	return func(yield func([]eventstore.Recorded, error) bool) {
		for ctx.Err() == nil {
			events, moved := s.window(after, 4096)
			if len(events) == 0 {
				select {
				case <-moved:
				case <-ctx.Done():
				}
				continue
			}
			if !yield(events, nil) {
				return
			}
			after = events[len(events)-1].Position
		}
	}
}

// NextNumber returns the next running number of a name.
func (s *Store) NextNumber(_ context.Context, name string) (int64, error) {
	s.ready()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.numbers[name]++
	return s.numbers[name], nil
}
