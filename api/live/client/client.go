// Package client is a Go client of gad's live layer.
//
// Promise: the handler is called once per fact, in log order, without a hole;
// when that cannot be kept it is called with a welcome that says snapshot, and
// whoever keeps data must start over from it. The client finds holes by itself
// (prev), reconnects with jittered backoff, resumes by epoch and position,
// answers pings, and never puts the token in an address.
package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/gorilla/websocket"
)

// Frame is any frame of the server; which fields are set depends on Type.
type Frame struct {
	Type     string            `json:"type"`
	Position int64             `json:"position"`
	Prev     int64             `json:"prev"`
	Name     string            `json:"name"`
	Stream   string            `json:"stream"`
	Version  int64             `json:"version"`
	En       time.Time         `json:"en"`
	Data     json.RawMessage   `json:"data"`
	Session  string            `json:"session"`
	Epoch    string            `json:"epoch"`
	Resumed  string            `json:"resumed"`
	Items    []json.RawMessage `json:"items"`
	Page     int               `json:"page"`
	Last     bool              `json:"last"`
	ID       string            `json:"id"`
	Kind     string            `json:"kind"`
	Priority int               `json:"priority"`
	Tarea    string            `json:"tarea"`
	Text     string            `json:"text"`
	Code     string            `json:"code"`
	Detail   string            `json:"detail"`
	Reason   string            `json:"reason"`
	Time     time.Time         `json:"time"`

	Raw json.RawMessage `json:"-"` // the whole frame, of bare events
}

// View is which positions are wanted: west, south, east, north in degrees.
type View struct {
	BBox [4]float64 `json:"bbox"`
	Zoom float64    `json:"zoom"`
}

// Options of a Client. URL and Token are required.
type Options struct {
	URL string // ws:// or wss:// address of the socket
	// Token returns an access token that is good for the next minutes.
	Token  func(ctx context.Context) (string, error)
	Topics []string
	View   *View
	Binary bool // gad.v1.bin instead of gad.v1.json
	// Epoch and Position resume what an earlier client has read.
	Epoch    string
	Position *int64
	// First and Most bound the pause between attempts; 0 means 100 ms and 10 s.
	First, Most time.Duration
	// Silence is how long a connection may say nothing; 0 means 60 s.
	Silence time.Duration
	Dialer  *websocket.Dialer
	Header  http.Header
	// Bare reads only Type, Position and Prev of JSON events, for whoever counts
	// thousands per second; Raw holds the rest.
	Bare bool
}

// Stats counts what a Client went through.
type Stats struct {
	Connections int // that were welcomed
	Holes       int // found by prev, and read again
	Snapshots   int
	LastClose   int // the last close code
}

// Client is one subscription that survives its connections. Run it once.
type Client struct {
	o Options

	mu       sync.Mutex
	conn     *websocket.Conn // guarded by mu, as is all below; writes too
	epoch    string
	position int64
	known    bool // position can be resumed
	view     *View
	stats    Stats
}

// New returns a Client.
func New(o Options) *Client {
	if o.First == 0 {
		o.First = 100 * time.Millisecond
	}
	if o.Most == 0 {
		o.Most = 10 * time.Second
	}
	if o.Silence == 0 {
		o.Silence = time.Minute
	}
	if o.Dialer == nil {
		o.Dialer = &websocket.Dialer{HandshakeTimeout: 10 * time.Second}
	}
	c := &Client{o: o, view: o.View, epoch: o.Epoch}
	if o.Position != nil {
		c.position, c.known = *o.Position, true
	}
	return c
}

// Stats tells what happened so far.
func (c *Client) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stats
}

// Position returns where the client would resume.
func (c *Client) Position() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.position
}

// Run connects, and again, until ctx ends or the handler fails. The handler is
// called by one goroutine.
func (c *Client) Run(ctx context.Context, handle func(Frame) error) error {
	attempts := 0
	for {
		began := time.Now()
		err := c.session(ctx, handle)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if failed, ok := errors.AsType[*handlerError](err); ok {
			return failed.err
		}
		if time.Since(began) > 5*time.Second {
			attempts = 0
		}
		wait := c.pause(err, attempts)
		attempts++
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

type handlerError struct{ err error }

func (e *handlerError) Error() string { return "handle frame: " + e.err.Error() }
func (e *handlerError) Unwrap() error { return e.err }

// errHole: a fact was sent whose predecessor this client has not seen.
var errHole = errors.New("hole in the facts")

// pause is how long to wait before another attempt.
func (c *Client) pause(err error, attempts int) time.Duration {
	if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
		var told struct {
			MS int64 `json:"reconnect_ms"`
		}
		if closed.Code == websocket.CloseServiceRestart && json.Unmarshal([]byte(closed.Text), &told) == nil {
			return min(time.Duration(told.MS)*time.Millisecond, time.Minute)
		}
		if attempts == 0 && (closed.Code == 4008 || closed.Code == 4009 || closed.Code == 4001) {
			return 0
		}
	}
	ceiling := min(c.o.Most, c.o.First<<min(attempts, 16))
	return ceiling/2 + rand.N(ceiling/2+1) //nolint:gosec // spreads clients, guards nothing
}

// session is one connection, from its hello to its end.
func (c *Client) session(ctx context.Context, handle func(Frame) error) error {
	token, err := c.o.Token(ctx)
	if err != nil {
		return fmt.Errorf("get a token: %w", err)
	}
	dialer := *c.o.Dialer
	dialer.Subprotocols = []string{"gad.v1.json"}
	if c.o.Binary {
		dialer.Subprotocols = []string{"gad.v1.bin"}
	}
	conn, answer, err := dialer.DialContext(ctx, c.o.URL, c.o.Header)
	if answer != nil && answer.Body != nil {
		_ = answer.Body.Close()
	}
	if err != nil {
		return fmt.Errorf("connect to %s: %w", c.o.URL, err)
	}
	done := make(chan struct{})
	defer func() {
		close(done)
		c.mu.Lock()
		c.conn = nil
		c.mu.Unlock()
		_ = conn.Close()
	}()
	go func() { // ctx ends the read below
		select {
		case <-ctx.Done():
			_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second))
			_ = conn.Close()
		case <-done:
		}
	}()

	hello := map[string]any{"type": "hello", "token": token, "topics": c.o.Topics}
	if c.o.Topics == nil {
		hello["topics"] = []string{}
	}
	c.mu.Lock()
	c.conn = conn
	if c.known {
		hello["epoch"], hello["position"] = c.epoch, c.position
	}
	if c.view != nil {
		hello["view"] = c.view
	}
	err = c.write(hello)
	c.mu.Unlock()
	if err != nil {
		return err
	}
	chain := int64(-1) // what the next prev has to be
	for {
		_ = conn.SetReadDeadline(time.Now().Add(c.o.Silence)) // a failed one shows at the read
		_, message, err := conn.ReadMessage()
		if err != nil {
			c.mu.Lock()
			if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
				c.stats.LastClose = closed.Code
				if closed.Code == 4009 {
					c.known = false
				}
			}
			c.mu.Unlock()
			return fmt.Errorf("read: %w", err)
		}
		frame, err := c.decode(message)
		if err != nil {
			return err
		}
		deliver, err := c.follow(frame, &chain)
		if err != nil {
			return err
		}
		if !deliver {
			continue
		}
		if err := handle(frame); err != nil {
			return &handlerError{err}
		}
	}
}

func (c *Client) decode(message []byte) (f Frame, err error) {
	if c.o.Bare && !c.o.Binary {
		if f, ok := bare(message); ok {
			return f, nil
		}
	}
	if c.o.Binary {
		var v map[string]any
		if err := cborIn.Unmarshal(message, &v); err != nil {
			return f, fmt.Errorf("read CBOR frame: %w", err)
		}
		if message, err = json.Marshal(v); err != nil {
			return f, fmt.Errorf("read CBOR frame: %w", err)
		}
	}
	if err := json.Unmarshal(message, &f); err != nil {
		return f, fmt.Errorf("read frame: %w", err)
	}
	return f, nil
}

// follow keeps the client's place, and reports whether the frame is news.
func (c *Client) follow(f Frame, chain *int64) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch f.Type {
	case "welcome":
		c.stats.Connections++
		if f.Resumed == "snapshot" {
			c.stats.Snapshots++
			c.known = false // until its last page
		} else if c.known && f.Position != c.position {
			return false, fmt.Errorf("%w: asked for %d, welcomed at %d", errHole, c.position, f.Position)
		}
		c.epoch, c.position, *chain = f.Epoch, f.Position, f.Position
	case "snapshot":
		c.known = c.known || f.Last
	case "event":
		if f.Prev != *chain {
			c.stats.Holes++
			return false, fmt.Errorf("%w: prev is %d after %d", errHole, f.Prev, *chain)
		}
		*chain = f.Position
		c.position, c.known = f.Position, true
	case "ping":
		// It travels behind the facts before it: all of them have arrived.
		if c.known {
			c.position = max(c.position, f.Position)
		}
		return true, c.write(map[string]any{"type": "pong"})
	case "resync":
		c.known = false
	}
	return true, nil
}

// Look changes which positions are wanted, now and after a reconnect.
func (c *Client) Look(v View) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.view = &v
	return c.write(map[string]any{"type": "view", "bbox": v.BBox, "zoom": v.Zoom})
}

// Ack acknowledges alerts up to a position.
func (c *Client) Ack(position int64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.write(map[string]any{"type": "ack", "position": position})
}

// Refresh hands over a newer token before the old one ends the session.
func (c *Client) Refresh(token string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.write(map[string]any{"type": "refresh", "token": token})
}

// write sends a frame; without a connection there is nothing to tell. The caller holds mu.
func (c *Client) write(frame any) error {
	if c.conn == nil {
		return nil
	}
	kind, encode := websocket.TextMessage, json.Marshal
	if c.o.Binary {
		kind, encode = websocket.BinaryMessage, cbor.Marshal
	}
	out, err := encode(frame)
	if err != nil {
		return fmt.Errorf("encode frame: %w", err)
	}
	_ = c.conn.SetWriteDeadline(time.Now().Add(10 * time.Second)) // a failed one shows at the write
	if err := c.conn.WriteMessage(kind, out); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

var cborIn = func() cbor.DecMode {
	mode, err := cbor.DecOptions{MaxArrayElements: 1 << 20, DefaultMapType: mapType}.DecMode()
	if err != nil {
		panic(fmt.Sprintf("constant options are wrong: %v", err))
	}
	return mode
}()
