package commands

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
)

// Store is what the Dispatcher needs of the event store.
type Store interface {
	eventstore.Appender
	eventstore.CommandReader
	eventstore.StreamReader
	eventstore.LogReader
	eventstore.Follower
}

// Numbers hands out the running number of generated codes; gaps are harmless.
type Numbers interface {
	NextNumber(ctx context.Context, name string) (int64, error)
}

// Observer is told of every order: action, outcome ("ok", "sin_cambio",
// "repetida" or the code of the refusal) and how long it took.
type Observer interface {
	Observe(ctx context.Context, accion permiso.Accion, outcome string, took time.Duration)
}

// Options of a Dispatcher. Zone is the operation's, for the year of generated codes.
type Options struct {
	CacheSize int // states kept; 0 means 50,000
	Zone      *time.Location
	Observer  Observer // optional
	Inflight  Inflight // optional: other processes run orders too
	// Recomendador is optional: without it nobody is looked for beyond those of the
	// recommendation that a Tarea has.
	Recomendador Recomendador
	Search       time.Duration // how long an order waits for him; 0 means 1 s
}

// Inflight knows which orders other processes are running.
type Inflight interface {
	// Claim reports whether nobody else is running an order; release gives it back, and is
	// there only then.
	Claim(ctx context.Context, id eventstore.CommandID) (release func(), ok bool)
}

// Dispatcher is the one door for orders. It is safe for concurrent use.
type Dispatcher struct {
	store     Store
	numbers   Numbers
	states    *states
	holds     *holds
	zone      *time.Location
	observer  Observer
	inflight  Inflight
	recommend Recomendador
	search    time.Duration
	running   sync.Map // eventstore.CommandID of the keyed orders under way in this process
}

// maxAttempts bounds how often a lost race is decided again.
const maxAttempts = 3

// New returns a Dispatcher over a store. Run keeps its states level with the log.
func New(store Store, numbers Numbers, o Options) (*Dispatcher, error) {
	if o.CacheSize == 0 {
		o.CacheSize = 50_000
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Search == 0 {
		o.Search = searchTime
	}
	s, err := newStates(store, o.CacheSize)
	if err != nil {
		return nil, err
	}
	return &Dispatcher{
		store: store, numbers: numbers, states: s, holds: newHolds(), zone: o.Zone, observer: o.Observer, inflight: o.Inflight,
		recommend: o.Recomendador, search: o.Search,
	}, nil
}

// Run keeps cached states level with what anybody appends, until ctx ends.
// Without it orders stay correct and lose more races.
func (d *Dispatcher) Run(ctx context.Context) error {
	head, err := d.store.Head(ctx)
	if err != nil {
		return fmt.Errorf("find the head of the log: %w", err)
	}
	for batch, err := range d.store.Follow(ctx, head) {
		if err != nil {
			return fmt.Errorf("follow the log: %w", err)
		}
		for _, r := range batch {
			d.states.follow(r)
		}
	}
	return ctx.Err()
}

// Dispatch runs an order. The error is a fault to show, or internal.
func (d *Dispatcher) Dispatch(ctx context.Context, o Order) (Answer, error) {
	start := time.Now()
	answer, err := d.dispatch(ctx, o)
	if d.observer != nil && len(o.Commands) > 0 {
		d.observer.Observe(ctx, o.Commands[0].Autoriza(), outcome(answer, err), time.Since(start))
	}
	return answer, err
}

func (d *Dispatcher) dispatch(ctx context.Context, o Order) (Answer, error) {
	if len(o.Commands) == 0 || o.ID.IsZero() {
		return Answer{}, errors.New("an order needs an id and a command")
	}
	for _, cmd := range o.Commands {
		if permiso.De(cmd.Autor().Rol, cmd.Autoriza()) == permiso.Nada {
			return Answer{}, permiso.ErrProhibido
		}
	}
	if o.Keyed {
		if o.Fingerprint != nil { // a client's key; what we repeat ourselves waits its turn elsewhere
			release, ok := d.claim(ctx, o.ID)
			if !ok {
				return Answer{}, ErrEnCurso
			}
			defer release()
		}
		answer, known, err := d.settle(ctx, o)
		if known || err != nil {
			return answer, err
		}
	}
	codigo, ours, err := d.number(ctx, &o, 1)
	if err != nil {
		return Answer{}, err
	}
	for attempt, drawn := 1, 1; ; attempt++ {
		answer, err := d.try(ctx, o, codigo, attempt > 1)
		if errors.Is(err, eventstore.ErrStale) && attempt < attemptsOf(o) {
			continue
		}
		if ours && errors.Is(err, tarea.ErrCodigoTomado) && drawn < maxNumbers {
			drawn++
			if codigo, _, err = d.number(ctx, &o, drawn); err != nil {
				return Answer{}, err
			}
			attempt--
			continue
		}
		if o.Keyed && errors.Is(err, eventstore.ErrCommandReused) {
			// It was accepted elsewhere while we decided, perhaps under another key of
			// fingerprints: the bytes differ, the content need not.
			if answer, known, err := d.settle(ctx, o); known || err != nil {
				return answer, err
			}
		}
		return answer, err
	}
}

// ErrEnCurso refuses the repetition of an order that has not ended yet.
var ErrEnCurso = fault.New(fault.Conflict, "orden_en_curso", "esa orden se está ejecutando: hay que repetirla en un momento")

// claim keeps an order of the same id from running twice at once. That it is accepted once is
// the log's promise; this only says so sooner.
func (d *Dispatcher) claim(ctx context.Context, id eventstore.CommandID) (release func(), ok bool) {
	if _, running := d.running.LoadOrStore(id, nil); running {
		return nil, false
	}
	if d.inflight == nil {
		return func() { d.running.Delete(id) }, true
	}
	elsewhere, ok := d.inflight.Claim(ctx, id)
	if !ok {
		d.running.Delete(id)
		return nil, false
	}
	return func() { elsewhere(); d.running.Delete(id) }, true
}

// settle answers an order that was accepted before with its first answer, and refuses its id
// for another content.
func (d *Dispatcher) settle(ctx context.Context, o Order) (answer Answer, known bool, err error) {
	receipt, known, err := d.store.Command(ctx, o.ID)
	if err != nil || !known {
		return Answer{}, false, wrap(err, o.ID)
	}
	if receipt.Fingerprint != nil && o.Fingerprint != nil {
		same := bytes.Equal(receipt.Fingerprint, o.Fingerprint)
		if !same && o.Same != nil {
			if same, err = o.Same(ctx, receipt.Fingerprint); err != nil {
				return Answer{}, true, wrap(err, o.ID)
			}
		}
		if !same {
			return Answer{}, true, eventstore.ErrCommandReused
		}
	}
	answer, err = repeated(receipt)
	return answer, true, err
}

func wrap(err error, id eventstore.CommandID) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("look for command %s: %w", id, err)
}

func (d *Dispatcher) try(ctx context.Context, o Order, codigo string, fresh bool) (Answer, error) {
	u := newUnit(d, fresh)
	defer u.letGo()
	for i, cmd := range o.Commands {
		if i == 0 && o.IfMatch != nil {
			f, err := u.state(ctx, eventstore.StreamID(cmd.StreamID()), false)
			if err != nil {
				return Answer{}, err
			}
			if f.version != *o.IfMatch {
				// What is wrong with the order itself is said first: no newer version mends it.
				if err := u.run(ctx, cmd); err != nil && fault.KindOf(err) == fault.Invalid {
					return Answer{}, u.doubt(ctx, err)
				}
				return Answer{}, eventstore.ErrStale
			}
		}
		if err := u.run(ctx, cmd); err != nil {
			return Answer{}, u.doubt(ctx, err)
		}
	}
	a, rec, err := u.append(o, codigo)
	if err != nil {
		return Answer{}, err
	}
	receipt, err := d.store.Append(ctx, a)
	if err != nil {
		for _, e := range u.read {
			d.states.forget(e.Stream)
		}
		return Answer{}, err
	}
	if receipt.Repeated {
		return repeated(receipt)
	}
	for _, e := range receipt.Streams {
		d.states.put(e.Stream, folded{state: u.now[e.Stream].state, version: e.Version})
	}
	return Answer{
		Stream: rec.Stream, Version: rec.Version, Position: receipt.Head,
		Changed: len(u.events) > 0, Codigo: rec.Codigo, Facts: u.facts(rec.Stream),
	}, nil
}

// facts are those that the unit decided for one stream.
func (u *unit) facts(of eventstore.StreamID) (facts []event.Event) {
	for _, d := range u.events {
		if d.Stream == of {
			facts = append(facts, d.Event)
		}
	}
	return facts
}

// doubt turns a refusal that was decided on cached states into a lost race when
// one of them had moved: a refusal is never given on old news.
func (u *unit) doubt(ctx context.Context, refusal error) error {
	if u.fresh || fault.KindOf(refusal) == fault.Internal {
		return refusal
	}
	for _, e := range u.read {
		now, err := u.states.load(ctx, e.Stream, true)
		if err != nil {
			return err
		}
		if now.version != e.Version {
			return eventstore.ErrStale.Because(refusal)
		}
	}
	return refusal
}

// maxNumbers bounds how many numbers are drawn for a Tarea. The last one is told apart by the
// Tarea's own id: somebody who took the numbers ahead, or imported them, keeps nobody from help.
const maxNumbers = 9

// number gives a Tarea without a codigo the next one, T-2026-000123, and says whether it did.
// Whoever names his Tareas may have taken it: then another is drawn.
func (d *Dispatcher) number(ctx context.Context, o *Order, drawn int) (codigo string, ours bool, err error) {
	crear, ok := o.Commands[0].(tarea.Crear)
	if !ok {
		return "", false, nil
	}
	if crear.Codigo == "" || drawn > 1 {
		n, err := d.numbers.NextNumber(ctx, "tarea")
		if err != nil {
			return "", false, fmt.Errorf("number the tarea: %w", err)
		}
		crear.Codigo, ours = fmt.Sprintf("T-%d-%06d", crear.En.In(d.zone).Year(), n), true
		if id := string(crear.ID); drawn == maxNumbers {
			crear.Codigo += "-" + id[max(0, len(id)-5):]
		}
		o.Commands = append([]Command{crear}, o.Commands[1:]...)
	}
	return strings.ToUpper(crear.Codigo), ours, nil // as the fact has it
}

func repeated(receipt eventstore.Receipt) (Answer, error) {
	var rec record
	if err := json.Unmarshal(receipt.Answer, &rec); err != nil {
		return Answer{}, fmt.Errorf("read the answer of command %s: %w", receipt.Command, err)
	}
	return Answer{
		Stream: rec.Stream, Version: rec.Version, Position: receipt.Head,
		Changed: receipt.First > 0, Repeated: true, Codigo: rec.Codigo,
	}, nil
}

func outcome(a Answer, err error) string {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f.Code
	}
	switch {
	case err != nil:
		return "interno"
	case a.Repeated:
		return "repetida"
	case !a.Changed:
		return "sin_cambio"
	}
	return "ok"
}
