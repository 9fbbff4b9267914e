package mapa

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/projections"
)

// question finds marks T of a map.
type question[T any] struct {
	sql, order string // order is that of scan's keys
	scan       func(rows pgx.Rows) (T, key, error)
	tie        func(a, b *T) int // orders those whose keys are equal
}

// key says which mark comes first: the one with the smaller numbers.
type key struct{ hi, lo uint64 }

func (k key) compare(other key) int {
	if k.hi != other.hi {
		return cmp.Compare(k.hi, other.hi)
	}
	return cmp.Compare(k.lo, other.lo)
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
type marks[T any] struct {
	question[T]
	where *projections.Where
	into  *[]T
}

func (m marks[T]) queue(b *pgx.Batch) {
	w := m.where.Clone()
	b.Queue(m.sql+w.SQL()+" limit "+w.Arg(maxMarcas), w.Args()...)
}

func (m marks[T]) read(answers pgx.BatchResults) error {
	rows, err := answers.Query()
	if err != nil {
		return err
	}
	return m.take(rows)
}

func (m marks[T]) finish(ctx context.Context, tx pgx.Tx) error {
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

// piece is how many marks are kept together while nobody knows how many will come: they are large,
// and a slice that grows would move them again and again.
const piece = 512

func (m marks[T]) take(rows pgx.Rows) error {
	defer rows.Close()
	type place struct {
		key
		at int
	}
	var found [][]T
	var places []place // sorted instead of the marks: each of those is moved once
	for rows.Next() {
		t, k, err := m.scan(rows)
		if err != nil {
			return err
		}
		if len(places)%piece == 0 {
			found = append(found, nil)
		}
		last := len(places) / piece
		found[last], places = append(found[last], t), append(places, place{k, len(places)})
	}
	mark := func(p place) *T { return &found[p.at/piece][p.at%piece] }
	slices.SortFunc(places, func(a, b place) int {
		if c := a.compare(b.key); c != 0 {
			return c
		}
		return m.tie(mark(a), mark(b))
	})
	*m.into = make([]T, len(places))
	for i, p := range places {
		(*m.into)[i] = *mark(p)
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

// porHacer asks for the open Tareas with a place, the most urgent first and then the newest.
func porHacer() question[TareaEnMapa] {
	tipos, estados := words[tarea.Tipo]{}, words[tarea.Estado]{}
	var (
		t            TareaEnMapa
		id           [16]byte
		tipo, estado pgtype.DriverBytes
		prioridad    int16
		inicio       time.Time
	)
	return question[TareaEnMapa]{
		sql:   `select id, codigo, titulo, tipo, prioridad, estado, lat, lon, simulada, inicio_programado from lectura.tareas`,
		order: ` order by prioridad desc, inicio_programado desc, id`,
		scan: func(rows pgx.Rows) (TareaEnMapa, key, error) {
			err := rows.Scan(&id, &t.Codigo, &t.Titulo, &tipo, &prioridad, &estado, &t.Lat, &t.Lon, &t.Simulada, &inicio)
			t.ID, t.Tipo, t.Estado, t.Prioridad = ident.Tarea(uuid.UUID(id).String()), tipos.of(tipo), estados.of(estado), tarea.Prioridad(prioridad)
			return t, key{descending(int64(prioridad)), descending(inicio.UnixMicro())}, err
		},
		tie: func(a, b *TareaEnMapa) int { return strings.Compare(string(a.ID), string(b.ID)) },
	}
}

// descending makes the part of a key that puts the greater number first.
func descending(n int64) uint64 { return ^(uint64(n) ^ 1<<63) }

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
