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
	// corte is the longest time between two places that he is taken to have gone in a straight line.
	corte = 15 * time.Minute
)

var errRecorrido = fault.New(fault.Invalid, "recorrido_periodo_invalido", "el período va de desde a hasta, y como mucho siete días")

// Recorrido is the track of an Efectivo: a GeoJSON Feature whose geometry is a LineString, a
// Point when there is one place, and null when there is none. Where he changed his turno, or
// nothing is known for longer than corte, the track is cut: the geometry is a GeometryCollection
// of its pieces then, because a piece of one place is no line.
type Recorrido struct {
	Type       string        `json:"type"` // Feature
	Geometry   *Linea        `json:"geometry"`
	Properties RecorridoDice `json:"properties"`
}

// Linea is a LineString or a Point, longitude first, or the pieces of a track that is cut.
type Linea struct {
	Type        string  `json:"type"`
	Coordinates any     `json:"coordinates,omitzero"`
	Geometries  []Linea `json:"geometries,omitzero"`
}

// pieza is a stretch of a track without a cut.
type pieza [][2]float64

func (p pieza) linea() Linea {
	if len(p) == 1 {
		return Linea{Type: "Point", Coordinates: p[0]}
	}
	return Linea{Type: "LineString", Coordinates: p}
}

func geometria(piezas []pieza) *Linea {
	switch len(piezas) {
	case 0:
		return nil
	case 1:
		return new(piezas[0].linea())
	}
	all := Linea{Type: "GeometryCollection"}
	for _, p := range piezas {
		all.Geometries = append(all.Geometries, p.linea())
	}
	return &all
}

// RecorridoDice is what is known of each place, in the order of the line or the pieces.
type RecorridoDice struct {
	Efectivo    ident.Efectivo `json:"efectivo"`
	Desde       time.Time      `json:"desde"`
	Hasta       time.Time      `json:"hasta"`
	Puntos      int            `json:"puntos"`
	DistanciaM  float64        `json:"distancia_m"` // along its pieces, on the spheroid
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
			coalesce(ST_Distance(ST_MakePoint(lon, lat)::geography, lag(ST_MakePoint(lon, lat)::geography) over anterior), 0),
			coalesce(turno <> lag(turno) over anterior or en - lag(en) over anterior > $7::interval, true)
		from (select lat, lon, en, recibido, precision_m, velocidad, marcas, turno from telemetria.fixes
			where efectivo = $1 and en >= $2 and en < $3 and dia between $5 and $6 order by en, recibido limit $4) f
		window anterior as (partition by marcas & 1 order by en, recibido)
		order by en, recibido`, string(id), desde, hasta, maxPuntos+1, desde.UTC().Add(-adelanto), time.Now().UTC().Add(24*time.Hour), corte)
	if err != nil {
		return t, projections.Translate(err, "read a track")
	}
	var (
		piezas               []pieza
		lat, lon, step       float64
		en                   time.Time
		precision, velocidad float32
		doubtful, cut        bool
		seen                 int
		said                 numbers
	)
	p := &t.Properties
	_, err = pgx.ForEachRow(rows, []any{&lat, &lon, &en, &precision, &velocidad, &doubtful, &step, &cut}, func() error {
		switch seen++; {
		case seen > maxPuntos:
			p.Recortado = true
		case doubtful:
			p.Dudosos++
		default:
			if cut {
				piezas, step = append(piezas, nil), 0
			}
			last := &piezas[len(piezas)-1]
			*last = append(*last, [2]float64{lon, lat})
			p.Puntos++
			p.En, p.PrecisionM, p.VelocidadMS = append(p.En, en), append(p.PrecisionM, centesimos(precision)), append(p.VelocidadMS, said.known(velocidad))
			p.DistanciaM += step
		}
		return nil
	})
	t.Geometry = geometria(piezas)
	return t, projections.Translate(err, "read a track")
}
