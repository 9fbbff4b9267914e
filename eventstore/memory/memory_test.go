package memory_test

import (
	"testing"

	"github.com/grupo-gad/gad/domain"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/memory"
	"github.com/grupo-gad/gad/eventstore/storetest"
)

func TestPromise(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(testing.TB) storetest.World {
		var s memory.Store
		return storetest.World{Open: func(testing.TB) eventstore.Store { return &s }}
	})
}

func TestNumbersRun(t *testing.T) {
	t.Parallel()
	catalog, err := domain.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	s := memory.New(catalog)
	for want := range int64(3) {
		if n, err := s.NextNumber(t.Context(), "tarea"); err != nil || n != want+1 {
			t.Fatalf("got %d, %v; want %d", n, err, want+1)
		}
	}
}
