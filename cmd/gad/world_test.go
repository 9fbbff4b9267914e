package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/grupo-gad/gad/api/rest"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/ops/local"
	"github.com/grupo-gad/gad/ops/obs"
)

// world is a whole system on private servers of its own, which a test may kill.
type world struct {
	t       *testing.T
	data    string
	servers *privateServers
	sys     *system
	at      addresses
	users   credentials
	extra   map[string]string // settings over those of development
	logs    everyLine

	stop context.CancelFunc
	done *errgroup.Group
}

// newWorld starts everything but the demo. It ends with the test.
func newWorld(t *testing.T, extra ...map[string]string) *world {
	t.Helper()
	root, err := local.ScratchDir()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.MkdirTemp(root, "gad") //nolint:usetesting // a place that the servers' account can reach, and that outlives a kill
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(data, 0o755); err != nil {
		t.Fatal(err)
	}
	// Twenty worlds and their people log in: what a password costs is tested in api/auth.
	w := &world{t: t, data: data, extra: map[string]string{"GAD_PASSWORD_MEMORY_KIB": "64", "GAD_PASSWORD_PASSES": "1"}}
	maps.Copy(w.extra, patientSettings)
	for _, more := range extra {
		maps.Copy(w.extra, more)
	}
	from, err := seed()
	if err == nil {
		w.servers, err = startPrivate(t.Context(), data, from, io.Discard)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.servers.stop)
	w.start()
	return w
}

// patientSettings are for a machine that may be slow, boundedSettings for those who see what the
// bounds are for.
var (
	patientSettings = map[string]string{
		"GAD_HANDLER_TIMEOUT": "2m", "GAD_DATABASE_CONNECT_TIMEOUT": "1m", "GAD_DATABASE_STATEMENT_TIMEOUT": "1m",
		"GAD_DATABASE_REPORT_TIMEOUT": "1m", "GAD_DATABASE_LOCK_TIMEOUT": "1m",
	}
	boundedSettings = map[string]string{
		"GAD_HANDLER_TIMEOUT": "15s", "GAD_DATABASE_CONNECT_TIMEOUT": "15s", "GAD_DATABASE_STATEMENT_TIMEOUT": "5s",
		"GAD_DATABASE_LOCK_TIMEOUT": "2s",
	}
)

// seed is where servers lie that were made, brought to the newest schema and stopped: the
// worlds begin with a copy of their cluster. It ends with the process.
var seed = sync.OnceValues(func() (string, error) {
	root, err := local.ScratchDir()
	if err != nil {
		return "", err
	}
	data := filepath.Join(root, "seed")
	servers, err := startPrivate(context.Background(), data, "", io.Discard)
	if err != nil {
		return "", err
	}
	servers.stop()
	return data, nil
})

// start runs the roles; after stop it starts them again on the same servers.
func (w *world) start() {
	w.t.Helper()
	settings, err := devConfig(w.servers, w.data, devOptions{http: "127.0.0.1:0", ops: "127.0.0.1:0", extra: w.extra})
	if err != nil {
		w.t.Fatal(err)
	}
	log := slog.New(rest.Traced(slog.NewMultiHandler(obs.NewLogger(testLog{w.t}, "warn").Handler(), obs.NewLogger(&w.logs, "debug").Handler())))
	if w.sys, err = openSystem(w.t.Context(), settings, log); err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(w.t.Context()))
	w.done, w.stop = new(errgroup.Group), cancel
	ready := make(chan addresses, 1)
	w.done.Go(func() error { return w.sys.run(ctx, ready) })
	select {
	case w.at = <-ready:
	case <-time.After(patience):
		w.t.Fatal("the system does not get ready")
	}
	w.t.Cleanup(w.halt)
	if w.users, err = ensureDevUsers(w.t.Context(), w.sys, filepath.Join(w.data, "dev-credentials.json"), w.at); err != nil {
		w.t.Fatal(err)
	}
}

// halt ends the roles and leaves the servers running. It may be called twice.
func (w *world) halt() {
	if w.stop == nil {
		return
	}
	w.stop()
	w.stop = nil
	if err := w.done.Wait(); err != nil {
		w.t.Errorf("the system ended with %v", err)
	}
	w.sys.close()
}

// gad runs a subcommand against this world and returns its exit code and output.
func (w *world) gad(args ...string) (int, string) {
	var out everyLine // both streams, one of which the log may write to from elsewhere
	code := run(w.t.Context(), append(args, "--data", w.data), &out, &out)
	return code, string(out.bytes())
}

// gadFrom is gad with a file of the world's data as standard input.
func (w *world) gadFrom(file string, args ...string) (int, string) {
	w.t.Helper()
	in, err := os.Open(filepath.Join(w.data, file))
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	var out everyLine
	root := rootCommand()
	root.SetIn(in)
	code := runRoot(w.t.Context(), root, append(args, "--data", w.data), &out, &out)
	return code, string(out.bytes())
}

// as logs in with the development user of a rol.
func (w *world) as(rol permiso.Rol) *client {
	w.t.Helper()
	u, ok := w.users.of(rol)
	if !ok {
		w.t.Fatalf("no development user of rol %s", rol)
	}
	return w.logIn(u)
}

// logIn opens a session of a person.
func (w *world) logIn(u credential) *client {
	w.t.Helper()
	c := &client{t: w.t, base: w.at.http, who: u}
	c.logIn()
	return c
}

// logIn opens one more session: a token lasts ten minutes at most, a test may last longer.
func (c *client) logIn() {
	c.t.Helper()
	var tokens struct {
		Access string `json:"access_token"`
	}
	c.token = ""
	c.want(http.StatusOK, c.do("POST", "/api/v1/auth/login", map[string]string{"email": c.who.Email, "password": c.who.Password}), &tokens)
	c.token = tokens.Access
}

// client speaks REST as one person, who reads what he ordered: each of his reads names the
// position of his last order, and is repeated while the read model is behind it.
type client struct {
	t     *testing.T
	base  string
	who   credential // empty where a test brought the token
	token string
	last  atomic.Int64 // the newest position he was told
}

type answer struct {
	status int
	header http.Header
	body   []byte
	err    error
}

// do sends one request; header holds pairs of name and value.
func (c *client) do(method, path string, body any, header ...string) answer {
	if last := c.last.Load(); method == http.MethodGet && last > 0 && !slices.Contains(header, headerMin) {
		header = append(slices.Clone(header), minPosition(last)...)
	}
	for until := time.Now().Add(patience); ; {
		a := c.once(method, path, body, header...)
		if a.status == http.StatusServiceUnavailable && bytes.Contains(a.body, []byte(`"proyeccion_atrasada"`)) && time.Now().Before(until) {
			continue // it waited already
		}
		if n, err := strconv.ParseInt(a.header.Get("X-Gad-Position"), 10, 64); err == nil && method != http.MethodGet {
			c.last.Store(max(c.last.Load(), n))
		}
		return a
	}
}

// once sends a request a single time.
func (c *client) once(method, path string, body any, header ...string) answer {
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return answer{err: err}
		}
		reader = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, reader)
	if err != nil {
		return answer{err: err}
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer{err: err}
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, text, err}
}

// want fails unless the answer has this status, and reads it into out (nil: not at all).
func (c *client) want(status int, a answer, out any) answer {
	c.t.Helper()
	if a.err != nil || a.status != status {
		c.t.Fatalf("got %d, want %d: %v %s", a.status, status, a.err, a.body)
	}
	if out != nil {
		if err := json.Unmarshal(a.body, out); err != nil {
			c.t.Fatalf("read %s: %v", a.body, err)
		}
	}
	return a
}

// order is what every order answers.
type order struct {
	ID       string `json:"id"`
	Codigo   string `json:"codigo"`
	Version  int64  `json:"version"`
	Posicion int64  `json:"posicion"`
}

// patience is how long a test waits for what it must see: a machine may be slow.
const patience = 2 * time.Minute

// eventually polls until ok, for what has no position to wait for.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %s", what, patience)
		}
		select {
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// reached waits until read models are as far as a position.
func (w *world) reached(position eventstore.Position, names ...string) {
	w.t.Helper()
	for _, name := range names {
		eventually(w.t, fmt.Sprintf("%s is at %d", name, position), func() bool {
			return w.sys.reads.waiter.WaitFor(w.t.Context(), name, position) == nil
		})
	}
}

// testLog hands log lines to the test, which shows them when it fails.
type testLog struct{ t *testing.T }

func (l testLog) Write(p []byte) (int, error) {
	defer func() { _ = recover() }() // a goroutine that logs after the end of its test
	l.t.Log(strings.TrimRight(string(p), "\n"))
	return len(p), nil
}

// newEfectivo registers an Efectivo on duty at a place and returns his id.
func (w *world) newEfectivo(c *client, codigo string, lat, lon float64) string {
	w.t.Helper()
	var e order
	c.want(http.StatusCreated, c.do("POST", "/api/v1/efectivos", map[string]any{
		"nombre": "Ana", "apellido": "Paz", "dni": "3" + codigo, "email": strings.ToLower(codigo) + "@ejemplo.gob.ar",
		"codigo_interno": codigo,
	}), &e)
	c.want(http.StatusOK, c.do("POST", "/api/v1/efectivos/"+e.ID+"/turno", map[string]any{}), nil)
	var taken struct {
		Aceptadas int `json:"aceptadas"`
	}
	c.want(http.StatusOK, c.do("POST", "/api/v1/efectivos/"+e.ID+"/posiciones", map[string]any{
		"fixes": []map[string]any{{"lat": lat, "lon": lon, "en": time.Now().UTC(), "precision_m": 8}},
	}), &taken)
	if taken.Aceptadas != 1 {
		w.t.Fatalf("the fix of %s was not taken", codigo)
	}
	return e.ID
}

const headerMin = "X-Gad-Min-Position"

func minPosition(p int64) []string { return []string{headerMin, fmt.Sprint(p)} }

// everyLine keeps what is written to it, by whomever: the log of a world from debug on, what a
// subcommand says.
type everyLine struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *everyLine) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *everyLine) bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.text.Bytes())
}
