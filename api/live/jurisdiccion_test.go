package live_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/api/live"
	"github.com/grupo-gad/gad/api/live/client"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/ops/pgtest"
)

// Whoever answers for a Zona and a unidad hears of those, of what is nobody's, of whom a Tarea of
// his Zona binds while it does, and of every call for help; and sees the places of the same people.
func TestJurisdiccion(t *testing.T) {
	t.Parallel()
	fixes := openTelemetry(t, pgtest.New(t))
	n := newNode(t, func(d *live.Deps) {
		d.Positions = fixes
		d.Limits.Tick = 10 * time.Millisecond
	})
	zona := func() ident.Zona { return ident.Zona(uuid.Must(uuid.NewV7()).String()) }
	usuario := func() ident.Usuario { return ident.Usuario(uuid.NewString()) }
	mia, otra := zona(), zona()
	narrow := permiso.Autor{
		Usuario: usuario(), Rol: permiso.Supervisor, Jurisdiccion: &permiso.Jurisdiccion{Zonas: []ident.Zona{mia}, Unidades: []string{"Norte"}},
	}
	wide := permiso.Autor{Usuario: usuario(), Rol: permiso.Supervisor}
	world := &client.View{BBox: [4]float64{-60, -36, -57, -33}}
	topics := []string{"tareas", "efectivos", "alertas"}
	uno := n.subscribe(client.Options{Token: fixed(n.desk.issue(narrow, time.Hour)), Topics: topics, View: world}).welcomed(t)
	todo := n.subscribe(client.Options{Token: fixed(n.desk.issue(wide, time.Hour)), Topics: topics, View: world}).welcomed(t)

	var heard, all []eventstore.Position
	say := func(his bool, stream string, after int64, e eventAlias) {
		at := put(t, n.store, stream, after, e)
		if all = append(all, at); his {
			heard = append(heard, at)
		}
	}
	nueva := func(his bool, z ident.Zona) ident.Tarea {
		id := ident.Tarea(uuid.Must(uuid.NewV7()).String())
		say(his, id.Stream(), 0, tarea.Creada{
			ID: id, Codigo: "T-1", Tipo: tarea.Patrullaje, Prioridad: tarea.Critica, InicioProgramado: noon, Creador: wide.Usuario, Delegado: wide.Usuario, Zona: z, En: noon,
		})
		return id
	}
	alta := func(his bool, unidad string) ident.Efectivo {
		id := ident.Efectivo(uuid.Must(uuid.NewV7()).String())
		say(his, id.Stream(), 0, efectivo.Registrado{ID: id, Usuario: usuario(), CodigoInterno: "E-1", Unidad: unidad, En: noon})
		return id
	}
	cambio := func(d efectivo.Disponibilidad, c efectivo.Causa, id ident.Tarea) eventAlias {
		return efectivo.DisponibilidadCambiada{Disponibilidad: d, Causa: c, Tarea: id, En: noon}
	}
	deMiZona, deNinguna, deOtra := nueva(true, mia), nueva(true, ""), nueva(false, otra)
	norte, deNadie, sur, lejos := alta(true, "Norte"), alta(true, ""), alta(false, "Sur"), alta(false, "Sur")
	say(true, deNinguna.Stream(), 1, tarea.Iniciada{En: noon})
	say(false, deOtra.Stream(), 1, tarea.Iniciada{En: noon})
	// Bound to a Tarea of his he is in reach, and so is the news that he is not any more.
	say(true, deMiZona.Stream(), 1, tarea.EfectivoAsignado{Efectivo: sur, En: noon})
	say(true, sur.Stream(), 1, cambio(efectivo.EnTarea, efectivo.PorAsignacion, deMiZona))
	say(false, deOtra.Stream(), 2, tarea.EfectivoAsignado{Efectivo: lejos, En: noon})
	say(false, lejos.Stream(), 1, cambio(efectivo.EnTarea, efectivo.PorAsignacion, deOtra))
	saw := func(ids ...ident.Efectivo) func() string {
		at := time.Now().UTC()
		for _, id := range []ident.Efectivo{norte, deNadie, sur, lejos} {
			if _, err := fixes.AppendFixes(t.Context(), []eventstore.Fix{{
				Efectivo: string(id), Turno: uuid.NewString(), DeviceAt: at, ServerAt: at, Lat: -34.6, Lon: -58.4,
				Accuracy: 5, Speed: -1, Heading: -1, Source: "rest",
			}}); err != nil {
				t.Fatal(err)
			}
		}
		return func() string {
			uno.mu.Lock()
			defer uno.mu.Unlock()
			todo.mu.Lock()
			defer todo.mu.Unlock()
			if len(todo.units) < 4 {
				return "not everybody was sent to who sees everything"
			}
			got := slices.Sorted(maps.Keys(uno.units))
			want := []string{}
			for _, id := range ids {
				want = append(want, string(id))
			}
			if !slices.Equal(got, slices.Sorted(slices.Values(want))) {
				return "saw other units"
			}
			return ""
		}
	}
	eventually(t, "positions", saw(norte, deNadie, sur))
	say(true, deMiZona.Stream(), 2, tarea.EfectivoLiberado{Efectivo: sur, En: noon})
	say(true, deMiZona.Stream(), 3, tarea.Finalizada{En: noon})
	say(true, sur.Stream(), 2, cambio(efectivo.Disponible, efectivo.PorLiberacion, deMiZona))
	say(false, sur.Stream(), 3, cambio(efectivo.NoDisponible, efectivo.PorOrden, ""))
	// A call for help is everybody's until somebody has attended to it.
	say(true, lejos.Stream(), 2, efectivo.SOSActivado{En: noon})
	eventually(t, "positions of whoever calls", saw(norte, deNadie, sur, lejos))
	say(true, lejos.Stream(), 3, efectivo.SOSAtendido{En: noon})
	say(false, lejos.Stream(), 4, cambio(efectivo.Disponible, efectivo.PorLiberacion, deOtra))
	// What leaves his Zona is told to him, and nothing after it.
	say(true, deNinguna.Stream(), 2, tarea.Modificada{Zona: &otra, En: noon})
	say(false, deNinguna.Stream(), 3, tarea.Cancelada{En: noon})

	eventually(t, "everything", func() string { return same(all, todo.positions()) })
	eventually(t, "his part", func() string { return same(heard, uno.positions()) })
	uno.mu.Lock()
	defer uno.mu.Unlock()
	for _, a := range uno.alerts {
		if a.Tarea == string(deOtra) {
			t.Errorf("alert %+v of another's Zona", a)
		}
	}
}
