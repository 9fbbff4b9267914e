package rest

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/domain/fault"
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

// dato is a field of a body, and whether it is there.
type dato struct {
	name  string
	given bool
}

// needed refuses a body without some of its fields, and names all of these.
func needed(fields ...dato) error {
	var absent []string
	for _, f := range fields {
		if !f.given {
			absent = append(absent, f.name)
		}
	}
	if absent != nil {
		return missing(absent...)
	}
	return nil
}

// required refuses a body in which a field is empty. Names and values take turns.
func required(pairs ...string) error {
	fields := make([]dato, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		fields = append(fields, dato{pairs[i], pairs[i+1] != ""})
	}
	return needed(fields...)
}

type tokens struct {
	Access  string `json:"access_token"`
	Type    string `json:"token_type"`
	Expires int64  `json:"expires_in"` // s
	Refresh string `json:"refresh_token,omitzero"`
	Limited bool   `json:"segundo_factor_pendiente,omitzero"`
}

// login serves POST /auth/login.
func (a *API) login(r *request) error {
	var body struct {
		Email    string `json:"email"`
		Password string `json:"password"`
		TOTP     string `json:"totp"`
		Cookie   bool   `json:"cookie"`
	}
	if err := r.bind(&body, false); err != nil {
		return err
	}
	if err := required("email", body.Email, "password", body.Password); err != nil {
		return err
	}
	if len(body.Email) > 254 || len(body.TOTP) > 64 {
		return auth.ErrCredencial
	}
	if body.Cookie {
		if err := a.sameOrigin(r); err != nil {
			return err
		}
	}
	t, err := a.Door.Login(r.Request().Context(), auth.Login{
		Email: body.Email, Password: body.Password, Code: body.TOTP, Client: a.asker(r),
	})
	if err != nil {
		return err
	}
	return a.tokens(r, t, body.Cookie)
}

// loginTelegram serves POST /auth/telegram.
func (a *API) loginTelegram(r *request) error {
	var body struct {
		InitData string `json:"init_data"`
		TOTP     string `json:"totp"`
		Cookie   bool   `json:"cookie"`
	}
	if err := r.bind(&body, false); err != nil {
		return err
	}
	if err := required("init_data", body.InitData); err != nil {
		return err
	}
	if body.Cookie {
		if err := a.sameOrigin(r); err != nil {
			return err
		}
	}
	t, err := a.Door.Telegram(r.Request().Context(), body.InitData, body.TOTP, a.asker(r))
	if err != nil {
		return err
	}
	return a.tokens(r, t, body.Cookie)
}

// refresh serves POST /auth/refresh: the token of the body, or the cookie's.
func (a *API) refresh(r *request) error {
	var body struct {
		Refresh string `json:"refresh_token"`
	}
	if err := r.bind(&body, true); err != nil {
		return err
	}
	byCookie := body.Refresh == ""
	if byCookie {
		if body.Refresh = a.cookie(r, cookieRefresh); body.Refresh == "" {
			return missing("refresh_token")
		}
		if err := a.sameOrigin(r); err != nil {
			return err
		}
	}
	if err := a.admitRefresh(r, body.Refresh); err != nil {
		return err
	}
	t, err := a.Door.Refresh(r.Request().Context(), body.Refresh)
	if err != nil {
		if byCookie && fault.KindOf(err) == fault.Unauthorized {
			a.setCookie(r, cookieRefresh, "", time.Unix(0, 0))
		}
		return err
	}
	return a.tokens(r, t, byCookie)
}

// admitRefresh counts a renewal against its session before the token is used up, and a token
// that is none against where it comes from.
func (a *API) admitRefresh(r *request, token string) error {
	session, known, err := a.Door.Family(r.Request().Context(), token)
	switch {
	case err != nil:
		return err
	case !known:
		return a.admit(r.Context, countInvalid, block(r.Request()))
	}
	return a.admit(r.Context, countRefresh, session)
}

// tokens answers with tokens: the refresh token in the body, or where only the browser
// itself reads it.
func (a *API) tokens(r *request, t auth.Tokens, byCookie bool) error {
	r.Response().Header().Set("Pragma", "no-cache")
	if t.Device != "" {
		a.setCookie(r, cookieDevice, t.Device, r.now.Add(deviceFor))
	}
	answer := tokens{
		Access: t.Access, Type: "Bearer", Expires: int64(t.Expires.Sub(r.now) / time.Second), Refresh: t.Refresh, Limited: t.Limited,
	}
	if byCookie {
		answer.Refresh = ""
		a.setCookie(r, cookieRefresh, t.Refresh, t.Ends)
	}
	return write(r.Context, http.StatusOK, echo.MIMEApplicationJSON, answer)
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
	if a.cookie(r, cookieRefresh) != "" {
		a.setCookie(r, cookieRefresh, "", time.Unix(0, 0))
	}
	return r.NoContent(http.StatusNoContent)
}

// activate serves POST /auth/activacion: a one-time link becomes a password.
func (a *API) activate(r *request) error {
	var body struct {
		Codigo   string `json:"codigo"`
		Password string `json:"password"`
	}
	if err := r.bind(&body, false); err != nil {
		return err
	}
	if err := required("codigo", body.Codigo, "password", body.Password); err != nil {
		return err
	}
	if err := a.Door.Activate(r.Request().Context(), body.Codigo, body.Password, a.asker(r)); err != nil {
		return err
	}
	return r.NoContent(http.StatusNoContent)
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
