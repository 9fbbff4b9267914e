package projections_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/ops/boot"
	"github.com/grupo-gad/gad/ops/pgtest"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/bench"
	"github.com/grupo-gad/gad/projections/cache"
	"github.com/grupo-gad/gad/projections/efectivos"
	"github.com/grupo-gad/gad/projections/estadisticas"
	"github.com/grupo-gad/gad/projections/mapa"
	"github.com/grupo-gad/gad/projections/tareas"
)

// recorder keeps every statement that goes through a connection, with its arguments.
type recorder struct {
	mu  sync.Mutex // guards all
	all []statement
}

type statement struct {
	sql  string
	args []any
}

func (r *recorder) add(sql string, args []any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, statement{sql, args})
}

func (r *recorder) taken() []statement {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.all
	r.all = nil
	return all
}

func (r *recorder) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	r.add(d.SQL, d.Args)
	return ctx
}

func (r *recorder) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (r *recorder) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

func (r *recorder) TraceBatchQuery(_ context.Context, _ *pgx.Conn, d pgx.TraceBatchQueryData) {
	r.add(d.SQL, d.Args)
}

func (r *recorder) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// large fills the read models to where the planner's choices are those of a big operation. It
// writes rows as wide as real ones, a year of them.
func large(t *testing.T, db *pgtest.DB, today time.Time) {
	t.Helper()
	day := today.Format("date '2006-01-02'")
	const uuids = "('00000000-0000-7000-8000-' || lpad(to_hex(%s), 12, '0'))::uuid"
	id := func(expression string) string { return fmt.Sprintf(uuids, expression) }
	statements := []string{
		`insert into lectura.zonas (id, nombre, clase, geometria, version, posicion)
		 select ` + id("900000 + i") + `, 'Sector ' || i, 'jurisdiccion', ST_AsGeoJSON(ST_Multi(ST_MakeEnvelope(-58.53 + (i % 8) * 0.0245, -34.70 + (i / 8) * 0.03, -58.53 + (i % 8 + 1) * 0.0245, -34.70 + (i / 8 + 1) * 0.03, 4326))), 1, 1
		 from generate_series(0, 47) i`,
		`insert into lectura.efectivos (id, usuario, codigo_interno, rango, unidad, especialidad, disponibilidad, turno, tareas, simulado, aceleracion, busqueda, version, posicion, zonas)
		 select ` + id("100000 + i") + `, ` + id("200000 + i") + `, 'M-' || i, 'oficial', 'Comisaría ' || i % 40, '',
			case when i % 5 = 0 then 'en_tarea' else 'disponible' end, case when i % 5 = 4 then null else ` + id("200000 + i") + ` end, '{}', false, 1, 'm ' || i || ' oficial comisaria ' || i % 40, 1, 1, '{}'
		 from generate_series(1, 4000) i`,
		`insert into lectura.efectivos_en_turno select id, usuario, codigo_interno, unidad, disponibilidad, simulado, sos, posicion, turno from lectura.efectivos where turno is not null`,
		`insert into lectura.efectivos_nombres (usuario, nombre, busqueda, posicion)
		 select ` + id("200000 + i") + `, 'Ana ' || a, 'ana ' || a, 1 from (select i, (array['gimenez','peralta','castro','sanchez','velez','acosta'])[1 + i % 6] || i % 97 as a from generate_series(1, 4000) i) x`,
		`insert into lectura.usuarios (id, sujeto, rol, nombre, telegram, simulado, version, posicion)
		 select ` + id("200000 + i") + `, gen_random_uuid(), 'efectivo', 'Ana', false, false, 1, 1 from generate_series(1, 4000) i`,
		`insert into lectura.usuarios_efectivos (efectivo, usuario, posicion) select ` + id("100000 + i") + `, ` + id("200000 + i") + `, 1 from generate_series(1, 4000) i`,
		`insert into lectura.posiciones (efectivo, turno, en, recibida, lat, lon, precision_m, velocidad, rumbo, fuente, simulada)
		 select ` + id("100000 + i") + `, ` + id("200000 + i") + `, now(), now(), -34.7 + 0.17 * random(), -58.53 + 0.19 * random(), 5, -1, -1, 'rest', false from generate_series(1, 4000) i`,
		`insert into lectura.tareas (id, codigo, titulo, descripcion, tipo, prioridad, estado, inicio_programado, creador, delegado, lat, lon, lugar, zona, asignaciones, efectivos, alcanza,
			inicio_real, fin_real, pausas_us, simulada, creada, busqueda, version, posicion)
		 select ` + id("i") + `, 'C1-' || lpad(i::text, 6, '0'), 'Ruidos molestos en la vía pública, Av. Rivadavia ' || i % 5000, repeat('Vecinos informan música a alto volumen. ', 4),
			(array['patrullaje','intervencion','inspeccion','vigilancia','emergencia'])[1 + i % 5], 1 + (i * 7) % 5,
			case when i > 19600 then (array['programada','en_curso','pausada'])[1 + i % 3] when i % 20 = 0 then 'cancelada' else 'finalizada' end,
			now() - (20000 - i) * interval '25 minutes', ` + id("200001 + i % 50") + `, ` + id("200001 + (i * 31) % 3999") + `,
			-34.7 + 0.17 * random(), -58.53 + 0.19 * random(), 'Av. Rivadavia', ` + id("900000 + i % 48") + `,
			'[{"efectivo": "00000000-0000-7000-8000-000000000000", "estado": "liberada", "en": "2026-01-01T00:00:00Z"}]', array[` + id("100001 + (i * 13) % 3999") + `], array[` + id("100001 + (i * 13) % 3999") + `],
			now() - (20000 - i) * interval '25 minutes', now() - (20000 - i) * interval '25 minutes' + random() * interval '2 hours', 0, false, now() - (20000 - i) * interval '25 minutes',
			'c1 ' || i || ' ruidos molestos en la via publica av rivadavia ' || i % 5000 || ' vecinos informan', 9, i
		 from generate_series(1, 20000) i`,
		`insert into lectura.tareas_textos (id, busqueda) select id, busqueda from lectura.tareas`,
		`insert into lectura.tareas_detalle (id, telefono, notas, adjuntos, lista, compromisos, contenidos, ven, version, posicion)
		 select id, '', '[]', '[]', '[]', '{}', '{}', ven, version, posicion from lectura.tareas`,
		`insert into lectura.tiempos (tarea, tipo, prioridad, estado, zona, creador, delegado, lat, lon, creada, ofrecida, aceptada, en_lugar, inicio, fin, pausas_us,
			efectivos, ofrecidas, aceptadas, rechazadas, llegadas, simulada, duracion_s, oferta_s, aceptacion_s, llegada_s, respuesta_s, cierre_s, ocupacion_s, version, posicion)
		 select id, tipo, prioridad, estado, zona, creador, delegado, lat, lon, creada, creada, creada, creada, inicio_real, fin_real, 0,
			efectivos, array[creada], array[creada], array[null::timestamptz], array[creada], false, 100 * random(), 1, 2, 3, 4, 5,
			case when estado = 'finalizada' then 100 * random() end, version, posicion from lectura.tareas`,
		`insert into lectura.turnos (turno, efectivo, inicio, fin, posicion)
		 select ` + id("200000 + i") + `, ` + id("100001 + i % 4000") + `, now() - i * interval '10 minutes', now() - i * interval '10 minutes' + interval '8 hours', 1 from generate_series(1, 20000) i`,
		`insert into lectura.celdas (clave, x, y, fixes)
		 select (extract(epoch from now())::bigint / 3600 - h) * 8589934592 + (-11706 + c % 30 + 36000) * 65536 + (-6940 + c / 30 + 18000), -11706 + c % 30, -6940 + c / 30, 10
		 from generate_series(0, 5999) h, generate_series(0, 14) c`,
		`select telemetria.preparar(` + day + ` + 3)`,
		`insert into telemetria.fixes (dia, lote, fila, efectivo, turno, en, recibido, lat, lon, precision_m, velocidad, rumbo, fuente, marcas, simulado, sal)
		 select ` + day + ` - d, 1 + d, i, ` + id("100001 + i / 15") + `, ` + id("7") + `, now() - d * interval '1 day' - (i % 15) * interval '1 minute', now(), -34.6, -58.4, 5, -1, -1, 'rest', 0, false, '\x00000000000000000000000000000000'
		 from generate_series(0, 1) d, generate_series(0, 59999) i`,
		`vacuum analyze`,
	}
	for _, sql := range statements {
		if _, err := db.Owner.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%v\n%s", err, sql)
		}
	}
}

// big are the tables that no question may read from end to end. Those of people are not among
// them: there are only so many, and a list of all of them has to read them.
var big = []string{"tareas", "tareas_textos", "tareas_detalle", "tiempos", "turnos", "celdas", "fixes"}

type plan struct {
	Type  string `json:"Node Type"`
	Table string `json:"Relation Name"`
	Rows  float64
	Plans []plan
}

// scans lists the big tables that a plan reads from end to end.
func (p plan) scans(today time.Time) (tables []string) {
	if p.Type == "Seq Scan" {
		for _, b := range big {
			// The days to come have partitions and nothing in them.
			if p.Table == b || b == "fixes" && strings.HasPrefix(p.Table, "fixes_") && p.Table <= today.Format("fixes_20060102") {
				tables = append(tables, p.Table)
			}
		}
	}
	for _, child := range p.Plans {
		tables = append(tables, child.scans(today)...)
	}
	return tables
}

// explain returns how the database would answer a statement in the role that asks it.
func explain(t *testing.T, pool *pgxpool.Pool, role string, s statement) plan {
	t.Helper()
	var text string
	err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		// As the search sets it, so that its index is the same one.
		if _, err := tx.Exec(t.Context(), "set local role "+role+"; set local pg_trgm.word_similarity_threshold = '0.45'"); err != nil {
			return err
		}
		return tx.QueryRow(t.Context(), "explain (format json, costs on) "+s.sql, s.args...).Scan(&text)
	})
	if err != nil {
		t.Fatalf("explain: %v\n%s", err, s.sql)
	}
	var out []struct{ Plan plan }
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return out[0].Plan
}

// TestNoQuestionReadsABigTable asks what dashboards ask, over read models of some size, and
// looks at how the database means to answer each statement that the readers sent.
func TestNoQuestionReadsABigTable(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	today := time.Now().UTC() // once: the test may last over midnight
	large(t, db, today)
	cfg, err := boot.PoolConfig(db.AppURL)
	if err != nil {
		t.Fatal(err)
	}
	rec := &recorder{}
	cfg.ConnConfig.Tracer = rec
	pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	sample, err := bench.Draw(t.Context(), db.Owner)
	if err != nil {
		t.Fatal(err)
	}
	r := bench.Readers{
		Tareas: tareas.NewReader(pool), Efectivos: efectivos.NewReader(pool), Mapa: mapa.NewReader(pool),
		Cold: estadisticas.NewReader(pool, cache.New(nil), time.UTC, time.Now),
	}
	seen := 0
	for _, q := range bench.Questions(r, sample) {
		if q.Whole {
			continue
		}
		rec.taken()
		if err := q.Ask(t.Context(), rand.New(rand.NewPCG(1, 1))); err != nil {
			t.Errorf("%s, %s: %v", q.Group, q.Name, err)
			continue
		}
		role := "gad_lectura_todo"
		for _, s := range rec.taken() {
			if strings.Contains(s.sql, "set local role gad_lectura_propia") {
				role = "gad_lectura_propia"
			}
			if word := strings.Fields(s.sql)[0]; word != "select" && word != "with" || strings.Contains(s.sql, "set_config(") {
				continue
			}
			seen++
			p := explain(t, db.App, role, s)
			if tables := p.scans(today); len(tables) > 0 {
				t.Errorf("%s, %s reads the whole of %s:\n%s\n%v", q.Group, q.Name, strings.Join(tables, ", "), s.sql, s.args)
			}
		}
	}
	if seen < 100 {
		t.Errorf("only %d statements were looked at", seen)
	}
	// However a search goes about it, it finds what a look at every text finds.
	for q, has := range map[string]string{"1": "(^| )1", "ruidos": "(^| )ruidos", "77 vecinos": "(^| )77"} {
		matchesAll(t, db.Owner, r.Tareas, q, has)
	}
}

// matchesAll compares two pages of a search with the Tareas whose text matches a regular
// expression.
func matchesAll(t *testing.T, owner *pgxpool.Pool, r *tareas.Reader, q, has string) {
	t.Helper()
	var total int64
	if err := owner.QueryRow(t.Context(), "select count(*) from lectura.tareas where busqueda ~ $1", has).Scan(&total); err != nil {
		t.Fatal(err)
	}
	rows, err := owner.Query(t.Context(), "select codigo from lectura.tareas where busqueda ~ $1 order by prioridad desc, inicio_programado desc, id desc limit 100", has)
	if err != nil {
		t.Fatal(err)
	}
	want, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	f := tareas.Filter{Q: q, Limite: 50}
	for range 2 {
		list, err := r.List(t.Context(), projections.System, f)
		if err != nil {
			t.Fatal(err)
		}
		if list.Total != total || list.Siguiente == nil {
			t.Fatalf("%q finds %d in all, want %d", q, list.Total, total)
		}
		for _, one := range list.Datos {
			got = append(got, one.Codigo)
		}
		f.Cursor = *list.Siguiente
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%q finds others (-want +got):\n%s", q, diff)
	}
}
