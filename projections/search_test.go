package projections

import (
	"slices"
	"testing"
)

// TestResemblance: what people mistype is nearer to what they meant than to anything else.
func TestResemblance(t *testing.T) {
	t.Parallel()
	vocabulary := []string{"accidente", "autopista", "ruido", "robo", "plaza", "control", "vehicular", "incendio", "arbol", "caido", "herido"}
	for typed, meant := range map[string]string{
		"aczidente": "accidente", "acidente": "accidente", "accidnete": "accidente", "autopsta": "autopista", "ruisdo": "ruido",
		"robbo": "robo", "plazza": "plaza", "cotrol": "control", "vehiculra": "vehicular", "insendio": "incendio",
	} {
		likeness := map[string]float64{}
		for _, w := range vocabulary {
			likeness[w] = similarity(trigrams(typed), trigrams(w))
		}
		if got := best(likeness); len(got) == 0 || got[0] != meant {
			t.Errorf("%s became %v, meant %s", typed, got, meant)
		}
	}
	likeness := map[string]float64{}
	for _, w := range vocabulary {
		likeness[w] = similarity(trigrams("xyzzy"), trigrams(w))
	}
	if got := best(likeness); len(got) > 0 {
		t.Errorf("nonsense became %v", got)
	}
	if got := best(map[string]float64{"a": 0.9, "b": 0.9, "c": 0.8, "d": 0.5}); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("best of them: %v", got)
	}
}
