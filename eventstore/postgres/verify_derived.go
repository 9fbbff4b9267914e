package postgres

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain"
	"github.com/grupo-gad/gad/domain/claim"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/accept"
)

// commandRun is the events of one command: they stand together.
type commandRun struct {
	id          eventstore.CommandID
	batch       int64
	first, last eventstore.Position
}

// wrote counts an event to its command.
func (v *verifier) wrote(e *eventstore.Recorded) {
	if v.writer.last > 0 && v.writer.id == e.Command && v.writer.batch == v.at.batch {
		v.writer.last = e.Position
		return
	}
	v.closeRun()
	v.writer = commandRun{id: e.Command, batch: v.at.batch, first: e.Position, last: e.Position}
}

func (v *verifier) closeRun() {
	if v.writer.last > 0 {
		v.pending = append(v.pending, v.writer)
		v.runs++
	}
	v.writer = commandRun{}
}

const selectRuns = `
select id, batch, head - events + 1, head from eventos.commands where id = any($1)`

// flushCommands compares the runs met so far with the rows of their commands.
func (v *verifier) flushCommands(ctx context.Context) error {
	if len(v.pending) == 0 {
		return nil
	}
	ids := make([][16]byte, len(v.pending))
	for i, r := range v.pending {
		ids[i] = r.id
	}
	rows, err := v.tx.Query(ctx, selectRuns, ids)
	if err != nil {
		return err
	}
	found := make(map[eventstore.CommandID]commandRun, len(ids))
	for rows.Next() {
		var (
			id [16]byte
			r  commandRun
		)
		if err := rows.Scan(&id, &r.batch, &r.first, &r.last); err != nil {
			rows.Close()
			return err
		}
		r.id = id
		found[r.id] = r
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, r := range v.pending {
		switch row, ok := found[r.id]; {
		case !ok:
			return wrong(r.first, "command %s wrote it and is not known", r.id)
		case row != r:
			return wrong(r.first, "command %s wrote %d to %d in batch %d and is known for %d to %d in batch %d",
				r.id, r.first, r.last, r.batch, row.first, row.last, row.batch)
		}
	}
	v.pending = v.pending[:0]
	return nil
}

// commands verifies that no command is known for events that are not there.
func (v *verifier) commands(ctx context.Context) error {
	v.closeRun()
	if err := v.flushCommands(ctx); err != nil {
		return err
	}
	var writers int64
	err := v.tx.QueryRow(ctx, "select count(*), count(*) filter (where events > 0) from eventos.commands").
		Scan(&v.report.Commands, &writers)
	if err == nil && writers != v.runs {
		return wrong(v.report.Head, "%d commands are known to have written events and %d have", writers, v.runs)
	}
	return err
}

// streams compares the versions derived at each append with those of the log.
func (v *verifier) streams(ctx context.Context) error {
	rows, err := v.tx.Query(ctx, "select stream, version from eventos.streams")
	if err != nil {
		return err
	}
	defer rows.Close()
	seen := make(map[eventstore.StreamID]struct{}, len(v.versions))
	for rows.Next() {
		var (
			stream  eventstore.StreamID
			version eventstore.Version
		)
		if err := rows.Scan(&stream, &version); err != nil {
			return err
		}
		t := v.versions[stream]
		if t.version != version {
			return wrong(t.position, "stream %s is said to be at version %d, the log has %d", stream, version, t.version)
		}
		v.report.Streams++
		seen[stream] = struct{}{}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for stream, t := range v.versions {
		if _, ok := seen[stream]; !ok {
			return wrong(t.position, "stream %s is missing from the versions", stream)
		}
	}
	return nil
}

// heldClaims follows what the facts say is held. Secret keys cannot be computed from facts:
// they are counted by stream and space.
type heldClaims struct {
	state   *accept.State
	secrets map[[2]string]int // stream, space
}

func newHeldClaims() heldClaims {
	return heldClaims{state: accept.NewState(false), secrets: map[[2]string]int{}}
}

func (h *heldClaims) follow(e *eventstore.Recorded) error {
	if e.Event == nil {
		return nil // a newer program wrote it; what it claims is unknown here
	}
	for _, c := range domain.Claims(e.Event) {
		at := [2]string{string(e.Stream), c.Space}
		switch {
		case !c.Secret.IsZero() && c.Op == claim.Take:
			h.secrets[at]++
			continue
		case c.Op == claim.Release && c.Key == "":
			delete(h.secrets, at)
		}
		if err := h.state.Claims().Apply(accept.OpOf(eventstore.Claim{Stream: e.Stream, Change: c}, c.Key)); err != nil {
			return wrong(e.Position, "%s takes %q in %s, which another stream holds", e.Stream, c.Key, c.Space)
		}
	}
	return nil
}

// claims compares what is held with what the facts say.
func (v *verifier) claims(ctx context.Context) error {
	rows, err := v.tx.Query(ctx, "select stream, space, key, lower(during), upper(during) from eventos.claims")
	if err != nil {
		return err
	}
	held := map[accept.Held]bool{}
	for h := range v.held.state.Claims().All {
		held[h] = true
	}
	stored, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (accept.Held, error) { return scanClaim(row) })
	if err != nil {
		return err
	}
	for _, h := range stored {
		v.report.Claims++
		at := [2]string{string(h.Stream), h.Space}
		switch {
		case strings.HasPrefix(h.Key, accept.SecretKey) && v.held.secrets[at] > 0:
			v.held.secrets[at]--
		case held[h]:
			delete(held, h)
		default:
			return wrong(v.tip(h.Stream), "%s holds %q in %s without a fact that took it", h.Stream, h.Key, h.Space)
		}
	}
	for h := range held {
		return wrong(v.tip(h.Stream), "%s took %q in %s and does not hold it", h.Stream, h.Key, h.Space)
	}
	for _, at := range slices.SortedFunc(maps.Keys(v.held.secrets), func(a, b [2]string) int { return strings.Compare(a[0]+a[1], b[0]+b[1]) }) {
		if v.held.secrets[at] > 0 {
			return wrong(v.tip(eventstore.StreamID(at[0])), "%s took a secret in %s and does not hold it", at[0], at[1])
		}
	}
	return nil
}

// tip is where the newest event of a stream stands.
func (v *verifier) tip(stream eventstore.StreamID) eventstore.Position {
	return v.versions[stream].position
}
