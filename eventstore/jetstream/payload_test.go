package jetstream_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	nats_js "github.com/nats-io/nats.go/jetstream"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/jetstream"
	"github.com/grupo-gad/gad/eventstore/memory"
	"github.com/grupo-gad/gad/eventstore/relay"
	"github.com/grupo-gad/gad/ops/local"
)

const trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

// registered is a log with one fact that holds a text in the clear.
func registered(t *testing.T, unidad string) *memory.Store {
	t.Helper()
	store := &memory.Store{}
	id := ident.Efectivo(uuid.Must(uuid.NewV7()).String())
	stream := eventstore.StreamID(id.Stream())
	if _, err := store.Append(t.Context(), eventstore.Append{
		Command:  eventstore.CommandID(uuid.Must(uuid.NewV7())),
		Metadata: eventstore.Metadata{Actor: "sistema:prueba", Correlation: eventstore.Correlated("pedido-1", trace)},
		Expected: []eventstore.Expectation{{Stream: stream}},
		Events: []eventstore.Draft{{Stream: stream, Event: efectivo.Registrado{
			ID: id, Usuario: ident.Usuario(uuid.NewString()), CodigoInterno: "E-1", Unidad: unidad,
			En: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		}}},
	}); err != nil {
		t.Fatal(err)
	}
	return store
}

// What JSON encoders like to escape arrives as it was written, leaf and all; and so does the
// trace that the order was part of, in the header too.
func TestPayloadTravelsByteForByte(t *testing.T) {
	t.Parallel()
	store := registered(t, "Grúas & <Remolques>\u2028")
	srv, err := local.StartNATS(local.NATSOptions{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Stop()
	conn, err := srv.Conn(nats.Timeout(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	publisher, err := jetstream.NewPublisher(conn, jetstream.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := publisher.Open(t.Context(), func(context.Context) (eventstore.Position, error) { return 1, nil }); err != nil {
		t.Fatal(err)
	}
	want, err := store.ReadLog(t.Context(), 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := publisher.Publish(t.Context(), want); n != 1 || err != nil {
		t.Fatalf("published %d, %v", n, err)
	}
	js, err := nats_js.New(conn, nats_js.WithDefaultTimeout(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	cfg := publisher.Config()
	stream, err := js.Stream(t.Context(), cfg.Stream())
	if err != nil {
		t.Fatal(err)
	}
	m, err := stream.GetMsg(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	got, err := jetstream.Decode(m.Sequence, m.Header, m.Data)
	if err != nil {
		t.Fatalf("%v\n%s", err, m.Data)
	}
	if string(got.Payload) != string(want[0].Payload) {
		t.Errorf("payload %s, want %s", got.Payload, want[0].Payload)
	}
	if header := m.Header["traceparent"]; len(header) != 1 || header[0] != trace || got.Metadata.Traceparent() != trace {
		t.Errorf("the trace arrives as %v, %q", header, got.Metadata.Traceparent())
	}
}

// A relay says which fact is too large for the server instead of "cannot publish".
func TestTooLargeIsNamed(t *testing.T) {
	t.Parallel()
	store := registered(t, strings.Repeat("x", 64<<10))
	srv, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: t.TempDir(), MaxPayload: 32 << 10, NoSigs: true, NoLog: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	defer srv.WaitForShutdown()
	defer srv.Shutdown()
	if !srv.ReadyForConnections(time.Minute) {
		t.Fatal("the server does not start")
	}
	conn, err := jetstream.Connect(srv.ClientURL(), t.Name())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	publisher, err := jetstream.NewPublisher(conn, jetstream.Config{})
	if err != nil {
		t.Fatal(err)
	}
	r := relay.New(store, publisher, relay.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	eventually(t, func() bool {
		s := r.Status()
		return s.State == relay.StateAway && strings.Contains(s.Error, "event 1 ") && strings.Contains(s.Error, "max_payload")
	})
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("run: %v", err)
	}
}
