package telemetry_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/telemetry"
	"github.com/grupo-gad/gad/ops/pgtest"
)

// network is what lies between a pool and its server, and fails as told.
type network struct {
	mark []byte // in the statements that commit

	cutBefore, cutAfter atomic.Int64 // how many commits are still lost, or their answers
	down                atomic.Bool  // nothing passes
	downAfterCut        atomic.Bool
}

var errCut = errors.New("the network was cut")

type wire struct {
	net.Conn
	n   *network
	cut atomic.Bool
}

func (n *network) pool(t *testing.T, url string) *pgxpool.Pool {
	t.Helper()
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	dial := cfg.ConnConfig.DialFunc
	cfg.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		if n.down.Load() {
			return nil, errCut
		}
		c, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &wire{Conn: c, n: n}, nil
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func (w *wire) Write(b []byte) (int, error) {
	if w.cut.Load() || w.n.down.Load() {
		_ = w.Close()
		return 0, errCut
	}
	if bytes.Contains(b, w.n.mark) {
		before := w.n.cutBefore.Add(-1) >= 0
		after := !before && w.n.cutAfter.Add(-1) >= 0
		if before || after {
			if w.n.downAfterCut.Load() {
				w.n.down.Store(true)
			}
			w.cut.Store(true)
		}
		if before {
			_ = w.Close()
			return 0, errCut
		}
	}
	return w.Conn.Write(b)
}

func (w *wire) Read(b []byte) (int, error) {
	if w.cut.Load() {
		return 0, errCut
	}
	n, err := w.Conn.Read(b)
	if w.cut.Load() { // the answer to what was cut meanwhile
		return 0, errCut
	}
	return n, err
}

func TestCommitWithoutAnAnswerIsSettled(t *testing.T) {
	t.Parallel()
	for name, arm := range map[string]func(*network){
		"the commit was lost":         func(n *network) { n.cutBefore.Store(1) },
		"its answer was lost":         func(n *network) { n.cutAfter.Store(1) },
		"both, one after the other":   func(n *network) { n.cutBefore.Store(1); n.cutAfter.Store(1) },
		"two answers were lost twice": func(n *network) { n.cutAfter.Store(2) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := pgtest.New(t)
			n := &network{mark: []byte("faulty-writer")}
			s := start(t, n.pool(t, db.AppURL), telemetry.Options{Pace: -1, Writer: "faulty-writer"})
			other := start(t, db.App, quick)
			e := uuid.NewString()
			put(t, s, fix(e, 0))
			arm(n)
			for i := 1; i <= 3; i++ {
				put(t, s, fix(e, i))
				put(t, other, fix(uuid.NewString(), i))
			}
			if r := verified(t, db.App); r.Fixes != 7 || r.Head != 7 {
				t.Errorf("report %+v, want 7 fixes in 7 batches", r)
			}
			if times, err := s.DeviceTimes(t.Context(), e, 10); err != nil || len(times) != 4 {
				t.Errorf("%d fixes of 4, %v", len(times), err)
			}
		})
	}
}

// The database stays away until the callers are told; what is read afterwards
// says truly whether their fixes are stored.
func TestUnknownOutcomeIsKnownByTheTimeSomebodyAsks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		arm    func(*network)
		stored int
	}{
		"the commit was lost": {func(n *network) { n.cutBefore.Store(1) }, 0},
		"its answer was lost": {func(n *network) { n.cutAfter.Store(1) }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := pgtest.New(t)
			n := &network{mark: []byte("faulty-writer")}
			s := start(t, n.pool(t, db.AppURL), telemetry.Options{Pace: -1, Writer: "faulty-writer"})
			f := fix(uuid.NewString(), 0)
			n.downAfterCut.Store(true)
			c.arm(n)
			_, err := s.AppendFixes(t.Context(), []eventstore.Fix{f})
			if !errors.Is(err, eventstore.ErrUnavailable) || fault.KindOf(err) != fault.Unavailable {
				t.Fatalf("got %v", err)
			}
			n.down.Store(false)
			stored, err := s.Stored(t.Context(), f.Efectivo, []time.Time{f.DeviceAt})
			if err != nil || len(stored) != c.stored {
				t.Errorf("stored %v, %v; want %d", stored, err, c.stored)
			}
			put(t, s, fix(uuid.NewString(), 1))
			if r := verified(t, db.App); r.Fixes != int64(1+c.stored) {
				t.Errorf("report %+v", r)
			}
		})
	}
}

// The server is killed under load: every acknowledged fix is there, none twice.
func TestServerKilledUnderLoad(t *testing.T) {
	t.Parallel()
	server := pgtest.Server(t)
	db := pgtest.NewOn(t, server)
	s := start(t, db.App, quick)
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		acked = map[string]int{}
		count atomic.Int64
		after atomic.Int64 // acknowledged since the restart
		again = make(chan struct{})
	)
	for range 8 {
		wg.Go(func() {
			e := uuid.NewString()
			for n := 0; after.Load() < 100; n++ {
				f := fix(e, n)
				_, err := s.AppendFixes(t.Context(), []eventstore.Fix{f})
				if t.Context().Err() != nil {
					return
				}
				if err != nil {
					if !errors.Is(err, eventstore.ErrUnavailable) {
						t.Errorf("append: %v", err)
						return
					}
					continue // this one may or may not be there
				}
				mu.Lock()
				acked[f.DeviceAt.String()+e]++
				mu.Unlock()
				count.Add(1)
				select {
				case <-again:
					after.Add(1)
				default:
				}
			}
		})
	}
	wait(t, func() bool { return count.Load() > 200 })
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := server.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	close(again)
	wg.Wait()

	r := verified(t, db.App)
	batches, err := s.ReadBatches(t.Context(), 0, int(r.Head)+1)
	if err != nil {
		t.Fatal(err)
	}
	stored := map[string]int{}
	for _, b := range batches {
		for _, f := range b.Fixes {
			stored[f.DeviceAt.String()+f.Efectivo]++
		}
	}
	for k := range acked {
		if stored[k] != 1 {
			t.Errorf("%s was acknowledged and is stored %d times", k, stored[k])
		}
	}
	for k, n := range stored {
		if n > 1 {
			t.Errorf("%s is stored %d times", k, n)
		}
	}
}

// wait polls a condition that concurrent work brings about.
func wait(t *testing.T, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(time.Minute)
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("it does not come about")
		}
	}
}
