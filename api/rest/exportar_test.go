package rest_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/grupo-gad/gad/api/rest"
	"github.com/grupo-gad/gad/domain/permiso"
)

// TestExports: the three files hold what the list holds, to those who may see it, and nothing
// in them runs in a spreadsheet.
func TestExports(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(d *rest.Deps) { d.Settings.Zone = time.FixedZone("-03", -3*60*60) })
	supervisor, auditor, efectivo := w.user(permiso.Supervisor), w.user(permiso.Auditor), w.user(permiso.Efectivo)
	var last answer
	for _, titulo := range []string{`=HYPERLINK("http://malo.example";"clic")`, "+5491122223333 llamó", "Árbol, \"caído\"\nen dos renglones", "-2+3+cmd|' /C calc'!A0"} {
		last = supervisor.call(http.MethodPost, "/api/v1/tareas", map[string]any{
			"titulo": titulo, "tipo": "patrullaje", "descripcion": "@SUM(1+1)", "ubicacion": map[string]any{"lat": -34.6, "lon": -58.4, "descripcion": "\t=1+1"},
		}).want(http.StatusCreated)
	}
	unit := w.unit()
	who := w.admin.call(http.MethodGet, "/api/v1/efectivos/"+unit, nil).want(http.StatusOK).text("codigo_interno")
	norte := w.admin.call(http.MethodPost, "/api/v1/zonas", map[string]any{
		"nombre": "Norte", "clase": "jurisdiccion", "radio_m": 300, "geometria": map[string]any{"type": "Point", "coordinates": []float64{-58.4, -34.7}},
	}).want(http.StatusCreated).text("id")
	last = supervisor.call(http.MethodPost, "/api/v1/tareas", map[string]any{
		"titulo": "Ronda", "tipo": "inspeccion", "zona": norte, "efectivos": []string{unit}, "inicio_programado": "2031-01-02T03:04:05Z",
	}).want(http.StatusCreated)
	get := func(c client, path string) answer {
		t.Helper()
		return c.send(http.MethodGet, "/api/v1"+path, nil, last.at())
	}

	a := get(supervisor, "/tareas.csv?orden=codigo&tipo=patrullaje").want(http.StatusOK)
	if got := a.header.Get("Content-Disposition"); got != `attachment; filename="tareas.csv"` || a.header.Get("X-Gad-Position") == "" {
		t.Errorf("headers %v", a.header)
	}
	// Excel is told that it is UTF-8, on request; whoever reads the rest finds the same.
	marked := get(supervisor, "/tareas.csv?orden=codigo&tipo=patrullaje&bom=true").want(http.StatusOK)
	if rest, there := bytes.CutPrefix(marked.raw, []byte("\xef\xbb\xbf")); !there || !bytes.Equal(rest, a.raw) {
		t.Errorf("with a mark: %q", marked.raw)
	}
	get(supervisor, "/tareas.csv?bom=false").want(http.StatusOK)
	get(supervisor, "/tareas.csv?bom=quizas").refused(http.StatusUnprocessableEntity, "parametro_invalido")
	get(supervisor, "/tareas.xlsx?bom=true").refused(http.StatusBadRequest, "peticion_invalida")
	rows, err := csv.NewReader(bytes.NewReader(a.raw)).ReadAll()
	must(t, err)
	if len(rows) != 5 {
		t.Fatalf("%d rows", len(rows))
	}
	titulo, descripcion := slices.Index(rows[0], "titulo"), slices.Index(rows[0], "descripcion")
	for _, row := range rows[1:] {
		for i, cell := range row {
			if rows[0][i] == "lat" || rows[0][i] == "lon" {
				continue // numbers of ours
			}
			if cell != "" && strings.ContainsRune("=+-@\t", []rune(cell)[0]) {
				t.Errorf("%s runs: %q", rows[0][i], cell)
			}
		}
	}
	if rows[3][titulo] != "Árbol, \"caído\"\nen dos renglones" || rows[1][titulo] != `'=HYPERLINK("http://malo.example";"clic")` {
		t.Errorf("rows %q", rows)
	}

	a = get(supervisor, "/tareas.csv?tipo=inspeccion").want(http.StatusOK)
	if rows, err := csv.NewReader(bytes.NewReader(a.raw)).ReadAll(); err != nil || len(rows) != 2 ||
		!slices.Equal(rows[1][len(rows[1])-3:], []string{"Norte", who, ""}) || !slices.Contains(rows[1], "2031-01-02T03:04:05Z") {
		t.Errorf("names %q, %v", rows, err)
	}
	a = get(supervisor, "/tareas.xlsx?tipo=inspeccion").want(http.StatusOK)
	names, err := excelize.OpenReader(bytes.NewReader(a.raw))
	must(t, err)
	// The operation's own clock.
	if named, err := names.GetRows("tareas"); err != nil || !slices.Contains(named[1], "2031-01-02 00:04:05") || !slices.Contains(named[1], who) {
		t.Errorf("names %q, %v", named, err)
	}

	a = get(supervisor, "/tareas.xlsx?orden=codigo&estado=programada&tipo=patrullaje").want(http.StatusOK)
	book, err := excelize.OpenReader(bytes.NewReader(a.raw))
	must(t, err)
	sheet, err := book.GetRows("tareas")
	must(t, err)
	if len(sheet) != 5 || sheet[1][titulo] != rows[1][titulo] || sheet[2][descripcion] != "'@SUM(1+1)" {
		t.Errorf("sheet %q", sheet)
	}
	for _, cell := range []string{"B2", "B3", "C2", "O2"} {
		if f, err := book.GetCellFormula("tareas", cell); err != nil || f != "" {
			t.Errorf("%s is a formula %q, %v", cell, f, err)
		}
	}

	var collection struct {
		Type     string
		Features []struct {
			Geometry   struct{ Coordinates [2]float64 }
			Properties struct{ Titulo string }
		}
	}
	a = get(supervisor, "/tareas.geojson?orden=codigo&q=arbol").want(http.StatusOK)
	must(t, json.Unmarshal(a.raw, &collection))
	if collection.Type != "FeatureCollection" || len(collection.Features) != 1 || collection.Features[0].Geometry.Coordinates != [2]float64{-58.4, -34.6} ||
		collection.Features[0].Properties.Titulo != "Árbol, \"caído\"\nen dos renglones" {
		t.Errorf("got %s", a.raw)
	}

	for _, format := range []string{"csv", "geojson"} {
		a = get(auditor, "/tareas."+format).want(http.StatusOK)
		if bytes.Contains(a.raw, []byte("rbol")) || !bytes.Contains(a.raw, []byte("[reservado]")) {
			t.Errorf("the auditor reads %s", a.raw)
		}
		get(auditor, "/tareas."+format+"?q=arbol").refused(http.StatusForbidden, "prohibido")
		if a = get(efectivo, "/tareas."+format).want(http.StatusOK); bytes.Contains(a.raw, []byte("rbol")) {
			t.Errorf("somebody uninvolved reads %s", a.raw)
		}
	}
	get(supervisor, "/tareas.csv?estado=nada").refused(http.StatusUnprocessableEntity, "parametro_invalido")
	get(supervisor, "/tareas.csv?limite=10").refused(http.StatusBadRequest, "peticion_invalida")
	get(client{w: w}, "/tareas.csv").want(http.StatusUnauthorized)
}
