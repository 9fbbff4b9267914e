package vault

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/sealed"
)

// revealChunk bounds one query.
const revealChunk = 2000

const selectTexts = `select t.compromiso, t.titular, t.campo, t.sellado, k.id, k.titular, k.kek, k.clave
	from boveda.textos t join boveda.claves k on k.id = t.clave where t.compromiso = any($1)`

// Reveal returns the texts behind commitments. What was erased is absent, as is
// the zero Commitment. Damaged rows are absent too and the error, which then is
// ErrDamaged, names the first of them: the good ones are returned beside it.
func (v *Vault) Reveal(ctx context.Context, commitments []sealed.Commitment) (map[sealed.Commitment]string, error) {
	texts := make(map[sealed.Commitment]string, len(commitments))
	var damage error
	for chunk := range slices.Chunk(commitments, revealChunk) {
		wanted := make([][]byte, 0, len(chunk))
		for _, c := range chunk {
			if !c.IsZero() {
				wanted = append(wanted, c[:])
			}
		}
		if len(wanted) == 0 {
			continue
		}
		err := v.reveal(ctx, wanted, texts)
		if err != nil && !errors.Is(err, ErrDamaged) {
			return nil, fmt.Errorf("reveal texts: %w", err)
		}
		if damage == nil {
			damage = err
		}
	}
	return texts, damage
}

func (v *Vault) reveal(ctx context.Context, wanted [][]byte, into map[sealed.Commitment]string) error {
	rows, err := v.pool.Query(ctx, selectTexts, wanted)
	if err != nil {
		return err
	}
	var (
		damage error
		c, box []byte
		key    struct {
			id         [16]byte
			owner, kek string
			box        []byte
		}
		owner, field string
	)
	_, err = pgx.ForEachRow(rows, []any{&c, &owner, &field, &box, &key.id, &key.owner, &key.kek, &key.box}, func() error {
		commitment := sealed.Commitment(c)
		dataKey, err := v.keys.unwrap(key.kek, key.box, string(key.id[:]), key.owner)
		if errors.Is(err, ErrMissingKEK) {
			return err
		}
		var text string
		if err == nil {
			text, err = openText(dataKey, box, owner, field, commitment)
		}
		if err == nil && key.owner != owner {
			err = ErrDamaged
		}
		if err != nil {
			if damage == nil {
				damage = fmt.Errorf("text %s of %s: %w", commitment, owner, err)
			}
			return nil // remembered; the other rows are good
		}
		into[commitment] = text
		return nil
	})
	if err != nil {
		return err
	}
	return damage
}
