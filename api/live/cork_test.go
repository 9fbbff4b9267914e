package live

import (
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// recorder is a connection that remembers each write.
type recorder struct {
	net.Conn
	mu     sync.Mutex
	writes []string
	fail   error
	closed bool
}

func (r *recorder) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.writes = append(r.writes, string(p))
	return len(p), r.fail
}

func (r *recorder) wrote() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.writes)
}

func (r *recorder) SetWriteDeadline(time.Time) error { return nil }

func (r *recorder) Close() error { r.closed = true; return nil }

func put(t *testing.T, c io.Writer, text string) {
	t.Helper()
	if n, err := c.Write([]byte(text)); n != len(text) || err != nil {
		t.Fatalf("write %q: %d, %v", text, n, err)
	}
}

func TestCorkGathersWhatComesTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{}
		c := &corked{Conn: r}
		put(t, c, "a") // after a pause: at once
		put(t, c, "b")
		put(t, c, "c")
		if w := r.wrote(); len(w) != 1 {
			t.Fatalf("wrote %q before the delay", w)
		}
		<-time.After(corkDelay) // in the bubble: no time passes outside
		synctest.Wait()
		if w := r.wrote(); len(w) != 2 || w[1] != "bc" {
			t.Errorf("wrote %q", w)
		}
		<-time.After(corkDelay)
		put(t, c, "d")
		if w := r.wrote(); len(w) != 3 {
			t.Errorf("a frame after a pause waited: %q", w)
		}
	})
}

func TestCorkIsBounded(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	c := &corked{Conn: r, last: time.Now()}
	put(t, c, string(make([]byte, corkSize)))
	if len(r.writes) != 1 {
		t.Errorf("%d bytes waited", corkSize)
	}
}

func TestCorkClosesWithWhatWaits(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	c := &corked{Conn: r, last: time.Now()}
	put(t, c, "adiós")
	if err := c.Close(); err != nil || !r.closed || len(r.writes) != 1 {
		t.Errorf("closed %v with %q, %v", r.closed, r.writes, err)
	}
}

func TestCorkRemembersFailure(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	c := &corked{Conn: &recorder{fail: broken}}
	for range 2 {
		if _, err := c.Write([]byte("x")); !errors.Is(err, broken) {
			t.Errorf("a write on a broken connection answers %v", err)
		}
	}
}
