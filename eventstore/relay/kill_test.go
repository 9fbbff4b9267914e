package relay_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/domain"
	"github.com/grupo-gad/gad/eventstore/jetstream"
	"github.com/grupo-gad/gad/eventstore/postgres"
	"github.com/grupo-gad/gad/eventstore/relay"
)

// The test binary, started again with these set, is a relay in a process of its own.
const (
	envDatabase = "GAD_TEST_RELAY_DATABASE"
	envNATS     = "GAD_TEST_RELAY_NATS"
)

func TestMain(m *testing.M) {
	if url := os.Getenv(envDatabase); url != "" {
		if err := child(url, os.Getenv(envNATS)); err != nil {
			slog.ErrorContext(context.Background(), "relay process", slog.Any("error", err))
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func child(database, nats string) error {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, database)
	if err != nil {
		return err
	}
	catalog, err := domain.Catalog()
	if err != nil {
		return err
	}
	store, err := postgres.New(ctx, pool, postgres.Options{Catalog: catalog, Patience: time.Minute})
	if err != nil {
		return err
	}
	go func() { _ = store.Run(ctx) }()
	conn, err := jetstream.Connect(nats, "child")
	if err != nil {
		return err
	}
	publisher, err := jetstream.NewPublisher(conn, jetstream.Config{})
	if err != nil {
		return err
	}
	fmt.Println("listo")
	return relay.New(store, publisher, relay.Options{}).Run(ctx)
}

// kill -9 of the relay, again and again, in the middle of its batches.
func TestRelayKilled(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	r := w.reader()
	var writer sync.WaitGroup
	writer.Go(func() { w.append(2500) })
	for range 5 {
		cmd := exec.CommandContext(t.Context(), self)
		cmd.Env = append(os.Environ(), envDatabase+"="+w.db.AppURL, envNATS+"=nats://127.0.0.1:"+strconv.Itoa(w.port))
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if !bufio.NewScanner(out).Scan() {
			t.Fatal("the relay process did not start")
		}
		from := w.sequence()
		eventually(t, "it publishes", func() string {
			if at := w.sequence(); at > from || at == uint64(w.head()) {
				return ""
			}
			return "nothing yet"
		})
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // killed
	}
	writer.Wait()
	w.relay()
	w.slice()
	w.complete(r)
}

// sequence is where the stream stands, 0 without one.
func (w *world) sequence() uint64 {
	w.t.Helper()
	info, err := w.stream().Info(w.t.Context())
	if err != nil {
		return 0
	}
	return info.State.LastSeq
}
