package projections_test

import (
	"testing"

	"github.com/grupo-gad/gad/projections"
)

func TestSearchable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   []string
		want string
	}{
		{nil, ""},
		{[]string{"", "  ", "¡!"}, ""},
		{[]string{"T-2026-000123", "Árbol CAÍDO;  en la calle Ñandú"}, "t 2026 000123 arbol caido en la calle nandu"},
		{[]string{"Cafe\u0301 Z\u0308"}, "cafe z"}, // accents written apart from their letters
		{[]string{"Straße Łódź Æsir"}, "strasse lodz aesir"},
		{[]string{"улица Ленина"}, "улица ленина"},
		{[]string{"a'b:*&|!(c)"}, "a b c"},
	} {
		if got := projections.Searchable(c.in...); got != c.want {
			t.Errorf("%q: got %q, want %q", c.in, got, c.want)
		}
	}
}
