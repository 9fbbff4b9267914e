package rest

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// quitable is a field that what is ordered about may be without: absent it stays as it is, null
// takes it away.
type quitable[T any] struct {
	valor  *T
	quitar bool
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (q *quitable[T]) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if d.PeekKind() == 'n' {
		q.quitar = true
		return d.SkipValue()
	}
	q.valor = new(T)
	return json.UnmarshalDecode(d, q.valor)
}

// oVacio is what was given, nothing for null, and nil for what stays.
func (q quitable[T]) oVacio() *T {
	if q.quitar {
		return new(T)
	}
	return q.valor
}
