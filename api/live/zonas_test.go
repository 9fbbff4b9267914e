package live_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/api/live/client"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/zona"
)

// That nobody is in a Zona is told to those who command there and to those who watch, not to the
// people in the field; the Zona itself is drawn for everybody.
func TestEmptyZona(t *testing.T) {
	t.Parallel()
	n := newNode(t, nil)
	z, other := ident.Zona(uuid.NewString()), ident.Zona(uuid.NewString())
	here, elsewhere := jefe(), jefe()
	here.Jurisdiccion, elsewhere.Jurisdiccion = &permiso.Jurisdiccion{Zonas: []ident.Zona{z}}, &permiso.Jurisdiccion{Zonas: []ident.Zona{other}}
	field := permiso.Autor{Usuario: ident.Usuario(uuid.NewString()), Rol: permiso.Efectivo}
	hears := map[string]*subscriber{}
	for name, who := range map[string]permiso.Autor{"commands": jefe(), "commands here": here, "commands elsewhere": elsewhere, "field": field} {
		hears[name] = n.subscribe(client.Options{Token: fixed(n.desk.issue(who, time.Hour)), Topics: []string{"alertas", "tareas", "yo"}}).welcomed(t)
	}
	put(t, n.store, z.Stream(), 0,
		zona.Definida{ID: z, Nombre: "Feria", Clase: zona.Interes, Reglas: zona.Reglas{VaciaMin: 5}, En: noon},
		zona.QuedoVacia{Desde: noon, En: noon.Add(5 * time.Minute)}, zona.Cubierta{En: noon.Add(6 * time.Minute)})
	nueva(t, n.store, field.Usuario, tarea.Critica) // in no Zona: everybody here hears of it, after the rest
	for name, s := range hears {
		want := []string{"zona_vacia", "tarea_prioritaria"}
		if name == "commands elsewhere" || name == "field" {
			want = want[1:]
		}
		eventually(t, name, func() string {
			s.mu.Lock()
			defer s.mu.Unlock()
			if len(s.alerts) < len(want) {
				return "fewer alerts"
			}
			for i, a := range s.alerts {
				if i >= len(want) || a.Kind != want[i] || a.Kind == "zona_vacia" && a.ID != z.Stream()+"@2" {
					return "another alert: " + a.Kind + " " + a.ID
				}
			}
			return ""
		})
	}
}
