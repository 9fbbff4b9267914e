package mapa

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/efectivos"
)

const (
	// maxRecorrido bounds the time of one track.
	maxRecorrido = 7 * 24 * time.Hour
	// adelanto is more than how far a device's clock may be ahead of the day its fix arrived on:
	// days before that are not looked into. Late ones may have arrived on any day since.
	adelanto = 24 * time.Hour
	// maxPuntos bounds its points; where there are more it ends early and says so.
	maxPuntos = 50_000
)

var errRecorrido = fault.New(fault.Invalid, "recorrido_periodo_invalido", "el período va de desde a hasta, y como mucho siete días")

// Recorrido is the track of an Efectivo: a GeoJSON Feature whose geometry is a LineString, a
// Point when there is one place, and null when there is none.
type Recorrido struct {
	Type       string        `json:"type"` // Feature
	Geometry   *Linea        `json:"geometry"`
	Properties RecorridoDice `json:"properties"`
}

// Linea is a LineString or a Point; longitude first.
type Linea struct {
	Type        string `json:"type"`
	Coordinates any    `json:"coordinates"`
}

// RecorridoDice is what is known of each place, in the order of the line.
type RecorridoDice struct {
	Efectivo    ident.Efectivo `json:"efectivo"`
	Desde       time.Time      `json:"desde"`
	Hasta       time.Time      `json:"hasta"`
	Puntos      int            `json:"puntos"`
	DistanciaM  float64        `json:"distancia_m"` // along the line, on the spheroid
	Dudosos     int            `json:"dudosos"`     // stored, not believed, and not in the line
	Recortado   bool           `json:"recortado,omitzero"`
	En          []time.Time    `json:"en"` // device time of each place
	PrecisionM  []float64      `json:"precision_m"`
	VelocidadMS []*float64     `json:"velocidad_mps"`
}

// Recorrido returns where an Efectivo was from desde until before hasta, in the order of his
// device's time, late positions in their place. Whom the scope does not reach does not exist.
// The caller has recorded who asks and why before he hands this on.
func (r *Reader) Recorrido(ctx context.Context, s projections.Scope, id ident.Efectivo, desde, hasta time.Time) (Recorrido, error) {
	t := Recorrido{Type: "Feature", Properties: RecorridoDice{
		Efectivo: id, Desde: desde, Hasta: hasta, En: []time.Time{}, PrecisionM: []float64{}, VelocidadMS: []*float64{},
	}}
	if !desde.Before(hasta) || hasta.Sub(desde) > maxRecorrido {
		return t, errRecorrido.With(fault.Field{Name: "hasta", Message: "va después de desde, y como mucho siete días"})
	}
	w := &projections.Where{}
	var reached bool
	if efectivos.Alcance(w, s) {
		w.And("e.id = %s", string(id))
		err := r.reads.QueryRow(ctx, s, "select exists(select from lectura.efectivos e"+w.SQL()+")", w.Args()...).Scan(&reached)
		if err != nil {
			return t, projections.Translate(err, "find whose track it is")
		}
	}
	if !reached {
		return t, efectivo.ErrNoExiste
	}
	// Positions have no owner column: whose they are was settled above.
	rows, err := r.reads.Query(ctx, projections.System, `
		select lat, lon, en, precision_m, velocidad, marcas & 1 = 1,
			coalesce(ST_Distance(ST_MakePoint(lon, lat)::geography, lag(ST_MakePoint(lon, lat)::geography) over (partition by marcas & 1 order by en, recibido)), 0)
		from (select lat, lon, en, recibido, precision_m, velocidad, marcas from telemetria.fixes
			where efectivo = $1 and en >= $2 and en < $3 and dia between $5 and $6 order by en, recibido limit $4) f
		order by en, recibido`, string(id), desde, hasta, maxPuntos+1, desde.UTC().Add(-adelanto), time.Now().UTC().Add(24*time.Hour))
	if err != nil {
		return t, projections.Translate(err, "read a track")
	}
	var (
		line                 [][2]float64
		lat, lon, step       float64
		en                   time.Time
		precision, velocidad float32
		doubtful             bool
		seen                 int
		said                 numbers
	)
	p := &t.Properties
	_, err = pgx.ForEachRow(rows, []any{&lat, &lon, &en, &precision, &velocidad, &doubtful, &step}, func() error {
		switch seen++; {
		case seen > maxPuntos:
			p.Recortado = true
		case doubtful:
			p.Dudosos++
		default:
			line = append(line, [2]float64{lon, lat})
			p.En, p.PrecisionM, p.VelocidadMS = append(p.En, en), append(p.PrecisionM, centesimos(precision)), append(p.VelocidadMS, said.known(velocidad))
			p.DistanciaM += step
		}
		return nil
	})
	p.Puntos = len(line)
	switch len(line) {
	case 0:
	case 1:
		t.Geometry = &Linea{"Point", line[0]}
	default:
		t.Geometry = &Linea{"LineString", line}
	}
	return t, projections.Translate(err, "read a track")
}
