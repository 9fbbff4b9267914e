package relay_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	nats_js "github.com/nats-io/nats.go/jetstream"

	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/jetstream"
	"github.com/grupo-gad/gad/eventstore/relay"
)

// reader follows by way of the stream and keeps what it was given.
type reader struct {
	consumer *jetstream.Consumer

	mu   sync.Mutex
	seen []eventstore.Recorded // guarded by mu
}

func (w *world) reader() *reader {
	w.t.Helper()
	consumer, err := jetstream.NewConsumer(w.connect(), w.cfg, w.store, jetstream.ConsumerOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	r := &reader{consumer: consumer}
	background(w.t, "consumer", func(ctx context.Context) error {
		for batch, err := range consumer.Follow(ctx, 0) {
			if err != nil {
				return err
			}
			r.mu.Lock()
			r.seen = append(r.seen, batch...)
			r.mu.Unlock()
		}
		return nil
	})
	return r
}

// complete fails unless the reader got the whole log, each event once and in order.
func (w *world) complete(r *reader) {
	w.t.Helper()
	want := readAll(w.t, w.store, 0)
	eventually(w.t, "the consumer gets the log", func() string {
		r.mu.Lock()
		defer r.mu.Unlock()
		if len(r.seen) < len(want) {
			return fmt.Sprintf("it has %d of %d", len(r.seen), len(want))
		}
		return ""
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.seen) > len(want) {
		w.t.Fatalf("consumer has %d events, the log %d", len(r.seen), len(want))
	}
	for i := range want {
		if diff := differ(want[i], r.seen[i]); diff != "" {
			w.t.Fatalf("event %d differs from the log (-log +consumer):\n%s", want[i].Position, diff)
		}
	}
}

func TestSequenceIsPosition(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.append(700)
	w.relay()
	r := w.reader()
	w.append(700)
	first, last := w.slice()
	if first != 1 || last != 1400 {
		t.Errorf("stream holds %d..%d, want 1..1400", first, last)
	}
	w.complete(r)
	// A consumer that is level gets new facts by JetStream, not from the log.
	before := r.consumer.Sources().Stream
	eventually(t, "JetStream carries", func() string {
		w.append(1)
		w.complete(r)
		if r.consumer.Sources().Stream == before {
			return "not yet"
		}
		return ""
	})
}

func TestWithoutNATS(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.stopNATS()
	relay1, _ := w.relay()
	r := w.reader()
	w.append(200)
	w.complete(r) // the log is tailed
	if s := relay1.Status(); s.State != relay.StateAway {
		t.Errorf("status %+v, want away", s)
	}
	w.startNATS()
	w.slice()
	w.stopNATS()
	w.append(200)
	w.complete(r)
	w.startNATS()
	w.append(100)
	w.slice()
	w.complete(r)
	eventually(t, "the relay says ok", func() string {
		if s := relay1.Status(); s.State != relay.StateOK || s.Position != w.head() {
			return fmt.Sprintf("status %+v", s)
		}
		return ""
	})
}

func TestStreamWiped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.append(300)
	w.relay()
	r := w.reader()
	w.settled()
	w.stopNATS()
	w.wipe()
	w.startNATS()
	first, _ := w.slice()
	if first != 1 {
		t.Errorf("first sequence %d, want 1: nothing is too old", first)
	}
	w.append(100)
	w.slice()
	w.complete(r)
}

// After a loss the stream starts at the oldest event that is not past its age.
func TestWipedStreamStartsAtTheOldestToKeep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.append(300)
	events := readAll(t, w.store, 0)
	var border eventstore.Position
	for _, e := range events[150:] {
		if e.RecordedAt.After(events[150].RecordedAt) {
			border = e.Position
			break
		}
	}
	w.now = func() time.Time { return events[border-1].RecordedAt.Add(time.Hour) }
	w.cfg.MaxAge = time.Hour
	w.relay()
	r := w.reader()
	if first, last := w.slice(); first != border || last != 300 {
		t.Errorf("stream holds %d..%d, want %d..300", first, last, border)
	}
	w.complete(r)
}

func TestRestoredFromOldCopy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, stopRelay := w.relay()
	r := w.reader()
	w.append(200)
	w.settled()
	w.stopNATS()
	copied := w.copy()
	w.startNATS()
	w.append(300)
	w.settled()
	w.stopNATS()
	w.restore(copied)
	w.startNATS()
	w.slice() // nobody appends: the idle relay notices by itself
	w.append(100)
	w.slice()
	w.complete(r)
	stopRelay()
}

func TestPurged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.append(300)
	w.relay()
	w.settled()
	if err := w.stream().Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	late := w.reader() // all it needs was purged
	w.append(100)
	first, last := w.slice()
	if first != 301 || last != 400 {
		t.Errorf("stream holds %d..%d, want 301..400", first, last)
	}
	w.complete(late)
}

func TestManyRelays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.reader()
	for range 3 {
		w.relay()
	}
	var writers sync.WaitGroup
	for range 4 {
		writers.Go(func() { w.append(500) })
	}
	writers.Wait()
	w.slice()
	w.complete(r)
}

// Relays come and go in the middle of their batches.
func TestRelayStopsAnywhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.reader()
	var writers sync.WaitGroup
	writers.Go(func() { w.append(3000) })
	for i := range 12 {
		at := w.head() + eventstore.Position(20*(i+1))
		_, stop := w.relay()
		eventually(t, "the log grows", func() string {
			if w.head() >= min(at, 3000) {
				return ""
			}
			return "it waits"
		})
		stop()
	}
	writers.Wait()
	w.relay()
	w.slice()
	w.complete(r)
}

// Whatever happens in whatever order, nothing is lost and nothing doubled.
func TestNemesis(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 0))
	w := newWorld(t)
	r := w.reader()
	_, stop := w.relay()
	w.append(50)
	w.settled()
	copied := ""
	for range 12 {
		w.append(1 + dice.IntN(120))
		switch dice.IntN(6) {
		case 0:
			w.stopNATS()
			w.append(dice.IntN(60))
			w.startNATS()
		case 1:
			w.stopNATS()
			w.wipe()
			w.startNATS()
		case 2:
			w.stopNATS()
			if copied == "" {
				copied = w.copy()
			} else {
				w.restore(copied)
			}
			w.startNATS()
		case 3:
			if err := w.stream().Purge(t.Context()); err != nil {
				t.Logf("purge: %v", err) // the stream may be gone at this moment
			}
		case 4:
			stop()
			w.append(dice.IntN(60))
			_, stop = w.relay()
		case 5:
			w.settled()
		}
	}
	w.append(10)
	w.slice()
	w.complete(r)
}

func (w *world) halted(r *relay.Relay, why string) {
	w.t.Helper()
	eventually(w.t, "the relay halts", func() string {
		if s := r.Status(); s.State != relay.StateHalted || !strings.Contains(s.Error, why) {
			return fmt.Sprintf("status %+v", s)
		}
		return ""
	})
}

func TestHaltsWhenTheStreamIsAhead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.append(30)
	_, stop := w.relay()
	w.settled()
	stop()
	js, err := nats_js.New(w.connect(), nats_js.WithDefaultTimeout(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(t.Context(), "gad.ev.tarea.creada", []byte(`{}`)); err != nil {
		t.Fatal(err)
	}
	r, _ := w.relay()
	w.halted(r, "stream is at 31, log at 30")
	w.append(5) // appends do not care
}

func TestHaltsWhenTheStreamHoldsAnotherHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.append(30)
	_, stop := w.relay()
	w.settled()
	stop()
	// Another database with a log of its own, as after a restore without a new epoch.
	other := &world{t: t, db: w.db, dir: w.dir, port: w.port, cfg: w.cfg}
	fresh := newWorld(t)
	other.store = fresh.store
	other.append(40)
	r, _ := other.relay()
	w.halted(r, "differs")
	if s := r.Status(); !strings.Contains(s.Error, relay.ErrDiverged.Error()) {
		t.Errorf("status %+v", s)
	}
}

// A new epoch gets a stream of its own; whoever still lives in the old one stops.
func TestEpochs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.append(20)
	_, stop := w.relay()
	w.settled()
	stop()
	old := w.stream()
	w.cfg.Epoch = 2
	w.relay()
	w.append(10)
	w.slice()
	info, err := old.Info(t.Context())
	if err != nil || info.State.LastSeq != 20 {
		t.Errorf("old stream: %+v, %v; want its 20 messages and no more", info, err)
	}
	// The old stream is emptied by its server; its relay must not feed the new one.
	js, err := nats_js.New(w.connect(), nats_js.WithDefaultTimeout(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if err := js.DeleteStream(t.Context(), "GAD_1"); err != nil {
		t.Fatal(err)
	}
	w.cfg.Epoch = 1
	r, _ := w.relay()
	w.halted(r, "later epoch")
}
