package event_test

import (
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grupo-gad/gad/domain/event"
)

// pesada is an event that once counted grams as text.
type pesada struct{ Gramos int }

func (pesada) EventName() string { return "caja.pesada" }

type pesadaV1 struct{ Kilos string }

type cerrada struct{}

func (cerrada) EventName() string { return "caja.cerrada" }

func subir(old pesadaV1) pesada {
	kilos, _ := strconv.Atoi(old.Kilos)
	return pesada{Gramos: 1000 * kilos}
}

func caja() []event.Definition {
	return []event.Definition{
		event.Current[cerrada](1), event.Current[pesada](2), event.Retired(1, subir),
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	c, err := event.NewCatalog(caja())
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		version int
		stored  any
		want    event.Event
	}{
		{2, pesada{Gramos: 1500}, pesada{Gramos: 1500}},
		{1, pesadaV1{Kilos: "3"}, pesada{Gramos: 3000}},
	} {
		got, err := c.Decode("caja.pesada", step.version, func(v any) error {
			switch v := v.(type) {
			case *pesada:
				*v = step.stored.(pesada)
			case *pesadaV1:
				*v = step.stored.(pesadaV1)
			}
			return nil
		})
		if got != step.want || err != nil {
			t.Errorf("v%d: %v, %v", step.version, got, err)
		}
	}
	for _, version := range []int{1, 2} {
		_, err := c.Decode("caja.pesada", version, func(any) error { return io.ErrUnexpectedEOF })
		if !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), "caja.pesada") {
			t.Errorf("a payload that does not decode: %v", err)
		}
	}
	for _, unknown := range []struct {
		name    string
		version int
	}{{"caja.pesada", 3}, {"caja.pesada", 0}, {"caja.abierta", 1}} {
		if _, err := c.Decode(unknown.name, unknown.version, func(any) error { return nil }); !errors.Is(err, event.ErrUnknown) {
			t.Errorf("%v: %v", unknown, err)
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	c, err := event.NewCatalog(caja())
	if err != nil {
		t.Fatal(err)
	}
	if v, err := c.Version(pesada{}); v != 2 || err != nil {
		t.Errorf("Version = %d, %v", v, err)
	}
	empty, err := event.NewCatalog()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := empty.Version(pesada{}); !errors.Is(err, event.ErrUnknown) {
		t.Errorf("an event nobody defined: %v", err)
	}
	var order []string
	for _, def := range c.Definitions() {
		order = append(order, def.Name+strconv.Itoa(def.Version))
	}
	if diff := cmp.Diff([]string{"caja.cerrada1", "caja.pesada1", "caja.pesada2"}, order); diff != "" {
		t.Error(diff)
	}
}

// A catalogue that could not read its own past is refused when the program starts.
func TestNewCatalogRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		defs []event.Definition
		says string
	}{
		"twice the same":      {[]event.Definition{event.Current[cerrada](1), event.Current[cerrada](1)}, "defined twice"},
		"two of today":        {[]event.Definition{event.Current[pesada](1), event.Current[pesada](2)}, "two current versions"},
		"a hole in the past":  {[]event.Definition{event.Current[pesada](2)}, "v1 is missing"},
		"retired and current": {[]event.Definition{event.Current[pesada](1), event.Retired(1, subir)}, "defined twice"},
	} {
		if _, err := event.NewCatalog(c.defs); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A name that is only history is a fact no longer written: it stays readable.
	if _, err := event.NewCatalog([]event.Definition{event.Retired(1, subir)}); err != nil {
		t.Errorf("only history: %v", err)
	}
}
