package auth_test

import (
	"errors"
	"net/netip"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/domain/permiso"
)

func after(err error) time.Duration {
	w, ok := errors.AsType[interface {
		error
		RetryAfter() time.Duration
	}](err)
	if !ok {
		return 0
	}
	return w.RetryAfter()
}

// TestGuessingSlowsDown: five a minute, then waits that double up to a quarter of an hour;
// the same for an account that does not exist.
func TestGuessingSlowsDown(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.person("ana@gad.test", permiso.Supervisor)
	for _, email := range []string{"ana@gad.test", "nadie@gad.test"} {
		for range 5 {
			_, err := h.login(email, "una frase equivocada", "")
			refused(t, err, auth.ErrCredencial)
		}
		for _, want := range []time.Duration{1, 2, 4, 8, 15, 15} {
			before := h.hasher.Runs()
			_, err := h.login(email, goodPassword, "")
			refused(t, err, auth.ErrIntentos)
			if got := after(err); got != want*time.Minute || h.hasher.Runs() != before {
				t.Errorf("%s waits %s, want %d min; %d hashes", email, got, want, h.hasher.Runs()-before)
			}
			h.clock.advance(want * time.Minute)
			_, err = h.login(email, "una frase equivocada", "")
			refused(t, err, auth.ErrCredencial)
		}
		h.clock.advance(time.Hour)
	}
	h.in("")
}

// TestNobodyIsLockedOutByAStranger who knows an e-mail: another block is another count, and
// a device that was let in before has one of its own.
func TestNobodyIsLockedOutByAStranger(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.person("ana@gad.test", permiso.Supervisor)
	h.person("eva@gad.test", permiso.Supervisor)
	first, err := h.from("198.51.100.4", "ana@gad.test", goodPassword, "")
	if err != nil || first.Device == "" {
		t.Fatal(first.Device, err)
	}
	for range 5 {
		_, _ = h.from("198.51.100.9", "ana@gad.test", "una frase equivocada", "")
	}
	_, err = h.from("198.51.100.4", "ana@gad.test", goodPassword, "")
	refused(t, err, auth.ErrIntentos)
	known := func(email, device, password string) error {
		_, err := h.door.Login(t.Context(), auth.Login{Email: email, Password: password, Client: auth.Client{Addr: netip.MustParseAddr("198.51.100.4"), Device: device}})
		return err
	}
	if err := known("ana@gad.test", first.Device, goodPassword); err != nil {
		t.Errorf("a known device: %v", err)
	}
	if _, err := h.from("203.0.113.4", "ana@gad.test", goodPassword, ""); err != nil {
		t.Errorf("another block: %v", err)
	}
	// A mark is of one person and one seal, and buys no more than a count of its own.
	refused(t, known("ana@gad.test", forged(first.Device), goodPassword), auth.ErrIntentos)
	for range 5 {
		_, _ = h.from("198.51.100.9", "eva@gad.test", "una frase equivocada", "")
	}
	refused(t, known("eva@gad.test", first.Device, goodPassword), auth.ErrIntentos)
	for range 5 {
		refused(t, known("ana@gad.test", first.Device, "una frase equivocada"), auth.ErrCredencial)
	}
	refused(t, known("ana@gad.test", first.Device, goodPassword), auth.ErrIntentos)
}

// forged is a mark with one character in the middle changed: the last bits may mean nothing.
func forged(mark string) string {
	b := []byte(mark)
	if i := len(b) / 2; b[i] == 'A' {
		b[i] = 'B'
	} else {
		b[i] = 'A'
	}
	return string(b)
}

// TestABlockHasTwentyAMinute over all accounts, unless it is one of ours.
func TestABlockHasTwentyAMinute(t *testing.T) {
	t.Parallel()
	h := newHall(t, func(d *auth.Deps) { d.Settings.Trusted = []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")} })
	for addr, want := range map[string]int{"192.0.2.1": 20, "2001:db8::1": 20, "10.1.2.3": 30} {
		passed := 0
		for i := range 30 {
			_, err := h.from(addr, string(rune('a'+i))+"@gad.test", "una frase equivocada", "")
			if errors.Is(err, auth.ErrCredencial) {
				passed++
			}
		}
		if passed != want {
			t.Errorf("%d attempts from %s, want %d", passed, addr, want)
		}
	}
}

// TestParallelLoginsFitInMemory: 200 at once at the real cost take the memory of the cores,
// not of the crowd; who does not fit in the queue is told so. It runs alone: the heap that it
// measures is everybody's.
func TestParallelLoginsFitInMemory(t *testing.T) {
	h := newHall(t, func(d *auth.Deps) {
		d.Hasher = auth.NewHasher(full)
		d.Settings.Account.Free, d.Settings.Account.Window, d.Settings.Account.Most = 1000, time.Minute, time.Minute
		d.Settings.Block = d.Settings.Account
	})
	h.person("ana@gad.test", permiso.Supervisor)
	// Whatever GOGC the tests run with: the bound counts what this one leaves lying.
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	var peak atomic.Uint64
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				metrics.Read(sample)
				peak.Store(max(peak.Load(), sample[0].Value.Uint64()))
			}
		}
	})
	var crowd sync.WaitGroup
	var in, full, other atomic.Int64
	for range 200 {
		crowd.Go(func() {
			switch _, err := h.login("ana@gad.test", goodPassword, ""); {
			case err == nil:
				in.Add(1)
			case errors.Is(err, auth.ErrOcupado):
				full.Add(1)
			default:
				other.Add(1)
				t.Error(err)
			}
		})
	}
	crowd.Wait()
	close(done)
	watching.Wait()
	// What runs, what the collector has not taken yet, and everything else of the tests.
	bound := uint64(runtime.GOMAXPROCS(0))*3*64<<20 + 256<<20
	if in.Load() == 0 || in.Load()+full.Load() != 200 || peak.Load() > bound {
		t.Errorf("%d in, %d told to come back, %d others; peak %d MiB, bound %d MiB", in.Load(), full.Load(), other.Load(), peak.Load()>>20, bound>>20)
	}
	t.Logf("%d in, %d told to come back, peak %d MiB", in.Load(), full.Load(), peak.Load()>>20)
}
