package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"
)

// simStats counts what happened. Durations are of the simulated clock.
type simStats struct {
	mu sync.Mutex // guards all of it

	Llamadas     int            `json:"llamadas"`
	Fuera        int            `json:"llamadas_fuera_del_periodo"`
	Efectivos    int            `json:"efectivos"`
	Zonas        int            `json:"zonas"`
	Turnos       int            `json:"turnos"`
	Emergencias  int            `json:"emergencias"`
	SinCandidato int            `json:"emergencias_sin_candidato"`
	Aceptaciones int            `json:"aceptaciones"`
	Rechazos     int            `json:"rechazos"`
	SinRespuesta int            `json:"ofertas_sin_respuesta"`
	Pausas       int            `json:"pausas"`
	Licencias    int            `json:"licencias"`
	SOS          int            `json:"sos"`
	SinSenal     int            `json:"perdidas_de_senal"`
	Creadas      int            `json:"tareas_creadas"`
	Programadas  int            `json:"tareas_programadas"`
	Asignadas    int            `json:"tareas_asignadas"`
	Finalizadas  int            `json:"tareas_finalizadas"`
	Cortadas     int            `json:"tareas_cortadas"` // ended because the simulation did
	SinEfectivo  int            `json:"tareas_sin_efectivo"`
	Enviadas     int            `json:"posiciones_enviadas"`
	Aceptadas    int            `json:"posiciones_aceptadas"`
	EnZona       int            `json:"posiciones_en_zona"` // of those sent, what lies in a Zona of the run
	Rechazadas   map[string]int `json:"posiciones_rechazadas"`
	Marcadas     map[string]int `json:"posiciones_marcadas"`
	Errores      map[string]int `json:"errores"`
	LineasMalas  int            `json:"lineas_ilegibles"`
	Asignacion   simQuantiles   `json:"hasta_asignar_s"`
	Respuesta    simQuantiles   `json:"hasta_llegar_s"`
	Duro         float64        `json:"duro_s"`
	Interrumpida bool           `json:"interrumpida"`
	Sistema      simFigures     `json:"sistema"` // what the system's own statistics say
	asignar, ir  []time.Duration
}

type simQuantiles struct {
	P50 float64 `json:"p50"`
	P90 float64 `json:"p90"`
	N   int     `json:"n"`
}

func newSimStats() *simStats {
	return &simStats{Rechazadas: map[string]int{}, Marcadas: map[string]int{}, Errores: map[string]int{}}
}

func (s *simStats) count(f func(*simStats)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s)
}

func (s *simStats) failed(err error) {
	s.count(func(s *simStats) { s.Errores[codeOf(err)]++ })
}

func quantiles(list []time.Duration) simQuantiles {
	if len(list) == 0 {
		return simQuantiles{}
	}
	list = slices.Sorted(slices.Values(list))
	at := func(q float64) float64 { return list[min(len(list)-1, int(q*float64(len(list))))].Seconds() }
	return simQuantiles{P50: at(0.5), P90: at(0.9), N: len(list)}
}

// print writes the summary, for people or for programs.
func (s *simStats) print(w io.Writer, asJSON bool, speed float64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Asignacion, s.Respuesta = quantiles(s.asignar), quantiles(s.ir)
	if asJSON {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(s)
	}
	list := func(m map[string]int) (out string) {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			out += fmt.Sprintf("\n    %-28s %d", k, m[k])
		}
		if out == "" {
			out = " ninguna"
		}
		return out
	}
	end := ""
	if s.Interrumpida {
		end = " (interrumpida)"
	}
	_, err := fmt.Fprintf(w, `Simulación%s: %s
  efectivos     %d simulados, %d turnos, %d licencias; %d zonas
  llamadas      %d, y %d fuera del período
  tareas        %d creadas (%d para más tarde), %d finalizadas, %d cortadas por el final, %d sin efectivo
  emergencias   %d, %d sin candidato
  asignaciones  %d aceptadas, %d rechazadas, %d ofertas sin respuesta
  en el camino  %d pausas, %d SOS, %d pérdidas de señal
  hasta asignar p50 %s, p90 %s
  hasta llegar  p50 %s, p90 %s (%d llegadas; tiempo simulado)
  posiciones    %d enviadas, %d aceptadas; %s dentro de una zona
  rechazadas:%s
  marcadas:%s
  errores:%s
  líneas ilegibles %d
`, end, time.Duration(s.Duro*float64(time.Second)).Round(time.Second), s.Efectivos, s.Turnos, s.Licencias, s.Zonas,
		s.Llamadas, s.Fuera, s.Creadas, s.Programadas, s.Finalizadas, s.Cortadas, s.SinEfectivo,
		s.Emergencias, s.SinCandidato, s.Aceptaciones, s.Rechazos, s.SinRespuesta, s.Pausas, s.SOS, s.SinSenal,
		secs(s.Asignacion.P50), secs(s.Asignacion.P90), secs(s.Respuesta.P50), secs(s.Respuesta.P90), s.Respuesta.N,
		s.Enviadas, s.Aceptadas, share(s.EnZona, s.Enviadas), list(s.Rechazadas), list(s.Marcadas), list(s.Errores), s.LineasMalas)
	if err != nil {
		return err
	}
	return s.Sistema.print(w, speed)
}

// share says how many of how many.
func share(n, of int) string {
	if of == 0 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%d (%.0f %%)", n, 100*float64(n)/float64(of))
}

func secs(s float64) time.Duration { return time.Duration(s * float64(time.Second)).Round(time.Second) }
