package bot

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/projections/tareas"
)

var rewrite = flag.Bool("update", false, "write the sentences anew")

// Nobody is offered what he may not do, nor the end of what is not his yet.
func TestOverdueAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rol   permiso.Rol
		paso  tarea.EstadoAsignacion
		text  string
		pasos []tarea.EstadoAsignacion
	}{
		{permiso.Supervisor, "", textoVencidaACargo, []tarea.EstadoAsignacion{pasoFinalizar, pasoVista}},
		{permiso.Efectivo, "", textoVencidaACargo, []tarea.EstadoAsignacion{pasoFinalizar, pasoVista}},
		{permiso.Efectivo, tarea.PasoAsignada, textoVencidaCumple, []tarea.EstadoAsignacion{pasoFinalizar, pasoVista}},
		{permiso.Efectivo, tarea.PasoEnLugar, textoVencidaCumple, []tarea.EstadoAsignacion{pasoFinalizar, pasoVista}},
		{permiso.Efectivo, tarea.PasoOfrecida, textoVencidaOferta, []tarea.EstadoAsignacion{pasoVista}},
		{permiso.Auditor, "", textoVencidaMira, nil},
	} {
		text, pasos := concerned{paso: c.paso}.answers(c.rol)
		if text != c.text || !slices.Equal(pasos, c.pasos) {
			t.Errorf("%s %q: %q with %v", c.rol, c.paso, text, pasos)
		}
	}
}

// Everything the bot can say, in one file that people read before it changes.
func TestSentences(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	f, err := parser.ParseFile(token.NewFileSet(), "texto.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		var text strings.Builder
		ast.Inspect(spec.Values[0], func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok {
				part, _ := strconv.Unquote(lit.Value)
				text.WriteString(part)
			}
			return true
		})
		if name := spec.Names[0].Name; strings.HasPrefix(name, "texto") || strings.HasPrefix(name, "boton") && text.Len() < 40 || strings.HasPrefix(name, "menu") {
			fmt.Fprintf(&out, "%s\n%s\n\n", name, text.String())
		}
		return true
	})
	for _, words := range []map[tarea.EstadoAsignacion]string{botonDe, hechoDe, estadoDe} {
		for _, k := range slices.Sorted(maps.Keys(words)) {
			fmt.Fprintf(&out, "%s: %s\n", k, words[k])
		}
		out.WriteString("\n")
	}
	plaza := tareas.Tarea{
		Codigo: "T-2026-000123", Titulo: "Relevar la plaza", Prioridad: tarea.Urgente,
		Ubicacion: &tareas.Ubicacion{Lat: -34.603722, Lon: -58.381592, Descripcion: "Bolívar y Moreno"},
	}
	emergencia := plaza
	emergencia.Tipo, emergencia.Prioridad = tarea.Emergencia, tarea.Critica
	borrada := tareas.Tarea{Codigo: "T-2026-000124", Prioridad: tarea.Media}
	simulada := plaza
	simulada.Simulada, simulada.Estado = true, tarea.EstadoProgramada
	enCurso := plaza
	enCurso.Estado, borrada.Estado = tarea.EstadoEnCurso, tarea.EstadoPausada
	fin := time.Date(2026, time.November, 27, 14, 5, 0, 0, time.UTC)
	here := geo.Punto{Lat: -34.6, Lon: -58.4}
	for _, text := range []string{
		textoDada(simulada, tarea.PasoAsignada), textoEnLista(simulada, tarea.PasoAceptada), textoHecho(simulada, pasoFinalizar),
		textoDada(plaza, tarea.PasoAsignada), textoDada(borrada, tarea.PasoAsignada), textoDada(emergencia, tarea.PasoOfrecida), textoEnLista(plaza, tarea.PasoEnCamino),
		textoHecho(plaza, tarea.PasoEnLugar), textoHecho(borrada, pasoFinalizar), textoRechazo(tarea.ErrFinalizada.Message),
		textoSOS("M-17", textoLugar(&here), false, false), textoSOS("M-17", textoLugar(nil), true, true),
		textoSOS("M-17", textoLugar(&here)+textoMovido(geo.Punto{Lat: -34.61, Lon: -58.4}, 10*time.Second), true, false), textoSOS("M-17", textoLugarViejo(here, fin, 73*time.Hour), false, false),
		lapso(89*time.Second) + ", " + lapso(91*time.Second) + ", " + lapso(119*time.Minute) + ", " + lapso(2*time.Hour) + ", " + lapso(47*time.Hour+time.Minute),
		textoUrgente(plaza), textoEmpieza(40*time.Minute+3*time.Second) + nombreDe(plaza), textoEmpieza(20*time.Second) + nombreDe(simulada),
		textoEmpieza(10*time.Minute-3*time.Second) + textoSinNadie(plaza), textoEmpieza(-5*time.Minute) + nombreDe(plaza),
		textoVencida(enCurso, fin, textoVencidaCumple), textoVencida(simulada, fin, textoVencidaACargo), textoVencida(borrada, fin, textoVencidaMira),
	} {
		out.WriteString(text + "\n\n")
	}
	const path = "testdata/textos.txt"
	if *rewrite {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(kept), out.String()); diff != "" {
		t.Error(diff)
	}
}
