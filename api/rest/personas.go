package rest

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/aprobacion"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/sesion"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/usuarios"
)

// usuarios serves GET /usuarios. An e-mail in q finds its owner, for whoever registers
// people: addresses lie in no list.
func (a *API) usuarios(r *request) error {
	if err := a.await(r, usuarios.Name); err != nil {
		return err
	}
	q := r.query()
	f := usuarios.Filter{
		Q:       q.text("q"),
		Roles:   parse(q, "rol", rol, "no es un rol conocido"),
		Estados: parse(q, "estado", estado, "es activo, bloqueado o baja"),
		Orden:   q.text("orden"), Cursor: q.text("cursor"), Limite: q.limit(),
	}
	if err := q.err(); err != nil {
		return err
	}
	ctx := r.Request().Context()
	if strings.Contains(f.Q, "@") && permiso.De(r.who.Rol, permiso.UsuarioAlta) == permiso.Todo {
		id, known, err := a.Door.Directory.ByEmail(ctx, f.Q)
		if err != nil {
			return err
		}
		f.Q, f.IDs = "", []ident.Usuario{}
		if known {
			f.IDs = []ident.Usuario{id}
		}
	}
	list, err := a.Usuarios.List(ctx, r.scope(), f)
	if err != nil {
		return err
	}
	shown, err := a.conIngreso(r, list.Datos...)
	if err != nil {
		return err
	}
	return r.ok(list.Posicion, projections.Page[vistaUsuario]{
		Datos: shown, Total: list.Total, Acotado: list.Acotado, Siguiente: list.Siguiente, Posicion: list.Posicion,
	})
}

func rol(word string) (permiso.Rol, error) {
	if r := permiso.Rol(word); r.Valido() {
		return r, nil
	}
	return "", usuario.ErrDatos
}

func estado(word string) (usuarios.Estado, error) {
	switch e := usuarios.Estado(word); e {
	case usuarios.Activo, usuarios.Bloqueado, usuarios.Baja:
		return e, nil
	}
	return "", usuario.ErrDatos
}

func maskUsuario(r *request, u *usuarios.Usuario) {
	if masked(r.who) && u.ID != r.who.Usuario && u.Nombre != "" {
		u.Nombre = reservado
	}
}

// usuario serves GET /usuarios/{id}.
func (a *API) usuario(r *request) error {
	id, err := pathID[ident.Usuario](r, "id")
	if err != nil {
		return err
	}
	if err := a.await(r, usuarios.Name); err != nil {
		return err
	}
	u, err := a.Usuarios.Ver(r.Request().Context(), r.scope(), id)
	if err != nil {
		return err
	}
	shown, err := a.conIngreso(r, u)
	if err != nil {
		return err
	}
	r.Response().Header().Set("ETag", etag(u.Version))
	return r.ok(u.Posicion, shown[0])
}

// modificarUsuario serves PATCH /usuarios/{id}.
func (a *API) modificarUsuario(r *request) error {
	var body struct {
		Nombre   *string `json:"nombre"`
		Apellido *string `json:"apellido"`
		Email    *string `json:"email"`
		DNI      *string `json:"dni"`
		Telefono *string `json:"telefono"`
	}
	return a.orderUsuario(r, &body, false, func(o usuario.Orden, sujeto ident.Sujeto) commands.Command {
		text := func(field string, value *string, seal func(owner, field, value string) sealed.Text) *sealed.Text {
			if value == nil {
				return nil
			}
			t := seal(string(sujeto), field, *value)
			return &t
		}
		return usuario.ModificarDatos{
			Orden:    o,
			Nombre:   text("nombre", body.Nombre, commands.Seal),
			Apellido: text("apellido", body.Apellido, commands.Seal),
			Email:    text("email", body.Email, commands.SealIndexed),
			DNI:      text("dni", body.DNI, commands.SealIndexed),
			Telefono: text("telefono", body.Telefono, commands.SealIndexed),
		}
	}, nil)
}

// cambiarRol serves PUT /usuarios/{id}/rol. Rol 3 spends an approval, in the same append.
func (a *API) cambiarRol(r *request) error {
	var body struct {
		Rol        permiso.Rol `json:"rol"`
		Aprobacion string      `json:"aprobacion"`
	}
	id, err := pathID[ident.Usuario](r, "id")
	if err != nil {
		return err
	}
	if err := r.bind(&body, false); err != nil {
		return err
	}
	cambiar := usuario.CambiarRol{Orden: usuario.Orden{ID: id, Por: r.who.Autor, En: r.now}, Rol: body.Rol}
	if body.Aprobacion == "" || body.Rol != permiso.Administrador {
		return a.command(r, cambiar)
	}
	if cambiar.Aprobacion, err = bodyID[ident.Aprobacion]("aprobacion", body.Aprobacion); err != nil {
		return err
	}
	return a.command(r, cambiar, aprobacion.Ejecutar{
		Orden:  aprobacion.Orden{ID: cambiar.Aprobacion, Por: r.who.Autor, En: r.now},
		Pedido: aprobacion.Pedido{Clase: aprobacion.RolAdministrador, Usuario: id},
	})
}

// asignarJurisdiccion serves PUT /usuarios/{id}/jurisdiccion: the whole of it, so that what is not
// named is no part of it.
func (a *API) asignarJurisdiccion(r *request) error {
	var body struct {
		Zonas    []string `json:"zonas"`
		Unidades []string `json:"unidades"`
	}
	id, err := pathID[ident.Usuario](r, "id")
	if err != nil {
		return err
	}
	if err := r.bind(&body, false); err != nil {
		return err
	}
	if body.Zonas == nil || body.Unidades == nil {
		// A list that was forgotten must not widen anything.
		var absent []fault.Field
		for _, list := range []dato{{"zonas", body.Zonas != nil}, {"unidades", body.Unidades != nil}} {
			if !list.given {
				absent = append(absent, fault.Field{Name: list.name, Message: "van zonas y unidades; vacías, no recortan nada"})
			}
		}
		return errFaltan.With(absent...)
	}
	asignar := usuario.AsignarJurisdiccion{Orden: usuario.Orden{ID: id, Por: r.who.Autor, En: r.now}, Unidades: body.Unidades}
	for _, text := range body.Zonas {
		z, err := a.knownZona(r, "zonas", text)
		if err != nil {
			return err
		}
		asignar.Zonas = append(asignar.Zonas, z)
	}
	return a.command(r, asignar)
}

// bloquear serves POST /usuarios/{id}/bloqueo.
func (a *API) bloquear(r *request) error {
	var body struct {
		Motivo string `json:"motivo"`
	}
	return a.orderUsuario(r, &body, true, func(o usuario.Orden, sujeto ident.Sujeto) commands.Command {
		return usuario.Bloquear{Orden: o, Motivo: commands.Seal(string(sujeto), "motivo", body.Motivo)}
	}, func(ctx context.Context, id ident.Usuario) error {
		return a.Door.Expel(ctx, r.who.Autor, id, sesion.BloqueoUsuario)
	})
}

// desbloquear serves DELETE /usuarios/{id}/bloqueo.
func (a *API) desbloquear(r *request) error {
	return a.orderUsuario(r, &struct{}{}, true, func(o usuario.Orden, _ ident.Sujeto) commands.Command {
		return usuario.Desbloquear{Orden: o}
	}, nil)
}

// bajaUsuario serves POST /usuarios/{id}/baja.
func (a *API) bajaUsuario(r *request) error {
	var body struct {
		Motivo string `json:"motivo"`
	}
	return a.orderUsuario(r, &body, true, func(o usuario.Orden, sujeto ident.Sujeto) commands.Command {
		return usuario.DarDeBaja{Orden: o, Motivo: commands.Seal(string(sujeto), "motivo", body.Motivo)}
	}, func(ctx context.Context, id ident.Usuario) error { return a.Door.Retire(ctx, r.who.Autor, id) })
}

// desvincularTelegram serves DELETE /usuarios/{id}/vinculo-telegram.
func (a *API) desvincularTelegram(r *request) error {
	return a.orderUsuario(r, &struct{}{}, true, func(o usuario.Orden, _ ident.Sujeto) commands.Command {
		return usuario.DesvincularTelegram{Orden: o}
	}, nil)
}

// orderUsuario is what the orders to one Usuario have in common. make runs after the body
// was bound; after, when not nil, once the order is durable. A crash between the two leaves
// nobody in: what the order says is asked at every door.
func (a *API) orderUsuario(r *request, body any, optional bool, command func(usuario.Orden, ident.Sujeto) commands.Command,
	after func(context.Context, ident.Usuario) error,
) error {
	id, err := pathID[ident.Usuario](r, "id")
	if err != nil {
		return err
	}
	if err := r.bind(body, optional); err != nil {
		return err
	}
	ctx := r.Request().Context()
	state, err := a.Orders.Usuario(ctx, id) // for whose key the texts are sealed under
	if err != nil {
		return err
	}
	if !state.Existe() {
		return usuario.ErrNoExiste
	}
	answer, err := a.order(r, command(usuario.Orden{ID: id, Por: r.who.Autor, En: r.now}, state.Sujeto()))
	if err != nil {
		return err
	}
	if after != nil {
		if err := after(ctx, id); err != nil {
			return err
		}
	}
	return r.did(http.StatusOK, answer)
}

// enlace is a one-time link by which somebody takes up his account.
type enlace struct {
	Codigo string    `json:"codigo"`
	Enlace string    `json:"enlace"`
	Vence  time.Time `json:"vence"`
}

// nuevoEnlace serves POST /usuarios/{id}/activacion: a new link, for whoever lost his
// password, his telephone or the link before.
func (a *API) nuevoEnlace(r *request) error {
	id, err := pathID[ident.Usuario](r, "id")
	if err != nil {
		return err
	}
	if err := r.bind(&struct{}{}, true); err != nil {
		return err
	}
	state, err := a.Orders.Usuario(r.Request().Context(), id)
	if err != nil {
		return err
	}
	if err := state.Entra(); err != nil {
		return err
	}
	if id == r.who.Usuario {
		return usuario.ErrPropio
	}
	// An administrator who could take up another's account could act in his name.
	if state.Rol() == permiso.Administrador {
		return usuario.ErrAprobacion
	}
	link, err := a.link(r, id)
	if err != nil {
		return err
	}
	return write(r.Context, http.StatusOK, echo.MIMEApplicationJSON, link)
}

// firstLink makes the link of a new Usuario. A repeated order makes no new one for somebody
// who has a password by now.
func (a *API) firstLink(r *request, id ident.Usuario, repeated bool) (*enlace, error) {
	if repeated {
		if has, err := a.Door.HasPassword(r.Request().Context(), id); err != nil || has {
			return nil, err
		}
	}
	return a.link(r, id)
}

func (a *API) link(r *request, id ident.Usuario) (*enlace, error) {
	activation, err := a.Door.NewActivation(r.Request().Context(), id)
	if err != nil {
		return nil, err
	}
	base := a.Settings.PublicURL
	if base == "" {
		base = r.Scheme() + "://" + r.Request().Host
	}
	return &enlace{activation.Code, ActivationLink(base, activation.Code), activation.Expires.UTC()}, nil
}

// ActivationLink is the address of the page that redeems a code. The code stands behind #,
// which no browser sends and no log holds.
func ActivationLink(base, code string) string {
	return strings.TrimSuffix(base, "/") + "/activacion#" + code
}
