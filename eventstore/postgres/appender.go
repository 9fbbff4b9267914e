package postgres

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/accept"
)

// The bounds of a batch.
const (
	maxEvents   = 512
	maxCommands = 1024
	maxBytes    = 1 << 20
)

const (
	// wary is how many batches take the careful path after another process won a race: a
	// lost race costs more than the second round trip.
	wary = 100
	// commitTimeout bounds one try; beyond it the outcome is unknown.
	commitTimeout = 10 * time.Second
	// tries bounds how often a batch is tried that the database keeps refusing.
	tries = 4
	// retryPause is the wait between tries while the database is away.
	retryPause = 100 * time.Millisecond
)

// appender is the one goroutine of a process that writes to the log. All its fields are its own.
type appender struct {
	*Store
	conn    *pgx.Conn
	doubted bool  // the server warned that a commit may not be safe at the standby
	at      *head // nil until read: a new connection may reach a log that moved back
	wary    int   // batches still to take the careful path
	unclear bool  // a batch whose outcome is unknown may still be travelling
	backlog []*request
}

func newAppender(s *Store) *appender { return &appender{Store: s} }

// run records batches until ctx ends, and then what is queued.
func (a *appender) run(ctx context.Context) error {
	defer close(a.ended)
	defer a.disconnect()
	for ctx.Err() == nil {
		if batch := a.gather(ctx, true); len(batch) > 0 {
			if err := a.record(ctx, batch); err != nil {
				close(a.stopped)
				return err
			}
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	close(a.stopped) // first: what comes from here on is refused at the door
	for {
		batch := a.gather(last, false)
		if len(batch) == 0 {
			return nil
		}
		if last.Err() != nil {
			a.refuse(batch, errStopped)
			continue
		}
		if err := a.record(last, batch); err != nil {
			return err
		}
	}
}

// gather takes what waits, up to the bounds of a batch. It waits for a first command when told
// to, and never for a second.
func (a *appender) gather(ctx context.Context, wait bool) []*request {
	var batch []*request
	events, size := 0, 0
	take := func(r *request) bool {
		if len(batch) > 0 && (events+len(r.cmd.Events) > maxEvents || size+r.cmd.Size > maxBytes || len(batch) == maxCommands) {
			return false
		}
		batch = append(batch, r)
		events += len(r.cmd.Events)
		size += r.cmd.Size
		return true
	}
	for len(a.backlog) > 0 {
		if !take(a.backlog[0]) {
			return batch
		}
		a.backlog = a.backlog[1:]
	}
	if len(batch) == 0 && wait {
		select {
		case r := <-a.queue:
			take(r)
		case <-ctx.Done():
			return nil
		}
		// The callers of the batch before were woken a moment ago. Let those that are ready
		// to run queue their next command, or every second batch would hold one command only.
		runtime.Gosched()
	}
	for {
		select {
		case r := <-a.queue:
			if !take(r) {
				a.backlog = append(a.backlog, r)
				return batch
			}
		default:
			return batch
		}
	}
}

// record brings a batch to an end: every request in it is answered when it returns. An error
// means that the database must not be used at all.
func (a *appender) record(ctx context.Context, batch []*request) error {
	for try, lost := 1, 0; ; {
		if batch = a.waiting(batch); len(batch) == 0 {
			return nil
		}
		if a.conn == nil {
			if err := a.connect(ctx); errors.Is(err, errUnusable) {
				a.refuse(batch, err)
				return err
			} else if err != nil {
				a.log.WarnContext(ctx, "event log is away", slog.Any("error", err))
				a.pause(ctx, &batch, err)
				continue
			}
		}
		err := a.commit(ctx, batch)
		if err == nil {
			return nil
		}
		why := react(err)
		a.metrics.retries.WithLabelValues(why.String()).Inc()
		switch why {
		case unknown:
			a.log.WarnContext(ctx, "outcome of a batch is unknown", slog.Any("error", err))
			a.disconnect()
			if lost++; lost > 1 {
				a.pause(ctx, &batch, err) // what bounds this is the patience of the requests
			}
			continue
		case lostRace:
			a.at, a.wary = nil, wary
		case guarded:
			a.wary = max(a.wary, 1)
		case noRoom:
			a.wary = max(a.wary, 1)
			if err := a.makeRoom(ctx); err != nil {
				a.log.WarnContext(ctx, "no room in the event log", slog.Any("error", err))
				a.pause(ctx, &batch, err)
			}
		case transient:
			a.wary = max(a.wary, 1)
			a.pause(ctx, &batch, err)
			continue
		case poisoned:
			a.wary = max(a.wary, 1)
		}
		if try++; try > tries {
			a.apart(ctx, batch, err)
			return nil
		}
	}
}

// commit tries a batch once, on the path that fits.
func (a *appender) commit(ctx context.Context, batch []*request) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
	defer cancel()
	a.doubted = false
	if a.at == nil || a.wary > 0 || a.unclear {
		return a.careful(ctx, batch)
	}
	return a.fast(ctx, batch)
}

// fast decides as of the head this process committed last and writes in one round trip. Every
// guess is guarded by the statement that relies on it: when it fails, nothing was written.
func (a *appender) fast(ctx context.Context, batch []*request) error {
	plan := a.decide(accept.NewState(true), *a.at, batch)
	if !plan.accepted() {
		plan.answer()
		return nil
	}
	var b pgx.Batch
	b.Queue(lockLog, logLock)
	a.write(&b, plan)
	if err := a.send(ctx, &b, plan); err != nil {
		return err
	}
	a.settled(plan, "fast")
	return nil
}

// send runs the round trip that ends in a commit. A crash anywhere in it leaves either the
// whole batch or nothing of it, and the requests remember which batch that was.
func (a *appender) send(ctx context.Context, b *pgx.Batch, plan *attempt) error {
	err := a.conn.SendBatch(ctx, b).Close()
	if err == nil && a.doubted {
		err = errDoubted
	}
	if err != nil && react(err) == unknown {
		a.unclear = true
		for i, r := range plan.requests {
			if v := plan.verdicts[i]; v.Err == nil && v.Repeat == nil {
				r.sent = plan
			}
		}
	}
	return err
}

// settled moves the head and answers, in that order: whoever hears of a commit finds the next
// command decided on it.
func (a *appender) settled(plan *attempt, path string) {
	after := plan.after
	a.at, a.unclear = &after, false
	if a.wary > 0 {
		a.wary--
	}
	a.metrics.batches.WithLabelValues(path).Inc()
	a.metrics.events.Observe(float64(len(plan.events)))
	plan.answer()
	a.announce(after.last)
	if !a.ring.push(plan.before.last, plan.events) {
		a.wake()
	}
}

// apart tries the commands of a batch that cannot be stored one by one, so that only the bad
// one fails.
func (a *appender) apart(ctx context.Context, batch []*request, cause error) {
	if len(batch) == 1 {
		r := batch[0]
		a.log.ErrorContext(ctx, "command cannot be stored", slog.String("command", r.cmd.ID.String()), slog.Any("error", cause))
		if r.sent != nil || react(cause) != poisoned {
			cause = eventstore.ErrUnavailable.Because(cause)
		}
		r.answer(eventstore.Receipt{}, cause)
		return
	}
	for _, r := range batch {
		// An unusable database shows itself again with the next batch.
		_ = a.record(ctx, []*request{r})
	}
}

// waiting drops the requests that nobody waits for any more, and those whose patience ended.
func (a *appender) waiting(batch []*request) []*request {
	return slices.DeleteFunc(batch, func(r *request) bool {
		if err := r.ctx.Err(); err != nil {
			r.answer(eventstore.Receipt{}, eventstore.ErrUnavailable.Because(err))
			return true
		}
		return false
	})
}

// pause waits a moment for a database that is away, and tells those who have waited long
// enough. Commands that arrive meanwhile are not left waiting longer than they have to.
func (a *appender) pause(ctx context.Context, batch *[]*request, cause error) {
	t := time.NewTimer(retryPause)
	defer t.Stop()
	for open := true; open; {
		select {
		case r := <-a.queue:
			a.backlog = append(a.backlog, r)
			open = len(a.backlog) < queueLength
		case <-t.C:
			open = false
		}
	}
	overdue := func(r *request) bool {
		if ctx.Err() == nil && time.Since(r.since) < a.patience {
			return false
		}
		r.answer(eventstore.Receipt{}, eventstore.ErrUnavailable.Because(cause))
		return true
	}
	*batch = slices.DeleteFunc(*batch, overdue)
	a.backlog = slices.DeleteFunc(a.backlog, overdue)
}

func (a *appender) refuse(batch []*request, cause error) {
	for _, r := range batch {
		r.answer(eventstore.Receipt{}, eventstore.ErrUnavailable.Because(cause))
	}
}
