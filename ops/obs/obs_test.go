package obs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/grupo-gad/gad/ops/obs"
)

// clock is moved by hand.
type clock struct{ t atomic.Int64 }

func (c *clock) now() time.Time          { return time.Unix(c.t.Load(), 0).UTC() }
func (c *clock) advance(d time.Duration) { c.t.Add(int64(d.Seconds())) }

func TestLogger(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := obs.NewLogger(&out, "warn")
	log.InfoContext(t.Context(), "unseen")
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("ART", -3*3600))
	log.WarnContext(t.Context(), "seen", slog.Time("at", at))
	var line struct {
		Time, At   time.Time
		Msg, Level string
	}
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("%q: %v", out.String(), err)
	}
	if line.Msg != "seen" || line.Level != "WARN" || !line.At.Equal(at) || strings.Contains(out.String(), "-03:00") {
		t.Errorf("line = %s", out.String())
	}
	out.Reset()
	obs.NewLogger(&out, "nonsense").InfoContext(t.Context(), "seen")
	if out.Len() == 0 {
		t.Error("an unknown level hides info")
	}
}

// TestFiles: what concerns security lies in a file of its own, whether the line or its logger
// says so, and nobody else may read either.
func TestFiles(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "registro")
	files, err := obs.OpenFiles(dir, "info", 1)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(files.Handler())
	log.DebugContext(t.Context(), "unseen")
	log.With(slog.Int("request", 1)).InfoContext(t.Context(), "plain")
	log.InfoContext(t.Context(), "by line", slog.String("channel", obs.ChannelSecurity))
	log.With(slog.String("channel", obs.ChannelSecurity)).WithGroup("g").InfoContext(t.Context(), "by logger", slog.Int("a", 1))
	if err := files.Close(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{obs.FileLog: "plain", obs.FileSecurity: "by line,by logger"} {
		path := filepath.Join(dir, name)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for line := range strings.Lines(string(text)) {
			var one struct{ Msg string }
			if err := json.Unmarshal([]byte(line), &one); err != nil {
				t.Fatal(err)
			}
			said = append(said, one.Msg)
		}
		if got := strings.Join(said, ","); got != want {
			t.Errorf("%s holds %s, want %s", name, got, want)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o007 != 0 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

// TestFilesThatAreOld: a file put aside longer ago than is kept goes with the next one.
func TestFilesThatAreOld(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	gone := time.Now().UTC().Add(-72 * time.Hour).Format("2006-01-02T15-04-05.000")
	kept := time.Now().UTC().Add(-24 * time.Hour).Format("2006-01-02T15-04-05.000")
	aside := func(at string) string { return filepath.Join(dir, "gad-"+at+"-time.log.gz") }
	for _, at := range []string{gone, kept} {
		if err := os.WriteFile(aside(at), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files, err := obs.OpenFiles(dir, "info", 2)
	if err != nil {
		t.Fatal(err)
	}
	slog.New(files.Handler()).InfoContext(t.Context(), "a line")
	if err := files.Rotate(); err != nil {
		t.Fatal(err)
	}
	if err := files.Close(); err != nil { // it waits for the removal
		t.Fatal(err)
	}
	if _, err := os.Stat(aside(gone)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what is older than two days: %v", err)
	}
	if _, err := os.Stat(aside(kept)); err != nil {
		t.Error(err)
	}
	if _, err := obs.OpenFiles(filepath.Join(aside(kept), "in"), "info", 1); err == nil {
		t.Error("a directory inside a file")
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	var c clock
	h := obs.NewHealth(c.now)
	if r := h.Snapshot(t.Context()); !r.Ready || r.State != obs.OK {
		t.Errorf("without checks: %+v", r)
	}
	var pg, redis atomic.Value
	pg.Store(answer{})
	redis.Store(answer{})
	var ran atomic.Int32
	h.Register("postgres", true, func(context.Context) error { ran.Add(1); return pg.Load().(answer).err })
	h.Register("redis", false, func(context.Context) error { return redis.Load().(answer).err })
	h.Register("telegram", false, func(context.Context) error { return obs.ErrNotConfigured })

	states := func() string {
		r := h.Snapshot(t.Context())
		s := fmt.Sprint(r.Ready, " ", r.State)
		for _, k := range r.Checks {
			s += fmt.Sprintf(" %s=%s@%d", k.Name, k.State, k.Since.Unix())
		}
		return s
	}
	want := func(w string) {
		t.Helper()
		if got := states(); got != w {
			t.Errorf("got  %s\nwant %s", got, w)
		}
	}
	want("true ok postgres=ok@0 redis=ok@0 telegram=not_configured@0")
	redis.Store(answer{errors.New("refused")})
	want("true ok postgres=ok@0 redis=ok@0 telegram=not_configured@0") // still fresh
	if n := ran.Load(); n != 1 {
		t.Errorf("the check ran %d times within a second", n)
	}
	c.advance(5 * time.Second)
	want("true degraded postgres=ok@0 redis=down@5 telegram=not_configured@0")
	redis.Store(answer{fmt.Errorf("slow: %w", obs.ErrDegraded)})
	pg.Store(answer{errors.New("gone")})
	c.advance(5 * time.Second)
	want("false down postgres=down@10 redis=degraded@10 telegram=not_configured@0")
	pg.Store(answer{})
	redis.Store(answer{})
	c.advance(5 * time.Second)
	want("true ok postgres=ok@15 redis=ok@15 telegram=not_configured@0")
	h.Drain()
	want("false down postgres=ok@15 redis=ok@15 telegram=not_configured@0")
}

// answer lets an atomic.Value hold no error.
type answer struct{ err error }

func TestHealthDeadlineAndPanic(t *testing.T) {
	t.Parallel()
	h := obs.NewHealth(time.Now)
	h.Register("stuck", false, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
	h.Register("broken", false, func(context.Context) error { panic("boom") })
	gone, cancel := context.WithCancel(t.Context())
	cancel() // the one who asks has hung up; the answer is for the others too
	r := h.Snapshot(gone)
	if !r.Ready || r.State != obs.Degraded {
		t.Errorf("report = %+v", r)
	}
	for _, k := range r.Checks {
		if k.State != obs.Down || k.Err == nil {
			t.Errorf("check %s = %s, %v", k.Name, k.State, k.Err)
		}
	}
	if !errors.Is(r.Checks[0].Err, context.DeadlineExceeded) {
		t.Errorf("stuck = %v, want it cut by its own deadline", r.Checks[0].Err)
	}
}

func TestOpsHandler(t *testing.T) {
	t.Parallel()
	reg := obs.NewRegistry()
	orders := prometheus.NewCounter(prometheus.CounterOpts{Name: "gad_orders_total", Help: "Orders."})
	reg.MustRegister(orders)
	orders.Add(3)
	h := obs.NewHealth(time.Now)
	h.Register("postgres", true, func(context.Context) error { return errors.New("at 10.1.2.3: refused") })
	server := httptest.NewServer(obs.OpsHandler(reg, h))
	defer server.Close()

	for path, want := range map[string]struct {
		code int
		body []string
	}{
		"/metrics":             {200, []string{"gad_orders_total 3", "go_goroutines", "process_open_fds", "gad_build_info{"}},
		"/livez":               {200, []string{`"state":"ok"`}},
		"/readyz":              {503, []string{`"ready":false`}},
		"/health":              {503, []string{`"name":"postgres"`, `"required":true`, `"state":"down"`, `"since":`, `"latency":`}},
		"/debug/pprof/":        {200, []string{"goroutine"}},
		"/debug/pprof/cmdline": {200, []string{"obs.test"}},
		"/nothing":             {404, nil},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := server.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want.code {
			t.Errorf("%s = %d, want %d", path, resp.StatusCode, want.code)
		}
		for _, text := range want.body {
			if !strings.Contains(string(body), text) {
				t.Errorf("%s lacks %q", path, text)
			}
		}
		if strings.Contains(string(body), "10.1.2.3") {
			t.Errorf("%s shows a foreign error's text", path)
		}
		if want.code == 503 && resp.Header.Get("Retry-After") == "" {
			t.Errorf("%s: 503 without Retry-After", path)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/openmetrics-text; version=1.0.0")
	resp, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/openmetrics-text") {
		t.Errorf("content type = %s", resp.Header.Get("Content-Type"))
	}
}
