package tareas

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
)

// palabras is how often words came into the texts of a window, less how often they went. The
// table is what a misspelt search is corrected from.
type palabras map[string]int64

// The words that are kept, in characters: a shorter one resembles everything, a longer one is
// none. Nor is anything with a digit: the next number is no typing error of this one.
const minPalabra, maxPalabra = 3, 40

// cuenta adds the words of a text so many times.
func (p palabras) cuenta(busqueda string, veces int64) {
	for w := range strings.FieldsSeq(busqueda) {
		if n := utf8.RuneCountInString(w); n >= minPalabra && n <= maxPalabra && !strings.ContainsAny(w, "0123456789") {
			p[w] += veces
		}
	}
}

// Save moves the counts of the words that are stored and adds the others. A count touches no
// index, which is why the rows are not replaced like those of other tables.
func (p palabras) Save(ctx context.Context, tx pgx.Tx) error {
	maps.DeleteFunc(p, func(_ string, n int64) bool { return n == 0 })
	if len(p) == 0 {
		return nil
	}
	words, counts := slices.Sorted(maps.Keys(p)), make([]int64, len(p))
	for i, w := range words {
		counts[i] = p[w]
	}
	// What stands nowhere any more is removed first: no row may count nothing.
	rows, err := tx.Query(ctx, `with cambios as (select * from unnest($1::text[], $2::bigint[]) as c(palabra, n)),
		idas as (delete from tareas_palabras t using cambios c where t.palabra = c.palabra and t.veces + c.n <= 0 returning t.palabra),
		movidas as (update tareas_palabras t set veces = veces + c.n from cambios c where t.palabra = c.palabra and t.veces + c.n > 0 returning t.palabra)
		select palabra from idas union all select palabra from movidas`, words, counts)
	if err != nil {
		return fmt.Errorf("count words: %w", err)
	}
	known, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("count words: %w", err)
	}
	for _, w := range known {
		delete(p, w)
	}
	var added [][]any
	for _, w := range words {
		if n, ok := p[w]; ok {
			added = append(added, []any{w, n})
		}
	}
	clear(p)
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{"tareas_palabras"}, []string{"palabra", "veces"}, pgx.CopyFromRows(added)); err != nil {
		return fmt.Errorf("add words: %w", err)
	}
	return nil
}
