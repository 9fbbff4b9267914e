package obs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// What a check may answer besides nil, wrapped or not. Any other error means down.
var (
	ErrDegraded      = errors.New("degraded")
	ErrNotConfigured = errors.New("not configured")
)

// State is how one thing the program depends on is doing.
type State string

// The states, from best to worst; NotConfigured stands beside them.
const (
	OK            State = "ok"
	Degraded      State = "degraded"
	Down          State = "down"
	NotConfigured State = "not_configured"
)

// Check is the last result of one check.
type Check struct {
	Name     string    `json:"name"`
	Required bool      `json:"required"` // when down, the process is not ready
	State    State     `json:"state"`
	Since    time.Time `json:"since"`   // when it came into this state
	Latency  float64   `json:"latency"` // seconds that the check took
	// Err is for logs: a foreign error may hold an address, so no answer shows it.
	Err error `json:"-"`
}

// Report is the health of the process.
type Report struct {
	Ready  bool    `json:"ready"`
	State  State   `json:"state"` // Down: not ready. Degraded: ready, but something is amiss
	Checks []Check `json:"checks"`
}

const (
	fresh    = time.Second     // how long a result is good for
	deadline = 2 * time.Second // of one check
)

// Health knows the checks of this process. Make it with NewHealth.
type Health struct {
	now func() time.Time

	mu       sync.Mutex
	probes   []probe
	last     map[string]Check
	ran      time.Time // when last was filled
	draining bool

	running sync.Mutex // held while the checks run; taken before mu
}

type probe struct {
	name     string
	required bool
	check    func(context.Context) error
}

// NewHealth returns a process without checks, which is ready. now is the clock.
func NewHealth(now func() time.Time) *Health {
	return &Health{now: now, last: map[string]Check{}}
}

// Register adds a check; one that is required makes the process not ready while it is down.
// check must keep to its context's deadline.
func (h *Health) Register(name string, required bool, check func(context.Context) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.probes = append(h.probes, probe{name, required, check})
	h.ran = time.Time{}
}

// Drain makes the process not ready from now on, so that no new work is sent to it.
func (h *Health) Drain() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.draining = true
}

// Snapshot returns the health of the process, at most a second old.
func (h *Health) Snapshot(ctx context.Context) Report {
	// Whoever asks while the checks run waits for that result instead of running them again.
	h.running.Lock()
	defer h.running.Unlock()
	h.mu.Lock()
	stale, probes := h.ran.IsZero() || h.now().Sub(h.ran) >= fresh, slices.Clone(h.probes)
	h.mu.Unlock()
	if stale {
		h.refresh(ctx, probes)
	}
	return h.report()
}

func (h *Health) refresh(ctx context.Context, probes []probe) {
	// The result is for others too: the one who asked may hang up.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), deadline)
	defer cancel()
	results := make([]Check, len(probes))
	var wg sync.WaitGroup
	for i, p := range probes {
		wg.Go(func() {
			began := h.now()
			err := run(ctx, p)
			results[i] = Check{
				Name: p.name, Required: p.required, State: stateOf(err), Err: err,
				Since: h.now(), Latency: h.now().Sub(began).Seconds(),
			}
		})
	}
	wg.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range results {
		if before, ok := h.last[c.Name]; ok && before.State == c.State {
			c.Since = before.Since
		}
		h.last[c.Name] = c
	}
	h.ran = h.now()
}

// run turns a panic of one check into its failure: health must answer when all else breaks.
func run(ctx context.Context, p probe) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("check %s panicked: %v", p.name, r)
		}
	}()
	return p.check(ctx)
}

func stateOf(err error) State {
	switch {
	case err == nil:
		return OK
	case errors.Is(err, ErrNotConfigured):
		return NotConfigured
	case errors.Is(err, ErrDegraded):
		return Degraded
	default:
		return Down
	}
}

func (h *Health) report() Report {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := Report{Ready: !h.draining, State: OK, Checks: make([]Check, 0, len(h.probes))}
	for _, p := range h.probes {
		c := h.last[p.name]
		r.Checks = append(r.Checks, c)
		if c.State == Down && c.Required {
			r.Ready = false
		}
		if c.State == Down || c.State == Degraded {
			r.State = Degraded
		}
	}
	if !r.Ready {
		r.State = Down
	}
	return r
}

// Livez answers as long as the process can: an orchestrator restarts it otherwise, which
// helps against nothing that it depends on.
func (h *Health) Livez() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]State{"state": OK})
	})
}

// Readyz answers 503 while the process should get no requests.
func (h *Health) Readyz() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		report := h.Snapshot(r.Context())
		answer(w, status(report), map[string]any{"ready": report.Ready, "state": report.State})
	})
}

// Details answers like Readyz and lists every check.
func (h *Health) Details() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		report := h.Snapshot(r.Context())
		answer(w, status(report), report)
	})
}

func status(r Report) int {
	if r.Ready {
		return http.StatusOK
	}
	return http.StatusServiceUnavailable
}

func answer(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if code == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "2")
	}
	w.WriteHeader(code)
	// The client may have gone; there is nobody left to tell.
	_ = json.NewEncoder(w).Encode(body)
}
