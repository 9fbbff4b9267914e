package problem_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grupo-gad/gad/api/problem"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
)

var update = flag.Bool("update", false, "write the golden files")

// TestGolden pins the bodies that clients were written against.
func TestGolden(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		err         error
		conditional bool
	}{
		"invalid":          {err: tarea.ErrDatos.With(fault.Field{Name: "titulo", Message: "lleva al menos 5 caracteres"})},
		"unauthorized":     {err: fault.New(fault.Unauthorized, "sin_sesion", "hay que ingresar")},
		"forbidden":        {err: permiso.ErrProhibido},
		"not_found":        {err: tarea.ErrNoExiste},
		"conflict":         {err: tarea.ErrFinalizada},
		"stale":            {err: eventstore.ErrStale},
		"stale_with_match": {err: eventstore.ErrStale.Because(errors.New("private")), conditional: true},
		"limited":          {err: fault.New(fault.Limited, "demasiadas_peticiones", "esperá un momento")},
		"unavailable":      {err: fmt.Errorf("append: %w", eventstore.ErrUnavailable.Because(errors.New("dial tcp: refused")))},
		"foreign":          {err: errors.New("pq: password authentication failed for user gad")},
		"internal_fault":   {err: fault.New(fault.Internal, "secreto", "the key is 1234")},
		"malformed":        {err: problem.ErrMalformado.With(fault.Field{Name: "titulo", Message: "está repetido"})},
		"too_large":        {err: problem.ErrGrande},
		"no_route":         {err: problem.ByStatus(http.StatusNotFound)},
		"no_method":        {err: problem.ByStatus(http.StatusMethodNotAllowed)},
		"media_type":       {err: problem.ByStatus(http.StatusUnsupportedMediaType)},
		"misdirected":      {err: problem.ByStatus(http.StatusMisdirectedRequest)},
		"headers":          {err: problem.ByStatus(http.StatusRequestHeaderFieldsTooLarge)},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := json.MarshalIndent(problem.From(c.err, "req-1", c.conditional), "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, '\n')
			path := filepath.Join("testdata", name+".json")
			if *update {
				if err := os.WriteFile(path, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("problem body changed (-want +got):\n%s", diff)
			}
		})
	}
}

// TestEveryKind makes sure that no kind was forgotten in the table.
func TestEveryKind(t *testing.T) {
	t.Parallel()
	for kind := fault.Internal; kind <= fault.Unavailable; kind++ {
		p := problem.From(fault.New(kind, "x", "y"), "", false)
		if p.Status < 400 || p.Title == "" {
			t.Errorf("kind %d answers %d %q", kind, p.Status, p.Title)
		}
	}
}
