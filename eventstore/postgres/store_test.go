package postgres_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/domain"
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
