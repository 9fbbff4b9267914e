package politicas

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Campo keeps what the policies remember between positions: how far the telemetry log
// was read and what each object is about to have said of it. One process at a time has it.
type Campo struct {
	pool   *pgxpool.Pool
	holder string
	lease  time.Duration
	fence  int64 // of the lease that Load read under: whoever has lost it since may not Save
}

// Lease is how long a process that gives no sign of life keeps the others out.
const Lease = 10 * time.Second

// NewCampo returns the memory in one database, for a process of that name; a lease of zero
// is Lease.
func NewCampo(pool *pgxpool.Pool, holder string, lease time.Duration) *Campo {
	if lease <= 0 {
		lease = Lease
	}
	return &Campo{pool: pool, holder: holder, lease: lease}
}

// nameCampo is the checkpoint, a batch of the telemetry log.
const nameCampo = "politicas.campo"

// Hold takes the lease, or keeps it, and reports whether this process has it. The first time
// of all the memory is set to the end of the telemetry log: what was before is no news.
func (c *Campo) Hold(ctx context.Context) (bool, error) {
	tag, err := c.pool.Exec(ctx, `insert into eventos.checkpoints (projection, target, version, position, holder, lease_until)
		select $1, 'eventos', 1, coalesce(max(lote), 0), $2, clock_timestamp() + $3::interval from telemetria.lotes
		on conflict (projection, target) do update set holder = excluded.holder, lease_until = excluded.lease_until,
			fence = checkpoints.fence + (checkpoints.holder <> excluded.holder)::int
		where checkpoints.holder = excluded.holder or checkpoints.lease_until < clock_timestamp()`, nameCampo, c.holder, c.lease)
	if err != nil {
		return false, fmt.Errorf("hold the memory of the policies: %w", err)
	}
	return tag.RowsAffected() == 1, nil
}

// Release gives the lease back.
func (c *Campo) Release(ctx context.Context) error {
	_, err := c.pool.Exec(ctx, `update eventos.checkpoints set holder = '', lease_until = '-infinity'
		where projection = $1 and holder = $2`, nameCampo, c.holder)
	if err != nil {
		return fmt.Errorf("release the memory of the policies: %w", err)
	}
	return nil
}

// Lag is how long the oldest batch that was not read has been there.
func (c *Campo) Lag(ctx context.Context, now time.Time) (time.Duration, error) {
	var oldest *time.Time
	err := c.pool.QueryRow(ctx, `select (select grabado from telemetria.lotes l where l.lote > c.position order by l.lote limit 1)
		from eventos.checkpoints c where c.projection = $1`, nameCampo).Scan(&oldest)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return 0, nil // nobody has begun
	case err != nil:
		return 0, fmt.Errorf("find how far the positions were read: %w", err)
	case oldest == nil:
		return 0, nil
	}
	return max(0, now.Sub(*oldest)), nil
}

// Load returns the batch and the pieces, by stream. What is saved later follows from these, as
// long as nobody else has had the lease in between.
func (c *Campo) Load(ctx context.Context) (batch int64, pieces map[string][]byte, err error) {
	pieces = map[string][]byte{}
	err = pgx.BeginTxFunc(ctx, c.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, `select position, fence from eventos.checkpoints where projection = $1`, nameCampo).Scan(&batch, &c.fence); err != nil {
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
// dropped. It fails with ErrMovido when from is not where the memory is, or somebody else has
// had the lease since Load.
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
		tag, err := tx.Exec(ctx, `update eventos.checkpoints set position = $3
			where projection = $1 and position = $2 and holder = $4 and fence = $5`, nameCampo, from, to, c.holder, c.fence)
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
