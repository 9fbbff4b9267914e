package live

import (
	"net/netip"
	"sync"
	"time"

	"github.com/grupo-gad/gad/domain/ident"
)

// bucket lets burst frames through at once and rate per second after them. It
// belongs to the reader of one session.
type bucket struct {
	tokens float64
	last   time.Time
}

func (b *bucket) take(now time.Time, rate float64, burst int) bool {
	if b.last.IsZero() {
		b.tokens = float64(burst)
	} else {
		b.tokens = min(float64(burst), b.tokens+rate*now.Sub(b.last).Seconds())
	}
	b.last = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// census counts connections. Whoever counted in counts out.
type census struct {
	limits Limits

	mu     sync.Mutex
	total  int // guarded by mu, like all below
	blocks map[string]int
	users  map[ident.Usuario]int
}

func newCensus(l Limits) *census {
	return &census{limits: l, blocks: map[string]int{}, users: map[ident.Usuario]int{}}
}

// enter counts a connection in and reports whether it was within the limits of
// the node and of its address block; it is counted either way.
func (c *census) enter(block string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.total++
	c.blocks[block]++
	return c.total <= c.limits.Connections && c.blocks[block] <= c.limits.PerBlock
}

// login counts a connection to a Usuario and reports whether he may have it; it
// is counted only then.
func (c *census) login(u ident.Usuario) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.users[u] >= c.limits.PerUser {
		return false
	}
	c.users[u]++
	return true
}

func (c *census) leave(block string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.total--
	if c.blocks[block]--; c.blocks[block] <= 0 {
		delete(c.blocks, block)
	}
}

func (c *census) logout(u ident.Usuario) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.users[u]--; c.users[u] <= 0 {
		delete(c.users, u)
	}
}

func (c *census) count() (connections, users int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.total, len(c.users)
}

// block returns the network that an address is counted under: /24 or /64.
func block(addr string) string {
	host := addr
	if ap, err := netip.ParseAddrPort(addr); err == nil {
		host = ap.Addr().String()
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return addr
	}
	ip = ip.Unmap()
	bits := 64
	if ip.Is4() {
		bits = 24
	}
	network, err := ip.WithZone("").Prefix(bits)
	if err != nil {
		return addr
	}
	return network.String()
}
