package projections

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/grupo-gad/gad/eventstore"
)

// The states of a projection in this process.
const (
	Starting = "iniciando"
	Working  = "activa"
	Standby  = "en_espera" // another process holds the lease
	Failing  = "fallando"  // tried again by itself
	Stopped  = "detenida"  // needs an operator or a newer build
)

// Status is how one projection stands.
type Status struct {
	Name       string    `json:"nombre"`
	Estado     string    `json:"estado"` // as this process sees it
	Position   int64     `json:"posicion"`
	Head       int64     `json:"cabeza"` // of the log, or the newest telemetry batch
	Lag        int64     `json:"atraso"`
	LagSeconds float64   `json:"atraso_s"`
	Parked     int64     `json:"apartadas"`
	Version    int       `json:"version"` // of the rows
	Error      string    `json:"error,omitzero"`
	Since      time.Time `json:"-"`
}

// state is what one worker says of itself.
type state struct {
	name    string
	batches bool // counts telemetry batches
	stopped prometheus.Gauge

	mu     sync.Mutex // guards what follows
	estado string
	err    error
	last   time.Time // recorded time of the last applied event
}

func (s *state) set(estado string, err error) (changed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	changed = s.estado != estado || err != nil && (s.err == nil || s.err.Error() != err.Error())
	s.estado, s.err = estado, err
	stopped := 0.0
	if estado == Stopped {
		stopped = 1
	}
	s.stopped.Set(stopped)
	return changed
}

func (s *state) standby() { s.set(Standby, nil) }

func (s *state) moved(_ int64, last *eventstore.Recorded) {
	s.set(Working, nil)
	if last != nil {
		s.mu.Lock()
		s.last = last.RecordedAt
		s.mu.Unlock()
	}
}

// fail keeps an error and logs it once, however often it comes back.
func (s *state) fail(ctx context.Context, log *slog.Logger, err error) {
	if err == nil || ctx.Err() != nil {
		return
	}
	estado := Failing
	if stops(err) {
		estado = Stopped
	}
	if s.set(estado, err) {
		log.ErrorContext(ctx, "projection does not advance", slog.String("projection", s.name), slog.String("state", estado), slog.Any("error", err))
	}
}

func (s *state) outdated(ctx context.Context, log *slog.Logger, rows, build int) {
	log.WarnContext(ctx, "read model is of another version: rebuild it", slog.String("projection", s.name),
		slog.Int("rows", rows), slog.Int("build", build))
}

func (s *state) read() (estado string, last time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.estado, s.last, s.err
}

// Status returns how every projection of this Runner stands, those of other read models too.
func (r *Runner) Status(ctx context.Context) ([]Status, error) {
	head, err := r.store.Head(ctx)
	if err != nil {
		return nil, Translate(err, "find the head of the log")
	}
	var headBatch eventstore.Batch
	if r.opts.Telemetry != nil {
		if headBatch, err = r.opts.Telemetry.HeadBatch(ctx); err != nil {
			return nil, Translate(err, "find the newest telemetry batch")
		}
	}
	rows, err := r.pool.Query(ctx, `
		select c.projection, c.position, c.version, (select count(*) from eventos.parked p where p.projection = c.projection and p.target = c.target)
		from eventos.checkpoints c where c.target = $1`, Live)
	if err != nil {
		return nil, Translate(err, "read the checkpoints")
	}
	stored, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s Status, err error) {
		return s, row.Scan(&s.Name, &s.Position, &s.Version, &s.Parked)
	})
	if err != nil {
		return nil, Translate(err, "read the checkpoints")
	}
	all := make([]Status, 0, len(r.states)+len(r.opts.Others))
	for _, st := range r.states {
		s := Status{Name: st.name}
		for _, row := range stored {
			if row.Name == st.name {
				s = row
			}
		}
		s.Head = int64(head)
		if st.batches {
			s.Head = int64(headBatch)
		}
		var failure error
		var last time.Time
		s.Estado, last, failure = st.read()
		if failure != nil {
			s.Error = failure.Error()
		}
		if s.Lag = max(0, s.Head-s.Position); s.Lag > 0 && !last.IsZero() {
			s.LagSeconds = max(0, time.Since(last).Seconds())
		}
		all = append(all, s)
	}
	for _, o := range r.opts.Others {
		s := Status{Name: o.Name(), Estado: Working, Head: int64(head)}
		p, err := o.Position(ctx)
		if err != nil {
			s.Estado, s.Error = Failing, err.Error()
		}
		s.Position, s.Lag = int64(p), max(0, s.Head-int64(p))
		for _, row := range stored {
			if row.Name == o.Name() {
				s.Parked = row.Parked
			}
		}
		all = append(all, s)
	}
	return all, nil
}
