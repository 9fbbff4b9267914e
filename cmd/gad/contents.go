package main

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/grupo-gad/gad/ops/blob"
	"github.com/grupo-gad/gad/ops/config"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/tareas"
)

// sweepEvery is how often contents that nothing refers to are looked for.
const sweepEvery = time.Hour

// openContents opens where attachments lie: a bucket when there is one, else a directory.
func openContents(c config.Config) (blob.Store, error) {
	if c.BlobS3URL == "" {
		return blob.OpenDir(cmp.Or(c.BlobDir, filepath.Join(c.DataDir, "adjuntos")))
	}
	return blob.OpenS3(blob.S3Options{
		Endpoint: c.BlobS3URL, Bucket: c.BlobS3Bucket, Prefix: c.BlobS3Prefix, Region: c.BlobS3Region,
		AccessKey: c.BlobS3AccessKey.Reveal(), SecretKey: c.BlobS3SecretKey.Reveal(),
	})
}

// sweeper removes contents that no Tarea has attached.
func (s *system) sweeper() blob.Sweeper {
	removed := prometheus.NewCounter(prometheus.CounterOpts{
		Name: "gad_blob_orphans_removed_total", Help: "Contents of attachments removed because no Tarea referred to them.",
	})
	s.metrics.MustRegister(removed)
	return blob.Sweeper{
		Store: s.contents, Age: s.settings.BlobOrphanAge, Every: sweepEvery, Log: s.log,
		Removed:    func(n int) { removed.Add(float64(n)) },
		Referenced: s.attached,
	}
}

// attached returns which of some contents Tareas have. It fails while the read model does not
// know all of them: one that lags, or keeps a Tarea apart, would call orphans what is attached.
func (s *system) attached(ctx context.Context, hashes []string) (map[string]bool, error) {
	head, err := s.store.Head(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.reads.waiter.WaitFor(ctx, tareas.Name, head); err != nil {
		return nil, err
	}
	parked, err := projections.ListParked(ctx, s.pool)
	if err != nil {
		return nil, err
	}
	for _, p := range parked {
		if p.Projection == tareas.Name {
			return nil, fmt.Errorf("%s of %s is parked", p.Key, p.Projection)
		}
	}
	return s.reads.tareas.Contenidos(ctx, hashes)
}
