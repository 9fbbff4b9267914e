package mapa_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"pgregory.net/rapid"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/zona"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/memory"
	"github.com/grupo-gad/gad/ops/pgtest"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/efectivos"
	"github.com/grupo-gad/gad/projections/mapa"
	"github.com/grupo-gad/gad/projections/tareas"
)

var t0 = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func id[T ~string](n int) T { return T(fmt.Sprintf("00000000-0000-7000-8000-%012x", n)) }

// ciego opens no text.
type ciego struct{}

func (ciego) Reveal(context.Context, []sealed.Commitment) (map[sealed.Commitment]string, error) {
	return map[sealed.Commitment]string{}, nil
}

type mundo struct {
	t      *testing.T
	pool   *pgxpool.Pool
	store  memory.Store
	at     map[string]eventstore.Version
	serial int
	head   eventstore.Position
	*mapa.Reader
}

func nuevo(t *testing.T) *mundo {
	t.Helper()
	db := pgtest.New(t)
	return &mundo{t: t, pool: db.App, at: map[string]eventstore.Version{}, Reader: mapa.NewReader(db.App)}
}

func (m *mundo) dado(stream string, facts ...event.Event) {
	m.t.Helper()
	m.serial++
	a := eventstore.Append{
		Command: eventstore.CommandID{14: byte(m.serial >> 8), 15: byte(m.serial)}, Answer: []byte("{}"), Metadata: eventstore.Metadata{Actor: "sistema:prueba"},
		Expected: []eventstore.Expectation{{Stream: eventstore.StreamID(stream), Version: m.at[stream]}},
	}
	for _, e := range facts {
		a.Events = append(a.Events, eventstore.Draft{Stream: eventstore.StreamID(stream), Event: e})
		m.at[stream]++
	}
	receipt, err := m.store.Append(m.t.Context(), a)
	if err != nil {
		m.t.Fatal(err)
	}
	m.head = receipt.Head
}

func (m *mundo) proyecta() {
	m.t.Helper()
	ps := []projections.Projection{mapa.Projection{}, efectivos.Projection{}, tareas.Projection{}}
	r := projections.NewRunner(m.pool, &m.store, ciego{}, projections.Options{}, ps...)
	for _, p := range ps {
		if err := r.CatchUp(m.t.Context(), p.Name(), m.head, 0, nil); err != nil {
			m.t.Fatal(err)
		}
	}
}

// enTurno registers n Efectivos and puts them on duty.
func (m *mundo) enTurno(n int) {
	for i := range n {
		e := id[ident.Efectivo](i + 1)
		m.dado(e.Stream(), efectivo.Registrado{ID: e, Usuario: id[ident.Usuario](1000 + i), CodigoInterno: fmt.Sprintf("E-%03d", i+1), Simulado: i%2 == 0, En: t0},
			efectivo.TurnoIniciado{Turno: id[ident.Turno](2000 + i), En: t0})
	}
}

func (m *mundo) fixes(fixes ...eventstore.Fix) {
	m.t.Helper()
	err := pgx.BeginFunc(m.t.Context(), m.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(m.t.Context(), "set local search_path = lectura, public"); err != nil {
			return err
		}
		return mapa.Posiciones{}.ApplyFixes(m.t.Context(), tx, fixes)
	})
	if err != nil {
		m.t.Fatal(err)
	}
}

func fix(n int, lat, lon float64, at time.Duration) eventstore.Fix {
	return eventstore.Fix{
		Efectivo: id[string](n), Turno: id[string](2000 + n - 1), DeviceAt: t0.Add(at), ServerAt: t0.Add(at), Lat: lat, Lon: lon, Accuracy: 12.3, Speed: -1, Heading: 90, Source: "rest",
	}
}

// TestCallados: on duty, not heard in this shift, and not known to be lost.
func TestCallados(t *testing.T) {
	t.Parallel()
	m := nuevo(t)
	m.enTurno(5)
	turno := func(n int) string { return id[string](2000 + n - 1) }
	heard, before := fix(2, -34.6, -58.4, time.Second), fix(3, -34.6, -58.4, time.Second)
	heard.Turno, before.Turno = turno(2), id[string](7) // of an earlier shift
	m.fixes(heard, before)
	m.dado(id[ident.Efectivo](4).Stream(), efectivo.SenalPerdida{Turno: id[ident.Turno](2003), Ultima: t0, En: t0})
	m.dado(id[ident.Efectivo](5).Stream(), efectivo.TurnoFinalizado{Turno: id[ident.Turno](2004), En: t0})
	m.proyecta()
	got, err := m.Callados(t.Context())
	if want := []ident.Efectivo{id[ident.Efectivo](1), id[ident.Efectivo](3)}; err != nil || !slices.Equal(got, want) {
		t.Errorf("silent %v, want %v, %v", got, want, err)
	}
}

// TestMarkersDoNotDependOnOrder: whatever the order, the repetition and the batches of the
// fixes, the marker is the believed one with the greatest device time.
func TestMarkersDoNotDependOnOrder(t *testing.T) {
	t.Parallel()
	m := nuevo(t)
	rapid.Check(t, func(rt *rapid.T) {
		if _, err := m.pool.Exec(t.Context(), "delete from lectura.posiciones"); err != nil {
			rt.Fatal(err)
		}
		gen := rapid.Custom(func(rt *rapid.T) eventstore.Fix {
			f := fix(rapid.IntRange(1, 3).Draw(rt, "who"), float64(rapid.IntRange(-3, 3).Draw(rt, "lat")), float64(rapid.IntRange(-3, 3).Draw(rt, "lon")),
				time.Duration(rapid.IntRange(0, 6).Draw(rt, "at"))*time.Second)
			f.ServerAt = t0.Add(time.Duration(rapid.IntRange(0, 3).Draw(rt, "received")) * time.Second)
			f.Flags = rapid.SampledFrom([]eventstore.FixFlags{0, 0, eventstore.FlagLate, eventstore.FlagImpossibleSpeed}).Draw(rt, "flags")
			return f
		})
		fixes := rapid.SliceOfN(gen, 1, 30).Draw(rt, "fixes")
		want := map[string]time.Time{}
		for _, f := range fixes {
			if f.Flags&eventstore.FlagImpossibleSpeed == 0 && f.DeviceAt.After(want[f.Efectivo]) {
				want[f.Efectivo] = f.DeviceAt
			}
		}
		m.fixes(fixes...)
		first := m.markers(rt)
		for who, at := range want {
			if first[who].at != at {
				rt.Errorf("%s stands at %v, want %v", who, first[who].at, at)
			}
		}
		if len(first) != len(want) {
			rt.Errorf("%d markers, want %d", len(first), len(want))
		}
		if _, err := m.pool.Exec(t.Context(), "delete from lectura.posiciones"); err != nil {
			rt.Fatal(err)
		}
		shuffled := rapid.Permutation(slices.Concat(fixes, fixes)).Draw(rt, "shuffled")
		cut := rapid.IntRange(0, len(shuffled)).Draw(rt, "cut")
		m.fixes(shuffled[:cut]...)
		m.fixes(shuffled[cut:]...)
		m.fixes(shuffled[:cut]...) // a batch delivered again
		if diff := cmp.Diff(first, m.markers(rt), cmp.AllowUnexported(marker{})); diff != "" {
			rt.Errorf("-in order +shuffled:\n%s", diff)
		}
	})
}

type marker struct {
	at       time.Time
	lat, lon float64
}

func (m *mundo) markers(rt *rapid.T) map[string]marker {
	rows, err := m.pool.Query(m.t.Context(), "select efectivo::text, en, lat, lon from lectura.posiciones")
	if err != nil {
		rt.Fatal(err)
	}
	all := map[string]marker{}
	var who string
	var mk marker
	if _, err := pgx.ForEachRow(rows, []any{&who, &mk.at, &mk.lat, &mk.lon}, func() error { all[who] = mk; return nil }); err != nil {
		rt.Fatal(err)
	}
	return all
}

// TestNearestIsExact: the order and the metres are those of ST_Distance on the spheroid over
// everybody, also where sphere and spheroid disagree most.
func TestNearestIsExact(t *testing.T) {
	t.Parallel()
	m := nuevo(t)
	const n = 400
	m.enTurno(n)
	m.proyecta()
	rng := rand.New(rand.NewPCG(1, 2))
	for round, place := range []struct{ lat, lon, spread float64 }{
		{-34.6, -58.4, 0.2}, {0, 0, 30}, {89.9, 10, 5}, {-10, 179.9, 1}, {45, 90, 0.001},
	} {
		var fixes []eventstore.Fix
		for i := range n {
			lat := max(-90, min(90, place.lat+place.spread*(2*rng.Float64()-1)))
			lon := place.lon + place.spread*(2*rng.Float64()-1)
			if lon > 180 {
				lon -= 360
			}
			f := fix(i+1, lat, lon, time.Duration(round+1)*time.Hour)
			if i%50 == 49 { // two at the same place
				f.Lat, f.Lon = fixes[i-1].Lat, fixes[i-1].Lon
			}
			fixes = append(fixes, f)
		}
		m.fixes(fixes...)
		for _, k := range []int{1, 3, 10, 200} {
			got, err := m.Cercanos(t.Context(), projections.System, place.lat, place.lon, 0, k, false)
			if err != nil {
				t.Fatal(err)
			}
			if want := m.brute(t, place.lat, place.lon, 1e9, k); !cmp.Equal(distances(got.Datos), want) {
				t.Errorf("near %v, k=%d:\n got %v\nwant %v", place, k, distances(got.Datos), want)
			}
		}
		// A circle keeps exactly those inside.
		all := m.brute(t, place.lat, place.lon, 1e9, n)
		// A hair more: ST_DWithin and ST_Distance need not agree on the last bit.
		radius := all[n/3].metres * (1 + 1e-9)
		got, err := m.Cercanos(t.Context(), projections.System, place.lat, place.lon, radius, 200, true)
		if err != nil {
			t.Fatal(err)
		}
		if want := m.brute(t, place.lat, place.lon, radius, 200); !cmp.Equal(distances(got.Datos), want) {
			t.Errorf("within %v m of %v: got %d, want %d", radius, place, len(got.Datos), len(want))
		}
	}
}

type near struct {
	who    string
	metres float64
}

// Equal lets the last bit differ: the same function may be inlined with other arithmetic.
func (n near) Equal(o near) bool {
	return n.who == o.who && n.metres-o.metres < 1e-6 && o.metres-n.metres < 1e-6
}

func distances(cs []mapa.Cercano) (all []near) {
	for _, c := range cs {
		all = append(all, near{string(c.Efectivo), c.DistanciaM})
	}
	return all
}

func (m *mundo) brute(t *testing.T, lat, lon, radius float64, k int) []near {
	t.Helper()
	rows, err := m.pool.Query(t.Context(), `
		select efectivo::text, ST_Distance(lugar, ST_SetSRID(ST_MakePoint($1, $2), 4326)::geography, true) as d from lectura.posiciones
		where ST_Distance(lugar, ST_SetSRID(ST_MakePoint($1, $2), 4326)::geography, true) <= $3 order by d, 1 limit $4`, lon, lat, radius, k)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (n near, err error) { return n, row.Scan(&n.who, &n.metres) })
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestNearestOnlyWhoMayComeAndBeSeen(t *testing.T) {
	t.Parallel()
	m := nuevo(t)
	m.enTurno(4)
	e2, e3 := id[ident.Efectivo](2), id[ident.Efectivo](3)
	m.dado(e2.Stream(), efectivo.DisponibilidadCambiada{Disponibilidad: efectivo.EnTarea, Causa: efectivo.PorAsignacion, Tarea: id[ident.Tarea](9), En: t0})
	m.dado(e3.Stream(), efectivo.TurnoFinalizado{En: t0})
	m.proyecta()
	yesterday := fix(4, 10, 10, 0)
	yesterday.Turno = id[string](7)
	m.fixes(fix(1, 10, 10, 0), fix(2, 10, 10.001, 0), fix(3, 10, 10, 0), yesterday)
	see := func(s projections.Scope, soloDisponibles bool) (who []string) {
		cs, err := m.Cercanos(t.Context(), s, 10, 10, 0, 0, soloDisponibles)
		if err != nil {
			t.Fatal(err)
		}
		if cs.Posicion != int64(m.head) {
			t.Errorf("true of position %d, want %d", cs.Posicion, m.head)
		}
		for _, c := range cs.Datos {
			who = append(who, c.CodigoInterno)
		}
		return who
	}
	if got := see(projections.System, false); !slices.Equal(got, []string{"E-001", "E-002"}) {
		t.Errorf("on duty: %v", got)
	}
	if got := see(projections.System, true); !slices.Equal(got, []string{"E-001"}) {
		t.Errorf("free: %v", got)
	}
	if got := see(projections.Scope{Alcance: permiso.Propio, Usuario: id[ident.Usuario](1001), Efectivo: e2}, false); !slices.Equal(got, []string{"E-002"}) {
		t.Errorf("himself: %v", got)
	}
	if got := see(projections.Scope{}, false); got != nil {
		t.Errorf("nobody sees %v", got)
	}
	for _, bad := range []struct{ lat, lon, radio float64 }{{91, 0, 0}, {0, 181, 0}, {0, 0, -1}} {
		if _, err := m.Cercanos(t.Context(), projections.System, bad.lat, bad.lon, bad.radio, 1, false); err == nil {
			t.Errorf("accepted %v", bad)
		}
	}
}

// TestZonaDe: the Zona of a place is that of the newest shapes, whatever was read before.
func TestZonaDe(t *testing.T) {
	t.Parallel()
	m := nuevo(t)
	square := func(side float64) []zona.Poligono {
		return []zona.Poligono{{{{}, {Lon: side}, {Lat: side, Lon: side}, {Lat: side}, {}}}}
	}
	here := geo.Punto{Lat: 0.05, Lon: 0.05}
	is := func(want ident.Zona) {
		t.Helper()
		m.proyecta()
		for range 2 { // read, and remembered
			if got, err := m.ZonaDe(t.Context(), here); err != nil || got != want {
				t.Errorf("it lies in %q, %v; want %q", got, err, want)
			}
		}
	}
	is("")
	interest, ours, other := id[ident.Zona](1), id[ident.Zona](2), id[ident.Zona](3)
	m.dado(interest.Stream(), zona.Definida{ID: interest, Nombre: "Parque", Clase: zona.Interes, Poligonos: square(0.1), En: t0})
	is(interest)
	m.dado(ours.Stream(), zona.Definida{ID: ours, Nombre: "Comuna 1", Clase: zona.Jurisdiccion, Poligonos: square(0.2), En: t0})
	is(ours)
	m.dado(ours.Stream(), zona.Modificada{Nombre: "Comuna 1", Clase: zona.Jurisdiccion, Poligonos: square(0.01), En: t0})
	is(interest)
	m.dado(other.Stream(), zona.Definida{ID: other, Nombre: "Comuna 2", Clase: zona.Jurisdiccion, Poligonos: square(0.3), En: t0})
	is(other)
	m.dado(other.Stream(), zona.Eliminada{En: t0})
	is(interest)
	m.dado(interest.Stream(), zona.Eliminada{En: t0})
	is("")
}

func TestMapa(t *testing.T) {
	t.Parallel()
	m := nuevo(t)
	m.enTurno(2)
	mk := func(n int, lat, lon float64) {
		tid := id[ident.Tarea](n)
		m.dado(tid.Stream(), tarea.Creada{
			ID: tid, Codigo: fmt.Sprintf("M-%d", n), Tipo: tarea.Patrullaje, Prioridad: tarea.Alta, InicioProgramado: t0,
			Ubicacion: &tarea.Ubicacion{Punto: geo.Punto{Lat: lat, Lon: lon}}, En: t0,
		})
	}
	mk(1, 10, 10)
	mk(2, 10, 10.01)
	mk(3, 50, 50)
	m.dado(id[ident.Tarea](2).Stream(), tarea.Cancelada{En: t0}) // over: not on the map
	ring := []geo.Punto{{Lat: 9, Lon: 9}, {Lat: 9, Lon: 11}, {Lat: 11, Lon: 11}, {Lat: 11, Lon: 9}, {Lat: 9, Lon: 9}}
	z := id[ident.Zona](7)
	m.dado(z.Stream(), zona.Definida{ID: z, Nombre: "Centro", Clase: zona.Jurisdiccion, Poligonos: []zona.Poligono{{ring}}, En: t0})
	gone := id[ident.Zona](8)
	m.dado(gone.Stream(), zona.Definida{ID: gone, Nombre: "Vieja", Clase: zona.Interes, Poligonos: []zona.Poligono{{ring}}, En: t0})
	m.proyecta()
	m.dado(gone.Stream(), zona.Eliminada{En: t0})
	m.proyecta()
	m.fixes(fix(1, 10, 10, 0), fix(2, 50, 50, 0))

	for name, area := range map[string]mapa.Area{
		"box": {BBox: &[4]float64{9.5, 9.5, 10.5, 10.5}}, "circle": {Lat: 10, Lon: 10, RadioM: 5000},
	} {
		got, err := m.Mapa(t.Context(), projections.System, area)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Efectivos) != 1 || got.Efectivos[0].CodigoInterno != "E-001" || len(got.Tareas) != 1 || got.Tareas[0].Codigo != "M-1" ||
			len(got.Zonas) != 1 || got.Zonas[0].Nombre != "Centro" || got.Posicion != int64(m.head) {
			t.Errorf("%s: %+v", name, got)
		}
		if e := got.Efectivos[0]; e.PrecisionM != 12.3 || e.VelocidadMPS != nil || e.Rumbo == nil || *e.Rumbo != 90 || !e.En.Equal(t0) {
			t.Errorf("%s: %+v", name, e)
		}
		own, err := m.Mapa(t.Context(), projections.Scope{Alcance: permiso.Propio, Usuario: id[ident.Usuario](1001), Efectivo: id[ident.Efectivo](2)}, area)
		if err != nil || len(own.Efectivos) != 0 || len(own.Tareas) != 0 || len(own.Zonas) != 1 {
			t.Errorf("%s, somebody else's: %+v, %v", name, own, err)
		}
	}
	empty, err := m.Mapa(t.Context(), projections.Scope{}, mapa.Area{Lat: 10, Lon: 10, RadioM: 5000})
	if err != nil || len(empty.Efectivos)+len(empty.Tareas)+len(empty.Zonas) > 0 {
		t.Errorf("nobody sees %+v, %v", empty, err)
	}
	if _, err := m.Mapa(t.Context(), projections.System, mapa.Area{Lat: 10, Lon: 10}); err == nil {
		t.Error("a circle without a radius")
	}
	if _, err := m.Mapa(t.Context(), projections.System, mapa.Area{BBox: &[4]float64{170, 9, -170, 11}}); err != nil {
		t.Errorf("a box over the antimeridian: %v", err)
	}
	got, err := m.Marcador(t.Context(), id[ident.Efectivo](1))
	if err != nil || !got.Hay || got.Lat != 10 || !got.En.Equal(t0) {
		t.Errorf("marker %+v, %v", got, err)
	}
	if none, err := m.Marcador(t.Context(), id[ident.Efectivo](99)); err != nil || none.Hay {
		t.Errorf("marker of nobody %+v, %v", none, err)
	}
}

// TestMapaOfMany: every mark of more than are kept together says what its columns say, each list
// in its order.
func TestMapaOfMany(t *testing.T) {
	t.Parallel()
	m := nuevo(t)
	ctx := t.Context()
	for _, sql := range []string{
		`insert into lectura.efectivos (id, usuario, codigo_interno, rango, unidad, especialidad, disponibilidad, turno, tareas, simulado, aceleracion, busqueda, version, posicion)
			select gen_random_uuid(), gen_random_uuid(), 'E' || n, '', '', '', (array['disponible', 'en_tarea', 'no_disponible'])[1 + n % 3],
				case when n % 7 > 0 then gen_random_uuid() end, '{}', n % 2 = 0, 1, '', 1, n from generate_series(1, 1500) n`,
		`insert into lectura.efectivos_en_turno select id, usuario, codigo_interno, unidad, disponibilidad, simulado, sos, posicion, turno from lectura.efectivos where turno is not null`,
		`insert into lectura.posiciones (efectivo, turno, en, recibida, lat, lon, precision_m, velocidad, rumbo, fuente, simulada)
			select id, case when posicion % 13 > 0 then turno else gen_random_uuid() end, timestamptz '1999-12-31 23:59:59.999999Z' + posicion * interval '17 days 1.000001 s', now(), random() * 170 - 85, random() * 340 - 170,
				random() * 100, case when posicion % 3 > 0 then random() * 40 else -1 end, case when posicion % 5 > 0 then random() * 360 else -1 end, 'rest', false
			from lectura.efectivos where posicion % 11 > 0`,
		`insert into lectura.tareas (id, codigo, titulo, descripcion, tipo, prioridad, estado, inicio_programado, lat, lon, lugar, asignaciones, efectivos, alcanza, pausas_us,
				simulada, creada, busqueda, version, posicion)
			select gen_random_uuid(), 'T' || n, 'Título ' || n, '', (array['patrullaje', 'emergencia'])[1 + n % 2], 1 + n % 5, (array['programada', 'en_curso', 'pausada', 'cancelada'])[1 + n % 4],
				timestamptz '2026-03-02Z' + n % 40 * interval '1 hour', random() * 170 - 85, random() * 340 - 170, '', '[]', '{}', '{}', 0, n % 2 = 0, now(), '', 1, n
			from generate_series(1, 1100) n`,
	} {
		if _, err := m.pool.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	got, err := m.Mapa(ctx, projections.System, mapa.Area{BBox: &[4]float64{-180, -90, 180, 90}})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := m.pool.Query(ctx, `select e.id::text, e.codigo_interno, e.disponibilidad, p.lat, p.lon, p.en, round(p.precision_m::float8::numeric, 2)::float8,
		case when p.rumbo >= 0 then round(p.rumbo::float8::numeric, 2)::float8 end, case when p.velocidad >= 0 then round(p.velocidad::float8::numeric, 2)::float8 end, e.simulado
		from lectura.efectivos e join lectura.posiciones p on p.efectivo = e.id where e.turno is not null and p.turno = e.turno order by e.id`)
	if err != nil {
		t.Fatal(err)
	}
	personas, err := pgx.CollectRows(rows, pgx.RowToStructByPos[mapa.EfectivoEnMapa])
	if err != nil || len(personas) < 1000 {
		t.Fatalf("%d people, %v", len(personas), err)
	}
	if d := cmp.Diff(personas, got.Efectivos); d != "" {
		t.Errorf("people: want - got +\n%.2000s", d)
	}
	rows, err = m.pool.Query(ctx, `select id::text, codigo, titulo, tipo, prioridad, estado, lat, lon, simulada
		from lectura.tareas where estado <> 'cancelada' order by prioridad desc, inicio_programado desc, id`)
	if err != nil {
		t.Fatal(err)
	}
	abiertas, err := pgx.CollectRows(rows, pgx.RowToStructByPos[mapa.TareaEnMapa])
	if err != nil || len(abiertas) != 825 {
		t.Fatalf("%d open Tareas, %v", len(abiertas), err)
	}
	if d := cmp.Diff(abiertas, got.Tareas); d != "" {
		t.Errorf("Tareas: want - got +\n%.2000s", d)
	}
}

func TestCheckRefusesWhatCannotBeWritten(t *testing.T) {
	t.Parallel()
	good := fix(1, 1, 1, 0)
	good.Turno = id[string](5)
	if err := (mapa.Posiciones{}).Check(good); err != nil {
		t.Error(err)
	}
	for _, change := range []func(*eventstore.Fix){
		func(f *eventstore.Fix) { f.Efectivo = "x" }, func(f *eventstore.Fix) { f.Turno = "x" }, func(f *eventstore.Fix) { f.Lat = 91 },
	} {
		f := good
		change(&f)
		if err := (mapa.Posiciones{}).Check(f); err == nil {
			t.Errorf("accepted %+v", f)
		}
	}
	if err := (mapa.Posiciones{}).Check(fix(1, 0, 200, 0)); !errors.Is(err, geo.ErrCoordenada) {
		t.Error(err)
	}
}
