package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/accept"
	"github.com/grupo-gad/gad/eventstore/codec"
)

// Vault seals the texts behind commitments. Both methods are called by several goroutines.
type Vault interface {
	// Queue adds to b the inserts that seal texts; they run in the append's transaction, once
	// or, after a lost race, again.
	Queue(b *pgx.Batch, texts []sealed.Text) error
	// IndexKey returns the keyed hash under which a secret value is claimed in a space.
	IndexKey(space, normal string) []byte
}

// Options of a Store. Catalog is required.
type Options struct {
	Catalog *event.Catalog
	// Writer names the process in the batch ledger; "gad" when empty.
	Writer string
	// Vault keeps secrets. Without one, commands that carry any fail.
	Vault Vault
	// Now is the clock of recorded_at; time.Now when nil.
	Now func() time.Time
	// Metrics registers the store's metrics; nil keeps them private.
	Metrics prometheus.Registerer
	Logger  *slog.Logger // nil is silence
	// Patience bounds how long a command waits for a database that is away; 3 s when zero.
	Patience time.Duration
}

// Store implements eventstore.Store. It is safe for concurrent use.
type Store struct {
	pool     *pgxpool.Pool
	codec    *codec.Codec
	vault    Vault
	indexKey func(space, normal string) []byte
	now      func() time.Time
	writer   string
	patience time.Duration
	log      *slog.Logger
	metrics  *metrics

	queue   chan *request
	stopped chan struct{} // closed when Run takes no more commands
	ended   chan struct{} // closed when every command that was taken has been answered
	ran     atomic.Bool   // Run was called
	fed     atomic.Bool   // the ring is being fed
	ring    *ring
	nudge   chan struct{} // wakes the feed: the ring is behind
	tell    chan struct{} // wakes the announcer
	grown   atomic.Int64  // last position to be announced

	roomMu sync.Mutex // guards room
	room   room
}

// queueLength bounds the commands that wait; beyond it Append waits for room.
const queueLength = 4096

// grace is how long Run goes on recording what was queued when its context ended.
const grace = 5 * time.Second

var _ eventstore.Store = (*Store)(nil)

// New returns a Store over a migrated database. pool serves the reads.
func New(ctx context.Context, pool *pgxpool.Pool, o Options) (*Store, error) {
	if o.Catalog == nil {
		return nil, errors.New("event store needs a catalogue")
	}
	if o.Writer == "" {
		o.Writer = "gad"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Patience == 0 {
		o.Patience = 3 * time.Second
	}
	m, err := newMetrics(o.Metrics)
	if err != nil {
		return nil, err
	}
	s := &Store{
		pool: pool, codec: codec.New(o.Catalog), vault: o.Vault, now: o.Now, writer: o.Writer,
		patience: o.Patience, log: o.Logger, metrics: m,
		queue: make(chan *request, queueLength), stopped: make(chan struct{}), ended: make(chan struct{}),
		nudge: make(chan struct{}, 1),
		tell:  make(chan struct{}, 1),
	}
	if o.Vault != nil {
		s.indexKey = o.Vault.IndexKey
	}
	head, err := s.Head(ctx)
	if err != nil {
		return nil, err
	}
	s.ring = newRing(head)
	return s, nil
}

// Run appends and follows until ctx ends, and then as the package comment says. It returns
// an error only when the database is one that the store must not use. A Store runs once.
func (s *Store) Run(ctx context.Context) error {
	if s.ran.Swap(true) {
		return errors.New("event store: Run is called once")
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return newAppender(s).run(ctx) })
	g.Go(func() error { return s.feed(ctx) })
	g.Go(func() error { return s.announcer(ctx) })
	return g.Wait()
}

// request is a command on its way through the appender.
type request struct {
	ctx    context.Context //nolint:containedctx // the caller's, asked whether he still waits
	cmd    *accept.Command
	secret []*pgx.QueuedQuery // inserts of the vault
	since  time.Time
	done   chan outcome // of capacity 1: the appender never waits for a caller

	// Owned by the appender.
	receipt eventstore.Receipt // filled when accepted
	sent    *attempt           // the batch it was accepted in whose outcome is unknown
}

type outcome struct {
	receipt eventstore.Receipt
	err     error
}

func (r *request) answer(receipt eventstore.Receipt, err error) {
	r.done <- outcome{receipt, err}
}

// Append implements eventstore.Appender.
func (s *Store) Append(ctx context.Context, a eventstore.Append) (eventstore.Receipt, error) {
	cmd, err := accept.Prepare(s.codec, a, s.indexKey)
	if err != nil {
		return eventstore.Receipt{}, fmt.Errorf("prepare append: %w", err)
	}
	r := &request{ctx: ctx, cmd: cmd, since: time.Now(), done: make(chan outcome, 1)}
	if r.secret, err = s.seal(cmd.Secrets); err != nil {
		return eventstore.Receipt{}, fmt.Errorf("seal the texts of command %s: %w", cmd.ID, err)
	}
	select {
	case <-s.stopped:
		return eventstore.Receipt{}, eventstore.ErrUnavailable.Because(errStopped)
	default:
	}
	select {
	case s.queue <- r:
	case <-ctx.Done():
		return eventstore.Receipt{}, eventstore.ErrUnavailable.Because(ctx.Err())
	case <-s.stopped:
		return eventstore.Receipt{}, eventstore.ErrUnavailable.Because(errStopped)
	}
	var out outcome
	select {
	case out = <-r.done:
	case <-ctx.Done():
		return eventstore.Receipt{}, eventstore.ErrUnavailable.Because(ctx.Err())
	case <-s.ended:
		// It may have been answered, or have slipped into the queue behind the last look.
		select {
		case out = <-r.done:
		default:
			return eventstore.Receipt{}, eventstore.ErrUnavailable.Because(errStopped)
		}
	}
	s.metrics.append.Observe(time.Since(r.since).Seconds())
	if out.err != nil {
		return eventstore.Receipt{}, out.err
	}
	return s.complete(ctx, out.receipt)
}

var errStopped = errors.New("the event store has stopped")

func (s *Store) seal(texts []sealed.Text) ([]*pgx.QueuedQuery, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	if s.vault == nil {
		return nil, accept.ErrNoVault
	}
	var b pgx.Batch
	if err := s.vault.Queue(&b, texts); err != nil {
		return nil, err
	}
	return b.QueuedQueries, nil
}

// NextNumber returns the next running number of a name. Gaps are harmless: a number is used up
// also when what it was for is refused.
func (s *Store) NextNumber(ctx context.Context, name string) (n int64, err error) {
	sequence, ok := map[string]string{"tarea": "eventos.numeracion_tarea"}[name]
	if !ok {
		return 0, fmt.Errorf("nothing is numbered as %q", name)
	}
	err = s.retry(ctx, func() error { return s.pool.QueryRow(ctx, "select nextval($1::regclass)", sequence).Scan(&n) })
	if err != nil {
		return 0, away("number "+name, err)
	}
	return n, nil
}
