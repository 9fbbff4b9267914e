package rest

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/projections"
)

// Ajuste is one setting as people may see it.
type Ajuste struct {
	Nombre      string `json:"nombre"`
	Valor       string `json:"valor"` // masked where it is a secret
	PorDefecto  string `json:"por_defecto"`
	Significado string `json:"significado"`
	Peligro     string `json:"peligro,omitzero"`
	Secreto     bool   `json:"secreto"`
}

// config serves GET /admin/config: what gad config print says of the process that answers.
func (a *API) config(r *request) error {
	if err := r.query().err(); err != nil {
		return err
	}
	if err := a.awaitLog(r); err != nil {
		return err
	}
	return write(r.Context, http.StatusOK, echo.MIMEApplicationJSON, struct {
		Datos []Ajuste `json:"datos"`
		Total int      `json:"total"`
	}{append([]Ajuste{}, a.Ajustes...), len(a.Ajustes)})
}

// cacheEstado serves GET /admin/cache.
func (a *API) cacheEstado(r *request) error {
	if err := r.query().err(); err != nil {
		return err
	}
	if err := a.awaitLog(r); err != nil {
		return err
	}
	return write(r.Context, http.StatusOK, echo.MIMEApplicationJSON, a.Cache.Estado(r.Request().Context()))
}

// olvidarCache serves DELETE /admin/cache.
func (a *API) olvidarCache(r *request) error {
	var body struct {
		Clave string `json:"clave"`
	}
	if err := r.bind(&body, true); err != nil {
		return err
	}
	if len(body.Clave) > 300 {
		return errParametro.With(fault.Field{Name: "clave", Message: "es demasiado larga"})
	}
	n, err := a.Cache.Forget(r.Request().Context(), body.Clave)
	if err != nil {
		return err
	}
	return write(r.Context, http.StatusOK, echo.MIMEApplicationJSON, struct {
		Olvidadas int64 `json:"olvidadas"`
	}{n})
}

// proyecciones serves GET /admin/proyecciones: how far each read model is, and what stands still.
func (a *API) proyecciones(r *request) error {
	if err := r.query().err(); err != nil {
		return err
	}
	if err := a.awaitLog(r); err != nil {
		return err
	}
	all, err := a.states(r)
	if err != nil {
		return err
	}
	parked, err := a.Projections.Parked(r.Request().Context())
	if err != nil {
		return err
	}
	return write(r.Context, http.StatusOK, echo.MIMEApplicationJSON, struct {
		Datos     []estadoProyeccion   `json:"datos"`
		Apartadas []projections.Parked `json:"apartadas"`
	}{all, append([]projections.Parked{}, parked...)})
}
