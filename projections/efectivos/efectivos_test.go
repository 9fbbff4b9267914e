package efectivos_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/memory"
	"github.com/grupo-gad/gad/ops/pgtest"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/efectivos"
	"github.com/grupo-gad/gad/projections/usuarios"
)

var t0 = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func id[T ~string](n int) T { return T(fmt.Sprintf("00000000-0000-7000-8000-%012x", n)) }

type mundo struct {
	t      *testing.T
	pool   *pgxpool.Pool
	store  memory.Store
	texts  map[sealed.Commitment]string
	at     map[string]eventstore.Version
	serial int
	head   eventstore.Position
}

func nuevo(t *testing.T) *mundo {
	t.Helper()
	return &mundo{t: t, pool: pgtest.New(t).App, texts: map[sealed.Commitment]string{}, at: map[string]eventstore.Version{}}
}

func (m *mundo) Reveal(_ context.Context, of []sealed.Commitment) (map[sealed.Commitment]string, error) {
	opened := map[sealed.Commitment]string{}
	for _, c := range of {
		if v, ok := m.texts[c]; ok {
			opened[c] = v
		}
	}
	return opened, nil
}

func (m *mundo) texto(v string) sealed.Commitment {
	c := sealed.Commit("x", "x", sealed.Salt{}, v)
	m.texts[c] = v
	return c
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
	ps := []projections.Projection{efectivos.Projection{}, usuarios.Projection{}}
	r := projections.NewRunner(m.pool, &m.store, m, projections.Options{}, ps...)
	for _, p := range ps {
		if err := r.CatchUp(m.t.Context(), p.Name(), m.head, 0, nil); err != nil {
			m.t.Fatal(err)
		}
	}
}

// persona registers a Usuario and the Efectivo he is.
func (m *mundo) persona(n int, nombre, apellido, codigo, unidad string) (ident.Usuario, ident.Efectivo) {
	u, e := id[ident.Usuario](1000+n), id[ident.Efectivo](n)
	m.dado(u.Stream(), usuario.Registrado{
		ID: u, Sujeto: id[ident.Sujeto](2000 + n), Rol: permiso.Efectivo, Nombre: m.texto(nombre), Apellido: m.texto(apellido), Email: m.texto(codigo), En: t0,
	})
	m.dado(e.Stream(), efectivo.Registrado{ID: e, Usuario: u, CodigoInterno: codigo, Unidad: unidad, En: t0})
	return u, e
}

func TestRowsFollowTheFacts(t *testing.T) {
	t.Parallel()
	m := nuevo(t)
	u, e := m.persona(1, "Inés", "Núñez", "E-1", "Comisaría 1")
	tareaA, tareaB := id[ident.Tarea](50), id[ident.Tarea](51)
	m.dado(e.Stream(), efectivo.FichaModificada{Rango: new("sargento"), En: t0}, efectivo.TurnoIniciado{Turno: id[ident.Turno](9), En: t0},
		efectivo.DisponibilidadCambiada{Disponibilidad: efectivo.EnTarea, Causa: efectivo.PorAsignacion, Tarea: tareaA, En: t0})
	m.proyecta()
	m.dado(e.Stream(), efectivo.DisponibilidadCambiada{Disponibilidad: efectivo.EnTarea, Causa: efectivo.PorAsignacion, Tarea: tareaB, En: t0},
		efectivo.DisponibilidadCambiada{Disponibilidad: efectivo.EnTarea, Causa: efectivo.PorLiberacion, Tarea: tareaA, En: t0},
		efectivo.TurnoFinalizado{Forzado: true, En: t0})
	renamed, apellido := m.texto("Inesita"), m.texto("Núñez")
	m.dado(u.Stream(), usuario.DatosModificados{Nombre: &renamed, Apellido: &apellido, En: t0}) // a window after the name was written
	m.dado(e.Stream(), efectivo.TurnoIniciado{Turno: id[ident.Turno](10), En: t0})              // a Tarea still binds him
	m.proyecta()
	at := time.Now().Add(-time.Minute).UTC().Truncate(time.Microsecond)
	if _, err := m.pool.Exec(t.Context(), `insert into lectura.posiciones (efectivo, en, recibida, lat, lon, precision_m, velocidad, rumbo, fuente, simulada)
		values ($1, $2, $2, -34.5, -58.5, 7.7, -1, -1, 'rest', false)`, string(e), at); err != nil {
		t.Fatal(err)
	}
	r := efectivos.NewReader(m.pool)
	got, err := r.Get(t.Context(), projections.System, e)
	if err != nil {
		t.Fatal(err)
	}
	if age := got.PosicionActual.AntiguedadS; age < 60 || age > 600 {
		t.Errorf("aged %v s", age)
	}
	want := efectivos.Efectivo{
		ID: e, Usuario: u, Nombre: "Inesita Núñez", CodigoInterno: "E-1", Rango: "sargento", Unidad: "Comisaría 1", Disponibilidad: efectivo.EnTarea,
		EnTurno: true, Tareas: []ident.Tarea{tareaB}, Zonas: []ident.Zona{}, Version: 8, Posicion: int64(m.head),
		PosicionActual: &efectivos.Posicion{Lat: -34.5, Lon: -58.5, En: at, PrecisionM: 7.7, AntiguedadS: got.PosicionActual.AntiguedadS},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, nobody := range []ident.Efectivo{id[ident.Efectivo](404), "no es un uuid"} {
		if _, err := r.Get(t.Context(), projections.System, nobody); !errors.Is(err, efectivo.ErrNoExiste) {
			t.Errorf("%s: %v", nobody, err)
		}
	}
	if _, err := r.Get(t.Context(), projections.Scope{Alcance: permiso.Propio, Usuario: id[ident.Usuario](404)}, e); !errors.Is(err, efectivo.ErrNoExiste) {
		t.Errorf("out of reach: %v", err)
	}
}

// TestEnTurno: whoever is on duty, and nobody else, has a row of what the map shows, which says
// what his own says; whether the facts came in one window or in several.
func TestEnTurno(t *testing.T) {
	t.Parallel()
	m := nuevo(t)
	_, uno := m.persona(1, "Inés", "Núñez", "E-1", "Comisaría 1")
	_, dos := m.persona(2, "Ana", "Paz", "E-2", "Comisaría 1")
	start := func(n int) efectivo.TurnoIniciado { return efectivo.TurnoIniciado{Turno: id[ident.Turno](n), En: t0} }
	for step, facts := range [][]event.Event{
		{efectivo.FichaModificada{Rango: new("sargento"), En: t0}},
		{start(9)},
		{efectivo.DisponibilidadCambiada{Disponibilidad: efectivo.EnTarea, Causa: efectivo.PorAsignacion, Tarea: id[ident.Tarea](50), En: t0}},
		{efectivo.ZonaIngresada{Zona: id[ident.Zona](3), En: t0}},
		{efectivo.SOSActivado{En: t0}, efectivo.FichaModificada{Unidad: new("Comisaría 2"), En: t0}},
		{efectivo.SOSAtendido{En: t0}, efectivo.TurnoFinalizado{En: t0}},
		{start(10), efectivo.TurnoFinalizado{En: t0}, start(11)},
		{efectivo.TurnoFinalizado{En: t0}, start(12), efectivo.TurnoFinalizado{En: t0}},
	} {
		m.dado(uno.Stream(), facts...)
		if step == 1 {
			m.dado(dos.Stream(), start(20))
		}
		m.proyecta()
		const what = "id, usuario, codigo_interno, unidad, disponibilidad, simulado, sos, turno"
		var wrong, present int
		if err := m.pool.QueryRow(t.Context(), `select count(*), (select count(*) from lectura.efectivos_en_turno) from (
				(select `+what+` from lectura.efectivos where turno is not null except select `+what+` from lectura.efectivos_en_turno)
				union all
				(select `+what+` from lectura.efectivos_en_turno except select `+what+` from lectura.efectivos where turno is not null)) x`).
			Scan(&wrong, &present); err != nil || wrong > 0 {
			t.Fatalf("after step %d %d rows differ, %v", step, wrong, err)
		}
		if want := []int{0, 2, 2, 2, 2, 1, 2, 1}[step]; present != want {
			t.Errorf("after step %d %d are on duty, want %d", step, present, want)
		}
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	m := nuevo(t)
	u1, e1 := m.persona(1, "Ana", "Peña", "E-3", "Norte")
	_, e2 := m.persona(2, "Bruno", "Ríos", "E-1", "Sur")
	m.persona(3, "Carla", "Sosa", "E-2", "Norte")
	m.dado(e2.Stream(), efectivo.TurnoIniciado{Turno: id[ident.Turno](9), En: t0})
	m.proyecta()
	if _, err := m.pool.Exec(t.Context(), `insert into lectura.posiciones (efectivo, en, recibida, lat, lon, precision_m, velocidad, rumbo, fuente, simulada)
		values ($1, now(), now(), 10, 10, 1, -1, -1, 'rest', false)`, string(e1)); err != nil {
		t.Fatal(err)
	}
	r := efectivos.NewReader(m.pool)
	for _, c := range []struct {
		name  string
		scope projections.Scope
		f     efectivos.Filter
		want  []string
	}{
		{"everybody", projections.System, efectivos.Filter{}, []string{"E-1", "E-2", "E-3"}},
		{"backwards", projections.System, efectivos.Filter{Orden: "-codigo_interno"}, []string{"E-3", "E-2", "E-1"}},
		{"by name", projections.System, efectivos.Filter{Orden: "nombre"}, []string{"E-3", "E-1", "E-2"}},
		{"disponibilidad", projections.System, efectivos.Filter{Disponibilidades: []efectivo.Disponibilidad{efectivo.Disponible}}, []string{"E-1"}},
		{"unidad", projections.System, efectivos.Filter{Unidad: "Norte"}, []string{"E-2", "E-3"}},
		{"on duty", projections.System, efectivos.Filter{EnTurno: new(true)}, []string{"E-1"}},
		{"off duty", projections.System, efectivos.Filter{EnTurno: new(false)}, []string{"E-2", "E-3"}},
		{"near", projections.System, efectivos.Filter{CercaDe: &[2]float64{10, 10.001}, RadioM: 200}, []string{"E-3"}},
		{"not near enough", projections.System, efectivos.Filter{CercaDe: &[2]float64{10, 10.001}, RadioM: 50}, nil},
		{"name without accent", projections.System, efectivos.Filter{Q: "pena"}, []string{"E-3"}},
		{"name and unit", projections.System, efectivos.Filter{Q: "sosa norte"}, []string{"E-2"}},
		{"himself", projections.Scope{Alcance: permiso.Propio, Usuario: u1}, efectivos.Filter{}, []string{"E-3"}},
		{"nobody", projections.Scope{}, efectivos.Filter{}, nil},
	} {
		l, err := r.List(t.Context(), c.scope, c.f)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var got []string
		for _, d := range l.Datos {
			got = append(got, d.CodigoInterno)
		}
		if !slices.Equal(got, c.want) || l.Total != int64(len(c.want)) || l.Posicion != int64(m.head) {
			t.Errorf("%s: got %v of %d at %d, want %v", c.name, got, l.Total, l.Posicion, c.want)
		}
	}
	// Page by page.
	var got []string
	f := efectivos.Filter{Limite: 1}
	for {
		page, err := r.List(t.Context(), projections.System, f)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, page.Datos[0].CodigoInterno)
		if page.Siguiente == nil {
			break
		}
		f.Cursor = *page.Siguiente
	}
	if !slices.Equal(got, []string{"E-1", "E-2", "E-3"}) {
		t.Errorf("pages %v", got)
	}
	for _, bad := range []efectivos.Filter{
		{CercaDe: &[2]float64{91, 0}, RadioM: 1}, {CercaDe: &[2]float64{1, 0}}, {Orden: "dni"}, {Limite: 999}, {Cursor: "x"},
	} {
		if _, err := r.List(t.Context(), projections.System, bad); err == nil {
			t.Errorf("accepted %+v", bad)
		}
	}
}

// TestPlaceOfTheTurno: whoever is on duty is in no Zona and near to nothing by where he was in an
// earlier turno.
func TestPlaceOfTheTurno(t *testing.T) {
	t.Parallel()
	m := nuevo(t)
	z, before := id[ident.Zona](3), id[ident.Turno](8)
	for n := 1; n <= 4; n++ {
		_, e := m.persona(n, "Ana", "Paz", fmt.Sprintf("E-%d", n), "Norte")
		turno := id[ident.Turno](10 + n)
		if n != 4 { // off duty he is where he was last
			m.dado(e.Stream(), efectivo.TurnoIniciado{Turno: turno, En: t0})
		}
		m.proyecta()
		if _, err := m.pool.Exec(t.Context(), `insert into lectura.posiciones (efectivo, turno, en, recibida, lat, lon, precision_m, velocidad, rumbo, fuente, simulada)
			values ($1, $2, now(), now(), 10, 10, 1, -1, -1, 'rest', false)`, string(e), []*ident.Turno{&turno, &before, nil, &before}[n-1]); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.pool.Exec(t.Context(), `insert into lectura.zonas (id, nombre, clase, geometria, version, posicion)
		values ($1, 'Centro', 'interes', ST_AsGeoJSON(ST_Multi(ST_MakeEnvelope(9, 9, 11, 11, 4326))), 1, 1)`, string(z)); err != nil {
		t.Fatal(err)
	}
	r := efectivos.NewReader(m.pool)
	for name, f := range map[string]efectivos.Filter{"in the zona": {Zona: z}, "near": {CercaDe: &[2]float64{10, 10.001}, RadioM: 200}} {
		for _, duty := range []*bool{nil, new(true)} {
			f.EnTurno = duty
			l, err := r.List(t.Context(), projections.System, f)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range l.Datos {
				got = append(got, fmt.Sprint(d.CodigoInterno, " ", d.PosicionActual.DelTurno))
			}
			want := []string{"E-1 true", "E-4 false"}
			if duty != nil {
				want = want[:1]
			}
			if !slices.Equal(got, want) || l.Total != int64(len(want)) {
				t.Errorf("%s: %v of %d, want %v", name, got, l.Total, want)
			}
		}
	}
}

func TestUsuarios(t *testing.T) {
	t.Parallel()
	m := nuevo(t)
	u, e := m.persona(1, "Inés", "Núñez", "E-1", "")
	other := id[ident.Usuario](77)
	m.dado(other.Stream(), usuario.Registrado{ID: other, Sujeto: id[ident.Sujeto](78), Rol: permiso.Administrador, Email: m.texto("x"), Simulado: true, En: t0})
	m.proyecta()
	m.dado(u.Stream(), usuario.CredencialCambiada{En: t0}, usuario.TelegramVinculado{Sujeto: id[ident.Sujeto](2001), En: t0})
	m.proyecta()
	r := usuarios.NewReader(m.pool)
	got, err := r.Get(t.Context(), u)
	want := usuarios.Usuario{
		ID: u, Sujeto: id[ident.Sujeto](2001), Rol: permiso.Efectivo, Nombre: "Inés Núñez", Efectivo: e, Telegram: true,
		Estado: usuarios.Activo, Permiso: 1, Version: 3, Posicion: int64(m.head),
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v -want +got:\n%s", err, diff)
	}
	// A name that was erased is empty, and nothing else is lost.
	if got, err = r.Get(t.Context(), other); err != nil || got.Nombre != "" || got.Rol != permiso.Administrador || got.Efectivo != "" || !got.Simulado {
		t.Errorf("got %+v, %v", got, err)
	}
	m.dado(u.Stream(), usuario.TelegramDesvinculado{En: t0})
	m.proyecta()
	if got, err = r.Get(t.Context(), u); err != nil || got.Telegram || got.Nombre != "Inés Núñez" {
		t.Errorf("got %+v, %v", got, err)
	}
	// A later name and rol, a block, an end.
	anita := usuario.DatosModificados{Nombre: new(m.texto("Anita")), Apellido: new(m.texto("Ñuñez")), En: t0}
	m.dado(u.Stream(), anita, usuario.RolCambiado{Rol: permiso.Supervisor, En: t0}, usuario.Verificado{En: t0}, usuario.SegundoFactorActivado{En: t0}, usuario.Bloqueado{En: t0})
	m.proyecta()
	want.Nombre, want.Rol, want.Telegram, want.Estado, want.Verificado, want.SegundoFactor = "Anita Ñuñez", permiso.Supervisor, false, usuarios.Bloqueado, true, true
	want.Permiso, want.Version, want.Posicion = 9, 9, int64(m.head)
	got, err = r.Get(t.Context(), u)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v -want +got:\n%s", err, diff)
	}
	if p, err := r.Permiso(t.Context(), u); p != (usuarios.Permiso{Version: 9}) || err != nil {
		t.Errorf("may do %v, %v", p, err)
	}
	for name, c := range map[string]struct {
		scope projections.Scope
		f     usuarios.Filter
		want  int64
	}{
		"all":          {projections.System, usuarios.Filter{}, 2},
		"name":         {projections.System, usuarios.Filter{Q: "nunez ani"}, 1},
		"no name":      {projections.System, usuarios.Filter{Q: "ines"}, 0},
		"blocked":      {projections.System, usuarios.Filter{Estados: []usuarios.Estado{usuarios.Bloqueado}}, 1},
		"rol":          {projections.System, usuarios.Filter{Roles: []permiso.Rol{permiso.Supervisor, permiso.Auditor}}, 1},
		"by id":        {projections.System, usuarios.Filter{IDs: []ident.Usuario{other}}, 1},
		"nobody by id": {projections.System, usuarios.Filter{IDs: []ident.Usuario{}}, 0},
		"himself":      {projections.Scope{Alcance: permiso.Propio, Usuario: u}, usuarios.Filter{}, 1},
		"no one":       {projections.Scope{}, usuarios.Filter{}, 0},
	} {
		list, err := r.List(t.Context(), c.scope, c.f)
		if err != nil || list.Total != c.want || int64(len(list.Datos)) != c.want || list.Siguiente != nil {
			t.Errorf("%s: %d of %d, %v", name, len(list.Datos), list.Total, err)
		}
	}
	first, err := r.List(t.Context(), projections.System, usuarios.Filter{Limite: 1, Orden: "-nombre"})
	if err != nil || first.Siguiente == nil || first.Datos[0].ID != u {
		t.Fatalf("the first page: %+v, %v", first, err)
	}
	second, err := r.List(t.Context(), projections.System, usuarios.Filter{Limite: 1, Orden: "-nombre", Cursor: *first.Siguiente})
	if err != nil || second.Siguiente != nil || len(second.Datos) != 1 || second.Datos[0].ID != other {
		t.Errorf("the second page: %+v, %v", second, err)
	}
	m.dado(u.Stream(), usuario.Desbloqueado{En: t0}, usuario.DadoDeBaja{En: t0})
	m.proyecta()
	if got, err = r.Get(t.Context(), u); err != nil || got.Estado != usuarios.Baja || got.SegundoFactor || got.Permiso != 11 {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, nobody := range []ident.Usuario{id[ident.Usuario](404), "x"} {
		if _, err := r.Get(t.Context(), nobody); !errors.Is(err, usuario.ErrNoExiste) {
			t.Errorf("%s: %v", nobody, err)
		}
	}
}
