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
func (Projection) Version() int { return 2 }

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
			simulado: e.Simulado, estado: Activo, permiso: int64(r.Version), version: int64(r.Version), posicion: int64(r.Position),
		})
		return nil
	case usuario.Event:
		row := f.usuarios.Get(id)
		if row == nil {
			return errors.New("the usuario has no row")
		}
		row.aplica(e, int64(r.Version))
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
	estado            Estado
	verificado        bool
	segundo           bool
	zonas             []ident.Zona
	unidades          []string
	permiso           int64 // version of the last fact that changed what he may do
	version, posicion int64
}

func (f *fila) aplica(e usuario.Event, version int64) {
	switch e := e.(type) {
	case usuario.Registrado, usuario.CredencialCambiada:
	case usuario.DatosModificados:
		if e.Nombre != nil && e.Apellido != nil {
			f.nombre, f.apellido = projections.Sealed(*e.Nombre), projections.Sealed(*e.Apellido)
		}
	case usuario.RolCambiado:
		f.rol, f.permiso = e.Rol, version
	case usuario.JurisdiccionAsignada:
		f.zonas, f.unidades, f.permiso = e.Zonas, e.Unidades, version
	case usuario.Bloqueado:
		f.estado, f.permiso = Bloqueado, version
	case usuario.Desbloqueado:
		f.estado, f.permiso = Activo, version
	case usuario.DadoDeBaja:
		f.estado, f.permiso, f.telegram, f.segundo = Baja, version, false, false
	case usuario.Verificado:
		f.verificado = true
	case usuario.SegundoFactorActivado:
		f.segundo = true
	case usuario.SegundoFactorDesactivado:
		f.segundo = false
	case usuario.TelegramVinculado:
		f.telegram = true
	case usuario.TelegramDesvinculado:
		f.telegram = false
	case usuario.DatosPersonalesEliminados:
		f.telegram, f.nombre, f.apellido = false, projections.Text{}, projections.Text{}
	}
}

func (f *fila) entero() string { return strings.TrimSpace(f.nombre.Value + " " + f.apellido.Value) }

var usuarios = projections.Schema[fila]{
	Table: "usuarios", Key: "id",
	Select: "id::text, sujeto::text, rol, nombre, telegram, simulado, estado, verificado, segundo_factor, version_permiso, zonas::text[], unidades, version, posicion",
	Columns: []string{
		"id", "sujeto", "rol", "nombre", "telegram", "simulado", "estado", "verificado", "segundo_factor",
		"version_permiso", "zonas", "unidades", "busqueda", "version", "posicion",
	},
	Scan: func(row pgx.Row, f *fila) error {
		return row.Scan(&f.id, &f.sujeto, &f.rol, &f.nombre.Value, &f.telegram, &f.simulado, &f.estado, &f.verificado, &f.segundo,
			&f.permiso, &f.zonas, &f.unidades, &f.version, &f.posicion)
	},
	Texts: func(f *fila) []*projections.Text { return []*projections.Text{&f.nombre, &f.apellido} },
	Values: func(f *fila) []any {
		return []any{
			projections.UUID(f.id), projections.UUID(f.sujeto), string(f.rol), f.entero(), f.telegram, f.simulado, string(f.estado),
			f.verificado, f.segundo, f.permiso, projections.UUIDs(f.zonas), lista(f.unidades), projections.Searchable(f.entero()), f.version, f.posicion,
		}
	},
}

// lista is never null.
func lista(list []string) []string { return append([]string{}, list...) }

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
