// Package obs lets operators see what the program does: logs, metrics, health.
//
// It promises that a log line is one JSON object with its time in UTC (readable text on a
// terminal), that metrics come from a registry of our own and never from a global one, and
// that asking for health is cheap: however often it is asked, each check runs at most once
// a second and never for longer than its deadline.
package obs

import (
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/lmittmann/tint"
	"github.com/mattn/go-isatty"
)

// NewLogger writes to w from level on ("debug", "info", "warn", "error"; else info). A
// terminal gets coloured text, everything else JSON.
func NewLogger(w io.Writer, level string) *slog.Logger {
	var from slog.Level
	if err := from.UnmarshalText([]byte(level)); err != nil {
		from = slog.LevelInfo
	}
	if f, ok := w.(*os.File); ok && isatty.IsTerminal(f.Fd()) {
		return slog.New(tint.NewTextHandler(w, &tint.Options{Level: from, TimeFormat: time.TimeOnly}))
	}
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: from, ReplaceAttr: inUTC}))
}

// inUTC makes lines of machines in different zones sort together.
func inUTC(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindTime {
		return slog.Time(a.Key, a.Value.Time().UTC())
	}
	return a
}
