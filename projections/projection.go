package projections

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/eventstore"
)

// Live is the schema of the read models that are served.
const Live = "lectura"

// Texts opens what facts only commit to. A commitment that is missing from the answer was
// erased. An error without a map means that the vault is away; one beside a map, that texts
// missing from it are damaged.
type Texts interface {
	Reveal(ctx context.Context, of []sealed.Commitment) (map[sealed.Commitment]string, error)
}

// Store is what projections need of the event store.
type Store interface {
	eventstore.LogReader
	eventstore.StreamReader
	eventstore.Follower
}

// Projection turns facts into rows.
type Projection interface {
	// Name identifies the checkpoint.
	Name() string
	// Version changes when the same facts make other rows: the living tables are then rebuilt.
	Version() int
	// Categories lists the streams it follows, by the part of their id before the first dash.
	// A stream is a key: its events never touch the row of another stream.
	Categories() []string
	// Tables lists the tables it writes, in schema lectura.
	Tables() []Table
	// Fold starts an empty fold.
	Fold() Fold
}

// Table is one table of a read model.
type Table struct {
	Name string
	Key  string // the columns that order it for a digest, by commas
}

func (t Table) order() string {
	columns := strings.Split(t.Key, ",")
	for i, c := range columns {
		columns[i] = pgx.Identifier{strings.TrimSpace(c)}.Sanitize()
	}
	return strings.Join(columns, ", ")
}

// Fold gathers a window in memory. Transactions given to it have the schema of the target
// first in their search_path, so its statements name tables without a schema.
type Fold interface {
	// Load brings the present rows of the streams in a window.
	Load(ctx context.Context, tx pgx.Tx, window []eventstore.Recorded) error
	// Apply folds one event of a followed stream. An error leaves the fold as it was, parks
	// the stream and is not retried.
	Apply(r eventstore.Recorded) error
	// Save replaces the rows that Apply touched.
	Save(ctx context.Context, tx pgx.Tx, texts Texts) error
}

// TelemetryProjection turns positions into rows. Its checkpoint counts telemetry batches.
type TelemetryProjection interface {
	Name() string
	Version() int
	Tables() []Table
	// Check refuses a fix that can never be written; it is parked and the others go on.
	Check(f eventstore.Fix) error
	// ApplyFixes must give the same rows whatever the order and repetition of fixes.
	ApplyFixes(ctx context.Context, tx pgx.Tx, fixes []eventstore.Fix) error
}

// Outliving is a read model that may hold what the log it is made of no longer does.
type Outliving interface {
	// Outlives fails when taking rows made anew for the living ones would lose those of times
	// that retention has dropped.
	Outlives(ctx context.Context, tx pgx.Tx) error
}
