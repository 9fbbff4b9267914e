package rest

import (
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/grupo-gad/gad/api/problem"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
)

// maxPage bounds a page of any list.
const maxPage = 200

var (
	errParametro  = fault.New(fault.Invalid, "parametro_invalido", "hay un parámetro de la dirección que no es válido")
	errParametros = problem.ErrPeticion.With()
)

// query reads the parameters of an address and gathers every wrong one, so that
// one answer tells them all. A parameter nobody asked for is refused: a filter
// with a typing error must not return everything.
type query struct {
	zone   *time.Location // of a day without an hour
	values url.Values
	known  []string
	wrong  []fault.Field
}

func (r *request) query() *query {
	q := &query{zone: r.zone}
	values, err := url.ParseQuery(r.Request().URL.RawQuery)
	if err != nil {
		q.bad("", "la dirección no se puede interpretar")
	}
	q.values = values
	return q
}

func (q *query) bad(name, message string) {
	q.wrong = append(q.wrong, fault.Field{Name: name, Message: message})
}

// text returns a parameter; "" when absent. Repeated ones are joined by commas.
func (q *query) text(name string) string {
	q.known = append(q.known, name)
	v := strings.Join(q.values[name], ",")
	if strings.ContainsRune(v, 0) || !utf8.ValidString(v) || len(v) > 1000 {
		q.bad(name, "tiene caracteres no admitidos o es demasiado largo")
		return ""
	}
	return strings.TrimSpace(v)
}

// words returns the values of a comma-separated parameter.
func (q *query) words(name string) []string {
	text := q.text(name)
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

func (q *query) float(name string, absent, least, most float64) float64 {
	text := q.text(name)
	if text == "" {
		return absent
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || v < least || v > most {
		q.bad(name, "va de "+number(least)+" a "+number(most))
		return absent
	}
	return v
}

func (q *query) integer(name string, absent, least, most int64) int64 {
	text := q.text(name)
	if text == "" {
		return absent
	}
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil || v < least || v > most {
		q.bad(name, "es un número entero de "+strconv.FormatInt(least, 10)+" a "+strconv.FormatInt(most, 10))
		return absent
	}
	return v
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func (q *query) limit() int { return int(q.integer("limite", 50, 1, maxPage)) }

func (q *query) boolean(name string) *bool {
	switch q.text(name) {
	case "":
		return nil
	case "true", "1", "si":
		v := true
		return &v
	case "false", "0", "no":
		v := false
		return &v
	}
	q.bad(name, "puede ser true o false")
	return nil
}

func (q *query) instant(name string) time.Time {
	text := q.text(name)
	if text == "" {
		return time.Time{}
	}
	// An unescaped + in an address arrives as a space.
	t, err := time.Parse(time.RFC3339, strings.Replace(text, " ", "+", 1))
	if err != nil {
		// A day begins when it does for the operation, as those of its figures do.
		if t, err = time.ParseInLocation(time.DateOnly, text, q.zone); err != nil {
			q.bad(name, "es una fecha y hora RFC 3339, por ejemplo 2026-03-01T12:00:00Z, o un día, por ejemplo 2026-03-01")
			return time.Time{}
		}
	}
	return t.UTC().Truncate(time.Microsecond)
}

// period reads desde and hasta: an end before its beginning is a slip of the hand, not a
// question that nothing answers.
func (q *query) period() (desde, hasta time.Time) {
	desde, hasta = q.instant("desde"), q.instant("hasta")
	if !hasta.IsZero() && hasta.Before(desde) {
		q.bad("hasta", "es anterior a desde")
	}
	return desde, hasta
}

// identifier reads an optional UUID.
func identifier[T ~string](q *query, name string) T {
	text := q.text(name)
	if text == "" {
		return ""
	}
	id, err := ident.Parse[T](text)
	if err != nil {
		q.bad(name, ident.ErrInvalido.Message)
	}
	return id
}

// parse reads the words of a list with a domain's own parser.
func parse[T any](q *query, name string, read func(string) (T, error), message string) (out []T) {
	for _, word := range q.words(name) {
		v, err := read(strings.TrimSpace(word))
		if err != nil {
			q.bad(name, message)
			return nil
		}
		out = append(out, v)
	}
	return out
}

// box reads bbox: "oeste,sur,este,norte" in degrees.
func (q *query) box() *[4]float64 {
	const name = "bbox"
	words := q.words(name)
	if words == nil {
		return nil
	}
	var b [4]float64
	ok := len(words) == 4
	for i := range min(len(words), 4) {
		v, err := strconv.ParseFloat(strings.TrimSpace(words[i]), 64)
		b[i], ok = v, ok && err == nil
	}
	ok = ok && geo.Punto{Lat: b[1], Lon: b[0]}.Valido() && geo.Punto{Lat: b[3], Lon: b[2]}.Valido() && b[0] < b[2] && b[1] < b[3]
	if !ok {
		q.bad(name, "son oeste,sur,este,norte en grados, de menor a mayor")
		return nil
	}
	return &b
}

// err refuses the request when a parameter was wrong or is not known. Call it
// after the last parameter was asked for.
func (q *query) err() error {
	for name := range q.values {
		if !slices.Contains(q.known, name) {
			return errParametros.With(fault.Field{Name: clip(name), Message: "no se conoce ese parámetro"})
		}
	}
	if len(q.wrong) > 0 {
		return errParametro.With(q.wrong...)
	}
	return nil
}

func clip(name string) string {
	if len(name) > 60 {
		name = name[:60]
	}
	return strings.ToValidUTF8(name, "?")
}
