package mapa

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/projections"
)

// question finds marks T of a map, which lie in the order of their keys K.
type question[T, K any] struct {
	sql, order string
	scan       func(rows pgx.Rows) (T, K, error)
	compare    func(a, b K) int
}

// part is one of the questions of a map. They are asked together, so that the database works on
// the next one while this one is read and put in order.
type part interface {
	queue(b *pgx.Batch)
	read(answers pgx.BatchResults) error
	finish(ctx context.Context, tx pgx.Tx) error // once all are read
}

// together asks the questions of a map and reads their answers.
func together(ctx context.Context, tx pgx.Tx, parts ...part) error {
	b := &pgx.Batch{}
	for _, p := range parts {
		p.queue(b)
	}
	answers := tx.SendBatch(ctx, b)
	for _, p := range parts {
		if err := p.read(answers); err != nil {
			return errors.Join(err, answers.Close())
		}
	}
	if err := answers.Close(); err != nil {
		return err
	}
	for _, p := range parts {
		if err := p.finish(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// marks reads into a list of a map, at most maxMarcas. They are put in order here: ordering whole
// rows of a city costs the database more than finding them. Only where there are more than a map
// shows does it have to say which come first. It implements part.
type marks[T, K any] struct {
	question[T, K]
	where *projections.Where
	into  *[]T
}

func (m marks[T, K]) queue(b *pgx.Batch) {
	w := m.where.Clone()
	b.Queue(m.sql+w.SQL()+" limit "+w.Arg(maxMarcas), w.Args()...)
}

func (m marks[T, K]) read(answers pgx.BatchResults) error {
	rows, err := answers.Query()
	if err != nil {
		return err
	}
	return m.take(rows)
}

func (m marks[T, K]) finish(ctx context.Context, tx pgx.Tx) error {
	if len(*m.into) < maxMarcas {
		return nil
	}
	w := m.where.Clone()
	rows, err := tx.Query(ctx, m.sql+w.SQL()+m.order+" limit "+w.Arg(maxMarcas), w.Args()...)
	if err != nil {
		return err
	}
	return m.take(rows)
}

func (m marks[T, K]) take(rows pgx.Rows) error {
	defer rows.Close()
	var found []T
	var keys []K
	var places []int // marks are large: their places are sorted, and each is moved once
	for rows.Next() {
		t, k, err := m.scan(rows)
		if err != nil {
			return err
		}
		found, keys, places = append(found, t), append(keys, k), append(places, len(places))
	}
	slices.SortFunc(places, func(a, b int) int { return m.compare(keys[a], keys[b]) })
	*m.into = make([]T, len(found))
	for i, p := range places {
		(*m.into)[i] = found[p]
	}
	return rows.Err()
}

// drawn reads the Zonas of a map. It implements part.
type drawn struct {
	where *projections.Where
	into  *[]ZonaEnMapa
}

func (d drawn) queue(b *pgx.Batch) {
	w := d.where.Clone()
	b.Queue(selectZonas+w.SQL()+" order by nombre, id limit "+w.Arg(maxMarcas), w.Args()...)
}

func (d drawn) read(answers pgx.BatchResults) error {
	rows, err := answers.Query()
	if err != nil {
		return err
	}
	found, err := pgx.CollectRows(rows, zonaEnMapa)
	if found != nil {
		*d.into = found
	}
	return err
}

func (d drawn) finish(context.Context, pgx.Tx) error { return nil }

// byCode orders Efectivos.
type byCode struct{ codigo, id string }

// enCalle asks for the Efectivos on duty, in the order of their code.
func enCalle() question[EfectivoEnMapa, byCode] {
	// One row at a time is scanned, into the same place. Words that are few are kept once for all.
	libres := words[efectivo.Disponibilidad]{}
	var (
		e                           EfectivoEnMapa
		id                          [16]byte
		libre                       pgtype.DriverBytes
		precision, rumbo, velocidad float32
	)
	return question[EfectivoEnMapa, byCode]{
		sql: `select e.id, e.codigo_interno, e.disponibilidad, p.lat, p.lon, p.en, p.precision_m, p.rumbo, p.velocidad, e.simulado
			from lectura.posiciones p join lectura.efectivos e on e.id = p.efectivo`,
		order: ` order by e.codigo_interno collate "C", e.id`,
		scan: func(rows pgx.Rows) (EfectivoEnMapa, byCode, error) {
			err := rows.Scan(&id, &e.CodigoInterno, &libre, &e.Lat, &e.Lon, &e.En, &precision, &rumbo, &velocidad, &e.Simulado)
			e.Efectivo, e.Disponibilidad = ident.Efectivo(uuid.UUID(id).String()), libres.of(libre)
			e.PrecisionM, e.Rumbo, e.VelocidadMPS = centesimos(precision), conocido(rumbo), conocido(velocidad)
			return e, byCode{e.CodigoInterno, string(e.Efectivo)}, err
		},
		compare: func(a, b byCode) int {
			return cmp.Or(strings.Compare(a.codigo, b.codigo), strings.Compare(a.id, b.id))
		},
	}
}

// byUrgency orders Tareas.
type byUrgency struct {
	prioridad tarea.Prioridad
	inicio    time.Time
	id        string
}

// porHacer asks for the open Tareas with a place, the most urgent first and then the newest.
func porHacer() question[TareaEnMapa, byUrgency] {
	tipos, estados := words[tarea.Tipo]{}, words[tarea.Estado]{}
	var (
		t            TareaEnMapa
		id           [16]byte
		tipo, estado pgtype.DriverBytes
		prioridad    int16
		inicio       time.Time
	)
	return question[TareaEnMapa, byUrgency]{
		sql:   `select id, codigo, titulo, tipo, prioridad, estado, lat, lon, simulada, inicio_programado from lectura.tareas`,
		order: ` order by prioridad desc, inicio_programado desc, id`,
		scan: func(rows pgx.Rows) (TareaEnMapa, byUrgency, error) {
			err := rows.Scan(&id, &t.Codigo, &t.Titulo, &tipo, &prioridad, &estado, &t.Lat, &t.Lon, &t.Simulada, &inicio)
			t.ID, t.Tipo, t.Estado, t.Prioridad = ident.Tarea(uuid.UUID(id).String()), tipos.of(tipo), estados.of(estado), tarea.Prioridad(prioridad)
			return t, byUrgency{t.Prioridad, inicio, string(t.ID)}, err
		},
		compare: func(a, b byUrgency) int {
			return cmp.Or(cmp.Compare(b.prioridad, a.prioridad), b.inicio.Compare(a.inicio), strings.Compare(a.id, b.id))
		},
	}
}

// words are the few that a column of many rows is made of.
type words[T ~string] map[string]T

func (w words[T]) of(text []byte) T {
	if known, ok := w[string(text)]; ok {
		return known
	}
	word := T(text)
	w[string(word)] = word
	return word
}

// conocido is nil for what the device did not say.
func conocido(v float32) *float64 {
	if v < 0 {
		return nil
	}
	return new(centesimos(v))
}

// centesimos hides the noise of widening a real: 12.3, not 12.300000190734863.
func centesimos(v float32) float64 { return math.Round(float64(v)*100) / 100 }
