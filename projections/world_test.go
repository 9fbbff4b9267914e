package projections_test

import (
	"bytes"
	"context"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/domain"
	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/memory"
	"github.com/grupo-gad/gad/eventstore/postgres"
	"github.com/grupo-gad/gad/eventstore/vault"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/alarmas"
	"github.com/grupo-gad/gad/projections/aprobaciones"
	"github.com/grupo-gad/gad/projections/bench"
	"github.com/grupo-gad/gad/projections/efectivos"
	"github.com/grupo-gad/gad/projections/estadisticas"
	"github.com/grupo-gad/gad/projections/mapa"
	"github.com/grupo-gad/gad/projections/marcas"
	"github.com/grupo-gad/gad/projections/tareas"
	"github.com/grupo-gad/gad/projections/usuarios"
)

// all lists every projection of the log that writes to PostgreSQL.
func all() []projections.Projection {
	return []projections.Projection{tareas.Projection{}, efectivos.Projection{}, usuarios.Projection{}, mapa.Projection{}, estadisticas.Projection{}, aprobaciones.Projection{}, alarmas.Projection{}, marcas.Projection{}}
}

// book holds texts by commitment, as the vault does; the memory store keeps none.
type book struct {
	eventstore.Store
	mu    sync.Mutex // guards texts
	texts map[sealed.Commitment]string
}

func newBook() *book { return &book{Store: &memory.Store{}, texts: map[sealed.Commitment]string{}} }

func (b *book) Append(ctx context.Context, a eventstore.Append) (eventstore.Receipt, error) {
	b.mu.Lock()
	for _, t := range a.Secrets {
		b.texts[t.Commitment()] = t.Value
	}
	b.mu.Unlock()
	return b.Store.Append(ctx, a)
}

func (b *book) Reveal(_ context.Context, of []sealed.Commitment) (map[sealed.Commitment]string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	opened := map[sealed.Commitment]string{}
	for _, c := range of {
		if text, ok := b.texts[c]; ok {
			opened[c] = text
		}
	}
	return opened, nil
}

// say keeps a text and returns what a fact may say of it.
func (b *book) say(text string) sealed.Commitment {
	c := sealed.Commit("prueba", "texto", sealed.Salt{}, text)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.texts[c] = text
	return c
}

// put appends facts of one stream, which is at version after.
func (b *book) put(t *testing.T, stream string, after int64, events ...event.Event) eventstore.Position {
	t.Helper()
	id, err := eventstore.ParseCommandID(uuid(uint64(time.Now().UnixNano())))
	if err != nil {
		t.Fatal(err)
	}
	a := eventstore.Append{Command: id, Metadata: eventstore.Metadata{Actor: "sistema:prueba"}, Answer: []byte("{}")}
	a.Expected = []eventstore.Expectation{{Stream: eventstore.StreamID(stream), Version: eventstore.Version(after)}}
	for _, e := range events {
		a.Events = append(a.Events, eventstore.Draft{Stream: eventstore.StreamID(stream), Event: e})
	}
	receipt, err := b.Append(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	return receipt.Head
}

// filled returns a log of about n facts.
func filled(t *testing.T, n int64) (*book, eventstore.Position) {
	t.Helper()
	b := newBook()
	head, err := bench.Fill(t.Context(), b, bench.NewDay(1, 20), n, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b, head
}

func runner(t *testing.T, pool *pgxpool.Pool, b *book, o projections.Options) *projections.Runner {
	t.Helper()
	return projections.NewRunner(pool, b, b, o, all()...)
}

// catchUp brings every projection to the head.
func catchUp(t *testing.T, r *projections.Runner, head eventstore.Position, window int) {
	t.Helper()
	for _, p := range all() {
		if err := r.CatchUp(t.Context(), p.Name(), head, window, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// realStore is the store and the vault as the program runs them.
func realStore(t *testing.T, pool *pgxpool.Pool) (*postgres.Store, *vault.Vault) {
	t.Helper()
	catalog, err := domain.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	kek, err := vault.NewKEK(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(t.Context(), pool, vault.NewKeyring(kek))
	if err != nil {
		t.Fatal(err)
	}
	s, err := postgres.New(t.Context(), pool, postgres.Options{Catalog: catalog, Vault: v, Patience: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	run(t, func(ctx context.Context) { _ = s.Run(ctx) })
	return s, v
}

// run keeps something going until the test ends.
func run(t *testing.T, f func(context.Context)) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	running.Go(func() { f(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
}

// eventually looks again until ok, up to two minutes.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.NewTimer(2 * time.Minute)
	defer deadline.Stop()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for !ok() {
		select {
		case <-deadline.C:
			t.Fatalf("never: %s", what)
		case <-again.C:
		}
	}
}

func uuid(n uint64) string {
	const form = "00000000-0000-7000-8000-000000000000"
	const hex = "0123456789abcdef"
	b := []byte(form)
	for i := len(b) - 1; n > 0 && i > 23; i-- {
		b[i] = hex[n&15]
		n >>= 4
	}
	for i := 17; n > 0 && i > 14; i-- {
		b[i] = hex[n&15]
		n >>= 4
	}
	return string(b)
}
