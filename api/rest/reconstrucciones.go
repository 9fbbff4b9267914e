package rest

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/grupo-gad/gad/domain/auditoria"
	"github.com/grupo-gad/gad/projections"
)

// estadoProyeccion is how a read model stands, and what was asked for it last.
type estadoProyeccion struct {
	projections.Status
	Reconstruccion *projections.Reconstruccion `json:"reconstruccion"`
}

// states reads how every read model stands.
func (a *API) states(r *request) ([]estadoProyeccion, error) {
	ctx := r.Request().Context()
	all, err := a.Projections.Status(ctx)
	if err != nil {
		return nil, err
	}
	asked, err := a.Rebuilds.Last(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]estadoProyeccion, len(all))
	for i, s := range all {
		out[i].Status = s
		for _, o := range asked {
			if o.Projection == s.Name {
				out[i].Reconstruccion = &o
			}
		}
	}
	return out, nil
}

// proyeccion serves GET /admin/proyecciones/{nombre}: how one stands, and how far it is in
// being made anew.
func (a *API) proyeccion(r *request) error {
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
	for _, s := range all {
		if s.Name == r.Param("nombre") {
			return write(r.Context, http.StatusOK, echo.MIMEApplicationJSON, s)
		}
	}
	return projections.ErrProyeccion
}

// reconstruir serves POST /admin/proyecciones/{nombre}/reconstruccion: the log is folded anew
// beside the living tables, which the result replaces at once.
func (a *API) reconstruir(r *request) error { return a.rebuild(r, auditoria.Reconstruir) }

// volver serves POST /admin/proyecciones/{nombre}/vuelta: back to the tables from before.
func (a *API) volver(r *request) error { return a.rebuild(r, auditoria.Volver) }

// rebuild records who ordered it and why, then has it done; it is not done when this answers.
func (a *API) rebuild(r *request, clase auditoria.Reconstruccion) error {
	var body struct {
		Motivo  string `json:"motivo"`
		Aceptar bool   `json:"aceptar"`
	}
	if err := r.bind(&body, false); err != nil {
		return err
	}
	ctx, name := r.Request().Context(), r.Param("nombre")
	if err := a.Rebuilds.Check(ctx, name, projections.Clase(clase)); err != nil {
		return err
	}
	answer, err := a.order(r, auditoria.OrdenarReconstruccion{
		Por: r.who.Autor, Proyeccion: name, Clase: clase, Aceptar: body.Aceptar && clase == auditoria.Reconstruir,
		Motivo: texto(auditoria.Stream(r.who.Usuario), body.Motivo), En: r.now,
	})
	if err != nil {
		return err
	}
	// A crash before the next line leaves an order that was not carried out; its repetition
	// under the same key comes by here again.
	h := r.Response().Header()
	asked, err := a.Rebuilds.Ask(ctx, h.Get(headerCommand), name, projections.Clase(clase), body.Aceptar)
	if err != nil {
		return err
	}
	h.Set(echo.HeaderLocation, prefix+"/admin/proyecciones/"+name)
	h.Set(headerPosition, strconv.FormatInt(int64(answer.Position), 10))
	if answer.Repeated {
		h.Set(headerReplayed, "true")
	}
	return write(r.Context, http.StatusAccepted, echo.MIMEApplicationJSON, asked)
}
