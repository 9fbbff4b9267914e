package rest_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/api/rest"
	"github.com/grupo-gad/gad/cmd/gad/entry"
	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/mailbox"
	"github.com/grupo-gad/gad/eventstore/postgres"
	"github.com/grupo-gad/gad/eventstore/sessions"
	"github.com/grupo-gad/gad/eventstore/telemetry"
	"github.com/grupo-gad/gad/eventstore/vault"
	"github.com/grupo-gad/gad/ops/pgtest"
	"github.com/grupo-gad/gad/ops/pgtest/redistest"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/alarmas"
	"github.com/grupo-gad/gad/projections/cache"
	"github.com/grupo-gad/gad/projections/efectivos"
	"github.com/grupo-gad/gad/projections/estadisticas"
	"github.com/grupo-gad/gad/projections/licencias"
	"github.com/grupo-gad/gad/projections/mapa"
	"github.com/grupo-gad/gad/projections/marcas"
	"github.com/grupo-gad/gad/projections/tablero"
	"github.com/grupo-gad/gad/projections/tareas"
	"github.com/grupo-gad/gad/projections/usuarios"
)

// world is the whole REST face over real servers.
type world struct {
	t      *testing.T
	pool   *pgxpool.Pool
	store  *postgres.Store
	api    *rest.API
	door   *auth.Door
	url    string
	orders *commands.Dispatcher
	admin  client                  // logged in as the first administrador
	last   *atomic.Int64           // the position of the newest order that was answered here
	waits  *atomic.Pointer[func()] // called whenever somebody waits for a read model
	clock  *clock
}

// patient waits for what is in the log for as long as a slow machine takes.
type patient struct {
	*projections.Waiter
	store *postgres.Store
	waits *atomic.Pointer[func()]
}

func (p patient) WaitFor(ctx context.Context, projection string, min eventstore.Position) error {
	if said := p.waits.Load(); said != nil {
		(*said)()
	}
	for end := time.Now().Add(time.Minute); ; {
		err := p.Waiter.WaitFor(ctx, projection, min)
		if !errors.Is(err, projections.ErrAtrasada) || time.Now().After(end) {
			return err
		}
		if head, failed := p.store.Head(ctx); failed != nil || min > head {
			return err
		}
	}
}

const password = "una frase larga y propia"

// fast are argon2 parameters for tests, where many log in.
var fast = auth.Params{Memory: 64, Time: 1, Threads: 1}

func newWorld(t *testing.T, adjust ...func(*rest.Deps)) *world {
	t.Helper()
	return newWorldOn(t, pgtest.New(t), adjust...)
}

func newWorldOn(t *testing.T, db *pgtest.DB, adjust ...func(*rest.Deps)) *world {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	t.Cleanup(func() { stop(); running.Wait() })
	background := func(what string, run func(context.Context) error) {
		running.Go(func() {
			if err := run(ctx); err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("%s ended: %v", what, err)
			}
		})
	}

	var kek [32]byte
	_, _ = rand.Read(kek[:])
	key, err := vault.NewKEK(kek[:])
	must(t, err)
	v, err := vault.Open(ctx, db.App, vault.NewKeyring(key))
	must(t, err)
	catalog, err := domain.Catalog()
	must(t, err)
	store, err := postgres.New(ctx, db.App, postgres.Options{Catalog: catalog, Vault: v, Patience: time.Minute})
	must(t, err)
	background("store", store.Run)
	inflight := postgres.NewInflight(store).Patient(time.Minute)
	t.Cleanup(inflight.Close)
	dispatcher, err := commands.New(store, store, commands.Options{Inflight: inflight})
	must(t, err)
	background("dispatcher", dispatcher.Run)

	rdb := redis.NewClient(tablero.Tune(redistest.New(t)))
	t.Cleanup(func() { _ = rdb.Close() })
	figures := tablero.NewReader(db.App, rdb)
	awaken := projections.NewWaiter(db.App, figures)
	waiter := patient{awaken, store, new(atomic.Pointer[func()])}
	fixes, err := telemetry.Open(ctx, db.App, telemetry.Options{Writer: "rest.test"})
	must(t, err)
	background("telemetry", fixes.Run)
	runner := projections.NewRunner(db.App, store, v, projections.Options{
		Waiter: awaken, Others: []projections.Other{tablero.NewProjector(rdb, db.App, store, awaken)},
		Telemetry: fixes, Positions: []projections.TelemetryProjection{mapa.Posiciones{}, estadisticas.Celdas{}},
	}, tareas.Projection{}, efectivos.Projection{}, usuarios.Projection{}, mapa.Projection{}, estadisticas.Projection{}, licencias.Projection{}, alarmas.Projection{}, marcas.Projection{})
	background("projections", runner.Run)

	everybody := efectivos.NewDespliegue(db.App, store, fixes, slog.New(slog.DiscardHandler)).Patient(time.Minute)
	background("deployment", everybody.Run)

	keys, err := auth.LoadKeys(filepath.Join(t.TempDir(), "keys"), true, time.Now)
	must(t, err)
	issuer, err := auth.NewIssuer(keys, "https://gad.test", "gad", auth.MaxTTL, time.Now)
	must(t, err)
	log := slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	clock := new(clock)
	kept := sessions.NewAt(db.App, clock.now)
	issuer.Patient(time.Minute).Watch(entry.Standing{Sessions: kept, Usuarios: usuarios.NewReader(db.App)})
	door, err := auth.NewDoor(auth.Deps{
		Issuer: issuer, Hasher: auth.NewHasher(fast), Directory: entry.Directory{Vault: v}, Orders: dispatcher, Kept: kept, Sessions: entry.Families{Store: kept, TTL: 12 * time.Hour},
		Profiles: rest.Profiles{Usuarios: usuarios.NewReader(db.App), Log: store, Waiter: waiter}, Secret: kek[:], Log: log,
		Settings: auth.Settings{
			Account: auth.Patience{Free: 50, Window: time.Minute, Most: time.Minute}, Block: auth.Patience{Free: 1000, Window: time.Minute, Most: time.Minute},
			TelegramKey: auth.TelegramKey("1:token"),
		},
	})
	must(t, err)
	t.Cleanup(door.Settle)
	deps := rest.Deps{
		Orders: dispatcher, Fingerprints: postgres.NewFingerprints(db.App, kek[:]), Log: store, Texts: v, Intake: commands.NewIntake(dispatcher, fixes, nil), Links: mailbox.New(db.App, kek[:]), Waiter: waiter,
		Recomendador: everybody, Tareas: tareas.NewReader(db.App), Efectivos: efectivos.NewReader(db.App), Mapa: mapa.NewReader(db.App),
		Tablero: figures, Usuarios: usuarios.NewReader(db.App), Licencias: licencias.NewReader(db.App), Alarmas: alarmas.NewReader(db.App), Marcas: marcas.NewReader(db.App), Door: door, Logger: log,
	}
	answers := cache.New(rdb).Patient(time.Minute)
	deps.Estadisticas, deps.Cache, deps.Projections = estadisticas.NewReader(db.App, answers, time.UTC, time.Now), answers, runner
	rebuilds := projections.NewRebuilds(runner)
	background("rebuilds", func(ctx context.Context) error { return rebuilds.Run(ctx, runner) })
	deps.Rebuilds = rebuilds
	deps.Settings.HandlerTimeout, deps.Settings.Recomendar, deps.Settings.Situar = 2*time.Minute, time.Minute, time.Minute // longer than anything is waited for
	for _, f := range adjust {
		f(&deps)
	}
	api, err := rest.New(deps)
	must(t, err)
	e := api.NewEcho()
	api.Register(e)
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	w := &world{t: t, pool: db.App, store: store, api: api, door: door, url: server.URL, last: new(atomic.Int64), waits: waiter.waits, clock: clock}

	// The first administrador is made on the server, not through the face.
	w.orders = dispatcher
	w.administrador("ada@gad.test")
	w.admin = w.login("ada@gad.test")
	return w
}

// clock is what sessions go by; a test that counts their seconds stops it.
type clock struct{ stopped atomic.Pointer[time.Time] }

func (c *clock) now() time.Time {
	if at := c.stopped.Load(); at != nil {
		return *at
	}
	return time.Now()
}

func (c *clock) stop() { at := time.Now(); c.stopped.Store(&at) }

// administrador registers one as gad admin does: no face may.
func (w *world) administrador(email string) {
	w.t.Helper()
	id, sujeto := ident.Usuario(uuid.NewString()), uuid.NewString()
	_, err := w.orders.Dispatch(w.t.Context(), commands.Order{ID: eventstore.CommandID(uuid.New()), Commands: []commands.Command{usuario.Registrar{
		Orden:  usuario.Orden{ID: id, Por: permiso.Autor{Rol: permiso.Administrador}, En: time.Now().UTC()},
		Sujeto: ident.Sujeto(sujeto), Rol: permiso.Administrador,
		Nombre: commands.Seal(sujeto, "nombre", "Ada"), Apellido: commands.Seal(sujeto, "apellido", "Min"),
		Email: commands.SealIndexed(sujeto, "email", email),
	}}})
	must(w.t, err)
	must(w.t, w.door.SetPassword(w.t.Context(), id, password))
}

// client calls as somebody.
type client struct {
	w     *world
	token string
}

// answer is what came back.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	raw    []byte
}

func (w *world) login(email string) client {
	w.t.Helper()
	a := client{w: w}.call(http.MethodPost, "/api/v1/auth/login", map[string]string{"email": email, "password": password})
	a.want(http.StatusOK)
	return client{w, a.text("access_token")}
}

// user registers somebody of a rol and logs him in.
func (w *world) user(rol permiso.Rol) client {
	w.t.Helper()
	email := fmt.Sprintf("%s-%s@gad.test", rol, uuid.NewString()[:8])
	if rol == permiso.Administrador {
		w.administrador(email)
		return w.login(email)
	}
	w.admin.call(http.MethodPost, "/api/v1/usuarios", map[string]any{
		"nombre": "Uno", "apellido": string(rol), "email": email, "rol": rol, "password": password,
	}).want(http.StatusCreated)
	return w.login(email)
}

// unit registers an Efectivo on duty and returns his id.
func (w *world) unit() string {
	w.t.Helper()
	n := uuid.NewString()[:8]
	a := w.admin.call(http.MethodPost, "/api/v1/efectivos", map[string]any{
		"nombre": "Luis", "apellido": "Paz", "dni": fmt.Sprint(10_000_000 + uuid.New().ID()%80_000_000), "email": n + "@gad.test", "codigo_interno": "M-" + n,
	}).want(http.StatusCreated)
	w.admin.call(http.MethodPost, "/api/v1/efectivos/"+a.text("id")+"/turno", nil).want(http.StatusOK)
	return a.text("id")
}

// tarea creates one and returns its id.
func (c client) tarea() string {
	c.w.t.Helper()
	return c.call(http.MethodPost, "/api/v1/tareas", map[string]any{"titulo": "Choque en avenida", "tipo": "intervencion"}).
		want(http.StatusCreated).text("id")
}

type option func(*http.Request)

func header(name, value string) option {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// id is who he is.
func (c client) id() string {
	c.w.t.Helper()
	return c.call(http.MethodGet, "/api/v1/auth/yo", nil).want(http.StatusOK).text("id")
}

// call sends a value as JSON; nil sends no body. Both directions must satisfy
// the contract.
func (c client) call(method, path string, body any, options ...option) answer {
	c.w.t.Helper()
	var raw []byte
	if body != nil {
		var err error
		raw, err = json.Marshal(body)
		must(c.w.t, err)
		options = append([]option{header("Content-Type", "application/json")}, options...)
	}
	a := c.send(method, path, raw, options...)
	if a.status < 400 {
		conforms(c.w.t, c.request(method, path, raw, options...))
	}
	return a
}

// send sends bytes as they are; only the answer must satisfy the contract. A read names the
// position of the order before it, unless the test says another one.
func (c client) send(method, path string, raw []byte, options ...option) answer {
	c.w.t.Helper()
	r := c.request(method, path, raw, options...)
	resp, err := http.DefaultClient.Do(r)
	must(c.w.t, err)
	defer func() { _ = resp.Body.Close() }()
	got, err := io.ReadAll(resp.Body)
	must(c.w.t, err)
	a := answer{c.w.t, resp.StatusCode, resp.Header, got}
	if at, err := strconv.ParseInt(a.header.Get("X-Gad-Position"), 10, 64); err == nil && method != http.MethodGet {
		for was := c.w.last.Load(); was < at && !c.w.last.CompareAndSwap(was, at); was = c.w.last.Load() {
		}
	}
	answerConforms(c.w.t, r, a)
	return a
}

func (c client) request(method, path string, raw []byte, options ...option) *http.Request {
	r, err := http.NewRequestWithContext(c.w.t.Context(), method, c.w.url+path, bytes.NewReader(raw))
	must(c.w.t, err)
	if raw == nil {
		r.Body = http.NoBody
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	if at := c.w.last.Load(); method == http.MethodGet && at > 0 {
		r.Header.Set("X-Gad-Min-Position", strconv.FormatInt(at, 10))
	}
	for _, o := range options {
		o(r)
	}
	return r
}

func (a answer) want(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d, want %d: %s", a.status, status, a.raw)
	}
	return a
}

// refused checks a problem: its status and its stable codigo.
func (a answer) refused(status int, codigo string) answer {
	a.t.Helper()
	a.want(status)
	if got := a.text("codigo"); got != codigo {
		a.t.Fatalf("codigo %q, want %q: %s", got, codigo, a.raw)
	}
	if got := a.header.Get("Content-Type"); got != "application/problem+json" {
		a.t.Fatalf("content type %q", got)
	}
	return a
}

func (a answer) object() map[string]any {
	a.t.Helper()
	var v map[string]any
	if err := json.Unmarshal(a.raw, &v); err != nil {
		a.t.Fatalf("%v in %s", err, a.raw)
	}
	return v
}

func (a answer) text(name string) string { s, _ := a.object()[name].(string); return s }

func (a answer) list(name string) []any { l, _ := a.object()[name].([]any); return l }

// at makes a read see at least what an order did.
func (a answer) at() option { return header("X-Gad-Min-Position", a.header.Get("X-Gad-Position")) }

// facts counts the facts of a name.
func (w *world) facts(name string) int {
	w.t.Helper()
	return len(w.admin.call("GET", "/api/v1/eventos?limite=200&tipo="+name, nil).want(http.StatusOK).list("datos"))
}

func (w *world) head() eventstore.Position {
	w.t.Helper()
	head, err := w.store.Head(w.t.Context())
	must(w.t, err)
	return head
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// testWriter sends what the server logs to the test that caused it.
type testWriter struct{ t *testing.T }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Logf("%s", bytes.TrimSpace(p))
	return len(p), nil
}

func equal(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("differs (-want +got):\n%s", diff)
	}
}
