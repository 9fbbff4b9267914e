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

	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
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
	d := efectivos.NewDespliegue(db.App, quiet{}, quiet{}, slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(context.WithoutCancel(tb.Context()))
	var running sync.WaitGroup
	running.Go(func() { _ = d.Run(ctx) })
	tb.Cleanup(func() { stop(); running.Wait() })
	return d, db
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
	if len(got) < 256 || !slices.Equal(got, want[:len(got)]) {
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
