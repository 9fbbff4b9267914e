package rest

import (
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/domain/fault"
)

// The cookies of the dashboard. Under https they bear the prefix that binds them to this
// very host; plain http is for development.
const (
	cookieRefresh = "gad-refresh"
	cookieDevice  = "gad-device"
	hostPrefix    = "__Host-"
)

// deviceFor is how long a browser keeps the mark of its device.
const deviceFor = 180 * 24 * time.Hour

var errOrigen = fault.New(fault.Forbidden, "origen_no_admitido", "la petición viene de un sitio que no está admitido")

// secure reports whether the caller's connection is encrypted up to where we can tell.
func (a *API) secure(r *request) bool { return a.Settings.Production || r.Scheme() == "https" }

func (a *API) cookieName(r *request, name string) string {
	if a.secure(r) {
		return hostPrefix + name
	}
	return name
}

func (a *API) cookie(r *request, name string) string {
	c, err := r.Cookie(a.cookieName(r, name))
	if err != nil {
		return ""
	}
	return c.Value
}

// setCookie keeps a value in the browser where no script reads it and no other site sends it.
func (a *API) setCookie(r *request, name, value string, until time.Time) {
	c := &http.Cookie{ //nolint:gosec // Secure wherever there is https; plain http is for development
		Name: a.cookieName(r, name), Value: value, Path: "/", HttpOnly: true, Secure: a.secure(r), SameSite: http.SameSiteStrictMode,
		Expires: until.UTC(),
	}
	if value == "" {
		c.MaxAge = -1
	}
	r.SetCookie(c)
}

// sameOrigin refuses what a page of another site sends with our cookies.
func (a *API) sameOrigin(r *request) error {
	if err := a.crossOrigin.Check(r.Request()); err != nil {
		return errOrigen.Because(err)
	}
	return nil
}

// asker is who is at the other end, as the trusted proxies say.
func (a *API) asker(r *request) auth.Client {
	addr, _ := netip.ParseAddr(r.RealIP()) // the zero address is nobody's
	return auth.Client{Agent: strings.ToValidUTF8(r.Request().UserAgent(), "?"), Addr: addr, Device: a.cookie(r, cookieDevice)}
}
