package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/ops/local"
)

// planted is the personal data of one invented person: words that stand nowhere else. A dni of
// eight digits would, in the fractions of a second of some log.
var planted = map[string]string{
	"nombre": "Zoraidaxq", "apellido": "Quetzalwk", "dni": "98765412009876541200", "email": "zoraida.plantada@ejemplo.gob.ar", "telefono": "+541199887766",
}

// TestErasure: a person comes, is erased by two, and when the key of the vault was renewed
// nothing that was said of her is in any file. The log and its proofs are as they were.
func TestErasure(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ana, bea := w.as(permiso.Administrador), w.secondAdministrator()

	body := map[string]any{"rol": "supervisor"}
	for field, value := range planted {
		body[field] = value
	}
	var persona order
	ana.want(http.StatusCreated, ana.do("POST", "/api/v1/usuarios", body), &persona)
	// She is in the read models, and in their statistics.
	ana.want(http.StatusOK, ana.do("GET", "/api/v1/usuarios/"+persona.ID, nil, minPosition(persona.Posicion)...), nil)
	w.ownerDoes("analyze lectura.usuarios", "analyze lectura.efectivos_nombres", "checkpoint")
	if found := w.files("postgres", planted["nombre"]); len(found) == 0 {
		t.Fatal("the planted name is not even there before: this test sees nothing")
	}

	// Reading her data asks for a reason, and is a fact before the answer.
	path := "/api/v1/usuarios/" + persona.ID
	ana.refused(http.StatusUnprocessableEntity, "motivo_requerido", ana.do("POST", path+"/datos-personales", map[string]any{}))
	var read struct{ Datos map[string]string }
	ana.want(http.StatusOK, ana.do("POST", path+"/datos-personales", map[string]any{"motivo": "pedido del juzgado"}), &read)
	for field, want := range planted {
		if read.Datos[field] != want {
			t.Errorf("%s is %q, want %q", field, read.Datos[field], want)
		}
	}
	var looks struct{ Datos []struct{ Tipo string } }
	ana.want(http.StatusOK, ana.do("GET", "/api/v1/eventos?tipo=auditoria.datos_personales_leidos", nil), &looks)
	if len(looks.Datos) != 1 {
		t.Errorf("%d looks are on record", len(looks.Datos))
	}

	// Four eyes.
	var pedido order
	ana.want(http.StatusCreated, ana.do("POST", path+"/borrado-datos", map[string]any{"motivo": "lo pidió por escrito"}), &pedido)
	at := "/api/v1/aprobaciones/" + pedido.ID
	ana.refused(http.StatusConflict, "aprobacion_pendiente", ana.do("POST", at+"/ejecucion", nil))
	ana.refused(http.StatusForbidden, "aprobacion_propia", ana.do("POST", at+"/aprobacion", nil))
	w.as(permiso.Supervisor).refused(http.StatusForbidden, "prohibido", w.as(permiso.Supervisor).do("POST", at+"/aprobacion", nil))
	bea.want(http.StatusOK, bea.do("POST", at+"/aprobacion", nil), nil)
	var hecho order
	ana.want(http.StatusOK, ana.do("POST", at+"/ejecucion", nil), &hecho)
	ana.refused(http.StatusConflict, "aprobacion_ejecutada", ana.do("POST", at+"/ejecucion", nil))
	var seen struct{ Estado string }
	ana.want(http.StatusOK, ana.do("GET", at, nil, minPosition(hecho.Posicion)...), &seen)
	if seen.Estado != "ejecutada" {
		t.Errorf("the request is %s", seen.Estado)
	}
	ana.want(http.StatusOK, ana.do("POST", path+"/datos-personales", map[string]any{"motivo": "ver que no queda nada"}), &read)
	for field, got := range read.Datos {
		if got != "[suprimido]" {
			t.Errorf("%s is %q after the erasure", field, got)
		}
	}
	// Her address is free for another person.
	ana.want(http.StatusCreated, ana.do("POST", "/api/v1/usuarios", map[string]any{
		"rol": "supervisor", "nombre": "Otra", "apellido": "Persona", "email": planted["email"],
	}), nil)

	var sujeto string
	if err := w.sys.pool.QueryRow(t.Context(), "select sujeto from boveda.borrados where usuario = $1 and completo is null", persona.ID).Scan(&sujeto); err != nil {
		t.Fatalf("the erasure is not on record as incomplete: %v", err)
	}
	// Two processes: this one serves, the command renews.
	before, err := os.ReadFile(filepath.Join(w.data, "kek"))
	if err != nil {
		t.Fatal(err)
	}
	if code, out := w.gad("admin", "keys", "rotate-vault"); code != 0 || !strings.Contains(out, "1 borrados completos") {
		t.Fatalf("rotate-vault: %d %s", code, out)
	}
	after, err := os.ReadFile(filepath.Join(w.data, "kek"))
	if err != nil || bytes.Equal(before, after) {
		t.Errorf("the key is the same: %v", err)
	}
	// Texts of others are still read, by this process and by a new one; new ones are sealed.
	id := w.supervisorWith(ana)
	w.readsOf(ana, id)
	w.halt()
	w.start()
	w.readsOf(w.as(permiso.Administrador), id)

	if code, out := w.gad("audit", "verify"); code != 0 {
		t.Errorf("audit verify: %d %s", code, out)
	}
	w.halt()
	w.ownerDoes("checkpoint")
	for field, value := range planted {
		if field == "email" { // taken by the other one
			continue
		}
		if found := w.files(".", value); len(found) > 0 {
			t.Errorf("the planted %s is still in %v", field, found)
		}
	}
}

// TestRenewalWaitsForReadModels: one that is late for longer than a reader would wait is waited
// for, and that is said once.
func TestRenewalWaitsForReadModels(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	owner, err := pgx.Connect(t.Context(), w.servers.postgres.URL("gad", local.Superuser))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = owner.Close(context.WithoutCancel(t.Context())) }()
	// Who holds a checkpoint holds its projector.
	held, err := owner.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if tag, err := held.Exec(t.Context(), "select from eventos.checkpoints where projection = 'licencias' for update"); err != nil || tag.RowsAffected() == 0 {
		t.Fatalf("%d checkpoints: %v", tag.RowsAffected(), err)
	}
	w.supervisorWith(w.as(permiso.Administrador))
	head, err := w.sys.store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- w.sys.followErasures(t.Context(), head) }()
	const says = "waiting for a read model to follow the erasures"
	eventually(t, "it is said", func() bool { return bytes.Contains(w.logs.bytes(), []byte(says)) || len(done) > 0 })
	if err := held.Rollback(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Errorf("the renewal did not wait: %v", err)
	}
	if n := bytes.Count(w.logs.bytes(), []byte(says)); n != 1 {
		t.Errorf("it was said %d times", n)
	}
}

// TestExport: what two agreed on is taken once, proves itself and names nobody.
func TestExport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ana, bea := w.as(permiso.Administrador), w.secondAdministrator()
	w.supervisorWith(ana)
	var pedido order
	ana.want(http.StatusCreated, ana.do("POST", "/api/v1/auditoria/exportaciones", map[string]any{
		"desde": time.Now().Add(-time.Hour), "hasta": time.Now().Add(time.Hour), "motivo": "auditoría anual",
	}), &pedido)
	at := "/api/v1/auditoria/exportaciones/" + pedido.ID
	ana.refused(http.StatusConflict, "aprobacion_pendiente", ana.do("GET", at, nil))
	bea.want(http.StatusOK, bea.do("POST", "/api/v1/aprobaciones/"+pedido.ID+"/aprobacion", nil), nil)
	got := ana.want(http.StatusOK, ana.do("GET", at, nil), nil)
	ana.refused(http.StatusConflict, "aprobacion_ejecutada", ana.do("GET", at, nil))
	lines := bytes.SplitAfter(bytes.TrimSpace(got.body), []byte("\n"))
	var end struct {
		Fin struct {
			Hechos int    `json:"hechos"`
			SHA256 string `json:"sha256"`
		} `json:"fin"`
	}
	if err := json.Unmarshal(lines[len(lines)-1], &end); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(bytes.Join(lines[:len(lines)-1], nil))
	facts, batches := 0, 0
	for _, line := range lines {
		facts += bytes.Count(line, []byte(`{"hecho":`))
		batches += bytes.Count(line, []byte(`{"lote":`))
	}
	if end.Fin.SHA256 != hex.EncodeToString(sum[:]) || end.Fin.Hechos != facts || facts < 8 || batches == 0 {
		t.Errorf("%d facts, %d batches, end %+v, digest %x: %s", facts, batches, end, sum, got.body)
	}
	for _, value := range planted {
		if bytes.Contains(got.body, []byte(value)) {
			t.Errorf("the export says %s", value)
		}
	}
}

// TestTooManyLooks: the 51st look within ten minutes is an incident.
func TestTooManyLooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ana := w.as(permiso.Administrador)
	id := w.supervisorWith(ana)
	watch := w.watch(w.at.http, w.as(permiso.Supervisor).token)
	for range 51 {
		ana.want(http.StatusOK, ana.do("POST", "/api/v1/usuarios/"+id+"/datos-personales", map[string]any{"motivo": "control de legajos"}), nil)
	}
	var incidents struct{ Datos []struct{ Tipo string } }
	eventually(t, "the alarm rings", func() bool { return strings.Contains(watch.all(), `"kind":"lectura_masiva"`) })
	auditor := w.as(permiso.Auditor)
	auditor.want(http.StatusOK, auditor.do("GET", "/api/v1/auditoria/incidentes", nil), &incidents)
	if len(incidents.Datos) != 1 || incidents.Datos[0].Tipo != "auditoria.lectura_masiva" {
		t.Errorf("incidents: %+v", incidents.Datos)
	}
}

// supervisorWith registers a person with the planted data and returns the Usuario's id.
func (w *world) supervisorWith(c *client) string {
	w.t.Helper()
	body := map[string]any{"rol": "supervisor", "email": "otra@ejemplo.gob.ar", "nombre": "Marta", "apellido": "Sosa"}
	var o order
	c.want(http.StatusCreated, c.do("POST", "/api/v1/usuarios", body), &o)
	return o.ID
}

func (w *world) readsOf(c *client, id string) {
	w.t.Helper()
	var read struct{ Datos map[string]string }
	c.want(http.StatusOK, c.do("POST", "/api/v1/usuarios/"+id+"/datos-personales", map[string]any{"motivo": "control de legajos"}), &read)
	if read.Datos["nombre"] != "Marta" {
		w.t.Errorf("the name of another person is %q", read.Datos["nombre"])
	}
}

// secondAdministrator registers one on the server and logs in as her.
func (w *world) secondAdministrator() *client {
	w.t.Helper()
	bea := credential{Rol: permiso.Administrador, Email: "bea@gad.localhost", Password: "una clave larga y rara 7"}
	id, err := registerDevUser(w.t.Context(), w.sys, bea.Rol, bea.Email)
	if err == nil {
		err = w.sys.door.SetPassword(w.t.Context(), id, bea.Password)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return w.logIn(bea)
}

// ownerDoes runs statements as the superuser of the private server.
func (w *world) ownerDoes(statements ...string) {
	w.t.Helper()
	conn, err := pgx.Connect(w.t.Context(), w.servers.postgres.URL("gad", local.Superuser))
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(w.t.Context())) }()
	for _, s := range statements {
		if _, err := conn.Exec(w.t.Context(), s); err != nil {
			w.t.Fatal(err)
		}
	}
}

// files lists those below a directory of the data that contain a text. The write-ahead log is
// no heap: it is recycled by the server and what it says of the vault is under a destroyed key.
func (w *world) files(dir, text string) (found []string) {
	w.t.Helper()
	root := filepath.Join(w.data, dir)
	if real, err := filepath.EvalSymlinks(root); err == nil {
		root = real
	}
	roots := []string{root}
	if real, err := filepath.EvalSymlinks(filepath.Join(w.data, "postgres")); err == nil && dir == "." {
		roots = append(roots, real)
	}
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() && d.Name() == "pg_wal" {
				if err == nil {
					return filepath.SkipDir
				}
				return nil // gone meanwhile
			}
			if !d.Type().IsRegular() {
				return nil
			}
			f, err := os.Open(path)
			if err != nil {
				return nil // gone meanwhile
			}
			defer func() { _ = f.Close() }()
			b, err := io.ReadAll(f)
			if err == nil && bytes.Contains(b, []byte(text)) {
				found = append(found, path)
			}
			return nil
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	return found
}

// refused checks a problem and its codigo.
func (c *client) refused(status int, codigo string, a answer) {
	c.t.Helper()
	var p struct{ Codigo string }
	c.want(status, a, &p)
	if p.Codigo != codigo {
		c.t.Errorf("codigo %q, want %q", p.Codigo, codigo)
	}
}
