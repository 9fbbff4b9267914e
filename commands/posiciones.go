package commands

import (
	"context"
	"fmt"
	"slices"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/eventstore"
)

// Efectivos hands out the states on which fixes are judged; the Dispatcher does.
type Efectivos interface {
	Efectivo(ctx context.Context, id ident.Efectivo) (efectivo.State, error)
}

// Telemetria is what the Intake needs of the telemetry log. After an append
// with an unknown outcome its reads tell what became of it.
type Telemetria interface {
	eventstore.Telemetry
	// LastFix returns the newest believed position, or false.
	LastFix(ctx context.Context, efectivo string) (eventstore.Fix, bool, error)
	// Jumps returns the n newest fixes after an instant that were flagged as impossible.
	Jumps(ctx context.Context, efectivo string, after time.Time, n int) ([]eventstore.Fix, error)
	// DeviceTimes returns the n newest device times stored, newest first.
	DeviceTimes(ctx context.Context, efectivo string, n int) ([]time.Time, error)
	// Stored returns which of these device times are stored.
	Stored(ctx context.Context, efectivo string, at []time.Time) ([]time.Time, error)
}

// FixObserver counts fixes by what became of them: "aceptada", a
// efectivo.Motivo, or "tardia" (stored, older than the marker).
type FixObserver interface {
	ObserveFixes(outcome string, n int)
}

// The outcomes that are no Motivo.
const (
	fixAceptada = "aceptada"
	fixTardia   = "tardia"
)

// maxTracks bounds the Efectivos whose recent fixes are kept in memory.
const maxTracks = 20_000

// Intake takes positions. Every fix of one device time is stored once, and the
// newest believed position never moves back, in whatever order and however often
// devices send; both hold across restarts. Two processes that are sent the same
// fix at the same moment may both store it.
//
// What it knows of an Efectivo is read from the telemetry log when it first
// hears of him and kept level by Run. It is safe for concurrent use: reports of
// one Efectivo are taken one after the other, those of several side by side.
type Intake struct {
	efectivos Efectivos
	telemetry Telemetria
	observer  FixObserver
	now       func() time.Time

	turns  turns
	tracks *lru.Cache[ident.Efectivo, *track]
}

// NewIntake returns an Intake. observer may be nil.
func NewIntake(efectivos Efectivos, telemetry Telemetria, observer FixObserver) *Intake {
	tracks, err := lru.New[ident.Efectivo, *track](maxTracks)
	if err != nil {
		panic(err) // only for a size below one
	}
	return &Intake{efectivos: efectivos, telemetry: telemetry, observer: observer, now: time.Now, tracks: tracks}
}

// Receive judges fixes of one Efectivo and stores those that are not refused,
// durably, before it returns. The verdicts run parallel to fixes; it is no error
// when all are refused. source says where they came from ("rest", "telegram").
func (in *Intake) Receive(ctx context.Context, por permiso.Autor, id ident.Efectivo, fixes []efectivo.Fix, source string) ([]efectivo.Recepcion, error) {
	state, err := in.efectivos.Efectivo(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := mayReport(por, state); err != nil {
		return nil, err
	}
	release, err := in.turns.take(ctx, id)
	if err != nil {
		return nil, err
	}
	defer release()
	t, err := in.track(ctx, id)
	if err != nil {
		return nil, err
	}
	j := judgement{state: state, id: id, source: source, at: in.now(), verdicts: make([]efectivo.Recepcion, len(fixes))}
	if err := in.judge(ctx, &j, t, fixes); err != nil {
		return nil, err
	}
	if len(j.stored) > 0 {
		// The answer must be known before the next report of his is judged, also
		// when this caller has gone.
		if _, err := in.telemetry.AppendFixes(context.WithoutCancel(ctx), j.stored); err != nil {
			in.tracks.Remove(id) // stored or not: the log is asked before the next one
			return nil, err
		}
		t.learn(j.stored...)
	}
	in.count(j)
	return j.verdicts, nil
}

// mayReport refuses an author whose scope does not reach this Efectivo.
func mayReport(por permiso.Autor, s efectivo.State) error {
	scope := permiso.De(por.Rol, permiso.EfectivoPosicion)
	switch {
	case scope == permiso.Nada:
		return permiso.ErrProhibido
	case !s.Existe(), scope != permiso.Todo && por.Usuario != s.Usuario():
		return efectivo.ErrNoExiste
	}
	return nil
}

// judgement is one report on its way.
type judgement struct {
	state    efectivo.State
	id       ident.Efectivo
	source   string
	at       time.Time
	verdicts []efectivo.Recepcion
	stored   []eventstore.Fix
}

// judge decides in the order of the device's clock: a backlog that arrives
// shuffled is then as good as one that does not.
func (in *Intake) judge(ctx context.Context, j *judgement, t *track, fixes []efectivo.Fix) error {
	order := make([]int, len(fixes))
	fixes = slices.Clone(fixes)
	for i := range fixes {
		order[i] = i
		fixes[i].En = fixes[i].En.UTC().Truncate(time.Microsecond) // as it is stored
	}
	slices.SortStableFunc(order, func(a, b int) int { return fixes[a].En.Compare(fixes[b].En) })
	taken, err := in.taken(ctx, j.id, t, fixes)
	if err != nil {
		return err
	}
	marker := t.marker()
	for _, i := range order {
		f := fixes[i]
		v := j.state.Recibir(f, j.at, marker, taken[f.En])
		j.verdicts[i] = v
		if v.Rechazada != "" {
			continue
		}
		taken[f.En] = true
		var flags eventstore.FixFlags
		late := marker.Hay && !f.En.After(marker.En)
		if late {
			flags |= eventstore.FlagLate
		}
		if v.Marcada {
			flags |= eventstore.FlagImpossibleSpeed
		}
		marker = marker.Con(f, v.Marcada)
		j.stored = append(j.stored, j.fix(f, flags))
	}
	return nil
}

// fix is f as it is stored.
func (j *judgement) fix(f efectivo.Fix, flags eventstore.FixFlags) eventstore.Fix {
	return eventstore.Fix{
		Efectivo: string(j.id), Turno: string(j.state.TurnoDe(f.En)), DeviceAt: f.En, ServerAt: j.at.UTC().Truncate(time.Microsecond),
		Lat: f.Lat, Lon: f.Lon, Accuracy: float32(f.Precision), Speed: measure(f.Velocidad), Heading: measure(f.Rumbo),
		Source: j.source, Flags: flags, Simulated: j.state.Simulado(),
	}
}

// measure is v as it is stored; what cannot be measured is unknown.
func measure(v float64) float32 {
	const most = 1e6 // far beyond any speed or heading, far below what a float32 holds
	if !(v >= 0 && v <= most) {
		return -1
	}
	return float32(v)
}

// taken says which of these device times are stored already. Memory knows the
// recent ones; older ones are asked of the log, all at once.
func (in *Intake) taken(ctx context.Context, id ident.Efectivo, t *track, fixes []efectivo.Fix) (map[time.Time]bool, error) {
	taken := make(map[time.Time]bool, len(fixes))
	var old []time.Time
	for _, f := range fixes {
		if f.Incompleto {
			continue // of no time
		}
		known, has := t.knows(f.En)
		if has {
			taken[f.En] = true
		}
		if !known {
			old = append(old, f.En)
		}
	}
	if len(old) == 0 {
		return taken, nil
	}
	stored, err := in.telemetry.Stored(ctx, string(id), old)
	if err != nil {
		return nil, eventstore.ErrUnavailable.Because(fmt.Errorf("look for older fixes: %w", err))
	}
	for _, at := range stored {
		taken[at] = true
	}
	return taken, nil
}

func (in *Intake) count(j judgement) {
	if in.observer == nil {
		return
	}
	counts := map[string]int{}
	for _, v := range j.verdicts {
		switch {
		case v.Rechazada != "":
			counts[string(v.Rechazada)]++
		case v.Marcada:
			counts[string(efectivo.VelocidadImposible)]++
		default:
			counts[fixAceptada]++
		}
	}
	for _, f := range j.stored {
		if f.Flags&eventstore.FlagLate != 0 {
			counts[fixTardia]++
		}
	}
	for outcome, n := range counts {
		in.observer.ObserveFixes(outcome, n)
	}
}
