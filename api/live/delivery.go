package live

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/grupo-gad/gad/domain/ident"
)

// Deliveries records whom an alert reached.
type Deliveries interface {
	// Delivered records that somebody's socket has read an alert. The first time counts.
	Delivered(ctx context.Context, alert string, to ident.Usuario) error
}

// delivery is one alert that somebody's socket has read.
type delivery struct {
	alert string
	to    ident.Usuario
}

// deliveries are recorded beside the sessions: a slow log holds up no socket.
type deliveries struct {
	mu      sync.Mutex
	waiting []delivery // guarded by mu
	known   map[delivery]bool
	wake    chan struct{}
}

// maxKnown bounds what is remembered as recorded; forgetting costs a question to the log.
const maxKnown = 10_000

func newDeliveries() *deliveries {
	return &deliveries{known: map[delivery]bool{}, wake: make(chan struct{}, 1)}
}

func (d *deliveries) add(x delivery) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.known[x] {
		return
	}
	if len(d.known) >= maxKnown {
		clear(d.known)
	}
	d.known[x] = true
	d.waiting = append(d.waiting, x)
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

func (d *deliveries) take() []delivery {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := d.waiting
	d.waiting = nil
	return list
}

// parting bounds how long what was delivered at the last moment may take to be recorded.
const parting = 2 * time.Second

// retry is how long is waited after a delivery that could not be recorded.
const retry = time.Second

// record writes deliveries down until ctx ends, and then what is left. What fails is tried
// again, behind the others: an alert counts as delivered when the log says so.
func (d *deliveries) record(ctx context.Context, log *slog.Logger, to Deliveries) {
	for ctx.Err() == nil {
		select {
		case <-d.wake:
		case <-ctx.Done():
			continue
		}
		for !d.write(ctx, to) && ctx.Err() == nil {
			select {
			case <-time.After(retry):
			case <-ctx.Done():
			}
		}
	}
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), parting)
	defer cancel()
	for _, x := range d.take() {
		if err := to.Delivered(bounded, x.alert, x.to); err != nil {
			log.WarnContext(bounded, "a delivery was not recorded", slog.Any("error", err))
		}
	}
}

// write records what waits up to the first that fails, which it puts behind the others.
func (d *deliveries) write(ctx context.Context, to Deliveries) bool {
	list := d.take()
	for i, x := range list {
		if to.Delivered(ctx, x.alert, x.to) != nil {
			d.mu.Lock()
			d.waiting = append(append(list[i+1:], d.waiting...), x)
			d.mu.Unlock()
			return false
		}
	}
	return true
}
