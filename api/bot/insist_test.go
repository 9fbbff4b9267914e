package bot

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A bot that runs for months has many small troubles. Each costs a short wait
// and is logged, however many there were before it.
func TestTroubleAfterProgressIsNew(t *testing.T) {
	t.Parallel()
	for name, progress := range map[string]func(moved func()){
		"the cursor advanced": func(moved func()) { moved() },
		"it held for long":    func(func()) { time.Sleep(longest + time.Second) }, // of the bubble's clock
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var logs bytes.Buffer
				b := &Bot{Deps: Deps{Log: slog.New(slog.NewTextHandler(&logs, nil))}}
				var calls int
				var ended time.Time
				const troubles, tries = 4, 8
				err := b.insist(t.Context(), "try", func(_ context.Context, moved func()) error {
					calls++
					switch first := (calls-1)%tries == 0; {
					case calls > troubles*tries:
						return nil
					case first && calls > 1:
						progress(moved)
					case !ended.IsZero():
						// The waits within one trouble grow, and begin small.
						if want, got := backoff((calls-2)%tries), time.Since(ended); got != want {
							t.Errorf("call %d came after %v, want %v", calls, got, want)
						}
					}
					ended = time.Now()
					return errors.New("hiccup")
				})
				if err != nil {
					t.Error(err)
				}
				if n := strings.Count(logs.String(), "bot has to wait"); n != troubles {
					t.Errorf("%d troubles logged, want %d:\n%s", n, troubles, &logs)
				}
				if n := strings.Count(logs.String(), "bot recovered"); n != troubles {
					t.Errorf("%d recoveries logged, want %d", n, troubles)
				}
			})
		})
	}
}
