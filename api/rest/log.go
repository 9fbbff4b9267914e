package rest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

// requestLogger writes a line per request once it is answered. Trouble with who
// somebody is or what he may do goes to the channel "security".
func (a *API) requestLogger() echo.MiddlewareFunc {
	return middleware.RequestLoggerWithConfig(middleware.RequestLoggerConfig{
		HandleError: true, // the answer is written first, so that its status is the true one
		LogLatency:  true, LogMethod: true, LogRoutePath: true, LogStatus: true, LogError: true,
		LogValuesFunc: func(c echo.Context, v middleware.RequestLoggerValues) error {
			status := c.Response().Status
			if a.Observer != nil {
				a.Observer.Observe(v.Method, v.RoutePath, status, v.Latency)
			}
			level, channel := gravity(status, v.Error)
			ctx := c.Request().Context()
			if !a.Logger.Enabled(ctx, level) {
				return nil
			}
			attrs := []slog.Attr{
				slog.String("method", v.Method), slog.String("route", v.RoutePath),
				slog.Int("status", status), slog.Duration("took", v.Latency), slog.String("remote", c.RealIP()),
			}
			if channel != "" {
				attrs = append(attrs, slog.String("channel", channel))
			}
			if who, ok := identityOf(c); ok {
				attrs = append(attrs, slog.String("actor", string(who.Usuario)))
			}
			h := c.Response().Header()
			if id := h.Get(headerCommand); id != "" {
				attrs = append(attrs, slog.String("command", id))
				if at := h.Get(headerPosition); at != "" {
					attrs = append(attrs, slog.String("position", at))
				}
			}
			if v.Error != nil {
				attrs = append(attrs, slog.String("error", v.Error.Error()))
			}
			a.Logger.LogAttrs(ctx, level, "request", attrs...)
			return nil
		},
	})
}

// gravity is how loud an answer is in the log, and in which channel.
func gravity(status int, err error) (slog.Level, string) {
	if errors.Is(err, context.Canceled) { // the caller has gone: nobody's fault
		return slog.LevelDebug, ""
	}
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusMisdirectedRequest, http.StatusTooManyRequests:
		return slog.LevelInfo, "security"
	case http.StatusServiceUnavailable:
		return slog.LevelWarn, ""
	}
	if status >= http.StatusInternalServerError {
		return slog.LevelError, ""
	}
	return slog.LevelDebug, ""
}
