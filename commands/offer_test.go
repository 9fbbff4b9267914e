package commands_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/ops/pgtest"
)

// emergencia is the whole order of an emergency near these, the nearest first.
func emergencia(id ident.Tarea, people ...ident.Efectivo) commands.Order {
	aspirantes := make([]tarea.Aspirante, len(people))
	for i, p := range people {
		aspirantes[i] = tarea.Aspirante{
			Efectivo: p, Disponibilidad: "disponible", EnTurno: true, DistanciaM: new(float64(100 * i)), AntiguedadS: new(1.0),
		}
	}
	c := crear(id)
	c.Tipo, c.Prioridad = tarea.Emergencia, tarea.Critica
	r, siguientes := tarea.Recomendar(tarea.CriteriosPorDefecto(), aspirantes, nil)
	return one(c, tarea.EmitirRecomendacion{Orden: c.Orden, Recomendacion: r}, tarea.Ofrecer{Orden: c.Orden, Siguientes: siguientes})
}

func (w *world) emergencia(people ...ident.Efectivo) ident.Tarea {
	w.t.Helper()
	id := newID[ident.Tarea]()
	if _, err := w.Dispatch(w.t.Context(), emergencia(id, people...)); err != nil {
		w.t.Fatal(err)
	}
	return id
}

// ofertas lists who was ever offered a Tarea, in order, from the store.
func (w *world) ofertas(id ident.Tarea) (ids []ident.Efectivo) {
	w.t.Helper()
	for r, err := range w.store.ReadStream(w.t.Context(), eventstore.StreamID(id.Stream()), 0) {
		if err != nil {
			w.t.Fatal(err)
		}
		if e, ok := r.Event.(tarea.EfectivoOfrecido); ok {
			ids = append(ids, e.Efectivo)
		}
	}
	return ids
}

// Who is freed of a Tarea that he never took is freed of no work, and the fact says so.
func TestNeverTaken(t *testing.T) {
	t.Parallel()
	w, _ := onMemory(t)
	a := w.onDuty()
	at := func(id ident.Tarea) tarea.Orden {
		o := taOrden(id)
		o.En = o.En.Add(time.Hour)
		return o
	}
	for name, c := range map[string]struct {
		did  []tarea.EstadoAsignacion
		ends func(ident.Tarea) commands.Command
		want bool
	}{
		"the offer lapsed":          {nil, func(id ident.Tarea) commands.Command { return tarea.Escalar{Orden: at(id), Efectivo: a} }, true},
		"he rejected it":            {[]tarea.EstadoAsignacion{tarea.PasoRechazada}, nil, true},
		"it ended before he spoke":  {nil, func(id ident.Tarea) commands.Command { return tarea.Finalizar{Orden: at(id)} }, true},
		"it ended and he was on it": {[]tarea.EstadoAsignacion{tarea.PasoAceptada}, func(id ident.Tarea) commands.Command { return tarea.Finalizar{Orden: at(id)} }, false},
		"he ended it unasked": {nil, func(id ident.Tarea) commands.Command {
			o := at(id)
			o.Por = permiso.Autor{Usuario: "u9", Rol: permiso.Efectivo, Efectivo: a}
			return tarea.Finalizar{Orden: o}
		}, false},
		"he was freed of his work": {[]tarea.EstadoAsignacion{tarea.PasoEnCamino}, func(id ident.Tarea) commands.Command { return tarea.Liberar{Orden: at(id), Efectivo: a} }, false},
	} {
		id := w.emergencia(a)
		for _, paso := range c.did {
			w.must(tarea.Responder{Orden: at(id), Efectivo: a, Paso: paso})
		}
		if c.ends != nil {
			w.must(c.ends(id))
		}
		var last efectivo.DisponibilidadCambiada
		for r, err := range w.store.ReadStream(t.Context(), eventstore.StreamID(a.Stream()), 0) {
			if err != nil {
				t.Fatal(err)
			}
			if e, ok := r.Event.(efectivo.DisponibilidadCambiada); ok {
				last = e
			}
		}
		if last.Tarea != id || last.Causa != efectivo.PorLiberacion || last.SinTomar != c.want {
			t.Errorf("%s: %+v", name, last)
		}
	}
}

// Whoever was blocked since the recommendation was made is passed over, until he is let in again.
func TestOfferPassesOverWhoMayNotComeIn(t *testing.T) {
	t.Parallel()
	w, _ := onMemory(t)
	a, b := w.onDuty(), w.onDuty()
	s, err := w.Efectivo(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	admin := usuario.Orden{ID: s.Usuario(), Por: permiso.Autor{Usuario: "7b0c3a52-0000-4000-8000-00000000000f", Rol: permiso.Administrador}, En: time.Now().UTC()}
	w.must(usuario.Bloquear{Orden: admin, Motivo: commands.Seal(string(s.Usuario()), "motivo", "perdió el teléfono")})
	id := w.emergencia(a, b)
	if got := w.ofertas(id); !slices.Equal(got, []ident.Efectivo{b}) {
		t.Errorf("offered to %v", got)
	}
	w.must(tarea.Cancelar{Orden: taOrden(id), Motivo: commands.Seal(string(id), "motivo", "prueba")})
	w.must(usuario.Desbloquear{Orden: admin})
	if got := w.ofertas(w.emergencia(a, b)); !slices.Equal(got, []ident.Efectivo{a}) {
		t.Errorf("offered to %v, once he is let in again", got)
	}
}

// Nobody is given a Tarea by hand, forced or not, while his Usuario may not come in: not by a
// process either that has not heard of it yet.
func TestNobodyAssignsWhoMayNotComeIn(t *testing.T) {
	t.Parallel()
	w, store := onMemory(t)
	elsewhere := on(t, store, store, commands.Options{})
	who := w.onDuty()
	s, err := w.Efectivo(t.Context(), who)
	if err != nil {
		t.Fatal(err)
	}
	admin := usuario.Orden{ID: s.Usuario(), Por: permiso.Autor{Usuario: "7b0c3a52-0000-4000-8000-00000000000f", Rol: permiso.Administrador}, En: time.Now().UTC()}
	id := w.tarea()
	if _, err := w.Usuario(t.Context(), s.Usuario()); err != nil { // known here as he was
		t.Fatal(err)
	}
	elsewhere.must(usuario.Bloquear{Orden: admin, Motivo: commands.Seal(string(s.Usuario()), "motivo", "perdió el teléfono")})
	for _, forzar := range []bool{false, true} {
		if _, err := w.Dispatch(t.Context(), one(tarea.Asignar{Orden: taOrden(id), Efectivo: who, Forzar: forzar})); !errors.Is(err, efectivo.ErrSinAcceso) {
			t.Errorf("forced %t: %v", forzar, err)
		}
	}
	if got := w.disponibilidad(who); got != efectivo.Disponible {
		t.Errorf("he is %s", got)
	}
	elsewhere.must(usuario.Desbloquear{Orden: admin})
	w.must(tarea.Asignar{Orden: taOrden(id), Efectivo: who})
}

// The offer binds in the append that opens the Tarea; who was taken meanwhile is passed over.
func TestOffer(t *testing.T) {
	t.Parallel()
	w, _ := onMemory(t)
	a, b := w.onDuty(), w.onDuty()
	head := w.head()
	first := w.emergencia(a, b)
	if got := w.log(head); got != "tarea.creada tarea.recomendacion_emitida tarea.efectivo_ofrecido efectivo.disponibilidad_cambiada" {
		t.Errorf("the log has %s", got)
	}
	if got := w.disponibilidad(a); got != efectivo.EnTarea {
		t.Errorf("he is %s", got)
	}
	second := w.emergencia(a, b) // its ranking is a moment old
	if got := w.ofertas(second); len(got) != 1 || got[0] != b {
		t.Errorf("offered to %v", got)
	}
	head = w.head()
	w.emergencia(a, b)
	if got := w.log(head); got != "tarea.creada tarea.recomendacion_emitida tarea.escalada" {
		t.Errorf("with nobody left the log has %s", got)
	}

	// Saying no frees him and passes it on in one append. Nobody else is left here.
	head = w.head()
	no := tarea.Responder{Orden: taOrden(first), Efectivo: a, Paso: tarea.PasoRechazada}
	w.must(no)
	if got := w.log(head); got != "tarea.asignacion_rechazada tarea.escalada efectivo.disponibilidad_cambiada" {
		t.Errorf("a rejection left %s", got)
	}
	if got := w.disponibilidad(a); got != efectivo.Disponible {
		t.Errorf("he is %s", got)
	}
}

// An offer that nobody answers goes to the next one, once, whoever fires the timer and however often.
func TestEscalation(t *testing.T) {
	t.Parallel()
	w, _ := onMemory(t)
	a, b := w.onDuty(), w.onDuty()
	id := w.emergencia(a, b)
	escalar := func(en time.Time) tarea.Escalar {
		return tarea.Escalar{Orden: tarea.Orden{ID: id, Por: permiso.DelSistema("politicas"), En: en}, Efectivo: a}
	}
	now := time.Now().UTC()
	if w.must(escalar(now)).Changed {
		t.Error("passed on before its time")
	}
	head := w.head()
	w.must(escalar(now.Add(2 * time.Minute)))
	const want = "tarea.efectivo_liberado tarea.escalada tarea.efectivo_ofrecido efectivo.disponibilidad_cambiada efectivo.disponibilidad_cambiada"
	if got := w.log(head); got != want {
		t.Errorf("the log has %s", got)
	}
	if w.must(escalar(now.Add(3 * time.Minute))).Changed {
		t.Error("passed on twice")
	}
	events, err := w.store.ReadLog(t.Context(), head, 1)
	if err != nil || events[0].Metadata.Actor != "sistema:politicas" {
		t.Errorf("by %+v, %v", events, err)
	}
	if got := w.ofertas(id); len(got) != 2 || got[1] != b {
		t.Errorf("offered to %v", got)
	}
}

// 64 emergencies at once at one place, through two processes on one database, want the same
// people in the same order. Each gets one of his own; more than there are people hear that
// nobody is left.
func TestManyEmergenciesAtOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	doors := []*world{process(t, db, "a"), process(t, db, "b")}
	people := make([]ident.Efectivo, 48)
	for i := range people {
		people[i] = doors[i%2].onDuty()
	}
	ids := make([]ident.Tarea, 64)
	var group sync.WaitGroup
	begin := make(chan struct{})
	for i := range ids {
		ids[i] = newID[ident.Tarea]()
		group.Go(func() {
			<-begin
			if _, err := doors[i%2].Dispatch(t.Context(), emergencia(ids[i], people...)); err != nil {
				t.Errorf("emergency %d: %v", i, err)
			}
		})
	}
	close(begin)
	group.Wait()
	taken := map[ident.Efectivo]int{}
	for i, id := range ids {
		for _, e := range doors[i%2].ofertas(id) {
			taken[e]++
		}
	}
	if len(taken) != len(people) {
		t.Errorf("%d of %d people were offered one", len(taken), len(people))
	}
	for e, n := range taken {
		if n != 1 {
			t.Errorf("%s was offered %d emergencies", e, n)
		}
		if got := doors[0].disponibilidad(e); got != efectivo.EnTarea {
			t.Errorf("%s is %s", e, got)
		}
	}
}

// Whoever another order is about to bind is waited for when there is nobody else: if that
// order comes to nothing he is free after all.
func TestOfferWaitsForTheLastOne(t *testing.T) {
	t.Parallel()
	memory, store := onMemory(t)
	e := memory.onDuty()
	appending, goOn := make(chan struct{}), make(chan struct{})
	slow := &stuck{Store: store, appending: appending, goOn: goOn}
	w := on(t, slow, store, commands.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	group.Go(func() {
		if _, err := w.Dispatch(ctx, emergencia(newID[ident.Tarea](), e)); err == nil {
			t.Error("the first one was meant to fail")
		}
	})
	<-appending
	id := newID[ident.Tarea]()
	group.Go(func() {
		if _, err := w.Dispatch(t.Context(), emergencia(id, e)); err != nil {
			t.Error(err)
		}
	})
	cancel()
	close(goOn)
	group.Wait()
	if got := w.ofertas(id); len(got) != 1 {
		t.Errorf("offered to %v", got)
	}
}

// stuck holds the first append back until it may go on, and then fails it.
type stuck struct {
	commands.Store
	once            sync.Once
	appending, goOn chan struct{}
}

func (s *stuck) Append(ctx context.Context, a eventstore.Append) (eventstore.Receipt, error) {
	first := false
	s.once.Do(func() { first = true })
	if !first {
		return s.Store.Append(ctx, a)
	}
	close(s.appending)
	<-s.goOn
	<-ctx.Done()
	return eventstore.Receipt{}, ctx.Err()
}

// slow ranks its one candidate, and takes so long, without anybody waiting for it here.
type slow struct {
	takes time.Duration
	who   ident.Efectivo
}

func (s slow) Recomendar(ctx context.Context, _ geo.Punto, _ time.Time, k tarea.Criterios, _ ...ident.Efectivo) (
	r tarea.Recomendacion, siguientes []ident.Efectivo, err error,
) {
	if end, ok := ctx.Deadline(); ok && time.Until(end) < s.takes {
		return r, nil, context.DeadlineExceeded
	}
	r, siguientes = tarea.Recomendar(k, []tarea.Aspirante{{
		Efectivo: s.who, Disponibilidad: "disponible", EnTurno: true, DistanciaM: new(100.0), AntiguedadS: new(1.0),
	}}, nil)
	return r, siguientes, nil
}

// Whoever ranks is waited for as long as the order may, and no longer.
func TestSearchTime(t *testing.T) {
	t.Parallel()
	_, store := onMemory(t)
	for _, c := range []struct {
		search time.Duration
		want   int
	}{{0, 0}, {10 * time.Minute, 1}} {
		ranks := &slow{takes: 30 * time.Second}
		w := on(t, store, store, commands.Options{Recomendador: ranks, Search: c.search})
		id := newID[ident.Tarea]()
		o := emergencia(id)
		first := o.Commands[0].(tarea.Crear)
		first.Ubicacion = &tarea.Lugar{Punto: geo.Punto{Lat: -34.6, Lon: -58.4}}
		o.Commands[0] = first
		if _, err := w.Dispatch(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		ranks.who = w.onDuty()
		w.must(tarea.Rebuscar{Orden: taOrden(id)})
		if got := w.ofertas(id); len(got) != c.want {
			t.Errorf("in %s it is offered to %v", c.search, got)
		}
	}
}
