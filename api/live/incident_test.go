package live_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/api/live/client"
	"github.com/grupo-gad/gad/domain/auditoria"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sesion"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/usuario"
)

// Alarms about the use of the system reach those who command and those who audit, and nobody
// in the field; the facts behind them reach nobody.
func TestIncidents(t *testing.T) {
	t.Parallel()
	n := newNode(t, nil)
	all := map[permiso.Rol]*subscriber{}
	narrow := jefe()
	narrow.Jurisdiccion = &permiso.Jurisdiccion{Unidades: []string{"Norte"}}
	one := n.subscribe(client.Options{Token: fixed(n.desk.issue(narrow, time.Hour)), Topics: []string{"alertas", "tareas"}}).welcomed(t)
	for _, rol := range permiso.Roles() {
		all[rol] = n.subscribe(client.Options{Token: fixed(n.token(rol)), Topics: []string{"alertas", "tareas", "efectivos", "yo"}}).welcomed(t)
	}
	reader, added := ident.Usuario(uuid.NewString()), ident.Usuario(uuid.NewString())
	put(t, n.store, auditoria.Stream(reader), 0, auditoria.LecturaMasiva{Usuario: reader, Lecturas: 51, En: noon})
	put(t, n.store, added.Stream(), 0,
		usuario.Registrado{ID: added, Sujeto: ident.Sujeto(uuid.NewString()), Rol: permiso.Administrador, En: noon},
		usuario.RolCambiado{Rol: permiso.Administrador, EnServidor: true, En: noon})
	put(t, n.store, ident.Sesion(reader).Stream(), 0, sesion.FamiliaRevocada{Usuario: reader, En: noon})
	other := ident.Usuario(uuid.NewString())
	put(t, n.store, other.Stream(), 0, usuario.RolCambiado{Rol: permiso.Auditor, En: noon}) // no alarm
	nueva(t, n.store, jefe().Usuario, tarea.Media)                                          // the end, for those who may see it
	for rol, s := range all {
		want := []string(nil)
		if (permiso.Autor{Rol: rol}).Alcance(permiso.IncidenteLeer) == permiso.Todo {
			want = []string{"lectura_masiva auditoria-" + string(reader) + "@1", "administrador_en_servidor usuario-" + string(added) + "@2", "sesion_duplicada " + ident.Sesion(reader).Stream() + "@1"}
		}
		if permiso.De(rol, permiso.TareaLeer) >= permiso.EnJurisdiccion {
			eventually(t, "the last fact", func() string {
				if len(s.positions()) == 0 {
					return string(rol) + " waits"
				}
				return ""
			})
		}
		s.mu.Lock()
		var got []string
		for _, a := range s.alerts {
			got = append(got, a.Kind+" "+a.ID)
		}
		events := len(s.events)
		s.mu.Unlock()
		if !slices.Equal(got, want) || events > 1 {
			t.Errorf("%s heard %v and %d facts, want %v", rol, got, events, want)
		}
	}
	// Nor do they reach who answers for a part of the operation.
	eventually(t, "the last fact", func() string {
		if len(one.positions()) == 0 {
			return "the narrowed one waits"
		}
		return ""
	})
	one.mu.Lock()
	defer one.mu.Unlock()
	if len(one.alerts) > 0 {
		t.Errorf("who is narrowed heard %v", one.alerts)
	}
}
