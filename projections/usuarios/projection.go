// Package usuarios is what the doors know of who is asking.
//
// It writes lectura.usuarios from the facts of each Usuario, and lectura.usuarios_efectivos,
// which Efectivo somebody is, from those of the Efectivo. Of the personal data it opens the
// name alone.
package usuarios

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
)

// Name of the projection.
const Name = "usuarios"

// Projection writes lectura.usuarios and lectura.usuarios_efectivos.
type Projection struct{}

// Name implements projections.Projection.
func (Projection) Name() string { return Name }

// Version implements projections.Projection.
func (Projection) Version() int { return 1 }

// Categories implements projections.Projection.
func (Projection) Categories() []string { return []string{"usuario", "efectivo"} }

// Tables implements projections.Projection.
func (Projection) Tables() []projections.Table {
	return []projections.Table{{Name: "usuarios", Key: "id"}, {Name: "usuarios_efectivos", Key: "efectivo"}}
}

// Fold implements projections.Projection.
func (Projection) Fold() projections.Fold {
	return &fold{projections.NewRows(&usuarios), projections.NewRows(&vinculos)}
}

type fold struct {
	usuarios *projections.Rows[fila]
	vinculos *projections.Rows[vinculo]
}

func (f *fold) Load(ctx context.Context, tx pgx.Tx, window []eventstore.Recorded) error {
	return f.usuarios.Load(ctx, tx, projections.Keys(window, "usuario"))
}

func (f *fold) Save(ctx context.Context, tx pgx.Tx, texts projections.Texts) error {
	return errors.Join(f.usuarios.Save(ctx, tx, texts), f.vinculos.Save(ctx, tx, texts))
}

// Apply implements projections.Fold.
func (f *fold) Apply(r eventstore.Recorded) error {
	id := projections.Key(r.Stream)
	switch e := r.Event.(type) {
	case efectivo.Event:
		f.vincula(e, r)
		return nil
	case usuario.Registrado:
		f.usuarios.Put(id, &fila{
			id: id, sujeto: e.Sujeto, rol: e.Rol, nombre: projections.Sealed(e.Nombre), apellido: projections.Sealed(e.Apellido),
			simulado: e.Simulado, version: int64(r.Version), posicion: int64(r.Position),
		})
		return nil
	case usuario.Event:
		row := f.usuarios.Get(id)
		if row == nil {
			return errors.New("the usuario has no row")
		}
		row.aplica(e)
		row.version, row.posicion = int64(r.Version), int64(r.Position)
		return nil
	}
	return fmt.Errorf("foreign event %T", r.Event)
}

func (f *fold) vincula(e efectivo.Event, r eventstore.Recorded) {
	switch e := e.(type) {
	case efectivo.Registrado:
		f.vinculos.Put(projections.Key(r.Stream), &vinculo{projections.Key(r.Stream), e.Usuario, int64(r.Position)})
	case efectivo.FichaModificada, efectivo.TurnoIniciado, efectivo.TurnoFinalizado, efectivo.DisponibilidadCambiada,
		efectivo.UbicacionConfirmada, efectivo.SenalPerdida, efectivo.SenalRecuperada,
		efectivo.ZonaIngresada, efectivo.ZonaAbandonada, efectivo.SOSActivado, efectivo.SOSAtendido,
		efectivo.LicenciaSolicitada, efectivo.LicenciaAprobada, efectivo.LicenciaRechazada, efectivo.DadoDeBaja:
	}
}

// fila is one row of lectura.usuarios.
type fila struct {
	id                string
	sujeto            ident.Sujeto
	rol               permiso.Rol
	nombre, apellido  projections.Text // once stored, nombre is the whole name
	telegram          bool
	simulado          bool
	version, posicion int64
}

func (f *fila) aplica(e usuario.Event) {
	switch e.(type) {
	case usuario.Registrado, usuario.CredencialCambiada:
	case usuario.TelegramVinculado:
		f.telegram = true
	case usuario.TelegramDesvinculado:
		f.telegram = false
	case usuario.DatosPersonalesEliminados:
		f.telegram, f.nombre, f.apellido = false, projections.Text{}, projections.Text{}
	}
}

var usuarios = projections.Schema[fila]{
	Table: "usuarios", Key: "id",
	Select:  "id::text, sujeto::text, rol, nombre, telegram, simulado, version, posicion",
	Columns: []string{"id", "sujeto", "rol", "nombre", "telegram", "simulado", "version", "posicion"},
	Scan: func(row pgx.Row, f *fila) error {
		return row.Scan(&f.id, &f.sujeto, &f.rol, &f.nombre.Value, &f.telegram, &f.simulado, &f.version, &f.posicion)
	},
	Texts: func(f *fila) []*projections.Text { return []*projections.Text{&f.nombre, &f.apellido} },
	Values: func(f *fila) []any {
		return []any{
			projections.UUID(f.id), projections.UUID(f.sujeto), string(f.rol),
			strings.TrimSpace(f.nombre.Value + " " + f.apellido.Value), f.telegram, f.simulado, f.version, f.posicion,
		}
	},
}

type vinculo struct {
	efectivo string
	usuario  ident.Usuario
	posicion int64
}

var vinculos = projections.Schema[vinculo]{
	Table: "usuarios_efectivos", Key: "efectivo", Columns: []string{"efectivo", "usuario", "posicion"},
	Values: func(v *vinculo) []any {
		return []any{projections.UUID(v.efectivo), projections.UUID(v.usuario), v.posicion}
	},
}

// Reader answers who somebody is. It is safe for concurrent use.
type Reader struct{ reads projections.Reads }

// NewReader returns a Reader over the living read model.
func NewReader(pool *pgxpool.Pool) *Reader { return &Reader{projections.NewReads(pool)} }

// Get returns one Usuario, or usuario.ErrNoExiste. It is asked by the doors, before anybody
// has a scope.
func (r *Reader) Get(ctx context.Context, id ident.Usuario) (Usuario, error) {
	parsed, err := ident.Parse[ident.Usuario](string(id))
	if err != nil {
		return Usuario{}, usuario.ErrNoExiste
	}
	var u Usuario
	err = r.reads.QueryRow(ctx, projections.System, `
		select u.id::text, u.sujeto::text, u.rol, u.nombre, u.telegram, u.simulado, u.version, u.posicion,
			-- One person may be entered twice; the last registration is who he is now.
			coalesce((select v.efectivo::text from lectura.usuarios_efectivos v where v.usuario = u.id order by v.posicion desc limit 1), '')
		from lectura.usuarios u where u.id = $1`, string(parsed)).
		Scan(&u.ID, &u.Sujeto, &u.Rol, &u.Nombre, &u.Telegram, &u.Simulado, &u.Version, &u.Posicion, &u.Efectivo)
	if errors.Is(err, pgx.ErrNoRows) {
		return Usuario{}, usuario.ErrNoExiste
	}
	return u, projections.Translate(err, "read a usuario")
}
