package rest_test

import (
	"context"
	"net/http"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/api/rest"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/usuarios"
)

// held keeps the read model from writing a Usuario until release.
func (w *world) held(id string) (release func()) {
	w.t.Helper()
	tx, err := w.pool.Begin(context.Background()) // it ends with release
	must(w.t, err)
	var one int
	must(w.t, tx.QueryRow(w.t.Context(), "select 1 from lectura.usuarios where id = $1 for update", id).Scan(&one))
	release = sync.OnceFunc(func() { _ = tx.Rollback(context.Background()) })
	w.t.Cleanup(release)
	return release
}

// TestLoginKnowsWhatChanged: who logs in the moment what he may do has changed gets a token that
// says so, and that holds: the read model is waited for.
func TestLoginKnowsWhatChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, c := range map[string]struct {
		before, change func(path string) answer
		rol            string
	}{
		"rol": {nil, func(path string) answer {
			return w.admin.call(http.MethodPut, path+"/rol", map[string]any{"rol": "auditor"})
		}, "auditor"},
		"jurisdiction": {nil, func(path string) answer {
			return w.admin.call(http.MethodPut, path+"/jurisdiccion", map[string]any{"zonas": []string{}, "unidades": []string{"Norte"}})
		}, "supervisor"},
		"let in again": {func(path string) answer {
			return w.admin.call(http.MethodPost, path+"/bloqueo", map[string]any{"motivo": "perdió el teléfono"})
		}, func(path string) answer { return w.admin.call(http.MethodDelete, path+"/bloqueo", nil) }, "supervisor"},
	} {
		email := uuid.NewString()[:8] + "@gad.test"
		path := "/api/v1/usuarios/" + w.supervisora(email)
		if c.before != nil {
			c.before(path).want(http.StatusOK)
		}
		id := w.admin.call(http.MethodGet, path, nil).want(http.StatusOK).text("id") // it is there, as it was
		release := w.held(id)
		c.change(path).want(http.StatusOK)
		w.waits.Store(&release)
		her := w.login(email)
		release()
		w.admin.call(http.MethodGet, path, nil).want(http.StatusOK) // by now the old token would not hold
		if me := her.call(http.MethodGet, "/api/v1/auth/yo", nil).want(http.StatusOK); me.text("rol") != c.rol {
			t.Errorf("%s: her token says %s", name, me.text("rol"))
		}
	}
}

// late is a read model that does not catch up in time.
type late struct{}

func (late) WaitFor(context.Context, string, eventstore.Position) error {
	return projections.ErrAtrasada
}

// TestLoginWhileItIsLate: who is known comes in as he was, who is not has to come again.
func TestLoginWhileItIsLate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.supervisora("eva@gad.test")
	w.admin.call(http.MethodGet, "/api/v1/usuarios/"+id, nil).want(http.StatusOK)
	w.held(id)
	w.admin.call(http.MethodPut, "/api/v1/usuarios/"+id+"/rol", map[string]any{"rol": "auditor"}).want(http.StatusOK)
	profiles := rest.Profiles{Usuarios: usuarios.NewReader(w.pool), Log: w.store, Waiter: late{}}
	if p, err := profiles.Profile(t.Context(), ident.Usuario(id)); err != nil || p.Rol != permiso.Supervisor {
		t.Errorf("%+v, %v", p, err)
	}
	unread := w.supervisora("ana@gad.test") // behind the other in the read model
	if p, err := profiles.Profile(t.Context(), ident.Usuario(unread)); err == nil {
		t.Errorf("nobody knows her: %+v", p)
	}
}
