package postgres_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/domain"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/postgres"
	"github.com/grupo-gad/gad/eventstore/storetest"
	"github.com/grupo-gad/gad/eventstore/vault"
	"github.com/grupo-gad/gad/ops/pgtest"
)

// open starts a store over a pool; it stops with the test.
func open(tb testing.TB, pool *pgxpool.Pool, change func(*postgres.Options)) *postgres.Store {
	tb.Helper()
	catalog, err := domain.Catalog()
	if err != nil {
		tb.Fatal(err)
	}
	kek, err := vault.NewKEK(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		tb.Fatal(err)
	}
	v, err := vault.Open(tb.Context(), pool, vault.NewKeyring(kek))
	if err != nil {
		tb.Fatal(err)
	}
	o := postgres.Options{Catalog: catalog, Writer: tb.Name(), Vault: v, Patience: time.Minute}
	if change != nil {
		change(&o)
	}
	s, err := postgres.New(tb.Context(), pool, o)
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(tb.Context()))
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	tb.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			tb.Errorf("run: %v", err)
		}
	})
	return s
}

func TestPromise(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(tb testing.TB) storetest.World {
		tb.Helper()
		db := pgtest.New(tb)
		return storetest.World{Open: func(tb testing.TB) eventstore.Store {
			tb.Helper()
			return open(tb, db.App, nil)
		}}
	})
}

// TestReadFacts: only what was named, of the streams that were named, each in its order.
func TestReadFacts(t *testing.T) {
	t.Parallel()
	s := open(t, pgtest.New(t).App, nil)
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	for _, stream := range []string{"tarea-b", "tarea-a", "tarea-c"} {
		sent := tarea.RecordatorioEnviado{Clase: "t-10", Vence: at, En: at}
		if _, err := s.Append(t.Context(), order(stream, 0, nil, tarea.Iniciada{En: at}, sent, tarea.Pausada{En: at}, sent)); err != nil {
			t.Fatal(err)
		}
	}
	name := tarea.RecordatorioEnviado{}.EventName()
	got, err := s.ReadFacts(t.Context(), []eventstore.StreamID{"tarea-b", "tarea-a", "tarea-none"}, []string{name})
	if err != nil {
		t.Fatal(err)
	}
	var read []string
	for _, r := range got {
		if _, ok := r.Event.(tarea.RecordatorioEnviado); !ok || r.Type != name {
			t.Errorf("%s %T", r.Type, r.Event)
		}
		read = append(read, fmt.Sprintf("%s@%d", r.Stream, r.Version))
	}
	if want := []string{"tarea-a@2", "tarea-a@4", "tarea-b@2", "tarea-b@4"}; !slices.Equal(read, want) {
		t.Errorf("read %v, want %v", read, want)
	}
	for _, streams := range [][]eventstore.StreamID{nil, {"tarea-none"}} {
		if got, err := s.ReadFacts(t.Context(), streams, []string{name}); len(got) > 0 || err != nil {
			t.Errorf("%v: %v, %v", streams, got, err)
		}
	}
}
