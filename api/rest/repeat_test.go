package rest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/postgres"
)

// TestRepeatedOrders: the four answers a key can lead to.
func TestRepeatedOrders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const path = "/api/v1/tareas"
	body := map[string]any{"titulo": "Choque en avenida", "tipo": "intervencion"}
	key := header("Idempotency-Key", "la misma")

	// The same answer, whatever happened since.
	first := w.admin.call("POST", path, body, key).want(http.StatusCreated)
	w.admin.call("POST", path+"/"+first.text("id")+"/cancelacion", map[string]any{"motivo": "ya no hace falta"}).want(http.StatusOK)
	head := w.head()
	again := w.admin.call("POST", path, body, key).want(http.StatusCreated)
	equal(t, string(first.raw), string(again.raw))
	for _, name := range []string{"Location", "ETag", "X-Gad-Position", "X-Gad-Command", "Content-Type"} {
		equal(t, first.header.Get(name), again.header.Get(name))
	}
	equal(t, []string{"", "true"}, []string{first.header.Get("Idempotency-Replayed"), again.header.Get("Idempotency-Replayed")})
	equal(t, head, w.head())

	// Another content or another address is another order.
	w.admin.call("POST", path, map[string]any{"titulo": "Otro choque", "tipo": "intervencion"}, key).refused(http.StatusUnprocessableEntity, "comando_reutilizado")
	w.admin.call("POST", path+"/"+first.text("id")+"/inicio", nil, key).refused(http.StatusUnprocessableEntity, "comando_reutilizado")
	// Another person's key is another key.
	w.user("supervisor").call("POST", path, body, key).want(http.StatusCreated)

	for name, values := range map[string][]string{
		"empty": {""}, "too long": {strings.Repeat("x", 65)}, "not ASCII": {"ñandú"}, "a control": {"a\tb"}, "two": {"a", "b"},
	} {
		twice := func(r *http.Request) { r.Header["Idempotency-Key"] = values }
		if a := w.admin.send("POST", path, []byte(`{"titulo":"Choque en avenida","tipo":"intervencion"}`), header("Content-Type", "application/json"), twice); a.status != http.StatusBadRequest {
			t.Errorf("a key that is %s answers %d: %s", name, a.status, a.raw)
		}
	}
	w.admin.call("POST", path, body, header("Idempotency-Key", strings.Repeat("~", 64))).want(http.StatusCreated)

	// While another process runs it, it is refused and left alone.
	actor := uuid.MustParse(w.admin.call("GET", "/api/v1/auth/yo", nil).text("id"))
	elsewhere := postgres.NewInflight(w.store).Patient(time.Minute)
	t.Cleanup(elsewhere.Close)
	release, ok := elsewhere.Claim(t.Context(), eventstore.CommandID(uuid.NewSHA1(actor, []byte("en curso"))))
	if !ok {
		t.Fatal("nobody runs it")
	}
	busy := header("Idempotency-Key", "en curso")
	w.admin.call("POST", path, body, busy).refused(http.StatusConflict, "orden_en_curso")
	release()
	w.admin.call("POST", path, body, busy).want(http.StatusCreated)

	// Once the key of its fingerprint is destroyed, a repeat is still a repeat.
	if _, err := w.pool.Exec(t.Context(), `delete from eventos.huellas_claves`); err != nil {
		t.Fatal(err)
	}
	w.api.Fingerprints = postgres.NewFingerprints(w.pool, make([]byte, 32))
	equal(t, string(first.raw), string(w.admin.call("POST", path, body, key).want(http.StatusCreated).raw))
}

// TestKeysOfFingerprintsRotate: a day old, a key makes no more; three days old, it is gone.
func TestKeysOfFingerprintsRotate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	root := make([]byte, 32)
	ages := func() (ages []int) {
		rows, err := w.pool.Query(t.Context(), `select extract(day from clock_timestamp() - creada)::int from eventos.huellas_claves order by creada`)
		must(t, err)
		defer rows.Close()
		for rows.Next() {
			var days int
			must(t, rows.Scan(&days))
			ages = append(ages, days)
		}
		return ages
	}
	make1 := func(f *postgres.Fingerprints) []byte {
		print, err := f.Make(t.Context(), "POST", "/x", "{}")
		must(t, err)
		return print
	}
	f := postgres.NewFingerprints(w.pool, root)
	old := make1(f)
	age := func(by string) {
		_, err := w.pool.Exec(t.Context(), `with o as (delete from eventos.huellas_claves returning *)
			insert into eventos.huellas_claves select id, secreto, creada - $1::interval from o`, by)
		must(t, err)
	}
	same := func(f *postgres.Fingerprints, stored []byte, parts ...string) bool {
		ok, err := f.Same(t.Context(), stored, parts...)
		must(t, err)
		return ok
	}
	age("25 hours")
	next := postgres.NewFingerprints(w.pool, root) // another process, or a day later
	young := make1(next)
	equal(t, []int{1, 0}, ages())
	if slices.Equal(old, young) || !same(next, old, "POST", "/x", "{}") || same(next, old, "POST", "/x", "{ }") {
		t.Error("the key of yesterday does not tell contents apart")
	}
	if !same(f, young, "POST", "/x", "{}") || same(f, young, "POST", "/", "x{}") {
		t.Error("a process does not learn of a key that another one made")
	}
	age("48 hours")
	last := postgres.NewFingerprints(w.pool, root)
	make1(last)
	equal(t, []int{2, 0}, ages())
	if !same(last, old, "anything") {
		t.Error("something still compares with a key that is gone")
	}
}
