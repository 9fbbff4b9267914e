package telemetry

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/grupo-gad/gad/eventstore"
)

const saltSize = 16

// row is a fix at its place in the log, with everything its leaf is made of.
type row struct {
	fix      eventstore.Fix
	efectivo [16]byte
	turno    [16]byte
	salt     [saltSize]byte
}

// newRow checks a fix and brings it to the precision in which it is stored, so
// that what is hashed is what will be read.
func newRow(f eventstore.Fix) (row, error) {
	r := row{fix: f}
	var err error
	if r.efectivo, err = parseUUID(f.Efectivo); err != nil {
		return row{}, fmt.Errorf("efectivo %q: %w", f.Efectivo, err)
	}
	if r.turno, err = parseUUID(f.Turno); err != nil {
		return row{}, fmt.Errorf("turno %q: %w", f.Turno, err)
	}
	for _, v := range [...]float64{f.Lat, f.Lon, float64(f.Accuracy), float64(f.Speed), float64(f.Heading)} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return row{}, fmt.Errorf("fix of %s has a number that is not finite", f.Efectivo)
		}
	}
	if len(f.Source) > math.MaxUint8 {
		return row{}, fmt.Errorf("source of a fix has %d bytes", len(f.Source))
	}
	r.fix.DeviceAt = f.DeviceAt.UTC().Truncate(time.Microsecond)
	r.fix.ServerAt = f.ServerAt.UTC().Truncate(time.Microsecond)
	return r, nil
}

// leaf returns the leaf hash of a row. The record is, numbers big endian:
//
//	"gad/fix/1" | batch 8 | row 4 | efectivo 16 | turno 16 | device 8 | server 8 (µs since 1970)
//	| lat 8 | lon 8 (IEEE 754) | accuracy 4 | speed 4 | heading 4 | flags 1 | simulated 1
//	| length of source 1 | source
//
// Every field before the last has a fixed size, so no two fixes give the same record.
func leaf(batch eventstore.Batch, index int, r *row) tlog.Hash {
	f := &r.fix
	buf := make([]byte, 0, 160)
	buf = append(buf, r.salt[:]...)
	buf = append(buf, "gad/fix/1"...)
	buf = binary.BigEndian.AppendUint64(buf, uint64(batch))
	buf = binary.BigEndian.AppendUint32(buf, uint32(index))
	buf = append(append(buf, r.efectivo[:]...), r.turno[:]...)
	buf = binary.BigEndian.AppendUint64(buf, uint64(f.DeviceAt.UnixMicro()))
	buf = binary.BigEndian.AppendUint64(buf, uint64(f.ServerAt.UnixMicro()))
	buf = binary.BigEndian.AppendUint64(buf, math.Float64bits(f.Lat))
	buf = binary.BigEndian.AppendUint64(buf, math.Float64bits(f.Lon))
	buf = binary.BigEndian.AppendUint32(buf, math.Float32bits(f.Accuracy))
	buf = binary.BigEndian.AppendUint32(buf, math.Float32bits(f.Speed))
	buf = binary.BigEndian.AppendUint32(buf, math.Float32bits(f.Heading))
	simulated := byte(0)
	if f.Simulated {
		simulated = 1
	}
	buf = append(buf, byte(f.Flags), simulated, byte(len(f.Source)))
	buf = append(buf, f.Source...)
	return tlog.RecordHash(buf) // SHA-256(0x00 || buf)
}

// root returns the RFC 6962 root over leaves, which it overwrites. Carrying the
// odd node of a level up is the same tree as splitting at the largest power of two.
func root(level []tlog.Hash) tlog.Hash {
	if len(level) == 0 {
		return sha256.Sum256(nil)
	}
	for len(level) > 1 {
		n := len(level) / 2
		for i := range n {
			level[i] = tlog.NodeHash(level[2*i], level[2*i+1])
		}
		if len(level)%2 == 1 {
			level[n] = level[len(level)-1]
			n++
		}
		level = level[:n]
	}
	return level[0]
}

// chain binds a ledger row to all before it.
func chain(previous tlog.Hash, l ledgerRow) tlog.Hash {
	buf := make([]byte, 0, 128)
	buf = append(buf, "gad/telemetria/1"...)
	buf = append(buf, previous[:]...)
	buf = binary.BigEndian.AppendUint64(buf, uint64(l.batch))
	buf = binary.BigEndian.AppendUint64(buf, uint64(l.fixes))
	buf = binary.BigEndian.AppendUint64(buf, uint64(l.recorded.UnixMicro()))
	buf = append(buf, l.root[:]...)
	return sha256.Sum256(buf)
}

// ledgerRow is one row of telemetria.lotes.
type ledgerRow struct {
	batch    eventstore.Batch
	fixes    int
	recorded time.Time
	root     tlog.Hash
	chain    tlog.Hash
}

// day is the partition of what was recorded at t.
func day(t time.Time) time.Time {
	y, m, d := t.UTC().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// parseUUID reads the canonical text form; "" is the zero UUID.
func parseUUID(s string) (id [16]byte, err error) {
	if s == "" {
		return id, nil
	}
	c, err := eventstore.ParseCommandID(s)
	return [16]byte(c), err
}

func formatUUID(id [16]byte) string {
	if id == [16]byte{} {
		return ""
	}
	return eventstore.CommandID(id).String()
}

func hexHash(h tlog.Hash) string { return hex.EncodeToString(h[:]) }
