package rest

import (
	"context"
	"slices"
	"sort"
	"strconv"
	"time"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/eventstore"
)

// entry is one fact as histories show it.
type entry struct {
	Posicion   int64          `json:"posicion"`
	Stream     string         `json:"stream"`
	Version    int64          `json:"version"`
	Tipo       string         `json:"tipo"`
	En         time.Time      `json:"en"`         // when it happened in the field
	Registrado time.Time      `json:"registrado"` // when it was recorded
	Actor      string         `json:"actor"`
	Causa      string         `json:"causa,omitzero"`
	Comando    string         `json:"comando"`
	Datos      map[string]any `json:"datos"`
}

type entries struct {
	Datos     []entry `json:"datos"`
	Total     *int64  `json:"total"` // null when only reading everything would tell
	Siguiente *string `json:"siguiente"`
	Posicion  int64   `json:"posicion"`
}

func (a *API) entries(ctx context.Context, who auth.Identity, records []eventstore.Recorded) ([]entry, error) {
	payloads, err := a.opened(ctx, who, records)
	if err != nil {
		return nil, err
	}
	out := make([]entry, len(records))
	for i, rec := range records {
		out[i] = entry{
			Posicion: int64(rec.Position), Stream: string(rec.Stream), Version: int64(rec.Version), Tipo: rec.Type,
			En: rec.RecordedAt.UTC(), Registrado: rec.RecordedAt.UTC(), Actor: rec.Metadata.Actor, Causa: rec.Metadata.Causation,
			Comando: rec.Command.String(), Datos: payloads[i],
		}
		if text, ok := payloads[i]["en"].(string); ok {
			if en, err := time.Parse(time.RFC3339, text); err == nil {
				out[i].En = en.UTC()
			}
		}
	}
	return out, nil
}

// historial serves GET /tareas/{id}/historial, oldest first.
func (a *API) historial(r *request) error {
	if err := a.await(r, "tareas"); err != nil {
		return err
	}
	q := r.query()
	limit := q.limit()
	after := eventstore.Version(q.integer("cursor", 0, 0, 1<<40))
	if err := q.err(); err != nil {
		return err
	}
	t, err := a.readTarea(r) // out of reach is out of existence
	if err != nil {
		return err
	}
	stream := eventstore.StreamID(t.ID.Stream())
	records, more, err := a.readStream(r.Request().Context(), stream, after, limit)
	if err != nil {
		return err
	}
	page, err := a.entries(r.Request().Context(), r.who, records)
	if err != nil {
		return err
	}
	if err := a.reservar(r, records, page); err != nil {
		return err
	}
	list := entries{Datos: page, Posicion: t.Posicion}
	if n := len(records); n > 0 {
		list.Posicion = max(t.Posicion, int64(records[n-1].Position))
		if more {
			list.Siguiente = new(strconv.FormatInt(int64(records[n-1].Version), 10))
		} else {
			list.Total = new(int64(records[n-1].Version)) // versions are dense
		}
	}
	return r.ok(list.Posicion, list)
}

func (a *API) readStream(ctx context.Context, s eventstore.StreamID, after eventstore.Version, limit int) (out []eventstore.Recorded, more bool, err error) {
	for rec, err := range a.Log.ReadStream(ctx, s, after) {
		if err != nil {
			return nil, false, err
		}
		if len(out) == limit {
			return out, true, nil
		}
		out = append(out, rec)
	}
	return out, false, nil
}

// scanBudget bounds how many events one request looks at for its filter; the
// cursor tells where the next one goes on.
const (
	scanBudget = 20_000
	scanWindow = 1_000
)

type eventFilter struct {
	stream, actor string
	tipos         []string // any of them; nil for every one
	hasta         time.Time
}

// all reports whether the filter takes everything.
func (f eventFilter) all() bool {
	return f.stream == "" && f.actor == "" && f.tipos == nil && f.hasta.IsZero()
}

func (f eventFilter) takes(rec eventstore.Recorded) bool {
	return (f.tipos == nil || slices.Contains(f.tipos, rec.Type)) && (f.stream == "" || string(rec.Stream) == f.stream) &&
		(f.actor == "" || rec.Metadata.Actor == f.actor || rec.Metadata.Actor == "usuario-"+f.actor)
}

// eventos serves GET /eventos: the log in its order, filtered.
func (a *API) eventos(r *request) error {
	return a.facts(r, func(q *query) eventFilter {
		return eventFilter{tipos: q.words("tipo"), stream: q.text("stream"), actor: q.text("actor")}
	})
}

// facts answers with a page of the log, in its order. filter reads the parameters of its own.
func (a *API) facts(r *request, filter func(*query) eventFilter) error {
	if err := a.awaitLog(r); err != nil {
		return err
	}
	ctx, q := r.Request().Context(), r.query()
	from := eventstore.Position(q.integer("desde_posicion", 1, 0, 1<<62))
	cursor, newest := eventstore.Position(q.integer("cursor", 0, 0, 1<<62)), false
	switch q.text("orden") {
	case "", "posicion":
	case "-posicion":
		newest = true
	default:
		q.bad("orden", "es posicion o -posicion")
	}
	if cursor > 0 && !newest {
		from = cursor
	}
	f := filter(q)
	f.hasta = q.instant("hasta")
	desde, limit := q.instant("desde"), q.limit()
	if err := q.err(); err != nil {
		return err
	}
	head, err := a.Log.Head(ctx)
	if err != nil {
		return err
	}
	if !desde.IsZero() {
		since, err := a.firstSince(ctx, head, desde)
		if err != nil {
			return err
		}
		from = max(from, since)
	}
	from = max(from, 1)
	var records []eventstore.Recorded
	var next eventstore.Position
	if newest {
		records, next, err = a.newest(ctx, from, head, cursor, f, limit)
	} else {
		records, next, err = a.scan(ctx, from, head, f, limit)
	}
	if err != nil {
		return err
	}
	page, err := a.entries(ctx, r.who, records)
	if err != nil {
		return err
	}
	list := entries{Datos: page, Posicion: int64(head)}
	if next > 0 {
		list.Siguiente = new(strconv.FormatInt(int64(next), 10))
	}
	if f.all() {
		list.Total = new(max(int64(head-from)+1, 0)) // positions are dense
	}
	return r.ok(int64(head), list)
}

// scan returns up to limit events that f takes, and where to go on (0: nowhere).
func (a *API) scan(ctx context.Context, from, head eventstore.Position, f eventFilter, limit int) (out []eventstore.Recorded, next eventstore.Position, err error) {
	window := scanWindow
	if f.all() {
		window = limit
	}
	for seen := 0; from <= head && seen < scanBudget; {
		records, err := a.Log.ReadLog(ctx, from-1, window)
		if err != nil {
			return nil, 0, err
		}
		if len(records) == 0 {
			return out, 0, nil
		}
		for _, rec := range records {
			if rec.Position > head || !f.hasta.IsZero() && !rec.RecordedAt.Before(f.hasta) {
				return out, 0, nil
			}
			if len(out) == limit {
				return out, rec.Position, nil
			}
			if f.takes(rec) {
				out = append(out, rec)
			}
			from, seen = rec.Position+1, seen+1
		}
	}
	if from > head {
		from = 0
	}
	return out, from, nil
}

// newest is scan from the end of the log, or from where the page before it ended, back to from.
func (a *API) newest(ctx context.Context, from, head, cursor eventstore.Position, f eventFilter, limit int) (out []eventstore.Recorded, next eventstore.Position, err error) {
	to := head
	if cursor > 0 {
		to = min(to, cursor)
	}
	if !f.hasta.IsZero() {
		after, err := a.firstSince(ctx, head, f.hasta)
		if err != nil {
			return nil, 0, err
		}
		to = min(to, after-1)
	}
	window := eventstore.Position(scanWindow)
	if f.all() {
		window = eventstore.Position(limit)
	}
	for seen := 0; to >= from && seen < scanBudget; {
		first := max(from, to-window+1)
		records, err := a.Log.ReadLog(ctx, first-1, int(to-first)+1)
		if err != nil {
			return nil, 0, err
		}
		for _, rec := range slices.Backward(records) {
			if len(out) == limit {
				return out, rec.Position, nil
			}
			if f.takes(rec) {
				out = append(out, rec)
			}
		}
		to, seen = first-1, seen+len(records)
	}
	if to < from {
		to = 0
	}
	return out, to, nil
}

// firstSince finds the first position recorded at or after t. Recording times
// never go back along the log, so halving finds it in some twenty reads.
func (a *API) firstSince(ctx context.Context, head eventstore.Position, t time.Time) (eventstore.Position, error) {
	var failed error
	i := sort.Search(int(head), func(i int) bool {
		if failed != nil {
			return true
		}
		records, err := a.Log.ReadLog(ctx, eventstore.Position(i), 1)
		if err != nil || len(records) == 0 {
			failed = err
			return true
		}
		return !records[0].RecordedAt.Before(t)
	})
	return eventstore.Position(i) + 1, failed
}

// evento serves GET /eventos/{posicion}.
func (a *API) evento(r *request) error {
	if err := a.awaitLog(r); err != nil {
		return err
	}
	n, err := strconv.ParseInt(r.Param("posicion"), 10, 64)
	if err != nil || n < 1 {
		return errParametro.With(fault.Field{Name: "posicion", Message: "es un número entero desde 1"})
	}
	ctx := r.Request().Context()
	records, err := a.Log.ReadLog(ctx, eventstore.Position(n-1), 1)
	if err != nil {
		return err
	}
	if len(records) == 0 {
		return errEvento
	}
	page, err := a.entries(ctx, r.who, records)
	if err != nil {
		return err
	}
	return r.ok(n, page[0])
}

var (
	errEvento  = fault.New(fault.NotFound, "evento_no_existe", "no hay ningún evento en esa posición")
	errComando = fault.New(fault.NotFound, "comando_no_existe", "ese comando no fue aceptado")
)

// comando serves GET /comandos/{id}: what became of an order. Its author and the
// auditors may ask; to anybody else it was never accepted.
func (a *API) comando(r *request) error {
	if err := a.awaitLog(r); err != nil {
		return err
	}
	id, err := eventstore.ParseCommandID(r.Param("id"))
	if err != nil {
		return errParametro.Because(err).With(fault.Field{Name: "id", Message: "es un UUID"})
	}
	ctx := r.Request().Context()
	receipt, ok, err := a.Log.Command(ctx, id)
	if err != nil {
		return err
	}
	if !ok {
		return errComando
	}
	if receipt.First > 0 && r.scope().Alcance != permiso.Todo {
		records, err := a.Log.ReadLog(ctx, receipt.First-1, 1)
		if err != nil {
			return err
		}
		if len(records) == 0 || records[0].Metadata.Actor != r.who.Usuario.Stream() {
			return errComando
		}
	}
	type written struct {
		Stream  string `json:"stream"`
		Version int64  `json:"version"`
	}
	answer := struct {
		ID         string    `json:"id"`
		Aceptado   bool      `json:"aceptado"`
		Primera    int64     `json:"primera_posicion"` // 0 when it changed nothing
		Ultima     int64     `json:"ultima_posicion"`
		Posicion   int64     `json:"posicion"`
		Registrado time.Time `json:"registrado"`
		Streams    []written `json:"streams"`
	}{
		ID: id.String(), Aceptado: true, Primera: int64(receipt.First), Ultima: int64(receipt.Last), Posicion: int64(receipt.Head),
		Registrado: receipt.RecordedAt.UTC(), Streams: []written{},
	}
	for _, s := range receipt.Streams {
		answer.Streams = append(answer.Streams, written{string(s.Stream), int64(s.Version)})
	}
	return r.ok(int64(receipt.Head), answer)
}
