package jetstream

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/codec"
)

// MaxBatch bounds what Publish has under way at once; the client library would
// otherwise stall between two messages.
const MaxBatch = 512

// ackWait is how long an acknowledgement may take before its batch counts as
// lost. Loss is harmless: the stream is asked where it stands.
const ackWait = 5 * time.Second

// SequenceError says that the stream does not stand where the publisher believed. Last
// is its true last sequence, or -1 when the server did not say.
type SequenceError struct{ Last eventstore.Position }

func (e *SequenceError) Error() string {
	return "stream stands at " + strconv.FormatInt(int64(e.Last), 10)
}

// ErrTooLarge says that an event does not fit into a message of this server. Only
// a larger max_payload there helps.
var ErrTooLarge = errors.New("event is larger than max_payload of the NATS server")

// Publisher puts events into the stream. One goroutine uses it at a time; any
// number of Publishers may exist.
type Publisher struct {
	conn   *nats.Conn
	js     jetstream.JetStream
	cfg    Config
	stream jetstream.Stream // nil until Open
}

// NewPublisher returns a Publisher on a connection that the caller closes.
func NewPublisher(conn *nats.Conn, cfg Config) (*Publisher, error) {
	js, err := jetstream.New(conn, jetstream.WithPublishAsyncTimeout(ackWait), jetstream.WithPublishAsyncMaxPending(2*MaxBatch))
	if err != nil {
		return nil, fmt.Errorf("open JetStream: %w", err)
	}
	return &Publisher{conn: conn, js: js, cfg: cfg.withDefaults()}, nil
}

// Config returns the configuration with its defaults filled in.
func (p *Publisher) Config() Config { return p.cfg }

// Open finds or creates the stream and tells where it stands.
func (p *Publisher) Open(ctx context.Context, first func(context.Context) (eventstore.Position, error)) (State, error) {
	var ours error // of the log: no fault of the server
	err := p.cfg.guarded(func() error {
		if err := CheckServer(p.conn); err != nil {
			return err
		}
		stream, err := Ensure(ctx, p.js, p.cfg, func(ctx context.Context) (at eventstore.Position, err error) {
			at, ours = first(ctx)
			return at, ours
		})
		if err == nil {
			p.stream = stream
		}
		if ours == nil {
			return err
		}
		return nil
	})
	if err = errors.Join(ours, err); err != nil {
		return State{}, err
	}
	return p.State(ctx)
}

// State asks where the stream stands now. It fails when the stream is gone.
func (p *Publisher) State(ctx context.Context) (State, error) {
	if p.stream == nil {
		return State{}, jetstream.ErrStreamNotFound
	}
	var info *jetstream.StreamInfo
	err := p.cfg.guarded(func() (err error) {
		info, err = p.stream.Info(ctx)
		return err
	})
	if err != nil {
		return State{}, fmt.Errorf("ask stream %s for its state: %w", p.cfg.Stream(), err)
	}
	return State{First: eventstore.Position(info.State.FirstSeq), Last: eventstore.Position(info.State.LastSeq)}, nil
}

// Leaf returns the leaf that the stream holds for a position; false when the
// message has expired or was purged.
func (p *Publisher) Leaf(ctx context.Context, at eventstore.Position) (codec.Hash, bool, error) {
	m, err := p.stream.GetMsg(ctx, uint64(at))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return codec.Hash{}, false, nil
	}
	if err != nil {
		return codec.Hash{}, false, fmt.Errorf("read message %d: %w", at, err)
	}
	var leaf codec.Hash
	// A header that is missing or no hash leaves the zero leaf, which equals no event's.
	_, _ = hex.Decode(leaf[:], []byte(m.Header.Get(HeaderLeaf))[:min(len(m.Header.Get(HeaderLeaf)), 2*len(leaf))])
	return leaf, true, nil
}

// Publish puts up to MaxBatch consecutive events at the end of the stream. It
// returns how many the server has acknowledged, from the first, and why it
// stopped there: a *SequenceError when the stream stands elsewhere.
//
// A crash at any line is safe: the stream then holds a prefix of the batch, and
// whoever comes next asks where it ends.
func (p *Publisher) Publish(ctx context.Context, batch []eventstore.Recorded) (n int, err error) {
	err = p.cfg.guarded(func() (err error) {
		n, err = p.publish(ctx, batch)
		return err
	})
	return n, err
}

func (p *Publisher) publish(ctx context.Context, batch []eventstore.Recorded) (int, error) {
	if len(batch) > MaxBatch {
		batch = batch[:MaxBatch]
	}
	futures := make([]jetstream.PubAckFuture, 0, len(batch))
	var sendErr error
	for i := range batch {
		m, err := encode(&batch[i])
		if err != nil {
			sendErr = err
			break
		}
		f, err := p.js.PublishMsgAsync(m,
			jetstream.WithExpectStream(p.cfg.Stream()),
			jetstream.WithExpectLastSequence(uint64(batch[i].Position-1)),
			jetstream.WithRetryAttempts(0))
		if errors.Is(err, nats.ErrMaxPayload) {
			sendErr = fmt.Errorf("publish event %d (%d bytes, the server takes %d): %w",
				batch[i].Position, m.Size(), p.conn.MaxPayload(), ErrTooLarge)
			break
		}
		if err != nil {
			sendErr = fmt.Errorf("publish event %d: %w", batch[i].Position, err)
			break
		}
		futures = append(futures, f)
	}
	for i, f := range futures {
		select {
		case <-f.Ok():
		case err := <-f.Err():
			return i, p.explain(batch[i].Position, err)
		case <-ctx.Done():
			return i, ctx.Err()
		}
	}
	return len(futures), sendErr
}

// explain recognises the answer that the stream stands elsewhere.
func (p *Publisher) explain(at eventstore.Position, err error) error {
	if api, ok := errors.AsType[*jetstream.APIError](err); ok {
		switch api.ErrorCode { //nolint:exhaustive // the others mean what they say
		case jetstream.JSErrCodeStreamWrongLastSequence:
			last := eventstore.Position(-1)
			if _, text, ok := strings.Cut(api.Description, ": "); ok {
				if n, err := strconv.ParseInt(text, 10, 64); err == nil {
					last = eventstore.Position(n)
				}
			}
			return &SequenceError{Last: last}
		case codeWrongLastSequenceClustered:
			return &SequenceError{Last: -1}
		}
	}
	return fmt.Errorf("publish event %d: %w", at, err)
}

// codeWrongLastSequenceClustered is the same refusal from a cluster that is
// still deciding and does not know the number yet.
const codeWrongLastSequenceClustered = jetstream.ErrorCode(10164)
