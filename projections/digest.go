package projections

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/eventstore"
)

// Digested is what a read model holds, in few bytes: two with the same position must have
// the same digest, whoever wrote them and in whatever windows.
type Digested struct {
	Projection string              `json:"proyeccion"`
	Position   eventstore.Position `json:"posicion"`
	Parked     int64               `json:"apartadas"` // keys that stand still make rows older than Position
	Tables     map[string]Sum      `json:"tablas"`
}

// Sum is the digest of one table: SHA-256 over its rows in the order of their key, as text,
// without generated columns.
type Sum struct {
	Rows   int64  `json:"filas"`
	SHA256 string `json:"sha256"`
}

// digest reads the tables of a target and the position they are true of, at one instant.
func digest(ctx context.Context, pool *pgxpool.Pool, name string, tables []Table, target string) (Digested, error) {
	d := Digested{Projection: name, Tables: map[string]Sum{}}
	err := pgx.BeginTxFunc(ctx, pool, pgx.TxOptions{BeginQuery: snapshot(target, names(tables))}, func(tx pgx.Tx) (err error) {
		d, err = digestIn(ctx, tx, name, tables, target)
		return err
	})
	return d, Translate(err, "digest "+name)
}

// digestIn is digest in a transaction that holds whatever must not move meanwhile.
func digestIn(ctx context.Context, tx pgx.Tx, name string, tables []Table, target string) (Digested, error) {
	d := Digested{Projection: name, Tables: map[string]Sum{}}
	// The text of a row depends on these settings and on nothing else.
	_, err := tx.Exec(ctx, `select set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO', true),
		set_config('extra_float_digits', '3', true), set_config('bytea_output', 'hex', true),
		set_config('statement_timeout', '0', true)`) // last: a table is read whole, however large
	if err != nil {
		return d, fmt.Errorf("set up a digest: %w", err)
	}
	err = tx.QueryRow(ctx, `
		select coalesce((select position from eventos.checkpoints where projection = $1 and target = $2), 0),
			(select count(*) from eventos.parked where projection = $1 and target = $2)`, name, target).Scan(&d.Position, &d.Parked)
	if err != nil {
		return d, fmt.Errorf("read the checkpoint of %s: %w", name, err)
	}
	for _, t := range tables {
		var columns string
		err := tx.QueryRow(ctx, `
			select string_agg(quote_ident(attname), ', ' order by attname) from pg_attribute
			where attrelid = format('%I.%I', $1::text, $2::text)::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
			target, t.Name).Scan(&columns)
		if err != nil {
			return d, fmt.Errorf("read the columns of %s: %w", t.Name, err)
		}
		// COPY keeps memory flat on both sides, whatever the size of the table.
		h := sha256.New()
		tag, err := tx.Conn().PgConn().CopyTo(ctx, h, "copy (select "+columns+" from "+
			pgx.Identifier{target, t.Name}.Sanitize()+" order by "+t.order()+") to stdout")
		if err != nil {
			return d, fmt.Errorf("digest %s: %w", t.Name, err)
		}
		d.Tables[t.Name] = Sum{Rows: tag.RowsAffected(), SHA256: hex.EncodeToString(h.Sum(nil))}
	}
	return d, nil
}

// Digest returns the digest of a living read model.
func (r *Runner) Digest(ctx context.Context, projection string) (Digested, error) {
	p, err := r.model(projection)
	if err != nil {
		return Digested{}, err
	}
	return digest(ctx, r.pool, p.Name(), p.Tables(), Live)
}
