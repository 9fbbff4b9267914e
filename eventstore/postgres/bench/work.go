package bench

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/codec"
)

// streamLength is how many events a worker writes to a stream before he opens another.
const streamLength = 20

// uuid returns a UUIDv7, as the faces give them to commands.
func uuid() (id [16]byte) {
	_, _ = rand.Read(id[6:]) // never fails
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(time.Now().UnixMilli()))
	copy(id[:6], ms[2:])
	id[6], id[8] = id[6]&0x0f|0x70, id[8]&0x3f|0x80
	return id
}

// sample is an event whose payload takes about 200 bytes.
func sample(en time.Time) efectivo.Registrado {
	return efectivo.Registrado{
		ID: "01926d2e-7c3a-7f00-8a00-5e1f0c2b9d11", Usuario: ident.Usuario("4b8f1d7e-52a0-4a86-9f1c-0a7d2c9e6b34"),
		CodigoInterno: "EF-004711", Rango: "oficial", Unidad: "comisaria 4", En: en,
	}
}

// appendOne appends one event to the worker's stream, as a command of its own.
func (r *run) appendOne(ctx context.Context, w *worker) error {
	if w.events == 0 {
		w.stream = "efectivo-" + eventstore.CommandID(uuid()).String()
	}
	stream := eventstore.StreamID(w.stream)
	_, err := r.store.Append(ctx, eventstore.Append{
		Command:  uuid(),
		Metadata: eventstore.Metadata{Actor: "usuario-4b8f1d7e-52a0-4a86-9f1c-0a7d2c9e6b34", Correlation: "01926d2e7c3a7f008a005e1f0c2b9d11"},
		Expected: []eventstore.Expectation{{Stream: stream, Version: eventstore.Version(w.events)}},
		Events:   []eventstore.Draft{{Stream: stream, Event: sample(time.Now().UTC())}},
		Answer:   []byte(`{"stream":"` + w.stream + `","version":1}`),
	})
	w.events = (w.events + 1) % streamLength
	return err
}

// baselineTables makes what the baselines write to: the payload under a key, and a table of
// the shape of the log without anything else.
func (r *run) baselineTables(ctx context.Context) error {
	_, err := r.pool.Exec(ctx, `
		create table public.base_insert (id bigint generated always as identity primary key, payload bytea not null);
		create table public.base_copy (like eventos.log)`)
	if err != nil {
		return fmt.Errorf("make the tables of the baselines: %w", err)
	}
	return nil
}

func (r *run) payload() ([]byte, error) {
	e, err := codec.New(r.Catalog).Encode(sample(time.Now().UTC()))
	return e.Payload, err
}

// insertOne is the baseline: one row, one commit.
func (r *run) insertOne(ctx context.Context, _ *worker) error {
	payload, err := r.payload()
	if err != nil {
		return err
	}
	_, err = r.pool.Exec(ctx, "insert into public.base_insert (payload) values ($1)", payload)
	return err
}

// copyBatch is the rows of one COPY, one commit.
const copyBatch = 5000

// copyRows is the other baseline: as fast as rows of this shape get into a table at all.
func (r *run) copyRows(ctx context.Context) error {
	payload, err := r.payload()
	if err != nil {
		return err
	}
	columns := []string{"position", "version", "recorded_at", "command", "schema", "leaf", "stream", "type", "actor", "correlation", "causation", "payload"}
	var (
		rows  int
		leaf  = make([]byte, 32)
		begin = time.Now()
	)
	ours, server := r.meter.used()
	for time.Since(begin) < r.Cell {
		n, err := r.pool.CopyFrom(ctx, pgx.Identifier{"public", "base_copy"}, columns, pgx.CopyFromSlice(copyBatch, func(i int) ([]any, error) {
			return []any{
				int64(rows + i), int64(1), begin, uuid(), int32(1), leaf, "efectivo-01926d2e-7c3a-7f00-8a00-5e1f0c2b9d11", "efectivo.registrado",
				"usuario-4b8f1d7e-52a0-4a86-9f1c-0a7d2c9e6b34", "01926d2e7c3a7f008a005e1f0c2b9d11", "", payload,
			}, nil
		}))
		if err != nil {
			return fmt.Errorf("copy: %w", err)
		}
		rows += int(n)
	}
	cpu := r.since(ours, server, rows)
	r.keep(Cell{Kind: "copy", InFlight: 1, Rate: float64(rows) / time.Since(begin).Seconds(), CPU: cpu[0], ServerCPU: cpu[1]})
	return nil
}

// fill brings the log to its size the honest way, one event per command.
func (r *run) fill(ctx context.Context) error {
	for {
		head, err := r.store.Head(ctx)
		if err != nil {
			return err
		}
		if int(head) >= r.Fill {
			// A log of this size has long been visited by autovacuum; one that was filled
			// a second ago is still being, and the first readers write its hint bits.
			r.say("vacuum")
			_, err := r.pool.Exec(ctx, `vacuum analyze`)
			return err
		}
		r.say("filling the log: %d of %d events", head, r.Fill)
		if err := r.fillSome(ctx, r.Fill-int(head)); err != nil {
			return err
		}
	}
}

// fillSome appends up to n events with as many commands in flight as help.
func (r *run) fillSome(ctx context.Context, n int) error {
	const workers = 512
	errs := make(chan error, workers)
	each := min(n, 200_000)/workers + 1
	for i := range workers {
		go func() {
			w := &worker{number: i}
			for range each {
				if err := r.appendOne(ctx, w); err != nil {
					errs <- fmt.Errorf("fill the log: %w", err)
					return
				}
			}
			errs <- nil
		}()
	}
	var err error
	for range workers {
		err = errors.Join(err, <-errs)
	}
	return err
}

// window is how many events one read asks for.
const window = 10_000

// read reads the whole log through the port, events decoded.
func (r *run) read(ctx context.Context) error {
	var (
		at    eventstore.Position
		begin = time.Now()
	)
	ours, server := r.meter.used()
	for {
		events, err := r.store.ReadLog(ctx, at, window)
		if err != nil {
			return fmt.Errorf("read the log: %w", err)
		}
		if len(events) == 0 {
			break
		}
		for i := range events {
			if events[i].Event == nil {
				return fmt.Errorf("event %d was not decoded: %w", events[i].Position, events[i].Err)
			}
		}
		at = events[len(events)-1].Position
	}
	cpu := r.since(ours, server, int(at))
	r.keep(Cell{Kind: "read", InFlight: 1, Rate: float64(at) / time.Since(begin).Seconds(), CPU: cpu[0], ServerCPU: cpu[1]})
	return nil
}
