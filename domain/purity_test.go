package domain_test

import (
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/grupo-gad/gad/"

// impure lists what the domain must not reach, not even through a helper.
var impure = map[string]string{
	"net":           "the domain does no I/O",
	"net/http":      "the domain does no I/O",
	"os/exec":       "the domain does no I/O",
	"database/sql":  "the domain does not persist",
	"log":           "the domain decides; its callers log",
	"log/slog":      "the domain decides; its callers log",
	"context":       "a decision is not cancelled: it takes no time",
	"encoding/json": "the codec owns the wire format",
	"math/rand":     "chance arrives inside a command",
	"math/rand/v2":  "chance arrives inside a command",
	"crypto/rand":   "salts arrive inside a command",
}

// direct lists what no file of the domain may import itself, though the
// standard library reaches it on its behalf (fmt needs os).
var direct = map[string]string{
	"os":   "the domain does no I/O",
	"sync": "states are values; nothing is locked",
}

// The domain is pure transitively: what it imports imports nothing impure.
func TestPurity(t *testing.T) {
	t.Parallel()
	list := func(args ...string) []string {
		out, err := exec.CommandContext(t.Context(), "go", append([]string{"list"}, args...)...).Output()
		if err != nil {
			t.Fatalf("go list %v: %v", args, err)
		}
		return strings.Fields(string(out))
	}
	// spec is for tests; everything else runs in production.
	var packages []string
	for _, p := range list("./...") {
		if p != module+"domain/spec" {
			packages = append(packages, p)
		}
	}
	for _, dep := range list(append([]string{"-deps"}, packages...)...) {
		if why, bad := impure[dep]; bad {
			t.Errorf("domain reaches %s: %s", dep, why)
		}
		switch first, _, _ := strings.Cut(dep, "/"); {
		case strings.HasPrefix(dep, module+"domain"):
		case strings.HasPrefix(dep, module):
			t.Errorf("domain reaches %s: arrows point inwards", dep)
		case strings.Contains(first, "."):
			t.Errorf("domain reaches %s: the domain has no third-party imports", dep)
		}
	}
	imports := list(append([]string{"-f", `{{range .Imports}}{{$.ImportPath}}={{.}} {{end}}`}, packages...)...)
	for _, edge := range imports {
		from, to, _ := strings.Cut(edge, "=")
		if why, bad := direct[to]; bad {
			t.Errorf("%s imports %s: %s", from, to, why)
		}
	}
}

// Specifications are a tool of tests: no program links the testing package through them.
func TestSpecIsForTests(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-e", "-f", `{{.ImportPath}}={{join .Imports ","}}`, module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		path, imports, _ := strings.Cut(strings.TrimSpace(line), "=")
		for i := range strings.SplitSeq(imports, ",") {
			if i == module+"domain/spec" {
				t.Errorf("%s imports domain/spec outside a test", path)
			}
		}
	}
}
