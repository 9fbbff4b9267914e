// Package bench measures how fast read models catch up, on a log that looks like a working
// day: Usuarios and Efectivos are registered and go on duty; Tareas are created with texts
// and places, assigned, accepted, travelled to, carried out, paused, finished or cancelled,
// many at a time, so that a window of the log holds pieces of many histories.
package bench

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/grupo-gad/gad/domain"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/eventstore"
)

// Day is a generator of a log. The same seed gives the same facts, identifiers included.
type Day struct {
	rng      *rand.Rand
	run      uint64 // makes the identifiers of two generations differ
	now      time.Time
	serial   uint64
	people   []person
	versions map[eventstore.StreamID]eventstore.Version
	open     []*mission
	codes    int
}

type person struct {
	usuario  ident.Usuario
	efectivo ident.Efectivo
	turno    ident.Turno
	busy     bool
}

// mission is a Tarea under way: the steps that are left.
type mission struct {
	id    ident.Tarea
	who   int // index into people, -1 while nobody is assigned
	steps []step
}

type step int

const (
	assign step = iota
	accept
	travel
	arrive
	begin
	pause
	resume
	raise
	finish
	cancel
)

// NewDay returns a generator.
func NewDay(seed uint64, efectivos int) *Day {
	return &Day{
		rng: rand.New(rand.NewPCG(seed, 1)), run: seed, now: time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC), //nolint:gosec // not a secret
		people: make([]person, efectivos), versions: map[eventstore.StreamID]eventstore.Version{},
	}
}

// Shift registers everybody and puts them on duty: one append per person.
func (d *Day) Shift() []eventstore.Append {
	var all []eventstore.Append
	for i := range d.people {
		u, e, s := ident.Usuario(d.uuid()), ident.Efectivo(d.uuid()), ident.Sujeto(d.uuid())
		a := d.order()
		name, surname := d.seal(&a, string(s), "nombre", nombres[d.rng.IntN(len(nombres))]), d.seal(&a, string(s), "apellido", apellidos[d.rng.IntN(len(apellidos))])
		d.fact(&a, u.Stream(), usuario.Registrado{
			ID: u, Sujeto: s, Rol: permiso.Efectivo, Nombre: name, Apellido: surname,
			Email: sealed.Commit(string(s), "email", sealed.Salt{}, fmt.Sprintf("p%d@ejemplo.org", i)), Simulado: true, En: d.now,
		})
		// The address is claimed by its commitment, so its text has to come along.
		a.Secrets = append(a.Secrets, sealed.Text{Owner: string(s), Field: "email", Value: fmt.Sprintf("p%d@ejemplo.org", i), Index: fmt.Sprintf("p%d-%d@ejemplo.org", i, d.run)})
		d.fact(&a, e.Stream(), efectivo.Registrado{
			ID: e, Usuario: u, CodigoInterno: fmt.Sprintf("B%d-%05d", d.run, i), Rango: "oficial", Unidad: fmt.Sprintf("Comisaría %d", i%40), Simulado: true, En: d.now,
		})
		// Drawn here, so that a seed gives what it always gave.
		d.people[i] = person{usuario: u, efectivo: e, turno: ident.Turno(d.uuid())}
		d.fact(&a, e.Stream(), efectivo.TurnoIniciado{Turno: d.people[i].turno, En: d.now})
		all = append(all, a)
	}
	return all
}

// Next returns the next order of the day.
func (d *Day) Next() eventstore.Append {
	d.now = d.now.Add(time.Duration(50+d.rng.IntN(400)) * time.Millisecond)
	if len(d.open) < max(8, len(d.people)) && d.rng.IntN(8) == 0 || len(d.open) == 0 {
		return d.create()
	}
	i := d.rng.IntN(len(d.open))
	m := d.open[i]
	a := d.advance(m)
	if len(m.steps) == 0 {
		d.open[i] = d.open[len(d.open)-1]
		d.open = d.open[:len(d.open)-1]
	}
	return a
}

func (d *Day) create() eventstore.Append {
	id := ident.Tarea(d.uuid())
	d.codes++
	a := d.order()
	e := tarea.Creada{
		ID: id, Codigo: fmt.Sprintf("B%d-%d", d.run%1000, d.codes), Tipo: tipos[d.rng.IntN(len(tipos))], Prioridad: tarea.Prioridad(1 + d.rng.IntN(5)),
		Titulo:           d.seal(&a, string(id), "titulo", titulos[d.rng.IntN(len(titulos))]),
		Descripcion:      d.seal(&a, string(id), "descripcion", descripciones[d.rng.IntN(len(descripciones))]),
		InicioProgramado: d.now, Creador: d.people[0].usuario, Delegado: d.people[d.rng.IntN(len(d.people))].usuario, Simulada: true, En: d.now,
	}
	if d.rng.IntN(10) > 0 {
		e.Ubicacion = &tarea.Ubicacion{
			Punto:       geo.Punto{Lat: -34.7 + 0.2*d.rng.Float64(), Lon: -58.55 + 0.25*d.rng.Float64()},
			Descripcion: d.seal(&a, string(id), "ubicacion.descripcion", calles[d.rng.IntN(len(calles))]),
		}
	}
	d.fact(&a, id.Stream(), e)
	m := &mission{id: id, who: -1}
	switch d.rng.IntN(10) {
	case 0:
		m.steps = []step{raise, cancel}
	case 1:
		m.steps = []step{assign, accept, begin, finish}
	case 2, 3:
		m.steps = []step{assign, accept, travel, arrive, begin, pause, resume, finish}
	default:
		m.steps = []step{assign, accept, travel, arrive, begin, finish}
	}
	d.open = append(d.open, m)
	return a
}

func (d *Day) advance(m *mission) eventstore.Append {
	a := d.order()
	next := m.steps[0]
	if next == assign {
		who := d.rng.IntN(len(d.people))
		if d.people[who].busy { // raised while it waits for somebody
			d.fact(&a, m.id.Stream(), tarea.PrioridadCambiada{Prioridad: tarea.Prioridad(1 + d.rng.IntN(5)), En: d.now})
			return a
		}
		m.who, d.people[who].busy = who, true
	}
	m.steps = m.steps[1:]
	var who ident.Efectivo
	if m.who >= 0 {
		who = d.people[m.who].efectivo
	}
	stream := m.id.Stream()
	switch next {
	case assign:
		d.fact(&a, stream, tarea.EfectivoAsignado{Efectivo: who, En: d.now})
		d.fact(&a, who.Stream(), efectivo.DisponibilidadCambiada{Disponibilidad: efectivo.EnTarea, Causa: efectivo.PorAsignacion, Tarea: m.id, En: d.now})
	case accept:
		d.fact(&a, stream, tarea.AsignacionAceptada{Efectivo: who, En: d.now})
	case travel:
		d.fact(&a, stream, tarea.EfectivoEnCamino{Efectivo: who, En: d.now})
		if slices.Contains(m.steps, pause) {
			d.fact(&a, stream, tarea.ListaDefinida{En: d.now, Puntos: []tarea.PuntoDeLista{
				{Punto: 1, Texto: d.seal(&a, string(m.id), "lista", "avisar por radio")},
			}})
		}
	case arrive:
		d.fact(&a, stream, tarea.EfectivoEnLugar{Efectivo: who, En: d.now})
	case begin:
		d.fact(&a, stream, tarea.Iniciada{En: d.now})
	case pause:
		d.fact(&a, stream, tarea.Pausada{En: d.now})
		d.fact(&a, stream, tarea.NotaAgregada{Nota: ident.Nota(d.uuid()), Texto: d.seal(&a, string(m.id), "nota", "se espera a la grúa"), En: d.now})
	case resume:
		d.fact(&a, stream, tarea.Reanudada{En: d.now})
		d.fact(&a, stream, tarea.PuntoDeListaCumplido{Punto: 1, En: d.now})
	case raise:
		d.fact(&a, stream, tarea.PrioridadCambiada{Prioridad: tarea.Critica, En: d.now})
	case finish:
		d.fact(&a, stream, tarea.EfectivoLiberado{Efectivo: who, En: d.now})
		d.fact(&a, stream, tarea.Finalizada{En: d.now})
		d.fact(&a, who.Stream(), efectivo.DisponibilidadCambiada{Disponibilidad: efectivo.Disponible, Causa: efectivo.PorLiberacion, Tarea: m.id, En: d.now})
		d.people[m.who].busy = false
	case cancel:
		d.fact(&a, stream, tarea.Cancelada{Motivo: d.seal(&a, string(m.id), "motivo", "ya no hace falta"), En: d.now})
	}
	return a
}

func (d *Day) order() eventstore.Append {
	id, err := eventstore.ParseCommandID(d.uuid())
	if err != nil {
		panic("a generated identifier is a UUID: " + err.Error())
	}
	return eventstore.Append{Command: id, Metadata: eventstore.Metadata{Actor: "sistema:banco"}, Answer: []byte("{}")}
}

// fact adds an event to an append, with the version its stream is at.
func (d *Day) fact(a *eventstore.Append, stream string, e event.Event) {
	id := eventstore.StreamID(stream)
	known := false
	for _, x := range a.Expected {
		known = known || x.Stream == id
	}
	if !known {
		a.Expected = append(a.Expected, eventstore.Expectation{Stream: id, Version: d.versions[id]})
	}
	d.versions[id]++
	a.Events = append(a.Events, eventstore.Draft{Stream: id, Event: e})
	for _, c := range domain.Claims(e) {
		a.Claims = append(a.Claims, eventstore.Claim{Stream: id, Change: c})
	}
}

func (d *Day) seal(a *eventstore.Append, owner, field, value string) sealed.Commitment {
	t := sealed.Text{Owner: owner, Field: field, Value: value}
	for i := range 4 {
		binary.LittleEndian.PutUint64(t.Salt[8*i:], d.rng.Uint64())
	}
	a.Secrets = append(a.Secrets, t)
	return t.Commitment()
}

// uuid makes identifiers that grow, as UUIDv7 do: random ones would scatter every index.
func (d *Day) uuid() string {
	d.serial++
	return fmt.Sprintf("%08x-%04x-7000-8000-%012x", d.serial>>16, d.serial&0xffff, (d.run&0xffffff)<<24|d.rng.Uint64()&0xffffff)
}

// Fill appends facts until the log holds at least n events more, and returns the head.
// Orders go in 64 at a time; those of one Tarea or Efectivo never at the same time.
func Fill(ctx context.Context, store eventstore.Store, d *Day, n int64, progress func(done, total int64)) (eventstore.Position, error) {
	head, err := store.Head(ctx)
	if err != nil {
		return 0, fmt.Errorf("find the head of the log: %w", err)
	}
	first := head
	queue := d.Shift()
	for int64(head-first) < n {
		for len(queue) < 512 {
			queue = append(queue, d.Next())
		}
		var wave []eventstore.Append
		wave, queue = independent(queue)
		heads := make([]eventstore.Position, len(wave))
		group, ctx := errgroup.WithContext(ctx)
		for i, a := range wave {
			group.Go(func() error {
				receipt, err := store.Append(ctx, a)
				heads[i] = receipt.Head
				return err
			})
		}
		if err := group.Wait(); err != nil {
			return 0, fmt.Errorf("fill the log: %w", err)
		}
		for _, h := range heads {
			head = max(head, h)
		}
		if progress != nil {
			progress(min(int64(head-first), n), n)
		}
	}
	return head, nil
}

// independent takes from a queue, in order, what touches no stream of anything before it.
func independent(queue []eventstore.Append) (wave, rest []eventstore.Append) {
	touched := map[eventstore.StreamID]bool{}
	for _, a := range queue {
		free := true
		for _, x := range a.Expected {
			free = free && !touched[x.Stream]
			touched[x.Stream] = true
		}
		if free {
			wave = append(wave, a)
		} else {
			rest = append(rest, a)
		}
	}
	return wave, rest
}

var (
	tipos   = []tarea.Tipo{tarea.Patrullaje, tarea.Intervencion, tarea.Inspeccion, tarea.Vigilancia, tarea.Emergencia}
	nombres = []string{"Ana", "Bruno", "Carla", "Diego", "Elena", "Facundo", "Gabriela", "Hernán", "Inés", "Julián"}

	apellidos = []string{"Acosta", "Benítez", "Castro", "Domínguez", "Fernández", "Giménez", "Núñez", "Peralta", "Sánchez", "Vélez"}
	titulos   = []string{"Ruidos molestos en la vía pública", "Control de tránsito en la avenida", "Accidente con heridos leves", "Árbol caído sobre la calzada", "Pedido de constatación de domicilio"}
	calles    = []string{"Av. Rivadavia 4800", "Bolívar y México", "Plaza de los Dos Congresos", "Gral. Paz y Constituyentes"}

	descripciones = []string{
		"Vecinos informan música a alto volumen desde hace varias horas; se acercan al lugar para conversar con los organizadores.",
		"Corte parcial por obra; desviar el tránsito por la calle paralela hasta nuevo aviso.",
		"Dos vehículos particulares; la ambulancia está en camino. Asegurar la zona y tomar datos de los testigos.",
		"Se necesita una cuadrilla de espacio público. No hay heridos.",
	}
)
