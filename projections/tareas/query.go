package tareas

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/projections"
)

// Reader answers questions about Tareas. It is safe for concurrent use.
type Reader struct{ reads, exports projections.Reads }

// NewReader returns a Reader over the living read model.
func NewReader(pool *pgxpool.Pool) *Reader {
	reads := projections.NewReads(pool)
	return &Reader{reads, reads}
}

// Patient lets the statements of exports take so long, and returns r.
func (r *Reader) Patient(d time.Duration) *Reader {
	r.exports = r.exports.Patient(d)
	return r
}

// Get returns one Tarea by id or codigo, or tarea.ErrNoExiste also when it is out of reach:
// whether it exists is nobody else's business.
func (r *Reader) Get(ctx context.Context, s projections.Scope, idOrCodigo string) (Tarea, error) {
	w := &projections.Where{}
	if !Alcance(w, s, "") {
		return Tarea{}, tarea.ErrNoExiste
	}
	if id, err := ident.Parse[ident.Tarea](idOrCodigo); err == nil {
		w.And("id = %s", string(id))
	} else {
		w.And("codigo = %s", strings.ToUpper(idOrCodigo))
	}
	var t fila
	err := t.lee(r.reads.QueryRow(ctx, s, "select "+columns+" from lectura.tareas"+w.SQL(), w.Args()...))
	if errors.Is(err, pgx.ErrNoRows) {
		return Tarea{}, tarea.ErrNoExiste
	}
	return t.vista(), projections.Translate(err, "read a tarea")
}

// Completa returns one Tarea like Get, with its notes, checklist and attachments.
func (r *Reader) Completa(ctx context.Context, s projections.Scope, idOrCodigo string) (Completa, error) {
	t, err := r.Get(ctx, s, idOrCodigo)
	if err != nil {
		return Completa{}, err
	}
	var d detalle
	err = detalles.Scan(r.reads.QueryRow(ctx, s, "select "+detalles.Select+" from lectura.tareas_detalle where id = $1", string(t.ID)), &d)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return Completa{}, projections.Translate(err, "read the details of a tarea")
	}
	// The details may be a moment newer than the row: the answer is true of the row.
	return Completa{Tarea: t, Detalle: d.vista()}, nil
}

// Contenidos returns which of these contents some Tarea has attached.
func (r *Reader) Contenidos(ctx context.Context, hashes []string) (map[string]bool, error) {
	rows, err := r.reads.Query(ctx, projections.System, "select distinct unnest(contenidos) from lectura.tareas_detalle where contenidos && $1", hashes)
	if err != nil {
		return nil, projections.Translate(err, "look for attached contents")
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	known := make(map[string]bool, len(found))
	for _, h := range found {
		known[h] = true
	}
	return known, projections.Translate(err, "look for attached contents")
}

// Alcance adds what a scope may see, with the columns of lectura.tareas under prefix ("t.").
// It is false when that is nothing at all.
func Alcance(w *projections.Where, s projections.Scope, prefix string) bool {
	switch {
	case s.Nobody():
		return false
	case s.Alcance == permiso.Todo:
	case s.Alcance == permiso.EnJurisdiccion && s.Jurisdiccion != nil:
		if len(s.Jurisdiccion.Zonas) > 0 {
			mine := prefix + "zona is null or " + prefix + "zona = any(%s::uuid[]) or " + prefix + "creador = %s or " + prefix + "delegado = %s"
			args := []any{texts(s.Jurisdiccion.Zonas), string(s.Usuario), string(s.Usuario)}
			if s.Efectivo != "" {
				mine, args = mine+" or %s = any("+prefix+"alcanza)", append(args, string(s.Efectivo))
			}
			w.And(mine, args...)
		}
	case s.Alcance == permiso.Asignado && s.Efectivo != "":
		// ven is whoever ordered it, is in charge of it, or is one of the Efectivos it reaches.
		w.And(prefix+"ven && array[%s, %s]::uuid[]", string(s.Usuario), string(s.Efectivo))
	default:
		w.And(prefix+"ven && array[%s]::uuid[]", string(s.Usuario))
	}
	return true
}

// Atareados is a question for the ids of the Efectivos who are bound to an open Tarea that a
// scope may see; its arguments are added to w.
func Atareados(w *projections.Where, s projections.Scope) string {
	mine := w.Beside()
	mine.And("t.estado in ('programada', 'en_curso', 'pausada')")
	mine.And("t.alcanza <> '{}'")
	if !Alcance(mine, s, "t.") {
		mine.And("false")
	}
	w.Adopt(mine)
	return "select unnest(t.alcanza) from lectura.tareas t" + mine.SQL()
}

// sortable lists what a list may be ordered by.
var sortable = map[string]projections.Sortable{
	"prioridad":         {SQL: "prioridad", Type: "smallint"},
	"inicio_programado": {SQL: "inicio_programado", Type: "timestamptz"},
	"fin_programado":    {SQL: "coalesce(fin_programado, 'infinity')", Type: "timestamptz"},
	"inicio_real":       {SQL: "coalesce(inicio_real, 'infinity')", Type: "timestamptz"},
	"fin_real":          {SQL: "coalesce(fin_real, 'infinity')", Type: "timestamptz"},
	"creada":            {SQL: "creada", Type: "timestamptz"},
	"codigo":            {SQL: "codigo", Type: "text"},
	"titulo":            {SQL: "titulo_orden", Type: "text"},
	"tipo":              {SQL: "tipo", Type: "text"},
	"estado":            {SQL: "estado", Type: "text"},
	"posicion":          {SQL: "posicion", Type: "bigint"},
}

// tablesRead are all that a list may touch.
var tablesRead = []string{"tareas", "tareas_textos", "tareas_palabras"}

var byID = projections.Sortable{SQL: "id", Type: "uuid"}

// defaultOrden is that of a list nobody gave one.
const defaultOrden = "-prioridad,-inicio_programado"

// List returns one page of the Tareas that match a filter, how many there are in all, and
// the position both are true of.
func (r *Reader) List(ctx context.Context, s projections.Scope, f Filter) (List, error) {
	w, visible, err := where(s, f)
	if err != nil {
		return List{}, err
	}
	return listing.Page(ctx, r.reads, s, projections.Question{
		Orden: f.Orden, Cursor: f.Cursor, Limite: f.Limite, Where: w, Visible: visible,
		Narrow: func(ctx context.Context, tx pgx.Tx, w *projections.Where, fills projections.Fills) (projections.Narrowed, error) {
			return search(ctx, tx, s, w, f.Q, fills)
		},
	})
}

var listing = projections.Listing[Tarea]{
	Name: "tareas", Follows: []string{Name}, Tables: tablesRead,
	Columns: columns, From: "lectura.tareas", Fields: sortable, ID: byID, Orden: defaultOrden, ByID: true,
	Scan: func(row pgx.Row, keys *[]string) (Tarea, error) {
		var t fila
		err := t.lee(row, keys)
		return t.vista(), err
	},
}

// Each hands over every Tarea that matches a filter, in its order, without holding more than
// a few in memory; begin is told first of which log position they are true. All of them are
// of that one instant, however long it takes.
func (r *Reader) Each(ctx context.Context, s projections.Scope, f Filter, begin func(posicion int64) error, take func(Tarea) error) error {
	sorting, err := projections.ParseSorting(cmp.Or(f.Orden, defaultOrden), sortable, byID)
	if err != nil {
		return err
	}
	w, visible, err := where(s, f)
	if err != nil {
		return err
	}
	return r.exports.Snapshot(ctx, s, "export tareas", tablesRead, func(tx pgx.Tx) error {
		p, err := projections.Oldest(ctx, tx, Name)
		if err != nil {
			return err
		}
		if visible {
			if _, err := search(ctx, tx, s, w, f.Q, nil); err != nil {
				return err
			}
		}
		if err := begin(int64(p)); err != nil || !visible {
			return err
		}
		return projections.EachRow(ctx, tx, "select "+columns+" from lectura.tareas"+w.SQL()+sorting.SQL(), w.Args(), func(row pgx.Rows) error {
			var t fila
			if err := t.lee(row); err != nil {
				return err
			}
			return take(t.vista())
		})
	})
}

// where translates a filter but for its words; visible is false when the scope finds nothing.
func where(s projections.Scope, f Filter) (w *projections.Where, visible bool, err error) {
	w = &projections.Where{}
	visible = Alcance(w, s, "")
	if len(f.Estados) > 0 {
		w.And("estado = any(%s)", texts(f.Estados))
	}
	if len(f.Tipos) > 0 {
		w.And("tipo = any(%s)", texts(f.Tipos))
	}
	if len(f.Prioridades) > 0 {
		w.And("prioridad = any(%s)", f.Prioridades)
	}
	if f.Delegado != "" {
		w.And("delegado = %s", string(f.Delegado))
	}
	if f.Efectivo != "" {
		w.And("efectivos @> array[%s]::uuid[]", string(f.Efectivo))
	}
	if f.Zona != "" {
		w.And("zona = %s", string(f.Zona))
	}
	if !f.Desde.IsZero() {
		w.And("inicio_programado >= %s", f.Desde)
	}
	if !f.Hasta.IsZero() {
		w.And("inicio_programado < %s", f.Hasta)
	}
	if f.BBox != nil {
		if err := projections.InBox(w, "lat", "lon", *f.BBox); err != nil {
			return w, visible, err
		}
	}
	return w, visible, projections.CheckQuery(f.Q)
}

func texts[T ~string](in []T) []string {
	out := make([]string, len(in))
	for i, v := range in {
		out[i] = string(v)
	}
	return out
}
