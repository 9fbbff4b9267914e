// Package relay puts the log into JetStream.
//
// It reads the log itself; there is no outbox. Promise: whatever happens to NATS
// (away, emptied, restored from an old copy) the stream ends up holding a
// contiguous slice of the log, each event once, at the sequence that is its
// position. Any number of relays may run: one of them is ahead, the others find
// their work done. Appends and projections never wait for a relay.
//
// Before it publishes, a relay asks the stream where it stands and compares the
// leaf of its last message with the log's. A stream that is ahead of the log or
// holds another event is not ours to correct: the relay halts, says so in its
// Status, its metrics and the log of the process, and stays halted until it is
// started again.
package relay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/jetstream"
)

// Log is what a relay reads.
type Log interface {
	eventstore.LogReader
	eventstore.Follower
}

// ErrDiverged says that the stream holds what the log does not.
var ErrDiverged = errors.New("stream and log have diverged")

// Options of a Relay. The zero value is good for one process.
type Options struct {
	Logger   *slog.Logger          // nil: slog.Default
	Registry prometheus.Registerer // nil: metrics are kept and not shown
	// Check is how often an idle relay looks whether the stream is still as it
	// left it; 0 means 2 s.
	Check time.Duration
	Now   func() time.Time // nil: time.Now; decides which events are too old to keep
}

// Status says how a relay is doing.
type Status struct {
	Position eventstore.Position // the stream holds the log up to here
	// State is "ok", "away" (NATS cannot be used now) or "halted" (diverged).
	State string
	Since time.Time
	Error string
}

// The states of a relay.
const (
	StateOK     = "ok"
	StateAway   = "away"
	StateHalted = "halted"
)

// Relay moves the log into the stream. Run it once.
type Relay struct {
	log       Log
	publisher *jetstream.Publisher
	logger    *slog.Logger
	check     time.Duration
	now       func() time.Time
	metrics   *metrics

	mu     sync.Mutex
	status Status // guarded by mu
}

// New returns a Relay from a log to a publisher.
func New(log Log, publisher *jetstream.Publisher, o Options) *Relay {
	r := &Relay{log: log, publisher: publisher, logger: o.Logger, check: o.Check, now: o.Now, metrics: newMetrics(o.Registry)}
	if r.logger == nil {
		r.logger = slog.Default()
	}
	if r.check == 0 {
		r.check = 2 * time.Second
	}
	if r.now == nil {
		r.now = time.Now
	}
	r.status = Status{State: StateAway, Since: r.now(), Error: "not started"}
	return r
}

// Status tells how the relay is doing.
func (r *Relay) Status() Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.status
}

func (r *Relay) set(ctx context.Context, state string, at eventstore.Position, err error) {
	r.mu.Lock()
	changed := r.status.State != state
	if changed {
		r.status.Since = r.now()
	}
	r.status.State, r.status.Error = state, ""
	if at > 0 {
		r.status.Position = at
	}
	if err != nil {
		r.status.Error = err.Error()
	}
	position := r.status.Position
	r.mu.Unlock()
	r.metrics.state(state, position)
	if !changed {
		return // an outage is told once, not at every attempt
	}
	switch state {
	case StateOK:
		r.logger.InfoContext(ctx, "relay publishes", slog.Int64("position", int64(position)))
	case StateAway:
		r.logger.WarnContext(ctx, "relay cannot publish; the log is the backlog", slog.Int64("position", int64(position)), slog.Any("error", err))
	case StateHalted:
		r.logger.ErrorContext(ctx, "relay halted: stream and log have diverged", slog.Int64("position", int64(position)), slog.Any("error", err))
	}
}

// Run relays until ctx ends and returns its error. NATS being away is retried
// for ever. A divergence halts it: it then waits for ctx, and the error it
// returns is ErrDiverged.
func (r *Relay) Run(ctx context.Context) error {
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval = 50*time.Millisecond, 5*time.Second
	for {
		err := r.session(ctx, pause.Reset)
		wait := pause.NextBackOff()
		behind, lost := errors.AsType[*jetstream.SequenceError](err)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, ErrDiverged), errors.Is(err, jetstream.ErrEpoch):
			r.set(ctx, StateHalted, 0, err)
			<-ctx.Done()
			return err
		case errors.Is(err, errMoved), lost:
			// Not an outage: somebody else publishes, or the stream went back. The
			// true last sequence is asked for, and checked, before going on.
			r.metrics.resyncs.Inc()
			wait = 0
			if lost && behind.Last >= 0 {
				// Behind another relay, a moment's rest makes this one its stand-by.
				wait = time.Duration(20+rand.IntN(80)) * time.Millisecond //nolint:gosec // spreads relays, guards nothing
			}
		default:
			r.metrics.failures.Inc()
			r.set(ctx, StateAway, 0, err)
			if errors.Is(err, jetstream.ErrTooLarge) {
				// It was healthy up to this event and no sooner attempt will help.
				wait = pause.MaxInterval
			}
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// errMoved: the stream is not where this relay left it.
var errMoved = errors.New("stream has moved")

// session publishes from where the stream stands until something goes wrong.
func (r *Relay) session(ctx context.Context, healthy func()) error {
	at, err := r.resume(ctx)
	if err != nil {
		return err
	}
	healthy()
	r.set(ctx, StateOK, at, nil)

	following, stop := context.WithCancel(ctx)
	batches := make(chan []eventstore.Recorded)
	failed := make(chan error, 1)
	go func() {
		defer close(batches)
		for batch, err := range r.log.Follow(following, at) {
			if err != nil {
				failed <- fmt.Errorf("follow the log after %d: %w", at, err)
				return
			}
			select {
			case batches <- batch:
			case <-following.Done():
				return
			}
		}
	}()
	defer func() {
		stop()
		for range batches { // waits for the goroutine to leave
		}
	}()

	idle := time.NewTicker(r.check)
	defer idle.Stop()
	for {
		select {
		case batch, ok := <-batches:
			if !ok {
				select {
				case err := <-failed:
					return err
				default:
					return ctx.Err()
				}
			}
			for len(batch) > 0 {
				n, err := r.publisher.Publish(ctx, batch)
				if n > 0 {
					at = batch[n-1].Position
					r.metrics.published.Add(float64(n))
					r.set(ctx, StateOK, at, nil)
				}
				if err != nil {
					return err
				}
				batch = batch[n:]
			}
		case <-idle.C:
			state, err := r.publisher.State(ctx)
			if err != nil {
				return err
			}
			if state.Last != at {
				return errMoved
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// resume finds or makes the stream and returns the position it holds the log up to.
func (r *Relay) resume(ctx context.Context) (eventstore.Position, error) {
	state, err := r.publisher.Open(ctx, r.oldest)
	if err != nil {
		return 0, err
	}
	// The head is read after the stream: everything published before was committed
	// before, so a stream beyond this head holds what the log does not.
	head, err := r.log.Head(ctx)
	if err != nil {
		return 0, fmt.Errorf("find the head of the log: %w", err)
	}
	r.metrics.head.Set(float64(head))
	if state.Last > head {
		return 0, fmt.Errorf("%w: stream is at %d, log at %d", ErrDiverged, state.Last, head)
	}
	return state.Last, r.compare(ctx, state)
}
