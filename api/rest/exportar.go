package rest

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/projections/tareas"
)

const (
	// exportsAtOnce bounds the downloads under way: each holds a connection to the database
	// and the view of one instant.
	exportsAtOnce = 4
	// exportPatience is how long one download may take altogether, and exportStall how long
	// its reader may stand still.
	exportPatience = 10 * time.Minute
	exportStall    = 30 * time.Second
)

var errExportaciones = fault.New(fault.Limited, "exportaciones_en_curso", "hay demasiadas exportaciones en curso; probá de nuevo en un momento")

// sheet writes Tareas in one format, as they come.
type sheet interface {
	begin() error
	take(tareas.Tarea) error
	end() error
}

// exportar serves GET /tareas.csv and its sisters: everything a list with the same filter
// would page through, of one instant, masked as the list is.
func (a *API) exportar(name, contentType string, open func(w http.ResponseWriter) sheet) func(*request) error {
	return func(r *request) error {
		q := r.query()
		f := q.tareas()
		if err := q.err(); err != nil {
			return err
		}
		if masked(r.who) && f.Q != "" {
			return permiso.ErrProhibido
		}
		if err := a.await(r, tareas.Name); err != nil {
			return err
		}
		select {
		case a.exports <- struct{}{}:
			defer func() { <-a.exports }()
		default:
			return errExportaciones
		}
		ctx, cancel := context.WithTimeout(r.Request().Context(), exportPatience)
		defer cancel()
		d := &download{r: r, name: name, contentType: contentType, control: http.NewResponseController(r.Response().Writer)}
		d.sheet = open(r.Response())
		err := a.Tareas.Each(ctx, r.scope(), f, d.begin, d.take)
		if err == nil {
			err = d.sheet.end()
		}
		if err != nil && r.Response().Committed {
			// Too late for a problem; a cut connection says that the file is not whole.
			a.Logger.WarnContext(ctx, "export cut short", slog.String("request_id", idOf(r.Context)), slog.Any("error", err))
			panic(http.ErrAbortHandler)
		}
		return err
	}
}

type download struct {
	r                 *request
	name, contentType string
	sheet             sheet
	control           *http.ResponseController
	rows              int
}

func (d *download) begin(posicion int64) error {
	h := d.r.Response().Header()
	h.Set(echo.HeaderContentType, d.contentType)
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+d.name+`"`)
	h.Set(headerPosition, strconv.FormatInt(posicion, 10))
	d.r.Response().WriteHeader(http.StatusOK)
	d.extend()
	return d.sheet.begin()
}

func (d *download) take(t tareas.Tarea) error {
	maskTarea(d.r.who, &t)
	if d.rows++; d.rows%500 == 0 {
		d.extend()
	}
	return d.sheet.take(t)
}

// extend gives the reader more time, as long as he reads. Where the connection knows no
// deadlines the server's own stay.
func (d *download) extend() { _ = d.control.SetWriteDeadline(time.Now().Add(exportStall)) }
