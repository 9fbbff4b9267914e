package relay_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	nats_js "github.com/nats-io/nats.go/jetstream"

	"github.com/grupo-gad/gad/domain"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/codec"
	"github.com/grupo-gad/gad/eventstore/jetstream"
	"github.com/grupo-gad/gad/eventstore/postgres"
	"github.com/grupo-gad/gad/eventstore/relay"
	"github.com/grupo-gad/gad/ops/local"
	"github.com/grupo-gad/gad/ops/pgtest"
)

// world is a log in PostgreSQL and a NATS server that a test may mistreat.
type world struct {
	t     *testing.T
	db    *pgtest.DB
	store *postgres.Store
	dir   string
	port  int
	nats  *local.NATS
	cfg   jetstream.Config
	now   func() time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, db: pgtest.New(t), dir: t.TempDir(), port: pgtest.Port(t)}
	w.cfg.MaxBytes = 64 << 20 // JetStream sets it aside: two epochs of the default want 22 GiB free
	w.store = openStore(t, w.db)
	w.startNATS()
	t.Cleanup(func() { w.stopNATS() })
	return w
}

func openStore(t *testing.T, db *pgtest.DB) *postgres.Store {
	t.Helper()
	catalog, err := domain.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	store, err := postgres.New(t.Context(), db.App, postgres.Options{Catalog: catalog, Writer: t.Name(), Patience: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	background(t, "store", store.Run)
	return store
}

// background runs a role until the test ends, or until stop is called.
func background(t *testing.T, name string, run func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	t.Cleanup(stop)
	return stop
}

func (w *world) startNATS() {
	w.t.Helper()
	srv, err := local.StartNATS(local.NATSOptions{Dir: w.dir, Port: w.port})
	if err != nil {
		w.t.Fatal(err)
	}
	w.nats = srv
}

func (w *world) stopNATS() {
	if w.nats != nil {
		w.nats.Stop()
		w.nats = nil
	}
}

// data is where the server keeps its streams.
func (w *world) data() string { return filepath.Join(w.dir, "nats") }

func (w *world) connect() *nats.Conn {
	w.t.Helper()
	conn, err := jetstream.Connect("nats://127.0.0.1:"+strconv.Itoa(w.port), w.t.Name())
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(conn.Close)
	return conn
}

// relay starts one more relay.
func (w *world) relay() (*relay.Relay, func()) {
	w.t.Helper()
	publisher, err := jetstream.NewPublisher(w.connect(), w.cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	r := relay.New(w.store, publisher, relay.Options{Check: 50 * time.Millisecond, Now: w.now})
	stop := background(w.t, "relay", func(ctx context.Context) error {
		if err := r.Run(ctx); !errors.Is(err, relay.ErrDiverged) && !errors.Is(err, jetstream.ErrEpoch) {
			return err
		}
		return nil // the test asks Status
	})
	return r, stop
}

// append records n events, one command each per ten.
func (w *world) append(n int) {
	w.t.Helper()
	appendTo(w.t, w.store, n)
}

func appendTo(t *testing.T, store eventstore.Appender, n int) {
	t.Helper()
	for n > 0 {
		k := min(n, 10)
		n -= k
		id := ident.Efectivo(uuid.Must(uuid.NewV7()).String())
		a := eventstore.Append{
			Command:  eventstore.CommandID(uuid.Must(uuid.NewV7())),
			Metadata: eventstore.Metadata{Actor: "sistema:prueba", Correlation: "c", Causation: "evento:1"},
			Expected: []eventstore.Expectation{{Stream: eventstore.StreamID(id.Stream())}},
		}
		for i := range k {
			a.Events = append(a.Events, eventstore.Draft{
				Stream: eventstore.StreamID(id.Stream()),
				Event: efectivo.DisponibilidadCambiada{
					Disponibilidad: efectivo.Disponible, Causa: efectivo.PorOrden,
					En: time.Date(2026, 3, 1, 12, 0, i, 0, time.UTC),
				},
			})
		}
		if _, err := store.Append(t.Context(), a); err != nil {
			t.Fatalf("append: %v", err)
		}
	}
}

// eventually waits until check returns "".
func eventually(t *testing.T, what string, check func() string) {
	t.Helper()
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		last := check()
		if last == "" {
			return
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("%s: %s", what, last)
		}
	}
}

func (w *world) head() eventstore.Position {
	w.t.Helper()
	head, err := w.store.Head(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return head
}

func (w *world) stream() nats_js.Stream {
	w.t.Helper()
	js, err := nats_js.New(w.connect(), nats_js.WithDefaultTimeout(time.Minute))
	if err != nil {
		w.t.Fatal(err)
	}
	eventuallyStream := func() (s nats_js.Stream, err error) { return js.Stream(w.t.Context(), w.cfg.Stream()) }
	var stream nats_js.Stream
	eventually(w.t, "find the stream", func() string {
		if stream, err = eventuallyStream(); err != nil {
			return err.Error()
		}
		return ""
	})
	return stream
}

// settled waits until the stream stands at the head of the log.
func (w *world) settled() {
	w.t.Helper()
	head := w.head()
	stream := w.stream()
	eventually(w.t, "the stream reaches the head", func() string {
		info, err := stream.Info(w.t.Context())
		if err != nil {
			return err.Error()
		}
		if info.State.LastSeq != uint64(head) {
			return fmt.Sprintf("it stands at %d of %d", info.State.LastSeq, head)
		}
		return ""
	})
}

// slice fails unless the stream holds exactly the log from its first message to the head.
func (w *world) slice() (first, last eventstore.Position) {
	w.t.Helper()
	w.settled()
	stream := w.stream()
	info, err := stream.Info(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	first, last = eventstore.Position(info.State.FirstSeq), eventstore.Position(info.State.LastSeq)
	if want := uint64(last - first + 1); info.State.Msgs != want {
		w.t.Fatalf("stream holds %d messages between %d and %d", info.State.Msgs, first, last)
	}
	want := readAll(w.t, w.store, first-1)
	for i := range want {
		m, err := stream.GetMsg(w.t.Context(), uint64(want[i].Position))
		if err != nil {
			w.t.Fatalf("message %d: %v", want[i].Position, err)
		}
		got, err := jetstream.Decode(m.Sequence, m.Header, m.Data)
		if err != nil {
			w.t.Fatal(err)
		}
		if diff := differ(want[i], got); diff != "" {
			w.t.Fatalf("message %d differs from the log (-log +stream):\n%s", want[i].Position, diff)
		}
		if m.Subject != jetstream.Subject(want[i].Type) {
			w.t.Fatalf("message %d has subject %s", want[i].Position, m.Subject)
		}
	}
	return first, last
}

// differ compares everything but the decoded form. A leaf covers all of that; the
// slow comparison only explains.
func differ(want, got eventstore.Recorded) string {
	a, _ := codec.Leaf(nil, &want)
	if b, _ := codec.Leaf(nil, &got); a == b {
		return ""
	}
	return cmp.Diff(want, got, cmpopts.IgnoreFields(eventstore.Recorded{}, "Event", "Err"))
}

func readAll(t *testing.T, log eventstore.LogReader, after eventstore.Position) (all []eventstore.Recorded) {
	t.Helper()
	for {
		batch, err := log.ReadLog(t.Context(), after, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(batch) == 0 {
			return all
		}
		all = append(all, batch...)
		after = all[len(all)-1].Position
	}
}

// restore replaces the server's data by a copy taken before.
func (w *world) restore(copied string) {
	w.t.Helper()
	w.wipe()
	if err := os.CopyFS(w.data(), os.DirFS(copied)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) copy() string {
	w.t.Helper()
	to := filepath.Join(w.t.TempDir(), "copy")
	if err := os.CopyFS(to, os.DirFS(w.data())); err != nil {
		w.t.Fatal(err)
	}
	return to
}

func (w *world) wipe() {
	w.t.Helper()
	if err := os.RemoveAll(w.data()); err != nil {
		w.t.Fatal(err)
	}
}
