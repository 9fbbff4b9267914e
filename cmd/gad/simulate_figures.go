package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/grupo-gad/gad/domain/tarea"
)

// simFigures are the system's own statistics of what was created since a run began. Their
// times are of the real clock.
type simFigures struct {
	Por       map[string][]simGroup `json:"por"`
	Tiempos   simTimes              `json:"tiempos"`
	Dotacion  simStaff              `json:"dotacion"`
	Efectivos map[string]int64      `json:"efectivos"`
	Hechos    simFacts              `json:"hechos"`
	Faltan    bool                  `json:"sin_respuesta"` // the system did not answer: they are not whole
}

// simGroup is what /estadisticas/tareas counts under one key.
type simGroup struct {
	Clave       string  `json:"clave"`
	Etiqueta    string  `json:"etiqueta"`
	Total       int64   `json:"total"`
	Finalizadas int64   `json:"finalizadas"`
	DuracionP50 float64 `json:"duracion_p50_s"`
	DuracionP90 float64 `json:"duracion_p90_s"`
}

// simTimes is what the summary shows of /estadisticas/tiempos.
type simTimes struct {
	Duraciones struct {
		General simPercentiles `json:"general"`
	} `json:"duraciones"`
	Respuesta struct {
		Oferta     simPercentiles `json:"oferta"`
		Aceptacion simPercentiles `json:"aceptacion"`
		Llegada    simPercentiles `json:"llegada"`
		Respuesta  simPercentiles `json:"respuesta"`
		Cierre     simPercentiles `json:"cierre"`
	} `json:"respuesta"`
}

type simPercentiles struct {
	N   int64   `json:"n"`
	P50 float64 `json:"p50_s"`
	P90 float64 `json:"p90_s"`
}

// simStaff is what the summary shows of /estadisticas/dotacion.
type simStaff struct {
	Sugeridos int    `json:"sugeridos"`
	Minimo    int    `json:"minimo"`
	Maximo    int    `json:"maximo"`
	Nivel     string `json:"nivel"`
}

// withoutData is the confidence of a suggestion that rests on nothing.
const withoutData = "sin_datos"

// simGroupings are by what the summary counts Tareas.
var simGroupings = []string{"estado", "tipo", "prioridad", "zona"}

// figuresFor is how long the system may take to tell of a run; a long one has many facts.
const figuresFor = 5 * time.Minute

// figures asks the system for its statistics of this run.
func (s *simulation) figures(ctx context.Context, since time.Time) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), figuresFor)
	defer cancel()
	f := simFigures{Por: map[string][]simGroup{}}
	ask := func(path string, q url.Values, out any) {
		if f.Faltan {
			return
		}
		if len(q) > 0 {
			path += "?" + q.Encode()
		}
		err := s.desk.do(ctx, http.MethodGet, "/estadisticas/"+path, nil, out)
		for statusOf(err) == http.StatusServiceUnavailable && ctx.Err() == nil { // its projection is not there yet
			err = s.desk.do(ctx, http.MethodGet, "/estadisticas/"+path, nil, out)
		}
		if err != nil {
			s.stats.failed(err)
			f.Faltan = true
		}
	}
	desde := since.UTC().Format(time.RFC3339Nano)
	for _, por := range simGroupings {
		var list struct {
			Datos []simGroup `json:"datos"`
		}
		ask("tareas", url.Values{"desde": {desde}, "por": {por}}, &list)
		f.Por[por] = list.Datos
	}
	ask("tiempos", url.Values{"desde": {desde}}, &f.Tiempos)
	ask("dotacion", nil, &f.Dotacion)
	var now struct {
		Efectivos map[string]int64 `json:"efectivos"`
	}
	ask("resumen", nil, &now)
	f.Efectivos = now.Efectivos
	if !f.Faltan {
		f.Hechos, f.Faltan = s.facts(ctx, since)
	}
	s.stats.count(func(st *simStats) { st.Sistema = f })
}

// print shows the times as the simulated clock ran: so many times faster.
func (f simFigures) print(w io.Writer, speed float64) error {
	const most = 6 // groups of a kind
	if f.Faltan {
		_, err := fmt.Fprintln(w, "el sistema no contestó todas las preguntas: no se muestran sus estadísticas ni su registro")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	simulated := func(n int64, s float64) string { return ofSome(n, s*speed) }
	_, _ = fmt.Fprint(t, "lo que dice el sistema de todo lo creado desde que empezó, en tiempo simulado\n  tareas por\ttotal\tfinalizadas\tduración p50\tp90\n") // kept by the tabwriter
	for _, por := range simGroupings {
		groups := f.Por[por]
		if por == "zona" { // there are many: the busiest ones
			groups = slices.SortedStableFunc(slices.Values(groups), func(a, b simGroup) int { return cmp.Compare(b.Total, a.Total) })
		}
		for i, g := range groups {
			if i == most {
				_, _ = fmt.Fprintf(t, "    %s: y %d más\n", por, len(groups)-i)
				break
			}
			name := g.Etiqueta
			if p, err := tarea.ParsePrioridad(g.Clave); por == "prioridad" && err == nil {
				name = g.Clave + " (" + p.Nombre() + ")"
			}
			name = cmp.Or(name, g.Clave, "(ninguna)")
			_, _ = fmt.Fprintf(t, "    %s %s\t%d\t%d\t%s\t%s\n", por, name, g.Total, g.Finalizadas,
				simulated(g.Finalizadas, g.DuracionP50), simulated(g.Finalizadas, g.DuracionP90))
		}
	}
	_, _ = fmt.Fprint(t, "  tiempos\tcasos\tp50\tp90\n")
	r := f.Tiempos.Respuesta
	for _, row := range []struct {
		name string
		p    simPercentiles
	}{
		{"de crearla a ofrecerla o asignarla", r.Oferta},
		{"de ahí a aceptarla", r.Aceptacion},
		{"de ahí a llegar", r.Llegada},
		{"de crearla a llegar", r.Respuesta},
		{"de crearla a cerrarla", r.Cierre},
		{"duración del trabajo", f.Tiempos.Duraciones.General},
	} {
		_, _ = fmt.Fprintf(t, "    %s\t%d\t%s\t%s\n", row.name, row.p.N, simulated(row.p.N, row.p.P50), simulated(row.p.N, row.p.P90))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	var now []string
	for _, k := range slices.Sorted(maps.Keys(f.Efectivos)) {
		now = append(now, fmt.Sprintf("%s %d", k, f.Efectivos[k]))
	}
	d := f.Dotacion
	suggested := fmt.Sprintf("%d efectivos (de %d a %d; confianza %s)", d.Sugeridos, d.Minimo, d.Maximo, d.Nivel)
	if d.Nivel == withoutData {
		suggested = "sin datos todavía"
	}
	if _, err := fmt.Fprintf(w, "  efectivos ahora: %s\n  dotación sugerida para las próximas horas: %s\n", strings.Join(now, ", "), suggested); err != nil {
		return err
	}
	return f.Hechos.print(w)
}
