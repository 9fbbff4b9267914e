package live

import (
	"context"
	"fmt"
	"slices"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
)

// atadura is what a Tarea is to a Jurisdiccion: where it is, and whose.
type atadura struct {
	zona      ident.Zona
	duenos    [2]ident.Usuario
	asignados []ident.Efectivo
}

func (f *ficha) atadura() atadura {
	return atadura{f.zona, [2]ident.Usuario{f.creador, f.delegado}, f.activos}
}

// in reports whether the Tarea is in somebody's Jurisdiccion.
func (t *atadura) in(por permiso.Autor) bool {
	return por.Jurisdiccion.Zona(t.zona) || slices.Contains(t.duenos[:], por.Usuario) ||
		por.Efectivo != "" && slices.Contains(t.asignados, por.Efectivo)
}

// within reports whether a fact is in somebody's Jurisdiccion, as things were before it or as they
// are after it: what leaves it is told to those it leaves.
func (a *audience) within(por permiso.Autor) bool {
	if a.concerns(por) {
		return true
	}
	j := por.Jurisdiccion
	switch a.aggregate {
	case "tarea":
		return j.Zona(a.zonas[0]) || j.Zona(a.zonas[1])
	case "marca":
		return j.Zona(a.zonas[0])
	case "efectivo":
		return a.sos || j.Unidad(a.unidades[0]) || j.Unidad(a.unidades[1]) ||
			slices.ContainsFunc(a.atado, func(t atadura) bool { return t.in(por) })
	}
	return false
}

// igual reports whether two answers about somebody say the same. Each brings a Jurisdiccion of
// its own.
func igual(a, b permiso.Autor) bool {
	ja, jb := a.Jurisdiccion, b.Jurisdiccion
	a.Jurisdiccion, b.Jurisdiccion = nil, nil
	return a == b && (ja == nil) == (jb == nil) &&
		(ja == nil || slices.Equal(ja.Zonas, jb.Zonas) && slices.Equal(ja.Unidades, jb.Unidades))
}

// recordadas is how many closed Tareas a roster remembers: those whom their end sets free are
// heard of after it.
const recordadas = 512

// cerrar keeps a closed Tarea for a while.
func (r *roster) cerrar(id ident.Tarea, f *ficha) {
	if _, known := r.cerradas[id]; !known {
		r.orden = append(r.orden, id)
	}
	r.cerradas[id] = f
	if len(r.orden) > recordadas {
		delete(r.cerradas, r.orden[0])
		r.orden = r.orden[1:]
	}
}

// fichaOf returns a Tarea as of a position. One that was never met is folded from its stream.
func (r *roster) fichaOf(ctx context.Context, id ident.Tarea, at eventstore.Position) (*ficha, error) {
	if f := r.tareas[id]; f != nil {
		return f, nil
	}
	if f := r.cerradas[id]; f != nil {
		return f, nil
	}
	f, err := recallTarea(ctx, r.log, id, at)
	if err != nil {
		return nil, err
	}
	if f.cerrada {
		r.cerrar(id, f)
	} else {
		r.tareas[id] = f
	}
	return f, nil
}

// recallTarea folds what the log says of a Tarea up to a position; 0: all of it.
func recallTarea(ctx context.Context, log Log, id ident.Tarea, at eventstore.Position) (*ficha, error) {
	f := &ficha{}
	for rec, err := range log.ReadStream(ctx, eventstore.StreamID(id.Stream()), 0) {
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", id.Stream(), err)
		}
		if at > 0 && rec.Position > at {
			break
		}
		f.evolve(as[tarea.Event](&rec))
		f.version = rec.Version
	}
	return f, nil
}

// ataduras are the Tareas an Efectivo is bound to, as of a position.
func (r *roster) ataduras(ctx context.Context, ids []ident.Tarea, at eventstore.Position) (all []atadura, err error) {
	for _, id := range ids {
		f, err := r.fichaOf(ctx, id, at)
		if err != nil {
			return nil, err
		}
		all = append(all, f.atadura())
	}
	return all, nil
}

// bind takes what the log says of a Tarea; older news are dropped.
func (u *units) bind(id ident.Tarea, f *ficha) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch known, ok := u.tareas[id]; {
	case ok && f.version < known.version:
	case f.cerrada || len(f.activos) == 0:
		delete(u.tareas, id)
	default:
		u.tareas[id] = boundTarea{f.atadura(), f.version}
	}
}

// boundTarea is a Tarea that somebody on the map is bound to.
type boundTarea struct {
	atadura
	version eventstore.Version // of its stream
}

// reached reports whether a unit is in somebody's Jurisdiccion. The caller holds mu.
func (u *units) reached(x *unit, por permiso.Autor) bool {
	return x.sos || x.usuario == por.Usuario || por.Jurisdiccion.Unidad(x.unidad) ||
		slices.ContainsFunc(x.tareas, func(id ident.Tarea) bool {
			t, ok := u.tareas[id]
			return ok && t.in(por)
		})
}
