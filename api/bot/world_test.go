package bot_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/api/bot"
	"github.com/grupo-gad/gad/api/bot/bottest"
	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/mailbox"
	"github.com/grupo-gad/gad/eventstore/postgres"
	"github.com/grupo-gad/gad/eventstore/telemetry"
	"github.com/grupo-gad/gad/eventstore/vault"
	"github.com/grupo-gad/gad/ops/pgtest"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/efectivos"
	"github.com/grupo-gad/gad/projections/mapa"
	"github.com/grupo-gad/gad/projections/tareas"
	"github.com/grupo-gad/gad/projections/usuarios"
)

const patience = time.Minute

var supervisora = permiso.Autor{Usuario: "7b0c3a52-0000-4000-8000-00000000000a", Rol: permiso.Supervisor}

// backend is everything behind the bot, for real, on one database.
type backend struct {
	store      *postgres.Store
	dispatcher *commands.Dispatcher
	mail       *mailbox.Mailbox
	telemetry  *telemetry.Store
	deps       bot.Deps
}

// open wires a backend and runs it until ctx ends.
func open(ctx context.Context, pool *pgxpool.Pool, api string, running *sync.WaitGroup) (*backend, error) {
	catalog, err := domain.Catalog()
	if err != nil {
		return nil, err
	}
	kek, err := vault.NewKEK(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		return nil, err
	}
	v, err := vault.Open(ctx, pool, vault.NewKeyring(kek))
	if err != nil {
		return nil, err
	}
	b := &backend{mail: mailbox.New(pool, bytes.Repeat([]byte{9}, 32))}
	if b.store, err = postgres.New(ctx, pool, postgres.Options{Catalog: catalog, Writer: uuid.NewString(), Vault: v, Patience: time.Minute}); err != nil {
		return nil, err
	}
	if b.telemetry, err = telemetry.Open(ctx, pool, telemetry.Options{Writer: "bot"}); err != nil {
		return nil, err
	}
	if b.dispatcher, err = commands.New(b.store, b.store, commands.Options{}); err != nil {
		return nil, err
	}
	waiter := projections.NewWaiter(pool)
	runner := projections.NewRunner(pool, b.store, v, projections.Options{
		Waiter: waiter, Telemetry: b.telemetry, Positions: []projections.TelemetryProjection{mapa.Posiciones{}},
	}, usuarios.Projection{}, tareas.Projection{}, efectivos.Projection{}, mapa.Projection{})
	for _, run := range []func(context.Context) error{b.store.Run, b.telemetry.Run, b.dispatcher.Run, runner.Run} {
		running.Go(func() { _ = run(ctx) }) // ends with ctx
	}
	b.deps = bot.Deps{
		Token: bottest.Token, APIURL: api, Mailbox: b.mail, Dispatcher: b.dispatcher,
		Intake: commands.NewIntake(b.dispatcher, b.telemetry, nil), Facts: b.store, Lookup: v, Texts: v,
		Usuarios: usuarios.NewReader(pool), Tareas: tareas.NewReader(pool), Efectivos: efectivos.NewReader(pool), Waiter: waiter, Log: slog.New(slog.DiscardHandler),
	}
	return b, nil
}

// world is a backend, a Bot API server and what a test needs of both.
type world struct {
	*backend
	t    *testing.T
	db   *pgtest.DB
	tg   *bottest.Server
	logs *safeBuffer
	late time.Duration // how long a call for help waits for a read model; 0: as long as the bot says
	hour time.Time     // at which texts are told, however slow the machine is; zero: the real one
}

type safeBuffer struct {
	mu sync.Mutex // guards b
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func newWorld(t *testing.T) *world {
	t.Helper()
	db := pgtest.New(t)
	tg := bottest.Start()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	b, err := open(ctx, db.App, tg.URL, &running)
	t.Cleanup(func() { cancel(); running.Wait(); tg.Close() })
	if err != nil {
		t.Fatal(err)
	}
	logs := &safeBuffer{}
	b.deps.Log = slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	t.Cleanup(func() {
		if strings.Contains(logs.String(), bottest.Token) {
			t.Error("the token stands in the log")
		}
		if t.Failed() {
			t.Logf("the bot's log:\n%s", logs)
		}
	})
	return &world{backend: b, t: t, db: db, tg: tg, logs: logs}
}

var errCrash = errors.New("planted crash")

// run starts a bot; stop ends it in order. crashed is closed when it ended itself.
func (w *world) run(fail func(string) error) (stop func(), crashed <-chan struct{}) {
	w.t.Helper()
	b, err := bot.New(w.deps)
	if err != nil {
		w.t.Fatal(err)
	}
	if fail != nil {
		b.FailAt(fail)
	}
	if w.late > 0 {
		b.TellAfter(w.late)
	}
	if !w.hour.IsZero() {
		b.SayAt(w.hour)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(w.t.Context()))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := b.Run(ctx); err != nil && !errors.Is(err, errCrash) {
			w.t.Errorf("the bot ended: %v", err)
		}
	}()
	stop = sync.OnceFunc(func() { cancel(); <-ended })
	w.t.Cleanup(stop)
	return stop, ended
}

func (w *world) must(cmds ...commands.Command) {
	w.t.Helper()
	answer, err := w.dispatcher.Dispatch(w.t.Context(), commands.Order{ID: [16]byte(uuid.Must(uuid.NewV7())), Commands: cmds})
	if err != nil {
		w.t.Fatalf("%T: %v", cmds[0], err)
	}
	w.level(answer.Position)
}

// level waits until the read models know a position, as long as a slow machine takes.
func (w *world) level(at eventstore.Position) {
	w.t.Helper()
	for _, name := range []string{tareas.Name, usuarios.Name, efectivos.Name, mapa.Name} {
		for end := time.Now().Add(patience); ; {
			err := w.deps.Waiter.WaitFor(w.t.Context(), name, at)
			if err == nil {
				break
			}
			if !errors.Is(err, projections.ErrAtrasada) || time.Now().After(end) {
				w.t.Fatal(err)
			}
		}
	}
}

// onDuty enters an Efectivo and puts him on duty.
func (w *world) onDuty() (ident.Efectivo, ident.Usuario) {
	w.t.Helper()
	id, persona, sujeto := ident.Efectivo(uuid.Must(uuid.NewV7()).String()), ident.Usuario(uuid.NewString()), uuid.NewString()
	orden := efectivo.Orden{ID: id, Por: supervisora, En: time.Now().UTC()}
	w.must(efectivo.Registrar{Orden: orden, Usuario: persona, CodigoInterno: "M-" + sujeto[:8]}, usuario.Registrar{
		Orden: usuario.Orden{ID: persona, Por: supervisora, En: orden.En}, Sujeto: ident.Sujeto(sujeto), Rol: permiso.Efectivo,
		Nombre: commands.Seal(sujeto, "nombre", "Ana"), Apellido: commands.Seal(sujeto, "apellido", "Gómez"),
		Email: commands.SealIndexed(sujeto, "email", sujeto[:8]+"@ejemplo.gob.ar"),
	})
	w.must(efectivo.IniciarTurno{Orden: orden, Turno: ident.Turno(uuid.NewString())})
	return id, persona
}

// linked enters an Efectivo who has the Telegram account already.
func (w *world) linked(account string) ident.Efectivo {
	w.t.Helper()
	id, persona := w.onDuty()
	s, err := w.dispatcher.Usuario(w.t.Context(), persona)
	if err != nil {
		w.t.Fatal(err)
	}
	w.must(usuario.VincularTelegram{
		Orden:      usuario.Orden{ID: persona, Por: permiso.Autor{Usuario: persona, Rol: permiso.Efectivo}, En: time.Now().UTC()},
		TelegramID: commands.SealIndexed(string(s.Sujeto()), "telegram_id", account),
	})
	return id
}

func (w *world) tarea(codigo, titulo string) ident.Tarea {
	w.t.Helper()
	id := ident.Tarea(uuid.Must(uuid.NewV7()).String())
	w.must(tarea.Crear{
		Orden: tarea.Orden{ID: id, Por: supervisora, En: time.Now().UTC()}, Codigo: codigo,
		Titulo: commands.Seal(string(id), "titulo", titulo), Tipo: tarea.Patrullaje, Prioridad: tarea.Alta,
	})
	return id
}

func (w *world) asignar(id ident.Tarea, e ident.Efectivo) {
	w.t.Helper()
	w.must(tarea.Asignar{Orden: tarea.Orden{ID: id, Por: supervisora, En: time.Now().UTC()}, Efectivo: e})
}

// begun waits until the bot has set where it begins to tell: what happens from here on is news.
func (w *world) begun() {
	w.t.Helper()
	if err := pollUntil(w.t, func() bool {
		_, ok, err := w.mail.Cursor(w.t.Context(), "bot.avisos")
		return err == nil && ok
	}); err != nil {
		w.t.Fatal(err)
	}
}

// said waits for the n-th thing the bot says in a chat (from 1).
func (w *world) said(chat int64, n int) bottest.Call {
	w.t.Helper()
	of := func(list []bottest.Call) []bottest.Call {
		return slices.DeleteFunc(slices.Clone(list), func(c bottest.Call) bool { return c.Chat != chat })
	}
	list, ok := w.tg.Await(patience, func(list []bottest.Call) bool { return len(of(list)) >= n }, "sendMessage", "editMessageText")
	if !ok {
		w.t.Fatalf("the bot said %d things, waited for %d: %+v", len(of(list)), n, of(list))
	}
	return of(list)[n-1]
}

// facts names the events of a stream.
func (w *world) facts(stream string) (names []string) {
	w.t.Helper()
	for r, err := range w.store.ReadStream(w.t.Context(), eventstore.StreamID("tarea-"+stream), 0) {
		if err != nil {
			w.t.Fatal(err)
		}
		names = append(names, strings.TrimPrefix(r.Type, "tarea."))
	}
	return names
}
