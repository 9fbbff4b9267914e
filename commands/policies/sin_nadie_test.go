package policies_test

import (
	"slices"
	"testing"
	"time"

	"github.com/grupo-gad/gad/commands/policies"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/projections/efectivos"
)

func (f *field) seek(everybody *efectivos.Despliegue) {
	f.t.Helper()
	f.project()
	b := policies.NewBuscador(policies.Desatencion{Orders: f.door, Estados: f.door, Desatendidas: f.timers, Recomendador: everybody},
		policies.BuscadorOptions{Now: func() time.Time { return f.now }})
	_, err := b.Step(f.t.Context())
	must(f.t, err)
}

// Whom the dispatcher sent has the Tarea: the offer that stood beside him ends, and nobody else
// is called.
func TestOfferLapsesBesideAnother(t *testing.T) {
	t.Parallel()
	f, everybody := newCity(t)
	first := f.near(100)
	id := f.emergency(everybody)
	sent, idle := f.near(300), f.near(400)
	f.do(tarea.Asignar{Orden: tarea.Orden{ID: id, Por: boss, En: f.now}, Efectivo: sent})
	f.at(time.Minute)
	f.seek(everybody)
	if got := f.story(id); !slices.Equal(got.offered, []ident.Efectivo{first}) || got.alarms != 0 {
		t.Errorf("offered to %v, %d alarms", got.offered, got.alarms)
	}
	// He who let it lapse is free; now whom the dispatcher sent says no, and the next one is called at once.
	f.rejects(id, sent)
	if got := f.story(id); !slices.Equal(got.offered, []ident.Efectivo{first, idle}) || got.alarms != 0 {
		t.Errorf("offered to %v, %d alarms", got.offered, got.alarms)
	}
}

// An emergency whose last Efectivo is released has nobody: that is told, and somebody is looked for.
func TestReleasedFromAnEmergency(t *testing.T) {
	t.Parallel()
	f, everybody := newCity(t)
	first := f.near(100)
	id := f.emergency(everybody)
	o := tarea.Orden{ID: id, Por: boss, En: f.now}
	f.do(tarea.Responder{Orden: o, Efectivo: first, Paso: tarea.PasoAceptada})
	f.do(tarea.Iniciar{Orden: o})
	f.do(tarea.Liberar{Orden: o, Efectivo: first})
	if got := f.story(id); len(got.offered) != 1 || got.alarms != 1 {
		t.Errorf("offered to %v, %d alarms", got.offered, got.alarms)
	}
	next := f.near(300)
	f.seek(everybody)
	f.seek(everybody)
	if got := f.story(id); !slices.Equal(got.offered, []ident.Efectivo{first, next}) || got.alarms != 1 {
		t.Errorf("offered to %v, %d alarms", got.offered, got.alarms)
	}
}

// An emergency that is reopened has nobody, its crew was freed: that is told, and whoever was there
// is called back.
func TestReopenedEmergency(t *testing.T) {
	t.Parallel()
	f, everybody := newCity(t)
	first := f.near(100)
	id := f.emergency(everybody)
	o := tarea.Orden{ID: id, Por: boss, En: f.now}
	f.do(tarea.Responder{Orden: o, Efectivo: first, Paso: tarea.PasoAceptada})
	f.do(tarea.Iniciar{Orden: o})
	f.do(tarea.Finalizar{Orden: o})
	f.do(tarea.Reabrir{Orden: o, Motivo: sealed.Text{Owner: string(id), Field: "motivo", Value: "volvió a empezar"}})
	if got := f.story(id); len(got.offered) != 1 || got.alarms != 1 {
		t.Errorf("offered to %v, %d alarms", got.offered, got.alarms)
	}
	f.seek(everybody)
	f.seek(everybody)
	if got := f.story(id); !slices.Equal(got.offered, []ident.Efectivo{first, first}) || got.alarms != 1 {
		t.Errorf("offered to %v, %d alarms", got.offered, got.alarms)
	}
}
