package projections

import (
	"cmp"
	"context"

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
	Narrow func(ctx context.Context, tx pgx.Tx, w *Where) (Narrowed, error)
}

// Narrowed is what was found out while a question was narrowed.
type Narrowed struct {
	Total *int64 // how many rows there are, up to one more than are counted; nil: they are counted
	Page  *Where // says of a page the same as the narrowed question, in a way that is cheaper for a few rows; nil: there is none
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
			if n, err = q.Narrow(ctx, tx, q.Where); err != nil {
				return err
			}
		}
		if n.Total != nil {
			page.Total, page.Acotado = bounded(*n.Total)
		} else if page.Total, page.Acotado, err = Count(ctx, tx, l.From, q.Where); err != nil {
			return err
		}
		after := cmp.Or(n.Page, q.Where).Clone()
		if err := sorting.After(after, q.Cursor); err != nil {
			return err
		}
		chosen := l.From + after.SQL() + sorting.SQL() + " limit " + after.Arg(limit+1)
		if l.ByID {
			chosen = "(select " + l.ID.SQL + " as elegida from " + chosen + ") pagina join " + l.From + " on " + l.ID.SQL + " = elegida" + sorting.SQL()
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
