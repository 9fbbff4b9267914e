package marcas

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/marca"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/projections"
)

// Marca is a marker as people see it at an instant.
type Marca struct {
	ID     ident.Marca  `json:"id"`
	Clase  marca.Clase  `json:"clase"`
	Titulo string       `json:"titulo"`
	Estado marca.Estado `json:"estado"`
	geo.Punto
	Zona     ident.Zona    `json:"zona,omitzero"`
	Autor    ident.Usuario `json:"autor,omitzero"`
	Puesta   time.Time     `json:"puesta"`
	Caduca   *time.Time    `json:"caduca"`
	Retirada *time.Time    `json:"retirada,omitzero"`
	Retiro   ident.Usuario `json:"retiro,omitzero"` // who took it away
	Version  int64         `json:"version"`
	Posicion int64         `json:"posicion"`
}

// List is one page of markers.
type List = projections.Page[Marca]

// Filter narrows a list; zero fields do not filter.
type Filter struct {
	Ahora   time.Time      // what is over is over as of it
	Estados []marca.Estado // none: those that are shown
	Clases  []marca.Clase
	Zona    ident.Zona
	BBox    *[4]float64 // west, south, east, north
	Orden   string      // "-puesta" by default
	Cursor  string
	Limite  int // 1..200; 0 means 50
}

// Reader answers questions about markers. It is safe for concurrent use.
type Reader struct{ reads projections.Reads }

// NewReader returns a Reader over the living read model.
func NewReader(pool *pgxpool.Pool) *Reader { return &Reader{projections.NewReads(pool)} }

func (f *fila) vista(at time.Time) Marca {
	return Marca{
		ID: f.id, Clase: f.clase, Titulo: f.titulo.Value, Estado: marca.EstadoEn(at, f.retirada, f.caduca),
		Punto: geo.Punto{Lat: f.lat, Lon: f.lon}, Zona: f.zona, Autor: f.autor, Puesta: f.puesta, Caduca: f.caduca,
		Retirada: f.retirada, Retiro: f.retiro, Version: f.version, Posicion: f.posicion,
	}
}

// alcance narrows a question to what a scope sees; false when that is nothing at all.
func alcance(w *projections.Where, s projections.Scope) bool {
	switch {
	case s.Nobody():
		return false
	case s.Alcance == permiso.Todo:
	case s.Alcance == permiso.EnJurisdiccion && s.Jurisdiccion != nil:
		if len(s.Jurisdiccion.Zonas) > 0 {
			zonas := make([]string, len(s.Jurisdiccion.Zonas))
			for i, z := range s.Jurisdiccion.Zonas {
				zonas[i] = string(z)
			}
			w.And("zona is null or zona = any(%s::uuid[]) or autor = %s", zonas, string(s.Usuario))
		}
	default:
		w.And("autor = %s", string(s.Usuario))
	}
	return true
}

// Get returns one marker, shown or not, or marca.ErrNoExiste also when it is out of reach.
func (r *Reader) Get(ctx context.Context, s projections.Scope, id ident.Marca, at time.Time) (Marca, error) {
	w := &projections.Where{}
	if !alcance(w, s) {
		return Marca{}, marca.ErrNoExiste
	}
	w.And("id = %s", string(id))
	var f fila
	err := f.lee(r.reads.QueryRow(ctx, s, "select "+columns+" from lectura.marcas"+w.SQL(), w.Args()...))
	if errors.Is(err, pgx.ErrNoRows) {
		return Marca{}, marca.ErrNoExiste
	}
	return f.vista(at), projections.Translate(err, "read a marca")
}

// List returns one page of the markers that match, newest first.
func (r *Reader) List(ctx context.Context, s projections.Scope, f Filter) (List, error) {
	w := &projections.Where{}
	visible := alcance(w, s)
	if err := f.limita(w); err != nil {
		return List{Datos: []Marca{}}, err
	}
	return listing(f.Ahora).Page(ctx, r.reads, s, projections.Question{
		Orden: f.Orden, Cursor: f.Cursor, Limite: f.Limite, Where: w, Visible: visible,
	})
}

var sortable = map[string]projections.Sortable{
	"puesta": {SQL: "puesta", Type: "timestamptz"},
	"caduca": {SQL: "coalesce(caduca, 'infinity')", Type: "timestamptz"},
}

func listing(at time.Time) projections.Listing[Marca] {
	return projections.Listing[Marca]{
		Name: "marcas", Follows: []string{Name}, Tables: []string{"marcas"}, Columns: columns, From: "lectura.marcas",
		Fields: sortable, ID: projections.Sortable{SQL: "id", Type: "uuid"}, Orden: "-puesta",
		Scan: func(row pgx.Row, keys *[]string) (Marca, error) {
			var f fila
			err := f.lee(row, keys)
			return f.vista(at), err
		},
	}
}

func (f Filter) limita(w *projections.Where) error {
	estados := f.Estados
	if len(estados) == 0 {
		estados = []marca.Estado{marca.Vigente}
	}
	either := make([]string, len(estados))
	for i, e := range estados {
		switch e {
		case marca.Vigente:
			either[i] = "retirada is null and (caduca is null or caduca > " + w.Arg(f.Ahora) + ")"
		case marca.Caducada:
			either[i] = "retirada is null and caduca <= " + w.Arg(f.Ahora)
		case marca.Quitada:
			either[i] = "retirada is not null"
		}
	}
	w.And(strings.Join(either, " or "))
	if len(f.Clases) > 0 {
		w.And("clase = any(%s)", f.Clases)
	}
	if f.Zona != "" {
		w.And("zona = %s", string(f.Zona))
	}
	if f.BBox == nil {
		return nil
	}
	return projections.InBox(w, "lat", "lon", *f.BBox)
}
