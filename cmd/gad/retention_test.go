package main

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/grupo-gad/gad/ops/config"
	"github.com/grupo-gad/gad/ops/pgtest"
)

// TestPositionsAreKeptAsLongAsTheSettingSays: days older than that are dropped, by who knows the
// owner of the database.
func TestPositionsAreKeptAsLongAsTheSettingSays(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	now := time.Now().UTC()
	for _, ago := range []int{32, 31, 30, 29} {
		from := now.AddDate(0, 0, -ago)
		if _, err := db.Owner.Exec(t.Context(), fmt.Sprintf(`create table telemetria.fixes%s partition of telemetria.fixes for values from ('%s') to ('%s')`,
			from.Format("_20060102"), from.Format(time.DateOnly), from.AddDate(0, 0, 1).Format(time.DateOnly))); err != nil {
			t.Fatal(err)
		}
	}
	s := &system{settings: config.Config{TelemetryRetentionDays: 30}, log: slog.New(slog.DiscardHandler)}
	s.current.Store(&config.Config{})
	if n, err := s.dropOldPositions(t.Context(), now); err != nil || n != 0 {
		t.Errorf("whoever is not told the owner dropped %d days: %v", n, err)
	}
	s.current.Store(&config.Config{MigrateDatabaseURL: config.NewSecret(db.OwnerURL)})
	for _, want := range []int{2, 0} {
		if n, err := s.dropOldPositions(t.Context(), now); err != nil || n != want {
			t.Errorf("%d days went, want %d: %v", n, want, err)
		}
	}
}
