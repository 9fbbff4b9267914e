package rest_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/grupo-gad/gad/domain/permiso"
)

// Figures leave written and compressed once for all who see everything; never older than was
// asked for, and never to who sees a part of it.
func TestFiguresAreWrittenOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	noon := time.Now().UTC().Truncate(24 * time.Hour).Add(12 * time.Hour)
	path := "/api/v1/estadisticas/tareas?por=dia&desde=" + noon.AddDate(0, 0, -7).Format(time.RFC3339) + "&hasta=" + noon.AddDate(0, 0, 1).Format(time.RFC3339)
	packed := func(c client) map[string]any {
		resp, err := http.DefaultClient.Do(c.request(http.MethodGet, path, nil, header("Accept-Encoding", "gzip")))
		must(t, err)
		defer func() { _ = resp.Body.Close() }()
		if h := resp.Header; h.Get("Content-Encoding") != "gzip" || h.Get("Vary") != "Accept-Encoding" || h.Get("X-Gad-Position") == "" {
			t.Errorf("headers %v", h)
		}
		zip, err := gzip.NewReader(resp.Body)
		must(t, err)
		body, err := io.ReadAll(zip)
		must(t, err)
		var v map[string]any
		must(t, json.Unmarshal(body, &v))
		return undated(v)
	}
	zone := func(nombre string, lon float64) string {
		return w.admin.call(http.MethodPost, "/api/v1/zonas", map[string]any{
			"nombre": nombre, "clase": "jurisdiccion", "radio_m": 300, "geometria": map[string]any{"type": "Point", "coordinates": []float64{lon, -34.6}},
		}).want(http.StatusCreated).text("id")
	}
	norte, sur := zone("Norte", -58.4), zone("Sur", -58.5)
	boss := w.user(permiso.Supervisor)
	for n := 1.0; n <= 2; n++ {
		w.admin.call(http.MethodPost, "/api/v1/tareas", map[string]any{"titulo": "Choque", "tipo": "intervencion", "zona": norte}).want(http.StatusCreated)
		a := w.admin.call(http.MethodGet, path, nil, header("Accept-Encoding", "identity")).want(http.StatusOK)
		plain := undated(a.object())
		if plain["total"] != n || a.header.Get("Content-Encoding") != "" {
			t.Errorf("of %v: %v %s", n, a.header, a.raw)
		}
		for _, c := range []client{w.admin, boss, boss} {
			equal(t, plain, packed(c))
		}
	}
	if part := packed(w.narrow([]string{sur}, nil)); part["total"] != 0.0 {
		t.Errorf("who answers for a part sees %v", part["total"])
	}
}

// undated is an answer without what a calculation in between changes.
func undated(v map[string]any) map[string]any {
	delete(v, "calculada")
	delete(v, "posicion")
	return v
}
