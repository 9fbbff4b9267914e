// Package politicas keeps the timers of the policies: rows derived from the log, in
// lectura.timers, with what they are derived from in lectura.politicas.
//
// A restart loses none and a rebuild makes them anew. How long is waited is no part of the
// rows: it is a setting, so that a replay comes to the same rows whatever it is. What was fired is no part of
// the read model: eventos.disparos remembers it, so that a timer whose order changed
// nothing is not given again at every look. Losing a row of that table is harmless:
// the order carries the timer's own command id.
package politicas

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/politica"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
)

// Name of the projection.
const Name = "politicas"

// Projection writes lectura.politicas and lectura.timers.
type Projection struct{}

// Name implements projections.Projection.
func (Projection) Name() string { return Name }

// Version implements projections.Projection.
func (Projection) Version() int { return 4 }

// Categories implements projections.Projection.
func (Projection) Categories() []string { return []string{"tarea", "efectivo"} }

// Tables implements projections.Projection.
func (Projection) Tables() []projections.Table {
	return []projections.Table{{Name: "politicas", Key: "objeto"}, {Name: "timers", Key: "id"}}
}

// Fold implements projections.Projection.
func (Projection) Fold() projections.Fold {
	return &fold{objetos: projections.NewRows(&objetos), touched: map[string]*objeto{}}
}

type fold struct {
	objetos *projections.Rows[objeto]
	touched map[string]*objeto // since the last Save
}

// objeto is one row of lectura.politicas: a Tarea or an Efectivo.
type objeto struct {
	id       string
	Tarea    *politica.Tarea    `json:"tarea,omitzero"`
	Efectivo *politica.Efectivo `json:"efectivo,omitzero"`
	posicion int64
}

func (o *objeto) esperas() []politica.Espera {
	switch {
	case o.Tarea != nil:
		return o.Tarea.Esperas(ident.Tarea(o.id))
	case o.Efectivo != nil:
		return o.Efectivo.Esperas(ident.Efectivo(o.id))
	}
	return nil
}

// aceleracion is how many times faster than the clock he lives; 1 for a Tarea.
func (o *objeto) aceleracion() float64 {
	if o.Efectivo == nil {
		return 1
	}
	return max(1, o.Efectivo.Aceleracion)
}

// Load implements projections.Fold.
func (f *fold) Load(ctx context.Context, tx pgx.Tx, window []eventstore.Recorded) error {
	return f.objetos.Load(ctx, tx, append(projections.Keys(window, "tarea"), projections.Keys(window, "efectivo")...))
}

var errAusente = errors.New("there is no row of what the fact is about")

// Apply implements projections.Fold.
func (f *fold) Apply(r eventstore.Recorded) error {
	id := projections.Key(r.Stream)
	row := f.objetos.Get(id)
	switch e := r.Event.(type) {
	case tarea.Event:
		if _, opens := e.(tarea.Creada); opens {
			row = &objeto{id: id, Tarea: &politica.Tarea{}}
			f.objetos.Put(id, row)
		}
		if row == nil || row.Tarea == nil {
			return errAusente
		}
		row.Tarea.Aplica(e)
	case efectivo.Event:
		if _, opens := e.(efectivo.Registrado); opens {
			row = &objeto{id: id, Efectivo: &politica.Efectivo{}}
			f.objetos.Put(id, row)
		}
		if row == nil || row.Efectivo == nil {
			return errAusente
		}
		row.Efectivo.Aplica(e, fmt.Sprintf("%s@%d", r.Stream, r.Version))
	default:
		return fmt.Errorf("foreign event %T", r.Event)
	}
	row.id, row.posicion = id, int64(r.Position)
	f.touched[id] = row
	return nil
}

// Save implements projections.Fold: the timers of what was touched are replaced.
func (f *fold) Save(ctx context.Context, tx pgx.Tx, texts projections.Texts) error {
	if len(f.touched) == 0 {
		return nil
	}
	ids := make([]string, 0, len(f.touched))
	var waits []politica.Espera
	var of []string
	for id, row := range f.touched {
		ids = append(ids, id)
		for _, e := range row.esperas() {
			waits, of = append(waits, e), append(of, id)
		}
	}
	clear(f.touched)
	if _, err := tx.Exec(ctx, `delete from timers where objeto = any($1::uuid[])`, ids); err != nil {
		return fmt.Errorf("replace timers: %w", err)
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"timers"},
		[]string{"id", "objeto", "efectivo", "clase", "nivel", "base", "desde", "timer"},
		pgx.CopyFromSlice(len(waits), func(i int) ([]any, error) {
			e := waits[i]
			text, err := json.Marshal(e)
			var since any
			if !e.Desde.IsZero() {
				since = projections.Micro(e.Desde)
			}
			return []any{
				e.ID(), projections.UUID(of[i]), projections.UUID(e.Efectivo), string(e.Clase), int16(e.Nivel), projections.Micro(e.Base), since, string(text),
			}, err
		}))
	if err != nil {
		return fmt.Errorf("write timers: %w", err)
	}
	return f.objetos.Save(ctx, tx, texts)
}

var objetos = projections.Schema[objeto]{
	Table: "politicas", Key: "objeto", Select: "estado, posicion", Columns: []string{"objeto", "estado", "aceleracion", "posicion"},
	Scan: func(row pgx.Row, o *objeto) error {
		var text string
		if err := row.Scan(&text, &o.posicion); err != nil {
			return err
		}
		return json.Unmarshal([]byte(text), o)
	},
	Values: func(o *objeto) []any {
		text, err := json.Marshal(o)
		if err != nil {
			return []any{projections.UUID(o.id), nil, 1.0, o.posicion} // refused by the table, which parks the stream
		}
		return []any{projections.UUID(o.id), string(text), o.aceleracion(), o.posicion}
	},
}
