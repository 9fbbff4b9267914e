// Package mapa is where everybody and everything is.
//
// lectura.posiciones holds the newest believed fix of each Efectivo: the one with the
// greatest device time that was not flagged. It is the maximum over a set, so the order,
// the repetition and the batching of fixes cannot matter; a late fix never moves it back.
// Its checkpoint (mapa.posiciones) is a batch of the telemetry log, that of the Zonas (mapa)
// a position of the log. Places are degrees (SRID 4326), distances metres on the spheroid.
package mapa

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
)

// NamePosiciones of the projection of the telemetry log.
const NamePosiciones = "mapa.posiciones"

// Posiciones writes lectura.posiciones.
type Posiciones struct{}

// Name implements projections.TelemetryProjection.
func (Posiciones) Name() string { return NamePosiciones }

// Version implements projections.TelemetryProjection.
func (Posiciones) Version() int { return 1 }

// Tables implements projections.TelemetryProjection.
func (Posiciones) Tables() []projections.Table {
	return []projections.Table{{Name: "posiciones", Key: "efectivo"}}
}

// Check implements projections.TelemetryProjection.
func (Posiciones) Check(f eventstore.Fix) error {
	if _, err := ident.Parse[ident.Efectivo](f.Efectivo); err != nil {
		return fmt.Errorf("efectivo %q: %w", f.Efectivo, err)
	}
	if f.Turno != "" {
		if _, err := ident.Parse[ident.Turno](f.Turno); err != nil {
			return fmt.Errorf("turno %q: %w", f.Turno, err)
		}
	}
	if !(geo.Punto{Lat: f.Lat, Lon: f.Lon}).Valido() {
		return fmt.Errorf("place %v, %v: %w", f.Lat, f.Lon, geo.ErrCoordenada)
	}
	return nil
}

// newer orders the fixes of one Efectivo. Device time decides; the rest only makes the order
// total, so that the winner never depends on who came first.
func newer(a, b eventstore.Fix) bool {
	return cmp.Or(
		projections.Micro(a.DeviceAt).Compare(projections.Micro(b.DeviceAt)),
		projections.Micro(a.ServerAt).Compare(projections.Micro(b.ServerAt)),
		cmp.Compare(a.Lat, b.Lat), cmp.Compare(a.Lon, b.Lon), cmp.Compare(a.Accuracy, b.Accuracy),
		cmp.Compare(a.Speed, b.Speed), cmp.Compare(a.Heading, b.Heading), cmp.Compare(a.Source, b.Source),
	) > 0
}

// believed are the fixes that may move a marker.
func believed(f eventstore.Fix) bool { return f.Flags&eventstore.FlagImpossibleSpeed == 0 }

// ApplyFixes implements projections.TelemetryProjection.
func (Posiciones) ApplyFixes(ctx context.Context, tx pgx.Tx, fixes []eventstore.Fix) error {
	newest := map[string]eventstore.Fix{}
	for _, f := range fixes {
		if old, ok := newest[f.Efectivo]; believed(f) && (!ok || newer(f, old)) {
			newest[f.Efectivo] = f
		}
	}
	if len(newest) == 0 {
		return nil
	}
	var (
		efectivos, fuentes          []string
		turnos                      []*string
		en, recibida                []time.Time
		lat, lon                    []float64
		precision, velocidad, rumbo []float32
		simulada                    []bool
	)
	for _, f := range newest {
		efectivos, fuentes = append(efectivos, f.Efectivo), append(fuentes, f.Source)
		var turno *string
		if f.Turno != "" {
			turno = &f.Turno
		}
		turnos = append(turnos, turno)
		en, recibida = append(en, projections.Micro(f.DeviceAt)), append(recibida, projections.Micro(f.ServerAt))
		lat, lon = append(lat, f.Lat), append(lon, f.Lon)
		precision, velocidad, rumbo = append(precision, f.Accuracy), append(velocidad, f.Speed), append(rumbo, f.Heading)
		simulada = append(simulada, f.Simulated)
	}
	// Sorted, so that two transactions never wait for each other's rows.
	_, err := tx.Exec(ctx, `
		insert into posiciones as p (efectivo, turno, en, recibida, lat, lon, precision_m, velocidad, rumbo, fuente, simulada)
		select * from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::float8[], $6::float8[],
			$7::real[], $8::real[], $9::real[], $10::text[], $11::bool[]) order by 1
		on conflict (efectivo) do update set
			turno = excluded.turno, en = excluded.en, recibida = excluded.recibida, lat = excluded.lat, lon = excluded.lon,
			precision_m = excluded.precision_m, velocidad = excluded.velocidad, rumbo = excluded.rumbo,
			fuente = excluded.fuente, simulada = excluded.simulada
		where (excluded.en, excluded.recibida, excluded.lat, excluded.lon, excluded.precision_m, excluded.velocidad, excluded.rumbo, excluded.fuente)
			> (p.en, p.recibida, p.lat, p.lon, p.precision_m, p.velocidad, p.rumbo, p.fuente)`,
		efectivos, turnos, en, recibida, lat, lon, precision, velocidad, rumbo, fuentes, simulada)
	if err != nil {
		return fmt.Errorf("move the markers: %w", err)
	}
	return nil
}
