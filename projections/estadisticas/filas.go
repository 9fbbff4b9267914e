package estadisticas

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/projections"
)

// A figure is made of a hundred thousand rows and more. They come one by one and are grouped and
// sorted here: an array of each group's values would be gathered, sent and taken apart by the
// database and by us, which costs several times as much. The values are read as the bytes they
// are sent in.

// raw is one value in binary form; nil for null.
type raw []byte

func (v raw) null() bool { return v == nil }

func (v raw) small() int16 {
	if len(v) != 2 {
		return 0
	}
	return int16(binary.BigEndian.Uint16(v))
}

// float is a float8; not a number for null.
func (v raw) float() float64 {
	if len(v) != 8 {
		return math.NaN()
	}
	return math.Float64frombits(binary.BigEndian.Uint64(v))
}

// pgEpoch is from when the database counts instants, in microseconds since 1970.
var pgEpoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()

// instant is a timestamptz; the zero time for null.
func (v raw) instant() time.Time {
	if len(v) != 8 {
		return time.Time{}
	}
	return time.UnixMicro(int64(binary.BigEndian.Uint64(v)) + pgEpoch)
}

// uuidText is the text of a uuid as it is stored, or of none.
func uuidText(b string) string {
	if len(b) != 16 {
		return ""
	}
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

var errArray = errors.New("not an array of uuids")

// uuids calls take with each element of an array of uuids without nulls.
func (v raw) uuids(take func(id []byte)) error {
	const head, dimension, element = 12, 8, 4 + 16
	if len(v) < head {
		return errArray
	}
	if binary.BigEndian.Uint32(v) == 0 { // no dimension: empty
		return nil
	}
	v = v[head:]
	if len(v) < dimension || (len(v)-dimension)%element != 0 {
		return errArray
	}
	for v = v[dimension:]; len(v) > 0; v = v[element:] {
		take(v[4:element])
	}
	return nil
}

// each asks for rows in binary form. What take is given is its own only until it returns.
func each(ctx context.Context, tx pgx.Tx, sql string, w *projections.Where, take func(row []raw) error) error {
	rows, err := tx.Query(ctx, sql, append([]any{pgx.QueryResultFormats{pgx.BinaryFormatCode}}, w.Args()...)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var row []raw
	for rows.Next() {
		row = row[:0]
		for _, v := range rows.RawValues() {
			row = append(row, v)
		}
		if err := take(row); err != nil {
			return err
		}
	}
	rows.Close()
	return rows.Err()
}
