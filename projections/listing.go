package projections

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/fault"
)

// Page is one page of a list.
type Page[T any] struct {
	Datos     []T     `json:"datos"`
	Total     int64   `json:"total"`
	Acotado   bool    `json:"total_acotado,omitzero"` // there are more than Total
	Siguiente *string `json:"siguiente"`              // cursor of the next page
	Posicion  int64   `json:"posicion"`               // the log position the rows are true of
}

// Listing is where the pages of one kind of list come from.
type Listing[T any] struct {
	Name    string   // of what it lists, for errors
	Follows []string // the projections whose position a page is true of
	Tables  []string // all that a question may touch, without their schema
	Columns string
	From    string // tables and joins
	Fields  map[string]Sortable
	ID      Sortable
	Orden   string // when nobody asks for one
	Scan    func(row pgx.Row, keys *[]string) (T, error)
	// ByID: which rows make a page is found in an index that has every field of the order, and
	// only those rows are read whole. From is one table then.
	ByID bool
}

// Question is what one page is asked for.
type Question struct {
	Orden, Cursor string
	Limite        int
	Where         *Where
	Visible       bool // false when the scope finds nothing at all
	// Narrow adds what has to be looked up first, at the same instant as the rows.
	Narrow func(ctx context.Context, tx pgx.Tx, w *Where, fills Fills) (Narrowed, error)
}

// Fills asks whether the page is full already of those of the next rows in its order, without
// regard to what Narrow adds, of which a condition holds; every %s in it stands for one argument. Then
// it is made. Only lists ByID can tell.
type Fills func(condition string, args ...any) (bool, error)

// near is how many rows Fills looks at, at most: a condition that holds of every seventh fills a page
// of fifty; where thousands of another kind come first, as in the order of urgency, little is lost.
const near = 400

// Narrowed is what was found out while a question was narrowed.
type Narrowed struct {
	Total *int64 // how many rows there are, up to one more than are counted; nil: they are counted
	Page  *Where // says of a page the same as the narrowed question, in a way that is cheaper for a few rows; nil: there is none
	// Hits selects the ids of all the rows, a few thousand: looked up once for the page and the total.
	// Args are its arguments. Only lists ByID have it.
	Hits string
	Args []any
}

// Page answers a question with rows, their total and their position, all of one instant.
func (l Listing[T]) Page(ctx context.Context, r Reads, s Scope, q Question) (Page[T], error) {
	page := Page[T]{Datos: []T{}}
	sorting, err := ParseSorting(cmp.Or(q.Orden, l.Orden), l.Fields, l.ID)
	if err != nil {
		return page, err
	}
	limit, err := Limit(q.Limite)
	if err != nil {
		return page, err
	}
	if err := sorting.After(q.Where.Clone(), q.Cursor); err != nil {
		return page, err // before anything is asked
	}
	err = r.Alone().Snapshot(ctx, s, "list "+l.Name, l.Tables, func(tx pgx.Tx) error {
		p, err := Oldest(ctx, tx, l.Follows...)
		if page.Posicion = int64(p); err != nil || !q.Visible {
			return err
		}
		var n Narrowed
		if q.Narrow != nil {
			n, err = q.Narrow(ctx, tx, q.Where, func(condition string, args ...any) (bool, error) {
				return l.fills(ctx, tx, q, sorting, limit, &page, condition, args)
			})
			if err != nil {
				return err
			}
		}
		if n.Hits != "" {
			counted, err := l.hits(ctx, tx, q, sorting, limit, &page, n)
			if err != nil || counted {
				return err
			}
		}
		if n.Total != nil {
			page.Total, page.Acotado = bounded(*n.Total)
		} else if page.Total, page.Acotado, err = Count(ctx, tx, l.From, q.Where); err != nil {
			return err
		}
		if len(page.Datos) > 0 {
			return nil
		}
		after := cmp.Or(n.Page, q.Where).Clone()
		if err := sorting.After(after, q.Cursor); err != nil {
			return err
		}
		chosen := l.From + after.SQL() + sorting.SQL() + " limit " + after.Arg(limit+1)
		if l.ByID {
			chosen = l.whole(chosen, sorting)
		}
		rows, err := tx.Query(ctx, "select "+l.Columns+", "+sorting.Keys()+" from "+chosen, after.Args()...)
		if err != nil {
			return err
		}
		return l.collect(rows, limit, sorting, &page)
	})
	if BadInput(err) {
		return page, ErrCursor.Because(err).With(fault.Field{Name: "cursor", Message: ErrCursor.Message})
	}
	return page, err
}

// whole reads only the rows of a page whole: chosen is all of a select that comes after its columns.
func (l Listing[T]) whole(chosen string, sorting Sorting) string {
	return "(select " + l.ID.SQL + " as elegida from " + chosen + ") pagina join " + l.From + " on " + l.ID.SQL + " = elegida" + sorting.SQL()
}

// fills makes the page of the next rows alone, if they are enough.
func (l Listing[T]) fills(ctx context.Context, tx pgx.Tx, q Question, sorting Sorting, limit int, page *Page[T], condition string, args []any) (bool, error) {
	if !l.ByID {
		return false, nil
	}
	next := q.Where.Clone()
	if err := sorting.After(next, q.Cursor); err != nil {
		return false, err
	}
	holds := &Where{args: next.args}
	holds.And(condition, args...)
	chosen := "(select * from " + l.From + next.SQL() + sorting.SQL() + " limit " + holds.Arg(near) + ") " + l.Name + holds.SQL() + sorting.SQL() + " limit " + holds.Arg(limit+1)
	rows, err := tx.Query(ctx, "select "+l.Columns+", "+sorting.Keys()+" from "+l.whole(chosen, sorting), holds.Args()...)
	if err != nil {
		return false, err
	}
	if err := l.collect(rows, limit, sorting, page); err != nil {
		return false, err
	}
	if page.Siguiente == nil { // there may be more further down
		page.Datos = []T{}
	}
	return page.Siguiente != nil, nil
}

// hits makes the page and its total of a question whose ids are looked up once; false when the page
// is empty, whose total is to be counted.
func (l Listing[T]) hits(ctx context.Context, tx pgx.Tx, q Question, sorting Sorting, limit int, page *Page[T], n Narrowed) (bool, error) {
	holds := &Where{args: slices.Clone(n.Args)}
	holds.And("(" + l.ID.SQL + " in (select hits.id from hits)) is not false") // the planner would order a bare "in" first
	if err := sorting.After(holds, q.Cursor); err != nil {
		return false, err
	}
	chosen := l.From + holds.SQL() + sorting.SQL() + " limit " + holds.Arg(limit+1)
	rows, err := tx.Query(ctx, "with hits as materialized ("+n.Hits+") select "+l.Columns+", "+sorting.Keys()+" || (select count(*) from hits)::text from "+
		l.whole(chosen, sorting), holds.Args()...)
	if err != nil {
		return false, err
	}
	var total string
	counting := l
	counting.Scan = func(row pgx.Row, keys *[]string) (T, error) {
		v, err := l.Scan(row, keys)
		if last := len(*keys) - 1; err == nil {
			total, *keys = (*keys)[last], (*keys)[:last]
		}
		return v, err
	}
	if err := counting.collect(rows, limit, sorting, page); err != nil || total == "" {
		return false, err
	}
	found, err := strconv.ParseInt(total, 10, 64)
	page.Total, page.Acotado = bounded(found)
	return true, err
}

// collect reads limit+1 rows: the one too many says that there is another page.
func (l Listing[T]) collect(rows pgx.Rows, limit int, sorting Sorting, page *Page[T]) error {
	defer rows.Close()
	var last []string
	for rows.Next() {
		var keys []string
		row, err := l.Scan(rows, &keys)
		if err != nil {
			return err
		}
		if len(page.Datos) == limit {
			page.Siguiente = new(sorting.Cursor(last))
			break
		}
		page.Datos, last = append(page.Datos, row), keys
	}
	rows.Close()
	return rows.Err()
}
