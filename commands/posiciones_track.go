package commands

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/eventstore"
)

// recentTimes bounds the device times kept per Efectivo: twenty minutes of a fix
// every five seconds. What is older is asked of the log.
const recentTimes = 256

// The ends of device time, in µs.
const (
	always = -1 << 63
	never  = 1<<63 - 1
)

// track is what is remembered of one Efectivo.
type track struct {
	loaded bool // owned by who holds his turn

	mu     sync.Mutex // guards what follows: Run learns while a report is judged
	newest efectivo.Marcador
	times  []int64 // µs, ascending: every device time stored from floor on
	floor  int64
}

// track returns what is known of an Efectivo, reading the log when nothing is.
// The caller holds his turn.
func (in *Intake) track(ctx context.Context, id ident.Efectivo) (*track, error) {
	t, ok := in.tracks.Get(id)
	if !ok {
		t = &track{floor: never}
		// Before reading: Run teaches it what is stored from here on.
		in.tracks.Add(id, t)
	}
	if t.loaded {
		return t, nil
	}
	if err := in.load(ctx, id, t); err != nil {
		in.tracks.Remove(id)
		return nil, eventstore.ErrUnavailable.Because(fmt.Errorf("read the recent fixes of %s: %w", id, err))
	}
	t.loaded = true
	return t, nil
}

func (in *Intake) load(ctx context.Context, id ident.Efectivo, t *track) error {
	times, err := in.telemetry.DeviceTimes(ctx, string(id), recentTimes)
	if err != nil {
		return err
	}
	last, ok, err := in.telemetry.LastFix(ctx, string(id))
	if err != nil {
		return err
	}
	var jumps []eventstore.Fix
	if ok {
		if jumps, err = in.telemetry.Jumps(ctx, string(id), last.DeviceAt, efectivo.SaltosCreidos); err != nil {
			return err
		}
	}
	t.mu.Lock()
	t.floor = always
	if len(times) == recentTimes {
		t.floor = times[len(times)-1].UnixMicro()
	}
	for _, at := range times {
		t.add(at.UnixMicro())
	}
	t.mu.Unlock()
	if ok {
		t.learn(append(jumps, last)...)
	}
	return nil
}

// learn takes in what is stored. It may be told twice, and in any order.
func (t *track) learn(fixes ...eventstore.Fix) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, f := range fixes {
		t.add(f.DeviceAt.UnixMicro())
		t.newest = t.newest.Con(efectivo.Fix{
			Punto: geo.Punto{Lat: f.Lat, Lon: f.Lon}, En: f.DeviceAt, Precision: float64(f.Accuracy),
			Velocidad: float64(f.Speed), Rumbo: float64(f.Heading),
		}, f.Flags&eventstore.FlagImpossibleSpeed != 0)
	}
}

// add remembers a device time; the oldest gives way. The caller holds mu.
func (t *track) add(at int64) {
	i, ok := slices.BinarySearch(t.times, at)
	if ok {
		return
	}
	t.times = slices.Insert(t.times, i, at)
	if len(t.times) > 2*recentTimes { // not at each: the rest need not move every time
		cut := len(t.times) - recentTimes
		t.floor = max(t.floor, t.times[cut])
		t.times = slices.Delete(t.times, 0, cut)
	}
}

// knows reports whether a device time is stored (has), as far as it is known
// without asking the log.
func (t *track) knows(at time.Time) (known, has bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	us := at.UnixMicro()
	_, has = slices.BinarySearch(t.times, us)
	return has || us >= t.floor, has
}

func (t *track) marker() efectivo.Marcador {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.newest
}

// Run keeps what is in memory level with what other processes store, until ctx ends.
func (in *Intake) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := in.follow(ctx); err == nil || ctx.Err() != nil {
			continue
		}
		// What was missed is not known: everybody is read again.
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
	return ctx.Err()
}

func (in *Intake) follow(ctx context.Context) error {
	head, err := in.telemetry.HeadBatch(ctx)
	if err != nil {
		return err
	}
	in.tracks.Purge() // what is read from here on includes head
	for b, err := range in.telemetry.FollowBatches(ctx, head) {
		if err != nil {
			return err
		}
		for _, f := range b.Fixes {
			if t, ok := in.tracks.Peek(ident.Efectivo(f.Efectivo)); ok {
				t.learn(f)
			}
		}
	}
	return ctx.Err()
}

// turns lets one report of an Efectivo be taken at a time.
type turns struct {
	mu    sync.Mutex // guards queue
	queue map[ident.Efectivo]*turn
}

type turn struct {
	free  chan struct{} // holds a token while nobody has the turn
	users int           // who have it or wait, guarded by turns.mu
}

// take waits for the turn of id.
func (t *turns) take(ctx context.Context, id ident.Efectivo) (release func(), err error) {
	t.mu.Lock()
	q, ok := t.queue[id]
	if !ok {
		q = &turn{free: make(chan struct{}, 1)}
		q.free <- struct{}{}
		if t.queue == nil {
			t.queue = map[ident.Efectivo]*turn{}
		}
		t.queue[id] = q
	}
	q.users++
	t.mu.Unlock()
	select {
	case <-q.free:
		return func() { q.free <- struct{}{}; t.leave(id, q) }, nil
	case <-ctx.Done():
		t.leave(id, q)
		return nil, ctx.Err()
	}
}

func (t *turns) leave(id ident.Efectivo, q *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if q.users--; q.users == 0 {
		delete(t.queue, id)
	}
}
