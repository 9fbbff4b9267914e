package rest

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/operacion"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/tareas"
)

// errAviso refuses what is said of a reminder that is none.
var errAviso = fault.New(fault.NotFound, "aviso_no_existe", "ese aviso no existe")

// aviso is a reminder of a Tarea: a fact, named by its stream and version.
type aviso struct {
	ID     string         `json:"id"`
	Clase  string         `json:"clase"` // t-40, t-10, vencida
	Tarea  ident.Tarea    `json:"tarea"`
	Codigo string         `json:"codigo"`
	Para   ident.Efectivo `json:"efectivo,omitzero"` // nobody in particular: whoever is in charge
	Vence  time.Time      `json:"vence"`
	En     time.Time      `json:"en"`
	Leido  bool           `json:"leido"`
}

// avisosAhead is longer than the first reminder comes before a Tarea begins.
const avisosAhead = time.Hour

// avisos serves GET /avisos: the reminders of the open Tareas that the caller carries out or
// is in charge of, newest first.
func (a *API) avisos(r *request) error {
	q := r.query()
	cursor, limit := q.text("cursor"), q.limit()
	if err := q.err(); err != nil {
		return err
	}
	if err := a.await(r, tareas.Name); err != nil {
		return err
	}
	ctx := r.Request().Context()
	mine := []tareas.Filter{{Delegado: r.who.Usuario}}
	if r.who.Efectivo != "" {
		mine = append(mine, tareas.Filter{Efectivo: r.who.Efectivo})
	}
	open, streams, posicion := map[eventstore.StreamID]tareas.Tarea{}, []eventstore.StreamID{}, int64(0)
	for _, f := range mine {
		f.Estados, f.Limite = []tarea.Estado{tarea.EstadoProgramada, tarea.EstadoEnCurso, tarea.EstadoPausada}, maxPage
		f.Hasta = r.now.Add(avisosAhead) // whoever planned a year ahead has thousands that nobody was reminded of
		for more := true; more; {
			page, err := a.Tareas.List(ctx, r.scope(), f)
			if err != nil {
				return err
			}
			posicion = cmp.Or(posicion, page.Posicion) // what is true of all is true of the first
			for _, t := range page.Datos {
				stream := eventstore.StreamID(t.ID.Stream())
				if _, twice := open[stream]; !twice {
					open[stream], streams = t, append(streams, stream)
				}
			}
			if more = page.Siguiente != nil; more {
				f.Cursor = *page.Siguiente
			}
		}
	}
	facts, err := a.Log.ReadFacts(ctx, streams, []string{tarea.RecordatorioEnviado{}.EventName(), tarea.RecordatorioAcusado{}.EventName()})
	if err != nil {
		return err
	}
	list := []aviso{}
	for _, rec := range facts {
		list = recordados(list, open[rec.Stream], rec, r.who.Autor)
	}
	page, next, err := paginaAvisos(list, cursor, limit)
	if err != nil {
		return err
	}
	return r.ok(posicion, struct {
		Datos     []aviso `json:"datos"`
		Total     int     `json:"total"`
		Siguiente *string `json:"siguiente"`
		Posicion  int64   `json:"posicion"`
	}{page, len(list), next, posicion})
}

// paginaAvisos sorts list, the newest first, and cuts the page that comes after where a cursor
// stands. That one may be gone by then: what comes after it is the same.
func paginaAvisos(list []aviso, cursor string, limit int) (page []aviso, next *string, err error) {
	slices.SortFunc(list, aviso.compare)
	if cursor != "" {
		last, err := avisoDe(cursor)
		if err != nil {
			return nil, nil, projections.ErrCursor.Because(err).With(fault.Field{Name: "cursor", Message: "no corresponde a esta consulta"})
		}
		at, found := slices.BinarySearchFunc(list, last, aviso.compare)
		if found {
			at++
		}
		list = list[at:]
	}
	if len(list) <= limit {
		return list, nil, nil
	}
	return list[:limit], new(list[limit-1].cursor()), nil
}

func (x aviso) compare(y aviso) int { return cmp.Or(y.En.Compare(x.En), cmp.Compare(x.ID, y.ID)) }

func (x aviso) cursor() string {
	return base64.RawURLEncoding.EncodeToString([]byte(x.En.UTC().Format(time.RFC3339Nano) + " " + x.ID))
}

// avisoDe is the reminder that a cursor stands at, as far as their order goes.
func avisoDe(cursor string) (x aviso, err error) {
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return x, err
	}
	en, id, _ := strings.Cut(string(text), " ")
	x.ID = id
	x.En, err = time.Parse(time.RFC3339Nano, en)
	return x, err
}

// recordados folds a fact into the reminders of a Tarea that concern somebody.
func recordados(list []aviso, t tareas.Tarea, rec eventstore.Recorded, yo permiso.Autor) []aviso {
	switch e := rec.Event.(type) {
	case tarea.RecordatorioEnviado:
		// That nobody has what begins soon is for its delegado alone, whoever has it since.
		if e.Efectivo == "" && (e.Vencida() || t.Delegado == yo.Usuario) || e.Efectivo != "" && e.Efectivo == yo.Efectivo {
			return append(list, aviso{
				ID: alertaID(rec), Clase: e.Clase, Tarea: t.ID, Codigo: t.Codigo,
				Para: e.Efectivo, Vence: e.Vence, En: e.En,
			})
		}
	case tarea.RecordatorioAcusado:
		for i := range list {
			if x := &list[i]; x.Tarea == t.ID && x.Clase == e.Clase && x.Para == e.Efectivo && x.Vence.Equal(e.Vence) {
				x.Leido = true
			}
		}
	}
	return list
}

// leerAviso serves POST /avisos/{id}/lectura: who was reminded has read it.
func (a *API) leerAviso(r *request) error {
	if err := r.bind(&struct{}{}, true); err != nil {
		return err
	}
	stream, text, ok := operacion.DeAlerta(r.Param("id"))
	version, err := strconv.ParseInt(text, 10, 64)
	if !ok || err != nil || version < 1 || !strings.HasPrefix(stream, "tarea-") {
		return errAviso
	}
	records, _, err := a.readStream(r.Request().Context(), eventstore.StreamID(stream), eventstore.Version(version-1), 1)
	if err != nil {
		return err
	}
	if len(records) != 1 {
		return errAviso
	}
	e, ok := records[0].Event.(tarea.RecordatorioEnviado)
	if !ok {
		return errAviso
	}
	return a.command(r, tarea.AcusarRecordatorio{
		Orden: tarea.Orden{ID: ident.Tarea(strings.TrimPrefix(stream, "tarea-")), Por: r.who.Autor, En: r.now},
		Clase: e.Clase, Efectivo: e.Efectivo, Vence: e.Vence,
	})
}
