package aprobaciones

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/domain/aprobacion"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/projections"
)

// Aprobacion is a request as it stands.
type Aprobacion struct {
	ID          ident.Aprobacion  `json:"id"`
	Estado      aprobacion.Estado `json:"estado"`
	Pedido      aprobacion.Pedido `json:"pedido"`
	Solicitante ident.Usuario     `json:"solicitante,omitzero"`
	Resolvio    ident.Usuario     `json:"resolvio,omitzero"`
	Motivo      string            `json:"motivo"`
	Respuesta   string            `json:"respuesta,omitzero"`
	Solicitada  time.Time         `json:"solicitada"`
	Vence       time.Time         `json:"vence"`
	Version     int64             `json:"version"`
	Posicion    int64             `json:"posicion"`
}

// List is one page of requests.
type List = projections.Page[Aprobacion]

// Filter of a list.
type Filter struct {
	Estados []aprobacion.Estado
	Cursor  string
	Limite  int
}

// Reader answers questions about requests. It is safe for concurrent use.
type Reader struct{ reads projections.Reads }

// NewReader returns a Reader over the living read model.
func NewReader(pool *pgxpool.Pool) *Reader { return &Reader{projections.NewReads(pool)} }

func (f *fila) vista() (Aprobacion, error) {
	a := Aprobacion{
		ID: ident.Aprobacion(f.id), Estado: f.estado, Solicitante: f.solicitante, Resolvio: f.resolvio,
		Motivo: f.motivo.Value, Respuesta: f.respuesta.Value, Solicitada: f.solicitada, Vence: f.vence,
		Version: f.version, Posicion: f.posicion,
	}
	if err := json.Unmarshal(f.pedido, &a.Pedido); err != nil {
		return a, fmt.Errorf("read the request %s: %w", f.id, err)
	}
	return a, nil
}

func alcance(w *projections.Where, s projections.Scope) bool {
	if s.Nobody() {
		return false
	}
	if s.Alcance != permiso.Todo {
		w.And("solicitante = %s", string(s.Usuario))
	}
	return true
}

// Get returns one request, or aprobacion.ErrNoExiste also when it is out of reach.
func (r *Reader) Get(ctx context.Context, s projections.Scope, id ident.Aprobacion) (Aprobacion, error) {
	w := &projections.Where{}
	if !alcance(w, s) {
		return Aprobacion{}, aprobacion.ErrNoExiste
	}
	w.And("id = %s", string(id))
	var f fila
	err := f.lee(r.reads.QueryRow(ctx, s, "select "+columns+" from lectura.aprobaciones"+w.SQL(), w.Args()...))
	if errors.Is(err, pgx.ErrNoRows) {
		return Aprobacion{}, aprobacion.ErrNoExiste
	}
	if err != nil {
		return Aprobacion{}, projections.Translate(err, "read an aprobacion")
	}
	return f.vista()
}

// List returns one page of the requests that match, newest first.
func (r *Reader) List(ctx context.Context, s projections.Scope, f Filter) (List, error) {
	w := &projections.Where{}
	visible := alcance(w, s)
	if len(f.Estados) > 0 {
		w.And("estado = any(%s)", f.Estados)
	}
	return listing.Page(ctx, r.reads, s, projections.Question{Cursor: f.Cursor, Limite: f.Limite, Where: w, Visible: visible})
}

var listing = projections.Listing[Aprobacion]{
	Name: "aprobaciones", Follows: []string{Name}, Tables: []string{"aprobaciones"}, Columns: columns, From: "lectura.aprobaciones",
	Fields: map[string]projections.Sortable{"solicitada": {SQL: "solicitada", Type: "timestamptz"}},
	ID:     projections.Sortable{SQL: "id", Type: "uuid"}, Orden: "-solicitada",
	Scan: func(row pgx.Row, keys *[]string) (Aprobacion, error) {
		var f fila
		if err := f.lee(row, keys); err != nil {
			return Aprobacion{}, err
		}
		return f.vista()
	},
}

// Late lists what is still open after its time.
func (r *Reader) Late(ctx context.Context, now time.Time) ([]ident.Aprobacion, error) {
	rows, err := r.reads.Query(ctx, projections.System,
		"select id::text from lectura.aprobaciones where estado in ('solicitada', 'aprobada') and vence <= $1 order by vence limit 200", now)
	if err != nil {
		return nil, projections.Translate(err, "look for late aprobaciones")
	}
	late, err := pgx.CollectRows(rows, pgx.RowTo[ident.Aprobacion])
	return late, projections.Translate(err, "look for late aprobaciones")
}
