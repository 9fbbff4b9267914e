package projections

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/fault"
)

// The bounds of a search.
const (
	maxQuery = 200 // characters of q
	maxWords = 12  // words of it that count
	// A word shorter than this is not corrected: three letters resemble too much.
	correctable = 4
	// sample is how many texts with something like a word are read to find out what it
	// should have been.
	sample = 200
	// alternatives is how many words one misspelt word may stand for.
	alternatives = 5
)

// Corpus is a set of texts in which words are looked for: a column of Searchable text in the
// rows of a table that a scope may see.
type Corpus struct {
	From   string // table and joins
	Column string
	Where  *Where
	// Words is the table that has every word of the texts once, in the column palabra. Without
	// one, words are found in the texts themselves, which have a trigram index or are few.
	Words string
	// Has and Like are functions of the database in the place of all that, where the texts cannot
	// be read: of a tsquery, for the ids of the texts that match it; and of a word and a number, for
	// so many words that are like it.
	Has, Like string
}

// Spell turns what somebody typed into one tsquery per word. A word that begins some word of
// a corpus stays as it is; any other is replaced by the words of the corpora that resemble it
// by their trigrams, which forgives letters that are wrong, missing, doubled or exchanged.
// none says that nothing can match.
func Spell(ctx context.Context, tx pgx.Tx, q string, corpora ...Corpus) (queries []string, none bool, err error) {
	words := strings.Fields(Searchable(q))
	if len(words) == 0 {
		return nil, strings.TrimSpace(q) != "", nil // only punctuation: no text has that
	}
	words = words[:min(len(words), maxWords)]
	known, err := exact(ctx, tx, words, corpora)
	if err != nil {
		return nil, false, err
	}
	for i, word := range words {
		candidates := []string{word}
		if !known[i] {
			if candidates, err = resembling(ctx, tx, word, corpora); err != nil {
				return nil, false, err
			}
		}
		if len(candidates) == 0 {
			return nil, true, nil
		}
		queries = append(queries, prefixes(candidates))
	}
	return queries, false, nil
}

// Matcher returns what tells whether a text has what somebody typed, forgiving as Spell does, by
// the words of these texts. All are Searchable texts.
func Matcher(q string, texts []string) func(text string) bool {
	words := strings.Fields(Searchable(q))
	if len(words) == 0 {
		return func(string) bool { return strings.TrimSpace(q) == "" }
	}
	words = words[:min(len(words), maxWords)]
	corpus := map[string]struct{}{}
	for _, text := range texts {
		for word := range strings.FieldsSeq(text) {
			corpus[word] = struct{}{}
		}
	}
	beginnings := make([][]string, len(words)) // of the words that one of q stands for
	for i, word := range words {
		beginnings[i] = []string{word}
		known := false
		for w := range corpus {
			if known = strings.HasPrefix(w, word); known {
				break
			}
		}
		if known {
			continue
		}
		likeness := map[string]float64{}
		if corrigible(word) {
			wanted := trigrams(word)
			for w := range corpus {
				likeness[w] = similarity(wanted, trigrams(w))
			}
		}
		beginnings[i] = best(likeness)
	}
	return func(text string) bool {
		return !slices.ContainsFunc(beginnings, func(any []string) bool { return !begins(text, any) })
	}
}

// begins reports whether some word of a text begins with one of these.
func begins(text string, any []string) bool {
	for word := range strings.FieldsSeq(text) {
		if slices.ContainsFunc(any, func(beginning string) bool { return strings.HasPrefix(word, beginning) }) {
			return true
		}
	}
	return false
}

// corrigible words may be typing errors. A short one resembles too much; nor is a number or a
// code: the next one is no typing error of it.
func corrigible(word string) bool {
	return len([]rune(word)) >= correctable && !strings.ContainsAny(word, "0123456789")
}

// CheckQuery refuses a q that is no search.
func CheckQuery(q string) error {
	if len([]rune(q)) > maxQuery {
		return ErrConsulta.With(fault.Field{Name: "q", Message: "lleva como mucho 200 caracteres"})
	}
	return nil
}

// prefixes is the tsquery of texts in which some word begins with one of these.
func prefixes(words []string) string {
	parts := make([]string, len(words))
	for i, w := range words {
		parts[i] = "'" + w + "':*" // letters and digits only: nothing to escape
	}
	return "(" + strings.Join(parts, " | ") + ")"
}

// QueryWords are the beginnings of words that a tsquery of Spell names.
func QueryWords(query string) (words []string) {
	for i, part := range strings.Split(query, "'") {
		if i%2 == 1 {
			words = append(words, part)
		}
	}
	return words
}

// Occurrences returns how often the words of a tsquery that Spell made stand in the texts of a
// corpus, by its table of words: at most so many texts match. It is 0 where a word is not listed.
func Occurrences(ctx context.Context, tx pgx.Tx, query string, c Corpus) (n int64, err error) {
	words := QueryWords(query)
	beyond := make([]string, len(words))
	for i, w := range words {
		beyond[i] = w + string(utf8.MaxRune)
	}
	// Beginnings may overlap: a word counts once for each of them, which is still "at most".
	err = tx.QueryRow(ctx, `select coalesce(sum(n), 0)::bigint from (select coalesce(sum(veces), 0) as n, w.word
		from unnest($1::text[], $2::text[]) as w(word, beyond) left join `+c.Words+` on palabra >= w.word collate "C" and palabra < w.beyond collate "C"
		group by w.word) x having min(n) > 0`, words, beyond).Scan(&n)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	return n, err
}

// exact tells which words begin a word of some corpus: in one round trip where all of them are
// among the listed words, in two otherwise, since not every word is listed.
func exact(ctx context.Context, tx pgx.Tx, words []string, corpora []Corpus) ([]bool, error) {
	known := make([]bool, len(words))
	if err := listed(ctx, tx, words, corpora, known); err != nil || !slices.Contains(known, false) {
		return known, err
	}
	b := &pgx.Batch{}
	// The planner takes every word to stand in some texts, and expects to meet one of them soon
	// when it reads them all, in any order. A word that stands nowhere would cost as much as parsing
	// them all. What is left is a bitmap of those that the index of words names.
	b.Queue("select set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', 'off', true)")
	for i, word := range words {
		for _, c := range corpora {
			if known[i] {
				continue
			}
			if c.Has != "" {
				b.Queue("select exists(select from "+c.Has+"($1::text::tsquery))", prefixes([]string{word}))
				continue
			}
			w := c.Where.Clone()
			w.And("to_tsvector('simple', "+c.Column+") @@ %s::text::tsquery", prefixes([]string{word}))
			b.Queue("select exists(select from "+c.From+w.SQL()+")", w.Args()...)
		}
	}
	b.Queue("select set_config('enable_seqscan', 'on', true), set_config('enable_indexscan', 'on', true)")
	res := tx.SendBatch(ctx, b)
	defer func() { _ = res.Close() }()
	if _, err := res.Exec(); err != nil {
		return nil, fmt.Errorf("look for words: %w", err)
	}
	asked := slices.Clone(known)
	for i := range words {
		for range corpora {
			if asked[i] {
				continue
			}
			var here bool
			if err := res.QueryRow().Scan(&here); err != nil {
				return nil, fmt.Errorf("look for words: %w", err)
			}
			known[i] = known[i] || here
		}
	}
	if _, err := res.Exec(); err != nil {
		return nil, fmt.Errorf("look for words: %w", err)
	}
	return known, nil
}

// listed sets which words begin a listed word of some corpus.
func listed(ctx context.Context, tx pgx.Tx, words []string, corpora []Corpus, known []bool) error {
	for _, c := range corpora {
		if c.Words == "" {
			continue
		}
		beyond := make([]string, len(words))
		for i, w := range words {
			beyond[i] = w + string(utf8.MaxRune)
		}
		rows, err := tx.Query(ctx, `select exists(select from `+c.Words+` where palabra >= w.word collate "C" and palabra < w.beyond collate "C")
			from unnest($1::text[], $2::text[]) with ordinality as w(word, beyond, n) order by n`, words, beyond)
		if err != nil {
			return fmt.Errorf("look for listed words: %w", err)
		}
		here, err := pgx.CollectRows(rows, pgx.RowTo[bool])
		if err != nil {
			return fmt.Errorf("look for listed words: %w", err)
		}
		for i := range here {
			known[i] = known[i] || here[i]
		}
	}
	return nil
}

// resembling returns the words of the corpora that are most like one. The trigram index finds
// texts that have something like it; which of their words that is, is seen here.
func resembling(ctx context.Context, tx pgx.Tx, word string, corpora []Corpus) ([]string, error) {
	if !corrigible(word) {
		return nil, nil
	}
	b := &pgx.Batch{}
	b.Queue(`select set_config('pg_trgm.word_similarity_threshold', '0.45', true), set_config('pg_trgm.similarity_threshold', $1::text, true)`, fmt.Sprint(least))
	for _, c := range corpora {
		if c.Like != "" {
			b.Queue("select "+c.Like+"($1, $2)", word, sample)
			continue
		}
		if c.Words != "" {
			b.Queue("select palabra from "+c.Words+" where palabra operator(public.%) $1 order by palabra operator(public.<->) $1, palabra limit $2", word, sample)
			continue
		}
		w := c.Where.Clone()
		w.And("%s <%% "+c.Column, word)
		b.Queue("select "+c.Column+" from "+c.From+w.SQL()+" limit "+w.Arg(sample), w.Args()...)
	}
	res := tx.SendBatch(ctx, b)
	defer func() { _ = res.Close() }()
	if _, err := res.Exec(); err != nil {
		return nil, fmt.Errorf("set the likeness of words: %w", err)
	}
	likeness := map[string]float64{}
	wanted := trigrams(word)
	for range corpora {
		rows, err := res.Query()
		if err != nil {
			return nil, fmt.Errorf("look for like words: %w", err)
		}
		texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return nil, fmt.Errorf("look for like words: %w", err)
		}
		for _, text := range texts {
			for candidate := range strings.FieldsSeq(text) {
				if _, seen := likeness[candidate]; !seen {
					likeness[candidate] = similarity(wanted, trigrams(candidate))
				}
			}
		}
	}
	return best(likeness), nil
}

// A word stands for another that is at least so like it, and at most so much less like it than
// the likest.
const least, margin = 0.3, 0.15

// best returns the likest words, and those hardly less like.
func best(likeness map[string]float64) []string {
	var found []string
	top := 0.0
	for word, l := range likeness {
		if l >= least {
			found, top = append(found, word), max(top, l)
		}
	}
	slices.SortFunc(found, func(a, b string) int {
		switch {
		case likeness[a] > likeness[b]:
			return -1
		case likeness[a] < likeness[b]:
			return 1
		}
		return strings.Compare(a, b)
	})
	found = slices.DeleteFunc(found, func(w string) bool { return likeness[w] < top-margin })
	return found[:min(len(found), alternatives)]
}

// trigrams of a word as pg_trgm counts them: two spaces before it and one behind.
func trigrams(word string) map[[3]rune]bool {
	padded := append(append([]rune("  "), []rune(word)...), ' ')
	set := make(map[[3]rune]bool, len(padded))
	for i := range len(padded) - 2 {
		set[[3]rune(padded[i:i+3])] = true
	}
	return set
}

// similarity is what two words share of all the trigrams they have, 0 to 1.
func similarity(a, b map[[3]rune]bool) float64 {
	shared := 0
	for t := range a {
		if b[t] {
			shared++
		}
	}
	return float64(shared) / float64(len(a)+len(b)-shared)
}
