package rest

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
)

var errFaltan = fault.New(fault.Invalid, "datos_faltantes", "faltan datos obligatorios")

// missing refuses a body without the named fields.
func missing(names ...string) error {
	fields := make([]fault.Field, len(names))
	for i, name := range names {
		fields[i] = fault.Field{Name: name, Message: "falta"}
	}
	return errFaltan.With(fields...)
}

type tokens struct {
	Access  string `json:"access_token"`
	Type    string `json:"token_type"`
	Expires int64  `json:"expires_in"` // s
	Refresh string `json:"refresh_token,omitzero"`
}

// login serves POST /auth/login.
func (a *API) login(r *request) error {
	var body struct {
		Email    string `json:"email"`
		Password string `json:"password"`
	}
	if err := r.bind(&body, false); err != nil {
		return err
	}
	var absent []string
	if body.Email == "" {
		absent = append(absent, "email")
	}
	if body.Password == "" {
		absent = append(absent, "password")
	}
	if absent != nil {
		return missing(absent...)
	}
	if len(body.Email) > 254 {
		return auth.ErrCredencial
	}
	t, err := a.Door.Login(r.Request().Context(), body.Email, body.Password)
	if err != nil {
		return err
	}
	return r.tokens(t)
}

// refresh serves POST /auth/refresh.
func (a *API) refresh(r *request) error {
	var body struct {
		Refresh string `json:"refresh_token"`
	}
	if err := r.bind(&body, false); err != nil {
		return err
	}
	if body.Refresh == "" {
		return missing("refresh_token")
	}
	t, err := a.Door.Refresh(r.Request().Context(), body.Refresh)
	if err != nil {
		return err
	}
	return r.tokens(t)
}

func (r *request) tokens(t auth.Tokens) error {
	r.Response().Header().Set("Pragma", "no-cache")
	return write(r.Context, http.StatusOK, echo.MIMEApplicationJSON, tokens{
		Access: t.Access, Type: "Bearer", Expires: int64(t.Expires.Sub(r.now) / time.Second), Refresh: t.Refresh,
	})
}

// logout serves POST /auth/logout: the whole session of the token ends. The
// refresh token may be sent along and is not needed.
func (a *API) logout(r *request) error {
	var body struct {
		Refresh string `json:"refresh_token"`
	}
	if err := r.bind(&body, true); err != nil {
		return err
	}
	if err := a.Door.Logout(r.Request().Context(), r.who); err != nil {
		return err
	}
	return r.NoContent(http.StatusNoContent)
}

// yo serves GET /auth/yo: who the token speaks for.
func (a *API) yo(r *request) error {
	if err := a.await(r, "usuarios"); err != nil {
		return err
	}
	u, err := a.Usuarios.Get(r.Request().Context(), r.who.Usuario)
	if err != nil {
		return err
	}
	return r.ok(u.Posicion, struct {
		ID       ident.Usuario  `json:"id"`
		Rol      permiso.Rol    `json:"rol"`
		Nombre   string         `json:"nombre"`
		Efectivo ident.Efectivo `json:"efectivo,omitzero"`
		Telegram bool           `json:"telegram"`
		Simulado bool           `json:"simulado"`
		Sesion   string         `json:"sesion"`
		Expira   time.Time      `json:"expira"` // the access token
	}{r.who.Usuario, r.who.Rol, u.Nombre, r.who.Efectivo, u.Telegram, u.Simulado, r.who.Session, r.who.Exp.UTC()})
}

// jwks serves GET /.well-known/jwks.json.
func (a *API) jwks(r *request) error {
	set, err := a.Door.Issuer.JWKS()
	if err != nil {
		return err
	}
	r.Response().Header().Set("Cache-Control", "public, max-age=60")
	return r.Blob(http.StatusOK, "application/jwk-set+json", set)
}
