package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/codec"
)

// exportWindow bounds what an export holds in memory.
const exportWindow = 1000

// exportedEvent is one line of an export: the envelope, the exact payload and the leaf that
// the ledger's roots are made of. There is nothing personal in it: payloads hold commitments.
type exportedEvent struct {
	Posicion    eventstore.Position `json:"posicion"`
	Stream      eventstore.StreamID `json:"stream"`
	Version     eventstore.Version  `json:"version"`
	Tipo        string              `json:"tipo"`
	Esquema     int                 `json:"esquema"`
	Registrado  time.Time           `json:"registrado"`
	Actor       string              `json:"actor"`
	Comando     string              `json:"comando"`
	Correlacion string              `json:"correlacion"`
	Causa       string              `json:"causa"`
	Datos       json.RawMessage     `json:"datos"`
	Hoja        string              `json:"hoja"` // leaf, hexadecimal
}

type exportedBatch struct {
	Lote       int64     `json:"lote"`
	Primero    int64     `json:"primero"`
	Ultimo     int64     `json:"ultimo"`
	Registrado time.Time `json:"registrado"`
	Raiz       string    `json:"raiz"`
	Anterior   string    `json:"anterior"`
	Cadena     string    `json:"cadena"`
	Escritor   string    `json:"escritor"`
}

type exportEnd struct {
	Hechos int64  `json:"hechos"`
	Desde  int64  `json:"posicion_desde"`
	Hasta  int64  `json:"posicion_hasta"`
	SHA256 string `json:"sha256"` // of every byte before this line
}

// Export writes positions first..last as JSON lines: {"hecho"}, then {"lote"} for every row of
// the ledger that covers one of them, then one {"fin"} with the digest of all before it. The
// same range gives the same bytes.
func (s *Store) Export(ctx context.Context, first, last eventstore.Position, w io.Writer) error {
	digest := sha256.New()
	out := json.NewEncoder(io.MultiWriter(w, digest))
	var (
		scratch []byte
		leaf    codec.Hash
		written int64
	)
	for at := first - 1; at < last; {
		events, err := s.ReadLog(ctx, at, int(min(exportWindow, last-at)))
		if err != nil {
			return err
		}
		if len(events) == 0 {
			break
		}
		for i := range events {
			r := &events[i]
			leaf, scratch = codec.Leaf(scratch, r)
			err := out.Encode(map[string]exportedEvent{"hecho": {
				Posicion: r.Position, Stream: r.Stream, Version: r.Version, Tipo: r.Type, Esquema: r.Schema, Registrado: r.RecordedAt.UTC(),
				Actor: r.Metadata.Actor, Comando: r.Command.String(), Correlacion: r.Metadata.Correlation, Causa: r.Metadata.Causation,
				Datos: r.Payload, Hoja: hex.EncodeToString(leaf[:]),
			}})
			if err != nil {
				return fmt.Errorf("export position %d: %w", r.Position, err)
			}
			written++
		}
		at = events[len(events)-1].Position
	}
	if err := s.exportLedger(ctx, first, last, out); err != nil {
		return err
	}
	// The encoder of the last line is another one: the digest cannot cover itself.
	end := exportEnd{Hechos: written, Desde: int64(first), Hasta: int64(last), SHA256: hex.EncodeToString(digest.Sum(nil))}
	if err := json.NewEncoder(w).Encode(map[string]exportEnd{"fin": end}); err != nil {
		return fmt.Errorf("end the export: %w", err)
	}
	return nil
}

func (s *Store) exportLedger(ctx context.Context, first, last eventstore.Position, out *json.Encoder) error {
	// As long as whoever takes it is slow.
	tx, err := s.pool.BeginTx(ctx, pgx.TxOptions{BeginQuery: "begin read only; set local statement_timeout = 0"})
	if err != nil {
		return away("read the ledger", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	rows, err := tx.Query(ctx, `select batch, first, last, recorded_at, encode(root, 'hex'), encode(previous, 'hex'), encode(chain, 'hex'), writer
		from eventos.batches where last >= $1 and first <= $2 and last >= first order by batch`, int64(first), int64(last))
	if err != nil {
		return away("read the ledger", err)
	}
	var b exportedBatch
	_, err = pgx.ForEachRow(rows, []any{&b.Lote, &b.Primero, &b.Ultimo, &b.Registrado, &b.Raiz, &b.Anterior, &b.Cadena, &b.Escritor}, func() error {
		b.Registrado = b.Registrado.UTC()
		return out.Encode(map[string]exportedBatch{"lote": b})
	})
	if err != nil {
		return away("export the ledger", err)
	}
	return nil
}
