package estadisticas

import (
	"cmp"
	"context"
	"encoding/binary"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/projections"
)

// grouping says what a row is counted under. A key is the bytes of a column as they are stored,
// or a text made of them, in the order that groups are listed in; none is the key of nothing.
type grouping struct {
	column string
	keys   func(r *Reader, v raw, under func(key []byte)) error // nil: the column as it is
	text   func(key string) string                              // nil: the key as it is
	names  string                                               // what the keys $1 are called, with an id each
}

var groupings = map[Por]grouping{
	PorEstado:    {column: "estado"},
	PorTipo:      {column: "tipo"},
	PorPrioridad: {column: "prioridad", text: func(key string) string { return strconv.Itoa(int(binary.BigEndian.Uint16([]byte(key)))) }},
	PorZona:      {column: "zona", text: uuidText, names: "select id, nombre from lectura.zonas where id = any($1)"},
	PorPersona:   {column: "delegado", text: uuidText},
	PorEfectivo: {
		column: "trabajaron", text: uuidText, names: "select id, codigo_interno from lectura.efectivos where id = any($1)",
		keys: func(_ *Reader, v raw, under func(key []byte)) error { return v.uuids(under) },
	},
	PorDia:   byTime(func(b []byte, t time.Time) []byte { return t.AppendFormat(b, time.DateOnly) }),
	PorHora:  byTime(func(b []byte, t time.Time) []byte { return append(b, byte('0'+t.Hour()/10), byte('0'+t.Hour()%10)) }),
	PorBanda: byTime(func(b []byte, t time.Time) []byte { return append(b, band(t)...) }),
}

func byTime(key func(b []byte, t time.Time) []byte) grouping {
	return grouping{column: "creada", keys: func(r *Reader, v raw, under func(key []byte)) error {
		under(key(make([]byte, 0, len(time.DateOnly)), v.instant().In(r.zone)))
		return nil
	}}
}

// band is the part of the day that an instant of the operation's zone falls into.
func band(t time.Time) string {
	if h := t.Hour(); h >= dayBegins && h < dayEnds {
		return "dia"
	}
	return "noche"
}

func (r *Reader) count(ctx context.Context, tx pgx.Tx, p Periodo, por Por) (Cuentas, error) {
	c := Cuentas{Por: por, Datos: []Grupo{}, Firma: r.sign(p)}
	g, w := groupings[por], p.where()
	type group struct {
		Grupo
		took []float64
	}
	groups := map[string]*group{}
	err := each(ctx, tx, "select "+g.column+", estado, duracion_s from lectura.tiempos"+w.SQL(), w, func(row []raw) error {
		c.Total++
		under := func(key []byte) {
			one := groups[string(key)]
			if one == nil {
				one = &group{}
				groups[string(key)] = one
			}
			one.Total++
			switch estado := tarea.Estado(row[1]); {
			case estado.Abierta():
				one.Abiertas++
			case estado == tarea.EstadoFinalizada:
				one.Finalizadas++
			case estado == tarea.EstadoCancelada:
				one.Canceladas++
			}
			if !row[2].null() {
				one.took = append(one.took, row[2].float())
			}
		}
		if g.keys != nil {
			return g.keys(r, row[0], under)
		}
		under(row[0])
		return nil
	})
	if err != nil {
		return c, err
	}
	keys := slices.Sorted(maps.Keys(groups))
	if len(keys) > maxGroups { // of too many the largest
		slices.SortStableFunc(keys, func(a, b string) int { return cmp.Compare(groups[b].Total, groups[a].Total) })
		keys, c.Acotado = slices.Sorted(slices.Values(keys[:maxGroups])), true
	}
	names, err := called(ctx, tx, g, keys)
	for _, key := range keys {
		one := groups[key]
		p := percentiles(one.took)
		one.Clave, one.Etiqueta, one.DuracionP50, one.DuracionP90 = key, names[key], p.P50, p.P90
		if g.text != nil {
			one.Clave = g.text(key)
		}
		c.Datos = append(c.Datos, one.Grupo)
	}
	if por == PorDia {
		c.Datos = r.everyDay(c.Datos, p)
	}
	return c, err
}

// called returns what keys are called, where they have a name.
func called(ctx context.Context, tx pgx.Tx, g grouping, keys []string) (map[string]string, error) {
	if g.names == "" {
		return nil, nil
	}
	ids := make([]string, 0, len(keys))
	for _, key := range keys {
		if key != "" {
			ids = append(ids, uuidText(key))
		}
	}
	w := &projections.Where{}
	w.Arg(ids)
	names := make(map[string]string, len(ids))
	err := each(ctx, tx, g.names, w, func(row []raw) error {
		names[string(row[0])] = string(row[1])
		return nil
	})
	return names, err
}
