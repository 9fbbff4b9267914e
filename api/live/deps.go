package live

import (
	"context"
	"iter"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/efectivos"
	"github.com/grupo-gad/gad/projections/mapa"
	"github.com/grupo-gad/gad/projections/tareas"
)

// Facts wakes the Hub with what is new in the log.
type Facts interface {
	Follow(ctx context.Context, after eventstore.Position) iter.Seq2[[]eventstore.Recorded, error]
}

// Log answers what the ring does not hold any more.
type Log interface {
	ReadLog(ctx context.Context, after eventstore.Position, limit int) ([]eventstore.Recorded, error)
	Head(ctx context.Context) (eventstore.Position, error)
	ReadStream(ctx context.Context, stream eventstore.StreamID, after eventstore.Version) iter.Seq2[eventstore.Recorded, error]
}

// Positions is the telemetry log.
type Positions interface {
	HeadBatch(ctx context.Context) (eventstore.Batch, error)
	FollowBatches(ctx context.Context, after eventstore.Batch) iter.Seq2[eventstore.TelemetryBatch, error]
}

// Snapshots reads the read models, each for whoever asks.
type Snapshots interface {
	Tareas(ctx context.Context, s projections.Scope, f tareas.Filter) (tareas.List, error)
	Efectivos(ctx context.Context, s projections.Scope, f efectivos.Filter) (efectivos.List, error)
	Mapa(ctx context.Context, s projections.Scope, a mapa.Area) (mapa.Mapa, error)
}

// Identity is who holds a token.
type Identity struct {
	Autor   permiso.Autor
	Session string
	Version int64 // of what the Usuario may do, when the token was issued
	Exp     time.Time
}

// Verifier knows tokens. It is asked again every 30 s while a session lives, so
// that a revoked one ends.
type Verifier interface {
	Verify(ctx context.Context, token string) (Identity, error)
}

// Sessions is what a Verifier may also answer: whether the session of a token or
// ticket has not been closed and its Usuario may do what he might. It is asked at hello and every 30 s. When it cannot
// say, sessions go on.
type Sessions interface {
	Alive(ctx context.Context, who Identity) (bool, error)
}

// VerifierFunc lets a function verify.
type VerifierFunc func(ctx context.Context, token string) (Identity, error)

// Verify implements Verifier.
func (f VerifierFunc) Verify(ctx context.Context, token string) (Identity, error) {
	return f(ctx, token)
}

// Deps is what a Hub works with.
type Deps struct {
	Facts     Facts
	Log       Log
	Positions Positions // nil: this node sends no positions
	Snapshots Snapshots // nil: snapshots hold positions only
	Verifier  Verifier
	Tickets   *Tickets // nil: no tickets are accepted
	// Catalog reads facts that arrive undecoded, and says where commitments stand
	// in a payload: a fact that is not in it is sent without data.
	Catalog *event.Catalog
	// Epoch names the generation of the log; a client of another one starts anew.
	Epoch string
	// Origins are the exact origins browsers may come from.
	Origins []string
	// ClientAddr tells the address of a client; nil takes the peer's.
	ClientAddr func(*http.Request) string
	// Admit reports whether a Usuario may open one more connection now; nil: always.
	Admit func(context.Context, ident.Usuario) bool
	// Deliveries records whom a call for help reached; nil: nobody does.
	Deliveries Deliveries
	Logger     *slog.Logger
	Registry   prometheus.Registerer
	Limits     Limits
}

// Limits of a node. Zero fields take the documented default.
type Limits struct {
	Connections        int           // 10,000 per node
	PerUser            int           // 5
	PerBlock           int           // 50 per IPv4 /24 or IPv6 /64
	Inbound            int           // 4,096 bytes per frame
	Rate               float64       // 10 frames/s inbound
	Burst              int           // 20
	QueueFrames        int           // 1,024
	QueueBytes         int           // 1 MiB
	Ring               int           // 8,192 facts in memory
	LogGap             int64         // 20,000 facts are replayed from the log; beyond it a snapshot
	Hello              time.Duration // 5 s
	Log                time.Duration // as Hello: how long who was greeted waits for a node that is without its log
	Tick               time.Duration // 250 ms
	Heartbeat          time.Duration // 25 s
	Pong               time.Duration // 10 s
	Recheck            time.Duration // 30 s
	WriteWait          time.Duration // 5 s: how long a frame may take to leave
	ReconnectSpread    time.Duration // 5 s: reconnect_ms at restart is drawn from it
	SnapshotPage       int           // 200 items
	SnapshotMaxPerKind int           // 10,000 rows
}

func (l Limits) withDefaults() Limits {
	or := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	span := func(v *time.Duration, d time.Duration) {
		if *v == 0 {
			*v = d
		}
	}
	or(&l.Connections, 10_000)
	or(&l.PerUser, 5)
	or(&l.PerBlock, 50)
	or(&l.Inbound, 4096)
	or(&l.Burst, 20)
	or(&l.QueueFrames, 1024)
	or(&l.QueueBytes, 1<<20)
	or(&l.Ring, 8192)
	or(&l.SnapshotPage, 200)
	or(&l.SnapshotMaxPerKind, 10_000)
	span(&l.Hello, 5*time.Second)
	span(&l.Log, l.Hello)
	span(&l.Tick, 250*time.Millisecond)
	span(&l.Heartbeat, 25*time.Second)
	span(&l.Pong, 10*time.Second)
	span(&l.Recheck, 30*time.Second)
	span(&l.WriteWait, 5*time.Second)
	span(&l.ReconnectSpread, 5*time.Second)
	if l.Rate == 0 {
		l.Rate = 10
	}
	if l.LogGap == 0 {
		l.LogGap = 20_000
	}
	return l
}
