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
	"time"
)

// simFacts are what the log says of a run: what the policies made of the positions, and of
// whom they reminded.
type simFacts struct {
	Entradas    simCrossings   `json:"zonas_ingresadas"`
	Salidas     simCrossings   `json:"zonas_abandonadas"`
	PorZona     map[string]int `json:"zonas_ingresadas_por_nombre"`
	Vacias      int            `json:"zonas_que_quedaron_vacias"`
	Cubiertas   int            `json:"zonas_cubiertas"`
	Dichas      int            `json:"llegadas_dichas"`      // by whoever arrived
	Observadas  int            `json:"llegadas_observadas"`  // only his positions said so
	Confirmadas int            `json:"llegadas_confirmadas"` // his positions said so, too
	Avisos      map[string]int `json:"recordatorios"`        // by kind
	Leidos      int            `json:"recordatorios_leidos"`
	Perdidas    int            `json:"senal_perdida"`
	Recuperadas int            `json:"senal_recuperada"`
	Ofertas     int            `json:"ofertas"`
	Escaladas   map[string]int `json:"ofertas_escaladas"` // by cause
	SinNadie    int            `json:"escaladas_sin_efectivos"`
	SOS         int            `json:"sos_activados"`
	SOSEscalado int            `json:"sos_escalados"`
	SOSAtendido int            `json:"sos_atendidos"`
}

// simCrossings are borders crossed, and how many of them raised an alarm.
type simCrossings struct {
	N       int `json:"n"`
	Alarmas int `json:"alarmas"`
}

func (c *simCrossings) add(alarm bool) {
	if c.N++; alarm {
		c.Alarmas++
	}
}

// simFact is a fact as /eventos shows it.
type simFact struct {
	Tipo  string `json:"tipo"`
	Actor string `json:"actor"`
	Datos struct {
		Zona   string `json:"zona"`
		Alarma bool   `json:"alarma"`
		Clase  string `json:"clase"`
		Causa  string `json:"causa"`
		A      string `json:"a"`
	} `json:"datos"`
}

// bySystem is who orders what follows from positions and from the clock.
const bySystem = "sistema:politicas"

// simFactTypes are the facts that are counted, and how.
var simFactTypes = map[string]func(*simFacts, simFact){
	"efectivo.zona_ingresada":       func(f *simFacts, e simFact) { f.Entradas.add(e.Datos.Alarma); f.PorZona[e.Datos.Zona]++ },
	"efectivo.zona_abandonada":      func(f *simFacts, e simFact) { f.Salidas.add(e.Datos.Alarma) },
	"zona.quedo_vacia":              func(f *simFacts, _ simFact) { f.Vacias++ },
	"zona.cubierta":                 func(f *simFacts, _ simFact) { f.Cubiertas++ },
	"efectivo.ubicacion_confirmada": func(f *simFacts, _ simFact) { f.Confirmadas++ },
	"efectivo.senal_perdida":        func(f *simFacts, _ simFact) { f.Perdidas++ },
	"efectivo.senal_recuperada":     func(f *simFacts, _ simFact) { f.Recuperadas++ },
	"efectivo.sos_activado":         func(f *simFacts, _ simFact) { f.SOS++ },
	"efectivo.sos_atendido":         func(f *simFacts, _ simFact) { f.SOSAtendido++ },
	"alerta.escalada":               func(f *simFacts, _ simFact) { f.SOSEscalado++ },
	"tarea.efectivo_ofrecido":       func(f *simFacts, _ simFact) { f.Ofertas++ },
	"tarea.recordatorio_enviado":    func(f *simFacts, e simFact) { f.Avisos[e.Datos.Clase]++ },
	"tarea.recordatorio_acusado":    func(f *simFacts, _ simFact) { f.Leidos++ },
	"tarea.efectivo_en_lugar": func(f *simFacts, e simFact) {
		if e.Actor == bySystem {
			f.Observadas++
		} else {
			f.Dichas++
		}
	},
	"tarea.escalada": func(f *simFacts, e simFact) {
		if f.Escaladas[e.Datos.Causa]++; e.Datos.A == "" {
			f.SinNadie++
		}
	},
}

// facts counts what was recorded since a run began; not all of it where the system gave no answer.
func (s *simulation) facts(ctx context.Context, since time.Time) (f simFacts, missing bool) {
	f = simFacts{PorZona: map[string]int{}, Avisos: map[string]int{}, Escaladas: map[string]int{}}
	s.audit.position.Store(s.desk.position.Load())
	q := url.Values{
		"limite": {"200"}, "desde": {since.UTC().Format(time.RFC3339Nano)},
		"tipo": {strings.Join(slices.Sorted(maps.Keys(simFactTypes)), ",")},
	}
	for {
		var page struct {
			Datos     []simFact `json:"datos"`
			Siguiente string    `json:"siguiente"`
		}
		if err := s.audit.do(ctx, http.MethodGet, "/eventos?"+q.Encode(), nil, &page); err != nil {
			s.stats.failed(err)
			return f, true
		}
		for _, e := range page.Datos {
			if count, ok := simFactTypes[e.Tipo]; ok {
				count(&f, e)
			}
		}
		if page.Siguiente == "" {
			break
		}
		q.Del("desde") // the cursor is past it
		q.Set("cursor", page.Siguiente)
	}
	f.PorZona = s.named(f.PorZona)
	return f, false
}

// named puts the names of the Zonas of the run in the place of their ids.
func (s *simulation) named(byID map[string]int) map[string]int {
	byName := map[string]int{}
	for _, z := range s.zones {
		if n := byID[z.ID]; n > 0 {
			byName[z.Nombre] += n
		}
	}
	return byName
}

// busiest lists the most frequent, the most frequent first; "" when there is none.
func busiest(counts map[string]int, most int) string {
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	var list []string
	for i, name := range names {
		if i == most {
			list = append(list, fmt.Sprintf("y %d más", len(names)-most))
			break
		}
		list = append(list, fmt.Sprintf("%s: %d", name, counts[name]))
	}
	return strings.Join(list, ", ")
}

func (f simFacts) print(w io.Writer) error {
	const zones, kinds = 8, 10
	reminders := maps.Clone(f.Avisos)
	delete(reminders, "vencida")
	_, err := fmt.Fprintf(w, `lo que quedó en su registro desde que empezó
  zonas          %d entradas (%d con alarma), %d salidas (%d con alarma); quedaron vacías %d veces, se volvieron a cubrir %d
    entradas en  %s
  llegadas       %d dichas por quien llegó, %d sabidas solo por su posición; en total, la posición confirmó %d
  señal          perdida %d veces, recuperada %d
  recordatorios  %s (minutos antes de empezar); %d leídos
  vencidas       %d tareas
  ofertas        %d; pasaron a otro por: %s; %d no tenían a quién más pasar
  SOS            %d, repetidos %d veces sin que nadie los atendiera todavía, %d atendidos
`, f.Entradas.N, f.Entradas.Alarmas, f.Salidas.N, f.Salidas.Alarmas, f.Vacias, f.Cubiertas, cmp.Or(busiest(f.PorZona, zones), "ninguna"),
		f.Dichas, f.Observadas, f.Confirmadas, f.Perdidas, f.Recuperadas, cmp.Or(busiest(reminders, kinds), "ninguno"), f.Leidos, f.Avisos["vencida"],
		f.Ofertas, cmp.Or(busiest(f.Escaladas, kinds), "ninguna"), f.SinNadie, f.SOS, f.SOSEscalado, f.SOSAtendido)
	return err
}
