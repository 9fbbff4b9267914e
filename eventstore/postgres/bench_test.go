package postgres_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/postgres"
	"github.com/grupo-gad/gad/eventstore/storetest"
	"github.com/grupo-gad/gad/ops/pgtest"
)

// BenchmarkAppend appends one event per command to streams of twenty, durably.
// `gad bench append` measures the same beside its baselines.
func BenchmarkAppend(b *testing.B) {
	for _, inFlight := range []int{1, 8, 64, 512} {
		b.Run(fmt.Sprint(inFlight), func(b *testing.B) {
			db := pgtest.NewOn(b, pgtest.Server(b))
			s := open(b, db.App, func(o *postgres.Options) { o.Vault = nil })
			var (
				left atomic.Int64
				wg   sync.WaitGroup
			)
			left.Store(int64(b.N))
			b.ReportAllocs()
			b.ResetTimer()
			for range inFlight {
				wg.Go(func() {
					var (
						stream  eventstore.StreamID
						version eventstore.Version
					)
					for ; left.Add(-1) >= 0; version++ {
						if version %= 20; version == 0 {
							stream = eventstore.StreamID("tarea-" + storetest.ID().String())
						}
						if _, err := s.Append(b.Context(), storetest.Write(stream, version, 1)); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// BenchmarkReadLog reads 20,000 events through the port, decoded.
func BenchmarkReadLog(b *testing.B) {
	db := pgtest.New(b)
	s := open(b, db.App, nil)
	const events = 20_000
	for i := range events / 500 {
		if _, err := s.Append(b.Context(), storetest.Write(eventstore.StreamID(fmt.Sprintf("tarea-%d", i)), 0, 500)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		all, err := s.ReadLog(b.Context(), 0, events)
		if err != nil || len(all) != events {
			b.Fatalf("%d events, %v", len(all), err)
		}
	}
	b.ReportMetric(float64(events*b.N)/b.Elapsed().Seconds(), "events/s")
}
