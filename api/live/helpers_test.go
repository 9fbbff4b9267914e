package live_test

import (
	"context"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"

	"github.com/gorilla/websocket"

	"github.com/grupo-gad/gad/api/live"
	"github.com/grupo-gad/gad/domain/event"
)

type eventAlias = event.Event

// handler passes every request to the hub of the moment.
func handler(hub func() *live.Hub) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { hub().ServeHTTP(w, r) })
}

// cutting dials connections that break after a random number of bytes, the
// first ones sooner than the later ones.
func cutting(seed uint64) *websocket.Dialer {
	var mu sync.Mutex
	dice := rand.New(rand.NewPCG(seed, 2))
	budget := 4_000
	return &websocket.Dialer{NetDialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		mu.Lock()
		defer mu.Unlock()
		budget *= 2
		return &cut{Conn: conn, left: 1000 + dice.IntN(budget)}, nil
	}}
}

// cut is a connection that ends in the middle of a frame.
type cut struct {
	net.Conn
	left int // owned by the reader
}

func (c *cut) Read(p []byte) (int, error) {
	if c.left <= 0 {
		_ = c.Close()
		return 0, net.ErrClosed
	}
	n, err := c.Conn.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}

func (r *raw) pong() {
	r.t.Helper()
	r.send(map[string]any{"type": "pong"})
}
