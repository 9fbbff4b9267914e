package projections

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/sealed"
)

// Schema says how rows of one table are read and written.
type Schema[R any] struct {
	Table   string
	Key     string   // a uuid column
	Columns []string // as Values gives them
	Select  string   // select list as Scan takes it
	Scan    func(row pgx.Row, r *R) error
	Values  func(r *R) []any
	Texts   func(r *R) []*Text // those that may wait to be opened; nil when there are none
}

// Text is a value of a row that may still be behind its commitment.
type Text struct {
	Value   string
	pending sealed.Commitment
}

// Sealed is the text behind a commitment of a fact.
func Sealed(c sealed.Commitment) Text { return Text{pending: c} }

// Rows is the working set of a fold over one table, by key.
type Rows[R any] struct {
	schema  *Schema[R]
	rows    map[string]*R
	stored  map[string]bool // is in the table already
	touched map[string]bool
}

// NewRows returns an empty working set.
func NewRows[R any](schema *Schema[R]) *Rows[R] {
	return &Rows[R]{schema: schema, rows: map[string]*R{}, stored: map[string]bool{}, touched: map[string]bool{}}
}

// Load brings the stored rows with these keys.
func (s *Rows[R]) Load(ctx context.Context, tx pgx.Tx, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	rows, err := tx.Query(ctx, "select "+s.schema.Key+"::text, "+s.schema.Select+" from "+s.schema.Table+
		" where "+s.schema.Key+" = any($1)", keys)
	if err != nil {
		return fmt.Errorf("load %s: %w", s.schema.Table, err)
	}
	defer rows.Close()
	for rows.Next() {
		var (
			key string
			r   = new(R)
		)
		if err := s.schema.Scan(keyed{rows, &key}, r); err != nil {
			return fmt.Errorf("scan %s: %w", s.schema.Table, err)
		}
		s.rows[key], s.stored[key] = r, true
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("load %s: %w", s.schema.Table, err)
	}
	return nil
}

// keyed puts the key before what a Scan function asks for.
type keyed struct {
	rows pgx.Rows
	key  *string
}

func (k keyed) Scan(dest ...any) error { return k.rows.Scan(slices.Insert(dest, 0, any(k.key))...) }

// Get returns the row to be changed, or nil.
func (s *Rows[R]) Get(key string) *R {
	r := s.rows[key]
	if r != nil {
		s.touched[key] = true
	}
	return r
}

// Peek returns the row, not to be changed, or nil.
func (s *Rows[R]) Peek(key string) *R { return s.rows[key] }

// Put adds or replaces a row.
func (s *Rows[R]) Put(key string, r *R) { s.rows[key], s.touched[key] = r, true }

// Overwrite replaces a row that may be stored though it was not loaded; nil removes it.
func (s *Rows[R]) Overwrite(key string, r *R) {
	s.rows[key], s.touched[key], s.stored[key] = r, true, true
}

// Delete removes a row.
func (s *Rows[R]) Delete(key string) { s.rows[key], s.touched[key] = nil, true }

// Len is how many rows are in memory.
func (s *Rows[R]) Len() int { return len(s.rows) }

// Save writes the touched rows: what was stored is deleted, what there is now goes in by
// COPY, which is the fastest way in and the same one for a window and for a rebuild.
func (s *Rows[R]) Save(ctx context.Context, tx pgx.Tx, texts Texts) error {
	if len(s.touched) == 0 {
		return nil
	}
	var old []string
	var now []*R
	keys := make([]string, 0, len(s.touched))
	for key := range s.touched {
		keys = append(keys, key)
	}
	slices.Sort(keys) // locks in one order; and rows that lie together were made together
	for _, key := range keys {
		if s.stored[key] {
			old = append(old, key)
		}
		if r := s.rows[key]; r != nil {
			now = append(now, r)
		}
	}
	if len(old) > 0 {
		if _, err := tx.Exec(ctx, "delete from "+s.schema.Table+" where "+s.schema.Key+" = any($1)", old); err != nil {
			return fmt.Errorf("replace %s: %w", s.schema.Table, err)
		}
	}
	// In chunks: a rebuild saves every row there is, and opened texts are large.
	for chunk := range slices.Chunk(now, 5000) {
		if err := s.copy(ctx, tx, texts, chunk); err != nil {
			return err
		}
	}
	for _, key := range keys {
		s.stored[key] = s.rows[key] != nil
	}
	clear(s.touched)
	return nil
}

func (s *Rows[R]) copy(ctx context.Context, tx pgx.Tx, texts Texts, rows []*R) error {
	if err := s.open(ctx, texts, rows); err != nil {
		return err
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{s.schema.Table}, s.schema.Columns,
		pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) { return s.schema.Values(rows[i]), nil }))
	if err != nil {
		return fmt.Errorf("write %s: %w", s.schema.Table, err)
	}
	return nil
}

// open asks the vault once for every text that waits.
func (s *Rows[R]) open(ctx context.Context, texts Texts, rows []*R) error {
	if s.schema.Texts == nil {
		return nil
	}
	var (
		waiting []*Text
		of      []sealed.Commitment
	)
	for _, r := range rows {
		for _, t := range s.schema.Texts(r) {
			if !t.pending.IsZero() {
				waiting, of = append(waiting, t), append(of, t.pending)
			}
		}
	}
	if len(of) == 0 {
		return nil
	}
	opened, err := texts.Reveal(ctx, of)
	switch {
	case err != nil && opened == nil:
		return away{fmt.Errorf("open texts for %s: %w", s.schema.Table, err)}
	case err != nil:
		// Damaged for good: whose text it is stands still, and the others go on.
		return fmt.Errorf("open texts for %s: %w", s.schema.Table, err)
	}
	for _, t := range waiting {
		// PostgreSQL stores no NUL; a text is worth more than its one odd character.
		*t = Text{Value: strings.ReplaceAll(opened[t.pending], "\x00", "")}
	}
	return nil
}
