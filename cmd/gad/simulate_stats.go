package main

import (
	"cmp"
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
	Cortadas     int            `json:"tareas_cortadas"`     // finished in the middle of the work, because the run ended
	Canceladas   int            `json:"tareas_canceladas"`   // before it began, because the run ended
	SinEfectivo  int            `json:"tareas_sin_efectivo"` // of those, what nobody had
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
	Quedaron     simLeft        `json:"sin_cerrar"` // what it could not end
	Sistema      simFigures     `json:"sistema"`    // what the system's own statistics say
	asignar, ir  []time.Duration
}

type simQuantiles struct {
	P50 float64 `json:"p50"`
	P90 float64 `json:"p90"`
	N   int     `json:"n"`
}

func newSimStats() *simStats {
	return &simStats{Rechazadas: map[string]int{}, Marcadas: map[string]int{}, Errores: map[string]int{}, Quedaron: simLeft{[]string{}, []string{}, []string{}}}
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
	list := func(m map[string]int, none string) (out string) {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			out += fmt.Sprintf("\n      %-26s %d", k, m[k])
		}
		return cmp.Or(out, " "+none)
	}
	end := ""
	if s.Interrumpida {
		end = " interrumpida"
	}
	times := func(q simQuantiles) string {
		return fmt.Sprintf("p50 %s, p90 %s", ofSome(q.N, q.P50), ofSome(q.N, q.P90))
	}
	_, err := fmt.Fprintf(w, `Simulación%s: %s de reloj, %s de operación (%g veces más rápido)
  efectivos     %d simulados; %d turnos, %d licencias
  zonas         %d
  llamadas      %d recibidas; %d de la entrada caen fuera de los días simulados
  tareas        %d creadas (%d de ellas para más tarde): %d finalizadas
    al terminar %d cerradas en pleno trabajo y %d canceladas sin empezar, de las que %d no tenía nadie
  emergencias   %d de esas tareas; %d agotaron a sus candidatos y pasaron al despacho
  asignaciones  %d aceptadas, %d rechazadas, %d ofertas sin respuesta
  percances     %d pausas en el trabajo, %d SOS, %d pérdidas de señal
  desde la llamada, en tiempo simulado
    asignada    %s (de %d asignaciones)
    llegada     %s (de %d llegadas, sin las que eran para más tarde)
  posiciones    %d enviadas, %d aceptadas; %s dentro de una zona
    rechazadas:%s
    marcadas:%s
  errores:%s
  entrada       %d líneas ilegibles
`, end, secs(s.Duro), secs(s.Duro*speed), speed, s.Efectivos, s.Turnos, s.Licencias, s.Zonas,
		s.Llamadas, s.Fuera, s.Creadas, s.Programadas, s.Finalizadas, s.Cortadas, s.Canceladas, s.SinEfectivo,
		s.Emergencias, s.SinCandidato, s.Aceptaciones, s.Rechazos, s.SinRespuesta, s.Pausas, s.SOS, s.SinSenal,
		times(s.Asignacion), s.Asignacion.N, times(s.Respuesta), s.Respuesta.N, s.Enviadas, s.Aceptadas, share(s.EnZona, s.Enviadas),
		list(s.Rechazadas, "ninguna"), list(s.Marcadas, "ninguna"), list(s.Errores, "ninguno"), s.LineasMalas)
	if left := s.Quedaron.String(); err == nil && left != "" {
		_, err = fmt.Fprintf(w, "  SIN CERRAR    %s\n", left)
	}
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

// ofSome is a time that was measured of so many: of none there is none.
func ofSome[N int | int64](n N, s float64) string {
	if n == 0 {
		return "-"
	}
	return secs(s).String()
}

func secs(s float64) time.Duration { return time.Duration(s * float64(time.Second)).Round(time.Second) }
