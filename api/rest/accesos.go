package rest

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/auditoria"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/eventstore"
)

// personales are the fields of a Usuario that are his own business.
var personales = []string{"nombre", "apellido", "email", "dni", "telefono", "telegram_id"}

// datosPersonales serves POST /usuarios/{id}/datos-personales: the values, after the fact
// that says who read them and why. One's own need no reason and leave no fact.
func (a *API) datosPersonales(r *request) error {
	var body struct {
		Motivo string `json:"motivo"`
	}
	id, err := pathID[ident.Usuario](r, "id")
	if err != nil {
		return err
	}
	if err := r.bind(&body, true); err != nil {
		return err
	}
	if err := motivoPropio(body.Motivo); err != nil {
		return err
	}
	ctx := r.Request().Context()
	if s := r.scope(); id != r.who.Usuario && s.Alcance == permiso.EnJurisdiccion {
		if _, err := a.Usuarios.Ver(ctx, s, id); err != nil {
			return err
		}
	} else if id != r.who.Usuario && s.Alcance != permiso.Todo {
		return usuario.ErrNoExiste
	}
	held, version, err := a.personal(ctx, id)
	if err != nil {
		return err
	}
	position := eventstore.Position(0)
	if id != r.who.Usuario {
		answer, err := a.acceso(r, auditoria.LeerDatosPersonales{
			Por: r.who.Autor, Usuario: id, Campos: fields(held),
			Motivo: texto(auditoria.Stream(r.who.Usuario), body.Motivo), Limite: a.Settings.Lecturas, En: r.now,
		})
		if err != nil {
			return err
		}
		position = answer.Position
	}
	wanted := make([]sealed.Commitment, 0, len(held))
	for _, c := range held {
		wanted = append(wanted, c)
	}
	texts, err := a.Texts.Reveal(ctx, wanted)
	if err != nil {
		return err
	}
	values := map[string]string{}
	for field, c := range held {
		text, ok := texts[c]
		if !ok {
			text = suprimido
		}
		values[field] = text
	}
	r.Response().Header().Set(headerPosition, strconv.FormatInt(int64(position), 10))
	return write(r.Context, http.StatusOK, echo.MIMEApplicationJSON, struct {
		ID      ident.Usuario     `json:"id"`
		Version int64             `json:"version"`
		Datos   map[string]string `json:"datos"`
	}{id, int64(version), values})
}

// motivoPropio bounds a reason that one's own data do not need. What others' need is the order's
// to say.
func motivoPropio(motivo string) error {
	if utf8.RuneCountInString(motivo) > maxFree {
		return auditoria.ErrMotivo.With(fault.Field{Name: "motivo", Message: fmt.Sprintf("lleva como mucho %d caracteres", maxFree)})
	}
	return nil
}

// acceso records that something which is not the caller's is about to be shown to him. The
// answer may leave once it has returned.
func (a *API) acceso(r *request, c auditoria.Command) (commands.Answer, error) {
	// Every look is one of its own: a key of the caller's would make the second one a repetition.
	return a.Orders.Dispatch(r.Request().Context(), commands.Order{
		ID: eventstore.CommandID(uuid.Must(uuid.NewV7())), Commands: []commands.Command{c}, Correlation: correlation(r.Context),
	})
}

// recorrido serves POST /efectivos/{id}/recorrido: where an Efectivo was, after the fact
// that says who looked and why. Whoever asks for his own gives no reason and leaves no fact.
func (a *API) recorrido(r *request) error {
	var body struct {
		Desde  time.Time `json:"desde"`
		Hasta  time.Time `json:"hasta"`
		Motivo string    `json:"motivo"`
	}
	id, err := pathID[ident.Efectivo](r, "id")
	if err != nil {
		return err
	}
	if err := r.bind(&body, false); err != nil {
		return err
	}
	if err := needed(dato{"desde", !body.Desde.IsZero()}, dato{"hasta", !body.Hasta.IsZero()}); err != nil {
		return err
	}
	if err := motivoPropio(body.Motivo); err != nil {
		return err
	}
	if err := a.await(r, r.deQuien()...); err != nil {
		return err
	}
	track, err := a.Mapa.Recorrido(r.Request().Context(), r.scope(), id, body.Desde.UTC(), body.Hasta.UTC())
	if err != nil {
		return err
	}
	if id != r.who.Efectivo {
		answer, err := a.acceso(r, auditoria.LeerRecorrido{
			Por: r.who.Autor, Efectivo: id, Desde: body.Desde.UTC(), Hasta: body.Hasta.UTC(),
			Motivo: texto(auditoria.Stream(r.who.Usuario), body.Motivo), Limite: a.Settings.Lecturas, En: r.now,
		})
		if err != nil {
			return err
		}
		r.Response().Header().Set(headerPosition, strconv.FormatInt(int64(answer.Position), 10))
	}
	return write(r.Context, http.StatusOK, "application/geo+json", track)
}

// personal folds the history of a Usuario into the commitments that hold of him now.
func (a *API) personal(ctx context.Context, id ident.Usuario) (map[string]sealed.Commitment, eventstore.Version, error) {
	held, version := map[string]sealed.Commitment{}, eventstore.Version(0)
	for rec, err := range a.Log.ReadStream(ctx, eventstore.StreamID(id.Stream()), 0) {
		if err != nil {
			return nil, 0, err
		}
		version = rec.Version
		if _, gone := rec.Event.(usuario.TelegramDesvinculado); gone {
			delete(held, "telegram_id")
		}
		for _, l := range commitments(rec.Event) {
			if len(l.path) == 1 && slices.Contains(personales, l.path[0]) {
				held[l.path[0]] = l.commitment
			}
		}
	}
	if version == 0 {
		return nil, 0, usuario.ErrNoExiste
	}
	return held, version, nil
}

func fields(held map[string]sealed.Commitment) []string {
	names := make([]string, 0, len(held))
	for _, name := range personales {
		if _, ok := held[name]; ok {
			names = append(names, name)
		}
	}
	return names
}

// incidentes serves GET /auditoria/incidentes: the facts that are alarms about the use of
// the system.
func (a *API) incidentes(r *request) error {
	return a.facts(r, func(*query) eventFilter { return eventFilter{tipos: incidentes} })
}

// incidentes names the facts that somebody should look into.
var incidentes = []string{"auditoria.lectura_masiva", "aprobacion.rechazada", "aprobacion.ejecutada", "usuario.familia_revocada", "usuario.bloqueado"}

// actividad serves GET /auditoria/actividad?usuario=: everything somebody ordered or looked at.
func (a *API) actividad(r *request) error {
	return a.facts(r, func(q *query) eventFilter {
		id := identifier[ident.Usuario](q, "usuario")
		if id == "" {
			q.bad("usuario", "falta")
		}
		return eventFilter{actor: string(id)}
	})
}
