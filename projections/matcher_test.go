package projections_test

import (
	"testing"

	"github.com/grupo-gad/gad/projections"
)

// TestMatcher: what is compared here forgives what a search of the database forgives.
func TestMatcher(t *testing.T) {
	t.Parallel()
	texts := []string{
		projections.Searchable("C1-0001", "Árbol caído", "sobre la calzada"), projections.Searchable("C1-0002", "Ruidos molestos", "accidente cercano"),
	}
	for q, want := range map[string][2]bool{
		"": {true, true}, "árbol": {true, false}, "ARB calz": {true, false}, "arbol ruidos": {false, false}, "acidente": {false, true},
		"calsada": {true, false}, "C1-0002": {false, true}, "0003": {false, false}, "zzyzx": {false, false}, "¡!": {false, false}, "c1": {true, true},
	} {
		has := projections.Matcher(q, texts)
		if got := [2]bool{has(texts[0]), has(texts[1])}; got != want {
			t.Errorf("%q finds %v, want %v", q, got, want)
		}
	}
}
