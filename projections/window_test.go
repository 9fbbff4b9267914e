package projections_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grupo-gad/gad/ops/pgtest"
	"github.com/grupo-gad/gad/projections"
)

// TestBatchesMakeTheSameTables: how the log is cut into windows leaves no trace in the rows.
func TestBatchesMakeTheSameTables(t *testing.T) {
	t.Parallel()
	b, head := filled(t, 700)
	var want map[string]projections.Digested
	for _, window := range []int{0, 7, 1} {
		db := pgtest.New(t)
		r := runner(t, db.App, b, projections.Options{})
		catchUp(t, r, head, window)
		got := map[string]projections.Digested{}
		for _, p := range all() {
			d, err := r.Digest(t.Context(), p.Name())
			if err != nil {
				t.Fatal(err)
			}
			if d.Position != head {
				t.Errorf("%s stands at %d, want %d", p.Name(), d.Position, head)
			}
			for name, sum := range d.Tables {
				// The invented operation defines no Zona, marks nothing, asks nobody for approval and alarms nobody.
				if !slices.Contains([]string{"zonas", "marcas", "aprobaciones", "alarmas", "alarmas_atendidas"}, name) && sum.Rows == 0 {
					t.Errorf("%s is empty", name)
				}
			}
			got[p.Name()] = d
		}
		if want == nil {
			want = got
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("windows of %d make other rows (-all +these):\n%s", window, diff)
		}
	}
}
