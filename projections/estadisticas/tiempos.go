package estadisticas

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/tarea"
)

// measured is one time that was measured and the groups that it belongs to.
type measured struct {
	seconds float64
	in      *groups
}

// groups are lists of times, each with what they have in common.
type groups []*[]float64

// spread adds times to their groups, the shortest first: sorted once, all groups are sorted.
func spread(all []measured) {
	slices.SortFunc(all, func(a, b measured) int {
		switch {
		case a.seconds < b.seconds:
			return -1
		case a.seconds > b.seconds:
			return 1
		}
		return 0
	})
	for _, m := range all {
		for _, list := range *m.in {
			*list = append(*list, m.seconds)
		}
	}
}

// named are lists by what their times have in common.
type named map[string]*[]float64

func (n named) list(key string) *[]float64 {
	if n[key] == nil {
		n[key] = &[]float64{}
	}
	return n[key]
}

// cell is what decides the groups of one Tarea.
type cell struct {
	tipo, banda, dia string
	prioridad        int16
}

// calculation is what the times of a period are gathered in.
type calculation struct {
	work, answers             []measured
	offers, accepts, arrivals []float64
	closings                  []float64

	general, response            []float64
	byTipo, byPrioridad, byBanda named
	workByDay, answersByDay      named
	cells                        map[cell]*groups
	days                         map[string]*Dia
	answerGroups                 map[string]*groups
	tipos                        map[string]string
}

// times reads every Tarea of a period once.
func (r *Reader) times(ctx context.Context, tx pgx.Tx, p Periodo) (Tiempos, error) {
	t, c, w := Tiempos{Firma: r.sign(p), Serie: []Dia{}}, newCalculation(), p.where()
	err := each(ctx, tx, `select creada, estado, tipo, prioridad, inicio, duracion_s, oferta_s, aceptacion_s, llegada_s, respuesta_s, cierre_s
		from lectura.tiempos`+w.SQL(), w, func(row []raw) error {
		c.add(row, r.zone)
		return nil
	})
	if err != nil {
		return t, err
	}
	c.sum(&t)
	for _, day := range r.days(p) {
		one := Dia{Dia: day}
		if d := c.days[day]; d != nil {
			one = *d
			one.DuracionP50, one.RespuestaP50 = percentiles(*c.workByDay.list(day)).P50, percentiles(*c.answersByDay.list(day)).P50
		}
		t.Serie = append(t.Serie, one)
	}
	return t, nil
}

func newCalculation() *calculation {
	return &calculation{
		byTipo: named{}, byPrioridad: named{}, byBanda: named{}, workByDay: named{}, answersByDay: named{},
		cells: map[cell]*groups{}, days: map[string]*Dia{}, answerGroups: map[string]*groups{}, tipos: map[string]string{},
	}
}

// add takes the row of one Tarea.
func (c *calculation) add(row []raw, zone *time.Location) {
	var day [len(time.DateOnly)]byte
	d := c.day(row[0].instant().In(zone).AppendFormat(day[:0], time.DateOnly))
	d.Creadas++
	switch tarea.Estado(row[1]) {
	case tarea.EstadoFinalizada:
		d.Finalizadas++
		if !row[5].null() {
			c.work = append(c.work, measured{row[5].float(), c.cell(row, d.Dia, zone)})
		}
	case tarea.EstadoCancelada:
		d.Canceladas++
	case tarea.EstadoProgramada, tarea.EstadoEnCurso, tarea.EstadoPausada: // not over
	}
	for i, list := range [...]*[]float64{&c.offers, &c.accepts, &c.arrivals} {
		if v := row[6+i]; !v.null() {
			*list = append(*list, v.float())
		}
	}
	if !row[9].null() {
		c.answers = append(c.answers, measured{row[9].float(), c.answerGroups[d.Dia]})
	}
	if !row[10].null() {
		c.closings = append(c.closings, row[10].float())
	}
}

func (c *calculation) day(key []byte) *Dia {
	d := c.days[string(key)]
	if d == nil {
		d = &Dia{Dia: string(key)}
		c.days[d.Dia] = d
		c.answerGroups[d.Dia] = &groups{&c.response, c.answersByDay.list(d.Dia)}
	}
	return d
}

// cell returns the groups of a finished Tarea: all of them, those of its tipo, its prioridad, the
// band in which the work began, and the day.
func (c *calculation) cell(row []raw, day string, zone *time.Location) *groups {
	tipo, known := c.tipos[string(row[2])]
	if !known {
		tipo = string(row[2])
		c.tipos[tipo] = tipo
	}
	key := cell{tipo: tipo, prioridad: row[3].small(), dia: day, banda: "noche"}
	if !row[4].null() {
		key.banda = band(row[4].instant().In(zone))
	}
	g := c.cells[key]
	if g == nil {
		g = &groups{
			&c.general, c.byTipo.list(tipo), c.byPrioridad.list(strconv.Itoa(int(key.prioridad))), c.byBanda.list(key.banda), c.workByDay.list(day),
		}
		c.cells[key] = g
	}
	return g
}

// sum sorts what was gathered, on all the processors there are.
func (c *calculation) sum(t *Tiempos) {
	var wg sync.WaitGroup
	wg.Go(func() { spread(c.work) })
	wg.Go(func() { spread(c.answers) })
	for list, into := range map[*[]float64]*Percentiles{
		&c.offers: &t.Respuesta.Oferta, &c.accepts: &t.Respuesta.Aceptacion, &c.arrivals: &t.Respuesta.Llegada, &c.closings: &t.Respuesta.Cierre,
	} {
		wg.Go(func() { *into = percentiles(*list) })
	}
	wg.Wait()
	t.Respuesta.Respuesta = percentiles(c.response)
	d := Duraciones{General: percentiles(c.general), PorTipo: map[tarea.Tipo]Percentiles{}, PorPrioridad: map[string]Percentiles{}, PorBanda: map[string]Percentiles{}}
	for key, list := range c.byTipo {
		d.PorTipo[tarea.Tipo(key)] = percentiles(*list)
	}
	for key, list := range c.byPrioridad {
		d.PorPrioridad[key] = percentiles(*list)
	}
	for key, list := range c.byBanda {
		d.PorBanda[key] = percentiles(*list)
	}
	t.Duraciones = d
}
