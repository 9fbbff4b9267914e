package projections

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/permiso"
)

// The bounds of a page.
const (
	defaultLimit = 50
	maxLimit     = 200
)

// Where gathers conditions and their arguments.
type Where struct {
	conditions []string
	args       []any
}

// Arg adds an argument and returns its placeholder.
func (w *Where) Arg(v any) string {
	w.args = append(w.args, v)
	return fmt.Sprintf("$%d", len(w.args))
}

// And adds a condition; every %s in it stands for the placeholder of one argument.
func (w *Where) And(condition string, args ...any) {
	placeholders := make([]any, len(args))
	for i, a := range args {
		placeholders[i] = w.Arg(a)
	}
	w.conditions = append(w.conditions, "("+fmt.Sprintf(condition, placeholders...)+")")
}

// Beside returns conditions of their own for a question inside this one, whose arguments come
// after those it has; Adopt takes them in.
func (w *Where) Beside() *Where { return &Where{args: slices.Clone(w.args)} }

// Adopt takes the arguments of a question that was begun by Beside.
func (w *Where) Adopt(inner *Where) { w.args = inner.args }

// SQL returns the conditions as a where clause.
func (w *Where) SQL() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return " where " + strings.Join(w.conditions, " and ")
}

// Empty reports whether everything is found.
func (w *Where) Empty() bool { return len(w.conditions) == 0 }

// Args returns the arguments in order.
func (w *Where) Args() []any { return w.args }

// Clone returns a copy that grows on its own.
func (w *Where) Clone() *Where {
	return &Where{conditions: slices.Clone(w.conditions), args: slices.Clone(w.args)}
}

// Sortable is a field that a list may be ordered by.
type Sortable struct {
	SQL  string // expression, never null
	Type string // to which its text in a cursor is cast
}

// Sorting is how one list is ordered and paged.
type Sorting struct {
	fields map[string]Sortable
	keys   []sortKey
	text   string // canonical form, bound into every cursor
}

type sortKey struct {
	Sortable
	desc bool
}

// ParseSorting reads "-prioridad,inicio_programado". id ends every order, so that no two
// rows are equal in it and a page neither repeats nor loses one.
func ParseSorting(orden string, fields map[string]Sortable, id Sortable) (Sorting, error) {
	s := Sorting{fields: fields, text: orden}
	desc, named := false, map[string]bool{}
	for name := range strings.SplitSeq(orden, ",") {
		name, desc = strings.CutPrefix(strings.TrimSpace(name), "-")
		f, ok := fields[name]
		if !ok {
			return s, ErrOrden.With(fault.Field{Name: "orden", Message: "no se puede ordenar por " + quoted(name)})
		}
		// A second time it would order nothing, and the condition of a cursor grows with the square of the names.
		if named[name] {
			return s, ErrOrden.With(fault.Field{Name: "orden", Message: "nombra dos veces " + quoted(name)})
		}
		named[name] = true
		s.keys = append(s.keys, sortKey{f, desc})
	}
	// The id follows the last direction: one index then serves the whole order.
	s.keys = append(s.keys, sortKey{id, desc})
	return s, nil
}

func quoted(s string) string {
	r := []rune(s)
	return "«" + string(r[:min(len(r), 40)]) + "»"
}

// SQL returns the order by clause.
func (s Sorting) SQL() string {
	parts := make([]string, len(s.keys))
	for i, k := range s.keys {
		parts[i] = k.SQL
		if k.desc {
			parts[i] += " desc"
		}
	}
	return " order by " + strings.Join(parts, ", ")
}

// Keys returns the select list whose values make the cursor of a row: one text array.
func (s Sorting) Keys() string {
	parts := make([]string, len(s.keys))
	for i, k := range s.keys {
		parts[i] = "(" + k.SQL + ")::text"
	}
	return "array[" + strings.Join(parts, ", ") + "]"
}

type cursor struct {
	Orden string   `json:"o"`
	Tras  []string `json:"t"`
}

// Cursor encodes where a page ended.
func (s Sorting) Cursor(keys []string) string {
	b, err := json.Marshal(cursor{s.text, keys})
	if err != nil {
		panic("a cursor of texts always encodes: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// After adds the condition that a row comes after the one where the cursor was cut.
func (s Sorting) After(w *Where, text string) error {
	if text == "" {
		return nil
	}
	var c cursor
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	if err != nil || c.Orden != s.text || len(c.Tras) != len(s.keys) {
		return ErrCursor.Because(err).With(fault.Field{Name: "cursor", Message: "no corresponde a esta consulta"})
	}
	values, fields := make([]string, len(s.keys)), make([]string, len(s.keys))
	for i, k := range s.keys {
		values[i], fields[i] = w.Arg(c.Tras[i])+"::text::"+k.Type, k.SQL
	}
	if desc := s.keys[0].desc; !slices.ContainsFunc(s.keys, func(k sortKey) bool { return k.desc != desc }) {
		// One direction: the index that gives the order also finds the place in it.
		beyond := ") > ("
		if desc {
			beyond = ") < ("
		}
		w.conditions = append(w.conditions, "(("+strings.Join(fields, ", ")+beyond+strings.Join(values, ", ")+"))")
		return nil
	}
	// (a, b) after (x, y) with mixed directions: a beyond x, or a = x and b beyond y.
	var alternatives []string
	equal := ""
	for i, k := range s.keys {
		beyond := " > "
		if k.desc {
			beyond = " < "
		}
		alternatives = append(alternatives, equal+k.SQL+beyond+values[i])
		equal += k.SQL + " = " + values[i] + " and "
	}
	w.conditions = append(w.conditions, "("+strings.Join(alternatives, " or ")+")")
	return nil
}

// Limit returns the size of a page, or refuses it.
func Limit(n int) (int, error) {
	switch {
	case n == 0:
		return defaultLimit, nil
	case n < 0, n > maxLimit:
		return 0, ErrLimite.With(fault.Field{Name: "limite", Message: "va de 1 a 200"})
	}
	return n, nil
}

// countBound is how many rows a list counts before it says "at least so many".
const countBound = 100_000

// Count returns how many rows there are, up to a bound: a total must not cost more than the
// page it stands on.
func Count(ctx context.Context, tx pgx.Tx, from string, w *Where) (total int64, more bool, err error) {
	n, err := CountOneMore(ctx, tx, from, w)
	total, more = bounded(n)
	return total, more, err
}

// CountOneMore is Count before it says "at least so many": one more than are counted stands for
// any number of them.
func CountOneMore(ctx context.Context, tx pgx.Tx, from string, w *Where) (n int64, err error) {
	err = tx.QueryRow(ctx, fmt.Sprintf("select count(*) from (select from %s%s limit %d) as counted", from, w.SQL(), countBound+1), w.Args()...).Scan(&n)
	return n, err
}

func bounded(n int64) (total int64, more bool) { return min(n, countBound), n > countBound }

// InBox adds the condition that a place lies in west, south, east, north. A box whose west
// is east of its east crosses the antimeridian.
func InBox(w *Where, lat, lon string, box [4]float64) error {
	west, south, east, north := box[0], box[1], box[2], box[3]
	if !(geo.Punto{Lat: south, Lon: west}).Valido() || !(geo.Punto{Lat: north, Lon: east}).Valido() || south > north {
		return ErrBBox.With(fault.Field{Name: "bbox", Message: "es oeste,sur,este,norte en grados"})
	}
	w.And(lat+" between %s and %s", south, north)
	if west <= east {
		w.And(lon+" between %s and %s", west, east)
	} else {
		w.And(lon+" >= %s or "+lon+" <= %s", west, east)
	}
	return nil
}

// Nobody reports whether a scope finds nothing.
func (s Scope) Nobody() bool {
	return s.Alcance == permiso.Nada || s.Alcance != permiso.Todo && s.Usuario == ""
}
