// Package alarmas is the read model of the alarms about the use of the system itself: who set
// one off, and who has looked into it.
//
// The alarm and what became of it are facts of two streams, so they are rows of two tables:
// one that stands still keeps no other back.
package alarmas

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/auditoria"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/operacion"
	"github.com/grupo-gad/gad/domain/sesion"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
)

// Name of the projection.
const Name = "alarmas"

// Clase is what an alarm is about.
type Clase string

// The alarms there are.
const (
	LecturaMasiva   Clase = "lectura_masiva"            // somebody read a great many people's data
	Administrador   Clase = "administrador_en_servidor" // the rol was given on the server, by nobody in particular
	SesionDuplicada Clase = "sesion_duplicada"          // a refresh token was used twice: somebody has a copy
)

// De tells whether a fact is an alarm, of which class, and whom it is about.
func De(rec eventstore.Recorded) (clase Clase, quien ident.Usuario, ok bool) {
	switch e := rec.Event.(type) {
	case auditoria.LecturaMasiva:
		return LecturaMasiva, e.Usuario, true
	case usuario.RolCambiado:
		return Administrador, ident.Usuario(projections.Key(rec.Stream)), e.EnServidor
	case sesion.FamiliaRevocada:
		return SesionDuplicada, e.Usuario, true
	}
	return "", "", false
}

// Projection writes lectura.alarmas and lectura.alarmas_atendidas.
type Projection struct{}

// Name implements projections.Projection.
func (Projection) Name() string { return Name }

// Version implements projections.Projection.
func (Projection) Version() int { return 1 }

// Categories implements projections.Projection.
func (Projection) Categories() []string { return []string{"auditoria", "usuario", "sesion", "alerta"} }

// Tables implements projections.Projection.
func (Projection) Tables() []projections.Table {
	return []projections.Table{{Name: "alarmas", Key: "id"}, {Name: "alarmas_atendidas", Key: "alarma"}}
}

// Fold implements projections.Projection.
func (Projection) Fold() projections.Fold {
	return &fold{projections.NewRows(&filas), projections.NewRows(&atenciones)}
}

type fold struct {
	alarmas   *projections.Rows[fila]
	atendidas *projections.Rows[atencion]
}

// Load implements projections.Fold: rows are made once and never change.
func (f *fold) Load(context.Context, pgx.Tx, []eventstore.Recorded) error { return nil }

func (f *fold) Save(ctx context.Context, tx pgx.Tx, texts projections.Texts) error {
	return errors.Join(f.alarmas.Save(ctx, tx, texts), f.atendidas.Save(ctx, tx, texts))
}

// Apply implements projections.Fold.
func (f *fold) Apply(r eventstore.Recorded) error {
	if e, ok := r.Event.(operacion.AlertaAtendida); ok {
		alarma := strings.TrimPrefix(string(r.Stream), operacion.StreamAlerta(""))
		f.atendidas.Put(alarma, &atencion{alarma, e.Usuario, projections.Micro(e.En), int64(r.Position)})
		return nil
	}
	clase, quien, ok := De(r)
	if !ok {
		return nil
	}
	x := &fila{id: ID(r), clase: clase, usuario: quien, en: projections.Micro(r.RecordedAt), posicion: int64(r.Position)}
	if e, ok := r.Event.(auditoria.LecturaMasiva); ok {
		x.lecturas = e.Lecturas
	}
	f.alarmas.Put(x.id, x)
	return nil
}

// ID names an alarm: the stream and the version of its fact.
func ID(r eventstore.Recorded) string { return fmt.Sprintf("%s@%d", r.Stream, r.Version) }

// fila is one row of lectura.alarmas.
type fila struct {
	id       string
	clase    Clase
	usuario  ident.Usuario
	lecturas int
	en       time.Time
	posicion int64
}

var filas = projections.Schema[fila]{
	Table: "alarmas", Key: "id", Select: "id, clase, coalesce(usuario::text, ''), lecturas, en, posicion",
	Columns: []string{"id", "clase", "usuario", "lecturas", "en", "posicion"},
	Scan: func(row pgx.Row, f *fila) error {
		return row.Scan(&f.id, &f.clase, &f.usuario, &f.lecturas, &f.en, &f.posicion)
	},
	Values: func(f *fila) []any {
		return []any{f.id, string(f.clase), projections.UUID(f.usuario), f.lecturas, f.en, f.posicion}
	},
}

// atencion is one row of lectura.alarmas_atendidas.
type atencion struct {
	alarma   string
	usuario  ident.Usuario
	en       time.Time
	posicion int64
}

var atenciones = projections.Schema[atencion]{
	Table: "alarmas_atendidas", Key: "alarma", Select: "alarma, usuario::text, en, posicion",
	Columns: []string{"alarma", "usuario", "en", "posicion"},
	Scan:    func(row pgx.Row, a *atencion) error { return row.Scan(&a.alarma, &a.usuario, &a.en, &a.posicion) },
	Values: func(a *atencion) []any {
		return []any{a.alarma, projections.UUID(a.usuario), a.en, a.posicion}
	},
}
