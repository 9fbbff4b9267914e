package live

import (
	"container/list"
	"context"
	"strings"
	"sync"
	"time"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections/mapa"
)

// item is one Efectivo on the map, as positions frames and snapshots carry it.
type item struct {
	Efectivo       ident.Efectivo          `json:"efectivo"`
	Lat            float64                 `json:"lat"`
	Lon            float64                 `json:"lon"`
	En             time.Time               `json:"en"`
	PrecisionM     float64                 `json:"precision_m"`
	Rumbo          *float64                `json:"rumbo"`
	VelocidadMPS   *float64                `json:"velocidad_mps"`
	Disponibilidad efectivo.Disponibilidad `json:"disponibilidad"`
	Simulado       bool                    `json:"simulado"`
}

// unit is an Efectivo whose place is known.
type unit struct {
	item
	usuario  ident.Usuario
	version  eventstore.Version // of his stream, behind disponibilidad and simulado
	from     [2]float64         // lat, lon of the place before: he is also news where he was
	changed  uint64             // counter of units at the last change
	inOrder  *list.Element      // place in units.order
	reported bool               // false: only what he is, is known, not where

	unidad string
	sos    bool
	tareas []ident.Tarea // bound to
}

// units holds the newest position of everybody. Changes are numbered, so that
// what a session has not been told is everything after the number it was told
// last: a socket without credit just falls behind, and the latest wins.
type units struct {
	mu      sync.Mutex
	all     map[ident.Efectivo]*unit // guarded by mu, like all below
	order   *list.List               // of *unit, by changed
	tareas  map[ident.Tarea]boundTarea
	counter uint64
}

func newUnits() *units {
	return &units{all: map[ident.Efectivo]*unit{}, order: list.New(), tareas: map[ident.Tarea]boundTarea{}}
}

func (u *units) get(id ident.Efectivo) *unit {
	x := u.all[id]
	if x == nil {
		x = &unit{item: item{Efectivo: id}}
		u.all[id] = x
	}
	return x
}

// touch numbers a change. The caller holds mu.
func (u *units) touch(x *unit) {
	if !x.reported {
		return
	}
	u.counter++
	x.changed = u.counter
	if x.inOrder == nil {
		x.inOrder = u.order.PushBack(x)
	} else {
		u.order.MoveToBack(x.inOrder)
	}
}

// move takes a fix, unless a newer one of the same Efectivo is known.
func (u *units) move(i item) {
	u.mu.Lock()
	defer u.mu.Unlock()
	x := u.get(i.Efectivo)
	if x.reported && !i.En.After(x.En) {
		return
	}
	if x.reported {
		x.from = [2]float64{x.Lat, x.Lon}
	} else {
		x.from = [2]float64{i.Lat, i.Lon}
	}
	i.Disponibilidad, i.Simulado = x.Disponibilidad, x.Simulado || i.Simulado
	x.item, x.reported = i, true
	u.touch(x)
}

// knows reports whether what an Efectivo is has been folded from the log.
func (u *units) knows(id ident.Efectivo) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	x := u.all[id]
	return x != nil && x.version > 0
}

// describe takes what the log says of an Efectivo; older news are dropped.
func (u *units) describe(id ident.Efectivo, p *persona) {
	u.mu.Lock()
	defer u.mu.Unlock()
	x := u.get(id)
	if p.version <= x.version {
		return
	}
	reach := x.sos != p.sos || x.unidad != p.unidad // others may see him now
	x.version, x.usuario = p.version, p.usuario
	x.unidad, x.sos, x.tareas = p.unidad, p.sos, p.tareas
	if reach || x.Disponibilidad != p.disponibilidad || x.Simulado != p.simulado {
		x.Disponibilidad, x.Simulado = p.disponibilidad, p.simulado
		u.touch(x)
	}
}

// since returns what changed after a number inside a view, newest first, and
// the number to ask with next time.
func (u *units) since(seen uint64, look lookout) ([]item, uint64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	var items []item
	for e := u.order.Back(); e != nil; e = e.Prev() {
		x := e.Value.(*unit)
		if x.changed <= seen {
			break
		}
		if look.sees(x) && (look.part == nil || u.reached(x, look.who())) {
			items = append(items, x.item)
		}
	}
	return items, u.counter
}

// lookout is what a session may see and wants to: the key under which frames of
// positions are shared.
type lookout struct {
	box   box
	solo  ident.Usuario  // only his own position, when set
	soloE ident.Efectivo // and he is this Efectivo

	part  *permiso.Jurisdiccion // only the positions of those in it, when set, for
	para  ident.Usuario
	paraE ident.Efectivo
}

// who is whose Jurisdiccion part is.
func (l lookout) who() permiso.Autor {
	return permiso.Autor{Usuario: l.para, Efectivo: l.paraE, Jurisdiccion: l.part}
}

// lookoutOf returns how far an author sees on the map; false when not at all.
func lookoutOf(por permiso.Autor, b box) (lookout, bool) {
	switch por.Alcance(permiso.MapaLeer) {
	case permiso.Todo:
		return lookout{box: b}, true
	case permiso.EnJurisdiccion:
		return lookout{box: b, part: por.Jurisdiccion, para: por.Usuario, paraE: por.Efectivo}, true
	case permiso.Propio, permiso.Asignado:
		return lookout{box: b, solo: por.Usuario, soloE: por.Efectivo}, true
	case permiso.Nada:
	}
	return lookout{}, false
}

func (l lookout) sees(x *unit) bool {
	if l.solo != "" && x.usuario != l.solo && (l.soloE == "" || x.Efectivo != l.soloE) {
		return false
	}
	return l.box.contains(x.Lat, x.Lon) || l.box.contains(x.from[0], x.from[1])
}

func itemOfFix(f *eventstore.Fix) item {
	i := item{
		Efectivo: ident.Efectivo(f.Efectivo), Lat: f.Lat, Lon: f.Lon, En: f.DeviceAt.UTC(),
		PrecisionM: float64(f.Accuracy), Simulado: f.Simulated,
	}
	if f.Heading >= 0 {
		i.Rumbo = new(float64(f.Heading))
	}
	if f.Speed >= 0 {
		i.VelocidadMPS = new(float64(f.Speed))
	}
	return i
}

func itemOfMapa(m *mapa.EfectivoEnMapa) item {
	return item{
		Efectivo: m.Efectivo, Lat: m.Lat, Lon: m.Lon, En: m.En.UTC(), PrecisionM: m.PrecisionM,
		Rumbo: m.Rumbo, VelocidadMPS: m.VelocidadMPS, Disponibilidad: m.Disponibilidad, Simulado: m.Simulado,
	}
}

// recall folds what the log says of an Efectivo who appears by his position first.
func recall(ctx context.Context, log Log, id ident.Efectivo) (*persona, error) {
	p := &persona{}
	for rec, err := range log.ReadStream(ctx, eventstore.StreamID(id.Stream()), 0) {
		if err != nil {
			return nil, err
		}
		p.evolve(&rec)
	}
	return p, nil
}

// efectivoOf returns whose stream it is, or "".
func efectivoOf(s eventstore.StreamID) ident.Efectivo {
	id, ok := strings.CutPrefix(string(s), "efectivo-")
	if !ok {
		return ""
	}
	return ident.Efectivo(id)
}
