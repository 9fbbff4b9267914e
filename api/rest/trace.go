package rest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"github.com/grupo-gad/gad/eventstore"
)

const headerTrace = "Traceparent"

// trace is where a request stands in what caused it (W3C Trace Context).
type trace struct {
	request string // X-Request-Id
	id      string // 32 hexadecimal digits, the caller's when he sent one
	parent  string // his span, 16 digits, or ""
	span    string // ours
}

type traceKey struct{}

// identified names the request for the log and the answer and joins it to its
// caller's trace. A name of the caller's own is kept when it cannot break a log line.
func identified(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		t := trace{request: r.Header.Get(echo.HeaderXRequestID)}
		if !plainName(t.request) {
			t.request = uuid.Must(uuid.NewV7()).String()
		}
		var random [24]byte
		_, _ = rand.Read(random[:]) // never fails
		t.span = hex.EncodeToString(random[:8])
		var ok bool
		if t.id, t.parent, ok = parseTrace(r.Header[headerTrace]); !ok {
			t.id = hex.EncodeToString(random[8:])
		}
		c.Response().Header().Set(echo.HeaderXRequestID, t.request)
		c.SetRequest(r.WithContext(context.WithValue(r.Context(), traceKey{}, t)))
		return next(c)
	}
}

// parseTrace reads a traceparent; one that is malformed is as none.
func parseTrace(lines []string) (id, parent string, ok bool) {
	if len(lines) != 1 {
		return "", "", false
	}
	parts := strings.Split(lines[0], "-")
	if len(parts) < 4 || parts[0] == "ff" || parts[0] == "00" && len(parts) != 4 {
		return "", "", false
	}
	for i, digits := range []int{2, 32, 16, 2} {
		if len(parts[i]) != digits || strings.Trim(parts[i], "0123456789abcdef") != "" {
			return "", "", false
		}
	}
	if strings.Trim(parts[1], "0") == "" || strings.Trim(parts[2], "0") == "" {
		return "", "", false
	}
	return parts[1], parts[2], true
}

func plainName(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' {
			return false
		}
	}
	return true
}

// correlation is what the facts of a request keep of it: its name, and the trace it is part
// of with our own span, so that what follows from them joins that trace.
func correlation(c echo.Context) string {
	t, ok := c.Request().Context().Value(traceKey{}).(trace)
	if !ok {
		return idOf(c)
	}
	return eventstore.Correlated(t.request, "00-"+t.id+"-"+t.span+"-01")
}

func idOf(c echo.Context) string { return c.Response().Header().Get(echo.HeaderXRequestID) }

// Traced returns a handler of logs that adds to each line the request it was
// written for, wherever in the program that happened.
func Traced(h slog.Handler) slog.Handler { return traced{h} }

type traced struct{ slog.Handler }

// Handle implements slog.Handler.
func (h traced) Handle(ctx context.Context, r slog.Record) error {
	if t, ok := ctx.Value(traceKey{}).(trace); ok {
		r.AddAttrs(slog.String("request_id", t.request), slog.String("trace_id", t.id), slog.String("span_id", t.span))
		if t.parent != "" {
			r.AddAttrs(slog.String("parent_id", t.parent))
		}
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h traced) WithAttrs(attrs []slog.Attr) slog.Handler { return traced{h.Handler.WithAttrs(attrs)} }

// WithGroup implements slog.Handler.
func (h traced) WithGroup(name string) slog.Handler { return traced{h.Handler.WithGroup(name)} }
