package projections_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/ops/pgtest"
	"github.com/grupo-gad/gad/projections"
)

// TestBrokenConnectionsAreAskedAgain: a question that finds its connection cut is asked on
// another one, once it can be: nobody hears of it. What was read already is not read twice.
func TestBrokenConnectionsAreAskedAgain(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	reads := projections.NewReads(db.App)
	cut := func() {
		t.Helper()
		super, err := pgx.Connect(t.Context(), db.SuperURL)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = super.Close(t.Context()) }()
		if _, err := super.Exec(t.Context(), `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = 'gad_app'`); err != nil {
			t.Fatal(err)
		}
	}
	for range 5 {
		var one int
		if err := reads.QueryRow(t.Context(), projections.System, "select 1").Scan(&one); err != nil || one != 1 {
			t.Errorf("a question after a cut: %d, %v", one, err)
		}
		cut()
		ran := 0
		err := reads.Snapshot(t.Context(), projections.System, "look", nil, func(tx pgx.Tx) error {
			ran++
			return tx.QueryRow(t.Context(), "select 1").Scan(&one)
		})
		if err != nil || ran != 1 {
			t.Errorf("a snapshot after a cut: ran %d times, %v", ran, err)
		}
		cut()
	}
	ran := 0
	err := reads.Snapshot(t.Context(), projections.System, "look", nil, func(tx pgx.Tx) error {
		ran++
		cut()
		return tx.QueryRow(t.Context(), "select 1").Scan(new(int))
	})
	if err == nil || ran != 1 {
		t.Errorf("cut in the middle: ran %d times, %v", ran, err)
	}
}
