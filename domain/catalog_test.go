package domain_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/grupo-gad/gad/domain"
	"github.com/grupo-gad/gad/domain/event"
)

var update = flag.Bool("update", false, "write the payloads of new events and the schemas anew")

// wire is the written form of a payload, laid out for people: keys sorted, two spaces.
func wire(t *testing.T, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber() // a number is compared as it was written
	if err := decoder.Decode(&tree); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(tree); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func file(dir string, def event.Definition) string {
	return filepath.Join("testdata", dir, fmt.Sprintf("%s.v%d.json", def.Name, def.Version))
}

// golden returns what the file holds, or writes it when asked to.
func golden(t *testing.T, path string, fresh []byte) []byte {
	t.Helper()
	// What is equal is left alone: another test may be reading it.
	if was, err := os.ReadFile(path); *update && fresh != nil && (err != nil || !bytes.Equal(was, fresh)) {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, fresh, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (make golden writes it)", err)
	}
	return kept
}

func catalog(t *testing.T) *event.Catalog {
	t.Helper()
	c, err := domain.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// variant is the file of the n-th variant of an event.
func variant(def event.Definition, n int) string {
	return strings.TrimSuffix(file("history", def), ".json") + fmt.Sprintf(".%d.json", n+2)
}

// Whatever was stored once is read for ever, and what is written today is
// what was written when the payload was kept. A difference here means that a new
// version is needed, never that the file should follow the code.
func TestHistory(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	for _, def := range c.Definitions() {
		t.Run(fmt.Sprintf("%s.v%d", def.Name, def.Version), func(t *testing.T) {
			t.Parallel()
			sample, ok := samples[def.Name]
			if !ok {
				t.Fatalf("samples_test.go has no %s", def.Name)
			}
			keeps(t, c, def, file("history", def), sample)
			if !def.Retired {
				for n, sample := range variants[def.Name] {
					keeps(t, c, def, variant(def, n), sample)
				}
			}
		})
	}
}

// keeps holds a sample to the payload in a file, in both directions.
func keeps(t *testing.T, c *event.Catalog, def event.Definition, path string, sample event.Event) {
	t.Helper()
	var fresh []byte
	if !def.Retired {
		fresh = wire(t, sample)
	}
	kept := golden(t, path, fresh)
	if fresh != nil {
		if diff := cmp.Diff(string(kept), string(fresh)); diff != "" {
			t.Errorf("the written form changed (- kept, + now): %s", diff)
		}
	}
	decode := func(v any) error {
		d := json.NewDecoder(bytes.NewReader(kept))
		d.DisallowUnknownFields()
		return d.Decode(v)
	}
	got, err := c.Decode(def.Name, def.Version, decode)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sample, got); diff != "" {
		t.Errorf("read back differently: %s", diff)
	}
}

// No kept payload is forgotten: a definition that disappears would make a part
// of some log unreadable.
func TestHistoryIsComplete(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, def := range catalog(t).Definitions() {
		known[filepath.Base(file("", def))] = true
		for n := range variants[def.Name] {
			known[filepath.Base(variant(def, n))] = true
		}
	}
	for _, dir := range []string{"history", "schemas"} {
		entries, err := os.ReadDir(filepath.Join("testdata", dir))
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			if !known[entry.Name()] {
				t.Errorf("testdata/%s/%s has no definition any more", dir, entry.Name())
			}
		}
	}
}

// Every version has a schema of its own, and the payloads kept obey it.
func TestSchemas(t *testing.T) {
	t.Parallel()
	for _, def := range catalog(t).Definitions() {
		t.Run(fmt.Sprintf("%s.v%d", def.Name, def.Version), func(t *testing.T) {
			t.Parallel()
			fresh := wire(t, schemaOf(def))
			path := file("schemas", def)
			kept := golden(t, path, fresh)
			if diff := cmp.Diff(string(kept), string(fresh)); diff != "" {
				t.Errorf("the schema changed (- kept, + now): %s", diff)
			}
			compiler := jsonschema.NewCompiler()
			compiler.AssertFormat()
			schema, err := compiler.Compile(path)
			if err != nil {
				t.Fatal(err)
			}
			payload, err := os.ReadFile(file("history", def))
			if err != nil {
				t.Fatal(err)
			}
			instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(payload))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(instance); err != nil {
				t.Errorf("the kept payload: %v", err)
			}
			// It also refuses: without its time a fact is none.
			object := instance.(map[string]any)
			delete(object, "en")
			if err := schema.Validate(object); err == nil {
				t.Error("a payload without en passes")
			}
		})
	}
}

// Names are storage: the aggregate, a dot, a participle, in ASCII. Keys are
// Spanish snake case, and every fact says when it happened.
func TestNames(t *testing.T) {
	t.Parallel()
	snake := func(s string) bool {
		return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
	}
	for _, def := range catalog(t).Definitions() {
		aggregate, fact, ok := strings.Cut(def.Name, ".")
		if !ok || !snake(aggregate) || !snake(fact) {
			t.Errorf("%q is no name of an event", def.Name)
		}
		properties := schemaOf(def)["properties"].(map[string]any)
		for key := range properties {
			if !snake(key) {
				t.Errorf("%s: key %q", def.Name, key)
			}
		}
		if _, ok := properties["en"]; !ok {
			t.Errorf("%s does not say when it happened", def.Name)
		}
	}
}

// No personal datum and no free text stands in a fact in clear: the fields that
// could hold one are commitments.
func TestNothingPersonalInClear(t *testing.T) {
	t.Parallel()
	sealedWords := map[string]bool{
		"nombre": true, "apellido": true, "email": true, "dni": true, "telefono": true, "telegram_id": true,
		"titulo": true, "descripcion": true, "motivo": true, "observaciones": true,
	}
	clear := map[string]bool{"zona.definida/nombre": true, "zona.modificada/nombre": true} // the name of a place
	for _, def := range catalog(t).Definitions() {
		var walk func(schema map[string]any)
		walk = func(schema map[string]any) {
			properties, _ := schema["properties"].(map[string]any)
			for key, value := range properties {
				property := value.(map[string]any)
				if sealedWords[key] && !clear[def.Name+"/"+key] && property["pattern"] != commitmentPattern {
					t.Errorf("%s: %s stands in clear", def.Name, key)
				}
				walk(property)
			}
		}
		walk(schemaOf(def))
	}
}

func TestClaimsByAggregate(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{
		"tarea.creada": 2, "tarea.finalizada": 1, "efectivo.registrado": 2, "usuario.registrado": 2,
		"zona.definida": 0, "telemetria.sellada": 0,
	} {
		if got := domain.Claims(samples[name]); len(got) != want {
			t.Errorf("%s claims %v, want %d", name, got, want)
		}
	}
	for name, e := range samples {
		for _, change := range domain.Claims(e) {
			if change.Space == "" || (change.Op == 0 && change.Refusal == nil) {
				t.Errorf("%s: %+v", name, change)
			}
			if !change.From.IsZero() && !change.To.After(change.From) {
				t.Errorf("%s claims an empty span", name)
			}
		}
	}
}

func at(hour int) time.Time {
	return time.Date(2026, time.March, 2, hour, 30, 15, 250_000_000, time.UTC)
}
