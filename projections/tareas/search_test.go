package tareas_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/tareas"
)

// TestTypingErrors: a word that nobody wrote finds what it resembles; one that somebody wrote
// finds only itself; and nobody finds what he may not see.
func TestTypingErrors(t *testing.T) {
	t.Parallel()
	m := nuevo(t)
	for i, titulo := range []string{"Accidente en la autopista", "Árbol caído en la plaza", "Plaga en el depósito", "Robo a mano armada"} {
		c := m.creada(tareaID(i+1), fmt.Sprintf("T-%03d", i+1), titulo)
		if i == 3 {
			c.Creador, c.Delegado, c.Zona = bruno, bruno, "00000000-0000-7000-8000-00000000000b"
		}
		m.dado(tareaID(i+1), c)
	}
	m.dado(tareaID(3), tarea.Modificada{Titulo: new(m.texto("Ruidos molestos")), En: t0})
	m.proyecta()
	m.cuadranPalabras()
	// A part: T-004 lies in another Zona, the others in none or in his.
	part := projections.Scope{
		Alcance: permiso.EnJurisdiccion, Usuario: ana, Jurisdiccion: &permiso.Jurisdiccion{Zonas: []ident.Zona{"00000000-0000-7000-8000-00000000000a"}},
	}
	ana := projections.Scope{Alcance: permiso.Propio, Usuario: ana}
	for _, c := range []struct {
		scope projections.Scope
		q     string
		want  []string
	}{
		{projections.System, "aczidente", []string{"T-001"}},
		{projections.System, "acidente autopsta", []string{"T-001"}},
		{projections.System, "plasa", []string{"T-002"}},
		{projections.System, "rruido", []string{"T-003"}},
		{projections.System, "plaga", []string{"T-002"}}, // renamed: the word is there no more, and resembles plaza
		{projections.System, "robbo", []string{"T-004"}},
		{projections.System, "accidente plaza", nil}, // both are words, no Tarea has both
		{projections.System, "T-009", nil},           // the next code is no typing error
		{projections.System, "xyzzy", nil},
		{projections.System, "zz", nil},
		{ana, "aczidente", []string{"T-001"}},
		{ana, "robbo", nil},
		{ana, "robo", nil},
		{part, "aczidente", []string{"T-001"}},
		{part, "acidente autopsta", []string{"T-001"}},
		{part, "accidente plaza", nil},
		{part, "la", []string{"T-001", "T-002"}},
		{part, "plaga", []string{"T-002"}},
		{part, "T-002", []string{"T-002"}},
		{part, "robbo", nil}, // a word of another's part corrects nothing
		{part, "robo", nil},
		{part, "T-004", nil},
		{part, "...", nil},
	} {
		l, err := m.List(t.Context(), c.scope, tareas.Filter{Q: c.q, Orden: "codigo"})
		if err != nil {
			t.Fatal(err)
		}
		if got := codigos(l); !slices.Equal(got, c.want) || l.Total != int64(len(c.want)) {
			t.Errorf("%s (%v): found %v of %d, want %v", c.q, c.scope.Alcance, got, l.Total, c.want)
		}
	}
}

// cuadranPalabras checks the counted words against the texts.
func (m *mundo) cuadranPalabras() {
	m.t.Helper()
	var apart string
	err := m.pool.QueryRow(m.t.Context(), `select coalesce(string_agg(coalesce(p.palabra, c.palabra) || ' ' || coalesce(p.veces, 0) || '/' || coalesce(c.n, 0), ', '), '')
		from lectura.tareas_palabras p full join (
			select w as palabra, count(*) as n from lectura.tareas_textos, unnest(string_to_array(busqueda, ' ')) w
			where w !~ '[0-9]' and char_length(w) between 3 and 40 group by 1) c on c.palabra = p.palabra
		where p.veces is distinct from c.n`).Scan(&apart)
	if err != nil || apart != "" {
		m.t.Errorf("words counted and words there: %s (%v)", apart, err)
	}
}

// TestCommonWords: pages of a word that stands in thousands of texts, evenly or only in the last
// ones of the order, are what the words and the order say, none left out and none twice.
func TestCommonWords(t *testing.T) {
	t.Parallel()
	m := nuevo(t)
	for _, sql := range []string{
		`insert into lectura.tareas (id, codigo, titulo, descripcion, tipo, prioridad, estado, inicio_programado, lugar, asignaciones, efectivos, alcanza, pausas_us,
				simulada, creada, busqueda, version, posicion)
			select gen_random_uuid(), 'C-' || lpad(n::text, 5, '0'), 'x', '', 'patrullaje', 3, 'programada', timestamptz '2026-03-02Z' + n / 2 * interval '1 minute', '', '[]', '{}', '{}', 0,
				false, now(), 'via' || case when n % 2 = 0 then ' choque choque' else '' end || case when n <= 2600 then ' humo humo' else '' end, 1, n
			from generate_series(1, 7000) n`,
		`insert into lectura.tareas_textos select id, busqueda from lectura.tareas`,
		`insert into lectura.tareas_palabras select palabra, count(*) from lectura.tareas, unnest(string_to_array(busqueda, ' ')) palabra group by 1`,
		`analyze lectura.tareas, lectura.tareas_textos`,
	} {
		if _, err := m.pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ q, orden, order string }{
		{"via", "", "prioridad desc, inicio_programado desc, id desc"},
		{"choque", "", "prioridad desc, inicio_programado desc, id desc"},
		{"choqe", "codigo", "codigo"},
		{"humo", "", "prioridad desc, inicio_programado desc, id desc"},
		{"humo", "codigo", "codigo"},
	} {
		word := strings.Replace(c.q, "choqe", "choque", 1)
		rows, err := m.pool.Query(t.Context(), "select codigo from lectura.tareas where busqueda ~ $1 order by "+c.order, word)
		if err != nil {
			t.Fatal(err)
		}
		want, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil || len(want) < 2600 {
			t.Fatal(len(want), err)
		}
		var got []string
		for f := (tareas.Filter{Q: c.q, Orden: c.orden, Limite: 180}); ; {
			page, err := m.List(t.Context(), projections.System, f)
			if err != nil || page.Total != int64(len(want)) {
				t.Fatalf("%s: %d in all, want %d, %v", c.q, page.Total, len(want), err)
			}
			got = append(got, codigos(page)...)
			if page.Siguiente == nil {
				break
			}
			f.Cursor = *page.Siguiente
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s by %q: %d Tareas, others or in another order than these %d", c.q, c.orden, len(got), len(want))
		}
	}
}

// TestEachIsTheList: an export hands over what pages would, in the same order, and ends when
// its taker does.
func TestEachIsTheList(t *testing.T) {
	t.Parallel()
	m := nuevo(t)
	const n = 1203 // more than two fetches
	for i := range n {
		c := m.creada(tareaID(i+1), fmt.Sprintf("T-%05d", i), "Todas iguales")
		c.InicioProgramado = t0.Add(time.Duration(i%7) * time.Hour)
		m.dado(tareaID(i+1), c)
	}
	m.proyecta()
	f := tareas.Filter{Orden: "-inicio_programado,codigo", Q: "iguales"}
	var got, want []string
	var posicion int64
	err := m.Each(t.Context(), projections.System, f, func(p int64) error { posicion = p; return nil },
		func(v tareas.Tarea) error { got = append(got, v.Codigo); return nil })
	if err != nil || posicion != int64(m.head) {
		t.Fatal(posicion, err)
	}
	for f.Limite = 200; ; {
		page, err := m.List(t.Context(), projections.System, f)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, codigos(page)...)
		if page.Siguiente == nil {
			break
		}
		f.Cursor = *page.Siguiente
	}
	if len(got) != n || !slices.Equal(got, want) {
		t.Errorf("%d handed over, %d paged", len(got), len(want))
	}
	enough := errors.New("enough")
	err = m.Each(t.Context(), projections.System, tareas.Filter{}, func(int64) error { return nil }, func(tareas.Tarea) error { return enough })
	if !errors.Is(err, enough) {
		t.Errorf("after its taker ended: %v", err)
	}
	none := 0
	err = m.Each(t.Context(), projections.Scope{}, tareas.Filter{}, func(int64) error { return nil }, func(tareas.Tarea) error { none++; return nil })
	if err != nil || none > 0 {
		t.Errorf("nobody got %d, %v", none, err)
	}
}
