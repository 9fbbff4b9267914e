package bot_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/api/bot"
	"github.com/grupo-gad/gad/api/bot/bottest"
	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/operacion"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/zona"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
)

// history names the facts of a stream once there are n of them.
func (w *world) history(stream string, n int) (names []string) {
	w.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		// Asked for before reading: what is recorded meanwhile must not be waited for.
		head, err := w.store.Head(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		names = nil
		for r, err := range w.store.ReadStream(w.t.Context(), eventstore.StreamID(stream), 0) {
			if err != nil {
				w.t.Fatal(err)
			}
			names = append(names, r.Type)
		}
		if len(names) >= n || time.Now().After(deadline) {
			return names
		}
		bounded, cancel := context.WithDeadline(w.t.Context(), deadline)
		for _, err := range w.store.Follow(bounded, head) { // until something else is recorded
			if err != nil && bounded.Err() == nil {
				w.t.Fatal(err)
			}
			break
		}
		cancel()
	}
}

// heard waits for something the bot says in a chat, wherever among the rest.
func (w *world) heard(chat int64, part string) bottest.Call {
	w.t.Helper()
	is := func(c bottest.Call) bool { return c.Chat == chat && strings.Contains(c.Text, part) }
	list, ok := w.tg.Await(patience, func(l []bottest.Call) bool { return slices.ContainsFunc(l, is) }, "sendMessage", "editMessageText")
	if !ok {
		w.t.Fatalf("%d never heard %q: %+v", chat, part, list)
	}
	return list[slices.IndexFunc(list, is)]
}

// One word calls for help; everybody else on duty hears it, and whom it reached and who has
// seen it are facts.
func TestSOS(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(nil)
	const ana, beto, caro = 41, 42, 43
	a := w.linked("41")
	w.linked("42")
	off := w.linked("43")
	w.must(efectivo.FinalizarTurno{Orden: efectivo.Orden{ID: off, Por: supervisora, En: time.Now().UTC()}})

	w.tg.Text(ana, "🆘 SOS")
	if c := w.said(ana, 1); !strings.Contains(c.Text, "Ayuda pedida") {
		t.Fatalf("to who calls: %q", c.Text)
	}
	heard := w.heard(beto, "pide ayuda")
	state, err := w.dispatcher.Efectivo(t.Context(), a)
	if err != nil || !state.SOS() {
		t.Fatalf("nobody waits for help: %v", err)
	}
	var alert string
	for r, err := range w.store.ReadStream(t.Context(), eventstore.StreamID(a.Stream()), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Type == "efectivo.sos_activado" {
			alert = fmt.Sprintf("%s@%d", r.Stream, r.Version)
		}
	}
	stream := operacion.StreamAlerta(alert)
	if got := w.history(stream, 1); !slices.Equal(got, []string{"alerta.entregada"}) {
		t.Fatalf("recorded %v", got)
	}
	w.tg.Press(beto, heard.Message, button(t, heard, "La vi"))
	if got := w.history(stream, 2); !slices.Equal(got, []string{"alerta.entregada", "alerta.acusada"}) {
		t.Errorf("recorded %v", got)
	}
	// Calling twice is calling once; nobody comes, and everybody hears it again.
	w.tg.Text(ana, "/sos")
	w.said(ana, 2)
	w.must(operacion.EscalarAlerta{
		OrdenAlerta: operacion.OrdenAlerta{ID: alert, Por: permiso.DelSistema("politicas"), En: time.Now().UTC()}, Efectivo: a, Nivel: 1,
	})
	w.heard(beto, "SIN ATENDER")
	for _, c := range w.tg.Calls("sendMessage") {
		if c.Chat == caro || c.Chat == ana && strings.Contains(c.Text, "pide ayuda") {
			t.Errorf("%d was told %q", c.Chat, c.Text)
		}
	}
}

// place reports a position and waits until the marker stands there.
func (w *world) place(id ident.Efectivo, lat, lon float64) {
	w.t.Helper()
	verdicts, err := w.deps.Intake.Receive(w.t.Context(), permiso.Autor{Rol: permiso.Administrador}, id, []efectivo.Fix{
		{Punto: geo.Punto{Lat: lat, Lon: lon}, En: time.Now().UTC(), Precision: 5, Velocidad: -1, Rumbo: -1},
	}, "telegram")
	if err != nil || len(verdicts) != 1 || verdicts[0].Rechazada != "" {
		w.t.Fatalf("verdicts %v, %v", verdicts, err)
	}
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(patience); ; <-again.C {
		e, err := w.deps.Efectivos.Get(w.t.Context(), projections.System, id)
		switch {
		case err != nil:
			w.t.Fatal(err)
		case e.PosicionActual != nil:
			return
		case time.Now().After(deadline):
			w.t.Fatal("the marker never came")
		}
	}
}

// centro defines a Zona around -34.6, -58.4.
func (w *world) centro() ident.Zona {
	w.t.Helper()
	z := ident.Zona(uuid.Must(uuid.NewV7()).String())
	w.must(zona.Definir{
		Orden: zona.Orden{ID: z, Por: supervisora, En: time.Now().UTC()}, Nombre: "Centro", Clase: zona.Interes,
		Circulo: &zona.Circulo{Centro: geo.Punto{Lat: -34.6, Lon: -58.4}, RadioM: 500},
	})
	return z
}

// A Tarea of high prioridad is told to those who are on duty inside its Zona.
func TestUrgent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(nil)
	const inside, outside = 51, 52
	in := w.linked("51")
	w.linked("52")
	z := w.centro()
	w.place(in, -34.6, -58.4)
	id := ident.Tarea(uuid.Must(uuid.NewV7()).String())
	w.must(tarea.Crear{
		Orden: tarea.Orden{ID: id, Por: supervisora, En: time.Now().UTC()}, Codigo: "T-URGE",
		Titulo: commands.Seal(string(id), "titulo", "Corte de avenida"), Tipo: tarea.Intervencion, Prioridad: tarea.Critica, Zona: z,
	})
	w.heard(inside, "Corte de avenida")
	if got := w.history(operacion.StreamAlerta("tarea-"+string(id)+"@1"), 1); !slices.Equal(got, []string{"alerta.entregada"}) {
		t.Errorf("recorded %v", got)
	}
	for _, c := range w.tg.Calls("sendMessage") {
		if c.Chat == outside {
			t.Errorf("outside %q was heard", c.Text)
		}
	}
}

// Whoever is offered an emergency does not hear of it behind everybody else in its Zona.
func TestAnOfferOvertakes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.tg.Refuse("sendMessage", bottest.Refusal{Status: 429, RetryAfter: 3600}) // nothing is sent after the first
	w.run(nil)
	w.begun()
	in, offered := w.linked("53"), w.linked("54")
	z := w.centro()
	w.place(in, -34.6, -58.4)
	id := ident.Tarea(uuid.Must(uuid.NewV7()).String())
	o := tarea.Orden{ID: id, Por: supervisora, En: time.Now().UTC()}
	w.must(tarea.Crear{
		Orden: o, Codigo: "T-SANGRE", Titulo: commands.Seal(string(id), "titulo", "Herido"), Tipo: tarea.Emergencia, Prioridad: tarea.Critica, Zona: z,
		Ubicacion: &tarea.Lugar{Punto: geo.Punto{Lat: -34.6, Lon: -58.4}},
	}, tarea.EmitirRecomendacion{Orden: o, Recomendacion: tarea.Recomendacion{
		Criterios: tarea.CriteriosPorDefecto(), Candidatos: []tarea.Candidato{{Aspirante: tarea.Aspirante{Efectivo: offered}}},
	}}, tarea.Ofrecer{Orden: o})
	waiting := func(order string) (keys string) {
		t.Helper()
		if err := w.db.Owner.QueryRow(t.Context(), `select coalesce(string_agg(split_part(clave, ':', 1), ' ' order by `+order+`), '') from buzon.salida`).Scan(&keys); err != nil {
			t.Fatal(err)
		}
		return keys
	}
	if err := pollUntil(t, func() bool { return strings.Count(waiting("id"), " ") == 1 }); err != nil {
		t.Fatalf("waiting: %q", waiting("id"))
	}
	for _, order := range []string{"id", "urgencia desc, id desc"} { // as they were left, and whatever the order of that
		if got := waiting(order); got != "asignada alerta" {
			t.Errorf("by %s: %q", order, got)
		}
	}
}

// stuck is a Waiter of a read model that stands still.
type stuck struct {
	bot.Waiter
	name string
}

func (s stuck) WaitFor(ctx context.Context, projection string, min eventstore.Position) error {
	if projection == s.name {
		return projections.ErrAtrasada
	}
	return s.Waiter.WaitFor(ctx, projection, min)
}

// What another notice waits for holds up no call for help, nor does a read model that stands
// still: who was on duty when it stopped is told.
func TestSOSPassesWhatIsStuck(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"tareas", "efectivos"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			a, b := w.linked("71"), w.linked("72")
			w.deps.Waiter, w.late = stuck{w.deps.Waiter, name}, time.Millisecond
			w.run(nil)
			if err := pollUntil(t, func() bool { _, begun, _ := w.mail.Cursor(t.Context(), "bot.auxilios"); return begun }); err != nil {
				t.Fatal(err)
			}
			do := func(cmds ...commands.Command) {
				t.Helper()
				if _, err := w.dispatcher.Dispatch(t.Context(), commands.Order{ID: [16]byte(uuid.Must(uuid.NewV7())), Commands: cmds}); err != nil {
					t.Fatal(err)
				}
			}
			if name == "tareas" { // what cannot be told comes first
				id := ident.Tarea(uuid.Must(uuid.NewV7()).String())
				o := tarea.Orden{ID: id, Por: supervisora, En: time.Now().UTC()}
				do(tarea.Crear{
					Orden: o, Codigo: "T-ATRAS", Titulo: commands.Seal(string(id), "titulo", "Relevo"), Tipo: tarea.Patrullaje, Prioridad: tarea.Alta,
				}, tarea.Asignar{Orden: o, Efectivo: b})
			}
			do(efectivo.ActivarSOS{Orden: efectivo.Orden{ID: a, Por: supervisora, En: time.Now().UTC()}})
			w.heard(72, "pide ayuda")
		})
	}
}
