package rest

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/grupo-gad/gad/api/problem"
	"github.com/grupo-gad/gad/domain/fault"
)

// NewEcho returns an echo with the manners of this face and no routes.
func (a *API) NewEcho() *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = a.answerError
	e.IPExtractor = echo.ExtractIPDirect() // proxies has put the client there
	e.SchemeExtractor = func(r *http.Request) string {
		if r.Header.Get(echo.HeaderXForwardedProto) == "https" { // ours: proxies takes others' away
			return "https"
		}
		return "http"
	}
	// The order of decisions. What names and logs a request stands around them
	// all, so that a refusal of the first carries a request_id and is logged too;
	// the rate is counted by serve, which knows who is asking.
	e.Use(
		identified,
		a.requestLogger(),
		middleware.RecoverWithConfig(middleware.RecoverConfig{
			DisableErrorHandler: true,
			LogErrorFunc: func(_ echo.Context, err error, stack []byte) error {
				return fmt.Errorf("panic: %w\n%s", err, stack)
			},
		}),
		a.proxies,
		a.securityHeaders,
		a.host,
		a.bodyCap,
	)
	if len(a.Settings.CORSOrigins) > 0 {
		e.Use(a.cors())
	}
	e.Use(crossOrigin)
	e.Use(
		middleware.GzipWithConfig(middleware.GzipConfig{Skipper: skipGzip, MinLength: compressFrom, Level: compression}),
		middleware.ContextTimeoutWithConfig(middleware.ContextTimeoutConfig{
			Timeout: a.Settings.HandlerTimeout,
			Skipper: func(c echo.Context) bool {
				return streams(c.Request().URL.Path) || exports(c.Request().Method, c.Request().URL.Path) || strings.HasPrefix(c.Path(), adjuntosPath)
			},
			ErrorHandler: func(err error, _ echo.Context) error {
				return err // answerError knows what a deadline means
			},
		}),
	)
	return e
}

// streams reports the addresses whose answers have no end of their own, or one that only
// their reader decides.
func streams(path string) bool {
	return path == "/ws" || path == "/ws/connect" || path == "/api/v1/stream" || strings.HasPrefix(path, prefix+"/tareas.")
}

const (
	// compression of answers: the map of a city takes a third of the time of the default level,
	// and a fifth more bytes.
	compression = gzip.BestSpeed
	// compressFrom is the size of the shortest answer that is compressed, in bytes.
	compressFrom = 1024
)

// skipGzip: sockets cannot be compressed here, an answer that holds a token must
// not be compressed beside text that somebody else chose, and the dashboard's
// files come compressed by their build, as figures do by figuras. Answers to orders are short: making a compressor
// ready costs more than all else that is done to take a report of positions.
func skipGzip(c echo.Context) bool {
	path := c.Request().URL.Path
	if m := c.Request().Method; m != http.MethodGet && m != http.MethodHead {
		return true
	}
	return streams(path) || figures(path) || exports(c.Request().Method, path) || strings.HasPrefix(c.Path(), adjuntosPath) || strings.HasPrefix(path, "/api/v1/auth/") || strings.HasPrefix(path, "/api/v1/telegram/auth/") || strings.HasPrefix(path, "/assets/")
}

// answerError writes every error of every route.
func (a *API) answerError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	if e, ok := errors.AsType[*echo.HTTPError](err); ok {
		if ours := problem.ByStatus(e.Code); ours != nil {
			err = ours
		}
	}
	if _, ok := errors.AsType[*fault.Error](err); !ok {
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			err = problem.ErrDemora.Because(err)
		case away(err):
			err = problem.ErrAparte.Because(err)
		}
	}
	p := problem.From(err, idOf(c), c.Request().Header.Get("If-Match") != "")
	h := c.Response().Header()
	switch p.Status {
	case http.StatusUnauthorized:
		h.Set(echo.HeaderWWWAuthenticate, `Bearer realm="gad"`)
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		if h.Get(echo.HeaderRetryAfter) == "" {
			h.Set(echo.HeaderRetryAfter, retryAfter(err))
		}
	}
	h.Set("Cache-Control", "no-store")
	if err := write(c, p.Status, problem.ContentType, p); err != nil {
		a.Logger.WarnContext(c.Request().Context(), "problem not written", slog.String("request_id", p.RequestID), slog.Any("error", err))
	}
}

// retryAfter says when to try again, in whole seconds: when the refusal knows, it is that.
func retryAfter(err error) string {
	after := 2 * time.Second
	if w, ok := errors.AsType[interface {
		error
		RetryAfter() time.Duration
	}](err); ok {
		after = w.RetryAfter()
	}
	return strconv.Itoa(int(math.Ceil(max(after, time.Second).Seconds())))
}

// away reports a broken connection to something we depend on, for the adapters
// that do not say so themselves: the caller did nothing wrong and may repeat.
func away(err error) bool {
	if _, ok := errors.AsType[*net.OpError](err); ok || errors.Is(err, io.ErrUnexpectedEOF) {
		return true
	}
	// The classes of SQLSTATE for connections, lack of resources, and shutdown.
	if e, ok := errors.AsType[interface {
		error
		SQLState() string
	}](err); ok && len(e.SQLState()) == 5 {
		switch e.SQLState()[:2] {
		case "08", "53", "57":
			return true
		}
	}
	return false
}
