package alarmas

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/projections"
)

// Alarma is an alarm as it stands.
type Alarma struct {
	ID       string        `json:"id"`
	Clase    Clase         `json:"clase"`
	Usuario  ident.Usuario `json:"usuario,omitzero"`  // whom it is about
	Lecturas int           `json:"lecturas,omitzero"` // how many people's data were read
	En       time.Time     `json:"en"`
	Posicion int64         `json:"posicion"`
	Atendida bool          `json:"atendida"`
	Atendio  ident.Usuario `json:"atendio,omitzero"` // who looked into it
	Cuando   *time.Time    `json:"atendida_en,omitzero"`
}

// List is one page of alarms.
type List = projections.Page[Alarma]

// Filter of a list.
type Filter struct {
	Atendida *bool
	Clases   []Clase
	Cursor   string
	Limite   int
}

// Reader answers questions about alarms. It is safe for concurrent use.
type Reader struct{ reads projections.Reads }

// NewReader returns a Reader over the living read model.
func NewReader(pool *pgxpool.Pool) *Reader { return &Reader{projections.NewReads(pool)} }

// List returns one page of the alarms that match, newest first. They are for whoever may see
// all of them, and for nobody else: the use of the system lies in no part of the operation.
func (r *Reader) List(ctx context.Context, s projections.Scope, f Filter) (List, error) {
	if s.Alcance != permiso.Todo {
		return List{}, permiso.ErrProhibido
	}
	w := &projections.Where{}
	if f.Atendida != nil {
		w.And("(t.alarma is not null) = %s", *f.Atendida)
	}
	if len(f.Clases) > 0 {
		words := make([]string, len(f.Clases))
		for i, c := range f.Clases {
			words[i] = string(c)
		}
		w.And("a.clase = any(%s)", words)
	}
	return listing.Page(ctx, r.reads, s, projections.Question{
		Cursor: f.Cursor, Limite: f.Limite, Where: w, Visible: true,
	})
}

var listing = projections.Listing[Alarma]{
	Name: "alarmas", Follows: []string{Name}, Tables: []string{"alarmas", "alarmas_atendidas"},
	Columns: `a.id, a.clase, coalesce(a.usuario::text, ''), a.lecturas, a.en, greatest(a.posicion, coalesce(t.posicion, 0)),
	t.alarma is not null, coalesce(t.usuario::text, ''), t.en`,
	From:   "lectura.alarmas a left join lectura.alarmas_atendidas t on t.alarma = a.id",
	Fields: map[string]projections.Sortable{"en": {SQL: "a.en", Type: "timestamptz"}},
	ID:     projections.Sortable{SQL: "a.id", Type: "text"}, Orden: "-en",
	Scan: func(row pgx.Row, keys *[]string) (a Alarma, err error) {
		err = row.Scan(&a.ID, &a.Clase, &a.Usuario, &a.Lecturas, &a.En, &a.Posicion, &a.Atendida, &a.Atendio, &a.Cuando, keys)
		return a, err
	},
}
