package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/redis/go-redis/v9"

	"github.com/grupo-gad/gad/api/bot/bottest"
	"github.com/grupo-gad/gad/domain/permiso"
)

// canary is one invented Efectivo who does everything that leaves traces: he takes his account
// up, sets a second factor up, links Telegram, moves, asks for leave, works on a Tarea.
type canary struct {
	usuario, efectivo, tarea string
	// What must stand nowhere in clear: names, reasons and what he wrote to the bot only once he
	// was erased, secrets and the other personal data never.
	names, personal, secrets map[string]string
}

const canaryAccount = 770077007711

// TestNothingLeaks plants unmistakable values through a full run of the system and looks for
// them wherever the system writes or answers, before and after he is erased.
func TestNothingLeaks(t *testing.T) {
	t.Parallel()
	telegram := bottest.Start()
	t.Cleanup(telegram.Close)
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte(bottest.Token), 0o400); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, map[string]string{"GAD_TELEGRAM_TOKEN_FILE": token, "GAD_TELEGRAM_API_URL": telegram.URL})
	ana, bea := w.as(permiso.Administrador), w.secondAdministrator()
	c := w.plant(ana, telegram)

	// In use: what may know him does, and nobody else.
	never := maps.Clone(c.personal)
	maps.Copy(never, c.secrets)
	everything := maps.Clone(never)
	maps.Copy(everything, c.names)
	w.ownerDoes("checkpoint")
	if found := w.anywhere("postgres", map[string]string{"nombre": c.names["nombre"]}, nil); len(found) == 0 {
		t.Fatal("the planted name is not even in the read models: this test sees nothing")
	}
	w.silent("files in use", w.anywhere(".", never, nil))
	w.silent("log", in("log", w.logs.bytes(), everything))
	w.silent("Redis", w.inRedis(everything))
	w.silent("JetStream", w.inNATS(everything))
	w.silent("operations", w.inOps(everything))
	w.silent("what an auditor reads", w.inAnswers(w.as(permiso.Auditor), c, everything))
	w.silent("what another Efectivo reads", w.inAnswers(w.as(permiso.Efectivo), c, everything))
	w.silent("what an administrator reads", w.inAnswers(ana, c, never))
	w.silent("export", in("export", w.export(ana, bea), everything))

	// Erased, and the key of the vault renewed.
	w.erase(ana, bea, c.usuario)
	if code, out := w.gad("admin", "keys", "rotate-vault"); code != 0 || !strings.Contains(out, "1 borrados completos") {
		t.Fatalf("rotate-vault: %d %s", code, out)
	}
	var left int
	err := w.sys.pool.QueryRow(t.Context(), `select (select count(*) from buzon.entrada where chat = $1 or cuerpo is not null and hecho is not null)
		+ (select count(*) from buzon.salida where chat = $1) + (select count(*) from sesiones.familias where usuario = $2)
		+ (select count(*) from sesiones.credenciales where usuario = $2) + (select count(*) from sesiones.segundos where usuario = $2)
		+ (select count(*) from sesiones.recuperacion where usuario = $2) + (select count(*) from sesiones.activaciones where usuario = $2)`,
		canaryAccount, c.usuario).Scan(&left)
	if err != nil || left != 0 {
		t.Errorf("%d rows of his are left in the mailbox and the sessions: %v", left, err)
	}
	w.silent("Redis, erased", w.inRedis(everything))
	w.silent("JetStream, erased", w.inNATS(everything))
	w.silent("operations, erased", w.inOps(everything))
	w.silent("log, erased", in("log", w.logs.bytes(), everything))
	w.silent("what an administrator reads, erased", w.inAnswers(ana, c, everything))
	w.silent("export, erased", in("export", w.export(ana, bea), everything))
	if code, out := w.gad("audit", "verify"); code != 0 {
		t.Errorf("audit verify: %d %s", code, out)
	}
	// What is served of the leaves is what a fresh replay makes of the log.
	if code, out := w.gad("audit", "replay", "--into"); code != 0 {
		t.Errorf("audit replay --into: %d %s", code, out)
	}
	w.halt()
	w.ownerDoes("checkpoint")
	w.silent("files, erased", w.anywhere(".", everything, []string{"pg_wal"}))
}

// plant takes one person through everything.
func (w *world) plant(ana *client, telegram *bottest.Server) *canary {
	w.t.Helper()
	c := &canary{
		names:    map[string]string{"nombre": "Xochitlqz", "apellido": "Ixtlilxochitlwk", "motivo": "operacionplantadaxq", "respuesta": "sincupoplantadoxq"},
		personal: map[string]string{"dni": "91827364558192736455", "email": "xochitl.plantada@ejemplo.gob.ar", "telefono": "+541144556677"},
		secrets:  map[string]string{"password": "clave plantada zkq 81", "bot token": bottest.Token},
	}
	var made order
	ana.want(http.StatusCreated, ana.do("POST", "/api/v1/efectivos", map[string]any{
		"nombre": c.names["nombre"], "apellido": c.names["apellido"], "dni": c.personal["dni"], "email": c.personal["email"],
		"telefono": c.personal["telefono"], "codigo_interno": "XQ-1",
	}), &made)
	c.efectivo = made.ID
	var ficha struct{ Usuario string }
	ana.want(http.StatusOK, ana.do("GET", "/api/v1/efectivos/"+made.ID, nil, minPosition(made.Posicion)...), &ficha)
	c.usuario = ficha.Usuario

	// He takes his account up and logs in, with a second factor the second time.
	var link struct{ Codigo string }
	ana.want(http.StatusOK, ana.do("POST", "/api/v1/usuarios/"+c.usuario+"/activacion", nil), &link)
	c.secrets["activation"] = link.Codigo
	he := &client{t: w.t, base: w.at.http}
	he.want(http.StatusNoContent, he.do("POST", "/api/v1/auth/activacion", map[string]string{"codigo": link.Codigo, "password": c.secrets["password"]}), nil)
	he.signIn(c, "first", "")
	var second struct {
		Secreto string
	}
	he.want(http.StatusOK, he.do("POST", "/api/v1/auth/totp", map[string]string{"password": c.secrets["password"]}), &second)
	c.secrets["TOTP"] = second.Secreto
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(strings.ToUpper(second.Secreto), " ", ""))
	if err != nil {
		w.t.Fatal(err)
	}
	c.secrets["TOTP, raw"] = string(key)
	var recovery struct {
		Codigos []string `json:"codigos_recuperacion"`
	}
	he.want(http.StatusOK, he.do("POST", "/api/v1/auth/totp", map[string]string{"codigo": totp(key, time.Now())}), &recovery)
	for i, code := range recovery.Codigos {
		c.secrets[fmt.Sprint("recovery ", i)] = code
	}
	he.signIn(c, "second", recovery.Codigos[0])
	var next struct {
		Refresh string `json:"refresh_token"`
	}
	he.want(http.StatusOK, he.do("POST", "/api/v1/auth/refresh", map[string]string{"refresh_token": c.secrets["second refresh"]}), &next)
	c.secrets["rotated refresh"] = next.Refresh

	// Telegram.
	var code struct{ Codigo string }
	he.want(http.StatusOK, he.do("POST", "/api/v1/usuarios/"+c.usuario+"/vinculo-telegram", nil), &code)
	c.names["link code"] = code.Codigo // of one use, and stands in his message to the bot
	telegram.Text(canaryAccount, "/vincular "+code.Codigo)
	eventually(w.t, "the account is linked", func() bool {
		var yo struct{ Telegram bool }
		he.want(http.StatusOK, he.do("GET", "/api/v1/auth/yo", nil), &yo)
		return yo.Telegram
	})

	// Work, leaves, and what goes wrong: refused logins, bodies that are no JSON.
	ana.want(http.StatusOK, ana.do("POST", "/api/v1/efectivos/"+c.efectivo+"/turno", map[string]any{}), nil)
	var tarea order
	ana.want(http.StatusCreated, ana.do("POST", "/api/v1/tareas", map[string]any{"titulo": "Corte", "tipo": "intervencion", "prioridad": "alta"}), &tarea)
	c.tarea = tarea.ID
	ana.want(http.StatusOK, ana.do("POST", "/api/v1/tareas/"+tarea.ID+"/asignaciones", map[string]any{"efectivo": c.efectivo}), nil)
	he.want(http.StatusOK, he.do("POST", "/api/v1/efectivos/"+c.efectivo+"/posiciones", map[string]any{
		"fixes": []map[string]any{{"lat": -34.6, "lon": -58.4, "en": time.Now().UTC(), "precision_m": 8}},
	}), nil)
	var leave, end order
	he.want(http.StatusCreated, he.do("POST", "/api/v1/licencias", map[string]any{
		"desde": time.Now().Add(time.Hour), "hasta": time.Now().Add(2 * time.Hour), "motivo": c.names["motivo"],
	}), &leave)
	ana.want(http.StatusOK, ana.do("POST", "/api/v1/licencias/"+leave.ID+"/rechazo", map[string]any{"motivo": c.names["respuesta"]}), &end)
	seen := ana.want(http.StatusOK, ana.do("GET", "/api/v1/licencias", nil, minPosition(end.Posicion)...), nil)
	if !bytes.Contains(seen.body, []byte(c.names["motivo"])) || !bytes.Contains(seen.body, []byte(c.names["respuesta"])) {
		w.t.Errorf("an administrator does not read the reasons: %s", seen.body)
	}
	nobody := &client{t: w.t, base: w.at.http}
	refusal := nobody.want(http.StatusUnauthorized, nobody.do("POST", "/api/v1/auth/login", map[string]string{"email": c.personal["email"], "password": c.secrets["password"] + "x"}), nil).all()
	refusal = append(refusal, ana.want(http.StatusBadRequest, ana.do("POST", "/api/v1/usuarios", c.personal["email"]), nil).all()...)
	refusal = append(refusal, nobody.do("POST", "/api/v1/auth/refresh", map[string]string{"refresh_token": c.secrets["second refresh"] + "x"}).all()...)
	nobody.token = he.token[:len(he.token)-4] + "AAAA"
	refusal = append(refusal, nobody.want(http.StatusUnauthorized, nobody.do("GET", "/api/v1/auth/yo", nil), nil).all()...)
	w.silent("what is refused", in("a refusal", refusal, c.personal))
	w.silent("what is refused", in("a refusal", refusal, c.secrets))

	kek, err := os.ReadFile(filepath.Join(w.data, "kek"))
	if err != nil {
		w.t.Fatal(err)
	}
	c.secrets["KEK"], c.secrets["KEK, hex"], c.secrets["KEK, base64"] = string(kek), hex.EncodeToString(kek), base64.StdEncoding.EncodeToString(kek)
	return c
}

// signIn logs in and remembers the tokens as secrets.
func (he *client) signIn(c *canary, which, code string) {
	he.t.Helper()
	var tokens struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
	}
	he.want(http.StatusOK, he.do("POST", "/api/v1/auth/login", map[string]string{
		"email": c.personal["email"], "password": c.secrets["password"], "totp": code,
	}), &tokens)
	he.token = tokens.Access
	c.secrets[which+" access"], c.secrets[which+" refresh"] = tokens.Access, tokens.Refresh
}

// erase has two administrators erase somebody.
func (w *world) erase(ana, bea *client, usuario string) {
	w.t.Helper()
	var pedido order
	ana.want(http.StatusCreated, ana.do("POST", "/api/v1/usuarios/"+usuario+"/borrado-datos", map[string]any{"motivo": "lo pidió por escrito"}), &pedido)
	at := "/api/v1/aprobaciones/" + pedido.ID
	bea.want(http.StatusOK, bea.do("POST", at+"/aprobacion", nil), nil)
	ana.want(http.StatusOK, ana.do("POST", at+"/ejecucion", nil), nil)
}

// export is the bundle of the whole log that two administrators agreed on.
func (w *world) export(ana, bea *client) []byte {
	w.t.Helper()
	var pedido order
	ana.want(http.StatusCreated, ana.do("POST", "/api/v1/auditoria/exportaciones", map[string]any{
		"desde": time.Now().Add(-time.Hour), "hasta": time.Now().Add(time.Hour), "motivo": "auditoría anual",
	}), &pedido)
	bea.want(http.StatusOK, bea.do("POST", "/api/v1/aprobaciones/"+pedido.ID+"/aprobacion", nil), nil)
	_, replay := w.gad("audit", "replay")
	return append(ana.want(http.StatusOK, ana.do("GET", "/api/v1/auditoria/exportaciones/"+pedido.ID, nil), nil).body, replay...)
}

// in names the values that a text holds.
func in(where string, text []byte, values map[string]string) (found []string) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if bytes.Contains(text, []byte(values[name])) {
			found = append(found, name+" in "+where)
		}
	}
	return found
}

func (w *world) silent(where string, found []string) {
	w.t.Helper()
	if len(found) > 0 {
		w.t.Errorf("%s: %q", where, found)
	}
}

// anywhere looks into every file of the world but the keys themselves and the directories
// left out.
func (w *world) anywhere(dir string, values map[string]string, without []string) (found []string) {
	w.t.Helper()
	roots := []string{filepath.Join(w.data, dir)}
	if real, err := filepath.EvalSymlinks(filepath.Join(w.data, "postgres")); err == nil {
		roots = append(roots, real)
	}
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return nil //nolint:nilerr // gone meanwhile
			case d.IsDir() && slices.Contains(without, d.Name()):
				return filepath.SkipDir
			case !d.Type().IsRegular() || d.Name() == "kek" || d.Name() == "kek.next":
				return nil
			}
			if text, err := os.ReadFile(path); err == nil {
				found = append(found, in(path, text, values)...)
			}
			return nil
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	return found
}

// inRedis reads every key and value.
func (w *world) inRedis(values map[string]string) (found []string) {
	w.t.Helper()
	options, err := redis.ParseURL(w.servers.redis.URL(0))
	if err != nil {
		w.t.Fatal(err)
	}
	rdb := redis.NewClient(options)
	defer func() { _ = rdb.Close() }()
	ctx := w.t.Context()
	keys := rdb.Scan(ctx, 0, "*", 1000).Iterator()
	n := 0
	for ; keys.Next(ctx); n++ {
		key := keys.Val()
		var value any
		switch kind := rdb.Type(ctx, key).Val(); kind {
		case "none": // expired meanwhile
			continue
		case "string":
			value = rdb.Get(ctx, key).Val()
		case "hash":
			value = rdb.HGetAll(ctx, key).Val()
		case "set":
			value = rdb.SMembers(ctx, key).Val()
		case "zset":
			value = rdb.ZRange(ctx, key, 0, -1).Val()
		case "list":
			value = rdb.LRange(ctx, key, 0, -1).Val()
		case "stream":
			value = rdb.XRange(ctx, key, "-", "+").Val()
		default:
			w.t.Errorf("the key %s is a %s, which nobody looks into", key, kind)
		}
		found = append(found, in("the key "+key, fmt.Appendf(nil, "%s %v", key, value), values)...)
	}
	if err := keys.Err(); err != nil || n == 0 {
		w.t.Fatalf("%d keys in Redis: %v", n, err)
	}
	return found
}

// inNATS reads every message of every stream.
func (w *world) inNATS(values map[string]string) (found []string) {
	w.t.Helper()
	conn, err := nats.Connect(w.servers.nats.URL(), nats.Timeout(patience))
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn, jetstream.WithDefaultTimeout(patience))
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	n := 0
	for names := js.StreamNames(ctx); ; {
		name, ok := <-names.Name()
		if !ok {
			break
		}
		stream, err := js.Stream(ctx, name)
		if err != nil {
			w.t.Fatal(err)
		}
		for at := stream.CachedInfo().State.FirstSeq; at <= stream.CachedInfo().State.LastSeq; at++ {
			m, err := stream.GetMsg(ctx, at)
			if err != nil {
				w.t.Fatal(err)
			}
			n++
			found = append(found, in(fmt.Sprintf("%s %d", name, at), fmt.Appendf(m.Data, "%s %v", m.Subject, m.Header), values)...)
		}
	}
	if n == 0 {
		w.t.Fatal("no message in JetStream: this test sees nothing")
	}
	return found
}

// inOps reads what operators see: metrics, health and profiles.
func (w *world) inOps(values map[string]string) (found []string) {
	w.t.Helper()
	for _, path := range []string{"/metrics", "/health", "/debug/pprof/heap?debug=1&gc=1", "/debug/pprof/heap", "/debug/pprof/goroutine?debug=2", "/debug/pprof/cmdline", "/debug/pprof/allocs", "/debug/pprof/block?debug=1", "/debug/pprof/mutex?debug=1", "/debug/pprof/threadcreate?debug=1"} {
		resp, err := http.Get(w.at.ops + path)
		if err != nil {
			w.t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK {
			w.t.Fatalf("%s: %d %v", path, resp.StatusCode, err)
		}
		found = append(found, in(path, text, values)...)
	}
	return found
}

// inAnswers asks every question that may speak of him.
func (w *world) inAnswers(who *client, c *canary, values map[string]string) (found []string) {
	w.t.Helper()
	for _, path := range []string{
		"/usuarios", "/usuarios?q=" + c.names["nombre"], "/usuarios/" + c.usuario, "/efectivos", "/efectivos?q=" + c.names["apellido"],
		"/efectivos/" + c.efectivo, "/licencias", "/tareas", "/tareas.csv", "/tareas.geojson", "/tareas/" + c.tarea, "/tareas/" + c.tarea + "/historial",
		"/tareas/" + c.tarea + "/recomendacion", "/geo/mapa?bbox=-59,-35,-58,-34", "/geo/cercanos?lat=-34.6&lon=-58.4", "/eventos?limite=200",
		"/auditoria/incidentes", "/auditoria/actividad", "/aprobaciones", "/estadisticas/resumen", "/estadisticas/dotacion",
		"/estadisticas/usuarios/" + c.usuario, "/admin/cache", "/admin/proyecciones",
	} {
		a := who.do("GET", "/api/v1"+path, nil)
		if a.err != nil || a.status >= 500 {
			w.t.Errorf("GET %s: %d %v", path, a.status, a.err)
		}
		found = append(found, in(fmt.Sprintf("GET %s (%d)", path, a.status), a.all(), values)...)
	}
	return found
}

// all is everything that an answer says.
func (a answer) all() []byte { return fmt.Appendf(nil, "%v %s", a.header, a.body) }

// TestKeyComesOfAge: the policy leaves a young key alone and renews an old one under a running
// system, which goes on reading and sealing; where it may not, it says so.
func TestKeyComesOfAge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ana := w.as(permiso.Administrador)
	id := w.supervisorWith(ana)
	file := filepath.Join(w.data, "kek")
	key := func() []byte {
		t.Helper()
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	young := key()
	if err := w.sys.renewIfOld(t.Context(), time.Now()); err != nil || !bytes.Equal(key(), young) {
		t.Errorf("a young key: %v", err)
	}
	old := time.Now().Add(w.sys.settings.VaultKEKMaxAge + time.Minute)
	w.sys.settings.VaultKEKRenew = false
	if err := w.sys.renewIfOld(t.Context(), old); err == nil || !bytes.Equal(key(), young) {
		t.Errorf("an old key that may not be renewed: %v", err)
	}
	w.sys.settings.VaultKEKRenew = true
	w.sys.settings.VaultKEKHour = (old.In(w.sys.zone).Hour() + 1) % 24
	if err := w.sys.renewIfOld(t.Context(), old); err != nil || !bytes.Equal(key(), young) {
		t.Errorf("an old key at an hour at which people work: %v", err)
	}
	w.sys.settings.VaultKEKHour = old.In(w.sys.zone).Hour()
	if err := w.sys.renewIfOld(t.Context(), old); err != nil || bytes.Equal(key(), young) {
		t.Errorf("an old key: %v", err)
	}
	w.readsOf(ana, id)
	w.halt()
	w.start()
	w.readsOf(w.as(permiso.Administrador), id)
}

// totp is RFC 6238 with six digits and steps of 30 s.
func totp(key []byte, at time.Time) string {
	mac := hmac.New(sha1.New, key)
	_ = binary.Write(mac, binary.BigEndian, at.Unix()/30)
	sum := mac.Sum(nil)
	from := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[from:])&0x7fffffff%1_000_000)
}

// TestEveryTableIsSorted: a table is one that an erasure rewrites or one that names nobody.
func TestEveryTableIsSorted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rows, err := w.sys.pool.Query(t.Context(), `select schemaname || '.' || tablename from pg_tables
		where schemaname in ('boveda', 'lectura', 'sesiones', 'buzon') order by 1`)
	if err != nil {
		t.Fatal(err)
	}
	sorted := slices.Concat(mayName, namesNobody)
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(sorted, table) {
			t.Errorf("%s: may it name somebody? say so in vault_renewal.go", table)
		}
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
}
