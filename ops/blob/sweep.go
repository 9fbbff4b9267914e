package blob

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// sweepPage is how many contents are asked about at once.
const sweepPage = 500

// Sweeper removes contents that no fact refers to. Two at once are harmless.
type Sweeper struct {
	Store Store
	// Age is for how long nobody must have put a content. It has to be far longer than an
	// upload and its order take, and as long as a restored database may be behind.
	Age time.Duration
	// Referenced returns which of some contents are attached to something, as of now or later.
	Referenced func(ctx context.Context, hashes []string) (map[string]bool, error)
	Every      time.Duration
	Log        *slog.Logger
	Removed    func(n int) // told how many were removed; may be nil
}

// Run sweeps until ctx ends. What fails is tried again at the next turn.
func (s Sweeper) Run(ctx context.Context) error {
	tick := time.NewTicker(s.Every)
	defer tick.Stop()
	for {
		n, err := s.Sweep(ctx, time.Now())
		if s.Removed != nil && n > 0 {
			s.Removed(n)
		}
		if err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "orphaned attachments were not swept", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// Sweep removes the orphans there are and says how many that were.
func (s Sweeper) Sweep(ctx context.Context, now time.Time) (removed int, err error) {
	if d, ok := s.Store.(*Dir); ok {
		if err := d.tidy(now); err != nil {
			return 0, err
		}
	}
	before := now.Add(-s.Age)
	var page []string
	flush := func() error {
		used, err := s.Referenced(ctx, page)
		if err != nil {
			return fmt.Errorf("ask which contents are attached: %w", err)
		}
		for _, sum := range page {
			if used[sum] {
				continue
			}
			gone, err := s.Store.Remove(ctx, sum, before)
			if err != nil {
				return err
			}
			if gone {
				removed++
			}
		}
		page = page[:0]
		return nil
	}
	for c, err := range s.Store.Each(ctx) {
		if err != nil {
			return removed, err
		}
		if !c.Modified.Before(before) {
			continue
		}
		if page = append(page, c.SHA256); len(page) == sweepPage {
			if err := flush(); err != nil {
				return removed, err
			}
		}
	}
	if len(page) == 0 {
		return removed, nil
	}
	return removed, flush()
}
