package ident_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/grupo-gad/gad/domain/ident"
)

func TestParse(t *testing.T) {
	t.Parallel()
	const canonical = "0190f3c2-89ab-7cde-8000-0000000000e1"
	for _, in := range []string{canonical, strings.ToUpper(canonical)} {
		if got, err := ident.Parse[ident.Tarea](in); got != canonical || err != nil {
			t.Errorf("Parse(%q) = %q, %v", in, got, err)
		}
	}
	for _, bad := range []string{
		"", " ", canonical + " ", canonical[:35], "{" + canonical[:34] + "}", strings.ReplaceAll(canonical, "-", ""),
		strings.Replace(canonical, "9", "g", 1), strings.Replace(canonical, "-", "0", 1), "0190f3c28-9ab-7cde-8000-0000000000e1",
		"0190f3c2-89ab-7cde-8000-0000000000é", "' or 1=1 --                          ",
	} {
		if got, err := ident.Parse[ident.Efectivo](bad); got != "" || !errors.Is(err, ident.ErrInvalido) {
			t.Errorf("Parse(%q) = %q, %v", bad, got, err)
		}
	}
}

func TestStream(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		ident.Tarea("a").Stream(): "tarea-a", ident.Efectivo("a").Stream(): "efectivo-a",
		ident.Usuario("a").Stream(): "usuario-a", ident.Zona("a").Stream(): "zona-a",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
