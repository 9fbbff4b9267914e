package rest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"github.com/grupo-gad/gad/api/rest"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/ops/limit"
	"github.com/grupo-gad/gad/ops/pgtest"
)

// supervisora registers one and returns her id.
func (w *world) supervisora(email string) string {
	w.t.Helper()
	return w.admin.call(http.MethodPost, "/api/v1/usuarios", map[string]any{
		"nombre": "Eva", "apellido": "Sur", "email": email, "rol": "supervisor", "password": password,
	}).want(http.StatusCreated).text("id")
}

// narrow registers a supervisor of a part of the operation and logs her in, when that is known:
// a token of before would be refused as soon as it is.
func (w *world) narrow(zonas, unidades []string) client {
	w.t.Helper()
	email := uuid.NewString()[:8] + "@gad.test"
	path := "/api/v1/usuarios/" + w.supervisora(email)
	given := w.admin.call(http.MethodPut, path+"/jurisdiccion", map[string]any{
		"zonas": append([]string{}, zonas...), "unidades": append([]string{}, unidades...),
	}).want(http.StatusOK)
	w.admin.call(http.MethodGet, path, nil, given.at()).want(http.StatusOK)
	return w.login(email)
}

// TestRolTresTakesTwo: nobody makes an administrador alone, by either of the two ways, and
// what was approved happens once, to whom it was approved for.
func TestRolTresTakesTwo(t *testing.T) {
	t.Parallel()
	w := newWorldOn(t, pgtest.New(t))
	eva := w.user(permiso.Administrador)
	grant := map[string]any{"rol": "administrador"}
	ask := func(id string) string {
		return w.admin.call("POST", "/api/v1/aprobaciones", map[string]any{
			"clase": "rol_administrador", "usuario": id, "motivo": "queda a cargo del turno",
		}).want(http.StatusCreated).text("id")
	}
	for way, spend := range map[string]func(who client, usuario, aprobacion string) answer{
		"ejecucion": func(who client, _, aprobacion string) answer {
			return who.call("POST", "/api/v1/aprobaciones/"+aprobacion+"/ejecucion", nil)
		},
		"rol": func(who client, usuario, aprobacion string) answer {
			return who.call("PUT", "/api/v1/usuarios/"+usuario+"/rol", map[string]any{"rol": "administrador", "aprobacion": aprobacion})
		},
	} {
		email := way + "@gad.test"
		luisa := w.supervisora(email)
		path := "/api/v1/usuarios/" + luisa + "/rol"
		w.admin.call("PUT", path, grant).refused(http.StatusForbidden, "aprobacion_requerida")
		pedido := ask(luisa)
		spend(w.admin, luisa, pedido).refused(http.StatusConflict, "aprobacion_pendiente")
		w.admin.call("POST", "/api/v1/aprobaciones/"+pedido+"/aprobacion", nil).refused(http.StatusForbidden, "aprobacion_propia")
		herself := w.login(email)
		herself.call("POST", "/api/v1/aprobaciones/"+pedido+"/aprobacion", nil).refused(http.StatusForbidden, "prohibido")
		eva.call("POST", "/api/v1/aprobaciones/"+pedido+"/aprobacion", nil).want(http.StatusOK)
		spend(herself, luisa, pedido).refused(http.StatusForbidden, "prohibido")
		other := w.supervisora("otra-" + email)
		w.admin.call("PUT", "/api/v1/usuarios/"+other+"/rol", map[string]any{"rol": "administrador", "aprobacion": pedido}).
			refused(http.StatusConflict, "aprobacion_de_otra_cosa")
		done := spend(w.admin, luisa, pedido).want(http.StatusOK)
		if again := spend(w.admin, luisa, pedido); again.status != http.StatusConflict {
			t.Errorf("%s spends twice: %d %s", way, again.status, again.raw)
		}
		if rol := w.admin.call("GET", "/api/v1/usuarios/"+luisa, nil, done.at()).want(http.StatusOK).text("rol"); rol != "administrador" {
			t.Errorf("by %s she is %s", way, rol)
		}
		facts := w.admin.call("GET", "/api/v1/eventos?tipo=usuario.rol_cambiado&stream=usuario-"+luisa, nil).want(http.StatusOK).list("datos")
		if len(facts) != 1 || facts[0].(map[string]any)["datos"].(map[string]any)["aprobacion"] != pedido {
			t.Errorf("by %s the fact is %v", way, facts)
		}
	}
}

// TestRefreshIsCountedWithoutRedis: a session is renewed so often a minute and no more, also
// while Redis is away, and what was refused uses nothing up; logging in asks Redis for nothing.
func TestRefreshIsCountedWithoutRedis(t *testing.T) {
	t.Parallel()
	away := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1})
	t.Cleanup(func() { _ = away.Close() })
	var now time.Time
	w := newWorldOn(t, pgtest.New(t), func(d *rest.Deps) {
		now = time.Now()
		d.Limiter = rates{limit.New(limit.Options{Redis: away, Key: []byte("key"), Strict: []string{"refresh"}, Now: func() time.Time { return now }})}
		d.Settings.Limits.Refresh = rest.Rule{Limit: 3, Per: time.Minute}
		d.Settings.Limits.Reads = rest.Rule{Limit: 4, Per: time.Minute}
	})
	w.supervisora("eva@gad.test")
	login := func() string {
		return client{w: w}.call("POST", "/api/v1/auth/login", map[string]string{"email": "eva@gad.test", "password": password}).
			want(http.StatusOK).text("refresh_token")
	}
	refresh := func(token string) answer {
		return client{w: w}.call("POST", "/api/v1/auth/refresh", map[string]string{"refresh_token": token})
	}
	one, two := login(), login()
	for range 3 {
		one = refresh(one).want(http.StatusOK).text("refresh_token")
	}
	if a := refresh(one).refused(http.StatusTooManyRequests, "demasiadas_peticiones"); a.header.Get("Retry-After") != "20" {
		t.Errorf("Retry-After %s", a.header.Get("Retry-After"))
	}
	refresh(two).want(http.StatusOK) // another session has a count of its own
	now = now.Add(20 * time.Second)
	refresh(one).want(http.StatusOK) // it was not used up
	guess := strings.Repeat("A", 43)
	for range 4 {
		refresh(guess).want(http.StatusUnauthorized)
	}
	refresh(guess).refused(http.StatusTooManyRequests, "demasiadas_peticiones")
}
