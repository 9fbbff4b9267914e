package rest

import (
	"io"
	"mime"
	"net/http"
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
)

// The headers of our own.
const (
	headerIdempotency = "Idempotency-Key"
	headerPosition    = "X-Gad-Position"
	headerMinPosition = "X-Gad-Min-Position"
	headerCommand     = "X-Gad-Command"
)

const identityKey = "gad.identity"

// request is one authenticated and admitted request.
type request struct {
	echo.Context
	who   auth.Identity
	route route
	now   time.Time
	body  []byte // as received, once read
}

// serve wraps a route's handler with what the table says of it. echo has chosen
// the route already, so an unknown address is 404 before anybody is asked who he is.
func (a *API) serve(rt route) echo.HandlerFunc {
	return func(c echo.Context) error {
		// Microseconds: what the database keeps is what was decided on.
		r := &request{Context: c, route: rt, now: a.Now().UTC().Truncate(time.Microsecond)}
		if err := checkPath(c); err != nil {
			return err
		}
		if rt.open {
			return rt.handle(r)
		}
		scheme, token, _ := strings.Cut(c.Request().Header.Get(echo.HeaderAuthorization), " ")
		if !strings.EqualFold(scheme, "Bearer") || token == "" {
			return auth.ErrToken
		}
		who, err := a.Door.Issuer.Verify(c.Request().Context(), strings.TrimSpace(token))
		if err != nil {
			return err
		}
		r.who = who
		c.Set(identityKey, who)
		if rt.accion != "" && permiso.De(who.Rol, rt.accion) == permiso.Nada {
			return permiso.ErrProhibido
		}
		return rt.handle(r)
	}
}

func identityOf(c echo.Context) (auth.Identity, bool) {
	who, ok := c.Get(identityKey).(auth.Identity)
	return who, ok
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

// drainLimit: so much of a body that is too big is read and thrown away, so that
// its sender gets to hear the answer instead of a broken connection.
const drainLimit = 16 << 20

// read takes the body in, up to the limit of the route.
func (r *request) read() error {
	if r.body != nil {
		return nil
	}
	src, limit := r.Request().Body, r.route.bodyLimit()
	if src == nil || src == http.NoBody {
		r.body = []byte{}
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(src, limit+1))
	if err != nil {
		return problem.ErrPeticion.Because(err)
	}
	if int64(len(body)) > limit {
		_, _ = io.CopyN(io.Discard, src, drainLimit) // it ends when the body does; nothing depends on it
		return problem.ErrGrande
	}
	r.body = body
	return nil
}

// minPosition reads X-Gad-Min-Position; 0 when the caller does not mind.
func (r *request) minPosition() (eventstore.Position, error) {
	text := r.Request().Header.Get(headerMinPosition)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
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
	if err != nil {
		return err
	}
	return c.Blob(status, contentType, body)
}
