package commands_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/memory"
)

var supervisora = permiso.Autor{Usuario: "7b0c3a52-0000-4000-8000-00000000000a", Rol: permiso.Supervisor}

// world is a store with a door in front of it.
type world struct {
	t     testing.TB
	store commands.Store
	*commands.Dispatcher
}

func onMemory(tb testing.TB) (*world, *memory.Store) {
	tb.Helper()
	catalog, err := domain.Catalog()
	if err != nil {
		tb.Fatal(err)
	}
	store := memory.New(catalog)
	return on(tb, store, store, commands.Options{}), store
}

func on(tb testing.TB, store commands.Store, numbers commands.Numbers, o commands.Options) *world {
	tb.Helper()
	d, err := commands.New(store, numbers, o)
	if err != nil {
		tb.Fatal(err)
	}
	return &world{tb, store, d}
}

func newID[T ~string]() T { return T(uuid.Must(uuid.NewV7()).String()) }

func newCommand() eventstore.CommandID { return eventstore.CommandID(uuid.Must(uuid.NewV7())) }

func one(cmds ...commands.Command) commands.Order {
	return commands.Order{ID: newCommand(), Commands: cmds}
}

// must dispatches what has to succeed.
func (w *world) must(cmds ...commands.Command) commands.Answer {
	w.t.Helper()
	answer, err := w.Dispatch(w.t.Context(), one(cmds...))
	if err != nil {
		w.t.Fatalf("%T: %v", cmds[0], err)
	}
	return answer
}

func efOrden(id ident.Efectivo) efectivo.Orden {
	return efectivo.Orden{ID: id, Por: supervisora, En: time.Now().UTC()}
}

func taOrden(id ident.Tarea) tarea.Orden {
	return tarea.Orden{ID: id, Por: supervisora, En: time.Now().UTC()}
}

// registrar returns the two commands that enter a person and the Efectivo he is.
func registrar(id ident.Efectivo) (efectivo.Registrar, usuario.Registrar) {
	persona := ident.Usuario(uuid.NewString())
	sujeto := uuid.NewString()
	tail := string(persona[:8])
	return efectivo.Registrar{Orden: efOrden(id), Usuario: persona, CodigoInterno: "M-" + tail}, usuario.Registrar{
		Orden:  usuario.Orden{ID: persona, Por: supervisora, En: time.Now().UTC()},
		Sujeto: ident.Sujeto(sujeto), Rol: permiso.Efectivo,
		Nombre: commands.Seal(sujeto, "nombre", "Ana"), Apellido: commands.Seal(sujeto, "apellido", "Gómez"),
		Email: commands.SealIndexed(sujeto, "email", tail+"@Ejemplo.gob.ar"), DNI: commands.SealIndexed(sujeto, "dni", "30."+tail),
	}
}

// onDuty enters an Efectivo and puts him on duty.
func (w *world) onDuty() ident.Efectivo {
	w.t.Helper()
	id := newID[ident.Efectivo]()
	ef, us := registrar(id)
	w.must(ef, us)
	w.must(efectivo.IniciarTurno{Orden: efOrden(id), Turno: newID[ident.Turno]()})
	return id
}

func crear(id ident.Tarea) tarea.Crear {
	return tarea.Crear{Orden: taOrden(id), Titulo: commands.Seal(string(id), "titulo", "Relevar la plaza"), Tipo: tarea.Patrullaje}
}

func (w *world) tarea() ident.Tarea {
	w.t.Helper()
	id := newID[ident.Tarea]()
	w.must(crear(id))
	return id
}

// disponibilidad reads the truth from the store, not from the cache.
func (w *world) disponibilidad(id ident.Efectivo) efectivo.Disponibilidad {
	w.t.Helper()
	var s efectivo.State
	for r, err := range w.store.ReadStream(w.t.Context(), eventstore.StreamID(id.Stream()), 0) {
		if err != nil {
			w.t.Fatal(err)
		}
		s = efectivo.Evolve(s, r.Event.(efectivo.Event))
	}
	return s.Disponibilidad()
}

// log names the facts after a position, in order.
func (w *world) log(after eventstore.Position) string {
	w.t.Helper()
	events, err := w.store.ReadLog(w.t.Context(), after, 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	names := make([]string, len(events))
	for i, e := range events {
		names[i] = e.Type
	}
	return strings.Join(names, " ")
}

func (w *world) head() eventstore.Position {
	w.t.Helper()
	head, err := w.store.Head(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return head
}

// racing lets somebody else go first between deciding and appending, n times.
type racing struct {
	commands.Store
	n    int
	then func()
}

func (r *racing) Append(ctx context.Context, a eventstore.Append) (eventstore.Receipt, error) {
	if r.n != 0 {
		r.n--
		r.then()
	}
	return r.Store.Append(ctx, a)
}
