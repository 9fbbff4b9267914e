package efectivos

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
)

// posiciones names the projection whose rows the positions start from (mapa.NamePosiciones).
const posiciones = "mapa.posiciones"

// DespliegueLog is the log as a Despliegue follows it.
type DespliegueLog interface {
	eventstore.Follower
	Head(ctx context.Context) (eventstore.Position, error)
}

// Despliegue is everybody who could be sent somewhere, in memory: who an emergency is
// offered to is answered without asking the database about ten thousand people. It starts
// from the read models and is kept level by the log and the telemetry log.
type Despliegue struct {
	reads projections.Reads
	log   DespliegueLog
	fixes eventstore.TelemetryReader
	slog  *slog.Logger

	mu     sync.RWMutex
	people map[string]*desplegado // guarded by mu, like all below
	at     eventstore.Position
	batch  eventstore.Batch
	ready  bool
	moved  chan struct{} // closed when anything above changes
}

// desplegado is one of them and his newest believed position.
type desplegado struct {
	ficha
	lugar geo.Punto
	en    time.Time // zero without a position
}

// NewDespliegue returns an empty one; Run fills it.
func NewDespliegue(pool *pgxpool.Pool, log DespliegueLog, fixes eventstore.TelemetryReader, logger *slog.Logger) *Despliegue {
	return &Despliegue{
		reads: projections.NewReads(pool), log: log, fixes: fixes, slog: logger, people: map[string]*desplegado{}, moved: make(chan struct{}),
	}
}

// Run keeps it level until ctx ends. After an error it starts again from the read models.
func (d *Despliegue) Run(ctx context.Context) error {
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval = 50*time.Millisecond, 2*time.Second
	for {
		err := d.once(ctx, pause.Reset)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		d.slog.WarnContext(ctx, "deployment starts again", slog.Any("error", err))
		select {
		case <-time.After(pause.NextBackOff()):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (d *Despliegue) once(ctx context.Context, healthy func()) error {
	at, batch, err := d.seed(ctx)
	if err != nil {
		return err
	}
	healthy()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		for facts, err := range d.log.Follow(ctx, at) {
			if err != nil {
				return fmt.Errorf("follow the log: %w", err)
			}
			d.facts(facts)
		}
		return errors.Join(ctx.Err(), errEnded)
	})
	g.Go(func() error {
		for b, err := range d.fixes.FollowBatches(ctx, batch) {
			if err != nil {
				return fmt.Errorf("follow the positions: %w", err)
			}
			d.positions(b)
		}
		return errors.Join(ctx.Err(), errEnded)
	})
	return g.Wait()
}

var errEnded = errors.New("what was followed has ended")

// seed reads everybody as the read models have them, and up to where they are true.
func (d *Despliegue) seed(ctx context.Context) (at eventstore.Position, batch eventstore.Batch, err error) {
	people := map[string]*desplegado{}
	err = d.reads.Snapshot(ctx, projections.System, "read who is deployed", []string{"efectivos", "posiciones"}, func(tx pgx.Tx) error {
		var err error
		if at, err = projections.Oldest(ctx, tx, Name); err != nil {
			return err
		}
		last, err := projections.Oldest(ctx, tx, posiciones)
		if err != nil {
			return err
		}
		batch = eventstore.Batch(last)
		rows, err := tx.Query(ctx, "select "+fichas.Select+" from lectura.efectivos")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			p := &desplegado{}
			if err := fichas.Scan(rows, &p.ficha); err != nil {
				return err
			}
			people[p.id] = p
		}
		if err := rows.Err(); err != nil {
			return err
		}
		rows, err = tx.Query(ctx, "select efectivo::text, lat, lon, en from lectura.posiciones")
		if err != nil {
			return err
		}
		defer rows.Close()
		var id string
		var place geo.Punto
		var en time.Time
		_, err = pgx.ForEachRow(rows, []any{&id, &place.Lat, &place.Lon, &en}, func() error {
			if p := people[id]; p != nil {
				p.lugar, p.en = place, en
			}
			return nil
		})
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.people, d.at, d.batch, d.ready = people, at, batch, true
	d.announce()
	return at, batch, nil
}

// announce wakes whoever waits. The caller holds mu.
func (d *Despliegue) announce() {
	close(d.moved)
	d.moved = make(chan struct{})
}

func (d *Despliegue) facts(batch []eventstore.Recorded) {
	if len(batch) == 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, r := range batch {
		e, ok := r.Event.(efectivo.Event)
		if !ok {
			continue
		}
		id := projections.Key(r.Stream)
		if reg, ok := e.(efectivo.Registrado); ok {
			d.people[id] = &desplegado{ficha: ficha{id: id, codigo: reg.CodigoInterno, disponibilidad: efectivo.FueraServicio}}
		}
		if p := d.people[id]; p != nil {
			p.aplica(e)
		}
	}
	d.at = batch[len(batch)-1].Position
	d.announce()
}

func (d *Despliegue) positions(b eventstore.TelemetryBatch) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, f := range b.Fixes {
		if p := d.people[f.Efectivo]; p != nil && f.Flags&eventstore.FlagImpossibleSpeed == 0 && f.DeviceAt.After(p.en) {
			p.lugar, p.en = geo.Punto{Lat: f.Lat, Lon: f.Lon}, f.DeviceAt
		}
	}
	d.batch = b.Batch
	d.announce()
}

// patience bounds how long a recommendation waits to know what was recorded before it was asked for.
const patience = 250 * time.Millisecond

// level waits until everything recorded so far is known here. It gives up waiting for a
// laggard: whoever was taken meanwhile is found out when he is offered the Tarea.
func (d *Despliegue) level(ctx context.Context) error {
	at, err := d.log.Head(ctx)
	if err != nil {
		return err
	}
	batch, err := d.fixes.HeadBatch(ctx)
	if err != nil {
		return err
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	late := timer.C
	for {
		d.mu.RLock()
		ready, there, moved := d.ready, d.at >= at && d.batch >= batch, d.moved
		d.mu.RUnlock()
		if there && ready {
			return nil
		}
		if !ready {
			late = nil // there is nothing to answer from yet
		}
		select {
		case <-moved:
			if late == nil {
				late = timer.C
			}
		case <-late:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// maxOrdenados bounds how many candidates are put in exact order.
const maxOrdenados = 256

// error of the sphere against the spheroid, with something to spare.
const (
	esferaCorta = 0.994
	esferaLarga = 1.006
)

// Recomendar ranks everybody for a place at an instant. siguientes are the suitable ones
// who come after those the recommendation keeps.
func (d *Despliegue) Recomendar(ctx context.Context, lugar geo.Punto, en time.Time, k tarea.Criterios) (r tarea.Recomendacion, siguientes []ident.Efectivo, err error) {
	if err := d.level(ctx); err != nil {
		return r, nil, err
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	var (
		resto  = map[tarea.Exclusion]int{}
		fuera  = map[tarea.Exclusion][]medido{}
		aptos  = make([]medido, 0, len(d.people))
		listed []tarea.Aspirante
	)
	for _, p := range d.people {
		if p.deBaja {
			continue
		}
		m := medido{p, math.Inf(1)}
		a := p.aspirante(en)
		if a.AntiguedadS != nil {
			m.esfera = geo.Distancia(lugar, p.lugar)
		}
		causa := k.Excluye(a)
		if causa == "" && m.esfera > k.RadioM*esferaCorta && (m.esfera > k.RadioM*esferaLarga || geo.Geodesica(lugar, p.lugar) > k.RadioM) {
			causa = tarea.DemasiadoLejos
		}
		if causa == "" {
			aptos = append(aptos, m)
			continue
		}
		resto[causa]++
		fuera[causa] = cercanos(fuera[causa], m)
	}
	for causa, list := range fuera {
		resto[causa] -= len(list)
		for _, m := range list {
			listed = append(listed, m.exacto(lugar, en))
		}
	}
	slices.SortFunc(aptos, masCerca)
	// Whoever is within the error of the sphere behind the last one might be before him.
	n := min(len(aptos), maxOrdenados)
	for n > 0 && n < len(aptos) && aptos[n].esfera <= aptos[maxOrdenados-1].esfera*esferaLarga/esferaCorta {
		n++
	}
	for _, m := range aptos[:n] {
		listed = append(listed, m.exacto(lugar, en))
	}
	resto[""] = len(aptos) - n
	r, siguientes = tarea.Recomendar(k, listed, resto)
	return r, siguientes, nil
}

// medido is somebody and how far he is on the sphere, +Inf when nobody knows.
type medido struct {
	*desplegado
	esfera float64
}

func masCerca(a, b medido) int {
	if n := cmp.Compare(a.esfera, b.esfera); n != 0 {
		return n // nearly always: the identifiers are not even looked at
	}
	return cmp.Compare(a.id, b.id)
}

// cercanos keeps the nearest of a reason, as many as a recommendation shows.
func cercanos(list []medido, m medido) []medido {
	i, _ := slices.BinarySearchFunc(list, m, masCerca)
	if i == tarea.MaxPorExclusion {
		return list
	}
	return slices.Insert(list[:min(len(list), tarea.MaxPorExclusion-1)], i, m)
}

// aspirante is somebody as a recommendation looks at him, without the distance. Off duty
// nobody has a position, whatever the last one was.
func (p *desplegado) aspirante(en time.Time) tarea.Aspirante {
	a := tarea.Aspirante{
		Efectivo: ident.Efectivo(p.id), Disponibilidad: tarea.Situacion(p.disponibilidad), EnTurno: p.turno != "", Carga: p.carga,
	}
	if a.EnTurno && !p.en.IsZero() {
		a.AntiguedadS = new(max(0, en.Sub(p.en).Seconds()))
	}
	if a.EnTurno && p.libreDesde != nil {
		a.DescansoS = max(0, en.Sub(*p.libreDesde).Seconds())
	}
	return a
}

func (m medido) exacto(lugar geo.Punto, en time.Time) tarea.Aspirante {
	a := m.aspirante(en)
	if a.AntiguedadS != nil {
		a.DistanciaM = new(geo.Geodesica(lugar, m.lugar))
	}
	return a
}
