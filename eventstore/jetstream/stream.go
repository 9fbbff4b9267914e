package jetstream

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/grupo-gad/gad/eventstore"
)

// Config says how the stream of an epoch is kept.
type Config struct {
	Epoch    int           // generation of the log, from 1; names the stream
	MaxAge   time.Duration // older messages are discarded; 0 means 72 h
	MaxBytes int64         // the oldest are discarded beyond it; 0 means 8 GiB
	Replicas int           // copies in a cluster; 0 means 1
	Breaker  Breaker       // asked before the server is; nil: always
}

// Breaker says whether the server is worth asking; ops/breaker does.
type Breaker interface {
	Allow() error
	Done(err error)
}

// guarded asks the server something, unless it has not answered lately.
func (c Config) guarded(ask func() error) error {
	if c.Breaker == nil {
		return ask()
	}
	if err := c.Breaker.Allow(); err != nil {
		return err
	}
	err := ask()
	c.Breaker.Done(err)
	return err
}

// failed reports how a reading that was allowed ended, unless its reader ended it.
func (c Config) failed(ctx context.Context, err error) {
	if c.Breaker != nil && ctx.Err() == nil && !errors.Is(err, jetstream.ErrMsgIteratorClosed) {
		c.Breaker.Done(err)
	}
}

// Away reports an error of the server or of the way to it. What the server refuses in good
// health is an answer.
func Away(err error) bool {
	if _, ok := errors.AsType[*SequenceError](err); ok {
		return false
	}
	if api, ok := errors.AsType[*jetstream.APIError](err); ok {
		return api.Code >= 500 // no leader, no room
	}
	for _, answer := range []error{
		jetstream.ErrMsgNotFound, jetstream.ErrStreamNotFound, nats.ErrMaxPayload, ErrTooLarge, ErrEpoch, ErrServerTooOld,
	} {
		if errors.Is(err, answer) {
			return false
		}
	}
	return true
}

// The defaults of a Config.
const (
	DefaultMaxAge   = 72 * time.Hour
	DefaultMaxBytes = 8 << 30
)

func (c Config) withDefaults() Config {
	if c.Epoch == 0 {
		c.Epoch = 1
	}
	if c.MaxAge == 0 {
		c.MaxAge = DefaultMaxAge
	}
	if c.MaxBytes == 0 {
		c.MaxBytes = DefaultMaxBytes
	}
	if c.Replicas == 0 {
		c.Replicas = 1
	}
	return c
}

const streamPrefix = "GAD_"

// Stream returns the name of the stream of the epoch.
func (c Config) Stream() string { return streamPrefix + strconv.Itoa(max(1, c.Epoch)) }

// State is where a stream stands. First > Last when it holds nothing.
type State struct {
	First, Last eventstore.Position
}

// ErrEpoch says that the server already carries a later epoch of the log; whoever still
// works on an earlier one must not publish.
var ErrEpoch = errors.New("stream of a later epoch exists")

// the server's answer that nats.go has no constant for.
const codeSubjectOverlap = jetstream.ErrorCode(10065)

// Ensure finds or creates the stream of cfg. A stream that has to be created
// starts at the position that first returns. Streams of earlier epochs keep
// their messages until these expire and receive no more.
func Ensure(ctx context.Context, js jetstream.JetStream, cfg Config, first func(context.Context) (eventstore.Position, error)) (jetstream.Stream, error) {
	cfg = cfg.withDefaults()
	stream, err := js.Stream(ctx, cfg.Stream())
	if err == nil {
		return adjust(ctx, js, cfg, stream)
	}
	if !errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil, fmt.Errorf("look for stream %s: %w", cfg.Stream(), err)
	}
	from, err := first(ctx)
	if err != nil {
		return nil, fmt.Errorf("find the first position of stream %s: %w", cfg.Stream(), err)
	}
	want := jetstream.StreamConfig{
		Name: cfg.Stream(), Subjects: []string{subjectEvents + ">"},
		Description: "facts of the log; sequence = position",
		Retention:   jetstream.LimitsPolicy, Discard: jetstream.DiscardOld, Storage: jetstream.FileStorage,
		MaxAge: cfg.MaxAge, MaxBytes: cfg.MaxBytes, Replicas: cfg.Replicas,
		FirstSeq: uint64(max(1, from)), AllowDirect: true,
		// A message taken out of the middle would be a hole that nobody decided on.
		DenyDelete: true,
	}
	stream, err = js.CreateStream(ctx, want)
	if overlap(err) {
		if err = retire(ctx, js, cfg.Epoch); err == nil {
			stream, err = js.CreateStream(ctx, want)
		}
	}
	if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
		// Another relay was faster, and saw another oldest position.
		stream, err = js.Stream(ctx, cfg.Stream())
	}
	if err != nil {
		return nil, fmt.Errorf("create stream %s: %w", cfg.Stream(), err)
	}
	return stream, nil
}

// adjust brings the limits of an existing stream to those of cfg.
func adjust(ctx context.Context, js jetstream.JetStream, cfg Config, stream jetstream.Stream) (jetstream.Stream, error) {
	have := stream.CachedInfo().Config
	if have.MaxAge == cfg.MaxAge && have.MaxBytes == cfg.MaxBytes && have.Replicas == cfg.Replicas {
		return stream, nil
	}
	have.MaxAge, have.MaxBytes, have.Replicas = cfg.MaxAge, cfg.MaxBytes, cfg.Replicas
	stream, err := js.UpdateStream(ctx, have)
	if err != nil {
		return nil, fmt.Errorf("adjust stream %s: %w", cfg.Stream(), err)
	}
	return stream, nil
}

func overlap(err error) bool {
	api, ok := errors.AsType[*jetstream.APIError](err)
	return ok && api.ErrorCode == codeSubjectOverlap
}

// retire takes the subjects from the stream of an earlier epoch.
func retire(ctx context.Context, js jetstream.JetStream, epoch int) error {
	name, err := js.StreamNameBySubject(ctx, subjectEvents+">")
	if err != nil {
		return fmt.Errorf("find the stream that holds the subjects: %w", err)
	}
	other, err := strconv.Atoi(strings.TrimPrefix(name, streamPrefix))
	if err != nil {
		return fmt.Errorf("stream %s is not ours and holds our subjects", name)
	}
	if other > epoch {
		return fmt.Errorf("%w: %s", ErrEpoch, name)
	}
	stream, err := js.Stream(ctx, name)
	if err != nil {
		return fmt.Errorf("look for stream %s: %w", name, err)
	}
	cfg := stream.CachedInfo().Config
	cfg.Subjects = []string{"gad.epoch." + strconv.Itoa(other) + ".>"}
	if _, err := js.UpdateStream(ctx, cfg); err != nil {
		return fmt.Errorf("retire stream %s: %w", name, err)
	}
	return nil
}
