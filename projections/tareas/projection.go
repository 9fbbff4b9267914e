// Package tareas is the read model behind every list of Tareas.
//
// Rows are a function of the facts of one Tarea and of the texts the vault still opens: no
// column depends on when it was written. The Reader answers only what the Scope may see and
// says of which log position its answer is true.
package tareas

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
)

// Name of the projection.
const Name = "tareas"

// Projection writes lectura.tareas, its details, its texts and their words.
type Projection struct{}

// Name implements projections.Projection.
func (Projection) Name() string { return Name }

// Version implements projections.Projection.
func (Projection) Version() int { return 1 }

// Categories implements projections.Projection.
func (Projection) Categories() []string { return []string{"tarea"} }

// Tables implements projections.Projection.
func (Projection) Tables() []projections.Table {
	return []projections.Table{
		{Name: "tareas", Key: "id"}, {Name: "tareas_detalle", Key: "id"}, {Name: "tareas_textos", Key: "id"}, {Name: "tareas_palabras", Key: "palabra"},
	}
}

// Fold implements projections.Projection.
func (Projection) Fold() projections.Fold {
	return &fold{projections.NewRows(&schema), projections.NewRows(&detalles), projections.NewRows(&textos), palabras{}, map[string]bool{}}
}

// Sealed implements projections.Opener: all but the texts that few Tareas have.
func (Projection) Sealed(e event.Event) []sealed.Commitment {
	c, ok := e.(tarea.Creada)
	if !ok {
		return nil
	}
	of := []sealed.Commitment{c.Titulo, c.Descripcion, c.Telefono}
	if c.Ubicacion != nil {
		of = append(of, c.Ubicacion.Descripcion)
	}
	return of
}

type fold struct {
	rows     *projections.Rows[fila]
	detalles *projections.Rows[detalle]
	textos   *projections.Rows[texto]
	palabras palabras
	dichas   map[string]bool // Tareas whose words changed
}

func (f *fold) Load(ctx context.Context, tx pgx.Tx, window []eventstore.Recorded) error {
	var reworded []eventstore.Recorded
	for _, r := range window {
		if _, ok := r.Event.(tarea.Modificada); ok {
			reworded = append(reworded, r)
		}
	}
	keys := projections.Keys(window, "tarea")
	return errors.Join(f.rows.Load(ctx, tx, keys), f.detalles.Load(ctx, tx, keys), f.textos.Load(ctx, tx, projections.Keys(reworded, "tarea")))
}

// Save opens the texts for the rows, and then has the words of those that changed.
func (f *fold) Save(ctx context.Context, tx pgx.Tx, texts projections.Texts) error {
	if err := errors.Join(f.rows.Save(ctx, tx, texts), f.detalles.Save(ctx, tx, texts)); err != nil {
		return err
	}
	for id := range f.dichas {
		if t := f.rows.Peek(id); t != nil {
			now := &texto{id, t.busqueda()}
			if before := f.textos.Peek(id); before != nil {
				f.palabras.cuenta(before.busqueda, -1)
			}
			f.palabras.cuenta(now.busqueda, 1)
			f.textos.Put(id, now)
		}
	}
	clear(f.dichas)
	if err := f.textos.Save(ctx, tx, texts); err != nil {
		return err
	}
	return f.palabras.Save(ctx, tx)
}

// errAusente refuses a fact about a Tarea that has no row.
var errAusente = errors.New("the tarea has no row")

// Apply implements projections.Fold.
func (f *fold) Apply(r eventstore.Recorded) error {
	e, ok := r.Event.(tarea.Event)
	if !ok {
		return fmt.Errorf("foreign event %T", r.Event)
	}
	id := projections.Key(r.Stream)
	if creada, ok := e.(tarea.Creada); ok {
		f.rows.Put(id, nueva(id, creada, r))
		f.detalla(id, creada, r)
		f.dichas[id] = true
		return nil
	}
	t := f.rows.Get(id)
	if t == nil {
		return errAusente
	}
	t.aplica(e)
	if _, ok := e.(tarea.Modificada); ok {
		f.dichas[id] = true
	}
	t.version, t.posicion = int64(r.Version), int64(r.Position)
	f.detalla(id, e, r)
	return nil
}

// detalla moves the row of details, which most Tareas do not have. Whoever may see the
// Tarea may see them.
func (f *fold) detalla(id string, e tarea.Event, r eventstore.Recorded) {
	ven := f.rows.Peek(id).ven()
	d := f.detalles.Peek(id)
	switch {
	case d == nil && !detalla(e):
		return
	case d == nil:
		d = &detalle{id: id}
		f.detalles.Put(id, d)
	case !detalla(e) && slices.Equal(d.ven, ven):
		return
	default:
		d = f.detalles.Get(id)
	}
	d.aplica(e)
	d.ven, d.version, d.posicion = ven, int64(r.Version), int64(r.Position)
}

// ven lists those who may see the Tarea, as users and as Efectivos.
func (t *fila) ven() (ids []string) {
	for _, id := range []ident.Usuario{t.creador, t.delegado} {
		if id != "" {
			ids = append(ids, string(id))
		}
	}
	for _, id := range t.alcanza() {
		ids = append(ids, string(id))
	}
	return ids
}

func nueva(id string, e tarea.Creada, r eventstore.Recorded) *fila {
	t := &fila{
		id: id, codigo: e.Codigo, titulo: projections.Sealed(e.Titulo), descripcion: projections.Sealed(e.Descripcion),
		tipo: e.Tipo, prioridad: e.Prioridad, estado: tarea.EstadoProgramada,
		inicioProgramado: projections.Micro(e.InicioProgramado), finProgramado: projections.MicroPtr(e.FinProgramado),
		creador: e.Creador, delegado: e.Delegado, zona: e.Zona, simulada: e.Simulada, creada: projections.Micro(e.En),
		version: int64(r.Version), posicion: int64(r.Position),
	}
	t.ubica(e.Ubicacion)
	return t
}

func (t *fila) ubica(u *tarea.Ubicacion) {
	if u == nil {
		return
	}
	t.lat, t.lon, t.lugar = new(u.Lat), new(u.Lon), projections.Sealed(u.Descripcion)
}

// aplica moves the row. It switches over every fact of a Tarea, so that a new one is noticed.
func (t *fila) aplica(e tarea.Event) {
	switch e := e.(type) {
	case tarea.Creada: // starts a row
	case tarea.Modificada:
		t.modifica(e)
	case tarea.PrioridadCambiada:
		t.prioridad = e.Prioridad
	case tarea.Delegada:
		t.delegado = e.Delegado
	case tarea.EfectivoOfrecido:
		t.asigna(e.Efectivo, tarea.PasoOfrecida, e.En)
	case tarea.EfectivoAsignado:
		t.asigna(e.Efectivo, tarea.PasoAsignada, e.En)
	case tarea.AsignacionAceptada:
		t.asigna(e.Efectivo, tarea.PasoAceptada, e.En)
	case tarea.AsignacionRechazada:
		t.asigna(e.Efectivo, tarea.PasoRechazada, e.En)
	case tarea.EfectivoEnCamino:
		t.asigna(e.Efectivo, tarea.PasoEnCamino, e.En)
	case tarea.EfectivoEnLugar:
		t.asigna(e.Efectivo, tarea.PasoEnLugar, e.En)
	case tarea.EfectivoLiberado:
		t.asigna(e.Efectivo, tarea.PasoLiberada, e.En)
	case tarea.Iniciada:
		t.estado, t.inicioReal = tarea.EstadoEnCurso, new(projections.Micro(e.En))
	case tarea.Pausada:
		t.estado, t.pausadaDesde = tarea.EstadoPausada, new(projections.Micro(e.En))
	case tarea.Reanudada:
		t.estado = tarea.EstadoEnCurso
		t.cierraPausa(e.En)
	case tarea.Finalizada:
		t.termina(tarea.EstadoFinalizada, e.En)
	case tarea.Cancelada:
		t.termina(tarea.EstadoCancelada, e.En)
	case tarea.Reabierta:
		t.reabre(e.En)
	case tarea.NotaAgregada, tarea.AdjuntoAgregado, tarea.ListaDefinida, tarea.PuntoDeListaCumplido, tarea.RecomendacionEmitida,
		tarea.Escalada, tarea.RecordatorioEnviado, tarea.RecordatorioAcusado: // not in this row: see detalle
	}
}

func (t *fila) modifica(e tarea.Modificada) {
	if e.Titulo != nil {
		t.titulo = projections.Sealed(*e.Titulo)
	}
	if e.Descripcion != nil {
		t.descripcion = projections.Sealed(*e.Descripcion)
	}
	if e.Tipo != nil {
		t.tipo = *e.Tipo
	}
	if e.InicioProgramado != nil {
		t.inicioProgramado = projections.Micro(*e.InicioProgramado)
	}
	if e.FinProgramado != nil {
		t.finProgramado = projections.MicroPtr(e.FinProgramado)
	}
	if e.Zona != nil {
		t.zona = *e.Zona
	}
	t.ubica(e.Ubicacion)
	if e.SinDescripcion {
		t.descripcion = projections.Text{}
	}
	if e.SinFin {
		t.finProgramado = nil
	}
	if e.SinUbicacion {
		t.lat, t.lon, t.lugar = nil, nil, projections.Text{}
	}
	if e.SinZona {
		t.zona = ""
	}
}

func (t *fila) asigna(id ident.Efectivo, paso tarea.EstadoAsignacion, en time.Time) {
	a := Asignacion{Efectivo: id, Estado: paso, En: projections.Micro(en)}
	i := slices.IndexFunc(t.asignaciones, func(a Asignacion) bool { return a.Efectivo == id })
	if i < 0 {
		t.asignaciones = append(t.asignaciones, a)
		return
	}
	t.asignaciones[i] = a
}

func (t *fila) cierraPausa(en time.Time) {
	if t.pausadaDesde == nil {
		return
	}
	t.pausasUS += projections.Micro(en).Sub(*t.pausadaDesde).Microseconds()
	t.pausadaDesde = nil
}

func (t *fila) termina(estado tarea.Estado, en time.Time) {
	t.cierraPausa(en) // a Tarea may be cancelled during a pause
	t.estado, t.finReal = estado, new(projections.Micro(en))
}

// reabre counts the time it was closed as a pause: nobody worked.
func (t *fila) reabre(en time.Time) {
	if t.finReal != nil {
		t.pausasUS += projections.Micro(en).Sub(*t.finReal).Microseconds()
	}
	t.estado, t.finReal = tarea.EstadoEnCurso, nil
}

// alcanza lists who may see the Tarea as assigned to it: those bound to it, and once it has
// ended those who were freed by its end. Whoever was freed earlier no longer may.
func (t *fila) alcanza() (ids []ident.Efectivo) {
	for _, a := range t.asignaciones {
		if a.Estado.Activa() || a.Estado == tarea.PasoLiberada && t.finReal != nil && a.En.Equal(*t.finReal) {
			ids = append(ids, a.Efectivo)
		}
	}
	return ids
}
