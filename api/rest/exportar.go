package rest

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/projections"
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

// hojaCSV is the name of the table that programs read.
const hojaCSV = "tareas.csv"

var errExportaciones = fault.New(fault.Limited, "exportaciones_en_curso", "hay demasiadas exportaciones en curso; pruebe de nuevo en un momento")

// sheet writes Tareas in one format, as they come.
type sheet interface {
	begin() error
	take(tareas.Tarea) error
	end() error
}

// exportar serves GET /tareas.csv and its sisters: everything a list with the same filter
// would page through, of one instant, masked as the list is.
func (a *API) exportar(name, contentType string, open func(http.ResponseWriter, nombres, *time.Location) sheet) func(*request) error {
	return func(r *request) error {
		q := r.query()
		f := q.tareas()
		var bom *bool
		if name == hojaCSV {
			bom = q.boolean("bom")
		}
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
		n, err := a.nombres(ctx, r)
		if err != nil {
			return err
		}
		d.sheet = open(r.Response(), n, a.Settings.Zone)
		if s, ok := d.sheet.(*csvSheet); ok {
			s.marked = bom != nil && *bom
		}
		err = a.Tareas.Each(ctx, r.scope(), f, d.begin, d.take)
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

// nombres are those that the caller may see, of all Zonas and Efectivos.
func (a *API) nombres(ctx context.Context, r *request) (n nombres, err error) {
	zonas, _, err := a.Mapa.Zonas(ctx, projections.ScopeOf(r.who.Autor, permiso.ZonaLeer), [4]float64{-180, -90, 180, 90})
	if err != nil {
		return n, err
	}
	n.zonas = make(map[ident.Zona]string, len(zonas))
	for _, z := range zonas {
		n.zonas[z.ID] = z.Nombre
	}
	n.efectivos, err = a.Efectivos.Codigos(ctx, projections.ScopeOf(r.who.Autor, permiso.EfectivoLeer))
	return n, err
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
