package rest

import (
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/projections/usuarios"
)

// propios are a person's own data, as he reads them.
type propios struct {
	Nombre   string `json:"nombre"`
	Apellido string `json:"apellido"`
	Email    string `json:"email"`
	DNI      string `json:"dni,omitzero"`
	Telefono string `json:"telefono,omitzero"`
}

// propios opens the caller's own data; nobody else's.
func (a *API) propios(r *request) (propios, error) {
	ctx := r.Request().Context()
	state, err := a.Orders.Usuario(ctx, r.who.Usuario)
	if err != nil {
		return propios{}, err
	}
	if a.Texts == nil {
		return propios{}, errors.New("no vault to open texts with")
	}
	d := state.Datos()
	texts, err := a.Texts.Reveal(ctx, []sealed.Commitment{d.Nombre, d.Apellido, d.Email, d.DNI, d.Telefono})
	if err != nil {
		return propios{}, err
	}
	return propios{texts[d.Nombre], texts[d.Apellido], texts[d.Email], texts[d.DNI], texts[d.Telefono]}, nil
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
	datos, err := a.propios(r)
	if err != nil {
		return err
	}
	return r.ok(u.Posicion, struct {
		ID        ident.Usuario  `json:"id"`
		Rol       permiso.Rol    `json:"rol"`
		Nombre    string         `json:"nombre"`
		Efectivo  ident.Efectivo `json:"efectivo,omitzero"`
		Telegram  bool           `json:"telegram"`
		Segundo   bool           `json:"segundo_factor"`
		Pendiente bool           `json:"segundo_factor_pendiente"`
		Simulado  bool           `json:"simulado"`
		// What narrows him as a supervisor; null: nothing does.
		Jurisdiccion *usuarios.Jurisdiccion `json:"jurisdiccion"`
		Sesion       string                 `json:"sesion"`
		Expira       time.Time              `json:"expira"` // the access token
		Version      int64                  `json:"version"`
		Datos        propios                `json:"datos"`
	}{
		r.who.Usuario, r.who.Rol, u.Nombre, r.who.Efectivo, u.Telegram, u.SegundoFactor, r.who.Limited, u.Simulado, u.Jurisdiccion,
		r.who.Session, r.who.Exp.UTC(), u.Version, datos,
	})
}

type sesionAbierta struct {
	ID      string    `json:"id"`
	Abierta time.Time `json:"abierta"`
	Usada   time.Time `json:"usada"`
	Vence   time.Time `json:"vence"`
	Cliente string    `json:"cliente"`
	Origen  string    `json:"origen"` // address block
	Segundo bool      `json:"segundo_factor"`
	Actual  bool      `json:"actual"` // the one that asks
}

// sesiones serves GET /auth/sesiones: one's own, newest first.
func (a *API) sesiones(r *request) error {
	list, err := a.Door.Open(r.Request().Context(), r.who.Usuario)
	if err != nil {
		return err
	}
	datos := make([]sesionAbierta, len(list))
	for i, s := range list {
		datos[i] = sesionAbierta{
			s.ID, s.OpenedAt.UTC(), s.UsedAt.UTC(), s.ExpiresAt.UTC(), s.Agent, s.Block, s.Second, s.ID == r.who.Session,
		}
	}
	return write(r.Context, http.StatusOK, echo.MIMEApplicationJSON, struct {
		Datos []sesionAbierta `json:"datos"`
		Total int             `json:"total"`
	}{datos, len(datos)})
}

// cerrarSesion serves DELETE /auth/sesiones/{id}.
func (a *API) cerrarSesion(r *request) error {
	id, err := pathID[ident.Sesion](r, "id")
	if err != nil {
		return err
	}
	if err := a.Door.CloseSession(r.Request().Context(), r.who, string(id)); err != nil {
		return err
	}
	return r.NoContent(http.StatusNoContent)
}

// cerrarOtras serves DELETE /auth/sesiones: all of one's own but the one that asks.
func (a *API) cerrarOtras(r *request) error {
	if err := a.Door.CloseOthers(r.Request().Context(), r.who); err != nil {
		return err
	}
	return r.NoContent(http.StatusNoContent)
}

// cambiarContrasena serves POST /auth/password.
func (a *API) cambiarContrasena(r *request) error {
	var body struct {
		Actual string `json:"actual"`
		Nueva  string `json:"nueva"`
	}
	if err := r.bind(&body, false); err != nil {
		return err
	}
	if err := required("actual", body.Actual, "nueva", body.Nueva); err != nil {
		return err
	}
	if err := a.Door.ChangePassword(r.Request().Context(), r.who, body.Actual, body.Nueva); err != nil {
		return at("actual", auth.ErrPropia.Code, err)
	}
	return r.NoContent(http.StatusNoContent)
}

// segundoFactor serves POST /auth/totp, in two steps: the password begins, a code of the
// authenticator confirms.
func (a *API) segundoFactor(r *request) error {
	var body struct {
		Password string `json:"password"`
		Codigo   string `json:"codigo"`
	}
	if err := r.bind(&body, false); err != nil {
		return err
	}
	ctx := r.Request().Context()
	switch {
	case body.Password != "" && body.Codigo != "":
		return errFaltan.With(fault.Field{Name: "codigo", Message: "va la contraseña, que empieza, o el código, que confirma; no ambos"})
	case body.Codigo != "":
		recovery, err := a.Door.ConfirmSecond(ctx, r.who, body.Codigo)
		if err != nil {
			return at("codigo", auth.ErrSegundo.Code, err)
		}
		return write(r.Context, http.StatusOK, echo.MIMEApplicationJSON, struct {
			Codigos []string `json:"codigos_recuperacion"`
		}{recovery})
	case body.Password == "":
		return missing("password")
	}
	datos, err := a.propios(r)
	if err != nil {
		return err
	}
	second, err := a.Door.BeginSecond(ctx, r.who, body.Password, datos.Email)
	if err != nil {
		return at("password", auth.ErrPropia.Code, err)
	}
	return write(r.Context, http.StatusOK, echo.MIMEApplicationJSON, struct {
		Secreto string `json:"secreto"`
		URI     string `json:"uri"`
	}{second.Secret, second.URI})
}

// quitarSegundoFactor serves DELETE /auth/totp.
func (a *API) quitarSegundoFactor(r *request) error {
	var body struct {
		Password string `json:"password"`
		Codigo   string `json:"codigo"`
	}
	if err := r.bind(&body, false); err != nil {
		return err
	}
	if err := required("password", body.Password, "codigo", body.Codigo); err != nil {
		return err
	}
	if err := a.Door.DropSecond(r.Request().Context(), r.who, body.Password, body.Codigo); err != nil {
		return at("codigo", auth.ErrSegundo.Code, at("password", auth.ErrPropia.Code, err))
	}
	return r.NoContent(http.StatusNoContent)
}
