package efectivos

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
)

// posiciones names the projection whose rows the positions start from (mapa.NamePosiciones),
// cuentas that whose rows say whose account is closed (usuarios.Name).
const (
	posiciones = "mapa.posiciones"
	cuentas    = "usuarios"
)

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
	wait  time.Duration // how long a recommendation waits to know what was recorded before it was asked for

	mu      sync.RWMutex
	people  map[string]*desplegado // guarded by mu, like all below
	puestos []puesto               // of each of them, at his place
	early   map[string]sitio       // of whoever is not known yet: facts and positions are followed apart
	shut    map[ident.Usuario]bool // blocked, or left
	at      eventstore.Position
	batch   eventstore.Batch
	ready   bool
	moved   chan struct{} // closed when anything above changes
	// Up to where the rows it started from were true: what was recorded before is in them.
	gente, cuentas eventstore.Position
}

// desplegado is one of them and his newest believed position.
type desplegado struct {
	ficha
	sitio
	sinAcceso bool // his Usuario is blocked, or has left
	place     int  // in puestos
}

// sitio is where somebody was.
type sitio struct {
	lugar geo.Punto
	en    time.Time // zero without a position
}

// NewDespliegue returns an empty one; Run fills it.
func NewDespliegue(pool *pgxpool.Pool, log DespliegueLog, fixes eventstore.TelemetryReader, logger *slog.Logger) *Despliegue {
	return &Despliegue{
		reads: projections.NewReads(pool), log: log, fixes: fixes, slog: logger, wait: 250 * time.Millisecond, people: map[string]*desplegado{}, moved: make(chan struct{}),
	}
}

// Patient lets recommendations wait so long for what was recorded before them, and returns d.
func (d *Despliegue) Patient(wait time.Duration) *Despliegue {
	d.wait = wait
	return d
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
	people, early, shut := map[string]*desplegado{}, map[string]sitio{}, map[ident.Usuario]bool{}
	var gente, known eventstore.Position
	err = d.reads.Snapshot(ctx, projections.System, "read who is deployed", []string{"efectivos", "posiciones", "usuarios"}, func(tx pgx.Tx) error {
		var err error
		if gente, err = projections.Oldest(ctx, tx, Name); err != nil {
			return err
		}
		if known, err = projections.Oldest(ctx, tx, cuentas); err != nil {
			return err
		}
		last, err := projections.Oldest(ctx, tx, posiciones)
		if err != nil {
			return err
		}
		batch = eventstore.Batch(last)
		rows, err := tx.Query(ctx, "select id::text from lectura.usuarios where estado <> 'activo'")
		if err != nil {
			return err
		}
		var who ident.Usuario
		if _, err := pgx.ForEachRow(rows, []any{&who}, func() error { shut[who] = true; return nil }); err != nil {
			return err
		}
		if rows, err = tx.Query(ctx, "select "+fichas.Select+" from lectura.efectivos"); err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			p := &desplegado{}
			if err := fichas.Scan(rows, &p.ficha); err != nil {
				return err
			}
			p.sinAcceso = shut[p.usuario]
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
		var at sitio
		_, err = pgx.ForEachRow(rows, []any{&id, &at.lugar.Lat, &at.lugar.Lon, &at.en}, func() error {
			if p := people[id]; p != nil {
				p.sitio = at
			} else {
				early[id] = at
			}
			return nil
		})
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	at = min(gente, known)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.people, d.puestos, d.early, d.at, d.batch, d.ready = people, make([]puesto, 0, len(people)), early, at, batch, true
	d.shut, d.gente, d.cuentas = shut, gente, known
	for _, p := range people {
		d.stand(p)
	}
	d.announce()
	return at, batch, nil
}

// stand gives somebody new his place. The caller holds mu.
func (d *Despliegue) stand(p *desplegado) {
	p.place = len(d.puestos)
	d.puestos = append(d.puestos, p.puesto())
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
		switch e := r.Event.(type) {
		case efectivo.Event:
			if r.Position > d.gente {
				d.efectivo(projections.Key(r.Stream), e)
			}
		case usuario.Event:
			if r.Position > d.cuentas {
				d.cuenta(ident.Usuario(projections.Key(r.Stream)), e)
			}
		}
	}
	d.at = batch[len(batch)-1].Position
	d.announce()
}

// efectivo folds a fact of somebody. The caller holds mu.
func (d *Despliegue) efectivo(id string, e efectivo.Event) {
	if reg, ok := e.(efectivo.Registrado); ok && d.people[id] == nil {
		p := &desplegado{
			ficha: ficha{id: id, usuario: reg.Usuario, codigo: reg.CodigoInterno, disponibilidad: efectivo.FueraServicio},
			sitio: d.early[id], sinAcceso: d.shut[reg.Usuario],
		}
		delete(d.early, id)
		d.people[id] = p
		d.stand(p)
	}
	if p := d.people[id]; p != nil {
		p.aplica(e)
		d.puestos[p.place] = p.puesto()
	}
}

// cuenta folds a fact of a Usuario: whoever is blocked or has left is not sent anywhere, nor
// would he hear of it. The caller holds mu.
func (d *Despliegue) cuenta(id ident.Usuario, e usuario.Event) {
	switch e.(type) {
	case usuario.Bloqueado, usuario.DadoDeBaja:
		d.shut[id] = true
	case usuario.Desbloqueado:
		delete(d.shut, id)
	case usuario.Registrado, usuario.DatosModificados, usuario.DatosPersonalesEliminados, usuario.CredencialCambiada, usuario.TelegramVinculado,
		usuario.TelegramDesvinculado, usuario.RolCambiado, usuario.JurisdiccionAsignada, usuario.Verificado, usuario.SegundoFactorActivado,
		usuario.SegundoFactorDesactivado:
		return
	}
	for _, p := range d.people { // it happens seldom
		if p.usuario == id {
			p.sinAcceso = d.shut[id]
			d.puestos[p.place] = p.puesto()
		}
	}
}

func (d *Despliegue) positions(b eventstore.TelemetryBatch) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, f := range b.Fixes {
		if f.Flags&eventstore.FlagImpossibleSpeed != 0 {
			continue
		}
		at := sitio{geo.Punto{Lat: f.Lat, Lon: f.Lon}, f.DeviceAt}
		switch p := d.people[f.Efectivo]; {
		case p == nil:
			if at.en.After(d.early[f.Efectivo].en) {
				d.early[f.Efectivo] = at
			}
		case at.en.After(p.en):
			p.sitio = at
			d.puestos[p.place] = p.puesto()
		}
	}
	d.batch = b.Batch
	d.announce()
}

// level waits until everything recorded so far is known here. It gives up waiting for a
// laggard: whoever was taken meanwhile is found out when he is offered the Tarea.
func (d *Despliegue) level(ctx context.Context) error {
	var (
		at    eventstore.Position
		batch eventstore.Batch
	)
	heads, asking := errgroup.WithContext(ctx) // both at once: an emergency waits for the answers
	heads.Go(func() (err error) {
		at, err = d.log.Head(asking)
		return err
	})
	heads.Go(func() (err error) {
		batch, err = d.fixes.HeadBatch(asking)
		return err
	})
	if err := heads.Wait(); err != nil {
		return err
	}
	timer := time.NewTimer(d.wait)
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
