package policies

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/zona"
	"github.com/grupo-gad/gad/eventstore"
)

// Campo is what the positions mean. It follows the telemetry log and orders, with
// hysteresis, what a fix shows: a border crossed, an arrival, a signal lost and recovered,
// a Zona with nobody inside (Reglas). A late or flagged fix means nothing.
//
// What it is about to say is kept with the batch it has read (Memoria); what it said
// is in the log. Killed at any instant, it reads the same batches again and gives the
// same orders under the same ids, which the fix or the instant decides. Of several
// processes one follows, by a lease on the memory; should two do so for a moment, they
// do what one does: the slower one finds the memory moved and starts over.
type Campo struct {
	deps   Observacion
	opts   CampoOptions
	units  map[ident.Efectivo]*observado // nil: not loaded
	empty  map[ident.Zona]time.Time      // since when nobody is inside
	dirty  map[string]struct{}
	zonas  zonaIndex
	batch  eventstore.Batch
	looked time.Time        // when the Zonas were last read
	silent []ident.Efectivo // on duty and not heard in this shift, as of then
	ritmo  ritmo            // of those who are followed

	mu sync.Mutex // guards units and dirty while several are followed at once
}

// Observacion is what Campo stands on.
type Observacion struct {
	Orders    Orders
	Estados   Estados
	Telemetry eventstore.TelemetryReader
	Lugares   Lugares
	Memoria   Memoria
}

// Estados hands out states on which orders would be decided now; the Dispatcher does.
type Estados interface {
	Efectivo(ctx context.Context, id ident.Efectivo) (efectivo.State, error)
	Tarea(ctx context.Context, id ident.Tarea) (tarea.State, error)
}

// Lugares knows where things are.
type Lugares interface {
	// Zonas lists those in force.
	Zonas(ctx context.Context) ([]Zona, error)
	// Tarea returns where a Tarea is, or false.
	Tarea(ctx context.Context, id ident.Tarea) (geo.Punto, bool, error)
	// Presentes counts who is on duty inside each Zona.
	Presentes(ctx context.Context) (map[ident.Zona]int, error)
	// Callados lists who is on duty and has not been heard in this shift.
	Callados(ctx context.Context) ([]ident.Efectivo, error)
}

// Zona is what a policy needs of one.
type Zona struct {
	ID        ident.Zona
	Poligonos []zona.Poligono
	Circulo   *zona.Circulo
	Reglas    zona.Reglas
	Horarios  []zona.Franja
	Vacia     bool
}

// ErrMovido says that somebody else has moved the memory.
var ErrMovido = errors.New("another process follows the telemetry log")

// Memoria keeps how far the telemetry log was read and what is about to be said.
type Memoria interface {
	// Hold takes the lease, or keeps it, and reports whether this process has it.
	Hold(ctx context.Context) (bool, error)
	// Release gives it back, so that another process need not wait for its end.
	Release(ctx context.Context) error
	// Load returns the batch and the pieces, by object.
	Load(ctx context.Context) (eventstore.Batch, map[string][]byte, error)
	// Save moves from one batch to another and replaces pieces, all or nothing; a nil
	// piece is dropped. It fails with ErrMovido when from is not where the memory is, or
	// somebody else has the lease.
	Save(ctx context.Context, from, to eventstore.Batch, pieces map[string][]byte) error
}

const batchesATime = 50

// NewCampo returns a Campo that does nothing until Run.
func NewCampo(deps Observacion, o CampoOptions) *Campo {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Reglas == (Reglas{}) {
		o.Reglas = ReglasPorDefecto()
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Observer == nil {
		o.Observer = silent{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Hold <= 0 {
		o.Hold = 2 * time.Second
	}
	return &Campo{deps: deps, opts: o}
}

// Load starts from what was saved. Without anything saved it starts at the end of the
// telemetry log: what people did before is no news.
func (c *Campo) Load(ctx context.Context) error {
	batch, pieces, err := c.deps.Memoria.Load(ctx)
	if err != nil {
		return err
	}
	units := map[ident.Efectivo]*observado{}
	c.units, c.empty, c.dirty = nil, map[ident.Zona]time.Time{}, map[string]struct{}{}
	c.batch, c.looked = batch, time.Time{}
	for key, text := range pieces {
		if id, ok := cutPrefix(key, "zona-"); ok {
			var since time.Time
			if err := json.Unmarshal(text, &since); err != nil {
				return fmt.Errorf("read the memory of %s: %w", key, err)
			}
			c.empty[ident.Zona(id)] = since
			continue
		}
		o := &observado{}
		if err := json.Unmarshal(text, o); err != nil {
			return fmt.Errorf("read the memory of %s: %w", key, err)
		}
		id, _ := cutPrefix(key, "efectivo-")
		units[ident.Efectivo(id)] = o
	}
	c.units = units
	return nil
}

func cutPrefix(s, prefix string) (string, bool) {
	if len(s) > len(prefix) && s[:len(prefix)] == prefix {
		return s[len(prefix):], true
	}
	return s, false
}

// Step reads the batches that are there, looks at the clock, and saves. It says how
// many batches it read. What is read is saved piece by piece: a backlog that nobody reads
// in one go is shorter each time.
func (c *Campo) Step(ctx context.Context) (int, error) {
	looked, err := c.look(ctx)
	if err != nil {
		return 0, err
	}
	read := 0
	for {
		asked, from := c.now(), c.batch
		batches, err := c.deps.Telemetry.ReadBatches(ctx, c.batch, batchesATime)
		if err != nil {
			return read, err
		}
		if err := c.follow(ctx, batches); err != nil {
			return read, err
		}
		for _, b := range batches {
			c.batch = b.Batch
			c.opts.Observer.ObserveBatch(c.now().Sub(b.RecordedAt))
			read++
		}
		last := len(batches) < batchesATime
		if last {
			if err := c.clock(ctx, asked); err != nil {
				return read, err
			}
			if looked {
				if err := c.cover(ctx); err != nil {
					return read, err
				}
			}
		}
		if err := c.save(ctx, from); err != nil || last {
			return read, err
		}
	}
}

// save keeps what changed. A crash before it is safe: the batches are read again, and
// their orders are known by their ids.
func (c *Campo) save(ctx context.Context, from eventstore.Batch) error {
	if len(c.dirty) == 0 && from == c.batch {
		return nil
	}
	pieces := make(map[string][]byte, len(c.dirty))
	for key := range c.dirty {
		var piece any
		if id, ok := cutPrefix(key, "zona-"); ok {
			if since, empty := c.empty[ident.Zona(id)]; empty {
				piece = since
			}
		} else if id, _ := cutPrefix(key, "efectivo-"); c.units[ident.Efectivo(id)] != nil {
			piece = c.units[ident.Efectivo(id)]
		}
		if piece == nil {
			pieces[key] = nil
			continue
		}
		text, err := json.Marshal(piece)
		if err != nil {
			return fmt.Errorf("write the memory of %s: %w", key, err)
		}
		pieces[key] = text
	}
	if err := c.deps.Memoria.Save(ctx, from, c.batch, pieces); err != nil {
		return err
	}
	clear(c.dirty)
	return nil
}

// fix is one row of the telemetry log. One that is too fast to be true, or too coarse to say on
// which side of a border he is, only says that he is heard.
func (c *Campo) fix(ctx context.Context, b eventstore.TelemetryBatch, row int) error {
	f := b.Fixes[row]
	if f.Flags&eventstore.FlagLate != 0 {
		return nil // it corrects the track and means nothing
	}
	id := ident.Efectivo(f.Efectivo)
	s, err := c.deps.Estados.Efectivo(ctx, id)
	if err != nil {
		return c.skipped(ctx, id.Stream(), err)
	}
	if !s.EnTurno() || f.Turno != string(s.Turno()) {
		c.forget(id)
		return nil
	}
	u, says := c.observed(id, s.Turno()), f.Flags == 0 && float64(f.Accuracy) <= c.opts.Reglas.PrecisionM
	if !f.DeviceAt.After(u.Ultima) || !says && !f.ServerAt.After(u.Recibida) {
		return nil // read before
	}
	u.Recibida = f.ServerAt
	if says {
		u.Ultima = f.DeviceAt
	}
	c.touch(id)
	look := sight{
		id: id, s: s, u: u, at: geo.Punto{Lat: f.Lat, Lon: f.Lon}, en: f.DeviceAt,
		origen: efectivo.Origen{Lote: int64(b.Batch), Fila: row},
	}
	if !s.Senal() {
		if err := c.order(ctx, look.name("senal", ""), efectivo.RecuperarSenal{Orden: look.orden(c), Turno: s.Turno(), Origen: look.origen}); err != nil {
			return err
		}
	}
	if !says {
		return nil
	}
	if err := c.borders(ctx, look); err != nil {
		return err
	}
	return c.arrivals(ctx, look)
}

// sight is one fix and whom it shows.
type sight struct {
	id     ident.Efectivo
	s      efectivo.State
	u      *observado
	at     geo.Punto
	en     time.Time
	origen efectivo.Origen
}

func (l sight) orden(c *Campo) efectivo.Orden {
	return efectivo.Orden{ID: l.id, Por: author, En: c.now()}
}

// name tells the orders of one fix apart.
func (l sight) name(what, about string) string {
	return fmt.Sprintf("%s|%s|%s|%d|%d", what, l.id, about, l.origen.Lote, l.origen.Fila)
}

func (c *Campo) now() time.Time { return c.opts.Now().UTC().Truncate(time.Microsecond) }

func scaled(d time.Duration, s efectivo.State) time.Duration {
	return time.Duration(float64(d) / s.Aceleracion())
}

// borders compares where he is with where he was said to be.
func (c *Campo) borders(ctx context.Context, l sight) error {
	inside, said, wait := c.zonas.at(l.at), slices.Clone(l.u.Dentro), scaled(c.opts.Reglas.Cruce, l.s)
	var open []cruce
	consider := func(z ident.Zona, in bool) error {
		p := cruce{Zona: z, Dentro: in, Desde: l.en}
		if i := slices.IndexFunc(l.u.Cruces, func(o cruce) bool { return o.Zona == z && o.Dentro == in }); i >= 0 {
			p = l.u.Cruces[i]
		}
		if p.Fixes++; p.Fixes < c.opts.Reglas.Cruces && l.en.Sub(p.Desde) < wait {
			open = append(open, p)
			return nil
		}
		return c.cross(ctx, l, p)
	}
	for _, z := range inside {
		if !slices.Contains(said, z) {
			if err := consider(z, true); err != nil {
				return err
			}
		}
	}
	for _, z := range said {
		if !slices.Contains(inside, z) {
			if err := consider(z, false); err != nil {
				return err
			}
		}
	}
	l.u.Cruces = open // a border he came back over is forgotten
	return nil
}

// cross says that he is on the other side.
func (c *Campo) cross(ctx context.Context, l sight, p cruce) error {
	z, rules := c.zonas.byID[p.Zona], zona.Reglas{}
	if zona.Rige(z.Horarios, l.en.In(c.opts.Zone)) { // he crossed then, whenever it is read
		rules = z.Reglas
	}
	if p.Dentro {
		l.u.Dentro = append(l.u.Dentro, p.Zona)
		c.inhabited(p.Zona)
		return c.order(ctx, l.name("entra", string(p.Zona)), efectivo.IngresarZona{
			Orden: l.orden(c), Turno: l.s.Turno(), Zona: p.Zona, Origen: l.origen, Alarma: rules.Entrada,
		})
	}
	l.u.Dentro = slices.DeleteFunc(l.u.Dentro, func(z ident.Zona) bool { return z == p.Zona })
	return c.order(ctx, l.name("sale", string(p.Zona)), efectivo.AbandonarZona{
		Orden: l.orden(c), Turno: l.s.Turno(), Zona: p.Zona, Origen: l.origen, Alarma: rules.Salida,
	})
}

// arrivals says that he is where his Tarea is once he has stayed.
func (c *Campo) arrivals(ctx context.Context, l sight) error {
	var near []llegada
	for _, id := range l.s.Tareas() {
		place, ok, err := c.deps.Lugares.Tarea(ctx, id)
		if err != nil {
			return err
		}
		if !ok || geo.Distancia(place, l.at) > c.opts.Reglas.LlegadaM {
			continue
		}
		a := llegada{Tarea: id, Desde: l.en}
		if i := slices.IndexFunc(l.u.Llegadas, func(o llegada) bool { return o.Tarea == id }); i >= 0 {
			a = l.u.Llegadas[i]
		}
		if !a.Hecha && l.en.Sub(a.Desde) >= scaled(c.opts.Reglas.Llegada, l.s) {
			if a.Hecha, err = c.arrive(ctx, l, a); err != nil {
				return err
			}
		}
		near = append(near, a)
	}
	l.u.Llegadas = near
	return nil
}

// arrive says that he is there, and reports whether it was settled: while he has not said that he
// takes the Tarea, as far as is known here, the next fix asks again. That costs a look at a state
// that is kept, and no order. The order is one of the stay and not of the fix: batches that are
// read again may find that he took it sooner.
func (c *Campo) arrive(ctx context.Context, l sight, a llegada) (bool, error) {
	t, err := c.deps.Estados.Tarea(ctx, a.Tarea)
	if err != nil {
		return false, c.skipped(ctx, a.Tarea.Stream(), err)
	}
	if !slices.Contains(t.Activos(), l.id) || t.Espera(l.id) {
		return false, nil
	}
	err = c.order(ctx, fmt.Sprintf("llega|%s|%s|%d", l.id, a.Tarea, a.Desde.UnixMicro()),
		tarea.Responder{Orden: tarea.Orden{ID: a.Tarea, Por: author, En: c.now()}, Efectivo: l.id, Paso: tarea.PasoEnLugar},
		efectivo.ConfirmarUbicacion{Orden: l.orden(c), Tarea: a.Tarea, Origen: l.origen})
	return err == nil, err
}

// order gives an order whose id its name decides, so that it happens once however
// often the same batches are read.
func (c *Campo) order(ctx context.Context, name string, cmds ...commands.Command) error {
	sum := sha256.Sum256([]byte("gad/campo/1|" + name))
	id := eventstore.CommandID(sum[:16])
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80
	answer, err := c.deps.Orders.Dispatch(ctx, commands.Order{ID: id, Keyed: true, Commands: cmds, Causation: "politica:campo"})
	kind, _, _ := strings.Cut(name, "|")
	if errors.Is(err, commands.ErrUnreadable) {
		return c.skipped(ctx, name, err)
	}
	switch fault.KindOf(err) {
	case fault.NotFound, fault.Invalid, fault.Conflict, fault.Forbidden:
		// What it is about has ended meanwhile: there is nothing to say any more.
		c.opts.Log.DebugContext(ctx, "an observation was refused", slog.String("what", name), slog.Any("error", err))
		c.opts.Observer.ObserveObservation(kind, outcomeOf(answer, err))
		return nil
	default:
		if err == nil {
			c.opts.Observer.ObserveObservation(kind, outcomeOf(answer, nil))
		}
		return err
	}
}
