package tareas

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/projections"
)

// From many texts with the words of a search on it is cheaper to go through Tareas in the order of
// the page, looking each up among those that have them, than to order all of these; from most on,
// to ask each for the words: then hardly any is passed over. Of a single word it is known
// beforehand, nearly enough, that it stands in many; often those are soon met in the order.
const many, most = 5_000, 30_000

// search narrows w to the Tareas that have the words of q. Whoever sees everything searches the
// indexed words, and so does who sees a part, by way of the database; whoever sees his own has few.
// Nobody else's words correct his. fills is nil where no page is made.
func search(ctx context.Context, tx pgx.Tx, s projections.Scope, w *projections.Where, q string, fills projections.Fills) (n projections.Narrowed, err error) {
	switch {
	case q == "":
		return n, nil
	case s.Alcance == permiso.EnJurisdiccion && s.Jurisdiccion != nil:
		return n, searchPart(ctx, tx, w, q)
	case s.Alcance != permiso.Todo:
		return n, searchOwn(ctx, tx, s, w, q)
	}
	corpus := projections.Corpus{From: "lectura.tareas_textos", Column: "busqueda", Where: &projections.Where{}, Words: "lectura.tareas_palabras"}
	queries, none, err := projections.Spell(ctx, tx, q, corpus)
	switch {
	case err != nil:
		return n, err
	case none:
		w.And("false")
		return n, nil
	case len(queries) == 0:
		return n, nil
	}
	const (
		has = "to_tsvector('simple', x.busqueda) @@ %s::text::tsquery"
		in  = "id in (select x.id from lectura.tareas_textos x where " + has + ")"
	)
	words, everything := strings.Join(queries, " & "), w.Empty()
	texts := &projections.Where{}
	texts.And(has, words)
	if everything && fills != nil && len(queries) == 1 {
		often, full, err := common(ctx, tx, words, corpus, fills)
		switch {
		case err != nil:
			return n, err
		case full:
			found, err := projections.CountOneMore(ctx, tx, "lectura.tareas_textos x", texts)
			n.Total = &found
			return n, err
		case often > many && often <= most:
			n.Hits, n.Args = "select x.id from lectura.tareas_textos x"+texts.SQL(), texts.Args()
			w.And(in, words)
			return n, nil
		}
	}
	found, n, err := among(ctx, tx, w, texts)
	if err != nil {
		return n, err
	}
	if everything { // every Tarea has one text
		n.Total = &found
	}
	if found > most {
		n.Page = w.Clone()
		n.Page.And("(select "+has+" from lectura.tareas_textos x where x.id = tareas.id)", words)
	}
	w.And(in, words)
	return n, nil
}

// common returns in how many texts a word stands, at most, and whether they are so many that the
// next Tareas have filled a page.
// Their texts, words with a space between them, are compared as they are: to make a tsvector of
// each would take the time of thirty comparisons.
func common(ctx context.Context, tx pgx.Tx, word string, corpus projections.Corpus, fills projections.Fills) (often int64, full bool, err error) {
	often, err = projections.Occurrences(ctx, tx, word, corpus)
	if err != nil || often <= many {
		return often, false, err
	}
	var begins []string
	for _, w := range projections.QueryWords(word) {
		begins = append(begins, "% "+w+"%") // letters and digits only: nothing to escape
	}
	full, err = fills("(select ' ' || x.busqueda like any(%s::text[]) from lectura.tareas_textos x where x.id = tareas.id)", begins)
	return often, full, err
}

// among counts the texts that match. Where they are many, but not most, it also says that a page
// is chosen among their Tareas: they are looked up once for both.
func among(ctx context.Context, tx pgx.Tx, w, texts *projections.Where) (found int64, n projections.Narrowed, err error) {
	var ids [][16]byte
	bounded := texts.Clone()
	err = tx.QueryRow(ctx, "select array(select x.id from lectura.tareas_textos x"+bounded.SQL()+" limit "+bounded.Arg(most+1)+")", bounded.Args()...).Scan(&ids)
	switch found = int64(len(ids)); {
	case err != nil:
	case found > most:
		found, err = projections.CountOneMore(ctx, tx, "lectura.tareas_textos x", texts)
	case found > many:
		n.Page = w.Clone()
		n.Page.And("(id in (select unnest(%s::uuid[]))) is not false", ids) // the planner would order a bare "in" first
	}
	return found, n, err
}

// searchPart asks the functions that see no further than whoever asks (eventos.textos_mios): no
// index serves a condition beside a policy that could leak through it.
func searchPart(ctx context.Context, tx pgx.Tx, w *projections.Where, q string) error {
	queries, none, err := projections.Spell(ctx, tx, q, projections.Corpus{Has: "eventos.textos_mios", Like: "eventos.palabras_mias"})
	switch {
	case err != nil:
		return err
	case none:
		w.And("false")
	case len(queries) > 0:
		w.And("id in (select eventos.textos_mios(%s::text::tsquery))", strings.Join(queries, " & "))
	}
	return nil
}

// searchOwn reads the texts that somebody may see and compares them here.
func searchOwn(ctx context.Context, tx pgx.Tx, s projections.Scope, w *projections.Where, q string) error {
	own := &projections.Where{}
	if !Alcance(own, s, "") {
		return nil
	}
	rows, err := tx.Query(ctx, "select id::text, busqueda from lectura.tareas"+own.SQL(), own.Args()...)
	if err != nil {
		return err
	}
	var (
		ids, found []string
		texts      []string
		t          texto
	)
	if _, err = pgx.ForEachRow(rows, []any{&t.id, &t.busqueda}, func() error {
		ids, texts = append(ids, t.id), append(texts, t.busqueda)
		return nil
	}); err != nil {
		return err
	}
	has := projections.Matcher(q, texts)
	for i, text := range texts {
		if has(text) {
			found = append(found, ids[i])
		}
	}
	w.And("id = any(%s::uuid[])", found)
	return nil
}
