// Package bench measures the live layer from outside: the time from the
// acknowledgement of an order to its frame at a WebSocket client.
//
// It knows a running system only as a function that sends an order and an
// address to subscribe at, so that the same driver measures one process and a
// fleet. Orders leave at a fixed rate whatever the answers do: a system that
// stalls is charged for the orders it delayed.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"github.com/grupo-gad/gad/api/live/client"
)

// Config says what to measure. Order, URL and Token are required.
type Config struct {
	URL   string                                                       // ws:// address of the socket
	Token func(ctx context.Context, client int) (string, error)        // of the i-th client
	Order func(ctx context.Context, n int) (position int64, err error) // sends an order; returns its log position once it is acknowledged

	Clients  int           // 0 means 200
	Rate     float64       // orders per second; 0 means 200
	Duration time.Duration // measured; 0 means 15 s
	Warmup   time.Duration // before it, not measured; 0 means 3 s
	Topics   []string      // nil means "tareas"
	View     *client.View
	Patience time.Duration // for the last frames after the last order; 0 means 5 s. The clients have as long to be welcomed, and 30 s at least
	InFlight int           // bounds orders under way; 0 means 256
	Progress func(done, total int)
}

// Report is what was measured. Times are milliseconds from the acknowledgement
// to the frame, over every pair of order and client.
type Report struct {
	Clients      int     `json:"clients"`
	Rate         float64 `json:"rate"`
	Orders       int     `json:"orders"`
	Failed       int     `json:"failed"`
	OrdersPerSec float64 `json:"orders_per_second"`
	Frames       int     `json:"frames"`
	Missing      int     `json:"missing"` // order and client pairs without a frame
	FramesPerSec float64 `json:"frames_per_second"`
	Ack          Times   `json:"ack_ms"`   // from when the order was due to its acknowledgement
	Frame        Times   `json:"frame_ms"` // from the acknowledgement to the frame
	Whole        Times   `json:"whole_ms"` // from when the order was due to the frame
	Reconnects   int     `json:"reconnects"`
	Holes        int     `json:"holes"`
}

// Times are percentiles in milliseconds.
type Times struct {
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

type order struct {
	due, acked time.Time
	position   int64
}

// watcher is one client and when it got each fact.
type watcher struct {
	client *client.Client

	mu  sync.Mutex
	got map[int64]time.Time // guarded by mu
}

func (c *Config) defaults() {
	if c.Clients == 0 {
		c.Clients = 200
	}
	if c.Rate == 0 {
		c.Rate = 200
	}
	if c.Duration == 0 {
		c.Duration = 15 * time.Second
	}
	if c.Warmup == 0 {
		c.Warmup = 3 * time.Second
	}
	if c.Topics == nil {
		c.Topics = []string{"tareas"}
	}
	if c.Patience == 0 {
		c.Patience = 5 * time.Second
	}
	if c.InFlight == 0 {
		c.InFlight = 256
	}
}

// Run measures. It fails when clients cannot subscribe or no order succeeds.
func Run(ctx context.Context, c Config) (Report, error) {
	c.defaults()
	if c.Order == nil || c.Token == nil || c.URL == "" {
		return Report{}, errors.New("bench needs orders, tokens and an address")
	}
	subscribed, leave := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer func() { leave(); running.Wait() }()
	watchers, err := c.subscribe(ctx, subscribed, &running)
	if err != nil {
		return Report{}, err
	}
	orders, failed := c.send(ctx)
	if err := ctx.Err(); err != nil {
		return Report{}, err
	}
	if len(orders) == 0 {
		return Report{}, fmt.Errorf("none of %d orders succeeded", failed)
	}
	wait(ctx, c.Patience, func() bool {
		last := orders[len(orders)-1].position
		for _, w := range watchers {
			if w.client.Position() < last {
				return false
			}
		}
		return true
	})
	leave()
	running.Wait()
	return c.report(orders, failed, watchers), nil
}

// subscribe starts the clients and waits until all are welcomed.
func (c *Config) subscribe(ctx, life context.Context, running *sync.WaitGroup) ([]*watcher, error) {
	watchers := make([]*watcher, c.Clients)
	for i := range watchers {
		w := &watcher{got: map[int64]time.Time{}}
		w.client = client.New(client.Options{
			URL: c.URL, Topics: c.Topics, View: c.View, Bare: true,
			Token: func(ctx context.Context) (string, error) { return c.Token(ctx, i) },
		})
		watchers[i] = w
		running.Go(func() { _ = w.client.Run(life, w.take) }) // it ends when life does
	}
	if !wait(ctx, max(c.Patience, 30*time.Second), func() bool {
		return !slices.ContainsFunc(watchers, func(w *watcher) bool { return w.client.Stats().Connections == 0 })
	}) {
		return nil, errors.New("not all clients were welcomed")
	}
	return watchers, nil
}

func (w *watcher) take(f client.Frame) error {
	if f.Type != "event" {
		return nil
	}
	now := time.Now()
	w.mu.Lock()
	w.got[f.Position] = now
	w.mu.Unlock()
	return nil
}

// send gives the orders at their pace and returns the measured ones by position.
func (c *Config) send(ctx context.Context) (orders []order, failed int) {
	total := int(c.Rate * (c.Warmup + c.Duration).Seconds())
	warm := int(c.Rate * c.Warmup.Seconds())
	every := time.Duration(float64(time.Second) / c.Rate)
	slots := make(chan struct{}, c.InFlight)
	var (
		mu      sync.Mutex
		refused atomic.Int64
		flying  sync.WaitGroup
	)
	began := time.Now()
	for n := range total {
		due := began.Add(time.Duration(n) * every)
		select {
		case <-time.After(time.Until(due)):
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
		slots <- struct{}{}
		flying.Go(func() {
			defer func() { <-slots }()
			position, err := c.Order(ctx, n)
			acked := time.Now()
			switch {
			case n < warm:
			case err != nil:
				refused.Add(1)
			default:
				mu.Lock()
				orders = append(orders, order{due, acked, position})
				mu.Unlock()
			}
		})
		if c.Progress != nil {
			c.Progress(n+1, total)
		}
	}
	flying.Wait()
	slices.SortFunc(orders, func(a, b order) int { return int(a.position - b.position) })
	return orders, int(refused.Load())
}

func wait(ctx context.Context, atMost time.Duration, done func() bool) bool {
	deadline := time.NewTimer(atMost)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline.C:
			return false
		case <-ctx.Done():
			return false
		}
	}
	return true
}

func (c *Config) report(orders []order, failed int, watchers []*watcher) Report {
	r := Report{Clients: c.Clients, Rate: c.Rate, Orders: len(orders), Failed: failed}
	var ack, frame, whole []float64
	first, last := orders[0].acked, orders[0].acked
	for _, o := range orders {
		ack = append(ack, ms(o.acked.Sub(o.due)))
		if o.acked.Before(first) {
			first = o.acked
		}
		if o.acked.After(last) {
			last = o.acked
		}
	}
	for _, w := range watchers {
		s := w.client.Stats()
		r.Reconnects += s.Connections - 1
		r.Holes += s.Holes
		w.mu.Lock()
		for _, o := range orders {
			at, ok := w.got[o.position]
			if !ok {
				r.Missing++
				continue
			}
			// The frame may overtake the acknowledgement.
			frame = append(frame, max(0, ms(at.Sub(o.acked))))
			whole = append(whole, ms(at.Sub(o.due)))
		}
		w.mu.Unlock()
	}
	r.Frames = len(frame)
	if span := last.Sub(first).Seconds(); span > 0 {
		r.OrdersPerSec, r.FramesPerSec = float64(r.Orders)/span, float64(r.Frames)/span
	}
	r.Ack, r.Frame, r.Whole = times(ack), times(frame), times(whole)
	return r
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func times(v []float64) Times {
	if len(v) == 0 {
		return Times{}
	}
	slices.Sort(v)
	at := func(q float64) float64 { return v[min(len(v)-1, int(q*float64(len(v))))] }
	return Times{P50: at(.50), P95: at(.95), P99: at(.99), Max: v[len(v)-1]}
}

// Table writes a report for people.
func (r Report) Table(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', tabwriter.AlignRight)
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(t, format, args...) } // Flush tells
	line("clientes\tórdenes/s\tórdenes\tfallidas\tmarcos\tmarcos/s\tfaltan\treconexiones\thuecos\t\n")
	line("%d\t%.0f\t%d\t%d\t%d\t%.0f\t%d\t%d\t%d\t\n\n", r.Clients, r.OrdersPerSec, r.Orders, r.Failed, r.Frames, r.FramesPerSec, r.Missing, r.Reconnects, r.Holes)
	line("ms\tp50\tp95\tp99\tmáx\t\n")
	for _, row := range []struct {
		name string
		t    Times
	}{{"orden aceptada", r.Ack}, {"aceptada → marco", r.Frame}, {"orden → marco", r.Whole}} {
		line("%s\t%.1f\t%.1f\t%.1f\t%.1f\t\n", row.name, row.t.P50, row.t.P95, row.t.P99, row.t.Max)
	}
	return t.Flush()
}
