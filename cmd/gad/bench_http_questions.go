package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/projections/bench"
	"github.com/grupo-gad/gad/projections/estadisticas"
)

// restQuestions are what dashboards ask all day, over REST.
func restQuestions(h *restClient, s bench.Sample) (all []bench.Question) {
	get := func(group, name string, bar float64, path string, values func(rng *rand.Rand) url.Values) {
		all = append(all, bench.Question{Group: group, Name: name, BarMS: bar, Ask: func(ctx context.Context, rng *rand.Rand) error {
			return h.do(ctx, permiso.Supervisor, http.MethodGet, path+"?"+values(rng).Encode(), nil, nil)
		}})
	}
	one := func(key string, value func(rng *rand.Rand) string) func(rng *rand.Rand) url.Values {
		return func(rng *rand.Rand) url.Values { return url.Values{key: {value(rng)}} }
	}
	word := func(words ...string) func(rng *rand.Rand) string {
		return func(rng *rand.Rand) string { return words[rng.IntN(len(words))] }
	}
	nothing := func(*rand.Rand) url.Values { return nil }
	get("tareas", "todas", bench.BarRead, "/tareas", nothing)
	get("tareas", "abiertas", bench.BarRead, "/tareas", one("estado", word("programada,en_curso,pausada")))
	get("tareas", "por zona", bench.BarRead, "/tareas", one("zona", func(rng *rand.Rand) string { return string(s.Zonas[rng.IntN(len(s.Zonas))]) }))
	get("tareas", "por efectivo", bench.BarRead, "/tareas", one("efectivo", func(rng *rand.Rand) string { return string(s.Efectivos[rng.IntN(len(s.Efectivos))]) }))
	get("tareas", "orden -creada", bench.BarRead, "/tareas", one("orden", word("-creada")))
	get("tareas", "busca una palabra", bench.BarRead, "/tareas", one("q", word("ruidos", "accidente", "Rivadavia", "árbol")))
	get("tareas", "busca con errores", bench.BarRead, "/tareas", one("q", word("acidente", "calsada", "rivadabia")))
	get("tareas", "busca un código", bench.BarRead, "/tareas", one("q", func(rng *rand.Rand) string { return s.Codigos[rng.IntN(len(s.Codigos))] }))
	get("efectivos", "todos", bench.BarRead, "/efectivos", nothing)
	get("efectivos", "de turno", bench.BarRead, "/efectivos", one("en_turno", word("true")))
	get("efectivos", "busca un nombre", bench.BarRead, "/efectivos", one("q", word("Giménez", "peralta")))
	get("cercanos", "10 disponibles", bench.BarRead, "/geo/cercanos", func(rng *rand.Rand) url.Values {
		p := s.Lugares[rng.IntN(len(s.Lugares))]
		return url.Values{"lat": {fmt.Sprint(p.Lat)}, "lon": {fmt.Sprint(p.Lon)}, "disponibles": {"true"}}
	})
	for _, half := range []float64{0.01, 0.025} {
		get("mapa", fmt.Sprintf("caja de %.0f km", 200*half), bench.BarRead, "/geo/mapa", one("bbox", func(rng *rand.Rand) string { return boxOf(s.Lugares[rng.IntN(len(s.Lugares))], half) }))
	}
	get("mapa", "radio de 2 km", bench.BarRead, "/geo/mapa", func(rng *rand.Rand) url.Values {
		p := s.Lugares[rng.IntN(len(s.Lugares))]
		return url.Values{"lat": {fmt.Sprint(p.Lat)}, "lon": {fmt.Sprint(p.Lon)}, "radio_m": {"2000"}}
	})
	// A beginning of its own each time is a figure that nobody has calculated.
	begin := s.Newest.AddDate(0, 0, -60)
	cold := func(rng *rand.Rand) string {
		return begin.Add(time.Duration(rng.Int64N(int64(24 * time.Hour)))).Format(time.RFC3339Nano)
	}
	for _, how := range []struct {
		group string
		bar   float64
		desde func(rng *rand.Rand) url.Values
	}{{"estadísticas en frío", bench.BarCold, one("desde", cold)}, {"estadísticas de Redis", bench.BarCached, nothing}} {
		for _, por := range estadisticas.Pors() {
			get(how.group, "tareas por "+string(por), how.bar, "/estadisticas/tareas", func(rng *rand.Rand) url.Values {
				v := url.Values{"por": {string(por)}}
				if d := how.desde(rng); d != nil {
					v.Set("desde", d.Get("desde"))
				}
				return v
			})
		}
		get(how.group, "tiempos", how.bar, "/estadisticas/tiempos", how.desde)
		get(how.group, "calor", how.bar, "/geo/calor", how.desde)
	}
	get("estadísticas de Redis", "resumen", bench.BarCached, "/estadisticas/resumen", nothing)
	get("estadísticas de Redis", "dotación", bench.BarCached, "/estadisticas/dotacion", nothing)
	return all
}

func boxOf(p geo.Punto, half float64) string {
	return fmt.Sprintf("%v,%v,%v,%v", p.Lon-half, p.Lat-half, p.Lon+half, p.Lat+half)
}
