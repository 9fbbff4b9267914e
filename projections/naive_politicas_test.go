package projections_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/ops/pgtest"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/politicas"
)

// watch makes a log of what somebody has to wait for, and of what ends the waiting.
func (g *rumour) watch(n int) []eventstore.Recorded {
	for told := range n {
		i := g.rng.IntN(few)
		if g.rng.IntN(3) == 0 {
			g.guard(told, ident.Efectivo(g.id(2, i)))
			continue
		}
		g.errand(ident.Tarea(g.id(5, told/60*few+i)))
	}
	log, err := g.b.ReadLog(g.t.Context(), 0, 2*n)
	if err != nil || len(log) < n {
		g.t.Fatal(len(log), err)
	}
	return log
}

func (g *rumour) guard(told int, id ident.Efectivo) {
	if g.at[id.Stream()] == 0 {
		g.tell(id.Stream(), efectivo.Registrado{ID: id, CodigoInterno: string(id[24:]), Aceleracion: float64(g.rng.IntN(3)), En: g.now})
		return
	}
	if g.last == 0 || g.rng.IntN(4) == 0 {
		g.last++
		g.tell(id.Stream(), efectivo.LicenciaAprobada{Licencia: ident.Licencia(g.id(6, told)), Desde: g.now.Add(time.Hour), Hasta: g.now.Add(2 * time.Hour), En: g.now})
		g.open[int(id[35])] = ident.Turno(g.id(6, told)) // his newest leave
		return
	}
	leave := ident.Licencia(g.open[int(id[35])])
	g.tell(id.Stream(), []event.Event{
		efectivo.SOSActivado{En: g.now},
		efectivo.SOSAtendido{En: g.now},
		efectivo.DisponibilidadCambiada{Disponibilidad: efectivo.EnLicencia, Causa: efectivo.PorLicencia, Licencia: leave, En: g.now},
		efectivo.DisponibilidadCambiada{Disponibilidad: efectivo.Disponible, Causa: efectivo.PorFinLicencia, Licencia: leave, En: g.now},
		efectivo.DadoDeBaja{En: g.now},
	}[min(g.rng.IntN(13)/3, 4)])
}

func (g *rumour) errand(id ident.Tarea) {
	soon, late := g.now.Add(time.Hour), g.now.Add(2*time.Hour)
	if g.at[id.Stream()] == 0 {
		c := tarea.Creada{ID: id, Codigo: string(id[24:]), Tipo: tarea.Patrullaje, Prioridad: tarea.Alta, InicioProgramado: soon, En: g.now}
		if g.rng.IntN(2) == 0 {
			c.FinProgramado = &late
		}
		g.tell(id.Stream(), c)
		return
	}
	e := ident.Efectivo(g.id(2, g.rng.IntN(few)))
	g.tell(id.Stream(), []event.Event{
		tarea.EfectivoOfrecido{Efectivo: e, Vence: g.now.Add(time.Minute), En: g.now},
		tarea.EfectivoOfrecido{Efectivo: e, Vence: g.now.Add(time.Minute), En: g.now},
		tarea.EfectivoAsignado{Efectivo: e, En: g.now},
		tarea.AsignacionAceptada{Efectivo: e, En: g.now},
		tarea.EfectivoEnCamino{Efectivo: e, En: g.now},
		tarea.EfectivoEnLugar{Efectivo: e, En: g.now},
		tarea.AsignacionRechazada{Efectivo: e, En: g.now},
		tarea.EfectivoLiberado{Efectivo: e, En: g.now},
		tarea.Escalada{Nivel: 1 + g.rng.IntN(3), En: g.now},
		tarea.Escalada{Nivel: 1, A: e, En: g.now},
		tarea.Modificada{InicioProgramado: &soon, En: g.now},
		tarea.Modificada{FinProgramado: &late, En: g.now},
		tarea.Modificada{SinFin: true, En: g.now},
		tarea.Iniciada{En: g.now},
		tarea.Finalizada{En: g.now},
		tarea.Reabierta{En: g.now},
		tarea.Reabierta{En: g.now},
	}[g.rng.IntN(17)])
}

// waits are the lines of what is waited for of one thing, told from its whole history, backwards
// and forwards, as somebody would who reads it.
func waits(history []eventstore.Recorded) (lines []string) {
	id := projections.Key(history[0].Stream)
	if _, ok := history[0].Event.(tarea.Creada); ok {
		return waitsOfTarea(id, history)
	}
	return waitsOfEfectivo(id, history)
}

func wait(clase, objeto string, efectivo any, nivel int, base time.Time, desde string, more any) string {
	return fmt.Sprintln(clase, objeto, efectivo, nivel, instant(base), desde, more)
}

func waitsOfTarea(id string, history []eventstore.Recorded) (lines []string) {
	var (
		open, begun        bool
		start, end, said   time.Time
		deserted, bound    time.Time
		left               time.Time // by the last one
		again              time.Time // taken up with the end it has
		level              int
		who                []ident.Efectivo // ever bound
		boundAt, offeredTo = map[ident.Efectivo]time.Time{}, map[ident.Efectivo]time.Time{}
	)
	bind := func(e ident.Efectivo, en, until time.Time) {
		if !slices.Contains(who, e) {
			who = append(who, e)
		}
		boundAt[e], offeredTo[e], bound = en, until, en
	}
	leave := func(e ident.Efectivo, en time.Time) {
		if _, was := boundAt[e]; was && len(boundAt) == 1 {
			left = en
		}
		delete(boundAt, e)
	}
	for _, r := range history {
		switch e := r.Event.(type) {
		case tarea.Creada:
			open, start, said = true, e.InicioProgramado, e.En
			if e.FinProgramado != nil {
				end = *e.FinProgramado
			}
		case tarea.Modificada:
			switch {
			case e.InicioProgramado != nil:
				start, said = *e.InicioProgramado, e.En
			case e.SinFin:
				end = time.Time{}
			default:
				end, again = *e.FinProgramado, time.Time{}
			}
		case tarea.EfectivoOfrecido:
			bind(e.Efectivo, e.En, e.Vence)
		case tarea.EfectivoAsignado:
			bind(e.Efectivo, e.En, time.Time{})
		case tarea.AsignacionAceptada:
			delete(offeredTo, e.Efectivo)
		case tarea.EfectivoEnCamino:
			delete(offeredTo, e.Efectivo)
		case tarea.EfectivoEnLugar:
			delete(offeredTo, e.Efectivo)
		case tarea.AsignacionRechazada:
			leave(e.Efectivo, e.En)
		case tarea.EfectivoLiberado:
			leave(e.Efectivo, e.En)
		case tarea.Escalada:
			if e.A == "" && len(boundAt) == 0 {
				deserted, level = e.En, e.Nivel
			}
		case tarea.Iniciada:
			begun = true
		case tarea.Finalizada:
			open = false
		case tarea.Reabierta:
			open, again = true, e.En
		}
	}
	if !open {
		return nil
	}
	for _, e := range who {
		since, still := boundAt[e]
		switch until := offeredTo[e]; {
		case !still:
		case !until.IsZero():
			lines = append(lines, wait("oferta", id, e, 0, until, "", ""))
		case !begun:
			if said.After(since) {
				since = said
			}
			for n := 1; n <= 3; n++ {
				lines = append(lines, wait("recordatorio", id, e, n, start, instant(since), ""))
			}
		}
	}
	if !begun && len(boundAt) == 0 {
		if said.After(left) {
			left = said
		}
		for n := 1; n <= 3; n++ {
			lines = append(lines, wait("recordatorio", id, "", n, start, instant(left), ""))
		}
	}
	if deserted.After(bound) {
		lines = append(lines, wait("desatendida", id, "", level, deserted, "", ""))
	}
	if !end.IsZero() {
		late := end
		if again.After(end) {
			late = again
		}
		lines = append(lines, wait("vencida", id, "", 0, late, "", ""))
	}
	return lines
}

func waitsOfEfectivo(id string, history []eventstore.Recorded) (lines []string) {
	for i, r := range history {
		e, ok := r.Event.(efectivo.LicenciaAprobada)
		if !ok {
			continue
		}
		running, over := false, false
		for _, later := range history[i:] {
			switch l := later.Event.(type) {
			case efectivo.DisponibilidadCambiada:
				if l.Licencia == e.Licencia {
					running, over = true, over || l.Causa == efectivo.PorFinLicencia
				}
			case efectivo.DadoDeBaja:
				over = true
			}
		}
		switch {
		case over:
		case running:
			lines = append(lines, wait("licencia_termina", id, id, 0, e.Hasta, "", e.Licencia))
		default:
			lines = append(lines, wait("licencia_comienza", id, id, 0, e.Desde, "", e.Licencia))
		}
	}
	for _, r := range slices.Backward(history) {
		if _, ok := r.Event.(efectivo.SOSAtendido); ok {
			break
		}
		if e, ok := r.Event.(efectivo.SOSActivado); ok {
			for n := 1; n <= 5; n++ {
				lines = append(lines, wait("sos", id, id, n, e.En, "", fmt.Sprintf("%s@%d", r.Stream, r.Version)))
			}
			break
		}
	}
	return lines
}

// TestTimersAreTheNaiveFold: at every one of 1,000 positions the timers are what the history of
// each thing leaves to be waited for, and a fresh replay comes to the same.
func TestTimersAreTheNaiveFold(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	g := &rumour{
		t: t, b: newBook(), rng: rand.New(rand.NewPCG(17, 18)), now: time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC),
		at: map[string]int64{}, open: map[int]ident.Turno{},
	}
	log := g.watch(1000)
	r := projections.NewRunner(db.App, g.b, g.b, projections.Options{Lease: time.Minute}, politicas.Projection{})
	histories, lines, failed, kinds := map[eventstore.StreamID][]eventstore.Recorded{}, map[eventstore.StreamID][]string{}, 0, map[string]bool{}
	err := r.CatchUp(t.Context(), politicas.Name, log[len(log)-1].Position, 1, func(at, _ int64) {
		fact := log[at-1]
		histories[fact.Stream] = append(histories[fact.Stream], fact)
		lines[fact.Stream] = waits(histories[fact.Stream])
		if failed > 2 {
			return
		}
		var want []string
		for _, of := range lines {
			want = append(want, of...)
		}
		slices.Sort(want)
		for _, line := range want {
			kind, _, _ := strings.Cut(line, " ")
			kinds[kind] = true
		}
		if diff := difference(want, storedTimers(t, db)); diff != "" {
			failed++
			t.Errorf("at %d, after %T (-naive +stored):\n%s", at, fact.Event, diff)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(kinds) != 7 {
		t.Errorf("of the kinds of timers only %v came about", kinds)
	}
	rows, err := db.App.Query(t.Context(), "select objeto::text, aceleracion::text, posicion from lectura.politicas")
	if err != nil {
		t.Fatal(err)
	}
	var id, speed string
	var last int64
	n, err := pgx.ForEachRow(rows, []any{&id, &speed, &last}, func() error {
		for stream, h := range histories {
			if projections.Key(stream) != id {
				continue
			}
			want := 1.0
			if reg, ok := h[0].Event.(efectivo.Registrado); ok {
				want = max(1, reg.Aceleracion)
			}
			if got, err := strconv.ParseFloat(speed, 64); err != nil || got != want || last != int64(h[len(h)-1].Position) {
				t.Errorf("%s lives %s times as fast and is of %d, want %v and %d", stream, speed, last, want, h[len(h)-1].Position)
			}
			return nil
		}
		return fmt.Errorf("nobody spoke of %s", id)
	})
	if err != nil || n.RowsAffected() != int64(len(histories)) {
		t.Errorf("%d rows of %d things, %v", n.RowsAffected(), len(histories), err)
	}
	replayed, err := r.Replay(t.Context(), projections.ReplayOptions{Schema: "otra", Drop: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range replayed {
		if len(one.Different) > 0 {
			t.Errorf("a fresh replay differs: %+v", one)
		}
	}
}

func storedTimers(t *testing.T, db *pgtest.DB) (lines []string) {
	t.Helper()
	rows, err := db.App.Query(t.Context(), `select clase, objeto::text, coalesce(efectivo::text, ''), nivel, base, desde,
		coalesce(timer::json->>'licencia', timer::json->>'alerta', '') from lectura.timers`)
	if err != nil {
		t.Fatal(err)
	}
	var (
		clase, objeto, who, more string
		nivel                    int
		base                     time.Time
		desde                    *time.Time
	)
	_, err = pgx.ForEachRow(rows, []any{&clase, &objeto, &who, &nivel, &base, &desde, &more}, func() error {
		since := ""
		if desde != nil {
			since = instant(*desde)
		}
		lines = append(lines, wait(clase, objeto, who, nivel, base, since, more))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(lines)
	return lines
}
