package rest

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/labstack/echo/v4"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/api/problem"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/efectivos"
	"github.com/grupo-gad/gad/projections/tareas"
)

// The headers of our own.
const (
	headerIdempotency = "Idempotency-Key"
	headerPosition    = "X-Gad-Position"
	headerMinPosition = "X-Gad-Min-Position"
	headerCommand     = "X-Gad-Command"
	headerReplayed    = "Idempotency-Replayed"
)

const identityKey = "gad.identity"

// request is one authenticated and admitted request.
type request struct {
	echo.Context
	who   auth.Identity
	route route
	now   time.Time
	zone  *time.Location // of the operation
	body  []byte         // as received, once read
}

// serve wraps a route's handler with what the table says of it. echo has chosen
// the route already, so an unknown address is 404 before anybody is asked who he is.
func (a *API) serve(rt route) echo.HandlerFunc {
	return func(c echo.Context) error {
		// Microseconds: what the database keeps is what was decided on.
		r := &request{Context: c, route: rt, now: a.Now().UTC().Truncate(time.Microsecond), zone: a.Settings.Zone}
		if rt.alias != nil {
			a.announce(c, rt.alias)
		}
		unescape(c)
		if err := checkPath(c); err != nil {
			return err
		}
		if rt.open {
			if err := a.admit(c, rt.counts(), block(c.Request())); err != nil {
				return err
			}
			return rt.handle(r)
		}
		who, err := a.authenticate(c)
		if err != nil {
			return err
		}
		r.who = who
		c.Set(identityKey, who)
		key := string(who.Usuario)
		if rt.count == countTelemetry {
			key += "/" + c.Param("id") // his own bucket: nobody can empty another's
		}
		if err := a.admit(c, rt.counts(), key); err != nil {
			return err
		}
		if who.Limited && !rt.early {
			return auth.ErrSinSegundo
		}
		if permiso.De(who.Rol, rt.accion) == permiso.Nada {
			return permiso.ErrProhibido
		}
		return rt.handle(r)
	}
}

// authenticate says who is asking. Tokens that are none count against the address
// block they come from, so that trying many costs as much as asking much.
func (a *API) authenticate(c echo.Context) (auth.Identity, error) {
	scheme, token, _ := strings.Cut(c.Request().Header.Get(echo.HeaderAuthorization), " ")
	err := error(auth.ErrToken)
	if strings.EqualFold(scheme, "Bearer") && token != "" {
		var who auth.Identity
		if who, err = a.Door.Issuer.Verify(c.Request().Context(), strings.TrimSpace(token)); err == nil {
			return who, nil
		}
	}
	if limited := a.admit(c, countInvalid, block(c.Request())); limited != nil {
		return auth.Identity{}, limited
	}
	return auth.Identity{}, err
}

func identityOf(c echo.Context) (auth.Identity, bool) {
	who, ok := c.Get(identityKey).(auth.Identity)
	return who, ok
}

// unescape reads what stands in an address as it is meant: echo leaves it as it was written
// where somebody wrote an @ as %40.
func unescape(c echo.Context) {
	if c.Request().URL.RawPath == "" {
		return
	}
	values := c.ParamValues()
	for i, v := range values {
		if meant, err := url.PathUnescape(v); err == nil {
			values[i] = meant
		}
	}
	c.SetParamValues(values...)
}

// checkPath refuses bytes in an address that no database text can hold.
func checkPath(c echo.Context) error {
	for _, v := range c.ParamValues() {
		if strings.ContainsRune(v, 0) || strings.ToValidUTF8(v, "") != v {
			return problem.ErrPeticion
		}
	}
	return nil
}

// scope is how far the caller may read with the route's action.
func (r *request) scope() projections.Scope { return projections.ScopeOf(r.who.Autor, r.route.accion) }

// parte reports whether the caller sees a part of everything, by his jurisdiction.
func (r *request) parte() bool {
	s := r.scope()
	return s.Alcance == permiso.EnJurisdiccion && s.Jurisdiccion != nil && !s.Nobody()
}

// deQuien names the projections that tell whom the caller reaches: whoever carries out a Tarea
// of a jurisdiction is seen there, whatever his unidad.
func (r *request) deQuien() []string {
	if r.parte() && len(r.scope().Jurisdiccion.Unidades) > 0 {
		return []string{efectivos.Name, tareas.Name}
	}
	return []string{efectivos.Name}
}

// bind reads the body into v. optional: no body at all is an empty object.
func (r *request) bind(v any, optional bool) error {
	if err := r.read(); err != nil {
		return err
	}
	if len(r.body) == 0 && optional {
		return nil
	}
	if err := r.checkType(); err != nil {
		return err
	}
	return decode(r.body, v)
}

func (r *request) checkType() error {
	req := r.Request()
	if encoding := req.Header.Get(echo.HeaderContentEncoding); encoding != "" && encoding != "identity" {
		return problem.ErrTipo
	}
	kind, params, err := mime.ParseMediaType(req.Header.Get(echo.HeaderContentType))
	if err != nil || kind != echo.MIMEApplicationJSON && (!r.route.geo || kind != "application/geo+json") {
		return problem.ErrTipo
	}
	if charset := params["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
		return problem.ErrTipo
	}
	return nil
}

// read takes the body in; bodyCap has bounded it.
func (r *request) read() error {
	if r.body != nil {
		return nil
	}
	src := r.Request().Body
	if src == nil || src == http.NoBody {
		r.body = []byte{}
		return nil
	}
	body, err := io.ReadAll(src)
	if errors.Is(err, problem.ErrGrande.Fault) {
		return err
	}
	if err != nil {
		return problem.ErrPeticion.Because(err)
	}
	r.body = body
	return nil
}

// minPosition reads X-Gad-Min-Position; 0 when the caller does not mind.
func (r *request) minPosition() (eventstore.Position, error) {
	values, given := r.Request().Header[headerMinPosition]
	if !given {
		return 0, nil
	}
	n, err := strconv.ParseInt(values[0], 10, 64)
	if err != nil || n < 0 || len(values) > 1 {
		return 0, problem.ErrPeticion.With(fault.Field{Name: headerMinPosition, Message: "tiene que ser una posición del registro"})
	}
	return eventstore.Position(n), nil
}

// await waits until the projections that a read needs have reached what the
// caller asks for.
func (a *API) await(r *request, names ...string) error {
	least, err := r.minPosition()
	if err != nil || least == 0 {
		return err
	}
	for _, name := range names {
		if err := a.Waiter.WaitFor(r.Request().Context(), name, least); err != nil {
			return err
		}
	}
	return nil
}

// awaitLog is await for reads of the log itself, which lacks nothing that it
// ever gave a position to; only an invented position is beyond it.
func (a *API) awaitLog(r *request) error {
	least, err := r.minPosition()
	if err != nil || least == 0 {
		return err
	}
	head, err := a.Log.Head(r.Request().Context())
	if err != nil {
		return err
	}
	if head < least {
		return projections.ErrAtrasada
	}
	return nil
}

// pathID reads an identifier out of the address.
func pathID[T ~string](r *request, name string) (T, error) {
	id, err := ident.Parse[T](r.Param(name))
	if err != nil {
		return "", ident.ErrInvalido.With(fault.Field{Name: name, Message: ident.ErrInvalido.Message})
	}
	return id, nil
}

// ok answers a read. posicion is the log position the answer is true of.
func (r *request) ok(posicion int64, v any) error {
	r.Response().Header().Set(headerPosition, strconv.FormatInt(posicion, 10))
	return write(r.Context, http.StatusOK, echo.MIMEApplicationJSON, v)
}

func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// write encodes an answer whole before the first byte leaves: half an answer
// cannot be taken back.
func write(c echo.Context, status int, contentType string, v any) error {
	body, err := json.Marshal(v, json.Deterministic(true))
	if names, ok := c.Get(shapeKey).(*shape); ok && err == nil && status < http.StatusBadRequest {
		body, err = names.of(c, body)
	}
	if err != nil {
		return err
	}
	return c.Blob(status, contentType, body)
}
