package bench

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/efectivos"
	"github.com/grupo-gad/gad/projections/estadisticas"
	"github.com/grupo-gad/gad/projections/mapa"
	"github.com/grupo-gad/gad/projections/tareas"
)

// The promised p99 in milliseconds.
const (
	BarRead   = 50  // lists, searches, nearest, maps
	BarCold   = 300 // statistics that nobody has calculated
	BarCached = 5   // statistics from Redis
)

// Sample is what questions ask about: some of those who are there.
type Sample struct {
	Efectivos []ident.Efectivo // on duty, with a position
	Personas  []ident.Usuario  // who they are
	Lugares   []geo.Punto      // where they are
	Zonas     []ident.Zona
	Codigos   []string // of Tareas
	Newest    time.Time
}

// Draw takes a Sample from the read models.
func Draw(ctx context.Context, pool *pgxpool.Pool) (s Sample, err error) {
	rows, err := pool.Query(ctx, `select e.id::text, e.usuario::text, p.lat, p.lon, p.en from lectura.efectivos e
		join lectura.posiciones p on p.efectivo = e.id where e.turno is not null order by md5(e.id::text) limit 20000`)
	if err != nil {
		return s, fmt.Errorf("draw efectivos: %w", err)
	}
	var (
		e  ident.Efectivo
		u  ident.Usuario
		at geo.Punto
		en time.Time
	)
	if _, err = pgx.ForEachRow(rows, []any{&e, &u, &at.Lat, &at.Lon, &en}, func() error {
		s.Efectivos, s.Personas, s.Lugares = append(s.Efectivos, e), append(s.Personas, u), append(s.Lugares, at)
		if en.After(s.Newest) {
			s.Newest = en
		}
		return nil
	}); err != nil {
		return s, fmt.Errorf("draw efectivos: %w", err)
	}
	if rows, err = pool.Query(ctx, `select id::text from lectura.zonas`); err == nil {
		s.Zonas, err = pgx.CollectRows(rows, pgx.RowTo[ident.Zona])
	}
	if err != nil {
		return s, fmt.Errorf("draw zonas: %w", err)
	}
	if rows, err = pool.Query(ctx, `select codigo from lectura.tareas order by md5(id::text) limit 2000`); err == nil {
		s.Codigos, err = pgx.CollectRows(rows, pgx.RowTo[string])
	}
	if err != nil {
		return s, fmt.Errorf("draw tareas: %w", err)
	}
	if len(s.Efectivos) == 0 || len(s.Zonas) == 0 || len(s.Codigos) == 0 {
		return s, fmt.Errorf("draw a sample: %d efectivos, %d zonas, %d tareas", len(s.Efectivos), len(s.Zonas), len(s.Codigos))
	}
	return s, nil
}

func pick[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

// Readers are who is asked.
type Readers struct {
	Tareas    *tareas.Reader
	Efectivos *efectivos.Reader
	Mapa      *mapa.Reader
	Cold      *estadisticas.Reader // calculates every time
	Cached    *estadisticas.Reader // answers from Redis
}

// Questions are those of the dashboards, the bot and the exports, with everybody's scope and
// with that of one person.
func Questions(r Readers, s Sample) []Question {
	all := append(r.lists(s), r.places(s)...)
	return append(all, r.figures(s)...)
}

func (r Readers) lists(s Sample) (all []Question) {
	tareasBy := func(name string, scope func(*rand.Rand) projections.Scope, f func(*rand.Rand) tareas.Filter) {
		all = append(all, Question{Group: "tareas", Name: name, BarMS: BarRead, Ask: func(ctx context.Context, rng *rand.Rand) error {
			_, err := r.Tareas.List(ctx, scope(rng), f(rng))
			return err
		}})
	}
	everything := func(*rand.Rand) projections.Scope { return projections.System }
	own := func(rng *rand.Rand) projections.Scope {
		i := rng.IntN(len(s.Efectivos))
		return projections.Scope{Alcance: permiso.Asignado, Usuario: s.Personas[i], Efectivo: s.Efectivos[i]}
	}
	for name, f := range map[string]func(*rand.Rand) tareas.Filter{
		"todas":        func(*rand.Rand) tareas.Filter { return tareas.Filter{} },
		"por estado":   func(rng *rand.Rand) tareas.Filter { return tareas.Filter{Estados: []tarea.Estado{pick(rng, estados)}} },
		"abiertas":     func(*rand.Rand) tareas.Filter { return tareas.Filter{Estados: estados[:3]} },
		"por tipo":     func(rng *rand.Rand) tareas.Filter { return tareas.Filter{Tipos: []tarea.Tipo{pick(rng, tipos)}} },
		"por delegado": func(rng *rand.Rand) tareas.Filter { return tareas.Filter{Delegado: pick(rng, s.Personas)} },
		"por efectivo": func(rng *rand.Rand) tareas.Filter { return tareas.Filter{Efectivo: pick(rng, s.Efectivos)} },
		"por zona":     func(rng *rand.Rand) tareas.Filter { return tareas.Filter{Zona: pick(rng, s.Zonas)} },
		"por fechas": func(rng *rand.Rand) tareas.Filter {
			d := s.day(rng)
			return tareas.Filter{Desde: d, Hasta: d.AddDate(0, 0, 1)}
		},
		"en una caja":     func(rng *rand.Rand) tareas.Filter { return tareas.Filter{BBox: new(box(pick(rng, s.Lugares), 0.01))} },
		"orden -creada":   func(*rand.Rand) tareas.Filter { return tareas.Filter{Orden: "-creada"} },
		"orden codigo":    func(*rand.Rand) tareas.Filter { return tareas.Filter{Orden: "codigo"} },
		"orden titulo":    func(*rand.Rand) tareas.Filter { return tareas.Filter{Orden: "titulo"} },
		"orden -fin_real": func(*rand.Rand) tareas.Filter { return tareas.Filter{Orden: "-fin_real"} },
		"orden estado":    func(*rand.Rand) tareas.Filter { return tareas.Filter{Orden: "estado,-inicio_programado"} },
		"busca una palabra": func(rng *rand.Rand) tareas.Filter {
			return tareas.Filter{Q: pick(rng, []string{"ruidos", "accidente", "constatación", "Rivadavia", "árbol"})}
		},
		"busca varias palabras": func(rng *rand.Rand) tareas.Filter {
			return tareas.Filter{Q: pick(rng, []string{"árbol calzada Bolívar", "tránsito plaza congresos", "heridos gral paz"})}
		},
		"busca con errores": func(rng *rand.Rand) tareas.Filter {
			return tareas.Filter{Q: pick(rng, []string{"acidente", "constatasion", "calsada", "rivadabia"})}
		},
		"busca un código":     func(rng *rand.Rand) tareas.Filter { return tareas.Filter{Q: pick(rng, s.Codigos)} },
		"busca lo que no hay": func(rng *rand.Rand) tareas.Filter { return tareas.Filter{Q: fmt.Sprintf("zzyzx%d", rng.IntN(1000))} },
	} {
		tareasBy(name, everything, f)
	}
	tareasBy("las propias", own, func(*rand.Rand) tareas.Filter { return tareas.Filter{} })
	tareasBy("busca en las propias", own, func(*rand.Rand) tareas.Filter { return tareas.Filter{Q: "acidente"} })
	deep := r.deep()
	all = append(all,
		Question{Group: "tareas", Name: "tras dos mil", BarMS: BarRead, Ask: func(ctx context.Context, _ *rand.Rand) error { return deep(ctx) }},
		Question{Group: "tareas", Name: "una, por código", BarMS: BarRead, Ask: func(ctx context.Context, rng *rand.Rand) error {
			_, err := r.Tareas.Completa(ctx, projections.System, pick(rng, s.Codigos))
			return err
		}})
	for name, f := range map[string]func(*rand.Rand) efectivos.Filter{
		"todos": func(*rand.Rand) efectivos.Filter { return efectivos.Filter{} },
		"disponibles": func(*rand.Rand) efectivos.Filter {
			return efectivos.Filter{Disponibilidades: []efectivo.Disponibilidad{efectivo.Disponible}}
		},
		"de turno": func(*rand.Rand) efectivos.Filter { return efectivos.Filter{EnTurno: new(true)} },
		"por unidad": func(rng *rand.Rand) efectivos.Filter {
			return efectivos.Filter{Unidad: fmt.Sprintf("Comisaría %d", rng.IntN(40))}
		},
		"por zona": func(rng *rand.Rand) efectivos.Filter { return efectivos.Filter{Zona: pick(rng, s.Zonas)} },
		"cerca de": func(rng *rand.Rand) efectivos.Filter {
			p := pick(rng, s.Lugares)
			return efectivos.Filter{CercaDe: &[2]float64{p.Lat, p.Lon}, RadioM: 1500}
		},
		"busca un nombre":     func(*rand.Rand) efectivos.Filter { return efectivos.Filter{Q: "Giménez"} },
		"busca con errores":   func(*rand.Rand) efectivos.Filter { return efectivos.Filter{Q: "gimemez"} },
		"busca nombre entero": func(*rand.Rand) efectivos.Filter { return efectivos.Filter{Q: "ana peralta"} },
	} {
		all = append(all, Question{Group: "efectivos", Name: name, BarMS: BarRead, Ask: func(ctx context.Context, rng *rand.Rand) error {
			_, err := r.Efectivos.List(ctx, projections.System, f(rng))
			return err
		}})
	}
	return sorted(all)
}

var estados = []tarea.Estado{tarea.EstadoProgramada, tarea.EstadoEnCurso, tarea.EstadoPausada, tarea.EstadoFinalizada, tarea.EstadoCancelada}

// deep reads the page that begins after 2,000 rows; the way there is gone once.
func (r Readers) deep() func(ctx context.Context) error {
	f := tareas.Filter{Limite: 200}
	there := sync.OnceValue(func() error {
		for range 10 {
			page, err := r.Tareas.List(context.Background(), projections.System, f)
			if err != nil || page.Siguiente == nil {
				return err
			}
			f.Cursor = *page.Siguiente
		}
		f.Limite = 50
		return nil
	})
	return func(ctx context.Context) error {
		if err := there(); err != nil {
			return err
		}
		_, err := r.Tareas.List(ctx, projections.System, f)
		return err
	}
}

// day is one of the last month.
func (s Sample) day(rng *rand.Rand) time.Time { return s.Newest.AddDate(0, 0, -1-rng.IntN(28)) }

func box(p geo.Punto, half float64) [4]float64 {
	return [4]float64{p.Lon - half, p.Lat - half, p.Lon + half, p.Lat + half}
}

func (r Readers) places(s Sample) (all []Question) {
	near := func(name string, radius float64, k int, free bool) {
		all = append(all, Question{Group: "cercanos", Name: name, BarMS: BarRead, Ask: func(ctx context.Context, rng *rand.Rand) error {
			p := pick(rng, s.Lugares)
			_, err := r.Mapa.Cercanos(ctx, projections.System, p.Lat+0.001, p.Lon, radius, k, free)
			return err
		}})
	}
	near("10, donde sea", 0, 10, false)
	near("10 disponibles en 50 km", 50_000, 10, true)
	near("200 disponibles en 50 km", 50_000, 200, true)
	near("10 en 300 m", 300, 10, false)
	drawn := func(name string, area func(p geo.Punto) mapa.Area) {
		all = append(all, Question{Group: "mapa", Name: name, BarMS: BarRead, Ask: func(ctx context.Context, rng *rand.Rand) error {
			_, err := r.Mapa.Mapa(ctx, projections.System, area(pick(rng, s.Lugares)))
			return err
		}})
	}
	drawn("caja de 2 km", func(p geo.Punto) mapa.Area { return mapa.Area{BBox: new(box(p, 0.01))} })
	drawn("caja de 5 km", func(p geo.Punto) mapa.Area { return mapa.Area{BBox: new(box(p, 0.025))} })
	drawn("radio de 1 km", func(p geo.Punto) mapa.Area { return mapa.Area{Lat: p.Lat, Lon: p.Lon, RadioM: 1000} })
	drawn("radio de 3 km", func(p geo.Punto) mapa.Area { return mapa.Area{Lat: p.Lat, Lon: p.Lon, RadioM: 3000} })
	drawn("la ciudad entera", func(geo.Punto) mapa.Area { return mapa.Area{BBox: &[4]float64{west, south, east, north}} })
	for name, days := range map[string]int{"de un día": 1, "de siete días": 7} {
		all = append(all, Question{Group: "recorrido", Name: name, BarMS: BarRead, Ask: func(ctx context.Context, rng *rand.Rand) error {
			_, err := r.Mapa.Recorrido(ctx, projections.System, pick(rng, s.Efectivos), s.Newest.AddDate(0, 0, -days), s.Newest)
			return err
		}})
	}
	return all
}

func (r Readers) figures(s Sample) []Question {
	all := figuresOf(r.Cold, s, "en frío", BarCold)
	all = append(all, Question{Group: "estadísticas en frío", Name: "una persona", BarMS: BarCold, Ask: func(ctx context.Context, rng *rand.Rand) error {
		_, err := r.Cold.Persona(ctx, projections.System, pick(rng, s.Personas), 30)
		return err
	}})
	if r.Cached != nil {
		all = append(all, figuresOf(r.Cached, s, "de Redis", BarCached)...)
	}
	return all
}

// figuresOf asks for every figure, of the last month and of all that was loaded.
func figuresOf(r *estadisticas.Reader, s Sample, how string, bar float64) (all []Question) {
	add := func(name string, ask func(ctx context.Context, p estadisticas.Periodo) error) {
		for span, p := range map[string]estadisticas.Periodo{"un mes": {}, "todo": {Desde: s.Newest.AddDate(0, 0, -360)}} {
			all = append(all, Question{
				Group: "estadísticas " + how, Name: name + ", " + span, BarMS: bar, Whole: !p.Desde.IsZero(), Ask: func(ctx context.Context, _ *rand.Rand) error { return ask(ctx, p) },
			})
		}
	}
	for _, por := range estadisticas.Pors() {
		add("tareas por "+string(por), func(ctx context.Context, p estadisticas.Periodo) error {
			_, err := r.Tareas(ctx, projections.System, p, por)
			return err
		})
	}
	add("tiempos", func(ctx context.Context, p estadisticas.Periodo) error {
		_, err := r.Tiempos(ctx, projections.System, p)
		return err
	})
	for _, grano := range []int{1, 4} {
		add(fmt.Sprintf("calor, grano %d", grano), func(ctx context.Context, p estadisticas.Periodo) error {
			_, err := r.Calor(ctx, projections.System, p, grano)
			return err
		})
	}
	all = append(all, Question{Group: "estadísticas " + how, Name: "dotación", BarMS: bar, Ask: func(ctx context.Context, _ *rand.Rand) error {
		_, err := r.Dotacion(ctx, projections.System, estadisticas.Consulta{Horas: 8})
		return err
	}})
	return sorted(all)
}

// sorted puts questions that came out of a map into one order.
func sorted(all []Question) []Question {
	slices.SortStableFunc(all, func(a, b Question) int {
		return cmp.Or(strings.Compare(a.Group, b.Group), strings.Compare(a.Name, b.Name))
	})
	return all
}
