package jetstream_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"

	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/codec"
	"github.com/grupo-gad/gad/eventstore/jetstream"
	"github.com/grupo-gad/gad/eventstore/memory"
	"github.com/grupo-gad/gad/eventstore/relay"
	"github.com/grupo-gad/gad/ops/local"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// oldServer speaks enough of the NATS protocol to be connected to, and says
// which version it is.
func oldServer(t *testing.T, version string) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				_, _ = fmt.Fprintf(c, "INFO {\"server_id\":\"x\",\"version\":%q,\"proto\":1,\"headers\":true,\"max_payload\":1048576,\"jetstream\":true}\r\n", version)
				for lines := bufio.NewScanner(c); lines.Scan(); {
					if strings.HasPrefix(lines.Text(), "PING") {
						_, _ = fmt.Fprint(c, "PONG\r\n")
					}
				}
			}()
		}
	}()
	return "nats://" + l.Addr().String()
}

func TestOldServersAreRefused(t *testing.T) {
	t.Parallel()
	for version, refused := range map[string]bool{"2.9.10": true, "2.11.9": true, "1.4.1": true, "2": true, "x.y": true, "2.12.0": false, "2.15.2": false, "3.0.1-RC.2": false} {
		conn, err := jetstream.Connect(oldServer(t, version), t.Name())
		if err != nil {
			t.Fatal(err)
		}
		eventually(t, conn.IsConnected) // it need not be by the first attempt
		err = jetstream.CheckServer(conn)
		if errors.Is(err, jetstream.ErrServerTooOld) != refused {
			t.Errorf("version %s: %v", version, err)
		}
		if refused {
			publisher, err := jetstream.NewPublisher(conn, jetstream.Config{})
			if err != nil {
				t.Fatal(err)
			}
			r := relay.New(&memory.Store{}, publisher, relay.Options{})
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- r.Run(ctx) }()
			eventually(t, func() bool { return strings.Contains(r.Status().Error, "older than 2.12") })
			cancel()
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("run: %v", err)
			}
		}
		conn.Close()
	}
}

func eventually(t *testing.T, check func() bool) {
	t.Helper()
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !check() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatal("never came to be")
		}
	}
}

func TestConnectWithoutServer(t *testing.T) {
	t.Parallel()
	conn, err := jetstream.Connect("nats://127.0.0.1:1", t.Name())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := jetstream.CheckServer(conn); !errors.Is(err, nats.ErrDisconnected) {
		t.Errorf("got %v", err)
	}
	if err := conn.Publish("x", nil); err == nil {
		t.Error("a publish into nothing was accepted")
	}
}

// A message that is not what it says is not believed.
func TestAlteredMessages(t *testing.T) {
	t.Parallel()
	r := eventstore.Recorded{
		Position: 7, Stream: "tarea-1", Version: 2, Type: "tarea.iniciada", Schema: 1, RecordedAt: time.UnixMicro(1700000000123456).UTC(),
		Metadata: eventstore.Metadata{Actor: "usuario-1", Correlation: "c", Causation: "evento:6"}, Payload: []byte(`{"en":"2026-03-01T12:00:00Z"}`),
	}
	leaf, _ := codec.Leaf(nil, &r)
	header := nats.Header{jetstream.HeaderLeaf: {fmt.Sprintf("%x", leaf)}}
	body := `{"posicion":7,"stream":"tarea-1","version":2,"tipo":"tarea.iniciada","schema":1,"registrado":"2023-11-14T22:13:20.123456Z","actor":"usuario-1","correlacion":"c","causa":"evento:6","comando":"00000000-0000-0000-0000-000000000000","datos":{"en":"2026-03-01T12:00:00Z"}}`
	if _, err := jetstream.Decode(7, header, []byte(body)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		sequence uint64
		header   nats.Header
		body     string
	}{
		{8, header, body},
		{7, nil, body},
		{7, nats.Header{jetstream.HeaderLeaf: {strings.Repeat("0", 64)}}, body},
		{7, header, strings.Replace(body, `"version":2`, `"version":3`, 1)},
		{7, header, strings.Replace(body, "usuario-1", "usuario-2", 1)},
		{7, header, strings.Replace(body, "12:00", "13:00", 1)},
		{7, header, "{"},
	} {
		if _, err := jetstream.Decode(c.sequence, c.header, []byte(c.body)); err == nil {
			t.Errorf("believed %d %v %s", c.sequence, c.header, c.body)
		}
	}
}

// An announcement wakes the reader of another process at once.
func TestAnnouncementsWake(t *testing.T) {
	t.Parallel()
	srv, err := local.StartNATS(local.NATSOptions{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Stop()
	conn, err := srv.Conn(jetstream.Options(t.Name())...)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	log := &shelf{}
	announced := jetstream.Announce(conn, log)
	reader := jetstream.NewTelemetry(conn, log, time.Hour) // no poll will save it
	ctx, cancel := context.WithCancel(t.Context())
	got := make(chan eventstore.Batch)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for b, err := range reader.FollowBatches(ctx, 0) {
			if err != nil {
				return
			}
			got <- b.Batch
		}
	}()
	eventually(t, func() bool { return conn.IsConnected() && conn.NumSubscriptions() > 0 })
	for want := eventstore.Batch(1); want <= 3; want++ {
		if _, err := announced.AppendFixes(t.Context(), []eventstore.Fix{{}}); err != nil {
			t.Fatal(err)
		}
		if b := <-got; b != want {
			t.Errorf("got batch %d, want %d", b, want)
		}
	}
	cancel()
	<-done
}
