package jetstream

import (
	"context"
	"fmt"
	"iter"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/grupo-gad/gad/eventstore"
)

// Log is where a Consumer reads what the stream does not bring.
type Log interface {
	eventstore.LogReader
	eventstore.Follower
}

// ConsumerOptions of a Consumer.
type ConsumerOptions struct {
	// Poll is how long the stream may be silent before the log is asked whether
	// it really has nothing; 0 means 250 ms.
	Poll time.Duration
	// Decode fills Event of events that came as messages; nil leaves it nil.
	Decode func(*eventstore.Recorded)
}

// Sources counts where the events of a Consumer came from.
type Sources struct {
	Stream, Log int64
}

// Consumer follows the log by way of the stream. It keeps the promise of
// eventstore.Follower whatever becomes of NATS, and is safe for concurrent use.
type Consumer struct {
	conn       *nats.Conn
	js         jetstream.JetStream
	cfg        Config
	log        Log
	poll       time.Duration
	decode     func(*eventstore.Recorded)
	fromStream atomic.Int64
	fromLog    atomic.Int64
}

var _ eventstore.Follower = (*Consumer)(nil)

// NewConsumer returns a Consumer on a connection that the caller closes.
func NewConsumer(conn *nats.Conn, cfg Config, log Log, o ConsumerOptions) (*Consumer, error) {
	js, err := jetstream.New(conn)
	if err != nil {
		return nil, fmt.Errorf("open JetStream: %w", err)
	}
	c := &Consumer{conn: conn, js: js, cfg: cfg.withDefaults(), log: log, poll: o.Poll, decode: o.Decode}
	if c.poll == 0 {
		c.poll = 250 * time.Millisecond
	}
	if c.decode == nil {
		c.decode = func(*eventstore.Recorded) {}
	}
	return c, nil
}

// Sources tells how many events came from the stream and how many from the log.
func (c *Consumer) Sources() Sources {
	return Sources{Stream: c.fromStream.Load(), Log: c.fromLog.Load()}
}

// Follow yields every event after a position in log order, waiting for new
// ones, until ctx ends. It ends with an error only when the log cannot be read;
// the caller follows again from its own position.
func (c *Consumer) Follow(ctx context.Context, after eventstore.Position) iter.Seq2[[]eventstore.Recorded, error] {
	return func(yield func([]eventstore.Recorded, error) bool) {
		r := &reading{c: c, at: after, yield: yield}
		// Far behind, the log is the shorter way.
		if !r.fill(ctx, 0) {
			return
		}
		pause := backoff.NewExponentialBackOff()
		pause.InitialInterval, pause.MaxInterval = 50*time.Millisecond, 5*time.Second
		for ctx.Err() == nil {
			began := r.carried
			more := r.stream(ctx)
			if r.carried != began {
				pause.Reset()
			}
			if more {
				// The stream cannot be read now: tail the log until it may be again.
				more = r.tail(ctx, pause.NextBackOff())
			}
			if !more {
				return
			}
		}
	}
}

// reading is one Follow under way. Its methods return false when it is over.
type reading struct {
	c       *Consumer
	at      eventstore.Position // delivered
	carried int64               // events that came by the stream
	yield   func([]eventstore.Recorded, error) bool
}

const chunk = 1000

// fill delivers from the log up to a position; 0 means all there is.
func (r *reading) fill(ctx context.Context, to eventstore.Position) bool {
	for to == 0 || r.at < to {
		limit := chunk
		if to != 0 {
			limit = int(min(chunk, to-r.at))
		}
		batch, err := r.c.log.ReadLog(ctx, r.at, limit)
		if err != nil {
			if ctx.Err() == nil {
				r.yield(nil, fmt.Errorf("read the log after %d: %w", r.at, err))
			}
			return false
		}
		if len(batch) == 0 {
			return true
		}
		r.at = batch[len(batch)-1].Position
		r.c.fromLog.Add(int64(len(batch)))
		if !r.yield(batch, nil) {
			return false
		}
		if len(batch) < limit {
			return true
		}
	}
	return true
}

// tail follows the log itself for a while, or until NATS is back. It does not wait for that: the
// stream is asked for again while NATS is away, so that the breaker hears of it from this reader.
func (r *reading) tail(ctx context.Context, most time.Duration) bool {
	if !r.fill(ctx, 0) {
		return false
	}
	tailing, stop := context.WithCancel(ctx)
	defer stop()
	back := r.c.conn.StatusChanged(nats.CONNECTED)
	defer r.c.conn.RemoveStatusListener(back)
	go func() {
		defer stop()
		select {
		case <-time.After(most):
		case <-back:
		case <-tailing.Done():
		}
	}()
	for batch, err := range r.c.log.Follow(tailing, r.at) {
		if tailing.Err() != nil {
			return ctx.Err() == nil // what came is read again from r.at
		}
		if err != nil {
			r.yield(nil, fmt.Errorf("follow the log after %d: %w", r.at, err))
			return false
		}
		if len(batch) == 0 {
			continue
		}
		r.at = batch[len(batch)-1].Position
		r.c.fromLog.Add(int64(len(batch)))
		if !r.yield(batch, nil) {
			return false
		}
	}
	return ctx.Err() == nil
}

// stream follows by JetStream until that fails. It returns true to go on by
// other means.
func (r *reading) stream(ctx context.Context) bool {
	reading, stop := context.WithCancel(ctx)
	defer stop()
	var messages jetstream.MessagesContext
	if err := r.c.cfg.guarded(func() (err error) {
		messages, err = r.subscribe(reading)
		return err
	}); err != nil {
		return true
	}
	arrived := make(chan jetstream.Msg, 512)
	over := make(chan struct{})
	go func() {
		defer close(over)
		for {
			m, err := messages.Next(jetstream.NextContext(reading))
			if err != nil {
				r.c.cfg.failed(reading, err)
				return
			}
			select {
			case arrived <- m:
			case <-reading.Done():
				return
			}
		}
	}()
	defer func() { stop(); messages.Stop(); <-over }()

	silence := time.NewTimer(r.c.poll)
	defer silence.Stop()
	away := r.c.conn.StatusChanged(nats.RECONNECTING, nats.CLOSED)
	defer r.c.conn.RemoveStatusListener(away)
	for {
		silence.Reset(r.c.poll)
		select {
		case m := <-arrived:
			if !r.take(ctx, m, arrived) {
				return false
			}
		case <-silence.C:
			// The stream may be lost, purged or unfed: only the log knows.
			if !r.fill(ctx, 0) {
				return false
			}
		case <-away:
			return true
		case <-over:
			return ctx.Err() == nil
		case <-ctx.Done():
			return false
		}
	}
}

// subscribe asks the server for the messages after what was delivered.
func (r *reading) subscribe(ctx context.Context) (jetstream.MessagesContext, error) {
	if err := CheckServer(r.c.conn); err != nil {
		return nil, err
	}
	consumer, err := r.c.js.OrderedConsumer(ctx, r.c.cfg.Stream(), jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: uint64(r.at + 1),
		InactiveThreshold: 30 * time.Second, MaxResetAttempts: 3,
	})
	if err != nil {
		return nil, fmt.Errorf("read stream %s: %w", r.c.cfg.Stream(), err)
	}
	messages, err := consumer.Messages(jetstream.PullMaxMessages(512), jetstream.PullHeartbeat(time.Second), jetstream.PullExpiry(5*time.Second))
	if err != nil {
		return nil, fmt.Errorf("read stream %s: %w", r.c.cfg.Stream(), err)
	}
	return messages, nil
}

// take delivers a message and those that arrived with it: repeats are dropped,
// and what is missing between two of them comes from the log.
func (r *reading) take(ctx context.Context, m jetstream.Msg, arrived <-chan jetstream.Msg) bool {
	var batch []eventstore.Recorded
	flush := func() bool {
		if len(batch) == 0 {
			return true
		}
		r.at = batch[len(batch)-1].Position
		r.carried += int64(len(batch))
		r.c.fromStream.Add(int64(len(batch)))
		ready := batch
		batch = nil
		return r.yield(ready, nil)
	}
	next := func() eventstore.Position { return r.at + eventstore.Position(len(batch)) + 1 }
	for more := true; more; {
		if sequence := sequenceOf(m); sequence >= next() {
			event, err := Decode(uint64(sequence), m.Headers(), m.Data())
			switch {
			case err != nil:
				if !flush() || !r.fill(ctx, sequence) {
					return false
				}
			case sequence > next():
				if !flush() || !r.fill(ctx, sequence-1) {
					return false
				}
				// The log may be read from a copy that is behind: then it is asked again later.
				if r.at+1 != sequence {
					break
				}
				fallthrough
			default:
				r.c.decode(&event)
				batch = append(batch, event)
			}
		}
		if len(batch) >= chunk {
			break
		}
		select {
		case m = <-arrived:
		default:
			more = false
		}
	}
	return flush()
}

// sequenceOf returns the stream sequence of a message, 0 when it has none.
func sequenceOf(m jetstream.Msg) eventstore.Position {
	meta, err := m.Metadata()
	if err != nil {
		return 0
	}
	return eventstore.Position(meta.Sequence.Stream)
}
