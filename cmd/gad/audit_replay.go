package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/grupo-gad/gad/projections"
)

// replayInto folds the log into a scratch schema and compares.
func replayInto(cmd *cobra.Command, asJSON bool) error {
	return withSystem(cmd, func(s *system) error {
		var (
			bar  progress
			last string
		)
		all, err := s.newRunner().Replay(cmd.Context(), projections.ReplayOptions{
			Schema: fmt.Sprintf("repeticion_%d_%d", os.Getpid(), time.Now().Unix()), Drop: true,
			Progress: func(projection string, done, total int64) {
				if projection != last {
					bar, last = newProgress(cmd, projection, total), projection
				}
				bar.report(done, total)
			},
		})
		if last != "" {
			bar.done()
		}
		if err != nil {
			return fmt.Errorf("repetir el registro: %w", err)
		}
		if asJSON {
			if err := writeJSON(cmd, all); err != nil {
				return err
			}
		} else if err := printReplay(cmd, all); err != nil {
			return err
		}
		for _, r := range all {
			if len(r.Different) > 0 {
				return fmt.Errorf("%w: %s", errFound, r.Live.Projection)
			}
		}
		return nil
	})
}

func printReplay(cmd *cobra.Command, all []projections.Replayed) error {
	for _, r := range all {
		verdict := "igual"
		if len(r.Different) > 0 {
			verdict = "DISTINTA en " + strings.Join(r.Different, ", ")
		}
		if r.Live.Parked > 0 {
			verdict += fmt.Sprintf(" (%d claves apartadas)", r.Live.Parked)
		}
		if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%-10s posición %d: %s\n", r.Live.Projection, r.Live.Position, verdict); err != nil {
			return err
		}
	}
	return nil
}

func writeJSON(cmd *cobra.Command, v any) error {
	encoder := json.NewEncoder(cmd.OutOrStdout())
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}
