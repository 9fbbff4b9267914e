package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/grupo-gad/gad/api/problem"
	"github.com/grupo-gad/gad/domain/fault"
)

// maxHeader bounds the headers of a request, in bytes.
const maxHeader = 16 << 10

// ServerHeaderBytes is what http.Server.MaxHeaderBytes should be: above maxHeader,
// so that the refusal is ours (problem+json) and not the server's plain text.
const ServerHeaderBytes = 4 * maxHeader

// NewEcho returns an echo with the manners of this face and no routes.
func (a *API) NewEcho() *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = a.answerError
	e.IPExtractor = a.ipExtractor()
	e.SchemeExtractor = func(r *http.Request) string { return a.scheme(r) }
	e.Use(
		requestID,
		a.requestLogger(),
		middleware.RecoverWithConfig(middleware.RecoverConfig{
			DisableErrorHandler: true,
			LogErrorFunc: func(_ echo.Context, err error, stack []byte) error {
				return fmt.Errorf("panic: %w\n%s", err, stack)
			},
		}),
		a.securityHeaders,
		a.gate,
	)
	if len(a.Settings.CORSOrigins) > 0 {
		e.Use(middleware.CORSWithConfig(middleware.CORSConfig{
			AllowOrigins: a.Settings.CORSOrigins,
			AllowMethods: []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete},
			AllowHeaders: []string{echo.HeaderAuthorization, echo.HeaderContentType, "If-Match", headerIdempotency, headerMinPosition, echo.HeaderXRequestID},
			ExposeHeaders: []string{
				"ETag", echo.HeaderLocation, headerPosition, headerCommand, echo.HeaderXRequestID, echo.HeaderRetryAfter,
			},
			MaxAge: 600,
		}))
	}
	e.Use(
		middleware.GzipWithConfig(middleware.GzipConfig{Skipper: skipGzip, MinLength: 1024}),
		middleware.ContextTimeoutWithConfig(middleware.ContextTimeoutConfig{
			Timeout: a.Settings.HandlerTimeout,
			Skipper: func(c echo.Context) bool { return streams(c.Request().URL.Path) },
			ErrorHandler: func(err error, _ echo.Context) error {
				return err // answerError knows what a deadline means
			},
		}),
	)
	return e
}

// streams reports the addresses whose answers have no end of their own.
func streams(path string) bool { return path == "/ws" || path == "/api/v1/stream" }

// skipGzip: sockets cannot be compressed here, an answer that holds a token must
// not be compressed beside text that somebody else chose, and the dashboard's
// files come compressed by their build.
func skipGzip(c echo.Context) bool {
	path := c.Request().URL.Path
	return streams(path) || strings.HasPrefix(path, "/api/v1/auth/") || strings.HasPrefix(path, "/assets/")
}

func (a *API) ipExtractor() echo.IPExtractor {
	if len(a.Settings.TrustedProxies) == 0 {
		return echo.ExtractIPDirect()
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range a.Settings.TrustedProxies {
		_, network, err := net.ParseCIDR(p.String())
		if err == nil {
			options = append(options, echo.TrustIPRange(network))
		}
	}
	return echo.ExtractIPFromXFFHeader(options...)
}

// scheme believes X-Forwarded-Proto from trusted proxies only.
func (a *API) scheme(r *http.Request) string {
	if r.TLS != nil {
		return "https"
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err == nil && r.Header.Get(echo.HeaderXForwardedProto) == "https" {
		ip := net.ParseIP(host)
		for _, p := range a.Settings.TrustedProxies {
			if _, network, err := net.ParseCIDR(p.String()); err == nil && network.Contains(ip) {
				return "https"
			}
		}
	}
	return "http"
}

// requestID names the request for the log and the answer. A caller's own name is
// kept when it is one that cannot break a log line.
func requestID(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id := c.Request().Header.Get(echo.HeaderXRequestID)
		if !plainName(id) {
			id = uuid.Must(uuid.NewV7()).String()
		}
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		return next(c)
	}
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

func idOf(c echo.Context) string { return c.Response().Header().Get(echo.HeaderXRequestID) }

func (a *API) requestLogger() echo.MiddlewareFunc {
	return middleware.RequestLoggerWithConfig(middleware.RequestLoggerConfig{
		HandleError: true, // the answer is written first, so that its status is the true one
		LogLatency:  true, LogMethod: true, LogRoutePath: true, LogStatus: true, LogError: true, LogRemoteIP: true,
		LogValuesFunc: func(c echo.Context, v middleware.RequestLoggerValues) error {
			if a.Observer != nil {
				a.Observer.Observe(v.Method, v.RoutePath, c.Response().Status, v.Latency)
			}
			level, ctx := slog.LevelDebug, c.Request().Context()
			attrs := []slog.Attr{
				slog.String("request_id", idOf(c)), slog.String("method", v.Method), slog.String("route", v.RoutePath),
				slog.Int("status", c.Response().Status), slog.Duration("took", v.Latency), slog.String("remote", v.RemoteIP),
			}
			if who, ok := identityOf(c); ok {
				attrs = append(attrs, slog.String("actor", string(who.Usuario)))
			}
			if v.Error != nil {
				attrs = append(attrs, slog.String("error", v.Error.Error()))
			}
			switch status := c.Response().Status; {
			case errors.Is(v.Error, context.Canceled): // the caller has gone: nobody's fault
			case status == http.StatusServiceUnavailable:
				level = slog.LevelWarn
			case status >= http.StatusInternalServerError:
				level = slog.LevelError
			}
			a.Logger.LogAttrs(ctx, level, "request", attrs...)
			return nil
		},
	})
}

// securityHeaders are those of answers to programs; pages set their own policy.
func (a *API) securityHeaders(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Permissions-Policy", "camera=(), microphone=(), payment=(), usb=()")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		if strings.HasPrefix(c.Request().URL.Path, "/api/") {
			h.Set("Cache-Control", "no-store")
		}
		if a.Settings.Production && c.Scheme() == "https" {
			h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
		}
		return next(c)
	}
}

// gate refuses what no route should have to think about.
func (a *API) gate(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		size := len(r.RequestURI)
		for name, values := range r.Header {
			for _, v := range values {
				size += len(name) + len(v) + 4
			}
		}
		if size > maxHeader {
			return problem.ErrCabeceras
		}
		if len(a.Settings.Hosts) > 0 {
			host := r.Host
			if h, _, err := net.SplitHostPort(host); err == nil {
				host = h
			}
			if !slices.ContainsFunc(a.Settings.Hosts, func(s string) bool { return strings.EqualFold(s, host) || strings.EqualFold(s, r.Host) }) {
				return problem.ErrServidor
			}
		}
		return next(c)
	}
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
		h.Set(echo.HeaderRetryAfter, "2")
	}
	h.Set("Cache-Control", "no-store")
	if err := write(c, p.Status, problem.ContentType, p); err != nil {
		a.Logger.WarnContext(c.Request().Context(), "problem not written", slog.String("request_id", p.RequestID), slog.Any("error", err))
	}
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
