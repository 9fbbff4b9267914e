package live_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/api/live/client"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
)

// A Tarea that should have ended is an alert for whoever hears of it, and says where it still
// is; a reminder of its beginning is none, nor is anything of a Tarea that has ended.
func TestOverdue(t *testing.T) {
	t.Parallel()
	n := newNode(t, nil)
	ana, ajena := ident.Usuario(uuid.NewString()), ident.Usuario(uuid.NewString())
	agente := persona(t, n.store, ana)
	mia, otra := ident.Zona(uuid.Must(uuid.NewV7()).String()), ident.Zona(uuid.Must(uuid.NewV7()).String())
	en := func(z ident.Zona) permiso.Autor {
		a := jefe()
		a.Jurisdiccion = &permiso.Jurisdiccion{Zonas: []ident.Zona{z}}
		return a
	}
	who := map[string]*subscriber{}
	for name, a := range map[string]permiso.Autor{
		"supervisor": jefe(), "of its zona": en(mia), "of another": en(otra), "bound": {Usuario: ana, Rol: permiso.Efectivo, Efectivo: agente},
		"somebody else": {Usuario: ajena, Rol: permiso.Efectivo}, "auditor": {Usuario: ident.Usuario(uuid.NewString()), Rol: permiso.Auditor},
	} {
		who[name] = n.subscribe(client.Options{Token: fixed(n.desk.issue(a, time.Hour)), Topics: []string{"alertas", "tareas"}}).welcomed(t)
	}
	id, fin := ident.Tarea(uuid.Must(uuid.NewV7()).String()), noon.Add(time.Hour)
	pasada := func(n int) tarea.RecordatorioEnviado {
		vence := fin.Add(time.Duration(n) * time.Hour)
		return tarea.RecordatorioEnviado{Clase: tarea.RecordatorioVencida, Vence: vence, En: vence}
	}
	put(t, n.store, id.Stream(), 0,
		tarea.Creada{ID: id, Codigo: "GAD-2026-000123", Tipo: tarea.Patrullaje, Prioridad: tarea.Media, InicioProgramado: noon, FinProgramado: &fin, Creador: jefe().Usuario, Zona: mia, En: noon},
		tarea.EfectivoAsignado{Efectivo: agente, En: noon},
		tarea.RecordatorioEnviado{Clase: "t-10", Efectivo: agente, Vence: noon, En: noon},
		pasada(0), tarea.Iniciada{En: fin}, pasada(1), tarea.Pausada{En: fin}, pasada(2), tarea.Reanudada{En: fin}, pasada(3),
		tarea.Cancelada{En: fin})
	last := put(t, n.store, id.Stream(), 11, pasada(4), tarea.Reabierta{En: fin}) // of what is closed no such fact is made
	nueva(t, n.store, ajena, tarea.Media)                                         // the end, for those who hear nothing of the other

	var want []string
	for i, sigue := range map[int]string{4: "todavía no empezó", 6: "sigue en curso", 8: "sigue en pausa", 10: "sigue en curso"} {
		want = append(want, fmt.Sprintf("%s@%02d tarea_vencida 4 %s: Tarea GAD-2026-000123: pasó su hora de fin y %s", id.Stream(), i, id, sigue))
	}
	slices.Sort(want)
	for _, name := range []string{"supervisor", "of its zona", "bound", "auditor"} {
		s := who[name]
		eventually(t, name, func() string {
			if !slices.Contains(s.positions(), last) {
				return "the last fact has not come"
			}
			return ""
		})
		var got []string
		s.mu.Lock()
		for _, a := range s.alerts {
			var version int
			if _, err := fmt.Sscanf(a.ID, id.Stream()+"@%d", &version); err != nil {
				t.Errorf("alert %+v: %v", a, err)
			}
			got = append(got, fmt.Sprintf("%s@%02d %s %d %s: %s", id.Stream(), version, a.Kind, a.Priority, a.Tarea, a.Text))
		}
		s.mu.Unlock()
		slices.Sort(got) // those that are not acknowledged come again with the heartbeat
		if got = slices.Compact(got); !slices.Equal(got, want) {
			t.Errorf("%s heard %q, want %q", name, got, want)
		}
	}
	for _, name := range []string{"of another", "somebody else"} {
		s := who[name]
		eventually(t, name, func() string {
			if len(s.positions()) == 0 {
				return "the end has not come"
			}
			return ""
		})
		s.mu.Lock()
		if len(s.alerts) > 0 {
			t.Errorf("%s heard %v", name, s.alerts)
		}
		s.mu.Unlock()
	}
}
