package rest

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/aprobacion"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/aprobaciones"
)

// AprobacionesReader reads requests that take two.
type AprobacionesReader interface {
	Get(ctx context.Context, s projections.Scope, id ident.Aprobacion) (aprobaciones.Aprobacion, error)
	List(ctx context.Context, s projections.Scope, f aprobaciones.Filter) (aprobaciones.List, error)
}

// Skipper leaves out an event that a projection cannot apply; record is told of it before.
type Skipper interface {
	Skip(ctx context.Context, projection, key string, record func(ctx context.Context, at eventstore.Position) error) error
}

var (
	errBajar     = fault.New(fault.Conflict, "exportacion_se_baja", "una exportación aprobada se hace al bajarla, en /auditoria/exportaciones/{id}")
	errSinSaltos = fault.New(fault.Unavailable, "saltos_no_disponibles", "este proceso no puede saltear eventos de las proyecciones")
)

// aprobaciones serves GET /aprobaciones, newest first.
func (a *API) aprobaciones(r *request) error {
	q := r.query()
	f := aprobaciones.Filter{Cursor: q.text("cursor"), Limite: q.limit()}
	for _, word := range q.words("estado") {
		f.Estados = append(f.Estados, aprobacion.Estado(word))
	}
	if err := q.err(); err != nil {
		return err
	}
	if err := a.await(r, aprobaciones.Name); err != nil {
		return err
	}
	list, err := a.Aprobaciones.List(r.Request().Context(), r.scope(), f)
	if err != nil {
		return err
	}
	for i := range list.Datos {
		maskAprobacion(r, &list.Datos[i])
	}
	return r.ok(list.Posicion, list)
}

// aprobacion serves GET /aprobaciones/{id}.
func (a *API) aprobacion(r *request) error {
	id, err := pathID[ident.Aprobacion](r, "id")
	if err != nil {
		return err
	}
	if err := a.await(r, aprobaciones.Name); err != nil {
		return err
	}
	got, err := a.Aprobaciones.Get(r.Request().Context(), r.scope(), id)
	if err != nil {
		return err
	}
	maskAprobacion(r, &got)
	r.Response().Header().Set("ETag", etag(got.Version))
	return r.ok(got.Posicion, got)
}

// maskAprobacion withholds the reasons: they may name people.
func maskAprobacion(r *request, a *aprobaciones.Aprobacion) {
	if !masked(r.who) {
		return
	}
	a.Motivo = reservado
	if a.Respuesta != "" {
		a.Respuesta = reservado
	}
}

// pedirAprobacion serves POST /aprobaciones.
func (a *API) pedirAprobacion(r *request) error {
	var body struct {
		Clase      aprobacion.Clase `json:"clase"`
		Usuario    ident.Usuario    `json:"usuario"`
		Desde      time.Time        `json:"desde"`
		Hasta      time.Time        `json:"hasta"`
		Proyeccion string           `json:"proyeccion"`
		Clave      string           `json:"clave"`
		Motivo     string           `json:"motivo"`
	}
	if err := r.bind(&body, false); err != nil {
		return err
	}
	return a.pedir(r, "/aprobaciones", aprobacion.Pedido{
		Clase: body.Clase, Usuario: body.Usuario, Desde: instant(body.Desde), Hasta: instant(body.Hasta),
		Proyeccion: body.Proyeccion, Clave: body.Clave,
	}, body.Motivo)
}

// instant is a time as the log keeps it.
func instant(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// pedir asks for something that takes two.
func (a *API) pedir(r *request, collection string, p aprobacion.Pedido, motivo string) error {
	if p.Usuario != "" {
		known, err := a.knownUsuario(r, "usuario", string(p.Usuario))
		if err != nil {
			return err
		}
		p.Usuario = known
	}
	o := aprobacion.Orden{ID: ident.Aprobacion(uuid.Must(uuid.NewV7()).String()), Por: r.who.Autor, En: r.now}
	return a.create(r, collection, aprobacion.Solicitar{
		Orden: o, Pedido: p, Motivo: commands.Seal(string(o.ID), "motivo", motivo), Vence: r.now.Add(a.Settings.ApprovalTTL),
	})
}

// aprobar serves POST /aprobaciones/{id}/aprobacion.
func (a *API) aprobar(r *request) error {
	return a.orderAprobacion(r, &struct{}{}, true, func(o aprobacion.Orden) commands.Command { return aprobacion.Aprobar{Orden: o} })
}

// rechazar serves POST /aprobaciones/{id}/rechazo.
func (a *API) rechazar(r *request) error {
	var body struct {
		Motivo string `json:"motivo"`
	}
	return a.orderAprobacion(r, &body, false, func(o aprobacion.Orden) commands.Command {
		return aprobacion.Rechazar{Orden: o, Motivo: commands.Seal(string(o.ID), "motivo", body.Motivo)}
	})
}

func (a *API) orderAprobacion(r *request, body any, optional bool, command func(aprobacion.Orden) commands.Command) error {
	id, err := pathID[ident.Aprobacion](r, "id")
	if err != nil {
		return err
	}
	if err := r.bind(body, optional); err != nil {
		return err
	}
	return a.command(r, command(aprobacion.Orden{ID: id, Por: r.who.Autor, En: r.now}))
}

// ejecutar serves POST /aprobaciones/{id}/ejecucion: what was approved happens, in the same
// append as the fact that spends the approval.
func (a *API) ejecutar(r *request) error {
	id, err := pathID[ident.Aprobacion](r, "id")
	if err != nil {
		return err
	}
	if err := r.bind(&struct{}{}, true); err != nil {
		return err
	}
	state, err := a.Orders.Aprobacion(r.Request().Context(), id)
	if err != nil {
		return err
	}
	p := state.Pedido()
	spend := aprobacion.Ejecutar{Orden: aprobacion.Orden{ID: id, Por: r.who.Autor, En: r.now}, Pedido: p}
	switch p.Clase {
	case aprobacion.Salto:
		return a.saltar(r, spend)
	case aprobacion.Exportacion:
		return errBajar
	case aprobacion.BorradoDatos:
		return a.borrarDatos(r, spend)
	case aprobacion.RolAdministrador: // PUT /usuarios/{id}/rol does the same
		return a.command(r, spend, usuario.CambiarRol{
			Orden: usuario.Orden{ID: p.Usuario, Por: r.who.Autor, En: r.now}, Rol: permiso.Administrador, Aprobacion: id,
		})
	}
	return aprobacion.ErrNoExiste
}

// saltar leaves out a parked event. The fact is written first: a skip that nobody knows of
// must be impossible.
func (a *API) saltar(r *request, spend aprobacion.Ejecutar) error {
	if a.Skipper == nil {
		return errSinSaltos
	}
	var answer commands.Answer
	err := a.Skipper.Skip(r.Request().Context(), spend.Pedido.Proyeccion, spend.Pedido.Clave,
		func(_ context.Context, at eventstore.Position) (err error) {
			spend.Posicion = int64(at)
			answer, err = a.order(r, spend)
			return err
		})
	if err != nil {
		return err
	}
	return r.did(200, answer)
}

// texto seals a reason that is asked for in a body.
func texto(owner, value string) sealed.Text { return commands.Seal(owner, "motivo", value) }
