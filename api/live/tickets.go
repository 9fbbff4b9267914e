package live

import (
	"crypto/rand"
	"encoding/base64"
	"sync"
	"time"

	"github.com/grupo-gad/gad/domain/fault"
)

// ErrTicket refuses a ticket that was used, has expired or never was.
var ErrTicket = fault.New(fault.Unauthorized, "ticket_invalido", "el ticket no sirve: ya se usó o venció")

// Tickets hands out one-time tickets for clients that cannot keep a token where
// the socket is opened. They live in the memory of one process: it must be the
// one that serves the socket.
type Tickets struct {
	ttl time.Duration
	now func() time.Time

	mu      sync.Mutex
	pending map[string]ticket // guarded by mu
}

type ticket struct {
	who     Identity
	expires time.Time
}

// maxTickets bounds memory; with 30 s of life no honest node comes near.
const maxTickets = 100_000

// NewTickets returns an empty desk; ttl 0 means 30 s.
func NewTickets(ttl time.Duration) *Tickets {
	if ttl == 0 {
		ttl = 30 * time.Second
	}
	return &Tickets{ttl: ttl, now: time.Now, pending: map[string]ticket{}}
}

// Issue returns a ticket for whoever has proved who he is.
func (t *Tickets) Issue(who Identity) (text string, expires time.Time, err error) {
	var random [32]byte
	if _, err := rand.Read(random[:]); err != nil {
		return "", time.Time{}, err
	}
	text = base64.RawURLEncoding.EncodeToString(random[:])
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if len(t.pending) >= maxTickets/2 {
		for k, p := range t.pending {
			if now.After(p.expires) {
				delete(t.pending, k)
			}
		}
	}
	if len(t.pending) >= maxTickets {
		return "", time.Time{}, fault.New(fault.Limited, "demasiados_tickets", "hay demasiados tickets sin usar; pruebe en un momento")
	}
	expires = now.Add(t.ttl)
	t.pending[text] = ticket{who: who, expires: expires}
	return text, expires, nil
}

// take uses a ticket up.
func (t *Tickets) take(text string) (Identity, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p, ok := t.pending[text]
	delete(t.pending, text)
	if !ok || t.now().After(p.expires) {
		return Identity{}, ErrTicket
	}
	return p.who, nil
}
