package efectivos

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/tareas"
)

// Reader answers questions about Efectivos. It is safe for concurrent use.
type Reader struct{ reads projections.Reads }

// NewReader returns a Reader over the living read model.
func NewReader(pool *pgxpool.Pool) *Reader { return &Reader{projections.NewReads(pool)} }

const columns = `e.id::text, e.usuario::text, coalesce(n.nombre, ''), e.codigo_interno, e.rango, e.unidad, e.especialidad,
	e.disponibilidad, e.turno is not null, e.tareas::text[], e.simulado,
	e.zonas::text[], e.senal_perdida, e.sos, e.de_baja, e.version, e.posicion, p.lat, p.lon, p.en, p.precision_m, coalesce(p.turno = e.turno, false)`

const tables = `lectura.efectivos e left join lectura.efectivos_nombres n on n.usuario = e.usuario
	left join lectura.posiciones p on p.efectivo = e.id`

func (e *Efectivo) lee(row pgx.Row, now time.Time, more ...any) error {
	var (
		lat, lon  *float64
		en        *time.Time
		precision *float32
		delTurno  bool
	)
	err := row.Scan(append([]any{
		&e.ID, &e.Usuario, &e.Nombre, &e.CodigoInterno, &e.Rango, &e.Unidad, &e.Especialidad, &e.Disponibilidad,
		&e.EnTurno, &e.Tareas, &e.Simulado, &e.Zonas, &e.SenalPerdida, &e.SOS, &e.DeBaja, &e.Version, &e.Posicion, &lat, &lon, &en, &precision, &delTurno,
	}, more...)...)
	if err != nil {
		return err
	}
	if e.Tareas == nil {
		e.Tareas = []ident.Tarea{}
	}
	if e.Zonas == nil {
		e.Zonas = []ident.Zona{}
	}
	if lat != nil && lon != nil && en != nil && precision != nil {
		e.PosicionActual = &Posicion{
			Lat: *lat, Lon: *lon, En: *en, PrecisionM: metros(*precision), DelTurno: delTurno,
			// A device clock may be ahead of ours by a little: an age is never negative.
			AntiguedadS: math.Round(1000*max(0, now.Sub(*en).Seconds())) / 1000,
		}
	}
	return nil
}

// metros shows a real without the noise of its widening: 12.3, not 12.300000190734863.
func metros(v float32) float64 { return math.Round(float64(v)*100) / 100 }

// Alcance adds which Efectivos a scope may see; false when none.
func Alcance(w *projections.Where, s projections.Scope) bool {
	switch {
	case s.Nobody():
		return false
	case s.Alcance == permiso.Todo:
	case s.Alcance == permiso.EnJurisdiccion && s.Jurisdiccion != nil:
		// Whoever calls for help is everybody's, and so is who belongs to nobody.
		if len(s.Jurisdiccion.Unidades) > 0 {
			busy := tareas.Atareados(w, s)
			w.And("e.unidad = '' or e.unidad = any(%s) or e.sos or e.usuario = %s or e.id in ("+busy+")",
				s.Jurisdiccion.Unidades, string(s.Usuario))
		}
	default:
		w.And("e.usuario = %s", string(s.Usuario))
	}
	return true
}

// Unidades returns the unidad of each of these Efectivos, "" for those of none; whom the read
// model does not know is absent.
func Unidades(ctx context.Context, tx pgx.Tx, ids []string) (map[string]string, error) {
	rows, err := tx.Query(ctx, "select id::text, unidad from lectura.efectivos where id = any($1::uuid[])", ids)
	if err != nil {
		return nil, err
	}
	unidades := make(map[string]string, len(ids))
	var id, unidad string
	_, err = pgx.ForEachRow(rows, []any{&id, &unidad}, func() error { unidades[id] = unidad; return nil })
	return unidades, err
}

// Get returns one Efectivo, or efectivo.ErrNoExiste also when he is out of reach.
func (r *Reader) Get(ctx context.Context, s projections.Scope, id ident.Efectivo) (Efectivo, error) {
	w := &projections.Where{}
	parsed, err := ident.Parse[ident.Efectivo](string(id))
	if err != nil || !Alcance(w, s) {
		return Efectivo{}, efectivo.ErrNoExiste
	}
	w.And("e.id = %s", string(parsed))
	var e Efectivo
	err = e.lee(r.reads.QueryRow(ctx, s, "select "+columns+" from "+tables+w.SQL(), w.Args()...), time.Now())
	if errors.Is(err, pgx.ErrNoRows) {
		return Efectivo{}, efectivo.ErrNoExiste
	}
	return e, projections.Translate(err, "read an efectivo")
}

// Alcanzados returns which of these Efectivos a scope may see.
func (r *Reader) Alcanzados(ctx context.Context, s projections.Scope, ids []ident.Efectivo) (map[ident.Efectivo]bool, error) {
	w := &projections.Where{}
	if len(ids) == 0 || !Alcance(w, s) {
		return nil, nil
	}
	w.And("e.id = any(%s)", projections.UUIDs(ids))
	rows, err := r.reads.Query(ctx, s, "select e.id::text from lectura.efectivos e"+w.SQL(), w.Args()...)
	if err != nil {
		return nil, projections.Translate(err, "find who is reached")
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[ident.Efectivo])
	reached := make(map[ident.Efectivo]bool, len(found))
	for _, id := range found {
		reached[id] = true
	}
	return reached, projections.Translate(err, "find who is reached")
}

// Codigos are how those whom a scope may see are called, whoever was discharged among them.
func (r *Reader) Codigos(ctx context.Context, s projections.Scope) (map[ident.Efectivo]string, error) {
	w := &projections.Where{}
	if !Alcance(w, s) {
		return nil, nil
	}
	rows, err := r.reads.Query(ctx, s, "select e.id::text, e.codigo_interno from lectura.efectivos e"+w.SQL(), w.Args()...)
	if err != nil {
		return nil, projections.Translate(err, "list the codes of efectivos")
	}
	codes := map[ident.Efectivo]string{}
	var (
		id   ident.Efectivo
		code string
	)
	_, err = pgx.ForEachRow(rows, []any{&id, &code}, func() error { codes[id] = code; return nil })
	return codes, projections.Translate(err, "list the codes of efectivos")
}

var sortable = map[string]projections.Sortable{
	"codigo_interno": {SQL: "e.codigo_interno", Type: "text"},
	"disponibilidad": {SQL: "e.disponibilidad", Type: "text"},
	"unidad":         {SQL: "e.unidad", Type: "text"},
	"rango":          {SQL: "e.rango", Type: "text"},
	"nombre":         {SQL: "coalesce(n.nombre_orden, '')", Type: "text"},
	"posicion":       {SQL: "e.posicion", Type: "bigint"},
}

var byID = projections.Sortable{SQL: "e.id", Type: "uuid"}

// List returns one page of the Efectivos that match a filter, how many there are in all, and
// the position both are true of.
func (r *Reader) List(ctx context.Context, s projections.Scope, f Filter) (List, error) {
	w, visible, err := where(s, f)
	if err != nil {
		return List{}, err
	}
	now := time.Now()
	list := listing
	list.Scan = func(row pgx.Row, keys *[]string) (e Efectivo, err error) {
		err = e.lee(row, now, keys)
		return e, err
	}
	return list.Page(ctx, r.reads, s, projections.Question{
		Orden: f.Orden, Cursor: f.Cursor, Limite: f.Limite, Where: w, Visible: visible,
		Narrow: func(ctx context.Context, tx pgx.Tx, w *projections.Where, _ projections.Fills) (projections.Narrowed, error) {
			return projections.Narrowed{}, search(ctx, tx, s, w, f.Q)
		},
	})
}

// listing lacks its Scan: how old a position is depends on when somebody asks.
var listing = projections.Listing[Efectivo]{
	Name: "efectivos", Follows: []string{Name}, Tables: []string{"efectivos", "efectivos_nombres", "posiciones", "zonas"},
	Columns: columns, From: tables, Fields: sortable, ID: byID, Orden: "codigo_interno",
}

func where(s projections.Scope, f Filter) (w *projections.Where, visible bool, err error) {
	w = &projections.Where{}
	visible = Alcance(w, s)
	if len(f.Disponibilidades) > 0 {
		words := make([]string, len(f.Disponibilidades))
		for i, d := range f.Disponibilidades {
			words[i] = string(d)
		}
		w.And("e.disponibilidad = any(%s)", words)
	}
	if f.Unidad != "" {
		w.And("e.unidad = %s", f.Unidad)
	}
	if f.EnTurno != nil {
		w.And("(e.turno is not null) = %s", *f.EnTurno)
	}
	if f.CercaDe != nil || f.Zona != "" {
		w.And("e.turno is null or p.turno = e.turno") // where he was in an earlier one says nothing
	}
	if f.CercaDe != nil {
		place := geo.Punto{Lat: f.CercaDe[0], Lon: f.CercaDe[1]}
		if !place.Valido() || !(f.RadioM > 0 && f.RadioM <= maxRadio) {
			return w, visible, geo.ErrCoordenada.With(fault.Field{Name: "cerca_de", Message: "es lat,lon en grados, con radio_m mayor que 0"})
		}
		// ST_DWithin measures on the spheroid and uses the GiST index.
		w.And("ST_DWithin(p.lugar, ST_SetSRID(ST_MakePoint(%s, %s), 4326)::geography, %s)", place.Lon, place.Lat, f.RadioM)
	}
	if f.Zona != "" {
		// From the one Zona to the markers in it, by their index.
		w.And("e.id in (select m.efectivo from lectura.zonas z join lectura.posiciones m on ST_Covers(z.area, m.lugar) where z.id = %s)", string(f.Zona))
	}
	return w, visible, projections.CheckQuery(f.Q)
}

// search narrows w to the Efectivos who have the words of q, each either in their own fields
// or in their name.
func search(ctx context.Context, tx pgx.Tx, s projections.Scope, w *projections.Where, q string) error {
	if q == "" {
		return nil
	}
	ficha := projections.Corpus{From: "lectura.efectivos e", Column: "e.busqueda", Where: &projections.Where{}}
	nombre := projections.Corpus{From: "lectura.efectivos_nombres n join lectura.efectivos e on e.usuario = n.usuario", Column: "n.busqueda", Where: &projections.Where{}}
	Alcance(ficha.Where, s)
	Alcance(nombre.Where, s)
	queries, none, err := projections.Spell(ctx, tx, q, ficha, nombre)
	if err != nil {
		return err
	}
	if none {
		w.And("false")
	}
	for _, query := range queries {
		// Two look-ups in two indexes; an "or" over the join would read every row.
		w.And("e.id in (select x.id from lectura.efectivos x where to_tsvector('simple', x.busqueda) @@ %s::text::tsquery "+
			"union select x.id from lectura.efectivos_nombres y join lectura.efectivos x on x.usuario = y.usuario "+
			"where to_tsvector('simple', y.busqueda) @@ %s::text::tsquery)", query, query)
	}
	return nil
}

// maxRadio in metres: half way round the Earth.
const maxRadio = 20_100_000
