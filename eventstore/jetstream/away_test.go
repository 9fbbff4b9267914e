package jetstream_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"

	"github.com/grupo-gad/gad/eventstore/jetstream"
)

// TestAway: only failures of the server and of the way to it count against it.
func TestAway(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]bool{
		nats.ErrTimeout: true, nats.ErrDisconnected: true, nats.ErrNoResponders: true, js.ErrNoStreamResponse: true, errors.New("connection reset"): true,
		&js.APIError{Code: 503, Description: "no leader"}: true, context.DeadlineExceeded: true,
		&js.APIError{Code: 400, ErrorCode: 10071}: false, &jetstream.SequenceError{Last: 7}: false, jetstream.ErrTooLarge: false,
		jetstream.ErrEpoch: false, js.ErrMsgNotFound: false, js.ErrStreamNotFound: false, nats.ErrMaxPayload: false,
	} {
		if got := jetstream.Away(fmt.Errorf("publish: %w", err)); got != want {
			t.Errorf("%v: %t", err, got)
		}
	}
}
