package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/grupo-gad/gad/eventstore/telemetry"
)

// How often old positions are looked for, and how soon again when they could not be dropped.
const (
	retainEvery = 24 * time.Hour
	retainAgain = 10 * time.Minute
)

// retainTelemetry is the policy that drops the raw positions of days that are older than the
// setting, where this process knows the owner of the database. Elsewhere nobody does.
func (s *system) retainTelemetry(ctx context.Context) error {
	removed := prometheus.NewCounter(prometheus.CounterOpts{
		Name: "gad_telemetry_partitions_removed_total", Help: "Partitions of raw positions, one a day, removed because they were older than the setting.",
	})
	s.metrics.MustRegister(removed)
	for {
		wait := retainEvery
		days, err := s.dropOldPositions(ctx, time.Now())
		if err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "old positions were not removed", errorAttr(err))
			wait = retainAgain
		}
		removed.Add(float64(days))
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// dropOldPositions says how many days went that are older than the setting allows at an instant.
func (s *system) dropOldPositions(ctx context.Context, now time.Time) (int, error) {
	owner := s.current.Load().MigrateDatabaseURL.Reveal()
	if owner == "" {
		return 0, nil
	}
	conn, err := pgx.Connect(ctx, owner)
	if err != nil {
		return 0, fmt.Errorf("connect as the owner: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	before := now.UTC().AddDate(0, 0, -s.settings.TelemetryRetentionDays)
	days, err := telemetry.Purge(ctx, conn, before)
	if err == nil && days > 0 {
		s.log.InfoContext(ctx, "old positions were removed", slog.Int("days", days), slog.String("before", before.Format(time.DateOnly)))
	}
	return days, err
}
