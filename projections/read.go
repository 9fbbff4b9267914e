package projections

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/eventstore"
)

// Reads is the way to ask the read models. Every question takes a Scope and is asked as a
// role of the database that sees no further than it (migrations/008_muro.sql): a query that
// forgets a condition finds less, never more. It is safe for concurrent use.
type Reads struct {
	pool     *pgxpool.Pool
	patience time.Duration // of a statement of a Snapshot; 0: that of the pool
	settings string        // of a Snapshot, as SQL
}

// NewReads returns the way to the living read models.
func NewReads(pool *pgxpool.Pool) Reads { return Reads{pool: pool} }

// Patient returns the same way for figures and exports, whose statements may take so long.
func (r Reads) Patient(d time.Duration) Reads {
	r.patience = d
	return r
}

// Alone returns the same way for short questions: starting another process to help with one
// costs more than it saves, and takes the processor from the next question.
func (r Reads) Alone() Reads {
	r.settings += "; set local max_parallel_workers_per_gather = 0"
	return r
}

// Planned returns the same way for questions whose best plan depends on what they name, a box of a
// street or of a city: they are planned each time, not once for all.
func (r Reads) Planned() Reads {
	r.settings += "; set local plan_cache_mode = force_custom_plan"
	return r
}

// The roles in which questions are asked.
const (
	roleAll  = "gad_lectura_todo"
	rolePart = "gad_lectura_jurisdiccion"
	roleOwn  = "gad_lectura_propia"
)

// role returns in which role a scope asks and what is its own, as an array literal of uuids.
// What is not a UUID owns nothing.
func (s Scope) role() (role, own string) {
	if s.Alcance == permiso.Todo {
		return roleAll, "{}"
	}
	ids := s.Own()
	role = roleOwn
	if s.Alcance == permiso.EnJurisdiccion && s.Jurisdiccion != nil && len(ids) > 0 {
		role = rolePart
	}
	return role, "{" + strings.Join(ids, ",") + "}"
}

// Own lists the ids under which rows are the asker's own: his, and those of the Efectivo he is.
func (s Scope) Own() (ids []string) {
	if u, err := ident.Parse[ident.Usuario](string(s.Usuario)); err == nil && s.Alcance != permiso.Nada {
		ids = append(ids, string(u))
		if e, err := ident.Parse[ident.Efectivo](string(s.Efectivo)); err == nil {
			ids = append(ids, string(e))
		}
	}
	return ids
}

// part returns the jurisdiction of a scope as array literals, of uuids and of hexadecimals:
// there is nothing in them to escape. What is not a UUID is in none.
func (s Scope) part() (zonas, unidades string) {
	var ids, names []string
	for _, z := range s.Jurisdiccion.Zonas {
		parsed, err := ident.Parse[ident.Zona](string(z))
		if err != nil {
			parsed = "00000000-0000-0000-0000-000000000000" // narrows, and finds nothing
		}
		ids = append(ids, string(parsed))
	}
	for _, u := range s.Jurisdiccion.Unidades {
		names = append(names, hex.EncodeToString([]byte(u)))
	}
	return "{" + strings.Join(ids, ",") + "}", "{" + strings.Join(names, ",") + "}"
}

// become changes the role until the end of the transaction.
const become = `select set_config('role', $1, true), set_config('gad.propio', $2, true)`

// narrow adds the jurisdiction, for those who ask in one.
const narrow = `select set_config('gad.zonas', $1, true), set_config('gad.unidades', $2, true)`

// Query asks one question. Role and question travel together, in one round trip and one
// transaction. The rows must be closed, which reading them to their end does.
func (r Reads) Query(ctx context.Context, s Scope, sql string, args ...any) (rows pgx.Rows, err error) {
	err = again(ctx, func() (bool, error) {
		rows, err = r.query(ctx, s, sql, args...) //nolint:sqlclosecheck // the caller's to close
		return true, err
	})
	return rows, err
}

func (r Reads) query(ctx context.Context, s Scope, sql string, args ...any) (pgx.Rows, error) {
	role, own := s.role()
	batch := &pgx.Batch{}
	if role == rolePart {
		zonas, unidades := s.part()
		batch.Queue(narrow, zonas, unidades)
	}
	batch.Queue(become, role, own)
	before := batch.Len()
	batch.Queue(sql, args...)
	results := r.pool.SendBatch(ctx, batch)
	for range before {
		if _, err := results.Exec(); err != nil {
			return nil, errors.Join(fmt.Errorf("ask as %s: %w", role, err), results.Close())
		}
	}
	rows, err := results.Query()
	if err != nil {
		return nil, errors.Join(err, results.Close())
	}
	return &walled{Rows: rows, batch: results}, nil
}

// QueryRow is Query for one row; Scan gives pgx.ErrNoRows when there is none.
func (r Reads) QueryRow(ctx context.Context, s Scope, sql string, args ...any) pgx.Row {
	rows, err := r.Query(ctx, s, sql, args...)
	return row{rows, err}
}

// Snapshot asks several questions of one instant of some living tables (names without their
// schema), so that rows, totals and the position they are true of belong together. doing says
// what for, in an error.
//
// The tables are locked against a flip before the instant is chosen. A name is looked up when a
// statement begins, whatever the instant: without the lock, tables that changed place between
// two statements would answer with what their new rows were before, which is less.
func (r Reads) Snapshot(ctx context.Context, s Scope, doing string, tables []string, read func(tx pgx.Tx) error) error {
	role, own := s.role()
	set := ""
	if role == rolePart {
		zonas, unidades := s.part()
		set = "; set local gad.zonas = '" + zonas + "'; set local gad.unidades = '" + unidades + "'"
		// What its policies look into.
		tables = slices.Compact(slices.Sorted(slices.Values(append([]string{"efectivos", "tareas"}, tables...))))
	}
	// One round trip. There is nothing in the text but constants, parsed UUIDs and hexadecimals.
	begin := snapshot(Live, tables) + set + "; set local role " + role + "; set local gad.propio = '" + own + "'" + r.settings
	if r.patience > 0 {
		begin += fmt.Sprintf("; set local statement_timeout = %d", r.patience.Milliseconds())
	}
	return Translate(again(ctx, func() (fresh bool, err error) {
		fresh = true
		err = pgx.BeginTxFunc(ctx, r.pool, pgx.TxOptions{BeginQuery: begin}, func(tx pgx.Tx) error {
			fresh = false
			return read(tx)
		})
		return fresh, err
	}), doing)
}

// tries is how often a question is asked when the connection breaks under it.
const tries = 3

// again repeats what met a broken connection, with short waits that differ, while it is fresh:
// nothing was read yet. What the server refused, and what ran out of time, is not asked again.
func again(ctx context.Context, ask func() (fresh bool, err error)) error {
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval = 20*time.Millisecond, 200*time.Millisecond
	_, err := backoff.Retry(ctx, func() (none struct{}, err error) {
		fresh, err := ask()
		if err != nil && (!fresh || !broken(err)) {
			return none, backoff.Permanent(err)
		}
		return none, err
	}, backoff.WithBackOff(wait), backoff.WithMaxTries(tries))
	return err
}

// broken reports a connection that ended, rather than an answer or the end of the caller's time.
func broken(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return strings.HasPrefix(pg.Code, "57P") || strings.HasPrefix(pg.Code, "08")
	}
	_, network := errors.AsType[net.Error](err)
	return pgconn.SafeToRetry(err) || errors.Is(err, io.ErrUnexpectedEOF) || network && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled)
}

// snapshot begins a transaction over tables that keep their place until it ends.
func snapshot(schema string, tables []string) string {
	begin := "begin isolation level repeatable read read only"
	if len(tables) == 0 {
		return begin
	}
	places := make([]string, len(tables))
	for i, t := range tables {
		places[i] = pgx.Identifier{schema, t}.Sanitize()
	}
	return begin + "; lock table " + strings.Join(places, ", ") + " in access share mode"
}

// walled gives the connection back once its rows are read.
type walled struct {
	pgx.Rows
	batch pgx.BatchResults
	err   error // of the end of the batch
}

func (w *walled) Next() bool {
	if w.Rows.Next() {
		return true
	}
	w.Close()
	return false
}

func (w *walled) Close() {
	w.Rows.Close()
	if w.batch != nil {
		w.err, w.batch = w.batch.Close(), nil
	}
}

func (w *walled) Err() error {
	if err := w.Rows.Err(); err != nil {
		return err
	}
	return w.err
}

type row struct {
	rows pgx.Rows
	err  error
}

func (r row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return pgx.ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	r.rows.Close()
	return r.rows.Err()
}

// Oldest returns the position that the read models of all these projections have reached.
func Oldest(ctx context.Context, tx pgx.Tx, projections ...string) (p eventstore.Position, err error) {
	// A projection that never ran has no checkpoint yet and is at 0.
	err = tx.QueryRow(ctx, `
		select coalesce(min(coalesce(c.position, 0)), 0)
		from unnest($1::text[]) n(name) left join eventos.checkpoints c on c.projection = n.name and c.target = $2`,
		projections, Live).Scan(&p)
	return p, err
}

// fetched is how many rows EachRow brings at a time.
const fetched = 500

// EachRow runs a query through a cursor, so that a caller who is slow to take the rows holds
// up neither a statement nor memory.
func EachRow(ctx context.Context, tx pgx.Tx, sql string, args []any, take func(row pgx.Rows) error) error {
	if _, err := tx.Exec(ctx, "declare filas no scroll cursor for "+sql, args...); err != nil {
		return err
	}
	for {
		rows, err := tx.Query(ctx, fmt.Sprintf("fetch %d from filas", fetched))
		if err != nil {
			return err
		}
		n := 0
		for rows.Next() {
			n++
			if err := take(rows); err != nil {
				rows.Close()
				return err
			}
		}
		rows.Close()
		if err := rows.Err(); err != nil || n < fetched {
			return err
		}
	}
}
