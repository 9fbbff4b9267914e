package politicas

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Campo keeps what the policies remember between positions: how far the telemetry log
// was read and what each object is about to have said of it.
type Campo struct{ pool *pgxpool.Pool }

// NewCampo returns the memory in one database.
func NewCampo(pool *pgxpool.Pool) *Campo { return &Campo{pool} }

// nameCampo is the checkpoint, a batch of the telemetry log.
const nameCampo = "politicas.campo"

// Load returns the batch and the pieces, by stream. The first time it is the end of the
// telemetry log: what was before is no news.
func (c *Campo) Load(ctx context.Context) (batch int64, pieces map[string][]byte, err error) {
	_, err = c.pool.Exec(ctx, `insert into eventos.checkpoints (projection, target, version, position)
		select $1, 'eventos', 1, coalesce(max(lote), 0) from telemetria.lotes on conflict do nothing`, nameCampo)
	if err != nil {
		return 0, nil, fmt.Errorf("begin the memory of the policies: %w", err)
	}
	pieces = map[string][]byte{}
	err = pgx.BeginTxFunc(ctx, c.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, `select position from eventos.checkpoints where projection = $1`, nameCampo).Scan(&batch); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `select objeto::text, estado from eventos.observaciones`)
		if err != nil {
			return err
		}
		var id, text string
		_, err = pgx.ForEachRow(rows, []any{&id, &text}, func() error {
			var kept map[string]json.RawMessage // one piece, under what it is of
			if err := json.Unmarshal([]byte(text), &kept); err != nil {
				return fmt.Errorf("read what is remembered of %s: %w", id, err)
			}
			for clase, piece := range kept {
				pieces[clase+"-"+id] = piece
			}
			return nil
		})
		return err
	})
	if err != nil {
		return 0, nil, fmt.Errorf("read the memory of the policies: %w", err)
	}
	return batch, pieces, nil
}

// ErrMovido says that somebody else moved the memory.
var ErrMovido = errors.New("another process follows the telemetry log")

// Save moves from one batch to another and replaces pieces, all or nothing; a nil piece is
// dropped. It fails with ErrMovido when from is not where the memory is.
func (c *Campo) Save(ctx context.Context, from, to int64, pieces map[string][]byte) error {
	var objetos, texts, gone []string
	for key, text := range pieces {
		clase, id := cut(key)
		if text == nil {
			gone = append(gone, id)
			continue
		}
		kept, err := json.Marshal(map[string]json.RawMessage{clase: text})
		if err != nil {
			return fmt.Errorf("remember %s: %w", key, err)
		}
		objetos, texts = append(objetos, id), append(texts, string(kept))
	}
	return pgx.BeginFunc(ctx, c.pool, func(tx pgx.Tx) error {
		// The compare and set: whoever comes second with the same from changes nothing.
		tag, err := tx.Exec(ctx, `update eventos.checkpoints set position = $3, fence = fence + 1
			where projection = $1 and position = $2`, nameCampo, from, to)
		switch {
		case err != nil:
			return fmt.Errorf("move the memory of the policies: %w", err)
		case tag.RowsAffected() != 1:
			return ErrMovido
		}
		if _, err := tx.Exec(ctx, `delete from eventos.observaciones where objeto = any($1::uuid[])`, gone); err != nil {
			return fmt.Errorf("forget: %w", err)
		}
		_, err = tx.Exec(ctx, `insert into eventos.observaciones (objeto, estado, lote)
			select o, t, $3 from unnest($1::uuid[], $2::text[]) u(o, t)
			on conflict (objeto) do update set estado = excluded.estado, lote = excluded.lote`, objetos, texts, to)
		if err != nil {
			return fmt.Errorf("remember: %w", err)
		}
		return nil
	})
}

func cut(key string) (clase, id string) {
	for i := range key {
		if key[i] == '-' {
			return key[:i], key[i+1:]
		}
	}
	return key, ""
}
