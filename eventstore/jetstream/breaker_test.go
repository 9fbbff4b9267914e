package jetstream_test

import (
	"context"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/grupo-gad/gad/eventstore/jetstream"
	"github.com/grupo-gad/gad/ops/breaker"
)

// A process that only reads, as a live node does, opens the breaker by itself, whether the
// server is gone or does not answer for JetStream, and goes on reading.
func TestAReaderAloneOpensTheBreaker(t *testing.T) {
	t.Parallel()
	for name, lost := range map[string]bool{"server gone": true, "no JetStream": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, JetStream: lost, StoreDir: t.TempDir(), NoSigs: true, NoLog: true})
			if err != nil {
				t.Fatal(err)
			}
			srv.Start()
			defer srv.WaitForShutdown()
			defer srv.Shutdown()
			conn, err := jetstream.Connect(srv.ClientURL(), t.Name())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			metrics := prometheus.NewRegistry()
			b := breaker.New("nats", breaker.NewMetrics(metrics), jetstream.Away)
			if lost {
				eventually(t, func() bool { return conn.Status() == nats.CONNECTED })
				srv.Shutdown()
				eventually(t, func() bool { return conn.Status() != nats.CONNECTED })
			}
			store := registered(t, "Norte")
			reader, err := jetstream.NewConsumer(conn, jetstream.Config{Breaker: b}, store, jetstream.ConsumerOptions{})
			if err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancel(t.Context())
			read, done := make(chan int, 8), make(chan struct{})
			go func() {
				defer close(done)
				for batch, err := range reader.Follow(ctx, 0) {
					if err != nil {
						t.Error(err)
						return
					}
					read <- len(batch)
				}
			}()
			if n := <-read; n != 1 {
				t.Errorf("read %d facts", n)
			}
			eventually(t, func() bool { return b.Check() != nil })
			families, err := metrics.Gather()
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range families {
				if v := f.GetMetric()[0]; f.GetName() == "gad_breaker_state" && v.GetGauge().GetValue() == 0 || f.GetName() == "gad_breaker_opened_total" && v.GetCounter().GetValue() == 0 {
					t.Errorf("%s says that it is closed", f.GetName())
				}
			}
			stop()
			<-done
		})
	}
}
