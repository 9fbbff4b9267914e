package estadisticas

import "math"

const (
	// sampleDays is how far back the same hours are looked at: whole weeks, so that every day
	// of the week counts the same.
	sampleDays = 28
	// acceptable is the probability that a Tarea finds everybody busy which a suggestion keeps
	// below.
	acceptable = 0.2
	// z is the normal quantile of a two-sided interval of 90 %.
	z = 1.645
)

// observed is what the past says about the hours ahead.
type observed struct {
	counts   []float64 // Tareas in the same hours of each known day
	hours    float64
	busyS    float64 // mean occupation of one Efectivo by one Tarea
	busySD   float64
	measured int64
	crew     float64 // mean Efectivos per Tarea
}

// suggest sizes a staff. Tareas come as they came in the same hours of the last four weeks, and
// each keeps its Efectivos busy as long as those before it did: the offered load in erlangs is
// rate x occupation x crew. The suggestion is the smallest staff of an M/M/n queue in which a
// Tarea waits with a probability of at most 0.2 (Erlang C). The interval comes from the
// spread of the demand from day to day and of the occupation, which are taken as independent.
func suggest(o observed) Dotacion {
	d := Dotacion{Horas: int(o.hours), EfectivosPorTarea: max(1, o.crew), OcupacionS: o.busyS, Nivel: "sin_datos"}
	d.Muestra.Dias, d.Muestra.Medidas = len(o.counts), o.measured
	mean, sd := moments(o.counts)
	for _, c := range o.counts {
		d.Muestra.Tareas += int64(c)
	}
	d.TareasEsperadas = mean
	if mean == 0 || o.measured == 0 || o.busyS <= 0 || o.hours <= 0 { // what kept nobody for a moment says nothing either
		return d
	}
	load := mean / o.hours * o.busyS / 3600 * d.EfectivosPorTarea
	d.CargaErlangs = load
	d.Sugeridos = staff(load)
	d.ProbabilidadEsperar = erlangC(d.Sugeridos, load)
	// Relative half-widths of both means. A count cannot be surer than a Poisson one.
	demand := z * math.Sqrt(max(sd*sd, mean)/float64(len(o.counts))) / mean
	busy := z
	if o.measured > 1 {
		busy = z * max(o.busySD/o.busyS, 0.1) / math.Sqrt(float64(o.measured))
	}
	spread := math.Hypot(demand, busy)
	d.Minimo, d.Maximo = staff(load*max(0, 1-spread)), staff(load*(1+spread))
	d.Confianza = math.Round(100*confidence(spread, len(o.counts), o.measured)) / 100
	switch {
	case d.Confianza >= 0.75:
		d.Nivel = "alta"
	case d.Confianza >= 0.5:
		d.Nivel = "media"
	default:
		d.Nivel = "baja"
	}
	return d
}

// confidence falls with the spread and with how little was seen: two weeks and thirty
// measured Tareas count fully.
func confidence(spread float64, days int, measured int64) float64 {
	seen := min(1, float64(days)/14) * min(1, float64(measured)/30)
	return max(0, 1-spread) * math.Sqrt(seen)
}

// staff is the smallest n that keeps waiting acceptable under a load in erlangs.
func staff(load float64) int {
	if load <= 0 {
		return 0
	}
	n := max(1, int(math.Ceil(load)))
	for erlangC(n, load) > acceptable {
		n++
	}
	return n
}

// erlangC is the probability that a call waits with n servers under a load in erlangs; by the
// recursion of Erlang B, which neither overflows nor loses digits.
func erlangC(n int, load float64) float64 {
	if load >= float64(n) {
		return 1
	}
	b := 1.0
	for k := 1; k <= n; k++ {
		b = load * b / (float64(k) + load*b)
	}
	rho := load / float64(n)
	return b / (1 - rho + rho*b)
}

// moments returns mean and standard deviation.
func moments(v []float64) (mean, sd float64) {
	if len(v) == 0 {
		return 0, 0
	}
	for _, x := range v {
		mean += x
	}
	mean /= float64(len(v))
	if len(v) == 1 {
		return mean, 0
	}
	for _, x := range v {
		sd += (x - mean) * (x - mean)
	}
	return mean, math.Sqrt(sd / float64(len(v)-1))
}
