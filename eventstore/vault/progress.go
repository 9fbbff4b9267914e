package vault

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/eventstore"
)

// Progress is how far the log was looked through for erasures.
func (v *Vault) Progress(ctx context.Context) (p eventstore.Position, err error) {
	err = v.pool.QueryRow(ctx, `select posicion from boveda.avance`).Scan(&p)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read how far erasures got: %w", err)
	}
	return p, nil
}

// Advance remembers it. It never goes back.
func (v *Vault) Advance(ctx context.Context, p eventstore.Position) error {
	_, err := v.pool.Exec(ctx, `insert into boveda.avance (posicion) values ($1)
		on conflict (uno) do update set posicion = greatest(boveda.avance.posicion, excluded.posicion)`, int64(p))
	if err != nil {
		return fmt.Errorf("remember how far erasures got: %w", err)
	}
	return nil
}
