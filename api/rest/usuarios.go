package rest

import (
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/usuario"
)

var errSimulado = fault.New(fault.Invalid, "simulado_no_admitido", "en producción no se admite nada simulado")

// persona is the person's own data in a body.
type persona struct {
	Nombre   string `json:"nombre"`
	Apellido string `json:"apellido"`
	DNI      string `json:"dni"`
	Email    string `json:"email"`
	Telefono string `json:"telefono"`
}

func (p persona) empty() bool { return p == persona{} }

// registrar seals the person's data and orders his registration.
func (p persona) registrar(r *request, rol permiso.Rol, simulado bool) usuario.Registrar {
	sujeto := uuid.NewString()
	return usuario.Registrar{
		Orden:    usuario.Orden{ID: ident.Usuario(uuid.NewString()), Por: r.who.Autor, En: r.now},
		Sujeto:   ident.Sujeto(sujeto),
		Rol:      rol,
		Nombre:   commands.Seal(sujeto, "nombre", p.Nombre),
		Apellido: commands.Seal(sujeto, "apellido", p.Apellido),
		Email:    commands.SealIndexed(sujeto, "email", p.Email),
		DNI:      commands.SealIndexed(sujeto, "dni", p.DNI),
		Telefono: commands.SealIndexed(sujeto, "telefono", p.Telefono),
		Simulado: simulado,
	}
}

// registrarUsuario serves POST /usuarios. With a password the Usuario can log in; without
// one the answer holds the one-time link by which he takes up his account.
func (a *API) registrarUsuario(r *request) error {
	var body struct {
		persona
		Rol      permiso.Rol `json:"rol"`
		Password string      `json:"password"`
		Simulado bool        `json:"simulado"`
	}
	if err := r.bind(&body, false); err != nil {
		return err
	}
	if body.Simulado && a.Settings.Production {
		return errSimulado.With(fault.Field{Name: "simulado", Message: errSimulado.Message})
	}
	if body.Password != "" {
		if err := auth.CheckPassword(body.Password); err != nil {
			return err
		}
	}
	registrar := body.registrar(r, body.Rol, body.Simulado)
	orders := []commands.Command{registrar}
	if body.Password != "" {
		orders = append(orders, usuario.CambiarCredencial{Orden: registrar.Orden})
	}
	answer, err := a.order(r, orders...)
	if err != nil {
		return err
	}
	// A crash before the next line leaves a Usuario without a way in and an order without an
	// answer: its repetition comes by here again.
	id := ident.Usuario(aggregateID(answer.Stream))
	r.Response().Header().Set(echo.HeaderLocation, prefix+"/usuarios/"+string(id))
	if body.Password != "" {
		if err := a.firstPassword(r, id, body.Password, answer.Repeated); err != nil {
			return err
		}
		return r.did(http.StatusCreated, answer)
	}
	link, err := a.firstLink(r, id, answer.Repeated)
	if err != nil {
		return err
	}
	return r.didWith(http.StatusCreated, answer, func(d *done) { d.Activacion = link })
}

// firstPassword keeps the password of a new Usuario. A repeated order does not
// bring back a password that was changed since.
func (a *API) firstPassword(r *request, id ident.Usuario, password string, repeated bool) error {
	ctx := r.Request().Context()
	if repeated {
		if has, err := a.Door.HasPassword(ctx, id); err != nil || has {
			return err
		}
	}
	return a.Door.SetPassword(ctx, id, password)
}

// codigoTelegram serves POST /usuarios/{id}/vinculo-telegram.
func (a *API) codigoTelegram(r *request) error {
	id, err := pathID[ident.Usuario](r, "id")
	if err != nil {
		return err
	}
	if err := r.bind(&struct{}{}, true); err != nil {
		return err
	}
	ctx := r.Request().Context()
	state, err := a.Orders.Usuario(ctx, id)
	if err != nil {
		return err
	}
	mine := id == r.who.Usuario || permiso.De(r.who.Rol, permiso.UsuarioVinculo) == permiso.Todo
	if !mine || !state.Existe() {
		return usuario.ErrNoExiste
	}
	code, expires, err := a.Links.NewLinkCode(ctx, id)
	if err != nil {
		return err
	}
	return write(r.Context, http.StatusOK, echo.MIMEApplicationJSON, struct {
		Codigo string    `json:"codigo"`
		Vence  time.Time `json:"vence"`
	}{code, expires.UTC()})
}
