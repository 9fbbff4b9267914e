package estadisticas_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/memory"
	"github.com/grupo-gad/gad/ops/pgtest"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/cache"
	"github.com/grupo-gad/gad/projections/efectivos"
	"github.com/grupo-gad/gad/projections/estadisticas"
	"github.com/grupo-gad/gad/projections/usuarios"
)

// zone is three hours behind UTC: what is recorded at 2 in the morning UTC happened the evening before.
var zone = func() *time.Location {
	z, err := time.LoadLocation("America/Argentina/Buenos_Aires")
	if err != nil {
		panic(err)
	}
	return z
}()

// now is noon of a Monday in the zone.
var now = time.Date(2026, 3, 16, 15, 0, 0, 0, time.UTC)

type world struct {
	*estadisticas.Reader
	t      *testing.T
	db     *pgtest.DB
	store  memory.Store
	at     map[string]eventstore.Version
	head   eventstore.Position
	serial int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	db := pgtest.New(t)
	return &world{
		t: t, db: db, at: map[string]eventstore.Version{},
		Reader: estadisticas.NewReader(db.App, cache.New(nil), zone, func() time.Time { return now }),
	}
}

func (w *world) Reveal(context.Context, []sealed.Commitment) (map[sealed.Commitment]string, error) {
	return map[sealed.Commitment]string{}, nil
}

func (w *world) given(stream string, facts ...event.Event) {
	w.t.Helper()
	w.serial++
	a := eventstore.Append{
		Command: eventstore.CommandID{13: byte(w.serial >> 16), 14: byte(w.serial >> 8), 15: byte(w.serial)}, Answer: []byte("{}"),
		Metadata: eventstore.Metadata{Actor: "sistema:prueba"},
		Expected: []eventstore.Expectation{{Stream: eventstore.StreamID(stream), Version: w.at[stream]}},
	}
	for _, e := range facts {
		a.Events = append(a.Events, eventstore.Draft{Stream: eventstore.StreamID(stream), Event: e})
		w.at[stream]++
	}
	receipt, err := w.store.Append(w.t.Context(), a)
	if err != nil {
		w.t.Fatal(err)
	}
	w.head = receipt.Head
}

func (w *world) project(window int) {
	w.t.Helper()
	r := projections.NewRunner(w.db.App, &w.store, w, projections.Options{}, estadisticas.Projection{}, efectivos.Projection{}, usuarios.Projection{})
	for _, name := range []string{estadisticas.Name, efectivos.Name, usuarios.Name} {
		if err := r.CatchUp(w.t.Context(), name, w.head, window, nil); err != nil {
			w.t.Fatal(err)
		}
	}
}

const (
	ana = ident.Usuario("00000000-0000-4000-8000-00000000000a")
	leo = ident.Usuario("00000000-0000-4000-8000-00000000000b")
	e1  = ident.Efectivo("00000000-0000-7000-8000-0000000000e1")
	e2  = ident.Efectivo("00000000-0000-7000-8000-0000000000e2")
)

func id(n int) ident.Tarea { return ident.Tarea(fmt.Sprintf("00000000-0000-7000-8000-%012d", n)) }

// mission is a Tarea created at a time that e1 carries out: offered after 10 s, accepted after
// 20 more, there after 300 more, done d after that.
func (w *world) mission(n int, at time.Time, tipo tarea.Tipo, p tarea.Prioridad, d time.Duration) {
	w.given(id(n).Stream(), tarea.Creada{ID: id(n), Codigo: fmt.Sprint("T-", n), Tipo: tipo, Prioridad: p, InicioProgramado: at, Creador: ana, Delegado: ana, En: at},
		tarea.EfectivoAsignado{Efectivo: e1, En: at.Add(10 * time.Second)},
		tarea.AsignacionAceptada{Efectivo: e1, En: at.Add(30 * time.Second)},
		tarea.EfectivoEnLugar{Efectivo: e1, En: at.Add(330 * time.Second)},
		tarea.Iniciada{En: at.Add(330 * time.Second)},
		tarea.EfectivoLiberado{Efectivo: e1, En: at.Add(330*time.Second + d)},
		tarea.Finalizada{En: at.Add(330*time.Second + d)})
}

func (w *world) people() {
	w.given(ana.Stream(), usuario.Registrado{ID: ana, Sujeto: "00000000-0000-4000-8000-00000000005a", Rol: permiso.Supervisor, En: now})
	w.given(leo.Stream(), usuario.Registrado{ID: leo, Sujeto: "00000000-0000-4000-8000-00000000005b", Rol: permiso.Efectivo, En: now})
	w.given(e1.Stream(), efectivo.Registrado{ID: e1, Usuario: leo, CodigoInterno: "M-001", En: now},
		efectivo.TurnoIniciado{Turno: "00000000-0000-7000-8000-000000000f01", En: now.Add(-50 * time.Hour)},
		efectivo.TurnoFinalizado{Turno: "00000000-0000-7000-8000-000000000f01", En: now.Add(-42 * time.Hour)},
		efectivo.TurnoIniciado{Turno: "00000000-0000-7000-8000-000000000f02", En: now.Add(-2 * time.Hour)})
}

var close6 = cmpopts.EquateApprox(0, 1e-6)

// TestTimes: percentiles are exact, by whatever they are grouped, in the operation's own days
// and nights; what never happened does not count.
func TestTimes(t *testing.T) {
	t.Parallel()
	for _, window := range []int{0, 1, 7} {
		w := newWorld(t)
		w.people()
		base := time.Date(2026, 3, 14, 15, 0, 0, 0, time.UTC) // noon there
		for i, d := range []time.Duration{1, 2, 3, 4} {
			w.mission(i+1, base.Add(time.Duration(i)*time.Minute), tarea.Patrullaje, tarea.Alta, d*time.Minute)
		}
		w.mission(5, time.Date(2026, 3, 15, 2, 0, 0, 0, time.UTC), tarea.Inspeccion, tarea.Baja, 10*time.Minute) // 23:00 of the 14th there
		// A pause does not count, nor does the time until it was reopened.
		n := id(6)
		at := time.Date(2026, 3, 16, 13, 0, 0, 0, time.UTC)
		w.given(n.Stream(), tarea.Creada{ID: n, Codigo: "T-6", Tipo: tarea.Vigilancia, Prioridad: tarea.Baja, InicioProgramado: at, Creador: leo, Delegado: leo, En: at},
			tarea.EfectivoAsignado{Efectivo: e2, En: at.Add(time.Second)}, tarea.AsignacionRechazada{Efectivo: e2, En: at.Add(2 * time.Second)},
			tarea.Iniciada{En: at.Add(time.Minute)}, tarea.Pausada{En: at.Add(2 * time.Minute)}, tarea.Reanudada{En: at.Add(10 * time.Minute)},
			tarea.Finalizada{En: at.Add(11 * time.Minute)}, tarea.Reabierta{En: at.Add(20 * time.Minute)}, tarea.Finalizada{En: at.Add(21 * time.Minute)})
		w.given(id(7).Stream(), tarea.Creada{ID: id(7), Codigo: "T-7", Tipo: tarea.Vigilancia, Prioridad: tarea.Baja, InicioProgramado: at, Creador: ana, Delegado: ana, En: at},
			tarea.Cancelada{En: at.Add(time.Minute)})
		w.project(window)

		got, err := w.Tiempos(t.Context(), projections.System, estadisticas.Periodo{})
		if err != nil {
			t.Fatal(err)
		}
		four := estadisticas.Percentiles{N: 4, Media: 150, P25: 105, P50: 150, P75: 195, P90: 222}
		want := estadisticas.Duraciones{
			General:      estadisticas.Percentiles{N: 6, Media: (600 + 600 + 180) / 6., P25: 135, P50: 180, P75: 225, P90: 420},
			PorTipo:      map[tarea.Tipo]estadisticas.Percentiles{tarea.Patrullaje: four, tarea.Inspeccion: one(600), tarea.Vigilancia: one(180)},
			PorPrioridad: map[string]estadisticas.Percentiles{"3": four, "1": {N: 2, Media: 390, P25: 285, P50: 390, P75: 495, P90: 558}},
			PorBanda:     map[string]estadisticas.Percentiles{"noche": one(600), "dia": {N: 5, Media: 156, P25: 120, P50: 180, P75: 180, P90: 216}},
		}
		if diff := cmp.Diff(want, got.Duraciones, close6); diff != "" {
			t.Errorf("windows of %d: durations (-want +got):\n%s", window, diff)
		}
		r := got.Respuesta
		if r.Oferta.N != 6 || r.Oferta.P50 != 10 || r.Aceptacion.N != 5 || r.Aceptacion.P90 != 20 || r.Llegada.P25 != 300 || r.Respuesta.P50 != 330 || r.Cierre.N != 6 {
			t.Errorf("response %+v", r)
		}
		if n := len(got.Serie); n != 31 || got.Serie[30].Dia != "2026-03-16" || got.Serie[30].Creadas != 2 || got.Serie[30].Canceladas != 1 ||
			got.Serie[28].Dia != "2026-03-14" || got.Serie[28].Creadas != 5 || got.Serie[29].Creadas != 0 {
			t.Errorf("series %+v", got.Serie)
		}
		if got.Posicion != int64(w.head) {
			t.Errorf("position %d", got.Posicion)
		}
		w.counts()
		w.person()
	}
}

func one(v float64) estadisticas.Percentiles {
	return estadisticas.Percentiles{N: 1, Media: v, P25: v, P50: v, P75: v, P90: v}
}

func (w *world) counts() {
	t := w.t
	for por, want := range map[estadisticas.Por]string{
		estadisticas.PorEstado:    "cancelada:1 finalizada:6",
		estadisticas.PorTipo:      "inspeccion:1 patrullaje:4 vigilancia:2",
		estadisticas.PorPrioridad: "1:3 3:4",
		estadisticas.PorZona:      ":7",
		estadisticas.PorPersona:   string(ana) + ":6 " + string(leo) + ":1",
		estadisticas.PorEfectivo:  string(e1) + "(M-001):5", // the other one rejected it
		estadisticas.PorHora:      "10:2 12:4 23:1",
		estadisticas.PorBanda:     "dia:6 noche:1",
		estadisticas.PorDia:       "2026-03-14:5 2026-03-15:0 2026-03-16:2",
	} {
		c, err := w.Tareas(t.Context(), projections.System, estadisticas.Periodo{Desde: time.Date(2026, 3, 14, 3, 0, 0, 0, time.UTC)}, por)
		if err != nil {
			t.Fatal(por, err)
		}
		got := ""
		for _, g := range c.Datos {
			if got != "" {
				got += " "
			}
			got += g.Clave
			if g.Etiqueta != "" {
				got += "(" + g.Etiqueta + ")"
			}
			got += fmt.Sprint(":", g.Total)
		}
		if got != want || c.Total != 7 {
			t.Errorf("by %s: %s of %d, want %s", por, got, c.Total, want)
		}
	}
	if _, err := w.Tareas(t.Context(), projections.System, estadisticas.Periodo{}, "titulo"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("counted by titulo: %v", err)
	}
	if _, err := w.Tiempos(t.Context(), projections.System, estadisticas.Periodo{Desde: now, Hasta: now}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("an empty period: %v", err)
	}
	if _, err := w.Tiempos(t.Context(), projections.Scope{Alcance: permiso.Propio, Usuario: ana}, estadisticas.Periodo{}); !errors.Is(err, permiso.ErrProhibido) {
		t.Errorf("the figures of everybody to somebody: %v", err)
	}
}

func (w *world) person() {
	t := w.t
	himself := projections.Scope{Alcance: permiso.Propio, Usuario: leo, Efectivo: e1}
	for _, s := range []projections.Scope{projections.System, himself} {
		p, err := w.Persona(t.Context(), s, leo, 3)
		if err != nil {
			t.Fatal(err)
		}
		if p.Efectivo == nil || *p.Efectivo != e1 || p.Creadas != 1 || p.Delegadas[tarea.EstadoFinalizada] != 1 || p.Ofrecidas != 5 || p.Aceptadas != 5 ||
			p.Rechazadas != 0 || p.Finalizadas != 5 || p.Aceptacion.P50 != 20 || p.Llegada.P50 != 300 || p.Duracion.P50 != 180 ||
			p.Turnos != 2 || math.Abs(p.EnTurnoS-10*3600) > 1e-6 || len(p.Serie) != 3 || p.Serie[0].Finalizadas != 5 {
			t.Errorf("%v sees %+v", s.Alcance, p)
		}
	}
	if _, err := w.Persona(t.Context(), himself, ana, 3); !errors.Is(err, usuario.ErrNoExiste) {
		t.Errorf("somebody else's: %v", err)
	}
	if _, err := w.Persona(t.Context(), projections.System, "00000000-0000-4000-8000-0000000000ff", 3); !errors.Is(err, usuario.ErrNoExiste) {
		t.Errorf("nobody's: %v", err)
	}
	if p, err := w.Persona(t.Context(), projections.System, ana, 3); err != nil || p.Efectivo != nil || p.Creadas != 6 {
		t.Errorf("%+v, %v", p, err)
	}
}

// TestStaffing: a steady demand gives the staff that Erlang C asks for, with more confidence
// the longer it was seen.
func TestStaffing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	d, err := w.Dotacion(t.Context(), projections.System, estadisticas.Consulta{Horas: 4})
	if err != nil || d.Nivel != "sin_datos" || d.Sugeridos != 0 {
		t.Fatal(d, err)
	}
	n := 0
	for day := range 14 {
		for i := range 8 { // two an hour, each an hour less the way: one at a time
			n++
			w.mission(n, now.Add(-time.Duration(day+1)*24*time.Hour+time.Duration(i)*30*time.Minute), tarea.Emergencia, tarea.Critica, time.Hour-320*time.Second)
		}
	}
	w.project(0)
	d, err = w.Dotacion(t.Context(), projections.System, estadisticas.Consulta{Horas: 4, Tipo: tarea.Emergencia, Prioridad: tarea.Critica})
	if err != nil {
		t.Fatal(err)
	}
	// 2 erlangs: with 4 a Tarea waits with a probability of 0.17, with 3 of 0.44.
	if d.TareasEsperadas != 8 || math.Abs(d.CargaErlangs-2) > 1e-9 || d.Sugeridos != 4 || d.EnTurno != 1 || d.Diferencia != -3 ||
		d.Minimo > d.Sugeridos || d.Maximo < d.Sugeridos || d.Confianza < 0.5 || d.Muestra != (estadisticas.Muestra{Dias: 14, Tareas: 112, Medidas: 112}) {
		t.Errorf("%+v", d)
	}
	at := now.Add(-24 * time.Hour) // begun and ended in one gesture: nobody was busy
	w.given(id(n+1).Stream(), tarea.Creada{ID: id(n + 1), Codigo: "T-X", Tipo: tarea.Inspeccion, Prioridad: tarea.Alta, InicioProgramado: at, Creador: ana, Delegado: ana, En: at},
		tarea.Iniciada{En: at}, tarea.Finalizada{En: at})
	w.project(0)
	if d, err = w.Dotacion(t.Context(), projections.System, estadisticas.Consulta{Horas: 4, Tipo: tarea.Inspeccion}); err != nil || d.Nivel != "sin_datos" || d.Muestra.Medidas != 1 {
		t.Errorf("%+v, %v", d, err)
	}
	other, err := w.Dotacion(t.Context(), projections.System, estadisticas.Consulta{Horas: 4, Tipo: tarea.Patrullaje})
	if err != nil || other.Sugeridos != 0 || other.Nivel != "sin_datos" {
		t.Errorf("%+v, %v", other, err)
	}
	if _, err := w.Dotacion(t.Context(), projections.System, estadisticas.Consulta{Horas: 73}); fault.KindOf(err) != fault.Invalid {
		t.Error(err)
	}
}

// TestHeat: positions count once, where they were, whatever the batches; and so do Tareas.
func TestHeat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := tarea.Ubicacion{}
	at.Lat, at.Lon = -34.6012, -58.4012
	w.given(id(1).Stream(), tarea.Creada{ID: id(1), Codigo: "T-1", Tipo: tarea.Patrullaje, Prioridad: 1, InicioProgramado: now, Creador: ana, Delegado: ana, En: now.Add(-time.Hour), Ubicacion: &at})
	const e3, e4 = ident.Efectivo("00000000-0000-7000-8000-0000000000e3"), ident.Efectivo("00000000-0000-7000-8000-0000000000e4")
	for who, unidad := range map[ident.Efectivo]string{e1: "Norte", e2: "Sur", e3: ""} { // and e4, of whom nobody knows
		w.given(who.Stream(), efectivo.Registrado{ID: who, Usuario: ident.Usuario(who), CodigoInterno: string(who), Unidad: unidad, En: now})
	}
	w.project(0)
	fix := func(lat, lon float64, ago time.Duration, flags eventstore.FixFlags) eventstore.Fix {
		return eventstore.Fix{Efectivo: string(e1), DeviceAt: now.Add(-ago), Lat: lat, Lon: lon, Flags: flags}
	}
	apply := func(fixes ...eventstore.Fix) {
		t.Helper()
		err := pgx.BeginFunc(t.Context(), w.db.App, func(tx pgx.Tx) error {
			if _, err := tx.Exec(t.Context(), "set local search_path = lectura, public"); err != nil {
				return err
			}
			return estadisticas.Celdas{}.ApplyFixes(t.Context(), tx, fixes)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	apply(fix(-34.6012, -58.4012, time.Minute, 0), fix(-34.6013, -58.4011, 2*time.Minute, 0), fix(-34.6112, -58.4012, time.Hour, 0))
	apply(fix(-34.6014, -58.4014, time.Minute, 0), fix(10, 10, time.Minute, eventstore.FlagImpossibleSpeed), fix(-34.6, -58.4, 40*24*time.Hour, 0))
	c, err := w.Calor(t.Context(), projections.System, estadisticas.Periodo{Desde: now.Add(-24 * time.Hour)}, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := []estadisticas.CeldaCalor{{Lat: -34.6025, Lon: -58.4025, Tareas: 1, Posiciones: 3}, {Lat: -34.6125, Lon: -58.4025, Posiciones: 1}}
	if diff := cmp.Diff(want, c.Datos); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	c, err = w.Calor(t.Context(), projections.System, estadisticas.Periodo{Desde: now.Add(-24 * time.Hour)}, 20)
	if err != nil || len(c.Datos) != 1 || c.Datos[0].Posiciones != 4 || c.CeldaGrados != 0.1 {
		t.Errorf("%+v, %v", c, err)
	}
	if slices.ContainsFunc(c.Datos, func(c estadisticas.CeldaCalor) bool { return c.Lat > 0 }) {
		t.Error("an impossible position counts")
	}

	for _, who := range []ident.Efectivo{e2, e3, e4, e2} {
		f := fix(-34.6012, -58.4012, time.Minute, 0)
		f.Efectivo = string(who)
		apply(f)
	}
	// Who answers for unidades counts those of theirs and of nobody's; who answers for Zonas alone, all.
	for _, p := range []struct {
		j    permiso.Jurisdiccion
		want int64
	}{
		{permiso.Jurisdiccion{Unidades: []string{"Norte"}}, 4 + 1},
		{permiso.Jurisdiccion{Unidades: []string{"Sur"}}, 2 + 1},
		{permiso.Jurisdiccion{Unidades: []string{"Norte", "Sur"}}, 4 + 2 + 1},
		{permiso.Jurisdiccion{Unidades: []string{"Oeste"}}, 1},
		{permiso.Jurisdiccion{Zonas: []ident.Zona{ident.Zona(id(77))}}, 4 + 2 + 1 + 1}, // and of whom nobody knows
	} {
		s := projections.Scope{Alcance: permiso.EnJurisdiccion, Usuario: ana, Jurisdiccion: &p.j}
		c, err := w.Calor(t.Context(), s, estadisticas.Periodo{Desde: now.Add(-24 * time.Hour)}, 100)
		var got int64
		for _, cell := range c.Datos {
			got += cell.Posiciones
		}
		if err != nil || got != p.want {
			t.Errorf("%+v counts %d positions, want %d (%v)", p.j, got, p.want, err)
		}
	}
}

// TestWhoseWorkItWas: an offer that lapsed is no acceptance in no time, no work of whoever let it
// lapse, and nobody more who is needed. Whoever was freed by the end of the Tarea was on it.
func TestWhoseWorkItWas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	at := now.Add(-26 * time.Hour)
	w.given(id(1).Stream(), tarea.Creada{ID: id(1), Codigo: "T-1", Tipo: tarea.Emergencia, Prioridad: tarea.Critica, InicioProgramado: at, Creador: ana, Delegado: ana, En: at},
		tarea.EfectivoOfrecido{Efectivo: e1, Vence: at.Add(time.Minute), En: at},
		tarea.EfectivoLiberado{Efectivo: e1, En: at.Add(time.Minute)},
		tarea.EfectivoOfrecido{Efectivo: e2, Vence: at.Add(2 * time.Minute), En: at.Add(time.Minute)},
		tarea.AsignacionAceptada{Efectivo: e2, En: at.Add(70 * time.Second)},
		tarea.Iniciada{En: at.Add(2 * time.Minute)}, tarea.EfectivoLiberado{Efectivo: e2, En: at.Add(time.Hour)}, tarea.Finalizada{En: at.Add(time.Hour)})
	w.given(id(2).Stream(), tarea.Creada{ID: id(2), Codigo: "T-2", Tipo: tarea.Patrullaje, Prioridad: tarea.Alta, InicioProgramado: at, Creador: ana, Delegado: ana, En: at},
		tarea.EfectivoAsignado{Efectivo: e1, En: at}, // who says nothing, and stays
		tarea.Iniciada{En: at}, tarea.EfectivoLiberado{Efectivo: e1, En: at.Add(time.Hour)}, tarea.Finalizada{En: at.Add(time.Hour)})
	w.project(1)
	p, err := w.Persona(t.Context(), projections.System, leo, 3)
	if err != nil {
		t.Fatal(err)
	}
	if p.Ofrecidas != 2 || p.Aceptadas != 0 || p.Aceptacion.N != 0 || p.Llegada.N != 0 || p.Finalizadas != 1 || p.Duracion != one(3600) ||
		p.Serie[1].Asignadas != 1 || p.Serie[1].Finalizadas != 1 {
		t.Errorf("%+v", p)
	}
	d, err := w.Dotacion(t.Context(), projections.System, estadisticas.Consulta{Horas: 4})
	if err != nil || d.EfectivosPorTarea != 1 || d.OcupacionS != (3540+3600)/2 { // an offer that lapsed kept nobody
		t.Errorf("%v Efectivos a Tarea for %v s, %v", d.EfectivosPorTarea, d.OcupacionS, err)
	}
	w.given(id(2).Stream(), tarea.Reabierta{En: at.Add(9 * time.Hour)}, tarea.Finalizada{En: at.Add(9*time.Hour + 5*time.Minute)})
	w.project(1)
	// While it was closed he was free.
	if d, err = w.Dotacion(t.Context(), projections.System, estadisticas.Consulta{Horas: 4}); err != nil || d.OcupacionS != (3540+3900)/2 {
		t.Errorf("reopened, it kept him %v s, %v", d.OcupacionS, err)
	}

	// It ends before he says anything to the offer: he was not on it. Neither is he while it waits.
	for n, ends := range []bool{true, false} {
		late := id(3 + n)
		w.given(late.Stream(), tarea.Creada{ID: late, Codigo: fmt.Sprint("T-", 3+n), Tipo: tarea.Emergencia, Prioridad: tarea.Critica, InicioProgramado: at, Creador: ana, Delegado: ana, En: at},
			tarea.EfectivoOfrecido{Efectivo: e1, Vence: at.Add(time.Hour), En: at}, tarea.Iniciada{En: at})
		if ends {
			w.given(late.Stream(), tarea.EfectivoLiberado{Efectivo: e1, En: at.Add(time.Minute)}, tarea.Finalizada{En: at.Add(time.Minute)})
		}
	}
	w.project(1)
	if p, err = w.Persona(t.Context(), projections.System, leo, 3); err != nil {
		t.Fatal(err)
	}
	if p.Ofrecidas != 4 || p.Aceptadas != 0 || p.Finalizadas != 1 || p.Duracion != one(3900) || p.Serie[1].Asignadas != 1 || p.Serie[1].Finalizadas != 1 {
		t.Errorf("%+v", p)
	}
	c, err := w.Tareas(t.Context(), projections.System, estadisticas.Periodo{}, estadisticas.PorEfectivo)
	if err != nil || len(c.Datos) != 2 || c.Datos[0].Clave != string(e1) || c.Datos[0].Total != 1 || c.Datos[1].Total != 1 {
		t.Errorf("by efectivo: %+v, %v", c.Datos, err)
	}
}

// TestManyGroups: of more groups than an answer holds it says the largest, and that there are more.
func TestManyGroups(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	w.project(0)
	if _, err := w.db.App.Exec(t.Context(), `insert into lectura.tiempos (tarea, tipo, prioridad, estado, delegado, creada, pausas_us, efectivos,
			ofrecidas, aceptadas, rechazadas, llegadas, simulada, version, posicion)
		select gen_random_uuid(), 'patrullaje', 3, 'programada', ('00000000-0000-4000-8000-' || lpad(least(n, 1005)::text, 12, '0'))::uuid, $1, 0, '{}',
			'{}', '{}', '{}', '{}', false, 1, 1 from generate_series(1, 1007) n`, now.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	c, err := w.Tareas(t.Context(), projections.System, estadisticas.Periodo{}, estadisticas.PorPersona)
	if err != nil || len(c.Datos) != 1000 || !c.Acotado || c.Total != 1007 {
		t.Fatalf("%d groups of %d Tareas, more: %v, %v", len(c.Datos), c.Total, c.Acotado, err)
	}
	if last := c.Datos[999]; last.Clave != "00000000-0000-4000-8000-000000001005" || last.Total != 3 {
		t.Errorf("the largest is %+v", last)
	}
	if c, err = w.Tareas(t.Context(), projections.System, estadisticas.Periodo{}, estadisticas.PorTipo); err != nil || c.Acotado {
		t.Errorf("by tipo there are more: %v, %v", c.Acotado, err)
	}
}
