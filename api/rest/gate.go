package rest

import (
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/grupo-gad/gad/api/problem"
)

// maxHeader bounds the headers of a request, in bytes.
const maxHeader = 16 << 10

// ServerHeaderBytes is what http.Server.MaxHeaderBytes should be: above maxHeader,
// so that the refusal is ours (problem+json) and not the server's plain text.
const ServerHeaderBytes = 4 * maxHeader

// host refuses names this server does not go by: a page of another name that
// points here (DNS rebinding) finds nothing. Probes come by address.
func (a *API) host(next echo.HandlerFunc) echo.HandlerFunc {
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
		if len(a.Settings.Hosts) > 0 && !probe(r.URL.Path) && !a.serves(r.Host) {
			return problem.ErrServidor
		}
		return next(c)
	}
}

// probe reports the addresses that tell one bit about the process.
func probe(path string) bool { return path == "/livez" || path == "/readyz" || path == "/health/ready" }

func (a *API) serves(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	for _, ours := range a.Settings.Hosts {
		if strings.EqualFold(ours, name) || strings.EqualFold(ours, host) {
			return true
		}
	}
	return false
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

// limitOther bounds bodies outside the table of routes, which have bounds of their own.
const limitOther = 1 << 20

// drainLimit: so much of a body that is too big is read and thrown away, so that
// its sender gets to hear the answer instead of a broken connection.
const drainLimit = 16 << 20

// bodyCap bounds what a route may be sent: a body that says it is longer is refused
// unread, one that turns out to be fails at the first byte too many.
func (a *API) bodyCap(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if r.Body == nil || r.Body == http.NoBody {
			return next(c)
		}
		limit, ok := a.bodyLimits[r.Method+" "+c.Path()]
		if !ok {
			limit = limitOther
		}
		raw := r.Body
		r.Body = &capped{ReadCloser: raw, left: limit}
		err := error(problem.ErrGrande)
		if r.ContentLength <= limit {
			err = next(c)
		}
		if errors.Is(err, problem.ErrGrande.Fault) {
			_, _ = io.CopyN(io.Discard, raw, drainLimit) // it ends when the body does; nothing depends on it
		}
		return err
	}
}

// capped is a body that may not go on for ever.
type capped struct {
	io.ReadCloser
	left int64
}

// Read implements io.Reader.
func (b *capped) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, problem.ErrGrande
	}
	// One byte more than may come tells a body that ends here from one that goes on.
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left+1)])
	if b.left -= int64(n); b.left < 0 {
		return n - 1, problem.ErrGrande
	}
	return n, err
}

// cors lets exact origins read our answers. Cookies stay out of it: another origin
// shows a token or nothing.
func (a *API) cors() echo.MiddlewareFunc {
	return middleware.CORSWithConfig(middleware.CORSConfig{
		AllowOriginFunc: func(origin string) (bool, error) {
			return slices.Contains(a.Settings.CORSOrigins, origin), nil
		},
		AllowMethods: []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete},
		AllowHeaders: []string{echo.HeaderAuthorization, echo.HeaderContentType, "If-Match", headerIdempotency, headerMinPosition, echo.HeaderXRequestID, headerTrace},
		ExposeHeaders: []string{
			"ETag", echo.HeaderLocation, headerPosition, headerCommand, headerReplayed, echo.HeaderXRequestID, echo.HeaderRetryAfter, headerLimit, headerPolicy,
		},
		MaxAge: 600,
	})
}

// crossOrigin refuses what a browser sends on behalf of another site. Only a cookie
// would make such a request act as somebody: without one there is nothing to forge.
func crossOrigin(next echo.HandlerFunc) echo.HandlerFunc {
	protection := http.NewCrossOriginProtection()
	return func(c echo.Context) error {
		if r := c.Request(); len(r.Header[echo.HeaderCookie]) > 0 {
			if err := protection.Check(r); err != nil {
				return problem.ErrOrigen.Because(err)
			}
		}
		return next(c)
	}
}
