package mapa

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
)

// enCalle asks for the Efectivos on duty, in the order of their ids. Where somebody was in an
// earlier turno says nothing about where he is.
func enCalle() question[EfectivoEnMapa] {
	// One row at a time is scanned, into the same place. Words that are few are kept once for all.
	var (
		e           EfectivoEnMapa
		spot, libre pgtype.DriverBytes
		libres      = words[efectivo.Disponibilidad]{}
		said        numbers
	)
	return question[EfectivoEnMapa]{
		sql: `select p.marca, e.codigo_interno, e.disponibilidad, e.simulado
			from lectura.posiciones p join lectura.efectivos_en_turno e on e.id = p.efectivo and e.turno = p.turno`,
		order: ` order by e.id`,
		scan: func(rows pgx.Rows) (EfectivoEnMapa, key, error) {
			if err := rows.Scan(&spot, &e.CodigoInterno, &libre, &e.Simulado); err != nil {
				return e, key{}, err
			}
			at, err := unpack(spot)
			e.Efectivo, e.Disponibilidad = ident.Efectivo(at.efectivo.String()), libres.of(libre)
			e.Lat, e.Lon, e.En = at.lat, at.lon, time.UnixMicro(at.en).UTC()
			e.PrecisionM, e.Rumbo, e.VelocidadMPS = centesimos(at.precision), said.known(at.rumbo), said.known(at.velocidad)
			return e, key{binary.BigEndian.Uint64(at.efectivo[:8]), binary.BigEndian.Uint64(at.efectivo[8:])}, err
		},
		tie: func(_, _ *EfectivoEnMapa) int { return 0 }, // no two have the same id
	}
}

// packed is lectura.posiciones.marca: what a map shows of a position, in one column.
type packed struct {
	efectivo                    uuid.UUID
	lat, lon                    float64
	en                          int64 // microseconds since 1970
	precision, rumbo, velocidad float32
}

// epoch is when the time of PostgreSQL begins, in microseconds since 1970.
const epoch = 946_684_800_000_000

// unpack reads a column that migration 033 packs.
func unpack(b []byte) (packed, error) {
	const size = 16 + 3*8 + 3*4
	if len(b) != size {
		return packed{}, fmt.Errorf("a mark of %d bytes instead of %d", len(b), size)
	}
	at := binary.BigEndian
	return packed{
		efectivo: uuid.UUID(b[:16]),
		lat:      math.Float64frombits(at.Uint64(b[16:])), lon: math.Float64frombits(at.Uint64(b[24:])),
		en:        int64(at.Uint64(b[32:])) + epoch,
		precision: math.Float32frombits(at.Uint32(b[40:])), rumbo: math.Float32frombits(at.Uint32(b[44:])), velocidad: math.Float32frombits(at.Uint32(b[48:])),
	}, nil
}

// numbers are kept together: each would be an allocation of its own.
type numbers []float64

// known is nil for what the device did not say.
func (n *numbers) known(v float32) *float64 {
	if v < 0 {
		return nil
	}
	if len(*n) == cap(*n) {
		*n = make([]float64, 0, piece)
	}
	*n = append(*n, centesimos(v))
	return &(*n)[len(*n)-1]
}

// centesimos hides the noise of widening a real: 12.3, not 12.300000190734863.
func centesimos(v float32) float64 { return math.Round(float64(v)*100) / 100 }
