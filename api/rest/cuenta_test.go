package rest_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/grupo-gad/gad/api/rest"
	"github.com/grupo-gad/gad/domain/permiso"
)

// enter tries to log in.
func (w *world) enter(email, password, totp string) answer {
	w.t.Helper()
	body := map[string]any{"email": email, "password": password}
	if totp != "" {
		body["totp"] = totp
	}
	return client{w: w}.call("POST", "/api/v1/auth/login", body)
}

// someone registers a person with a password and returns his id and address.
func (w *world) someone(rol permiso.Rol, name string) (id, email string) {
	w.t.Helper()
	email = name + "@gad.test"
	return w.admin.call("POST", "/api/v1/usuarios", map[string]any{
		"nombre": name, "apellido": "Ruiz", "email": email, "dni": fmt.Sprint(10_000_000 + uuid.New().ID()%80_000_000), "telefono": "+5491155550101", "rol": rol, "password": password,
	}).want(http.StatusCreated).text("id"), email
}

// telling is a problem without what names the request.
func (a answer) telling() string {
	o := a.object()
	delete(o, "request_id")
	return fmt.Sprint(a.status, o)
}

// totp is the code of an authenticator application (RFC 6238).
func totp(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	must(t, err)
	mac := hmac.New(sha1.New, key)
	_ = binary.Write(mac, binary.BigEndian, at.Unix()/30)
	sum := mac.Sum(nil)
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[sum[19]&0xf:])&0x7fffffff%1_000_000)
}

// TestOwnPassword: whoever changes it shows the old one, the new one fits the rules, the other
// sessions end; what login says of a wrong one is what it says of nobody.
func TestOwnPassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, email := w.someone(permiso.Supervisor, "ana")
	here, there := w.login(email), w.login(email)
	const next = "otra frase larga y propia"
	change := func(old, password string) answer {
		return here.call("POST", "/api/v1/auth/password", map[string]string{"actual": old, "nueva": password})
	}
	change("no es la que tengo", next).refused(http.StatusForbidden, "contrasena_incorrecta")
	for _, weak := range []string{"corta", "passwordpassword", "Contraseña123!", "qwertyuiop12345", strings.Repeat("x", 129), password} {
		change(password, weak).refused(http.StatusUnprocessableEntity, "contrasena_invalida")
	}
	there.call("GET", "/api/v1/auth/yo", nil).want(http.StatusOK) // nothing has changed
	change(password, next).want(http.StatusNoContent)
	there.call("GET", "/api/v1/auth/yo", nil).refused(http.StatusUnauthorized, "sin_identificacion")
	here.call("GET", "/api/v1/auth/yo", nil).want(http.StatusOK)
	wrong := w.enter(email, password, "").refused(http.StatusUnauthorized, "credencial_invalida")
	for what, a := range map[string]answer{
		"nobody": w.enter("nadie@gad.test", next, ""), "no address": w.enter("ana", next, ""), "a long password": w.enter(email, strings.Repeat("x", 5000), ""),
	} {
		if diff := cmp.Diff(wrong.telling(), a.telling()); diff != "" {
			t.Errorf("%s is answered otherwise:\n%s", what, diff)
		}
	}
	w.enter(email, next, "").want(http.StatusOK)
	if n := w.facts("usuario.credencial_cambiada"); n < 2 {
		t.Errorf("%d facts", n)
	}
}

// TestOwnSecondFactor: on with the password and a code, then asked of every login; each
// recovery code opens once; off with both again.
func TestOwnSecondFactor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, email := w.someone(permiso.Supervisor, "ana")
	c := w.login(email)
	step := func(body map[string]string) answer { return c.call("POST", "/api/v1/auth/totp", body) }
	step(map[string]string{}).refused(http.StatusUnprocessableEntity, "datos_faltantes")
	step(map[string]string{"password": password, "codigo": "000000"}).refused(http.StatusUnprocessableEntity, "datos_faltantes")
	step(map[string]string{"codigo": "000000"}).refused(http.StatusConflict, "segundo_factor_ausente")
	step(map[string]string{"password": "no es la que tengo"}).refused(http.StatusForbidden, "contrasena_incorrecta")
	begun := step(map[string]string{"password": password}).want(http.StatusOK)
	if !strings.HasPrefix(begun.text("uri"), "otpauth://totp/") {
		t.Errorf("begun: %s", begun.raw)
	}
	w.enter(email, password, "").want(http.StatusOK) // not on yet
	code := totp(t, begun.text("secreto"), time.Now())
	step(map[string]string{"codigo": strings.Map(func(r rune) rune { return '0' + (r-'0'+5)%10 }, code)}).refused(http.StatusForbidden, "segundo_factor_invalido")
	var recovery []string
	for _, x := range step(map[string]string{"codigo": code}).want(http.StatusOK).list("codigos_recuperacion") {
		recovery = append(recovery, x.(string))
	}
	if len(recovery) != 10 {
		t.Fatalf("recovery codes %v", recovery)
	}
	step(map[string]string{"password": password}).refused(http.StatusConflict, "segundo_factor_activo")
	w.enter(email, password, "").refused(http.StatusUnauthorized, "segundo_factor_requerido")
	w.enter(email, "no es la que tengo", recovery[0]).refused(http.StatusUnauthorized, "credencial_invalida")
	w.enter(email, password, code).refused(http.StatusUnauthorized, "segundo_factor_invalido") // the step is used
	w.enter(email, password, recovery[0]).want(http.StatusOK)
	w.enter(email, password, recovery[0]).refused(http.StatusUnauthorized, "segundo_factor_invalido")
	w.enter(email, password, recovery[1]).want(http.StatusOK)
	if on := c.call("GET", "/api/v1/auth/yo", nil, header("X-Gad-Min-Position", strconv.Itoa(int(w.head())))).object()["segundo_factor"]; on != true {
		t.Errorf("segundo_factor is %v", on)
	}
	drop := func(password, code string) answer {
		return c.call("DELETE", "/api/v1/auth/totp", map[string]string{"password": password, "codigo": code})
	}
	drop("no es la que tengo", recovery[2]).refused(http.StatusForbidden, "contrasena_incorrecta")
	if a := drop(password, recovery[0]); a.status < 400 {
		t.Errorf("a used code takes it away: %d", a.status)
	}
	drop(password, totp(t, begun.text("secreto"), time.Now().Add(30*time.Second))).want(http.StatusNoContent)
	w.enter(email, password, "").want(http.StatusOK)
}

// TestWhatSomebodyHasToComeInWith is told of him in the list and alone: a password, a link that
// waits; whoever was entered for the field has neither.
func TestWhatSomebodyHasToComeInWith(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ana, _ := w.someone(permiso.Supervisor, "ana")
	ways := func(id string) [2]any {
		t.Helper()
		one := w.admin.call("GET", "/api/v1/usuarios/"+id, nil).want(http.StatusOK).object()
		for _, row := range w.admin.call("GET", "/api/v1/usuarios?limite=200", nil).want(http.StatusOK).list("datos") {
			if row := row.(map[string]any); row["id"] == id && (row["contrasena"] != one["contrasena"] || row["enlace_sin_usar"] != one["enlace_sin_usar"]) {
				t.Errorf("in the list %v, alone %v", row, one)
			}
		}
		return [2]any{one["contrasena"], one["enlace_sin_usar"]}
	}
	if got := ways(ana); got != [2]any{true, false} {
		t.Errorf("with a password: %v", got)
	}
	link := w.admin.call("POST", "/api/v1/usuarios/"+ana+"/activacion", nil).want(http.StatusOK).text("codigo")
	if got := ways(ana); got != [2]any{true, true} {
		t.Errorf("with a new link as well: %v", got)
	}
	client{w: w}.call("POST", "/api/v1/auth/activacion", map[string]string{"codigo": link, "password": "la frase nueva de ana"}).want(http.StatusNoContent)
	if got := ways(ana); got != [2]any{true, false} {
		t.Errorf("the link is used: %v", got)
	}
}

// TestWhoLostHisPassword gets a link from an administrador, once, which ends his sessions and
// his second factor; nobody makes one for himself or for another administrador.
func TestWhoLostHisPassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, email := w.someone(permiso.Supervisor, "ana")
	c := w.login(email)
	at := "/api/v1/usuarios/" + id + "/activacion"
	c.call("POST", at, nil).refused(http.StatusForbidden, "prohibido")
	w.admin.call("POST", "/api/v1/usuarios/"+w.admin.id()+"/activacion", nil).refused(http.StatusConflict, "usuario_propio")
	w.admin.call("POST", "/api/v1/usuarios/"+w.user(permiso.Administrador).id()+"/activacion", nil).refused(http.StatusForbidden, "aprobacion_requerida")
	first := w.admin.call("POST", at, nil).want(http.StatusOK)
	second := w.admin.call("POST", at, nil).want(http.StatusOK)
	if !strings.Contains(second.text("enlace"), "/activacion#"+second.text("codigo")) {
		t.Errorf("link %s", second.raw)
	}
	take := func(code, password string) answer {
		return client{w: w}.call("POST", "/api/v1/auth/activacion", map[string]string{"codigo": code, "password": password})
	}
	const next = "la frase nueva de ana"
	take(first.text("codigo"), next).refused(http.StatusUnauthorized, "activacion_invalida") // the later one voids it
	take(second.text("codigo"), "passwordpassword").refused(http.StatusUnprocessableEntity, "contrasena_invalida")
	take(second.text("codigo"), next).want(http.StatusNoContent)
	spent := take(second.text("codigo"), next).refused(http.StatusUnauthorized, "activacion_invalida")
	if none := take("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", next); none.telling() != spent.telling() {
		t.Errorf("a code that never was: %s; one that is spent: %s", none.raw, spent.raw)
	}
	c.call("GET", "/api/v1/auth/yo", nil).refused(http.StatusUnauthorized, "sin_identificacion")
	w.enter(email, password, "").refused(http.StatusUnauthorized, "credencial_invalida")
	w.enter(email, next, "").want(http.StatusOK)
}

// TestBlockedAndGone: who is blocked is out of every door, and comes back; who is gone does not.
func TestBlockedAndGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, email := w.someone(permiso.Supervisor, "ana")
	bloqueo, baja := "/api/v1/usuarios/"+id+"/bloqueo", "/api/v1/usuarios/"+id+"/baja"
	motivo := map[string]string{"motivo": "perdió el teléfono"}
	first := w.enter(email, password, "").want(http.StatusOK)
	c := client{w, first.text("access_token")}
	link := w.admin.call("POST", "/api/v1/usuarios/"+id+"/activacion", nil).want(http.StatusOK).text("codigo")
	for _, path := range []string{bloqueo, baja} {
		c.call("POST", path, motivo).refused(http.StatusForbidden, "prohibido")
		if a := w.admin.call("POST", "/api/v1/usuarios/"+w.admin.id()+path[strings.LastIndexByte(path, '/'):], motivo); a.status != http.StatusForbidden && a.status != http.StatusConflict {
			t.Errorf("%s of oneself: %d %s", path, a.status, a.raw)
		}
	}
	out := func(what string) {
		t.Helper()
		c.call("GET", "/api/v1/auth/yo", nil).refused(http.StatusUnauthorized, "sin_identificacion")
		client{w: w}.call("POST", "/api/v1/auth/refresh", map[string]string{"refresh_token": first.text("refresh_token")}).want(http.StatusUnauthorized)
		if a := w.enter(email, password, ""); a.status < 400 {
			t.Errorf("%s: he comes in: %d", what, a.status)
		}
		if a := (client{w: w}).call("POST", "/api/v1/auth/activacion", map[string]string{"codigo": link, "password": "la frase nueva de ana"}); a.status < 400 {
			t.Errorf("%s: his link lets him in: %d", what, a.status)
		}
	}
	blocked := w.admin.call("POST", bloqueo, motivo).want(http.StatusOK)
	out("blocked")
	if e := w.admin.call("GET", "/api/v1/usuarios/"+id, nil, blocked.at()).text("estado"); e != "bloqueado" {
		t.Errorf("estado %s", e)
	}
	again := w.admin.call("POST", bloqueo, motivo)
	if again.status != http.StatusOK && again.status != http.StatusConflict {
		t.Errorf("blocked twice: %d %s", again.status, again.raw)
	}
	w.admin.call("DELETE", bloqueo, nil).want(http.StatusOK)
	c.call("GET", "/api/v1/auth/yo", nil).want(http.StatusUnauthorized) // what was closed stays so
	w.enter(email, password, "").want(http.StatusOK)

	gone := w.admin.call("POST", baja, motivo).want(http.StatusOK)
	out("gone")
	if e := w.admin.call("GET", "/api/v1/usuarios/"+id, nil, gone.at()).text("estado"); e != "baja" {
		t.Errorf("estado %s", e)
	}
	if a := w.admin.call("DELETE", bloqueo, nil); a.status < 400 {
		t.Errorf("who is gone is unblocked: %d", a.status)
	}
	out("gone for good")
}

// TestRolChangesAtOnce: a token says what its bearer was when it was made; when he is another he
// has to renew it, and what he opened with it is closed.
func TestRolChangesAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, email := w.someone(permiso.Supervisor, "ana")
	in := w.enter(email, password, "").want(http.StatusOK)
	old := client{w, in.text("access_token")}
	rol := w.admin.call("PUT", "/api/v1/usuarios/"+id+"/rol", map[string]string{"rol": "efectivo"}).want(http.StatusOK)
	w.admin.call("GET", "/api/v1/usuarios/"+id, nil, rol.at()).want(http.StatusOK) // the read model knows
	old.call("POST", "/api/v1/zonas", nil).refused(http.StatusUnauthorized, "sin_identificacion")
	renewed := client{w: w}.call("POST", "/api/v1/auth/refresh", map[string]string{"refresh_token": in.text("refresh_token")}).want(http.StatusOK)
	now := client{w, renewed.text("access_token")}
	if got := now.call("GET", "/api/v1/auth/yo", nil).want(http.StatusOK).text("rol"); got != "efectivo" {
		t.Errorf("renewed as %s", got)
	}
	now.call("GET", "/api/v1/estadisticas/resumen", nil).refused(http.StatusForbidden, "prohibido")
}

// TestUsuariosAsEachRolSeesThem: filters, paging, what is masked, and what is nobody's list.
func TestUsuariosAsEachRolSeesThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ana, email := w.someone(permiso.Supervisor, "anabella")
	luis, _ := w.someone(permiso.Efectivo, "luisito")
	w.someone(permiso.Efectivo, "martina")
	auditor := w.user(permiso.Auditor)
	w.admin.call("POST", "/api/v1/usuarios/"+luis+"/bloqueo", map[string]string{"motivo": "perdió el teléfono"}).want(http.StatusOK)
	at := header("X-Gad-Min-Position", strconv.Itoa(int(w.head())))
	list := func(c client, query string) (ids []string) {
		t.Helper()
		for _, x := range c.call("GET", "/api/v1/usuarios?"+query, nil, at).want(http.StatusOK).list("datos") {
			ids = append(ids, x.(map[string]any)["id"].(string))
		}
		return ids
	}
	for query, n := range map[string]int{"": 5, "rol=efectivo": 2, "rol=efectivo,supervisor": 3, "estado=bloqueado": 1, "q=anabella": 1, "q=nadie": 0, "q=" + email: 1, "rol=auditor&estado=bloqueado": 0} {
		if got := list(w.admin, query); len(got) != n {
			t.Errorf("?%s lists %d, want %d", query, len(got), n)
		}
	}
	w.admin.call("GET", "/api/v1/usuarios?rol=rey", nil).refused(http.StatusUnprocessableEntity, "parametro_invalido")
	w.admin.call("GET", "/api/v1/usuarios?limite=201", nil).refused(http.StatusUnprocessableEntity, "parametro_invalido")
	var paged []string
	for cursor := ""; ; {
		page := w.admin.call("GET", "/api/v1/usuarios?limite=2&cursor="+cursor, nil, at).want(http.StatusOK)
		for _, x := range page.list("datos") {
			paged = append(paged, x.(map[string]any)["id"].(string))
		}
		if cursor = page.text("siguiente"); cursor == "" {
			break
		}
	}
	equal(t, list(w.admin, ""), paged)

	// An address finds nobody for who does not register people; names are withheld from the auditor.
	if got := list(auditor, "q="+email); len(got) != 0 {
		t.Errorf("an auditor finds %v by address", got)
	}
	for _, x := range auditor.call("GET", "/api/v1/usuarios", nil, at).want(http.StatusOK).list("datos") {
		if u := x.(map[string]any); u["id"] != auditor.id() && strings.Contains(u["nombre"].(string), "Ruiz") {
			t.Errorf("an auditor reads %v", u)
		}
	}
	seen := w.admin.call("GET", "/api/v1/usuarios/"+ana, nil, at).want(http.StatusOK)
	for _, private := range []string{"email", "dni", "telefono", "apellido"} {
		if _, shown := seen.object()[private]; shown {
			t.Errorf("%s is shown without a reason: %v", private, slices.Sorted(maps.Keys(seen.object())))
		}
	}
	martina := w.login("martina@gad.test")
	equal(t, []string{martina.id()}, list(martina, ""))
	martina.call("GET", "/api/v1/usuarios/"+ana, nil, at).refused(http.StatusNotFound, "usuario_no_existe")

	// PATCH: one's own, and everybody's for who registers people.
	boss := w.login(email)
	changed := boss.call("PATCH", "/api/v1/usuarios/"+ana, map[string]string{"telefono": "+5491155550199"}).want(http.StatusOK)
	boss.call("PATCH", "/api/v1/usuarios/"+luis, map[string]string{"telefono": "+5491155550198"}).refused(http.StatusNotFound, "usuario_no_existe")
	auditor.call("PATCH", "/api/v1/usuarios/"+auditor.id(), map[string]string{"telefono": "+5491155550197"}).refused(http.StatusForbidden, "prohibido")
	boss.call("PATCH", "/api/v1/usuarios/"+ana, map[string]string{"rol": "administrador"}).want(http.StatusBadRequest)
	boss.call("PATCH", "/api/v1/usuarios/"+ana, map[string]string{"email": "anabella@otro.test"}).refused(http.StatusForbidden, "usuario_dato_reservado")
	w.admin.call("PATCH", "/api/v1/usuarios/"+ana, map[string]string{"email": "martina@gad.test"}).refused(http.StatusConflict, "usuario_email_tomado")
	boss.call("PATCH", "/api/v1/usuarios/"+ana, map[string]string{"telefono": "+5491155550196"}, header("If-Match", `"1"`)).want(http.StatusPreconditionFailed)
	if own := boss.call("GET", "/api/v1/auth/yo", nil, changed.at()).object()["datos"].(map[string]any)["telefono"]; own != "+5491155550199" {
		t.Errorf("the telephone is %v", own)
	}
	w.admin.call("PATCH", "/api/v1/usuarios/"+ana, map[string]string{"nombre": "Anahí"}).want(http.StatusOK)
}

// TestCookies: the refresh token of a browser lies where no script reads it, no other host sets
// it and no other site sends it; under https it bears the prefix that says so.
func TestCookies(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(d *rest.Deps) { d.Settings.Production, d.Settings.Hosts = true, []string{"127.0.0.1"} })
	own := header("Sec-Fetch-Site", "same-origin")
	body := map[string]any{"email": "ada@gad.test", "password": password, "cookie": true}
	in := client{w: w}.call("POST", "/api/v1/auth/login", body, own).want(http.StatusOK)
	if _, shown := in.object()["refresh_token"]; shown {
		t.Error("the refresh token is in the body too")
	}
	if got := in.header.Get("Cache-Control"); !strings.Contains(got, "no-store") {
		t.Errorf("Cache-Control %q", got)
	}
	cookies := map[string]*http.Cookie{}
	for _, line := range in.header.Values("Set-Cookie") {
		c, err := http.ParseSetCookie(line)
		must(t, err)
		cookies[c.Name] = c
		if !strings.HasPrefix(c.Name, "__Host-gad-") || c.Path != "/" || c.Domain != "" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Expires.IsZero() {
			t.Errorf("cookie %s", line)
		}
	}
	session := cookies["__Host-gad-refresh"]
	if session == nil || cookies["__Host-gad-device"] == nil {
		t.Fatalf("cookies %v", in.header.Values("Set-Cookie"))
	}
	client{w: w}.call("POST", "/api/v1/auth/login", body, header("Sec-Fetch-Site", "cross-site"), header("Origin", "https://evil.test")).
		refused(http.StatusForbidden, "origen_no_admitido")
	with := func(value string) option { return header("Cookie", "__Host-gad-refresh="+value) }
	client{w: w}.call("POST", "/api/v1/auth/refresh", nil, with(session.Value), header("Sec-Fetch-Site", "cross-site")).
		refused(http.StatusForbidden, "origen_no_admitido")
	// Without the prefix it is no cookie of ours: any host of the domain could have set it.
	client{w: w}.call("POST", "/api/v1/auth/refresh", nil, header("Cookie", "gad-refresh="+session.Value), own).refused(http.StatusUnprocessableEntity, "datos_faltantes")
	renewed := client{w: w}.call("POST", "/api/v1/auth/refresh", nil, with(session.Value), own).want(http.StatusOK)
	next, err := http.ParseSetCookie(renewed.header.Get("Set-Cookie"))
	must(t, err)
	if next.Value == session.Value || next.Name != session.Name || !next.Expires.Equal(session.Expires) {
		t.Errorf("renewed: %s", renewed.header.Get("Set-Cookie"))
	}
	out := client{w, renewed.text("access_token")}.call("POST", "/api/v1/auth/logout", nil, with(next.Value), own).want(http.StatusNoContent)
	if gone, err := http.ParseSetCookie(out.header.Get("Set-Cookie")); err != nil || gone.Value != "" || gone.MaxAge >= 0 || !gone.Secure || gone.Path != "/" {
		t.Errorf("after the logout: %s, %v", out.header.Get("Set-Cookie"), err)
	}
}
