package live

import (
	"context"
	"sync"
	"time"
)

// link is what a session needs of a socket.
type link interface {
	// Send hands a frame to the writer. It never blocks; every frame handed over
	// comes back as one call of outbox.sent, or the link ends.
	Send(frame []byte) error
	// Close says goodbye with a code and then ends the link, however slow the
	// peer is. It returns at once and may be called twice.
	Close(code int, reason string)
	// Abort ends the link without a word.
	Abort()
}

// inFlight bounds the frames handed to the writer; its buffer is larger, so that
// the library never has to drop one.
const inFlight = 8

// credit is how many frames may be under way for the socket to have room for positions.
const credit = 2

// outbox is the lanes of one session. Control frames and alerts leave first,
// then facts in order; positions are not queued at all.
type outbox struct {
	link      link
	maxFrames int
	maxBytes  int
	patience  time.Duration // how long frames under way may take once the end was decided

	mu      sync.Mutex
	first   [][]byte // control and alerts; guarded by mu, like all below
	facts   [][]byte
	bytes   int // of both
	flying  int
	ended   bool
	goodbye func() // to run when nothing flies any more
	room    chan struct{}
}

func newOutbox(l link, limits Limits) *outbox {
	return &outbox{link: l, maxFrames: limits.QueueFrames, maxBytes: limits.QueueBytes, patience: limits.WriteWait, room: make(chan struct{}, 1)}
}

// urgent queues a control frame or an alert. It reports whether there was room.
func (o *outbox) urgent(frame []byte) bool { return o.push(&o.first, frame) }

// fact queues a frame that must not be lost. It reports whether there was room:
// if not, the session has to end.
func (o *outbox) fact(frame []byte) bool { return o.push(&o.facts, frame) }

func (o *outbox) push(lane *[][]byte, frame []byte) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended {
		return true
	}
	if len(o.first)+len(o.facts) >= o.maxFrames || o.bytes+len(frame) > o.maxBytes && o.bytes > 0 {
		return false
	}
	*lane = append(*lane, frame)
	o.bytes += len(frame)
	o.pump()
	return true
}

// hasCredit reports whether positions may be built for this socket now.
func (o *outbox) hasCredit() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.ended && o.flying < credit && len(o.first)+len(o.facts) == 0
}

// latest sends a frame of positions if the socket has credit.
func (o *outbox) latest(frame []byte) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended || o.flying >= credit || len(o.first)+len(o.facts) > 0 {
		return false
	}
	o.give(frame)
	return true
}

// sent returns the credit of one frame that has left.
func (o *outbox) sent() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flying--
	o.pump()
	if o.ended && o.flying <= 0 && o.goodbye != nil {
		go o.goodbye()
		o.goodbye = nil
	}
	if len(o.first)+len(o.facts) <= o.maxFrames/4 {
		select {
		case o.room <- struct{}{}:
		default:
		}
	}
}

// pump moves frames to the writer. The caller holds mu.
func (o *outbox) pump() {
	for o.flying < inFlight {
		lane := &o.first
		if len(*lane) == 0 {
			lane = &o.facts
		}
		if len(*lane) == 0 {
			return
		}
		frame := (*lane)[0]
		(*lane)[0] = nil
		*lane = (*lane)[1:]
		o.bytes -= len(frame)
		o.give(frame)
	}
}

func (o *outbox) give(frame []byte) {
	o.flying++
	if o.link.Send(frame) != nil {
		o.end() // the socket has closed; its session learns that from the reader
	}
}

func (o *outbox) end() {
	o.ended, o.first, o.facts, o.bytes = true, nil, nil, 0
}

// queued tells how many frames wait.
func (o *outbox) queued() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.first) + len(o.facts)
}

// drained waits until nothing is queued or under way, the link ends or the
// patience is over.
func (o *outbox) drained(ctx context.Context) {
	deadline := time.NewTimer(o.patience)
	defer deadline.Stop()
	for {
		o.mu.Lock()
		empty := o.ended || o.flying <= 0 && len(o.first)+len(o.facts) == 0
		o.mu.Unlock()
		if empty {
			return
		}
		select {
		case <-o.room:
		case <-deadline.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// roomy waits until few frames are queued. It reports whether that came to be
// before the patience was over.
func (o *outbox) roomy(ctx context.Context) bool {
	deadline := time.NewTimer(2 * o.patience)
	defer deadline.Stop()
	for {
		o.mu.Lock()
		ok := len(o.first)+len(o.facts) <= o.maxFrames/4 && o.bytes <= o.maxBytes/4
		ended := o.ended
		o.mu.Unlock()
		if ended || ctx.Err() != nil {
			return false
		}
		if ok {
			return true
		}
		select {
		case <-o.room:
		case <-deadline.C:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

// finish drops what is queued, lets what is under way leave, and closes the link
// with a code. It reports whether it was this call that ended it. A peer that
// reads nothing at all is cut after the patience.
func (o *outbox) finish(code int, reason string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended {
		return false
	}
	o.end()
	once := sync.OnceFunc(func() { o.link.Close(code, reason) })
	if o.flying <= 0 {
		go once()
		return true
	}
	o.goodbye = once
	time.AfterFunc(o.patience, once)
	return true
}

// abandon forgets everything: the socket is gone.
func (o *outbox) abandon() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.end()
	select {
	case o.room <- struct{}{}:
	default:
	}
}
