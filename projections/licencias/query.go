package licencias

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/efectivos"
)

// Licencia is one leave as people see it.
type Licencia struct {
	ID            ident.Licencia          `json:"id"`
	Efectivo      ident.Efectivo          `json:"efectivo"`
	CodigoInterno string                  `json:"codigo_interno"`
	Desde         time.Time               `json:"desde"`
	Hasta         time.Time               `json:"hasta"` // excluded
	Estado        efectivo.EstadoLicencia `json:"estado"`
	Vigente       bool                    `json:"vigente"` // he is on it now
	Motivo        string                  `json:"motivo,omitzero"`
	Respuesta     string                  `json:"respuesta,omitzero"` // why it was refused
	Pedida        time.Time               `json:"pedida"`
	Resuelta      *time.Time              `json:"resuelta,omitzero"`
	Posicion      int64                   `json:"posicion"`
}

// Filter narrows a list; zero fields do not filter.
type Filter struct {
	Efectivo     ident.Efectivo
	Estados      []efectivo.EstadoLicencia
	Desde, Hasta *time.Time // those that touch this span
	Orden        string     // "-desde" by default
	Cursor       string
	Limite       int // 1..200; 0 means 50
}

// List is one page of leaves.
type List = projections.Page[Licencia]

// Reader answers questions about leaves. It is safe for concurrent use.
type Reader struct{ reads projections.Reads }

// NewReader returns a Reader over the living read model.
func NewReader(pool *pgxpool.Pool) *Reader { return &Reader{projections.NewReads(pool)} }

const (
	columns = `l.id::text, l.efectivo::text, e.codigo_interno, l.desde, l.hasta, l.estado, l.vigente, l.motivo, l.respuesta,
	l.pedida, l.resuelta, l.posicion`
	from = `lectura.licencias l join lectura.efectivos e on e.id = l.efectivo`
)

func (l *Licencia) lee(row pgx.Row, more ...any) error {
	return row.Scan(append([]any{
		&l.ID, &l.Efectivo, &l.CodigoInterno, &l.Desde, &l.Hasta, &l.Estado, &l.Vigente, &l.Motivo, &l.Respuesta,
		&l.Pedida, &l.Resuelta, &l.Posicion,
	}, more...)...)
}

// Get returns one leave, or efectivo.ErrLicenciaNoExiste also when it is out of reach.
func (r *Reader) Get(ctx context.Context, s projections.Scope, id ident.Licencia) (Licencia, error) {
	w := &projections.Where{}
	if !efectivos.Alcance(w, s) {
		return Licencia{}, efectivo.ErrLicenciaNoExiste
	}
	w.And("l.id = %s", string(id))
	var l Licencia
	err := l.lee(r.reads.QueryRow(ctx, s, "select "+columns+" from "+from+w.SQL(), w.Args()...))
	if errors.Is(err, pgx.ErrNoRows) {
		return Licencia{}, efectivo.ErrLicenciaNoExiste
	}
	return l, projections.Translate(err, "read a licencia")
}

var sortable = map[string]projections.Sortable{
	"desde":          {SQL: "l.desde", Type: "timestamptz"},
	"hasta":          {SQL: "l.hasta", Type: "timestamptz"},
	"pedida":         {SQL: "l.pedida", Type: "timestamptz"},
	"estado":         {SQL: "l.estado", Type: "text"},
	"codigo_interno": {SQL: "e.codigo_interno", Type: "text"},
}

var byID = projections.Sortable{SQL: "l.id", Type: "uuid"}

// List returns one page of the leaves that match a filter, how many there are in
// all, and the position both are true of.
func (r *Reader) List(ctx context.Context, s projections.Scope, f Filter) (List, error) {
	w := &projections.Where{}
	visible := efectivos.Alcance(w, s)
	f.limita(w)
	return listing.Page(ctx, r.reads, s, projections.Question{Orden: f.Orden, Cursor: f.Cursor, Limite: f.Limite, Where: w, Visible: visible})
}

var listing = projections.Listing[Licencia]{
	Name: "licencias", Follows: []string{Name, efectivos.Name}, Tables: []string{"licencias", "efectivos"},
	Columns: columns, From: from, Fields: sortable, ID: byID, Orden: "-desde",
	Scan: func(row pgx.Row, keys *[]string) (l Licencia, err error) {
		err = l.lee(row, keys)
		return l, err
	},
}

func (f Filter) limita(w *projections.Where) {
	if f.Efectivo != "" {
		w.And("l.efectivo = %s", string(f.Efectivo))
	}
	if len(f.Estados) > 0 {
		words := make([]string, len(f.Estados))
		for i, e := range f.Estados {
			words[i] = string(e)
		}
		w.And("l.estado = any(%s)", words)
	}
	if f.Desde != nil {
		w.And("l.hasta > %s", *f.Desde)
	}
	if f.Hasta != nil {
		w.And("l.desde < %s", *f.Hasta)
	}
}
