package storetest

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/eventstore"
)

func oneWinner(t testing.TB, w World) {
	b := start(t, w)
	stores := []eventstore.Store{b.s, w.Open(t)}
	var receipts []eventstore.Receipt
	for v := range eventstore.Version(4) {
		var (
			wg sync.WaitGroup
			mu sync.Mutex
			n  int
		)
		for i := range 64 {
			wg.Go(func() {
				r, err := stores[i%2].Append(b.ctx, write("tarea-1", v, 1))
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					n, receipts = n+1, append(receipts, r)
				case !errors.Is(err, eventstore.ErrStale):
					t.Errorf("append: %v", err)
				}
			})
		}
		wg.Wait()
		if n != 1 {
			t.Fatalf("%d writers won version %d", n, v+1)
		}
	}
	b.holds(b.s, receipts...)
}

// meanwhile returns a context for goroutines that a property may leave behind when it fails:
// it ends, and they are waited for, before the stores are closed.
func (b *bench) meanwhile(wg *sync.WaitGroup) context.Context {
	ctx, cancel := context.WithCancel(b.ctx)
	b.Cleanup(func() {
		cancel()
		wg.Wait()
	})
	return ctx
}

// writers append from two processes at once, 8 x each, until told how many were accepted.
func writers(b *bench, each int) (done <-chan struct{}, receipts func() []eventstore.Receipt) {
	stores := []eventstore.Store{b.s, b.w.Open(b.TB)}
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		list []eventstore.Receipt
		end  = make(chan struct{})
	)
	ctx := b.meanwhile(&wg)
	for i := range 8 {
		wg.Go(func() {
			for v := range each {
				r, err := stores[i%2].Append(ctx, write(name("tarea-%d", i), eventstore.Version(2*v), 2))
				if ctx.Err() != nil {
					return
				}
				if err != nil {
					b.Errorf("writer %d: %v", i, err)
					return
				}
				mu.Lock()
				list = append(list, r)
				mu.Unlock()
			}
		})
	}
	go func() {
		wg.Wait()
		close(end)
	}()
	return end, func() []eventstore.Receipt {
		mu.Lock()
		defer mu.Unlock()
		return list
	}
}

func tailer(t testing.TB, w World) {
	b := start(t, w)
	reader := w.Open(t)
	done, receipts := writers(b, 40)
	const total = 8 * 40 * 2
	var at eventstore.Position
	for last := false; ; {
		events, err := reader.ReadLog(b.ctx, at, 7)
		if err != nil {
			t.Fatalf("read after %d: %v", at, err)
		}
		for _, r := range events {
			if r.Position != at+1 {
				t.Fatalf("position %d was seen after %d", r.Position, at)
			}
			at = r.Position
		}
		if len(events) > 0 {
			continue
		}
		if last {
			break
		}
		select {
		case <-done:
			last = true // one more look: everything acknowledged is visible now
		default:
			runtime.Gosched()
		}
	}
	if at != total {
		t.Fatalf("the tailer saw %d of %d", at, total)
	}
	b.holds(reader, receipts()...)
}

func follower(t testing.TB, w World) {
	b := start(t, w)
	early := b.must(b.s, write("tarea-antes", 0, 5))
	const total = 5 + 8*40*2
	var followers sync.WaitGroup
	ctx := b.meanwhile(&followers)
	follow := func(s eventstore.Store, after eventstore.Position) {
		followers.Go(func() {
			at := after
			for batch, err := range s.Follow(ctx, after) {
				if err != nil {
					t.Errorf("follow after %d: %v", at, err)
					return
				}
				for _, r := range batch {
					if r.Position != at+1 || r.Event == nil || r.Stream == "" {
						t.Errorf("after %d came %d (%T)", at, r.Position, r.Event)
						return
					}
					at = r.Position
				}
				if at >= total {
					return
				}
			}
			if ctx.Err() != nil && b.ctx.Err() == nil {
				return
			}
			t.Errorf("the follower ended at %d of %d", at, total)
		})
	}
	follow(b.s, 0)
	follow(b.s, early.Last)
	follow(w.Open(t), 0)
	done, receipts := writers(b, 40)
	follow(b.s, 2)
	<-done
	follow(b.s, 0) // late: what has left the ring comes from the log
	followers.Wait()
	b.holds(b.s, append(receipts(), early)...)
}

func cancelled(t testing.TB, w World) {
	b := start(t, w)
	var (
		wg      sync.WaitGroup
		mu      sync.Mutex
		asked   []eventstore.Append
		known   []eventstore.Receipt
		unknown atomic.Int32
	)
	for i := range 96 {
		wg.Go(func() {
			ctx, cancel := context.WithCancel(b.ctx)
			a := write(name("tarea-%d", i), 0, 1)
			if i%2 == 0 {
				time.AfterFunc(time.Duration(i)*50*time.Microsecond, cancel)
			}
			r, err := b.s.Append(ctx, a)
			cancel()
			mu.Lock()
			defer mu.Unlock()
			asked = append(asked, a)
			switch {
			case err == nil:
				known = append(known, r)
			case i%2 == 1 || fault.KindOf(err) != fault.Unavailable:
				t.Errorf("append %d: %v", i, err)
			default:
				unknown.Add(1)
			}
		})
	}
	wg.Wait()
	gone, cancel := context.WithCancel(b.ctx)
	cancel()
	if _, err := b.s.Append(gone, write("tarea-tarde", 0, 1)); fault.KindOf(err) != fault.Unavailable {
		t.Fatalf("append with a context that has ended: %v", err)
	}
	// The same ids again settle what is unknown: each is in the log once in the end.
	var settled []eventstore.Receipt
	for _, a := range asked {
		settled = append(settled, b.must(b.s, a))
	}
	b.holds(b.s, settled...)
	b.holds(b.s, known...)
	if n := len(b.stream(b.s, "tarea-tarde", 0)); n != 0 {
		t.Fatal("a command whose caller had left before was recorded")
	}
}

func monotone(t testing.TB, w World) {
	b := start(t, w)
	stores := []eventstore.Store{b.s, w.Open(t)}
	var at time.Time
	for i := range 60 {
		r := b.must(stores[i%2], write("tarea-1", eventstore.Version(i), 1))
		if r.RecordedAt.Before(at) {
			t.Fatalf("recorded at %s after %s", r.RecordedAt, at)
		}
		at = r.RecordedAt
	}
	b.log(b.s)
}

// crash kills the log's keeper under load. Whoever hears ErrUnavailable sends his command
// again, as the promise tells him to.
func crash(t testing.TB, w World) {
	b := start(t, w)
	stores := []eventstore.Store{b.s, w.Open(t)}
	var (
		wg       sync.WaitGroup
		mu       sync.Mutex
		receipts []eventstore.Receipt
		count    atomic.Int32
		stop     = make(chan struct{})
	)
	ctx := b.meanwhile(&wg)
	for i := range 16 {
		wg.Go(func() {
			for v := eventstore.Version(0); ; v++ {
				select {
				case <-stop:
					return
				default:
				}
				a := write(name("tarea-%d", i), v, 1)
				r, err := stores[i%2].Append(ctx, a)
				for ; err != nil; r, err = stores[i%2].Append(ctx, a) {
					if ctx.Err() != nil && b.ctx.Err() == nil {
						return // the property has ended
					}
					if fault.KindOf(err) != fault.Unavailable {
						t.Errorf("writer %d, version %d: %v", i, v, err)
						return
					}
					if b.ctx.Err() != nil {
						t.Errorf("writer %d never got version %d through: %v", i, v, err)
						return
					}
				}
				mu.Lock()
				receipts = append(receipts, r)
				mu.Unlock()
				count.Add(1)
			}
		})
	}
	for range 3 {
		reached(b, &count, count.Load()+100)
		w.Crash(t)
	}
	reached(b, &count, count.Load()+100)
	close(stop)
	wg.Wait()
	b.holds(b.s, receipts...)
	b.holds(w.Open(t), receipts...)
}

// reached waits until a counter has come that far.
func reached(b *bench, count *atomic.Int32, to int32) {
	b.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for count.Load() < to {
		if b.Failed() { // a writer gave up; the others may have, too
			b.FailNow()
		}
		select {
		case <-tick.C:
		case <-b.ctx.Done():
			b.Fatalf("only %d commands of %d went through", count.Load(), to)
		}
	}
}

// rewound restores an older log under an open store, which must not go on from the head it
// remembers.
func rewound(t testing.TB, w World) {
	b := start(t, w)
	var kept []eventstore.Receipt
	for i := range 10 {
		r := b.must(b.s, write(name("tarea-%d", i), 0, 1))
		if r.Last <= 6 {
			kept = append(kept, r)
		}
	}
	w.Rewind(t, 6)
	for i := range 5 {
		kept = append(kept, b.must(b.s, write(name("otra-%d", i), 0, 1)))
	}
	b.holds(b.s, kept...)
	b.holds(w.Open(t), kept...)
	// What the restore took away is not known any more, so it can be done again.
	b.must(b.s, write("tarea-9", 0, 1))
}
