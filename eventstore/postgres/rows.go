package postgres

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/grupo-gad/gad/eventstore"
)

// chunk is how many rows are decoded at a time. Their texts and payloads lie in two blocks of
// memory: a row of its own costs no allocation.
const chunk = 256

// epoch is where the binary form of a timestamptz counts from.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()

// mostAhead bounds the memory taken for events before they are there.
const mostAhead = 64 * chunk

// collect reads rows of columns and decodes their events, on as many processors as there are
// while rows still arrive. limit is the most rows there can be.
func (s *Store) collect(rows pgx.Rows, limit int) ([]eventstore.Recorded, error) {
	defer rows.Close()
	var (
		all   []eventstore.Recorded // the blocks fill it side by side
		done  []*block
		now   = &block{}
		total int
		wg    sync.WaitGroup
		slots = make(chan struct{}, runtime.GOMAXPROCS(0))
	)
	flush := func() {
		if all == nil {
			all = make([]eventstore.Recorded, max(2*chunk, min(limit, mostAhead)))
		}
		b := now
		if end := total + len(b.spans); end <= len(all) {
			b.events = all[total:end]
		}
		total += len(b.spans)
		done = append(done, b)
		// The next block will be about as large: growing to that size would copy it all.
		now = &block{texts: make([]byte, 0, len(b.texts)+512), bytes: make([]byte, 0, len(b.bytes)+1024)}
		slots <- struct{}{}
		wg.Go(func() {
			b.finish(s)
			<-slots
		})
	}
	for rows.Next() {
		if len(done) == 0 && len(now.spans) == 0 {
			if err := checkFormats(rows); err != nil {
				return nil, err
			}
		}
		if err := now.add(rows.RawValues()); err != nil {
			return nil, err
		}
		if len(now.spans) == chunk {
			flush()
		}
	}
	if len(done) == 0 { // few rows: nothing to share
		now.finish(s)
		return now.events, rows.Err()
	}
	flush()
	wg.Wait()
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if total <= len(all) {
		return all[:total:total], nil
	}
	events := make([]eventstore.Recorded, 0, total)
	for _, b := range done {
		events = append(events, b.events...)
	}
	return events, nil
}

// checkFormats refuses a connection that does not send binary values.
func checkFormats(rows pgx.Rows) error {
	for _, f := range rows.FieldDescriptions() {
		if f.Format != pgtype.BinaryFormatCode && f.DataTypeOID != pgtype.TextOID {
			return fmt.Errorf("column %s does not arrive in binary form", f.Name)
		}
	}
	return nil
}

// block is a run of rows as they arrive and as they leave.
type block struct {
	spans  []span
	texts  []byte
	bytes  []byte // payloads
	events []eventstore.Recorded
}

// span is a row: its fixed columns, and where its texts and its payload end.
type span struct {
	position, version, at int64
	command               eventstore.CommandID
	schema                uint32
	ends                  [5]int // stream, type, actor, correlation, causation
	payload               int
}

func (b *block) add(v [][]byte) error {
	if len(v) != 11 || len(v[0]) != 8 || len(v[1]) != 8 || len(v[2]) != 8 || len(v[3]) != 16 || len(v[4]) != 4 {
		return fmt.Errorf("row of the log has an unexpected shape")
	}
	if b.spans == nil {
		b.spans = make([]span, 0, chunk)
	}
	sp := span{
		position: int64(binary.BigEndian.Uint64(v[0])),
		version:  int64(binary.BigEndian.Uint64(v[1])),
		at:       int64(binary.BigEndian.Uint64(v[2])),
		command:  eventstore.CommandID(v[3]),
		schema:   binary.BigEndian.Uint32(v[4]),
	}
	for i := range sp.ends {
		b.texts = append(b.texts, v[5+i]...)
		sp.ends[i] = len(b.texts)
	}
	b.bytes = append(b.bytes, v[10]...)
	sp.payload = len(b.bytes)
	b.spans = append(b.spans, sp)
	return nil
}

func (b *block) finish(s *Store) {
	var (
		texts      = string(b.texts)
		payloads   = string(b.bytes)
		text, data int
	)
	if b.events == nil {
		b.events = make([]eventstore.Recorded, len(b.spans))
	}
	for i := range b.spans {
		sp, e := &b.spans[i], &b.events[i]
		*e = eventstore.Recorded{
			Position: eventstore.Position(sp.position), Version: eventstore.Version(sp.version),
			RecordedAt: time.UnixMicro(sp.at + epoch).UTC(), Command: sp.command, Schema: int(sp.schema),
			Stream: eventstore.StreamID(texts[text:sp.ends[0]]),
			Type:   texts[sp.ends[0]:sp.ends[1]],
			Metadata: eventstore.Metadata{
				Actor:       texts[sp.ends[1]:sp.ends[2]],
				Correlation: texts[sp.ends[2]:sp.ends[3]],
				Causation:   texts[sp.ends[3]:sp.ends[4]],
			},
			Payload: b.bytes[data:sp.payload:sp.payload],
		}
		s.codec.DecodeText(e, payloads[data:sp.payload])
		text, data = sp.ends[4], sp.payload
	}
	b.spans, b.texts = nil, nil
}
