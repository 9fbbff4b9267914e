package efectivos_test

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/ops/pgtest"
	"github.com/grupo-gad/gad/projections/efectivos"
)

// quiet is a log and a telemetry log in which nothing more happens.
type quiet struct{ eventstore.TelemetryReader }

func (quiet) Head(context.Context) (eventstore.Position, error)   { return 0, nil }
func (quiet) HeadBatch(context.Context) (eventstore.Batch, error) { return 0, nil }

func (quiet) Follow(ctx context.Context, _ eventstore.Position) iter.Seq2[[]eventstore.Recorded, error] {
	return func(func([]eventstore.Recorded, error) bool) { <-ctx.Done() }
}

func (quiet) FollowBatches(ctx context.Context, _ eventstore.Batch) iter.Seq2[eventstore.TelemetryBatch, error] {
	return func(func(eventstore.TelemetryBatch, error) bool) { <-ctx.Done() }
}

// deployed fills the read models with so many people and returns a Despliegue over them.
func deployed(tb testing.TB, n int) (*efectivos.Despliegue, *pgtest.DB) {
	tb.Helper()
	db := pgtest.New(tb)
	rng := rand.New(rand.NewPCG(1, 2))
	for _, sql := range []string{
		`insert into lectura.efectivos (id, usuario, codigo_interno, rango, unidad, especialidad, disponibilidad, turno, tareas,
			simulado, aceleracion, busqueda, version, posicion)
		 select ('00000000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, gen_random_uuid(), 'M-' || i, '', '', '',
			case when i % 5 = 0 then 'en_tarea' else 'disponible' end, case when i % 7 = 0 then null else gen_random_uuid() end, '{}', false, 1, '', 1, 1
		 from generate_series(1, ` + fmt.Sprint(n) + `) i`,
		`select setseed(` + fmt.Sprint(rng.Float64()) + `)`,
		`insert into lectura.posiciones (efectivo, en, recibida, lat, lon, precision_m, velocidad, rumbo, fuente, simulada)
		 select id, now(), now(), -34.6 + (random() - 0.5) * 1.2, -58.4 + (random() - 0.5) * 1.2, 5, -1, -1, 'rest', false from lectura.efectivos`,
	} {
		if _, err := db.Owner.Exec(tb.Context(), sql); err != nil {
			tb.Fatal(err)
		}
	}
	return follow(tb, db), db
}

// follow runs a Despliegue over what the read models hold now.
func follow(tb testing.TB, db *pgtest.DB) *efectivos.Despliegue {
	tb.Helper()
	d := efectivos.NewDespliegue(db.App, quiet{}, quiet{}, slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(context.WithoutCancel(tb.Context()))
	var running sync.WaitGroup
	running.Go(func() { _ = d.Run(ctx) })
	tb.Cleanup(func() { stop(); running.Wait() })
	return d
}

// late is a log and a telemetry log of one person each: his first position comes before the fact
// that there is he.
type late struct {
	quiet
	fix    eventstore.Fix
	facts  []eventstore.Recorded
	passed chan struct{} // the position was taken
}

func (l late) Head(context.Context) (eventstore.Position, error) {
	return eventstore.Position(len(l.facts)), nil
}
func (late) HeadBatch(context.Context) (eventstore.Batch, error) { return 1, nil }

func (l late) FollowBatches(ctx context.Context, _ eventstore.Batch) iter.Seq2[eventstore.TelemetryBatch, error] {
	return func(yield func(eventstore.TelemetryBatch, error) bool) {
		yield(eventstore.TelemetryBatch{Batch: 1, Fixes: []eventstore.Fix{l.fix}}, nil)
		close(l.passed)
		<-ctx.Done()
	}
}

func (l late) Follow(ctx context.Context, _ eventstore.Position) iter.Seq2[[]eventstore.Recorded, error] {
	return func(yield func([]eventstore.Recorded, error) bool) {
		<-l.passed
		yield(l.facts, nil)
		<-ctx.Done()
	}
}

// TestPositionBeforeItsPerson: facts and positions are followed apart; none is lost.
func TestPositionBeforeItsPerson(t *testing.T) {
	t.Parallel()
	id, now, here := ident.Efectivo("00000000-0000-7000-8000-000000000001"), time.Now(), geo.Punto{Lat: -34.6, Lon: -58.4}
	l := late{
		fix:    eventstore.Fix{Efectivo: string(id), DeviceAt: now, Lat: here.Lat, Lon: here.Lon},
		passed: make(chan struct{}),
	}
	for i, e := range []event.Event{efectivo.Registrado{ID: id, En: now}, efectivo.TurnoIniciado{Turno: "00000000-0000-7000-8000-000000000002", En: now}} {
		l.facts = append(l.facts, eventstore.Recorded{Position: eventstore.Position(i + 1), Stream: eventstore.StreamID(id.Stream()), Event: e})
	}
	r := recommended(t, pgtest.New(t), l, here, now)
	if !slices.Equal(r.Efectivos(), []ident.Efectivo{id}) {
		t.Errorf("recommended %v", r.Efectivos())
	}
}

// TestWhoMayNotComeInIsNotSent: whoever was blocked, or has left, is excluded and the reason is
// kept, until he is let in again.
func TestWhoMayNotComeInIsNotSent(t *testing.T) {
	t.Parallel()
	id, who, now, here := ident.Efectivo("00000000-0000-7000-8000-000000000001"), ident.Usuario("00000000-0000-7000-8000-000000000003"), time.Now(), geo.Punto{Lat: -34.6, Lon: -58.4}
	on := []event.Event{efectivo.Registrado{ID: id, Usuario: who, En: now}, efectivo.TurnoIniciado{Turno: "00000000-0000-7000-8000-000000000002", En: now}}
	for name, c := range map[string]struct {
		facts []event.Event
		shut  bool
	}{
		"blocked":         {append(on[:2:2], usuario.Bloqueado{En: now}), true},
		"before he was":   {append([]event.Event{usuario.Bloqueado{En: now}}, on...), true},
		"gone":            {append(on[:2:2], usuario.DadoDeBaja{En: now}), true},
		"let in again":    {append(on[:2:2], usuario.Bloqueado{En: now}, usuario.Desbloqueado{En: now}), false},
		"something else":  {append(on[:2:2], usuario.CredencialCambiada{En: now}), false},
		"somebody before": {on, false},
	} {
		l := late{fix: eventstore.Fix{Efectivo: string(id), DeviceAt: now, Lat: here.Lat, Lon: here.Lon}, passed: make(chan struct{})}
		for i, e := range c.facts {
			stream := id.Stream()
			if _, ok := e.(usuario.Event); ok {
				stream = who.Stream()
			}
			l.facts = append(l.facts, eventstore.Recorded{Position: eventstore.Position(i + 1), Stream: eventstore.StreamID(stream), Event: e})
		}
		r := recommended(t, pgtest.New(t), l, here, now)
		if got := slices.Contains(r.Exclusiones, tarea.Cuenta{Causa: tarea.SinAcceso, Cantidad: 1}); got != c.shut || c.shut == slices.Contains(r.Efectivos(), id) {
			t.Errorf("%s: excluded for it %t, recommended %v", name, got, r.Efectivos())
		}
	}
}

// recommended is who should go, by what the read models hold and these facts after them.
func recommended(t *testing.T, db *pgtest.DB, l late, here geo.Punto, now time.Time) tarea.Recomendacion {
	t.Helper()
	d := efectivos.NewDespliegue(db.App, l, l, slog.New(slog.DiscardHandler)).Patient(time.Minute)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	running.Go(func() { _ = d.Run(ctx) })
	defer func() { stop(); running.Wait() }()
	r, _, err := d.Recomendar(t.Context(), here, now, tarea.CriteriosPorDefecto())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The read models it starts from need not have come equally far: each is told what it does not
// know yet, and nothing twice.
func TestDespliegueStartsFromUnevenReadModels(t *testing.T) {
	t.Parallel()
	id, who, now, here := ident.Efectivo("00000000-0000-7000-8000-000000000001"), ident.Usuario("00000000-0000-7000-8000-000000000003"), time.Now(), geo.Punto{Lat: -34.6, Lon: -58.4}
	db := pgtest.New(t)
	for _, sql := range []string{
		`insert into lectura.efectivos (id, usuario, codigo_interno, rango, unidad, especialidad, disponibilidad, turno, tareas,
			simulado, aceleracion, busqueda, carga, version, posicion)
		 values ('` + string(id) + `', '` + string(who) + `', 'M-1', '', '', '', 'disponible', gen_random_uuid(), '{}', false, 1, '', 1, 4, 4)`,
		`insert into lectura.usuarios (id, sujeto, rol, nombre, telegram, simulado, version, posicion, estado)
		 values ('` + string(who) + `', gen_random_uuid(), 'efectivo', '', false, false, 1, 1, 'bloqueado')`,
		`insert into eventos.checkpoints (projection, target, version, position) values ('efectivos', 'lectura', 2, 2), ('usuarios', 'lectura', 2, 1)`,
	} {
		if _, err := db.Owner.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	work := ident.Tarea("00000000-0000-7000-8000-000000000009")
	l := late{fix: eventstore.Fix{Efectivo: string(id), DeviceAt: now, Lat: here.Lat, Lon: here.Lon}, passed: make(chan struct{}), facts: []eventstore.Recorded{
		{Position: 2, Stream: eventstore.StreamID(id.Stream()), Event: efectivo.DisponibilidadCambiada{Disponibilidad: efectivo.EnTarea, Causa: efectivo.PorAsignacion, Tarea: work, En: now}},
		{Position: 3, Stream: eventstore.StreamID(who.Stream()), Event: usuario.Desbloqueado{En: now}},
	}}
	r := recommended(t, db, l, here, now)
	if len(r.Candidatos) != 1 || r.Candidatos[0].Carga != 1 {
		t.Errorf("recommended %+v, excluded %v", r.Candidatos, r.Exclusiones)
	}
}

// TestDespliegueMeasuresLikePostGIS: the ranking is that of the database's geography, to the
// centimetre, and everybody is accounted for.
func TestDespliegueMeasuresLikePostGIS(t *testing.T) {
	t.Parallel()
	d, db := deployed(t, 3000)
	here := geo.Punto{Lat: -34.6037, Lon: -58.3816}
	r, siguientes, err := d.Recomendar(t.Context(), here, time.Now(), tarea.CriteriosPorDefecto())
	if err != nil {
		t.Fatal(err)
	}
	rows, err := db.Owner.Query(t.Context(), `
		select id, d from (select e.id::text, ST_Distance(p.lugar, ST_SetSRID(ST_MakePoint($1, $2), 4326)::geography) as d
		from lectura.efectivos e join lectura.posiciones p on p.efectivo = e.id
		where e.turno is not null and e.disponibilidad = 'disponible'
		and ST_DWithin(p.lugar, ST_SetSRID(ST_MakePoint($1, $2), 4326)::geography, 50000)) q order by round(d::numeric, 2), id`, here.Lon, here.Lat)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var want []ident.Efectivo
	var metres []float64
	for rows.Next() {
		var id string
		var m float64
		if err := rows.Scan(&id, &m); err != nil {
			t.Fatal(err)
		}
		want, metres = append(want, ident.Efectivo(id)), append(metres, m)
	}
	got := slices.Concat(r.Efectivos(), siguientes)
	if len(got) != 256 || !slices.Equal(got, want[:len(got)]) {
		t.Errorf("the order of %d differs from that of the database", len(got))
	}
	for i, c := range r.Candidatos {
		if diff := *c.DistanciaM - metres[i]; diff > 0.0051 || diff < -0.0051 {
			t.Errorf("%s: %v m, the database says %v", c.Efectivo, *c.DistanciaM, metres[i])
		}
	}
	total := len(r.Candidatos) + r.Mas
	if total != len(want) {
		t.Errorf("%d are suitable, the database says %d", total, len(want))
	}
	for _, c := range r.Exclusiones {
		total += c.Cantidad
	}
	if total != 3000 {
		t.Errorf("%d of 3000 are accounted for", total)
	}
	if !r.Recalcular().Igual(r) {
		t.Error("computed again it is another")
	}
}

func BenchmarkRecomendar(b *testing.B) {
	d, _ := deployed(b, 10_000)
	here, k := geo.Punto{Lat: -34.6037, Lon: -58.3816}, tarea.CriteriosPorDefecto()
	for b.Loop() {
		if _, _, err := d.Recomendar(b.Context(), here, time.Now(), k); err != nil {
			b.Fatal(err)
		}
	}
}

// TestRecomendarIsTheWholeRanking: from anywhere, what is found by looking at few exactly is
// what comes out of measuring everybody.
func TestRecomendarIsTheWholeRanking(t *testing.T) {
	t.Parallel()
	_, db := deployed(t, 700)
	// A third of them all over the world, some on one spot, some leaving, some long unheard of.
	for _, sql := range []string{
		`update lectura.posiciones set lat = -90 + 180 * random(), lon = -180 + 360 * random() where get_byte(uuid_send(efectivo), 15) % 3 = 0`,
		`update lectura.posiciones set lat = 10, lon = 179.9999 where get_byte(uuid_send(efectivo), 15) % 32 = 1`,
		`update lectura.posiciones set en = en - interval '11 minutes' where get_byte(uuid_send(efectivo), 15) % 16 = 2`,
		`update lectura.efectivos set de_baja = true where get_byte(uuid_send(id), 15) % 64 = 5`,
		`update lectura.efectivos set disponibilidad = 'en_licencia' where get_byte(uuid_send(id), 15) % 64 = 6`,
		`insert into lectura.usuarios (id, sujeto, rol, nombre, telegram, simulado, version, posicion, estado)
		 select usuario, gen_random_uuid(), 'efectivo', '', false, false, 1, 1, case get_byte(uuid_send(id), 15) % 4 when 0 then 'bloqueado' when 1 then 'baja' else 'activo' end
		 from lectura.efectivos where get_byte(uuid_send(id), 15) % 16 < 6`,
		`update lectura.efectivos set carga = get_byte(uuid_send(id), 15) % 4`,
		`delete from lectura.posiciones where get_byte(uuid_send(efectivo), 15) % 64 = 7`,
	} {
		if _, err := db.Owner.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	d := follow(t, db)
	now := time.Now()
	rows, err := db.Owner.Query(t.Context(), `select e.id::text, e.disponibilidad, e.turno is not null, coalesce(u.estado <> 'activo', false), e.carga, p.lat, p.lon, p.en
		from lectura.efectivos e left join lectura.usuarios u on u.id = e.usuario left join lectura.posiciones p on p.efectivo = e.id where not e.de_baja`)
	if err != nil {
		t.Fatal(err)
	}
	type person struct {
		tarea.Aspirante
		lugar *geo.Punto
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p person, err error) {
		var lat, lon *float64
		var en *time.Time
		err = row.Scan(&p.Efectivo, &p.Disponibilidad, &p.EnTurno, &p.SinAcceso, &p.Carga, &lat, &lon, &en)
		if p.EnTurno && en != nil {
			p.lugar, p.AntiguedadS = &geo.Punto{Lat: *lat, Lon: *lon}, new(max(0, now.Sub(*en).Seconds()))
		}
		return p, err
	})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		here := geo.Punto{Lat: rapid.Float64Range(-90, 90).Draw(rt, "lat"), Lon: rapid.Float64Range(-180, 180).Draw(rt, "lon")}
		if rapid.Bool().Draw(rt, "in the city") {
			here = geo.Punto{Lat: -34.6 + here.Lat/200, Lon: -58.4 + here.Lon/400}
		}
		k := tarea.CriteriosPorDefecto()
		k.RadioM = rapid.SampledFrom([]float64{500, 50_000, 3_000_000, 30_000_000}).Draw(rt, "radio")
		everybody := make([]tarea.Aspirante, len(all))
		for i, p := range all {
			if p.lugar != nil {
				p.DistanciaM = new(geo.Geodesica(here, *p.lugar))
			}
			everybody[i] = p.Aspirante
		}
		want, after := tarea.Recomendar(k, everybody, nil)
		got, siguientes, err := d.Recomendar(t.Context(), here, now, k)
		if err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(want.Candidatos, got.Candidatos); diff != "" || want.Mas != got.Mas {
			rt.Fatalf("candidates, %d more and %d more (-all +few):\n%s", want.Mas, got.Mas, diff)
		}
		if diff := cmp.Diff(want.Exclusiones, got.Exclusiones); diff != "" || len(want.Descartados) != len(got.Descartados) {
			rt.Fatalf("exclusions, %d and %d examples (-all +few):\n%s", len(want.Descartados), len(got.Descartados), diff)
		}
		if len(siguientes) > len(after) || !slices.Equal(siguientes, after[:len(siguientes)]) || len(siguientes) < min(len(after), 236) {
			rt.Fatalf("%d come after, and of all %d", len(siguientes), len(after))
		}
		if !got.Recalcular().Igual(got) {
			rt.Fatal("computed again it is another")
		}
	})
}
