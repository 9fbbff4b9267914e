package web

import (
	"embed"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"
)

// The pattern needs one file to match; dist/.gitignore is committed for that.
//
//go:embed all:dist
var embedded embed.FS

// The pages read and write their own origin and nothing else. `blob:` and `data:`
// are for the map's images. There is no 'unsafe-inline': styles set by script go
// through the object model, which the policy does not restrict.
const contentPolicy = "default-src 'self'; img-src 'self' data: blob:; worker-src 'self'; " +
	"connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

const (
	indexPage = "index.html"
	docsPage  = "docs/index.html"
)

// notPages are first segments that belong to programs: an unknown path below one
// of them is an error of a program, which a page would hide.
var notPages = map[string]bool{
	"api": true, "ws": true, "assets": true, "docs": true, ".well-known": true,
	"metrics": true, "livez": true, "readyz": true, "health": true,
}

// Built reports whether this binary carries the dashboard.
func Built() bool {
	_, err := fs.Stat(embedded, "dist/"+indexPage)
	return err == nil
}

// Register mounts the dashboard at `/`, its files at `/assets/` and the API's
// contract at `/docs/`. Unknown paths that a browser asks for as pages get the
// dashboard; all other unknown paths stay echo.ErrNotFound for the error handler
// of e. Register it once; the order against other routes does not matter.
func Register(e *echo.Echo) {
	dist, err := fs.Sub(embedded, "dist")
	if err != nil {
		panic(err) // A constant path: only a broken build gets here.
	}
	newSite(dist).register(e)
}

// site is a set of assets with the rules by which they are served.
type site struct {
	assets map[string]*asset
}

func newSite(dist fs.FS) *site {
	return &site{assets: loadAssets(dist)}
}

func (s *site) register(e *echo.Echo) {
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		e.Add(method, "/", s.page(indexPage))
		e.Add(method, "/docs/", s.page(docsPage))
		e.Add(method, "/docs", func(c echo.Context) error {
			return c.Redirect(http.StatusMovedPermanently, "/docs/")
		})
		e.Add(method, "/assets/*", s.file)
	}
	// Not a `/*` route: that would turn an unknown order (404) into a wrong
	// method (405) all over the API.
	e.RouteNotFound("/*", s.fallback)
}

func (s *site) page(name string) echo.HandlerFunc {
	return func(c echo.Context) error {
		found, ok := s.assets[name]
		if !ok {
			return s.unbuilt(c)
		}
		secure(c.Response().Header())
		return found.serve(c, "no-cache")
	}
}

func (s *site) file(c echo.Context) error {
	name := strings.TrimPrefix(path.Clean(c.Request().URL.Path), "/")
	found, ok := s.assets[name]
	if !ok {
		return echo.ErrNotFound
	}
	secure(c.Response().Header())
	// The build puts a hash of the content in every name below /assets.
	return found.serve(c, "public, max-age=31536000, immutable")
}

func (s *site) fallback(c echo.Context) error {
	if !wantsPage(c.Request()) {
		return echo.ErrNotFound
	}
	return s.page(indexPage)(c)
}

// wantsPage tells a person's address bar from a program's request.
func wantsPage(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if notPages[first] || strings.Contains(path.Base(r.URL.Path), ".") {
		return false
	}
	return strings.Contains(r.Header.Get("Accept"), "text/html")
}

// unbuilt says how to get the dashboard. 503: a monitor must not take it for one.
func (s *site) unbuilt(c echo.Context) error {
	secure(c.Response().Header())
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.HTML(http.StatusServiceUnavailable, unbuiltPage)
}

const unbuiltPage = `<!doctype html>
<html lang="es">
<meta charset="utf-8">
<title>GAD: falta construir el tablero</title>
<h1>Falta construir el tablero</h1>
<p>Este binario se compiló sin la interfaz. La API funciona igual.</p>
<p>Para tenerla, en la carpeta del proyecto: <code>make ui</code> y volver a compilar,
o directamente <code>make run</code>, que hace todo.</p>
</html>
`

// secure sets what every answer of this package carries. Set, not Add: a
// stricter policy that the API may have put there would blank the page.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}
