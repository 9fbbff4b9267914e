package live

import (
	"bufio"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	// corkDelay is how long a frame may wait for company. A busy socket then costs
	// 50 system calls a second however many frames it gets; a quiet one waits for
	// nothing, because the first frame after a pause leaves at once.
	corkDelay = 20 * time.Millisecond
	// corkSize is how many bytes wait at the most.
	corkSize = 16 << 10
)

// corked gathers writes that come close together. Writing to the kernel is most
// of what a frame costs, and a fleet at work makes hundreds of frames a second.
//
// What it holds back is never more than corkSize or older than corkDelay, unless
// the peer does not read: then Write blocks as a bare connection would.
type corked struct {
	net.Conn

	mu      sync.Mutex // guards the rest; held while the kernel takes what waits
	pending []byte
	last    time.Time // when something was last handed to the kernel
	armed   bool      // a flush is due
	err     error     // the first failure; the connection is of no use after it
}

// Write takes p at once, or hands it on when nothing was handed on for a while.
func (c *corked) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return 0, c.err
	}
	c.pending = append(c.pending, p...)
	wait := corkDelay - time.Since(c.last)
	switch {
	case len(c.pending) >= corkSize, wait <= 0 && !c.armed:
		c.flush()
	case !c.armed:
		c.armed = true
		time.AfterFunc(wait, c.due)
	}
	if c.err != nil {
		return 0, c.err
	}
	return len(p), nil
}

func (c *corked) due() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.armed = false
	c.flush()
}

// flush hands everything to the kernel; mu is held.
func (c *corked) flush() {
	if c.err != nil || len(c.pending) == 0 {
		return
	}
	_, c.err = c.Conn.Write(c.pending)
	c.pending, c.last = c.pending[:0], time.Now()
}

// Close sends what waits, unless a peer that does not read holds it up: then the
// connection is cut, which also ends that write.
func (c *corked) Close() error {
	if c.mu.TryLock() {
		_ = c.SetWriteDeadline(time.Now().Add(time.Second))
		c.flush()
		c.mu.Unlock()
	}
	return c.Conn.Close()
}

// corkWriter gives whoever upgrades a request a corked connection.
type corkWriter struct{ http.ResponseWriter }

// Hijack implements http.Hijacker.
func (w corkWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	return &corked{Conn: conn}, rw, nil
}

// Unwrap lets the rest of the response be reached.
func (w corkWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
