package commands_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/postgres"
	"github.com/grupo-gad/gad/eventstore/vault"
	"github.com/grupo-gad/gad/ops/pgtest"
)

// process is one of several that append to the same database: a store, an
// appender and a cache of its own.
func process(t *testing.T, db *pgtest.DB, writer string) *world {
	t.Helper()
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
	store, err := postgres.New(t.Context(), db.App, postgres.Options{Catalog: catalog, Writer: writer, Vault: v, Patience: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	w := on(t, store, store, commands.Options{})
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var group sync.WaitGroup
	group.Go(func() {
		if err := store.Run(ctx); err != nil && ctx.Err() == nil {
			t.Errorf("%s: %v", writer, err)
		}
	})
	group.Go(func() {
		if err := w.Run(ctx); err != nil && ctx.Err() == nil {
			t.Errorf("%s: %v", writer, err)
		}
	})
	t.Cleanup(func() { cancel(); group.Wait() })
	return w
}

// 64 orders at once want the same Efectivo for 64 Tareas, through two processes
// on one database. One gets him; everybody else hears that he is busy; neither
// side of any refused assignment stands in the log.
func TestOneEfectivoManyOrders(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	doors := []*world{process(t, db, "a"), process(t, db, "b")}
	e := doors[0].onDuty()
	ids := make([]ident.Tarea, 64)
	for i := range ids {
		ids[i] = doors[i%2].tarea()
	}
	head := doors[0].head()

	var won atomic.Int32
	var group sync.WaitGroup
	begin := make(chan struct{})
	for i, id := range ids {
		group.Go(func() {
			<-begin
			_, err := doors[i%2].Dispatch(t.Context(), one(tarea.Asignar{Orden: taOrden(id), Efectivo: e}))
			switch {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, efectivo.ErrOcupado):
				t.Errorf("order %d: %v", i, err)
			}
		})
	}
	close(begin)
	group.Wait()
	if won.Load() != 1 {
		t.Errorf("%d orders got him", won.Load())
	}
	if got := doors[1].log(head); got != "tarea.efectivo_asignado efectivo.disponibilidad_cambiada" {
		t.Errorf("the log has %s", got)
	}
	if got := doors[0].disponibilidad(e); got != efectivo.EnTarea {
		t.Errorf("he is %s", got)
	}

	// The log is dense, and so is every stream.
	events, err := doors[0].store.ReadLog(t.Context(), 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	versions := map[eventstore.StreamID]eventstore.Version{}
	for i, r := range events {
		if versions[r.Stream]++; r.Position != eventstore.Position(i+1) || r.Version != versions[r.Stream] {
			t.Fatalf("position %d holds %s v%d at place %d", r.Position, r.Stream, r.Version, i+1)
		}
	}
}
