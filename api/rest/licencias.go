package rest

import (
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/projections/licencias"
)

// licencias serves GET /licencias.
func (a *API) licencias(r *request) error {
	q := r.query()
	f := licencias.Filter{
		Estados: parse(q, "estado", estadoLicencia, "puede ser solicitada, aprobada o rechazada"),
		Orden:   q.text("orden"), Cursor: q.text("cursor"), Limite: q.limit(),
	}
	if text := q.text("efectivo"); text != "" {
		id, err := ident.Parse[ident.Efectivo](text)
		if err != nil {
			q.bad("efectivo", ident.ErrInvalido.Message)
		}
		f.Efectivo = id
	}
	desde, hasta := q.period()
	if !desde.IsZero() {
		f.Desde = &desde
	}
	if !hasta.IsZero() {
		f.Hasta = &hasta
	}
	if err := q.err(); err != nil {
		return err
	}
	if err := a.await(r, licencias.Name, "efectivos"); err != nil {
		return err
	}
	list, err := a.Licencias.List(r.Request().Context(), r.scope(), f)
	if err != nil {
		return err
	}
	if masked(r.who) {
		for i := range list.Datos {
			for _, text := range []*string{&list.Datos[i].Motivo, &list.Datos[i].Respuesta} {
				if *text != "" {
					*text = reservado
				}
			}
		}
	}
	return r.ok(list.Posicion, list)
}

func estadoLicencia(s string) (efectivo.EstadoLicencia, error) {
	switch e := efectivo.EstadoLicencia(s); e {
	case efectivo.LicenciaPedida, efectivo.LicenciaConcedida, efectivo.LicenciaNegada:
		return e, nil
	}
	return "", efectivo.ErrLicenciaDatos
}

// solicitarLicencia serves POST /licencias: for oneself, or by rol 2+ for anybody.
func (a *API) solicitarLicencia(r *request) error {
	var body struct {
		Efectivo string     `json:"efectivo"`
		Desde    *time.Time `json:"desde"`
		Hasta    *time.Time `json:"hasta"`
		Motivo   string     `json:"motivo"`
	}
	if err := r.bind(&body, false); err != nil {
		return err
	}
	id := r.who.Efectivo
	if body.Efectivo != "" {
		var err error
		if id, err = bodyID[ident.Efectivo]("efectivo", body.Efectivo); err != nil {
			return err
		}
	}
	if err := needed(dato{"efectivo", id != ""}, dato{"desde", body.Desde != nil}, dato{"hasta", body.Hasta != nil}); err != nil {
		return err
	}
	c := efectivo.SolicitarLicencia{
		Orden:    efectivo.Orden{ID: id, Por: r.who.Autor, En: r.now},
		Licencia: ident.Licencia(uuid.Must(uuid.NewV7()).String()),
		Desde:    *utc(body.Desde), Hasta: *utc(body.Hasta),
	}
	var err error
	if c.Motivo, err = a.sealPersonal(r.Request().Context(), id, "motivo", body.Motivo); err != nil {
		return err
	}
	answer, err := a.order(r, c)
	if err != nil && body.Efectivo != "" {
		return at("efectivo", "efectivo_", err)
	}
	if err != nil {
		return err
	}
	// Repeated under its key, the order made the leave of its first acceptance.
	if answer.Repeated {
		c.Licencia = a.firstLicencia(r, answer)
	}
	r.Response().Header().Set(echo.HeaderLocation, prefix+"/licencias?efectivo="+string(id))
	return r.didAs(http.StatusCreated, string(c.Licencia), answer)
}

// firstLicencia finds the leave that the first acceptance of a repeated order asked for.
func (a *API) firstLicencia(r *request, answer commands.Answer) ident.Licencia {
	records, _, err := a.readStream(r.Request().Context(), answer.Stream, answer.Version-1, 1)
	if err == nil && len(records) == 1 {
		if e, ok := records[0].Event.(efectivo.LicenciaSolicitada); ok {
			return e.Licencia
		}
	}
	return ""
}

// aprobarLicencia serves POST /licencias/{id}/aprobacion.
func (a *API) aprobarLicencia(r *request) error {
	if err := r.bind(&struct{}{}, true); err != nil {
		return err
	}
	id, o, err := a.licencia(r)
	if err != nil {
		return err
	}
	return a.command(r, efectivo.AprobarLicencia{Orden: o, Licencia: id})
}

// rechazarLicencia serves POST /licencias/{id}/rechazo.
func (a *API) rechazarLicencia(r *request) error {
	var body struct {
		Motivo string `json:"motivo"`
	}
	if err := r.bind(&body, true); err != nil {
		return err
	}
	id, o, err := a.licencia(r)
	if err != nil {
		return err
	}
	text, err := a.sealPersonal(r.Request().Context(), o.ID, "motivo", body.Motivo)
	if err != nil {
		return err
	}
	return a.command(r, efectivo.RechazarLicencia{Orden: o, Licencia: id, Motivo: text})
}

// licencia finds whose leave the address names. One that the read model does not
// know yet is looked for again once it has reached the end of the log.
func (a *API) licencia(r *request) (id ident.Licencia, o efectivo.Orden, err error) {
	if id, err = pathID[ident.Licencia](r, "id"); err != nil {
		return id, o, err
	}
	ctx := r.Request().Context()
	found, err := a.Licencias.Get(ctx, r.scope(), id)
	if fault.KindOf(err) == fault.NotFound {
		head, headErr := a.Log.Head(ctx)
		if headErr != nil {
			return id, o, headErr
		}
		for _, name := range []string{licencias.Name, "efectivos"} {
			if err := a.Waiter.WaitFor(ctx, name, head); err != nil {
				return id, o, err
			}
		}
		found, err = a.Licencias.Get(ctx, r.scope(), id)
	}
	return id, efectivo.Orden{ID: found.Efectivo, Por: r.who.Autor, En: r.now}, err
}
