package rest

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"github.com/grupo-gad/gad/api/problem"
	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
)

// done is the answer to every order.
type done struct {
	ID       string `json:"id"`
	Version  int64  `json:"version"`
	Posicion int64  `json:"posicion"`
	Codigo   string `json:"codigo,omitzero"`
	// SinCambio says that there was nothing left to do: it was finished, assigned or so already.
	SinCambio bool `json:"sin_cambio,omitzero"`
	// Activacion is the one-time link of a new Usuario; it stands nowhere else.
	Activacion *enlace `json:"activacion,omitzero"`
}

// order dispatches commands as one order and returns its answer. The body must
// have been bound before: it is part of the fingerprint.
func (a *API) order(r *request, cmds ...commands.Command) (commands.Answer, error) {
	o := commands.Order{Commands: cmds, Correlation: correlation(r.Context)}
	if err := a.identify(r, &o); err != nil {
		return commands.Answer{}, err
	}
	version, err := ifMatch(r)
	if err != nil {
		return commands.Answer{}, err
	}
	o.IfMatch = version
	r.Response().Header().Set(headerCommand, o.ID.String())
	answer, err := a.Orders.Dispatch(r.Request().Context(), o)
	if errors.Is(err, eventstore.ErrCommandReused) {
		err = eventstore.ErrCommandReused.Because(err).With(fault.Field{Name: headerIdempotency, Message: eventstore.ErrCommandReused.Message})
	}
	return answer, a.solapada(r, err)
}

// solapada names the Tarea that is in the way of the hours asked for, to those who may see it; the
// others, and whoever asks before it can be read, hear only that there is one.
func (a *API) solapada(r *request, err error) error {
	f, refused := errors.AsType[*fault.Error](err)
	taken, known := errors.AsType[eventstore.TakenError](err)
	if !refused || !known || f.Code != tarea.ErrSolape.Code {
		return err
	}
	t, readErr := a.Tareas.Get(r.Request().Context(), projections.ScopeOf(r.who.Autor, permiso.TareaLeer), aggregateID(taken.By))
	if readErr != nil || t.FinProgramado == nil {
		return err
	}
	said := *f
	said.Fields = slices.Clone(f.Fields)
	for i := range said.Fields {
		said.Fields[i].Message += ": " + t.Codigo + ", " + horas(t.InicioProgramado, *t.FinProgramado, a.Settings.Zone)
	}
	return &said
}

// horas says from when until when, with the days only when they are two.
func horas(desde, hasta time.Time, zone *time.Location) string {
	desde, hasta = desde.In(zone), hasta.In(zone)
	if desde.Format(time.DateOnly) == hasta.Format(time.DateOnly) {
		return "de " + desde.Format("15:04") + " a " + hasta.Format("15:04")
	}
	return "del " + desde.Format("02/01 15:04") + " al " + hasta.Format("02/01 15:04")
}

// at points at the input that names what a refusal is about: an Efectivo who cannot be given a
// Tarea is at fault where the order names him. Other errors stay as they are.
func at(field string, about string, err error) error {
	if f, ok := errors.AsType[*fault.Error](err); ok && len(f.Fields) == 0 && strings.HasPrefix(f.Code, about) {
		return f.With(fault.Field{Name: field, Message: f.Message})
	}
	return err
}

// identify gives the order its id: the caller's, when he sent a key, so that his
// repetition is the same command for ever.
func (a *API) identify(r *request, o *commands.Order) error {
	values, given := r.Request().Header[headerIdempotency]
	if !given {
		o.ID = eventstore.CommandID(uuid.Must(uuid.NewV7()))
		return nil
	}
	key := values[0]
	if len(values) != 1 || !printable(key) {
		return problem.ErrPeticion.With(fault.Field{Name: headerIdempotency, Message: "lleva de 1 a 64 caracteres ASCII visibles"})
	}
	actor, err := uuid.Parse(string(r.who.Usuario))
	if err != nil {
		return err
	}
	o.ID, o.Keyed = eventstore.CommandID(uuid.NewSHA1(actor, []byte(key))), true
	parts := []string{r.Request().Method, r.Request().URL.RequestURI(), string(r.body)}
	o.Same = func(ctx context.Context, stored []byte) (bool, error) {
		return a.Fingerprints.Same(ctx, stored, parts...)
	}
	o.Fingerprint, err = a.Fingerprints.Make(r.Request().Context(), parts...)
	return err
}

// repeats reports whether an order was accepted before under the key that it carries: what it
// names may be gone since, its answer stays.
func (a *API) repeats(r *request) (bool, error) {
	var o commands.Order
	if err := a.identify(r, &o); err != nil || !o.Keyed {
		return false, err
	}
	_, known, err := a.Log.Command(r.Request().Context(), o.ID)
	return known, err
}

func printable(key string) bool {
	if len(key) < 1 || len(key) > 64 {
		return false
	}
	for i := range len(key) {
		if key[i] < 0x20 || key[i] > 0x7e {
			return false
		}
	}
	return true
}

// ifMatch reads the version the caller saw; nil accepts any.
func ifMatch(r *request) (*eventstore.Version, error) {
	text := strings.TrimSpace(r.Request().Header.Get("If-Match"))
	if text == "" || text == "*" {
		return nil, nil
	}
	inner, opened := strings.CutPrefix(text, `"`)
	inner, closed := strings.CutSuffix(inner, `"`)
	if !opened || !closed {
		return nil, errIfMatch
	}
	n, err := strconv.ParseInt(inner, 10, 64)
	if err != nil || n < 0 {
		return nil, errIfMatch
	}
	v := eventstore.Version(n)
	return &v, nil
}

var errIfMatch = problem.ErrPeticion.With(fault.Field{Name: "If-Match", Message: `lleva una versión entre comillas, por ejemplo "7"`})

// command dispatches and answers 200.
func (a *API) command(r *request, cmds ...commands.Command) error {
	answer, err := a.order(r, cmds...)
	if err != nil {
		return err
	}
	return r.did(http.StatusOK, answer)
}

// create dispatches and answers 201 with the address of what was made.
func (a *API) create(r *request, collection string, cmds ...commands.Command) error {
	answer, err := a.order(r, cmds...)
	if err != nil {
		return err
	}
	r.Response().Header().Set(echo.HeaderLocation, prefix+collection+"/"+aggregateID(answer.Stream))
	return r.did(http.StatusCreated, answer)
}

func (r *request) did(status int, answer commands.Answer) error {
	return r.didAs(status, aggregateID(answer.Stream), answer)
}

// didAs is did for an order that made something within a stream.
func (r *request) didAs(status int, id string, answer commands.Answer) error {
	return r.didWith(status, answer, func(d *done) { d.ID = id })
}

// didWith is did for an answer that says more.
func (r *request) didWith(status int, answer commands.Answer, more func(*done)) error {
	h := r.Response().Header()
	h.Set("ETag", etag(int64(answer.Version)))
	h.Set(headerPosition, strconv.FormatInt(int64(answer.Position), 10))
	if answer.Repeated { // beside the answer: the answer itself is the first one's
		h.Set(headerReplayed, "true")
	}
	d := done{
		ID: aggregateID(answer.Stream), Version: int64(answer.Version), Posicion: int64(answer.Position),
		Codigo: answer.Codigo, SinCambio: !answer.Changed,
	}
	more(&d)
	return write(r.Context, status, echo.MIMEApplicationJSON, d)
}

// aggregateID is what follows the category in the name of a stream. A repeated
// order is answered with the id that its first acceptance made.
func aggregateID(stream eventstore.StreamID) string {
	_, id, _ := strings.Cut(string(stream), "-")
	return id
}
