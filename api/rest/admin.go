package rest

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/projections"
)

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
