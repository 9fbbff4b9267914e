package estadisticas_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/estadisticas"
)

func (w *world) creada(n int, at, programada time.Time) string {
	w.given(id(n).Stream(), tarea.Creada{
		ID: id(n), Codigo: fmt.Sprint("T-", n), Tipo: tarea.Patrullaje, Prioridad: tarea.Alta, InicioProgramado: programada, Creador: ana, Delegado: ana, En: at,
	})
	return id(n).Stream()
}

// TestImplicitStarts: who only says that it is done says nothing of how long it took, also where
// he had said that he was there.
func TestImplicitStarts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	at := now.Add(-26 * time.Hour)
	w.mission(1, at, tarea.Vigilancia, tarea.Alta, time.Hour)
	for n := 2; n < 5; n++ {
		end := at.Add(20 * time.Minute)
		w.given(w.creada(n, at, at), tarea.EfectivoAsignado{Efectivo: e1, En: at.Add(time.Minute)}, tarea.EfectivoEnLugar{Efectivo: e1, En: at.Add(5 * time.Minute)},
			tarea.Iniciada{Implicito: true, En: end}, tarea.EfectivoLiberado{Efectivo: e1, En: end}, tarea.Finalizada{En: end})
	}
	w.project(1)
	got, err := w.Tiempos(t.Context(), projections.System, estadisticas.Periodo{})
	if err != nil || got.Duraciones.General != one(3600) || got.Duraciones.PorBanda["dia"] != one(3600) || len(got.Duraciones.PorBanda) != 1 ||
		len(got.Duraciones.PorTipo) != 1 || got.Respuesta.Cierre.N != 4 || got.Respuesta.Respuesta.N != 4 || got.Serie[29].Finalizadas != 4 || got.Serie[29].DuracionP50 != 3600 {
		t.Errorf("%+v, %v", got, err)
	}
	c, err := w.Tareas(t.Context(), projections.System, estadisticas.Periodo{}, estadisticas.PorEfectivo)
	if err != nil || len(c.Datos) != 1 || c.Datos[0].Finalizadas != 4 || c.Datos[0].DuracionP50 != 3600 {
		t.Errorf("%+v, %v", c, err)
	}
	if p, err := w.Persona(t.Context(), projections.System, leo, 3); err != nil || p.Finalizadas != 4 || p.Duracion != one(3600) {
		t.Errorf("%+v, %v", p, err)
	}
	// From the first offer that he took he was busy, whoever said when the work began.
	if d, err := w.Dotacion(t.Context(), projections.System, estadisticas.Consulta{Horas: 4}); err != nil || d.OcupacionS != (3600+320+3*19*60)/4. {
		t.Errorf("busy for %v s, %v", d.OcupacionS, err)
	}
}

// TestAnswersToWhatIsPlanned: nobody keeps anybody waiting before it is time, by what was planned
// when he answered.
func TestAnswersToWhatIsPlanned(t *testing.T) {
	t.Parallel()
	for _, window := range []int{0, 1} {
		w := newWorld(t)
		w.people()
		monday := now.Add(-10 * 24 * time.Hour)
		friday := monday.Add(4 * 24 * time.Hour)
		offered, there := tarea.EfectivoAsignado{Efectivo: e1, En: monday.Add(time.Hour)}, tarea.EfectivoEnLugar{Efectivo: e1, En: friday.Add(5 * time.Minute)}
		w.given(w.creada(1, monday, friday), offered, there) // 0, 300
		early := there
		early.En = friday.Add(-time.Minute)
		w.given(w.creada(2, monday, friday), offered, early) // 0, 0
		later := friday.Add(4 * time.Minute)
		w.given(w.creada(3, monday, friday), offered, tarea.Modificada{InicioProgramado: &later, En: friday}, there,
			tarea.Modificada{InicioProgramado: &monday, En: there.En.Add(time.Second)}) // 0, 60
		w.given(w.creada(4, friday, monday), tarea.EfectivoAsignado{Efectivo: e1, En: friday.Add(time.Minute)}, there) // 60, 300
		w.project(window)
		got, err := w.Tiempos(t.Context(), projections.System, estadisticas.Periodo{})
		r := got.Respuesta
		if err != nil || r.Oferta.N != 4 || r.Oferta.Media != 15 || r.Oferta.P75 != 15 || r.Respuesta.N != 4 || r.Respuesta.Media != 165 || r.Respuesta.P50 != 180 || r.Respuesta.P75 != 300 {
			t.Errorf("windows of %d: %+v, %v", window, r, err)
		}
	}
}

// TestWorkBeforeAReopening: what he did before it was reopened stays his, whatever becomes of the
// offer that comes after.
func TestWorkBeforeAReopening(t *testing.T) {
	t.Parallel()
	at := now.Add(-26 * time.Hour)
	minute := func(n int) time.Time { return at.Add(time.Duration(n) * time.Minute) }
	for name, answer := range map[string]tarea.Event{
		"lapses":   tarea.EfectivoLiberado{Efectivo: e1, En: minute(101)},
		"rejected": tarea.AsignacionRechazada{Efectivo: e1, En: minute(101)},
	} {
		w := newWorld(t)
		w.people()
		w.given(w.creada(1, at, at), tarea.EfectivoOfrecido{Efectivo: e1, En: minute(1)}, tarea.AsignacionAceptada{Efectivo: e1, En: minute(2)},
			tarea.EfectivoEnLugar{Efectivo: e1, En: minute(5)}, tarea.Iniciada{En: minute(5)},
			tarea.EfectivoLiberado{Efectivo: e1, En: minute(35)}, tarea.Finalizada{En: minute(35)},
			tarea.Reabierta{En: minute(95)}, tarea.EfectivoOfrecido{Efectivo: e1, En: minute(100)}, answer,
			tarea.EfectivoOfrecido{Efectivo: e2, En: minute(102)}, tarea.AsignacionAceptada{Efectivo: e2, En: minute(103)},
			tarea.EfectivoLiberado{Efectivo: e2, En: minute(110)}, tarea.Finalizada{En: minute(110)})
		w.project(1)
		p, err := w.Persona(t.Context(), projections.System, leo, 3)
		if err != nil || p.Ofrecidas != 1 || p.Aceptadas != 1 || p.Rechazadas != 0 || p.Finalizadas != 1 || p.Aceptacion != one(60) || p.Llegada != one(180) ||
			p.Duracion != one(45*60) || p.Serie[1].Asignadas != 1 {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
		c, err := w.Tareas(t.Context(), projections.System, estadisticas.Periodo{}, estadisticas.PorEfectivo)
		if err != nil || len(c.Datos) != 2 || c.Datos[0].Clave != string(e1) || c.Datos[1].Clave != string(e2) {
			t.Errorf("%s: by efectivo %+v, %v", name, c.Datos, err)
		}
		// From the first offer to the last end, without the hour that it was closed.
		if d, err := w.Dotacion(t.Context(), projections.System, estadisticas.Consulta{Horas: 4}); err != nil || d.OcupacionS != 49*60 || d.EfectivosPorTarea != 2 {
			t.Errorf("%s: busy for %v s, %v a Tarea, %v", name, d.OcupacionS, d.EfectivosPorTarea, err)
		}
	}
}
