package tareas_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/memory"
	"github.com/grupo-gad/gad/ops/pgtest"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/tareas"
)

var t0 = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// mundo is a log, the texts behind it, and the read model.
type mundo struct {
	t      *testing.T
	pool   *pgxpool.Pool
	store  memory.Store
	texts  map[sealed.Commitment]string
	at     map[string]eventstore.Version
	serial int
	head   eventstore.Position
	*tareas.Reader
}

func nuevo(t *testing.T) *mundo {
	t.Helper()
	db := pgtest.New(t)
	return &mundo{
		t: t, pool: db.App, texts: map[sealed.Commitment]string{}, at: map[string]eventstore.Version{}, Reader: tareas.NewReader(db.App),
	}
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

// dado records facts of one Tarea.
func (m *mundo) dado(id ident.Tarea, facts ...event.Event) {
	m.t.Helper()
	m.serial++
	a := eventstore.Append{
		Command: eventstore.CommandID{14: byte(m.serial >> 8), 15: byte(m.serial)}, Answer: []byte("{}"), Metadata: eventstore.Metadata{Actor: "sistema:prueba"},
		Expected: []eventstore.Expectation{{Stream: eventstore.StreamID(id.Stream()), Version: m.at[id.Stream()]}},
	}
	for _, e := range facts {
		a.Events = append(a.Events, eventstore.Draft{Stream: eventstore.StreamID(id.Stream()), Event: e})
		m.at[id.Stream()]++
	}
	receipt, err := m.store.Append(m.t.Context(), a)
	if err != nil {
		m.t.Fatal(err)
	}
	m.head = receipt.Head
}

func (m *mundo) proyecta() {
	m.t.Helper()
	r := projections.NewRunner(m.pool, &m.store, m, projections.Options{}, tareas.Projection{})
	if err := r.CatchUp(m.t.Context(), tareas.Name, m.head, 0, nil); err != nil {
		m.t.Fatal(err)
	}
}

func (m *mundo) lee(id string) tareas.Tarea {
	m.t.Helper()
	got, err := m.Get(m.t.Context(), projections.System, id)
	if err != nil {
		m.t.Fatal(err)
	}
	return got
}

func tareaID(n int) ident.Tarea { return ident.Tarea(fmt.Sprintf("00000000-0000-7000-8000-%012d", n)) }

const (
	ana   = ident.Usuario("00000000-0000-4000-8000-00000000000a")
	bruno = ident.Usuario("00000000-0000-4000-8000-00000000000b")
	e1    = ident.Efectivo("00000000-0000-7000-8000-0000000000e1")
	e2    = ident.Efectivo("00000000-0000-7000-8000-0000000000e2")
)

func (m *mundo) creada(id ident.Tarea, codigo, titulo string) tarea.Creada {
	return tarea.Creada{
		ID: id, Codigo: codigo, Titulo: m.texto(titulo), Tipo: tarea.Patrullaje, Prioridad: tarea.Media,
		InicioProgramado: t0, Creador: ana, Delegado: ana, En: t0,
	}
}

func TestRowsFollowTheFacts(t *testing.T) {
	t.Parallel()
	m := nuevo(t)
	id := tareaID(1)
	c := m.creada(id, "T-1", "Ruidos molestos")
	c.Descripcion = m.texto("Música\x00 fuerte")
	c.Ubicacion = &tarea.Ubicacion{Punto: geo.Punto{Lat: -34.6, Lon: -58.4}, Descripcion: m.texto("Rivadavia 100")}
	c.FinProgramado = new(t0.Add(time.Hour))
	m.dado(id, c, tarea.EfectivoAsignado{Efectivo: e1, En: t0.Add(time.Minute)}, tarea.EfectivoAsignado{Efectivo: e2, En: t0.Add(time.Minute)})
	m.dado(id, tarea.AsignacionRechazada{Efectivo: e2, En: t0.Add(2 * time.Minute)}, tarea.AsignacionAceptada{Efectivo: e1, En: t0.Add(2 * time.Minute)})
	m.proyecta()
	got := m.lee("t-1") // by codigo, in any case
	want := tareas.Tarea{
		ID: id, Codigo: "T-1", Titulo: "Ruidos molestos", Descripcion: "Música fuerte", Tipo: tarea.Patrullaje, Prioridad: tarea.Media,
		Estado: tarea.EstadoProgramada, InicioProgramado: t0, FinProgramado: new(t0.Add(time.Hour)), Delegado: ana, Creador: ana,
		Ubicacion: &tareas.Ubicacion{Lat: -34.6, Lon: -58.4, Descripcion: "Rivadavia 100"},
		Asignaciones: []tareas.Asignacion{
			{Efectivo: e1, Estado: tarea.PasoAceptada, En: t0.Add(2 * time.Minute)},
			{Efectivo: e2, Estado: tarea.PasoRechazada, En: t0.Add(2 * time.Minute)},
		},
		Creada: t0, Version: 5, Posicion: 5,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}

	// A duration is exact to the microsecond, whatever the windows it is folded in.
	m.dado(id, tarea.Iniciada{En: t0.Add(time.Hour)}, tarea.Pausada{En: t0.Add(time.Hour + 10*time.Second)})
	m.proyecta()
	m.dado(id, tarea.Reanudada{En: t0.Add(time.Hour + 10*time.Second + 1500*time.Microsecond)},
		tarea.Modificada{Titulo: new(m.texto("Otro título")), Ubicacion: &tarea.Ubicacion{Punto: geo.Punto{Lat: 1, Lon: 2}}, En: t0})
	m.dado(id, tarea.PrioridadCambiada{Prioridad: tarea.Critica, En: t0}, tarea.EfectivoLiberado{Efectivo: e1, En: t0.Add(2 * time.Hour)},
		tarea.Finalizada{En: t0.Add(2 * time.Hour)})
	m.proyecta()
	got = m.lee(string(id))
	if got.Estado != tarea.EstadoFinalizada || got.PausasS != 0.0015 || *got.DuracionS != 3599.9985 || got.Prioridad != tarea.Critica ||
		got.Titulo != "Otro título" || got.Ubicacion.Lat != 1 || got.Ubicacion.Descripcion != "" || got.Version != 12 {
		t.Errorf("got %+v", got)
	}

	// What is taken away is gone, also from what it is found by.
	m.dado(id, tarea.Modificada{Descripcion: new(m.texto("Con ambulancia")), Zona: new(ident.Zona("0190f3c2-89ab-7cde-8000-00000000000f")), FinProgramado: &t0, En: t0})
	m.dado(id, tarea.Modificada{SinDescripcion: true, SinFin: true, SinUbicacion: true, SinZona: true, En: t0})
	m.proyecta()
	got = m.lee(string(id))
	if got.Descripcion != "" || got.FinProgramado != nil || got.Ubicacion != nil || got.Zona != "" || got.Titulo != "Otro título" {
		t.Errorf("something was left: %+v", got)
	}
	if found, err := m.List(t.Context(), projections.System, tareas.Filter{Q: "ambulancia"}); err != nil || found.Total != 0 {
		t.Errorf("found by a text that is gone: %+v, %v", found, err)
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	m := nuevo(t)
	propia, asignada, ajena, terminada := tareaID(1), tareaID(2), tareaID(3), tareaID(4)
	c := m.creada(propia, "PROPIA", "Creada por Ana")
	c.Delegado = bruno
	m.dado(propia, c)
	de := func(id ident.Tarea, codigo string, facts ...event.Event) {
		c := m.creada(id, codigo, "De otra persona")
		c.Creador, c.Delegado = "", "00000000-0000-4000-8000-00000000000f"
		m.dado(id, append([]event.Event{c}, facts...)...)
	}
	de(asignada, "ASIGNADA", tarea.EfectivoAsignado{Efectivo: e1, En: t0})
	// Taken off it by a dispatcher: no longer any of his business.
	de(ajena, "AJENA", tarea.EfectivoAsignado{Efectivo: e1, En: t0}, tarea.EfectivoLiberado{Efectivo: e1, En: t0.Add(time.Second)},
		tarea.Cancelada{En: t0.Add(time.Minute)})
	// Freed by its end: he may look back at what he did.
	de(terminada, "TERMINADA", tarea.EfectivoAsignado{Efectivo: e1, En: t0}, tarea.Iniciada{En: t0},
		tarea.EfectivoLiberado{Efectivo: e1, En: t0.Add(time.Minute)}, tarea.Finalizada{En: t0.Add(time.Minute)})
	m.proyecta()
	for _, c := range []struct {
		name  string
		scope projections.Scope
		want  []string
	}{
		{"all", projections.System, []string{"AJENA", "ASIGNADA", "PROPIA", "TERMINADA"}},
		{"creator", projections.Scope{Alcance: permiso.Propio, Usuario: ana}, []string{"PROPIA"}},
		{"delegado", projections.Scope{Alcance: permiso.Propio, Usuario: bruno}, []string{"PROPIA"}},
		{"own only, though assigned", projections.Scope{Alcance: permiso.Propio, Usuario: "00000000-0000-4000-8000-0000000000cc", Efectivo: e1}, nil},
		{"assigned", projections.Scope{Alcance: permiso.Asignado, Usuario: "00000000-0000-4000-8000-0000000000cc", Efectivo: e1}, []string{"ASIGNADA", "TERMINADA"}},
		{"assigned and creator", projections.Scope{Alcance: permiso.Asignado, Usuario: ana, Efectivo: e1}, []string{"ASIGNADA", "PROPIA", "TERMINADA"}},
		{"nothing", projections.Scope{Alcance: permiso.Nada, Usuario: ana}, nil},
		{"nobody", projections.Scope{Alcance: permiso.Asignado}, nil},
	} {
		l, err := m.List(t.Context(), c.scope, tareas.Filter{Orden: "codigo"})
		if err != nil {
			t.Fatal(err)
		}
		if got := codigos(l); !slices.Equal(got, c.want) || l.Total != int64(len(c.want)) || l.Posicion != int64(m.head) {
			t.Errorf("%s: sees %v of %d at %d, want %v", c.name, got, l.Total, l.Posicion, c.want)
		}
		for _, codigo := range []string{"PROPIA", "ASIGNADA", "AJENA", "TERMINADA"} {
			_, err := m.Get(t.Context(), c.scope, codigo)
			if seen := err == nil; seen != slices.Contains(c.want, codigo) || !seen && !errors.Is(err, tarea.ErrNoExiste) {
				t.Errorf("%s: get %s: %v", c.name, codigo, err)
			}
		}
	}
}

func codigos(l tareas.List) (all []string) {
	for _, d := range l.Datos {
		all = append(all, d.Codigo)
	}
	return all
}

func TestFilters(t *testing.T) {
	t.Parallel()
	m := nuevo(t)
	zona := ident.Zona("00000000-0000-7000-8000-0000000000aa")
	for i, c := range []struct {
		titulo, descripcion string
		tipo                tarea.Tipo
		prioridad           tarea.Prioridad
		lat, lon            float64
	}{
		{"Árbol caído en la plaza", "corta la CALLE Ñandú", tarea.Inspeccion, tarea.Alta, -34.60, -58.40},
		{"Control vehicular", "operativo de tránsito", tarea.Patrullaje, tarea.Baja, -34.70, -58.50},
		{"Accidente en la autopista", "dos heridos", tarea.Emergencia, tarea.Critica, 10, 179.5},
	} {
		e := m.creada(tareaID(i+1), fmt.Sprintf("T-2026-%06d", i+1), c.titulo)
		e.Descripcion, e.Tipo, e.Prioridad = m.texto(c.descripcion), c.tipo, c.prioridad
		e.InicioProgramado = t0.Add(time.Duration(i) * time.Hour)
		e.Ubicacion = &tarea.Ubicacion{Punto: geo.Punto{Lat: c.lat, Lon: c.lon}}
		if i == 1 {
			e.Zona = zona
		}
		m.dado(tareaID(i+1), e)
	}
	m.dado(tareaID(2), tarea.EfectivoAsignado{Efectivo: e1, En: t0}, tarea.Iniciada{En: t0})
	m.proyecta()
	for _, c := range []struct {
		name string
		f    tareas.Filter
		want []int
	}{
		{"everything, most urgent first", tareas.Filter{}, []int{3, 1, 2}},
		{"estado", tareas.Filter{Estados: []tarea.Estado{tarea.EstadoEnCurso}}, []int{2}},
		{"tipo", tareas.Filter{Tipos: []tarea.Tipo{tarea.Inspeccion, tarea.Emergencia}}, []int{3, 1}},
		{"prioridad", tareas.Filter{Prioridades: []tarea.Prioridad{tarea.Baja}}, []int{2}},
		{"delegado", tareas.Filter{Delegado: ana}, []int{3, 1, 2}},
		{"efectivo", tareas.Filter{Efectivo: e1}, []int{2}},
		{"zona", tareas.Filter{Zona: zona}, []int{2}},
		{"since", tareas.Filter{Desde: t0.Add(time.Hour)}, []int{3, 2}},
		{"until, excluded", tareas.Filter{Hasta: t0.Add(time.Hour)}, []int{1}},
		{"box", tareas.Filter{BBox: &[4]float64{-59, -34.65, -58, -34}}, []int{1}},
		{"box over the antimeridian", tareas.Filter{BBox: &[4]float64{170, 0, -170, 20}}, []int{3}},
		{"word without accent", tareas.Filter{Q: "arbol"}, []int{1}},
		{"word with accents and case", tareas.Filter{Q: "ÁRBÓL cáidO"}, []int{1}},
		{"beginning of a word", tareas.Filter{Q: "nand"}, []int{1}},
		{"description", tareas.Filter{Q: "heridos"}, []int{3}},
		{"codigo", tareas.Filter{Q: "t-2026-000002"}, []int{2}},
		{"both words must be there", tareas.Filter{Q: "control heridos"}, nil},
		{"punctuation finds nothing", tareas.Filter{Q: "':*&|!"}, nil},
		{"quotes and operators are no syntax", tareas.Filter{Q: "control' & !vehicular"}, []int{2}},
		{"order", tareas.Filter{Orden: "codigo"}, []int{1, 2, 3}},
	} {
		l, err := m.List(t.Context(), projections.System, c.f)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var got []int
		for _, d := range l.Datos {
			var n int
			if _, err := fmt.Sscanf(d.Codigo, "T-2026-%d", &n); err != nil {
				t.Fatal(err)
			}
			got = append(got, n)
		}
		if !slices.Equal(got, c.want) || l.Total != int64(len(c.want)) {
			t.Errorf("%s: got %v of %d, want %v", c.name, got, l.Total, c.want)
		}
	}
	for _, c := range []struct {
		f    tareas.Filter
		want error
	}{
		{tareas.Filter{Orden: "nada"}, projections.ErrOrden},
		{tareas.Filter{Orden: "prioridad; drop table"}, projections.ErrOrden},
		{tareas.Filter{Orden: "tipo,-tipo"}, projections.ErrOrden}, // 180 of these were 446 kB of SQL
		{tareas.Filter{Limite: 201}, projections.ErrLimite},
		{tareas.Filter{Limite: -1}, projections.ErrLimite},
		{tareas.Filter{Cursor: "***"}, projections.ErrCursor},
		{tareas.Filter{Cursor: "e30"}, projections.ErrCursor},
		{tareas.Filter{Cursor: "eyJvIjoiLXByaW9yaWRhZCwtaW5pY2lvX3Byb2dyYW1hZG8iLCJ0IjpbIngiLCJ4IiwieCJdfQ"}, projections.ErrCursor}, // "x" for every value
		{tareas.Filter{BBox: &[4]float64{0, 10, 0, -10}}, projections.ErrBBox},
	} {
		if _, err := m.List(t.Context(), projections.System, c.f); !errors.Is(err, c.want) || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: got %v, want %v", c.f, err, c.want)
		}
	}
}

// TestAlphabet: titles come as in a dictionary, page by page too.
func TestAlphabet(t *testing.T) {
	t.Parallel()
	m := nuevo(t)
	want := []string{"ACCIDENTE leve", "Árbol caído", "árbol quebrado", "Nube tóxica", "Ñandú suelto", "Ómnibus varado", "Zona anegada"}
	for i := range want {
		n := (i*3)%len(want) + 1 // in another order
		m.dado(tareaID(n), m.creada(tareaID(n), fmt.Sprintf("A-%03d", n), want[n-1]))
	}
	m.proyecta()
	f := tareas.Filter{Orden: "titulo", Limite: 2}
	var got []string
	for {
		page, err := m.List(t.Context(), projections.System, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range page.Datos {
			got = append(got, d.Titulo)
		}
		if page.Siguiente == nil {
			break
		}
		f.Cursor = *page.Siguiente
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// TestPagesLoseNothing: in every order, page by page, each Tarea comes exactly once.
func TestPagesLoseNothing(t *testing.T) {
	t.Parallel()
	m := nuevo(t)
	const n = 23
	for i := range n {
		c := m.creada(tareaID(i+1), fmt.Sprintf("P-%03d", i), "Muchas veces lo mismo")
		c.Prioridad = tarea.Prioridad(1 + i%3)
		c.InicioProgramado = t0.Add(time.Duration(i%4) * time.Hour)
		if i%2 == 0 {
			c.FinProgramado = new(t0.Add(time.Duration(10+i%5) * time.Hour))
		}
		m.dado(tareaID(i+1), c)
	}
	m.proyecta()
	for _, orden := range []string{"", "prioridad,-inicio_programado", "-fin_programado,codigo", "titulo", "-titulo", "estado,-prioridad"} {
		whole, err := m.List(t.Context(), projections.System, tareas.Filter{Orden: orden, Limite: 200})
		if err != nil {
			t.Fatal(err)
		}
		for _, limite := range []int{1, 5, n} {
			var got []string
			f := tareas.Filter{Orden: orden, Limite: limite}
			for {
				page, err := m.List(t.Context(), projections.System, f)
				if err != nil {
					t.Fatal(err)
				}
				if page.Total != n || len(page.Datos) > limite {
					t.Errorf("page of %d of %d", len(page.Datos), page.Total)
				}
				got = append(got, codigos(page)...)
				if page.Siguiente == nil {
					break
				}
				f.Cursor = *page.Siguiente
			}
			if !slices.Equal(got, codigos(whole)) || len(got) != n {
				t.Errorf("order %q by %d: got %v\nwant %v", orden, limite, got, codigos(whole))
			}
		}
	}
}
