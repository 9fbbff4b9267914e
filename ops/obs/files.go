package obs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/DeRuina/timberjack"
)

// Where Files writes: what concerns security lies apart, so that it may be read by others and
// kept apart.
const (
	FileLog      = "gad.log"
	FileSecurity = "seguridad.log"
)

// ChannelSecurity is the value of the attribute "channel" that sends a line to FileSecurity.
const ChannelSecurity = "security"

// Files is a log in a directory, for machines on which nobody collects what a program prints.
// A file is put aside, compressed, every day and at 100 MB, and removed after so many days.
type Files struct {
	security, other *timberjack.Logger
	handler         slog.Handler
}

// OpenFiles makes the directory and writes to it from level on (see NewLogger), as JSON. days is
// how long what was put aside is kept. An error says that nothing can be written there.
func OpenFiles(dir, level string, days int) (*Files, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("make the directory of the log: %w", err)
	}
	file := func(name string) *timberjack.Logger {
		return &timberjack.Logger{
			Filename: filepath.Join(dir, name), MaxAge: days, RotationInterval: 24 * time.Hour,
			Compression: "gzip", FileMode: 0o640,
		}
	}
	f := &Files{security: file(FileSecurity), other: file(FileLog)}
	for _, l := range []*timberjack.Logger{f.security, f.other} {
		if _, err := l.Write(nil); err != nil { // opens it: a mistake is found at the start
			return nil, errors.Join(fmt.Errorf("open the log: %w", err), f.Close())
		}
	}
	f.handler = apart{security: NewLogger(f.security, level).Handler(), other: NewLogger(f.other, level).Handler()}
	return f, nil
}

// Handler returns what a logger writes through.
func (f *Files) Handler() slog.Handler { return f.handler }

// Rotate puts both files aside now and begins new ones.
func (f *Files) Rotate() error { return errors.Join(f.security.Rotate(), f.other.Rotate()) }

// Close closes both files.
func (f *Files) Close() error { return errors.Join(f.security.Close(), f.other.Close()) }

// apart sends the lines of the security channel one way and all others another.
type apart struct {
	security, other slog.Handler
	always          bool // the channel was given to the logger, not to the line
}

func (a apart) Enabled(ctx context.Context, level slog.Level) bool {
	return a.other.Enabled(ctx, level)
}

func (a apart) Handle(ctx context.Context, r slog.Record) error {
	secure := a.always
	r.Attrs(func(attr slog.Attr) bool {
		secure = secure || isSecurity(attr)
		return !secure
	})
	if secure {
		return a.security.Handle(ctx, r)
	}
	return a.other.Handle(ctx, r)
}

func (a apart) WithAttrs(attrs []slog.Attr) slog.Handler {
	for _, attr := range attrs {
		a.always = a.always || isSecurity(attr)
	}
	a.security, a.other = a.security.WithAttrs(attrs), a.other.WithAttrs(attrs)
	return a
}

func (a apart) WithGroup(name string) slog.Handler {
	a.security, a.other = a.security.WithGroup(name), a.other.WithGroup(name)
	return a
}

func isSecurity(a slog.Attr) bool { return a.Key == "channel" && a.Value.String() == ChannelSecurity }
