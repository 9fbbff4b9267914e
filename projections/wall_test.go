package projections_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/ops/pgtest"
	"github.com/grupo-gad/gad/projections"
)

// own says of every table of lectura which rows are somebody's own, in words other than those
// of its policy: $1 is the Usuario, $2 the Efectivo. "true" is for what everybody may see. A
// read model that is missing here fails the test.
var own = map[string]string{
	"tareas":             `creador = $1 or delegado = $1 or $2 = any(alcanza)`,
	"tareas_detalle":     `$1 = any(ven) or $2 = any(ven)`,
	"efectivos":          `usuario = $1`,
	"efectivos_nombres":  `usuario = $1`,
	"efectivos_en_turno": `usuario = $1`,
	"usuarios":           `id = $1`,
	"usuarios_efectivos": `usuario = $1`,
	"posiciones":         `efectivo = $2`,
	"licencias":          `efectivo = $2`,
	"licencias_personas": `usuario = $1`,
	"politicas":          `objeto = $2`,
	"timers":             `efectivo = $2`,
	"zonas":              `true`,
	"tiempos":            `creador = $1 or delegado = $1 or $2 = any(efectivos)`,
	"turnos":             `efectivo = $2`,
	"celdas":             `false`, // where everybody was
	"celdas_unidad":      `false`,
	"tareas_textos":      `false`, // whoever sees his own searches lectura.tareas
	"tareas_palabras":    `false`, // nor those of all Tareas
	"aprobaciones":       `solicitante = $1`,
	"marcas":             `autor = $1`,
	"alarmas":            `false`, // whoever may see one may see all
	"alarmas_atendidas":  `false`,
}

// The part of everything that lies in a jurisdiction: one Zona ($3) and one unidad ($4), what is
// of none, whoever calls for help, and who is bound to an open Tarea in it.
const (
	enParte  = `(zona is null or zona = $3 or creador = $1 or delegado = $1 or $2 = any(%s))`
	deParte  = `(unidad in ('', $4) or sos or usuario = $1 or id in (select unnest(alcanza) from lectura.tareas where estado not in ('finalizada', 'cancelada') and (zona is null or zona = $3 or creador = $1 or delegado = $1 or $2 = any(alcanza))))`
	enMiZona = `(select zona is null or zona = $3 or creador = $1 or delegado = $1 or $2 = any(alcanza) from lectura.tareas t where t.id = %s.id)`
)

// part says of every table which rows are in somebody's jurisdiction, like own.
var part = map[string]string{
	"tareas":             fmt.Sprintf(enParte, "alcanza"),
	"tareas_detalle":     fmt.Sprintf(enMiZona, "tareas_detalle"),
	"tiempos":            fmt.Sprintf(enParte, "efectivos"),
	"efectivos":          deParte,
	"efectivos_nombres":  `usuario in (select usuario from lectura.efectivos where ` + deParte + `)`,
	"efectivos_en_turno": `id in (select id from lectura.efectivos where ` + deParte + `)`,
	"usuarios":           `rol <> 'efectivo' or id = $1 or id in (select usuario from lectura.efectivos where ` + deParte + `)`,
	"usuarios_efectivos": `efectivo in (select id from lectura.efectivos where ` + deParte + `)`,
	"posiciones":         `efectivo in (select id from lectura.efectivos where ` + deParte + `)`,
	"licencias":          `efectivo in (select id from lectura.efectivos where ` + deParte + `)`,
	"licencias_personas": `efectivo in (select id from lectura.efectivos where ` + deParte + `)`,
	"turnos":             `efectivo in (select id from lectura.efectivos where ` + deParte + `)`,
	"politicas":          `objeto = $2`,
	"timers":             `efectivo = $2`,
	"aprobaciones":       `solicitante = $1`,
	"marcas":             `zona is null or zona = $3 or autor = $1`,
	"zonas":              `true`,
	"alarmas":            `false`,
	"alarmas_atendidas":  `false`,
	"celdas":             `false`, // where everybody was, whom unidades narrow
	"celdas_unidad":      `unidad in ('', $4)`,
	"tareas_textos":      `false`,
	"tareas_palabras":    `false`,
}

// TestWall asks every read model without any condition, as somebody who may see his own.
func TestWall(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	b, head := filled(t, 600)
	catchUp(t, runner(t, db.App, b, projections.Options{}), head, 0)
	exec(t, db.App, `insert into lectura.posiciones (efectivo, en, recibida, lat, lon, precision_m, velocidad, rumbo, fuente, simulada)
		select id, now(), now(), 1, 1, 1, -1, -1, 'rest', false from lectura.efectivos`)
	exec(t, db.App, `insert into lectura.celdas (clave, x, y, fixes) values (1, 2, 3, 4)`)
	exec(t, db.App, `insert into lectura.celdas_unidad (clave, unidad, x, y, fixes) values (1, '', 2, 3, 4), (1, 'Sur', 2, 3, 4), (1, 'Este', 2, 3, 4)`)
	exec(t, db.App, `insert into lectura.zonas (id, nombre, clase, geometria, version, posicion) values
		('00000000-0000-7000-8000-000000000001', 'Norte', 'interes', '{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]]]}', 1, 1)`)

	exec(t, db.App, `insert into lectura.licencias select id, id, now(), now(), 'solicitada', '', '', now(), null, false, 1 from lectura.efectivos`)
	exec(t, db.App, `insert into lectura.licencias_personas select id, usuario, 1 from lectura.efectivos`)
	exec(t, db.App, `insert into lectura.politicas (objeto, estado, posicion) select id, '{}', 1 from lectura.efectivos`)
	exec(t, db.App, `insert into lectura.timers (id, objeto, efectivo, timer, clase, nivel, base)
		select id, id, id, '{}', 'sos', 1, now() from lectura.efectivos`)

	exec(t, db.App, `insert into lectura.alarmas select 'auditoria-' || usuario || '@1', 'lectura_masiva', usuario, 51, now(), 1 from lectura.efectivos`)
	exec(t, db.App, `insert into lectura.alarmas_atendidas select id, usuario, now(), 2 from lectura.alarmas`)
	exec(t, db.App, `insert into lectura.aprobaciones
		select gen_random_uuid(), 'salto', 'solicitada', '{}', usuario, null, '', '', now(), now(), 1, 1 from lectura.efectivos`)
	exec(t, db.App, `insert into lectura.marcas
		select gen_random_uuid(), 'corte', 'x', 1, 1, case get_byte(uuid_send(id), 15) % 3 when 0 then '00000000-0000-7000-8000-000000000001'::uuid
			when 1 then '00000000-0000-7000-8000-000000000002' end, usuario, now(), null, null, null, 1, 1 from lectura.efectivos`)
	const north, unit = "00000000-0000-7000-8000-000000000001", "Sur"
	exec(t, db.App, `update lectura.tareas set zona = case get_byte(uuid_send(id), 15) % 3 when 0 then '`+north+`'::uuid when 1 then '00000000-0000-7000-8000-000000000002' end`)
	exec(t, db.App, `update lectura.tiempos x set zona = t.zona from lectura.tareas t where t.id = x.tarea`)
	exec(t, db.App, `update lectura.efectivos set unidad = (array['', 'Sur', 'Este', 'Oeste', 'Oeste'])[1 + get_byte(uuid_send(id), 15) % 5], sos = get_byte(uuid_send(id), 15) % 11 = 4`)
	var u, e string
	err := db.Owner.QueryRow(t.Context(), `select e.usuario::text, e.id::text from lectura.efectivos e
		join lectura.tareas t on e.id = any(t.alcanza) limit 1`).Scan(&u, &e)
	if err != nil {
		t.Fatal(err)
	}
	somebody := projections.Scope{Alcance: permiso.Asignado, Usuario: ident.Usuario(u), Efectivo: ident.Efectivo(e)}
	supervisor := somebody
	supervisor.Alcance = permiso.EnJurisdiccion
	supervisor.Jurisdiccion = &permiso.Jurisdiccion{Zonas: []ident.Zona{north}, Unidades: []string{unit}}
	unknown, forged := supervisor, supervisor
	unknown.Jurisdiccion = nil
	forged.Jurisdiccion = &permiso.Jurisdiccion{Zonas: []ident.Zona{"'; reset role --"}, Unidades: []string{"Sur}', true) --"}}
	reads := projections.NewReads(db.App)
	for _, table := range tablesOf(t, db) {
		mine, known := own[table]
		if !known {
			t.Errorf("lectura.%s: which rows are somebody's own? say it here, and to eventos.muro in its migration", table)
			continue
		}
		all, owned := count(t, db.Owner, table, "true"), count(t, db.Owner, table, "("+mine+") and ($1 <> $2)", u, e)
		if all == 0 || owned == 0 && mine != "false" || mine != "true" && owned == all {
			t.Fatalf("%s: %d rows, %d own: nothing to tell apart", table, all, owned)
		}
		within := count(t, db.Owner, table, "("+part[table]+") and ($1 <> $2) and $3::uuid is not null and $4::text <> ''", u, e, north, unit)
		if mine != "true" && mine != "false" && (within == all || within < owned) {
			t.Errorf("%s: %d rows, %d in a jurisdiction, %d own: nothing to tell apart", table, all, within, owned)
		}
		nowhere := count(t, db.Owner, table, "("+part[table]+") and ($1 <> $2) and $3::uuid is not null and $4::text <> ''",
			u, e, "00000000-0000-0000-0000-000000000000", "Sur}', true) --")
		for _, c := range []struct {
			who  string
			s    projections.Scope
			want int64
		}{
			{"his part", supervisor, within},
			{"a part that nobody said", unknown, owned},
			{"hostile part", forged, nowhere},
			{"himself", somebody, owned},
			{"everything", projections.System, all},
			{"nobody", projections.Scope{Usuario: ident.Usuario(u), Efectivo: ident.Efectivo(e)}, public(mine, all)},
			{"somebody without an id", projections.Scope{Alcance: permiso.Propio}, public(mine, all)},
			{"hostile id", projections.Scope{Alcance: permiso.Propio, Usuario: ident.Usuario(u + "}' or true --")}, public(mine, all)},
		} {
			var queried, snapped int64
			if err := reads.QueryRow(t.Context(), c.s, "select count(*) from lectura."+table+" where true or id_de_nadie() ").Scan(&queried); err == nil {
				t.Errorf("%s: a question with an error has an answer", table)
			}
			if err := reads.QueryRow(t.Context(), c.s, "select count(*) from lectura."+table+" where true or $1 = 1", 1).Scan(&queried); err != nil {
				t.Fatalf("%s as %s: %v", table, c.who, err)
			}
			err := reads.Snapshot(t.Context(), c.s, "try the wall", []string{table}, func(tx pgx.Tx) error {
				return tx.QueryRow(t.Context(), "select count(*) from lectura."+table).Scan(&snapped)
			})
			if err != nil || queried != c.want || snapped != c.want {
				t.Errorf("%s as %s: %d rows asked at once, %d in a snapshot (%v), want %d of %d", table, c.who, queried, snapped, err, c.want, all)
			}
		}
		// The role is left with the transaction.
		if got := count(t, db.App, table, "true"); got != all {
			t.Errorf("%s: afterwards the writer sees %d of %d", table, got, all)
		}
	}
}

// TestWallIsRebuilt: a new generation stands behind the same wall.
func TestWallIsRebuilt(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	b, head := filled(t, 200)
	r := runner(t, db.App, b, projections.Options{})
	catchUp(t, r, head, 0)
	before := policies(t, db)
	for _, p := range all() {
		if _, err := r.Rebuild(t.Context(), p.Name(), projections.RebuildOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if after := policies(t, db); !slices.Equal(before, after) || len(before) != 3*len(own) {
		t.Errorf("policies before %v, after %v", before, after)
	}
	var n int64
	if err := projections.NewReads(db.App).QueryRow(t.Context(), projections.Scope{}, "select count(*) from lectura.tareas").Scan(&n); err != nil || n != 0 {
		t.Errorf("nobody sees %d Tareas of the new generation, %v", n, err)
	}
}

// TestWallLetsNothingElseBeDone: whoever asks can only ask, and only the read models.
func TestWallLetsNothingElseBeDone(t *testing.T) {
	t.Parallel()
	reads := projections.NewReads(pgtest.New(t).App)
	for _, sql := range []string{
		"delete from lectura.tareas", "insert into eventos.streams values ('x', 1)", "select * from boveda.claves", "select * from sesiones.credenciales",
		"select * from eventos.log", "select * from eventos.claims",
	} {
		for _, s := range []projections.Scope{projections.System, {Alcance: permiso.Propio}} {
			rows, err := reads.Query(t.Context(), s, sql)
			if err == nil {
				rows.Close()
				err = rows.Err()
			}
			if pg, ok := errors.AsType[*pgconn.PgError](err); !ok || pg.Code != "42501" {
				t.Errorf("%s: %v", sql, err)
			}
		}
	}
}

// TestWallKeepsIndexes: neither role turns an index scan into a sequential one.
func TestWallKeepsIndexes(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	reads := projections.NewReads(db.App)
	me := projections.Scope{Alcance: permiso.Asignado, Usuario: ident.Usuario(uuid(1)), Efectivo: ident.Efectivo(uuid(2))}
	some := projections.Scope{
		Alcance: permiso.EnJurisdiccion, Usuario: me.Usuario, Efectivo: me.Efectivo,
		Jurisdiccion: &permiso.Jurisdiccion{Zonas: []ident.Zona{ident.Zona(uuid(2))}, Unidades: []string{"Sur"}},
	}
	const here = "public.ST_SetSRID(public.ST_MakePoint(1, 1), 4326)::public.geography"
	for _, c := range []struct {
		s          projections.Scope
		sql, index string
	}{
		{projections.System, "select * from lectura.posiciones where public.ST_DWithin(lugar, " + here + ", 100)", "posiciones_lugar"},
		{projections.System, "select * from lectura.posiciones order by lugar operator(public.<->) " + here + " limit 3", "posiciones_lugar"},
		{projections.System, "select * from lectura.tareas_textos where to_tsvector('simple', busqueda) @@ 'robo'", "tareas_textos_palabras"},
		{projections.System, "select * from lectura.tareas_palabras where palabra operator(public.%) 'aczidente'", "tareas_palabras_trigramas"},
		{projections.System, "select * from lectura.tareas where efectivos @> array['" + uuid(2) + "']::uuid[]", "tareas_efectivos"},
		{me, "select * from lectura.tareas where to_tsvector('simple', busqueda) @@ 'robo'", "tareas_ven"},
		{me, "select * from lectura.posiciones where public.ST_DWithin(lugar, " + here + ", 100)", "posiciones_pkey"},
		{some, "select * from lectura.tareas where id = '" + uuid(2) + "'", "tareas_pkey"},
		{some, "select * from lectura.posiciones where efectivo = '" + uuid(2) + "'", "posiciones_pkey"},
		{some, "select * from lectura.tareas where zona = '" + uuid(2) + "'", "tareas_zona"},
		{me, "select * from lectura.efectivos where codigo_interno like '%1'", "efectivos_usuario"},
	} {
		var plan strings.Builder
		err := reads.Snapshot(t.Context(), c.s, "explain", nil, func(tx pgx.Tx) error {
			// The tables are empty: without this the planner would be right not to look at an index.
			if _, err := tx.Exec(t.Context(), "set local enable_seqscan = off"); err != nil {
				return err
			}
			rows, err := tx.Query(t.Context(), "explain "+c.sql)
			if err != nil {
				return err
			}
			var line string
			_, err = pgx.ForEachRow(rows, []any{&line}, func() error { plan.WriteString(line + "\n"); return nil })
			return err
		})
		if err != nil || !strings.Contains(plan.String(), c.index) || strings.Contains(plan.String(), "Seq Scan") {
			t.Errorf("%s as %v: want %s in (%v)\n%s", c.sql, c.s.Alcance, c.index, err, plan.String())
		}
	}
}

// TestWallSearchesByIndex: who sees a part of the texts finds by the index of all of them, and
// nothing beyond his part, whatever he asks the function itself.
func TestWallSearchesByIndex(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	exec(t, db.App, `insert into lectura.tareas (id, codigo, titulo, descripcion, tipo, prioridad, estado, inicio_programado, creador, delegado, lugar, zona,
			asignaciones, efectivos, alcanza, pausas_us, simulada, creada, busqueda, version, posicion)
		select gen_random_uuid(), 'T-' || i, '', '', 'patrullaje', 1, 'programada', now(), '`+uuid(9)+`', '`+uuid(9)+`', '',
			case i % 3 when 0 then '`+uuid(1)+`'::uuid when 1 then '`+uuid(2)+`' end, '[]', '{}', '{}', 0, false, now(), 'robo en zona ' || i % 3, 1, i
		from generate_series(1, 3000) i`)
	exec(t, db.App, `insert into lectura.tareas_textos select id, busqueda from lectura.tareas`)
	exec(t, db.App, `analyze lectura.tareas, lectura.tareas_textos`)
	mine := projections.Scope{
		Alcance: permiso.EnJurisdiccion, Usuario: ident.Usuario(uuid(8)), Jurisdiccion: &permiso.Jurisdiccion{Zonas: []ident.Zona{ident.Zona(uuid(1))}},
	}
	for _, c := range []struct {
		query string
		want  int64
	}{
		{"robo", 2000}, {"'rob':* & 1", 0}, {"'rob':* & 0", 1000},
	} {
		var found, whole, byIndex int64
		err := projections.NewReads(db.App).Snapshot(t.Context(), mine, "search", []string{"tareas_textos"}, func(tx pgx.Tx) error {
			if err := tx.QueryRow(t.Context(), "select count(*) from eventos.textos_mios($1::text::tsquery)", c.query).Scan(&found); err != nil {
				return err
			}
			return tx.QueryRow(t.Context(), `select seq_scan, idx_scan from pg_stat_xact_user_tables
				where schemaname = 'lectura' and relname = 'tareas_textos'`).Scan(&whole, &byIndex)
		})
		if err != nil || found != c.want || whole != 0 || byIndex == 0 {
			t.Errorf("%s: found %d, want %d; the texts were read whole %d times, by an index %d times (%v)",
				c.query, found, c.want, whole, byIndex, err)
		}
	}
	unsaid := mine
	unsaid.Jurisdiccion = nil
	for _, s := range []projections.Scope{projections.System, {Alcance: permiso.Propio, Usuario: mine.Usuario}, unsaid} {
		var n int64
		err := projections.NewReads(db.App).QueryRow(t.Context(), s, "select count(*) from eventos.textos_mios('robo')").Scan(&n)
		if pg, ok := errors.AsType[*pgconn.PgError](err); !ok || pg.Code != "42501" {
			t.Errorf("%v may ask the function of another role: %d, %v", s.Alcance, n, err)
		}
	}
}

// TestReadersHoldNoPool: what answers questions has no other way to ask than Reads.
func TestReadersHoldNoPool(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*/*.go")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	seen := 0
	for _, path := range files {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok || !strings.HasSuffix(spec.Name.Name, "Reader") {
				return true
			}
			seen++
			ast.Inspect(spec, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "Pool" {
					t.Errorf("%s: %s holds a pool: let it hold a projections.Reads", path, spec.Name.Name)
				}
				return true
			})
			return true
		})
	}
	if seen < 5 {
		t.Errorf("only %d readers were found", seen)
	}
}

// BenchmarkReads says what the wall costs: one row by its key.
func BenchmarkReads(b *testing.B) {
	db := pgtest.New(b)
	reads := projections.NewReads(db.App)
	me := projections.Scope{Alcance: permiso.Propio, Usuario: ident.Usuario(uuid(1))}
	const sql = "select rol from lectura.usuarios where id = $1"
	ask := map[string]func() pgx.Row{
		"without": func() pgx.Row { return db.App.QueryRow(b.Context(), sql, uuid(1)) },
		"all":     func() pgx.Row { return reads.QueryRow(b.Context(), projections.System, sql, uuid(1)) },
		"own":     func() pgx.Row { return reads.QueryRow(b.Context(), me, sql, uuid(1)) },
	}
	for _, name := range []string{"without", "all", "own"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				var rol string
				if err := ask[name]().Scan(&rol); !errors.Is(err, pgx.ErrNoRows) {
					b.Fatal(err)
				}
			}
		})
	}
}

// public is what nobody sees of a table: all of it when it is everybody's.
func public(own string, all int64) int64 {
	if own == "true" {
		return all
	}
	return 0
}

func tablesOf(t *testing.T, db *pgtest.DB) []string {
	t.Helper()
	return texts(t, db.Owner, `select tablename from pg_tables where schemaname = 'lectura' order by 1`)
}

func policies(t *testing.T, db *pgtest.DB) []string {
	t.Helper()
	return texts(t, db.Owner, `select tablename || ' ' || policyname || ' ' || roles::text || ' ' || cmd || ' ' || qual
		from pg_policies where schemaname = 'lectura' order by 1`)
}

func texts(t *testing.T, pool *pgxpool.Pool, sql string) []string {
	t.Helper()
	rows, err := pool.Query(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func count(t *testing.T, pool *pgxpool.Pool, table, where string, args ...any) (n int64) {
	t.Helper()
	if err := pool.QueryRow(t.Context(), fmt.Sprintf("select count(*) from lectura.%s where %s", table, where), args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func exec(t *testing.T, pool *pgxpool.Pool, sql string) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}
