package bench_test

import (
	"bytes"
	"context"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/grupo-gad/gad/domain"
	"github.com/grupo-gad/gad/eventstore/postgres"
	"github.com/grupo-gad/gad/eventstore/vault"
	"github.com/grupo-gad/gad/ops/pgtest"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/bench"
	"github.com/grupo-gad/gad/projections/efectivos"
	"github.com/grupo-gad/gad/projections/tareas"
	"github.com/grupo-gad/gad/projections/usuarios"
)

// TestRun measures a small log on the real store and vault: the numbers mean nothing here,
// but both ways must end in the same rows. GAD_BENCH_EVENTS asks for a log of another size.
func TestRun(t *testing.T) {
	t.Parallel()
	events := int64(3000)
	if text := os.Getenv("GAD_BENCH_EVENTS"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		events = n
	}
	db := pgtest.New(t)
	catalog, err := domain.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	kek, err := vault.NewKEK(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(t.Context(), db.App, vault.NewKeyring(kek))
	if err != nil {
		t.Fatal(err)
	}
	s, err := postgres.New(t.Context(), db.App, postgres.Options{Catalog: catalog, Vault: v, Patience: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	running.Go(func() { _ = s.Run(ctx) })
	defer running.Wait()
	defer cancel()

	res, err := bench.Run(t.Context(), db.App, s, v,
		[]projections.Projection{tareas.Projection{}, efectivos.Projection{}, usuarios.Projection{}},
		bench.Options{Events: events, Efectivos: 100, Names: []string{tareas.Name, efectivos.Name, usuarios.Name}})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range res.Models {
		if !m.SameDigests || m.Rows == 0 || m.CatchUp <= 0 {
			t.Errorf("got %+v", m)
		}
	}
	var table strings.Builder
	if err := res.Print(&table); err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", table.String())
}
